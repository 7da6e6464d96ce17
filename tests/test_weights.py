"""Weights come from a path, a package or the hub, in that order, and are never other than they should be."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

from vidcomp import weights
from vidcomp._checksums import sha256_of
from vidcomp._pinned import Known, Package
from vidcomp.errors import WeightsMissing
from vidcomp.types import Model, Runtime


@pytest.fixture(autouse=True)
def own_caches(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "hub"))


@pytest.fixture
def site(tmp_path, monkeypatch) -> Path:
    """A directory of installed packages."""
    site = tmp_path / "site"
    site.mkdir()
    monkeypatch.syspath_prepend(str(site))
    return site


def install(site: Path, package: Package, files: dict[str, bytes]) -> None:
    folder = site / package.folder
    folder.mkdir(parents=True)
    for name, content in files.items():
        (folder / name).write_bytes(content)
    info = site / f"{package.name.replace('-', '_')}-{package.version}.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package.name}\nVersion: {package.version}\n")


def known(monkeypatch, files: dict[str, bytes], packages: tuple[Package, ...] = (), hub_id: str | None = None) -> None:
    """Makes ``thing`` a known model."""
    sha256 = {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}
    thing = Known("thing", "asr", "MIT", 10, sha256, "c0ffee", hub_id, packages, "asr.model")
    monkeypatch.setattr(weights, "KNOWN", {**weights.KNOWN, "thing": thing})


def on_hub(tmp_path: Path, hub_id: str, files: dict[str, bytes], commit: str) -> Path:
    """What the hub client leaves when it has downloaded a snapshot."""
    repository = tmp_path / "hub" / f"models--{hub_id.replace('/', '--')}"
    (repository / "refs").mkdir(parents=True)
    (repository / "refs" / "main").write_text(commit)
    snapshot = repository / "snapshots" / commit
    snapshot.mkdir(parents=True)
    for name, content in files.items():
        (snapshot / name).write_bytes(content)
    return snapshot


FILES = {"model.bin": b"0123456789", "config.json": b"{}"}
ONE = Package("a-thing", "1.2", "a_thing/data")
TWO = (Package("a-thing-part1", "1.2", "a_thing_part1"), Package("a-thing-part2", "1.2", "a_thing_part2"))


def test_a_package_is_found_and_named_as_the_pinned_model(site, runtime, monkeypatch):
    install(site, ONE, FILES)
    known(monkeypatch, FILES, (ONE,), "org/thing")
    found = weights.locate("thing", runtime)
    assert found == weights.Located(site / "a_thing/data", Model("asr", "org/thing", "c0ffee"), "package")


def test_a_model_of_one_file_is_located_as_that_file(site, runtime, monkeypatch):
    install(site, ONE, {"model.pth": b"weights"})
    known(monkeypatch, {"model.pth": b"weights"}, (ONE,))
    found = weights.locate("thing", runtime)
    assert found.path == site / "a_thing/data/model.pth"
    assert found.model == Model("asr", "thing", "c0ffee")


def test_two_packages_are_joined_once(site, runtime, monkeypatch):
    install(site, TWO[0], {"model.bin.part1": b"01234", "config.json": b"{}"})
    install(site, TWO[1], {"model.bin.part2": b"56789"})
    known(monkeypatch, FILES, TWO)
    found = weights.locate("thing", runtime)
    assert {file.name: file.read_bytes() for file in found.path.iterdir()} == FILES
    made = (found.path / "model.bin").stat().st_mtime_ns
    assert weights.locate("thing", runtime) == found
    assert (found.path / "model.bin").stat().st_mtime_ns == made
    assert [path.name for path in found.path.parent.iterdir() if path.suffix == ".partial"] == []


def test_what_was_joined_is_mended(site, runtime, monkeypatch):
    install(site, TWO[0], {"model.bin.part1": b"01234", "config.json": b"{}"})
    install(site, TWO[1], {"model.bin.part2": b"56789"})
    known(monkeypatch, FILES, TWO)
    joined = weights.locate("thing", runtime).path
    (joined / "model.bin").write_bytes(b"01234 half")
    (joined.parent / f"{joined.name}.partial").mkdir()  # as an interrupted run leaves it
    assert (weights.locate("thing", runtime).path / "model.bin").read_bytes() == b"0123456789"


@pytest.mark.parametrize("second", [{"model.bin.part2": b"5678X"}, {}], ids=["altered", "lost"])
def test_a_bad_part_is_refused(site, runtime, monkeypatch, second):
    install(site, TWO[0], {"model.bin.part1": b"01234", "config.json": b"{}"})
    install(site, TWO[1], second)
    known(monkeypatch, FILES, TWO)
    with pytest.raises(WeightsMissing, match=r"model\.bin.*sha256") as caught:
        weights.locate("thing", runtime)
    assert "--force-reinstall" in caught.value.hint and "a-thing-part2==1.2" in caught.value.hint


def test_one_part_alone_is_no_model(site, runtime, monkeypatch):
    install(site, TWO[0], {"model.bin.part1": b"01234", "config.json": b"{}"})
    known(monkeypatch, FILES, TWO)
    with pytest.raises(WeightsMissing, match="not on this machine"):
        weights.locate("thing", runtime)


@pytest.mark.parametrize("name", list(FILES))
def test_a_package_with_other_content_is_refused(site, runtime, monkeypatch, name):
    install(site, ONE, FILES)
    known(monkeypatch, FILES, (ONE,), "org/thing")
    weights.locate("thing", runtime)  # its checksums are remembered now
    (site / "a_thing/data" / name).write_bytes(b"something else")
    with pytest.raises(WeightsMissing, match=name):
        weights.locate("thing", runtime)


def test_files_are_hashed_once_and_again_when_they_change(tmp_path, monkeypatch):
    file = tmp_path / "model.bin"
    file.write_bytes(b"one")
    reads = []
    digest = hashlib.file_digest
    monkeypatch.setattr(hashlib, "file_digest", lambda *a: reads.append(1) or digest(*a))
    for content in (b"one", b"one", b"two"):
        if file.read_bytes() != content:
            file.write_bytes(content)
            os.utime(file, ns=(1, 1))
        assert sha256_of([file]) == {file: hashlib.sha256(content).hexdigest()}
    assert len(reads) == 2


@pytest.mark.parametrize("content", ["", "[]", "{'", '{"x": 3}'])
def test_a_damaged_memory_of_checksums_is_forgotten(tmp_path, content):
    file = tmp_path / "model.bin"
    file.write_bytes(b"one")
    memory = weights.private_dir() / "sha256.json"
    memory.parent.mkdir(parents=True)
    memory.write_text(content)
    assert sha256_of([file])[file] == hashlib.sha256(b"one").hexdigest()


def test_checksums_need_no_place_to_be_kept(tmp_path, monkeypatch):
    (tmp_path / "cache").write_text("a file where a directory should be")
    file = tmp_path / "model.bin"
    file.write_bytes(b"one")
    assert sha256_of([file])[file] == hashlib.sha256(b"one").hexdigest()


def test_parts_that_cannot_be_joined_are_told(site, tmp_path, runtime, monkeypatch):
    install(site, TWO[0], {"model.bin.part1": b"01234", "config.json": b"{}"})
    install(site, TWO[1], {"model.bin.part2": b"56789"})
    known(monkeypatch, FILES, TWO)
    (tmp_path / "cache").write_text("a file where a directory should be")
    with pytest.raises(WeightsMissing, match="cannot be joined"):
        weights.locate("thing", runtime)


def test_the_users_path_comes_before_the_package(site, tmp_path, monkeypatch):
    install(site, ONE, FILES)
    known(monkeypatch, FILES, (ONE,), "org/thing")
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "model.bin").write_bytes(b"fine-tuned")
    found = weights.locate("thing", Runtime(offline=True, weights={"thing": str(mine)}))
    assert (found.path, found.source, found.model.id, found.model.role) == (mine, "path", "mine", "asr")
    assert found.model.revision.startswith("sha256:")


def test_a_path_is_identified_by_its_content(tmp_path, runtime):
    model = tmp_path / "model"
    model.mkdir()
    (model / "weights.safetensors").write_bytes(b"one")
    first = weights.identity(str(model), runtime, "asr")
    assert first == weights.locate(str(model), runtime, "asr").model
    (model / "weights.safetensors").write_bytes(b"other")
    assert weights.identity(str(model), runtime, "asr").revision != first.revision


@pytest.mark.parametrize("given", ["absent", "empty"])
def test_a_users_path_without_weights_is_told(tmp_path, given):
    (tmp_path / "empty").mkdir()
    with pytest.raises(WeightsMissing, match=given):
        weights.locate("whisper-base", Runtime(weights={"whisper-base": str(tmp_path / given)}))


def test_the_hub_clients_cache_serves_offline(tmp_path, runtime, monkeypatch):
    known(monkeypatch, FILES, hub_id="org/thing")
    snapshot = on_hub(tmp_path, "org/thing", FILES, "c0ffee")
    # An abbreviated commit is looked up as a branch, which is what the client does with any name.
    (tmp_path / "hub/models--org--thing/refs/c0ffee").write_text("c0ffee")
    assert weights.locate("thing", runtime) == weights.Located(snapshot, Model("asr", "org/thing", "c0ffee"), "hub")


def test_an_unfinished_download_is_no_model(tmp_path, runtime, monkeypatch):
    known(monkeypatch, FILES, hub_id="org/thing")
    on_hub(tmp_path, "org/thing", {"config.json": b"{}"}, "c0ffee")
    (tmp_path / "hub/models--org--thing/refs/c0ffee").write_text("c0ffee")
    with pytest.raises(WeightsMissing, match="offline"):
        weights.locate("thing", runtime)


def test_an_altered_download_is_refused(tmp_path, runtime, monkeypatch):
    known(monkeypatch, FILES, hub_id="org/thing")
    on_hub(tmp_path, "org/thing", {**FILES, "model.bin": b"altered!!!"}, "c0ffee")
    (tmp_path / "hub/models--org--thing/refs/c0ffee").write_text("c0ffee")
    with pytest.raises(WeightsMissing, match=r"model\.bin"):
        weights.locate("thing", runtime)


def test_any_model_of_the_hub_goes_by_the_commit_it_resolved_to(tmp_path, runtime):
    commit = "1" * 40
    snapshot = on_hub(tmp_path, "someone/model", FILES, commit)
    for name in ("someone/model", "someone/model@main", f"someone/model@{commit}"):
        found = weights.locate(name, runtime, "asr")
        assert found == weights.Located(snapshot, Model("asr", "someone/model", commit), "hub")


def test_the_hub_is_asked_for_the_pinned_commit_and_for_no_pickles(tmp_path, monkeypatch):
    known(monkeypatch, FILES, hub_id="org/thing")
    asked = []

    def snapshot_download(hub_id, *, revision, allow_patterns, local_files_only=False):
        from huggingface_hub.errors import LocalEntryNotFoundError

        if local_files_only:
            raise LocalEntryNotFoundError("not here")
        asked.append((hub_id, revision, allow_patterns))
        return str(on_hub(tmp_path, "org/thing", FILES, "c0ffee"))

    monkeypatch.setattr("huggingface_hub.snapshot_download", snapshot_download)
    monkeypatch.setattr("huggingface_hub.HfApi.model_info", lambda *a, **k: None)
    assert weights.locate("thing", Runtime()).source == "hub"
    [(hub_id, revision, patterns)] = asked
    assert (hub_id, revision) == ("org/thing", "c0ffee")
    assert not {"*", "*.bin", "*.pt", "*.pth", "*.pkl", "pytorch_model.bin"} & set(patterns)


def failing_hub(monkeypatch, error: Exception) -> None:
    def fail(*args, **kwargs):
        raise error

    monkeypatch.setattr("huggingface_hub.HfApi.model_info", fail)


@pytest.mark.parametrize("error", [ConnectionError("no route to host"), OSError("disk full"), ValueError("bad name")])
def test_what_the_hub_client_raises_is_told_as_missing_weights(monkeypatch, error):
    known(monkeypatch, FILES, hub_id="org/thing")
    failing_hub(monkeypatch, error)
    with pytest.raises(WeightsMissing, match=f"org/thing.*{error}"):
        weights.pull("thing", Runtime())


def test_the_clients_own_offline_switch_is_told(monkeypatch):
    known(monkeypatch, FILES, hub_id="org/thing")
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    with pytest.raises(WeightsMissing, match="Offline"):
        weights.locate("thing", Runtime())


def test_offline_the_hub_is_not_asked(monkeypatch):
    known(monkeypatch, FILES, hub_id="org/thing")
    failing_hub(monkeypatch, AssertionError("asked the hub"))
    with pytest.raises(WeightsMissing, match="offline"):
        weights.locate("thing", Runtime(offline=True))


def test_the_hint_names_each_way(monkeypatch, runtime):
    known(monkeypatch, FILES, TWO, "org/thing")
    with pytest.raises(WeightsMissing, match="thing") as caught:
        weights.locate("thing", runtime)
    for way in (
        "vidcomp[offline]",
        "a-thing-part1==1.2 a-thing-part2==1.2",
        "vidcomp models pull thing",
        "--set asr.model=PATH",
        "[weights] in vidcomp.toml",
    ):
        assert way in caught.value.hint


def test_an_unknown_name_gets_the_nearest_one(runtime):
    with pytest.raises(WeightsMissing, match="no model called 'whisper-bse'") as caught:
        weights.locate("whisper-bse", runtime)
    assert "did you mean 'whisper-base'?" in caught.value.hint


def test_a_pinned_name_is_identified_without_its_files(monkeypatch, runtime):
    known(monkeypatch, FILES, hub_id="org/thing")
    assert weights.identity("thing", runtime) == Model("asr", "org/thing", "c0ffee")


def test_status_tells_where_each_model_is(site, tmp_path, monkeypatch):
    install(site, ONE, FILES)
    known(monkeypatch, FILES, (ONE,))
    (tmp_path / "own.pt").write_bytes(b"own")
    lines = weights.status(Runtime(offline=True, weights={"mine": str(tmp_path / "own.pt"), "gone": "nowhere"}))
    found = {line.name: (line.source, line.path) for line in lines}
    assert found["thing"] == ("package", site / "a_thing/data")
    assert found["mine"] == ("path", tmp_path / "own.pt")
    assert found["gone"] == found["whisper-large-v3"] == ("missing", None)


@pytest.mark.weights
@pytest.mark.parametrize("name", [known.name for known in weights.KNOWN.values() if known.packages])
def test_the_offline_packages_hold_the_pinned_files(name, runtime):
    found = weights.locate(name, runtime)
    assert found.source == "package"
    assert found.model == weights.identity(name, runtime)


def test_listing_models_imports_no_learning_library():
    code = (
        "import sys; from vidcomp import weights; from vidcomp.types import Runtime; weights.status(Runtime());"
        "print({'torch', 'transformers', 'ctranslate2', 'onnxruntime'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
