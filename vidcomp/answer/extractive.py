"""Answers by quoting what is said and written in the film."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import exp
from typing import ClassVar

import numpy as np

from vidcomp import weights
from vidcomp.answer import _support
from vidcomp.text._embed import embed
from vidcomp.text._lexical import Rarity, coverage, question_terms, terms
from vidcomp.types import Clip, ClipPlan, Evidence, Frame, Model, Query, Reply, Runtime, TextEvidence, TextSpan, Video

NOT_LOOKED = "nothing looked at the pictures: the answer rests on what is said and written alone"
NOTHING_NAMED = "the question names nothing to look for; `vidcomp summarize` tells what the film is about"
NO_SUPPORT = "Nothing that is said or written in this film supports an answer."
NO_OPTION = "Nothing that is said or written in this film supports any of the options."

MAX_QUOTE = 240  # characters
NEAR = 0.9  # of the best support: what else is quoted
SAME = 0.8  # share of common words from which two spans say the same
ENOUGH_NEWS = 3  # words beyond the question's own

# Of the logistic regression described in Extractive, rounded.
SCORE, FIT, NEWS, SOURCE, INTERCEPT = 8.0, 1.0, 0.6, 2.0, -4.0
# How much of an option's words count wherever they are, and how much more beside the question's own.
WORDS_ALONE, WORDS_IN_PLACE = 0.4, 0.6


@dataclass(frozen=True)
class Extractive:
    """Quotes the retrieved spans that support an answer best, each with its time and whether it is heard or read.

    The support of a span is ``sigmoid(8 score + fit + 0.6 news + 2 source - 4)``, in [0, 1]: ``score`` is the
    retriever's; ``fit`` in [-1, 1] says whether the span has the kind of thing asked for (a number with the right unit,
    a name, a place, a moment, a reason, ...); ``news`` is how many words it has that the question has not, up to 3,
    over 3, since a heading that repeats the question answers nothing; ``source`` is 1 or -1 where the question says
    whether it is written or spoken of. The best is quoted if its support reaches ``min_support``, then up to
    ``max_quotes`` in all that come near it. The confidence is the best support. It is no probability.

    The weights are those of a logistic regression on whether a span answers a question, rounded; then the constant was
    set so that 0.5 decides best between support and none (the mean of the shares right among questions with and without
    an answer, over both retrievers). Both were done on the "fitted" half of tests/answer/dev_questions.json: eight
    short made-up films with 115 questions that they answer and 64 that they do not. On the other half, which was held
    out of both but not out of sight when the rules were written, nine decisions in ten are right after ``hybrid`` and
    four in five after ``lexical``; ``python -m tests.answer.test_dev_questions`` prints the shares.

    Multiple choice: an option's support by a span is the share of its words, weighed by rarity, that the span has
    (those that all options share aside), times ``0.4 + 0.6`` of the share of the question's words; with a ``model``,
    the mean of this and the cosine of the span to the question with the option. The best option is chosen if its
    support reaches ``min_choice_support`` (set on the same data). The confidence is its lead over the second, as a
    share of its own support.

    ``model`` (of text/_embed.py) is used for multiple choice only; None does without.
    """

    model: str | None = "all-MiniLM-L6-v2"
    max_quotes: int = 3
    min_support: float = 0.5
    min_choice_support: float = 0.24

    version: ClassVar[int] = 1
    looks: ClassVar[bool] = False

    def __post_init__(self) -> None:
        if self.max_quotes < 1:
            raise ValueError(f"max_quotes must be at least 1, not {self.max_quotes}")
        if not (0 <= self.min_support <= 1 and 0 <= self.min_choice_support <= 1):
            raise ValueError("min_support and min_choice_support must lie in [0, 1]")

    def __call__(
        self, video: Video, query: Query, frames: Iterable[Frame], plan: ClipPlan, text: TextEvidence, runtime: Runtime
    ) -> Reply:
        """``frames`` are not looked at. Raises WeightsMissing for a multiple-choice question without the weights."""
        if query.choices:
            return self._choose(query, plan, text.spans, runtime)
        return self._open(query.text, plan, text.spans)

    def check(self, query: Query) -> None:
        """Everything can be asked."""

    def models(self, runtime: Runtime) -> tuple[Model, ...]:
        return (weights.identity(self.model, runtime, "embedding"),) if self.model else ()

    def _open(self, question: str, plan: ClipPlan, spans: Sequence[TextSpan]) -> Reply:
        notes = (NOT_LOOKED,) if question_terms(question) else (NOT_LOOKED, NOTHING_NAMED)
        support = [supports(question, span) for span in spans]
        best = max(support, default=0.0)
        if best < self.min_support:
            return Reply(NO_SUPPORT, confidence=_rounded(best), supported=False, notes=notes)
        least = max(self.min_support, NEAR * best)
        quotes = _quotes(question, spans, support, least, self.max_quotes)
        told = " ".join(_told(quote, _support.asks_film_time(question), i > 0) for i, quote in enumerate(quotes))
        return Reply(told, (*quotes, *_clips(plan, quotes)), confidence=_rounded(best), notes=notes)

    def _choose(self, query: Query, plan: ClipPlan, spans: Sequence[TextSpan], runtime: Runtime) -> Reply:
        models = self.models(runtime) if spans else ()
        support = _option_supports(query, spans, self.model, runtime)  # [options, spans]
        of_option = support.max(axis=1, initial=0.0)
        ranked = np.argsort(-of_option, kind="stable")
        best, second = (float(of_option[i]) for i in ranked[:2])
        if best < self.min_choice_support:
            return Reply(NO_OPTION, confidence=0.0, supported=False, models=models, notes=(NOT_LOOKED,))
        choice = int(ranked[0])
        asked = f"{query.text} {query.choices[choice]}"
        quotes = _quotes(asked, spans, support[choice].tolist(), best, 1)
        told = f"“{query.choices[choice]}” fits best. {_told(quotes[0], False, False)}"
        evidence = (*quotes, *_clips(plan, quotes))
        return Reply(told, evidence, choice, _rounded(1 - second / best), models=models, notes=(NOT_LOOKED,))


def supports(question: str, span: TextSpan) -> float:
    """How well a retrieved span supports an answer, see :class:`Extractive`."""
    news = min(1.0, len(set(terms(span.text)) - set(question_terms(question))) / ENOUGH_NEWS)
    source = _support.source_fit(question, span.source)
    fit = _support.expectation(question)(span.text)
    return 1 / (1 + exp(-(SCORE * span.score + FIT * fit + NEWS * news + SOURCE * source + INTERCEPT)))


def _option_supports(query: Query, spans: Sequence[TextSpan], model: str | None, runtime: Runtime) -> np.ndarray:
    """float64 [options, spans] in [0, 1], see :class:`Extractive`."""
    of_spans = [terms(span.text) for span in spans]
    rarity = Rarity(of_spans)
    of_options = [terms(choice) for choice in query.choices]
    shared = set.intersection(*map(set, of_options))
    asked = question_terms(query.text)
    placed = np.array([WORDS_ALONE + WORDS_IN_PLACE * coverage(asked, words, rarity) for words in of_spans])
    distinct = [tuple(term for term in option if term not in shared) for option in of_options]
    covered = [[coverage(option, words, rarity) for words in of_spans] for option in distinct]
    by_words = np.array(covered).reshape(len(of_options), len(spans)) * placed
    if model is None or not spans:
        return by_words
    vectors = embed(
        [*(span.text for span in spans), *(f"{query.text} {choice}" for choice in query.choices)], model, runtime
    )
    return (by_words + np.clip(vectors[len(spans) :] @ vectors[: len(spans)].T, 0, 1)) / 2


def _quotes(
    asked: str, spans: Sequence[TextSpan], support: Sequence[float], least: float, count: int
) -> tuple[Evidence, ...]:
    """The best supported spans, the best first, without those that say the same as one before; ties to the earlier."""
    of_spans = [terms(span.text) for span in spans]
    rarity, wanted = Rarity(of_spans), question_terms(asked)
    chosen: list[int] = []
    for i in sorted(range(len(spans)), key=lambda i: -support[i]):
        if support[i] < least or len(chosen) == count:
            break
        if not any(_say_the_same(of_spans[i], of_spans[other]) for other in chosen):
            chosen.append(i)
    quotes = []
    for i in chosen:
        quoted = _support.quote(spans[i].text, wanted, rarity, MAX_QUOTE)
        start_s, end_s = _support.when(spans[i], quoted)
        quotes.append(Evidence(start_s, end_s, spans[i].source, quoted, _rounded(support[i])))
    return tuple(quotes)


def _say_the_same(one: Sequence[str], other: Sequence[str]) -> bool:
    both = set(one) | set(other)
    return bool(both) and len(set(one) & set(other)) >= SAME * len(both)


def _told(quote: Evidence, time_is_asked: bool, is_further: bool) -> str:
    """``At 0:42 it is said: “…”``"""
    said = {"asr": "it is said", "ocr": "it is written on screen", "subtitle": "the subtitles say"}[quote.kind]
    time = f"{'Also at' if is_further else 'At'} {_support.clock(quote.start_s)}"
    return f"{time}{', when ' if time_is_asked else ' '}{said}: “{quote.text}”"


def _clips(plan: ClipPlan, quotes: Iterable[Evidence]) -> tuple[Evidence, ...]:
    """The clips of the plan in which something is quoted."""
    there = (clip for clip in plan.clips if any(_meet(clip, quote) for quote in quotes))
    return tuple(Evidence(clip.start_s, clip.end_s, "clip", score=clip.score) for clip in there)


def _meet(clip: Clip, quote: Evidence) -> bool:
    return clip.start_s <= quote.start_s < clip.end_s or quote.start_s < clip.start_s < quote.end_s


def _rounded(support: float) -> float:
    """To three digits: more would be noise."""
    return round(support, 3)
