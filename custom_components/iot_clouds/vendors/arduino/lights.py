"""A lamp's parts as one light, and back (reference 3.3 and 3.4)."""

from collections.abc import Mapping
import colorsys

from ...model import Json, Light
from .property_types import PropertyType, Role
from .values import read_float

FULL = 100.0
ROUND = 360.0


def light_of(
    kind: PropertyType, parts: Mapping[str, Json], level: float | None
) -> Light | None:
    """What the parts say together; None while it is not known whether it is on.

    `level` is the last brightness above 0. A lamp whose only switch is its brightness
    keeps it while it is off.
    """
    brightness = _within(_number(parts, "bri"), FULL)
    on = parts.get("swi")
    if kind.role is Role.COLOUR and brightness is not None:
        on = brightness > 0
        brightness = brightness if on else _within(level, FULL)
    if not isinstance(on, bool):
        return None
    return Light(
        on=on,
        brightness=brightness,
        hue=_within(_number(parts, "hue"), ROUND),
        saturation=_within(_number(parts, "sat"), FULL),
    )


def light_parts(
    kind: PropertyType, light: Light, known: Mapping[str, Json], level: float | None
) -> dict[str, Json]:
    """All parts of a lamp, within what a board takes; what is open stays as known."""
    values: dict[str, Json] = {
        "swi": light.on,
        "hue": _either(light.hue, known, "hue", ROUND),
        "sat": _either(light.saturation, known, "sat", FULL),
        "bri": _brightness(kind, light, known, level),
    }
    return {attribute.name: values[attribute.name] for attribute in kind.attributes}


def hex_of(parts: Mapping[str, Json]) -> str | None:
    """The colour as six hexadecimal digits; None if a part is missing."""
    hue, saturation, brightness = (
        _number(parts, name) for name in ("hue", "sat", "bri")
    )
    if hue is None or saturation is None or brightness is None:
        return None
    rgb = colorsys.hsv_to_rgb(
        hue / 360 % 1,
        _clamped(saturation, 100.0) / 100,
        _clamped(brightness, 100.0) / 100,
    )
    return "#" + "".join(f"{round(part * 255):02x}" for part in rgb)


def _brightness(
    kind: PropertyType, light: Light, known: Mapping[str, Json], level: float | None
) -> float:
    if kind.role is Role.COLOUR and not light.on:
        return 0.0
    brightness = _either(light.brightness, known, "bri", FULL)
    if light.on and not brightness:
        # A lamp that is switched on is meant to shine.
        return _clamped(level or FULL, FULL)
    return brightness


def _either(
    wanted: float | None, known: Mapping[str, Json], name: str, high: float
) -> float:
    value = _number(known, name) if wanted is None else wanted
    return _clamped(value or 0.0, high)


def _within(value: float | None, high: float) -> float | None:
    return None if value is None else _clamped(value, high)


def _clamped(value: float, high: float) -> float:
    return min(max(float(value), 0.0), high)


def _number(parts: Mapping[str, Json], name: str) -> float | None:
    value = parts.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return read_float(value)
