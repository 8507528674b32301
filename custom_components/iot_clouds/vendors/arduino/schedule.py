"""A schedule's numbers as recurring times (reference 3.3)."""

from collections.abc import Mapping
from datetime import UTC, datetime

from ...model import Json, Repeat, Schedule

_UNITS = (1, 60, 3600, 86400)
"""Seconds that a fixed delta counts, by the two highest bits of the mask."""


def schedule_of(parts: Mapping[str, Json], timezone: str) -> Schedule | None:
    """What the parts say together; None if that is no schedule.

    Times are epoch seconds of the thing's wall clock, whatever its time zone is.
    """
    start, end, length, mask = (
        _number(parts, name) for name in ("frm", "to", "len", "msk")
    )
    if start is None or end is None or length is None or mask is None:
        return None
    repeat = _repeat(mask)
    if repeat is None:
        return None
    day = mask & 0xFF
    every = _UNITS[mask >> 30 & 3] * (mask & 0x3FFFFFF)
    month = (mask >> 8 & 0xFF) + 1
    if not _sensible(repeat, day, month, every):
        return None
    return Schedule(
        start=_wall(start),
        end=_wall(end) if end else None,
        duration=length,
        repeat=repeat,
        every=every if repeat is Repeat.EVERY else None,
        weekdays=_weekdays(mask) if repeat is Repeat.WEEKLY else frozenset(),
        day=day if repeat in {Repeat.MONTHLY, Repeat.YEARLY} else None,
        month=month if repeat is Repeat.YEARLY else None,
        timezone=timezone,
    )


def _repeat(mask: int) -> Repeat | None:
    return {
        0: Repeat.ONCE,
        1: Repeat.EVERY,
        2: Repeat.WEEKLY,
        3: Repeat.MONTHLY,
        4: Repeat.YEARLY,
    }.get(mask >> 26 & 0xF)


def _sensible(repeat: Repeat, day: int, month: int, every: int) -> bool:
    match repeat:
        case Repeat.EVERY:
            return every > 0
        case Repeat.MONTHLY:
            return 1 <= day <= 31
        case Repeat.YEARLY:
            return 1 <= day <= 31 and 1 <= month <= 12
    return True


def _weekdays(mask: int) -> frozenset[int]:
    """Days counted from Monday; the mask's lowest bit is Sunday."""
    return frozenset((bit - 1) % 7 for bit in range(7) if mask >> bit & 1)


def _wall(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC).replace(tzinfo=None)


def _number(parts: Mapping[str, Json], name: str) -> int | None:
    value = parts.get(name)
    if isinstance(value, bool) or not isinstance(value, int):
        return None
    return value if 0 <= value < 1 << 32 else None
