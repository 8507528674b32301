"""One MQTT connection, from its CONNECT to its end."""

import asyncio
import contextlib
from typing import TYPE_CHECKING

from .faults import Kind
from .mqtt_channels import CLOSING, Channel
from .mqtt_codec import Decoder, MalformedError, UnacceptableProtocolError, wildcard
from .mqtt_outbox import GARBAGE, Outbox
from .mqtt_packets import (
    SUBACK_FAILURE,
    Connack,
    Connect,
    Disconnect,
    Packet,
    PingReq,
    PubAck,
    Publish,
    Subscribe,
    Unsubscribe,
    connack,
    pingresp,
    puback,
    suback,
    unsuback,
)

if TYPE_CHECKING:
    from .mqtt import Broker, Gate, Principal

# A client is gone after one and a half times its keep-alive (3.1.2-24).
GRACE = 1.5
REQUEST_FAULTS = frozenset(
    {
        Kind.DROP,
        Kind.STALL,
        Kind.SLOW,
        Kind.GARBAGE,
        Kind.UNAUTHORIZED,
        Kind.EXPIRED_TOKEN,
        Kind.RATE_LIMIT,
        Kind.SERVER_ERROR,
    }
)
REFUSALS = {
    Kind.UNAUTHORIZED: Connack.NOT_AUTHORIZED,
    Kind.EXPIRED_TOKEN: Connack.NOT_AUTHORIZED,
    Kind.RATE_LIMIT: Connack.SERVER_UNAVAILABLE,
    Kind.SERVER_ERROR: Connack.SERVER_UNAVAILABLE,
}


class _EndedError(Exception):
    """The connection is to be closed now; its text says why."""


class Session:
    """What one client may do, has subscribed to, and is still to be sent."""

    def __init__(self, broker: Broker, channel: Channel, gate: Gate) -> None:
        """Nothing is known about the client yet."""
        self.gate = gate
        self.client_id = ""
        self.principal: Principal | None = None
        self.subscriptions: dict[str, int] = {}
        self._broker = broker
        self._channel = channel
        self._outbox = Outbox(self, broker.faults)
        self._patience = broker.connect_timeout
        self._deadline: asyncio.TimerHandle | None = None
        self._expiry: asyncio.TimerHandle | None = None
        self._will: Publish | None = None
        self._reason = "closed by the client"

    async def run(self) -> None:
        """Speak until either side ends; returns with everything released."""
        sender = asyncio.create_task(self._outbox.run(self._channel))
        self._extend()
        try:
            await self._listen()
        except (MalformedError, _EndedError) as err:
            self._reason = str(err)
        except OSError:
            self._reason = "connection lost"
        finally:
            self._leave()
            await self._finish(sender)

    def end(self, reason: str) -> None:
        """Close after what is already on its way."""
        self._reason = reason
        self._outbox.close()

    def abort(self, reason: str = "cut") -> None:
        """Cut the connection without a word."""
        self._reason = reason
        self._channel.abort()

    def stall(self) -> None:
        """Say nothing any more, but keep the connection open."""
        self._outbox.silent = True
        self._forget_deadlines()

    def deliver(self, topic: str, payload: bytes, *, qos: int) -> None:
        """Send a message with the lower of its own and the granted QoS."""
        granted = min(qos, self.subscriptions[topic])
        self._outbox.deliver(Publish(topic=topic, payload=payload, qos=granted))

    async def _listen(self) -> None:
        decoder = Decoder()
        while (data := await self._channel.receive()) is not None:
            try:
                for packet in decoder.feed(data):
                    await self._handle(packet)
            except UnacceptableProtocolError:
                self._outbox.send(connack(Connack.UNACCEPTABLE_PROTOCOL))
                raise

    def _leave(self) -> None:
        self._forget_deadlines()
        if self.principal is None:
            return
        self.gate.note("DISCONNECT", self.client_id, body=self._reason)
        will, self._will = self._will, None
        if will and self.gate.may_publish(self.principal, will.topic):
            self.gate.received(self.principal, will)

    async def _finish(self, sender: asyncio.Task[None]) -> None:
        """Let the sender empty its box, but not for long."""
        self._outbox.close()
        try:
            async with asyncio.timeout(CLOSING):
                await sender
        except TimeoutError:
            pass
        finally:
            sender.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await sender
            self._channel.abort()

    async def _handle(self, packet: Packet) -> None:
        if self._outbox.silent:
            return
        self._extend()
        if self.principal is None:
            if not isinstance(packet, Connect):
                raise MalformedError("first packet is not CONNECT")
            await self._connect(packet)
            return
        match packet:
            case Connect():
                raise MalformedError("second CONNECT")
            case Subscribe():
                await self._subscribe(self.principal, packet)
            case Unsubscribe():
                self._unsubscribe(packet)
            case Publish():
                await self._publish(self.principal, packet)
            case PubAck():
                self._outbox.acknowledged(packet.packet_id)
            case PingReq():
                if not await self._fault("PINGREQ"):
                    self._outbox.send(pingresp())
            case Disconnect():
                self._will = None
                raise _EndedError("closed by the client")

    async def _connect(self, packet: Connect) -> None:
        self.client_id = packet.client_id or f"auto-{id(self):x}"
        if await self._fault("CONNECT"):
            return
        answer = self._judge(packet)
        code = answer if isinstance(answer, Connack) else Connack.ACCEPTED
        self.gate.note(
            "CONNECT",
            self.client_id,
            body={"user": packet.username, "keep_alive": packet.keep_alive},
            status=int(code),
        )
        if isinstance(answer, Connack):
            self._refuse(answer)
        else:
            self._admit(answer, packet)

    def _judge(self, packet: Connect) -> Principal | Connack:
        # An empty identifier is only for sessions that start clean (3.1.3-8).
        if not packet.client_id and not packet.clean:
            return Connack.IDENTIFIER_REJECTED
        return self.gate.admit(packet)

    def _refuse(self, code: Connack) -> None:
        self._outbox.send(connack(code))
        raise _EndedError(f"refused with {code:d}")

    def _admit(self, principal: Principal, packet: Connect) -> None:
        self.principal = principal
        self._will = packet.will
        self._patience = packet.keep_alive * GRACE
        self._extend()
        loop = asyncio.get_running_loop()
        if principal.expires is not None:
            left = max(principal.expires - self._broker.clock(), 0)
            self._expiry = loop.call_later(left, self.end, "token expired")
        self._broker.register(self)
        self._outbox.send(connack(Connack.ACCEPTED))

    def _extend(self) -> None:
        """Wait for the next packet from now on."""
        if self._deadline is not None:
            self._deadline.cancel()
        if self._patience:
            loop = asyncio.get_running_loop()
            self._deadline = loop.call_later(self._patience, self.abort, "timed out")

    def _forget_deadlines(self) -> None:
        for timer in (self._deadline, self._expiry):
            if timer is not None:
                timer.cancel()

    async def _subscribe(self, who: Principal, packet: Subscribe) -> None:
        codes = []
        for topic, qos in packet.filters:
            if await self._fault(f"SUBSCRIBE {topic}", refusing=True):
                codes.append(SUBACK_FAILURE)
            else:
                codes.append(self._grant(who, topic, qos))
            self.gate.note("SUBSCRIBE", topic, status=codes[-1])
        self._outbox.send(suback(packet.packet_id, codes))
        for (topic, _), code in zip(packet.filters, codes, strict=True):
            if code != SUBACK_FAILURE:
                self.gate.subscribed(who, topic)

    def _grant(self, who: Principal, topic: str, qos: int) -> int:
        """QoS 2 is not offered: the server may grant less than was asked for."""
        if wildcard(topic) or not self.gate.may_subscribe(who, topic):
            return SUBACK_FAILURE
        self.subscriptions[topic] = min(qos, 1)
        return self.subscriptions[topic]

    def _unsubscribe(self, packet: Unsubscribe) -> None:
        for topic in packet.filters:
            self.subscriptions.pop(topic, None)
            self.gate.note("UNSUBSCRIBE", topic)
        self._outbox.send(unsuback(packet.packet_id))

    async def _publish(self, who: Principal, packet: Publish) -> None:
        if packet.qos == 2:
            raise MalformedError("QoS 2 is not supported")
        if not self.gate.may_publish(who, packet.topic):
            raise _EndedError("not allowed to publish there")
        if await self._fault(f"RECEIVE {packet.topic}"):
            return
        if packet.packet_id is not None:
            self._outbox.send(puback(packet.packet_id))
        self.gate.received(who, packet)

    async def _fault(self, where: str, *, refusing: bool = False) -> bool:
        """Apply a fault to a request; True if it is not to be served."""
        fault = self._broker.faults.take(f"{self.gate.label} {where}", REQUEST_FAULTS)
        if fault is None:
            return False
        match fault.kind:
            case Kind.SLOW:
                await asyncio.sleep(fault.seconds)
                return False
            case Kind.STALL:
                self.stall()
            case Kind.GARBAGE:
                self._outbox.send(GARBAGE)
            case Kind.DROP:
                self._channel.abort()
                raise _EndedError("cut")
            case kind if refusing:
                return True
            case kind if self.principal is None:
                self._refuse(REFUSALS[kind])
            case _:
                raise _EndedError("closed by the broker")
        return True
