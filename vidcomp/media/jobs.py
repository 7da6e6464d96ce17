"""The jobs a decoding child can do. Each takes the job's dict and a channel, and returns its JSON result."""

from __future__ import annotations

from collections.abc import Iterator

import av
import av.error
import numpy as np

from vidcomp.media import container as containers
from vidcomp.media.backends import EPS_S, Picture, Reader

GAP_S = 0.02  # sound that starts this much off its place is moved there; less is rounding
BLOCK_S = 10.0


def facts(job: dict, channel) -> dict:
    av.logging.set_level(av.logging.PANIC)
    return containers.facts(job["path"])


def scan(job: dict, channel) -> dict:
    """One pass over all frames; each want gets its frames at its size."""
    reader = _reader(job, channel, max(((w["width_px"], w["height_px"]) for w in job["wants"]), key=_area))
    wants = [_Grid(index, w) for index, w in enumerate(job["wants"])]
    previous = None
    for picture in reader.sequence():
        channel.beat(picture.time_s)
        for want in wants:
            for chosen in want.due(previous, picture):
                _put(channel, chosen, want.size, want=want.index)
        previous = picture
    for want in wants:
        for chosen in want.due(previous, None):
            _put(channel, chosen, want.size, want=want.index)
    return _damage(reader)


def at(job: dict, channel) -> dict:
    """The frames on display at ascending times."""
    size = (job["width_px"], job["height_px"])
    reader = _reader(job, channel, size)
    for picture in reader.at(job["times_s"]):
        _put(channel, picture, size)
    return _damage(reader)


def sound(job: dict, channel) -> dict:
    """The first audio stream as 16-bit mono on the film's clock: gaps are silence, overlaps are dropped."""
    av.logging.set_level(av.logging.PANIC)
    rate = job["rate_hz"]
    block = np.zeros(int(BLOCK_S * rate), np.int16)
    filled = written = 0  # samples in the block, samples sent
    damage: list[float] = []
    with containers.open_container(job["path"]) as film:
        for position, samples in _samples(film, rate, damage):
            here = written + filled
            if position is not None and abs(position - here) > GAP_S * rate:
                if position < here:
                    samples = samples[here - position :]
                else:
                    samples = np.concatenate([np.zeros(position - here, np.int16), samples])
            while len(samples):
                take = min(len(block) - filled, len(samples))
                block[filled : filled + take] = samples[:take]
                filled += take
                samples = samples[take:]
                if filled == len(block):
                    channel.put(block, start_s=written / rate)
                    written += filled
                    filled = 0
    if filled:
        channel.put(block[:filled], start_s=written / rate)
    return {"damage_s": damage, "last_s": (written + filled) / rate}


def _samples(film, rate: int, damage: list[float]) -> Iterator[tuple[int | None, np.ndarray]]:
    """(place of the first sample on the film's clock or None, samples int16) of each decoded audio frame."""
    stream = containers.audio_stream(film)
    start = containers.start_time(film)
    resampler = av.AudioResampler(format="s16", layout="mono", rate=rate)
    last_s = 0.0
    for packet in _packets(film, stream, damage):
        try:
            frames = packet.decode()
        except av.error.FFmpegError as error:
            containers.reraise_unless_damage(error)
            damage.append(last_s)
            continue
        for frame in frames:
            last_s = frame.time or last_s
            for out in resampler.resample(frame):
                position = None if out.pts is None else round(float(out.pts * out.time_base - start) * rate)
                samples = out.to_ndarray()[0]
                if position is not None and position < 0:  # an encoder's lead-in before the clock begins
                    samples, position = samples[-position:], 0
                yield position, samples
    for out in resampler.resample(None):
        yield None, out.to_ndarray()[0]


def subtitles(job: dict, channel) -> dict:
    """Text subtitle streams: their language and their events as FFmpeg's ASS dialogue text."""
    av.logging.set_level(av.logging.PANIC)
    with containers.open_container(job["path"]) as film:
        start = containers.start_time(film)
        streams = {s.index: {"language": s.language, "events": []} for s in film.streams.subtitles}
        for packet in _packets(film, list(film.streams.subtitles), []):
            if packet.pts is None or not packet.size:
                continue
            begin_s = float(packet.pts * packet.time_base - start)
            end_s = begin_s + float((packet.duration or 0) * packet.time_base)
            for rect in _rects(packet):
                if rect.type in (b"ass", b"text") and end_s > begin_s >= 0:
                    raw = rect.dialogue if rect.type == b"ass" else rect.text
                    streams[packet.stream.index]["events"].append([begin_s, end_s, raw.decode("utf-8", "replace")])
    return {"streams": [s for s in streams.values() if s["events"]]}


def _rects(packet) -> list:
    try:
        decoded = packet.stream.codec_context.decode2(packet)
    except av.error.FFmpegError as error:
        containers.reraise_unless_damage(error)
        return []
    return list(decoded) if decoded is not None else []


def _packets(film, streams, damage: list[float]) -> Iterator[av.Packet]:
    if not streams:
        return
    try:
        yield from film.demux(streams)
    except av.error.FFmpegError as error:
        containers.reraise_unless_damage(error)
        damage.append(0.0)


class _Grid:
    """Turns the sequence of frames into those that one want is due: each, or the ones on display at grid times."""

    def __init__(self, index: int, want: dict) -> None:
        self.index = index
        self.size = (want["width_px"], want["height_px"])
        self._every_s = want["every_s"]
        self._n = 0  # grid times served
        self._given: float | None = None

    def due(self, previous: Picture | None, current: Picture | None) -> Iterator[Picture]:
        """Frames due now that ``current`` follows ``previous``; ``current`` None ends the film."""
        if self._every_s is None:
            if current is not None:
                yield current
            return
        if previous is None:
            return
        served = self._n
        if current is None:
            self._n += self._n * self._every_s <= previous.time_s + EPS_S
        else:
            while self._n * self._every_s < current.time_s - EPS_S:
                self._n += 1
        if self._n > served and previous.time_s != self._given:
            self._given = previous.time_s
            yield previous


def _reader(job: dict, channel, size: tuple[int, int]) -> Reader:
    av.logging.set_level(av.logging.PANIC)
    if job["decoder"] == "pyav":
        from vidcomp.media.backends.pyav import PyAVReader

        return PyAVReader(job["path"], job["facts"], job["threads"], channel.beat)
    from vidcomp.media.backends import indexed

    return getattr(indexed, f"{job['decoder']}_reader")(job["path"], job["threads"], size)


def _put(channel, picture: Picture, size: tuple[int, int], **about) -> None:
    channel.put(picture.rgb(*size), time_s=picture.time_s, **about)


def _area(size: tuple[int, int]) -> int:
    return size[0] * size[1]


def _damage(reader: Reader) -> dict:
    return {"damage_s": reader.damage.at_s, "last_s": reader.damage.last_s, "n_frames": reader.damage.n_frames}
