"""What every segmenter keeps to, whatever it looks for."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.segment.streams import SOUND_ONLY, a_video, irregular, scene, show
from vidcomp.segment._shots import shots_between
from vidcomp.segment.adaptive import Adaptive
from vidcomp.segment.content import Content
from vidcomp.segment.transnet import TransNet
from vidcomp.segment.uniform import Uniform
from vidcomp.types import Runtime, check_cover

LOOKING = [
    pytest.param(Content(), id="content"),
    pytest.param(Adaptive(), id="adaptive"),
    pytest.param(TransNet(), id="transnet", marks=pytest.mark.weights),
]
# One thread: with more, PyTorch's wait for each other where other processes keep the processors busy.
RUNTIME = Runtime(offline=True, threads=1)
ALL = [pytest.param(Uniform(), id="uniform"), *LOOKING]


def film(method, video, scenes, n_shown=None):
    """(shots, times of the first frames of the scenes but the first) of a film with ``scenes`` frames in each scene."""
    watcher = method.watch(video, RUNTIME)
    size = (watcher.want.width_px, watcher.want.height_px) if watcher.want else (8, 8)
    frames = [frame for seed, n in enumerate(scenes) for frame in scene(seed, n, *size)]
    times_s = irregular(len(frames))
    starts = [times_s[sum(scenes[:i])] for i in range(1, len(scenes))]
    shown = slice(n_shown)
    shots = show(watcher, times_s[shown], frames[shown]) if watcher.want else watcher.finish()
    return check_cover(shots, video.duration_s), starts


@pytest.mark.parametrize("method", LOOKING)
def test_finds_hard_cuts_at_the_times_of_their_frames(method):
    shots, starts = film(method, a_video(8.0), [40, 35, 50])
    assert [shot.start_s for shot in shots[1:]] == starts


@pytest.mark.parametrize("method", LOOKING)
def test_a_static_film_is_one_shot(method):
    watcher = method.watch(a_video(5.0), RUNTIME)
    still = scene(1, 1, watcher.want.width_px, watcher.want.height_px)
    assert len(show(watcher, irregular(60), still * 60)) == 1


@pytest.mark.parametrize("method", ALL)
@pytest.mark.parametrize("n_frames", [0, 1])
def test_next_to_no_frames_make_one_shot(method, n_frames):
    shots, _ = film(method, a_video(4.0), [3, 3], n_shown=n_frames)
    assert len(shots) == 1


@pytest.mark.parametrize("method", LOOKING)
def test_a_film_that_ends_early_keeps_the_cuts_it_showed(method):
    shots, starts = film(method, a_video(100.0), [40, 40, 40], n_shown=75)
    assert [shot.start_s for shot in shots[1:]] == starts[:1]
    assert shots[-1].end_s == 100.0


@pytest.mark.parametrize("method", LOOKING)
def test_cuts_past_the_duration_are_dropped(method):
    shots, starts = film(method, a_video(irregular(120)[80]), [40, 40, 40])
    assert [shot.start_s for shot in shots[1:]] == starts[:1]


@pytest.mark.parametrize("method", LOOKING)
def test_without_pictures_there_is_one_shot(method):
    watcher = method.watch(SOUND_ONLY, RUNTIME)
    assert watcher.want is None
    assert len(check_cover(watcher.finish(), SOUND_ONLY.duration_s)) == 1


@pytest.mark.parametrize("method", ALL)
def test_a_film_of_no_length(method):
    shots, _ = film(method, a_video(0.0), [2, 2])
    assert [(shot.start_s, shot.end_s) for shot in shots] == [(0.0, 0.0)]


@pytest.mark.parametrize("method", ALL)
def test_methods_are_plain_values(method):
    assert method == type(method)() and hash(method) == hash(type(method)())
    assert method.version == 1


@given(st.lists(st.floats(-5, 50)), st.floats(0, 40))
def test_shots_are_ordered_disjoint_and_cover(cuts_s, duration_s):
    shots = check_cover(shots_between(cuts_s, duration_s), duration_s)
    assert all(shot.start_s < shot.end_s for shot in shots) or len(shots) == 1
    assert {shot.start_s for shot in shots[1:]} == {cut_s for cut_s in cuts_s if 0 < cut_s < duration_s}


@pytest.mark.parametrize(
    ("duration_s", "edges"),
    [
        (30.0, [0, 10, 20, 30]),
        (34.9, [0, 10, 20, 34.9]),
        (35.0, [0, 10, 20, 30, 35]),
        (29.9, [0, 10, 20, 29.9]),
        (14.0, [0, 14]),
        (3.0, [0, 3]),
    ],
)
def test_uniform_by_hand(duration_s, edges):
    for video in (a_video(duration_s), replace(SOUND_ONLY, duration_s=duration_s)):
        shots = Uniform().watch(video, RUNTIME).finish()
        assert [shot.start_s for shot in shots] + [shots[-1].end_s] == edges


@pytest.mark.parametrize(
    ("method", "fields"),
    [
        (Uniform, {"length_s": 0.0}),
        (Uniform, {"length_s": float("nan")}),
        (Content, {"threshold": -1.0}),
        (Content, {"min_shot_s": -1.0}),
        (Adaptive, {"min_content_val": -1.0}),
        (Adaptive, {"window_width": 0}),
        (TransNet, {"threshold": 1.0}),
    ],
)
def test_fields_are_checked(method, fields):
    with pytest.raises(ValueError):
        method(**fields)
