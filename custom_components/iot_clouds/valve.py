"""Valves: what lets water or gas through."""

from collections.abc import Mapping
from typing import override

from homeassistant.components.valve import (
    ValveDeviceClass,
    ValveEntity,
    ValveEntityFeature,
)
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .classes import fitting
from .coordinator import CloudConfigEntry
from .entity import add_points
from .model import Kind, Verb
from .openings import CLOSED, OPEN, OpeningEntity

PARALLEL_UPDATES = 0

_FEATURES: Mapping[Verb, ValveEntityFeature] = {
    Verb.OPEN: ValveEntityFeature.OPEN,
    Verb.CLOSE: ValveEntityFeature.CLOSE,
    Verb.STOP: ValveEntityFeature.STOP,
    Verb.SET_POSITION: ValveEntityFeature.SET_POSITION,
}


async def async_setup_entry(
    hass: HomeAssistant,
    entry: CloudConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add a valve for everything of the kind."""
    add_points(entry, async_add_entities, {Kind.VALVE: PointValve})


class PointValve(OpeningEntity, ValveEntity):
    """A valve."""

    @override
    def _describe(self) -> None:
        super()._describe()
        device_class = fitting(self.point).device_class
        self._attr_device_class = (
            ValveDeviceClass(device_class) if device_class else None
        )
        features = ValveEntityFeature(0)
        for verb, feature in _FEATURES.items():
            if self._can(verb):
                features |= feature
        self._attr_supported_features = features

    @property
    @override
    def reports_position(self) -> bool:
        """Whether the position is known: many valves only tell whether they are closed."""
        return self._position is not None

    @property
    @override
    def current_valve_position(self) -> int | None:
        """Percent open; None if it is unknown."""
        return self._position

    @override
    async def async_open_valve(self) -> None:
        """Open it."""
        await self._open()

    @override
    async def async_close_valve(self) -> None:
        """Close it."""
        await self._close()

    @override
    async def async_stop_valve(self) -> None:
        """Stop it where it is."""
        await self._act(Verb.STOP)

    @override
    async def async_set_valve_position(self, position: int) -> None:
        """Open it so far.

        Home Assistant opens and closes by position whatever takes one: the device's own
        words for that go first.
        """
        if position == OPEN:
            await self._open()
        elif position == CLOSED:
            await self._close()
        else:
            await self._act(Verb.SET_POSITION, position)
