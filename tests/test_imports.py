"""Who may import whom, and what must start fast without the model libraries."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import vidcomp
from vidcomp import registry

ROOT = Path(vidcomp.__file__).parent
# room -> the rooms of vidcomp that it may import from, beside itself
ALLOWED = {
    "errors": set(),
    "types": {"errors"},
    "protocols": {"types"},
    "registry": {"errors"},
    "config": {"registry", "errors"},
    "settings": {"errors", "types"},
    "cache": {"types", "errors"},
    "weights": {"types", "errors", "_pinned", "_checksums"},
    "_pinned": {"types", "errors"},
    "_checksums": {"types", "errors"},
    "_torch": set(),
    "_torchvision": set(),
    "media": {"types", "errors", "_torchvision"},
    "segment": {"types", "errors", "weights", "_torch"},
    "score": {"types", "errors"},
    "select": {"types", "errors"},
    "text": {"types", "errors", "weights", "media", "_torch", "_torchvision"},
    "answer": {"types", "errors", "weights", "text", "media"},
    "steps": {"types", "errors", "cache"},
    "pipeline": {"types", "errors", "cache", "config", "steps", "media"},
    "documents": {"types", "errors", "config", "steps"},
    "batch": {"types", "errors", "cache", "documents"},
    "doctor": {"settings", "weights", "errors", "cli"},
    "cli": {"errors", "types", "registry", "config", "settings", "cache", "weights", "documents", "batch", "pipeline"}
    | {"doctor", "media", "text"},
    "__init__": set(),
    "__main__": {"cli"},
}  # fmt: skip


def files():
    return sorted(ROOT.rglob("*.py"))


def imported(path: Path) -> set[str]:
    """Dotted names of vidcomp's modules that the file imports, at the top or inside a function."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return {name for name in names if name.split(".")[0] == "vidcomp" and name not in ("vidcomp.__version__",)}


@pytest.mark.parametrize("path", files(), ids=lambda path: str(path.relative_to(ROOT)))
def test_rooms_import_only_what_they_may(path):
    room = path.relative_to(ROOT).parts[0].removesuffix(".py")
    used = {name.split(".")[1] for name in imported(path)} - {room}
    assert used <= ALLOWED[room]


METHOD_FILES = {
    place.partition(":")[0] for stage in registry.METHODS.values() for place in stage.values()
} - {"vidcomp.media.decoders"}  # fmt: skip


@pytest.mark.parametrize("module", sorted(METHOD_FILES))
def test_no_method_imports_another(module):
    path = ROOT.joinpath(*module.split(".")[1:]).with_suffix(".py")
    others = METHOD_FILES - {module}
    assert not [name for name in imported(path) if any(name.startswith(other) for other in others)]


@pytest.mark.parametrize("path", files(), ids=lambda path: str(path.relative_to(ROOT)))
def test_files_are_short(path):
    assert len(path.read_text().splitlines()) <= 300


HEAVY = {"torch", "transformers", "sentence_transformers", "faster_whisper", "cv2", "scenedetect", "rapidocr", "av"}


@pytest.mark.parametrize(
    "arguments", [["--help"], ["ask", "--help"], ["--version"], ["methods"], ["methods", "asr"], ["config", "show"]]
)
def test_what_needs_no_model_imports_no_model_library(arguments):
    code = (
        "import sys; from vidcomp.cli import run; code = run(sys.argv[1:])\n"
        f"print(sorted({HEAVY!r} & set(sys.modules)), code, file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True)
    assert done.stderr.splitlines()[-1] == "[] 0"
    assert done.stdout
