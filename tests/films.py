"""Films made for the tests: every frame carries its own number as a bar code, so a wrong frame is seen at once."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

BITS = 12
TIME_BASE = Fraction(1, 90_000)


def numbered(number: int, width: int = 192, height: int = 108) -> np.ndarray:
    """A picture of grey whose upper half holds ``number`` in black and white bars; the lower left quarter is red."""
    picture = np.full((height, width, 3), 128, np.uint8)
    bar = width // BITS
    for bit in range(BITS):
        picture[: height // 2, bit * bar : (bit + 1) * bar] = 255 if number >> bit & 1 else 0
    picture[height // 2 :, : width // 2] = (200, 30, 30)
    return picture


def number_in(rgb: np.ndarray) -> int:
    """The number that :func:`numbered` put there, at any size."""
    height, width = rgb.shape[:2]
    row = rgb[height // 4].astype(int).sum(axis=1) / 3
    return sum(int(row[int((bit + 0.5) * width / BITS)] > 128) << bit for bit in range(BITS))


def tone(seconds: float, rate: int = 44_100) -> np.ndarray:
    """A quiet A, float32 [1, n]."""
    return (0.2 * np.sin(2 * np.pi * 440 * np.arange(int(seconds * rate)) / rate)).astype(np.float32)[None]


def make_film(
    path: Path,
    times_s: Sequence[float],
    codec: str = "libx264",
    size: tuple[int, int] = (192, 108),
    audio: np.ndarray | None = None,
    audio_at_s: float = 0.0,
    options: dict[str, str] | None = None,
    gop: int = 12,
    pictures: Sequence[np.ndarray] | None = None,
    file_format: str | None = None,
) -> Path:
    """Writes numbered frames (or ``pictures``) at ``times_s``, and ``audio`` [1, n], 44.1 kHz, from ``audio_at_s``."""
    with av.open(str(path), "w", format=file_format) as container:
        stream = container.add_stream(codec, rate=25, options=options or {})
        stream.width, stream.height = size
        stream.pix_fmt = "yuv420p"
        stream.codec_context.time_base = TIME_BASE
        stream.codec_context.gop_size = gop
        sound = container.add_stream("aac", rate=44_100, layout="mono") if audio is not None else None
        for number, time_s in enumerate(times_s):
            rgb = numbered(number, *size) if pictures is None else pictures[number]
            frame = av.VideoFrame.from_ndarray(rgb, format="rgb24")
            frame.pts, frame.time_base = round(time_s / TIME_BASE), TIME_BASE
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
        if sound is not None:
            block = av.AudioFrame.from_ndarray(audio, format="fltp", layout="mono")
            block.sample_rate = 44_100
            block.pts, block.time_base = round(audio_at_s * 44_100), Fraction(1, 44_100)
            container.mux(sound.encode(block))
            container.mux(sound.encode(None))
    return path


def steady(n: int, fps: float = 25.0, start_s: float = 0.0) -> list[float]:
    return [start_s + i / fps for i in range(n)]


def ffmpeg(*arguments: str | Path) -> None:
    """Runs the ffmpeg that the wheel imageio-ffmpeg carries; fails loudly."""
    import imageio_ffmpeg

    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-y", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
