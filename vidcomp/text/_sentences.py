"""Recognised words become sentences, and what a recogniser invents is told from what it heard. Pure functions."""

from __future__ import annotations

import re
import unicodedata
import zlib
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from vidcomp.text._clean import clean, comparable
from vidcomp.types import TextSpan, Word

LONGEST_S = 30.0
MOST_WORDS = 60
PAUSE_S = 3.0  # nobody pauses longer within a sentence
_CATCH_S = 0.5  # what comes sooner may go on with the word or, after a full stop, with the sentence
_REPEATS = 2  # people say a line twice; a recogniser caught in a loop says it until its time is up

_SOFT_STOPS = ".!?\u2026"
_HARD_STOPS = "\u3002\uff01\uff1f\u0964\u061f\u06d4"  # Chinese and Japanese, Devanagari, Arabic and Urdu
_END = re.compile(rf"([{_SOFT_STOPS}]+|[{_HARD_STOPS}]+)\W*$")
_INITIALS = re.compile(r"\W*(?!I\.)([^\W\d_]\.)+$")
_ABBREVIATIONS = "mr mrs ms dr prof st sr jr vs mt rev hon gen col lt sgt capt gov sen rep inc ltd corp approx fig vol"

# The languages of each script but Latin, scripts by the first word of Unicode's names.
_LANGUAGES = {
    "ARABIC": "ar fa ur ps sd",
    "ARMENIAN": "hy",
    "BENGALI": "bn as",
    "CJK": "zh yue ja ko",
    "CYRILLIC": "ru uk be bg mk sr kk mn tg tt ba",
    "DEVANAGARI": "hi mr ne sa",
    "ETHIOPIC": "am",
    "GEORGIAN": "ka",
    "GREEK": "el",
    "GUJARATI": "gu",
    "GURMUKHI": "pa",
    "HANGUL": "ko",
    "HEBREW": "he yi",
    "HIRAGANA": "ja",
    "KANNADA": "kn",
    "KATAKANA": "ja",
    "KATAKANA-HIRAGANA": "ja",
    "KHMER": "km",
    "LAO": "lo",
    "MALAYALAM": "ml",
    "MYANMAR": "my",
    "SINHALA": "si",
    "TAMIL": "ta",
    "TELUGU": "te",
    "THAI": "th",
    "TIBETAN": "bo",
}


class Heard(NamedTuple):
    """One word as recognised: ``text`` keeps its leading space, for languages that have none between words."""

    start_s: float
    end_s: float
    text: str
    probability: float


def sentences(words: Sequence[Heard], end_s: float) -> list[TextSpan]:
    """One span for each sentence of ``words``, which are in order of time; times are kept within ``[0, end_s]``.

    A sentence longer than 30 s or 60 words is divided at its longest pause. A line repeated more often than
    people repeat themselves is kept twice.
    """
    spans: list[TextSpan] = []
    run = 0
    for group in _groups(_whole(words)):
        span = _span(group, end_s)
        if span is None:
            continue
        again = bool(spans) and comparable(span.text) == comparable(spans[-1].text)
        run = run + 1 if again else 1
        if run <= _REPEATS:
            spans.append(span)
    return spans


def script_fits(text: str, language: str | None) -> bool:
    """Whether at least half of the letters are of a script that ``language`` is written in, Latin names allowed."""
    if language is None:
        return True
    fitting = {"LATIN", "FULLWIDTH", *(script for script, users in _LANGUAGES.items() if language in users.split())}
    letters = [unicodedata.name(c, "UNKNOWN").split()[0] for c in text if c.isalpha()]
    return 2 * sum(script in fitting for script in letters) >= len(letters)


def compression(text: str) -> float:
    """How many times smaller ``text`` becomes by deflation: above 2.4, it repeats itself."""
    data = text.encode()
    return len(data) / len(zlib.compress(data))


def _whole(pieces: Iterable[Heard]) -> list[Heard]:
    """Words put together again that came in pieces without a space between: " ill" and "-disposed", " 3." and "50"."""
    words: list[Heard] = []
    for piece in pieces:
        inner = piece.text[:1].isascii() and not piece.text[:1].isspace()
        if words and inner and piece.start_s - words[-1].end_s < _CATCH_S:
            last = words.pop()
            piece = Heard(last.start_s, piece.end_s, last.text + piece.text, (last.probability + piece.probability) / 2)
        words.append(piece)
    return words


def _groups(words: Sequence[Heard]) -> Iterator[Sequence[Heard]]:
    begin = 0
    for i, word in enumerate(words, start=1):
        after = words[i] if i < len(words) else None
        if after is None or _ends(word, after):
            yield from _shortened(words[begin:i])
            begin = i


def _ends(word: Heard, after: Heard) -> bool:
    """Whether a sentence ends between the two."""
    pause_s = after.start_s - word.end_s
    if pause_s > PAUSE_S:
        return True
    text = word.text.strip()
    mark = _END.search(text)
    if mark is None:
        return False
    if mark[1][0] in _HARD_STOPS:
        return True
    first = next((c for c in after.text if c.isalnum()), "")
    if first.islower() and pause_s < _CATCH_S:
        return False
    abbreviated = comparable(text[: mark.start()]) in _ABBREVIATIONS.split() or _INITIALS.match(text)
    return mark[1] != "." or not abbreviated


def _shortened(words: Sequence[Heard]) -> Iterator[Sequence[Heard]]:
    n = len(words)
    if n < 2 or (n <= MOST_WORDS and words[-1].end_s - words[0].start_s <= LONGEST_S):
        yield words
        return
    middle = range(max(1, n // 4), max(2, n - n // 4))
    cut = max(middle, key=lambda i: (words[i].start_s - words[i - 1].end_s, -abs(i - n / 2)))
    yield from _shortened(words[:cut])
    yield from _shortened(words[cut:])


def _span(words: Sequence[Heard], end_s: float) -> TextSpan | None:
    text = clean("".join(word.text for word in words))
    if not comparable(text):
        return None
    timed = tuple(
        Word(start := _within(word.start_s, 0, end_s), _within(word.end_s, start, end_s), spoken)
        for word in words
        if (spoken := clean(word.text))
    )
    score = sum(word.probability for word in words) / len(words)
    return TextSpan(timed[0].start_s, timed[-1].end_s, text, "asr", _within(score, 0, 1), timed)


def _within(value: float, low: float, high: float) -> float:
    return float(min(max(value, low), max(low, high)))
