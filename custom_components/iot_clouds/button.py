"""Buttons: what can be set off on a device."""

from typing import override

from homeassistant.components.button import ButtonDeviceClass, ButtonEntity
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .coordinator import CloudConfigEntry
from .entity import PointEntity, add_points
from .model import Kind, Press

PARALLEL_UPDATES = 0


async def async_setup_entry(
    hass: HomeAssistant,
    entry: CloudConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add a button for everything that can be set off."""
    add_points(entry, async_add_entities, {Kind.ACTION: PointButton})


class PointButton(PointEntity, ButtonEntity):
    """Something that can be set off."""

    _is_control = True

    @override
    def _describe(self) -> None:
        super()._describe()
        device_class = self.point.device_class
        if device_class and device_class in ButtonDeviceClass:
            self._attr_device_class = ButtonDeviceClass(device_class)

    @override
    async def async_press(self) -> None:
        """Set it off once."""
        await self.coordinator.async_execute(Press(ref=self.ref))
