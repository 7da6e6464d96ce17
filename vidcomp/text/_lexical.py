"""Matching by words: which stems a text has, how rare each is in the film, and how much of a question a text covers.

Texts are sentences, in which a word hardly ever occurs twice. There, BM25's saturation of frequencies and its
correction for length (Robertson & Zaragoza 2009) decide next to nothing, while its sum has no upper end that a
threshold could be set on. So this keeps BM25's weight of a word and drops the rest: see :func:`coverage`.

Stemming is Snowball's for English (Porter 2001). Words of other languages go through it as well, and mostly unharmed;
where no spaces are written, only whole runs of characters match.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import lru_cache
from math import log

import numpy as np

Terms = tuple[str, ...]

_WORD = re.compile(r"\d+(?:[.,:]\d+)*|[^\W\d_]+(?:'[^\W\d_]+)*|[,;:.!?()]")
_POSSESSIVE = re.compile(r"'s$")
_THOUSANDS = re.compile(r"\d{1,3}(?:,\d{3})+")

_STOP_WORDS = """a about after again all also am an and any are as at be because been before being both but by
can could did do does doing done each either else ever for from get gets got had has have having he her here
hers him his how i if in into is it its itself just let many may me might more most much must my no nor not of
off on once only or other our ours out over own shall she should so some such than that the their theirs them
then there these they this those through to too under until up upon us very was we were what when where which
while who whom whose why will with would you your yours i'm it's don't doesn't didn't isn't wasn't that's
there's they're we're you're i've you've we've i'll he's she's can't won't"""
# Words of a question that speak of the film itself, not of what is in it.
_FILM_WORDS = """film films movie video clip scene footage screen onscreen caption captions subtitle subtitles
narrator narrators narration speaker voice voiceover said say says saying spoken told tell tells mention
mentioned mentions written write writes read reads shown show shows appear appears according viewers viewer
explained explain explains kind type sort"""
_UNITS = """zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen
sixteen seventeen eighteen nineteen"""
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety"

_IGNORED = frozenset(_STOP_WORDS.split())
_IGNORED_IN_QUESTIONS = _IGNORED | frozenset(_FILM_WORDS.split())
_VALUES = {word: value for value, word in enumerate(_UNITS.split())}
_VALUES |= {word: 10 * value for value, word in enumerate(_TENS.split(), 2)}
_SCALES = {"thousand": 10**3, "million": 10**6, "billion": 10**9, "trillion": 10**12}


def terms(text: str) -> Terms:
    """The stems of the words of ``text`` that mean something, in order; whole numbers are digits."""
    return tuple(_stem(word) for word in _words(text) if word not in _IGNORED)


def question_terms(text: str) -> Terms:
    """As :func:`terms`, without words that speak of the film itself ("what does the narrator say about ...")."""
    return tuple(_stem(word) for word in _words(text) if word not in _IGNORED_IN_QUESTIONS)


def _words(text: str) -> list[str]:
    found = [_POSSESSIVE.sub("", word) for word in _WORD.findall(text.casefold().replace("’", "'"))]
    words, i = [], 0
    while i < len(found):
        value, after = _number(found, i)
        if found[i][0].isalnum():  # punctuation is there only to keep numbers apart
            words.append(found[i] if value is None else str(value))
        i = after
    return words


def _number(words: list[str], i: int) -> tuple[int | None, int]:
    """The whole number that begins at word ``i``, in digits, words or both, and the index after it.

    (None, i + 1) where there is none. "two hundred and sixty" is 260, "1,890" is 1890, "9 million" is 9000000.
    """
    digits = words[i].replace(",", "") if _THOUSANDS.fullmatch(words[i]) else words[i]
    is_written = digits.isdecimal() and len(digits) <= 18  # longer rows of digits are no number of anything
    if not is_written and words[i] not in _VALUES:
        return None, i + 1
    total, group = 0, int(digits) if is_written else _VALUES[words[i]]
    i += 1
    while i < len(words):
        link = words[i] == "and" and (group % 100 == 0 or total > 0) and i + 1 < len(words)
        word = words[i + 1] if link else words[i]
        if word in _VALUES and _VALUES[word] and _continues(total, group, _VALUES[word]):
            group += _VALUES[word]
        elif word == "hundred" and 0 < group < 100:
            group *= 100
        elif word in _SCALES and group:
            total, group = total + group * _SCALES[word], 0
        else:
            break
        i += 2 if link else 1
    return total + group, i


def _continues(total: int, group: int, value: int) -> bool:
    """Whether ``value`` is still said of the same number: after hundreds and thousands, or a digit after tens."""
    if group % 100 == 0:
        return group + total > 0
    return value < 10 and group % 10 == 0 and group % 100 >= 20


@lru_cache(maxsize=1)
def _stemmer():
    from snowballstemmer import stemmer

    return stemmer("english")


@lru_cache(maxsize=1 << 16)
def _stem(word: str) -> str:
    return _stemmer().stemWord(word)


class Rarity:
    """BM25's weight of a term, ``ln(1 + (n - df + 1/2) / (df + 1/2))`` among n documents: highest where none has it."""

    def __init__(self, documents: Sequence[Terms]) -> None:
        self._n = len(documents)
        self._df = Counter(term for document in documents for term in set(document))

    def __call__(self, term: str) -> float:
        df = self._df[term]
        return log(1 + (self._n - df + 0.5) / (df + 0.5))


def coverage(query: Terms, document: Terms, rarity: Rarity) -> float:
    """The share of the query's terms, weighed by rarity, that ``document`` has: in [0, 1], 0 for a query without any.

    A term that is nowhere in the film counts in full against it, so 1 means that every word of the query is there.
    """
    wanted = set(query)
    total = sum(rarity(term) for term in wanted)
    return sum(rarity(term) for term in wanted & set(document)) / total if total else 0.0


def tfidf(documents: Sequence[Terms], rarity: Rarity) -> np.ndarray:
    """Vectors float32 [n, terms] of unit length, zero for a document without terms: their products are cosines."""
    columns: Mapping[str, int] = {t: i for i, t in enumerate(sorted({t for d in documents for t in d}))}
    vectors = np.zeros((len(documents), max(1, len(columns))), np.float32)
    for row, document in zip(vectors, documents):
        for term, count in Counter(document).items():
            row[columns[term]] = count * rarity(term)
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors / np.where(lengths > 0, lengths, 1)
