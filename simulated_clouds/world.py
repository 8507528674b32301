"""One invented household whose boards live in three clouds; seeded, so it can be repeated."""

import asyncio
from collections.abc import Callable
import contextlib
from dataclasses import dataclass, field
import random
from typing import Any

type Value = bool | int | float | str | dict[str, Any] | None
type Mover = Callable[[random.Random, Any], Any]
type Listener = Callable[["Board", dict[str, Value]], None]


@dataclass(slots=True, kw_only=True)
class Variable:
    """One value of a board.

    `type` is the vendor's own name for it. `move` gives the next value; a variable
    without one changes only when it is written.
    """

    name: str
    type: str
    value: Value
    writable: bool = False
    move: Mover | None = None


@dataclass(slots=True, kw_only=True)
class Board:
    """One board: what it is and what it holds.

    `facts` are fixed things that only its cloud understands (ids, model codes, limits).
    """

    id: str
    name: str
    cloud: str
    online: bool = True
    variables: dict[str, Variable] = field(default_factory=dict)
    facts: dict[str, Any] = field(default_factory=dict)


def drift(low: float, high: float, step: float, digits: int = 1) -> Mover:
    """A number that wanders between two limits, never standing still."""

    def move(rng: random.Random, value: Any) -> float:
        delta = rng.choice((-1, 1)) * rng.uniform(step / 2, step)
        following = round(value + delta, digits)
        if not low <= following <= high:
            following = round(value - delta, digits)
        return following if digits else int(following)

    return move


def toggle(_: random.Random, value: Any) -> bool:
    """A boolean that changes each time."""
    return not value


class World:
    """The boards, and who listens to them."""

    def __init__(self, boards: list[Board], *, seed: int = 1) -> None:
        """Take the boards as they are at the start."""
        self.boards = {board.id: board for board in boards}
        self.rng = random.Random(seed)
        self._listeners: list[Listener] = []

    def of(self, cloud: str) -> list[Board]:
        """The boards that belong to one cloud."""
        return [board for board in self.boards.values() if board.cloud == cloud]

    def named(self, name: str) -> Board:
        """The board that people call this."""
        return next(board for board in self.boards.values() if board.name == name)

    def listen(self, listener: Listener) -> Callable[[], None]:
        """Call `listener` with what a board has just measured; returns how to stop."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def set(self, board: Board, **values: Value) -> None:
        """Let a board measure these values and tell its cloud, if it is online."""
        for name, value in values.items():
            board.variables[name].value = value
        if board.online:
            for listener in list(self._listeners):
                listener(board, values)

    def step(self, board: Board) -> None:
        """Move every variable of a board that moves."""
        moved = {
            variable.name: variable.move(self.rng, variable.value)
            for variable in board.variables.values()
            if variable.move
        }
        if moved:
            self.set(board, **moved)

    async def run(self, period: float = 5.0) -> None:
        """Move one board after another, each once in `period` seconds, for ever."""
        with contextlib.suppress(asyncio.CancelledError):
            while True:
                for board in list(self.boards.values()):
                    await asyncio.sleep(period / len(self.boards))
                    self.step(board)
