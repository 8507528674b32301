"""Covers: doors, gates and blinds that are opened and closed."""

from collections.abc import Mapping
from typing import Any, override

from homeassistant.components.cover import (
    ATTR_POSITION,
    CoverDeviceClass,
    CoverEntity,
    CoverEntityFeature,
)
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .classes import fitting
from .coordinator import CloudConfigEntry
from .entity import add_points
from .model import Kind, Verb
from .openings import OpeningEntity

PARALLEL_UPDATES = 0

_FEATURES: Mapping[Verb, CoverEntityFeature] = {
    Verb.OPEN: CoverEntityFeature.OPEN,
    Verb.CLOSE: CoverEntityFeature.CLOSE,
    Verb.STOP: CoverEntityFeature.STOP,
    Verb.SET_POSITION: CoverEntityFeature.SET_POSITION,
}


async def async_setup_entry(
    hass: HomeAssistant,
    entry: CloudConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add a cover for everything of the kind."""
    add_points(entry, async_add_entities, {Kind.COVER: PointCover})


class PointCover(OpeningEntity, CoverEntity):
    """A door, a gate or a blind."""

    @override
    def _describe(self) -> None:
        super()._describe()
        device_class = fitting(self.point).device_class
        self._attr_device_class = (
            CoverDeviceClass(device_class) if device_class else None
        )
        features = CoverEntityFeature(0)
        for verb, feature in _FEATURES.items():
            if self._can(verb):
                features |= feature
        self._attr_supported_features = features

    @property
    @override
    def current_cover_position(self) -> int | None:
        """Percent open; None if it is unknown."""
        return self._position

    @override
    async def async_open_cover(self, **kwargs: Any) -> None:
        """Open it."""
        await self._open()

    @override
    async def async_close_cover(self, **kwargs: Any) -> None:
        """Close it."""
        await self._close()

    @override
    async def async_stop_cover(self, **kwargs: Any) -> None:
        """Stop it where it is."""
        await self._act(Verb.STOP)

    @override
    async def async_set_cover_position(self, **kwargs: Any) -> None:
        """Open it so far."""
        await self._act(Verb.SET_POSITION, kwargs[ATTR_POSITION])
