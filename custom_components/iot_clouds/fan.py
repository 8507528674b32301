"""Fans: switched on and off, some of them with a speed."""

from typing import Any, override

from homeassistant.components.fan import FanEntity, FanEntityFeature
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .coordinator import CloudConfigEntry
from .entity import add_points
from .model import Fan, Kind, Verb
from .percent import whole
from .remembering import RememberingEntity

PARALLEL_UPDATES = 0

FULL = 100


async def async_setup_entry(
    hass: HomeAssistant,
    entry: CloudConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add a fan for everything of the kind."""
    add_points(entry, async_add_entities, {Kind.FAN: PointFan})


class PointFan(RememberingEntity, FanEntity):
    """A fan; one that only has a speed is switched by it."""

    @override
    def _describe(self) -> None:
        super()._describe()
        point = self.point
        features = FanEntityFeature(0)
        if self._has_speed:
            features |= FanEntityFeature.SET_SPEED
        if self._has_speed or Verb.ON in point.verbs:
            features |= FanEntityFeature.TURN_ON
        if self._has_speed or Verb.OFF in point.verbs:
            features |= FanEntityFeature.TURN_OFF
        self._attr_supported_features = features
        self._attr_speed_count = max(round(100 / point.step), 1) if point.step else 100

    @property
    def _has_speed(self) -> bool:
        return Verb.SET_SPEED in self.point.verbs

    @property
    def _fan(self) -> Fan | None:
        value = self.current
        return value if isinstance(value, Fan) else None

    @property
    @override
    def is_on(self) -> bool | None:
        """Whether it is on; None if it is unknown."""
        return self._fan.on if self._fan else None

    @property
    @override
    def percentage(self) -> int | None:
        """How fast it runs, 0 while it is off; None if it is unknown."""
        if self._fan is None:
            return None
        return whole(self._fan.speed) if self._fan.on else 0

    @override
    async def async_turn_on(
        self,
        percentage: int | None = None,
        preset_mode: str | None = None,
        **kwargs: Any,
    ) -> None:
        """Switch it on unless it is on already, and then set its speed if it has one."""
        if percentage == 0:
            await self.async_turn_off()
            return
        if Verb.ON not in self.point.verbs:
            last = whole(self._fan.speed) if self._fan else None
            await self._act(Verb.SET_SPEED, percentage or last or FULL)
            return
        wants_speed = percentage is not None and self._has_speed
        if not (wants_speed and self.is_on):
            await self._act(Verb.ON)
        if wants_speed:
            await self._act(Verb.SET_SPEED, percentage)

    @override
    async def async_turn_off(self, **kwargs: Any) -> None:
        """Switch it off, or let it stand still."""
        if Verb.OFF in self.point.verbs:
            await self._act(Verb.OFF)
        else:
            await self._act(Verb.SET_SPEED, 0)

    @override
    async def async_set_percentage(self, percentage: int) -> None:
        """Run this fast; a fan that is off is switched on."""
        await self.async_turn_on(percentage)
