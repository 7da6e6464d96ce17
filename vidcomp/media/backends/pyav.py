"""PyAV: FFmpeg inside its wheel, true times for each frame, damage survived packet by packet."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

import av
import av.error
import numpy as np
from av.video.reformatter import Interpolation, VideoReformatter

from vidcomp.media.backends import EPS_S, Damage, Picture, turned, unturned_size
from vidcomp.media.container import open_container, reraise_unless_damage, start_time, video_stream

# Where a container has no index, decoding this far ahead is taken to be cheaper than a seek.
AHEAD_S = 2.0
# Frames that jump back by more than this are not a decoder's reordering but another clock.
BACKWARDS_S = 1.0


class PyAVReader:
    """See :class:`vidcomp.media.backends.Reader`."""

    def __init__(self, path: str, facts: dict, threads: int, beat: Callable[[float], None]) -> None:
        self._path, self._threads = path, threads
        self._open()
        self._start = start_time(self._container)
        self._fps = facts["fps"] or 25.0
        self._beat = beat
        self._rotation = facts["rotation_deg"]
        # swscale keeps its tables per reformatter and size: one for each size asked for, not one for each frame.
        self._scalers: dict[tuple[int, int], VideoReformatter] = {}
        self.damage = Damage(at_s=[], claimed_s=_claimed_end(self._stream, float(self._start)))

    def _open(self) -> None:
        self._container = open_container(self._path)
        self._stream = video_stream(self._container)
        self._stream.thread_type = "AUTO"
        self._stream.codec_context.thread_count = self._threads

    def sequence(self) -> Iterator[Picture]:
        for time_s, frame in self._frames():
            yield self._picture(time_s, frame)

    def at(self, times_s: Sequence[float]) -> Iterator[Picture]:
        if not self._has_times():
            yield from self._at_in_sequence(times_s)
            return
        walk: Iterator = iter(())
        now = upcoming = None  # the frame on display and the one after it, as (time_s, frame)
        for t in times_s:
            if upcoming is None or (now is not None and t < now[0] - EPS_S) or self._seek_pays(upcoming[0], t):
                walk = self._frames(seek_s=t)
                now, upcoming = None, next(walk, None)
            while upcoming is not None and (now is None or upcoming[0] <= t + EPS_S):
                now, upcoming = upcoming, next(walk, None)
            if now is None:
                return
            yield self._picture(*now)

    def _at_in_sequence(self, times_s: Sequence[float]) -> Iterator[Picture]:
        """For raw streams, which cannot be sought: one pass, each frame given as often as it was asked for."""
        pending = list(times_s)
        now = None
        for time_s, frame in self._frames():
            while pending and now is not None and pending[0] + EPS_S < time_s:
                yield self._picture(*now)
                pending.pop(0)
            if not pending:
                return
            now = (time_s, frame)
        if now is not None:
            for _ in pending:
                yield self._picture(*now)

    def _has_times(self) -> bool:
        return self._stream.start_time is not None

    def _seek_pays(self, at_s: float, t: float) -> bool:
        """Whether a key frame lies between the place reached and ``t``, so that frames need not be decoded."""
        entries = self._stream.index_entries
        if not len(entries):
            return t > at_s + AHEAD_S
        key = entries.search_timestamp(self._pts(t), backward=True)
        return key >= 0 and entries[key].timestamp > self._pts(at_s)

    def _pts(self, t: float) -> int:
        return int((t + self._start) / self._stream.time_base)

    def _frames(self, seek_s: float | None = None) -> Iterator[tuple[float, av.VideoFrame]]:
        """Decoded frames in order of time from the start, or from the last key frame at or before ``seek_s``."""
        first = None
        if seek_s is not None:
            # A seek may land late in containers without an index: step back until it lands before what is asked.
            for back_s in (0.0, 5.0, 30.0):
                target_s = seek_s - back_s
                if target_s <= 0:
                    break
                try:
                    self._container.seek(max(self._pts(target_s), 0), stream=self._stream, backward=True)
                except av.error.FFmpegError as error:
                    reraise_unless_damage(error)
                    break
                walk = self._walk(count=False)
                first = next(walk, None)
                if first is not None and first[0] <= seek_s + EPS_S:
                    yield first
                    yield from walk
                    return
            # Not every container can be sought back to its start (FLV, some that are damaged): open it again.
            self._container.close()
            self._open()
        yield from self._walk(count=seek_s is None)

    def _walk(self, count: bool) -> Iterator[tuple[float, av.VideoFrame]]:
        last_s = -1.0
        for packet in self._packets():
            self._beat(last_s)
            try:
                frames = packet.decode()
            except av.error.FFmpegError as error:
                reraise_unless_damage(error)
                self.damage.at_s.append(max(last_s, 0.0))
                continue
            for frame in frames:
                time_s = self._time(frame)
                if time_s < -EPS_S or time_s <= last_s:
                    # Before the clock begins (an edit list's lead-in), a repeated time, or a clock that starts anew.
                    if last_s - time_s > BACKWARDS_S:
                        self.damage.at_s.append(last_s)
                    continue
                last_s = max(time_s, 0.0)
                if count:
                    self.damage.n_frames += 1
                    self.damage.last_s = last_s
                if frame.is_corrupt:
                    self.damage.at_s.append(last_s)
                yield last_s, frame

    def _packets(self) -> Iterator[av.Packet]:
        """The stream's packets and the final flush; an unreadable end is an end."""
        try:
            yield from self._container.demux(self._stream)
        except av.error.FFmpegError as error:
            reraise_unless_damage(error)
            self.damage.at_s.append(self.damage.last_s)

    def _time(self, frame: av.VideoFrame) -> float:
        if frame.pts is None:
            return self.damage.n_frames / self._fps
        return float(frame.pts * frame.time_base - self._start)

    def _picture(self, time_s: float, frame: av.VideoFrame) -> Picture:
        whole: list[np.ndarray] = []  # the full picture, made once for all who want it

        def rgb(width: int, height: int, linear: bool) -> np.ndarray:
            if not linear:
                return self._smooth(frame, width, height)
            import cv2

            if not whole:
                whole.append(self._smooth(frame, *unturned_size(frame.width, frame.height, self._rotation)))
            return cv2.resize(whole[0], (width, height), interpolation=cv2.INTER_LINEAR)

        return Picture(time_s, rgb)

    def _smooth(self, frame: av.VideoFrame, width: int, height: int) -> np.ndarray:
        size = unturned_size(width, height, self._rotation)
        scaler = self._scalers.setdefault(size, VideoReformatter())
        scaled = scaler.reformat(frame, *size, "rgb24", interpolation=Interpolation.BILINEAR, threads=1)
        return turned(scaled.to_ndarray(), self._rotation)


def _claimed_end(stream, start_s: float) -> float | None:
    """Where the stream itself is said to end, on the film's clock: by its duration, or Matroska's tag of it."""
    if stream.duration:
        return float(((stream.start_time or 0) + stream.duration) * stream.time_base) - start_s
    tag = re.fullmatch(r"(\d+):(\d\d):(\d\d(?:\.\d+)?)", stream.metadata.get("DURATION", ""))
    if tag is None:
        return None
    hours, minutes, seconds = tag.groups()
    return 3600 * int(hours) + 60 * int(minutes) + float(seconds) - start_s
