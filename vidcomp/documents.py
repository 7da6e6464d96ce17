"""What the command line prints as JSON: one record for each kind of document, and the schema of them all.

The JSON Schema in docs/schema.json is generated from this file (``make docs``), and the tests hold every output
against it. Times are seconds on the film's clock. ``seconds`` and ``cache`` tell of this very run; everything else
is the same when the same is asked again.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import Any, Literal, Union

from vidcomp.config import Pipeline
from vidcomp.errors import VidcompError
from vidcomp.steps import Books
from vidcomp.types import Chapter, ClipPlan, Evidence, Model, Query, Reply, Shot, TextSpan, Tokens, Video

SCHEMA_VERSION = 1


@dataclass(frozen=True)
class VideoInfo:
    path: str
    fingerprint: str
    duration_s: float
    fps: float
    width: int
    height: int


@dataclass(frozen=True, kw_only=True)
class Document:
    """What every document about one film begins and ends with."""

    schema_version: Literal[1] = SCHEMA_VERSION
    video: VideoInfo
    pipeline: dict[str, Any]
    models: tuple[Model, ...]
    seconds: dict[str, float]
    cache: dict[str, Literal["hit", "miss"]]
    warnings: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class AnswerDocument(Document):
    """``choice`` indexes ``choices``; ``confidence`` in [0, 1] is the method's own measure; ``frames`` are times."""

    kind: Literal["answer"] = "answer"
    question: str
    choices: tuple[str, ...]
    answer: str
    choice: int | None
    confidence: float | None
    supported: bool
    evidence: tuple[Evidence, ...]
    frames: tuple[float, ...]
    tokens: Tokens
    notes: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class SummaryDocument(Document):
    kind: Literal["summary"] = "summary"
    chapters: tuple[Chapter, ...]


@dataclass(frozen=True, kw_only=True)
class ShotsDocument(Document):
    kind: Literal["shots"] = "shots"
    shots: tuple[Shot, ...]


@dataclass(frozen=True, kw_only=True)
class PlanDocument(Document):
    kind: Literal["plan"] = "plan"
    question: str
    scorer: str
    plan: ClipPlan


@dataclass(frozen=True, kw_only=True)
class TranscriptDocument(Document):
    """``status`` tells an empty transcript apart from a source that is not there (see types.Transcript)."""

    kind: Literal["transcript"] = "transcript"
    source: Literal["subtitles", "speech", "screen"]
    status: str
    language: str | None
    spans: tuple[TextSpan, ...]


@dataclass(frozen=True)
class ErrorInfo:
    type: str
    message: str
    hint: str
    exit_code: int


@dataclass(frozen=True, kw_only=True)
class ErrorDocument:
    """Stands in a ``--jsonl`` stream in the place of a film that failed."""

    kind: Literal["error"] = "error"
    schema_version: Literal[1] = SCHEMA_VERSION
    path: str
    question: str | None = None
    error: ErrorInfo


@dataclass(frozen=True, kw_only=True)
class ListDocument:
    """A table of the house itself: methods, models, cache entries, settings, or what the doctor found."""

    kind: Literal["methods", "models", "cache", "config", "doctor"]
    schema_version: Literal[1] = SCHEMA_VERSION
    items: tuple[dict[str, Any], ...]
    summary: dict[str, Any] = field(default_factory=dict)


AnyDocument = Union[
    AnswerDocument, SummaryDocument, ShotsDocument, PlanDocument, TranscriptDocument, ErrorDocument, ListDocument
]  # fmt: skip


def answer_document(video: Video, query: Query, reply: Reply, plan: ClipPlan, pipeline: Pipeline, books: Books):
    return AnswerDocument(
        question=query.text,
        choices=query.choices,
        answer=reply.text,
        choice=reply.choice,
        confidence=reply.confidence,
        supported=reply.supported,
        evidence=reply.evidence,
        frames=plan.frame_times_s,
        tokens=reply.tokens,
        notes=reply.notes,
        **common(video, pipeline, books),
    )


def common(video: Video, pipeline: Pipeline, books: Books) -> dict[str, Any]:
    """The fields of :class:`Document`."""
    return {
        "video": VideoInfo(
            shown(video.path), video.fingerprint, video.duration_s, video.fps, video.width_px, video.height_px
        ),
        "pipeline": {"name": pipeline.name, "stages": pipeline.describe()},
        "models": tuple(books.models),
        "seconds": dict(books.seconds),
        "cache": dict(books.cache),
        "warnings": tuple(books.warnings),
    }  # fmt: skip


def shown(path: str) -> str:
    """``path`` as JSON can say it: bytes of a name that are no text become replacement characters."""
    return os.fsencode(path).decode("utf-8", "replace")


def error_document(path: str, question: str | None, error: VidcompError) -> ErrorDocument:
    info = ErrorInfo(type(error).__name__, error.message, error.hint, error.exit_code)
    return ErrorDocument(path=shown(path), question=question, error=info)


def to_json(document: Any, indent: int | None = None) -> str:
    from pydantic import TypeAdapter

    return TypeAdapter(type(document)).dump_json(document, indent=indent).decode()


def from_plain(data: dict[str, Any]) -> Any:
    """The document that a line of JSON was made from. Raises ValueError where it is none."""
    from pydantic import TypeAdapter

    return TypeAdapter(AnyDocument).validate_python(data)


def json_schema() -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) that every output of ``--json`` and every line of ``--jsonl`` obeys."""
    from pydantic import TypeAdapter

    schema = TypeAdapter(AnyDocument).json_schema(mode="serialization")
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "vidcomp output", **schema}
