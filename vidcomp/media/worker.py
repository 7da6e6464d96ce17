"""The decoding child: reads one job from stdin, answers on stdout, puts pixels and sound into shared memory.

Films are hostile input and decoders hang, crash and eat memory; here they can be killed without losing anything.
The child dies with its parent, whatever happened to it, and owns nothing on disk.

Protocol (see :mod:`vidcomp.media.child` for the other side): stdin carries the job as one JSON line, then one byte
for each slot of the shared memory that is free again. stdout carries one JSON line a message: ``{"slot": ...}`` for
what lies in a slot, ``{"at": seconds}`` as a sign of life, ``{"result": ...}`` or ``{"error": ...}`` at the end.
"""

from __future__ import annotations

import ctypes
import errno
import json
import mmap
import os
import signal
import sys
import time

import numpy as np

from vidcomp.errors import VidcompError

BEAT_EVERY_S = 0.25
PR_SET_PDEATHSIG = 1


class Channel:
    """Messages out, free slots in; ``memory`` is the ring of slots shared with the parent."""

    def __init__(self, job: dict, messages_fd: int) -> None:
        self._fd = messages_fd
        self._slot_bytes = job["slot_bytes"]
        self._n_slots = job["n_slots"]
        self._free = self._n_slots
        self._next = 0
        self._last_sent = time.monotonic()
        self._memory = mmap.mmap(job["memory_fd"], self._slot_bytes * self._n_slots) if self._n_slots else None

    def send(self, message: dict) -> None:
        line = json.dumps(message).encode() + b"\n"
        while line:
            line = line[os.write(self._fd, line) :]
        self._last_sent = time.monotonic()

    def beat(self, at_s: float) -> None:
        if time.monotonic() - self._last_sent > BEAT_EVERY_S:
            self.send({"at": at_s})

    def put(self, array: np.ndarray, **about) -> None:
        """Copies ``array`` into the next slot, waiting for one, and tells the parent of it."""
        while self._free == 0:
            freed = os.read(0, 4096)
            if not freed:
                os._exit(1)  # the parent is gone
            self._free += len(freed)
        begin = self._next * self._slot_bytes
        view = np.frombuffer(self._memory, array.dtype, array.size, offset=begin).reshape(array.shape)
        np.copyto(view, array)
        self.send({"slot": self._next, "shape": array.shape, "dtype": array.dtype.str, **about})
        self._next = (self._next + 1) % self._n_slots
        self._free -= 1


def main() -> None:
    job = json.loads(sys.stdin.buffer.raw.readline())
    die_with(job["parent_pid"])
    limit_memory(job["memory_mb"])
    # Libraries print; what they print must not end up among the messages.
    messages_fd = os.dup(1)
    os.dup2(2, 1)
    channel = Channel(job, messages_fd)
    try:
        import av

        from vidcomp.media import jobs

        av.logging.set_level(av.logging.PANIC)  # what goes wrong comes as errors, and stderr is for our own
        result = getattr(jobs, job["op"])(job, channel)
        channel.send({"result": result})
    except VidcompError as error:
        channel.send({"error": type(error).__name__, "message": error.message, "hint": error.hint})
    except Exception as error:
        if not _is_out_of_memory(error):
            if type(error).__module__ != "av.error":
                raise  # a bug: its traceback goes to stderr
            said = " ".join(str(error).split())
            channel.send({"error": "MediaError", "message": f"cannot decode: {said}", "hint": "is the file whole?"})
            return
        channel.send(
            {
                "error": "DecodeStopped",
                "message": f"decoding needs more than the {job['memory_mb']} MB it may use",
                "hint": "raise decode_memory_mb if you trust this file",
            }
        )


def _is_out_of_memory(error: BaseException) -> bool:
    if isinstance(error, ImportError):  # how the loader of a library says that there is no room for it
        return "failed to map" in str(error) or "cannot allocate memory" in str(error).lower()
    return isinstance(error, MemoryError) or getattr(error, "errno", None) == errno.ENOMEM


def die_with(parent_pid: int) -> None:
    """Asks the kernel to kill this process when its parent ends (Linux; elsewhere a broken pipe does it later)."""
    if sys.platform != "linux":
        return
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent_pid:
        os._exit(1)


def limit_memory(megabytes: int) -> None:
    """Bounds private writable memory; shared slots and mapped files do not count. No effect where unsupported."""
    import resource

    limit = megabytes * 2**20
    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    resource.setrlimit(resource.RLIMIT_DATA, (limit if hard == resource.RLIM_INFINITY else min(limit, hard), hard))
