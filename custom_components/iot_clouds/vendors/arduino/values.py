"""Values between Arduino Cloud's words and ours: lenient in reading, exact in writing."""

from collections.abc import Callable, Mapping
from datetime import datetime
import json
import math
from struct import Struct

from ...model import CloudRejected, Json, Place, Reading
from .property_types import Attribute, PropertyType, Shape

NEVER_SET = "N/A"
"""What the listing says for a property without a value (reference 2.5)."""

MAX_STATE = 255
"""Characters that a state can show; the whole text goes into an attribute."""

FULL_VALUE = "full_value"

_BOOLEANS = {"true": True, "1": True, "false": False, "0": False}
_WRITTEN_BOOLEANS = {**_BOOLEANS, "on": True, "off": False}
_LARGEST_INT = 1 << 64
_SINGLE = Struct("f")
_SINGLE_DIGITS = (7, 8, 9)
"""How many digits tell a single from its neighbours; nine always do."""


def well_formed(text: str) -> str:
    """Replace halves of characters, which JSON can carry and a database cannot."""
    if text.isascii():
        return text
    return text.encode("utf-8", "replace").decode()


def reading(kind: PropertyType, raw: object, at: datetime) -> Reading | None:
    """What a value says, wherever it comes from; None if it is no news at all.

    Raises:
        ValueError: the value is not of this type.
    """
    if raw is None or raw == NEVER_SET:
        return Reading(value=None, at=at)
    if kind.attributes:
        return object_reading(kind, read_object(kind, raw), at)
    if read := SCALARS.get(kind.shape):
        return Reading(value=read(raw), at=at)
    return text_reading(raw, at)


def object_reading(
    kind: PropertyType, parts: Mapping[str, Json], at: datetime
) -> Reading | None:
    """What the parts of a composite value say together."""
    if kind.shape is not Shape.PLACE:
        return text_reading(parts, at)
    latitude, longitude = parts.get("lat"), parts.get("lon")
    if not isinstance(latitude, int | float) or not isinstance(longitude, int | float):
        return None
    # A receiver without a fix says 0/0 (reference 3.4).
    if latitude == longitude == 0 or abs(latitude) > 90 or abs(longitude) > 180:
        return None
    return Reading(value=Place(latitude=latitude, longitude=longitude), at=at)


def text_reading(raw: object, at: datetime) -> Reading:
    """Text as it is, anything else as JSON; what is too long is whole in an attribute."""
    text = well_formed(raw if isinstance(raw, str) else compact(raw))
    if len(text) <= MAX_STATE:
        return Reading(value=text, at=at)
    return Reading(value=text[:MAX_STATE], at=at, attributes={FULL_VALUE: text})


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
    return int(number) if number is not None and number.is_integer() else number


def read_bool(raw: object) -> bool | None:
    """A boolean, or how others spell one (reference 3.3)."""
    if raw is True or raw is False:
        return raw
    if isinstance(raw, int | float):
        if raw in {0, 1}:
            return raw == 1
        if math.isnan(raw):
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


def written(kind: PropertyType, value: Json, known: Mapping[str, Json]) -> Json:
    """The JSON to publish for what a user wants; parts left out keep their `known` value.

    The cloud replaces composite values as a whole (reference 2.6), so all parts are sent.

    Raises:
        CloudRejected: the value does not fit the type; `field` names the wrong part.
    """
    match kind.shape:
        case Shape.STRING:
            return _written_text(value)
        case Shape.OPAQUE:
            return _written_json(value, known)
        case Shape.PLACE | Shape.OBJECT:
            return _written_object(kind, value, known)
        case Shape.INT:
            return _written_scalar(Shape.INT, value, "value", kind.low, kind.high)
        case shape:
            return _written_scalar(shape, value, "value", -math.inf, math.inf)


def _written_scalar(
    shape: Shape, value: Json, field: str, low: float, high: float
) -> Json:
    if shape is Shape.BOOL:
        if isinstance(value, str):
            value = _WRITTEN_BOOLEANS.get(value.strip().lower())
        if isinstance(value, int | float) and value in {0, 1}:
            return bool(value)
        raise _invalid("neither true nor false", field)
    try:
        number = read_number(value)
    except ValueError:
        number = None
    if number is None:
        raise _invalid("not a number", field)
    if shape is Shape.INT and not number.is_integer():
        raise _invalid("not a whole number", field)
    if not low <= number <= high:
        raise _invalid("too small or too large", field)
    return int(number) if shape is Shape.INT else number


def _written_text(value: Json) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str | int | float):
        return well_formed(str(value))
    raise _invalid("not a text", "value")


def _written_object(
    kind: PropertyType, value: Json, known: Mapping[str, Json]
) -> dict[str, Json]:
    value = _from_text(value)
    if not isinstance(value, dict) or not value:
        raise _invalid("not an object", "value")
    attributes = {attribute.name: attribute for attribute in kind.attributes}
    for name in value:
        if name not in attributes:
            raise _invalid("no such part", name)
    parts: dict[str, Json] = {}
    for name, attribute in attributes.items():
        if name in value:
            low, high = attribute.low, attribute.high
            part = _written_scalar(attribute.shape, value[name], name, low, high)
            parts[name] = part
        elif name in known:
            parts[name] = known[name]
        else:
            raise _invalid("missing", name)
    return parts


def _written_json(value: Json, known: Mapping[str, Json]) -> Json:
    """Anything that JSON can say; an object is laid over the last known one."""
    value = _from_text(value)
    try:
        json.dumps(value, allow_nan=False)
    except ValueError, TypeError:
        raise _invalid("not JSON", "value") from None
    if value is None:
        raise _invalid("no value", "value")
    return {**known, **value} if isinstance(value, dict) else value


def _from_text(value: Json) -> Json:
    """Take an object that was typed as JSON text."""
    if isinstance(value, str) and value.lstrip().startswith("{"):
        try:
            parsed: Json = json.loads(value)
        except ValueError, RecursionError:
            return value
        return parsed
    return value


def _invalid(why: str, field: str) -> CloudRejected:
    return CloudRejected(why, key="invalid_value", field=field)
