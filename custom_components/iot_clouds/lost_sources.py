"""Tells, as repair issues, which entities of the user's own have lost their source."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import issue_registry as ir

from .const import DOMAIN
from .coordinator import CloudConfigEntry, CloudCoordinator
from .mappings import Definition, Mapper, PointSource, dump
from .model import Device, Reading, Ref
from .offered import readable_names

ISSUE = "source_gone"


@callback
def async_follow_sources(hass: HomeAssistant, entry: CloudConfigEntry) -> None:
    """Show an issue for each mapping whose source its device does not list any more.

    A listing with holes proves nothing, and neither does a device that is gone itself.
    """
    coordinator = entry.runtime_data.coordinator
    shown: set[str] = set()

    @callback
    def follow() -> None:
        if not coordinator.last_update_success or not coordinator.complete:
            return
        lost = {each.id: (each, device) for each, device in _lost(coordinator)}
        for id_, (definition, device) in lost.items():
            if id_ not in shown:
                ir.async_create_issue(
                    hass,
                    DOMAIN,
                    _issue_id(id_),
                    data={"entry_id": entry.entry_id, "subentry_id": id_},
                    is_fixable=True,
                    severity=ir.IssueSeverity.WARNING,
                    translation_key=ISSUE,
                    translation_placeholders={
                        "account": entry.title,
                        "name": definition.name,
                        "device": device.name,
                    },
                )
        for id_ in shown - lost.keys():
            ir.async_delete_issue(hass, DOMAIN, _issue_id(id_))
        shown.clear()
        shown.update(lost)

    @callback
    def forget() -> None:
        for id_ in shown:
            ir.async_delete_issue(hass, DOMAIN, _issue_id(id_))

    follow()
    entry.async_on_unload(coordinator.async_add_listener(follow))
    entry.async_on_unload(forget)


def candidates(
    hass: HomeAssistant, entry: CloudConfigEntry, definition: Definition, device: Device
) -> dict[str, str]:
    """Points that could be the source instead, by key, as the user calls them.

    Those that say something now that the entity would not understand are left out,
    unless there are no others.
    """
    readings = entry.runtime_data.coordinator.readings
    lost = lost_of(definition, device) or ""
    names = readable_names(hass, entry, device)
    understood = {
        key: name
        for key, name in names.items()
        if _understands(definition, lost, key, readings.get(device.ref(key)))
    }
    return understood or names


def _understands(
    definition: Definition, lost: str, key: str, reading: Reading | None
) -> bool:
    """Whether the entity would make something of what a point says now."""
    if reading is None or reading.value is None:
        return True
    moved = _moved(definition, lost, key)
    found = Mapper([moved]).readings({Ref(definition.device, key): reading})
    return any(each.value is not None for each in found.values())


def with_source(definition: Definition, lost: str, key: str) -> Mapping[str, object]:
    """The document of a definition that follows another point instead of a lost one."""
    return dump(_moved(definition, lost, key))


def _moved(definition: Definition, lost: str, key: str) -> Definition:
    state, level = (
        replace(each, source=PointSource(point=key))
        if each and each.source == PointSource(point=lost)
        else each
        for each in (definition.state, definition.level)
    )
    return replace(definition, state=state, level=level)


def lost_of(definition: Definition, device: Device) -> str | None:
    """The key of a source that the device does not list; None if it lists all."""
    for source in definition.sources:
        if isinstance(source, PointSource) and source.point not in device.points:
            return source.point
    return None


def _lost(coordinator: CloudCoordinator) -> Iterator[tuple[Definition, Device]]:
    for definition in coordinator.mapped.definitions.values():
        device = coordinator.listed.get(definition.device)
        if device is not None and lost_of(definition, device) is not None:
            yield definition, device


def _issue_id(subentry_id: str) -> str:
    return f"{ISSUE}_{subentry_id}"
