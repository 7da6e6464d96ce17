"""Films in, frames and sound out, all on one clock, all decoded in a child process that can be killed.

This file is the whole face of the package. Which library decodes is the ``decoder`` argument (``pyav``,
``torchcodec``, ``decord``); what comes out is the same.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from vidcomp.errors import DecodeStopped, MediaError, NotFound
from vidcomp.media import child
from vidcomp.types import Frame, Runtime, Sound, Video, Want

PROBE_DEADLINE_S = 60.0
SOUND_RATE_HZ = 16_000
SOUND_BLOCK_BYTES = 10 * SOUND_RATE_HZ * 2
SLOTS_BYTES = 64 * 2**20  # shared memory for frames on their way; the decoder waits when it is full
MAX_SLOTS = 64


@dataclass(frozen=True)
class Coverage:
    """How much of the film a pass really saw. ``complete`` False comes with one warning for each kind of loss."""

    last_s: float
    n_frames: int
    warnings: tuple[str, ...]

    @property
    def complete(self) -> bool:
        return not self.warnings


@dataclass(frozen=True)
class EmbeddedSubtitles:
    """A text subtitle stream: ``events`` of (start_s, end_s, ASS dialogue text)."""

    language: str | None
    events: tuple[tuple[float, float, str], ...]


def probe(path: str, fingerprint: str, runtime: Runtime) -> tuple[Video, tuple[str, ...]]:
    """The film's facts, and warnings about it. Raises MediaError for what is not a film."""
    with child.start({"op": "facts", "path": check_readable(path)}, runtime, PROBE_DEADLINE_S) as running:
        for _ in running.messages():
            pass
        facts = running.result
    warnings = tuple(facts.pop("warnings"))
    return Video(path=path, fingerprint=fingerprint, **facts), warnings


def scan(
    video: Video,
    wants: Sequence[Want],
    see: Callable[[int, float, np.ndarray], None],
    decoder: str,
    runtime: Runtime,
    progress: Callable[[float], None] = lambda at_s: None,
) -> Coverage:
    """One pass over the whole film: ``see(index of the want, time_s, rgb)`` for every frame that some want asks for.

    ``rgb`` is uint8 [height, width, 3], upright, valid during the call only. ``progress`` hears where the pass is.
    """
    job = {"op": "scan", "wants": [asdict(w) for w in wants], **_film(video, decoder)}
    slot_bytes = max(w.width_px * w.height_px * 3 for w in wants)
    with child.start(job, runtime, _deadline(video, runtime), slot_bytes, _slots(slot_bytes)) as running:
        for message, rgb in running.messages():
            see(message["want"], message["time_s"], rgb)
            progress(message["time_s"])
        result = running.result
    if result["n_frames"] == 0:
        # The probe has seen a picture, so the film is not at fault: decoders fail in odd ways when memory is short.
        raise DecodeStopped(
            f"no picture could be decoded within {runtime.memory_mb} MB",
            "raise decode_memory_mb if you trust this file",
        )
    return Coverage(result["last_s"], result["n_frames"], _losses(video, result))


def frames_at(
    video: Video, times_s: Sequence[float], size: tuple[int, int], decoder: str, runtime: Runtime
) -> Iterator[Frame]:
    """The frames on display at ``times_s`` (any order), scaled to ``size`` (width, height), in order of time.

    A frame that is on display at several of the times comes once. Only what is needed is decoded: the cost grows
    with the frames asked for and not with the film.
    """
    if not times_s:
        return
    job = {
        "op": "at", "times_s": sorted(times_s), "width_px": size[0], "height_px": size[1], **_film(video, decoder),
    }  # fmt: skip
    slot_bytes = size[0] * size[1] * 3
    last_s = -1.0
    with child.start(job, runtime, _deadline(video, runtime), slot_bytes, _slots(slot_bytes)) as running:
        for message, rgb in running.messages():
            if message["time_s"] != last_s:
                last_s = message["time_s"]
                yield Frame(last_s, rgb.copy())


def sound(video: Video, runtime: Runtime, lost: Callable[[str], None] = lambda loss: None) -> Iterator[Sound]:
    """The film's sound from 0 on, mono, 16 kHz, in blocks of 10 s without gaps; nothing where there is none.

    ``lost`` hears, at the end, of each kind of loss.
    """
    if not video.has_audio:
        return
    job = {"op": "sound", "path": check_readable(video.path), "rate_hz": SOUND_RATE_HZ}
    with child.start(job, runtime, _deadline(video, runtime), SOUND_BLOCK_BYTES, 4) as running:
        for message, samples in running.messages():
            yield Sound(message["start_s"], samples.astype(np.float32) / 32768.0, SOUND_RATE_HZ)
        if places := running.result["damage_s"]:
            lost(f"damaged sound at {len(places)} places between {min(places):.1f} s and {max(places):.1f} s")


def embedded_subtitles(video: Video, runtime: Runtime) -> list[EmbeddedSubtitles]:
    """The text subtitle streams inside the film that have any event."""
    with child.start(
        {"op": "subtitles", "path": check_readable(video.path)}, runtime, _deadline(video, runtime)
    ) as running:
        for _ in running.messages():
            pass
        streams = running.result["streams"]
    return [EmbeddedSubtitles(s["language"], tuple(map(tuple, s["events"]))) for s in streams]


def fit(video: Video, max_side_px: int) -> tuple[int, int]:
    """(width, height) with the film's shape and at most ``max_side_px`` a side; even, and never enlarged."""
    shrink = min(1.0, max_side_px / max(video.width_px, video.height_px))
    return tuple(max(2, round(side * shrink / 2) * 2) for side in (video.width_px, video.height_px))


def _film(video: Video, decoder: str) -> dict:
    facts = {n: getattr(video, n) for n in ("fps", "rotation_deg", "width_px", "height_px")}
    return {"path": check_readable(video.path), "decoder": decoder, "facts": facts}


def check_readable(path: str) -> str:
    """The absolute path of a regular file that can be read. Raises NotFound or MediaError."""
    file = Path(path)
    if "\0" in path or not file.exists():
        raise NotFound(f"no such file: {path}", "check the path")
    if not file.is_file():
        raise MediaError(f"not a file: {path}", "give a film, or a directory of films")
    if not os.access(file, os.R_OK):
        raise MediaError(f"cannot read {path}: permission denied", "check the file's permissions")
    return str(file.resolve())


def _deadline(video: Video, runtime: Runtime) -> float:
    """Four times the film's length is far slower than any useful decoder; two minutes for the smallest."""
    return runtime.deadline_s or 120.0 + 4.0 * video.duration_s


def _slots(slot_bytes: int) -> int:
    return max(2, min(MAX_SLOTS, SLOTS_BYTES // slot_bytes))


def _losses(video: Video, result: dict) -> tuple[str, ...]:
    losses = []
    if result["damage_s"]:
        first, last = min(result["damage_s"]), max(result["damage_s"])
        losses.append(f"damaged pictures at {len(result['damage_s'])} places between {first:.1f} s and {last:.1f} s")
    frame_s = 1 / video.fps if video.fps else 0.1
    # Where the container speaks of the pictures alone, it is believed; the whole film's length may be its sound's.
    claimed_s, slack_s = result["claimed_s"], 0.5 + 2 * frame_s
    if claimed_s is None:
        claimed_s, slack_s = video.duration_s, max(2.0, 0.05 * video.duration_s)
    if result["last_s"] + frame_s < claimed_s - slack_s:
        losses.append(f"the picture ends at {result['last_s'] + frame_s:.1f} s of {claimed_s:.1f} s")
    return tuple(losses)
