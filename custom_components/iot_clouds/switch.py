"""Switches: booleans that may be written."""

from typing import Any, override

from homeassistant.components.switch import SwitchDeviceClass, SwitchEntity
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .coordinator import CloudConfigEntry
from .entity import PointEntity, add_points
from .model import Device, Kind, Point, SetPoint

PARALLEL_UPDATES = 1


async def async_setup_entry(
    hass: HomeAssistant,
    entry: CloudConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add a switch for every boolean that may be written."""
    add_points(entry, async_add_entities, {Kind.TOGGLE: PointSwitch})


class PointSwitch(PointEntity, SwitchEntity):
    """A boolean that may be written."""

    _is_control = True

    def __init__(self, entry: CloudConfigEntry, device: Device, point: Point) -> None:
        """Take the class from the point."""
        super().__init__(entry, device, point)
        if point.device_class:
            self._attr_device_class = SwitchDeviceClass(point.device_class)

    @property
    @override
    def is_on(self) -> bool | None:
        """The value; None if it is unknown."""
        value = self.value
        return None if value is None else bool(value)

    @override
    async def async_turn_on(self, **kwargs: Any) -> None:
        """Write true."""
        await self.coordinator.async_execute(SetPoint(ref=self.ref, value=True))

    @override
    async def async_turn_off(self, **kwargs: Any) -> None:
        """Write false."""
        await self.coordinator.async_execute(SetPoint(ref=self.ref, value=False))
