"""What every segmenter ends with: cuts become shots."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

from vidcomp.types import Shot, check_cover


def shots_between(cuts_s: Iterable[float], duration_s: float) -> tuple[Shot, ...]:
    """The shots that begin at 0 and at each cut: ordered, disjoint, covering ``[0, duration_s)``.

    Cuts may come in any order; those that are not inside the film (a frame may lie past the duration that the
    container claims) and repeated ones are dropped.
    """
    inside = sorted({cut_s for cut_s in cuts_s if 0.0 < cut_s < duration_s})
    edges = [0.0, *inside, duration_s]
    return check_cover(tuple(Shot(a, b) for a, b in pairwise(edges)), duration_s)
