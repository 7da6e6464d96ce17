"""What a method of each stage looks like.

A method is one frozen dataclass in one file. Its fields are at once the keys of a pipeline's YAML, the paths of
``--set`` and its identity in the cache, together with ``version``, which grows whenever its results change. It is
pure: no globals, no environment, no printing, no cache. Heavy libraries are imported inside its methods, so that
listing and checking a pipeline imports none of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar, Protocol, TypeVar

import numpy as np

from vidcomp.types import (
    Chapter,
    ClipPlan,
    Documents,
    Frame,
    FrameScores,
    Model,
    Query,
    Reply,
    Runtime,
    Shot,
    Sketch,
    Sound,
    TextEvidence,
    TextSpan,
    Transcript,
    Video,
    Want,
)

T = TypeVar("T", covariant=True)


class Watcher(Protocol[T]):
    """One of the consumers of a single pass over the film; ``want`` None: it needs no frame at all."""

    want: Want | None

    def see(self, time_s: float, rgb: np.ndarray) -> None:
        """Takes one frame, uint8 [height, width, 3] of the size it wants. The array is overwritten afterwards."""

    def finish(self) -> T:
        """What it makes of all it saw. Called once, also after a pass that saw nothing."""


class Method(Protocol):
    version: ClassVar[int]


class Segmenter(Method, Protocol):
    def watch(self, video: Video, runtime: Runtime) -> Watcher[tuple[Shot, ...]]: ...

    def models(self, runtime: Runtime) -> tuple[Model, ...]: ...


class SubtitleReader(Method, Protocol):
    def sidecars(self, path: str) -> tuple[str, ...]:
        """Paths of the files beside the film at ``path`` that it would read: their content is part of the cache key."""

    def __call__(self, video: Video, runtime: Runtime) -> Transcript: ...


class Recogniser(Method, Protocol):
    """Speech to text. ``sound`` is lazy, in order of time, without gaps, 16 kHz mono."""

    def __call__(self, video: Video, sound: Iterable[Sound], runtime: Runtime) -> Transcript: ...

    def models(self, runtime: Runtime) -> tuple[Model, ...]: ...


class ScreenReader(Method, Protocol):
    """Pictures to text: first which instants are worth reading, then their frames, in order of time."""

    def frame_size(self, video: Video) -> tuple[int, int]: ...

    def propose(self, video: Video, shots: Sequence[Shot], sketch: Sketch) -> tuple[float, ...]: ...

    def __call__(self, video: Video, frames: Iterable[Frame], runtime: Runtime) -> Transcript: ...

    def models(self, runtime: Runtime) -> tuple[Model, ...]: ...


class Retriever(Method, Protocol):
    """``index`` depends on the film alone, the call on the question too."""

    def index(self, spans: Sequence[TextSpan], runtime: Runtime) -> Documents: ...

    def __call__(self, documents: Documents, query: Query, runtime: Runtime) -> TextEvidence: ...

    def models(self, runtime: Runtime) -> tuple[Model, ...]: ...


class Scorer(Method, Protocol):
    def __call__(self, video: Video, evidence: TextEvidence, query: Query, runtime: Runtime) -> FrameScores: ...


class Selector(Method, Protocol):
    def __call__(self, video: Video, scores: FrameScores, shots: Sequence[Shot]) -> ClipPlan: ...


class Answerer(Method, Protocol):
    """``looks`` says whether it wants the frames of the plan, at ``frame_size``; where it is False, none are decoded.

    ``models`` are those that may take part; the reply names those that did.
    """

    looks: ClassVar[bool]

    def __call__(
        self, video: Video, query: Query, frames: Iterable[Frame], plan: ClipPlan, text: TextEvidence, runtime: Runtime
    ) -> Reply: ...

    def check(self, query: Query) -> None:
        """Raises ConfigError where it is plain beforehand that it cannot answer, before anything is decoded for it."""

    def models(self, runtime: Runtime) -> tuple[Model, ...]: ...


class Summarizer(Method, Protocol):
    def __call__(
        self, video: Video, shots: Sequence[Shot], documents: Documents, runtime: Runtime
    ) -> tuple[Chapter, ...]: ...
