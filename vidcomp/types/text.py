"""What is said, written and shown in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from vidcomp.types._check import check, check_interval

TextKind = Literal["subtitle", "asr", "ocr"]


@dataclass(frozen=True)
class Word:
    start_s: float
    end_s: float
    text: str

    def __post_init__(self) -> None:
        check_interval(self.start_s, self.end_s)


@dataclass(frozen=True)
class TextSpan:
    """Words that are heard (``asr``), shown (``ocr``) or written beside the film (``subtitle``) in an interval.

    ``score`` is in [0, 1]: a recogniser's confidence, or, after retrieval, how well the span matches the question.
    ``words`` carries word times where the source knows them.
    """

    start_s: float
    end_s: float
    text: str
    source: TextKind
    score: float
    words: tuple[Word, ...] = ()

    def __post_init__(self) -> None:
        check_interval(self.start_s, self.end_s)
        check(0 <= self.score <= 1, f"score must lie in [0, 1], not {self.score}")


@dataclass(frozen=True)
class Transcript:
    """What one text source found. ``status`` tells an empty result apart from a source that is not there.

    ``ok``: spans were found; ``no_speech``: there is sound, but nobody speaks; ``no_audio``: no sound at all;
    ``no_text``: the pictures were read, and nothing is written; ``no_video``: there are no pictures; ``no_subtitles``.
    """

    spans: tuple[TextSpan, ...]
    status: Literal["ok", "no_speech", "no_audio", "no_text", "no_video", "no_subtitles"]
    language: str | None = None

    def __post_init__(self) -> None:
        check(bool(self.spans) == (self.status == "ok"), f"status {self.status!r} with {len(self.spans)} spans")


@dataclass(frozen=True)
class TextEvidence:
    """The spans that a question retrieved, in order of time, best scores and all.

    ``n_tokens`` counts them as :func:`vidcomp.text.documents.count_tokens` does.
    """

    spans: tuple[TextSpan, ...]
    n_tokens: int

    def __post_init__(self) -> None:
        starts = [span.start_s for span in self.spans]
        check(starts == sorted(starts), "evidence is in order of time")


@dataclass(frozen=True, eq=False)
class Documents:
    """What the film says, cut into the units that are searched: ``spans`` in order of time, ``vectors`` float32
    [len(spans), d], unit length, or None where no embedder was asked for."""

    spans: tuple[TextSpan, ...]
    vectors: np.ndarray | None = None

    def __post_init__(self) -> None:
        check(self.vectors is None or len(self.vectors) == len(self.spans), "one vector for each document")


@dataclass(frozen=True)
class Chapter:
    """A stretch of the film that hangs together; ``text`` quotes what stands for it, ``title`` is its shortest form."""

    start_s: float
    end_s: float
    title: str
    quotes: tuple[TextSpan, ...] = ()

    def __post_init__(self) -> None:
        check_interval(self.start_s, self.end_s)
