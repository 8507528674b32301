"""Writes what is known of a device down as JSON, and reads it again."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from ...model import Json, Kind, Place, Point, Reading, Value, sound
from .convert import STATE_LENGTH
from .dates import parse_date
from .flatten import Form, Leaf, Path
from .naming import key_of, name_of

type Order = tuple[datetime, str]
"""When a message was received, and its place within that millisecond."""
type Seen = tuple[Order, Leaf]
"""A leaf and when it was received."""

# Larger whole numbers are not safe in every JSON encoder and stay exact as text.
_SAFE = 1 << 53


@dataclass(slots=True, kw_only=True)
class Shown:
    """A point, the kind of leaf it was made for, and what it shows."""

    point: Point
    form: Form
    reading: Reading


def write_value(value: Value) -> Json:
    """A value as JSON; what is more than a plain one is an object with one key."""
    match value:
        case Place():
            return {"place": [value.latitude, value.longitude, value.accuracy]}
        case datetime():
            return {"time": value.isoformat()}
        case bool() | float() | str():
            return value
        case int():
            return value if abs(value) < _SAFE else {"number": str(value)}
    return None


def read_value(note: Json) -> bool | int | float | str | datetime | Place | None:
    """A value that was written; None for what makes no sense."""
    match note:
        case {"place": [float() | int() as lat, float() | int() as lon, acc]}:
            accuracy = float(acc) if isinstance(acc, int | float) else 0.0
            return Place(latitude=float(lat), longitude=float(lon), accuracy=accuracy)
        case {"time": str(text)}:
            return parse_date(text)
        case {"number": str(text)}:
            try:
                return int(text)
            except ValueError:
                return None
        case str():
            return sound(note)[:STATE_LENGTH]
        case bool() | int() | float():
            return note
    return None


def write_shown(path: Path, shown: Shown, order: Order) -> dict[str, Json]:
    """A point with its reading; its key and its name follow from the path."""
    point, reading = shown.point, shown.reading
    return {
        **_address(path, order),
        "form": shown.form.value,
        "kind": point.kind.value,
        "device_class": point.device_class,
        "state_class": point.state_class,
        "label": point.label,
        "enabled": point.enabled,
        "value": write_value(reading.value),
        "attributes": dict(reading.attributes) if reading.attributes else None,
    }


def read_shown(note: Mapping[str, Json]) -> tuple[Path, Shown, Order] | None:
    """A point that was written; None for what makes no sense."""
    if (found := _read_address(note)) is None:
        return None
    path, order = found
    try:
        kind, form = Kind(str(note.get("kind"))), Form(str(note.get("form")))
    except ValueError:
        return None
    point = Point(
        key=key_of(path),
        kind=kind,
        name=name_of(path) if path else None,
        label=None if path else _text(note.get("label")),
        device_class=_text(note.get("device_class")),
        state_class=_text(note.get("state_class")),
        enabled=note.get("enabled") is not False,
    )
    told = note.get("attributes")
    reading = Reading(
        value=read_value(note.get("value")),
        at=order[0],
        attributes=told if isinstance(told, dict) else None,
    )
    if point.name is None and point.label is None:
        return None
    return path, Shown(point=point, form=form, reading=reading), order


def write_seen(path: Path, seen: Seen) -> dict[str, Json]:
    """A leaf that is not shown, without the list or object that it stands for."""
    order, leaf = seen
    value = leaf.value
    if isinstance(value, str):
        value = value[:STATE_LENGTH]
    return {
        **_address(path, order),
        "form": leaf.form.value,
        "value": write_value(value),
    }


def read_seen(note: Mapping[str, Json]) -> Seen | None:
    """A leaf that was written; None for what makes no sense."""
    if (found := _read_address(note)) is None:
        return None
    path, order = found
    try:
        form = Form(str(note.get("form")))
    except ValueError:
        return None
    return order, Leaf(path=path, form=form, value=read_value(note.get("value")))


def read_lengths(note: Json) -> dict[Path, Counter[int]]:
    """How often the list at a path had which length."""
    lengths: dict[Path, Counter[int]] = {}
    for row in read_rows(note):
        path, counts = read_path(row.get("path")), row.get("counts")
        if path is None or not isinstance(counts, list):
            continue
        for each in counts:
            match each:
                case [int(length), int(count)] if max(length, count) < _SAFE:
                    lengths.setdefault(path, Counter())[length] = count
    return lengths


def read_path(note: Json) -> Path | None:
    """A path that was written as a list; None if it is none."""
    if not isinstance(note, list):
        return None
    parts = [part for part in note if isinstance(part, str)]
    return tuple(parts) if len(parts) == len(note) else None


def read_rows(note: Json) -> list[dict[str, Json]]:
    """The objects of a list that was written."""
    rows = note if isinstance(note, list) else []
    return [row for row in rows if isinstance(row, dict)]


def _address(path: Path, order: Order) -> dict[str, Json]:
    return {"path": list(path), "at": order[0].isoformat(), "place": order[1]}


def _read_address(note: Mapping[str, Json]) -> tuple[Path, Order] | None:
    path, at = read_path(note.get("path")), parse_date(note.get("at"))
    place = note.get("place")
    if path is None or at is None or not isinstance(place, str):
        return None
    return path, (at, place)


def _text(value: Json) -> str | None:
    return value if isinstance(value, str) else None
