"""Times that a wall clock shows twice, because it was put back (reference 3.3)."""

from datetime import datetime, timedelta, tzinfo
from typing import override

from .dates import TICK, cut

_LONGER = timedelta(hours=4)
"""No clock shows the same times again for so long."""


class Again(tzinfo):
    """A zone whose clock means the second of two moments."""

    def __init__(self, zone: tzinfo) -> None:
        """Be like another zone."""
        self._zone = zone

    @override
    def utcoffset(self, dt: datetime | None) -> timedelta | None:
        """The later offset."""
        return self._zone.utcoffset(dt and dt.replace(tzinfo=self._zone, fold=1))

    @override
    def dst(self, dt: datetime | None) -> timedelta | None:
        """Not known."""
        return None

    @override
    def tzname(self, dt: datetime | None) -> str | None:
        """Not known."""
        return None


def is_twice(moment: datetime, zone: tzinfo) -> bool:
    """Whether the wall clock shows the time of this moment a second time."""
    wall = moment.astimezone(zone)
    return wall.replace(fold=0).utcoffset() != wall.replace(fold=1).utcoffset()


def before_twice(moment: datetime, zone: tzinfo) -> datetime:
    """The moment itself, or the last one before it whose time is shown once."""
    return _nearest(moment, -_LONGER, zone)


def after_twice(moment: datetime, zone: tzinfo) -> datetime:
    """The moment itself, or the first one after it whose time is shown once."""
    return _nearest(moment, _LONGER, zone)


def _nearest(moment: datetime, far: timedelta, zone: tzinfo) -> datetime:
    if not is_twice(moment, zone):
        return moment
    moment = cut(moment)
    once = moment + far
    while abs(once - moment) > TICK:
        middle = cut(moment + (once - moment) / 2)
        if is_twice(middle, zone):
            moment = middle
        else:
            once = middle
    return once
