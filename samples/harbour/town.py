"""The scenes on land: dawn over the town, the bakery, the market, and the square at night.

Each scene is two functions: ``*_still`` draws what never changes, once; ``*_moving`` draws the rest at an instant of
the scene, with the signs that are on show then.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import pi, sin

import numpy as np

from samples.harbour import props
from samples.harbour.canvas import INK, WHITE, Canvas, Colour

WALLS: tuple[Colour, ...] = ((238, 214, 176), (206, 128, 98), (226, 188, 120), (170, 186, 176), (232, 200, 190))
ROOFS: tuple[Colour, ...] = ((158, 78, 62), (110, 70, 74), (170, 92, 60))
WOOD: Colour = (246, 236, 210)


def _row_of_houses(c: Canvas, y: float, glass: Colour, shade: float = 1.0) -> None:
    for number in range(11):
        wall = tuple(int(part * shade) for part in WALLS[number * 2 % 5])
        roof = tuple(int(part * shade) for part in ROOFS[number % 3])
        props.house(c, 12 + number * 87, y, 66, 58 + 17 * (number * 5 % 4), wall, roof, glass)


def dawn_still(c: Canvas) -> None:
    c.gradient((86, 112, 168), (255, 206, 160), 0, 350)
    ridge = [(0, 330), (150, 255), (330, 300), (520, 240), (760, 305), (960, 250)]
    c.shape([*ridge, (960, 350), (0, 350)], (126, 118, 146))


def dawn_moving(c: Canvas, time_s: float, signs: Mapping[str, str]) -> None:
    sun_y = 300 - 11 * time_s
    c.glow(640, sun_y, 150, (255, 236, 180))
    c.oval(640, sun_y, 38, (255, 240, 196))
    for x, y, size in ((140, 90, 36), (420, 60, 26), (850, 120, 32)):
        props.cloud(c, x + 5 * time_s, y, size, (255, 226, 210, 210))
    _row_of_houses(c, 350, props.LIT)
    c.gradient((232, 168, 140), (64, 108, 146), 350, 540)
    for number in range(3):
        tint = ((206, 160, 150), (120, 136, 160), (66, 104, 140))[number]
        c.waves(384 + 46 * number, 4 + 2 * number, 190 + 60 * number, time_s * (0.22 - 0.04 * number), tint)
    props.fishing_boat(c, 250 + 9 * time_s, 440 + 3 * sin(time_s * 2), 88, 0.12 * sin(time_s * 1.6))
    for number in range(4):
        x = (120 + 220 * number + 40 * time_s) % 1040 - 40
        props.gull(c, x, 130 + 34 * (number % 3), time_s + number * 0.3, 13)
    if "population" in signs:
        c.box(788, 430, 10, 110, (112, 76, 46))
        c.box(872, 430, 10, 110, (112, 76, 46))
        c.board(835, 430, 196, (signs["population"],), 20, WOOD, INK)
    if "title" in signs:
        c.caption(signs["title"], y=200, size=44)


def bakery_still(c: Canvas) -> None:
    c.gradient((24, 34, 78), (92, 92, 140), 0, 540)
    for x, y in ((60, 60), (150, 130), (90, 210), (890, 70), (820, 150), (910, 230), (180, 40), (780, 40)):
        c.oval(x, y, 2, WHITE)
    c.box(0, 470, 960, 70, (86, 80, 96))
    c.box(200, 110, 560, 370, (214, 150, 108))
    c.shape([(170, 116), (250, 62), (710, 62), (790, 116)], (134, 66, 56))
    c.box(620, 44, 44, 50, (120, 70, 62))
    c.box(244, 246, 300, 170, (255, 222, 150), 4)
    c.box(604, 236, 110, 244, (104, 62, 44), 4)
    c.box(620, 252, 78, 92, (255, 222, 150), 3)
    c.oval(696, 372, 5, props.LIT)
    c.box(244, 372, 300, 8, (134, 90, 60))
    for number in range(6):
        c.oval(274 + number * 48, 366, 21, ((198, 128, 62), (168, 100, 48))[number % 2], 13)
    c.box(232, 416, 324, 12, (134, 90, 60))
    props.awning(c, 228, 206, 332, 40, (62, 118, 128), 10)


def bakery_moving(c: Canvas, time_s: float, signs: Mapping[str, str]) -> None:
    for number in range(5):
        age = (time_s * 0.35 + number / 5) % 1
        x = 642 + 60 * age + 8 * sin(6 * age + number)
        c.oval(x, 40 - 44 * age, 6 + 14 * age, (220, 220, 232, int(120 * (1 - age))))
    knead = 4 * sin(2 * pi * time_s * 0.9)
    x = 394 + 36 * sin(time_s * 0.5)
    c.oval(x, 300 + knead, 22, props.SKIN)
    c.box(x - 22, 268 + knead, 44, 18, WHITE, 5)
    c.oval(x, 266 + knead, 26, WHITE, 13)
    c.shape([(x - 24, 322 + knead), (x + 24, 322 + knead), (x + 34, 366), (x - 34, 366)], WHITE)
    c.oval(x, 362, 40, (244, 222, 176), 10 + knead)
    if "shop" in signs:
        c.board(394, 158, 250, (signs["shop"],), 46, (62, 118, 128), WHITE)
    prices = [signs[name] for name in ("bread", "cake") if name in signs]
    if prices:
        c.line([(806, 400), (786, 520)], (112, 76, 46), 6)
        c.line([(912, 400), (932, 520)], (112, 76, 46), 6)
        c.board(859, 440, 178, prices, 19, (44, 58, 54), WHITE)


def market_still(c: Canvas) -> None:
    c.gradient((116, 186, 230), (214, 236, 240), 0, 330)
    _row_of_houses(c, 330, (150, 190, 210))
    c.gradient((214, 196, 164), (184, 160, 128), 330, 540)
    for left, colour in ((50, (200, 62, 58)), (370, (70, 140, 84)), (690, (58, 104, 170))):
        c.box(left + 8, 270, 8, 190, (112, 76, 46))
        c.box(left + 204, 270, 8, 190, (112, 76, 46))
        c.box(left, 400, 220, 62, (168, 120, 78))
        props.awning(c, left - 8, 250, 236, 34, colour)
    for left, colour in ((64, (214, 70, 56)), (134, (240, 180, 60)), (204, (140, 180, 70))):
        props.fruit(c, left - 4, 376, 62, colour)
    for left, colour in ((704, (130, 80, 140)), (774, (230, 120, 50)), (844, (200, 60, 70))):
        props.fruit(c, left - 4, 376, 62, colour)
    for left, colour in ((400, (206, 52, 48)), (484, (150, 190, 70))):
        props.fruit(c, left, 374, 72, colour)


def market_moving(c: Canvas, time_s: float, signs: Mapping[str, str]) -> None:
    for x, y, size in ((200, 60, 30), (700, 84, 36)):
        props.cloud(c, x + 7 * time_s, y, size, WHITE)
    coats: tuple[Colour, ...] = ((228, 120, 70), (84, 150, 120), (150, 100, 160), (60, 110, 170), (210, 90, 110))
    for number, coat in enumerate(coats[:3]):
        hop = 12 * abs(sin(pi * (time_s * 1.1 + number * 0.33)))
        props.person(c, 420 + 62 * number, 500 - hop, 88, coat, ((96, 62, 40), (224, 180, 90), INK)[number])
    for number, speed in enumerate((38, -30, 24, -44)):
        x = (150 + 260 * number + speed * time_s) % 1060 - 50
        step = abs(3 * sin(time_s * 6 + number))
        props.person(c, x, 528 - step, 124, coats[number + 1], ((92, 64, 50), INK)[number % 2])
    if "banner" in signs:
        sway = 3 * sin(time_s * 1.7)
        c.line([(0, 150), (200, 176 + sway), (760, 176 + sway), (960, 150)], (96, 80, 70), 3)
        c.board(480, 190 + sway, 520, (signs["banner"],), 36, (250, 240, 214), (160, 44, 44))


def night_still(c: Canvas) -> None:
    c.gradient((10, 16, 48), (52, 62, 116), 0, 380)
    for x, y in np.random.default_rng(7).uniform((0, 0), (960, 230), (70, 2)):
        c.oval(x, y, 1.4, (255, 255, 255, 200))
    c.oval(820, 80, 34, (246, 240, 214))
    c.oval(806, 72, 30, (24, 30, 68))
    _row_of_houses(c, 380, props.LIT, 0.5)
    c.gradient((62, 58, 84), (38, 36, 60), 380, 540)


def night_moving(c: Canvas, time_s: float, signs: Mapping[str, str]) -> None:
    for number, (x, y, start_s) in enumerate(((200, 110, 7.5), (640, 90, 9.0), (420, 70, 10.5))):
        _firework(c, x, y, time_s - start_s, ((255, 150, 120), (150, 220, 255), (255, 230, 130))[number])
    for number in range(16):
        x = 30 + 60 * number
        y = 262 + 16 * abs(sin(pi * x / 320))
        c.glow(x, y, 22 + 3 * sin(time_s * 3 + number), (255, 214, 120), 4)
        c.oval(x, y, 5, (255, 232, 160))
    coats: tuple[Colour, ...] = ((70, 96, 150), (150, 110, 60), (96, 130, 100), (130, 84, 130), (60, 110, 130))
    for number in range(9):
        x = 70 + 102 * number
        if number not in (3, 4):
            sway = 4 * abs(sin(time_s * 2 + number))
            props.person(c, x, 500 + 14 * (number % 2) - sway, 96, coats[number % 5], (INK, (92, 64, 50))[number % 2])
    props.person(c, 496, 512, 112, props.RED, (150, 80, 40))
    for x in (356, 410):
        props.person(c, x + 26 * min(1.0, time_s / 5), 516, 112, (40, 70, 120), INK, WHITE)
    if "festival" in signs:
        c.board(480, 330, 620, (signs["festival"],), 36, (250, 240, 214), (34, 54, 110))


def _firework(c: Canvas, x: float, y: float, age_s: float, colour: Colour) -> None:
    """Sparks flying apart from (x, y), for a second and a half."""
    if not 0 <= age_s < 1.5:
        return
    reach, fading = 80 * (1 - (1 - age_s / 1.5) ** 2), int(255 * (1 - age_s / 1.5))
    for number in range(14):
        turn = 2 * pi * number / 14
        across, down = reach * sin(turn + pi / 2), reach * sin(turn) + 14 * age_s**2
        c.oval(x + across, y + down, 4, (*colour, fading))
        c.oval(x + across * 0.6, y + down * 0.6, 3, (*colour, fading))
