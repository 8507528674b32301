"""Binary sensors: booleans that devices report, and whether a device is connected."""

from collections.abc import Mapping
from typing import override

from homeassistant.components.binary_sensor import (
    BinarySensorDeviceClass,
    BinarySensorEntity,
)
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .coordinator import CloudConfigEntry
from .entity import PointEntity, add_points
from .model import Category, Device, Kind, Point, Value

PARALLEL_UPDATES = 0

CONNECTIVITY = Point(
    key="connectivity",
    kind=Kind.FLAG,
    label="connectivity",
    device_class="connectivity",
    category=Category.DIAGNOSTIC,
)


async def async_setup_entry(
    hass: HomeAssistant,
    entry: CloudConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add a binary sensor for every observed boolean and every device's connection."""
    add_points(entry, async_add_entities, {Kind.FLAG: PointBinarySensor})
    _add_connectivity(entry, async_add_entities)


class PointBinarySensor(PointEntity, BinarySensorEntity):
    """A boolean that is only observed."""

    def __init__(self, entry: CloudConfigEntry, device: Device, point: Point) -> None:
        """Take the class from the point."""
        super().__init__(entry, device, point)
        if point.device_class:
            self._attr_device_class = BinarySensorDeviceClass(point.device_class)

    @property
    @override
    def is_on(self) -> bool | None:
        """The value; None if it is unknown."""
        value = self.value
        return None if value is None else bool(value)


class ConnectivitySensor(PointBinarySensor):
    """Whether a device is connected: it stays available to say that it is not."""

    def __init__(self, entry: CloudConfigEntry, device: Device) -> None:
        """Stand for the device as a whole."""
        super().__init__(entry, device, CONNECTIVITY)

    @property
    @override
    def value(self) -> Value:
        """What the cloud says about the device."""
        return self.device.online if self.device else None

    @property
    @override
    def available(self) -> bool:
        """Whether the cloud can be asked about the device."""
        return self.device is not None and self.coordinator.reachable


@callback
def _add_connectivity(
    entry: CloudConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    """Add the connection of every device that the cloud watches over, now and later."""
    coordinator = entry.runtime_data.coordinator
    known: set[str] = set()
    seen: Mapping[str, Device] = {}

    @callback
    def add_new() -> None:
        nonlocal seen
        if coordinator.data is seen:
            return
        seen = coordinator.data
        known.intersection_update(seen)
        fresh = [
            device
            for device in seen.values()
            if device.online is not None and device.id not in known
        ]
        known.update(device.id for device in fresh)
        async_add_entities(ConnectivitySensor(entry, device) for device in fresh)

    add_new()
    entry.async_on_unload(coordinator.async_add_listener(add_new))
