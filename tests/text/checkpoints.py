"""Makes a checkpoint of openai-whisper's own format from CTranslate2's, so that it can be tested on real weights."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import BinaryIO

import numpy as np

TYPES = (np.float32, np.int8, np.int16, np.int32, np.float16)
TINY_EN = {"n_mels": 80, "n_vocab": 51864, "n_audio_ctx": 1500, "n_text_ctx": 448}
TINY_EN |= {
    f"n_{side}_{size}": n for side in ("audio", "text") for size, n in (("state", 384), ("head", 6), ("layer", 4))
}


def make_tiny_en(model_bin: Path, target: Path) -> Path:
    """Writes the weights of faster-whisper-tiny.en as openai-whisper's ``tiny.en.pt``."""
    import torch

    with model_bin.open("rb") as file:
        arrays = _arrays(file)
    state = {name: torch.from_numpy(array.astype(np.float32)) for name, array in _renamed(arrays).items()}
    torch.save({"dims": TINY_EN, "model_state_dict": state}, target)
    return target


def _arrays(file: BinaryIO) -> dict[str, np.ndarray]:
    """CTranslate2's ``model.bin``, version 6: names, shapes and types before each array, then names shared by two."""

    def number(code: str) -> int:
        return struct.unpack(f"<{code}", file.read(struct.calcsize(code)))[0]

    def string() -> str:
        return file.read(number("H"))[:-1].decode()

    assert number("I") == 6
    assert string() == "WhisperSpec"
    number("I")
    arrays = {}
    for _ in range(number("I")):
        name = string()
        shape = [number("I") for _ in range(number("B"))]
        dtype = TYPES[number("B")]
        arrays[name] = np.frombuffer(file.read(number("I")), dtype).reshape(shape)
    for _ in range(number("I")):
        alias = string()
        arrays[alias] = arrays[string()]
    return arrays


def _renamed(arrays: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    state = {}

    def linear(source: str, *targets: str) -> None:
        """One array of several projections is cut again; keys have no bias."""
        weights = np.split(arrays[f"{source}/weight"], len(targets))
        biases = np.split(arrays[f"{source}/bias"], len(targets))
        for target, weight, bias in zip(targets, weights, biases, strict=True):
            state[f"{target}.weight"] = weight
            if not target.endswith(".key"):
                state[f"{target}.bias"] = bias

    def norm(source: str, target: str) -> None:
        state[f"{target}.weight"], state[f"{target}.bias"] = arrays[f"{source}/gamma"], arrays[f"{source}/beta"]

    for side in ("encoder", "decoder"):
        for i in range(4):
            a, b = f"{side}/layer_{i}", f"{side}.blocks.{i}"
            linear(f"{a}/self_attention/linear_0", f"{b}.attn.query", f"{b}.attn.key", f"{b}.attn.value")
            linear(f"{a}/self_attention/linear_1", f"{b}.attn.out")
            norm(f"{a}/self_attention/layer_norm", f"{b}.attn_ln")
            if side == "decoder":
                linear(f"{a}/attention/linear_0", f"{b}.cross_attn.query")
                linear(f"{a}/attention/linear_1", f"{b}.cross_attn.key", f"{b}.cross_attn.value")
                linear(f"{a}/attention/linear_2", f"{b}.cross_attn.out")
                norm(f"{a}/attention/layer_norm", f"{b}.cross_attn_ln")
            linear(f"{a}/ffn/linear_0", f"{b}.mlp.0")
            linear(f"{a}/ffn/linear_1", f"{b}.mlp.2")
            norm(f"{a}/ffn/layer_norm", f"{b}.mlp_ln")
        state[f"{side}.positional_embedding"] = arrays[f"{side}/position_encodings/encodings"]
    linear("encoder/conv1", "encoder.conv1")
    linear("encoder/conv2", "encoder.conv2")
    norm("encoder/layer_norm", "encoder.ln_post")
    norm("decoder/layer_norm", "decoder.ln")
    state["decoder.token_embedding.weight"] = arrays["decoder/embeddings/weight"]
    return state
