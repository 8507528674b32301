"""The traffic between the household's boards and the simulated iottly."""

import asyncio
from collections import defaultdict, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
import math
from typing import Any

from . import iottly_agent as agent, iottly_dates as dates
from .faults import Faults, Kind
from .iottly_store import AGENT, USER, Message, MessageStore
from .iottly_variant import IottlyVariant
from .iottly_webhooks import WebhookSender
from .world import Board, Value, World

# What a board keeps while it is offline; the oldest is dropped (reference 3.4).
_BUFFER = 10

# Stored before mid-2017, or by programs that send anything (reference 3.1, 6.1).
_ODDITIES: tuple[dict[str, Any], ...] = (
    {"payload": {"connectionstatus": "connected"}, "flat": True},
    {"payload": {"old_counter": 7}, "flat": True},
    {"payload": {}, "flat": True},
    {"payload": {"untyped": 1}, "type": None},
    {"payload": [1, 2]},
    {"payload": "text"},
    {"payload": {"broken": math.nan, "endless": math.inf}},
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """A message on its way from a board to the cloud."""

    payload: Any
    type: str | None
    device_at: datetime
    channel: str | None = None
    flat: bool = False


class IottlyBoards:
    """Takes in what boards send, stores and forwards it, and tells them commands."""

    def __init__(
        self,
        world: World,
        store: MessageStore,
        sender: WebhookSender,
        *,
        cloud: str,
        clock: Callable[[], float],
        faults: Faults,
        record: Callable[..., None],
        variant: Callable[[], IottlyVariant],
    ) -> None:
        """Prepare; boards are heard from `start` on."""
        self.store = store
        self._world = world
        self._sender = sender
        self._cloud = cloud
        self._clock = clock
        self._faults = faults
        self._record = record
        self._variant = variant
        self._born: dict[str, datetime] = {}
        self._buffers: dict[str, deque[Sent]] = defaultdict(
            lambda: deque(maxlen=_BUFFER)
        )
        self._commands: dict[str, list[dict[str, Any]]] = defaultdict(list)
        self._held: list[tuple[Board, Sent, datetime]] = []
        self._timers: set[asyncio.TimerHandle] = set()
        self._deaf: Callable[[], None] | None = None

    def start(self) -> None:
        """Let every board say what it says after its start, and listen."""
        for board in self._world.of(self._cloud):
            if self._variant().oddities:
                self._add_oddities(board)
            self._greet(board)
        self._deaf = self._world.listen(self._heard)

    def stop(self) -> None:
        """Hear nothing more, and forget reactions that are due."""
        if self._deaf:
            self._deaf()
            self._deaf = None
        for timer in self._timers:
            timer.cancel()
        self._timers.clear()

    def message(
        self,
        board: Board,
        payload: Any,
        *,
        type: str | None = USER,
        device_time: float | None = None,
        late: float = 0.0,
        duplicate: int = 0,
        channel: str | None = None,
        flat: bool = False,
    ) -> tuple[Message, ...]:
        """Let a board send a message; see `IottlyCloud.message`."""
        sent = Sent(
            payload=payload,
            type=type,
            device_at=self._device_time(board, device_time),
            channel=channel,
            flat=flat,
        )
        self._record("board", "PUBLISH", board.id, body=payload)
        if not board.online:
            self._buffers[board.id].append(sent)
            return ()
        at = self._now() - timedelta(seconds=late)
        return tuple(
            stored
            for _ in range(1 + duplicate)
            for stored in self._take(board, sent, at)
        )

    def burst(
        self, board: Board, payloads: Sequence[Any], spacing: float
    ) -> tuple[Message, ...]:
        """Let messages arrive `spacing` seconds apart, the last of them now."""
        now, device_at = self._now(), self._device_time(board, None)
        stored: list[Message] = []
        for behind, payload in zip(
            range(len(payloads) - 1, -1, -1), payloads, strict=True
        ):
            self._record("board", "PUBLISH", board.id, body=payload)
            sent = Sent(payload=payload, type=USER, device_at=device_at)
            at = now - timedelta(seconds=behind * spacing)
            stored.extend(self._take(board, sent, at))
        return tuple(stored)

    def connect(self, board: Board) -> None:
        """Bring a board online: it says so, then sends what it kept."""
        board.online = True
        self._agent(board, {"connectionstatus": "connected"})
        buffered = self._buffers.pop(board.id, ())
        now = self._now()
        for sent in buffered:
            self._take(board, sent, now)
        for command in self._commands.pop(board.id, ()):
            self.tell(board, command)

    def disconnect(self, board: Board) -> None:
        """Take a board offline; it measures on and keeps its last messages."""
        board.online = False
        if self._variant().disconnect_stored:
            self._agent(board, {"connectionstatus": "disconnected"})

    def tell(self, board: Board, command: dict[str, Any]) -> None:
        """Hand a command over; without a connection it is lost, or waits."""
        if not board.online:
            if self._variant().offline == "queued":
                self._commands[board.id].append(command)
            return
        self._record("board", "RECEIVE", board.id, body=command)
        self._later(self._variant().reply_delay, lambda: self._react(board, command))

    def _react(self, board: Board, command: dict[str, Any]) -> None:
        match agent.reaction(board, command, self._variant().replies):
            case agent.Said(type=kind, payload=payload):
                self.message(board, payload, type=kind)
            case agent.Measured(values=values):
                self._world.set(board, **values)

    def _heard(self, board: Board, values: dict[str, Value]) -> None:
        if board.cloud != self._cloud:
            return
        self._record("board", "PUBLISH", board.id, body=values)
        at, device_at = self._now(), self._device_time(board, None)
        for payload in agent.shaped(board, values):
            self._take(board, Sent(payload=payload, type=USER, device_at=device_at), at)

    def _greet(self, board: Board) -> None:
        at, device_at = self._now(), self._device_time(board, None)
        self._born[board.id] = device_at
        self._agent(board, {"connectionstatus": "connected"})
        for payload in agent.greetings(board):
            self._take(
                board, Sent(payload=payload, type=AGENT, device_at=device_at), at
            )
        values = {name: kept.value for name, kept in board.variables.items()}
        for payload in agent.shaped(board, values):
            self._take(board, Sent(payload=payload, type=USER, device_at=device_at), at)
        if not board.online:
            self.disconnect(board)

    def _agent(self, board: Board, payload: dict[str, Any]) -> None:
        """Store what is said about the connection.

        Its device time is that of the agent's start, however often it is sent (3.4).
        """
        born = self._born.setdefault(board.id, self._device_time(board, None))
        sent = Sent(payload=payload, type=AGENT, device_at=born)
        self._take(board, sent, self._now())

    def _add_oddities(self, board: Board) -> None:
        at = self._now() - timedelta(minutes=10)
        device_at = dates.moment(math.floor(at.timestamp()))
        for seconds, oddity in enumerate(_ODDITIES):
            sent = Sent(**{"type": USER, "device_at": device_at, **oddity})
            self._keep(board, sent, at + timedelta(seconds=seconds))

    def _take(self, board: Board, sent: Sent, at: datetime) -> list[Message]:
        """Store a message unless a fault for "MESSAGE /board" has other plans."""
        where = f"MESSAGE /{board.id}"
        if not self._held and self._faults.take(where, {Kind.REORDER}):
            self._held.append((board, sent, at))
            return []
        twice = self._faults.take(where, {Kind.DUPLICATE})
        stored = [self._keep(board, sent, at) for _ in range(2 if twice else 1)]
        while self._held:
            stored.append(self._keep(*self._held.pop()))
        return stored

    def _keep(self, board: Board, sent: Sent, at: datetime) -> Message:
        old = self._variant().messages == "flat" and isinstance(sent.payload, dict)
        message = self.store.add(
            board.id,
            sent.payload,
            at=at,
            device_at=sent.device_at,
            type=sent.type,
            flat=sent.flat or old,
            channel=sent.channel,
        )
        self._sender.send(self._forwarded(message))
        return message

    def _forwarded(self, message: Message) -> dict[str, Any]:
        """The message as webhooks carry it: without an id (reference 5.1)."""
        document = message.document() | {"timestamp": message.at}
        del document["_id"]
        return {
            key: self._date(value) if isinstance(value, datetime) else value
            for key, value in document.items()
        }

    def _date(self, at: datetime) -> Any:
        variant = self._variant()
        if variant.webhook_dates == "mongo":
            return dates.mongo(at, variant.dates)
        if variant.webhook_dates == "naive":
            return dates.naive(at, variant.page_zone)
        return dates.offset(at, variant.page_zone)

    def _device_time(self, board: Board, given: float | None) -> datetime:
        """The board's clock in whole seconds, wrong by its own offset."""
        if given is None:
            given = self._clock() + board.facts.get("clock_offset", 0)
        return dates.moment(math.floor(given))

    def _now(self) -> datetime:
        return dates.moment(self._clock())

    def _later(self, seconds: float, action: Callable[[], None]) -> None:
        if seconds <= 0:
            action()
            return

        def run() -> None:
            self._timers.discard(timer)
            action()

        timer = asyncio.get_running_loop().call_later(seconds, run)
        self._timers.add(timer)
