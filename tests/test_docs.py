"""The generated documentation is what the code says today."""

from __future__ import annotations

import runpy
from pathlib import Path

import pytest

DOCS = Path(__file__).resolve().parents[1] / "docs"
GENERATED = runpy.run_path(str(DOCS / "generate.py"))["FILES"]


@pytest.mark.parametrize("name", sorted(GENERATED))
def test_it_is_fresh(name):
    assert (DOCS / name).read_text(encoding="utf-8") == GENERATED[name](), "run make docs"
