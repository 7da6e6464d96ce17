"""The parent's side of a decoding child: start, feed, listen, and kill.

Pixels come through anonymous shared memory that is inherited by descriptor, so nothing is left behind in the file
system whichever of the two is killed, and when.
"""

from __future__ import annotations

import json
import mmap
import os
import select
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import numpy as np

import vidcomp.errors as errors
from vidcomp.types import Runtime

STALL_S = 30.0  # without a sign of life; the child sends one at least every packet that it reads
START = "import sys; sys.path.insert(0, {!r}); from vidcomp.media.worker import main; main()"
PACKAGE_PARENT = str(Path(__file__).resolve().parents[2])


class Child:
    """One running job. Iterate :meth:`messages` to its end for the result; leave the context to end the process."""

    def __init__(self, process: subprocess.Popen, memory: mmap.mmap | None, slot_bytes: int, deadline_s: float) -> None:
        self._process = process
        self._memory = memory
        self._slot_bytes = slot_bytes
        self._left_s = deadline_s
        self._deadline_s = deadline_s
        self.result: dict = {}

    def messages(self) -> Iterator[tuple[dict, np.ndarray | None]]:
        """(message, array) for each slot that is filled; the array is valid until the next message is asked for."""
        for line in self._lines():
            message = json.loads(line)
            if "slot" in message:
                yield message, self._array(message)
                self._free()
            elif "error" in message:
                raise getattr(errors, message["error"])(message["message"], message["hint"])
            elif "result" in message:
                self.result = message["result"]
                return
        raise self._death()

    def _array(self, message: dict) -> np.ndarray:
        shape, dtype = message["shape"], np.dtype(message["dtype"])
        count = int(np.prod(shape))
        return np.frombuffer(self._memory, dtype, count, offset=message["slot"] * self._slot_bytes).reshape(shape)

    def _free(self) -> None:
        with suppress(BrokenPipeError):  # it has died or finished: the next read says which
            os.write(self._process.stdin.fileno(), b"\0")

    def _lines(self) -> Iterator[bytes]:
        fd = self._process.stdout.fileno()
        pending = b""
        while True:
            began = time.monotonic()
            ready, _, _ = select.select([fd], [], [], min(STALL_S, self._left_s))
            self._left_s -= time.monotonic() - began  # only waiting counts: a slow consumer is not a slow decoder
            if not ready or self._left_s <= 0:
                raise self._overdue()
            data = os.read(fd, 1 << 16)
            if not data:
                return
            *lines, pending = (pending + data).split(b"\n")
            yield from lines

    def _overdue(self) -> errors.DecodeStopped:
        if self._left_s <= 0:
            return errors.DecodeStopped(
                f"decoding took longer than the {self._deadline_s:.0f} s it may take",
                "raise decode_deadline_s if this film is worth it",
            )
        return errors.DecodeStopped(f"the decoder gave no sign of life for {STALL_S:.0f} s", "is the file damaged?")

    def _death(self) -> Exception:
        """Why the child ended without a result: a crash of native code is the film's fault, a traceback is ours."""
        code = self._process.wait()
        self._process.stderr.seek(0)
        said = self._process.stderr.read().decode(errors="replace")
        if code < 0:
            name = signal.Signals(-code).name
            return errors.DecodeStopped(f"the decoder crashed ({name})", "try another: --set decode=torchcodec")
        if "MemoryError" in said or "std::bad_alloc" in said:
            return errors.DecodeStopped("decoding needs more memory than it may use", "raise decode_memory_mb")
        return RuntimeError(f"the decoding child failed with code {code}:\n{said}")


@contextmanager
def start(job: dict, runtime: Runtime, deadline_s: float, slot_bytes: int = 0, n_slots: int = 0) -> Iterator[Child]:
    """Starts a child on ``job`` with ``n_slots`` slots of shared memory; it is gone when the context is left."""
    # A slot's start is where an array begins: keep it aligned for every dtype.
    slot_bytes = -(-slot_bytes // 64) * 64
    memory_fd, memory = _shared(slot_bytes * n_slots) if n_slots else (-1, None)
    complaints = tempfile.TemporaryFile()  # noqa: SIM115  (closed below, with the process)
    process = subprocess.Popen(
        [sys.executable, "-P", "-c", START.format(PACKAGE_PARENT)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=complaints,
        pass_fds=[memory_fd] if memory else [],
        start_new_session=True,
        bufsize=0,
    )
    process.stderr = complaints
    try:
        job = {
            **job,
            "memory_fd": memory_fd,
            "slot_bytes": slot_bytes,
            "n_slots": n_slots,
            "memory_mb": runtime.memory_mb,
            "threads": runtime.threads or os.cpu_count() or 1,
            "parent_pid": os.getpid(),
        }
        with suppress(BrokenPipeError):  # it could not even start: the first read says why
            process.stdin.write(json.dumps(job).encode() + b"\n")
        yield Child(process, memory, slot_bytes, deadline_s)
    finally:
        process.kill()
        process.wait()
        for end in (process.stdin, process.stdout, complaints):
            end.close()
        if memory is not None:
            os.close(memory_fd)


def _shared(size: int) -> tuple[int, mmap.mmap]:
    """(descriptor, mapping) of anonymous memory that a child may inherit."""
    if hasattr(os, "memfd_create"):
        fd = os.memfd_create("vidcomp")
    else:
        with tempfile.TemporaryFile() as file:
            fd = os.dup(file.fileno())
    os.ftruncate(fd, size)
    return fd, mmap.mmap(fd, size)
