"""When a schedule is active, and when to look again."""

from datetime import UTC, datetime, timedelta, tzinfo

from .model import Repeat, Schedule

_DAY = timedelta(days=1)
_FAR = timedelta(days=2)
"""Farther than anybody looks ahead."""
_SECOND = timedelta(seconds=1)


def active(schedule: Schedule, at: datetime, zone: tzinfo) -> bool:
    """Whether an aware moment is one of the schedule's times.

    `zone` is the schedule's time zone. Boards count whole seconds, and the second in
    which the duration is over still belongs to it.
    """
    return _active(schedule, _wall(at, zone))


def next_look(schedule: Schedule, at: datetime, zone: tzinfo) -> datetime | None:
    """The first moment from which on `active` may say something else than at `at`.

    At most a day ahead, which may be too early; None if nothing will change in a day.
    Boards compare with their wall clock, so a change of its offset is such a moment, too.
    """
    wall = _wall(at, zone)
    start = at.astimezone(UTC).replace(microsecond=0)
    limit = _same_offset_until(start, start + _DAY, zone)
    now = _active(schedule, wall)
    change = _boundary(schedule, wall)
    if change is None:
        # What is over is not over yet where the clock is put back today.
        return limit if limit < start + _DAY else None
    while change is not None and start + (change - wall) < limit:
        if _active(schedule, change) is not now:
            return start + (change - wall)
        change = _boundary(schedule, change)
    return limit


def _wall(at: datetime, zone: tzinfo) -> datetime:
    """What a wall clock shows at a moment, in whole seconds."""
    return at.astimezone(zone).replace(microsecond=0, tzinfo=None)


def _active(schedule: Schedule, wall: datetime) -> bool:
    if wall < schedule.start or (schedule.end is not None and wall >= schedule.end):
        return False
    if not _is_day(schedule, wall):
        return False
    return _phase(schedule, wall) <= timedelta(seconds=schedule.duration)


def _is_day(schedule: Schedule, wall: datetime) -> bool:
    match schedule.repeat:
        case Repeat.WEEKLY:
            return wall.weekday() in schedule.weekdays
        case Repeat.MONTHLY:
            return wall.day == schedule.day
        case Repeat.YEARLY:
            return (wall.month, wall.day) == (schedule.month, schedule.day)
        case _:
            return True


def _cycle(schedule: Schedule) -> timedelta | None:
    """Time from one occurrence to the next, whatever the day; None if there is one."""
    match schedule.repeat:
        case Repeat.ONCE:
            return None
        case Repeat.EVERY:
            return timedelta(seconds=schedule.every) if schedule.every else None
        case _:
            return _DAY


def _phase(schedule: Schedule, wall: datetime) -> timedelta:
    """Time since the last occurrence began."""
    elapsed = wall - schedule.start
    cycle = _cycle(schedule)
    return elapsed % cycle if cycle else elapsed


def _boundary(schedule: Schedule, wall: datetime) -> datetime | None:
    """The first wall time after `wall` at which anything of the schedule turns."""
    if wall < schedule.start:
        return schedule.start
    if schedule.end is not None and wall >= schedule.end:
        return None
    phase, cycle = _phase(schedule, wall), _cycle(schedule)
    over = timedelta(seconds=schedule.duration) + _SECOND
    turns = [schedule.end] if schedule.end else []
    if phase < over and (cycle is None or over < cycle):
        turns.append(wall + (over - phase))
    if cycle and over < cycle:
        # A board may be told to wait until after the end of the calendar.
        turns.append(wall + min(cycle - phase, _FAR))
    if cycle == _DAY and schedule.repeat is not Repeat.EVERY:
        turns.append(datetime.combine(wall.date(), datetime.min.time()) + _DAY)
    return min(turns, default=None)


def _same_offset_until(start: datetime, end: datetime, zone: tzinfo) -> datetime:
    """The first second after `start` with another offset from UTC, or `end`."""
    offset = start.astimezone(zone).utcoffset()
    if end.astimezone(zone).utcoffset() == offset:
        return end
    seconds = int((end - start).total_seconds())
    same, other = 0, seconds
    while other - same > 1:
        middle = (same + other) // 2
        moment = start + timedelta(seconds=middle)
        if moment.astimezone(zone).utcoffset() == offset:
            same = middle
        else:
            other = middle
    return start + timedelta(seconds=other)
