"""The instants that score best."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from vidcomp.select._even import even_clips
from vidcomp.types import Clip, ClipPlan, FrameScores, Shot, Video

TOLERANCE_S = 1e-6


@dataclass(frozen=True)
class TopK:
    """Up to ``k`` instants by score, at least ``min_gap_s`` apart, ties to the earlier.

    An instant that scores exactly 0 has nothing that speaks for it and is not taken. Each instant t is a clip
    ``[t, t + step)`` with a frame at t, where step is the distance of the candidates (1 s for a single one); clips that
    touch are one clip with the best of their scores. Where all instants score 0, the choice is that of uniform, and the
    plan's ``selector`` says so. A film without pictures has no clips.
    """

    k: int = 8
    min_gap_s: float = 1.0

    version: ClassVar[int] = 1

    def __post_init__(self) -> None:
        if self.k < 1:
            raise ValueError(f"k must be at least 1, not {self.k}")
        if not self.min_gap_s >= 0:
            raise ValueError(f"min_gap_s must not be negative, not {self.min_gap_s}")

    def __call__(self, video: Video, scores: FrameScores, shots: Sequence[Shot]) -> ClipPlan:
        if not video.has_video:
            return ClipPlan((), "topk")
        if not scores.scores.any():
            return ClipPlan(even_clips(video, self.k), "topk(uniform: nothing scored)")
        step_s = float(np.diff(scores.times_s).min()) if len(scores.times_s) > 1 else 1.0
        clips = [_clip(scores, i, step_s, video.duration_s) for i in self._chosen(scores)]
        return ClipPlan(_merged(clips), "topk")

    def _chosen(self, scores: FrameScores) -> list[int]:
        """Indices of the chosen instants, ascending."""
        chosen: list[int] = []
        for i in np.argsort(-scores.scores, kind="stable"):
            if len(chosen) == self.k:
                break
            distances_s = np.abs(scores.times_s[chosen] - scores.times_s[i])
            if scores.scores[i] != 0 and np.all(distances_s >= self.min_gap_s - TOLERANCE_S):
                chosen.append(int(i))
        return sorted(chosen)


def _clip(scores: FrameScores, i: int, step_s: float, duration_s: float) -> Clip:
    at_s = float(scores.times_s[i])
    return Clip(at_s, max(at_s, min(at_s + step_s, duration_s)), (at_s,), score=float(scores.scores[i]))


def _merged(clips: Sequence[Clip]) -> tuple[Clip, ...]:
    merged: list[Clip] = []
    for clip in clips:
        if merged and clip.start_s <= merged[-1].end_s + TOLERANCE_S:
            last = merged.pop()
            frames = (*last.frame_times_s, *clip.frame_times_s)
            clip = Clip(last.start_s, max(last.end_s, clip.end_s), frames, score=max(last.score, clip.score))
        merged.append(clip)
    return tuple(merged)
