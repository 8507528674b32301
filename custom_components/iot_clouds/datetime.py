"""Dates with times: moments that may be written."""

from datetime import UTC, datetime
from typing import override

from homeassistant.components.datetime import ATTR_DATETIME, DateTimeEntity
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .const import DOMAIN
from .control import ControlEntity
from .coordinator import CloudConfigEntry
from .entity import add_points
from .model import Kind
from .targets import wrong
from .wall_time import moment, wall_seconds

PARALLEL_UPDATES = 0


async def async_setup_entry(
    hass: HomeAssistant,
    entry: CloudConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add an entity for every moment that may be written."""
    add_points(entry, async_add_entities, {Kind.MOMENT: PointDateTime})


class PointDateTime(ControlEntity, DateTimeEntity):
    """A moment that may be written.

    With a time zone the point holds seconds of its wall clock, without one a moment.
    """

    @property
    @override
    def native_value(self) -> datetime | None:
        """The moment; None if it is unknown."""
        return moment(self.current, self.zone)

    @override
    async def async_set_value(self, value: datetime) -> None:
        """Write the moment, in the words of the point."""
        zone = self.zone
        if self.point.timezone and zone is None:
            raise HomeAssistantError(
                translation_domain=DOMAIN,
                translation_key="unknown_time_zone",
                translation_placeholders={"timezone": self.point.timezone},
            )
        try:
            meant = wall_seconds(value, zone) if zone else value.astimezone(UTC)
        except OverflowError:
            raise wrong("bad_times", field=ATTR_DATETIME) from None
        await self._write(meant)
