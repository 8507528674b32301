"""Which points a device has besides its variables: some always, some once they were seen."""

from collections.abc import Iterable, Iterator

from ...model import Category, Kind, Point
from . import settings, sims, vitals
from .keys import (
    ALTITUDE,
    BLOCKED,
    DEVICE_OS,
    EVENTS,
    FIRMWARE,
    FUNCTION,
    GROUPS,
    HEADING,
    INPUT,
    LAST_FIX,
    LAST_RESET,
    LOCATE,
    MODBUS,
    PING,
    REFRESH_VITALS,
    SAFE_MODE,
    SATELLITES,
    SIGNAL_OFF,
    SIGNAL_ON,
    SPEED,
    ZONE,
)
from .models import Board, Definition
from .translate import tracks


def _measure(
    key: str, label: str, unit: str, device_class: str, digits: int | None = None
) -> Point:
    return Point(
        key=key,
        kind=Kind.MEASURE,
        label=label,
        unit=unit,
        device_class=device_class,
        state_class="measurement",
        digits=digits,
    )


def _text(key: str, label: str, *, enabled: bool = True) -> Point:
    return Point(
        key=key,
        kind=Kind.TEXT,
        label=label,
        category=Category.DIAGNOSTIC,
        enabled=enabled,
    )


def _problem(key: str, label: str) -> Point:
    return Point(
        key=key,
        kind=Kind.FLAG,
        label=label,
        device_class="problem",
        category=Category.DIAGNOSTIC,
    )


def _action(key: str, label: str, device_class: str | None = None) -> Point:
    return Point(
        key=key,
        kind=Kind.ACTION,
        label=label,
        device_class=device_class,
        category=Category.DIAGNOSTIC,
    )


def _flag(key: str, label: str, device_class: str | None = None) -> Point:
    return Point(key=key, kind=Kind.FLAG, label=label, device_class=device_class)


_ALWAYS = (
    Point(key=EVENTS, kind=Kind.MESSAGE, label="published_event"),
    _action(PING, "ping"),
    _action(SIGNAL_ON, "signal", "identify"),
    _action(SIGNAL_OFF, "signal_stop"),
    _action(REFRESH_VITALS, "refresh_vitals"),
)
_LOCATE = Point(key=LOCATE, kind=Kind.ACTION, label="locate")

_SEEN = {
    point.key: point
    for point in (
        _measure(SPEED, "speed", "m/s", "speed", digits=1),
        _measure(ALTITUDE, "altitude", "m", "distance", digits=0),
        Point(
            key=HEADING,
            kind=Kind.MEASURE,
            label="heading",
            unit="°",
            state_class="measurement_angle",
            digits=0,
        ),
        Point(
            key=SATELLITES,
            kind=Kind.MEASURE,
            label="satellites",
            state_class="measurement",
            category=Category.DIAGNOSTIC,
            enabled=False,
        ),
        Point(
            key=LAST_FIX,
            kind=Kind.MEASURE,
            label="last_fix",
            device_class="timestamp",
            category=Category.DIAGNOSTIC,
        ),
        _measure(f"{INPUT}io_v", "input_voltage", "V", "voltage"),
        # A loop of 4 to 20 mA, told in amperes.
        _measure(f"{INPUT}io_a", "input_current", "A", "current", digits=5),
        _flag(f"{INPUT}io_in", "digital_input"),
        _problem(f"{INPUT}io_vlow", "voltage_low"),
        _problem(f"{INPUT}io_vhigh", "voltage_high"),
        _problem(f"{INPUT}io_alow", "current_low"),
        _problem(f"{INPUT}io_ahigh", "current_high"),
        _problem(f"{INPUT}io_afltlow", "current_fault_low"),
        _problem(f"{INPUT}io_aflthigh", "current_fault_high"),
        _flag(f"{ZONE}1", "zone_1", "presence"),
        _flag(f"{ZONE}2", "zone_2", "presence"),
        _flag(f"{ZONE}3", "zone_3", "presence"),
        _flag(f"{ZONE}4", "zone_4", "presence"),
        _problem(SAFE_MODE, "safe_mode"),
        _text(LAST_RESET, "last_reset"),
        _text(DEVICE_OS, "device_os", enabled=False),
        _problem(BLOCKED, "blocked"),
        _text(GROUPS, "groups"),
        Point(key=FIRMWARE, kind=Kind.FIRMWARE, label="firmware"),
    )
}
TABLE = {**_SEEN, **vitals.POINTS, **settings.POINTS, **sims.POINTS}


def points(
    board: Board, definition: Definition, seen: Iterable[str]
) -> Iterator[Point]:
    """Everything but variables; `seen` are keys of which there was ever a reading."""
    yield from _ALWAYS
    if tracks(board):
        yield _LOCATE
    for name in definition.functions or ():
        yield Point(key=f"{FUNCTION}{name}", kind=Kind.ACTION, name=name, enabled=False)
    for key in sorted(seen):
        if point := TABLE.get(key):
            yield point
        elif key.startswith(MODBUS):
            yield Point(
                key=key,
                kind=Kind.MEASURE,
                name=key.removeprefix(MODBUS),
                state_class="measurement",
            )


def is_point(key: str) -> bool:
    """Whether a reading with this key makes a point that was not there before."""
    return key in TABLE or key.startswith(MODBUS)
