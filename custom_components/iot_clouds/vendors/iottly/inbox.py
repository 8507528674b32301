"""Reads the messages of one device poll by poll, missing none and repeating none."""

from collections import deque
from datetime import UTC, datetime, timedelta, tzinfo
import logging

from ...model import AHEAD, CloudUnreachable, Drop, Json, Tally
from .cursor import Arrival, Cursor, Gap, Taken
from .dates import TICK, is_naive
from .messages import Batch, Message, parse_batch, parse_message
from .paging import Deliver, Paging
from .spelling import infer_zone
from .twice import is_twice
from .walk import Source

_LOGGER = logging.getLogger(__name__)

FEW = 25
MANY = 100
# The cloud consists of several processes: a message may become visible after later ones.
OVERLAP = timedelta(seconds=10)
# Before iottly existed: no server time is older.
ORIGIN = datetime(2010, 1, 1, tzinfo=UTC)
# So many messages in a row that came by themselves, and that no poll shows, prove that
# they cannot be told to be the same ones.
_MOST_STRAYS = 3
_SAMPLE = 10


class Inbox:
    """The messages of one device (reference 3.6)."""

    def __init__(
        self,
        device_id: str,
        cursor: Cursor | None = None,
        *,
        tally: Tally | None = None,
    ) -> None:
        """Continue where a stored cursor stands, or begin."""
        self._tally = tally or Tally()
        self.device_id = device_id
        self.cursor = cursor or Cursor()
        self._count = MANY
        # What came in shortly before a restart is not known: look once more behind it.
        self._lively = cursor is not None
        self._zone: tzinfo | None = None
        self._unzoned: deque[Message] = deque(maxlen=_SAMPLE)
        self._strays = 0
        self.skipped = 0
        """The most messages of one answer that could not be read."""

    @property
    def agrees(self) -> bool:
        """Whether what came by itself was met by polls as the same messages."""
        return self._strays < _MOST_STRAYS

    def receive(self, row: Json, deliver: Deliver) -> Arrival:
        """Take a message that came by itself, and deliver it if it is new.

        Where polls do not meet such messages as the same ones, or where its time leaves
        its zone open (reference 3.3, 5.1) and that is not known yet, it only shows that
        there is something to read. A bad row does so too.
        """
        message = parse_message(row, self.device_id, self._zone or UTC)
        if message is None:
            return Arrival.LEFT
        naive = isinstance(row, dict) and is_naive(row.get("timestamp"))
        if naive and self._zone is None:
            self._unzoned.append(message)
            return Arrival.LEFT
        if naive and self._zone and is_twice(message.at, self._zone):
            return Arrival.LEFT
        if not self.agrees:
            return Arrival.LEFT
        arrival = self.cursor.foresee(message)
        if arrival is Arrival.TAKEN:
            deliver([Taken(message, "")])
        return arrival

    async def poll(
        self,
        source: Source,
        paging: Paging,
        deliver: Deliver,
        asked: datetime | None = None,
    ) -> None:
        """Read once and deliver what is new, from old to new.

        The very first poll delivers everything that it reads; where that is nothing,
        news is what was sent since `asked`, in server time. What was delivered stays so
        when an error follows; what an error kept back is read again.

        Raises:
            CloudAuthError, CloudBusy, CloudMissing, CloudUnreachable: from the source.
        """
        self.cursor.latest = asked + AHEAD if asked else None
        try:
            await self._poll(source, paging, deliver, asked)
        finally:
            self.cursor.forget()

    async def _poll(
        self, source: Source, paging: Paging, deliver: Deliver, asked: datetime | None
    ) -> None:
        batch = await self._read(source, self._count)
        if self._count < MANY and not self._reaches_back(batch, self._count):
            self._count = MANY
            batch = await self._read(source, MANY)
        self._note_gap(batch)
        if self._unzoned:
            self._zone = infer_zone(self._unzoned, batch.messages)
            self._unzoned.clear()
        fresh = self.cursor.take(batch.messages)
        if self.cursor.watermark is None:
            # Whatever comes later is new, however much it is. What is older was there
            # before, and the server said nothing because it was just being restarted:
            # no messages and no answer are both 404 (reference 1.5, 2.7).
            self.cursor.watermark = asked or ORIGIN
        deliver(fresh)
        if self.cursor.since is None:
            self.cursor.since = self._start_of_news(batch)
        self._lively = bool(fresh)
        self._count = MANY if len(fresh) > FEW // 2 or self.cursor.gap else FEW
        try:
            await paging.close_gap(
                source, self.device_id, self.cursor, batch.messages, deliver
            )
        except CloudUnreachable as err:
            _LOGGER.debug("A gap stays open until the next poll: %s", err)
        strays = self.cursor.give_up()
        self._strays = strays + (
            0 if any(each.again for each in fresh) else self._strays
        )

    def _start_of_news(self, batch: Batch) -> datetime:
        """From when on messages are news, after the very first answer.

        One that was sent shortly before it may still become visible.
        """
        start = (self.cursor.watermark or ORIGIN) - OVERLAP
        full = batch.size >= MANY and batch.messages
        return max(start, batch.messages[0].at) if full else start

    async def _read(self, source: Source, count: int) -> Batch:
        rows = await source.history(self.device_id, count)
        if rows is None and self.cursor.copies:
            # They were there before: what is gone is rather the way to them.
            raise CloudUnreachable("The messages are not found any more")
        batch = parse_batch(rows or (), self.device_id)
        if batch.skipped and not self.skipped:
            _LOGGER.warning("Skipped %d messages without a time", batch.skipped)
        # Each poll meets the same bad messages again.
        self._tally.drop(Drop.NO_TIME, batch.skipped - self.skipped)
        self.skipped = max(self.skipped, batch.skipped)
        return batch

    def _note_gap(self, batch: Batch) -> None:
        """Remember which times the batch leaves open."""
        if self._reaches_back(batch, self._count):
            return
        cursor = self.cursor
        end = batch.messages[0].at
        if (gap := cursor.gap) is not None:
            gap.end = max(gap.end, end)
            return
        past = cursor.watermark or ORIGIN
        # What was forgotten again, of very many messages at once, would seem to be new.
        start = min(max(past - OVERLAP, cursor.horizon), past + TICK)
        if start <= end:
            anchor = past if cursor.copies else end
            cursor.gap = Gap(start=start, end=end, anchor=anchor)

    def _reaches_back(self, batch: Batch, count: int) -> bool:
        """Whether a batch leaves no room for unknown messages after the past.

        It must meet the past, and where it was cut off it must also cover the overlap:
        while messages come in, and once more after they stopped.
        """
        watermark = self.cursor.watermark
        # One from the future is always among the newest, and so tells nothing.
        current = [each for each in batch.messages if self.cursor.is_current(each)]
        if watermark is None or not current:
            return True
        known = [self.cursor.holds(message) for message in current]
        if batch.size >= count and current[0].at > watermark - OVERLAP:
            return all(known) and not self._lively
        return any(known) or not self.cursor.copies
