"""How long the next listing may wait: short after traffic, long while it is quiet."""

from datetime import timedelta

FAST = timedelta(seconds=10)
"""While devices are sending (the shortest time of reference 3.6)."""
USUAL = timedelta(seconds=30)
SLOW = timedelta(minutes=2)
"""While nothing comes; reached by doubling."""
RARE = timedelta(minutes=5)
"""While a webhook delivers everything (reference 5.1)."""


class Pace:
    """The time between two listings of one project."""

    def __init__(self) -> None:
        """Begin as usual."""
        self._wait = USUAL

    def hurry(self) -> None:
        """Expect an answer: a command was sent."""
        self._wait = FAST / 2

    def after(self, *, traffic: bool, delivered: bool) -> timedelta:
        """The wait after a listing with new messages or without.

        With `delivered`, a webhook has told everything before.
        """
        self._wait = FAST if traffic else min(max(self._wait * 2, FAST), SLOW)
        return RARE if delivered else self._wait
