"""A board with one control of each kind, for the platforms that the shed does not need."""

from datetime import datetime

from custom_components.iot_clouds.model import (
    Device,
    Kind,
    Light,
    Playback,
    Player,
    Point,
    Reading,
    Ref,
    Repeat,
    Schedule,
    Value,
)

from .fake import NOON, reading

LEVEL = Ref("panel-1", "variable/level")
COUNT = Ref("panel-1", "variable/count")
NAME = Ref("panel-1", "variable/name")
BULB = Ref("panel-1", "variable/bulb")
DIMMER = Ref("panel-1", "variable/dimmer")
LAMP = Ref("panel-1", "variable/lamp")
SCREEN = Ref("panel-1", "variable/screen")
ALARM = Ref("panel-1", "variable/alarm")
CLOCK = Ref("panel-1", "variable/clock")
SEEN = Ref("panel-1", "variable/seen")
WATERING = Ref("panel-1", "variable/watering")


def _point(key: str, kind: Kind, **more) -> Point:
    return Point(
        key=f"variable/{key}",
        kind=kind,
        name=key.capitalize(),
        **{"writable": True, **more},
    )


POINTS = (
    _point(
        "level",
        Kind.LEVEL,
        unit="°C",
        device_class="temperature",
        minimum=5,
        maximum=30,
        step=0.5,
    ),
    _point("count", Kind.LEVEL, minimum=0, maximum=65535, step=1),
    _point("name", Kind.ENTRY),
    _point("bulb", Kind.LIGHT),
    _point("dimmer", Kind.LIGHT, dims=True),
    _point("lamp", Kind.LIGHT, dims=True, colours=True),
    _point("screen", Kind.PLAYER, options=("hdmi1", "hdmi2", "tv")),
    _point("alarm", Kind.MOMENT),
    _point("clock", Kind.MOMENT, timezone="Europe/Rome"),
    _point("seen", Kind.MEASURE, device_class="timestamp", writable=False),
    _point("watering", Kind.SCHEDULE),
)

# 20 November 2026, noon in UTC, is a Friday, 13:00 in Rome.
ON_FRIDAYS = Schedule(
    start=datetime(2026, 11, 2, 12, 30),
    duration=3599,
    repeat=Repeat.WEEKLY,
    weekdays=frozenset({4}),
    timezone="Europe/Rome",
)


def panel(**changes) -> Device:
    """The board."""
    given = {
        "id": "panel-1",
        "name": "Panel",
        "online": True,
        "points": {point.key: point for point in POINTS},
    }
    return Device(**{**given, **changes})


def panel_values(seconds: float = 0) -> dict[Ref, Reading]:
    """A reading for each of its points."""
    known: dict[Ref, Value] = {
        LEVEL: 21.5,
        COUNT: 7,
        NAME: "kitchen",
        BULB: Light(on=False),
        DIMMER: Light(on=True, brightness=75),
        LAMP: Light(on=True, brightness=50, hue=210.5, saturation=80),
        SCREEN: Player(
            on=True,
            volume=50,
            muted=False,
            playback=Playback.PLAY,
            source="hdmi1",
            channel=7,
        ),
        ALARM: NOON,
        # 06:30:00 on the wall in Rome, which is 05:30 in UTC.
        CLOCK: 1795156200,
        SEEN: NOON,
        WATERING: ON_FRIDAYS,
    }
    return {ref: reading(value, seconds) for ref, value in known.items()}
