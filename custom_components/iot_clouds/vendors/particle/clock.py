"""The cloud's clock, which events have their times from: the one here may be wrong."""

from collections.abc import Callable
from datetime import datetime, timedelta

from ...model import http_date
from .values import utcnow

_SECOND = timedelta(seconds=1)
"""Headers have whole seconds."""
_FIRST_YEAR, _LAST_YEAR = 1970, 9000


class CloudClock:
    """Our clock, set by as little as the dates of the cloud's answers make necessary.

    What is read at a time of ours must not seem to be newer than events that come later,
    nor older than those that came before it.
    """

    def __init__(self, own: Callable[[], datetime] = utcnow) -> None:
        """Both agree until an answer shows otherwise; `own` gives our time in UTC."""
        self.own = own
        self._apart = timedelta()

    def __call__(self) -> datetime:
        """The cloud's time."""
        now = self.own()
        return now + self._apart if self._apart else now

    def heard(self, date: str | None, asked: datetime, arrived: datetime) -> None:
        """Take the date of an answer that was made between two moments of ours."""
        if (made := _date(date)) is None or arrived < asked:
            return
        earliest, latest = made - arrived, made + _SECOND - asked
        if not earliest <= self._apart <= latest:
            # Rather a little behind than ahead, where it would hide what comes next.
            self._apart = earliest


def _date(header: str | None) -> datetime | None:
    date = http_date(header)
    return date if date and _FIRST_YEAR <= date.year <= _LAST_YEAR else None
