"""The checks that the records share."""

from __future__ import annotations

from math import isfinite


def check(ok: bool, complaint: str) -> None:
    if not ok:
        raise ValueError(complaint)


def check_interval(start_s: float, end_s: float) -> None:
    check(isfinite(start_s) and isfinite(end_s), f"times must be finite, not {start_s}, {end_s}")
    check(0 <= start_s <= end_s, f"an interval must be ordered and begin at or after 0: [{start_s}, {end_s})")
