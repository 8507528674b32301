"""Lets nothing that is past hide what comes: after a clock was set back, or a gap."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
import time

from .model import Reading, Ref

TOLERANCE = 30.0
"""Seconds by which a clock may drift from one look to the next."""

SETTLED = timedelta(minutes=1)
"""By how much a cloud's listings may be behind what it pushes."""

_NEVER = datetime.min.replace(tzinfo=UTC)


class Past:
    """What claims to be newer than what comes, and must not be believed.

    It compares the clock with one that cannot be set; both are parameters for tests.
    """

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
        self._known: Mapping[Ref, Reading] = {}
        self._until = _NEVER

    def missed(self, readings: Mapping[Ref, Reading], now: datetime) -> None:
        """Take note of what is known now that pushes may be missed, or may have been."""
        self._known, self._until = dict(readings), now

    def over(self, ref: Ref, old: Reading, started: datetime | None) -> bool:
        """Whether a reading is from before pushes were missed, and a listing is not.

        Then it says nothing about what has happened since, however late it arrived and
        however far our clock is ahead of the cloud's. `started` is the listing's
        beginning, None for what is no listing.
        """
        return (
            started is not None
            and self._known.get(ref) is old
            and min(old.at, self._until) < started - SETTLED
        )

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

    def listed(self, started: datetime) -> None:
        """Forget what a listing has made up for."""
        if self._until < started - SETTLED:
            self._known = {}
