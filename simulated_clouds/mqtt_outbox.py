"""What one MQTT session is still to be sent, and what goes wrong on the way on purpose."""

import asyncio
from typing import TYPE_CHECKING

from .faults import Fault, Faults, Kind
from .mqtt_channels import Channel
from .mqtt_packets import Publish, publish

if TYPE_CHECKING:
    from .mqtt_session import Session

DELIVERY_FAULTS = frozenset(Kind)
# A reserved packet type, so that no client can take it for anything.
GARBAGE = b"\xf7\x03\x00\xff\x00"
# CBOR that breaks off: an array of three with one half of a number.
GARBAGE_PAYLOAD = b"\x83\xa2\x00\xfb\x40"
LAST_IDENTIFIER = 65_535


class Outbox:
    """A queue in front of a connection; nothing overtakes unless a fault says so."""

    def __init__(self, session: Session, faults: Faults) -> None:
        """Start empty."""
        self.silent = False
        self._session = session
        self._faults = faults
        self._queue: asyncio.Queue[tuple[float, bytes] | None] = asyncio.Queue()
        self._unacknowledged: set[int] = set()
        self._identifier = 0
        self._held: Publish | None = None

    async def run(self, channel: Channel) -> None:
        """Send what comes in, until `close`, then close the connection."""
        try:
            while (item := await self._queue.get()) is not None:
                delay, data = item
                if delay:
                    await asyncio.sleep(delay)
                if not self.silent:
                    await channel.send(data)
            await channel.close()
        except OSError:
            # The connection is gone; whoever reads from it ends the session.
            channel.abort()

    def send(self, data: bytes, *, delay: float = 0.0) -> None:
        """Queue a packet; with a delay, everything after it waits too."""
        self._queue.put_nowait((delay, data))

    def close(self) -> None:
        """Close the connection when everything queued is sent."""
        self._queue.put_nowait(None)

    def acknowledged(self, identifier: int) -> None:
        """The client has a QoS 1 message."""
        self._unacknowledged.discard(identifier)

    def deliver(self, message: Publish) -> None:
        """Send a message to the client, as the faults have it."""
        where = f"{self._session.gate.label} PUBLISH {message.topic}"
        fault = self._faults.take(where, DELIVERY_FAULTS)
        if fault is None:
            self._push(message)
        else:
            self._spoil(message, fault)
        if (fault is None or fault.kind is not Kind.REORDER) and self._held:
            held, self._held = self._held, None
            self._push(held)

    def _spoil(self, message: Publish, fault: Fault) -> None:
        match fault.kind:
            case Kind.DROP:
                self._session.abort()
            case Kind.STALL:
                self._session.stall()
            case Kind.GARBAGE:
                self._push(Publish(topic=message.topic, payload=GARBAGE_PAYLOAD))
            case Kind.DUPLICATE:
                self._push(message)
                self._push(message)
            case Kind.REORDER:
                held, self._held = self._held, message
                if held:
                    self._held = None
                    self._push(message)
                    self._push(held)
            case Kind.SLOW:
                self._push(message, delay=fault.seconds)
            case Kind.EXPIRED_TOKEN | Kind.UNAUTHORIZED:
                self._session.end("token expired")
            case Kind.RATE_LIMIT | Kind.SERVER_ERROR:
                self._session.end("closed by the broker")

    def _push(self, message: Publish, *, delay: float = 0.0) -> None:
        identifier = self._next_identifier() if message.qos else None
        self.send(
            publish(
                Publish(
                    topic=message.topic,
                    payload=message.payload,
                    qos=message.qos,
                    packet_id=identifier,
                )
            ),
            delay=delay,
        )

    def _next_identifier(self) -> int:
        """The next identifier that is not waiting for its PUBACK."""
        for _ in range(LAST_IDENTIFIER):
            self._identifier = self._identifier % LAST_IDENTIFIER + 1
            if self._identifier not in self._unacknowledged:
                break
        self._unacknowledged.add(self._identifier)
        return self._identifier
