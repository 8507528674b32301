"""Gives devices that the user renames their new names at the cloud, if they want that."""

import asyncio

from homeassistant.core import Event, HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import device_registry as dr

from .const import LOGGER
from .coordinator import CloudConfigEntry
from .devices import device_id_of
from .errors import loggable
from .model import RENAMING, CloudError, Rename


@callback
def async_follow_names(hass: HomeAssistant, entry: CloudConfigEntry) -> None:
    """Follow the names that the user gives, where the account is to be told of them.

    A name that the cloud lists is no name that a user gave, so nothing goes in circles.
    A user who takes their own name back sees the one of the cloud, which stays.
    """
    accepts = entry.runtime_data.coordinator.cloud.accepts
    if not entry.options.get(RENAMING.key) or Rename not in accepts:
        return
    names = _Names(hass, entry)

    @callback
    def follow(event: Event[dr.EventDeviceRegistryUpdatedData]) -> None:
        data = event.data
        if data["action"] != "update" or "name_by_user" not in data["changes"]:
            return
        if command := names.wanted(data["device_id"]):
            entry.async_create_background_task(
                hass, names.tell(data["device_id"], command), f"{entry.title} rename"
            )

    entry.async_on_unload(
        hass.bus.async_listen(dr.EVENT_DEVICE_REGISTRY_UPDATED, follow)
    )


class _Names:
    """The names of an account's devices, as the user gives them."""

    def __init__(self, hass: HomeAssistant, entry: CloudConfigEntry) -> None:
        self._registry = dr.async_get(hass)
        self._entry = entry
        self._coordinator = entry.runtime_data.coordinator
        self._turns = asyncio.Lock()

    def wanted(self, registry_id: str) -> Rename | None:
        """What there is to tell the cloud about a registered device."""
        registered = self._registry.async_get(registry_id)
        if registered is None or registered.config_entry_id != self._entry.entry_id:
            return None
        device = self._coordinator.data.get(device_id_of(registered) or "")
        name = (registered.name_by_user or "").strip()
        if not name or device is None or device.is_account:
            return None
        return Rename(device_id=device.id, name=name)

    async def tell(self, registry_id: str, command: Rename) -> None:
        """Tell the cloud, unless the user has thought better of it meanwhile."""
        # One after another, because of several names in a row the last one is to stay.
        async with self._turns:
            if self.wanted(registry_id) != command:
                return
            try:
                await self._coordinator.async_execute(command)
            except HomeAssistantError as err:
                why = err.__cause__
                LOGGER.warning(
                    "%s: a device was not renamed at the cloud (%s). Rename it there"
                    " as well, or give it its name in Home Assistant once more",
                    self._entry.title,
                    loggable(why) if isinstance(why, CloudError) else why,
                )
