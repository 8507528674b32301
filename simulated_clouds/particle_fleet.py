"""What the Particle cloud knows of each board besides what the board itself holds."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from .particle_unit import HOUSEHOLD, unit_of
from .world import Board, World


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """Vitals (`body` is their payload) or a stored position, and when it came."""

    at: float
    body: dict[str, Any] = field(repr=False)


@dataclass(slots=True, kw_only=True)
class Presence:
    """A board as the cloud sees it; times in epoch seconds.

    A `silent` board has lost its power and the cloud has not noticed: it still counts as
    online and answers nothing.
    """

    owner: str | None
    heard: float
    handshake: float
    silent: bool = False
    notes: str | None = None
    nameless: bool = False
    status: str | None = None
    """Other than what its unit says: `safe_mode`."""
    quarantined: bool = False
    denied: bool = False
    forced: bool = False
    updates_enabled: bool = True
    firmware_version: int | None = None
    desired_version: int | None = None
    targeted_version: int | None = None
    flashing: bool = False
    pending_config: dict[str, Any] | None = None
    rejects_config: bool = False
    sim_status: str = "active"
    sim_mbs: float = 0.0
    """Data used since the billing cycle began, in MB, besides what every day takes."""
    never_connected: bool = False
    zones: frozenset[int] | None = None
    """Geofences that the board was in when it last looked; None before."""
    published: int = 0
    vitals: list[Record] = field(default_factory=list)
    places: list[Record] = field(default_factory=list)


class Fleet:
    """The boards of the world that belong to this cloud."""

    def __init__(
        self, world: World, cloud: str, username: str, clock: Callable[[], float]
    ) -> None:
        """`username` owns the boards of the household."""
        self._world = world
        self._cloud = cloud
        self._username = username
        self._clock = clock
        self._presences: dict[str, Presence] = {}

    def presence(self, board: Board) -> Presence:
        """Return what is known of a board; one that is new shook hands just now."""
        if board.id not in self._presences:
            owner = unit_of(board).owner
            now = self._clock()
            unit = unit_of(board)
            self._presences[board.id] = Presence(
                owner=self._username if owner == HOUSEHOLD else owner,
                heard=now,
                handshake=now,
                firmware_version=unit.firmware_version,
                targeted_version=unit.targeted_version,
            )
        return self._presences[board.id]

    def boards(self) -> list[Board]:
        """All boards, newest handshake first (reference 2.1)."""
        return sorted(
            self._world.of(self._cloud),
            key=lambda board: self.presence(board).handshake,
            reverse=True,
        )

    def claimed(self, username: str) -> list[Board]:
        """Boards that a person has claimed."""
        return [
            board for board in self.boards() if self.presence(board).owner == username
        ]

    def of_product(self, product: int) -> list[Board]:
        """Boards of a product."""
        return [
            board for board in self.boards() if unit_of(board).product_id == product
        ]

    def answers(self, board: Board) -> bool:
        """Whether the board would answer if it were asked."""
        return board.online and not self.presence(board).silent

    def forget(self, board: Board) -> None:
        """Know nothing of a board any more."""
        self._presences.pop(board.id, None)


def find(boards: list[Board], key: str, *, by_name: bool) -> Board | None:
    """Return the board with this id or, where that is allowed, name (reference 0)."""
    for board in boards:
        if board.id == key.lower() or (by_name and board.name == key):
            return board
    return None
