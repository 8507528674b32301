"""Lets the subentries of an account take effect as soon as they change, without a reload."""

from typing import Any

from homeassistant.config_entries import (
    SIGNAL_CONFIG_ENTRY_CHANGED,
    ConfigEntry,
    ConfigEntryChange,
)
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.dispatcher import async_dispatcher_connect

from .coordinator import CloudConfigEntry
from .model import Update


@callback
def async_follow_subentries(hass: HomeAssistant, entry: CloudConfigEntry) -> None:
    """Follow what the user defines, from now on and until the account is unloaded.

    An update listener would do the same, but is forbidden beside options that reload.
    """
    coordinator = entry.runtime_data.coordinator

    @callback
    def take() -> None:
        stale = coordinator.mapped.async_take()
        if stale is None:
            return
        for ref in stale & coordinator.readings.keys():
            del coordinator.readings[ref]
        mapper = coordinator.mapped.mapper
        coordinator.data = mapper.devices(coordinator.data, coordinator.listed)
        known = mapper.readings(coordinator.readings, {})
        coordinator.async_apply(Update(readings=known))
        coordinator.async_update_listeners()

    @callback
    def changed(change: ConfigEntryChange, which: ConfigEntry[Any]) -> None:
        if which is entry:
            take()

    entry.async_on_unload(coordinator.mapped.async_close)
    entry.async_on_unload(
        async_dispatcher_connect(hass, SIGNAL_CONFIG_ENTRY_CHANGED, changed)
    )
    take()
