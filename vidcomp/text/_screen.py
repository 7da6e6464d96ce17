"""Lines read on single frames become blocks of text, and blocks become spans of time. Pure functions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher

from vidcomp.text._clean import comparable
from vidcomp.types import TextSpan

_MOST_ROWS = 6  # of a block; more are a page or a list, whose lines are better found and followed one by one
_ALIKE = 0.9  # of two readings' letters: one wrong in ten is the reader's doing, not another text


@dataclass(frozen=True)
class Line:
    """Text within a box, pixels from the top left; a block of several lines has the box around them."""

    text: str
    score: float
    left: float
    top: float
    right: float
    bottom: float

    @property
    def height(self) -> float:
        return self.bottom - self.top

    def around(self, other: Line) -> Line:
        """Both as one, this first; the score is the mean by letters."""
        mine, others = len(self.text), len(other.text)
        return Line(
            f"{self.text} {other.text}",
            (self.score * mine + other.score * others) / (mine + others),
            min(self.left, other.left),
            min(self.top, other.top),
            max(self.right, other.right),
            max(self.bottom, other.bottom),
        )


def blocks(lines: Sequence[Line]) -> list[Line]:
    """``lines`` in reading order: boxes of one row become a line, lines set closely under each other a block."""
    rows: list[Line] = []
    for line in sorted(lines, key=lambda line: (line.top + line.bottom) / 2):
        at = next((i for i, row in enumerate(rows) if _in_row(row, line)), None)
        if at is None:
            rows.append(line)
        else:
            left, right = sorted((rows[at], line), key=lambda part: part.left)
            rows[at] = left.around(right)
    groups: list[list[Line]] = []
    for row in rows:
        above = next((group for group in groups if _under(group[-1], row)), None)
        if above is None:
            groups.append([row])
        else:
            above.append(row)
    return [block for group in groups for block in ([_joined(group)] if len(group) <= _MOST_ROWS else group)]


def _joined(rows: list[Line]) -> Line:
    first, *others = rows
    for row in others:
        first = first.around(row)
    return first


def _in_row(row: Line, line: Line) -> bool:
    """Whether the boxes share most of their height, are of one size, and lie no further apart than two letters."""
    low, high = sorted((row.height, line.height))
    overlap = min(row.bottom, line.bottom) - max(row.top, line.top)
    gap = max(row.left, line.left) - min(row.right, line.right)
    return overlap > 0.6 * low and high < 1.8 * low and gap < 1.5 * high


def _under(above: Line, row: Line) -> bool:
    """Whether ``row`` goes on with the text ``above``: close under it, of about its size, left- or mid-aligned."""
    low, high = sorted((above.height, row.height))
    near = -0.5 * low < row.top - above.bottom < 0.8 * low
    middle = abs((above.left + above.right) - (row.left + row.right)) / 2
    return near and high < 1.6 * low and min(abs(above.left - row.left), middle) < 1.5 * high


@dataclass(frozen=True)
class _Shown:
    start_s: float
    reading: Line


def join(readings: Iterable[tuple[float, Sequence[Line]]], end_s: float) -> tuple[TextSpan, ...]:
    """Spans, in order of time, of texts that readings (time and blocks, ascending) have in common with the next.

    A text lasts from the first reading that has it to the first that has not, or to ``end_s``.
    """
    shown: list[_Shown] = []
    spans: list[TextSpan] = []
    for time_s, found in readings:
        new = list(found)
        still: list[_Shown] = []
        for text in shown:
            again = next((line for line in new if _alike(line.text, text.reading.text)), None)
            if again is None:
                spans.append(_span(text, time_s))
                continue
            new.remove(again)
            still.append(replace(text, reading=max(text.reading, again, key=lambda line: line.score)))
        shown = still + [_Shown(time_s, line) for line in new]
    spans += [_span(text, max(end_s, text.start_s)) for text in shown]
    return tuple(sorted(spans, key=lambda span: (span.start_s, span.end_s)))


def _span(text: _Shown, end_s: float) -> TextSpan:
    return TextSpan(text.start_s, end_s, text.reading.text, "ocr", min(1.0, text.reading.score))


def _alike(one: str, other: str) -> bool:
    one, other = comparable(one), comparable(other)
    return one == other or SequenceMatcher(None, one, other, autojunk=False).ratio() >= _ALIKE
