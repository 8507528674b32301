"""Reads a state out of a payload: the one way in which it is shown, proposed and kept."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
import json

from ..model import Json, Kind, Value
from .paths import Missing, resolve
from .payloads import Payload
from .places import place
from .words import finite, flag, quantity

LONGEST_TEXT = 16 * 1024
MOMENTS = frozenset({"timestamp", "uptime"})
"""Device classes of sensors whose states are moments."""

_FIRST_YEAR, _LAST_YEAR = 1900, 9999
_EARLIEST = 1e8
_MILLISECONDS = 1e11
_LATEST = 1e14


@dataclass(frozen=True, slots=True, kw_only=True)
class Formula:
    """How a state is read out of a payload.

    `path` is a JSON Pointer. With `map`, its keys are what may stand there, as text, and
    anything else makes the state unknown. A number is multiplied by `scale`, then
    `offset` is added. `kind` says what the state is: a number or a moment (measure,
    level), a boolean (flag, toggle), a position (place), else a text.
    """

    path: str = ""
    kind: Kind = Kind.TEXT
    device_class: str | None = None
    map: Mapping[str, Json] | None = None
    scale: float | None = None
    offset: float | None = None


def state(payload: Payload, formula: Formula) -> Value:
    """The state; None where the payload does not tell it."""
    found = resolve(payload.tree, formula.path)
    if isinstance(found, Missing) or found is None:
        return None
    if payload.written and not formula.path and formula.kind is not Kind.PLACE:
        # As a whole, pairs and fields are what was sent: "21,5" may be one number.
        found = payload.written
    if formula.map is not None:
        found = mapped(found, formula.map)
    match formula.kind:
        case Kind.MEASURE | Kind.LEVEL if formula.device_class in MOMENTS:
            return moment(found)
        case Kind.MEASURE | Kind.LEVEL:
            return _scaled(number_of(found), formula)
        case Kind.FLAG | Kind.TOGGLE:
            return flag_of(found)
        case Kind.PLACE:
            return place(found)
    written = payload.texts.get(formula.path) if formula.map is None else None
    return written or text_of(found)


def mapped(found: Json, meaning: Mapping[str, Json]) -> Json:
    """What a map makes of a value; None if it does not know it.

    Case and blanks around a text count only where the map has both. A boolean is found
    as "true" or as "1": boards change their minds about which of them they send.
    """
    for text in _keys(found):
        if text in meaning:
            return meaning[text]
    word = found.strip().casefold() if isinstance(found, str) else None
    if word is not None:
        for key, value in meaning.items():
            if key.casefold() == word:
                return value
    return None


def number_of(found: Json) -> int | float | None:
    """The number that a value is, also as text and with a unit; true is 1."""
    match found:
        case bool():
            return int(found)
        case int() | float():
            return finite(found)
        case str():
            read = quantity(found)
            return read.number if read else None
    return None


def flag_of(found: Json) -> bool | None:
    """The boolean that a value is: itself, 0 or 1, or a word for on or off."""
    match found:
        case bool():
            return found
        case int() | float():
            return bool(found) if found in {0, 1} else None
        case str():
            return flag(found)
    return None


def text_of(found: Json) -> str | None:
    """A value as text: numbers without a needless fraction, containers as JSON."""
    match found:
        case None:
            return None
        case str():
            return found[:LONGEST_TEXT]
        case bool():
            return "true" if found else "false"
        case float() if found.is_integer():
            return str(int(found))
        case int() | float():
            return str(found)
    written = json.dumps(found, ensure_ascii=False, separators=(",", ":"))
    return written[:LONGEST_TEXT]


def moment(found: Json) -> datetime | None:
    """A moment: a text in ISO 8601 with its zone, or seconds or milliseconds of UTC.

    Either end of the calendar is no moment: others write "never" so.
    """
    if isinstance(found, str):
        try:
            read = datetime.fromisoformat(found.strip())
            if read.tzinfo:
                told = read.astimezone(UTC)
                return told if _FIRST_YEAR <= told.year < _LAST_YEAR else None
        except ValueError, OverflowError:
            pass
    seconds = number_of(found)
    if seconds is None or not _EARLIEST <= seconds <= _LATEST:
        return None
    if seconds > _MILLISECONDS:
        seconds /= 1000
    return datetime.fromtimestamp(seconds, UTC)


def _keys(found: Json) -> tuple[str, ...]:
    """The texts that a map may know a value by, in the order of preference."""
    match found:
        case str():
            text = found.strip()
            aliases = {"true": ("1",), "false": ("0",), "1": ("true",), "0": ("false",)}
            return (found, text, *aliases.get(text, ()))
        case bool():
            return ("true", "1") if found else ("false", "0")
        case int() | float():
            text = text_of(found) or ""
            if found == 1:
                return (text, "true")
            return (text, "false") if found == 0 else (text,)
    return ()


def _scaled(number: float | None, formula: Formula) -> int | float | None:
    """Scale and offset, without the tails of binary fractions."""
    if number is None or (formula.scale is None and formula.offset is None):
        return number
    scale = 1 if formula.scale is None else formula.scale
    return finite(float(f"{number * scale + (formula.offset or 0):.12g}"))
