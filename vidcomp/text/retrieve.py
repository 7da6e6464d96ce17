"""Which of a film's words speak to a question: by meaning and by the words themselves, or by the words alone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np

from vidcomp import weights
from vidcomp.text._embed import embed
from vidcomp.text._lexical import Rarity, coverage, question_terms, terms
from vidcomp.text.documents import count_tokens, search_units
from vidcomp.types import Documents, Model, Query, Runtime, TextEvidence, TextSpan


@dataclass(frozen=True)
class Hybrid:
    """Sentence vectors and words together.

    A unit's score is ``dense_weight * max(0, cosine) + (1 - dense_weight) * coverage``, in [0, 1]: the cosine is that
    of the question's vector and the unit's; the coverage is the share of the question's words, weighed by their rarity
    in the film, that the unit has (1: all of them). Of a multiple-choice question the score is the best over the
    question alone and with each of its options. Units below ``min_score`` are left out; of the others the best are
    taken, at most ``top_k`` of them and ``budget_tokens`` words and marks in all (one that no longer fits is passed
    over), and given in order of time.
    """

    model: str = "all-MiniLM-L6-v2"
    budget_tokens: int = 400
    dense_weight: float = 0.6
    min_score: float = 0.1
    top_k: int = 20

    version: ClassVar[int] = 1

    def __post_init__(self) -> None:
        _check_cut(self.budget_tokens, self.min_score, self.top_k)
        if not 0 <= self.dense_weight <= 1:
            raise ValueError(f"dense_weight must lie in [0, 1], not {self.dense_weight}")

    def index(self, spans: Sequence[TextSpan], runtime: Runtime) -> Documents:
        """The units of the film with their vectors. Raises WeightsMissing."""
        units = search_units(spans)
        return Documents(units, embed([unit.text for unit in units], self.model, runtime))

    def __call__(self, documents: Documents, query: Query, runtime: Runtime) -> TextEvidence:
        """Raises WeightsMissing; ValueError for documents that were indexed without vectors."""
        if documents.vectors is None:
            raise ValueError("these documents have no vectors")
        if not documents.spans:
            return TextEvidence((), 0)
        asked = embed(list(_phrasings(query)), self.model, runtime)  # [phrasings, d]
        cosines = np.clip(documents.vectors @ asked.T, 0, 1)  # [n, phrasings]
        mixed = self.dense_weight * cosines + (1 - self.dense_weight) * _coverages(documents.spans, query)
        return _best(documents.spans, mixed.max(axis=1), self.budget_tokens, self.min_score, self.top_k)

    def models(self, runtime: Runtime) -> tuple[Model, ...]:
        return (weights.identity(self.model, runtime, "embedding"),)


@dataclass(frozen=True)
class Lexical:
    """Words alone, for machines without weights: as :class:`Hybrid`, with the coverage as the score."""

    budget_tokens: int = 400
    min_score: float = 0.1
    top_k: int = 20

    version: ClassVar[int] = 1

    def __post_init__(self) -> None:
        _check_cut(self.budget_tokens, self.min_score, self.top_k)

    def index(self, spans: Sequence[TextSpan], runtime: Runtime) -> Documents:
        return Documents(search_units(spans))

    def __call__(self, documents: Documents, query: Query, runtime: Runtime) -> TextEvidence:
        scores = _coverages(documents.spans, query).max(axis=1)
        return _best(documents.spans, scores, self.budget_tokens, self.min_score, self.top_k)

    def models(self, runtime: Runtime) -> tuple[Model, ...]:
        return ()


def _check_cut(budget_tokens: int, min_score: float, top_k: int) -> None:
    if budget_tokens < 1 or top_k < 1:
        raise ValueError(f"budget_tokens and top_k must be at least 1, not {budget_tokens} and {top_k}")
    if not 0 <= min_score <= 1:
        raise ValueError(f"min_score must lie in [0, 1], not {min_score}")


def _phrasings(query: Query) -> Iterable[str]:
    yield query.text
    yield from (f"{query.text} {choice}" for choice in query.choices)


def _coverages(units: Sequence[TextSpan], query: Query) -> np.ndarray:
    """float64 [units, phrasings]"""
    of_units = [terms(unit.text) for unit in units]
    rarity = Rarity(of_units)
    asked = [question_terms(phrasing) for phrasing in _phrasings(query)]
    return np.array([[coverage(a, u, rarity) for a in asked] for u in of_units]).reshape(len(units), len(asked))


def _best(units: Sequence[TextSpan], scores: np.ndarray, budget: int, min_score: float, top_k: int) -> TextEvidence:
    """Ties go to the earlier unit."""
    chosen: list[int] = []
    left = budget
    for i in np.argsort(-scores, kind="stable"):
        n_tokens = count_tokens(units[i].text)
        if scores[i] < min_score or len(chosen) == top_k:
            break
        if n_tokens <= left:
            chosen.append(int(i))
            left -= n_tokens
    spans = (replace(units[i], score=float(min(1.0, scores[i]))) for i in sorted(chosen))
    return TextEvidence(tuple(spans), budget - left)
