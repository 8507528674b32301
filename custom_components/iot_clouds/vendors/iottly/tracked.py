"""One device between polls: its messages, its values and whether it is connected."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
import logging
import time

from ...model import CloudError, Event, Json
from .cursor import REMEMBERED, Cursor
from .dates import parse_date
from .happenings import event_of, read_event, write_event
from .inbox import Inbox
from .keeping import read_rows
from .leaves import Leaves
from .messages import USER, Message
from .models import Board
from .paging import Paging, Source
from .translate import connection_in

_LOGGER = logging.getLogger(__name__)

# A listing may miss a device by mistake; three complete ones do not (reference 9).
MAX_ABSENCES = 3
# In a large project, devices that are away are asked for messages only now and then
# (reference 3.6).
_REST = 10


class Tracked:
    """A device and everything that was learned about it."""

    def __init__(
        self,
        board: Board,
        clock: Callable[[], float] = time.monotonic,
        note: Json = None,
        *,
        replies: bool = False,
    ) -> None:
        """Continue where a note left off, or begin with nothing read."""
        self.board = board
        self.leaves = Leaves(clock, replies=replies)
        self.inbox = Inbox(board.id)
        self.online: bool | None = None
        self.absences = 0
        self._listed_at: datetime | None = None
        self._agent: tuple[tuple[datetime, str], bool] | None = None
        self._rounds = 0
        self._polled_online = True
        self._failing = False
        self._told: set[str] = set()
        self._changed = False
        self._events: list[tuple[str, Event]] = []
        self._delivered: dict[str, None] = {}
        self._news = self._missed = 0
        self._ears: list[Callable[[Message], None]] = []
        self._reading = asyncio.Lock()
        if isinstance(note, dict):
            self._restore(note)

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
            "delivered": [*self._delivered],
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
        self.inbox = Inbox(self.board.id, cursor)
        if isinstance(leaves, dict):
            self.leaves.restore(leaves)
        for row in read_rows(note.get("events")):
            if found := read_event(row, self.board.id):
                self._events.append(found)
        match note.get("delivered"):
            case list(prints):
                self._delivered = {
                    each: None for each in prints if isinstance(each, str)
                }
        match note.get("agent"):
            case [str(text), str(place), bool(connected)] if at := parse_date(text):
                self._agent = (at, place), connected

    def update(self, board: Board, at: datetime) -> None:
        """Take what the listing of server time `at` says."""
        self.board = board
        self.absences = 0
        self._listed_at = at
        if board.status and board.status not in self._told:
            self._told.add(board.status)
            _LOGGER.warning("A device has an unknown status: %.40s", board.status)
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
            not crowded
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
                await self.inbox.poll(source, paging, self._take)
            finally:
                self._changed |= self.inbox.cursor.mark() != before
        self.leaves.settle()
        if self._failing:
            self._failing = False
            _LOGGER.info("Messages of %s can be read again", self.board.id)

    def failed(self, err: CloudError) -> bool:
        """Say once that the messages of this device cannot be read; whether it is new."""
        if self._failing:
            return False
        self._failing = True
        _LOGGER.warning("Messages of %s cannot be read: %s", self.board.id, err)
        return True

    def deliver(self, message: Message) -> Event | None:
        """Take a message that came without being asked for; the event that it is.

        A poll will find it too and is what counts, so that nothing is noted but that it
        was told. One that is known already tells nothing.
        """
        if self.inbox.cursor.holds(message) or message.fingerprint in self._delivered:
            return None
        self._delivered[message.fingerprint] = None
        while len(self._delivered) > REMEMBERED:
            del self._delivered[next(iter(self._delivered))]
        self._changed = True
        self._hear(message, "")
        self._decide()
        return self._event(message)

    def take_news(self) -> tuple[int, int]:
        """How many messages only polls have found: new ones, and among them events.

        Counts since this was asked last.
        """
        news, missed = self._news, self._missed
        self._news = self._missed = 0
        return news, missed

    def _take(self, messages: list[tuple[Message, str]]) -> None:
        self._changed |= bool(messages)
        for message, place in messages:
            if message.fingerprint in self._delivered:
                del self._delivered[message.fingerprint]
                self.leaves.apply(message, place)
                continue
            self._news += 1
            self._hear(message, place)
            if event := self._event(message):
                self._events.append((place, event))
                self._missed += 1
        self._decide()

    def _hear(self, message: Message, place: str) -> None:
        for ear in self._ears:
            ear(message)
        self.leaves.apply(message, place)
        connected = connection_in(message)
        order = message.at, place
        if connected is not None and (not self._agent or order >= self._agent[0]):
            self._agent = order, connected

    def _event(self, message: Message) -> Event | None:
        """The event that a message of the user's programs is, if it is news."""
        since = self.inbox.cursor.since
        if message.type != USER or since is None or message.at < since:
            return None
        return event_of(message, self.board.id)

    def _decide(self) -> None:
        """Connected is what was said last in server time, by listing or by agent."""
        self.online = self.board.connected
        if self._agent is None or self._listed_at is None:
            return
        (at, _), connected = self._agent
        if self.board.connected is None or at > self._listed_at:
            self.online = connected
