"""What a Monitor One measures, and in which zones a Tracker is (reference 7.1, 7.6)."""

from collections.abc import Mapping

from ...model import Json, Value
from .keys import INPUT, MODBUS, ZONE
from .models import Fields, label
from .values import number

MOST_MODBUS = 250
"""Values of other machines that one Monitor One may bring; each has an entity."""

_NUMBERS = ("io_v", "io_a")
_FLAGS = ("io_in", "io_vlow", "io_vhigh", "io_alow", "io_ahigh")
_FAULTS = ("io_afltlow", "io_aflthigh")
_ZONES = ("1", "2", "3", "4")
_INSIDE = {"inside": True, "enter": True, "outside": False, "exit": False}


def inputs(report: Fields) -> Mapping[str, Value]:
    """Readings of a Monitor One's inputs, as far as its card is there."""
    found: dict[str, Value] = {
        f"{INPUT}{name}": value
        for name in _NUMBERS
        if (value := number(report.get(name))) is not None
    }
    for name in (*_FLAGS, *_FAULTS):
        told = report.get(name)
        if isinstance(told, int):
            found[f"{INPUT}{name}"] = told != 0
    return found


def zones(reasons: tuple[str, ...]) -> Mapping[str, Value]:
    """Whether a Tracker is inside of the geofence zones that its report speaks of.

    A report may say both that it entered and that it is inside; the last word counts.
    """
    return {
        f"{ZONE}{reason[-1]}": _INSIDE[reason[:-1]]
        for reason in reasons
        if reason[-1] in _ZONES and reason[:-1] in _INSIDE
    }


def modbus(body: Fields) -> Mapping[str, Value]:
    """Readings of a `modbus` event; of a failed one nothing is known (7.6)."""
    found: dict[str, Value] = {}
    items = body.get("modbus")
    for item in items if isinstance(items, list) else ():
        if isinstance(item, dict) and (name := label(item.get("name"))):
            good = item.get("result") == 0
            value: Json = item.get("value")
            found[f"{MODBUS}{name}"] = number(value) if good else None
            if len(found) > MOST_MODBUS:
                break
    return found
