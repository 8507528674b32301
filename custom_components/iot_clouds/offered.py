"""What can be chosen in a flow: devices and points, as the user knows them."""

from collections.abc import Iterable

from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr, entity_registry as er
from homeassistant.helpers.translation import async_get_cached_translations

from .const import DOMAIN
from .coordinator import CloudConfigEntry
from .devices import PLATFORM_OF, unique_id
from .model import Device, Kind, Point

_SILENT = frozenset({Kind.ACTION, Kind.MESSAGE, Kind.FIRMWARE})


def device_names(hass: HomeAssistant, entry: CloudConfigEntry) -> dict[str, str]:
    """The boards of a loaded account, as the user calls them, by id."""
    return _told_apart(_given_names(hass, entry))


def importable_names(hass: HomeAssistant, entry: CloudConfigEntry) -> dict[str, str]:
    """The same with those that are left out."""
    names = entry.runtime_data.coordinator.selection.names
    return _told_apart({**_given_names(hass, entry), **names})


def _given_names(hass: HomeAssistant, entry: CloudConfigEntry) -> dict[str, str]:
    registry = dr.async_get(hass)
    names: dict[str, str] = {}
    for device in entry.runtime_data.coordinator.data.values():
        registered = registry.async_get_device_by_identifier(
            (DOMAIN, device.id), entry.entry_id
        )
        given = registered.name_by_user if registered else None
        if not device.is_account:
            names[device.id] = given or device.name
    return names


def writable_names(
    hass: HomeAssistant, entry: CloudConfigEntry, device: Device
) -> dict[str, str]:
    """The points of a device that may be written, by key."""
    points = (point for point in device.points.values() if point.writable)
    return _point_names(hass, entry, device, points)


def readable_names(
    hass: HomeAssistant, entry: CloudConfigEntry, device: Device
) -> dict[str, str]:
    """The points of a device that have readings, by key."""
    points = (point for point in device.points.values() if point.kind not in _SILENT)
    return _point_names(hass, entry, device, points)


def _point_names(
    hass: HomeAssistant,
    entry: CloudConfigEntry,
    device: Device,
    points: Iterable[Point],
) -> dict[str, str]:
    """Points by key, called as their entities are, if those have names of their own."""
    entities = {
        entity.unique_id: entity.name or entity.original_name
        for entity in er.async_entries_for_config_entry(
            er.async_get(hass), entry.entry_id
        )
    }
    return _told_apart(
        {
            point.key: entities.get(unique_id(device.id, point.key))
            or point.name
            or text_of(hass, point)
            or point.key
            for point in points
        }
    )


def text_of(hass: HomeAssistant, point: Point) -> str | None:
    """What a point of ours is called where its entity is called like the device."""
    texts = async_get_cached_translations(hass, hass.config.language, "entity", DOMAIN)
    path = f"component.{DOMAIN}.entity.{PLATFORM_OF[point.kind]}.{point.label}.name"
    text = texts.get(path)
    return text.replace("{name}", point.of or "") if text else None


def _told_apart(names: dict[str, str]) -> dict[str, str]:
    """The same in the order of the names; what is named alike shows its key."""
    given = [*names.values()]
    told = {
        key: name if given.count(name) == 1 else f"{name} ({key})"
        for key, name in names.items()
    }
    return dict(sorted(told.items(), key=lambda item: item[1].casefold()))
