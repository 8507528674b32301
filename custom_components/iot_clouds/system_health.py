"""What Home Assistant's system page tells: counts, and which clouds can be reached."""

from collections.abc import Iterable, Iterator
from typing import Any

from yarl import URL

from homeassistant.components.system_health import (
    SystemHealthRegistration,
    async_check_can_reach_url,
)
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant, callback
from homeassistant.loader import async_get_integration

from .cloud import Input, Vendor
from .const import CONF_VENDOR, DOMAIN
from .coordinator import CloudConfigEntry
from .vendors import VENDORS


@callback
def async_register(hass: HomeAssistant, register: SystemHealthRegistration) -> None:
    """Offer the information."""
    register.async_register_info(_async_info)


async def _async_info(hass: HomeAssistant) -> dict[str, Any]:
    """How many accounts there are, how many answer, and what they have.

    Only clouds that have an account are asked whether they can be reached.
    """
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
    integration = await async_get_integration(hass, DOMAIN)
    return {
        "version": str(integration.version),
        "accounts": len(entries),
        "reachable": sum(each.reachable for each in loaded),
        "pushing": sum(each.listening_since is not None for each in loaded),
        "devices": len(devices),
        "offline": sum(device.online is False for device in devices),
        "custom_entities": sum(len(each.mapped.definitions) for each in loaded),
        **{
            f"reach_{key}": _async_reach(hass, sorted(addresses))
            for key, addresses in sorted(_addresses(entries).items())
        },
    }


def _addresses(entries: Iterable[CloudConfigEntry]) -> dict[str, set[str]]:
    """The addresses of the accounts of each vendor."""
    found: dict[str, set[str]] = {}
    for entry in entries:
        vendor = VENDORS[entry.data[CONF_VENDOR]]
        found.setdefault(vendor.key, set()).update(_of(vendor, entry))
    return {key: addresses for key, addresses in found.items() if addresses}


def _of(vendor: Vendor, entry: CloudConfigEntry) -> Iterator[str]:
    """The addresses of an account that speak HTTP: host and port, and nothing else."""
    for form in vendor.forms:
        for field in form.fields:
            if field.input is Input.URL:
                url = URL(str(entry.data.get(field.key) or field.default or ""))
                if url.absolute and url.scheme in {"http", "https"}:
                    yield str(url.origin())


async def _async_reach(
    hass: HomeAssistant, addresses: list[str]
) -> str | dict[str, str]:
    """Whether all of these answer; of those that do not, the first says why."""
    for address in addresses:
        answer = await async_check_can_reach_url(hass, address)
        if answer != "ok":
            return answer
    return "ok"
