"""How far the messages of one device have been read: without loss, without repeats.

The algorithm is that of reference 3.6. This is its state alone, which can be stored.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
import itertools
from typing import Self

from ...model import Json
from .dates import parse_date
from .messages import Message

# The history shows at most the newest hundred; ten times that covers any overlap.
REMEMBERED = 1000


@dataclass(slots=True, kw_only=True)
class Gap:
    """A stretch of time whose messages the history no longer showed.

    `anchor` is a time at or before which a message is known to exist inside the gap: an
    answer that begins later shows that the server understood another start.
    """

    start: datetime
    end: datetime
    anchor: datetime


@dataclass(slots=True)
class Copies:
    """Messages taken that have one fingerprint.

    `unclaimed` of them came from a source without ids and will be met again with one.
    `oid` is the last id met, which places the copies within their millisecond.
    """

    total: int = 0
    unclaimed: int = 0
    oid: str = ""


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

    def holds(self, message: Message) -> bool:
        """Whether this very message was taken before."""
        if message.oid:
            known = self.copies.get(message.fingerprint)
            return message.oid in self.seen or bool(known and known.unclaimed)
        return message.fingerprint in self.copies

    def take(
        self, messages: Iterable[Message], ranks: Counter[str] | None = None
    ) -> list[tuple[Message, str]]:
        """Take messages of one answer, old to new; return those that are new.

        Each comes with its place within its millisecond: its id, or else that of the
        known message before it. Equal messages without ids are told apart by counting:
        `ranks` counts those of earlier pages of the same listing.
        """
        ranks = Counter() if ranks is None else ranks
        fresh = []
        moment, place = None, ""
        for message in messages:
            if message.at != moment:
                moment, place = message.at, ""
            copies = self.copies.pop(message.fingerprint, None) or Copies()
            self.copies[message.fingerprint] = copies
            ranks[message.fingerprint] += 1
            if self._is_new(message, copies, ranks[message.fingerprint]):
                fresh.append((message, message.oid or place))
            place = max(place, copies.oid)
            if self.watermark is None or message.at > self.watermark:
                self.watermark = message.at
        self._forget()
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

    def _forget(self) -> None:
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
                [fingerprint, copies.total, copies.unclaimed, copies.oid]
                for fingerprint, copies in self.copies.items()
            ],
        }

    @classmethod
    def from_dict(cls, data: Json) -> Self:
        """Read a stored state; what cannot be read counts as never known."""
        if not isinstance(data, dict):
            return cls()
        seen, copies = data.get("seen"), data.get("copies")
        return cls(
            watermark=parse_date(data.get("watermark")),
            since=parse_date(data.get("since")),
            gap=_gap(data.get("gap")),
            seen={oid: None for oid in _items(seen) if isinstance(oid, str)},
            copies=dict(filter(None, map(_copies, _items(copies)))),
        )


def _items(value: Json) -> list[Json]:
    return value if isinstance(value, list) else []


def _copies(row: Json) -> tuple[str, Copies] | None:
    match row:
        case [str(fingerprint), int(total), int(unclaimed), str(oid)]:
            return fingerprint, Copies(total, unclaimed, oid)
    return None


def _gap(value: Json) -> Gap | None:
    match [parse_date(each) for each in _items(value)]:
        case [datetime() as start, datetime() as end, datetime() as anchor]:
            return Gap(start=start, end=end, anchor=anchor)
    return None
