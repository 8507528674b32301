"""Devices of several device clouds, each account a config entry."""

from dataclasses import replace

from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.helpers import config_validation as cv, device_registry as dr
from homeassistant.helpers.aiohttp_client import async_get_clientsession
from homeassistant.helpers.typing import ConfigType
from homeassistant.util.ssl import get_default_context

from .addresses import async_forget
from .cloud import Link, Vendor
from .const import CONF_VENDOR, DOMAIN, PLATFORMS
from .coordinator import AccountRuntime, CloudConfigEntry, CloudCoordinator
from .counters import Counters
from .devices import async_follow_devices, device_id_of
from .feeds import FeedSupervisor
from .heard import Heard
from .lost_sources import async_follow_sources
from .memory import EntryMemory
from .notices import async_follow_notices
from .outages import async_follow_outages
from .reads import ReadCoordinator
from .renaming import async_follow_names
from .room import Room
from .services import async_setup_services
from .subentries import async_follow_subentries
from .vendors import VENDORS
from .webhook import Door, async_open_webhook

CONFIG_SCHEMA = cv.config_entry_only_config_schema(DOMAIN)


async def async_setup(hass: HomeAssistant, config: ConfigType) -> bool:
    """Register the actions, which exist before and after any account."""
    async_setup_services(hass)
    return True


async def async_setup_entry(hass: HomeAssistant, entry: CloudConfigEntry) -> bool:
    """Connect an account."""
    vendor = VENDORS[entry.data[CONF_VENDOR]]
    memory = EntryMemory(hass, entry.entry_id)
    counters = Counters()
    link = replace(
        async_link(hass),
        memory=memory,
        account_id=entry.entry_id,
        tally=counters.tally,
    )
    cloud = vendor.connect(link, {**entry.data, **entry.options})
    entry.async_on_unload(cloud.close)
    entry.async_on_unload(memory.async_flush)
    coordinator = CloudCoordinator(hass, entry, vendor, cloud, counters)
    await coordinator.async_config_entry_first_refresh()

    entry.runtime_data = runtime = _runtime(hass, coordinator, vendor)
    async_follow_devices(hass, entry)
    async_follow_notices(hass, entry)
    async_follow_names(hass, entry)
    await hass.config_entries.async_forward_entry_setups(entry, PLATFORMS)
    async_follow_subentries(hass, entry)
    async_follow_sources(hass, entry)
    coordinator.published.async_open()
    async_open_webhook(hass, entry)
    async_follow_outages(hass, entry)
    runtime.feeds.async_start()
    if runtime.reads:
        runtime.reads.async_start()
    return True


def _runtime(
    hass: HomeAssistant, coordinator: CloudCoordinator, vendor: Vendor
) -> AccountRuntime:
    """Make what lives as long as the account is loaded; nothing of it runs yet."""
    entry, cloud = coordinator.config_entry, coordinator.cloud
    reads = None
    if cloud.reader:
        reads = ReadCoordinator(hass, entry, coordinator, cloud.reader)
    heard = Heard()
    coordinator.published.async_listen_everywhere(heard.async_hear)
    return AccountRuntime(
        vendor=vendor,
        coordinator=coordinator,
        reads=reads,
        feeds=FeedSupervisor(hass, entry, coordinator, cloud.feeds()),
        heard=heard,
        room=Room(hass, coordinator),
    )


async def async_unload_entry(hass: HomeAssistant, entry: CloudConfigEntry) -> bool:
    """Disconnect an account; its feeds and polls end with the entry."""
    return await hass.config_entries.async_unload_platforms(entry, PLATFORMS)


async def async_remove_entry(hass: HomeAssistant, entry: CloudConfigEntry) -> None:
    """Forget what was kept for an account."""
    if door := Door.of(entry.options):
        await async_forget(hass, door)
    await EntryMemory(hass, entry.entry_id).async_remove()


async def async_remove_config_entry_device(
    hass: HomeAssistant, entry: CloudConfigEntry, device: dr.AnyDeviceEntry
) -> bool:
    """Let the user remove a device that the cloud lists no more."""
    ours = device_id_of(device)
    if entry.state is not ConfigEntryState.LOADED:
        # Nobody can say what the cloud lists.
        return False
    return ours != entry.entry_id and ours not in entry.runtime_data.coordinator.data


def async_link(hass: HomeAssistant) -> Link:
    """Home Assistant's own HTTP session and TLS settings."""
    return Link(session=async_get_clientsession(hass), tls=get_default_context())
