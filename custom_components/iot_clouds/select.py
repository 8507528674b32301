"""Selects: one of several options that may be written."""

from typing import override

from homeassistant.components.select import SelectEntity
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

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
    """Add a select for every choice of the account."""
    factory = rememberable(PointSelect, RememberingSelect)
    add_points(entry, async_add_entities, {Kind.CHOICE: factory})


class PointSelect(ControlEntity, SelectEntity):
    """One of several options."""

    @override
    def _describe(self) -> None:
        super()._describe()
        self._attr_options = list(self.point.options)

    @property
    @override
    def current_option(self) -> str | None:
        """The option; None if the device has none of ours."""
        value = self.current
        return value if isinstance(value, str) and value in self.options else None

    @override
    async def async_select_option(self, option: str) -> None:
        """Write an option."""
        await self._write(option)


class RememberingSelect(RememberingEntity, PointSelect):
    """A choice that may have to remember what was written last."""
