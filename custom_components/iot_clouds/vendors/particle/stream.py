"""Listen to the account's one event stream (reference 5)."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial
from typing import Protocol, Self, override

from aiohttp import ClientError, ClientResponse

from ...model import Drop, Tally, Update
from .client import Client
from .sse import Decoder, Frame
from .transport import unreachable

IDLE = 30.0
"""Seconds without a byte after which a stream counts as dead: twice what the vendor's own
client waits, and more than the 18 s between a local cloud's signs of life (5.3)."""

type Sleep = Callable[[float], Awaitable[None]]


class Listener(Protocol):
    """Makes updates of events, and some when a while has passed without any."""

    def take(self, frame: Frame) -> Update | None:
        """The update of an event; None where it means nothing."""

    def wait(self) -> float | None:
        """Seconds after which `late` should be asked; None while there is no need."""

    def late(self) -> Update | None:
        """What is so because nothing came that says otherwise."""


class Patience:
    """Fails reading after so many seconds without a byte.

    aiohttp would do so too, but with a new timer for every piece that arrives.
    """

    def __init__(self, response: ClientResponse, seconds: float) -> None:
        """Start to count."""
        if (connection := response.connection) and connection.protocol is not None:
            connection.protocol.read_timeout = None
        self._content = response.content
        self._seconds = seconds
        self._loop = asyncio.get_running_loop()
        self._heard = self._loop.time()
        self._timer = self._loop.call_later(seconds, self._look)

    def hear(self) -> None:
        """Take note that something came."""
        self._heard = self._loop.time()

    def stop(self) -> None:
        """Fail nothing any more."""
        self._timer.cancel()

    def _look(self) -> None:
        left = self._heard + self._seconds - self._loop.time()
        if left > 0:
            self._timer = self._loop.call_later(left, self._look)
        else:
            self._content.set_exception(TimeoutError())


class Updates(AsyncIterator[Update]):
    """What a stream delivers, one update for each event that means something."""

    def __init__(
        self,
        response: ClientResponse,
        listener: Listener,
        idle: float = IDLE,
        sleep: Sleep = asyncio.sleep,
        tally: Tally | None = None,
    ) -> None:
        """Start after the headers; `tally` counts what was too large to be read."""
        self._content = response.content
        self._patience = Patience(response, idle)
        self._decoder = Decoder(
            dropped=partial((tally or Tally()).drop, Drop.TOO_LARGE)
        )
        self._listener = listener
        self._sleep = sleep
        self._frames: list[Frame] = []
        self._reading: asyncio.Future[bytes] | None = None

    @override
    def __aiter__(self) -> Self:
        """Return itself."""
        return self

    @override
    async def __anext__(self) -> Update:
        """Wait for the next update; ends when the cloud closes the stream.

        Raises:
            CloudUnreachable: the connection broke, or nothing came for too long.
        """
        while (update := self._here()) is None:
            if not await self._more():
                raise StopAsyncIteration
        return update

    async def hand_to(self, sink: Callable[[Update], None]) -> None:
        """Give each update to `sink`, until the cloud closes the stream; raises as above."""
        while True:
            while update := self._here():
                sink(update)
            if not await self._more():
                return

    def _here(self) -> Update | None:
        """The next update that needs no waiting."""
        while self._frames:
            if update := self._listener.take(self._frames.pop()):
                return update
        return self._listener.late()

    async def _more(self) -> bool:
        """Wait for something new; False when the cloud has closed the stream."""
        wait = self._listener.wait()
        if wait is not None and not await self._comes_within(wait):
            return True
        if not (chunk := await self._chunk()):
            return False
        self._patience.hear()
        self._frames = self._decoder.feed(chunk)[::-1]
        return True

    async def close(self) -> None:
        """Stop reading."""
        self._patience.stop()
        if task := self._reading:
            self._reading = None
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def _chunk(self) -> bytes:
        task, self._reading = self._reading, None
        try:
            return await (task or self._content.readany())
        except (TimeoutError, ClientError, OSError) as err:
            raise unreachable(err) from None

    async def _comes_within(self, seconds: float) -> bool:
        """Whether bytes come before so much time has passed; they are not taken yet."""
        if self._reading is None:
            self._reading = asyncio.ensure_future(self._content.readany())
        timer: asyncio.Future[None] = asyncio.ensure_future(self._sleep(seconds))
        try:
            await asyncio.wait(
                (self._reading, timer), return_when=asyncio.FIRST_COMPLETED
            )
        finally:
            timer.cancel()
        return self._reading.done()


@asynccontextmanager
async def listen(
    client: Client,
    listener: Listener,
    idle: float = IDLE,
    sleep: Sleep = asyncio.sleep,
) -> AsyncIterator[AsyncIterator[Update]]:
    """Open the stream once; leaving closes its socket.

    Any byte is life. After `idle` seconds without one it ends as `CloudUnreachable`.
    """
    response = await client.stream(idle)
    updates = Updates(response, listener, idle, sleep, client.tally)
    try:
        yield updates
    finally:
        await updates.close()
        response.close()
