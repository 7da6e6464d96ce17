"""Chapters of a film from its shots and its words, each with the quotes that stand for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import ClassVar

import numpy as np

from vidcomp.answer import _support
from vidcomp.text._lexical import Rarity, terms, tfidf
from vidcomp.types import Chapter, Documents, Runtime, Shot, TextSpan, Video

NO_WORDS = "(no words)"
MAX_TITLE = 80  # characters
MAX_QUOTE = 240  # characters
MIN_QUOTE_WORDS = 4  # fewer rarely say what a chapter is about
TWO_QUOTES_FROM = 3  # units in the chapter
ALIKE = 0.8  # cosine from which a second quote would repeat the first
LONG_PAUSE_S = 1.5
FULL_PAUSE_S = 4.0  # from here on, a pause is not more of a pause
PAUSE_BONUS = 0.25
INTERRUPTION = 0.3
INSIDE_S = 0.3  # recognised times are about this exact


@dataclass(frozen=True)
class Chapters:
    """Boundaries lie only where a shot begins or, in a film of one shot, in the middle of a pause above 1.5 s.

    Of these, the best are taken, as in TextTiling (Hearst 1997): at each one and at each gap between two units of text,
    the cosine of the words of the ``window`` before and after it is computed, on the documents' vectors or, where there
    are none, on rarity-weighted words; a place's depth is how far that lies below the nearest peaks on both sides. To
    the depth is added up to 0.25 for a pause in speech, and 0.3 is taken off where somebody is in the middle of a unit.
    Places above the mean less half a standard deviation (Hearst's cutoff) are taken, the best first, each at least a
    window from the others and from the ends. The window is ``min_length_s``, or half the mean length of
    ``max_chapters`` chapters where that is more. Stretches without words are then divided at the shots that come
    nearest to equal parts of two windows or more; so is a film without any.

    A chapter is quoted by the one or two units that are most like the others in it (mean cosine, as in LexRank's
    centrality: Erkan & Radev 2004), in order of time; its title is the shorter of them, or ``(no words)``.
    """

    min_length_s: float = 20.0
    max_chapters: int = 12

    version: ClassVar[int] = 1

    def __post_init__(self) -> None:
        if not self.min_length_s > 0:
            raise ValueError(f"min_length_s must be above 0, not {self.min_length_s}")
        if self.max_chapters < 1:
            raise ValueError(f"max_chapters must be at least 1, not {self.max_chapters}")

    def __call__(
        self, video: Video, shots: Sequence[Shot], documents: Documents, runtime: Runtime
    ) -> tuple[Chapter, ...]:
        """Ordered, disjoint, and covering what the shots cover."""
        units, vectors = documents.spans, _vectors(documents)
        end_s = shots[-1].end_s
        window_s = max(self.min_length_s, end_s / (2 * self.max_chapters))
        places = [shot.start_s for shot in shots[1:]] or [t for t in _pauses(units) if t < end_s]
        edges = [0.0, *_text_boundaries(places, units, vectors, window_s, end_s, self.max_chapters - 1), end_s]
        edges = _with_wordless_divided(edges, places, units, window_s, self.max_chapters)
        return tuple(_chapter(a, b, units, vectors, is_last=b == end_s) for a, b in pairwise(edges))


def _vectors(documents: Documents) -> np.ndarray:
    """float32 [units, d], unit length or zero"""
    if documents.vectors is not None:
        return documents.vectors
    of_units = [terms(unit.text) for unit in documents.spans]
    return tfidf(of_units, Rarity(of_units))


def _pauses(units: Sequence[TextSpan]) -> list[float]:
    """The middles of the long pauses of speech."""
    heard = [unit for unit in units if unit.source != "ocr"]
    places, silent_from_s = [], heard[0].end_s if heard else 0.0
    for unit in heard:
        if unit.start_s - silent_from_s > LONG_PAUSE_S:
            places.append((silent_from_s + unit.start_s) / 2)
        silent_from_s = max(silent_from_s, unit.end_s)
    return places


def _middle(unit: TextSpan) -> float:
    return (unit.start_s + unit.end_s) / 2


def _text_boundaries(
    places: Sequence[float], units: Sequence[TextSpan], vectors: np.ndarray, window_s: float, end_s: float, count: int
) -> list[float]:
    """At most ``count`` of ``places``, ascending, at which the words before and after differ most."""
    if not units or not places:
        return []
    gaps = [(_middle(a) + _middle(b)) / 2 for a, b in pairwise(units)]
    at = sorted({*places, *gaps})
    strengths = _depths(_likenesses(at, units, vectors, window_s)) + _speech_terms(at, units)
    cutoff = max(0.0, strengths.mean() - strengths.std() / 2)
    strength = dict(zip(at, strengths))
    chosen: list[float] = []
    for t in sorted(places, key=lambda t: (-strength[t], t)):
        is_clear = all(abs(t - other) >= window_s for other in (0.0, end_s, *chosen))
        if len(chosen) < count and strength[t] > cutoff and is_clear:
            chosen.append(t)
    return sorted(chosen)


def _likenesses(at: Sequence[float], units: Sequence[TextSpan], vectors: np.ndarray, window_s: float) -> np.ndarray:
    """float64 [at]: the cosine of the text in the window before and after; 1 if both are empty, 0 if one is."""
    middles = np.array([_middle(unit) for unit in units])
    order = np.argsort(middles, kind="stable")
    bounds = np.searchsorted(middles[order], np.add.outer((-window_s, 0.0, window_s), at))  # [3, at]
    return np.array([_cosine(vectors[order[i:j]], vectors[order[j:k]]) for i, j, k in bounds.T])


def _cosine(before: np.ndarray, after: np.ndarray) -> float:
    if not (len(before) and len(after)):
        return float(len(before) == len(after))
    left, right = before.sum(axis=0), after.sum(axis=0)
    lengths = float(np.linalg.norm(left) * np.linalg.norm(right))
    return float(left @ right) / lengths if lengths else 0.0


def _depths(likenesses: np.ndarray) -> np.ndarray:
    """How far each value lies below the peak to its left plus below that to its right, climbing from it."""

    def peaks(values: np.ndarray) -> np.ndarray:
        tops = values.copy()
        for i in range(1, len(values)):
            tops[i] = tops[i - 1] if values[i - 1] >= values[i] else values[i]
        return tops

    return peaks(likenesses) + peaks(likenesses[::-1])[::-1] - 2 * likenesses


def _speech_terms(at: Sequence[float], units: Sequence[TextSpan]) -> np.ndarray:
    """float64 [at]: what is added for a pause in speech, or taken off for an interruption."""
    heard = [unit for unit in units if unit.source != "ocr"]
    starts, ends, middles = np.array([(u.start_s, u.end_s, _middle(u)) for u in heard]).reshape(-1, 3).T
    found = np.zeros(len(at))
    for i, t in enumerate(at):
        if ((starts + INSIDE_S < t) & (t < ends - INSIDE_S)).any():
            found[i] = -INTERRUPTION
        else:
            pause_s = starts[middles >= t].min(initial=np.inf) - ends[middles < t].max(initial=-np.inf)
            found[i] = PAUSE_BONUS * min(max(pause_s, 0.0), FULL_PAUSE_S) / FULL_PAUSE_S
    return found


def _with_wordless_divided(
    edges: Sequence[float], places: Sequence[float], units: Sequence[TextSpan], window_s: float, max_chapters: int
) -> list[float]:
    """``edges`` and those that divide chapters in which no unit has its middle."""
    divided, room = [edges[0]], max_chapters - (len(edges) - 1)
    for start_s, end_s in pairwise(edges):
        if not any(start_s <= _middle(unit) < end_s for unit in units):
            n = min(room + 1, int((end_s - start_s) / (2 * window_s)))
            for ideal_s in (start_s + (end_s - start_s) * k / n for k in range(1, n)):
                clear = [t for t in places if divided[-1] + window_s <= t <= end_s - window_s]
                nearest = min(clear, key=lambda t: abs(t - ideal_s), default=None)
                if nearest is not None:
                    divided.append(nearest)
                    room -= 1
        divided.append(end_s)
    return divided


def _chapter(start_s: float, end_s: float, units: Sequence[TextSpan], vectors: np.ndarray, *, is_last: bool) -> Chapter:
    """``is_last`` takes in what is timed after the film's end, which recognisers and subtitles do."""
    inside = [i for i, unit in enumerate(units) if start_s <= _middle(unit) and (_middle(unit) < end_s or is_last)]
    quotes = tuple(_quoted(units[i]) for i in _central(inside, units, vectors))
    title = min((quote.text for quote in quotes), key=len, default=NO_WORDS)
    return Chapter(start_s, end_s, _support.cut(title, MAX_TITLE), quotes)


def _central(inside: Sequence[int], units: Sequence[TextSpan], vectors: np.ndarray) -> list[int]:
    """The one or two of ``inside`` that are most like all of them, ascending; ties go to the earlier."""
    if not inside:
        return []
    likeness = vectors[inside] @ vectors[inside].T  # [n, n]
    order = np.argsort(-likeness.mean(axis=1).round(5), kind="stable")
    good = [i for i in order if len(units[inside[i]].text.split()) >= MIN_QUOTE_WORDS] or list(order)
    second = [i for i in good[1:] if likeness[i, good[0]] < ALIKE]
    chosen = [good[0], *second[: 1 if len(inside) >= TWO_QUOTES_FROM else 0]]
    return sorted(inside[i] for i in chosen)


def _quoted(unit: TextSpan) -> TextSpan:
    """The unit, or its beginning where it is too long to be quoted."""
    text = _support.quote(unit.text, (), Rarity([]), MAX_QUOTE)
    if text == unit.text:
        return unit
    start_s, end_s = _support.when(unit, text)
    return replace(unit, start_s=start_s, end_s=end_s, text=text, words=())
