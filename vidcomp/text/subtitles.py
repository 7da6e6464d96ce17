"""What the film's makers or fans have written down: subtitle files beside the film, else streams inside it."""

from __future__ import annotations

import codecs
import html
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from vidcomp.errors import MediaError
from vidcomp.text._clean import clean, comparable
from vidcomp.types import Runtime, TextSpan, Transcript, Video

_SUFFIXES = (".srt", ".vtt", ".ass", ".ssa")
_MAX_BYTES = 32 * 2**20  # the longest film's subtitles are a hundredth of this
_SAME_CUE_S = 0.2  # a text that comes back within this has only been written as several cues

# A label between the film's name and the suffix: a language tag such as ``en`` or ``pt-BR``, or one of these words.
_TAG = re.compile(r"[a-z]{2,3}([-_][a-z0-9]{2,8})*")
_WORDS = ("sdh", "cc", "hi", "full", "default", "forced")  # "hi": for the hearing impaired
_ISO_639_2 = """
    ara:ar bul:bg ces:cs cze:cs chi:zh zho:zh dan:da deu:de ger:de dut:nl nld:nl ell:el gre:el eng:en est:et fas:fa
    per:fa fin:fi fra:fr fre:fr heb:he hin:hi hrv:hr hun:hu ind:id isl:is ice:is ita:it jpn:ja kor:ko lav:lv lit:lt
    nor:no pol:pl por:pt ron:ro rum:ro rus:ru slk:sk slo:sk slv:sl spa:es srp:sr swe:sv tha:th tur:tr ukr:uk vie:vi
"""
_TWO_LETTERS = dict(pair.split(":") for pair in _ISO_639_2.split())

# What subtitles were written in before UTF-8: Windows' encodings, by script.
_LEGACY = "cp1250 cp1251 cp1252 cp1253 cp1254 cp1255 cp1256 gb18030 big5 cp932 cp949"

# pysubs2 takes any line with two times in it for the beginning of a cue; WebVTT times single words like that.
_INLINE_TIME = re.compile(r"<[\d:.]+>")
_TAGS = re.compile(r"</?[a-zA-Z][^<>]*>")

Cue = tuple[float, float, str]


@dataclass(frozen=True)
class Subtitles:
    """The subtitles, one span for each cue, tags and positions taken out, what is not words left out.

    Files beside the film (``film.srt``, ``film.en.vtt``, ...; SubRip, WebVTT, SubStation) come before streams inside
    it. ``language`` (``en``) is preferred where there is a choice, not demanded; next comes what names no language,
    and forced subtitles, which translate foreign words only, come last. One file or stream is used, the first that
    says anything.
    """

    language: str | None = None

    version: ClassVar[int] = 1

    def sidecars(self, path: str) -> tuple[str, ...]:
        """The subtitle files beside the film, in the order in which they would be used."""
        film = Path(path)
        try:
            beside = sorted(f for f in film.parent.iterdir() if f.suffix.lower() in _SUFFIXES and f.is_file())
        except OSError:
            return ()
        labels = {file: label for file in beside if (label := _label(file, film)) is not None}
        return tuple(str(file) for file in sorted(labels, key=lambda file: self._rank(labels[file])))

    def __call__(self, video: Video, runtime: Runtime) -> Transcript:
        """Raises MediaError for a file beside the film that is no subtitles: it was put there to be used."""
        from vidcomp.media import embedded_subtitles

        for path in self.sidecars(video.path):
            file = Path(path)
            if spans := _spans(_read(file), video.duration_s):
                return Transcript(spans, "ok", _language(_label(file, Path(video.path)) or []))
        streams = [(_tags(stream.language), stream.events) for stream in embedded_subtitles(video, runtime)]
        for tags, events in sorted(streams, key=lambda stream: self._rank(stream[0])):
            if spans := _spans(events, video.duration_s):
                return Transcript(spans, "ok", _language(tags))
        return Transcript((), "no_subtitles")

    def _rank(self, label: list[str]) -> tuple[bool, bool, bool]:
        language = _language(label)
        wanted = self.language is not None and language == _language(_tags(self.language))
        return "forced" in label, not wanted, language is not None


def _label(file: Path, film: Path) -> list[str] | None:
    """The tags between the film's name and the suffix; None where the file belongs to another film."""
    if file.stem == film.stem:
        return []
    if not file.stem.startswith(f"{film.stem}."):
        return None
    tags = file.stem[len(film.stem) + 1 :].lower().split(".")
    return tags if all(_TAG.fullmatch(tag) or tag in _WORDS for tag in tags) else None


def _tags(language: str | None) -> list[str]:
    return [] if language in (None, "", "und") else [language.lower()]


def _language(label: list[str]) -> str | None:
    """The language that a label names, by its two-letter code where it has one; "hi" alone is Hindi."""
    named = next((re.split("[-_]", tag)[0] for tag in label if tag not in _WORDS), "hi" if label == ["hi"] else None)
    return _TWO_LETTERS.get(named, named) if named else None


def _read(file: Path) -> list[Cue]:
    import pysubs2

    try:
        if file.stat().st_size > _MAX_BYTES:
            raise _unreadable(file, f"it is larger than {_MAX_BYTES >> 20} MB")
        text = _decoded(file.read_bytes())
    except OSError as problem:
        raise _unreadable(file, problem.strerror or type(problem).__name__) from problem
    said = text.strip()
    if not said or (said.startswith("WEBVTT") and "-->" not in said):
        return []
    try:
        subtitles = pysubs2.SSAFile.from_string(_INLINE_TIME.sub("", text))
    except Exception as problem:  # each format's parser stumbles in its own way
        raise _unreadable(file, "it is in no subtitle format") from problem
    events = [event for event in subtitles if event.is_text]
    if subtitles.format == "vtt":  # an empty line ends a cue; what follows is the next one's name, or a note
        return [(event.start / 1000, event.end / 1000, re.split(r"\\N\s*\\N", event.text)[0]) for event in events]
    return [(event.start / 1000, event.end / 1000, event.text) for event in events]


def _unreadable(file: Path, why: str) -> MediaError:
    return MediaError(f"the subtitles {file} cannot be read: {why}", "mend or remove the file, or --set subtitles=off")


def _decoded(data: bytes) -> str:
    """By its byte order mark, else as UTF-8, else as the single-byte encoding that it looks like."""
    for mark, encoding in (
        (codecs.BOM_UTF8, "utf-8-sig"),
        (codecs.BOM_UTF16_LE, "utf-16"),
        (codecs.BOM_UTF16_BE, "utf-16"),
    ):
        if data.startswith(mark):
            return data.decode(encoding, "replace")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return _guessed(data)


def _guessed(data: bytes) -> str:
    """As what it most looks like, and as Western European where that is as good: it is the most frequent by far."""
    try:
        from charset_normalizer import from_bytes
    except ImportError:
        return data.decode("cp1252", "replace")
    guesses = from_bytes(data, cp_isolation=_LEGACY.split())
    best = guesses.best()
    if best is None:
        return data.decode("cp1252", "replace")
    rank = (best.chaos, -best.coherence)
    western = (g for g in guesses if g.encoding == "cp1252" and (g.chaos, -g.coherence) <= rank)
    return str(next(western, best))


def _spans(cues: Iterable[Cue], end_s: float) -> tuple[TextSpan, ...]:
    """One span for each cue that says something within the film, in order of time, continued cues as one."""
    spans: list[TextSpan] = []
    for start, end, raw in sorted(cues, key=lambda cue: cue[:2]):
        start_s, stop_s, text = max(0.0, start), min(end, end_s), _plain(raw)
        if not text or stop_s <= start_s:
            continue
        last = spans[-1] if spans else None
        if last and last.text == text and start_s - last.end_s <= _SAME_CUE_S:
            spans[-1] = TextSpan(last.start_s, max(last.end_s, stop_s), text, "subtitle", 1.0)
        else:
            spans.append(TextSpan(start_s, stop_s, text, "subtitle", 1.0))
    return tuple(spans)


def _plain(raw: str) -> str:
    """The words of a cue in one line; lines without a letter or digit, such as a lone note, are left out."""
    import pysubs2

    text = html.unescape(_TAGS.sub("", pysubs2.SSAEvent(text=raw).plaintext))
    return " ".join(line for line in map(clean, text.split("\n")) if comparable(line))
