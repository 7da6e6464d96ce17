"""Cuts where a frame differs much from the one before: PySceneDetect's ``ContentDetector``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from vidcomp.segment._pyscenedetect import DetectorWatcher
from vidcomp.types import Model, Runtime, Video


@dataclass(frozen=True)
class Content:
    """PySceneDetect 0.7's content detector, unchanged.

    A frame's score is the mean over pixels of ``(|dH| + |dS| + |dV|) / 3`` against the previous frame, in 8-bit HSV; a
    cut is where it reaches ``threshold``. Cuts closer together than ``min_shot_s`` are merged into the last of them
    (PySceneDetect's flash filter), and none comes in the film's first ``min_shot_s``. PySceneDetect counts the minimum
    in frames unless told otherwise; here it is always in seconds, its command line's 0.6.
    """

    threshold: float = 27.0
    min_shot_s: float = 0.6

    version: ClassVar[int] = 1

    def __post_init__(self) -> None:
        if self.threshold < 0 or self.min_shot_s < 0:
            raise ValueError("threshold and min_shot_s must not be negative")

    def watch(self, video: Video, runtime: Runtime) -> DetectorWatcher:
        from scenedetect.detectors import ContentDetector

        # A float means seconds to PySceneDetect, and an int frames.
        return DetectorWatcher(video, ContentDetector(self.threshold, min_scene_len=float(self.min_shot_s)))

    def models(self, runtime: Runtime) -> tuple[Model, ...]:
        return ()
