"""The address that a vendor delivers to, seen from the internet."""

from typing import Any

from yarl import URL

from homeassistant.components import webhook
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.network import NoURLAvailableError

from .hosts import is_local
from .webhook import Door

_CLOUD = "cloud"


async def async_address(hass: HomeAssistant, door: Door) -> str | None:
    """The address, by Home Assistant Cloud for users who have that.

    None where Home Assistant cannot be reached from the internet, as far as it knows,
    or only without encryption.
    """
    if _CLOUD in hass.config.components:
        cloud = _cloud()
        if cloud.async_active_subscription(hass):
            try:
                return str(await cloud.async_get_or_create_cloudhook(hass, door.id))
            except HomeAssistantError:
                return None
    try:
        found = webhook.async_generate_url(
            hass, door.id, allow_internal=False, allow_ip=True
        )
    except NoURLAvailableError:
        return None
    return found if _keeps_secrets(URL(found)) else None


async def async_forget(hass: HomeAssistant, door: Door) -> None:
    """Take back an address that Home Assistant Cloud gave, if it did."""
    if _CLOUD in hass.config.components:
        try:
            await _cloud().async_delete_cloudhook(hass, door.id)
        except HomeAssistantError, ValueError:
            return


def _keeps_secrets(url: URL) -> bool:
    """Whether nobody on the way can read the header with the secret."""
    return url.scheme == "https" or is_local(url.host or "")


def _cloud() -> Any:
    """Home Assistant Cloud, which brings a great deal along and is not always there."""
    from homeassistant.components import cloud  # noqa: PLC0415

    return cloud
