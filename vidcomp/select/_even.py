"""Clips spread evenly over a film: a selector of its own, and what others do when nothing stands out."""

from __future__ import annotations

from itertools import pairwise

from vidcomp.types import Clip, Video


def even_clips(video: Video, k: int) -> tuple[Clip, ...]:
    """The film in ``k`` equal parts, each a clip with one frame at its centre; fewer where the film has fewer frames.

    A film without duration is one clip at 0; one without pictures has none.
    """
    if not video.has_video:
        return ()
    n = min(k, max(1, round(video.duration_s * video.fps))) if video.fps > 0 else k
    if video.duration_s == 0:
        n = 1
    edges = [i / n * video.duration_s for i in range(n + 1)]  # the last is the duration itself, to the last bit
    return tuple(Clip(a, b, ((a + b) / 2,)) for a, b in pairwise(edges))
