"""Drops what a cloud tells about devices that are not imported."""

from collections.abc import Collection, Mapping
from dataclasses import replace

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import device_registry as dr

from .const import CONF_VENDOR, DOMAIN, LOGGER
from .model import Snapshot, Update


class Selection:
    """Which devices of an account are imported.

    Not those that the user has `left_out`, and not those that another account shows
    already: a board may be one of a product and of the person who claimed it. `names`
    are the names of the ones that are left out, by id, as they were listed last.
    """

    def __init__(
        self, hass: HomeAssistant, entry: ConfigEntry, left_out: frozenset[str]
    ) -> None:
        """Know no names yet."""
        self.left_out = left_out
        self.names: Mapping[str, str] = {}
        self._hass = hass
        self._entry = entry
        self._elsewhere: frozenset[str] = frozenset()
        self._ignored = left_out
        """Both together, because every push asks for them."""

    @callback
    def listing(self, snapshot: Snapshot) -> Snapshot:
        """What a listing says about the imported devices."""
        elsewhere = self._shown_elsewhere(snapshot.devices.keys() - self.left_out)
        if elsewhere - self._elsewhere:
            LOGGER.info(
                "%s lists devices that another account shows already (%d)",
                self._entry.title,
                len(elsewhere),
            )
        self._elsewhere = elsewhere
        ids = self._ignored = self.left_out | elsewhere
        if not ids:
            return snapshot
        names = {
            device_id: device.name
            for device_id, device in snapshot.devices.items()
            if device_id in self.left_out
        }
        self.names = names if snapshot.complete else {**self.names, **names}
        return replace(
            snapshot,
            devices={
                device_id: device
                for device_id, device in snapshot.devices.items()
                if device_id not in ids
            },
            readings={
                ref: reading
                for ref, reading in snapshot.readings.items()
                if ref.device_id not in ids
            },
            events=tuple(each for each in snapshot.events if each.device_id not in ids),
        )

    @callback
    def news(self, update: Update) -> Update:
        """What is pushed or read about the imported devices."""
        ids = self._ignored
        if not ids:
            return update
        return replace(
            update,
            readings={
                ref: reading
                for ref, reading in update.readings.items()
                if ref.device_id not in ids
            },
            online={key: on for key, on in update.online.items() if key not in ids},
            events=tuple(each for each in update.events if each.device_id not in ids),
        )

    def _shown_elsewhere(self, device_ids: Collection[str]) -> frozenset[str]:
        """Devices of other accounts; of two that have the same, the older one keeps it."""
        vendor = self._entry.data[CONF_VENDOR]
        accounts = [
            entry
            for entry in self._hass.config_entries.async_entries(
                DOMAIN, include_disabled=False
            )
            if entry.data[CONF_VENDOR] == vendor
        ]
        if self._entry not in accounts:
            # It was disabled or removed while the cloud was asked.
            return self._elsewhere
        if len(accounts) == 1:
            return frozenset()
        own = accounts.index(self._entry)
        return frozenset(
            device_id
            for device_id in device_ids
            if any(self._has(entry, device_id) for entry in accounts[:own])
            or (
                not self._has(self._entry, device_id)
                and any(self._has(entry, device_id) for entry in accounts[own + 1 :])
            )
        )

    def _has(self, entry: ConfigEntry, device_id: str) -> bool:
        registry = dr.async_get(self._hass)
        identifier = (DOMAIN, device_id)
        return (
            registry.async_get_device_by_identifier(identifier, entry.entry_id)
            is not None
        )
