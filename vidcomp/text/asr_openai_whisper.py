"""Speech to text by openai-whisper, the reference implementation (Radford et al. 2022, arXiv:2212.04356) on PyTorch."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from vidcomp import weights
from vidcomp._torch import device, threads
from vidcomp.errors import ConfigError, DependencyMissing, WeightsMissing
from vidcomp.text._sentences import Heard
from vidcomp.text._speech import Guards, Segment, transcribe
from vidcomp.types import Model, Runtime, Sound, Transcript, Video

if TYPE_CHECKING:
    from types import ModuleType

    from whisper import Whisper

_ALIASES = {"large": "large-v3", "turbo": "large-v3-turbo"}  # whose files are called otherwise


@dataclass(frozen=True)
class OpenaiWhisper:
    """What is said, as :class:`vidcomp.text.asr_faster_whisper.FasterWhisper` tells it, fields and guards included.

    ``model`` is a checkpoint file in the reference implementation's own format, or one of its own names (``base``,
    ``small``, ``turbo``, ...), which it has downloaded before or downloads itself unless offline. It is read as
    weights only. Voice activity detection is faster-whisper's.
    """

    model: str = "base"
    language: str | None = None
    beam_size: int = 5
    vad: bool = True
    max_no_speech: float = 0.6
    min_logprob: float = -1.0
    max_compression: float = 2.4

    version: ClassVar[int] = 1

    def models(self, runtime: Runtime) -> tuple[Model, ...]:
        """The recogniser (each release of the package pins the content of its names) and the voice detector."""
        from importlib.metadata import PackageNotFoundError, version

        voice = Model("vad", "silero-vad-v6", f"faster-whisper {version('faster-whisper')}")
        try:
            heard = Model("asr", f"openai/whisper-{self.model}", f"openai-whisper {version('openai-whisper')}")
        except PackageNotFoundError:
            raise _not_installed() from None
        if self._is_file(runtime):
            heard = weights.identity(self.model, runtime, "asr")
        dtype = None if runtime.dtype == "auto" else runtime.dtype
        return (replace(heard, dtype=dtype), *([voice] if self.vad else []))

    def __call__(self, video: Video, sound: Iterable[Sound], runtime: Runtime) -> Transcript:
        if not video.has_audio:
            return Transcript((), "no_audio")
        guards = Guards(self.max_no_speech, self.min_logprob, self.max_compression)
        return transcribe(video, sound, lambda: self._ear(runtime), guards, self.language, self.vad)

    def _is_file(self, runtime: Runtime) -> bool:
        return self.model in runtime.weights or Path(self.model).expanduser().is_file()

    def _ear(self, runtime: Runtime) -> _Ear:
        whisper = _package()
        given = self._is_file(runtime)
        checkpoint = str(weights.locate(self.model, runtime, "asr").path) if given else self._name(whisper, runtime)
        model = _load(checkpoint, _device(runtime))
        languages = whisper.tokenizer.LANGUAGES if model.is_multilingual else ["en"]
        if self.language is not None and self.language not in languages:
            known = ", ".join(sorted(languages))
            raise ConfigError(f"{self.model} does not know the language {self.language!r}", f"it knows: {known}")
        half = model.device.type == "cuda" and runtime.dtype in ("auto", "float16")
        return _Ear(model, self.beam_size, half, runtime.threads)

    def _name(self, whisper: ModuleType, runtime: Runtime) -> str:
        """The name, if the package has such a model and may fetch what is not there."""
        ways = f'give a checkpoint by --set asr.model=FILE or "{self.model}" = "FILE" under [weights] in vidcomp.toml'
        if self.model not in whisper.available_models():
            known = ", ".join(whisper.available_models())
            raise WeightsMissing(f"openai-whisper has no model called {self.model!r}", f"it has {known}; or {ways}")
        file = _cache() / f"{_ALIASES.get(self.model, self.model)}.pt"
        if runtime.offline and not file.is_file():
            raise WeightsMissing(f"{file} is not there, and vidcomp is offline", f"let it be fetched once; or {ways}")
        return self.model


@dataclass(frozen=True)
class _Ear:
    model: Whisper
    beam_size: int
    half: bool
    threads: int

    def language(self, speech: np.ndarray) -> tuple[str, float]:
        import whisper

        if not self.model.is_multilingual:
            return "en", 1.0
        mel = whisper.log_mel_spectrogram(whisper.pad_or_trim(speech), self.model.dims.n_mels).to(self.model.device)
        with threads(self.threads):
            _, probabilities = self.model.detect_language(mel)
        return max(probabilities.items(), key=lambda item: item[1])

    def hear(self, samples: np.ndarray, language: str, context: str) -> list[Segment]:
        with threads(self.threads):
            found: dict[str, Any] = self.model.transcribe(
                samples,
                language=language,
                beam_size=self.beam_size,
                temperature=0.0,
                initial_prompt=context or None,
                word_timestamps=True,
                fp16=self.half,
                compression_ratio_threshold=None,
                logprob_threshold=None,
                no_speech_threshold=None,
            )
        return [
            Segment(
                tuple(Heard(word["start"], word["end"], word["word"], word["probability"]) for word in piece["words"]),
                piece["no_speech_prob"],
                piece["avg_logprob"],
                piece["compression_ratio"],
            )
            for piece in found["segments"]
        ]


def _package() -> ModuleType:
    try:
        import whisper
    except ImportError:
        raise _not_installed() from None
    return whisper


def _not_installed() -> DependencyMissing:
    return DependencyMissing("openai-whisper is not installed", "pip install 'vidcomp[openai-whisper]'")


def _cache() -> Path:
    """Where the package keeps what it has downloaded (on Linux, its own default)."""
    import platformdirs

    return Path(platformdirs.user_cache_dir("whisper"))


def _device(runtime: Runtime) -> str:
    chosen = device(runtime.device)
    return chosen if chosen.startswith("cuda") else "cpu"  # word times need sparse tensors


@lru_cache(maxsize=1)
def _load(checkpoint: str, device: str) -> Whisper:
    """The model, kept while the same is asked for. The package reads checkpoints with ``weights_only``."""
    import pickle

    import whisper

    try:
        return whisper.load_model(checkpoint, device, download_root=str(_cache()))
    except OSError as problem:
        message = f"openai-whisper could not fetch {checkpoint}: {problem}"
        raise WeightsMissing(message, "try again with a network, or give a checkpoint file") from problem
    except (RuntimeError, LookupError, TypeError, pickle.UnpicklingError) as problem:
        message = f"{checkpoint} cannot be loaded by openai-whisper: {str(problem).splitlines()[0]}"
        raise WeightsMissing(message, "give a checkpoint in its own format") from problem
