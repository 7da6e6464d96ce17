"""Seconds are scored by the words in them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vidcomp.score.text import TextScorer
from vidcomp.types import Query, Runtime, TextEvidence, TextSpan, Video


def video(duration_s: float) -> Video:
    return Video("film.mp4", "0" * 8, duration_s, 25.0, None, 0.0, 320, 240, 0, "h264", None)


def span(start_s: float, end_s: float, score: float) -> TextSpan:
    return TextSpan(start_s, end_s, "words", "asr", score)


def score(duration_s: float, *spans: TextSpan):
    return TextScorer()(video(duration_s), TextEvidence(spans, 0), Query("Who?"), Runtime())


def test_each_second_has_the_best_span_that_touches_it():
    scores = score(6.5, span(0.5, 2.0, 0.4), span(1.2, 4.1, 0.7), span(5.0, 5.0, 0.2))
    np.testing.assert_array_equal(scores.times_s, [0, 1, 2, 3, 4, 5, 6])
    np.testing.assert_array_equal(scores.scores, [0.4, 0.7, 0.7, 0.7, 0.7, 0.2, 0])
    assert scores.scorer == "text"


@pytest.mark.parametrize(("duration_s", "n"), [(0, 0), (0.04, 1), (1, 1), (1.01, 2), (3, 3)])
def test_the_candidates_are_the_whole_seconds_below_the_duration(duration_s, n):
    assert score(duration_s, span(0, 10, 0.5)).times_s.tolist() == list(range(n))


def test_what_is_timed_after_the_end_scores_nothing():
    assert score(2, span(2.5, 3, 0.5)).scores.tolist() == [0, 0]


def test_nothing_said_scores_nothing():
    assert score(3).scores.tolist() == [0, 0, 0]


@given(st.lists(st.tuples(st.floats(0, 30), st.floats(0, 5), st.floats(0, 1)), max_size=6), st.floats(0, 30))
def test_a_score_is_that_of_some_span_over_its_second(found, duration_s):
    spans = sorted((span(a, a + d, s) for a, d, s in found), key=lambda s: s.start_s)
    scores = score(duration_s, *spans)
    for t, value in zip(scores.times_s, scores.scores):
        there = [s.score for s in spans if s.start_s < t + 1 and (s.end_s > t or s.start_s >= t)]
        assert value == max(there, default=0)
