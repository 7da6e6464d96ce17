"""torchcodec and decord: libraries that hand out frames by index.

Frame indices differ between decoders, so they stay inside this file: the true presentation times are read from
the container's packets (demuxing only, nothing is decoded), and the k-th of them in order is the k-th frame. Where
a library counts other frames than the container has (decord on edit lists), that is an error and not a guess.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np

from vidcomp._torchvision import make_importable
from vidcomp.errors import DependencyMissing, MediaError
from vidcomp.media.backends import EPS_S, Damage, Picture, turned, unturned_size
from vidcomp.media.container import open_container, start_time, video_stream

BATCH = 16  # frames per call of the library: enough to hide its overhead, little memory


class IndexedReader:
    """See :class:`vidcomp.media.backends.Reader`; ``fetch(indices)`` gives frames uint8 [n, h, w, 3]."""

    def __init__(self, name: str, times_s: np.ndarray, rotation_deg: int, n: int, fetch: Callable) -> None:
        if n != len(times_s):
            raise MediaError(
                f"{name} sees {n} frames where the container shows {len(times_s)}: its times would be wrong",
                "use --set decode=pyav",
            )
        self._times = times_s
        self._fetch = fetch
        self._rotation = rotation_deg
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

    def _picture(self, index: int, raw: np.ndarray) -> Picture:
        return Picture(float(self._times[index]), lambda width, height: self._rgb(raw, width, height))

    def _rgb(self, raw: np.ndarray, width: int, height: int) -> np.ndarray:
        import cv2

        size = unturned_size(width, height, self._rotation)
        if raw.shape[1::-1] != size:
            raw = cv2.resize(raw, size, interpolation=cv2.INTER_AREA)
        return turned(raw, self._rotation)


def presentation_times(path: str) -> np.ndarray:
    """Ascending times of the frames that a player shows, in seconds of the film's clock, from packets alone."""
    with open_container(path) as container:
        stream = video_stream(container)
        start = start_time(container)
        pts = [p.pts for p in container.demux(stream) if p.pts is not None and p.size and not p.is_discard]
        times = np.array(sorted(float(t * stream.time_base - start) for t in pts))
    return times[times > -EPS_S]


def torchcodec_reader(path: str, facts: dict, threads: int, size: tuple[int, int]) -> IndexedReader:
    try:
        from torchcodec.decoders import VideoDecoder
        from torchcodec.transforms import Resize
    except (ImportError, RuntimeError, OSError) as error:
        raise DependencyMissing(
            "torchcodec cannot be loaded", "pip install 'vidcomp[torchcodec]' and FFmpeg's libraries, or decode=pyav"
        ) from error
    make_importable()  # torchcodec's transforms look for torchvision, and stumble over one that cannot be imported
    width, height = unturned_size(*size, facts["rotation_deg"])
    decoder = VideoDecoder(
        path, dimension_order="NHWC", num_ffmpeg_threads=threads, transforms=[Resize(size=(height, width))]
    )
    return IndexedReader(
        "torchcodec", presentation_times(path), facts["rotation_deg"], len(decoder),
        lambda indices: decoder.get_frames_at(indices).data.numpy(),
    )  # fmt: skip


def decord_reader(path: str, facts: dict, threads: int, size: tuple[int, int]) -> IndexedReader:
    try:
        import decord
    except (ImportError, OSError) as error:
        raise DependencyMissing("decord cannot be loaded", "pip install 'vidcomp[decord]', or decode=pyav") from error
    width, height = unturned_size(*size, facts["rotation_deg"])
    try:
        reader = decord.VideoReader(path, width=width, height=height, num_threads=threads)
    except decord.DECORDError as error:
        raise MediaError("decord cannot open this film", "use --set decode=pyav") from error
    return IndexedReader(
        "decord", presentation_times(path), facts["rotation_deg"], len(reader),
        lambda indices: reader.get_batch(indices).asnumpy(),
    )  # fmt: skip
