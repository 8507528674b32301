"""Update entities: the firmware that a device runs and the one that it could run."""

from typing import Any, override

from homeassistant.components.update import (
    UpdateDeviceClass,
    UpdateEntity,
    UpdateEntityFeature,
)
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .coordinator import CloudConfigEntry
from .entity import PointEntity, add_points
from .model import Firmware, Install, Kind

PARALLEL_UPDATES = 0


async def async_setup_entry(
    hass: HomeAssistant,
    entry: CloudConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add an update entity for every firmware that the account tells about."""
    add_points(entry, async_add_entities, {Kind.FIRMWARE: PointUpdate})


class PointUpdate(PointEntity, UpdateEntity):
    """The firmware of a device."""

    _attr_device_class = UpdateDeviceClass.FIRMWARE

    @property
    def _firmware(self) -> Firmware | None:
        value = self.current
        return value if isinstance(value, Firmware) else None

    @property
    @override
    def supported_features(self) -> UpdateEntityFeature:
        """Installing is offered only where the cloud can do it now."""
        features = UpdateEntityFeature(0)
        if firmware := self._firmware:
            if firmware.installable:
                features |= UpdateEntityFeature.INSTALL | UpdateEntityFeature.PROGRESS
            if firmware.notes:
                features |= UpdateEntityFeature.RELEASE_NOTES
        return features

    @property
    @override
    def installed_version(self) -> str | None:
        """What the device runs."""
        return self._firmware.installed if self._firmware else None

    @property
    @override
    def latest_version(self) -> str | None:
        """What it could run."""
        return self._firmware.latest if self._firmware else None

    @property
    @override
    def title(self) -> str | None:
        """What the vendor calls the firmware."""
        return self._firmware.title if self._firmware else None

    @property
    @override
    def release_url(self) -> str | None:
        """Where the vendor tells about it."""
        return self._firmware.url if self._firmware else None

    @property
    @override
    def in_progress(self) -> bool:
        """Whether it is being installed."""
        return self._firmware is not None and self._firmware.installing

    @property
    @override
    def update_percentage(self) -> float | None:
        """How much of it is installed."""
        return self._firmware.progress if self._firmware else None

    @override
    def version_is_newer(self, latest_version: str, installed_version: str) -> bool:
        """The cloud decides what a device should run, also when that is older."""
        return latest_version != installed_version

    @override
    async def async_release_notes(self) -> str | None:
        """What the vendor tells about it."""
        return self._firmware.notes if self._firmware else None

    @override
    async def async_install(
        self, version: str | None, backup: bool, **kwargs: Any
    ) -> None:
        """Have the cloud bring the device to the latest firmware."""
        await self.coordinator.async_execute(Install(ref=self.ref))
