"""One device between polls: its messages, its values and whether it is connected."""

import asyncio
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
import logging
import time

from ...model import AHEAD, Drop, Event, Json, Point, Tally
from .cursor import Arrival, Cursor, Taken
from .dates import parse_date
from .happenings import event_of, read_event, write_event
from .inbox import Inbox
from .keeping import read_rows
from .leaves import Leaves
from .messages import USER, Message
from .models import Board
from .paging import Paging
from .translate import connection_in
from .walk import Source

_LOGGER = logging.getLogger(__name__)

MOST_ODD_STATUSES = 5
"""Unknown statuses of one device that are told."""

# A listing may miss a device by mistake; three complete ones do not (reference 9).
MAX_ABSENCES = 3
# In a large project, devices that are away are asked for messages only now and then
# (reference 3.6).
_REST = 10

UNHEARD = 600.0
"""Seconds after which values are not current any more whose messages cannot be read."""


class Tracked:
    """A device and everything that was learned about it."""

    def __init__(
        self,
        board: Board,
        clock: Callable[[], float] = time.monotonic,
        note: Json = None,
        *,
        replies: bool = False,
        tally: Tally | None = None,
    ) -> None:
        """Continue where a note left off, or begin with nothing read."""
        self._tally = tally or Tally()
        self.board = board
        self.leaves = Leaves(clock, replies=replies, tally=self._tally)
        self.inbox = Inbox(board.id, tally=self._tally)
        self.online: bool | None = None
        self.absences = 0
        self._listed_at: datetime | None = None
        self._agent: tuple[tuple[datetime, str], bool] | None = None
        self._rounds = 0
        self._polled_online = True
        self._clock = clock
        self._heard_at = clock()
        self.put_off = False
        """Whether the last round ended before it came to this device."""
        self.failing = False
        """Whether the messages could not be read when that was tried last."""
        self.told_failing = False
        self._told: set[str] = set()
        self._changed = False
        self._events: list[tuple[str, Event]] = []
        self._met = False
        self._undelivered = 0
        self._followed = False
        self._ears: list[Callable[[Message], None]] = []
        self._reading = asyncio.Lock()
        if isinstance(note, dict):
            self._restore(note)

    @property
    def unheard(self) -> bool:
        """Whether nobody can say any more what the device has sent lately."""
        unread = self.failing or self.put_off
        return unread and self._clock() - self._heard_at >= UNHEARD

    def points(self) -> Mapping[str, Point]:
        """What messages have told of; lost while nobody can say what it is now."""
        points = self.leaves.points
        if not self.unheard:
            return points
        return {key: replace(each, lost=True) for key, each in points.items()}

    def notes(self) -> dict[str, Json]:
        """Everything that must survive a restart, as JSON."""
        agent: list[Json] | None = None
        if self._agent:
            (at, place), connected = self._agent
            agent = [at.isoformat(), place, connected]
        return {
            "cursor": self.inbox.cursor.to_dict(),
            "leaves": self.leaves.notes(),
            "agent": agent,
            "events": [write_event(place, event) for place, event in self._events],
        }

    def take_events(self) -> list[Event]:
        """What has happened since this was asked last, from old to new."""
        self._events.sort(key=lambda each: (each[1].at, each[0]))
        events = [event for _, event in self._events]
        if events:
            self._events, self._changed = [], True
        return events

    def take_change(self) -> bool:
        """Whether the notes are others than the last time this was asked."""
        changed, self._changed = self._changed, False
        return changed

    def _restore(self, note: dict[str, Json]) -> None:
        """Values without a cursor would be counted twice: without one, none is taken."""
        cursor, leaves = Cursor.from_dict(note.get("cursor")), note.get("leaves")
        if cursor.watermark is None:
            return
        self.inbox = Inbox(self.board.id, cursor, tally=self._tally)
        if isinstance(leaves, dict):
            self.leaves.restore(leaves)
        for row in read_rows(note.get("events")):
            if found := read_event(row, self.board.id):
                self._events.append(found)
        match note.get("agent"):
            case [str(text), str(place), bool(connected)] if at := parse_date(text):
                self._agent = (at, place), connected

    def update(self, board: Board, at: datetime) -> None:
        """Take what the listing of server time `at` says.

        Not every kind of listing tells the agent (reference 2.3, 2.4).
        """
        agent = board.agent_version or self.board.agent_version
        self.board = replace(board, agent_version=agent)
        self.absences = 0
        self._listed_at = at
        if board.status and board.status not in self._told:
            if len(self._told) < MOST_ODD_STATUSES:
                self._told.add(board.status)
                _LOGGER.warning("A device has an unknown status: %.40r", board.status)
        self._decide()

    def rename(self, name: str) -> None:
        """Take the name that the device was given."""
        self.board = replace(self.board, name=name)

    @contextmanager
    def heard_by(self, ear: Callable[[Message], None]) -> Iterator[None]:
        """Tell also this one what is new, whoever it is that reads it."""
        self._ears.append(ear)
        try:
            yield
        finally:
            self._ears.remove(ear)

    def is_due(self, crowded: bool) -> bool:
        """Whether to ask for messages this time; counts the times."""
        self._rounds += 1
        due = (
            self.put_off
            or not crowded
            or self.online is not False
            or self._polled_online
            or self._rounds % _REST == 0
        )
        if due:
            self._polled_online = self.online is not False
        return due

    async def poll(self, source: Source, paging: Paging) -> None:
        """Read the messages, one reader after another.

        Raises:
            CloudAuthError, CloudBusy, CloudMissing, CloudUnreachable: from the source;
                what was read before is kept.
        """
        async with self._reading:
            before = self.inbox.cursor.mark()
            try:
                await self.inbox.poll(source, paging, self._read, self._listed_at)
            finally:
                self._changed |= self.inbox.cursor.mark() != before
        if self.inbox.cursor.copies:
            self._followed = True
            self.leaves.settle()
        self.failing, self._heard_at = False, self._clock()

    def receive(self, row: Json) -> Arrival:
        """Take a message that came without being asked for."""
        arrival = self.inbox.receive(row, self._take)
        if arrival is Arrival.KNOWN:
            self._tally.drop(Drop.REPEATED)
        if arrival is Arrival.TAKEN:
            self._heard_at = self._clock()
        return arrival

    def take_traffic(self) -> tuple[bool, int]:
        """What polls have met since this was asked last: anything, and how much alone.

        Alone are messages of the user's that did not come by themselves although they
        could have: what the first poll reads was sent when nobody listened.
        """
        met, undelivered = self._met, self._undelivered
        self._met, self._undelivered = False, 0
        return met, undelivered

    def _read(self, messages: list[Taken]) -> None:
        """Take what a poll has read."""
        self._met |= bool(messages)
        if self._followed:
            self._undelivered += sum(
                each.message.type == USER and not each.again for each in messages
            )
        self._take(messages)

    def _take(self, messages: list[Taken]) -> None:
        self._changed |= bool(messages)
        for found, place, again in messages:
            message = self._dated(found)
            if not again:
                self._tell(message, place)
            self.leaves.apply(message, place, again=again)
            connected = connection_in(message)
            order = message.at, place
            if connected is not None and (not self._agent or order >= self._agent[0]):
                self._agent = order, connected
        self._decide()

    def _dated(self, message: Message) -> Message:
        """A message with a time that can be true: one from the future must hold nothing up.

        It counts as received when the devices were listed.
        """
        listed = self._listed_at
        if listed is None or message.at <= listed + AHEAD:
            return message
        return replace(message, at=listed)

    def _tell(self, message: Message, place: str) -> None:
        """Tell whoever listens that there is a new message."""
        for ear in self._ears:
            ear(message)
        since = self.inbox.cursor.since
        if message.type == USER and since is not None and message.at >= since:
            self._events.append((place, event_of(message, self.board.id)))

    def _decide(self) -> None:
        """Connected is what was said last in server time, by listing or by agent."""
        self.online = self.board.connected
        if self._agent is None or self._listed_at is None:
            return
        (at, _), connected = self._agent
        if self.board.connected is None or at > self._listed_at:
            self.online = connected
