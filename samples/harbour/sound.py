"""The film's sound: spoken lines at their places, a tune where nobody speaks, thunder in the storm; else silence."""

from __future__ import annotations

import numpy as np

SPEECH_PEAK = 0.7
TUNE_HZ = (523.25, 659.25, 783.99, 880.0, 783.99, 659.25, 587.33, 1046.5, 783.99, 587.33, 523.25)
BEAT_S = 0.55


def speech_at_level(samples: np.ndarray) -> np.ndarray:
    """A line at the loudness that all lines share: espeak-ng's own level varies with the vowels."""
    return samples * (SPEECH_PEAK / np.abs(samples).max())


def tune(rate_hz: int) -> np.ndarray:
    """A music box: each note is a sine and its octave, dying away over the notes that follow it."""
    ring_s = 1.4
    time = np.arange(int(ring_s * rate_hz)) / rate_hz
    out = np.zeros(int((len(TUNE_HZ) * BEAT_S + ring_s) * rate_hz), np.float32)
    for number, pitch in enumerate(TUNE_HZ):
        note = (np.sin(2 * np.pi * pitch * time) + 0.3 * np.sin(4 * np.pi * pitch * time)) * np.exp(-3.5 * time)
        attack = np.minimum(1, time / 0.005)
        begin = int(number * BEAT_S * rate_hz)
        out[begin : begin + len(note)] += (0.12 * note * attack).astype(np.float32)
    return out


def thunder(rate_hz: int) -> np.ndarray:
    """Two seconds of brown noise that swells and dies away."""
    steps = np.random.default_rng(9).normal(size=2 * rate_hz)
    rumble = np.convolve(np.cumsum(steps - steps.mean()), np.ones(64) / 64, mode="same")
    envelope = np.sin(np.linspace(0, np.pi, len(rumble))) ** 2
    return (0.35 * envelope * rumble / np.abs(rumble).max()).astype(np.float32)


def mix(pieces: list[tuple[float, np.ndarray]], duration_s: float, rate_hz: int) -> np.ndarray:
    """Mono sound (float32 [n]) of the whole film: each piece laid in at its time; RuntimeError if one sticks out."""
    out = np.zeros(round(duration_s * rate_hz), np.float32)
    for start_s, samples in pieces:
        begin = round(start_s * rate_hz)
        if begin + len(samples) > len(out):
            raise RuntimeError(f"the sound at {start_s} s is longer than the film")
        out[begin : begin + len(samples)] += samples
    return np.clip(out, -1, 1)
