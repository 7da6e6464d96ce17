"""What every recogniser shares: sound cut into windows, the stretches in which somebody speaks, doubt about the rest.

Memory holds one window of sound, however long the film is.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import numpy as np

from vidcomp.text._clean import comparable
from vidcomp.text._sentences import Heard, compression, script_fits, sentences
from vidcomp.types import Sound, Transcript, Video

RATE_HZ = 16_000
WINDOW_S = 600.0
_TAIL_S = 60.0  # a window is cut somewhere in this last part of it
_CLIP_S = 30.0  # what Whisper hears at once
_JOIN_S = 2.0  # stretches closer than this are heard together
_SHORTEST_S = 8.0  # a clip that a recogniser loops on is halved, but not below this
_UNSURE = -0.7  # mean log probability at which a likely silence is not believed to be speech
_FASTEST = 40.0  # letters a second, twice what a fast talker manages; counted from 20 letters on
_CONTEXT_CHARS = 200  # of what was just heard, given as context

Stretch = tuple[int, int]  # samples from the window's start


class Segment(NamedTuple):
    """A piece of a recogniser's reply: its words, and the three figures by which it judges itself.

    ``compression`` is that of all that was heard with it, so one loop makes its neighbours doubtful too.
    """

    words: tuple[Heard, ...]
    no_speech: float
    logprob: float
    compression: float


class Ear(Protocol):
    """A loaded recogniser."""

    def language(self, speech: np.ndarray) -> tuple[str, float]:
        """The language of up to 30 s of speech, and how sure that is."""

    def hear(self, samples: np.ndarray, language: str, context: str) -> list[Segment]:
        """What is said in ``samples``, word times in seconds from their start; ``context`` is what was said before."""


@dataclass(frozen=True)
class Guards:
    """When a segment is not believed: see the fields of the same names of the recognisers."""

    max_no_speech: float
    min_logprob: float
    max_compression: float

    def loops(self, segments: list[Segment]) -> bool:
        return any(segment.compression > self.max_compression for segment in segments)

    def believe(self, segment: Segment, language: str) -> bool:
        text = "".join(word.text for word in segment.words)
        silent = segment.no_speech > self.max_no_speech and segment.logprob < _UNSURE
        poor = segment.logprob < self.min_logprob or compression(text) > self.max_compression
        return not (silent or poor or self._rushed(segment, text)) and script_fits(text, language)

    def _rushed(self, segment: Segment, text: str) -> bool:
        """Whether the words have no time to be spoken: repeated from the context over the end of a breath."""
        letters = len(comparable(text))
        return letters >= 20 and letters > _FASTEST * (segment.words[-1].end_s - segment.words[0].start_s)


def transcribe(
    video: Video, sound: Iterable[Sound], ear: Callable[[], Ear], guards: Guards, language: str | None, vad: bool
) -> Transcript:
    """The sentences spoken in ``sound``; ``ear`` is asked for once somebody is found to speak, and never otherwise."""
    find = speech_stretches if vad else _everything
    words: list[Heard] = []
    spoken: Counter[str] = Counter()
    for window in windows(sound, find):
        stretches = find(window.samples)
        if not stretches:
            continue
        tongue = language or _language(ear(), window.samples, stretches, spoken)
        heard = _hear(ear(), window, stretches, tongue, guards)
        if heard:
            spoken[tongue] += sum(end - begin for begin, end in stretches)
            words += heard
    spans = tuple(sentences(words, video.duration_s))
    return Transcript(spans, "ok" if spans else "no_speech", spoken.most_common(1)[0][0] if spans else None)


def speech_stretches(samples: np.ndarray) -> list[Stretch]:
    """Where somebody speaks, by Silero's voice activity detection, in order, none longer than 30 s."""
    from faster_whisper.vad import VadOptions, get_speech_timestamps

    options = VadOptions(
        min_speech_duration_ms=200, min_silence_duration_ms=500, speech_pad_ms=200, max_speech_duration_s=_CLIP_S
    )
    return [(found["start"], found["end"]) for found in get_speech_timestamps(samples, options)]


def windows(sound: Iterable[Sound], find: Callable[[np.ndarray], list[Stretch]]) -> Iterator[Sound]:
    """``sound`` in pieces of at most ten minutes, each cut in the longest silence of its last minute."""
    size, tail = round(WINDOW_S * RATE_HZ), round(_TAIL_S * RATE_HZ)
    blocks: list[np.ndarray] = []
    start_s = None
    for block in sound:
        if block.rate_hz != RATE_HZ:
            raise ValueError(f"sound must have {RATE_HZ} samples a second, not {block.rate_hz}")
        start_s = block.start_s if start_s is None else start_s
        blocks.append(block.samples)
        while sum(map(len, blocks)) > size:
            samples = np.concatenate(blocks)
            cut = size - tail + _pause(samples[size - tail : size], find)
            yield Sound(start_s, samples[:cut])
            start_s += cut / RATE_HZ
            blocks = [samples[cut:]]
    if start_s is not None:
        yield Sound(start_s, np.concatenate(blocks))


def clips(samples: np.ndarray, stretches: list[Stretch]) -> list[Stretch]:
    """``stretches`` gathered into clips of at most 30 s: what lies close together is understood better together."""
    limit = round(_CLIP_S * RATE_HZ)
    gathered: list[Stretch] = []
    for begin, end in stretches:
        while end - begin > limit:
            cut = begin + limit // 2 + quietest(samples[begin + limit // 2 : begin + limit])
            gathered.append((begin, cut))
            begin = cut
        last = gathered[-1] if gathered else None
        if last and end - last[0] <= limit and begin - last[1] <= _JOIN_S * RATE_HZ:
            gathered[-1] = (last[0], end)
        else:
            gathered.append((begin, end))
    return gathered


def quietest(samples: np.ndarray) -> int:
    """The middle of the quietest tenth of a second, as an index into ``samples``, which are at least that long."""
    width = RATE_HZ // 10
    n = len(samples) // width
    energy = np.square(samples[: n * width]).reshape(n, width).sum(axis=1)
    return int(energy.argmin()) * width + width // 2


def _everything(samples: np.ndarray) -> list[Stretch]:
    return [(0, len(samples))] if len(samples) else []


def _pause(tail: np.ndarray, find: Callable[[np.ndarray], list[Stretch]]) -> int:
    """Where to cut ``tail``: in the middle of its longest silence, or where it is quietest if there is none."""
    edges = [0, *(edge for stretch in find(tail) for edge in stretch), len(tail)]
    silences = list(zip(edges[::2], edges[1::2], strict=True))
    begin, end = max(silences, key=lambda silence: silence[1] - silence[0])
    return (begin + end) // 2 if end > begin else quietest(tail)


def _language(ear: Ear, samples: np.ndarray, stretches: list[Stretch], spoken: Counter[str]) -> str:
    """What is spoken in a window: where a listener is not sure, what has been spoken most so far."""
    speech = np.concatenate([samples[begin:end] for begin, end in stretches])[: round(_CLIP_S * RATE_HZ)]
    language, sureness = ear.language(speech)
    return spoken.most_common(1)[0][0] if spoken and sureness < 0.5 else language


def _hear(ear: Ear, window: Sound, stretches: list[Stretch], language: str, guards: Guards) -> list[Heard]:
    """The words of a window that can be believed, on the film's clock."""
    words: list[Heard] = []
    todo = clips(window.samples, stretches)[::-1]
    while todo:
        begin, end = todo.pop()
        samples = window.samples[begin:end]
        context = "".join(word.text for word in words)[-_CONTEXT_CHARS:]
        segments = ear.hear(samples, language, context)
        if context and guards.loops(segments):  # a loop is often caught from what went before
            segments = ear.hear(samples, language, "")
        if guards.loops(segments):
            half = len(samples) // 2
            if half >= _SHORTEST_S * RATE_HZ:
                cut = begin + half // 2 + quietest(samples[half // 2 : half + half // 2])
                todo += [(cut, end), (begin, cut)]
            continue
        voice = [(a / RATE_HZ, b / RATE_HZ) for a, b in stretches if a < end and b > begin]
        believed = (word for segment in segments if guards.believe(segment, language) for word in segment.words)
        words += [_placed(word, begin / RATE_HZ, voice, window.start_s) for word in believed]
    return words


def _placed(word: Heard, offset_s: float, voice: list[tuple[float, float]], start_s: float) -> Heard:
    """``word`` on the film's clock, within the stretch of voice that it shares most with.

    Whisper lets a word before or after a pause last into it.
    """
    begin_s, end_s = word.start_s + offset_s, word.end_s + offset_s
    from_s, until_s = max(voice, key=lambda stretch: min(end_s, stretch[1]) - max(begin_s, stretch[0]))
    begin_s = min(max(begin_s, from_s), until_s)
    return word._replace(start_s=start_s + begin_s, end_s=start_s + max(begin_s, min(end_s, until_s)))
