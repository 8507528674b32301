"""Listen to the account's one event stream (reference 5)."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Self, override

from aiohttp import ClientError, ClientResponse

from ...model import Update
from .client import Client
from .sse import Decoder, Frame
from .transport import unreachable

IDLE = 30.0
"""Seconds without a byte after which a stream counts as dead: twice what the vendor's own
client waits, and more than the 18 s between a local cloud's signs of life (5.3)."""


class Updates(AsyncIterator[Update]):
    """What a stream delivers, one update for each event that means something."""

    def __init__(
        self, response: ClientResponse, interpret: Callable[[Frame], Update | None]
    ) -> None:
        """Start after the headers."""
        self._chunks = response.content.iter_any()
        self._decoder = Decoder()
        self._interpret = interpret
        self._frames: list[Frame] = []

    @override
    def __aiter__(self) -> Self:
        """Return itself."""
        return self

    @override
    async def __anext__(self) -> Update:
        """Wait for the next update; ends when the cloud closes the stream."""
        while True:
            while self._frames:
                if update := self._interpret(self._frames.pop()):
                    return update
            try:
                chunk = await anext(self._chunks)
            except (TimeoutError, ClientError, OSError) as err:
                raise unreachable(err) from None
            self._frames = self._decoder.feed(chunk)[::-1]


@asynccontextmanager
async def listen(
    client: Client, interpret: Callable[[Frame], Update | None], idle: float = IDLE
) -> AsyncIterator[AsyncIterator[Update]]:
    """Open the stream once; leaving closes its socket.

    Any byte is life. After `idle` seconds without one it ends as `CloudUnreachable`.
    """
    response = await client.stream(idle)
    try:
        yield Updates(response, interpret)
    finally:
        response.close()
