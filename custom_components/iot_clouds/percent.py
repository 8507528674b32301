"""Percentages as Home Assistant takes them: whole, from 0 to 100."""

import math


def whole(percent: float | None) -> int | None:
    """The nearest whole percentage; None for what is no number.

    Sensors overshoot their calibration, so what is a little out of range is its end.
    """
    if percent is None or math.isnan(percent):
        return None
    return round(min(max(percent, 0.0), 100.0))
