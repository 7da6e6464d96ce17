"""Things that appear in more than one scene. ``x, y`` is where a thing stands or floats, unless it says otherwise."""

from __future__ import annotations

from math import pi, sin

from samples.harbour.canvas import INK, WHITE, Canvas, Colour

SKIN: Colour = (240, 196, 160)
RED: Colour = (200, 62, 58)
LIT: Colour = (255, 214, 120)


def gull(c: Canvas, x: float, y: float, time_s: float, size: float = 14, colour: Colour = WHITE) -> None:
    """A bird on the wing; (x, y) is its body."""
    lift = size * 0.7 * sin(2 * pi * time_s * 1.3)
    c.line([(x - size, y - lift), (x - size * 0.4, y - size * 0.3), (x, y)], colour, 2.5)
    c.line([(x, y), (x + size * 0.4, y - size * 0.3), (x + size, y - lift)], colour, 2.5)


def cloud(c: Canvas, x: float, y: float, size: float, colour: Colour) -> None:
    for right, up, radius in ((-1.1, 0, 0.55), (-0.4, 0.35, 0.75), (0.4, 0.25, 0.65), (1.1, 0, 0.5)):
        c.oval(x + right * size, y - up * size, radius * size, colour)
    c.box(x - 1.5 * size, y, 3 * size, size * 0.5, colour, size * 0.25)


def person(c: Canvas, x: float, y: float, size: float, coat: Colour, hair: Colour = INK, hat: Colour | None = None):
    """A figure ``size`` tall with its feet at (x, y)."""
    c.box(x - size * 0.13, y - size * 0.3, size * 0.1, size * 0.3, INK)
    c.box(x + size * 0.03, y - size * 0.3, size * 0.1, size * 0.3, INK)
    c.shape(
        [
            (x - size * 0.13, y - size * 0.72),
            (x + size * 0.13, y - size * 0.72),
            (x + size * 0.23, y - size * 0.22),
            (x - size * 0.23, y - size * 0.22),
        ],
        coat,
    )
    c.oval(x, y - size * 0.86, size * 0.155, hair)
    c.oval(x, y - size * 0.83, size * 0.13, SKIN)
    if hat:
        c.box(x - size * 0.16, y - size * 1.02, size * 0.32, size * 0.12, hat, 2)
        c.oval(x, y - size * 1.05, size * 0.17, hat, size * 0.1)


def house(c: Canvas, x: float, y: float, width: float, height: float, wall: Colour, roof: Colour, glass: Colour):
    """A gabled house whose lower left corner is (x, y)."""
    top = y - height
    c.box(x, top, width, height, wall)
    c.shape([(x - width * 0.1, top), (x + width * 0.5, top - width * 0.45), (x + width * 1.1, top)], roof)
    pane = width * 0.2
    for right in (0.16, 0.64):
        c.box(x + width * right, top + height * 0.18, pane, pane * 1.2, glass, 1)
    c.box(x + width * 0.4, y - height * 0.38, width * 0.2, height * 0.38, roof)


def tower(c: Canvas, x: float, y: float, height: float, lamp: Colour) -> None:
    """A lighthouse in red and white; its lamp is at (x, y - height)."""
    foot, neck, bands = height * 0.15, height * 0.09, 5
    top = y - height * 0.9
    for band in range(bands):
        low, high = band / bands, (band + 1) / bands
        left_low, left_high = foot + (neck - foot) * low, foot + (neck - foot) * high
        y_low, y_high = y + (top - y) * low, y + (top - y) * high
        c.shape(
            [(x - left_low, y_low), (x + left_low, y_low), (x + left_high, y_high), (x - left_high, y_high)],
            WHITE if band % 2 else RED,
        )
    c.box(x - neck * 1.5, top - 2, neck * 3, height * 0.03, INK)
    c.box(x - neck * 0.75, y - height * 1.06, neck * 1.5, height * 0.16, lamp)
    for right in (-0.75, -0.06, 0.63):
        c.box(x + neck * right, y - height * 1.06, neck * 0.12, height * 0.16, INK)
    c.shape([(x - neck, y - height * 1.05), (x, y - height * 1.17), (x + neck, y - height * 1.05)], RED)


def beam(c: Canvas, x: float, y: float, time_s: float) -> None:
    """The light that the lamp at (x, y) throws to one side and the other as it turns."""
    turn = sin(2 * pi * time_s / 5)
    for spread, alpha in ((46, 26), (30, 30), (14, 34)):
        c.shape([(x, y), (x + 900 * turn, y - spread), (x + 900 * turn, y + spread)], (255, 244, 200, alpha))


def ferry(c: Canvas, x: float, y: float, size: float, name: str = "") -> None:
    """A blue ferry ``size`` long, the middle of its water line at (x, y); its bow points left."""
    half = size / 2
    c.box(x - half * 0.62, y - size * 0.27, size * 0.68, size * 0.13, WHITE, 4)
    c.box(x - half * 0.4, y - size * 0.37, size * 0.36, size * 0.11, WHITE, 4)
    c.box(x + half * 0.3, y - size * 0.42, size * 0.09, size * 0.16, RED, 2)
    c.box(x + half * 0.3, y - size * 0.39, size * 0.09, size * 0.03, WHITE)
    for number in range(8):
        c.box(x - half * 0.54 + number * size * 0.078, y - size * 0.235, size * 0.045, size * 0.05, (120, 170, 200), 3)
    for number in range(4):
        c.box(x - half * 0.34 + number * size * 0.078, y - size * 0.345, size * 0.05, size * 0.045, (120, 170, 200), 3)
    c.shape(
        [
            (x - half, y - size * 0.17),
            (x + half * 0.94, y - size * 0.14),
            (x + half * 0.86, y + size * 0.04),
            (x - half * 0.78, y + size * 0.04),
        ],
        (36, 92, 158),
    )
    c.line([(x - half * 0.97, y - size * 0.145), (x + half * 0.93, y - size * 0.118)], WHITE, size * 0.008)
    if name:
        c.text(x - half * 0.28, y - size * 0.055, name, size * 0.062, WHITE)


def fishing_boat(c: Canvas, x: float, y: float, size: float, lean: float) -> None:
    """A little open boat with a wheelhouse; ``lean`` (about -1 to 1) tips it over."""

    def at(right: float, up: float) -> tuple[float, float]:
        return x + size * (right + up * lean * 0.5), y - size * (up - right * lean * 0.5)

    c.line([at(0.1, 0.1), at(0.1, 0.95)], (92, 66, 48), 4)
    c.line([at(0.1, 0.92), at(-0.42, 0.2)], (92, 66, 48), 1.5)
    c.shape([at(0.14, 0.2), at(0.42, 0.2), at(0.42, 0.5), at(0.14, 0.5)], (236, 226, 204))
    c.shape([at(0.2, 0.32), at(0.34, 0.32), at(0.34, 0.44), at(0.2, 0.44)], LIT)
    c.shape([at(-0.6, 0.28), at(0.56, 0.22), at(0.46, -0.1), at(-0.42, -0.1)], (176, 84, 48))
    c.line([at(-0.59, 0.25), at(0.55, 0.19)], WHITE, 3)


def awning(c: Canvas, x: float, y: float, width: float, height: float, colour: Colour, stripes: int = 8) -> None:
    """A striped blind; (x, y) is its upper left corner."""
    step = width / stripes
    for number in range(stripes):
        tint = colour if number % 2 else WHITE
        left = x + number * step
        c.box(left, y, step, height, tint)
        c.oval(left + step / 2, y + height, step / 2, tint, step * 0.32)


def fruit(c: Canvas, x: float, y: float, width: float, colour: Colour) -> None:
    """A crate heaped with round fruit; (x, y) is its upper left corner."""
    radius = width / 10
    for row in range(2):
        for number in range(5 - row):
            c.oval(x + radius * (2 * number + 1 + row), y - radius * 1.5 * row, radius, colour)
    c.box(x, y, width, width * 0.32, (150, 104, 66))
    c.box(x, y + width * 0.14, width, 2, (112, 76, 46))
