"""Tokens are counted, and spans become search units, as documents.py says."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vidcomp.text.documents import MAX_JOINED_TOKENS, MAX_PAUSE_S, count_tokens, search_units
from vidcomp.types import TextSpan, Word


def asr(start_s: float, end_s: float, text: str, words=(), score: float = 1.0) -> TextSpan:
    return TextSpan(start_s, end_s, text, "asr", score, words)


def sub(start_s: float, end_s: float, text: str) -> TextSpan:
    return TextSpan(start_s, end_s, text, "subtitle", 1.0)


def ocr(start_s: float, end_s: float, text: str, score: float = 1.0) -> TextSpan:
    return TextSpan(start_s, end_s, text, "ocr", score)


def texts(*spans: TextSpan) -> list[str]:
    return [unit.text for unit in search_units(spans)]


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("", 0),
        ("  \n", 0),
        ("Hello, world!", 4),
        ("don't", 1),
        ("the boats’ crews", 4),  # the apostrophe at a word's end is a mark
        ("RYE BREAD 3.20", 5),  # 3 . 20
        ("東京タワー", 5),
        ("Zürich über Łódź", 3),
        ("well-known", 3),
    ],
)
def test_count_tokens(text, count):
    assert count_tokens(text) == count


@given(st.text(), st.text())
def test_tokens_of_two_texts_add_up(one, other):
    assert count_tokens(f"{one} {other}") == count_tokens(one) + count_tokens(other)


def test_whole_sentences_stay_apart_and_in_order_of_time():
    late, early = asr(5, 8, "The crossing takes forty long minutes."), asr(1, 4, "The ferry brings the mail every day.")
    assert search_units([late, early]) == (early, late)


def test_a_short_sentence_joins_its_neighbour():
    assert texts(asr(0, 1, "Yes."), asr(1.5, 4, "The ferry brings the mail every day.")) == [
        "Yes. The ferry brings the mail every day."
    ]


def test_an_unfinished_sentence_is_continued():
    cues = sub(0, 2, "The ferry that leaves at nine"), sub(2, 4, "brings the mail from the mainland.")
    assert texts(*cues) == ["The ferry that leaves at nine brings the mail from the mainland."]


@pytest.mark.parametrize(("pause_s", "joined"), [(MAX_PAUSE_S, 1), (MAX_PAUSE_S + 0.01, 2)])
def test_nothing_is_joined_across_a_pause(pause_s, joined):
    assert len(texts(asr(0, 1, "Yes."), asr(1 + pause_s, 9, "The ferry brings the mail every day."))) == joined


def test_joining_has_an_end():
    many = [asr(i, i + 1, "and so it goes on") for i in range(100)]
    units = search_units(many)
    assert all(count_tokens(unit.text) <= MAX_JOINED_TOKENS for unit in units)
    assert len(units) == 9  # twelve of five words each fill a unit: 100 / 12


def test_joined_spans_keep_times_words_and_mean_score():
    one = asr(1, 2, "Yes.", (Word(1, 2, "Yes."),), score=0.5)
    other = asr(2, 5, "The ferry is late again.", (Word(2, 3, "The"), Word(3, 5, "ferry is late again.")), score=0.9)
    (unit,) = search_units([one, other])
    assert (unit.start_s, unit.end_s) == (1, 5)
    assert unit.words == one.words + other.words
    assert unit.score == pytest.approx((0.5 * 4 + 0.9 * 24) / 28)


def test_words_are_dropped_where_a_part_has_none():
    (unit,) = search_units([asr(1, 2, "Yes.", (Word(1, 2, "Yes."),)), asr(2, 5, "The ferry is late again.")])
    assert unit.words == ()


def test_lines_of_one_interval_are_one_unit_in_their_order():
    lines = ocr(3, 6, "RYE BREAD 3.20", 0.8), ocr(3, 6, "PLUM CAKE 4.50", 1.0), ocr(3, 7, "BAKERY")
    units = search_units(lines)
    assert [unit.text for unit in units] == ["RYE BREAD 3.20 PLUM CAKE 4.50", "BAKERY"]
    assert units[0].score == pytest.approx(0.9)


def test_speech_and_writing_are_never_joined():
    assert len(texts(asr(0, 1, "Yes."), ocr(0, 1, "No."), sub(0, 1, "Perhaps."))) == 3


def test_speech_that_is_subtitled_is_not_doubled():
    subtitle = sub(0, 3, "The ferry brings the mail, every day.")
    heard = asr(0.5, 3.5, "the ferry brings the male every day")  # six of seven words
    elsewhere = asr(60, 63, "The ferry brings the mail every day.")
    assert search_units([heard, subtitle, elsewhere]) == (subtitle, elsewhere)


def test_speech_that_is_not_subtitled_stays():
    subtitle, heard = sub(0, 3, "[a ship's horn]"), asr(0.5, 3.5, "The ferry brings the mail every day.")
    assert search_units([heard, subtitle]) == (subtitle, heard)


def test_blank_text_is_dropped():
    assert search_units([asr(0, 1, "  "), ocr(0, 1, "")]) == ()


spans = st.builds(
    lambda start_s, length_s, text, source: TextSpan(start_s, start_s + length_s, text, source, 1.0),
    st.floats(0, 100),
    st.floats(0, 10),
    st.text("ab .?", min_size=1, max_size=30),
    st.sampled_from(["asr", "ocr", "subtitle"]),
)


@given(st.lists(spans, max_size=12))
def test_units_are_ordered_and_lose_no_word(found):
    units = search_units(found)
    assert [unit.start_s for unit in units] == sorted(unit.start_s for unit in units)
    for source in ("ocr", "subtitle"):  # speech may be left out
        before = sorted(word for span in found if span.source == source for word in span.text.split())
        assert sorted(word for unit in units if unit.source == source for word in unit.text.split()) == before
    assert {unit.start_s for unit in units} <= {span.start_s for span in found}
    assert {unit.end_s for unit in units} <= {span.end_s for span in found}
