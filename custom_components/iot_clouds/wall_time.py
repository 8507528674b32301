"""Numbers that are seconds of a place's wall time, and the time zones they need."""

from collections.abc import Mapping
from datetime import UTC, datetime, tzinfo

from homeassistant.util import dt as dt_util

from .const import LOGGER
from .model import Schedule, Snapshot, Value


async def load_zones(
    known: Mapping[str, tzinfo], snapshot: Snapshot
) -> Mapping[str, tzinfo]:
    """The time zones that a listing names, without those that nobody knows."""
    names = {
        point.timezone
        for device in snapshot.devices.values()
        for point in device.points.values()
        if point.timezone
    } | {
        reading.value.timezone
        for reading in snapshot.readings.values()
        if isinstance(reading.value, Schedule)
    }
    fresh = {name: await _zone(name) for name in sorted(names - known.keys())}
    return {**known, **{name: zone for name, zone in fresh.items() if zone}}


async def _zone(name: str) -> tzinfo | None:
    """A time zone, read off the event loop once; None for a name that is none."""
    try:
        zone = await dt_util.async_get_time_zone(name)
    except OSError, ValueError:
        zone = None
    if zone is None:
        LOGGER.debug("There is no time zone %r", name)
    return zone


def moment(value: Value, zone: tzinfo | None) -> datetime | None:
    """The moment that a value is: itself, or seconds since 1970 on a wall clock."""
    if isinstance(value, datetime):
        return value
    if zone is None or isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        wall = datetime.fromtimestamp(value, UTC).replace(tzinfo=zone)
        return wall.astimezone(UTC)
    except OverflowError, OSError, ValueError:
        return None


def wall_seconds(at: datetime, zone: tzinfo) -> int:
    """Seconds since 1970 that a wall clock shows at an aware moment."""
    return int(at.astimezone(zone).replace(tzinfo=UTC).timestamp())
