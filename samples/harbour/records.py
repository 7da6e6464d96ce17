"""What a story is made of. Times are seconds since the scene's own beginning."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Line:
    """One spoken line and the instant at which it begins."""

    name: str
    at_s: float
    text: str


@dataclass(frozen=True)
class Sign:
    """Words in the picture while ``[start_s, end_s)``; ``name`` tells the scene's painter where they belong."""

    name: str
    start_s: float
    end_s: float
    text: str


@dataclass(frozen=True)
class Scene:
    """A shot of ``duration_s``; it begins with a hard cut, unless it or the one before it fades."""

    name: str
    duration_s: float
    lines: tuple[Line, ...] = ()
    signs: tuple[Sign, ...] = ()
    fade_in_s: float = 0.0
    fade_out_s: float = 0.0

    def __post_init__(self) -> None:
        inside = all(0 <= sign.start_s < sign.end_s <= self.duration_s for sign in self.signs)
        if not inside or any(not 0 <= line.at_s < self.duration_s for line in self.lines):
            raise ValueError(f"something in the scene {self.name!r} lies outside of it")

    def visible(self, time_s: float) -> dict[str, str]:
        """The signs on show at an instant of the scene: name to text."""
        return {sign.name: sign.text for sign in self.signs if sign.start_s <= time_s < sign.end_s}

    def brightness(self, time_s: float) -> float:
        """1 in the scene's middle, falling to 0 (black) towards an end that fades."""
        rise = time_s / self.fade_in_s if self.fade_in_s else 1.0
        fall = (self.duration_s - time_s) / self.fade_out_s if self.fade_out_s else 1.0
        return max(0.0, min(1.0, rise, fall))


@dataclass(frozen=True)
class Question:
    """A question and its true answer, as the film says it; ``also`` has other ways to write the same.

    ``source`` names the line or sign that answers; without one, nothing in the film does.
    """

    text: str
    answer: str | None = None
    source: str | None = None
    also: tuple[str, ...] = ()
