"""Finds out how a server spells start times, and which zone its times belong to."""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from enum import StrEnum
from zoneinfo import ZoneInfo

from .dates import milliseconds, zoneless
from .messages import Message
from .twice import before_twice

_QUARTER = timedelta(minutes=15)
_FARTHEST = timedelta(hours=14)
# The zone of the vendor's public server; loaded with the module, because reading it from
# disk must not happen while the event loop runs.
ROME = ZoneInfo("Europe/Rome")


class Spelling(StrEnum):
    """How a start time is written, in the order in which to try (reference 3.6)."""

    LOCAL = "local"
    """Without a zone, in the zone of the server's own times."""
    NAIVE = "naive"
    """Without a zone, in UTC."""
    ZULU = "zulu"
    MILLISECONDS = "milliseconds"
    SECONDS = "seconds"


def spell(start: datetime, spelling: Spelling, zone: tzinfo) -> str:
    """Write a start time."""
    match spelling:
        case Spelling.LOCAL:
            return zoneless(start_of(start, spelling, zone), zone)
        case Spelling.NAIVE:
            return zoneless(start)
        case Spelling.ZULU:
            return f"{zoneless(start)}Z"
        case Spelling.MILLISECONDS:
            return str(milliseconds(start))
        case Spelling.SECONDS:
            return str(milliseconds(start) // 1000)


def start_of(start: datetime, spelling: Spelling, zone: tzinfo) -> datetime:
    """The moment that a written start time stands for.

    Which of two moments a server takes a time for is not known, so that none is written
    that comes twice.
    """
    match spelling:
        case Spelling.LOCAL:
            return before_twice(start, zone)
        case Spelling.SECONDS:
            return start.replace(microsecond=0)
    return start


def infer_zone(rows: Sequence[Message], known: Sequence[Message]) -> tzinfo | None:
    """Compare times that were read as UTC with the true ones of the same messages.

    A difference of whole quarter hours is a zone (reference 3.3): Rome, where it fits,
    because that changes with the season, or else a fixed one. None if nothing matches.
    """
    matches = [
        (row.at - message.at, message.at)
        for row in rows
        for message in known
        if row.content == message.content
        and abs(row.at - message.at) <= _FARTHEST
        and not (row.at - message.at) % _QUARTER
    ]
    if not matches:
        return None
    differences = Counter(difference for difference, _ in matches)
    offset = max(differences, key=lambda each: (differences[each], -abs(each)))
    if not offset:
        return UTC
    if (offset, offset) in {
        (difference, at.astimezone(ROME).utcoffset()) for difference, at in matches
    }:
        return ROME
    return timezone(offset)
