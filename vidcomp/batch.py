"""Many films: which ones, in what order, which are done already, and how a bad one is kept from stopping the rest.

A manifest remembers each finished document, a line each, synced as it is written. A rerun gives the remembered
documents again in their places and does only what is missing or failed; so whatever killed a run, the output of the
next one is that of an uninterrupted run.
"""

from __future__ import annotations

import glob
import json
import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TextIO

from vidcomp.cache import Cache, key_of
from vidcomp.documents import ErrorDocument, error_document, from_plain, shown, to_json
from vidcomp.errors import ConfigError, NotFound, VidcompError
from vidcomp.types import Query

# Only for looking through directories: a file that is named is tried whatever its suffix.
SUFFIXES = frozenset(
    [
        ".3g2",
        ".3gp",
        ".asf",
        ".avi",
        ".flv",
        ".gif",
        ".h264",
        ".hevc",
        ".ivf",
        ".m2ts",
        ".m4v",
        ".mkv",
        ".mov",
        ".mp4",
        ".mpeg",
        ".mpg",
        ".mts",
        ".mxf",
        ".ogv",
        ".ts",
        ".vob",
        ".webm",
        ".wmv",
    ]
)


@dataclass(frozen=True)
class Job:
    """One film to be done; ``query`` None where the command asks nothing (summaries).

    ``problem`` is why what was named is no film at all: it fails in its place, and the others go on.
    """

    path: str
    query: Query | None
    problem: VidcompError | None = None


def films(inputs: Iterable[str], stdin: TextIO, query: Query | None) -> Iterator[Job]:
    """The jobs that ``inputs`` mean: files, directories (all films below them, in order), globs, and ``-``.

    Lines on ``stdin`` are paths, or JSON objects {"path", "question"?, "choices"?}.
    """
    for given in inputs:
        if given == "-":
            yield from _from_lines(stdin, query)
        elif os.path.isdir(given):
            found = sorted(_below(given))
            nothing = ConfigError(f"no films in {given}", f"known suffixes: {' '.join(sorted(SUFFIXES))}")
            yield from (Job(path, query) for path in found) if found else [Job(given, query, nothing)]
        elif not os.path.exists(given) and glob.has_magic(given):
            found = sorted(path for path in glob.glob(given, recursive=True) if os.path.isfile(path))
            nothing = NotFound(f"nothing matches {given}", "check the pattern")
            yield from (Job(path, query) for path in found) if found else [Job(given, query, nothing)]
        else:
            yield Job(given, query)


def _below(directory: str) -> Iterator[str]:
    for folder, folders, files in os.walk(directory):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in files:
            if Path(name).suffix.lower() in SUFFIXES and not name.startswith("."):
                yield os.path.join(folder, name)


def _from_lines(stdin: TextIO | None, query: Query | None) -> Iterator[Job]:
    if stdin is None:
        raise ConfigError("standard input is closed", "pipe paths or jobs into it")
    for number, raw in enumerate(stdin, start=1):
        line = raw.strip()
        if line.startswith("{"):
            yield _job(number, line, query)
        elif line:
            yield Job(line, query)


def _job(number: int, line: str, query: Query | None) -> Job:
    try:
        data = json.loads(line)
        if set(data) - {"path", "question", "choices"} or not isinstance(data.get("path"), str):
            raise ValueError("it needs a path, and may have question and choices")
        choices = data.get("choices", [])
        if not isinstance(choices, list) or not all(isinstance(choice, str) for choice in choices):
            raise ValueError("choices must be a list of texts")
        if not isinstance(data.get("question", ""), str):
            raise ValueError("question must be a text")
        return Job(data["path"], Query(data["question"], tuple(choices)) if "question" in data else query)
    except ValueError as error:
        problem = ConfigError(f"line {number} of standard input is no job: {error}", 'write {"path": "..."}')
        return Job(f"line {number} of standard input", query, problem)


class Manifest:
    """The finished documents of one command with one question and one pipeline, whatever films it was given."""

    def __init__(self, cache: Cache, command: str, **what: Any) -> None:
        self._cache = cache
        self._key = key_of("run", command=command, **what)
        self._done: dict[tuple[str, str, str], Any] = {}
        try:
            lines = cache.manifest(self._key).read_text(encoding="utf-8").splitlines() if cache.enabled else []
        except (FileNotFoundError, UnicodeDecodeError):
            lines = []
        for line in lines:
            try:
                data = json.loads(line)
                self._done[tuple(data["of"])] = from_plain(data["document"])
            except (ValueError, KeyError, TypeError):
                continue  # the line that was being written when a run was killed

    def find(self, job: Job, stamp: str) -> Any | None:
        """The document of a job whose ``stamp``, all that it was made from, is still the same; under today's path."""
        document = self._done.get(self._of(job, stamp))
        if document is None:
            return None
        return replace(document, video=replace(document.video, path=shown(job.path)))

    def add(self, job: Job, stamp: str, document: Any) -> None:
        of = self._of(job, stamp)
        line = json.dumps({"of": of, "document": json.loads(to_json(document))})
        with self._cache.manifest(self._key).open("ab") as file:
            # A run that was killed while writing may have left half a line: start on a fresh one.
            file.write(b"\n" + line.encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())
        self._done[of] = document

    @staticmethod
    def _of(job: Job, stamp: str) -> tuple[str, str, str]:
        query = "" if job.query is None else json.dumps([job.query.text, *job.query.choices])
        return os.path.abspath(job.path), stamp, query


@dataclass
class Tally:
    """How a batch went, for the closing line on stderr."""

    done: int = 0
    remembered: int = 0
    failed: int = 0


def run(
    jobs: Iterable[Job], do: Callable[[Job], Any], stamp: Callable[[str], str], manifest: Manifest, tally: Tally
) -> Iterator[tuple[Job, Any]]:
    """(job, document) for each job as it finishes; a film that fails yields an :class:`ErrorDocument`.

    ``stamp(path)`` names everything on disk that the document of that film is made from.
    """
    for job in jobs:
        try:
            if job.problem:
                raise job.problem
            made_from = stamp(job.path)
            document = manifest.find(job, made_from)
            if document is not None:
                tally.remembered += 1
            else:
                document = do(job)
                manifest.add(job, made_from, document)
            tally.done += 1
        except VidcompError as error:
            document: Any = error_document(job.path, job.query.text if job.query else None, error)
            tally.failed += 1
        yield job, document


def failed(document: Any) -> bool:
    return isinstance(document, ErrorDocument)
