"""Evenly spread instants."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vidcomp.select.uniform import Uniform
from vidcomp.types import ClipPlan, FrameScores, Shot, Video

NO_SCORES = FrameScores(np.zeros(0), np.zeros(0), "none")


def video(duration_s: float, fps: float = 25.0, has_video: bool = True) -> Video:
    width, height, codec = (320, 240, "h264") if has_video else (0, 0, None)
    return Video("film.mp4", "0" * 8, duration_s, fps, None, 0.0, width, height, 0, codec, "aac")


def plan(k: int, *film) -> ClipPlan:
    one = video(*film)
    return Uniform(k)(one, NO_SCORES, (Shot(0, one.duration_s),))


def bounds(plan: ClipPlan) -> list[tuple[float, float]]:
    return [(clip.start_s, clip.end_s) for clip in plan.clips]


def test_four_quarters_of_eight_seconds():
    chosen = plan(4, 8.0)
    assert chosen.frame_times_s == (1, 3, 5, 7)
    assert bounds(chosen) == [(0, 2), (2, 4), (4, 6), (6, 8)]
    assert chosen.selector == "uniform"


def test_a_film_of_fewer_seconds_than_k_still_gives_k():
    assert plan(4, 2.0).frame_times_s == (0.25, 0.75, 1.25, 1.75)


def test_a_film_of_fewer_frames_than_k_gives_one_for_each():
    assert plan(8, 0.12, 25.0).frame_times_s == pytest.approx((0.02, 0.06, 0.1))
    assert plan(8, 0.04, 25.0).frame_times_s == pytest.approx((0.02,))


def test_a_film_without_duration_is_one_clip():
    assert plan(8, 0.0).clips == plan(1, 0.0).clips
    assert plan(8, 0.0).frame_times_s == (0,)


def test_an_unknown_frame_rate_does_not_limit():
    assert len(plan(8, 0.04, 0.0).clips) == 8


def test_there_is_nothing_to_see_without_pictures():
    assert plan(8, 60.0, 0.0, False).clips == ()


def test_k_must_be_positive():
    with pytest.raises(ValueError, match="k must be"):
        Uniform(0)


@given(st.integers(1, 50), st.floats(0, 1e5), st.sampled_from([0.0, 0.5, 25.0, 59.94]))
def test_the_clips_cover_the_film_with_equal_parts(k, duration_s, fps):
    chosen = plan(k, duration_s, fps)
    parts = bounds(chosen)
    assert 1 <= len(parts) <= k
    assert parts[0][0] == 0 and parts[-1][1] == duration_s
    assert all(a[1] == b[0] for a, b in itertools.pairwise(parts))
    assert [b - a for a, b in parts] == pytest.approx([duration_s / len(parts)] * len(parts))
    assert all(len(clip.frame_times_s) == 1 for clip in chosen.clips)
