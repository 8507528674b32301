"""Controls whose state, where nothing ever reports it, outlives a restart."""

from collections.abc import Mapping
from dataclasses import asdict, is_dataclass
from datetime import datetime
from typing import Any, override

from homeassistant.const import MAX_LENGTH_STATE_STATE
from homeassistant.helpers.restore_state import RestoredExtraData, RestoreEntity

from .assumed import fits
from .control import ControlEntity
from .coordinator import CloudConfigEntry
from .entity import EntityFactory
from .model import (
    Device,
    Fan,
    Kind,
    Latch,
    Light,
    Opening,
    Point,
    Reading,
    Update,
    Value,
    sound,
)

_PARTS: Mapping[Kind, type[Light | Opening | Latch | Fan]] = {
    Kind.LIGHT: Light,
    Kind.COVER: Opening,
    Kind.VALVE: Opening,
    Kind.LOCK: Latch,
    Kind.FAN: Fan,
}
"""Values that are stored part by part."""


_FLAGS = frozenset({"on", "locked", "closed", "jammed"})
"""Parts that are true or false; all others but "motion" are numbers."""


_LARGEST = 1e100


class RememberingEntity(ControlEntity, RestoreEntity):
    """A control that goes on with what its last command implied.

    The stored state cannot tell that: it may have been unavailable in the end.
    """

    @property
    @override
    def extra_restore_state_data(self) -> RestoredExtraData | None:
        """What is assumed; None where something reports it."""
        if not self.point.assumed or (reading := self.reading) is None:
            return None
        return RestoredExtraData(_packed(reading))

    @override
    async def async_added_to_hass(self) -> None:
        """Assume what was stored, if nothing is known yet and nothing will be."""
        if self.point.assumed and self.reading is None:
            stored = await self.async_get_last_extra_data()
            if stored and (reading := _unpacked(self.point, stored.as_dict())):
                self.coordinator.async_apply(Update(readings={self.ref: reading}))
        await super().async_added_to_hass()

    async_entity_id_changed = ControlEntity.async_entity_id_changed


def rememberable(
    plain: type[ControlEntity], remembering: type[RememberingEntity]
) -> EntityFactory:
    """Make the entity that remembers only where it may have to: it costs a little."""

    def make(entry: CloudConfigEntry, device: Device, point: Point) -> ControlEntity:
        may_have_to = point.assumed or point.subentry_id is not None
        return (remembering if may_have_to else plain)(entry, device, point)

    return make


def _is_part(part: tuple[str, object]) -> bool:
    """Whether a stored part of a value has the type that its name promises."""
    name, found = part
    if found is None or name == "motion":
        return found is None or isinstance(found, str)
    if name in _FLAGS:
        return isinstance(found, bool)
    if isinstance(found, bool) or not isinstance(found, int | float):
        return False
    return abs(found) < _LARGEST


def _is_sane(value: Value) -> bool:
    """Whether a text or a number can be a state."""
    if isinstance(value, str):
        return sound(value[:MAX_LENGTH_STATE_STATE]) == value
    return not isinstance(value, int | float) or abs(value) < _LARGEST


def _packed(reading: Reading) -> dict[str, Any]:
    value = reading.value
    parts = asdict(value) if is_dataclass(value) else value
    return {"value": parts, "at": reading.at.isoformat()}


def _unpacked(point: Point, stored: Mapping[str, Any]) -> Reading | None:
    """The reading that was stored; None if it is none of the point as it is now."""
    try:
        value: Value = stored["value"]
        if parts := _PARTS.get(point.kind):
            value = parts(**stored["value"])
            if not all(map(_is_part, asdict(value).items())):
                return None
        at = datetime.fromisoformat(stored["at"])
    except KeyError, TypeError, ValueError:
        return None
    if not _is_sane(value) or at.tzinfo is None or not 1970 <= at.year < 9999:
        return None
    if not fits(point.kind, value):
        return None
    return Reading(value=value, at=at, assumed=True)
