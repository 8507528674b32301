"""Values as Arduino Cloud's sources spell them, read leniently."""

from collections.abc import Callable, Mapping
from datetime import datetime
import json
import math
from struct import Struct

from ...model import Json, Place, Reading, plain, sound
from .property_types import Attribute, PropertyType, Shape

NEVER_SET = "N/A"
"""What the listing says for a property without a value (reference 2.5)."""

MAX_STATE = 255
"""Characters that a state can show; the whole text goes into an attribute."""

MAX_ATTRIBUTES = 16 * 1024
"""Characters of a text in an attribute; Home Assistant records no more of a state."""

FULL_VALUE = "full_value"

RESERVED = frozenset(
    {
        FULL_VALUE,
        "assumed_state",
        "attribution",
        "device_class",
        "entity_picture",
        "friendly_name",
        "icon",
        "options",
        "restored",
        "state_class",
        "supported_features",
        "unit_of_measurement",
    }
)
"""Attributes of a state that mean something to Home Assistant."""

_BOOLEANS = {"true": True, "1": True, "false": False, "0": False}
_LARGEST_INT = 1 << 64
_SINGLE = Struct("f")
_SINGLE_DIGITS = (7, 8, 9)
"""How many digits tell a single from its neighbours; nine always do."""


def reading(kind: PropertyType, raw: object, at: datetime) -> Reading:
    """What a value without parts says, wherever it comes from.

    Raises:
        ValueError: the value is not of this type.
    """
    if is_unset(raw):
        return Reading(value=None, at=at)
    if read := SCALARS.get(kind.shape):
        return Reading(value=read(raw), at=at)
    return text_reading(raw, at)


def is_unset(raw: object) -> bool:
    """Whether a property never had a value."""
    return raw is None or raw == NEVER_SET


def place_of(parts: Mapping[str, Json]) -> Place | None:
    """The position; None for one that cannot be."""
    latitude, longitude = parts.get("lat"), parts.get("lon")
    if not isinstance(latitude, int | float) or not isinstance(longitude, int | float):
        return None
    # A receiver without a fix says 0/0 (reference 3.4).
    if latitude == longitude == 0 or abs(latitude) > 90 or abs(longitude) > 180:
        return None
    return Place(latitude=latitude, longitude=longitude)


def text_reading(raw: object, at: datetime) -> Reading:
    """Text as it is, anything else as JSON; what is too long is whole in an attribute.

    The parts of an object are attributes of their own.
    """
    text = sound(raw if isinstance(raw, str) else compact(raw))
    fits = isinstance(raw, Mapping) and len(text) <= MAX_ATTRIBUTES
    attributes = _parts_shown(raw) if fits and isinstance(raw, Mapping) else {}
    if len(text) > MAX_STATE:
        attributes[FULL_VALUE] = text[:MAX_ATTRIBUTES]
    return Reading(value=text[:MAX_STATE], at=at, attributes=attributes or None)


def _parts_shown(parts: Mapping[str, Json]) -> dict[str, Json]:
    """The parts under names that mean nothing else in a state."""
    return {
        sound(name): plain(part)
        for name, part in parts.items()
        if sound(name) not in RESERVED
    }


def compact(value: object) -> str:
    """JSON on one line; numbers that JSON cannot say become null."""
    try:
        return json.dumps(
            value, separators=(",", ":"), ensure_ascii=False, allow_nan=False
        )
    except ValueError:
        finite = json.loads(json.dumps(value), parse_constant=lambda _: None)
        return json.dumps(finite, separators=(",", ":"), ensure_ascii=False)


def read_object(kind: PropertyType, raw: object) -> dict[str, Json]:
    """The known parts of a composite value, in the type's order.

    Raises:
        ValueError: it is no object, or none of its parts can be read.
    """
    if not isinstance(raw, Mapping):
        raise ValueError("not an object")  # noqa: TRY004
    parts: dict[str, Json] = {}
    for attribute in kind.attributes:
        if attribute.name in raw:
            try:
                value = read_part(attribute, raw[attribute.name])
            except ValueError:
                continue
            if value is not None:
                parts[attribute.name] = value
    if raw and not parts:
        raise ValueError("no known part")
    return parts


def read_part(attribute: Attribute, raw: object) -> bool | int | float | None:
    """One part of a composite value; a whole number looks the same from every source."""
    if attribute.shape is not Shape.FLOAT:
        return SCALARS[attribute.shape](raw)
    number = read_number(raw)
    if number is None or not number.is_integer() or abs(number) >= _LARGEST_INT:
        return number
    return int(number)


def read_bool(raw: object) -> bool | None:
    """A boolean, or how others spell one (reference 3.3)."""
    if raw is True or raw is False:
        return raw
    if isinstance(raw, int | float):
        if raw in {0, 1}:
            return raw == 1
        if isinstance(raw, float) and math.isnan(raw):
            return None
    elif isinstance(raw, str) and raw.lower() in _BOOLEANS:
        return _BOOLEANS[raw.lower()]
    raise ValueError("not a boolean")


def read_float(raw: object) -> float | None:
    """A finite number; what a board meant by it where it sent single precision.

    Such a board's 21.2 arrives as 21.200000762939453.
    """
    number = read_number(raw)
    if number is None or number.is_integer():
        return number
    # What is too large for single precision is whole, too.
    packed = _SINGLE.pack(number)
    if _SINGLE.unpack(packed) == (number,):
        for digits in _SINGLE_DIGITS:
            short = float(f"{number:.{digits}g}")
            if _SINGLE.pack(short) == packed:
                return short
    return number


def read_number(raw: object) -> float | None:
    """A finite number, None for those that are not."""
    if isinstance(raw, bool) or not isinstance(raw, int | float | str):
        raise ValueError("not a number")  # noqa: TRY004
    try:
        number = float(raw)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None


def read_int(raw: object) -> int | None:
    """A whole number; fractions are cut like a board does (reference 6.5)."""
    if type(raw) is not int:
        number = read_number(raw)
        if number is None:
            return None
        raw = int(number)
    return raw if abs(raw) < _LARGEST_INT else None


SCALARS: Mapping[Shape, Callable[[object], bool | int | float | None]] = {
    Shape.BOOL: read_bool,
    Shape.INT: read_int,
    Shape.FLOAT: read_float,
}
