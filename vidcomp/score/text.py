"""Scores the film's seconds by the words in them."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, floor
from typing import ClassVar

import numpy as np

from vidcomp.types import FrameScores, Query, Runtime, TextEvidence, Video

STEP_S = 1.0


@dataclass(frozen=True)
class TextScorer:
    """A second's score is that of the best retrieved span that is said or shown during it, 0 where there is none.

    It never looks at a picture: of what is only seen it knows nothing, and a film in which nothing is said or written
    scores 0 throughout. The candidates are 0, 1, 2, ... seconds, below the film's duration; the one at t stands for
    ``[t, t + 1)``.
    """

    version: ClassVar[int] = 1

    def __call__(self, video: Video, evidence: TextEvidence, query: Query, runtime: Runtime) -> FrameScores:
        times_s = np.arange(ceil(video.duration_s / STEP_S)) * STEP_S
        scores = np.zeros(len(times_s))
        for span in evidence.spans:
            first = floor(span.start_s / STEP_S)
            after = max(first + 1, ceil(span.end_s / STEP_S))  # a span without duration still has its second
            scores[first:after] = np.maximum(scores[first:after], span.score)
        return FrameScores(times_s, scores, "text")
