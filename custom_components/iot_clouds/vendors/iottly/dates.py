"""Dates in every form that iottly has been seen to send them in (reference 3.3)."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, tzinfo

from ...model import Json

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# At either end of time there would be no room to count with a date.
_FIRST_YEAR, _LAST_YEAR = 1900, 9000

TICK = timedelta(milliseconds=1)


def parse_date(value: Json, zone: tzinfo = UTC) -> datetime | None:
    """Read a date and return it in UTC, cut to milliseconds; None if it is none.

    Takes MongoDB's `{"$date": …}` around text, milliseconds or `{"$numberLong": …}`,
    bare ISO text and bare milliseconds. `zone` is where text without a zone belongs.
    Cutting, and not rounding, is what the cloud's database does itself.
    """
    if isinstance(value, Mapping):
        return _wrapped(value, zone)
    if isinstance(value, str):
        return _from_text(value, zone)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return _from_milliseconds(value)
    return None


def is_naive(value: Json) -> bool:
    """Whether a date is a text that leaves its zone open."""
    try:
        return isinstance(value, str) and datetime.fromisoformat(value).tzinfo is None
    except ValueError:
        return False


def cut(moment: datetime) -> datetime:
    """Drop what is below a millisecond."""
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def milliseconds(moment: datetime) -> int:
    """Milliseconds since 1970."""
    return (moment - EPOCH) // timedelta(milliseconds=1)


def zoneless(moment: datetime, zone: tzinfo = UTC) -> str:
    """Spell a date as the paginated endpoint itself does: `2018-07-27T17:50:04.968`."""
    local = moment.astimezone(zone).replace(tzinfo=None)
    return local.isoformat(timespec="milliseconds")


def _wrapped(value: Mapping[str, Json], zone: tzinfo) -> datetime | None:
    inner = value.get("$date")
    if isinstance(inner, Mapping):
        inner = inner.get("$numberLong")
        if isinstance(inner, str):
            try:
                inner = int(inner)
            except ValueError:
                return None
    return None if isinstance(inner, Mapping) else parse_date(inner, zone)


def _from_text(text: str, zone: tzinfo) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text.strip())
        aware = moment if moment.tzinfo else moment.replace(tzinfo=zone)
        return within(cut(aware.astimezone(UTC)))
    except ValueError, OverflowError:
        return None


def _from_milliseconds(number: float) -> datetime | None:
    try:
        return within(cut(EPOCH + timedelta(milliseconds=number)))
    except ValueError, OverflowError:
        return None


def within(moment: datetime) -> datetime | None:
    """A date in UTC that there is room to count with; None for others."""
    return moment if _FIRST_YEAR <= moment.year <= _LAST_YEAR else None
