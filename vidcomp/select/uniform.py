"""Instants spread evenly over the film, whatever the question."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from vidcomp.select._even import even_clips
from vidcomp.types import ClipPlan, FrameScores, Shot, Video


@dataclass(frozen=True)
class Uniform:
    """The centres of ``k`` equal parts of the film; each part is a clip. Scores and shots are not looked at.

    A film of fewer than ``k`` frames gets one part for each frame.
    """

    k: int = 8

    version: ClassVar[int] = 1

    def __post_init__(self) -> None:
        if self.k < 1:
            raise ValueError(f"k must be at least 1, not {self.k}")

    def __call__(self, video: Video, scores: FrameScores, shots: Sequence[Shot]) -> ClipPlan:
        return ClipPlan(even_clips(video, self.k), "uniform")
