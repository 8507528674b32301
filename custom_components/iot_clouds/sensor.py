"""Sensors: numbers and texts that devices report."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, override

from homeassistant.components.sensor import (
    SensorDeviceClass,
    SensorEntity,
    SensorStateClass,
)
from homeassistant.const import MAX_LENGTH_STATE_STATE
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.helpers.typing import StateType

from .classes import digits, fitting
from .coordinator import CloudConfigEntry
from .entity import PointEntity, add_points
from .model import Device, Kind, Point
from .wall_time import moment

PARALLEL_UPDATES = 0

_MOMENTS = {SensorDeviceClass.TIMESTAMP, SensorDeviceClass.UPTIME}


async def async_setup_entry(
    hass: HomeAssistant,
    entry: CloudConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add a sensor for every number and text of the account."""
    add_points(
        entry, async_add_entities, {Kind.MEASURE: measure_sensor, Kind.TEXT: TextSensor}
    )


class PointSensor(PointEntity, SensorEntity):
    """Something that is only observed."""

    @property
    @override
    def extra_state_attributes(self) -> Mapping[str, Any] | None:
        """What the cloud tells about the value besides it."""
        reading = self.reading
        return reading.attributes if reading else None


class TextSensor(PointSensor):
    """A text."""

    @property
    @override
    def native_value(self) -> StateType:
        """The value; a long text is cut, its whole is an attribute."""
        value = self.current
        if isinstance(value, str):
            return value[:MAX_LENGTH_STATE_STATE]
        return value if isinstance(value, int | float) else None


class MeasureSensor(PointSensor):
    """A number, with a unit and classes."""

    @override
    def _describe(self) -> None:
        super()._describe()
        point = fitting(self.point)
        self._attr_native_unit_of_measurement = point.unit
        self._attr_suggested_display_precision = digits(point)
        self._attr_device_class = (
            SensorDeviceClass(point.device_class) if point.device_class else None
        )
        self._attr_state_class = (
            SensorStateClass(point.state_class) if point.state_class else None
        )

    @property
    @override
    def native_value(self) -> int | float | None:
        """The number; None for anything else."""
        value = self.current
        if isinstance(value, bool) or not isinstance(value, int | float):
            return None
        return value


class MomentSensor(PointSensor):
    """A point in time."""

    @override
    def _describe(self) -> None:
        super()._describe()
        uptime = self.point.device_class == SensorDeviceClass.UPTIME
        self._attr_device_class = (
            SensorDeviceClass.UPTIME if uptime else SensorDeviceClass.TIMESTAMP
        )

    @property
    @override
    def native_value(self) -> datetime | None:
        """The moment, also where a wall clock's seconds say it."""
        return moment(self.current, self.zone)


def measure_sensor(
    entry: CloudConfigEntry, device: Device, point: Point
) -> PointSensor:
    """A sensor of numbers or of moments, as the point's class wants."""
    if point.device_class in _MOMENTS:
        return MomentSensor(entry, device, point)
    return MeasureSensor(entry, device, point)
