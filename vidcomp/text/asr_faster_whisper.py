"""Speech to text by faster-whisper: Whisper (Radford et al. 2022, arXiv:2212.04356) on CTranslate2."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from vidcomp import weights
from vidcomp.errors import ConfigError
from vidcomp.text._sentences import Heard
from vidcomp.text._speech import Guards, Segment, transcribe
from vidcomp.types import Model, Runtime, Sound, Transcript, Video

_MOST_TOKENS = 220  # for 30 s of sound, as in the reference; the other half of the decoder's memory is for context

if TYPE_CHECKING:
    from faster_whisper import WhisperModel


@dataclass(frozen=True)
class FasterWhisper:
    """What is said, one span for each sentence, with a time for each word.

    Only where voice activity detection finds a voice is anything transcribed (``vad`` off: everywhere, for singing).
    The decoding is greedy in temperature (beam search at 0), so that a rerun hears the same; where the official
    fallback would sample at higher temperatures, a clip on which the decoder loops is heard again without context,
    then in halves. What is left in doubt is dropped: more repetitive than ``max_compression`` times (deflate), less
    probable than ``min_logprob`` in the mean, more probably silence than ``max_no_speech`` and not quite sure, in a
    script that the language is not written in, or in less time than it takes to say.

    ``model`` is a name of :mod:`vidcomp.weights`, a directory, or ``org/name`` of the hub; ``language`` None: heard
    from each ten minutes. ``Transcript.language`` is that of most of the speech.
    """

    model: str = "whisper-base"
    language: str | None = None
    beam_size: int = 5
    vad: bool = True
    max_no_speech: float = 0.6
    min_logprob: float = -1.0
    max_compression: float = 2.4

    version: ClassVar[int] = 1

    def models(self, runtime: Runtime) -> tuple[Model, ...]:
        """The recogniser, and the voice activity detector that comes with the package."""
        from importlib.metadata import version

        heard = weights.identity(self.model, runtime, "asr")
        voice = Model("vad", "silero-vad-v6", f"faster-whisper {version('faster-whisper')}")
        return (replace(heard, dtype=_placement(runtime)[1]), *([voice] if self.vad else []))

    def __call__(self, video: Video, sound: Iterable[Sound], runtime: Runtime) -> Transcript:
        if not video.has_audio:
            return Transcript((), "no_audio")
        guards = Guards(self.max_no_speech, self.min_logprob, self.max_compression)
        return transcribe(video, sound, lambda: self._ear(runtime), guards, self.language, self.vad)

    def _ear(self, runtime: Runtime) -> _Ear:
        path = str(weights.locate(self.model, runtime, "asr").path)
        threads = runtime.threads or os.cpu_count() or 1
        device, dtype = _placement(runtime)
        model = _load(path, device, dtype, threads, fall_back=(runtime.device, runtime.dtype) == ("auto", "auto"))
        if self.language is not None and self.language not in model.supported_languages:
            known = ", ".join(sorted(model.supported_languages))
            raise ConfigError(f"{self.model} does not know the language {self.language!r}", f"it knows: {known}")
        return _Ear(model, self.beam_size)


@dataclass(frozen=True)
class _Ear:
    model: WhisperModel
    beam_size: int

    def language(self, speech: np.ndarray) -> tuple[str, float]:
        if not self.model.model.is_multilingual:
            return "en", 1.0
        return self.model.detect_language(speech)[:2]

    def hear(self, samples: np.ndarray, language: str, context: str) -> list[Segment]:
        found, _ = self.model.transcribe(
            samples,
            language=language,
            beam_size=self.beam_size,
            temperature=0.0,
            max_new_tokens=_MOST_TOKENS,
            initial_prompt=context or None,
            word_timestamps=True,
            compression_ratio_threshold=None,
            log_prob_threshold=None,
            no_speech_threshold=None,
        )
        return [
            Segment(
                tuple(Heard(word.start, word.end, word.word, word.probability) for word in piece.words or ()),
                piece.no_speech_prob,
                piece.avg_logprob,
                piece.compression_ratio,
            )
            for piece in found
        ]


def _placement(runtime: Runtime) -> tuple[str, str]:
    """The device and CTranslate2's compute type."""
    import ctranslate2

    device = runtime.device
    if device == "auto" and ctranslate2.get_cuda_device_count() > 0:
        device = "cuda"
    elif not device.startswith("cuda"):  # CTranslate2 knows no other accelerator
        device = "cpu"
    if runtime.dtype != "auto":
        return device, runtime.dtype
    return device, "float16" if device.startswith("cuda") else "int8"


@lru_cache(maxsize=1)
def _load(path: str, device: str, dtype: str, threads: int, fall_back: bool) -> WhisperModel:
    """The model, kept while the same is asked for. ``fall_back``: to the processors where CUDA's libraries are amiss.

    CTranslate2 loads those libraries with the first computation, so one is made here.
    """
    from faster_whisper import WhisperModel

    kind, _, index = device.partition(":")
    try:
        model = WhisperModel(path, kind, int(index or 0), dtype, cpu_threads=threads, local_files_only=True)
        if kind == "cuda":
            model.encode(model.feature_extractor(np.zeros(16_000, np.float32)))
    except (RuntimeError, ValueError) as problem:
        if kind == "cuda" and fall_back:
            return _load(path, "cpu", "int8", threads, False)
        raise ConfigError(
            f"speech recognition cannot run on {device} in {dtype}: {problem}",
            "try --device cpu, and dtype auto in the settings",
        ) from problem
    return model
