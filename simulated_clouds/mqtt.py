"""A small strict MQTT 3.1.1 broker: QoS 0 and 1, no retained messages, exact topics."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
import time
from typing import Any, Protocol

from .faults import Faults
from .mqtt_channels import Channel
from .mqtt_packets import Connack, Connect, Publish
from .mqtt_session import Session


@dataclass(frozen=True, slots=True, kw_only=True)
class Principal:
    """Who a session belongs to, and until when (epoch seconds, None for ever).

    `groups` are the shared spaces that the user is here as a member of.
    """

    user: str
    expires: float | None = None
    groups: frozenset[str] = frozenset()


class Gate(Protocol):
    """The rules of one listener: who comes in, and which topics are whose."""

    label: str
    """First word of its faults: "<label> CONNECT", "<label> PUBLISH <topic>" and so on."""

    def admit(self, connect: Connect) -> Principal | Connack:
        """Check the credentials; a code other than ACCEPTED refuses."""

    def may_subscribe(self, who: Principal, topic: str) -> bool:
        """Whether a subscription to one topic is granted."""

    def may_publish(self, who: Principal, topic: str) -> bool:
        """Whether a message to this topic is taken."""

    def subscribed(self, who: Principal, topic: str) -> None:
        """A subscription was granted, and its SUBACK is on its way."""

    def received(self, who: Principal, message: Publish) -> None:
        """A message was taken."""

    def note(self, method: str, path: str, **more: Any) -> None:
        """Write something that happened to the log."""


class Broker:
    """All sessions of all listeners."""

    def __init__(
        self,
        *,
        faults: Faults | None = None,
        clock: Callable[[], float] = time.time,
        connect_timeout: float = 10.0,
    ) -> None:
        """Wait `connect_timeout` seconds for a CONNECT."""
        self.faults = faults or Faults()
        self.clock = clock
        self.connect_timeout = connect_timeout
        self._named: dict[str, Session] = {}
        self._open: dict[Session, asyncio.Event] = {}

    async def serve(self, channel: Channel, gate: Gate) -> None:
        """Speak MQTT on a connection until it ends."""
        session = Session(self, channel, gate)
        self._open[session] = finished = asyncio.Event()
        try:
            await session.run()
        finally:
            del self._open[session]
            if self._named.get(session.client_id) is session:
                del self._named[session.client_id]
            finished.set()

    def register(self, session: Session) -> None:
        """Take a session's client identifier, evicting an older owner (3.1.4-2)."""
        older = self._named.get(session.client_id)
        self._named[session.client_id] = session
        if older is not None:
            older.end("evicted")

    def publish(self, topic: str, payload: bytes, *, qos: int = 0) -> int:
        """Deliver to every subscriber; returns how many there were."""
        reached = [item for item in self.sessions() if topic in item.subscriptions]
        for session in reached:
            session.deliver(topic, payload, qos=qos)
        return len(reached)

    def sessions(self, *, label: str = "", user: str = "") -> list[Session]:
        """Accepted sessions, of one listener or one user if that is given."""
        return [
            session
            for session in self._named.values()
            if session.principal is not None
            and label in ("", session.gate.label)
            and user in ("", session.principal.user)
        ]

    async def stop(self) -> None:
        """Cut every connection and wait until each is gone."""
        finished = list(self._open.values())
        for session in list(self._open):
            session.abort()
        for event in finished:
            await event.wait()
