"""Sensors: numbers and texts that devices report."""

from collections.abc import Mapping
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

from .coordinator import CloudConfigEntry
from .entity import PointEntity, add_points
from .model import Device, Kind, Point

PARALLEL_UPDATES = 0


async def async_setup_entry(
    hass: HomeAssistant,
    entry: CloudConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add a sensor for every number and text of the account."""
    add_points(
        entry, async_add_entities, {Kind.MEASURE: PointSensor, Kind.TEXT: PointSensor}
    )


class PointSensor(PointEntity, SensorEntity):
    """A number or a text."""

    def __init__(self, entry: CloudConfigEntry, device: Device, point: Point) -> None:
        """Take unit and classes from the point."""
        super().__init__(entry, device, point)
        self._attr_native_unit_of_measurement = point.unit
        if point.device_class:
            self._attr_device_class = SensorDeviceClass(point.device_class)
        if point.state_class:
            self._attr_state_class = SensorStateClass(point.state_class)

    @property
    @override
    def native_value(self) -> StateType:
        """The value; a long text is cut, its whole is an attribute."""
        value = self.value
        if isinstance(value, str):
            return value[:MAX_LENGTH_STATE_STATE]
        return value if isinstance(value, int | float) else None

    @property
    @override
    def extra_state_attributes(self) -> Mapping[str, Any] | None:
        """What the cloud tells about the value besides it."""
        reading = self.reading
        return reading.attributes if reading else None
