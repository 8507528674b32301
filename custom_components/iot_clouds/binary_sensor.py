"""Binary sensors: booleans that devices report, and whether a device is connected."""

from collections.abc import Mapping
from datetime import datetime, timedelta, tzinfo
from typing import Any, override

from homeassistant.components.binary_sensor import (
    BinarySensorDeviceClass,
    BinarySensorEntity,
)
from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.helpers.event import async_call_later
from homeassistant.util import dt as dt_util

from .classes import fitting
from .coordinator import CloudConfigEntry
from .devices import CONNECTIVITY
from .entity import PointEntity, add_points
from .model import Device, Kind, Schedule, Value
from .schedules import active, next_look

PARALLEL_UPDATES = 0

_LOOKED_AT = timedelta(minutes=5)
"""So often at least, because a clock may be set while a schedule's time is waited for."""

_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


async def async_setup_entry(
    hass: HomeAssistant,
    entry: CloudConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add a binary sensor for every observed boolean and every device's connection."""
    add_points(
        entry,
        async_add_entities,
        {Kind.FLAG: PointBinarySensor, Kind.SCHEDULE: ScheduleSensor},
    )
    _add_connectivity(entry, async_add_entities)


class PointBinarySensor(PointEntity, BinarySensorEntity):
    """A boolean that is only observed."""

    @override
    def _describe(self) -> None:
        super()._describe()
        device_class = fitting(self.point).device_class
        self._attr_device_class = (
            BinarySensorDeviceClass(device_class) if device_class else None
        )

    @property
    @override
    def is_on(self) -> bool | None:
        """The value; None if it is unknown, or left from when it was of another type."""
        value = self.current
        return value if isinstance(value, bool) else None


class ConnectivitySensor(PointBinarySensor):
    """Whether a device is connected: it stays available to say that it is not."""

    def __init__(self, entry: CloudConfigEntry, device: Device) -> None:
        """Stand for the device as a whole."""
        super().__init__(entry, device, CONNECTIVITY)

    @property
    @override
    def current(self) -> Value:
        """What the cloud says about the device."""
        return self.device.online if self.device else None

    @property
    @override
    def available(self) -> bool:
        """Whether the cloud can be asked about the device."""
        return self.device is not None and self.coordinator.reachable


class ScheduleSensor(PointEntity, BinarySensorEntity):
    """Whether now is one of a schedule's times; it wakes itself when that may change."""

    _wake: CALLBACK_TYPE | None = None
    _is_there = False
    _attr_is_on: bool | None = None

    @property
    @override
    def extra_state_attributes(self) -> Mapping[str, Any] | None:
        """The schedule in words."""
        schedule = self._schedule
        return None if schedule is None else _words(schedule)

    @override
    async def async_added_to_hass(self) -> None:
        """Look for the first time."""
        self._is_there = True
        self._look()
        self.async_on_remove(self._leave)
        await super().async_added_to_hass()

    async_entity_id_changed = PointEntity.async_entity_id_changed

    @property
    def _schedule(self) -> Schedule | None:
        value = self.current
        return value if isinstance(value, Schedule) else None

    @property
    def _schedule_zone(self) -> tzinfo | None:
        schedule = self._schedule
        return self.coordinator.zones.get(schedule.timezone) if schedule else None

    @override
    @callback
    def _handle_coordinator_update(self) -> None:
        if not self._is_there:
            # The very listing that it is missing in removed it, and tells it nevertheless.
            return
        self._look()
        super()._handle_coordinator_update()

    @override
    def _showing(self) -> object:
        return super()._showing(), self._attr_is_on

    @callback
    def _look(self) -> None:
        """Find out whether it is active, and when to look again."""
        self._sleep()
        now = dt_util.utcnow()
        schedule, zone = self._schedule, self._schedule_zone
        if schedule is None or zone is None:
            self._attr_is_on = None
            return
        self._attr_is_on = active(schedule, now, zone)
        then = next_look(schedule, now, zone)
        left = min(then - now, _LOOKED_AT) if then else _LOOKED_AT
        self._wake = async_call_later(self.hass, left, self._woken)

    @callback
    def _woken(self, now: datetime) -> None:
        self._wake = None
        self._handle_coordinator_update()

    @callback
    def _leave(self) -> None:
        self._is_there = False
        self._sleep()

    @callback
    def _sleep(self) -> None:
        if self._wake:
            self._wake()
            self._wake = None


def _words(schedule: Schedule) -> Mapping[str, Any]:
    """A schedule as attributes, without what its kind does not use."""
    words: dict[str, Any] = {
        "start": schedule.start.isoformat(),
        "end": schedule.end.isoformat() if schedule.end else None,
        "duration": schedule.duration,
        "repeat": schedule.repeat.value,
        "every": schedule.every,
        "weekdays": [_WEEKDAYS[day] for day in sorted(schedule.weekdays)] or None,
        "day": schedule.day,
        "month": schedule.month,
        "timezone": schedule.timezone,
    }
    return {key: value for key, value in words.items() if value is not None}


@callback
def _add_connectivity(
    entry: CloudConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    """Add the connection of every device that the cloud watches over, now and later."""
    coordinator, room = entry.runtime_data.coordinator, entry.runtime_data.room
    known: set[str] = set()
    seen: Mapping[str, Device] = {}

    @callback
    def add_new() -> None:
        if coordinator.data is not seen:
            look()

    @callback
    def look() -> None:
        nonlocal seen
        seen, waiting = coordinator.data, room.async_consider()
        known.intersection_update(seen)
        fresh = [
            device
            for device in seen.values()
            if device.online is not None and device.id not in known
            if device.ref(CONNECTIVITY.key) not in waiting
        ]
        known.update(device.id for device in fresh)
        async_add_entities(ConnectivitySensor(entry, device) for device in fresh)

    add_new()
    room.async_follow(look)
    entry.async_on_unload(coordinator.async_add_listener(add_new))
