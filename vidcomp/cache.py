"""Results on disk, found again by what made them.

A key is the hash of canonical JSON {schema, stage, method with version and fields, models with revisions, keys of the
inputs}; the leaves are the film's content fingerprint and the question. So whatever depends on the film alone is
shared by every question about it, under any name and place of the file.

An entry is one file: JSON for records, npz (never pickle) where there are arrays. It is written beside its place,
synced and renamed, so that it is whole or not there; it carries a digest (npz: its archive's checksums), so that what
was damaged later is seen. A damaged entry is a miss. Each key has a lock, released by the system when its holder dies,
so two processes that want the same thing do it once. The directory is private to the user. Least recently used entries
go first when it grows over its limit.
"""

from __future__ import annotations

import dataclasses
import json
import os
import tempfile
import time
import typing
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from blake3 import blake3

from vidcomp.errors import ConfigError, MediaError, one_line

SCHEMA = 1


@dataclass(frozen=True)
class Entry:
    """A value that was found, with what was said when it was made."""

    value: Any
    warnings: tuple[str, ...]
    complete: bool


@dataclass(frozen=True)
class Listed:
    """One entry as ``vidcomp cache list`` shows it."""

    stage: str
    key: str
    about: str
    size_bytes: int
    used_at: float
    path: Path


def key_of(stage: str, **parts: Any) -> str:
    """The key of whatever ``parts`` (JSON-able) determine."""
    text = json.dumps({"schema": SCHEMA, "stage": stage, **parts}, sort_keys=True, separators=(",", ":"))
    return blake3(text.encode()).hexdigest()[:40]


class Cache:
    """``enabled`` False reads nothing and still writes, so that a fresh result replaces a doubted one."""

    def __init__(self, directory: Path, limit_gb: float = 20.0, enabled: bool = True) -> None:
        self.directory = directory
        self.limit_bytes = int(limit_gb * 2**30)
        self.enabled = enabled
        self.complaints: list[str] = []  # damaged entries met, for the result's warnings
        self._root = directory / f"v{SCHEMA}"
        self._make(directory)
        self._make(self._root)

    def get(self, stage: str, key: str, kind: Any) -> Entry | None:
        """The entry, checked and of type ``kind``; None when there is none, or it is damaged (then it goes)."""
        if not self.enabled:
            return None
        for path, read in ((self._place(stage, key, "json"), _read_json), (self._place(stage, key, "npz"), _read_npz)):
            try:
                entry = read(path, kind)
                os.utime(path)
                return entry
            except FileNotFoundError:
                continue
            except PermissionError as error:
                raise self._unusable(error) from error
            except Exception:  # a damaged file may make its reader stumble over anything
                self.complaints.append(f"a damaged cache entry of stage {stage} was dropped and made again")
                path.unlink(missing_ok=True)
        return None

    def put(self, stage: str, key: str, kind: Any, entry: Entry, about: str) -> None:
        """Writes the entry whole or not at all. ``about`` names the film for people."""
        meta = {"stage": stage, "about": one_line(about), "warnings": list(entry.warnings), "complete": entry.complete}
        if _has_arrays(kind):
            self._write(self._place(stage, key, "npz"), lambda file: _write_npz(file, meta, kind, entry.value))
        else:
            self._write(self._place(stage, key, "json"), lambda file: _write_json(file, meta, kind, entry.value))

    def manifest(self, key: str) -> Path:
        """The file of finished documents of the run with that key; its directory is there."""
        self._make(self._root / "runs")
        return self._root / "runs" / f"{key}.jsonl"

    @contextmanager
    def locked(self, keys: Iterable[str]) -> Iterator[None]:
        """Holds the locks of all ``keys``, taken in order so that two holders never wait for each other."""
        from filelock import FileLock

        locks = self._root / "locks"
        self._make(locks)
        with ExitStack() as held:
            for key in sorted(set(keys)):
                held.enter_context(FileLock(locks / f"{key}.lock", mode=0o600))
            yield

    def fingerprint(self, path: str) -> str:
        """The film's content hash (BLAKE3), remembered by size, time of change and inode. Raises MediaError."""
        try:
            stat = os.stat(path)
            state = [stat.st_size, stat.st_mtime_ns, stat.st_ino]
            place = self._root / "fingerprints" / f"{key_of('path', path=os.path.abspath(path))}.json"
            try:
                known = json.loads(place.read_text())
                if known["state"] == state:
                    return known["fingerprint"]
            except (OSError, ValueError, KeyError, TypeError):
                pass
            hasher = blake3(max_threads=blake3.AUTO)
            hasher.update_mmap(path)
        except OSError as error:
            raise MediaError(
                f"cannot read {path}: {(error.strerror or str(error)).lower()}", "check the path"
            ) from error
        remembered = {"state": state, "fingerprint": hasher.hexdigest()[:32]}
        self._write(place, lambda file: file.write(json.dumps(remembered).encode()))
        return remembered["fingerprint"]

    def entries(self) -> list[Listed]:
        """All entries, least recently used first."""
        found = []
        for path in self._root.glob("*/*/*"):
            if path.suffix not in (".json", ".npz"):
                continue
            try:
                meta = (_meta_of_npz if path.suffix == ".npz" else _load_json)(path)
                stat = path.stat()
                found.append(Listed(meta["stage"], path.stem, meta["about"], stat.st_size, stat.st_mtime, path))
            except Exception:  # damaged, or removed meanwhile: it is no entry
                continue
        return sorted(found, key=lambda entry: entry.used_at)

    def size_bytes(self) -> int:
        return sum(size for _, size, _ in self._files("**/*"))

    def prune(self, limit_bytes: int | None = None, older_than_s: float | None = None) -> int:
        """Removes the least recently used entries above the limit, and any older than that; returns their number.

        What processes that were killed have left half written goes too.
        """
        for half in self._root.rglob(".*.part"):
            owner = half.name[1:].partition("-")[0]
            if not (owner.isdigit() and _alive(int(owner))):
                half.unlink(missing_ok=True)
        limit = self.limit_bytes if limit_bytes is None else limit_bytes
        files = list(self._files("*/*/[!.]*"))
        total, now, removed = sum(size for _, size, _ in files), time.time(), 0
        for used_at, size, path in sorted(files, key=lambda file: file[0]):
            if total <= limit and (older_than_s is None or now - used_at <= older_than_s):
                continue
            path.unlink(missing_ok=True)
            total -= size
            removed += 1
        return removed

    def _files(self, pattern: str) -> Iterator[tuple[float, int, Path]]:
        """(last use, bytes, path) of our files; others may remove them meanwhile."""
        for path in self._root.glob(pattern):
            with suppress(FileNotFoundError):
                stat = path.stat()
                if path.is_file():
                    yield stat.st_mtime, stat.st_size, path

    def clear(self) -> int:
        """Removes every entry, fingerprint and manifest; weights and films that lie beside them stay."""
        import shutil

        count = sum(1 for path in self._root.glob("*/*/[!.]*") if path.is_file())
        shutil.rmtree(self._root, ignore_errors=True)
        return count

    def _place(self, stage: str, key: str, suffix: str) -> Path:
        return self._root / stage / key[:2] / f"{key}.{suffix}"

    def _write(self, place: Path, write) -> None:
        try:
            place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            handle, temporary = tempfile.mkstemp(dir=place.parent, prefix=f".{os.getpid()}-", suffix=".part")
            try:
                with os.fdopen(handle, "wb") as file:
                    write(file)
                    file.flush()
                    os.fsync(file.fileno())
                os.replace(temporary, place)
            except BaseException:
                Path(temporary).unlink(missing_ok=True)
                raise
        except OSError as error:
            raise self._unusable(error) from error

    def _make(self, directory: Path) -> None:
        try:
            directory.mkdir(parents=True, exist_ok=True, mode=0o700)
            if not os.access(directory, os.R_OK | os.W_OK | os.X_OK):
                raise PermissionError(13, "permission denied")
        except OSError as error:
            raise self._unusable(error) from error

    def _unusable(self, error: OSError) -> ConfigError:
        reason = (error.strerror or str(error)).lower()
        return ConfigError(f"cannot use the cache directory {self.directory}: {reason}", "set VIDCOMP_CACHE_DIR")


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _adapter(kind: Any):
    from pydantic import TypeAdapter

    return TypeAdapter(kind)


def _digest(value: Any) -> str:
    return blake3(json.dumps(value, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def _load_json(path: Path) -> dict:
    data = json.loads(path.read_bytes())
    if not isinstance(data, dict):
        raise ValueError("not an entry")
    return data


def _read_json(path: Path, kind: Any) -> Entry:
    data = _load_json(path)
    if data["digest"] != _digest(data["value"]):
        raise ValueError("the digest does not fit")
    value = _adapter(kind).validate_python(data["value"])
    return Entry(value, tuple(data["warnings"]), data["complete"])


def _write_json(file, meta: dict, kind: Any, value: Any) -> None:
    plain = _adapter(kind).dump_python(value, mode="json")
    file.write(json.dumps({**meta, "digest": _digest(plain), "value": plain}, ensure_ascii=False).encode())


def _array_fields(kind: type) -> list[str]:
    hints = typing.get_type_hints(kind)
    return [f.name for f in dataclasses.fields(kind) if np.ndarray in (hints[f.name], *typing.get_args(hints[f.name]))]


def _has_arrays(kind: Any) -> bool:
    return dataclasses.is_dataclass(kind) and bool(_array_fields(kind))


def _other_fields(kind: type) -> dict[str, Any]:
    hints, arrays = typing.get_type_hints(kind), _array_fields(kind)
    return {f.name: hints[f.name] for f in dataclasses.fields(kind) if f.name not in arrays}


def _write_npz(file, meta: dict, kind: type, value: Any) -> None:
    others = _other_fields(kind).items()
    fields = {name: _adapter(hint).dump_python(getattr(value, name), mode="json") for name, hint in others}
    arrays = {name: getattr(value, name) for name in _array_fields(kind) if getattr(value, name) is not None}
    described = json.dumps({**meta, "fields": fields}, ensure_ascii=False).encode()
    np.savez_compressed(file, meta=np.frombuffer(described, np.uint8), **arrays)


def _meta_of_npz(path: Path) -> dict:
    with path.open("rb") as file, np.load(file, allow_pickle=False) as data:
        return json.loads(data["meta"].tobytes())


def _read_npz(path: Path, kind: type) -> Entry:
    with path.open("rb") as file, np.load(file, allow_pickle=False) as data:
        meta = json.loads(data["meta"].tobytes())
        arrays = {name: data.get(name, None) for name in _array_fields(kind)}
    others = _other_fields(kind)
    fields = {name: _adapter(hint).validate_python(meta["fields"][name]) for name, hint in others.items()}
    return Entry(kind(**fields, **arrays), tuple(meta["warnings"]), meta["complete"])
