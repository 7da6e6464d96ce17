"""Opening a container without letting it open anything else, and reading its facts. Runs in the child.

A film may be a playlist in disguise that names other files or the network. So only the ``file`` protocol is
allowed, and only demuxers of real media: playlists, concatenations, image sequences and scripts are refused by
FFmpeg itself, before a byte of what they name is read.
"""

from __future__ import annotations

import errno
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import av
import av.container
import av.error

from vidcomp.errors import MediaError

DEMUXERS = [
    "mov",
    "matroska",
    "avi",
    "mpegts",
    "mpeg",
    "mpegvideo",
    "m4v",
    "flv",
    "live_flv",
    "asf",
    "ogg",
    "rm",
    "nut",
    "ivf",
    "obu",
    "av1",
    "h263",
    "h264",
    "hevc",
    "vvc",
    "vc1",
    "dv",
    "gxf",
    "mxf",
    "mxf_opatom",
    "wtv",
    "roq",
    "swf",
    "gif",
    "apng",
    "y4m",
    "yuv4mpegpipe",
    "wav",
    "w64",
    "aiff",
    "au",
    "caf",
    "flac",
    "mp3",
    "aac",
    "ac3",
    "eac3",
    "dts",
    "amr",
    "opus",
    "tta",
    "wv",
    "ape",
]
HDR_TRANSFERS = {16: "PQ", 18: "HLG"}


def open_container(path: str) -> av.container.InputContainer:
    """The open container. Raises MediaError in one line for what is not a film."""
    options = {"protocol_whitelist": "file", "format_whitelist": ",".join(_demuxer_names())}
    try:
        return av.open(f"file:{path}", options=options, metadata_errors="replace")
    except av.error.FFmpegError as error:
        reason = "it is empty" if Path(path).stat().st_size == 0 else _reason(error)
        raise MediaError(f"cannot read {Path(path).name}: {reason}", "give a video or audio file") from error


def _reason(error: av.error.FFmpegError) -> str:
    if isinstance(error, av.error.InvalidDataError):
        return "it is not a film, or it is cut off before its index"
    return (error.strerror or str(error)).lower()


def _demuxer_names() -> list[str]:
    """The allowed demuxers by every name that FFmpeg knows them under (it wants each comma-joined part)."""
    names = []
    for name in sorted(av.formats_available):
        if any(part in DEMUXERS for part in name.split(",")):
            names.append(name)
    return names


def reraise_unless_damage(error: av.error.FFmpegError) -> None:
    """Bad data in a film is survived; running out of memory is not, or it would look like damage."""
    if error.errno == errno.ENOMEM:
        raise error


def video_stream(container: av.container.InputContainer):
    """The stream of moving pictures, or None: cover art of a song is not a film."""
    films = [s for s in container.streams.video if not s.disposition & av.stream.Disposition.attached_pic]
    return next(filter(decodable, films), None)


def audio_stream(container: av.container.InputContainer):
    return next(filter(decodable, container.streams.audio), None)


def decodable(stream) -> bool:
    """Whether FFmpeg has a decoder for it at all."""
    return stream.codec_context is not None


def start_time(container: av.container.InputContainer) -> Fraction:
    """The container's start in its own clock, seconds."""
    return Fraction(container.start_time or 0, av.time_base)


def facts(path: str, beat: Callable[[float], None]) -> dict:
    """What :class:`vidcomp.types.Video` needs, and warnings. Counts packets only where no duration is written."""
    with open_container(path) as container:
        video, audio = video_stream(container), audio_stream(container)
        if video is None and audio is None:
            raise MediaError(f"cannot read {Path(path).name}: it has no pictures or sound to be decoded", "give a film")
        out = {
            "start_s": float(start_time(container)),
            "duration_s": _written_duration(container, video, audio),
            "fps": 0.0,
            "n_frames": None,
            "width_px": 0,
            "height_px": 0,
            "rotation_deg": 0,
            "video_codec": None,
            "audio_codec": audio.codec_context.name if audio is not None else None,
            "warnings": [
                f"a stream of {kind} is left out: there is no decoder for it"
                for kind, streams in (("pictures", container.streams.video), ("sound", container.streams.audio))
                if not all(map(decodable, streams))
            ],
        }
        if video is not None:
            _add_video(out, container, video, Path(path).name)
    if out["duration_s"] is None:
        out["duration_s"] = _counted_duration(path, out["fps"], beat)
    return out


def _add_video(out: dict, container, video, name: str) -> None:
    fps = float(video.average_rate or video.guessed_rate or 0)
    first = _first_frame(container, video)
    if first is None:
        if out["audio_codec"] is None:
            raise MediaError(f"cannot read {name}: none of its pictures can be decoded", "is the file whole?")
        out["warnings"].append("none of its pictures can be decoded: only its sound is used")
        return
    # The display matrix turns clockwise for positive angles in FFmpeg's words; PyAV's `rotation` counts the other way.
    rotation = round(first.rotation / 90) * 90 % 360
    width, height = (first.height, first.width) if rotation in (90, 270) else (first.width, first.height)
    out.update(
        fps=fps, n_frames=video.frames or None, width_px=width, height_px=height, rotation_deg=rotation,
        video_codec=video.codec_context.name,
    )  # fmt: skip
    transfer = HDR_TRANSFERS.get(int(first.color_trc))
    if transfer:
        out["warnings"].append(f"the film is HDR ({transfer}); its colours are not tone-mapped and look washed out")


def _first_frame(container, video):
    for packet in container.demux(video):
        try:
            for frame in packet.decode():
                return frame
        except av.error.FFmpegError as error:
            reraise_unless_damage(error)
    return None


def _written_duration(container, video, audio) -> float | None:
    if container.duration and container.duration > 0:
        # Matroska writes the time of its end, counted from 0 and not from its start.
        late = container.start_time or 0 if "matroska" in container.format.name else 0
        return (container.duration - late) / av.time_base
    ends = [float(s.duration * s.time_base) for s in (video, audio) if s is not None and s.duration]
    return max(ends, default=None)


def _counted_duration(path: str, fps: float, beat: Callable[[float], None]) -> float:
    """The end of the last packet; a raw stream without times lasts as long as its packets at its rate."""
    end_s, n_video = 0.0, 0
    with open_container(path) as container:
        start = float(start_time(container))
        for packet in container.demux():
            beat(end_s)
            n_video += packet.stream.type == "video" and packet.size > 0
            if packet.pts is not None and packet.time_base:
                end_s = max(end_s, float((packet.pts + (packet.duration or 0)) * packet.time_base) - start)
    return end_s if end_s > 0 else (n_video / fps if fps else 0.0)
