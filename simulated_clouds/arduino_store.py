"""What the cloud knows of its boards: last values, when they came, and their history."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import pairwise
import random
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from .world import Board, Value, Variable, World

CLOUD = "arduino"
# The invented past: one day, a sample every five minutes for what moves by itself.
PAST, STEP, SLOW_STEP = 86_400, 300, 3_600
UNSET = "N/A"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """A value and when it came, in epoch seconds."""

    at: float
    value: Value


@dataclass(frozen=True, slots=True, kw_only=True)
class Property:
    """A cloud variable: one variable of one board.

    `tag` is its number in the light payload (reference 6.6).
    """

    board: Board
    variable: Variable
    tag: int
    fields: dict[str, Any] = field(default_factory=dict)

    @property
    def id(self) -> str:
        """Its UUID, fixed for ever."""
        name = f"{self.board.id}/{self.variable.name}"
        return str(self.fields.get("id") or uuid5(NAMESPACE_URL, name))

    @property
    def name(self) -> str:
        """What people call it."""
        default = self.variable.name.replace("_", " ").capitalize()
        return str(self.fields.get("name", default))


class Store:
    """Finds things, devices and properties, and keeps what was published."""

    def __init__(
        self, world: World, *, clock: Callable[[], float], user_id: str
    ) -> None:
        """`user_id` owns every board whose facts name nobody else."""
        self._world = world
        self._clock = clock
        self._user_id = user_id
        self._born = clock()
        self._history: dict[str, list[Sample]] = {}

    def prepare(self) -> None:
        """Take the present values as the last ones, before anything moves."""
        for board in self.boards(deleted=True):
            for item in self.properties(board, deleted=True):
                self.history(item)

    def boards(self, *, deleted: bool = False) -> list[Board]:
        """All boards of this cloud, without those that were deleted unless asked for."""
        return [
            board
            for board in self._world.of(CLOUD)
            if deleted or "deleted_at" not in board.facts
        ]

    def thing(self, thing_id: str, *, deleted: bool = False) -> Board | None:
        """The board with this thing."""
        found = (item for item in self.boards(deleted=deleted) if item.id == thing_id)
        return next(found, None)

    def device(self, device_id: str) -> Board | None:
        """The board with this device."""
        found = (item for item in self.boards() if device_of(item) == device_id)
        return next(found, None)

    def owner(self, board: Board) -> str:
        """The user that a board belongs to."""
        return str(board.facts.get("user_id", self._user_id))

    def properties(self, board: Board, *, deleted: bool = False) -> list[Property]:
        """The cloud variables of a board."""
        return [
            item
            for item in _properties(board)
            if deleted or "deleted_at" not in item.fields
        ]

    def find(self, board: Board, key: str) -> Property | None:
        """A property by its id, its variable's name or its friendly name."""
        listed = self.properties(board)
        return next(
            (
                item
                for matches in (_by_id, _by_variable, _by_name)
                for item in listed
                if matches(item, key)
            ),
            None,
        )

    def last(self, item: Property) -> Sample | None:
        """The newest sample, None if there was never a value."""
        history = self.history(item)
        return history[-1] if history else None

    def history(self, item: Property) -> list[Sample]:
        """All samples, oldest first."""
        if item.id not in self._history:
            self._history[item.id] = list(_past(item, self._born))
        return self._history[item.id]

    def put(self, item: Property, value: Value, *, at: float | None = None) -> None:
        """Keep a value; one with an old time goes where it belongs."""
        moment = self._clock() if at is None else at
        history = self.history(item)
        history.append(Sample(at=moment, value=value))
        if len(history) > 1 and history[-2].at > moment:
            history.sort(key=lambda sample: sample.at)


def device_of(board: Board) -> str:
    """The id of a board's device; empty for a thing without a board."""
    return str(board.facts.get("device", {}).get("id", ""))


def moment(seconds: float) -> str:
    """Epoch seconds as RFC 3339."""
    at = datetime.fromtimestamp(seconds, UTC)
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _properties(board: Board) -> Iterator[Property]:
    given = board.facts.get("properties", {})
    for tag, variable in enumerate(board.variables.values(), start=1):
        yield Property(
            board=board,
            variable=variable,
            tag=tag,
            fields=given.get(variable.name, {}),
        )


def _by_id(item: Property, key: str) -> bool:
    return item.id == key


def _by_variable(item: Property, key: str) -> bool:
    return item.variable.name == key


def _by_name(item: Property, key: str) -> bool:
    return item.name == key


def _past(item: Property, until: float) -> Iterator[Sample]:
    """Walk back from the present value; the same in each run."""
    variable = item.variable
    if variable.value is None:
        return
    rng = random.Random(UUID(item.id).int)
    step = STEP if variable.move else SLOW_STEP
    value: Any = variable.value
    values: list[Any] = []
    for _ in range(PAST // step):
        values.append(value)
        if variable.move:
            value = variable.move(rng, value)
    if all(isinstance(item, float) for item in values) and _rises(values):
        # A meter that was walked backwards: turn it round, it only ever counted up.
        values = [round(2 * values[0] - item, 3) for item in values]
    for index in reversed(range(len(values))):
        yield Sample(at=until - index * step, value=values[index])


def _rises(values: list[Any]) -> bool:
    return all(one < following for one, following in pairwise(values))
