"""How retrieval and the extractive answerer do on the development questions, whose fitted half set their numbers.

``python -m tests.answer.test_dev_questions`` prints it for both halves.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from vidcomp.answer.extractive import Extractive
from vidcomp.text.retrieve import Hybrid, Lexical
from vidcomp.types import ClipPlan, Query, Runtime, TextSpan, Video

RUNTIME = Runtime(offline=True, threads=1)
VIDEO = Video("film.mp4", "0" * 8, 140.0, 25.0, None, 0.0, 320, 240, 0, "h264", "aac")
NO_PLAN = ClipPlan((), "none")


@dataclass(frozen=True)
class Verdict:
    is_choice: bool
    answerable: bool
    supported: bool
    is_right: bool  # the first quote is one that answers, or the right option was chosen

    @property
    def decided_right(self) -> bool:
        return self.answerable == self.supported


@cache
def verdicts(with_model: bool, half: str) -> tuple[Verdict, ...]:
    data = json.loads(Path(__file__).with_name("dev_questions.json").read_text("utf-8"))
    return tuple(verdict for film in data["films"] if film["half"] == half for verdict in _of_film(film, with_model))


def _of_film(film: dict, with_model: bool) -> list[Verdict]:
    spans = [TextSpan(start_s, end_s, text, source, 1.0) for start_s, end_s, source, text in film["spans"]]
    retriever = Hybrid() if with_model else Lexical()
    method = Extractive() if with_model else Extractive(model=None)
    documents = retriever.index(spans, RUNTIME)
    found = []
    for item in film["questions"]:
        query = Query(item["question"], tuple(item.get("choices", ())))
        evidence = retriever(documents, query, RUNTIME)
        reply = method(VIDEO, query, iter(()), NO_PLAN, evidence, RUNTIME)
        right = [spans[i].text for i in item["spans"]]
        first = reply.evidence[0].text if reply.evidence else ""
        quoted_right = any(text in first for text in right)
        is_right = reply.choice == item["choice"] if query.choices else quoted_right
        found.append(Verdict(bool(query.choices), bool(right), reply.supported, is_right))
    return found


def share(values) -> float:
    values = list(values)
    return sum(values) / len(values)


def figures(with_model: bool, half: str) -> dict[str, float]:
    """Shares, on one half of the development films."""
    mine = verdicts(with_model, half)
    open_ended, choice = [v for v in mine if not v.is_choice], [v for v in mine if v.is_choice]
    return {
        "support decided right": share(v.decided_right for v in open_ended),
        "answerable and supported": share(v.supported for v in open_ended if v.answerable),
        "unanswerable and not supported": share(not v.supported for v in open_ended if not v.answerable),
        "first quote answers, of the answerable": share(v.is_right for v in open_ended if v.answerable),
        "first quote answers, of the answered": share(v.is_right for v in open_ended if v.answerable and v.supported),
        "right option, of the answerable": share(v.is_right for v in choice if v.answerable),
        "no option, of the unanswerable": share(not v.supported for v in choice if not v.answerable),
    }


@pytest.mark.weights
@pytest.mark.parametrize(
    ("name", "least"),
    [
        ("support decided right", 0.88),
        ("answerable and supported", 0.92),
        ("unanswerable and not supported", 0.80),
        ("first quote answers, of the answerable", 0.82),
        ("right option, of the answerable", 0.80),
        ("no option, of the unanswerable", 1.0),
    ],
)
def test_the_held_out_films_after_hybrid(name, least):
    assert figures(True, "held out")[name] >= least


@pytest.mark.parametrize(
    ("name", "least"),
    [
        ("support decided right", 0.78),
        ("unanswerable and not supported", 0.90),
        ("first quote answers, of the answered", 0.84),
        ("right option, of the answerable", 0.55),
        ("no option, of the unanswerable", 1.0),
    ],
)
def test_the_held_out_films_after_lexical(name, least):
    assert figures(False, "held out")[name] >= least


if __name__ == "__main__":
    for with_model in (True, False):
        for half in ("fitted", "held out"):
            print("hybrid" if with_model else "lexical", half)
            for name, value in figures(with_model, half).items():
                print(f"  {value:.3f} {name}")
