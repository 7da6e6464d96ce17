"""Text on screen, read by RapidOCR with the PP-OCRv6 models (Du et al., PP-OCR) that come with its package."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from vidcomp import weights
from vidcomp.text._clean import clean, comparable
from vidcomp.text._screen import Line, blocks, join
from vidcomp.types import Frame, Model, Runtime, Shot, Sketch, Transcript, Video

if TYPE_CHECKING:
    from rapidocr import RapidOCR
    from rapidocr.utils.output import RapidOCROutput

_WEIGHTS = "pp-ocrv6-small"
_STEP = 16  # levels of luma: more than compression noise leaves in a sketch, less than any legible letter
_DETECT_SIDE_PX = 768  # where text is, is seen at less than it takes to read it, at half of the time of 960
_NEARLY = 0.9  # of a time that is waited: frames come a little before or after the full second
_STILL_STEP = 48  # the same for single pixels of a full frame, which are noisier
_STILL = 0.0005  # share of a full frame's pixels: a few letters


@dataclass(frozen=True)
class RapidOcr:
    """What is written in the pictures, one span for each block of text, from when it is first read to when it is gone.

    Not every frame is read. In each shot, :meth:`propose` names the instants at which the picture has changed since
    the last one named: at least ``change`` of the sketch's pixels by more than 16 levels of luma. Captions are small,
    so changed pixels are counted; a mean would not see them. It waits up to ``every_s`` for the picture to settle,
    so that fades are over; a shot that never rests is read every ``every_s`` seconds, and one that stays as it is,
    once. ``max_side_px`` bounds the size at which frames are read: smaller is faster, and loses small print.

    A line is dropped below ``min_confidence``, and if it has fewer than two letters or digits. Text that one reading
    shares with the last, or nearly so, is one span with its surest reading; it ends when a later reading is without
    it, or with the film. It runs on the processors.
    """

    every_s: float = 2.0
    change: float = 0.0015
    max_side_px: int = 960
    min_confidence: float = 0.7

    version: ClassVar[int] = 1

    def models(self, runtime: Runtime) -> tuple[Model, ...]:
        return (weights.identity(_WEIGHTS, runtime),)

    def frame_size(self, video: Video) -> tuple[int, int]:
        """Width and height, even and never enlarged, at which :meth:`__call__` wants its frames."""
        from vidcomp.media import fit

        return fit(video, self.max_side_px)

    def propose(self, video: Video, shots: Sequence[Shot], sketch: Sketch) -> tuple[float, ...]:
        """Instants worth reading, ascending, at least one in each shot and none at the very cut."""
        if not video.has_video:
            return ()
        return tuple(time_s for shot in shots for time_s in self._in_shot(shot, sketch))

    def _in_shot(self, shot: Shot, sketch: Sketch) -> list[float]:
        edge_s = min(0.25, (shot.end_s - shot.start_s) / 4)  # codecs smear, and times round, next to a cut
        first, last = np.searchsorted(sketch.times_s, (shot.start_s + edge_s, shot.end_s - edge_s))
        times_s, luma = sketch.times_s[first:last], sketch.luma[first:last]
        if len(times_s) == 0:
            return [(shot.start_s + shot.end_s) / 2]
        least = max(1, round(self.change * luma[0].size))
        chosen: list[int] = []
        wait_s = _NEARLY * self.every_s
        since_s = times_s[0]  # the last instant at which there was nothing new to read
        for i, time_s in enumerate(times_s):
            if chosen and _changed(luma[chosen[-1]], luma[i], _STEP) < least:
                since_s = time_s
                continue
            if chosen and time_s - times_s[chosen[-1]] < wait_s:
                continue
            rests = i + 1 == len(times_s) or _changed(luma[i], luma[i + 1], _STEP) < least
            if rests or time_s - since_s >= wait_s:
                chosen.append(i)
                since_s = time_s
        return [float(times_s[i]) for i in chosen]

    def __call__(self, video: Video, frames: Iterable[Frame], runtime: Runtime) -> Transcript:
        """The text on ``frames``, which are lazy and in order of time. Raises WeightsMissing."""
        if not video.has_video:
            return Transcript((), "no_video")
        folder = str(weights.locate(_WEIGHTS, runtime).path)
        spans = join(self._readings(frames, folder, runtime.threads), video.duration_s)
        return Transcript(spans, "ok" if spans else "no_text")

    def _readings(self, frames: Iterable[Frame], folder: str, threads: int) -> Iterator[tuple[float, list[Line]]]:
        """Each frame's time and blocks of text; a frame that looks like the last one read says what that said."""
        seen: np.ndarray | None = None
        found: list[Line] = []
        for frame in frames:
            luma = frame.rgb.mean(axis=2, dtype=np.float32).astype(np.uint8)
            if seen is None or luma.shape != seen.shape or _changed(seen, luma, _STILL_STEP) > _STILL * luma.size:
                reader = _reader(folder, self.max_side_px, threads)
                seen, found = luma, blocks(self._lines(reader(np.ascontiguousarray(frame.rgb[:, :, ::-1]))))
            yield frame.time_s, found

    def _lines(self, output: RapidOCROutput) -> list[Line]:
        if output.boxes is None or output.txts is None:
            return []
        return [
            Line(text, float(score), *corners.min(axis=0).tolist(), *corners.max(axis=0).tolist())
            for corners, raw, score in zip(output.boxes, output.txts, output.scores, strict=True)
            if score >= self.min_confidence and len(comparable(text := clean(raw))) > 1
        ]


def _changed(one: np.ndarray, other: np.ndarray, step: int) -> int:
    """How many pixels differ by more than ``step`` levels."""
    return int(np.count_nonzero(np.maximum(one, other) - np.minimum(one, other) > step))


@lru_cache(maxsize=1)
def _reader(folder: str, max_side_px: int, threads: int) -> RapidOCR:
    """The detector and recogniser. Their files are named, for RapidOCR downloads those that it has to look for."""
    from rapidocr import RapidOCR

    return RapidOCR(
        params={
            "Global.log_level": "critical",
            "Global.use_cls": False,  # which way up a line is: films have theirs upright
            "Global.max_side_len": max_side_px,
            "Det.model_path": f"{folder}/PP-OCRv6_det_small.onnx",
            "Det.limit_type": "max",
            "Det.limit_side_len": _DETECT_SIDE_PX,
            "Rec.model_path": f"{folder}/PP-OCRv6_rec_small.onnx",
            "EngineConfig.onnxruntime.intra_op_num_threads": threads or -1,
        }
    )
