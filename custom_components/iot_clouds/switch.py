"""Switches: booleans that may be written."""

from typing import Any, override

from homeassistant.components.switch import SwitchDeviceClass, SwitchEntity
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .classes import fitting
from .control import ControlEntity
from .coordinator import CloudConfigEntry
from .entity import add_points
from .model import Kind
from .remembering import RememberingEntity, rememberable

PARALLEL_UPDATES = 0


async def async_setup_entry(
    hass: HomeAssistant,
    entry: CloudConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add a switch for every boolean that may be written."""
    factory = rememberable(PointSwitch, RememberingSwitch)
    add_points(entry, async_add_entities, {Kind.TOGGLE: factory})


class PointSwitch(ControlEntity, SwitchEntity):
    """A boolean that may be written."""

    @override
    def _describe(self) -> None:
        super()._describe()
        device_class = fitting(self.point).device_class
        self._attr_device_class = (
            SwitchDeviceClass(device_class) if device_class else None
        )

    @property
    @override
    def is_on(self) -> bool | None:
        """The value; None if it is unknown, or left from when it was of another type."""
        value = self.current
        return value if isinstance(value, bool) else None

    @override
    async def async_turn_on(self, **kwargs: Any) -> None:
        """Write true."""
        await self._write(True)

    @override
    async def async_turn_off(self, **kwargs: Any) -> None:
        """Write false."""
        await self._write(False)


class RememberingSwitch(RememberingEntity, PointSwitch):
    """A switch that may have to remember what was switched last."""
