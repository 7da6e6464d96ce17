"""Sentence vectors: the quick way and the library's are the same, and nothing is truncated."""

from __future__ import annotations

import json
import shutil
import warnings
from pathlib import Path

import numpy as np
import pytest

from vidcomp import weights
from vidcomp.errors import WeightsMissing
from vidcomp.text import _embed
from vidcomp.text._embed import embed
from vidcomp.types import Runtime

RUNTIME = Runtime(offline=True)
MODEL = "all-MiniLM-L6-v2"


def library_vectors(folder: Path, texts: list[str]) -> np.ndarray:
    from vidcomp._torchvision import make_importable

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the library's own
        make_importable()
        from sentence_transformers import SentenceTransformer

        model = SentenceTransformer(str(folder), device="cpu", local_files_only=True)
        return model.encode(texts, show_progress_bar=False, normalize_embeddings=True)


TEXTS = [
    "Helen.",
    "The keeper of the lighthouse is called Helen.",
    "¿Dónde está el faro?",
    "RYE BREAD 3.20 — PLUM CAKE 4.50",
    "a",
    "In the afternoon a storm came from the north, " * 12,
]


@pytest.mark.weights
def test_vectors_are_the_librarys():
    folder = weights.locate(MODEL, RUNTIME).path
    np.testing.assert_allclose(embed(TEXTS, MODEL, RUNTIME), library_vectors(folder, TEXTS), atol=2e-6)


@pytest.mark.weights
def test_other_models_are_run_by_the_library(tmp_path):
    folder = tmp_path / "cls"
    shutil.copytree(weights.locate(MODEL, RUNTIME).path, folder)
    pooling = {"word_embedding_dimension": 384, "pooling_mode_cls_token": True, "pooling_mode_mean_tokens": False}
    (folder / "1_Pooling" / "config.json").write_text(json.dumps(pooling))
    assert not _embed._is_plain_bert(folder)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        vectors = embed(TEXTS, str(folder), RUNTIME)
    np.testing.assert_allclose(vectors, library_vectors(folder, TEXTS), atol=2e-6)
    assert np.abs(vectors - embed(TEXTS, MODEL, RUNTIME)).max() > 0.01


@pytest.mark.weights
def test_the_plain_models_are_told_from_the_others(tmp_path):
    folder = tmp_path / "model"
    shutil.copytree(weights.locate(MODEL, RUNTIME).path, folder)
    assert _embed._is_plain_bert(folder)
    for name, change in [("config.json", {"hidden_act": "relu"}), ("config.json", {"architectures": ["MPNetModel"]})]:
        before = (folder / name).read_text()
        (folder / name).write_text(json.dumps({**json.loads(before), **change}))
        assert not _embed._is_plain_bert(folder)
        (folder / name).write_text(before)
    (folder / "config_sentence_transformers.json").write_text('{"default_prompt_name": "query"}')
    assert not _embed._is_plain_bert(folder)


@pytest.mark.weights
def test_vectors_do_not_depend_on_their_company():
    together = embed(TEXTS, MODEL, RUNTIME)
    alone = np.concatenate([embed([text], MODEL, Runtime(offline=True, threads=1)) for text in TEXTS])
    np.testing.assert_allclose(together, alone, atol=2e-6)
    np.testing.assert_allclose(np.linalg.norm(together, axis=1), 1, atol=1e-6)
    assert together.dtype == np.float32


@pytest.mark.weights
def test_long_texts_are_not_truncated():
    bread, storm = "Rye bread is baked before dawn. " * 60, "The storm came from the north. " * 60
    vectors = embed([bread + storm, bread, storm], MODEL, RUNTIME)
    mixed, of_bread, of_storm = vectors
    assert min(mixed @ of_bread, mixed @ of_storm) > of_bread @ of_storm + 0.2


@pytest.mark.weights
def test_long_texts_are_cut_between_words_and_lose_nothing():
    encoder = _embed._load(str(weights.locate(MODEL, RUNTIME).path), "cpu")
    text = "incomprehensibilities unquestionably, " * 100
    pieces = _embed._pieces(text, encoder)
    assert "".join("".join(piece.split()) for piece, _ in pieces) == "".join(text.split())
    assert len(pieces) > 2 and all(n <= encoder.n_pieces == 254 for _, n in pieces)
    for piece, n in pieces:
        assert len(encoder.tokenizer.encode(piece, add_special_tokens=False)) == n


@pytest.mark.weights
def test_threads_are_put_back():
    import torch

    before = torch.get_num_threads()
    embed(["Helen."], MODEL, Runtime(offline=True, threads=before + 1))
    assert torch.get_num_threads() == before


def test_no_text_needs_no_model():
    assert embed([], "no such model", RUNTIME).shape == (0, 0)


def test_a_folder_that_is_no_model_is_named(tmp_path):
    (tmp_path / "readme.txt").write_text("nothing here")
    with pytest.raises(WeightsMissing, match=r"no sentence-transformers model"):
        embed(["Helen."], str(tmp_path), RUNTIME)
