"""What has happened to an account since it was loaded, in numbers for a bug report."""

from collections import Counter, deque
from collections.abc import Awaitable, Callable
from datetime import datetime
from math import ceil
import time

from homeassistant.util import dt as dt_util

from .model import CloudError, Json, Tally

REMEMBERED = 256
"""Pushes whose delays are kept: a number of some minutes, or of some days."""

DONE = "ok"


class Counters:
    """Counts by adding one or appending; everything else is worked out when asked."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """Begin; `clock` counts seconds."""
        self.tally = Tally()
        self.commands: Counter[str] = Counter()
        self.deliveries = 0
        self.ahead = 0
        """Pushes that by their own time came from the future."""
        self._delays: deque[float] = deque(maxlen=REMEMBERED)
        self._clock = clock
        self._began = clock()

    @property
    def seconds(self) -> float:
        """How long has been counted."""
        return self._clock() - self._began

    def shown(self, sent: datetime) -> None:
        """Take note that what was sent then is in the states now."""
        delay = (dt_util.utcnow() - sent).total_seconds()
        if delay < 0:
            self.ahead += 1
        else:
            self._delays.append(delay)

    async def executed(self, executing: Awaitable[Json]) -> Json:
        """Wait for a command, and count how it ended."""
        try:
            result = await executing
        except CloudError as err:
            self.commands[type(err).__name__] += 1
            raise
        self.commands[DONE] += 1
        return result

    def told(self) -> dict[str, Json]:
        """The numbers, and the seconds from a cloud's time to the states."""
        requests: dict[str, dict[str, Json]] = {}
        for (purpose, outcome), count in sorted(self.tally.requests.items()):
            requests.setdefault(purpose.value, {})[outcome.value] = count
        drops = sorted(self.tally.drops.items())
        return {
            "seconds": round(self.seconds),
            "requests": {**requests},
            "commands": {**dict(sorted(self.commands.items()))},
            "deliveries": self.deliveries,
            "dropped": {reason.value: count for reason, count in drops},
            "latency": self._latency(),
        }

    def _latency(self) -> Json:
        delays = sorted(self._delays)
        found: dict[str, Json] = {"pushes": len(delays), "ahead": self.ahead}
        if delays:
            found |= {"p50": _percentile(delays, 50), "p95": _percentile(delays, 95)}
        return found


def _percentile(ordered: list[float], share: int) -> float:
    """The smallest number that so many of a hundred do not exceed."""
    return round(ordered[ceil(share * len(ordered) / 100) - 1], 3)
