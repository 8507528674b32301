"""How the value of one property is shown: by one point, or by several."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

from ...model import Json, Light, Reading, Ref, Value
from .lights import hex_of, light_of
from .models import Property, Thing
from .property_types import UNKNOWN, PropertyType, Role, Shape, property_type
from .schedule import schedule_of
from .television import player_of, source_of
from .values import (
    SCALARS,
    is_unset,
    place_of,
    read_bool,
    read_object,
    reading,
    text_reading,
)

SWITCH = "switch"
"""The part under which a sensed boolean can be written."""

type Readings = list[tuple[Ref, Reading]]


def key(property_id: str, part: str | None = None) -> str:
    """The point that shows a property, or a part of it: it stays through renames."""
    return f"property/{property_id}/{part}" if part else f"property/{property_id}"


def parts_of(kind: PropertyType, *, writable: bool) -> tuple[str, ...]:
    """The parts that have points of their own beside the main one (reference 3.4)."""
    if kind.sensed and writable:
        return (SWITCH,)
    if writable:
        return ()
    if kind.role is Role.LIGHT and kind.shape is Shape.OBJECT:
        return ("bri",)
    return ("vol", "cha", "inp") if kind.role is Role.PLAYER else ()


class View(NamedTuple):
    """A property with the addresses of what shows it.

    `scalar` reads a value that a single point shows as it is; without one `readings`
    or `composed` has to.
    """

    prop: Property
    kind: PropertyType
    timezone: str
    ref: Ref
    extras: tuple[Ref, ...]
    scalar: Callable[[object], Value] | None

    @classmethod
    def of(cls, thing: Thing, prop: Property) -> View:
        """The view of a property; one of an unknown type may hold anything."""
        kind = property_type(prop.type) or UNKNOWN
        parts = parts_of(kind, writable=prop.writable)
        return cls(
            prop=prop,
            kind=kind,
            timezone=thing.timezone,
            ref=Ref(thing.id, key(prop.id)),
            extras=tuple(Ref(thing.id, key(prop.id, part)) for part in parts),
            scalar=None if parts else _scalar(kind, writable=prop.writable),
        )

    def anew(self, told: Readings, started: datetime) -> Readings:
        """What is known of a property that is of another type now: only what is told.

        Nothing else that was read of it before a listing `started` is of this type.
        """
        now = dict.fromkeys((self.ref, *self.extras), Reading(value=None, at=started))
        now |= {ref: replace(each, at=started) for ref, each in told}
        return [*now.items()]

    def readings(self, raw: object, at: datetime, level: float | None) -> Readings:
        """What a value says; nothing if it is no news.

        Raises:
            ValueError: the value is not of the property's type.
        """
        if is_unset(raw):
            unknown = Reading(value=None, at=at)
            return [(ref, unknown) for ref in (self.ref, *self.extras)]
        if self.kind.attributes:
            return self.composed(read_object(self.kind, raw), at, level)
        if self.scalar:
            return [(self.ref, Reading(value=self.scalar(raw), at=at))]
        shown = reading(self.kind, raw, at)
        return [(ref, shown) for ref in (self.ref, *self.extras)]

    def composed(
        self, parts: Mapping[str, Json], at: datetime, level: float | None
    ) -> Readings:
        """What the parts of a composite value say together.

        `level` is the last brightness of a lamp that was not 0.
        """
        if self.kind.shape is Shape.PLACE:
            place = place_of(parts)
            return [(self.ref, Reading(value=place, at=at))] if place else []
        match self.kind.role:
            case Role.LIGHT | Role.COLOUR:
                return self._light(parts, at, level)
            case Role.PLAYER:
                return self._player(parts, at)
            case Role.SCHEDULE:
                value = schedule_of(parts, self.timezone)
                return [(self.ref, Reading(value=value, at=at, attributes=parts))]
        return [(self.ref, text_reading(parts, at))]

    def _light(
        self, parts: Mapping[str, Json], at: datetime, level: float | None
    ) -> Readings:
        if self.prop.writable:
            light = light_of(self.kind, parts, level)
            return [(self.ref, Reading(value=light, at=at))]
        if self.kind.role is Role.COLOUR:
            colour = Reading(value=hex_of(parts), at=at, attributes=parts)
            return [(self.ref, colour)]
        hue = {name: parts[name] for name in ("hue", "sat") if name in parts}
        on = Reading(value=_scalar_of(parts, "swi"), at=at, attributes=hue or None)
        brightness = Reading(value=_scalar_of(parts, "bri"), at=at)
        return [(self.ref, on), (self.extras[0], brightness)]

    def _player(self, parts: Mapping[str, Json], at: datetime) -> Readings:
        if self.prop.writable:
            return [(self.ref, Reading(value=player_of(parts), at=at))]
        values = (
            _scalar_of(parts, "swi"),
            _scalar_of(parts, "vol"),
            _scalar_of(parts, "cha"),
            source_of(parts),
        )
        return [
            (ref, Reading(value=value, at=at))
            for ref, value in zip((self.ref, *self.extras), values, strict=True)
        ]


def _scalar(kind: PropertyType, *, writable: bool) -> Callable[[object], Value] | None:
    if kind.role is Role.LIGHT and kind.shape is Shape.BOOL and writable:
        return _read_lamp
    return SCALARS.get(kind.shape)


def _read_lamp(raw: object) -> Light | None:
    on = read_bool(raw)
    return None if on is None else Light(on=on)


def _scalar_of(parts: Mapping[str, Json], name: str) -> bool | int | float | None:
    value = parts.get(name)
    return value if isinstance(value, bool | int | float) else None
