"""Tells whoever waits for signs of life of single points."""

from collections.abc import Callable, Mapping
from datetime import datetime

from homeassistant.util import dt as dt_util

from .model import Reading, Ref

type Pulse = Callable[[datetime, datetime], bool]
"""Told when a point gave a sign of life, and when that was learnt (both aware).

Returns whether its entity has to look again although the value may be the same.
"""


def told(
    pulses: Mapping[Ref, Pulse],
    readings: Mapping[Ref, Reading],
    started: datetime | None,
) -> list[Ref]:
    """Tell about readings that were pushed, or listed since `started`.

    Returns who has to look again. What is pushed was sent just now, whatever a board's
    clock says.
    """
    learnt = started or dt_util.utcnow()
    return [
        ref
        for ref in pulses.keys() & readings.keys()
        if not (reading := readings[ref]).assumed
        if reading.value is not None
        if pulses[ref](reading.at if started else learnt, learnt)
    ]
