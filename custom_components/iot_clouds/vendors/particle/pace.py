"""Keep an account's requests below the cloud's limits (reference 9.1)."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
import time


class Pace:
    """At most `per_second` requests started in any second, and `at_once` under way."""

    def __init__(
        self,
        per_second: int = 10,
        at_once: int = 3,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """Nothing is under way yet."""
        self._clock = clock
        self._sleep = sleep
        self._started: deque[float] = deque(maxlen=per_second)
        self._order = asyncio.Lock()
        self._places = asyncio.Semaphore(at_once)

    @asynccontextmanager
    async def place(self) -> AsyncIterator[None]:
        """Wait for one's turn; the place is taken for as long as the context."""
        async with self._places:
            await self.turn()
            yield

    async def turn(self) -> None:
        """Wait until another request may start."""
        async with self._order:
            if len(self._started) == self._started.maxlen:
                wait = self._started[0] + 1 - self._clock()
                if wait > 0:
                    await self._sleep(wait)
            self._started.append(self._clock())
