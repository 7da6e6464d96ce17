"""What ``ask`` and ``summarize`` share: one film or many, as text, JSON or JSON lines."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from itertools import chain, islice
from typing import TYPE_CHECKING, Any

from vidcomp.cli.progress import showing
from vidcomp.cli.session import Session, say
from vidcomp.errors import ConfigError, one_line

if TYPE_CHECKING:
    from vidcomp.batch import Job
    from vidcomp.types import Query

SOME_FAILED = 3


def over_films(
    session: Session,
    command: str,
    inputs: list[str],
    query: Query | None,
    work: Callable[[Job], Any],
    text_of: Callable[[Any], str],
    as_jsonl: bool,
) -> int:
    """Does ``work`` on every film that ``inputs`` mean and prints each document; returns the exit code.

    A single film that fails is the command's failure, with its own exit code; of many, the others go on.
    """
    from vidcomp import batch

    if session.as_json and as_jsonl:
        raise ConfigError("--json and --jsonl exclude each other", "choose one")
    if sys.stdin is not None:
        sys.stdin.reconfigure(errors="surrogateescape")  # a path is bytes, and may be no text
    jobs = batch.films(inputs, sys.stdin, query)
    if not as_jsonl:
        first = list(islice(jobs, 2))
        if not first:
            raise ConfigError("no film was named", "give a film, a directory, a pattern, or - and paths on stdin")
        if len(first) == 1:
            return _one(session, first[0], work, text_of)
        if session.as_json:
            raise ConfigError("--json prints one document, and these are several films", "use --jsonl")
        jobs = chain(first, jobs)
    return _many(session, command, jobs, work, text_of, as_jsonl)


def _one(session: Session, job: Job, work: Callable[[Job], Any], text_of: Callable[[Any], str]) -> int:
    from vidcomp.documents import to_json

    if job.problem:
        raise job.problem
    with showing(session):
        document = work(job)
    say(to_json(document, indent=2) if session.as_json else text_of(document))
    _warn(session, document)
    return 0


def _many(
    session: Session,
    command: str,
    jobs: Iterator[Job],
    work: Callable[[Job], Any],
    text_of: Callable[[Any], str],
    as_jsonl: bool,
) -> int:
    from vidcomp import batch
    from vidcomp.documents import to_json

    def do(job: Job) -> Any:
        with showing(session):
            return work(job)

    what = {"pipeline": session.pipeline.describe(), "models": session.models(), "strict": session.strict}
    manifest = batch.Manifest(session.cache, command, **what)
    tally = batch.Tally()
    for job, document in batch.run(jobs, do, session.stamp, manifest, tally):
        failed = batch.failed(document)
        if as_jsonl:
            say(to_json(document))
        elif not failed:
            say(f"== {one_line(job.path)}\n{text_of(document)}\n")
        if failed:
            print(one_line(f"error: {document.path}: {document.error.message}"), file=sys.stderr)
            session.remark(f"hint: {document.error.hint}")
        else:
            _warn(session, document)
    earlier = f" ({tally.remembered} of them by an earlier run)" if tally.remembered else ""
    session.remark(f"{tally.done} done{earlier}, {tally.failed} failed")
    return SOME_FAILED if tally.failed else 0


def _warn(session: Session, document: Any) -> None:
    for warning in document.warnings:
        session.remark(f"warning: {document.video.path}: {warning}")
