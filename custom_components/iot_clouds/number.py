"""Numbers: numbers that may be written."""

from typing import override

from homeassistant.components.number import NumberDeviceClass, NumberEntity, NumberMode
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .classes import fitting
from .control import ControlEntity
from .coordinator import CloudConfigEntry
from .entity import add_points
from .model import Kind
from .remembering import RememberingEntity, rememberable

PARALLEL_UPDATES = 0

LIMIT = 1e9
"""How far a number goes that nobody gave limits to."""

SLIDER = 100
"""Widest range that a slider can still be set in."""


async def async_setup_entry(
    hass: HomeAssistant,
    entry: CloudConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add a number for every number that may be written."""
    factory = rememberable(PointNumber, RememberingNumber)
    add_points(entry, async_add_entities, {Kind.LEVEL: factory})


class PointNumber(ControlEntity, NumberEntity):
    """A number that may be written."""

    @override
    def _describe(self) -> None:
        super()._describe()
        point = fitting(self.point)
        low = -LIMIT if point.minimum is None else point.minimum
        high = LIMIT if point.maximum is None else point.maximum
        self._attr_native_min_value = low
        self._attr_native_max_value = high
        self._attr_native_step = point.step or 0.01
        self._attr_mode = NumberMode.SLIDER if high - low <= SLIDER else NumberMode.BOX
        self._attr_native_unit_of_measurement = point.unit
        self._attr_device_class = (
            NumberDeviceClass(point.device_class) if point.device_class else None
        )

    @property
    @override
    def native_value(self) -> int | float | None:
        """The number; None for anything else."""
        value = self.current
        if isinstance(value, bool) or not isinstance(value, int | float):
            return None
        return value

    @override
    async def async_set_native_value(self, value: float) -> None:
        """Write the number; one that was converted to the unit is rounded to a step."""
        step = self.native_step or 1.0
        if self.unit_of_measurement != self.native_unit_of_measurement:
            value = round(round(value / step) * step, 9)
        whole = value.is_integer() and float(step).is_integer()
        await self._write(int(value) if whole else value)


class RememberingNumber(RememberingEntity, PointNumber):
    """A number that may have to remember what was written last."""
