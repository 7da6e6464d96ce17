"""The sha256 of weights, remembered so that hundreds of megabytes are read once and not at every start."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from collections.abc import Iterable, Mapping
from pathlib import Path


def private_dir() -> Path:
    """Where joined weights and remembered checksums are kept; it need not exist."""
    import platformdirs

    return Path(platformdirs.user_cache_dir("vidcomp")) / "weights"


def sha256_of(files: Iterable[Path]) -> dict[Path, str]:
    """Each file's sha256, known again by its size, mtime and inode. Raises OSError where a file cannot be read."""
    memory = private_dir() / "sha256.json"
    known = _remembered(memory)
    sums, learned = {}, {}
    for file in files:
        stat = file.stat()
        key, mark = str(file.resolve()), [stat.st_size, stat.st_mtime_ns, stat.st_ino]
        entry = known.get(key)
        if not (isinstance(entry, list) and len(entry) == 4 and entry[:3] == mark):
            with file.open("rb") as stream:
                entry = learned[key] = [*mark, hashlib.file_digest(stream, "sha256").hexdigest()]
        sums[file] = entry[3]
    if learned:
        with contextlib.suppress(OSError):  # where nothing can be kept, the files are read again the next time
            memory.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            fresh = memory.with_suffix(f".{os.getpid()}")
            fresh.write_text(json.dumps({**known, **learned}))
            fresh.replace(memory)
    return sums


def _remembered(memory: Path) -> Mapping[str, object]:
    try:
        content = json.loads(memory.read_text())
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}
