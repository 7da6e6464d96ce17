"""The plain records that flow from stage to stage.

All times are presentation seconds since the container's start (``pts - container start_time``): where a player
would seek. Intervals are half open, ``[start_s, end_s)``. Sizes are pixels of the upright picture. Records are
frozen and check themselves; what a record says can be relied on.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import isfinite
from typing import Literal

import numpy as np

TextKind = Literal["subtitle", "asr", "ocr"]
EvidenceKind = Literal["clip", "asr", "ocr", "detection", "subtitle"]


def _check(ok: bool, complaint: str) -> None:
    if not ok:
        raise ValueError(complaint)


def _check_interval(start_s: float, end_s: float) -> None:
    _check(isfinite(start_s) and isfinite(end_s), f"times must be finite, not {start_s}, {end_s}")
    _check(0 <= start_s <= end_s, f"an interval must be ordered and begin at or after 0: [{start_s}, {end_s})")


@dataclass(frozen=True)
class Video:
    """What a film is, before anything in it is looked at.

    ``fps`` is the average rate, 0 where there is no picture or no rate is known; ``n_frames`` is the container's
    own count or None (it is a claim, never relied on); ``start_s`` is the container's start in its own clock, which
    every time here is counted from; ``rotation_deg`` (0, 90, 180, 270, counter-clockwise) has already been applied
    to ``width_px`` and ``height_px``.
    """

    path: str
    fingerprint: str
    duration_s: float
    fps: float
    n_frames: int | None
    start_s: float
    width_px: int
    height_px: int
    rotation_deg: int
    video_codec: str | None
    audio_codec: str | None

    def __post_init__(self) -> None:
        _check(isfinite(self.duration_s) and self.duration_s >= 0, f"duration_s must be >= 0, not {self.duration_s}")
        _check(self.rotation_deg in (0, 90, 180, 270), f"rotation_deg must be a right angle, not {self.rotation_deg}")
        _check(self.has_video == (self.width_px > 0 and self.height_px > 0), "a picture has a size, and only a picture")

    @property
    def has_video(self) -> bool:
        return self.video_codec is not None

    @property
    def has_audio(self) -> bool:
        return self.audio_codec is not None


@dataclass(frozen=True)
class Query:
    """A question, and the options where it is multiple choice."""

    text: str
    choices: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        _check(bool(self.text.strip()), "a question must not be empty")
        _check(len(self.choices) != 1, "a choice needs at least two options")
        _check(len(set(self.choices)) == len(self.choices), "options must differ")


@dataclass(frozen=True)
class Shot:
    start_s: float
    end_s: float

    def __post_init__(self) -> None:
        _check_interval(self.start_s, self.end_s)


@dataclass(frozen=True, eq=False)
class Frame:
    """One upright picture: ``rgb`` uint8 [height, width, 3], shown from ``time_s`` until the next frame's time."""

    time_s: float
    rgb: np.ndarray


@dataclass(frozen=True, eq=False)
class Sound:
    """A block of mono sound: ``samples`` float32 [n] in [-1, 1] at ``rate_hz``, the first of them at ``start_s``."""

    start_s: float
    samples: np.ndarray
    rate_hz: int = 16_000


@dataclass(frozen=True, eq=False)
class Sketch:
    """The film at a glance: ``luma`` uint8 [n, height, width], tiny, at ``times_s`` [n] (about one a second)."""

    times_s: np.ndarray
    luma: np.ndarray

    def __post_init__(self) -> None:
        _check(self.luma.ndim == 3 and len(self.times_s) == len(self.luma), "one picture for each time")


@dataclass(frozen=True)
class Want:
    """Which frames of a whole film somebody wants to see, and at what exact size.

    ``every_s`` None: each frame; otherwise the frame on display at 0, ``every_s``, 2 ``every_s``, ...
    """

    width_px: int
    height_px: int
    every_s: float | None = None

    def __post_init__(self) -> None:
        _check(self.width_px > 0 and self.height_px > 0, "a frame has a size")
        _check(self.every_s is None or self.every_s > 0, f"every_s must be above 0, not {self.every_s}")


def check_cover(shots: tuple[Shot, ...], duration_s: float) -> tuple[Shot, ...]:
    """``shots``, if they are ordered, disjoint and cover ``[0, duration_s)``; otherwise ValueError."""
    _check(len(shots) > 0, "a film has at least one shot")
    _check(shots[0].start_s == 0 and shots[-1].end_s == duration_s, "shots must cover the film")
    _check(all(a.end_s == b.start_s for a, b in zip(shots, shots[1:])), "shots must follow each other without a gap")
    return shots


@dataclass(frozen=True)
class Word:
    start_s: float
    end_s: float
    text: str

    def __post_init__(self) -> None:
        _check_interval(self.start_s, self.end_s)


@dataclass(frozen=True)
class TextSpan:
    """Words that are heard (``asr``), shown (``ocr``) or written beside the film (``subtitle``) in an interval.

    ``score`` is in [0, 1]: a recogniser's confidence, or, after retrieval, how well the span matches the question.
    ``words`` carries word times where the source knows them.
    """

    start_s: float
    end_s: float
    text: str
    source: TextKind
    score: float
    words: tuple[Word, ...] = ()

    def __post_init__(self) -> None:
        _check_interval(self.start_s, self.end_s)
        _check(0 <= self.score <= 1, f"score must lie in [0, 1], not {self.score}")


@dataclass(frozen=True)
class Transcript:
    """What one text source found. ``status`` tells an empty result apart from a source that is not there.

    ``ok``: spans were found; ``no_speech``: there is sound, but nobody speaks; ``no_audio``: no sound at all;
    ``no_text``: the pictures were read, and nothing is written; ``no_video``: there are no pictures; ``no_subtitles``.
    """

    spans: tuple[TextSpan, ...]
    status: Literal["ok", "no_speech", "no_audio", "no_text", "no_video", "no_subtitles"]
    language: str | None = None

    def __post_init__(self) -> None:
        _check(bool(self.spans) == (self.status == "ok"), f"status {self.status!r} with {len(self.spans)} spans")


@dataclass(frozen=True)
class TextEvidence:
    """The spans that a question retrieved, in order of time, best scores and all.

    ``n_tokens`` counts them as :func:`vidcomp.text.documents.count_tokens` does.
    """

    spans: tuple[TextSpan, ...]
    n_tokens: int

    def __post_init__(self) -> None:
        starts = [span.start_s for span in self.spans]
        _check(starts == sorted(starts), "evidence is in order of time")


@dataclass(frozen=True, eq=False)
class FrameScores:
    """How well each candidate instant fits the question: ``times_s`` [n] ascending, ``scores`` [n]."""

    times_s: np.ndarray
    scores: np.ndarray
    scorer: str

    def __post_init__(self) -> None:
        _check(self.times_s.ndim == 1 and self.times_s.shape == self.scores.shape, "times and scores are of one length")
        _check(bool(np.all(np.diff(self.times_s) > 0)), "times ascend")
        _check(bool(np.isfinite(self.scores).all()), "scores are finite")


@dataclass(frozen=True)
class Clip:
    """A stretch of film and the instants in it at which frames are taken; ``scale`` 1 is full resolution."""

    start_s: float
    end_s: float
    frame_times_s: tuple[float, ...]
    scale: float = 1.0
    score: float = 0.0

    def __post_init__(self) -> None:
        _check_interval(self.start_s, self.end_s)
        _check(all(self.start_s <= t <= self.end_s for t in self.frame_times_s), "frames lie in their clip")


@dataclass(frozen=True)
class ClipPlan:
    """The chosen clips, ordered and disjoint."""

    clips: tuple[Clip, ...]
    selector: str

    def __post_init__(self) -> None:
        pairs = zip(self.clips, self.clips[1:])
        _check(all(a.end_s <= b.start_s for a, b in pairs), "clips are ordered and disjoint")

    @property
    def frame_times_s(self) -> tuple[float, ...]:
        return tuple(t for clip in self.clips for t in clip.frame_times_s)


@dataclass(frozen=True)
class Evidence:
    """One thing that the answer can be checked against: a clip to watch, or words to hear or read there."""

    start_s: float
    end_s: float
    kind: EvidenceKind
    text: str | None = None
    score: float | None = None

    def __post_init__(self) -> None:
        _check_interval(self.start_s, self.end_s)


@dataclass(frozen=True)
class Model:
    """A model that took part: ``revision`` is a commit, a package version, or None where nobody can say."""

    role: str
    id: str
    revision: str | None = None
    dtype: str | None = None


@dataclass(frozen=True)
class Tokens:
    """Visual tokens: of all chosen frames (``full``), given to the LLM, and left at each layer. None: not known."""

    full: int | None
    before_llm: int | None
    by_layer: tuple[int, ...] = ()


@dataclass(frozen=True)
class Reply:
    """What an answerer says. ``choice`` indexes the query's options. ``supported`` False: nothing found to go by."""

    text: str
    evidence: tuple[Evidence, ...] = ()
    choice: int | None = None
    confidence: float | None = None
    supported: bool = True
    tokens: Tokens = Tokens(0, 0)
    models: tuple[Model, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Documents:
    """What the film says, cut into the units that are searched: ``spans`` in order of time, ``vectors`` float32
    [len(spans), d], unit length, or None where no embedder was asked for."""

    spans: tuple[TextSpan, ...]
    vectors: np.ndarray | None = None

    def __post_init__(self) -> None:
        _check(self.vectors is None or len(self.vectors) == len(self.spans), "one vector for each document")


@dataclass(frozen=True)
class Chapter:
    """A stretch of the film that hangs together; ``text`` quotes what stands for it, ``title`` is its shortest form."""

    start_s: float
    end_s: float
    title: str
    quotes: tuple[TextSpan, ...] = ()

    def __post_init__(self) -> None:
        _check_interval(self.start_s, self.end_s)


@dataclass(frozen=True)
class Runtime:
    """Where things run, never what they compute: so it stays out of every cache key.

    ``weights`` maps a model's name to a local path that is to be used for it; ``threads`` 0 means all processors;
    ``deadline_s`` bounds one decode (0: by the film's length); ``memory_mb`` bounds the decoder's own memory;
    ``secrets`` (an endpoint's key) never reaches a key, a log or a result.
    """

    device: str = "auto"
    dtype: str = "auto"
    weights: Mapping[str, str] = field(default_factory=dict)
    offline: bool = False
    threads: int = 0
    deadline_s: float = 0.0
    memory_mb: int = 4096
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)


