"""Turn what a variable or an event carries into the value its declared type promises."""

from collections.abc import Callable
from datetime import UTC, datetime
import json
import math
import re

from ...model import Json, Kind, Reading

STATE_LIMIT = 255
"""Characters that a state may have in Home Assistant; variables go up to 1024."""

TEXT_LIMIT = 16 * 1024
"""Characters of a text in an attribute; Home Assistant records no more of a state."""

_FIRST_YEAR = 1970

_NUMBER = re.compile(
    r"[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d{1,6})?", re.ASCII | re.IGNORECASE
)
_LONGEST_NUMBER = 128
_FLAGS: dict[object, bool] = {"true": True, "1": True, "false": False, "0": False}
_MEASURES = ("int", "uint", "unsigned", "double", "float", "number")

type Scalar = bool | int | float | str


def utcnow() -> datetime:
    """The time."""
    return datetime.now(UTC)


def clean(text: str) -> str:
    """Replace halves of surrogate pairs, and drop NUL: others could not keep them."""
    if "\0" in text:
        text = text.replace("\0", "")
    if text.isascii():
        return text
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def moment(value: Json) -> datetime | None:
    """An ISO-8601 time as an aware one; without a zone it is UTC."""
    if not isinstance(value, str):
        return None
    try:
        parsed = datetime.fromisoformat(value)
        aware = parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)
        found = aware.astimezone(UTC)
    except ValueError, OverflowError:
        return None
    # What is at either end of time leaves no room to count with it.
    return found if _FIRST_YEAR <= found.year < 9999 else None


def number(value: Json) -> int | float | None:
    """A finite number, or None for everything that is not one."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        if not math.isfinite(value):
            return None
    except OverflowError:
        return None
    # What is kept is written by an encoder that has no more bits.
    long = isinstance(value, int) and abs(value) >= 1 << 63
    return float(value) if long else value


def _measured(value: Json) -> int | float | None:
    if isinstance(value, str):
        value = _from_text(value)
    return number(value)


def _from_text(text: str) -> float | None:
    if len(text) > _LONGEST_NUMBER:
        return None
    text = text.strip()
    return float(text) if _NUMBER.fullmatch(text) else None


def to_double(value: Json) -> float | None:
    """A double; a whole one arrives as an integer (reference 3.1)."""
    measured = _measured(value)
    return None if measured is None else float(measured)


def to_int(value: Json) -> int | float | None:
    """An integer; what has a fraction in spite of its type keeps it."""
    measured = _measured(value)
    if isinstance(measured, float) and measured.is_integer():
        return number(int(measured))
    return measured


def to_flag(value: Json) -> bool | None:
    """A boolean, also in the words and digits that event payloads use."""
    if isinstance(value, str):
        return _FLAGS.get(value.strip().lower())
    if isinstance(value, bool):
        return value
    digit = number(value)
    return bool(digit) if digit in {0, 1} else None


def to_text(value: Json) -> str | None:
    """A string; anything else is shown as JSON, except what is not there."""
    if isinstance(value, str):
        return clean(value)
    return None if value is None else json.dumps(value)


type Coerce = Callable[[Json], Scalar | None]


def kind_of(declared: str) -> Kind:
    """What a person sees in a variable of this type; unknown types are shown raw."""
    name = declared.strip().lower()
    if name in {"bool", "boolean"}:
        return Kind.FLAG
    return Kind.MEASURE if name.startswith(_MEASURES) else Kind.TEXT


def is_known(declared: str) -> bool:
    """Whether a type is one that somebody has seen (reference 2.2)."""
    return kind_of(declared) is not Kind.TEXT or declared.strip().lower() == "string"


def coercion(declared: str) -> Coerce:
    """How values of this type are read; the result is None where one does not fit."""
    match kind_of(declared):
        case Kind.FLAG:
            return to_flag
        case Kind.MEASURE if "int" in declared.lower():
            return to_int
        case Kind.MEASURE:
            return to_double
        case _:
            return to_text


def reading(value: Scalar, at: datetime) -> Reading:
    """A reading; a string too long for a state is kept whole beside its beginning."""
    if isinstance(value, str) and len(value) > STATE_LIMIT:
        return Reading(
            value=value[:STATE_LIMIT],
            at=at,
            attributes={"full_text": value[:TEXT_LIMIT]},
        )
    return Reading(value=value, at=at)
