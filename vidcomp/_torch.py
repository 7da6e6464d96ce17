"""What everything that runs on torch shares: where it runs, and on how many threads."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager


def device(wanted: str) -> str:
    """``wanted``, or for ``auto`` CUDA where there is any, else the processor."""
    import torch

    return ("cuda" if torch.cuda.is_available() else "cpu") if wanted == "auto" else wanted


@contextmanager
def threads(count: int) -> Iterator[None]:
    """torch on ``count`` threads for a while (0: as it is): its number is the whole process's, so it is put back."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(count or before)
    try:
        yield
    finally:
        torch.set_num_threads(before)
