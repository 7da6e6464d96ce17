"""What the tests share: a private cache, and the real films, which must have been fetched."""

from __future__ import annotations

import pytest

from vidcomp.types import Runtime


@pytest.fixture(autouse=True)
def private(tmp_path_factory, monkeypatch):
    """No test reads or writes the user's cache or settings, or asks the hub for anything."""
    monkeypatch.setenv("VIDCOMP_CACHE_DIR", str(tmp_path_factory.getbasetemp() / "cache"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path_factory.getbasetemp() / "config"))
    monkeypatch.setenv("VIDCOMP_OFFLINE", "true")


@pytest.fixture
def runtime() -> Runtime:
    return Runtime(offline=True)
