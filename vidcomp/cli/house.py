"""The commands about the house itself: ``methods``, ``models``, ``cache``, ``config``, ``doctor``."""

from __future__ import annotations

import sys
from typing import Annotated, Any, Literal

import typer

from vidcomp.cli import app, session
from vidcomp.cli.session import AsJson, CacheDir, open_cache, say, settings

models = typer.Typer(help="Weights: where they are, and getting them.", no_args_is_help=True, rich_markup_mode=None)
cache = typer.Typer(help="Results kept on disk.", no_args_is_help=True, rich_markup_mode=None)
config = typer.Typer(help="Settings and where they come from.", no_args_is_help=True, rich_markup_mode=None)
app.add_typer(models, name="models")
app.add_typer(cache, name="cache")
app.add_typer(config, name="config")

Offline = Annotated[bool, typer.Option("--offline", help="Never ask the hub for weights.")]


def _show(kind: str, rows: list[dict[str, Any]], columns: list[str], as_json: bool, **summary: Any) -> int:
    if as_json:
        from vidcomp.documents import ListDocument, to_json

        say(to_json(ListDocument(kind=kind, items=tuple(rows), summary=summary), indent=2))
    elif rows:
        from vidcomp.cli.render import table

        say(table(rows, columns))
    return 0


@app.command()
def methods(
    stage: Annotated[str, typer.Argument(help="Only this stage, with every field.", show_default=False)] = "",
    as_json: AsJson = False,
) -> int:
    """Every stage and the methods that can do it."""
    from vidcomp import registry
    from vidcomp.errors import ConfigError, nearest

    if stage and stage not in registry.METHODS:
        raise ConfigError(f"no stage {stage!r}", nearest(stage, list(registry.METHODS)))
    rows = [row for name in registry.METHODS if stage in ("", name) for row in _methods_of(name)]
    if not stage or as_json:
        return _show("methods", rows, ["stage", "method", "what it is"], as_json)
    for row in rows:
        fields = "".join(f"\n    {f['name']}: {f['type']} = {f['default']}" for f in row["fields"])
        say(f"{row['stage']}={row['method']}\n    {row['what it is']}{fields}")
    return 0


def _methods_of(stage: str) -> list[dict[str, Any]]:
    import dataclasses

    from vidcomp import registry

    rows = []
    for name in registry.METHODS[stage]:
        cls = registry.load(stage, name)
        fields = [{"name": f.name, "type": str(f.type), "default": repr(f.default)} for f in dataclasses.fields(cls)]
        what = " ".join((cls.__doc__ or "").split("\n\n")[0].split())
        rows.append({"stage": stage, "method": name, "what it is": what, "version": cls.version, "fields": fields})
    return rows


@models.command("list")
def models_list(as_json: AsJson = False, offline: Offline = False) -> int:
    """The models that are known by name, and where each would come from on this machine."""
    from dataclasses import asdict

    from vidcomp import weights

    rows = [asdict(status) for status in weights.status(settings(offline=offline).settings.runtime())]
    for row in rows:
        row["path"] = None if row["path"] is None else str(row["path"])
        row["size"] = _size(row["size_bytes"])
    return _show("models", rows, ["name", "role", "source", "size", "licence", "path"], as_json)


@models.command("pull")
def models_pull(names: Annotated[list[str], typer.Argument(metavar="NAME...")], offline: Offline = False) -> int:
    """Fetch weights from the hub, or check the ones that are here; prints where they lie."""
    from vidcomp import weights

    runtime = settings(offline=offline).settings.runtime()
    for name in names:
        print(f"looking for {name} ...", file=sys.stderr)
        say(str(weights.pull(name, runtime).path))
    return 0


@cache.command("list")
def cache_list(as_json: AsJson = False, cache_dir: CacheDir = "") -> int:
    """Every entry, least recently used first."""
    from datetime import datetime

    entries = open_cache(settings(cache_dir=cache_dir)).entries()
    rows = [
        {
            "stage": entry.stage,
            "size": _size(entry.size_bytes),
            "size_bytes": entry.size_bytes,
            "used": datetime.fromtimestamp(entry.used_at).isoformat(sep=" ", timespec="seconds"),
            "film": entry.about,
            "key": entry.key,
        }
        for entry in entries
    ]
    return _show("cache", rows, ["stage", "size", "used", "film", "key"], as_json)


@cache.command("size")
def cache_size(as_json: AsJson = False, cache_dir: CacheDir = "") -> int:
    """How much disk the cache uses, and its limit."""
    opened = open_cache(settings(cache_dir=cache_dir))
    size = opened.size_bytes()
    if as_json:
        return _show("cache", [], [], True, size_bytes=size, limit_bytes=opened.limit_bytes)
    say(f"{_size(size)} of {_size(opened.limit_bytes)}")
    return 0


@cache.command("prune")
def cache_prune(
    max_gb: Annotated[float | None, typer.Option(help="Keep at most this much.", min=0)] = None,
    older_than_days: Annotated[float | None, typer.Option(help="Remove what was not used for so long.", min=0)] = None,
    cache_dir: CacheDir = "",
) -> int:
    """Remove the least recently used entries above the limit."""
    limit = None if max_gb is None else int(min(max_gb, 1e9) * 2**30)
    age_s = None if older_than_days is None else older_than_days * 86400
    say(f"removed {open_cache(settings(cache_dir=cache_dir)).prune(limit, age_s)} entries")
    return 0


@cache.command("clear")
def cache_clear(cache_dir: CacheDir = "") -> int:
    """Remove every entry; weights and films that lie beside them stay."""
    say(f"removed {open_cache(settings(cache_dir=cache_dir)).clear()} entries")
    return 0


@cache.command("path")
def cache_path(cache_dir: CacheDir = "") -> int:
    """Where the cache is."""
    say(str(session.cache_dir(settings(cache_dir=cache_dir))))
    return 0


@config.command("show")
def config_show(as_json: AsJson = False, cache_dir: CacheDir = "") -> int:
    """Every setting, its value, and where the value comes from."""
    from vidcomp.settings import SECRETS, Settings

    layered = settings(cache_dir=cache_dir)
    rows = []
    for name, described in Settings.model_fields.items():
        value = getattr(layered.settings, name)
        shown = ("set" if value else "not set") if name in SECRETS else str(value)
        rows.append({"setting": name, "value": shown, "from": layered.origin[name], "meaning": described.description})
    return _show("config", rows, ["setting", "value", "from", "meaning"], as_json)


@app.command()
def doctor(as_json: AsJson = False, cache_dir: CacheDir = "") -> int:
    """What is here and works: decoders, accelerators, weights, cache."""
    from vidcomp.doctor import examine

    layered = settings(cache_dir=cache_dir)
    rows = examine(layered)
    _show("doctor", rows, ["what", "state", "detail"], as_json)
    missing: Literal[0, 5] = 5 if any(row["state"] == "missing" and row["needed"] for row in rows) else 0
    return missing


def _size(n_bytes: int) -> str:
    """Bytes for people, in powers of 1000 as disks are sold."""
    size, unit = float(n_bytes), "B"
    for bigger in ("kB", "MB", "GB"):
        if size < 1000:
            break
        size, unit = size / 1000, bigger
    return f"{size:.0f} {unit}" if unit in ("B", "kB") else f"{size:.1f} {unit}"
