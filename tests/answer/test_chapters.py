"""Chapters: where they may begin, where they do, and what stands for them."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vidcomp.answer.chapters import NO_WORDS, Chapters, _depths, _likenesses, _speech_terms
from vidcomp.text.retrieve import Hybrid
from vidcomp.types import Chapter, Documents, Runtime, Shot, TextSpan, Video

RUNTIME = Runtime(offline=True)

BREAD = ["The oven bakes rye bread.", "Rye bread needs a hot oven.", "Hot bread leaves the oven."]
STORM = ["A storm moves the boats.", "The boats fear the storm.", "No boats sail in a storm."]


def video(duration_s: float) -> Video:
    return Video("film.mp4", "0" * 8, duration_s, 25.0, None, 0.0, 320, 240, 0, "h264", "aac")


def shots(*edges: float) -> tuple[Shot, ...]:
    return tuple(Shot(a, b) for a, b in pairwise(edges))


def said(start_s: float, sentences: list[str], each_s: float = 5.0, source: str = "asr") -> list[TextSpan]:
    """One after the other, each for 0.8 of its share."""
    starts = [start_s + i * each_s for i in range(len(sentences))]
    return [TextSpan(t, t + 0.8 * each_s, text, source, 1.0) for t, text in zip(starts, sentences)]


def chapters(spans: list[TextSpan], *edges: float, **fields) -> tuple[Chapter, ...]:
    method = Chapters(**{"min_length_s": 10.0, **fields})
    return method(video(edges[-1]), shots(*edges), Documents(tuple(spans)), RUNTIME)


def bounds(found: tuple[Chapter, ...]) -> list[tuple[float, float]]:
    return [(chapter.start_s, chapter.end_s) for chapter in found]


# Where.


def test_a_chapter_begins_where_the_words_change():
    spans = [*said(0, BREAD), *said(15, STORM)]
    assert bounds(chapters(spans, 0, 10, 15, 20, 30)) == [(0, 15), (15, 30)]


def test_it_begins_at_a_shot_even_if_the_words_change_elsewhere():
    spans = [*said(0, BREAD), *said(15, STORM)]
    assert bounds(chapters(spans, 0, 14.5, 30)) == [(0, 14.5), (14.5, 30)]


def test_the_same_words_are_one_chapter():
    assert bounds(chapters(said(0, [BREAD[0]] * 6), 0, 10, 15, 20, 30)) == [(0, 30)]


def test_one_shot_is_divided_at_a_pause():
    spans = [*said(0, BREAD), *said(18, STORM)]  # speech ends at 14
    assert bounds(chapters(spans, 0, 33)) == [(0, 16), (16, 33)]


def test_one_shot_without_a_pause_is_one_chapter():
    spans = [*said(0, BREAD, each_s=5.0), *said(15, STORM, each_s=5.0)]
    assert bounds(chapters(spans, 0, 30)) == [(0, 30)]


def test_no_chapter_is_shorter_than_the_least_length():
    spans = [*said(0, BREAD), *said(15, STORM)]
    assert bounds(chapters(spans, 0, 15, 30, min_length_s=15.0)) == [(0, 15), (15, 30)]
    assert bounds(chapters(spans, 0, 15, 30, min_length_s=15.1)) == [(0, 30)]


def test_there_are_no_more_than_max_chapters():
    spans = [*said(0, BREAD), *said(15, STORM), *said(30, BREAD), *said(45, STORM)]
    edges = (0, 15, 30, 45, 60)
    assert len(chapters(spans, *edges)) == 4
    assert len(chapters(spans, *edges, max_chapters=3)) == 3
    assert bounds(chapters(spans, *edges, max_chapters=1)) == [(0, 60)]


def test_a_silent_part_is_a_chapter_of_its_own():
    found = chapters([*said(0, BREAD), *said(15, BREAD)], 0, 10, 30, 55)
    assert bounds(found) == [(0, 30), (30, 55)]
    assert found[1].title == NO_WORDS and found[1].quotes == ()


def test_without_words_shots_are_grouped_by_length():
    found = chapters([], 0, 12, 19, 33, 41, 60)  # three parts of twenty: 19 and 41 are nearest to 20 and 40
    assert bounds(found) == [(0, 19), (19, 41), (41, 60)]
    assert {chapter.title for chapter in found} == {NO_WORDS}


def test_a_film_of_one_shot_without_words_is_one_chapter():
    assert chapters([], 0, 500) == (Chapter(0, 500, NO_WORDS),)


def test_a_film_without_duration():
    assert chapters([], 0, 0) == (Chapter(0, 0, NO_WORDS),)


def test_words_timed_after_the_end_belong_to_the_last_chapter():
    (only,) = chapters(said(29, ["That is all from us today."]), 0, 30)
    assert only.title == "That is all from us today."


def test_likeness_by_hand():
    units = said(0, ["a", "b", "c"], each_s=10.0)  # middles at 4, 14, 24
    vectors = np.array([[1, 0], [0, 1], [0.6, 0.8]], np.float32)
    found = _likenesses([0, 9, 19, 30, 60], units, vectors, 10.0)
    np.testing.assert_allclose(found, [0, 0, 0.8, 0, 1], atol=1e-6)
    wide = _likenesses([9], units, vectors, 30.0)  # (1, 0) against (0.6, 1.8)
    np.testing.assert_allclose(wide, [0.6 / np.hypot(0.6, 1.8)], rtol=1e-6)


def test_depth_by_hand():
    np.testing.assert_allclose(_depths(np.array([0.5, 0.9, 0.2, 0.4, 0.4, 0.1])), [0.4, 0, 0.9, 0, 0, 0.3])


def test_a_pause_counts_for_a_boundary_and_an_interruption_against():
    units = [TextSpan(0, 4, "a", "asr", 1), TextSpan(6, 10, "b", "asr", 1), TextSpan(0, 20, "c", "ocr", 1)]
    np.testing.assert_allclose(_speech_terms([2, 5, 9.9, 12], units), [-0.3, 0.125, 0.25, 0.25])
    np.testing.assert_allclose(_speech_terms([1], units[2:]), [0.25])


# What stands for them.


def test_the_most_central_sentence_is_quoted():
    vectors = np.array([[1, 0], [0.8, 0.6], [0, 1]], np.float32)  # the second is like both others
    spans = tuple(said(0, ["One is said at first.", "Two is like both others.", "Three is said at last."]))
    (only,) = Chapters()(video(15), shots(0, 15), Documents(spans[:2], vectors[:2]), RUNTIME)
    assert [quote.text for quote in only.quotes] == ["One is said at first."]  # a tie, and too few for a second
    (only,) = Chapters()(video(15), shots(0, 15), Documents(spans, vectors), RUNTIME)
    assert spans[1] in only.quotes
    assert only.quotes == (spans[1], spans[2])  # the first is too like the second: 0.8


def test_the_title_is_the_shorter_quote():
    vectors = np.array([[1, 0], [0.6, 0.8], [0.6, -0.8]], np.float32)
    texts = ["The longest of them all is this one here.", "This one is short.", "Neither this nor that."]
    spans = tuple(said(0, texts))
    (only,) = Chapters()(video(15), shots(0, 15), Documents(spans, vectors), RUNTIME)
    assert [quote.text for quote in only.quotes] == [spans[0].text, spans[1].text]
    assert only.title == "This one is short."


def test_a_title_is_cut_after_a_word():
    (only,) = chapters([TextSpan(0, 9, "bread and " * 20, "ocr", 1.0)], 0, 30)
    assert only.title == "bread and " * 7 + "bread and…"
    assert len(only.quotes[0].text) <= 240 and only.quotes[0].text.startswith("bread and bread")


def test_a_longer_sentence_is_preferred_to_a_scrap():
    scrap, sentence = TextSpan(0, 2, "EXIT", "ocr", 1.0), TextSpan(5, 9, "The oven bakes rye bread.", "asr", 1.0)
    assert chapters([scrap, sentence], 0, 30)[0].title == "The oven bakes rye bread."
    assert chapters([scrap], 0, 30)[0].title == "EXIT"


def test_a_pause_after_the_end_divides_nothing():
    assert bounds(chapters([*said(0, BREAD), *said(40, STORM)], 0, 20)) == [(0, 20)]


@pytest.mark.parametrize("fields", [{"min_length_s": 0}, {"max_chapters": 0}])
def test_impossible_fields_are_refused(fields):
    with pytest.raises(ValueError, match=next(iter(fields))):
        Chapters(**fields)


@pytest.mark.weights
def test_with_vectors_no_word_need_be_shared():
    spans = [
        *said(0, ["The baker kneads dough.", "Loaves rise in the warm oven.", "Flour covers the kitchen."]),
        *said(15, ["High waves hit the pier.", "A gale sank two ships at sea.", "Sailors cling to a mast."]),
    ]
    documents = Hybrid().index(spans, RUNTIME)
    found = Chapters(min_length_s=10.0)(video(30), shots(0, 10, 15, 20, 30), documents, RUNTIME)
    assert bounds(found) == [(0, 15), (15, 30)]


sentences = st.lists(st.sampled_from([*BREAD, *STORM, "EXIT"]), max_size=12)


@settings(max_examples=60)
@given(sentences, st.lists(st.floats(0.5, 30), min_size=1, max_size=15), st.integers(1, 6), st.floats(1, 40))
def test_chapters_cover_the_film_at_allowed_places(texts, lengths, max_chapters, min_length_s):
    edges = [0.0, *np.cumsum(lengths).tolist()]
    spans = [TextSpan(i * 7.0, i * 7.0 + 5, text, "asr", 1.0) for i, text in enumerate(texts)]
    found = chapters(spans, *edges, max_chapters=max_chapters, min_length_s=min_length_s)
    assert found == chapters(spans, *edges, max_chapters=max_chapters, min_length_s=min_length_s)
    assert 1 <= len(found) <= max_chapters
    assert found[0].start_s == 0 and found[-1].end_s == edges[-1]
    assert all(a.end_s == b.start_s for a, b in pairwise(found))
    if len(edges) > 2:
        assert {chapter.start_s for chapter in found} <= set(edges)
    if len(found) > 1:
        assert min(chapter.end_s - chapter.start_s for chapter in found) >= min_length_s - 1e-9
    for chapter in found:
        assert 0 < len(chapter.title) <= 80
        assert (chapter.title == NO_WORDS) == (chapter.quotes == ())
        assert [quote.start_s for quote in chapter.quotes] == sorted(quote.start_s for quote in chapter.quotes)
        assert all(quote in spans for quote in chapter.quotes)
