"""Running one stage: look in the cache, compute what is missing under its lock, remember, and keep the books.

The books (seconds, hit or miss, warnings, models) become part of every result. Values that belong together, such as
everything that one pass over the film yields, are asked for together and computed together.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from vidcomp.cache import Cache, Entry, key_of
from vidcomp.errors import DamagedMedia
from vidcomp.types import Model


@dataclass(frozen=True)
class Step:
    """One stage to be done: its key is made of all that determines its value, ``kind`` is the value's type."""

    stage: str
    key: str
    kind: Any


@dataclass
class Books:
    """What a run reports about itself beside its result."""

    seconds: dict[str, float] = field(default_factory=dict)
    cache: dict[str, str] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)
    models: list[Model] = field(default_factory=list)

    def warn(self, *warnings: str) -> None:
        self.warnings.extend(w for w in warnings if w not in self.warnings)

    def used(self, *models: Model) -> None:
        self.models.extend(m for m in models if m not in self.models)


def step(
    stage: str, kind: Any, method: Mapping[str, Any] | None, models: tuple[Model, ...] = (), **inputs: Any
) -> Step:
    """The step whose key is made of the method's identity, its models' revisions and its inputs' keys."""
    named = [[m.role, m.id, m.revision, m.dtype] for m in models]
    return Step(stage, key_of(stage, method=method, models=named, inputs=inputs), kind)


class Runner:
    """Runs steps for one film. ``strict``: a loss that would be a warning is an error instead."""

    def __init__(self, cache: Cache, about: str, strict: bool, report: Callable[[str, float | None], None]) -> None:
        self._cache = cache
        self._about = about
        self._strict = strict
        self.report = report
        self.books = Books()
        self._known: dict[str, Any] = {}  # what this run has had before: key -> value

    def one(self, step: Step, compute: Callable[[], Entry]) -> Any:
        """The step's value, from the cache or from ``compute``; asked for again in the same run, it is at hand."""
        if step.key not in self._known:
            self._known[step.key] = self.together([step], lambda missing: {step.stage: compute()})[step.stage]
        return self._known[step.key]

    def together(self, steps: list[Step], compute: Callable[[list[str]], Mapping[str, Entry]]) -> dict[str, Any]:
        """stage -> value for all ``steps``; ``compute`` gets the stages that are missing and makes all of them."""
        began = time.monotonic()
        found = self._look(steps)
        missing = [s for s in steps if s.stage not in found]
        if missing:
            with self._cache.locked(s.key for s in missing):
                found |= self._look(missing)  # somebody else may have made it while we waited
                missing = [s for s in missing if s.stage not in found]
                if missing:
                    self.report(missing[0].stage, None)
                    made = compute([s.stage for s in missing])
                    for s in missing:
                        found[s.stage] = made[s.stage]
                        if not (self._strict and not made[s.stage].complete):
                            self._cache.put(s.stage, s.key, s.kind, made[s.stage], self._about)
        self._write_down(steps, found, {s.stage for s in missing}, time.monotonic() - began)
        return {stage: entry.value for stage, entry in found.items()}

    def _look(self, steps: list[Step]) -> dict[str, Entry]:
        entries = ((s.stage, self._cache.get(s.stage, s.key, s.kind)) for s in steps)
        found = {stage: entry for stage, entry in entries if entry is not None}
        self.books.warn(*self._cache.complaints)
        self._cache.complaints.clear()
        return found

    def _write_down(self, steps: list[Step], found: Mapping[str, Entry], made: set[str], seconds: float) -> None:
        for s in steps:
            self.books.seconds[s.stage] = round(seconds, 3)
            self.books.cache[s.stage] = "miss" if s.stage in made else "hit"
            entry = found[s.stage]
            self.books.warn(*entry.warnings)
            if self._strict and not entry.complete:
                raise DamagedMedia("; ".join(entry.warnings), "without --strict, what can be read is used")
