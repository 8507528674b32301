"""Keeps what is only assumed across restarts: nobody will report it afterwards."""

from collections.abc import Mapping
from dataclasses import asdict, is_dataclass
from datetime import datetime
from typing import Any

from .assumed import fits
from .model import Fan, Kind, Latch, Light, Opening, Point, Reading, Value

_PARTS: Mapping[Kind, type[Light | Opening | Latch | Fan]] = {
    Kind.LIGHT: Light,
    Kind.COVER: Opening,
    Kind.VALVE: Opening,
    Kind.LOCK: Latch,
    Kind.FAN: Fan,
}


def packed(reading: Reading) -> dict[str, Any]:
    """The reading as it is stored."""
    value = reading.value
    parts = asdict(value) if is_dataclass(value) else value
    return {"value": parts, "at": reading.at.isoformat()}


def unpacked(point: Point, stored: Mapping[str, Any]) -> Reading | None:
    """The reading that was stored; None if it is none of the point as it is now."""
    try:
        value: Value = stored["value"]
        if parts := _PARTS.get(point.kind):
            value = parts(**stored["value"])
        at = datetime.fromisoformat(stored["at"])
    except KeyError, TypeError, ValueError:
        return None
    if not fits(point.kind, value):
        return None
    return Reading(value=value, at=at, assumed=True)
