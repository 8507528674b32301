"""Trackers' positions: what triggers a `loc`, what the cloud adds and what it keeps."""

from collections.abc import Callable
from typing import Any

from .particle_billing import Billing, Item
from .particle_fleet import Fleet, Record
from .particle_geofence import reasons, within
from .particle_options import Options
from .particle_tracker import PLACE, enhanced, loc
from .particle_unit import unit_of
from .world import Board

KEPT = 2000
"""Positions that the cloud keeps of each board."""


class Positions:
    """Writes and keeps the positions of trackers (reference 7)."""

    def __init__(
        self,
        options: Options,
        clock: Callable[[], float],
        fleet: Fleet,
        billing: Billing,
    ) -> None:
        """Nothing is known yet."""
        self._options = options
        self._clock = clock
        self._fleet = fleet
        self._billing = billing
        self._fixes = 0

    def text(
        self,
        board: Board,
        *,
        trig: tuple[str, ...] = (),
        locked: bool | None = None,
        req_id: int | None = None,
    ) -> str:
        """Return the data of a `loc` event of where a tracker is now.

        Besides `trig` the geofences give their reasons; without any it is `time`.
        `locked` None follows the option `unlocked_every`.
        """
        place = where(board)
        config = unit_of(board).config
        self._fixes += 1
        every = self._options.unlocked_every
        if locked is None:
            locked = not (every and self._fixes % every == 0)
        crossed = self._crossed(board, place) if locked else ()
        return loc(
            place,
            self._clock(),
            locked=locked,
            trig=(*trig, *crossed) or ("time",),
            req_id=req_id,
            config=config,
        )

    def enhance(self, board: Board, data: str) -> str | None:
        """Return the `loc-enhanced` that follows a `loc`, if one does."""
        settings = unit_of(board).config.get("location", {})
        if not self._options.enhanced or not settings.get("enhance_loc", True):
            return None
        return enhanced(
            data,
            where(board),
            self._options.enhanced_source,
            self._options.enhanced_accuracy,
        )

    def keep(self, board: Board, place: dict[str, Any], at: float, payer: str) -> None:
        """Store a position, which costs an operation; one without a fix is none."""
        if not place["lck"]:
            return
        self.remember(board, Record(at=at, body=place))
        self._billing.take(payer, Item.LOCATION)

    def remember(self, board: Board, record: Record) -> None:
        """Store a position at no cost, in the order of time."""
        presence = self._fleet.presence(board)
        kept = [*presence.places, record][-KEPT:]
        presence.places = sorted(kept, key=lambda item: item.at)

    def _crossed(self, board: Board, place: dict[str, Any]) -> tuple[str, ...]:
        presence = self._fleet.presence(board)
        config = unit_of(board).config
        now = within(config, (place["lat"], place["lon"]))
        before, presence.zones = presence.zones, now
        return reasons(config, before, now)


def where(board: Board) -> dict[str, Any]:
    """Return a tracker's place; raises KeyError for a board that is no tracker."""
    place = board.variables[PLACE].value
    if not isinstance(place, dict):
        raise TypeError("a tracker's place is a dictionary")
    return place
