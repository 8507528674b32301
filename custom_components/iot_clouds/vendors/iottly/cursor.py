"""How far the messages of one device have been read: without loss, without repeats.

The algorithm is that of reference 3.6. This is its state alone, which can be stored.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum, auto
import itertools
from typing import NamedTuple, Self

from ...model import Json
from .dates import EPOCH, TICK, milliseconds, parse_date
from .messages import Message

# The history shows at most the newest hundred; ten times that covers any overlap.
REMEMBERED = 1000
# So many messages may come by themselves before a poll has to catch up with them.
MOST_EARLY = 500
# A poll shows every message of the past but for the newest moments; one that came by
# itself and was not shown by then never will be.
EXPECTED = timedelta(minutes=1)


class Arrival(Enum):
    """What became of a message that came by itself."""

    TAKEN = auto()
    KNOWN = auto()
    """It was taken before."""
    LEFT = auto()
    """The next poll has to read it."""


class Taken(NamedTuple):
    """A message and its place within its millisecond.

    With `again` it was taken before, when its place was not known.
    """

    message: Message
    place: str
    again: bool = False


@dataclass(slots=True, kw_only=True)
class Gap:
    """A stretch of time whose messages the history no longer showed.

    `anchor` is a time at or before which a message is known to exist inside the gap: an
    answer that begins later shows that the server understood another start.
    """

    start: datetime
    end: datetime
    anchor: datetime
    doubts: int = 0
    """How often in a row the server has said that there is nothing in it."""

    def is_empty(self, times: int) -> bool:
        """Whether to believe a server that says so: when it says it at so many polls.

        Messages are known to be there, and a server that is just being restarted says
        that it has none, too: both are 404 (reference 1.5, 2.8).
        """
        self.doubts += 1
        return self.doubts >= times


@dataclass(slots=True)
class Copies:
    """Messages taken that have one fingerprint.

    `unclaimed` of them came from a source without ids and will be met again with one.
    `oid` is the last id met, which places the copies within their millisecond, and `at`
    that millisecond.
    """

    total: int = 0
    unclaimed: int = 0
    oid: str = ""
    at: datetime | None = None


@dataclass(slots=True, kw_only=True)
class Cursor:
    """What was taken of a device's messages, and what is known to be missing."""

    watermark: datetime | None = None
    """Largest server time taken; None before the first answer."""
    since: datetime | None = None
    """From which server time on a new message is news; None before the first answer."""
    gap: Gap | None = None
    seen: dict[str, None] = field(default_factory=dict)
    copies: dict[str, Copies] = field(default_factory=dict)
    early: dict[str, datetime] = field(default_factory=dict)
    """Messages that came by themselves and no poll has met yet: when, by likeness."""
    latest: datetime | None = None
    """Latest server time that can be true, as far as that is known; it is not stored."""

    @property
    def horizon(self) -> datetime:
        """From when on each message that was taken is still remembered."""
        if len(self.copies) < REMEMBERED:
            return EPOCH
        oldest = next(iter(self.copies.values())).at
        return oldest + TICK if oldest else EPOCH

    def is_current(self, message: Message) -> bool:
        """Whether a message was received at a time that can be true."""
        return self.latest is None or message.at <= self.latest

    def foresee(self, message: Message) -> Arrival:
        """Take a message that came by itself, ahead of the polls.

        They stay the truth, and nothing here counts as read, so that what comes by
        itself never hides what does not. Left to them is what lies behind the newest
        message that they have met, because that may have been met and forgotten.
        """
        if message.likeness in self.early or message.fingerprint in self.copies:
            return Arrival.KNOWN
        if self.watermark is None or message.at <= self.watermark:
            return Arrival.LEFT
        if len(self.early) >= MOST_EARLY:
            return Arrival.LEFT
        self.early[message.likeness] = message.at
        return Arrival.TAKEN

    def give_up(self) -> int:
        """Stop to expect messages that polls should have met by now; return how many."""
        if self.watermark is None or self.gap:
            return 0
        horizon = self.watermark - EXPECTED
        overdue = [key for key, at in self.early.items() if at < horizon]
        for key in overdue:
            del self.early[key]
        return len(overdue)

    def holds(self, message: Message) -> bool:
        """Whether this very message was taken before."""
        if message.oid:
            known = self.copies.get(message.fingerprint)
            return message.oid in self.seen or bool(known and known.unclaimed)
        return message.fingerprint in self.copies

    def take(
        self, messages: Iterable[Message], ranks: Counter[str] | None = None
    ) -> list[Taken]:
        """Take messages of one answer, old to new; return those that are new.

        Also those that came by themselves and are now met for the first time. The place
        is a message's id, or else that of the known message before it. Equal messages
        without ids are told apart by counting: `ranks` counts those of earlier pages of
        the same listing.
        """
        ranks = Counter() if ranks is None else ranks
        fresh = []
        moment, place = None, ""
        for message in messages:
            if message.at != moment:
                moment, place = message.at, ""
            copies = self.copies.pop(message.fingerprint, None)
            again = copies is None and bool(self.early.pop(message.likeness, None))
            copies = copies or (Copies(total=1, unclaimed=1) if again else Copies())
            self.copies[message.fingerprint] = copies
            copies.at = message.at
            ranks[message.fingerprint] += 1
            if self._is_new(message, copies, ranks[message.fingerprint]) or again:
                fresh.append(Taken(message, message.oid or place, again))
            place = max(place, copies.oid)
            if self.is_current(message):
                self.watermark = max(self.watermark or message.at, message.at)
        return fresh

    def _is_new(self, message: Message, copies: Copies, rank: int) -> bool:
        """Count one sight of a message and tell whether it is the first."""
        if not message.oid:
            if rank <= copies.total:
                return False
            copies.total += 1
            copies.unclaimed += 1
            return True
        copies.oid = max(copies.oid, message.oid)
        known = message.oid in self.seen
        # Moved to the end, because what is still listed must not be forgotten.
        self.seen.pop(message.oid, None)
        self.seen[message.oid] = None
        if known:
            return False
        if copies.unclaimed:
            copies.unclaimed -= 1
            return False
        copies.total += 1
        return True

    def keep(self, messages: Iterable[Message]) -> None:
        """Remember known messages longest, because they will be met again."""
        for message in messages:
            if message.oid in self.seen:
                self.seen[message.oid] = self.seen.pop(message.oid)
            if copies := self.copies.pop(message.fingerprint, None):
                self.copies[message.fingerprint] = copies

    def forget(self) -> None:
        """Remember no more than is needed; not while reading, which may go back far."""
        for table in (self.seen, self.copies):
            for key in list(itertools.islice(table, max(0, len(table) - REMEMBERED))):
                del table[key]

    def mark(self) -> object:
        """Something that differs when reading has come further, or found a hole."""
        gap = self.gap
        return self.watermark, gap and (gap.start, gap.end, gap.anchor)

    def to_dict(self) -> dict[str, Json]:
        """Return the state as JSON."""
        gap = self.gap
        return {
            "watermark": self.watermark.isoformat() if self.watermark else None,
            "since": self.since.isoformat() if self.since else None,
            "gap": [each.isoformat() for each in (gap.start, gap.end, gap.anchor)]
            if gap
            else None,
            "seen": list(self.seen),
            "copies": [
                [key, each.total, each.unclaimed, each.oid, _written(each.at)]
                for key, each in self.copies.items()
            ],
            "early": {key: at.isoformat() for key, at in self.early.items()},
        }

    @classmethod
    def from_dict(cls, data: Json) -> Self:
        """Read a stored state; what cannot be read counts as never known."""
        if not isinstance(data, dict):
            return cls()
        seen, copies, early = (data.get(each) for each in ("seen", "copies", "early"))
        return cls(
            watermark=parse_date(data.get("watermark")),
            since=parse_date(data.get("since")),
            gap=_gap(data.get("gap")),
            seen={oid: None for oid in _items(seen) if isinstance(oid, str)},
            copies=dict(filter(None, map(_copies, _items(copies)))),
            early={
                key: at
                for key, when in (early if isinstance(early, dict) else {}).items()
                if (at := parse_date(when))
            },
        )


def _items(value: Json) -> list[Json]:
    return value if isinstance(value, list) else []


def _written(at: datetime | None) -> int | None:
    return milliseconds(at) if at else None


def _copies(row: Json) -> tuple[str, Copies] | None:
    match row:
        # Earlier notes do not say when.
        case [str(key), int(total), int(unclaimed), str(oid), *at] if (
            0 <= unclaimed <= total < 1 << 31
        ):
            return key, Copies(total, unclaimed, oid, parse_date(at[0] if at else None))
    return None


def _gap(value: Json) -> Gap | None:
    match [parse_date(each) for each in _items(value)]:
        case [datetime() as start, datetime() as end, datetime() as anchor]:
            return Gap(start=start, end=end, anchor=anchor)
    return None
