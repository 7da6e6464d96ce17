"""Sentence vectors by a sentence-transformers model.

Importing sentence_transformers takes longer than everything else that a second question about a film has to do, since
its package imports its trainers, and with them scikit-learn, scipy, pandas and most of transformers. There is no
smaller part of it to import. Yet most of its models, the default one among them, are a plain BERT with the mean over
its tokens, which ``torch.nn.TransformerEncoder`` computes by itself from the same files. Such models are run that way
(the tests hold the vectors equal to the library's), all others by the library.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from vidcomp import weights
from vidcomp._torch import device, threads
from vidcomp.errors import WeightsMissing
from vidcomp.types import Runtime

BATCH = 32
FEW = 8  # texts at most for which one thread is quicker than waking others, on a busy machine by far
_FLOOR = 1e-12


@dataclass(frozen=True)
class Encoder:
    """``vectors`` makes float32 [n, d] of n texts that fit the model's window of ``n_pieces`` word pieces.

    ``tokenizer`` (of the tokenizers library) neither pads nor truncates.
    """

    tokenizer: Any
    n_pieces: int
    vectors: Callable[[list[str]], np.ndarray]


def embed(texts: Sequence[str], model: str, runtime: Runtime) -> np.ndarray:
    """Vectors of unit length, float32 [n, d] ([0, 0] for no text), of ``texts`` by the model of that name.

    A text longer than the model's window is cut between words into pieces that fit; its vector is the mean of theirs,
    weighed by their lengths. Raises WeightsMissing.
    """
    if not texts:
        return np.zeros((0, 0), np.float32)
    encoder = _load(str(weights.locate(model, runtime).path), device(runtime.device))
    cut = [_pieces(text, encoder) for text in texts]
    pieces = sorted({piece for row in cut for piece, _ in row}, key=lambda piece: (len(piece), piece))
    with threads(runtime.threads if len(pieces) > FEW else 1):
        batches = [encoder.vectors(pieces[i : i + BATCH]) for i in range(0, len(pieces), BATCH)]
    of_piece = dict(zip(pieces, np.concatenate(batches)))
    return np.stack([_unit(sum(_unit(of_piece[piece]) * n for piece, n in row)) for row in cut])


def _unit(vector: np.ndarray) -> np.ndarray:
    return (vector / max(float(np.linalg.norm(vector)), _FLOOR)).astype(np.float32)


def _pieces(text: str, encoder: Encoder) -> list[tuple[str, int]]:
    """``text`` as (piece, its word pieces), cut between words wherever the window is full."""
    encoding = encoder.tokenizer.encode(text, add_special_tokens=False)
    pieces, start, end = [], 0, len(encoding)
    while end - start > encoder.n_pieces:
        stop = start + encoder.n_pieces
        while stop - start > 1 and encoding.word_ids[stop] == encoding.word_ids[stop - 1]:
            stop -= 1
        pieces.append((text[encoding.offsets[start][0] : encoding.offsets[stop - 1][1]], stop - start))
        start = stop
    if not pieces:
        return [(text, max(1, end))]
    return [*pieces, (text[encoding.offsets[start][0] :], end - start)]


@lru_cache(maxsize=2)
def _load(path: str, device: str) -> Encoder:
    folder = Path(path)
    modules = folder / "modules.json"
    if not modules.is_file():
        raise WeightsMissing(f"{path} holds no sentence-transformers model", "its folder has a modules.json")
    return (_plain_bert if _is_plain_bert(folder) else _by_library)(folder, device)


def _json(file: Path) -> dict[str, Any]:
    return json.loads(file.read_text("utf-8")) if file.is_file() else {}


def _is_plain_bert(folder: Path) -> bool:
    """Whether the model is BERT, then the mean over its tokens, then perhaps unit length, and nothing else."""
    modules = [(module["type"].rpartition(".")[2], module["path"]) for module in _json(folder / "modules.json")]
    config = _json(folder / "config.json")
    plain = {"architectures": ["BertModel"], "hidden_act": "gelu", "position_embedding_type": "absolute"}
    if [kind for kind, _ in modules] not in (["Transformer", "Pooling"], ["Transformer", "Pooling", "Normalize"]):
        return False
    pooling = _json(folder / modules[1][1] / "config.json")
    modes = {key for key, value in pooling.items() if key.startswith("pooling_mode") and value}
    prompts = _json(folder / "config_sentence_transformers.json").get("default_prompt_name")
    return (
        modes == {"pooling_mode_mean_tokens"}
        and config.items() >= plain.items()
        and prompts is None
        and (folder / "model.safetensors").is_file()
        and (folder / "tokenizer.json").is_file()
    )


def _tokenizer(folder: Path) -> Any:
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer


def _plain_bert(folder: Path, device: str) -> Encoder:
    import torch
    from safetensors.torch import load_file
    from torch.nn.functional import layer_norm

    config = _json(folder / "config.json")
    width, epsilon = config["hidden_size"], config["layer_norm_eps"]
    window = _json(folder / "sentence_bert_config.json").get("max_seq_length") or config["max_position_embeddings"]
    state = {name: tensor.float() for name, tensor in load_file(folder / "model.safetensors", device).items()}
    table = {name.removeprefix("embeddings."): t for name, t in state.items() if name.startswith("embeddings.")}
    # Segment 0 and the positions are the same for every text.
    place = table["position_embeddings.weight"] + table["token_type_embeddings.weight"][0]  # [positions, width]
    encoder = _layers(config, state, device)
    tokenizer = _tokenizer(folder)

    def vectors(texts: list[str]) -> np.ndarray:
        ids = [encoding.ids for encoding in tokenizer.encode_batch(texts)]
        longest = max(map(len, ids))
        padded = torch.tensor([row + [0] * (longest - len(row)) for row in ids], device=device)  # [n, longest]
        there = torch.arange(longest, device=device) < torch.tensor([[len(row)] for row in ids], device=device)
        with torch.inference_mode():
            x = table["word_embeddings.weight"][padded] + place[:longest]  # [n, longest, width]
            x = layer_norm(x, (width,), table["LayerNorm.weight"], table["LayerNorm.bias"], epsilon)
            x = encoder(x, src_key_padding_mask=~there) * there[..., None]
            return (x.sum(1) / there.sum(1, keepdim=True)).cpu().numpy()

    return Encoder(tokenizer, window - tokenizer.num_special_tokens_to_add(False), vectors)


def _layers(config: Mapping[str, Any], state: Mapping[str, Any], device: str) -> Any:
    """BERT's layers: ``torch.nn.TransformerEncoder`` keeps query, key and value in one matrix."""
    import torch

    with torch.device("meta"):
        layer = torch.nn.TransformerEncoderLayer(
            config["hidden_size"],
            config["num_attention_heads"],
            config["intermediate_size"],
            activation="gelu",
            layer_norm_eps=config["layer_norm_eps"],
            batch_first=True,
        )
        encoder = torch.nn.TransformerEncoder(layer, config["num_hidden_layers"], enable_nested_tensor=False)
    same = {
        "self_attn.out_proj": "attention.output.dense",
        "norm1": "attention.output.LayerNorm",
        "linear1": "intermediate.dense",
        "linear2": "output.dense",
        "norm2": "output.LayerNorm",
    }
    mapped = {}
    for i in range(config["num_hidden_layers"]):
        theirs = f"encoder.layer.{i}"
        for part in ("weight", "bias"):
            joined = [state[f"{theirs}.attention.self.{name}.{part}"] for name in ("query", "key", "value")]
            mapped[f"layers.{i}.self_attn.in_proj_{part}"] = torch.cat(joined)
            mapped |= {f"layers.{i}.{ours}.{part}": state[f"{theirs}.{name}.{part}"] for ours, name in same.items()}
    encoder.load_state_dict(mapped, assign=True)
    return encoder.to(device).eval()


def _by_library(folder: Path, device: str) -> Encoder:
    from vidcomp._torchvision import make_importable

    make_importable()  # transformers imports torchvision where it is installed
    from sentence_transformers import SentenceTransformer

    with _no_progress_bar():
        model = SentenceTransformer(str(folder), device=device, local_files_only=True)
    tokenizer = _tokenizer(folder)

    def vectors(texts: list[str]) -> np.ndarray:
        return np.asarray(model.encode(texts, batch_size=BATCH, show_progress_bar=False), np.float32)

    special = tokenizer.num_special_tokens_to_add(False)
    return Encoder(tokenizer, (model.max_seq_length or 512) - special, vectors)


@contextmanager
def _no_progress_bar() -> Iterator[None]:
    """transformers draws one on stderr while it loads, unless the whole process is told otherwise."""
    from transformers.utils import logging

    was_on = logging.is_progress_bar_enabled()
    logging.disable_progress_bar()
    try:
        yield
    finally:
        if was_on:
            logging.enable_progress_bar()
