"""Where things run and lie: options, ``VIDCOMP_*``, ``./vidcomp.toml`` or ``[tool.vidcomp]``, the user's file.

Earlier ones win, defaults come last. Settings never change what is computed (that is the pipeline's), so they are in
no cache key. The endpoint's key is taken from the environment alone.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import platformdirs
from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, EnvSettingsSource, SettingsConfigDict, SettingsError

from vidcomp.errors import ConfigError, nearest, one_line
from vidcomp.types import Runtime

SECRETS = ("endpoint_api_key",)


class Settings(BaseSettings):
    """Each field's description is shown by ``vidcomp config show``."""

    model_config = SettingsConfigDict(env_prefix="VIDCOMP_", extra="forbid")

    cache_dir: Path = Field(
        default_factory=lambda: Path(platformdirs.user_cache_dir("vidcomp")), description="where results are kept"
    )
    cache_limit_gb: float = Field(
        20.0, gt=0, allow_inf_nan=False, description="least recently used results go first above this"
    )
    pipeline: str = Field("default", description="the pipeline when none is named")
    offline: bool = Field(False, description="never ask the hub for weights")
    device: str = Field("auto", pattern=r"^(auto|cpu|mps|cuda(:\d+)?)$", description="auto, cpu, cuda, cuda:1, mps")
    dtype: str = Field(
        "auto", pattern=r"^(auto|float32|float16|bfloat16|int8)$", description="auto, float32, float16, bfloat16, int8"
    )
    threads: int = Field(0, ge=0, description="processors to use; 0: all")
    decode_deadline_s: float = Field(0.0, ge=0, description="longest that one decode may wait; 0: by the film's length")
    decode_memory_mb: int = Field(4096, ge=256, description="private memory of the decoding process")
    weights: dict[str, str] = Field(default_factory=dict, description="a path for a model's name")
    endpoint_api_key: SecretStr | None = Field(None, description="key for an endpoint; environment only")

    @classmethod
    def settings_customise_sources(cls, settings_cls, init_settings, **_) -> tuple:
        return (init_settings,)  # the layers are merged here below, so that each value's place is known

    def runtime(self) -> Runtime:
        key = self.endpoint_api_key
        return Runtime(
            device=self.device,
            dtype=self.dtype,
            weights=self.weights,
            offline=self.offline,
            threads=self.threads,
            deadline_s=self.decode_deadline_s,
            memory_mb=self.decode_memory_mb,
            secrets={"endpoint_api_key": key.get_secret_value()} if key else {},
        )


@dataclass(frozen=True)
class Layered:
    """The settings and, for each, the layer that its value comes from."""

    settings: Settings
    origin: dict[str, str]


def user_file() -> Path:
    return Path(platformdirs.user_config_dir("vidcomp")) / "config.toml"


def load(options: dict[str, Any]) -> Layered:
    """All layers merged; ``options`` hold only what was given on the command line. Raises ConfigError."""
    layers = [
        ("option", options),
        ("environment", _environment()),
        *((str(path), _table(path)) for path in (Path("vidcomp.toml"), Path("pyproject.toml"), user_file())),
    ]
    merged: dict[str, Any] = {}
    origin = dict.fromkeys(Settings.model_fields, "default")
    for place, values in reversed(layers):
        for name, value in values.items():
            if name not in Settings.model_fields:
                raise ConfigError(f"unknown setting {name!r} in {place}", nearest(name, list(Settings.model_fields)))
            if name in SECRETS and place not in ("environment", "option"):
                raise ConfigError(f"{name} must not stand in {place}", f"set VIDCOMP_{name.upper()} instead")
            merged[name] = value
            origin[name] = place
    try:
        return Layered(Settings(**merged), origin)
    except ValidationError as error:
        first = error.errors()[0]
        name = str(first["loc"][0])
        raise ConfigError(f"{name} ({origin.get(name, '?')}): {first['msg']}", "see vidcomp config show") from error


def _environment() -> dict[str, Any]:
    try:
        return dict(EnvSettingsSource(Settings, env_ignore_empty=True)())
    except SettingsError as error:
        why = one_line(str(error))
        raise ConfigError(f"cannot understand a VIDCOMP_ variable: {why}", "tables are JSON") from error


def _table(path: Path) -> dict[str, Any]:
    if not path.is_file():
        return {}
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        if path.name == "pyproject.toml":
            return {}  # somebody else's file, and not ours to judge
        raise ConfigError(f"cannot read {path}: {one_line(str(error))}", "is it TOML?") from error
    if path.name != "pyproject.toml":
        return data
    tool = data.get("tool")
    ours = tool.get("vidcomp", {}) if isinstance(tool, dict) else {}
    if not isinstance(ours, dict):
        raise ConfigError("tool.vidcomp in pyproject.toml is not a table", "write [tool.vidcomp] and settings below it")
    return ours
