"""Pipelines: a YAML file says which method does each stage, ``--set stage.field=value`` overrides, nothing else does.

    segment: {method: content, threshold: 30}     # a method and its fields
    segment: content                              # a method with its defaults
    ocr: off                                      # a stage that may be absent

Unknown stages, methods and fields are refused with the nearest known one; values are checked against the fields'
types.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import isfinite
from pathlib import Path
from typing import Any

from vidcomp import registry
from vidcomp.errors import ConfigError, nearest, one_line

PACKAGE = Path(__file__).resolve().parent
# In a wheel the named pipelines lie inside the package, in a checkout beside it.
PIPELINES = next(d for d in (PACKAGE / "_pipelines", PACKAGE.parent / "pipelines") if d.is_dir())
OFF = (None, False, "off")


@dataclass(frozen=True)
class Pipeline:
    """A checked pipeline: one method object for each stage, None for a stage that is off."""

    name: str
    stages: Mapping[str, Any]

    def __getattr__(self, stage: str) -> Any:
        try:
            return self.stages[stage]
        except KeyError:
            raise AttributeError(stage) from None

    def describe(self) -> dict[str, Any]:
        """Every stage with its method's name and all its fields, defaults included: what a result was made with."""
        return {stage: None if method is None else identity(method) for stage, method in self.stages.items()}


def identity(method: Any) -> dict[str, Any]:
    """What a method is, for people and for cache keys: its name, version and fields."""
    return {"method": name_of(method), "version": method.version, **dataclasses.asdict(method)}


def name_of(method: Any) -> str:
    where = f"{type(method).__module__}:{type(method).__qualname__}"
    names = (name for methods in registry.METHODS.values() for name, place in methods.items() if place == where)
    return next(names, type(method).__name__.lower())


def named_pipelines() -> dict[str, Path]:
    return {path.stem: path for path in sorted(PIPELINES.glob("*.yaml"))}


def load_pipeline(name_or_file: str, overrides: Iterable[str] = ()) -> Pipeline:
    """The pipeline of that name or file with ``stage[.field]=value`` overrides applied. Raises ConfigError."""
    path = named_pipelines().get(name_or_file)
    if path is None:
        path = Path(name_or_file)
        if path.suffix not in (".yaml", ".yml") or not path.is_file():
            raise ConfigError(f"no pipeline {name_or_file!r}", nearest(name_or_file, list(named_pipelines())))
    stages = {stage: _spec(stage, spec) for stage, spec in _read(path).items()}
    for override in overrides:
        _override(stages, override)
    for stage in registry.METHODS:
        if stage not in stages and stage not in registry.OPTIONAL:
            raise ConfigError(f"pipeline {path.name} has no stage {stage!r}", f"add a line: {stage}: NAME")
    return Pipeline(path.stem, {stage: _build(stage, stages.get(stage)) for stage in registry.METHODS})


def _read(path: Path) -> dict[str, Any]:
    import yaml

    try:
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, ValueError, OSError) as error:
        raise ConfigError(f"cannot read pipeline {path}: {one_line(str(error))}", "is it YAML?") from error
    if not isinstance(data, dict):
        raise ConfigError(f"pipeline {path} is not a mapping of stages", f"see {PIPELINES / 'default.yaml'}")
    data.pop("description", None)
    return data


def _spec(stage: str, spec: Any) -> dict[str, Any] | None:
    """``spec`` as {"method": name, fields...}, or None for off."""
    if stage not in registry.METHODS:
        raise ConfigError(f"no stage {stage!r}", nearest(str(stage), list(registry.METHODS)))
    if spec in OFF:
        if stage not in registry.OPTIONAL:
            raise ConfigError(f"stage {stage} cannot be off", f"only {', '.join(sorted(registry.OPTIONAL))} can")
        return None
    if isinstance(spec, str):
        return {"method": spec}
    if isinstance(spec, dict) and isinstance(spec.get("method"), str):
        return dict(spec)
    raise ConfigError(f"stage {stage} needs a method", f"one of: {', '.join(registry.METHODS[stage])}")


def _override(stages: dict[str, dict[str, Any] | None], override: str) -> None:
    import yaml

    path, equals, raw = override.partition("=")
    stage, dot, field = path.strip().partition(".")
    if not equals or (dot and not field):
        raise ConfigError(
            f"cannot understand --set {override!r}", "write --set stage.field=value or --set stage=method"
        )
    try:
        value = yaml.safe_load(raw)
    except (yaml.YAMLError, ValueError) as error:  # ValueError: 2024-99-99 is read as a date
        raise ConfigError(f"cannot understand the value in --set {override!r}", "quote it as YAML") from error
    if not dot:
        stages[stage] = _spec(stage, value)
        return
    _spec(stage, "off" if stage in registry.OPTIONAL else {"method": ""})  # only to refuse an unknown stage
    if stages.get(stage) is None:
        raise ConfigError(f"stage {stage} is off", f"first --set {stage}={next(iter(registry.METHODS[stage]))}")
    stages[stage] = {**stages[stage], field: value}


def _build(stage: str, spec: dict[str, Any] | None) -> Any:
    from pydantic import TypeAdapter, ValidationError

    if spec is None:
        return None
    values = dict(spec)
    cls = registry.load(stage, values.pop("method"))
    fields = [field.name for field in dataclasses.fields(cls)]
    for name in values:
        if name not in fields:
            hint = nearest(str(name), fields) if fields else f"{spec['method']} has no fields"
            raise ConfigError(f"{stage} method {spec['method']} has no field {name!r}", hint)
    for name, value in values.items():
        if isinstance(value, float) and not isfinite(value):
            raise ConfigError(f"{stage}.{name}: must be a finite number, not {value}", "see vidcomp methods")
    try:
        return TypeAdapter(cls).validate_python(values)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join([stage, *map(str, first["loc"])])
        got = f", not {first['input']!r}" if first["loc"] else ""
        raise ConfigError(
            f"{where}: {first['msg'].removeprefix('Value error, ')}{got}", "see vidcomp methods"
        ) from error
    except ValueError as error:
        raise ConfigError(f"{stage}: {error}", "see vidcomp methods") from error
