"""Our cuts are those of PySceneDetect's own SceneManager."""

from __future__ import annotations

from fractions import Fraction

import av
import cv2
import pytest
import scenedetect
from scenedetect.detectors import AdaptiveDetector, ContentDetector

from samples.fetch import film
from tests.films import make_film, steady
from tests.segment.streams import a_video, irregular, scene, show
from vidcomp import media
from vidcomp.segment._pyscenedetect import detection_size
from vidcomp.segment.adaptive import Adaptive
from vidcomp.segment.content import Content

METHODS = [
    pytest.param(Content(), lambda: ContentDetector(min_scene_len=0.6), id="content"),
    pytest.param(Adaptive(), lambda: AdaptiveDetector(min_scene_len=0.6), id="adaptive"),
]


def managers_cuts(path, detector) -> list[float]:
    manager = scenedetect.SceneManager()
    manager.add_detector(detector)
    manager.detect_scenes(scenedetect.open_video(str(path), backend="opencv"))
    return [start.seconds for start, _ in manager.get_scene_list()[1:]]


def watched_cuts(path, method, runtime) -> list[float]:
    """The cuts of ``method`` on frames that are scaled as SceneManager scales them."""
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        width, height = stream.width, stream.height
        watcher = method.watch(a_video(1e6, width, height, float(stream.average_rate)), runtime)
        size = (watcher.want.width_px, watcher.want.height_px)
        for frame in container.decode(stream):
            rgb = frame.to_ndarray(format="rgb24")
            small = cv2.resize(rgb, size, interpolation=cv2.INTER_LINEAR) if size != (width, height) else rgb
            watcher.see(float(frame.pts * Fraction(frame.time_base)), small)
    return [shot.start_s for shot in watcher.finish()[1:]]


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Ten scenes of 12 to 47 frames at 25 fps, so of more and less than the least length of a shot."""
    lengths = [40, 12, 15, 47, 14, 16, 30, 13, 13, 45]
    pictures = [frame for seed, n in enumerate(lengths) for frame in scene(seed, n, 640, 360)]
    path = tmp_path_factory.mktemp("made") / "scenes.mp4"
    return make_film(path, steady(len(pictures)), size=(640, 360), pictures=pictures)


@pytest.mark.parametrize(("method", "detector"), METHODS)
@pytest.mark.parametrize("name", ["made", "bikes", "bunny5"])
def test_cuts_are_the_scene_managers(name, method, detector, made, runtime):
    path = made if name == "made" else film(name)
    expected = managers_cuts(path, detector())
    assert len(expected) >= {"made": 5, "bikes": 5, "bunny5": 0}[name]
    assert watched_cuts(path, method, runtime) == pytest.approx(expected, abs=1e-5)


@pytest.mark.parametrize("name", ["bikes", "wanna"])
@pytest.mark.parametrize(("method", "detector"), METHODS)
def test_cuts_of_our_own_pass_are_the_scene_managers(method, detector, name, runtime):
    video, _ = media.probe(str(film(name)), "f", runtime)
    watcher = method.watch(video, runtime)
    media.scan(video, [watcher.want], lambda _, time_s, rgb: watcher.see(time_s, rgb), "pyav", runtime)
    cuts = [shot.start_s for shot in watcher.finish()[1:]]
    assert cuts == pytest.approx(managers_cuts(film(name), detector()), abs=1e-5)


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        ((1280, 720), (256, 144)),
        ((480, 352), (256, 188)),
        ((720, 1280), (144, 256)),
        ((192, 108), (192, 108)),
        ((4000, 4), (256, 1)),
    ],
)
def test_detection_size(size, expected):
    assert detection_size(*size) == expected


@pytest.mark.parametrize("method", [Content(min_shot_s=0.6), Adaptive(min_shot_s=0.6)])
def test_shots_of_exactly_the_least_length_are_kept(method, runtime):
    """15 frames of 25 fps are 0.6 s, although 1.2 - 0.6 and 1.8 - 1.2 are not all 0.6 in floating point."""
    frames = [frame for seed in range(20) for frame in scene(seed, 15, 256, 144)]
    watcher = method.watch(a_video(12.0), runtime)
    shots = show(watcher, [i / 25 for i in range(300)], frames)
    assert [shot.start_s for shot in shots] == pytest.approx([0.6 * i for i in range(20)])


def test_min_shot_is_in_seconds_even_as_a_whole_number(runtime):
    frames = [frame for seed, n in enumerate((20, 35, 35)) for frame in scene(seed, n, 256, 144)]
    for method in (Content(min_shot_s=1), Adaptive(min_shot_s=1)):
        shots = show(method.watch(a_video(4.0), runtime), [i / 25 for i in range(90)], frames)
        assert [shot.start_s for shot in shots[1:]] == pytest.approx([2.2])


@pytest.mark.parametrize("method", [Content(), Adaptive()])
def test_an_unknown_rate_changes_nothing(method, runtime):
    frames = [frame for seed, n in enumerate((30, 35, 20)) for frame in scene(seed, n, 256, 144)]
    shots = [show(method.watch(a_video(4.0, fps=fps), runtime), irregular(85), frames) for fps in (25.0, 0.0, 1e-3)]
    assert shots[0] == shots[1] == shots[2] and len(shots[0]) == 3
