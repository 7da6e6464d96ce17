"""A picture to draw on. Coordinates are pixels of the finished frame; colours are (r, g, b) or (r, g, b, alpha).

Everything is drawn at twice its size and halved at the end: Pillow's shapes have hard edges, and this smooths them.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from math import pi, sin

import numpy as np
from PIL import Image, ImageDraw, ImageFont

WIDTH, HEIGHT = 960, 540
ZOOM = 2

Colour = tuple[int, ...]
Point = tuple[float, float]

WHITE: Colour = (255, 255, 255)
INK: Colour = (38, 44, 60)


class Canvas:
    def __init__(self, image: Image.Image | None = None) -> None:
        self._image = image or Image.new("RGB", (WIDTH * ZOOM, HEIGHT * ZOOM))
        self._draw = ImageDraw.Draw(self._image, "RGBA")

    def copy(self) -> Canvas:
        return Canvas(self._image.copy())

    def finished(self) -> Image.Image:
        return self._image.reduce(ZOOM)

    def gradient(self, top: Colour, bottom: Colour, from_y: float = 0, to_y: float = HEIGHT) -> None:
        """A band over the whole width, shading from ``top`` down to ``bottom``."""
        share = np.linspace(0, 1, round((to_y - from_y) * ZOOM))[:, None, None]
        column = np.array(top) * (1 - share) + np.array(bottom) * share
        band = Image.fromarray(np.rint(column).astype(np.uint8)).resize((WIDTH * ZOOM, len(column)))
        self._image.paste(band, (0, round(from_y * ZOOM)))

    def box(self, x: float, y: float, width: float, height: float, fill: Colour, radius: float = 0) -> None:
        corners = (x * ZOOM, y * ZOOM, (x + width) * ZOOM, (y + height) * ZOOM)
        self._draw.rounded_rectangle(corners, radius * ZOOM, fill)

    def shape(self, points: Sequence[Point], fill: Colour) -> None:
        self._draw.polygon([(x * ZOOM, y * ZOOM) for x, y in points], fill)

    def line(self, points: Sequence[Point], fill: Colour, width: float = 2) -> None:
        self._draw.line([(x * ZOOM, y * ZOOM) for x, y in points], fill, round(width * ZOOM), joint="curve")

    def oval(self, x: float, y: float, radius: float, fill: Colour, radius_y: float | None = None) -> None:
        """Centred on (x, y)."""
        tall = radius if radius_y is None else radius_y
        self._draw.ellipse(((x - radius) * ZOOM, (y - tall) * ZOOM, (x + radius) * ZOOM, (y + tall) * ZOOM), fill)

    def glow(self, x: float, y: float, radius: float, colour: Colour, rings: int = 8) -> None:
        """A soft light: rings of the colour, each faint, that add up towards the middle."""
        for ring in range(rings, 0, -1):
            self.oval(x, y, radius * ring / rings, (*colour[:3], 14))

    def waves(self, y: float, height: float, length: float, phase: float, fill: Colour) -> None:
        """Water from a wavy surface at ``y`` down to the lower edge; ``phase`` 1 moves it on by one wave."""
        surface = [(x, y + height * sin(2 * pi * (x / length + phase))) for x in range(0, WIDTH + 12, 12)]
        self.shape([*surface, (WIDTH, HEIGHT), (0, HEIGHT)], fill)

    def text(self, x: float, y: float, words: str, size: float, fill: Colour, heavy: bool = True) -> None:
        """Centred on (x, y); ``heavy`` thickens the strokes, as Pillow's own font comes in one weight."""
        stroke = round(size * ZOOM / 40) if heavy else 0
        self._draw.text((x * ZOOM, y * ZOOM), words, fill, _font(size), anchor="mm", stroke_width=stroke)

    def board(
        self, x: float, y: float, width: float, lines: Sequence[str], size: float, wood: Colour, ink: Colour
    ) -> None:
        """A sign with a frame, its middle at (x, y), that carries lines of text."""
        height = size * 1.45 * len(lines) + size * 0.5
        self.box(x - width / 2 - 5, y - height / 2 - 5, width + 10, height + 10, _darker(wood), 7)
        self.box(x - width / 2, y - height / 2, width, height, wood, 4)
        for number, words in enumerate(lines):
            self.text(x, y + size * 1.45 * (number - (len(lines) - 1) / 2), words, size, ink)

    def caption(self, words: str, y: float = 480, size: float = 30) -> None:
        """A line of text laid over the picture, on a dark band that keeps it legible."""
        width = _font(size).getlength(words) / ZOOM + size * 2.2
        self.box((WIDTH - width) / 2, y - size, width, size * 2, (20, 26, 40, 205), size * 0.4)
        self.text(WIDTH / 2, y, words, size, WHITE)


@cache
def _font(size: float) -> ImageFont.FreeTypeFont:
    return ImageFont.load_default(size * ZOOM)


def _darker(colour: Colour) -> Colour:
    return tuple(part * 2 // 3 for part in colour[:3])
