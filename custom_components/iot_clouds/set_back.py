"""Notices that the clock was set back: what was read before seems to be yet to come."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
import time

from .model import Reading, Ref

TOLERANCE = 30.0
"""Seconds by which a clock may drift from one look to the next."""


class SetBack:
    """Compares the clock with one that cannot be set; both are parameters for tests."""

    def __init__(
        self,
        *,
        wall: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """Look at both for the first time."""
        self._wall = wall
        self._monotonic = monotonic
        self._apart = wall() - monotonic()

    def correct(self, readings: dict[Ref, Reading], now: datetime) -> None:
        """If it was set back since the last look, let no reading be later than now.

        Each would hide all that comes until the clock is there again.
        """
        before, self._apart = self._apart, self._wall() - self._monotonic()
        if before - self._apart <= TOLERANCE:
            return
        for ref, reading in readings.items():
            if reading.at > now:
                readings[ref] = replace(reading, at=now)
