"""What is told of a project as a whole: its description and how many licenses it has."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime
import logging

from ...model import (
    Account,
    Category,
    CloudError,
    Device,
    Firmware,
    Kind,
    Point,
    Reading,
    Ref,
    Value,
)
from . import agent
from .client import Client
from .models import Board, Licenses, Listing, Project

_LOGGER = logging.getLogger(__name__)

DESCRIBED_EVERY = 24 * 3600.0
"""Seconds; a new installer of the agent shows after at most this time."""
COUNTED_EVERY = 3600.0
"""Seconds; licenses are bought and used by people, and not often."""
AGAIN = 600.0
"""Seconds after which something is asked for again that could not be told."""

PAIRED = "licenses/paired"
FREE = "licenses/free"


def _count(key: str, label: str) -> Point:
    return Point(
        key=key,
        kind=Kind.MEASURE,
        label=label,
        state_class="measurement",
        category=Category.DIAGNOSTIC,
        enabled=False,
    )


_POINTS = (
    _count(PAIRED, label="paired_licenses"),
    _count(FREE, label="free_licenses"),
)


class _Seldom:
    """When something that hardly ever changes is due to be asked for."""

    def __init__(self, clock: Callable[[], float], every: float) -> None:
        self._clock = clock
        self._every = every
        self._next: float | None = None

    @property
    def due(self) -> bool:
        return self._next is None or self._clock() >= self._next

    def asked(self, *, told: bool) -> None:
        self._next = self._clock() + (self._every if told else AGAIN)


class ProjectFacts:
    """The description and the licenses, asked for now and then and kept in between.

    Nothing here is needed by anything else, so that a failure costs only itself; but
    without any description there is no project.
    """

    def __init__(
        self,
        client: Client,
        project_id: str,
        account_id: str,
        *,
        clock: Callable[[], float],
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """Know nothing; `account_id` is the id of the device that the project is."""
        self._client = client
        self._project_id = project_id
        self._account_id = account_id
        self._now = now
        self._project: Project | None = None
        self._licenses: Licenses | None = None
        self._describing = _Seldom(clock, DESCRIBED_EVERY)
        self._counting = _Seldom(clock, COUNTED_EVERY)
        self._readings: dict[Ref, Reading] = {}

    async def identify(self) -> Account:
        """Ask which project the key opens; raises what `Client.inspect` does."""
        project = await self._inspect()
        return Account(id=self._project_id, title=project.name or self._project_id)

    async def describe(self) -> Project:
        """The project's description; the first time raises what `Client.inspect` does."""
        project = self._project
        if project is None or self._describing.due:
            try:
                project = await self._inspect()
            except CloudError as err:
                if project is None:
                    raise
                _LOGGER.debug("The project is not described again: %s", err)
                self._describing.asked(told=False)
        return project

    async def _inspect(self) -> Project:
        self._project = project = await self._client.inspect()
        self._describing.asked(told=True)
        return project

    async def count(self, listing: Listing) -> None:
        """Count the licenses: in the listing, if that was made of them, or by asking."""
        if listing.licenses:
            self._licenses = listing.licenses
        elif self._counting.due:
            try:
                self._licenses = (await self._client.licenses()).licenses
            except CloudError as err:
                _LOGGER.debug("The licenses are not told: %s", err)
                self._counting.asked(told=False)
            else:
                self._counting.asked(told=True)

    def device(self, *more: Point, url: str | None = None) -> Device:
        """The project itself, with points of others that are about it."""
        name = self._project.name if self._project else None
        return Device(
            id=self._account_id,
            name=name or self._project_id,
            model=self._project.board if self._project else None,
            url=url,
            is_account=True,
            points={point.key: point for point in (*_POINTS, *more)},
        )

    def point_of(self, board: Board) -> Point | None:
        """The point that tells a device's agent; None where that is not known."""
        return agent.POINT if self._firmware(board) else None

    def readings(self, boards: Iterable[Board]) -> Mapping[Ref, Reading]:
        """Licenses and agents; a reading is as old as its value."""
        known, self._readings = self._readings, {}
        for ref, value in self._values(boards):
            reading = known.get(ref)
            if reading is None or reading.value != value:
                reading = Reading(value=value, at=self._now())
            self._readings[ref] = reading
        return self._readings

    def _values(self, boards: Iterable[Board]) -> Iterator[tuple[Ref, Value]]:
        if self._licenses:
            yield Ref(self._account_id, PAIRED), self._licenses.paired
            yield Ref(self._account_id, FREE), self._licenses.free
        for board in boards:
            if firmware := self._firmware(board):
                yield Ref(board.id, agent.POINT.key), firmware

    def _firmware(self, board: Board) -> Firmware | None:
        offered = self._project.agent if self._project else None
        return agent.firmware_of(board.agent_version, offered)
