"""Made-up films for segmenters: frames at irregular times, in scenes that differ, at whatever size is wanted."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from vidcomp.protocols import Watcher
from vidcomp.types import Shot, Video


def a_video(duration_s: float, width_px: int = 640, height_px: int = 360, fps: float = 25.0) -> Video:
    return Video("film.mp4", "f", duration_s, fps, None, 0.0, width_px, height_px, 0, "h264", None)


SOUND_ONLY = Video("speech.mp3", "f", 60.0, 0.0, None, 0.0, 0, 0, 0, None, "mp3")


def irregular(n: int, seed: int = 0) -> list[float]:
    """``n`` frame times from 0 on, 20 to 60 ms apart."""
    steps = np.random.default_rng(seed).uniform(0.02, 0.06, n - 1)
    return [0.0, *np.cumsum(steps).tolist()]


def scene(seed: int, n: int, width: int, height: int) -> list[np.ndarray]:
    """``n`` frames of a slow pan over a patchwork of colours that is like no other seed's."""
    rng = np.random.default_rng(seed)
    hue = rng.integers(0, 256, 3)
    patches = np.clip(rng.normal(hue, 60, (6, 10, 3)), 0, 255).astype(np.uint8)
    picture = cv2.resize(patches, (width + n, height), interpolation=cv2.INTER_CUBIC)
    return [np.ascontiguousarray(picture[:, i : i + width]) for i in range(n)]


def show(watcher: Watcher, times_s: Sequence[float], frames: Sequence[np.ndarray]) -> tuple[Shot, ...]:
    """Lets ``watcher`` see the frames as a pass over a film does: in one buffer that is overwritten each time."""
    buffer = None
    for time_s, frame in zip(times_s, frames):
        buffer = np.empty_like(frame) if buffer is None else buffer
        buffer[:] = frame
        watcher.see(time_s, buffer)
        buffer[:] = 7
    return watcher.finish()
