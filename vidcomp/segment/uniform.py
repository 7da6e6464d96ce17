"""Shots of equal length, without a look at the film."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from vidcomp.segment._shots import shots_between
from vidcomp.types import Model, Runtime, Shot, Video, Want


@dataclass(frozen=True)
class Uniform:
    """A cut every ``length_s`` seconds; what is left at the end, if shorter than half of that, joins the last shot.

    It needs no picture, so it also divides a film that has only sound.
    """

    length_s: float = 10.0

    version: ClassVar[int] = 1

    def __post_init__(self) -> None:
        if not self.length_s >= 0.1:
            raise ValueError(f"length_s must be at least 0.1, not {self.length_s}")

    def watch(self, video: Video, runtime: Runtime) -> UniformWatcher:
        return UniformWatcher(self.length_s, video.duration_s)

    def models(self, runtime: Runtime) -> tuple[Model, ...]:
        return ()


class UniformWatcher:
    want: Want | None = None

    def __init__(self, length_s: float, duration_s: float) -> None:
        self._length_s = length_s
        self._duration_s = duration_s

    def see(self, time_s: float, rgb: np.ndarray) -> None:
        """Never called: it wants no frame."""

    def finish(self) -> tuple[Shot, ...]:
        n_whole, rest_s = divmod(self._duration_s, self._length_s)
        last = int(n_whole) - (rest_s < self._length_s / 2)
        return shots_between((k * self._length_s for k in range(1, last + 1)), self._duration_s)
