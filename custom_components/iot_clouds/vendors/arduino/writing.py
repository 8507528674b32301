"""What a user or a control wants, as the JSON that Arduino Cloud takes."""

from collections.abc import Mapping
from datetime import UTC, datetime
import json
import math

from ...model import CloudRejected, Json, Light, Player, Writable, read_json, sound
from .lights import light_parts
from .property_types import PropertyType, Role, Shape
from .television import player_parts
from .values import read_number

_BOOLEANS = {
    "true": True,
    "on": True,
    "1": True,
    "false": False,
    "off": False,
    "0": False,
}


def written(
    kind: PropertyType,
    value: Writable,
    known: Mapping[str, Json],
    level: float | None = None,
) -> Json:
    """The JSON to publish for what a user wants; parts left out keep their `known` value.

    The cloud replaces composite values as a whole (reference 2.6), so all parts are sent.
    `level` is the last brightness of a lamp; a moment is one of the thing's wall time.

    Raises:
        CloudRejected: the value does not fit the type; `field` names the wrong part.
    """
    if isinstance(value, Light | Player | datetime):
        return _written_neutral(kind, value, known, level)
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


def _written_neutral(
    kind: PropertyType,
    value: Light | Player | datetime,
    known: Mapping[str, Json],
    level: float | None,
) -> Json:
    """What a control wants, for a type that has such a control."""
    match value:
        case Light() if kind.role in {Role.LIGHT, Role.COLOUR}:
            if kind.shape is Shape.BOOL:
                return value.on
            return light_parts(kind, value, known, level)
        case Player() if kind.role is Role.PLAYER:
            return {**player_parts(value, known)}
        case datetime() if kind.role is Role.CLOCK:
            seconds = int(value.replace(tzinfo=UTC).timestamp())
            return _written_scalar(Shape.INT, seconds, "value", kind.low, kind.high)
    raise _invalid("not a value of this type", "value")


def _written_scalar(
    shape: Shape, value: Json, field: str, low: float, high: float
) -> Json:
    if shape is Shape.BOOL:
        if isinstance(value, str):
            value = _BOOLEANS.get(value.strip().lower())
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
        return sound(str(value))
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
            return read_json(value)
        except ValueError:
            return value
    return value


def _invalid(why: str, field: str) -> CloudRejected:
    return CloudRejected(why, key="invalid_value", field=field)
