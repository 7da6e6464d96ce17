"""The best-scored instants."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vidcomp.select.topk import TopK
from vidcomp.select.uniform import Uniform
from vidcomp.types import ClipPlan, FrameScores, Shot, Video


def video(duration_s: float, has_video: bool = True) -> Video:
    width, height, codec = (320, 240, "h264") if has_video else (0, 0, None)
    return Video("film.mp4", "0" * 8, duration_s, 25.0, None, 0.0, width, height, 0, codec, "aac")


def scored(values, step_s: float = 1.0) -> FrameScores:
    return FrameScores(np.arange(len(values)) * step_s, np.array(values, float), "text")


def plan(values, k: int = 8, min_gap_s: float = 1.0, step_s: float = 1.0, duration_s: float | None = None) -> ClipPlan:
    film = video(len(values) * step_s if duration_s is None else duration_s)
    return TopK(k, min_gap_s)(film, scored(values, step_s), (Shot(0, film.duration_s),))


def bounds(plan: ClipPlan) -> list[tuple[float, float]]:
    return [(clip.start_s, clip.end_s) for clip in plan.clips]


def test_the_best_in_order_of_time():
    chosen = plan([0.1, 0.9, 0, 0.5, 0, 0.7], k=2)
    assert bounds(chosen) == [(1, 2), (5, 6)]
    assert chosen.frame_times_s == (1, 5)
    assert [clip.score for clip in chosen.clips] == [0.9, 0.7]
    assert chosen.selector == "topk"


def test_neighbours_become_one_clip_with_the_best_score():
    chosen = plan([0.3, 0.9, 0.5, 0, 0.2], k=4)
    assert bounds(chosen) == [(0, 3), (4, 5)]
    assert chosen.clips[0].frame_times_s == (0, 1, 2)
    assert [clip.score for clip in chosen.clips] == [0.9, 0.2]


def test_ties_go_to_the_earlier():
    assert plan([0.5, 0, 0.5, 0, 0.5], k=2).frame_times_s == (0, 2)


def test_the_gap_keeps_instants_apart():
    # 2 is best; 1 and 3 are too near; then 0 ties with 4 and is the earlier, and both are far enough from 2.
    assert plan([0.4, 0.8, 0.9, 0.8, 0.4], k=3, min_gap_s=2).frame_times_s == (0, 2, 4)
    assert plan([0.4, 0.8, 0.9, 0.8, 0.4], k=3, min_gap_s=2.5).frame_times_s == (2,)


def test_a_gap_smaller_than_the_step_changes_nothing():
    assert plan([0.1, 0.2, 0.3], min_gap_s=0).frame_times_s == (0, 1, 2)


def test_what_scores_nothing_is_not_taken():
    assert plan([0, 0.2, 0, 0], k=3).frame_times_s == (1,)


def test_negative_scores_are_scores():
    assert plan([-0.3, -0.1, -0.2], k=1).frame_times_s == (1,)


def test_where_nothing_scored_it_is_uniform_and_says_so():
    chosen = plan([0, 0, 0, 0], k=2)
    assert chosen.clips == Uniform(2)(video(4.0), scored([0]), ()).clips
    assert chosen.selector == "topk(uniform: nothing scored)"


def test_the_last_clip_ends_with_the_film():
    assert bounds(plan([0, 0, 0.5], duration_s=2.4)) == [(2, 2.4)]


def test_a_film_of_one_frame():
    assert bounds(plan([0.5], duration_s=0.04)) == [(0, 0.04)]
    assert plan([0.0], duration_s=0.04).frame_times_s == (0.02,)


def test_a_film_without_duration():
    assert bounds(plan([], duration_s=0.0)) == [(0, 0)]


def test_half_second_steps_make_half_second_clips():
    assert bounds(plan([0, 0.5, 0], step_s=0.5)) == [(0.5, 1.0)]


def test_there_is_nothing_to_see_without_pictures():
    assert TopK()(video(3.0, has_video=False), scored([0, 1, 0]), ()).clips == ()


def test_impossible_fields_are_refused():
    with pytest.raises(ValueError, match="k must be"):
        TopK(k=0)
    with pytest.raises(ValueError, match="min_gap_s"):
        TopK(min_gap_s=-1)


@given(
    st.lists(st.sampled_from([0.0, 0.1, 0.5, 0.9]), min_size=1, max_size=40),
    st.integers(1, 10),
    st.sampled_from([0.0, 1.0, 1.5, 3.0]),
    st.floats(0.01, 1),
)
def test_what_is_chosen_is_apart_inside_and_no_worse_than_what_is_not(values, k, min_gap_s, last_s):
    duration_s = len(values) - 1 + last_s
    chosen = plan(values, k, min_gap_s, duration_s=duration_s)
    times = chosen.frame_times_s
    assert 1 <= len(times) <= k
    assert all(clip.end_s <= duration_s for clip in chosen.clips)
    assert all(a.end_s < b.start_s for a, b in zip(chosen.clips, chosen.clips[1:])) or not any(values)
    if any(values):
        assert all(b - a >= min_gap_s for a, b in itertools.pairwise(times))
        worst = min(values[int(t)] for t in times)
        free = [t for t in range(len(values)) if all(abs(t - c) >= max(min_gap_s, 1) for c in times)]
        assert not any(values[t] > worst for t in free)
        assert len(times) == k or not any(values[t] > 0 for t in free)
