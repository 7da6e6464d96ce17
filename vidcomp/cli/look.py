"""The commands that show what one stage makes of one film: ``segment``, ``select``, ``transcribe``, ``read``."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any

import typer

from vidcomp.cli import app
from vidcomp.cli.session import Session, with_session

if TYPE_CHECKING:
    from vidcomp.pipeline import Film

FilmPath = Annotated[str, typer.Argument(metavar="FILM", show_default=False)]
EMPTY = {
    "no_speech": "nobody speaks in this film",
    "no_audio": "this film has no sound",
    "no_text": "nothing is written in this film's pictures",
    "no_video": "this film has no pictures",
}


@app.command()
@with_session
def segment(session: Session, film: FilmPath) -> int:
    """The shots of a film."""
    from vidcomp.cli import render
    from vidcomp.documents import ShotsDocument

    return _show(session, film, lambda film: (ShotsDocument, {"shots": film.shots}), render.shots)


@app.command()
@with_session
def select(
    session: Session,
    film: FilmPath,
    question: Annotated[str, typer.Argument(metavar="QUESTION", show_default=False)],
) -> int:
    """The clips and frames that a question chooses."""
    from vidcomp.cli import render
    from vidcomp.cli.ask import query_of
    from vidcomp.documents import PlanDocument

    query = query_of(question, [])

    def look(film: Film):
        plan = film.plan(query)
        return PlanDocument, {"question": query.text, "scorer": film.scores(query).scorer, "plan": plan}

    return _show(session, film, look, render.plan)


@app.command()
@with_session
def transcribe(
    session: Session,
    film: FilmPath,
    speech: Annotated[bool, typer.Option("--speech", help="Listen even where there are subtitles.")] = False,
    srt: Annotated[bool, typer.Option("--srt", help="Print as SubRip subtitles.")] = False,
) -> int:
    """What is said in a film: its subtitles where it has any, else its speech, with times."""
    from vidcomp.cli import render
    from vidcomp.errors import ConfigError

    def look(film: Film):
        source, transcript = "subtitles", None if speech else film.subtitles
        if not (transcript and transcript.spans):
            source, transcript = "speech", film.speech
        if transcript is None:
            raise ConfigError("this pipeline has asr off", "--set asr=faster_whisper")
        return _transcript(source, transcript)

    return _show(session, film, look, render.srt if srt else render.transcript)


@app.command()
@with_session
def read(session: Session, film: FilmPath) -> int:
    """What is written in a film's pictures, with times."""
    from vidcomp.cli import render
    from vidcomp.errors import ConfigError

    def look(film: Film):
        if film.screen is None:
            raise ConfigError("this pipeline has ocr off", "--set ocr=rapidocr")
        return _transcript("screen", film.screen)

    return _show(session, film, look, render.transcript)


def _transcript(source: str, transcript):
    from vidcomp.documents import TranscriptDocument

    about = {"status": transcript.status, "language": transcript.language, "spans": transcript.spans}
    return TranscriptDocument, {"source": source, **about}


def _show(
    session: Session,
    path: str,
    look: Callable[[Film], tuple[type, dict[str, Any]]],
    text_of: Callable[[Any], str],
) -> int:
    """Prints the document whose class and own fields ``look`` gives for the film."""
    from vidcomp.cli.progress import showing
    from vidcomp.cli.session import say
    from vidcomp.documents import common, to_json

    with showing(session):
        film = session.film(path)
        kind, fields = look(film)
        document = kind(**fields, **common(film.video, session.pipeline, film.books))
    text = to_json(document, indent=2) if session.as_json else text_of(document)
    if text:
        say(text)
    for warning in document.warnings:
        session.remark(f"warning: {path}: {warning}")
    status = getattr(document, "status", "ok")
    if status != "ok":
        session.remark(EMPTY[status])
    return 0
