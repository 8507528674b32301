"""A house of things that move: one of each way in which they can be told what to do."""

from dataclasses import replace

from custom_components.iot_clouds.model import (
    Device,
    Fan,
    Kind,
    Latch,
    Opening,
    Point,
    Reading,
    Ref,
    Value,
    Verb,
)

from .fake import reading

GARAGE = Ref("house-1", "own/garage")
BLIND = Ref("house-1", "own/blind")
AWNING = Ref("house-1", "own/awning")
TAP = Ref("house-1", "own/tap")
MIXER = Ref("house-1", "own/mixer")
HEATER = Ref("house-1", "own/heater")
DOOR = Ref("house-1", "own/door")
OPENER = Ref("house-1", "own/opener")
VENT = Ref("house-1", "own/vent")
ROOF = Ref("house-1", "own/roof")
PUMP = Ref("house-1", "own/pump")

ENTITIES = {
    GARAGE: "cover.house_garage",
    BLIND: "cover.house_blind",
    AWNING: "cover.house_awning",
    TAP: "valve.house_tap",
    MIXER: "valve.house_mixer",
    HEATER: "valve.house_heater",
    DOOR: "lock.house_door",
    OPENER: "lock.house_opener",
    VENT: "fan.house_vent",
    ROOF: "fan.house_roof",
    PUMP: "fan.house_pump",
}


def _point(ref: Ref, kind: Kind, *verbs: Verb, **more) -> Point:
    name = ref.key.removeprefix("own/").capitalize()
    return Point(key=ref.key, kind=kind, name=name, verbs=verbs, **more)


POINTS = (
    _point(GARAGE, Kind.COVER, Verb.OPEN, Verb.CLOSE, Verb.STOP, device_class="garage"),
    _point(BLIND, Kind.COVER, Verb.SET_POSITION, device_class="blind"),
    _point(AWNING, Kind.COVER, Verb.OPEN, Verb.CLOSE, Verb.STOP, Verb.SET_POSITION),
    _point(TAP, Kind.VALVE, Verb.OPEN, Verb.CLOSE, device_class="water"),
    _point(MIXER, Kind.VALVE, Verb.OPEN, Verb.CLOSE, Verb.STOP, Verb.SET_POSITION),
    _point(HEATER, Kind.VALVE, Verb.SET_POSITION, device_class="gas"),
    _point(DOOR, Kind.LOCK, Verb.LOCK, Verb.UNLOCK, Verb.UNLATCH),
    _point(OPENER, Kind.LOCK, Verb.UNLOCK),
    _point(VENT, Kind.FAN, Verb.ON, Verb.OFF),
    _point(ROOF, Kind.FAN, Verb.ON, Verb.OFF, Verb.SET_SPEED),
    _point(PUMP, Kind.FAN, Verb.SET_SPEED, step=25),
)


def house(*, assumed: bool = False) -> Device:
    """The house; `assumed` where nothing reports how its things are."""
    points = [replace(point, assumed=assumed) for point in POINTS]
    return Device(
        id="house-1",
        name="House",
        online=True,
        points={point.key: point for point in points},
    )


def house_values() -> dict[Ref, Reading]:
    """A reading for each of its points."""
    known: dict[Ref, Value] = {
        GARAGE: Opening(closed=True),
        BLIND: Opening(position=40),
        AWNING: Opening(position=0),
        TAP: Opening(closed=False),
        MIXER: Opening(position=30.4),
        HEATER: Opening(position=100),
        DOOR: Latch(locked=True),
        OPENER: Latch(locked=False),
        VENT: Fan(on=False),
        ROOF: Fan(on=True, speed=40),
        PUMP: Fan(on=False, speed=75),
    }
    return {ref: reading(value) for ref, value in known.items()}
