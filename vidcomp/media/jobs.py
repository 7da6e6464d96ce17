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
    return containers.facts(job["path"], channel.beat)


def scan(job: dict, channel) -> dict:
    """One pass over all frames; each want gets its frames at its size."""
    full = (job["facts"]["width_px"], job["facts"]["height_px"])
    sizes = [full if w["sampling"] == "linear" else (w["width_px"], w["height_px"]) for w in job["wants"]]
    reader = _reader(job, channel, max(sizes, key=_area))
    wants = [_Grid(index, w) for index, w in enumerate(job["wants"])]
    previous = None
    for picture in reader.sequence():
        channel.beat(picture.time_s)
        for want in wants:
            for chosen in want.due(previous, picture):
                _put(channel, chosen, want.size, want.linear, want=want.index)
        previous = picture
    for want in wants:
        for chosen in want.due(previous, None):
            _put(channel, chosen, want.size, want.linear, want=want.index)
    return _damage(reader)


def at(job: dict, channel) -> dict:
    """The frames on display at ascending times."""
    size = (job["width_px"], job["height_px"])
    reader = _reader(job, channel, size)
    for picture in reader.at(job["times_s"]):
        _put(channel, picture, size, False)
    return _damage(reader)


def sound(job: dict, channel) -> dict:
    """The first audio stream as 16-bit mono on the film's clock: gaps are silence, overlaps are dropped."""
    rate = job["rate_hz"]
    block = np.zeros(int(BLOCK_S * rate), np.int16)
    filled = written = 0  # samples in the block, samples sent
    damage: list[float] = []
    with containers.open_container(job["path"]) as film:
        for position, samples in _samples(film, rate, damage, channel.beat):
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


def _samples(film, rate: int, damage: list[float], beat) -> Iterator[tuple[int | None, np.ndarray]]:
    """(place of the first sample on the film's clock or None, samples int16) of each decoded audio frame."""
    stream = containers.audio_stream(film)
    start = containers.start_time(film)
    resampler, heard_as = None, None
    last_s = 0.0
    for packet in _packets(film, stream, damage):
        beat(last_s)
        try:
            frames = packet.decode()
        except av.error.FFmpegError as error:
            containers.reraise_unless_damage(error)
            damage.append(last_s)
            continue
        for frame in frames:
            last_s = frame.time or last_s
            form = (frame.format.name, frame.layout.name, frame.sample_rate)
            if form != heard_as:  # recordings of television change it on the way
                resampler, heard_as = av.AudioResampler(format="s16", layout="mono", rate=rate), form
            for out in resampler.resample(frame):
                position = None if out.pts is None else round(float(out.pts * out.time_base - start) * rate)
                samples = out.to_ndarray()[0]
                if position is not None and position < 0:  # an encoder's lead-in before the clock begins
                    samples, position = samples[-position:], 0
                yield position, samples
    for out in resampler.resample(None) if resampler else ():
        yield None, out.to_ndarray()[0]


def subtitles(job: dict, channel) -> dict:
    """Text subtitle streams: their language and their events as FFmpeg's ASS dialogue text."""
    with containers.open_container(job["path"]) as film:
        start = containers.start_time(film)
        # All packets are read, so that a large film with few subtitles still gives signs of life.
        readable = [s for s in film.streams.subtitles if containers.decodable(s)]
        streams = {s.index: {"language": s.language, "events": []} for s in readable}
        for packet in _packets(film, None if readable else (), []):
            channel.beat(0.0)
            if packet.stream.index not in streams:
                continue
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
    """The packets of ``streams`` (None: of all), until the end or the first place that cannot be read at all."""
    if streams == ():
        return
    try:
        yield from film.demux() if streams is None else film.demux(streams)
    except av.error.FFmpegError as error:
        containers.reraise_unless_damage(error)
        damage.append(0.0)


class _Grid:
    """Turns the sequence of frames into those that one want is due: each, or the ones on display at grid times."""

    def __init__(self, index: int, want: dict) -> None:
        self.index = index
        self.size = (want["width_px"], want["height_px"])
        self.linear = want["sampling"] == "linear"
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
    if job["decoder"] == "pyav":
        from vidcomp.media.backends.pyav import PyAVReader

        return PyAVReader(job["path"], job["facts"], job["threads"], channel.beat)
    from vidcomp.media.backends import indexed

    return getattr(indexed, f"{job['decoder']}_reader")(job["path"], job["threads"], size, channel.beat)


def _put(channel, picture: Picture, size: tuple[int, int], linear: bool, **about) -> None:
    channel.put(picture.rgb(*size, linear), time_s=picture.time_s, **about)


def _area(size: tuple[int, int]) -> int:
    return size[0] * size[1]


def _damage(reader: Reader) -> dict:
    damage = reader.damage
    return {
        "damage_s": damage.at_s, "last_s": damage.last_s, "n_frames": damage.n_frames, "claimed_s": damage.claimed_s,
    }  # fmt: skip
