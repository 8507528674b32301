"""Finds positions in payloads, however their parts are called."""

from ..model import Json, Place
from .names import tokens
from .words import number

_LATITUDES = frozenset({"lat", "latitude"})
_LONGITUDES = frozenset({"lon", "lng", "long", "longitude"})
_ACCURACIES = ("accuracy", "acc", "hacc", "h_acc", "haccuracy", "horizontal_accuracy")
_LARGEST_ACCURACY = 1e7


def place(value: Json) -> Place | None:
    """The position that an object, a list or a text tells; None if it tells none.

    An object has a latitude and a longitude, or is a point of GeoJSON; a list has the
    latitude first. 0/0 is what receivers send that have no position yet.
    """
    match value:
        case {"type": "Point", "coordinates": [longitude, latitude, *_]}:
            return _made(latitude, longitude)
        case dict():
            keys = coordinates(value)
            if keys is None:
                return None
            return _made(value[keys[0]], value[keys[1]], _accuracy(value))
        case [latitude, longitude, *_]:
            return _made(latitude, longitude)
        case str():
            latitude, comma, longitude = value.partition(",")
            return _made(latitude, longitude) if comma else None
    return None


def is_place(content: dict[str, Json]) -> bool:
    """Whether an object is a position, be it known now or not."""
    match content:
        case {"type": "Point", "coordinates": [_, _, *_]}:
            return True
    keys = coordinates(content)
    return keys is not None and None not in {
        _degrees(content[keys[0]], 90),
        _degrees(content[keys[1]], 180),
    }


def coordinates(content: dict[str, Json]) -> tuple[str, str] | None:
    """The keys of an object's latitude and longitude."""
    latitudes: dict[tuple[str, ...], str] = {}
    longitudes: dict[tuple[str, ...], str] = {}
    for key in content:
        words = tokens(key)
        if words and words[-1] in _LATITUDES:
            latitudes.setdefault(words[:-1], key)
        elif words and words[-1] in _LONGITUDES:
            longitudes.setdefault(words[:-1], key)
    for prefix, latitude in latitudes.items():
        if prefix in longitudes:
            return latitude, longitudes[prefix]
    return None


def _made(latitude: Json, longitude: Json, accuracy: float = 0.0) -> Place | None:
    north, east = _degrees(latitude, 90), _degrees(longitude, 180)
    if north is None or east is None or north == east == 0:
        return None
    return Place(latitude=north, longitude=east, accuracy=accuracy)


def _accuracy(content: dict[str, Json]) -> float:
    """Metres; 0 where the device does not tell."""
    for key in _ACCURACIES:
        found = _number(content.get(key))
        if found is not None and 0 <= found <= _LARGEST_ACCURACY:
            return found
    return 0.0


def _degrees(value: Json, limit: float) -> float | None:
    found = _number(value)
    return found if found is not None and -limit <= found <= limit else None


def _number(value: Json) -> float | None:
    if isinstance(value, str):
        value = number(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value)
