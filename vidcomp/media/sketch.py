"""The film at a glance: a tiny picture of every second, for whoever must decide where to look closer."""

from __future__ import annotations

import numpy as np

from vidcomp.types import Sketch, Video, Want

EVERY_S = 1.0
LONG_SIDE_PX = 96
LUMA = np.array([0.299, 0.587, 0.114], dtype=np.float32)  # Rec. 601 weights: what a glance needs, no more


class Sketcher:
    """A watcher (see :class:`vidcomp.protocols.Watcher`) that makes a :class:`Sketch`; 5 kB a second of film."""

    def __init__(self, video: Video) -> None:
        self.want = None
        self._shape = (0, 0)
        if video.has_video:
            shrink = LONG_SIDE_PX / max(video.width_px, video.height_px)
            width, height = (max(2, round(side * shrink)) for side in (video.width_px, video.height_px))
            self.want = Want(width, height, EVERY_S)
            self._shape = (height, width)
        self._times: list[float] = []
        self._luma: list[np.ndarray] = []

    def see(self, time_s: float, rgb: np.ndarray) -> None:
        self._times.append(time_s)
        self._luma.append((rgb @ LUMA).astype(np.uint8))

    def finish(self) -> Sketch:
        luma = np.stack(self._luma) if self._luma else np.zeros((0, *self._shape), np.uint8)
        return Sketch(np.array(self._times, dtype=np.float64), luma)
