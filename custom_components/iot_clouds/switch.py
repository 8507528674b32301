"""Switches: booleans that may be written."""

from typing import Any, override

from homeassistant.components.switch import SwitchDeviceClass, SwitchEntity
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.helpers.restore_state import RestoredExtraData, RestoreEntity

from .classes import fitting
from .control import ControlEntity
from .coordinator import CloudConfigEntry
from .entity import add_points
from .model import Device, Kind, Point, SetPoint

PARALLEL_UPDATES = 0

_ON = "on"


async def async_setup_entry(
    hass: HomeAssistant,
    entry: CloudConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add a switch for every boolean that may be written."""
    add_points(entry, async_add_entities, {Kind.TOGGLE: _switch})


def _switch(entry: CloudConfigEntry, device: Device, point: Point) -> PointSwitch:
    """A switch; one that the user defined may have to remember its state itself."""
    kind = PointSwitch if point.subentry_id is None else RememberingSwitch
    return kind(entry, device, point)


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
        """The value; None if it is unknown."""
        value = self.current
        return None if value is None else bool(value)

    @override
    async def async_turn_on(self, **kwargs: Any) -> None:
        """Write true."""
        await self._write(True)

    @override
    async def async_turn_off(self, **kwargs: Any) -> None:
        """Write false."""
        await self._write(False)


class RememberingSwitch(PointSwitch, RestoreEntity):
    """A switch whose state, where nothing reports it, outlives a restart."""

    @property
    @override
    def extra_restore_state_data(self) -> RestoredExtraData:
        """What was switched last, which the state does not say while it is unavailable."""
        return RestoredExtraData({_ON: self.is_on})

    @override
    async def async_added_to_hass(self) -> None:
        """Assume what was switched last, if nothing is known yet and nothing will be."""
        if self.point.assumed and self.reading is None:
            last = await self.async_get_last_extra_data()
            if last and isinstance(on := last.as_dict().get(_ON), bool):
                self.coordinator.async_assume(SetPoint(ref=self.ref, value=on))
        await super().async_added_to_hass()
