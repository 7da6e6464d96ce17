"""The question, what answers it, and where things run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from vidcomp.types._check import check, check_interval

EvidenceKind = Literal["clip", "asr", "ocr", "detection", "subtitle"]


@dataclass(frozen=True)
class Query:
    """A question, and the options where it is multiple choice."""

    text: str
    choices: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        check(bool(self.text.strip()), "a question must not be empty")
        check(all(map(_encodable, (self.text, *self.choices))), "a question must be valid Unicode")
        check(len(self.choices) != 1, "a choice needs at least two options")
        check(len(set(self.choices)) == len(self.choices), "options must differ")


@dataclass(frozen=True)
class Evidence:
    """One thing that the answer can be checked against: a clip to watch, or words to hear or read there."""

    start_s: float
    end_s: float
    kind: EvidenceKind
    text: str | None = None
    score: float | None = None

    def __post_init__(self) -> None:
        check_interval(self.start_s, self.end_s)


@dataclass(frozen=True)
class Model:
    """A model that took part: ``revision`` is a commit, a package version, or None where nobody can say."""

    role: str
    id: str
    revision: str | None = None
    dtype: str | None = None


@dataclass(frozen=True)
class Tokens:
    """Visual tokens: of all chosen frames (``full``), given to the LLM, and left at each layer. None: not known."""

    full: int | None
    before_llm: int | None
    by_layer: tuple[int, ...] = ()


@dataclass(frozen=True)
class Reply:
    """What an answerer says. ``choice`` indexes the query's options. ``supported`` False: nothing found to go by."""

    text: str
    evidence: tuple[Evidence, ...] = ()
    choice: int | None = None
    confidence: float | None = None
    supported: bool = True
    tokens: Tokens = Tokens(0, 0)
    models: tuple[Model, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Runtime:
    """Where things run, never what they compute: so it stays out of every cache key.

    ``weights`` maps a model's name to a local path that is to be used for it; ``threads`` 0 means all processors;
    ``deadline_s`` bounds one decode (0: by the film's length); ``memory_mb`` bounds the decoder's own memory;
    ``secrets`` (an endpoint's key) never reaches a key, a log or a result.
    """

    device: str = "auto"
    dtype: str = "auto"
    weights: Mapping[str, str] = field(default_factory=dict)
    offline: bool = False
    threads: int = 0
    deadline_s: float = 0.0
    memory_mb: int = 4096
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)


def _encodable(text: str) -> bool:
    """False for the lone surrogates that stand for bytes which were no text."""
    return not any("\ud800" <= c <= "\udfff" for c in text)
