"""The forms in which iottly writes and reads dates (reference 3.3, 3.5, 3.6)."""

from datetime import UTC, datetime, timedelta
import re
from typing import Any
from zoneinfo import ZoneInfo

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MILLISECOND = timedelta(milliseconds=1)

_ISO = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,6})?)?(Z|[+-]\d\d:\d\d)?")
# Libraries of the service's age refuse a date without a fraction (reference 3.5).
_STRICT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{1,6}(Z|[+-]\d\d:?\d\d)")


def moment(seconds: float) -> datetime:
    """Epoch seconds as an aware time in UTC, to the microsecond."""
    return EPOCH + timedelta(microseconds=round(seconds * 1_000_000))


def milliseconds(at: datetime) -> int:
    """Whole milliseconds since the epoch, the rest cut off."""
    return (at - EPOCH) // MILLISECOND


def truncated(at: datetime) -> datetime:
    """The time as the database keeps it, in milliseconds."""
    return EPOCH + milliseconds(at) * MILLISECOND


def zone(name: str) -> Any:
    """The zone of this name; UTC needs no zone database."""
    return UTC if name == "UTC" else ZoneInfo(name)


def mongo(at: datetime, form: str) -> dict[str, Any]:
    """A date of the history, in one of `IottlyVariant.dates`."""
    if form == "milliseconds":
        return {"$date": milliseconds(at)}
    if form == "number_long":
        return {"$date": {"$numberLong": str(milliseconds(at))}}
    trim = form == "trimmed" and not milliseconds(at) % 1000
    text = at.isoformat(timespec="seconds" if trim else "milliseconds")
    return {"$date": text.replace("+00:00", "Z")}


def naive(at: datetime, zone_name: str) -> str:
    """A date of a page: local to the zone, no offset, no fraction in whole seconds."""
    local = truncated(at).astimezone(zone(zone_name)).replace(tzinfo=None)
    return local.isoformat(timespec="milliseconds" if local.microsecond else "seconds")


def offset(at: datetime, zone_name: str) -> str:
    """A date of a webhook: local to the zone, with offset, microseconds if any."""
    return at.astimezone(zone(zone_name)).isoformat()


def limit(text: str, form: str, zone_name: str) -> datetime:
    """Read a `from` or `to` in one of `IottlyVariant.page_from`; raises ValueError."""
    if form.startswith("epoch"):
        if not re.fullmatch(r"\d{1,14}", text):
            raise ValueError("not an epoch time")
        return moment(int(text) / (1000 if form == "epoch_ms" else 1))
    if not _ISO.fullmatch(text) or (form == "iso_z" and not text.endswith("Z")):
        raise ValueError("not an ISO 8601 time")
    at = datetime.fromisoformat(text)
    return at if at.tzinfo else at.replace(tzinfo=zone(zone_name))


def extended(value: Any) -> datetime:
    """Read what stands behind `$date` in a filter; raises ValueError."""
    match value:
        case bool():
            pass
        case int():
            return EPOCH + value * MILLISECOND
        case {"$numberLong": str(digits)} if re.fullmatch(r"-?\d+", digits):
            return EPOCH + int(digits) * MILLISECOND
        case str() if _STRICT.fullmatch(value):
            return datetime.fromisoformat(value)
    raise ValueError("not a date")
