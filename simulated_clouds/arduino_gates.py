"""Who may connect to Arduino's broker, and what each topic is for (reference 5.1 to 5.3)."""

from collections.abc import Callable
import hmac
import re
from typing import Any, Protocol

from . import senml
from .arduino_commands import answers
from .arduino_encoding import values_of
from .arduino_options import Options
from .arduino_store import Store, device_of
from .arduino_tokens import TokenError, Tokens
from .arduino_traffic import BOARD, Traffic
from .mqtt import Broker, Principal
from .mqtt_packets import Connack, Connect, Publish
from .world import Board

APP = "MQTT"
TOPIC = re.compile(r"/a/(?P<of>[td])/(?P<id>[0-9a-f-]{36})/(?P<channel>[a-z]+/[a-z]+)")


class Note(Protocol):
    """Adds an entry to the cloud's log."""

    def __call__(self, channel: str, method: str, path: str, **more: Any) -> None:
        """See `SimulatedCloud.record`."""


class AppGate:
    """Applications: user id and token, the user's own things."""

    label = APP
    # (thing or device, channel)
    reads = frozenset([("t", "e/o"), ("t", "e/i"), ("d", "s/o")])
    writes = frozenset([("t", "e/i"), ("d", "s/i")])

    def __init__(
        self,
        store: Store,
        tokens: Tokens,
        broker: Broker,
        traffic: Traffic,
        *,
        note: Note,
        options: Options,
    ) -> None:
        """Let in who has a token."""
        self._store = store
        self._tokens = tokens
        self._broker = broker
        self._traffic = traffic
        self._note = note
        self._options = options

    def admit(self, connect: Connect) -> Principal | Connack:
        """The token must be valid, and the user name its own claim (reference 5.2)."""
        if not connect.username or not connect.password:
            return Connack.BAD_USER_NAME_OR_PASSWORD
        try:
            grant = self._tokens.check(connect.password.decode())
        except TokenError, UnicodeDecodeError:
            return Connack.NOT_AUTHORIZED
        if connect.username != grant.user_id:
            return Connack.NOT_AUTHORIZED
        return Principal(
            user=grant.user_id,
            expires=grant.expires if self._options.ends_with_token else None,
            groups=frozenset([grant.space] if grant.space else []),
        )

    def may_subscribe(self, who: Principal, topic: str) -> bool:
        """Values of the user's things, and the serial monitor."""
        return self._allowed(who, topic, self.reads)

    def may_publish(self, who: Principal, topic: str) -> bool:
        """Commands to the user's things."""
        return self._allowed(who, topic, self.writes)

    def subscribed(self, who: Principal, topic: str) -> None:
        """Nothing is retained: there is nothing to send."""

    def received(self, who: Principal, message: Publish) -> None:
        """Take a command; by default only dashboards notice (reference 5.6)."""
        self.note("PUBLISH", message.topic, body=message.payload.hex())
        board, channel = _place(self._store, message.topic)
        if board is None or channel != "e/i":
            self._broker.publish(message.topic, message.payload, qos=message.qos)
            return
        try:
            found = values_of(self._store, board, senml.decode(message.payload))
        except ValueError:
            return
        self._traffic.command(
            board,
            {
                item.variable.name: value
                for item, value, _ in found
                if item.variable.writable
            },
            reaches=self._options.mqtt_writes_reach_board,
        )

    def note(self, method: str, path: str, **more: Any) -> None:
        """Log as the push channel."""
        self._note("mqtt", method, path, **more)

    def _allowed(
        self, who: Principal, topic: str, channels: frozenset[tuple[str, str]]
    ) -> bool:
        match = TOPIC.fullmatch(topic)
        if match is None or (match["of"], match["channel"]) not in channels:
            return False
        board, _ = _place(self._store, topic)
        return board is not None and (
            self._store.owner(board) == who.user
            or board.facts.get("organization_id") in who.groups
        )


class BoardGate:
    """Boards: device id and secret key, their own topics only (reference 5.1, 6.7)."""

    label = BOARD
    reads = frozenset(
        [("d", "e/i"), ("d", "c/dw"), ("d", "s/i"), ("t", "e/i"), ("t", "shadow/i")]
    )
    writes = frozenset(
        [("d", "e/o"), ("d", "c/up"), ("d", "s/o"), ("t", "e/o"), ("t", "shadow/o")]
    )

    def __init__(
        self,
        store: Store,
        broker: Broker,
        traffic: Traffic,
        *,
        clock: Callable[[], float],
        note: Note,
    ) -> None:
        """Let in the boards of the store."""
        self._store = store
        self._broker = broker
        self._traffic = traffic
        self._clock = clock
        self._note = note

    def admit(self, connect: Connect) -> Principal | Connack:
        """Device id as client id and user name, secret key as password."""
        if not connect.username or not connect.password:
            return Connack.BAD_USER_NAME_OR_PASSWORD
        board = self._store.device(connect.username)
        if board is None or not hmac.compare_digest(
            connect.password, str(board.facts.get("secret_key", "")).encode()
        ):
            return Connack.NOT_AUTHORIZED
        if connect.client_id != connect.username:
            return Connack.IDENTIFIER_REJECTED
        return Principal(user=connect.username)

    def may_subscribe(self, who: Principal, topic: str) -> bool:
        """What is sent to this device and its thing."""
        return self._allowed(who, topic, self.reads)

    def may_publish(self, who: Principal, topic: str) -> bool:
        """What comes from this device and its thing."""
        return self._allowed(who, topic, self.writes)

    def subscribed(self, who: Principal, topic: str) -> None:
        """A device that asks is told its thing (reference 6.7)."""
        if topic == f"/a/d/{who.user}/e/i":
            board, _ = _place(self._store, topic)
            if board is not None:
                payload = senml.python([senml.Record("thing_id", board.id)])
                self._broker.publish(topic, payload, qos=1)

    def received(self, who: Principal, message: Publish) -> None:
        """Serve what a device publishes, by its topic."""
        board, channel = _place(self._store, message.topic)
        if board is None:
            return
        match channel:
            case "e/o" if message.topic.startswith("/a/t/"):
                self._traffic.forward(board, message.payload, qos=message.qos)
            case "shadow/o" if _asks_for_last_values(message.payload):
                topic = f"/a/t/{board.id}/shadow/i"
                self._broker.publish(topic, self._traffic.last_values(board), qos=1)
            case "c/up":
                self._command(board, message.payload)
            case "s/o":
                self._broker.publish(message.topic, message.payload, qos=message.qos)

    def note(self, method: str, path: str, **more: Any) -> None:
        """Log as a board's doing."""
        self._note("board", method, path, **more)

    def _command(self, board: Board, payload: bytes) -> None:
        topic = f"/a/d/{device_of(board)}/c/dw"
        last = self._traffic.last_values(board)
        for answer in answers(board, payload, last_values=last, now=self._clock()):
            self._broker.publish(topic, answer, qos=1)

    def _allowed(
        self, who: Principal, topic: str, channels: frozenset[tuple[str, str]]
    ) -> bool:
        match = TOPIC.fullmatch(topic)
        if match is None or (match["of"], match["channel"]) not in channels:
            return False
        board, _ = _place(self._store, topic)
        return board is not None and device_of(board) == who.user


def _place(store: Store, topic: str) -> tuple[Board | None, str]:
    """The board that a topic is about, and the channel at its end."""
    match = TOPIC.fullmatch(topic)
    if match is None:
        return None, ""
    find = store.thing if match["of"] == "t" else store.device
    return find(match["id"]), match["channel"]


def _asks_for_last_values(payload: bytes) -> bool:
    try:
        samples = senml.decode(payload)
    except ValueError:
        return False
    return any(
        sample.name == "r:m" and sample.value == "getLastValues" for sample in samples
    )
