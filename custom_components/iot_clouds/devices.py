"""Keeps Home Assistant's device registry equal to what the account lists."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from homeassistant.const import Platform
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import device_registry as dr, entity_registry as er

from .const import DOMAIN, PLATFORMS
from .model import Category, Device, Kind, Point

if TYPE_CHECKING:
    from .coordinator import CloudConfigEntry

PLATFORM_OF: Mapping[Kind, Platform] = {
    Kind.MEASURE: Platform.SENSOR,
    Kind.TEXT: Platform.SENSOR,
    Kind.LEVEL: Platform.NUMBER,
    Kind.ENTRY: Platform.TEXT,
    Kind.FLAG: Platform.BINARY_SENSOR,
    Kind.SCHEDULE: Platform.BINARY_SENSOR,
    Kind.TOGGLE: Platform.SWITCH,
    Kind.PLACE: Platform.DEVICE_TRACKER,
    Kind.LIGHT: Platform.LIGHT,
    Kind.PLAYER: Platform.MEDIA_PLAYER,
    Kind.MOMENT: Platform.DATETIME,
    Kind.CHOICE: Platform.SELECT,
    Kind.COVER: Platform.COVER,
    Kind.VALVE: Platform.VALVE,
    Kind.LOCK: Platform.LOCK,
    Kind.FAN: Platform.FAN,
    Kind.ACTION: Platform.BUTTON,
    Kind.MESSAGE: Platform.EVENT,
    Kind.FIRMWARE: Platform.UPDATE,
}
"""The platform that shows a kind: elsewhere a point leaves nothing behind."""

CONNECTIVITY = Point(
    key="connectivity",
    kind=Kind.FLAG,
    label="connectivity",
    device_class="connectivity",
    category=Category.DIAGNOSTIC,
)
"""Whether a device is connected: no cloud lists that among its points."""


@callback
def async_follow_devices(hass: HomeAssistant, entry: CloudConfigEntry) -> None:
    """Register the account and its devices now and after every listing that differs."""
    registry = dr.async_get(hass)
    coordinator = entry.runtime_data.coordinator
    account = _register_account(registry, entry)
    known: dict[str, Device] = {}

    @callback
    def follow() -> None:
        devices = coordinator.data
        for device in devices.values():
            before = known.get(device.id)
            if before == device:
                continue
            if device.is_account:
                _register_account(registry, entry)
            else:
                _register(registry, entry, device, account.id)
            _forget_points(hass, before, device)
        known.clear()
        known.update(devices)
        _forget_devices(registry, entry)

    follow()
    entry.async_on_unload(coordinator.async_add_listener(follow))


def account_identifier(entry: CloudConfigEntry) -> tuple[str, str]:
    """Identifier of the device that stands for the account itself."""
    return (DOMAIN, entry.entry_id)


def device_id_of(device: dr.AnyDeviceEntry) -> str | None:
    """Our id of a registered device; None if it is not ours."""
    return next(
        (value for domain, value in device.identifiers if domain == DOMAIN), None
    )


def unique_id(device_id: str, key: str) -> str:
    """Unique id of the entity that shows a point."""
    return f"{device_id}_{key}"


def key_of(device_id: str, entity_unique_id: str) -> str:
    """Key of the point that an entity of this device shows."""
    return entity_unique_id.removeprefix(f"{device_id}_")


def _register_account(
    registry: dr.DeviceRegistry, entry: CloudConfigEntry
) -> dr.DeviceEntry:
    """Register the account itself, with what its cloud tells of it, if it does."""
    told = entry.runtime_data.coordinator.data.get(entry.entry_id)
    return registry.async_get_or_create(
        config_entry_id=entry.entry_id,
        identifiers={account_identifier(entry)},
        configuration_url=told.url if told else None,
        entry_type=dr.DeviceEntryType.SERVICE,
        manufacturer=entry.runtime_data.vendor.name,
        model=told.model if told else None,
        name=entry.title,
    )


def _register(
    registry: dr.DeviceRegistry, entry: CloudConfigEntry, device: Device, account: str
) -> None:
    connections = {(dr.CONNECTION_NETWORK_MAC, device.mac)} if device.mac else set()
    registry.async_get_or_create(
        config_entry_id=entry.entry_id,
        identifiers={(DOMAIN, device.id)},
        connections=connections,
        configuration_url=device.url,
        manufacturer=entry.runtime_data.vendor.name,
        model=device.model,
        model_id=device.model_id,
        name=device.name,
        serial_number=device.serial,
        # Home Assistant heeds it only for a device that it has not met before.
        suggested_area=device.area,
        sw_version=device.sw_version,
        hw_version=device.hw_version,
        via_device_id=account,
    )


def _forget_points(hass: HomeAssistant, before: Device | None, now: Device) -> None:
    """Remove entities whose points are listed no more, or are something else now.

    Points that were never seen since the start are left alone: some clouds only tell
    what a device has while it speaks.
    """
    entities = er.async_get(hass)
    was = before.points if before else {}
    for key in {**was, **now.points}:
        point = now.points.get(key)
        changed = point is None or was.get(key, point).kind is not point.kind
        for platform in PLATFORMS:
            if point and not changed and platform is PLATFORM_OF[point.kind]:
                continue
            former = unique_id(now.id, key)
            if entity_id := entities.async_get_entity_id(platform, DOMAIN, former):
                entities.async_remove(entity_id)


def _forget_devices(registry: dr.DeviceRegistry, entry: CloudConfigEntry) -> None:
    """Remove registered devices that are left out, or missing in a complete listing."""
    coordinator = entry.runtime_data.coordinator
    for device in dr.async_entries_for_config_entry(registry, entry.entry_id):
        ours = device_id_of(device)
        if ours == entry.entry_id or ours in coordinator.data:
            continue
        if coordinator.complete or ours in coordinator.selection.left_out:
            registry.async_remove_device(device.id)
