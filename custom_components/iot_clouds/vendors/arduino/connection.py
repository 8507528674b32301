"""aiomqtt's client, made to let go of its socket at any moment.

aiomqtt connects in a worker thread and forgets the socket when that is cancelled, runs
out of time or is refused, and when a read failed; its way out waits for the other side.
Here every way out closes the socket at once, and the worker with it. Messages are handed
over as topic and payload, without the wrapping that nobody here looks at, and if somebody
wants them so, without waking a task for each.
"""

import asyncio
from collections.abc import Callable, Iterable
from contextlib import suppress
import logging
import socket
import ssl
from types import TracebackType
from typing import Any, Self, override

import aiomqtt
import paho.mqtt.client as mqtt
from yarl import URL

from ...model import Drop, Tally

KEEPALIVE = 30
REQUEST_TIMEOUT = 10.0

LARGEST_PACKET = 1 << 20
"""Bytes; a broker that wants to send more is left. MQTT allows 256 times as much."""

LONGEST_CONTROL = 2 + 4 + 125
"""Bytes that a frame may have at most which holds no packets (RFC 6455, 5.5)."""

_BINARY = frozenset({0, 2})
"""Opcodes of frames with packets, and of what continues them."""

# paho reports each lost connection as an error, and the user's id when it connects;
# what matters of it is raised.
_QUIET = logging.getLogger(f"{__name__}.paho")
_QUIET.setLevel(logging.CRITICAL)

type Listener = Callable[[str, bytes], None]
"""Takes topic and payload of a message."""


class Connection(aiomqtt.Client):
    """One session at the broker, MQTT 3.1.1 over a websocket (reference 5.2).

    `inbox` receives (topic, payload) for each message that is not handed over, and None
    when the session ended.

    Raises:
        aiomqtt.MqttError: from entering and from every request.
    """

    def __init__(
        self,
        url: URL,
        *,
        tls: ssl.SSLContext,
        user: str,
        password: str,
        suffix: str,
        tally: Tally | None = None,
    ) -> None:
        """Prepare a session for one user, under a client id that no other one has."""
        super().__init__(
            url.host or "",
            url.port or 0,
            username=user,
            password=password,
            identifier=f"{user}:{suffix}",
            protocol=aiomqtt.ProtocolVersion.V311,
            clean_session=True,
            timeout=REQUEST_TIMEOUT,
            keepalive=KEEPALIVE,
            transport="websockets",
            # Quoted as it is, because this becomes the first line of a request.
            websocket_path=url.raw_path,
            tls_context=None if url.scheme == "ws" else tls,
            logger=_QUIET,
        )
        self.inbox: asyncio.Queue[tuple[str, bytes] | None] = asyncio.Queue()
        self.mistake: Exception | None = None
        self._listener: Listener | None = None
        self._tally = tally or Tally()
        self._retained: set[str] = set()
        self._dialled: socket.socket | None = None
        self._dropped = False
        self._connecting = False
        self._dial = self._client._create_socket_connection  # noqa: SLF001
        self._client._create_socket_connection = (  # type: ignore[method-assign]  # noqa: SLF001
            self._dial_unless_dropped
        )

        self._receive = self._client._sock_recv  # noqa: SLF001
        self._client._sock_recv = self._receive_within  # type: ignore[method-assign]  # noqa: SLF001

    @override
    async def __aenter__(self) -> Self:
        self._connecting = True
        # aiomqtt takes another one if the session is over by the time it is looked at.
        lost = self._disconnected
        lost.add_done_callback(self._on_lost)
        try:
            await super().__aenter__()
        except BaseException:
            await self._drop()
            raise
        if lost.done():
            await self._drop()
            raise aiomqtt.MqttError("Closed while connecting")
        return self

    @override
    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        self._client.disconnect()
        await self._drop(farewell=True)

    async def refused(self, topics: Iterable[str]) -> set[str]:
        """Subscribe in one packet and return the topics that the broker did not grant."""
        wanted = list(topics)
        granted = await self.subscribe([(topic, 1) for topic in wanted])
        codes = [code if isinstance(code, int) else code.value for code in granted]
        return set(wanted) - {
            topic for topic, code in zip(wanted, codes, strict=False) if code < 0x80
        }

    def hand_over(self, listener: Listener | None) -> None:
        """Give messages to `listener` the moment they are read, those that wait first.

        What it raises is `mistake`, and ends the inbox. None stops it.
        """
        self._listener = listener
        while listener and not self.inbox.empty():
            message = self.inbox.get_nowait()
            if message is None:
                self.inbox.put_nowait(None)
                return
            listener(*message)

    async def _drop(self, *, farewell: bool = False) -> None:
        """Close the socket, or have the worker stop that is still opening it."""
        self._dropped = True
        if self._connecting:
            if self._dialled:
                # A second handle on the connection, since TLS takes the first one over.
                with suppress(OSError):
                    self._dialled.shutdown(socket.SHUT_RDWR)
            return
        try:
            # aiomqtt's wish to write, if it is still on its way, needs an open socket.
            await asyncio.sleep(0)
        finally:
            if farewell:
                self._client.loop_write()
            self._client._sock_close()  # noqa: SLF001
        if self._misc_task:
            self._misc_task.cancel()
            await asyncio.wait([self._misc_task])

    def _receive_within(self, bufsize: int) -> bytes:
        """Read on, unless packet or frame are larger than any that makes sense."""
        frame: bytes = getattr(self._client._sock, "_readbuffer", b"")  # noqa: SLF001
        packet = self._client._in_packet["remaining_length"]  # noqa: SLF001
        if packet > LARGEST_PACKET or len(frame) > LONGEST_CONTROL:
            self._check(packet, frame)
        return self._receive(bufsize)

    def _check(self, packet: int, frame: bytes) -> None:
        if max(packet, len(frame)) > LARGEST_PACKET:
            self._tally.drop(Drop.TOO_LARGE)
            raise ConnectionAbortedError("more than there is room for")
        if frame[0] & 0x0F not in _BINARY:
            # paho would look at it byte by byte, each time from its beginning.
            self._tally.drop(Drop.UNREADABLE)
            raise ConnectionAbortedError("a frame that cannot hold packets")

    def _dial_unless_dropped(self) -> socket.socket:
        """Run in the worker: open the TCP connection and keep a handle on it."""
        connected = self._dial()
        self._dialled = connected.dup()
        if self._dropped:
            connected.close()
            raise ConnectionAbortedError("no longer wanted")
        return connected

    @override
    def _client_connect(self) -> None:
        """Run in the worker: everything that blocks."""
        try:
            super()._client_connect()
        except (ValueError, IndexError) as err:
            # paho's reading of an HTTP answer that is none.
            raise ConnectionError("The handshake failed") from err
        finally:
            self._loop.call_soon_threadsafe(self._on_connect_ended)

    def _on_connect_ended(self) -> None:
        """Run in the loop, after what the worker left to be set up there."""
        self._connecting = False
        if self._dialled:
            self._dialled.close()
            self._dialled = None
        if self._dropped:
            self._client._sock_close()  # noqa: SLF001

    @override
    def _on_socket_register_write(
        self, client: mqtt.Client, userdata: Any, sock: Any
    ) -> None:
        self._loop.call_soon_threadsafe(self._wish_to_write, sock)

    def _wish_to_write(self, sock: Any) -> None:
        """Run in the loop: by now the socket may have gone, and its number be another's."""
        if (number := sock.fileno()) >= 0:
            self._loop.add_writer(number, self._write)

    def _write(self) -> None:
        try:
            self._client.loop_write()
        except (OSError, ValueError) as err:
            if not self._disconnected.done():
                self._disconnected.set_exception(err)

    @override
    def _on_disconnect(self, *args: Any) -> None:
        if not self._connected.done():
            self._connected.set_exception(aiomqtt.MqttError("Closed while connecting"))
        super()._on_disconnect(*args)

    @override
    def _on_message(
        self, client: mqtt.Client, userdata: Any, message: mqtt.MQTTMessage
    ) -> None:
        try:
            topic = message.topic
        except UnicodeDecodeError:
            self._tally.drop(Drop.UNREADABLE)
            return
        if message.retain and topic not in self._retained:
            # Nobody knows how old it is, and what was last is listed. A second one is
            # no answer to a subscription: whether news have the flag is not known
            # (reference 5.4, 11).
            self._retained.add(topic)
            self._tally.drop(Drop.OUTDATED)
            return
        if self._listener is None:
            self.inbox.put_nowait((topic, message.payload))
            return
        try:
            self._listener(topic, message.payload)
        except Exception as err:  # noqa: BLE001 - paho would take it for its own
            self.mistake = err
            self.inbox.put_nowait(None)

    def _on_lost(self, disconnected: asyncio.Future[None]) -> None:
        """Stop reading, and tell whoever waits for an answer that none will come.

        After a packet that it cannot take, paho would try the same one for ever.
        """
        if not disconnected.cancelled():
            disconnected.exception()
        self._client._sock_close()  # noqa: SLF001
        answers: list[asyncio.Future[Any]] = [*self._pending_subscribes.values()]
        for answer in (self._connected, *answers):
            if not answer.done():
                answer.set_exception(aiomqtt.MqttError("The session ended"))
        for left in self._pending_unsubscribes.values():
            left.set()
        self.inbox.put_nowait(None)
