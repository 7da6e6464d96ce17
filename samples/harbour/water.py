"""The scenes by and on the water: lighthouse, ferry, open sea, storm. Built as those of ``town``."""

from __future__ import annotations

from collections.abc import Mapping
from math import pi, sin

import numpy as np

from samples.harbour import props
from samples.harbour.canvas import INK, WHITE, Canvas

TOW_S = 12.0
LIGHTNING_S = (1.0, 1.25, 11.75)


def lighthouse_still(c: Canvas) -> None:
    c.gradient((104, 176, 228), (220, 238, 244), 0, 370)
    c.gradient((70, 140, 180), (36, 92, 140), 370, 540)


def lighthouse_moving(c: Canvas, time_s: float, signs: Mapping[str, str]) -> None:
    for x, y, size in ((90, 90, 40), (400, 60, 30), (560, 150, 24)):
        props.cloud(c, x + 9 * time_s, y, size, WHITE)
    for number in range(3):
        tint = ((84, 154, 192), (58, 124, 168), (40, 98, 146))[number]
        c.waves(400 + 44 * number, 6 + 2 * number, 220 + 70 * number, time_s * (0.26 - 0.05 * number), (*tint, 190))
    _cliff(c)
    props.person(c, 712 + 3 * sin(time_s), 125, 40, props.RED, (150, 80, 40))
    for number in range(5):
        spray = abs(sin(time_s * 1.5 + number * 1.2))
        c.oval(474 + 14 * number, 534 - 12 * number, 6 + 8 * spray, (255, 255, 255, 150), 3 + 4 * spray)
    for number in range(5):
        x = (80 + 190 * number + 52 * time_s) % 1040 - 40
        props.gull(c, x, 210 + 30 * (number % 3) + 10 * sin(time_s + number), time_s + number * 0.2, 15)
    if "built" in signs:
        c.caption(signs["built"])


def _cliff(c: Canvas) -> None:
    c.shape([(500, 540), (540, 446), (640, 402), (820, 380), (960, 396), (960, 540)], (112, 104, 92))
    c.shape([(470, 540), (540, 496), (700, 476), (960, 490), (960, 540)], (88, 82, 76))
    c.shape([(548, 440), (640, 402), (820, 380), (960, 396), (960, 428), (800, 408), (650, 424)], (104, 152, 84))
    props.house(c, 850, 400, 70, 44, (244, 236, 216), (158, 78, 62), (150, 190, 210))
    props.tower(c, 740, 396, 300, (255, 240, 190))


def ferry_still(c: Canvas) -> None:
    c.gradient((150, 204, 236), (232, 240, 236), 0, 300)
    c.shape([(500, 300), (600, 262), (740, 246), (860, 270), (960, 300)], (136, 164, 150))
    c.gradient((112, 176, 196), (44, 108, 150), 300, 540)


def ferry_moving(c: Canvas, time_s: float, signs: Mapping[str, str]) -> None:
    for x, y, size in ((240, 60, 34), (640, 90, 28)):
        props.cloud(c, x + 6 * time_s, y, size, WHITE)
    c.waves(330, 4, 200, time_s * 0.2, (98, 164, 190))
    approach = max(0.0, 1 - time_s / 5) ** 2
    props.ferry(c, 640 + 260 * approach, 418 + 2 * sin(time_s * 2), 520, signs.get("hull", ""))
    c.waves(434, 6, 260, time_s * 0.24, (58, 124, 164, 235))
    for x in (40, 180, 320):
        c.box(x, 440, 16, 100, (92, 66, 48))
    c.box(0, 430, 372, 22, (150, 112, 76))
    for x in range(0, 372, 31):
        c.box(x, 430, 2, 22, (112, 80, 54))
    for number, coat in enumerate(((210, 90, 70), (250, 200, 90), (90, 150, 120))):
        wave = 5 * abs(sin(time_s * 2.4 + number))
        props.person(c, 238 + 40 * number, 432 - wave, 74, coat, ((96, 62, 40), INK, (224, 180, 90))[number])
    c.box(98, 300, 10, 132, INK)
    table = [signs[name] for name in ("destination", "departure", "pier") if name in signs]
    if table:
        c.board(103, 236, 184, table, 22, (28, 48, 84), WHITE)
    props.gull(c, 470 + 46 * time_s, 150 + 12 * sin(time_s), time_s, 16)


def sea_still(c: Canvas) -> None:
    c.gradient((84, 164, 226), (214, 236, 244), 0, 270)
    c.gradient((64, 146, 186), (22, 74, 126), 270, 540)
    c.shape([(60, 272), (120, 232), (190, 214), (250, 240), (330, 272)], (96, 140, 104))
    c.glow(760, 90, 120, (255, 246, 200))
    c.oval(760, 90, 36, (255, 246, 206))


def sea_moving(c: Canvas, time_s: float, signs: Mapping[str, str]) -> None:
    props.cloud(c, 400 + 10 * time_s, 80, 36, WHITE)
    props.ferry(c, 780 - 34 * time_s, 300 + 2 * sin(time_s * 2), 150)
    c.waves(306, 4, 170, time_s * 0.24, (58, 138, 180))
    for number in range(3):
        _dolphin(c, 240 + 200 * number, 418 + 8 * number, time_s * 0.45 - 0.22 * number)
    c.waves(420, 8, 260, time_s * 0.3, (38, 104, 154, 225))
    c.waves(478, 10, 330, time_s * 0.26, (26, 84, 136))
    for number in range(4):
        x = 980 - (250 * number + 70 * time_s) % 1040
        props.gull(c, x, 150 + 26 * (number % 3), time_s + number * 0.25, 17)


def _dolphin(c: Canvas, x: float, y: float, turn: float) -> None:
    """One leap to each whole ``turn``: half of it above the water, half of it below, where nothing is drawn."""
    share = (turn % 1) * 2
    if share > 1:
        return
    spine = []
    for step in range(13):
        along = share * 1.4 - 0.2 + 0.36 * (step / 12 - 0.5)
        spine.append((x + 250 * along, y + 26 - 120 * sin(pi * along)))
    thick = (2, 4, 6, 8, 10, 11, 12, 12, 11, 9, 7, 3, 2)
    upper = [(px, py - half) for (px, py), half in zip(spine, thick)]
    lower = [(px, py + half) for (px, py), half in zip(spine, thick)]
    tail, back = spine[0], spine[6]
    for part in (
        upper + lower[::-1],
        [(tail[0] - 17, tail[1] - 8), (tail[0] + 8, tail[1]), (tail[0] - 12, tail[1] + 12)],
        [(back[0] - 9, back[1] - 8), (back[0] - 13, back[1] - 26), (back[0] + 9, back[1] - 9)],
    ):
        c.shape(part, (82, 96, 124))


def storm_still(c: Canvas) -> None:
    c.gradient((34, 40, 56), (92, 104, 118), 0, 330)
    c.gradient((56, 78, 92), (22, 36, 52), 330, 540)
    props.tower(c, 870, 330, 130, props.LIT)
    c.shape([(790, 345), (830, 326), (960, 322), (960, 350)], (40, 44, 48))


def storm_moving(c: Canvas, time_s: float, signs: Mapping[str, str]) -> None:
    props.beam(c, 870, 202, time_s)
    for number in range(6):
        x = (190 * number + 26 * time_s) % 1240 - 140
        props.cloud(c, x, 54 + 34 * (number % 2), 66, (58 + 8 * (number % 3), 64 + 8 * (number % 3), 80))
    if any(start <= time_s < start + 0.125 for start in LIGHTNING_S):
        c.box(0, 0, 960, 540, (240, 244, 255, 40))
        c.line([(300, 100), (330, 168), (300, 186), (352, 300)], WHITE, 5)
    c.waves(348, 12, 240, time_s * 0.42, (58, 82, 98))
    if time_s >= TOW_S:
        tow_x = 620 - 30 * (time_s - TOW_S)
        props.ferry(c, tow_x - 260, 396 + 8 * sin(time_s * 2.2), 250)
        c.line([(tow_x - 142, 372 + 8 * sin(time_s * 2.2)), (tow_x - 50, 404 + 10 * sin(time_s * 2.4))], WHITE, 2)
        boat_x = tow_x
    else:
        boat_x = 520 + 10 * time_s
    props.fishing_boat(c, boat_x, 420 + 14 * sin(time_s * 2.4), 110, 0.5 * sin(time_s * 2.4 + 0.8))
    c.waves(432, 16, 300, time_s * 0.46, (40, 62, 80, 240))
    c.waves(484, 18, 380, time_s * 0.4, (26, 42, 60))
    drops = np.random.default_rng(5).uniform((0, 0), (1060, 540), (70, 2))
    for x, y in drops:
        fall = (y + 620 * time_s) % 580 - 40
        c.line([(x - fall * 0.18, fall), (x - fall * 0.18 - 4, fall + 22)], (200, 214, 230, 110), 1)
    if "warning" in signs:
        c.caption(signs["warning"], y=250, size=36)
