"""Texts: strings that may be written."""

from collections.abc import Mapping
from typing import Any, override

from homeassistant.components.text import TextEntity
from homeassistant.const import MAX_LENGTH_STATE_STATE
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
    """Add a text for every string that may be written."""
    factory = rememberable(PointText, RememberingText)
    add_points(entry, async_add_entities, {Kind.ENTRY: factory})


class PointText(ControlEntity, TextEntity):
    """A string that may be written, as long as a state can be."""

    _attr_native_max = MAX_LENGTH_STATE_STATE

    @property
    @override
    def native_value(self) -> str | None:
        """The text; a long one is cut, its whole is an attribute."""
        value = self.current
        return value[:MAX_LENGTH_STATE_STATE] if isinstance(value, str) else None

    @property
    @override
    def extra_state_attributes(self) -> Mapping[str, Any] | None:
        """What the cloud tells about the value besides it."""
        reading = self.reading
        return reading.attributes if reading else None

    @override
    async def async_set_value(self, value: str) -> None:
        """Write the text."""
        await self._write(value)


class RememberingText(RememberingEntity, PointText):
    """A text that may have to remember what was written last."""
