"""What is going on, on stderr: a live line on a terminal, nothing in a pipe, a line a stage when verbose."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vidcomp.cli.session import Session

DOING = {
    "probe": "looking at the file",
    "segment": "finding shots",
    "sketch": "looking through the film",
    "subtitles": "looking for subtitles",
    "asr": "listening",
    "ocr": "reading the screen",
    "index": "indexing what is said and written",
    "retrieve": "retrieving",
    "score": "scoring",
    "select": "choosing frames",
    "answer": "answering",
    "summarize": "summarizing",
}


@contextmanager
def showing(session: Session) -> Iterator[None]:
    """While it lasts, ``session.report`` is shown in the manner that suits stderr."""
    if session.verbose:
        told: list[str] = []

        def tell(stage: str, fraction: float | None) -> None:
            if fraction is None or told[-1:] != [stage]:
                told.append(stage)
                print(f"{DOING.get(stage, stage)} ...", file=sys.stderr)

        session.report = tell
        yield
    elif session.quiet or not sys.stderr.isatty():
        yield
    else:
        from rich.console import Console
        from rich.live import Live
        from rich.spinner import Spinner

        line = Spinner("dots", "starting")
        # Not `console.status`: it would send what is printed on stdout to this console, which is stderr.
        console = Console(stderr=True)
        with Live(line, console=console, transient=True, redirect_stdout=False, redirect_stderr=False):

            def show(stage: str, fraction: float | None) -> None:
                share = "" if fraction is None else f" {min(fraction, 1.0):.0%}"
                line.update(text=f"{DOING.get(stage, stage)}{share}")

            session.report = show
            yield
