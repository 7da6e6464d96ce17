"""How a text is quoted: verbatim, within a limit, at its own moment."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vidcomp.answer import _support
from vidcomp.text._lexical import Rarity, terms
from vidcomp.types import TextSpan, Word


@pytest.mark.parametrize(
    ("text", "limit", "expected"),
    [
        ("Helen sails.", 50, "Helen sails."),
        ("One fish. Helen sails. Two fish.", 22, "One fish. Helen sails."),
        ("One fish swims, Helen sails, two fish sleep.", 28, "One fish swims, Helen sails,"),
        ("two fish near Helen who sails home", 20, "near Helen who sails"),
        ("Helenhelenhelen", 8, "Helenhe…"),
    ],
)
def test_quote(text, limit, expected):
    assert _support.quote(text, terms("Helen sails"), Rarity([terms(text)]), limit) == expected


@given(st.text("ab, .", max_size=60), st.integers(3, 40))
def test_a_quote_is_a_stretch_of_the_text_that_fits(text, limit):
    quoted = _support.quote(text, terms("ab"), Rarity([terms(text)]), limit)
    assert len(quoted) <= limit
    assert quoted.removesuffix("…") in " ".join(text.split())


@pytest.mark.parametrize(
    ("text", "limit", "expected"),
    [
        ("short", 5, "short"),
        ("two words", 8, "two…"),
        ("two, words", 9, "two…"),
        ("unbreakable", 6, "unbre…"),
        ("two words", 9, "two words"),
    ],
)
def test_cut(text, limit, expected):
    assert _support.cut(text, limit) == expected


@pytest.mark.parametrize(("seconds", "told"), [(0, "0:00"), (59.99, "0:59"), (725, "12:05"), (3723.5, "1:02:03")])
def test_clock(seconds, told):
    assert _support.clock(seconds) == told


def test_a_part_without_word_times_has_the_spans():
    whole = TextSpan(3, 9, "One. Two.", "asr", 1.0, (Word(3, 4, "something"), Word(4, 5, "else")))
    assert _support.when(whole, "Two.") == (3, 9)
