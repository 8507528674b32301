"""What goes over the wire for one update, as bytes that are ready to be sent."""

from datetime import UTC, datetime
import json
import struct

import cbor2


def publish(topic: str, payload: bytes, *, retain: bool = False) -> bytes:
    """An MQTT 3.1.1 PUBLISH packet with QoS 0."""
    return _packet(0x31 if retain else 0x30, _string(topic) + payload)


def connect(client_id: str) -> bytes:
    """An MQTT 3.1.1 CONNECT packet: clean session, no keep-alive, nobody's name."""
    head = _string("MQTT") + bytes([4, 2]) + struct.pack(">H", 0)
    return _packet(0x10, head + _string(client_id))


PINGREQ = b"\xc0\x00"
PINGRESP = b"\xd0\x00"
CONNACK = b"\x20\x02\x00\x00"
"""The answer that accepts a client without a session."""


def _packet(kind: int, body: bytes) -> bytes:
    """A packet: its length goes before it in groups of seven bits, lowest first."""
    length, rest = bytearray(), len(body)
    while rest > 0x7F:
        length.append(rest & 0x7F | 0x80)
        rest >>= 7
    length.append(rest)
    return bytes([kind]) + bytes(length) + body


def _string(text: str) -> bytes:
    raw = text.encode()
    return struct.pack(">H", len(raw)) + raw


def senml(variable: str, value: float) -> bytes:
    """A SenML pack with one value, as the C++ library of the boards encodes it.

    The array is of indefinite length, labels are integers, numbers of single precision
    (Arduino reference 6.2).
    """
    name = cbor2.dumps(variable)
    number = b"\xfa" + struct.pack(">f", value)
    return b"\x9f\xa2\x00" + name + b"\x02" + number + b"\xff"


def event(name: str, device_id: str, value: float, published: float) -> bytes:
    """A server-sent event as one chunk of a chunked answer (Particle reference 5.2).

    `published` is the cloud's receive time in epoch seconds.
    """
    at = datetime.fromtimestamp(published, UTC).isoformat(timespec="milliseconds")
    body = json.dumps(
        {
            "data": str(value),
            "ttl": 60,
            "published_at": at.replace("+00:00", "Z"),
            "coreid": device_id,
        },
        separators=(",", ":"),
    )
    return chunk(f"event: {name}\ndata: {body}\n\n".encode())


def chunk(content: bytes) -> bytes:
    """One chunk of HTTP's chunked transfer coding."""
    return f"{len(content):x}\r\n".encode() + content + b"\r\n"
