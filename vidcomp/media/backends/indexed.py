"""torchcodec and decord: libraries that hand out frames by index, upright already.

Frame indices differ between decoders, so they stay inside this file: the true presentation times are read from
the container's packets (demuxing only, nothing is decoded), and the k-th of them in order is the k-th frame. Where
a library counts other frames than the container has, that is an error and not a guess; and so is a container that
they cannot seek in exactly (in a transport stream both give the wrong frames without a word).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np

from vidcomp._torchvision import make_importable
from vidcomp.errors import DependencyMissing, MediaError
from vidcomp.media.backends import EPS_S, Damage, Picture
from vidcomp.media.container import open_container, start_time, video_stream

BATCH = 16  # frames per call of the library: enough to hide its overhead, little memory
EXACT_SEEKING = ("mov", "matroska", "avi")
Beat = Callable[[float], None]  # a sign of life
INSTEAD = "use --set decode=pyav"


class IndexedReader:
    """See :class:`vidcomp.media.backends.Reader`; ``fetch(indices)`` gives frames uint8 [n, h, w, 3]."""

    def __init__(self, name: str, times_s: np.ndarray, n: int, fetch: Callable) -> None:
        if n != len(times_s):
            raise MediaError(
                f"{name} sees {n} frames where the container shows {len(times_s)}: its times would be wrong",
                INSTEAD,
            )
        self._name = name
        self._times = times_s
        self._library = fetch
        self.damage = Damage(at_s=[])

    def sequence(self) -> Iterator[Picture]:
        for begin in range(0, len(self._times), BATCH):
            indices = list(range(begin, min(begin + BATCH, len(self._times))))
            for index, raw in zip(indices, self._fetch(indices)):
                self.damage.n_frames += 1
                self.damage.last_s = float(self._times[index])
                yield self._picture(index, raw)

    def at(self, times_s: Sequence[float]) -> Iterator[Picture]:
        at = np.searchsorted(self._times, np.asarray(times_s, dtype=float) + EPS_S, side="right") - 1
        indices = np.maximum(at, 0).tolist()
        for begin in range(0, len(indices), BATCH):
            batch = indices[begin : begin + BATCH]
            for index, raw in zip(batch, self._fetch(batch)):
                yield self._picture(index, raw)

    def _fetch(self, indices: list[int]) -> np.ndarray:
        try:
            return self._library(indices)
        except Exception as error:  # torchcodec raises RuntimeError, decord its own: no common base tells them
            raise MediaError(f"{self._name} cannot decode this film: {str(error)[:120]}", INSTEAD) from error

    def _picture(self, index: int, raw: np.ndarray) -> Picture:
        return Picture(float(self._times[index]), lambda *wanted: self._rgb(raw, *wanted))

    def _rgb(self, raw: np.ndarray, width: int, height: int, linear: bool) -> np.ndarray:
        import cv2

        if raw.shape[1::-1] == (width, height):
            return raw
        return cv2.resize(raw, (width, height), interpolation=cv2.INTER_LINEAR if linear else cv2.INTER_AREA)


def presentation_times(path: str, name: str, beat: Beat) -> np.ndarray:
    """Ascending times of the frames that a player shows, in seconds of the film's clock, from packets alone.

    Raises MediaError for containers in which the library ``name`` cannot be trusted.
    """
    with open_container(path) as container:
        if not any(part in EXACT_SEEKING for part in container.format.name.split(",")):
            raise MediaError(f"{name} cannot seek exactly in {container.format.name}", INSTEAD)
        stream = video_stream(container)
        start = start_time(container)
        pts = []
        for packet in container.demux(stream):
            beat(0.0)
            if packet.pts is not None and packet.size and not packet.is_discard:
                pts.append(packet.pts)
        times = np.array(sorted(float(t * stream.time_base - start) for t in pts))
    return times[times > -EPS_S]


def torchcodec_reader(path: str, threads: int, size: tuple[int, int], beat: Beat) -> IndexedReader:
    try:
        from torchcodec.decoders import VideoDecoder
        from torchcodec.transforms import Resize
    except (ImportError, RuntimeError, OSError) as error:
        raise DependencyMissing(
            "torchcodec cannot be loaded", "pip install 'vidcomp[torchcodec]' and FFmpeg's libraries, or decode=pyav"
        ) from error
    make_importable()  # torchcodec's transforms look for torchvision, and stumble over one that cannot be imported
    width, height = size
    try:
        resize = [Resize(size=(height, width))]
        decoder = VideoDecoder(path, dimension_order="NHWC", num_ffmpeg_threads=threads, transforms=resize)
    except (RuntimeError, ValueError) as error:
        raise MediaError("torchcodec cannot open this film", INSTEAD) from error
    return IndexedReader(
        "torchcodec", presentation_times(path, "torchcodec", beat), len(decoder),
        lambda indices: decoder.get_frames_at(indices).data.numpy(),
    )  # fmt: skip


def decord_reader(path: str, threads: int, size: tuple[int, int], beat: Beat) -> IndexedReader:
    try:
        import decord
    except (ImportError, OSError) as error:
        raise DependencyMissing("decord cannot be loaded", "pip install 'vidcomp[decord]', or decode=pyav") from error
    width, height = size
    try:
        reader = decord.VideoReader(path, width=width, height=height, num_threads=threads)
    except decord.DECORDError as error:
        raise MediaError("decord cannot open this film", INSTEAD) from error
    return IndexedReader(
        "decord", presentation_times(path, "decord", beat), len(reader),
        lambda indices: reader.get_batch(indices).asnumpy(),
    )  # fmt: skip
