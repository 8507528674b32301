"""Spaces requests out, because the cloud counts them by the second (reference 2.3)."""

import asyncio
from collections.abc import Callable
from heapq import heappop, heappush
from itertools import count
import time

from ...model import CloudBusy

PATIENCE = 5.0
"""Seconds of a back-off that a request waits out; for a longer one it fails at once."""


class Limiter:
    """Lets one request start in every `interval` seconds, urgent ones first.

    There is a timer only while somebody waits, so nothing has to be closed.
    """

    def __init__(
        self, interval: float = 1.0, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """Let the first request pass at once."""
        self.interval = interval
        self._clock = clock
        self._next = 0.0
        self._held_until = 0.0
        self._order = count()
        self._queue: list[tuple[bool, int, asyncio.Future[None]]] = []
        self._timer: asyncio.TimerHandle | None = None

    def hold(self, seconds: float) -> None:
        """Let nothing pass for a while, because the cloud said that it was too much."""
        self._held_until = max(self._held_until, self._clock() + seconds)
        self._next = max(self._next, self._held_until)
        if busy := self._busy():
            for _, _, waiter in self._queue:
                if not waiter.done():
                    waiter.set_exception(busy)
            self._forget()

    async def turn(self, *, urgent: bool = False) -> None:
        """Wait until a request may start.

        Raises:
            CloudBusy: the cloud wants a pause that is too long to wait for.
        """
        if busy := self._busy():
            raise busy
        now = self._clock()
        if not self._queue and now >= self._next:
            self._next = now + self.interval
            return
        waiter = asyncio.get_running_loop().create_future()
        heappush(self._queue, (not urgent, next(self._order), waiter))
        self._schedule()
        try:
            await waiter
        except asyncio.CancelledError:
            self._forget()
            raise

    def _busy(self) -> CloudBusy | None:
        left = self._held_until - self._clock()
        if left <= PATIENCE:
            return None
        return CloudBusy("Too many requests", retry_after=round(left, 3))

    def _schedule(self) -> None:
        if self._timer is None and self._queue:
            delay = max(0.0, self._next - self._clock())
            self._timer = asyncio.get_running_loop().call_later(delay, self._release)

    def _release(self) -> None:
        self._timer = None
        # A pause may have come after the timer was set.
        while self._queue and self._clock() >= self._held_until:
            _, _, waiter = heappop(self._queue)
            if not waiter.done():
                waiter.set_result(None)
                self._next = self._clock() + self.interval
                break
        self._schedule()

    def _forget(self) -> None:
        """Drop the timer when the last one that waited was cancelled."""
        if self._timer and all(waiter.done() for _, _, waiter in self._queue):
            self._timer.cancel()
            self._timer = None
            self._queue.clear()
