"""Spend the data operations of a month evenly, and never more than the user allows (9.2)."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
import math

from ...model import Json
from .values import moment, number

FLOOR = timedelta(minutes=15)
"""No variable is read more often by itself, however much may be spent."""
SHORTEST = timedelta(minutes=1)
"""Between two rounds."""
ROUNDS = 4
"""Rounds in the time in which each variable is read once."""

HALF_FREE_PLAN = 50_000
"""Operations in a month: half of what the free plan has."""

_MOST = 1e12
_DAY = 86_400.0
"""Seconds by which a clock is set back only if it was wrong before."""
_STEADY = timedelta(hours=6)
"""Less use than this says little about the rest of the month."""


def _month(now: datetime) -> datetime:
    return now.astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def _next(now: datetime) -> datetime:
    return _month(_month(now) + timedelta(days=32))


class Budget:
    """Counts operations of the calendar month (UTC) and lets credit grow for reads.

    Credit grows so that the plan is used up just when the month ends, whatever was used
    before. It never exceeds one read of each variable: what was not spent while nothing
    could be read is spread over the rest of the month.
    """

    def __init__(self, plan: int, *, now: Callable[[], datetime]) -> None:
        """Begin to count; a plan of 0 allows no read that nobody asked for."""
        self.plan = plan
        self._now = now
        self._counted = self._since = self._grown = now()
        self._used = 0
        self._credit = 0.0
        self._left: tuple[datetime, datetime, int] | None = None
        """What the month that was left had: its last moment, its start, its count."""

    @property
    def used(self) -> int:
        """Operations of this month so far."""
        self._turn()
        return self._used

    @property
    def spent(self) -> float:
        """The part of the plan that is used; 0 where there is none."""
        return self.used / self.plan if self.plan else 0.0

    def restore(self, notes: Mapping[str, Json]) -> None:
        """Go on from what `notes` returned before."""
        since, grown = moment(notes.get("since")), moment(notes.get("grown"))
        used, credit = number(notes.get("used")), number(notes.get("credit"))
        if since is None or grown is None or used is None or credit is None:
            return
        if max(abs(used), abs(credit)) > _MOST:
            return
        # A clock that is not set yet must not begin an earlier month.
        self._counted = max(since, grown)
        self._since, self._grown = since, grown
        self._used, self._credit = max(0, int(used)), float(credit)

    def notes(self) -> dict[str, Json]:
        """What has to be remembered."""
        return {
            "since": self._since.isoformat(),
            "grown": self._grown.isoformat(),
            "used": self._used,
            "credit": round(self._credit, 3),
        }

    def spend(self) -> None:
        """Count an operation that was asked for, or is part of a round."""
        self._grow()
        self._used += 1
        self._credit -= 1

    def allows(self, *, first: bool) -> bool:
        """Whether a round may read one more; a `first` reading need not wait for credit."""
        self._grow()
        return self._used < self.plan and (first or self._credit >= 1)

    def limit(self, count: int) -> None:
        """Keep no more credit than `count` variables can use at once."""
        self._grow()
        self._credit = min(self._credit, float(count))

    def interval(self, count: int) -> timedelta:
        """How often each of `count` variables is read."""
        self._grow()
        rate = self._rate()
        if count < 1 or rate <= 0:
            return FLOOR
        return max(FLOOR, timedelta(seconds=min(count / rate, 1e7)))

    def rhythm(self, count: int) -> timedelta:
        """How long to wait from one round to the next."""
        return max(SHORTEST, min(FLOOR, self.interval(count) / ROUNDS))

    def forecast(self) -> int:
        """Operations of the whole month, if it goes on like this."""
        self._turn()
        now = self._now()
        left = (_next(self._counted) - now).total_seconds()
        counted = max(now - self._since, _STEADY).total_seconds()
        whole = self._used + math.ceil(self._used * max(0.0, left) / counted)
        # Steps of a hundred, so that it does not change with every minute.
        return whole if whole < 1000 else max(self._used, round(whole, -2))

    def _turn(self) -> None:
        """Begin a new month, once; one that a clock ahead began is taken back."""
        now = self._now()
        if self._left and self._left[0] <= now < self._counted - timedelta(days=1):
            self._counted, self._since, used = self._left
            self._used, self._left = self._used + used, None
        if _month(now) > _month(self._counted):
            self._left = self._counted, self._since, self._used
            self._since = self._grown = _month(now)
            self._used, self._credit = 0, 0.0
        self._counted = max(self._counted, now)

    def _grow(self) -> None:
        self._turn()
        now = self._now()
        elapsed = (now - self._grown).total_seconds()
        if elapsed > 0:
            self._credit += self._rate() * elapsed
        if elapsed > 0 or elapsed < -_DAY:
            self._grown = now
        elif elapsed < 0:
            # Within the month, whose end is not the end of the one before.
            self._grown = max(now, _month(self._counted))

    def _rate(self) -> float:
        """Operations a second that use up the plan by the end of the month."""
        left = (_next(self._grown) - self._grown).total_seconds()
        return max(0.0, (self.plan - self._used - self._credit) / left)
