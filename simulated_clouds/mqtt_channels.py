"""The byte streams that MQTT runs over: WebSocket, and TCP with or without TLS."""

import asyncio
from typing import Protocol

from aiohttp import WSMsgType, web

from .mqtt_codec import MalformedError

SUBPROTOCOL = "mqtt"
# A peer that does not close its side is not waited for any longer than this, in seconds.
CLOSING = 1.0


class Channel(Protocol):
    """A two-way stream of bytes."""

    async def receive(self) -> bytes | None:
        """Wait for the next bytes; None when the other side has closed.

        Raises:
            MalformedError: the peer sent something that is no byte stream.
        """

    async def send(self, data: bytes) -> None:
        """Send bytes; a closed stream is ignored."""

    async def close(self) -> None:
        """Close in an orderly way."""

    def abort(self) -> None:
        """Cut the connection at once."""


class WebSocketChannel:
    """MQTT over WebSocket: a stream cut into binary frames anywhere (3.1.1, chapter 6)."""

    def __init__(self, request: web.Request, socket: web.WebSocketResponse) -> None:
        """Wrap a socket that is open."""
        self._request = request
        self._socket = socket

    @property
    def response(self) -> web.WebSocketResponse:
        """What the request handler returns in the end."""
        return self._socket

    async def receive(self) -> bytes | None:
        """Wait for the next binary frame; text frames are refused."""
        message = await self._socket.receive()
        match message.type:
            case WSMsgType.BINARY:
                return bytes(message.data)
            case WSMsgType.TEXT:
                raise MalformedError("text frame")
            case _:
                return None

    async def send(self, data: bytes) -> None:
        """Send one binary frame."""
        if not self._socket.closed:
            await self._socket.send_bytes(data)

    async def close(self) -> None:
        """Send a close frame."""
        await self._socket.close()

    def abort(self) -> None:
        """Cut the TCP connection."""
        if transport := self._request.transport:
            transport.abort()


class StreamChannel:
    """MQTT over TCP, with TLS if the listener has it."""

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        """Wrap a connection that is open."""
        self._reader = reader
        self._writer = writer

    async def receive(self) -> bytes | None:
        """Wait for some bytes."""
        return await self._reader.read(1 << 16) or None

    async def send(self, data: bytes) -> None:
        """Send bytes and wait until the buffer has room."""
        if not self._writer.is_closing():
            self._writer.write(data)
            await self._writer.drain()

    async def close(self) -> None:
        """Close, with TLS's own farewell."""
        self._writer.close()
        async with asyncio.timeout(CLOSING):
            await self._writer.wait_closed()

    def abort(self) -> None:
        """Cut the TCP connection."""
        self._writer.transport.abort()


async def accept(request: web.Request) -> WebSocketChannel:
    """Open a WebSocket for MQTT; raises HTTPBadRequest.

    The client must offer the subprotocol (MQTT 3.1.1, 6.0).
    """
    offered = request.headers.get("Sec-WebSocket-Protocol", "").split(",")
    if SUBPROTOCOL not in (name.strip() for name in offered):
        raise web.HTTPBadRequest(text="subprotocol mqtt required")
    socket = web.WebSocketResponse(
        protocols=(SUBPROTOCOL,), compress=False, timeout=CLOSING, max_msg_size=1 << 18
    )
    if not socket.can_prepare(request).ok:
        raise web.HTTPBadRequest(text="WebSocket required")
    await socket.prepare(request)
    return WebSocketChannel(request, socket)
