"""Event entities: what a device publishes, so that an automation can start from it."""

from typing import override

from homeassistant.components.event import EventEntity
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .coordinator import CloudConfigEntry
from .entity import PointEntity, add_points
from .model import Event, Kind

PARALLEL_UPDATES = 0

PUBLISHED = "published"
"""The one type of event: names come and go with the firmware, so they are attributes."""


async def async_setup_entry(
    hass: HomeAssistant,
    entry: CloudConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add an event entity for every device that publishes."""
    add_points(entry, async_add_entities, {Kind.MESSAGE: PointEvent})


class PointEvent(PointEntity, EventEntity):
    """What a device publishes."""

    @override
    def _describe(self) -> None:
        super()._describe()
        self._attr_event_types = list(self.point.options) or [PUBLISHED]

    @override
    async def async_added_to_hass(self) -> None:
        """Listen for what the device publishes from now on."""
        await super().async_added_to_hass()
        self.async_on_remove(
            self.coordinator.published.async_listen(self.ref.device_id, self._published)
        )

    async_entity_id_changed = PointEntity.async_entity_id_changed

    @callback
    def _published(self, event: Event) -> None:
        type_ = PUBLISHED
        if self.point.subentry_id is not None:
            meant = self.coordinator.mapped.mapper.happened(event)
            if self.ref not in meant:
                return
            type_ = meant[self.ref] or PUBLISHED
        told = {"truncated": True} if event.truncated else {"data": event.data}
        published_at = event.at.isoformat()
        self._trigger_event(
            type_, {"name": event.name, **told, "published_at": published_at}
        )
        self.async_write_ha_state()
