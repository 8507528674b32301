"""Bytes of an MQTT 3.1.1 client into packets; what the standard forbids is an error."""

from collections.abc import Iterator
import struct

from .mqtt_packets import (
    Connect,
    Disconnect,
    Packet,
    PingReq,
    PubAck,
    Publish,
    Subscribe,
    Type,
    Unsubscribe,
)

PROTOCOL = "MQTT"
LEVEL = 4
# Flags of the fixed header are reserved for all packets but PUBLISH (2.2.2).
FLAGS = {Type.SUBSCRIBE: 2, Type.UNSUBSCRIBE: 2}


class MalformedError(Exception):
    """The client broke the standard: the connection is closed without an answer."""


class UnacceptableProtocolError(MalformedError):
    """Another protocol level: answered with a CONNACK before closing."""


class Decoder:
    """Collects bytes, however they are cut, and yields whole packets."""

    def __init__(self, *, limit: int = 1 << 18) -> None:
        """Accept packets of up to `limit` bytes."""
        self._limit = limit
        self._buffer = bytearray()

    def feed(self, data: bytes) -> Iterator[Packet]:
        """Yield the packets that are complete now; raises MalformedError."""
        self._buffer += data
        while (frame := self._frame()) is not None:
            yield decode(*frame)

    def _frame(self) -> tuple[int, bytes] | None:
        length = 0
        for index, digit in enumerate(self._buffer[1:5]):
            length |= (digit & 0x7F) << 7 * index
            if not digit & 0x80:
                return self._cut(2 + index, length)
        if len(self._buffer) >= 5:
            raise MalformedError("remaining length has more than four bytes")
        return None

    def _cut(self, start: int, length: int) -> tuple[int, bytes] | None:
        if length > self._limit:
            raise MalformedError("packet is too large")
        if len(self._buffer) < start + length:
            return None
        header, body = self._buffer[0], bytes(self._buffer[start : start + length])
        del self._buffer[: start + length]
        return header, body


class _Body:
    """Reads the variable header and the payload from front to back."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def take(self, count: int) -> bytes:
        part = self._data[self._at : self._at + count]
        if len(part) < count:
            raise MalformedError("packet ends too early")
        self._at += count
        return part

    def number(self) -> int:
        return int(struct.unpack("!H", self.take(2))[0])

    def identifier(self) -> int:
        if not (number := self.number()):
            raise MalformedError("packet identifier is zero")
        return number

    def binary(self) -> bytes:
        return self.take(self.number())

    def string(self) -> str:
        try:
            text = self.binary().decode()
        except UnicodeDecodeError as err:
            raise MalformedError("string is not UTF-8") from err
        if "\0" in text:
            raise MalformedError("string holds a null character")
        return text

    def rest(self) -> bytes:
        return self.take(len(self._data) - self._at)

    def end(self) -> None:
        if self._at < len(self._data):
            raise MalformedError("bytes after the end of the packet")

    def __bool__(self) -> bool:
        return self._at < len(self._data)


def decode(header: int, data: bytes) -> Packet:
    """Decode one packet of a client; raises MalformedError."""
    try:
        kind = Type(header >> 4)
    except ValueError as err:
        raise MalformedError("packet type is unknown or not supported") from err
    if kind is not Type.PUBLISH and header & 0x0F != FLAGS.get(kind, 0):
        raise MalformedError("reserved flags are set")
    body = _Body(data)
    result = _decode(kind, header, body)
    body.end()
    return result


def _decode(kind: Type, header: int, body: _Body) -> Packet:
    match kind:
        case Type.CONNECT:
            return _connect(body)
        case Type.PUBLISH:
            return _publish(header, body)
        case Type.PUBACK:
            return PubAck(packet_id=body.identifier())
        case Type.SUBSCRIBE:
            return _subscribe(body)
        case Type.UNSUBSCRIBE:
            return _unsubscribe(body)
        case Type.PINGREQ:
            return PingReq()
        case Type.DISCONNECT:
            return Disconnect()
        case _:
            raise MalformedError("a client does not send this packet")


def _connect(body: _Body) -> Connect:
    if body.string() != PROTOCOL:
        raise MalformedError("protocol name is wrong")
    if body.take(1)[0] != LEVEL:
        raise UnacceptableProtocolError("protocol level is not 4")
    flags = body.take(1)[0]
    _check_connect_flags(flags)
    keep_alive = body.number()
    client_id = body.string()
    will = None
    if flags & 0x04:
        will = Publish(
            topic=topic_name(body.string()),
            payload=body.binary(),
            qos=flags >> 3 & 3,
            retain=bool(flags & 0x20),
        )
    return Connect(
        client_id=client_id,
        clean=bool(flags & 0x02),
        keep_alive=keep_alive,
        will=will,
        username=body.string() if flags & 0x80 else None,
        password=body.binary() if flags & 0x40 else None,
    )


def _check_connect_flags(flags: int) -> None:
    if flags & 0x01:
        raise MalformedError("reserved connect flag is set")
    if not flags & 0x04 and flags & 0x38:
        raise MalformedError("will details without a will")
    if flags >> 3 & 3 == 3:
        raise MalformedError("QoS of the will is 3")
    if flags & 0x40 and not flags & 0x80:
        raise MalformedError("password without user name")


def _publish(header: int, body: _Body) -> Publish:
    qos = header >> 1 & 3
    if qos == 3 or (header & 0x08 and not qos):
        raise MalformedError("flags of PUBLISH contradict each other")
    return Publish(
        topic=topic_name(body.string()),
        packet_id=body.identifier() if qos else None,
        payload=body.rest(),
        qos=qos,
        retain=bool(header & 1),
        duplicate=bool(header & 8),
    )


def _subscribe(body: _Body) -> Subscribe:
    identifier = body.identifier()
    filters = []
    while body:
        topic = topic_filter(body.string())
        if (qos := body.take(1)[0]) > 2:
            raise MalformedError("requested QoS is out of range")
        filters.append((topic, qos))
    if not filters:
        raise MalformedError("SUBSCRIBE without a topic filter")
    return Subscribe(packet_id=identifier, filters=tuple(filters))


def _unsubscribe(body: _Body) -> Unsubscribe:
    identifier = body.identifier()
    filters = []
    while body:
        filters.append(topic_filter(body.string()))
    if not filters:
        raise MalformedError("UNSUBSCRIBE without a topic filter")
    return Unsubscribe(packet_id=identifier, filters=tuple(filters))


def topic_name(topic: str) -> str:
    """Check the topic of a message (4.7): not empty, no wildcards."""
    if not topic or wildcard(topic):
        raise MalformedError("not a topic name")
    return topic


def topic_filter(topic: str) -> str:
    """Check a topic filter (4.7.1): wildcards fill whole levels, `#` only the last."""
    levels = topic.split("/")
    if not topic or any(
        wildcard(level) and (len(level) > 1 or (level == "#" and index < last))
        for last in (len(levels) - 1,)
        for index, level in enumerate(levels)
    ):
        raise MalformedError("not a topic filter")
    return topic


def wildcard(topic: str) -> bool:
    """Whether a filter stands for more than one topic."""
    return "+" in topic or "#" in topic
