"""Finds what can take the place of what a custom entity was made of and is gone."""

from dataclasses import replace

from homeassistant.core import HomeAssistant

from .coordinator import CloudConfigEntry
from .mappings import Calling, Definition, Mapper, PointSource
from .model import Device, Reading, Ref
from .offered import readable_names


def lost_source(definition: Definition, device: Device) -> str | None:
    """The key of a source that the device does not list; None if it lists all."""
    for source in definition.sources:
        if isinstance(source, PointSource) and source.point not in device.points:
            return source.point
    return None


def lost_function(definition: Definition, device: Device) -> str | None:
    """The name of a function that the device has no more; None if it has all.

    A device that tells of no function at all may just not tell.
    """
    for order in definition.commands.values():
        if isinstance(order.act, Calling) and device.functions:
            if order.act.function not in device.functions:
                return order.act.function
    return None


def sources(
    hass: HomeAssistant,
    entry: CloudConfigEntry,
    definition: Definition,
    device: Device,
    lost: str,
) -> dict[str, str]:
    """Points that could be the source instead, by key, as the user calls them.

    Those that say something now that the entity would not understand are left out,
    unless there are no others.
    """
    readings = entry.runtime_data.coordinator.readings
    names = readable_names(hass, entry, device)
    understood = {
        key: name
        for key, name in names.items()
        if _understands(definition, lost, key, readings.get(device.ref(key)))
    }
    return understood or names


def with_source(definition: Definition, lost: str, key: str) -> Definition:
    """A definition that follows another point instead of a lost one."""
    state, level = (
        replace(each, source=PointSource(point=key))
        if each and each.source == PointSource(point=lost)
        else each
        for each in (definition.state, definition.level)
    )
    return replace(definition, state=state, level=level)


def with_function(definition: Definition, lost: str, function: str) -> Definition:
    """A definition that calls another function wherever it called a lost one."""
    commands = {
        verb: replace(order, act=replace(order.act, function=function))
        if isinstance(order.act, Calling) and order.act.function == lost
        else order
        for verb, order in definition.commands.items()
    }
    return replace(definition, commands=commands)


def _understands(
    definition: Definition, lost: str, key: str, reading: Reading | None
) -> bool:
    """Whether the entity would make something of what a point says now."""
    if reading is None or reading.value is None:
        return True
    moved = with_source(definition, lost, key)
    found = Mapper([moved]).readings({Ref(definition.device, key): reading})
    return any(each.value is not None for each in found.values())
