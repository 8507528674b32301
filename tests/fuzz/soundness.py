"""What must hold for whatever a decoder made of its input."""

from collections.abc import Iterable, Mapping
from dataclasses import fields, is_dataclass
from datetime import datetime
from enum import Enum

import orjson

from custom_components.iot_clouds.model import (
    CloudError,
    Device,
    Event,
    Json,
    Point,
    Reading,
    Update,
)

LONGEST_STATE = 255
LONGEST_NAME = 255
LONGEST_ATTRIBUTES = 64 * 1024
"""Bytes of the attributes of one state, as JSON."""

ALLOWED = (ValueError, CloudError)
"""What decoders say they raise: `BadDefinition`, `BadSheet` and the like are values."""


class UnsoundError(AssertionError):
    """A decoder accepted its input and made something of it that harms others."""


def check(made: object) -> None:
    """Look at everything that goes to Home Assistant.

    Raises:
        UnsoundError: it could not be stored, shown or counted with.
    """
    match made:
        case Update():
            for reading in made.readings.values():
                _reading(reading)
            for event in made.events:
                _event(event)
            if made.sent is not None:
                _moment(made.sent)
        case Reading():
            _reading(made)
        case Event():
            _event(made)
        case Device():
            _device(made)
        case str() | bytes() | Enum():
            pass
        case Mapping():
            for each in made.values():
                check(each)
        case Iterable():
            for each in made:
                check(each)


def storable(value: Json, limit: int = 64 << 20) -> None:
    """Make sure that Home Assistant's own encoder takes a value."""
    try:
        written = orjson.dumps(value)
    except TypeError as err:
        raise UnsoundError(f"cannot be stored: {err}") from None
    if len(written) > limit:
        raise UnsoundError(f"{len(written)} bytes of JSON")


def _reading(reading: Reading) -> None:
    _moment(reading.at)
    if reading.attributes is not None:
        storable(dict(reading.attributes), LONGEST_ATTRIBUTES)
    _value(reading.value)


def _value(value: object) -> None:
    if isinstance(value, datetime):
        # Home Assistant shows moments in UTC; schedules have times of the wall.
        if value.tzinfo is not None:
            _moment(value)
    elif isinstance(value, str) and not isinstance(value, Enum):
        _text(value, LONGEST_STATE)
    elif isinstance(value, int | float):
        storable(value if isinstance(value, float) else str(value), 400)
    elif is_dataclass(value) and not isinstance(value, type):
        for field in fields(value):
            part = getattr(value, field.name)
            if field.name == "notes" and isinstance(part, str):
                _text(part, LONGEST_ATTRIBUTES)
            else:
                _value(part)


def _event(event: Event) -> None:
    _moment(event.at)
    _text(event.name, LONGEST_NAME)
    storable(event.data)


def _device(device: Device) -> None:
    for text in (
        device.name,
        device.model,
        device.serial,
        device.mac,
        device.sw_version,
        device.area,
    ):
        if text is not None:
            _text(text, LONGEST_NAME)
    for point in device.points.values():
        _point(point)


def _point(point: Point) -> None:
    for text in (point.name, point.of, point.unit, point.timezone):
        if text is not None:
            _text(text, LONGEST_NAME)
    _text(point.key, 1024)


def _text(text: str, longest: int) -> None:
    if len(text) > longest:
        raise UnsoundError(f"a text of {len(text)} characters")
    if "\0" in text:
        raise UnsoundError("a text with NUL")
    try:
        text.encode()
    except UnicodeEncodeError:
        raise UnsoundError("a text with half a character") from None


def _moment(moment: datetime) -> None:
    if moment.tzinfo is None:
        raise UnsoundError("a time without a zone")
    if not 2 < moment.year < 9999:
        raise UnsoundError("a time at the end of time")
