"""Believe that a device is offline only when it stays so for a moment (reference 2.3)."""

from collections.abc import Callable

GRACE = 5.0
"""Seconds. A cloud that missed an outage says offline right before the next online."""


class Presence:
    """Devices that were said to be offline a moment ago."""

    def __init__(self, grace: float = GRACE, *, clock: Callable[[], float]) -> None:
        """Nobody is offline; times are seconds of `clock`."""
        self._grace = grace
        self._clock = clock
        self._until: dict[str, float] = {}

    def __contains__(self, device_id: str) -> bool:
        """Whether it is still open if the device is offline."""
        return device_id in self._until

    def doubt(self, device_id: str) -> None:
        """Take note that a device is said to be offline."""
        self._until.setdefault(device_id, self._clock() + self._grace)

    def back(self, device_id: str) -> bool:
        """Take note that it is online; return whether nobody saw it go."""
        return self._until.pop(device_id, None) is not None

    def wait(self) -> float | None:
        """Seconds until the first of them is offline for sure; None without any."""
        if not self._until:
            return None
        return max(0.0, min(self._until.values()) - self._clock())

    def gone(self) -> tuple[str, ...]:
        """Those that are offline for sure by now, each once."""
        if not self._until:
            return ()
        now = self._clock()
        gone = tuple(each for each, until in self._until.items() if until <= now)
        for device_id in gone:
            del self._until[device_id]
        return gone

    def forget(self) -> None:
        """Leave it to the next listing who is online."""
        self._until.clear()
