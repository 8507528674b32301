"""Takes a payload apart into leaves; pure, and without memory (reference 6.2)."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from ipaddress import ip_address
import math
import re

from ...model import Json, Place, sound
from .dates import parse_date

type Path = tuple[str, ...]

MAX_DEPTH = 6
MAX_WIDTH = 25
MAX_ELEMENTS = 8
_GENERATED_FROM = 5
_LATITUDES = ("lat", "latitude")
_LONGITUDES = ("lon", "lng", "long", "longitude")
_ACCURACIES = ("accuracy", "acc")
COORDINATES = frozenset(_LATITUDES + _LONGITUDES)
# What devices answer to commands, and what their agent reports: no measurements.
REPLIES = frozenset({"ECHO", "process", "receivedcmd"})
_NUMBERS = frozenset({"$numberInt", "$numberLong", "$numberDouble", "$numberDecimal"})
_GENERATED = re.compile(
    r"\d+"
    r"|[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
    r"|[0-9a-fA-F]{2}([:-][0-9a-fA-F]{2}){5}"
    r"|\d{4}-\d\d-\d\d[T ]\d\d:\d\d.*"
)


class Form(StrEnum):
    """What stands at a path."""

    VALUE = "value"
    """A number, text, boolean or time; None for null and for what is not finite."""
    PLACE = "place"
    """A position; None where the device says that it has none."""
    LENGTH = "length"
    """The number of items of a list, or of keys of an object too wide to be read."""
    ELEMENT = "element"
    """One number of a short list."""
    BRANCH = "branch"
    """An object whose content follows; `items` holds it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaf:
    """One thing found in a payload; `items` is the list or object it stands for."""

    path: Path
    form: Form = Form.VALUE
    value: bool | int | float | str | datetime | Place | None = None
    items: Json = None


def flatten(
    payload: Mapping[str, Json], skipped: Collection[str] = REPLIES
) -> Iterator[Leaf]:
    """Walk a payload depth-first, without some of its root keys."""
    kept = {key: value for key, value in payload.items() if key not in skipped}
    if kept:
        yield from _object((), kept)


def pointer(path: Path) -> str:
    """A path as JSON Pointer (RFC 6901); the empty text for the root."""
    return "".join("/" + key.replace("~", "~0").replace("/", "~1") for key in path)


def _walk(path: Path, value: Json) -> Iterator[Leaf]:
    match value:
        case dict() if (leaf := _unwrapped(path, value)) is not None:
            yield leaf
        case dict():
            yield from _object(path, value)
        case list():
            yield from _list(path, value)
        case float() if not math.isfinite(value):
            yield Leaf(path=path)
        case str():
            yield Leaf(path=path, value=sound(value))
        case _:
            yield Leaf(path=path, value=value)


def _object(path: Path, content: dict[str, Json]) -> Iterator[Leaf]:
    if len(content) > MAX_WIDTH or _is_table(content):
        yield Leaf(path=path, form=Form.LENGTH, value=len(content), items=content)
        return
    used: frozenset[str] = frozenset()
    if (place := _place(path, content)) is not None:
        leaf, used = place
        if leaf is not None:
            yield leaf
    elif path:
        yield Leaf(path=path, form=Form.BRANCH, items=content)
    if len(path) == MAX_DEPTH:
        return
    for key, value in content.items():
        if key not in used:
            yield from _walk((*path, sound(key)), value)


def _list(path: Path, items: list[Json]) -> Iterator[Leaf]:
    yield Leaf(path=path, form=Form.LENGTH, value=len(items), items=items)
    if 1 <= len(items) <= MAX_ELEMENTS and len(path) < MAX_DEPTH:
        numbers = [number for item in items if (number := _number(item)) is not None]
        if len(numbers) == len(items):
            for index, number in enumerate(numbers):
                yield Leaf(path=(*path, str(index)), form=Form.ELEMENT, value=number)


def _unwrapped(path: Path, content: dict[str, Json]) -> Leaf | None:
    """A value in MongoDB's extended JSON, which looks like an object and is none."""
    if len(content) != 1:
        return None
    [(key, inner)] = content.items()
    if key == "$date":
        return Leaf(path=path, value=parse_date(content))
    if key == "$oid" and isinstance(inner, str):
        return Leaf(path=path, value=sound(inner))
    if key in _NUMBERS:
        return Leaf(path=path, value=_extended_number(inner))
    return None


def _extended_number(inner: Json) -> float | None:
    if isinstance(inner, str):
        try:
            inner = int(inner)
        except ValueError:
            try:
                inner = float(inner)
            except ValueError:
                return None
    return _number(inner)


def _place(
    path: Path, content: dict[str, Json]
) -> tuple[Leaf | None, frozenset[str]] | None:
    """A position, with the keys that it consumes; None if the object is none.

    0/0 means that there is no fix: the keys are consumed and nothing is reported.
    """
    found = _geojson(content) or _pair(content)
    if found is None:
        return None
    latitude, longitude, used = found
    if latitude is None or longitude is None:
        return Leaf(path=path, form=Form.PLACE, items=content), frozenset()
    if latitude == 0 and longitude == 0:
        return None, used
    accuracy, key = _accuracy(content)
    place = Place(latitude=latitude, longitude=longitude, accuracy=accuracy)
    return Leaf(path=path, form=Form.PLACE, value=place, items=content), used | key


def _geojson(
    content: dict[str, Json],
) -> tuple[float | None, float | None, frozenset[str]] | None:
    match content:
        case {"type": "Point", "coordinates": [longitude, latitude, *_]}:
            lat, lon = _degrees(latitude, 90), _degrees(longitude, 180)
            if lat is not None and lon is not None:
                return lat, lon, frozenset({"type", "coordinates"})
    return None


def _pair(
    content: dict[str, Json],
) -> tuple[float | None, float | None, frozenset[str]] | None:
    lat_key = next((key for key in content if key.lower() in _LATITUDES), None)
    lon_key = next((key for key in content if key.lower() in _LONGITUDES), None)
    if lat_key is None or lon_key is None:
        return None
    used = frozenset({lat_key, lon_key})
    if content[lat_key] is None and content[lon_key] is None:
        return None, None, used
    lat, lon = _degrees(content[lat_key], 90), _degrees(content[lon_key], 180)
    return None if lat is None or lon is None else (lat, lon, used)


def _accuracy(content: dict[str, Json]) -> tuple[float, frozenset[str]]:
    for key in _ACCURACIES:
        number = _number(content.get(key))
        if number is not None and 0 <= number < 1e9:
            return float(number), frozenset({key})
    return 0.0, frozenset()


def _degrees(value: Json, limit: float) -> float | None:
    number = _number(value)
    return float(number) if number is not None and -limit <= number <= limit else None


def _number(value: Json) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return value if isinstance(value, int) or math.isfinite(value) else None


def _is_table(content: dict[str, Json]) -> bool:
    """Whether the keys of an object are data and not names."""
    if len(content) < _GENERATED_FROM:
        return False
    return sum(map(_is_generated, content)) > len(content) / 2


def _is_generated(key: str) -> bool:
    if _GENERATED.fullmatch(key):
        return True
    try:
        ip_address(key)
    except ValueError:
        return False
    return True
