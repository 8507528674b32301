"""Classes and digits that Home Assistant has for what a point is."""

from collections.abc import Mapping
from dataclasses import replace

from .model import Point
from .rules import problems

_BY_CLASS: Mapping[str, int] = {"battery": 0, "ph": 2}

_BY_UNIT: Mapping[str, int] = {
    "%": 1,
    "V": 2,
    "W": 1,
    "Hz": 2,
    "m³/s": 4,
    "L/s": 2,
    "lx": 0,
    "dB": 1,
    "dBW": 1,
    "m/s²": 2,
    "N": 2,
    "rad": 3,
    "bpm": 0,
}


def fitting(point: Point) -> Point:
    """The point without classes that its platform does not know, or not with its unit.

    A number has fewer classes than a sensor, and a cloud can name any. A value without a
    class is worth more than an entity that Home Assistant refuses. Nothing is logged:
    what a user chooses is checked where it is chosen.
    """
    found = problems(point)
    if "device_class" in found or found.get("unit") == "unit_not_allowed":
        point = replace(point, device_class=None)
    return replace(point, state_class=None) if problems(point) else point


def digits(point: Point) -> int | None:
    """Digits after the point that a reading deserves; None leaves it to Home Assistant.

    What a point says itself counts before what its class and its unit tell.
    Boards send what their arithmetic left over. Where Home Assistant has an opinion it
    suits appliances (mains voltage, a heater's power) and hides what a board measures.
    """
    if point.digits is not None:
        return point.digits
    found = _BY_CLASS.get(point.device_class or "")
    return _BY_UNIT.get(point.unit or "") if found is None else found
