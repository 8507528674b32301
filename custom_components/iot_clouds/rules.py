"""Which classes and units Home Assistant lets the entity of a point have."""

from collections.abc import Collection, Mapping
from typing import cast

from homeassistant.components.binary_sensor import BinarySensorDeviceClass
from homeassistant.components.cover import CoverDeviceClass
from homeassistant.components.number import const as number
from homeassistant.components.sensor import const as sensor
from homeassistant.components.switch import SwitchDeviceClass
from homeassistant.components.valve import ValveDeviceClass

from .model import Kind, Point

type Units = Mapping[str, Collection[str | None]]

CLASSES: Mapping[Kind, frozenset[str]] = {
    Kind.MEASURE: frozenset(sensor.SensorDeviceClass)
    - sensor.NON_NUMERIC_DEVICE_CLASSES,
    Kind.LEVEL: frozenset(number.NumberDeviceClass),
    Kind.FLAG: frozenset(BinarySensorDeviceClass),
    Kind.TOGGLE: frozenset(SwitchDeviceClass),
    Kind.COVER: frozenset(CoverDeviceClass),
    Kind.VALVE: frozenset(ValveDeviceClass),
}
"""Device classes that the platform of a kind knows for a value of that kind."""

STATE_CLASSES = frozenset(sensor.SensorStateClass)

_UNITS: Mapping[Kind, Units] = {
    Kind.MEASURE: cast(Units, sensor.DEVICE_CLASS_UNITS),
    Kind.LEVEL: cast(Units, number.DEVICE_CLASS_UNITS),
}
_STATE_CLASSES = cast(Mapping[str, Collection[str]], sensor.DEVICE_CLASS_STATE_CLASSES)
_STATE_CLASS_UNITS = cast(Units, sensor.STATE_CLASS_UNITS)

UNITS: Mapping[Kind, frozenset[str]] = {
    kind: frozenset(str(unit) for units in table.values() for unit in units if unit)
    for kind, table in _UNITS.items()
}
"""Units that some device class asks for; points without a class may have any other."""


def usual(unit: str) -> str:
    """A unit as Home Assistant writes it: there are two letters that look like μ."""
    return sensor.AMBIGUOUS_UNITS.get(unit, unit)


def units_of(kind: Kind, device_class: str | None) -> Collection[str | None] | None:
    """Units that a device class takes, with None for no unit; None if any will do."""
    if kind not in _UNITS or device_class is None:
        return None
    return _UNITS[kind].get(device_class)


def state_classes_of(device_class: str | None) -> Collection[str]:
    """State classes that a sensor of a device class may have."""
    if device_class is None:
        return STATE_CLASSES
    return _STATE_CLASSES[device_class]


def problems(point: Point) -> dict[str, str]:
    """What Home Assistant would not accept of a point: by field, the key of a text."""
    if point.device_class and point.device_class not in CLASSES.get(point.kind, ()):
        return {"device_class": "class_unknown"}
    found = {}
    state_class = point.state_class if point.kind is Kind.MEASURE else None
    if state_class and state_class not in state_classes_of(point.device_class):
        found["state_class"] = "state_class_not_allowed"
    units = units_of(point.kind, point.device_class)
    if units is not None and point.unit not in units:
        found["unit"] = "unit_not_allowed"
    elif state_class and point.unit not in _STATE_CLASS_UNITS.get(
        state_class, {point.unit}
    ):
        found["unit"] = "unit_not_of_state_class"
    return found
