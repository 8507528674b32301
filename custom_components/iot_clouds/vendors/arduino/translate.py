"""Things as devices, and their properties as points (reference 3.4)."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
import math

from ...model import Category, Device, Kind, Point, Reading, Ref
from .models import Board, Property, Thing
from .property_types import UNKNOWN, PropertyType, Role, Shape, property_type
from .television import SOURCES
from .views import key, parts_of

CONSOLE = "https://app.arduino.cc"
LORA_TYPES = frozenset({"mkrwan1300", "mkrwan1310", "lora-device"})

LARGEST_FLOAT = 1e9
"""Limit of a number without limits (reference 3.4, rule 1)."""

WIDEST_FLOAT = 1e15
"""Largest limit that a user's can be: farther out, fractions and units get lost."""

NARROWEST = 1e-9
"""A range that is smaller than this cannot be set."""

FINEST_STEP = 0.01

LAST_ACTIVITY = Point(
    key="board/last_activity",
    kind=Kind.MEASURE,
    label="last_activity",
    device_class="timestamp",
    category=Category.DIAGNOSTIC,
)
WIFI_FIRMWARE = Point(
    key="board/wifi_firmware",
    kind=Kind.TEXT,
    label="wifi_firmware",
    category=Category.DIAGNOSTIC,
    enabled=False,
)

_PARTS = {
    "switch": Point(
        key="", kind=Kind.TOGGLE, label="control", writable=True, enabled=False
    ),
    "bri": Point(
        key="",
        kind=Kind.MEASURE,
        label="brightness",
        unit="%",
        state_class="measurement",
        digits=0,
    ),
    "vol": Point(
        key="",
        kind=Kind.MEASURE,
        label="volume",
        unit="%",
        state_class="measurement",
        digits=0,
        enabled=False,
    ),
    "cha": Point(key="", kind=Kind.MEASURE, label="channel", enabled=False),
    "inp": Point(key="", kind=Kind.TEXT, label="source", enabled=False),
}
"""Points of parts, without what they have from their property."""

_OBSERVED = {
    Shape.BOOL: Kind.FLAG,
    Shape.INT: Kind.MEASURE,
    Shape.FLOAT: Kind.MEASURE,
    Shape.STRING: Kind.TEXT,
    Shape.PLACE: Kind.PLACE,
    Shape.OBJECT: Kind.TEXT,
    Shape.OPAQUE: Kind.TEXT,
}
_WRITTEN = {
    **_OBSERVED,
    Shape.BOOL: Kind.TOGGLE,
    Shape.INT: Kind.LEVEL,
    Shape.FLOAT: Kind.LEVEL,
    Shape.STRING: Kind.ENTRY,
}
_OBSERVED_ROLES = {
    Role.LIGHT: Kind.FLAG,
    Role.PLAYER: Kind.FLAG,
    Role.SCHEDULE: Kind.SCHEDULE,
}
_WRITTEN_ROLES = {
    Role.LIGHT: Kind.LIGHT,
    Role.COLOUR: Kind.LIGHT,
    Role.PLAYER: Kind.PLAYER,
    Role.SCHEDULE: Kind.SCHEDULE,
}


def device(
    thing: Thing,
    board: Board | None,
    units: Mapping[str, str] | None = None,
    *,
    console: str | None = CONSOLE,
) -> Device:
    """A thing as a device, with what is known of the board that it is bound to.

    `units` are those of the types that carry none in their name. `console` is None for
    a cloud that is not the vendor's own.
    """
    board_type = (board and board.type) or thing.board_type
    sleeps = _sleeps(board, board_type)
    points = [
        point
        for prop in thing.properties
        for point in _points(prop, thing.timezone, units or {})
    ]
    if board:
        points += _board_points(board)
    return Device(
        id=thing.id,
        name=thing.name,
        # The cloud cannot tell of LoRa boards, whatever it says (reference 2.7).
        online=board.online if board and not sleeps else None,
        sleeps=sleeps,
        model=(board and board.label) or board_type,
        model_id=board_type,
        serial=board.serial if board else None,
        sw_version=board.lib_version if board else None,
        url=f"{console}/things/{thing.id}" if console else None,
        area=thing.area or (board.area if board else None),
        points={point.key: point for point in points},
    )


def board_readings(thing: Thing, board: Board, at: datetime) -> dict[Ref, Reading]:
    """What is known of the board itself."""
    values = {LAST_ACTIVITY: board.last_activity, WIFI_FIRMWARE: board.wifi_firmware}
    return {
        Ref(thing.id, point.key): Reading(value=values[point], at=at)
        for point in _board_points(board)
    }


def _board_points(board: Board) -> list[Point]:
    known = {LAST_ACTIVITY: board.last_activity, WIFI_FIRMWARE: board.wifi_firmware}
    return [point for point, value in known.items() if value is not None]


def _sleeps(board: Board | None, board_type: str | None) -> bool:
    """LoRa boards speak when they have something to say."""
    return (board is not None and board.connection == "lora") or (
        board_type in LORA_TYPES
    )


def _points(prop: Property, timezone: str, units: Mapping[str, str]) -> Iterator[Point]:
    """The main point of a property, and those that show parts of it."""
    kind = property_type(prop.type) or UNKNOWN
    shown = _kind(kind, writable=prop.writable)
    point = Point(
        key=key(prop.id),
        kind=shown,
        name=prop.name,
        writable=prop.writable,
        unit=units.get(prop.type, kind.unit),
        device_class=kind.device_class,
        state_class=kind.state_class if shown is Kind.MEASURE else None,
        period=prop.period,
        timezone=timezone if kind.role in {Role.CLOCK, Role.SCHEDULE} else None,
    )
    yield _completed(point, prop, kind)
    for part in parts_of(kind, writable=prop.writable):
        yield _part(part, prop)


def _kind(kind: PropertyType, *, writable: bool) -> Kind:
    if not writable or kind.sensed:
        return _OBSERVED_ROLES.get(kind.role, _OBSERVED[kind.shape])
    return _WRITTEN_ROLES.get(kind.role, _WRITTEN[kind.shape])


def _completed(point: Point, prop: Property, kind: PropertyType) -> Point:
    """Add what only points of this kind have."""
    match point.kind:
        case Kind.LEVEL:
            low, high = _limits(prop, kind)
            step = _step(kind, high - low)
            return replace(point, minimum=low, maximum=high, step=step)
        case Kind.TOGGLE:
            return replace(point, device_class=kind.toggle_class)
        case Kind.LIGHT:
            parts = {attribute.name for attribute in kind.attributes}
            return replace(
                point, device_class=None, dims="bri" in parts, colours="hue" in parts
            )
        case Kind.PLAYER:
            return replace(point, device_class="tv", options=SOURCES)
    return point


def _limits(prop: Property, kind: PropertyType) -> tuple[float, float]:
    """What the user set, as far as the type can be that, else what the type can be."""
    if prop.minimum is not None and prop.maximum is not None:
        ends = -WIDEST_FLOAT, WIDEST_FLOAT
        least, most = (kind.low, kind.high) if kind.shape is Shape.INT else ends
        low, high = max(prop.minimum, least), min(prop.maximum, most)
        if high - low >= NARROWEST:
            return low, high
    if kind.unit == "%":
        return 0, 100
    if kind.shape is Shape.INT:
        return kind.low, kind.high
    return -LARGEST_FLOAT, LARGEST_FLOAT


def _step(kind: PropertyType, span: float) -> float:
    """Whole numbers, or fine enough to set a narrow range."""
    if kind.shape is Shape.INT:
        return 1
    return min(FINEST_STEP, 10.0 ** (math.floor(math.log10(span)) - 2))


def _part(part: str, prop: Property) -> Point:
    """A point that shows one part of a composite value, or writes a sensed boolean."""
    return replace(
        _PARTS[part], key=key(prop.id, part), of=prop.name, period=prop.period
    )
