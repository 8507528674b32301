"""The boards behind the things, listed on a slower beat than values."""

from collections.abc import Callable, Mapping
from datetime import datetime
import time

from ...model import CloudError, Reading, Ref
from .client import Client
from .faults import Faults
from .models import Board, Thing, parse_boards
from .translate import board_readings

BOARDS_EVERY = 240.0
"""Seconds between listings of boards: each costs a request that a command may want.

A little less than the slow poll, so that each slow poll knows who is online.
"""


class Boards:
    """The last known boards by id."""

    def __init__(
        self,
        client: Client,
        faults: Faults,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Know no board before the first listing."""
        self._client = client
        self._faults = faults
        self._clock = clock
        self._boards: Mapping[str, Board] = {}
        self._listed_at: datetime | None = None
        self._due = 0.0
        self._bound: frozenset[tuple[str, str | None]] = frozenset()

    def of(self, thing: Thing) -> Board | None:
        """The board that a thing is bound to, if it is listed."""
        return self._boards.get(thing.board_id or "")

    def readings(self, things: tuple[Thing, ...]) -> dict[Ref, Reading]:
        """What is known of the boards themselves."""
        if self._listed_at is None:
            return {}
        found: dict[Ref, Reading] = {}
        for thing in things:
            if board := self.of(thing):
                found |= board_readings(thing, board, self._listed_at)
        return found

    async def update(
        self, things: tuple[Thing, ...], offline: set[str], started: datetime
    ) -> None:
        """List the boards when it is time or the things say that something changed.

        `offline` are the things that were called so and have not spoken since. Values
        matter more than the boards' state: when this fails, the last known one stays
        and the next listing tries again. That includes refused credentials, because
        the things have just been listed with them.
        """
        bound = frozenset((thing.id, thing.board_id) for thing in things)
        woken = any(
            board.online is False and thing.id not in offline
            for thing in things
            if (board := self.of(thing))
        )
        if bound == self._bound and not woken and self._clock() < self._due:
            return
        try:
            answer = await self._client.boards()
            boards = parse_boards(answer, self._faults).items
        except CloudError as err:
            name = type(err).__name__
            self._faults.note(f"the listing of boards failed: {name}")
            return
        self._boards = {board.id: board for board in boards}
        self._listed_at = started
        self._due = self._clock() + BOARDS_EVERY
        self._bound = bound
