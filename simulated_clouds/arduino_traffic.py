"""Values on their way between boards, the cloud and its applications (reference 5 and 6)."""

from collections.abc import Callable
from typing import Protocol

from . import senml
from .arduino_encoding import QOS, Values, messages, pack, values_of
from .arduino_options import Options
from .arduino_store import Store, device_of
from .mqtt import Broker
from .world import Board, Value, World

BOARD = "BOARD"


class Record(Protocol):
    """Adds an entry to the cloud's log."""

    def __call__(self, channel: str, method: str, path: str, *, body: object) -> None:
        """See `SimulatedCloud.record`."""


class Traffic:
    """Moves values, keeps what passes, and plays the boards that nobody else plays."""

    def __init__(
        self,
        store: Store,
        broker: Broker,
        world: World,
        *,
        clock: Callable[[], float],
        record: Record,
        options: Options,
    ) -> None:
        """Listen to nothing yet."""
        self._options = options
        self._waiting: dict[str, dict[str, Value]] = {}
        self._store = store
        self._broker = broker
        self._world = world
        self._clock = clock
        self._record = record

    def played(self, board: Board) -> bool:
        """Whether a client is connected as this board: the invented one is silent then."""
        device = device_of(board)
        return bool(device and self._broker.sessions(label=BOARD, user=device))

    def measured(self, board: Board, values: dict[str, Value]) -> None:
        """A board of the world publishes; called by the world."""
        if self.played(board) or self._store.thing(board.id) is None:
            return
        self._record("board", "PUBLISH", board.id, body=dict(values))
        known = self._known(board, values)
        self._keep(known)
        if not known:
            return
        qos = QOS.get(board.facts["encoder"], 1)
        for payload in messages(board, known, at=self._clock()):
            self._broker.publish(f"/a/t/{board.id}/e/o", payload, qos=qos)

    def forward(self, board: Board, payload: bytes, *, qos: int) -> None:
        """A connected board publishes: applications get its very bytes."""
        try:
            found = values_of(self._store, board, senml.decode(payload))
        except ValueError:
            found = []
        values = {item.variable.name: value for item, value, _ in found}
        self._record("board", "PUBLISH", board.id, body=values)
        for item, value, at in found:
            item.variable.value = value
            self._store.put(item, value, at=at)
        self._broker.publish(f"/a/t/{board.id}/e/o", payload, qos=qos)

    def as_board(self, board: Board, values: dict[str, Value]) -> None:
        """Somebody writes in the board's name: applications see it, the board does not."""
        known = self._known(board, values)
        self._keep(known)
        payload = pack(known, at=self._clock())
        self._broker.publish(f"/a/t/{board.id}/e/o", payload, qos=1)

    def command(
        self, board: Board, values: dict[str, Value], *, reaches: bool = True
    ) -> None:
        """Somebody writes to the board; it becomes the last value whether it listens or not."""
        known = self._known(board, values)
        topic = f"/a/t/{board.id}/e/i"
        if self._options.offline_waits and not (board.online or self.played(board)):
            self._waiting.setdefault(board.id, {}).update(values)
            return
        self._keep(known)
        if not reaches:
            return
        self._broker.publish(topic, pack(known, at=self._clock()), qos=1)
        if self.played(board):
            players = self._broker.sessions(label=BOARD, user=device_of(board))
            if any(topic in session.subscriptions for session in players):
                self._record("board", "RECEIVE", board.id, body=values)
        elif board.online:
            self._obey(board, values)

    def last_values(self, board: Board) -> bytes:
        """Everything that was ever set, as the cloud tells it to a device."""
        known = [
            (item, sample.value)
            for item in self._store.properties(board)
            if (sample := self._store.last(item)) is not None
        ]
        return pack(known, at=self._clock())

    def set_online(self, board: Board, online: bool) -> None:
        """Let a board lose or find its connection.

        A board that comes back takes the last values of what the cloud may write, then
        publishes all it has (reference 3.2, 6.7).
        """
        board.online = online
        if not online:
            return
        missed = self._waiting.pop(board.id, {}) | {
            item.variable.name: sample.value
            for item in self._store.properties(board)
            if item.variable.writable
            and (sample := self._store.last(item)) is not None
            and sample.value != item.variable.value
        }
        if missed:
            self._record("board", "RECEIVE", board.id, body=missed)
        self._world.set(
            board,
            **{
                name: missed.get(name, variable.value)
                for name, variable in board.variables.items()
            },
        )

    def _obey(self, board: Board, values: dict[str, Value]) -> None:
        """A board ignores what it does not let the cloud write (reference 3.2)."""
        self._record("board", "RECEIVE", board.id, body=values)
        taken = {
            name: _merged(variable.value, value)
            for name, value in values.items()
            if (variable := board.variables.get(name)) and variable.writable
        }
        if taken and board.facts["encoder"] == "cpp":
            # Only the C++ library echoes what it was told (reference 3.2, 6.7).
            self._world.set(board, **taken)
            return
        for name, value in taken.items():
            board.variables[name].value = value

    def _known(self, board: Board, values: dict[str, Value]) -> Values:
        listed = {item.variable.name: item for item in self._store.properties(board)}
        return [
            (listed[name], value)
            for name, value in values.items()
            if name in listed and value is not None
        ]

    def _keep(self, values: Values) -> None:
        for item, value in values:
            self._store.put(item, value)


def _merged(old: Value, new: Value) -> Value:
    """A device keeps the attributes that a command does not name (reference 2.6)."""
    if isinstance(old, dict) and isinstance(new, dict):
        return old | new
    return new
