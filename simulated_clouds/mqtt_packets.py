"""MQTT 3.1.1 control packets as values, and those that a server sends as bytes."""

from dataclasses import dataclass, field
from enum import IntEnum
import struct

MAX_REMAINING = 268_435_455


class Type(IntEnum):
    """Control packet types (MQTT 3.1.1, 2.2.1)."""

    CONNECT = 1
    CONNACK = 2
    PUBLISH = 3
    PUBACK = 4
    SUBSCRIBE = 8
    SUBACK = 9
    UNSUBSCRIBE = 10
    UNSUBACK = 11
    PINGREQ = 12
    PINGRESP = 13
    DISCONNECT = 14


class Connack(IntEnum):
    """Return codes of CONNACK (MQTT 3.1.1, 3.2.2.3)."""

    ACCEPTED = 0
    UNACCEPTABLE_PROTOCOL = 1
    IDENTIFIER_REJECTED = 2
    SERVER_UNAVAILABLE = 3
    BAD_USER_NAME_OR_PASSWORD = 4
    NOT_AUTHORIZED = 5


SUBACK_FAILURE = 0x80


@dataclass(frozen=True, slots=True, kw_only=True)
class Publish:
    """An application message; `packet_id` is set for QoS 1."""

    topic: str
    payload: bytes = field(repr=False)
    qos: int = 0
    retain: bool = False
    duplicate: bool = False
    packet_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Connect:
    """A request to open a session."""

    client_id: str
    clean: bool
    keep_alive: int
    username: str | None = None
    password: bytes | None = field(default=None, repr=False)
    will: Publish | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PubAck:
    """The receiver has a QoS 1 message."""

    packet_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscribe:
    """Topic filters with the QoS asked for."""

    packet_id: int
    filters: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Unsubscribe:
    """Topic filters that are no longer wanted."""

    packet_id: int
    filters: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PingReq:
    """A sign of life."""


@dataclass(frozen=True, slots=True)
class Disconnect:
    """A session ends as it should, without its will."""


type Packet = (
    Connect | Publish | PubAck | Subscribe | Unsubscribe | PingReq | Disconnect
)


def packet(kind: Type, body: bytes = b"", *, flags: int = 0) -> bytes:
    """Put a fixed header before the rest of a packet."""
    length = len(body)
    if length > MAX_REMAINING:
        raise ValueError("too long for an MQTT packet")
    header = bytearray([kind << 4 | flags])
    while True:
        length, digit = divmod(length, 128)
        header.append(digit | (0x80 if length else 0))
        if not length:
            return bytes(header) + body


def string(text: str) -> bytes:
    """UTF-8 with its length before it."""
    data = text.encode()
    return struct.pack("!H", len(data)) + data


def connack(code: Connack) -> bytes:
    """Answer a CONNECT; no session is ever present."""
    return packet(Type.CONNACK, bytes([0, code]))


def suback(packet_id: int, codes: list[int]) -> bytes:
    """Answer a SUBSCRIBE with one code a filter."""
    return packet(Type.SUBACK, struct.pack("!H", packet_id) + bytes(codes))


def unsuback(packet_id: int) -> bytes:
    """Answer an UNSUBSCRIBE."""
    return packet(Type.UNSUBACK, struct.pack("!H", packet_id))


def puback(packet_id: int) -> bytes:
    """Answer a QoS 1 PUBLISH."""
    return packet(Type.PUBACK, struct.pack("!H", packet_id))


def pingresp() -> bytes:
    """Answer a PINGREQ."""
    return packet(Type.PINGRESP)


def publish(message: Publish) -> bytes:
    """Deliver a message."""
    flags = message.duplicate << 3 | message.qos << 1 | message.retain
    identifier = b""
    if message.packet_id is not None:
        identifier = struct.pack("!H", message.packet_id)
    body = string(message.topic) + identifier + message.payload
    return packet(Type.PUBLISH, body, flags=flags)
