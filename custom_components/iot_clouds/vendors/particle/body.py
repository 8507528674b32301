"""The body of an answer that goes on for days: each piece at once, and patience."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from aiohttp import ClientResponse, StreamReader

TURN = 1 << 16
"""Bytes that are taken in one turn of the event loop."""


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


async def pour(response: ClientResponse, take: Callable[[bytes], None]) -> None:
    """Give each piece to `take` while its socket is being read, until the body ends.

    Reading in a task would take a second turn of the event loop for every piece. What is
    more than `TURN` waits for the next one: packed, a megabyte fits into a few bytes.

    Raises:
        Exception: what reading raises, or `take`.
    """
    content = response.content
    pouring = _Pouring(content, take)
    try:
        with _calling_after_each_read(response, pouring.look):
            pouring.look()
            if error := content.exception():
                raise error
            await content.wait_eof()
        while not (content.at_eof() or content.exception()):
            await asyncio.sleep(0)
        if error := content.exception():
            raise error
    finally:
        pouring.stop()


class _Pouring:
    """Takes what has arrived."""

    def __init__(self, content: StreamReader, take: Callable[[bytes], None]) -> None:
        self._content = content
        self._take = take
        self._loop = asyncio.get_running_loop()
        self._again: asyncio.Handle | None = None
        self._taking = False

    def stop(self) -> None:
        if self._again:
            self._again.cancel()

    def look(self) -> None:
        # Reading lets the connection go on, which may call this again.
        if self._taking or self._again:
            return
        self._taking = True
        left = TURN
        try:
            while left and (piece := self._content.read_nowait(left)):
                left -= len(piece)
                self._take(piece)
        except Exception as err:  # noqa: BLE001 - the connection would take it for its own
            self._content.set_exception(err)
        finally:
            self._taking = False
        if not left:
            self._again = self._loop.call_soon(self._look_again)

    def _look_again(self) -> None:
        self._again = None
        self.look()


@contextmanager
def _calling_after_each_read(
    response: ClientResponse, look: Callable[[], None]
) -> Iterator[None]:
    """Call `look` whenever the connection has taken what its socket had."""
    connection = response.connection
    if connection is None or (protocol := connection.protocol) is None:
        yield
        return
    received = protocol.data_received

    def data_received(data: bytes) -> None:
        received(data)
        look()

    protocol.data_received = data_received  # type: ignore[method-assign]
    try:
        yield
    finally:
        del protocol.data_received
