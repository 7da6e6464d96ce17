"""Spoken lines by espeak-ng, through the library that the wheel ``espeakng-loader`` carries.

The C interface is called by ctypes: the wheels that wrap it insist on a system-wide installation or on a sound card.
The library keeps a state for the whole process, and closing it does not clear that: the same lines in the same order
sound the same in every process, but a line spoken twice differs by a few samples.
"""

from __future__ import annotations

import ctypes
from functools import cache

import espeakng_loader
import numpy as np

RATE_HZ = 22_050
VOICE = "en-us"
WORDS_PER_MINUTE = 145
PITCH_RANGE = 65
WORD_GAP_10MS = 2
_SYNCHRONOUS_RETRIEVAL = 2
_RATE, _RANGE, _WORD_GAP = 1, 4, 7
_BY_CHARACTER = 1
_UTF8 = 1
_QUIET = 0.002

_Callback = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p)


def speak(text: str) -> np.ndarray:
    """One line as float32 [n] in [-1, 1] at ``RATE_HZ``, without the silence around it."""
    library = _open()
    pieces: list[np.ndarray] = []

    @_Callback
    def collect(samples: ctypes._Pointer, count: int, _events: int) -> int:
        if samples and count:
            pieces.append(np.ctypeslib.as_array(samples, (count,)).copy())
        return 0

    library.espeak_SetSynthCallback(collect)
    raw = text.encode() + b"\0"
    _expect_ok(library.espeak_Synth(raw, ctypes.c_size_t(len(raw)), 0, _BY_CHARACTER, 0, _UTF8, None, None))
    _expect_ok(library.espeak_Synchronize())
    return _trim(np.concatenate(pieces).astype(np.float32) / 32768)


@cache
def _open() -> ctypes.CDLL:
    library = ctypes.CDLL(espeakng_loader.get_library_path())
    rate_hz = library.espeak_Initialize(_SYNCHRONOUS_RETRIEVAL, 0, espeakng_loader.get_data_path().encode(), 0)
    if rate_hz != RATE_HZ:
        raise RuntimeError(f"espeak-ng should start and speak at {RATE_HZ} Hz, not {rate_hz}; does its data lack?")
    _expect_ok(library.espeak_SetVoiceByName(VOICE.encode()))
    for parameter, value in ((_RATE, WORDS_PER_MINUTE), (_RANGE, PITCH_RANGE), (_WORD_GAP, WORD_GAP_10MS)):
        _expect_ok(library.espeak_SetParameter(parameter, value, 0))
    return library


def _expect_ok(status: int) -> None:
    if status:
        raise RuntimeError(f"espeak-ng refuses, with status {status}")


def _trim(samples: np.ndarray) -> np.ndarray:
    """Speech from its first to its last audible sample, so that its times in the film are true."""
    loud = np.flatnonzero(np.abs(samples) > _QUIET)
    return samples[loud[0] : loud[-1] + 1]
