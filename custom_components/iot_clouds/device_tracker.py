"""Device trackers: where a device is."""

from collections.abc import Mapping
from typing import Any, override

from homeassistant.components.device_tracker import TrackerEntity
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .coordinator import CloudConfigEntry
from .entity import PointEntity, add_points
from .model import Kind, Place

PARALLEL_UPDATES = 0


async def async_setup_entry(
    hass: HomeAssistant,
    entry: CloudConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add a tracker for every position of the account."""
    add_points(entry, async_add_entities, {Kind.PLACE: PointTracker})


class PointTracker(PointEntity, TrackerEntity):
    """A position on the earth; that of the device as a whole is called like it."""

    @override
    def _describe(self) -> None:
        super()._describe()
        if self.point.label:
            self._attr_name = None

    @property
    def _place(self) -> Place | None:
        value = self.current
        return value if isinstance(value, Place) else None

    @property
    @override
    def latitude(self) -> float | None:
        """Degrees north."""
        return self._place.latitude if self._place else None

    @property
    @override
    def longitude(self) -> float | None:
        """Degrees east."""
        return self._place.longitude if self._place else None

    @property
    @override
    def location_accuracy(self) -> float:
        """Metres around the position that the device may be in."""
        return self._place.accuracy if self._place else 0.0

    @property
    @override
    def extra_state_attributes(self) -> Mapping[str, Any] | None:
        """What the cloud tells about the position besides it."""
        reading = self.reading
        return reading.attributes if reading else None
