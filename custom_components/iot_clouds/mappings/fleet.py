"""Carries a definition over to other devices that have what it needs."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from ..model import Device
from .definitions import Calling, Definition, Order, PointSource, Setting, State


def alike(
    definition: Definition, devices: Mapping[str, Device]
) -> dict[str, Definition]:
    """The same definition for each other device that it fits, by device.

    Devices built alike have points of the same kinds and names, although a cloud may
    give each its own keys, and functions of the same names. Where nothing of that is
    used, as with events, it is the same product that makes them alike.
    """
    own = devices.get(definition.device)
    if own is None:
        return {}
    fitting = {
        device.id: fitted
        for device in devices.values()
        if device.id != own.id and not device.is_account
        if (fitted := _fitted(definition, own, device))
    }
    if any(True for _ in _needs(definition)):
        return fitting
    return {
        device_id: each
        for device_id, each in fitting.items()
        if _product(devices[device_id]) == _product(own)
    }


def _product(device: Device) -> tuple[str | None, str | None]:
    return device.model, device.model_id


def _needs(definition: Definition) -> Iterable[str]:
    """Points and functions that a definition uses."""
    for source in definition.sources:
        if isinstance(source, PointSource):
            yield source.point
    for order in definition.commands.values():
        match order.act:
            case Setting(point=key) | Calling(function=key):
                yield key


def _fitted(definition: Definition, own: Device, other: Device) -> Definition | None:
    """The definition with the other device's keys; None if it lacks one of them."""
    moved: list[State | None] = []
    for state in (definition.state, definition.level):
        if state is not None and isinstance(state.source, PointSource):
            found = _same_point(state.source.point, own, other)
            if found is None:
                return None
            state = replace(state, source=PointSource(point=found))
        moved.append(state)
    commands = {}
    for verb, order in definition.commands.items():
        fitted = _order(order, own, other)
        if fitted is None:
            return None
        commands[verb] = fitted
    return replace(
        definition,
        device=other.id,
        state=moved[0],
        level=moved[1],
        commands=commands,
    )


def _order(order: Order, own: Device, other: Device) -> Order | None:
    match order.act:
        case Setting(point=key) as act:
            found = _same_point(key, own, other)
            return replace(order, act=replace(act, point=found)) if found else None
        case Calling(function=function):
            unlisted = not other.functions
            return order if unlisted or function in other.functions else None
    return order


def _same_point(key: str, own: Device, other: Device) -> str | None:
    """Key of the other device's point that is what this one is here."""
    wanted = own.points.get(key)
    if wanted is None:
        return key if key in other.points else None
    if (same := other.points.get(key)) and same.kind is wanted.kind:
        return key
    if wanted.name is None:
        return None
    named = [
        each.key
        for each in other.points.values()
        if each.kind is wanted.kind and each.name == wanted.name
    ]
    return named[0] if len(named) == 1 else None
