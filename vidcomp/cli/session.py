"""The options that most commands share, and what they open: settings, pipeline, cache, progress.

A command that is wrapped in :func:`with_session` gets them on its command line without naming them, and an open
:class:`Session` as its first argument.
"""

from __future__ import annotations

import inspect
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from vidcomp.errors import one_line

if TYPE_CHECKING:
    from vidcomp.cache import Cache
    from vidcomp.config import Pipeline
    from vidcomp.pipeline import Film
    from vidcomp.settings import Layered

CacheDir = Annotated[str, typer.Option("--cache-dir", help="Where results are kept.", show_default=False)]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")]

# name -> (annotation, default). An empty default means: not given, ask the lower layers of the settings.
SHARED: dict[str, tuple[Any, Any]] = {
    "pipeline": (Annotated[str, typer.Option("--pipeline", "-p", help="Pipeline: a name or a YAML file.")], ""),
    "overrides": (
        Annotated[list[str], typer.Option("--set", "-s", help="Override: stage.field=value or stage=method.")],
        (),
    ),
    "as_json": (AsJson, False),
    "strict": (Annotated[bool, typer.Option("--strict", help="Fail on a damaged film instead of warning.")], False),
    "fresh": (Annotated[bool, typer.Option("--fresh", help="Compute everything again and keep that.")], False),
    "cache_dir": (CacheDir, ""),
    "offline": (Annotated[bool, typer.Option("--offline", help="Never ask the hub for weights.")], False),
    "device": (Annotated[str, typer.Option("--device", help="auto, cpu, cuda, cuda:1, mps.")], ""),
    "quiet": (Annotated[bool, typer.Option("--quiet", "-q", help="Neither progress nor remarks on stderr.")], False),
    "verbose": (Annotated[bool, typer.Option("--verbose", "-v", help="Tell on stderr what is being done.")], False),
}


@dataclass
class Session:
    """Everything that one run of a command works with. ``report`` is where stages tell how far they are."""

    pipeline: Pipeline
    cache: Cache
    layered: Layered
    strict: bool
    as_json: bool
    quiet: bool
    verbose: bool
    report: Callable[[str, float | None], None] = lambda stage, fraction: None

    def film(self, path: str) -> Film:
        from vidcomp.pipeline import Film

        return Film(path, self.pipeline, self.layered.settings.runtime(), self.cache, self.strict, self.report)

    def stamp(self, path: str) -> str:
        """The content of the film at ``path`` and of the subtitles beside it. Raises MediaError."""
        from vidcomp.cache import key_of
        from vidcomp.media import check_readable

        check_readable(path)
        reader = self.pipeline.subtitles
        beside = reader.sidecars(path) if reader else ()
        return key_of("made from", contents=[self.cache.fingerprint(file) for file in (path, *beside)])

    def models(self) -> list[Any]:
        """The models that the pipeline would use, as far as they are there."""
        from vidcomp.errors import VidcompError

        found = []
        for stage, method in self.pipeline.stages.items():
            if hasattr(method, "models"):
                try:
                    found += [[stage, m.id, m.revision] for m in method.models(self.layered.settings.runtime())]
                except VidcompError:
                    found.append([stage, "missing"])
        return found

    def remark(self, text: str) -> None:
        if not self.quiet:
            print(one_line(text), file=sys.stderr)


def with_session(command: Callable[..., int]) -> Callable[..., int]:
    """``command(session, ...)`` as a function of its own options and the shared ones; the cache is trimmed after it."""

    def wrapped(**given: Any) -> int:
        shared = {name: given.pop(name) for name in SHARED}
        session = _open(**shared)
        code = command(session, **given)
        session.cache.prune()
        return code

    own = list(inspect.signature(command, eval_str=True, locals={"Session": Session}).parameters.values())[1:]
    by_keyword = [parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY) for parameter in own]
    options = [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation)
        for name, (annotation, default) in SHARED.items()
    ]
    wrapped.__signature__ = inspect.Signature([*by_keyword, *options])
    wrapped.__annotations__ = {p.name: p.annotation for p in [*by_keyword, *options]}
    wrapped.__name__, wrapped.__doc__ = command.__name__, command.__doc__
    return wrapped


def _open(pipeline: str, overrides: list[str], strict: bool, fresh: bool, **options: Any) -> Session:
    """Raises ConfigError for a pipeline, setting or cache directory that cannot be used."""
    from vidcomp.config import load_pipeline

    shown = {name: options.pop(name) for name in ("as_json", "quiet", "verbose")}
    layered = settings(pipeline=pipeline, **options)
    chosen = load_pipeline(layered.settings.pipeline, overrides)
    return Session(chosen, open_cache(layered, fresh), layered, strict, **shown)


def settings(**options: Any) -> Layered:
    """The merged settings; an option that was not given (empty, False) is no layer."""
    from vidcomp.settings import load

    return load({name: value for name, value in options.items() if value})


def open_cache(layered: Layered, fresh: bool = False) -> Cache:
    from vidcomp.cache import Cache

    return Cache(cache_dir(layered), layered.settings.cache_limit_gb, enabled=not fresh)


def cache_dir(layered: Layered) -> Path:
    return Path(os.path.expanduser(layered.settings.cache_dir))


def say(text: str) -> None:
    """A line on stdout, where nothing but the result goes; flushed, because a pipe may be waiting for it.

    When whoever read it has had enough, the run ends quietly and well. (Typer would make that a failure.)
    """
    try:
        print(text, flush=True)
    except BrokenPipeError:
        # Or the interpreter would complain when it flushes at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise SystemExit(0) from None
