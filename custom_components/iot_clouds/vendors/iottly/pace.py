"""Decides how soon to poll again (reference 3.6, 5.1).

There is nothing to listen to but a webhook, so that polls are short after traffic and
long when it is quiet:

- 10 s after the last message, and for a minute after a command, because devices answer;
- doubling while nothing comes, up to 120 s;
- 300 s while a webhook has proven to deliver what there is.

In a large project no poll comes sooner than 30 s, because each costs one request for
every device.
"""

from collections.abc import Callable
from datetime import timedelta
import time

SHORTEST = 10.0
LONGEST = 120.0
DELIVERED = 300.0
CROWDED = 30.0
AFTER_COMMAND = 60.0


class Pace:
    """Remembers when there was traffic last.

    What it says depends on the time since then alone, and not on how often it is asked.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """Begin as if there had been traffic; `clock` counts seconds."""
        self._clock = clock
        self._stirred = clock()
        self._commanded: float | None = None

    def stir(self) -> None:
        """There was a message."""
        self._stirred = self._clock()

    def command(self) -> None:
        """A command was sent, or is about to be."""
        self._commanded = self._clock()

    def wait(self, *, crowded: bool, delivered: bool) -> timedelta:
        """How long the next poll may wait."""
        if delivered:
            return timedelta(seconds=DELIVERED)
        now = self._clock()
        seconds = SHORTEST
        if self._commanded is None or now - self._commanded >= AFTER_COMMAND:
            seconds = _after(now - self._stirred)
        return timedelta(seconds=max(seconds, CROWDED) if crowded else seconds)


def _after(quiet: float) -> float:
    """Seconds to the next poll, where polls after 10, 20, 40 … seconds found nothing."""
    seconds = passed = SHORTEST
    while quiet >= passed and seconds < LONGEST:
        seconds = min(2 * seconds, LONGEST)
        passed += seconds
    return seconds
