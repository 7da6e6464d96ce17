"""What ``vidcomp doctor`` looks at. Each check really loads the thing: an installed package may still be broken."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from typing import Any

from vidcomp import __version__, weights
from vidcomp.settings import Layered

DECODERS = {
    "pyav": "import av; print(av.__version__, 'libavcodec', '.'.join(map(str, av.library_versions['libavcodec'])))",
    "torchcodec": "import torchcodec.decoders; print(torchcodec.__version__)",
    "decord": "import decord; print(decord.__version__)",
}
ACCELERATORS = """
import torch
found = [torch.cuda.get_device_name(i) for i in range(torch.cuda.device_count())]
found += ["mps"] if torch.backends.mps.is_available() else []
print(f"torch {torch.__version__}: {', '.join(found) or 'processor only'}")
"""
LIBRARIES = {
    "asr": "import faster_whisper; print('faster-whisper', faster_whisper.__version__)",
    "asr openai": "import whisper; print('openai-whisper', whisper.__version__)",
    "ocr": "import rapidocr; from importlib.metadata import version; print('rapidocr', version('rapidocr'))",
}


def examine(layered: Layered) -> list[dict[str, Any]]:
    """Rows of {what, state, detail, needed}; state is ``ok``, ``missing`` or ``info``."""
    settings = layered.settings
    system = f"{__version__} on Python {platform.python_version()}, {platform.system()} {platform.machine()}"
    rows = [_row("vidcomp", "ok", system)]
    rows += [_loads(f"decoder {name}", code, needed=name == "pyav") for name, code in DECODERS.items()]
    rows += [_loads(name, code, needed=name in ("asr", "ocr")) for name, code in LIBRARIES.items()]
    rows.append(_loads("accelerator", ACCELERATORS, needed=True))
    for status in weights.status(settings.runtime()):
        state = "missing" if status.source == "missing" else "ok"
        rows.append(
            _row(f"weights {status.name}", state, "" if status.path is None else f"{status.source}: {status.path}")
        )
    rows.append(_row("processors", "info", f"{settings.threads or os.cpu_count()}"))
    rows.append(_row("hub", "info", "offline: never asked" if settings.offline else "asked when weights are missing"))
    rows.append(_cache(layered))
    return rows


def _row(what: str, state: str, detail: str, needed: bool = False) -> dict[str, Any]:
    return {"what": what, "state": state, "detail": detail, "needed": needed}


def _loads(what: str, code: str, needed: bool) -> dict[str, Any]:
    """Imports in a process of its own: what crashes or hangs on import must not take the doctor with it."""
    try:
        done = subprocess.run(
            [sys.executable, "-P", "-W", "ignore", "-c", code], capture_output=True, text=True, timeout=60
        )
    except subprocess.TimeoutExpired:
        return _row(what, "missing", "hangs on import", needed)
    if done.returncode == 0:
        return _row(what, "ok", done.stdout.strip().splitlines()[-1], needed)
    lines = done.stderr.strip().splitlines()
    return _row(what, "missing", lines[-1] if lines else f"crashes on import (code {done.returncode})", needed)


def _cache(layered: Layered) -> dict[str, Any]:
    from vidcomp.cli.session import open_cache
    from vidcomp.errors import ConfigError

    try:
        cache = open_cache(layered)
    except ConfigError as error:
        return _row("cache", "missing", error.message, True)
    return _row(
        "cache", "ok", f"{cache.directory}: {cache.size_bytes() / 1e6:.1f} MB of {cache.limit_bytes / 1e6:.0f} MB"
    )
