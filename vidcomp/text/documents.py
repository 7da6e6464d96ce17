"""What a film says, cut into the units that are searched, weighed and quoted.

A unit should be large enough to be understood alone and small enough to point at a moment: about one sentence.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import groupby

from vidcomp.types import TextSpan

MAX_PAUSE_S = 2.0
MIN_WORDS = 5
MAX_JOINED_TOKENS = 60
SAME_SHARE = 0.8
SAME_WITHIN_S = 1.0

# Scripts that put no space between words: there, each character counts as a word.
_UNSPACED = "\u0e00-\u0eff\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"
_TOKEN = re.compile(rf"[{_UNSPACED}]|[^\W{_UNSPACED}]+(?:['’][^\W{_UNSPACED}]+)*|[^\w\s]")
_WORD = re.compile(r"\w+")
_SENTENCE_END = re.compile(r"[.!?…。！？][\"'”’)\]]*$")


def count_tokens(text: str) -> int:
    """How many words and punctuation marks ``text`` has, whatever the model.

    A word with an apostrophe is one; each character of Chinese, Japanese, Thai, Lao and Khmer is one. Word pieces of
    an English language model are about 1.1 to 1.4 times as many, and no tokenizer has to be loaded for this count.
    """
    return len(_TOKEN.findall(text))


def search_units(spans: Iterable[TextSpan]) -> tuple[TextSpan, ...]:
    """The units of all spans of a film, in order of time (start, end, source).

    Written lines of the very same interval become one unit, in the order given. What is heard or subtitled is joined
    to what the same source says next, while there is no pause above ``MAX_PAUSE_S`` between them, if one of the two
    has fewer than ``MIN_WORDS`` words or the first does not end a sentence. Speech of which ``SAME_SHARE`` of the words
    stand in the subtitles shown then, ``SAME_WITHIN_S`` either way, is left out. Times and words stay true.
    """
    ordered = sorted((span for span in spans if span.text.strip()), key=_place)
    subtitles = [span for span in ordered if span.source == "subtitle"]
    heard = [span for span in ordered if span.source == "asr" and not _is_among(span, subtitles)]
    written = [span for span in ordered if span.source == "ocr"]
    units = [*_joined(subtitles), *_joined(heard), *_pages(written)]
    return tuple(sorted(units, key=_place))


def _place(span: TextSpan) -> tuple[float, float, str]:
    return span.start_s, span.end_s, span.source


def _is_among(span: TextSpan, subtitles: Sequence[TextSpan]) -> bool:
    start_s, end_s = span.start_s - SAME_WITHIN_S, span.end_s + SAME_WITHIN_S
    shown = Counter(w for s in subtitles if s.start_s < end_s and s.end_s > start_s for w in _words(s.text))
    said = Counter(_words(span.text))
    return said.total() > 0 and (said & shown).total() >= SAME_SHARE * said.total()


def _words(text: str) -> list[str]:
    return _WORD.findall(text.casefold())


def _pages(lines: Iterable[TextSpan]) -> list[TextSpan]:
    pages = (list(page) for _, page in groupby(lines, key=lambda line: (line.start_s, line.end_s)))
    return [_merged(page) for page in pages]


def _joined(sentences: Iterable[TextSpan]) -> list[TextSpan]:
    units: list[TextSpan] = []
    for sentence in sentences:
        if units and _belong_together(units[-1], sentence):
            units[-1] = _merged([units[-1], sentence])
        else:
            units.append(sentence)
    return units


def _belong_together(unit: TextSpan, following: TextSpan) -> bool:
    if following.start_s - unit.end_s > MAX_PAUSE_S:
        return False
    if count_tokens(unit.text) + count_tokens(following.text) > MAX_JOINED_TOKENS:
        return False
    is_short = min(len(_words(unit.text)), len(_words(following.text))) < MIN_WORDS
    return is_short or not _SENTENCE_END.search(unit.text.strip())


def _merged(parts: Sequence[TextSpan]) -> TextSpan:
    """One span of several: from the first's start to the last end, with the mean score by length of text.

    The words are kept only where every part knows its own, since they must be the words of the whole text.
    """
    lengths = [len(part.text) for part in parts]
    return TextSpan(
        start_s=parts[0].start_s,
        end_s=max(part.end_s for part in parts),
        text=" ".join(part.text.strip() for part in parts),
        source=parts[0].source,
        score=min(1.0, sum(part.score * n for part, n in zip(parts, lengths)) / sum(lengths)),
        words=tuple(w for part in parts for w in part.words) if all(part.words for part in parts) else (),
    )
