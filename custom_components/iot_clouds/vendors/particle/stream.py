"""Listen to the account's one event stream (reference 5)."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial
from typing import Protocol, Self, override

from aiohttp import ClientError, ClientResponse

from ...model import Drop, Tally, Update
from .body import Patience, pour
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
        self._response = response
        self._patience = Patience(response, idle)
        self._decoder = Decoder(
            dropped=partial((tally or Tally()).drop, Drop.TOO_LARGE)
        )
        self._listener = listener
        self._sleep = sleep
        self._waiting: asyncio.Queue[Update | None] = asyncio.Queue()
        self._handing: asyncio.Task[None] | None = None
        self._settling: asyncio.Task[None] | None = None
        self._mistake: BaseException | None = None
        """What a taker raised, which is no outage whatever its type."""

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
        if self._handing is None:
            self._handing = asyncio.create_task(self.hand_to(self._waiting.put_nowait))
            self._handing.add_done_callback(lambda _: self._waiting.put_nowait(None))
        if update := await self._waiting.get():
            return update
        self._waiting.put_nowait(None)
        await self._handing
        raise StopAsyncIteration

    async def hand_to(self, sink: Callable[[Update], None]) -> None:
        """Give each update to `sink`, until the cloud closes the stream; raises as above."""
        try:
            await pour(self._response, partial(self._take, sink))
        except (TimeoutError, ClientError, OSError) as err:
            if err is self._mistake:
                raise
            raise unreachable(err) from None

    def _take(self, sink: Callable[[Update], None], chunk: bytes) -> None:
        self._patience.hear()
        try:
            for frame in self._decoder.feed(chunk):
                if update := self._listener.take(frame):
                    sink(update)
        except Exception as err:
            self._mistake = err
            raise
        settled = self._settling is None or self._settling.done()
        if settled and self._listener.wait() is not None:
            self._settling = asyncio.create_task(self._settle(sink))
            self._settling.add_done_callback(self._settled)

    async def _settle(self, sink: Callable[[Update], None]) -> None:
        """Tell what is so because nothing came that says otherwise."""
        while (wait := self._listener.wait()) is not None:
            await self._sleep(wait)
            if update := self._listener.late():
                sink(update)

    def _settled(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled() and (error := task.exception()):
            self._mistake = error
            self._response.content.set_exception(error)

    async def close(self) -> None:
        """Stop reading."""
        self._patience.stop()
        tasks = [task for task in (self._handing, self._settling) if task]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


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
