"""One clock: whatever the container, the frame that a player would show at t is the frame that comes out for t."""

from __future__ import annotations

import importlib.util

import numpy as np
import pytest

from tests.films import ffmpeg, make_film, number_in, steady, tone
from vidcomp import media
from vidcomp.errors import MediaError
from vidcomp.types import Want

DECODERS = ["pyav", "torchcodec", "decord"]
WANT = Want(192, 108)


def probe(path, runtime):
    return media.probe(str(path), "f" * 32, runtime)[0]


def shown_at(times_s, t):
    """The slow definition: the last frame that has begun, or the first."""
    return max((i for i, begin in enumerate(times_s) if begin <= t + 5e-4), default=0)


def whole(video, decoder, runtime, want=WANT):
    seen = []
    coverage = media.scan(video, [want], lambda _, t, rgb: seen.append((t, number_in(rgb))), decoder, runtime)
    return seen, coverage


@pytest.fixture(scope="module")
def films(tmp_path_factory):
    """name -> (path, true times on the clock of the container)."""
    folder = tmp_path_factory.mktemp("films")
    uneven = np.cumsum([0.0, 0.04, 0.04, 0.5, 0.02, 0.1, 1.3, 0.04, 0.04, 0.2, 0.9, 0.04]).tolist()
    plain = make_film(folder / "plain.mp4", steady(60), options={"bf": "2"})
    ffmpeg("-i", plain, "-c", "copy", folder / "plain.mkv")
    ffmpeg("-i", plain, "-c", "copy", folder / "plain.ts")
    return {
        "plain mp4 with B-frames": (plain, steady(60)),
        "matroska": (folder / "plain.mkv", steady(60)),
        "transport stream": (folder / "plain.ts", steady(60)),
        "variable rate": (make_film(folder / "vfr.mp4", uneven), uneven),
        "late start": (make_film(folder / "late.mkv", steady(40, start_s=2.5)), steady(40)),
        "sound before picture": (
            make_film(folder / "sound first.mp4", steady(40, start_s=0.8), audio=tone(3.0)),
            steady(40, start_s=0.8),
        ),
        "one frame": (make_film(folder / "one.mp4", [0.0]), [0.0]),
        "odd size, webm": (
            make_film(folder / "odd.webm", steady(20), codec="libsvtav1", size=(190, 106)),
            steady(20),
        ),
    }


NAMES = [
    "plain mp4 with B-frames", "matroska", "transport stream", "variable rate", "late start", "sound before picture",
    "one frame", "odd size, webm",
]  # fmt: skip


# What a library would get wrong in silence is refused with a hint.
CANNOT = {
    ("decord", "odd size, webm"),
    ("decord", "transport stream"),
    ("torchcodec", "transport stream"),
}


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("decoder", DECODERS)
def test_every_frame_has_its_own_time_in_a_pass(films, name, decoder, runtime):
    path, times = films[name]
    if (decoder, name) in CANNOT:
        with pytest.raises(MediaError) as caught:
            whole(probe(path, runtime), decoder, runtime)
        assert "decode=pyav" in caught.value.hint
        return
    video = probe(path, runtime)
    seen, coverage = whole(video, decoder, runtime, Want(video.width_px, video.height_px))
    assert [n for _, n in seen] == list(range(len(times)))
    assert [t for t, _ in seen] == pytest.approx(times, abs=2e-3)
    assert coverage.complete and coverage.n_frames == len(times)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("decoder", DECODERS)
def test_sparse_requests_get_the_frame_on_display(films, name, decoder, runtime):
    path, times = films[name]
    if (decoder, name) in CANNOT:
        with pytest.raises(MediaError):
            list(media.frames_at(probe(path, runtime), [0.0], (192, 108), decoder, runtime))
        return
    video = probe(path, runtime)
    asked = [1.0, 0.0, 0.61, times[-1], times[-1] + 5.0, times[len(times) // 2] + 0.01, 0.3]
    got = [(f.time_s, number_in(f.rgb)) for f in media.frames_at(video, asked, (192, 108), decoder, runtime)]
    expected = sorted({shown_at(times, t) for t in asked})
    assert [n for _, n in got] == expected
    assert [t for t, _ in got] == pytest.approx([times[n] for n in expected], abs=2e-3)


@pytest.mark.parametrize("decoder", DECODERS)
def test_a_grid_gives_what_sparse_requests_give(films, decoder, runtime):
    path, times = films["variable rate"]
    video = probe(path, runtime)
    seen, _ = whole(video, decoder, runtime, Want(192, 108, every_s=0.25))
    grid = [i * 0.25 for i in range(int(times[-1] / 0.25) + 1)]
    expected = sorted({shown_at(times, t) for t in grid})
    assert [n for _, n in seen] == expected


@pytest.mark.parametrize("turn", [90, 180, 270])
@pytest.mark.parametrize("decoder", DECODERS)
def test_phone_films_come_upright(films, tmp_path, decoder, turn, runtime):
    plain, _ = films["plain mp4 with B-frames"]
    turned = tmp_path / "turned.mp4"
    ffmpeg("-display_rotation", str(turn), "-i", plain, "-c", "copy", turned)
    upright = tmp_path / "upright.mp4"
    ffmpeg("-i", turned, "-pix_fmt", "yuv420p", upright)  # ffmpeg turns the pixels themselves
    video, truth = probe(turned, runtime), probe(upright, runtime)
    assert (video.width_px, video.height_px) == (truth.width_px, truth.height_px)
    size = (video.width_px, video.height_px)
    [ours] = media.frames_at(video, [0.0], size, decoder, runtime)
    [theirs] = media.frames_at(truth, [0.0], size, "pyav", runtime)
    assert ours.rgb.shape == theirs.rgb.shape
    assert np.abs(ours.rgb.astype(int) - theirs.rgb.astype(int)).mean() < 6


@pytest.mark.parametrize("decoder", DECODERS[1:])
@pytest.mark.parametrize("size", [(192, 108), (96, 54)])
def test_decoders_agree_on_the_pixels(films, decoder, size, runtime):
    video = probe(films["plain mp4 with B-frames"][0], runtime)
    asked = [0.0, 0.5, 1.1, 2.0]
    ours = list(media.frames_at(video, asked, size, "pyav", runtime))
    theirs = list(media.frames_at(video, asked, size, decoder, runtime))
    for a, b in zip(ours, theirs, strict=True):
        assert a.time_s == pytest.approx(b.time_s)
        # swscale is called with other filters by each library; at full size nothing is filtered.
        assert np.abs(a.rgb.astype(int) - b.rgb.astype(int)).mean() < (1 if size == (192, 108) else 4)


def test_decord_refuses_what_it_cannot_time(tmp_path, runtime):
    plain = make_film(tmp_path / "plain.mp4", steady(100), gop=50)
    cut = tmp_path / "cut.mp4"
    ffmpeg("-ss", "1.3", "-i", plain, "-c", "copy", cut)  # an edit list hides the frames before 1.3 s
    video = probe(cut, runtime)
    first = next(media.frames_at(video, [0.0], (192, 108), "pyav", runtime))
    assert number_in(first.rgb) in (32, 33)
    try:
        [theirs] = media.frames_at(video, [0.0], (192, 108), "decord", runtime)
    except MediaError as error:
        assert "pyav" in error.hint
    else:
        assert number_in(theirs.rgb) == number_in(first.rgb)


def test_raw_h264_has_times_and_a_length(tmp_path, films, runtime):
    raw = tmp_path / "raw.h264"
    ffmpeg("-i", films["plain mp4 with B-frames"][0], "-c", "copy", "-bsf:v", "h264_mp4toannexb", raw)
    video = probe(raw, runtime)
    assert video.duration_s == pytest.approx(60 / 25, abs=0.1)
    seen, _ = whole(video, "pyav", runtime)
    assert [n for _, n in seen] == list(range(60))
    [frame] = media.frames_at(video, [1.0], (192, 108), "pyav", runtime)
    assert number_in(frame.rgb) == 25


def test_sound_is_on_the_same_clock(tmp_path, runtime):
    late = make_film(tmp_path / "late.mp4", steady(100), audio=tone(2.0), audio_at_s=1.5)
    blocks = list(media.sound(probe(late, runtime), runtime))
    samples = np.concatenate([b.samples for b in blocks])
    assert blocks[0].start_s == 0.0
    loud = np.flatnonzero(np.abs(samples) > 0.05) / 16_000
    assert loud[0] == pytest.approx(1.5, abs=0.05) and loud[-1] == pytest.approx(3.5, abs=0.08)


def test_all_wheels_are_here():
    """The matrix above is only true where each decoder can be loaded; where one has no wheel, leave it out there."""
    missing = [name for name in ("av", "torchcodec", "decord") if importlib.util.find_spec(name) is None]
    assert not missing


def test_fit_keeps_the_shape_and_never_enlarges(films, runtime):
    video = probe(films["plain mp4 with B-frames"][0], runtime)
    assert media.fit(video, 96) == (96, 54)
    assert media.fit(video, 5000) == (192, 108)
