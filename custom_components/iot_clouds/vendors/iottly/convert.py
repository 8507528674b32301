"""Fits a leaf that changed its type to the entity that it already has (reference 6.2)."""

from datetime import UTC, datetime
import json
import math

from ...model import Json, sound
from .dates import within

STATE_LENGTH = 255
TEXT_LENGTH = 16 * 1024
# Larger numbers could not be shown as a state any more.
_LARGEST = 10**100

type Scalar = bool | int | float | str | datetime | None


def as_number(value: Scalar) -> float | None:
    """A number; booleans count as 1 and 0, a text if all of it is a number."""
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, str):
        try:
            value = float(value) if "_" not in value else None
        except ValueError:
            return None
    if isinstance(value, int):
        return value if abs(value) < _LARGEST else None
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return None


def as_flag(value: Scalar) -> bool | None:
    """A boolean, also spelled as 0/1, on/off or true/false."""
    if isinstance(value, str):
        return {"on": True, "true": True, "off": False, "false": False}.get(
            value.strip().lower()
        )
    if isinstance(value, bool | int | float) and value in {0, 1}:
        return bool(value)
    return None


def as_time(value: Scalar) -> datetime | None:
    """A time with a zone."""
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value.strip())
            if value.tzinfo and within(value.astimezone(UTC)) is None:
                return None
        except ValueError, OverflowError:
            return None
    return value if isinstance(value, datetime) and value.tzinfo else None


def as_text(value: Scalar) -> str | None:
    """Any scalar as text, at most 16 KiB."""
    if isinstance(value, datetime):
        return value.isoformat()
    return None if value is None else str(value)[:TEXT_LENGTH]


def as_json(value: Json) -> str:
    """An object or list as text, at most 16 KiB."""
    return sound(json.dumps(value, ensure_ascii=False))[:TEXT_LENGTH]


def shown_items(items: list[Json]) -> list[Json]:
    """The beginning of a list that fits into an attribute."""
    shown: list[Json] = []
    room = TEXT_LENGTH
    for item in items:
        plain = _plain(item)
        room -= len(json.dumps(plain))
        if room < 0:
            break
        shown.append(plain)
    return shown


def _plain(item: Json) -> Json:
    """An item as every JSON encoder takes it; objects and lists as text."""
    match item:
        case None | bool():
            return item
        case int():
            return item if abs(item) < 1 << 63 else str(item)
        case float():
            return as_number(item)
        case str():
            return sound(item)
        case _:
            return as_json(item)
