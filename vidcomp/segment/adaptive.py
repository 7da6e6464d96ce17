"""Cuts where a frame differs more from the one before than its neighbours do: ``AdaptiveDetector``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from vidcomp.segment._pyscenedetect import DetectorWatcher
from vidcomp.types import Model, Runtime, Video


@dataclass(frozen=True)
class Adaptive:
    """PySceneDetect 0.7's adaptive detector, unchanged: the content score against a rolling average of itself.

    A cut is where the score is at least ``adaptive_threshold`` times the mean score of the ``window_width`` frames
    before and after it, and at least ``min_content_val``: so a fast pan, where every frame differs, makes no cut.
    Cuts within ``min_shot_s`` seconds of the last one, or of the film's start, are left out. The neighbours are counted
    in frames, so a window is wider in seconds where a film's frames are farther apart.
    """

    adaptive_threshold: float = 3.0
    min_content_val: float = 15.0
    window_width: int = 2
    min_shot_s: float = 0.6

    version: ClassVar[int] = 1

    def __post_init__(self) -> None:
        if self.adaptive_threshold < 0 or self.min_content_val < 0 or self.min_shot_s < 0:
            raise ValueError("adaptive_threshold, min_content_val and min_shot_s must not be negative")
        if self.window_width < 1:
            raise ValueError(f"window_width must be at least 1 frame, not {self.window_width}")

    def watch(self, video: Video, runtime: Runtime) -> DetectorWatcher:
        from scenedetect.detectors import AdaptiveDetector

        detector = AdaptiveDetector(
            adaptive_threshold=self.adaptive_threshold,
            min_scene_len=float(self.min_shot_s),  # a float means seconds to PySceneDetect, and an int frames
            window_width=self.window_width,
            min_content_val=self.min_content_val,
        )
        return DetectorWatcher(video, detector)

    def models(self, runtime: Runtime) -> tuple[Model, ...]:
        return ()
