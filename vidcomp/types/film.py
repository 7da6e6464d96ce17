"""A film, its pictures and its sound."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from math import isfinite
from typing import Literal

import numpy as np

from vidcomp.types._check import check, check_interval


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
        check(isfinite(self.duration_s) and self.duration_s >= 0, f"duration_s must be >= 0, not {self.duration_s}")
        check(self.rotation_deg in (0, 90, 180, 270), f"rotation_deg must be a right angle, not {self.rotation_deg}")
        check(self.has_video == (self.width_px > 0 and self.height_px > 0), "a picture has a size, and only a picture")

    @property
    def has_video(self) -> bool:
        return self.video_codec is not None

    @property
    def has_audio(self) -> bool:
        return self.audio_codec is not None


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
        check(self.luma.ndim == 3 and len(self.times_s) == len(self.luma), "one picture for each time")


@dataclass(frozen=True)
class Want:
    """Which frames of a whole film somebody wants to see, and at what exact size.

    ``every_s`` None: each frame; otherwise the frame on display at 0, ``every_s``, 2 ``every_s``, ... ``sampling``
    ``smooth`` averages over the pixels that fall together; ``linear`` is OpenCV's bilinear resize of the full picture,
    which aliases, for detectors whose thresholds were set on that.
    """

    width_px: int
    height_px: int
    every_s: float | None = None
    sampling: Literal["smooth", "linear"] = "smooth"

    def __post_init__(self) -> None:
        check(self.width_px > 0 and self.height_px > 0, "a frame has a size")
        check(self.every_s is None or self.every_s > 0, f"every_s must be above 0, not {self.every_s}")


@dataclass(frozen=True)
class Shot:
    start_s: float
    end_s: float

    def __post_init__(self) -> None:
        check_interval(self.start_s, self.end_s)


def check_cover(shots: tuple[Shot, ...], duration_s: float) -> tuple[Shot, ...]:
    """``shots``, if they are ordered, disjoint and cover ``[0, duration_s)``; otherwise ValueError."""
    check(len(shots) > 0, "a film has at least one shot")
    check(shots[0].start_s == 0 and shots[-1].end_s == duration_s, "shots must cover the film")
    check(all(a.end_s == b.start_s for a, b in itertools.pairwise(shots)), "shots must follow each other without a gap")
    return shots


@dataclass(frozen=True, eq=False)
class FrameScores:
    """How well each candidate instant fits the question: ``times_s`` [n] ascending, ``scores`` [n]."""

    times_s: np.ndarray
    scores: np.ndarray
    scorer: str

    def __post_init__(self) -> None:
        check(self.times_s.ndim == 1 and self.times_s.shape == self.scores.shape, "times and scores are of one length")
        check(bool(np.all(np.diff(self.times_s) > 0)), "times ascend")
        check(bool(np.isfinite(self.scores).all()), "scores are finite")


@dataclass(frozen=True)
class Clip:
    """A stretch of film and the instants in it at which frames are taken; ``scale`` 1 is full resolution."""

    start_s: float
    end_s: float
    frame_times_s: tuple[float, ...]
    scale: float = 1.0
    score: float = 0.0

    def __post_init__(self) -> None:
        check_interval(self.start_s, self.end_s)
        check(all(self.start_s <= t <= self.end_s for t in self.frame_times_s), "frames lie in their clip")


@dataclass(frozen=True)
class ClipPlan:
    """The chosen clips, ordered and disjoint."""

    clips: tuple[Clip, ...]
    selector: str

    def __post_init__(self) -> None:
        pairs = zip(self.clips, self.clips[1:])
        check(all(a.end_s <= b.start_s for a, b in pairs), "clips are ordered and disjoint")

    @property
    def frame_times_s(self) -> tuple[float, ...]:
        return tuple(t for clip in self.clips for t in clip.frame_times_s)
