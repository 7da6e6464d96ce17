"""What runs inside the decoding child: one file per decoder library, all behind :class:`Reader`.

A reader yields :class:`Picture` objects in order of presentation time and converts only those that somebody asks
for. Nothing here is imported by the parent process.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

# Half a millisecond: below any frame's duration, above the rounding of times that were written down in decimal.
EPS_S = 5e-4


@dataclass(frozen=True)
class Picture:
    """A decoded frame at ``time_s`` on the film's clock; ``rgb(width, height, linear)`` makes upright pixels of it.

    ``linear`` is the sampling of that name of :class:`vidcomp.types.Want`, else it is the smooth one.
    """

    time_s: float
    rgb: Callable[[int, int, bool], np.ndarray]


@dataclass
class Damage:
    """What could not be read, told in seconds of the film's clock; ``claimed_s`` is where the container says that the
    pictures end, None where it says nothing of them alone."""

    at_s: list[float]
    claimed_s: float | None = None
    last_s: float = 0.0
    n_frames: int = 0


class Reader(Protocol):
    """One open film. ``size`` given to the factory is the largest that will be asked for, as a hint."""

    damage: Damage

    def sequence(self) -> Iterator[Picture]:
        """Every frame, in order of time, from the first at or after 0."""

    def at(self, times_s: Sequence[float]) -> Iterator[Picture]:
        """For each of the ascending times the frame on display then (the first frame, where none is yet)."""


def turned(rgb: np.ndarray, rotation_deg: int) -> np.ndarray:
    """``rgb`` [h, w, 3] turned counter-clockwise by a right angle, contiguous."""
    return np.ascontiguousarray(np.rot90(rgb, rotation_deg // 90)) if rotation_deg else rgb


def unturned_size(width: int, height: int, rotation_deg: int) -> tuple[int, int]:
    """The (width, height) before turning that becomes ``width`` x ``height`` after it."""
    return (height, width) if rotation_deg in (90, 270) else (width, height)
