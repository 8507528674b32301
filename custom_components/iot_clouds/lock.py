"""Locks: what is locked and unlocked."""

from typing import Any, override

from homeassistant.components.lock import LockEntity, LockEntityFeature
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .coordinator import CloudConfigEntry
from .entity import add_points
from .model import Bolting, Kind, Latch, Verb
from .remembering import RememberingEntity

PARALLEL_UPDATES = 0


async def async_setup_entry(
    hass: HomeAssistant,
    entry: CloudConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add a lock for everything of the kind."""
    add_points(entry, async_add_entities, {Kind.LOCK: PointLock})


class PointLock(RememberingEntity, LockEntity):
    """A lock."""

    @override
    def _describe(self) -> None:
        super()._describe()
        self._attr_supported_features = LockEntityFeature(0)
        if Verb.UNLATCH in self.point.verbs:
            self._attr_supported_features = LockEntityFeature.OPEN

    @property
    def _latch(self) -> Latch:
        value = self.current
        return value if isinstance(value, Latch) else Latch()

    @property
    @override
    def is_locked(self) -> bool | None:
        """Whether it is locked; None if it is unknown."""
        return self._latch.locked

    @property
    @override
    def is_locking(self) -> bool:
        """Whether it locks right now."""
        return self._latch.motion is Bolting.LOCKING

    @property
    @override
    def is_unlocking(self) -> bool:
        """Whether it unlocks right now."""
        return self._latch.motion is Bolting.UNLOCKING

    @property
    @override
    def is_jammed(self) -> bool:
        """Whether it is stuck."""
        return self._latch.jammed

    @override
    async def async_lock(self, **kwargs: Any) -> None:
        """Lock it."""
        await self._act(Verb.LOCK)

    @override
    async def async_unlock(self, **kwargs: Any) -> None:
        """Unlock it."""
        await self._act(Verb.UNLOCK)

    @override
    async def async_open(self, **kwargs: Any) -> None:
        """Pull the latch."""
        await self._act(Verb.UNLATCH)
