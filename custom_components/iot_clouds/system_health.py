"""What Home Assistant's system page tells about the accounts: counts, and nothing else."""

from typing import Any

from homeassistant.components.system_health import SystemHealthRegistration
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant, callback

from .const import DOMAIN
from .coordinator import CloudConfigEntry


@callback
def async_register(hass: HomeAssistant, register: SystemHealthRegistration) -> None:
    """Offer the information."""
    register.async_register_info(_async_info)


async def _async_info(hass: HomeAssistant) -> dict[str, Any]:
    """How many accounts there are, how many answer, and what they have."""
    entries: list[CloudConfigEntry] = hass.config_entries.async_entries(DOMAIN)
    loaded = [
        entry.runtime_data.coordinator
        for entry in entries
        if entry.state is ConfigEntryState.LOADED
    ]
    devices = [
        device
        for each in loaded
        for device in each.data.values()
        if not device.is_account
    ]
    return {
        "accounts": len(entries),
        "reachable": sum(each.reachable for each in loaded),
        "pushing": sum(each.listening_since is not None for each in loaded),
        "devices": len(devices),
        "offline": sum(device.online is False for device in devices),
        "custom_entities": sum(len(each.mapped.definitions) for each in loaded),
    }
