"""What an action is about: the account, device or point behind what the user chose."""

from typing import cast

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import device_registry as dr, entity_registry as er, service

from .const import DOMAIN
from .coordinator import CloudConfigEntry, CloudCoordinator
from .devices import device_id_of, key_of
from .model import Device, Point


def account_of(hass: HomeAssistant, config_entry_id: str | None) -> CloudCoordinator:
    """The loaded account with this id.

    Raises:
        ServiceValidationError: there is none.
    """
    entry: CloudConfigEntry = service.async_get_config_entry(
        hass, DOMAIN, config_entry_id
    )
    return entry.runtime_data.coordinator


def device_of(hass: HomeAssistant, registry_id: str) -> tuple[CloudCoordinator, Device]:
    """The device with this id of the registry, which its account must list.

    The device that stands for the account itself has an id that no cloud knows.

    Raises:
        ServiceValidationError: it does not, or the account is not loaded.
    """
    registered, entry = service.async_get_device_and_config_entry(
        hass, DOMAIN, registry_id
    )
    coordinator = cast(CloudConfigEntry, entry).runtime_data.coordinator
    device = coordinator.data.get(device_id_of(registered) or "")
    if device is None or device.is_account:
        raise wrong("no_such_device", device=registered.name or "")
    return coordinator, device


def point_of(
    hass: HomeAssistant, entity_id: str
) -> tuple[CloudCoordinator, Device, Point] | None:
    """The point that an entity shows; None where it shows something else.

    Raises:
        ServiceValidationError: the entity is not ours, or its account is not loaded.
    """
    entity = er.async_get(hass).async_get(entity_id)
    if entity is None or entity.platform != DOMAIN:
        raise wrong("not_ours", entity=entity_id)
    coordinator = account_of(hass, entity.config_entry_id)
    registered = dr.async_get(hass).async_get(entity.device_id or "")
    device = coordinator.data.get((registered and device_id_of(registered)) or "")
    if device is None:
        return None
    point = device.points.get(key_of(device.id, entity.unique_id))
    return (coordinator, device, point) if point else None


def wrong(key: str, **placeholders: str) -> ServiceValidationError:
    """Say in the user's language what is wrong with their input."""
    return ServiceValidationError(
        translation_domain=DOMAIN,
        translation_key=key,
        translation_placeholders=placeholders,
    )
