"""``vidcomp ask`` and ``vidcomp summarize``: one film or many."""

from __future__ import annotations

from typing import Annotated

import typer

from vidcomp.cli import app
from vidcomp.cli.session import Session, with_session

Jsonl = Annotated[bool, typer.Option("--jsonl", help="One JSON line for each film, as it finishes.")]


@app.command()
@with_session
def ask(
    session: Session,
    inputs: Annotated[
        list[str],
        typer.Argument(
            metavar="FILM|DIR|GLOB|-... QUESTION",
            help="Films, then the question. '-' reads paths, or JSON jobs with their own questions, from stdin.",
            show_default=False,
        ),
    ],
    choice: Annotated[
        list[str], typer.Option("--choice", "-c", help="An option of a multiple choice question; repeat it.")
    ] = (),
    as_jsonl: Jsonl = False,
) -> int:
    """Ask films a question; get the answer with its evidence."""
    from vidcomp.cli import render
    from vidcomp.cli.many import over_films
    from vidcomp.documents import answer_document
    from vidcomp.errors import ConfigError

    def work(job):
        if job.query is None:
            raise ConfigError(f"no question for {job.path}", "give one on the command line or in each job")
        film = session.film(job.path)
        reply = film.answer(job.query)
        return answer_document(film.video, job.query, reply, film.plan(job.query), session.pipeline, film.books)

    films, query = _split(inputs, choice)
    return over_films(session, "ask", films, query, work, render.answer, as_jsonl)


@app.command()
@with_session
def summarize(
    session: Session,
    inputs: Annotated[list[str], typer.Argument(metavar="FILM|DIR|GLOB|-...", show_default=False)],
    as_jsonl: Jsonl = False,
) -> int:
    """Chapters of films, each with what is said or written in it."""
    from vidcomp.cli import render
    from vidcomp.cli.many import over_films
    from vidcomp.documents import SummaryDocument, common

    def work(job):
        film = session.film(job.path)
        chapters = film.chapters()
        return SummaryDocument(chapters=chapters, **common(film.video, session.pipeline, film.books))

    return over_films(session, "summarize", inputs, None, work, render.summary, as_jsonl)


def _split(inputs: list[str], choices: list[str]):
    """(films, query): the last argument is the question, unless the only one is ``-``. Raises ConfigError."""
    import os

    from vidcomp.errors import ConfigError

    if inputs == ["-"]:
        if choices:
            raise ConfigError("options were given, but no question", "put both into each job, or ask a question here")
        return inputs, None
    *films, question = inputs
    if not films:
        what = "no question was asked" if os.path.exists(question) else "no film was named"
        raise ConfigError(what, 'write vidcomp ask FILM "question"')
    return films, query_of(question, choices)


def query_of(question: str, choices: list[str]):
    """The query. Raises ConfigError for an empty question, a lone or repeated option."""
    from vidcomp.errors import ConfigError
    from vidcomp.types import Query

    try:
        return Query(question, tuple(choices))
    except ValueError as error:
        raise ConfigError(str(error), 'write vidcomp ask FILM "question" -c "one option" -c "another"') from error
