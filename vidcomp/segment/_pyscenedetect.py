"""PySceneDetect's own detectors, fed frame by frame with true times instead of through its ``SceneManager``.

Its manager decodes the film itself; here the film is decoded once for everybody. What the manager does between
decoder and detector is done the same: the picture's size by its rule, BGR, and one presentation time per frame. The
cuts are the manager's if frames are scaled as it scales them: the full-size RGB picture by ``cv2.INTER_LINEAR``.
"""

from __future__ import annotations

from fractions import Fraction
from math import floor
from typing import TYPE_CHECKING

import numpy as np

from vidcomp.segment._shots import shots_between
from vidcomp.types import Shot, Video, Want

if TYPE_CHECKING:
    from scenedetect.common import FrameTimecode
    from scenedetect.detector import SceneDetector

# Times are told in whole nanoseconds: on a grid, so that two frames exactly a minimal shot apart (15 frames of 25 fps
# and 0.6 s) compare as equal, as they do in the container's own time base.
TICKS_PER_S = 1_000_000_000


class DetectorWatcher:
    """Shows every frame to one PySceneDetect detector, and makes shots of the cuts that it reports."""

    def __init__(self, video: Video, detector: SceneDetector) -> None:
        self.want = None
        if video.has_video:
            self.want = Want(*detection_size(video.width_px, video.height_px), sampling="linear")
        self._duration_s = video.duration_s
        self._detector = detector
        # PySceneDetect asks for a rate in every timecode, but measures seconds wherever a length is given in seconds,
        # so a film whose rate is unknown loses nothing by an assumed one.
        self._rate = Fraction(video.fps or 25.0).limit_denominator(100_000)
        self._cuts_s: list[float] = []
        self._last_s: float | None = None

    def see(self, time_s: float, rgb: np.ndarray) -> None:
        import cv2

        bgr = cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR)
        self._last_s = time_s
        self._note(self._detector.process_frame(self._timecode(time_s), bgr))

    def finish(self) -> tuple[Shot, ...]:
        if self._last_s is not None:
            self._note(self._detector.post_process(self._timecode(self._last_s)))
        return shots_between(self._cuts_s, self._duration_s)

    def _note(self, cuts: list[FrameTimecode]) -> None:
        self._cuts_s.extend(cut.time_s for cut in cuts)

    def _timecode(self, time_s: float) -> FrameTimecode:
        from scenedetect.common import FrameTimecode, Timecode

        ticks = floor(time_s * TICKS_PER_S + 0.5)
        timecode = FrameTimecode(Timecode(ticks, Fraction(1, TICKS_PER_S)), self._rate)
        # A detector hands back the timecodes that it was given, so this carries the frame's time through unrounded.
        timecode.time_s = time_s
        return timecode


def detection_size(width_px: int, height_px: int) -> tuple[int, int]:
    """The (width, height) at which ``SceneManager`` shows a film to its detectors: the long side about 256."""
    from scenedetect.scene_manager import compute_downscale_factor

    shrink = compute_downscale_factor(max(width_px, height_px))
    return max(1, round(width_px / shrink)), max(1, round(height_px / shrink))
