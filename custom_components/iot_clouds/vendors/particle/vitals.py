"""A device's vitals: how it is, and how well it is connected (reference 6)."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

from ...model import Category, Json, Kind, Point, Reading, Ref, Value
from .keys import BATTERY, VITALS
from .models import Fields, label
from .values import number

DIAGNOSTICS = "spark/device/diagnostics/update"

_HYSTERESIS = timedelta(minutes=1)
"""A start that seems to have moved by less was counted less exactly."""

type Parse = Callable[[Json], Value]


class Vital(NamedTuple):
    """One value of the payload: where it is, and the point that shows it."""

    paths: tuple[str, ...]
    point: Point
    parse: Parse = number


def _measure(
    key: str,
    label: str,
    unit: str | None = None,
    device_class: str | None = None,
    *,
    counts: bool = False,
    enabled: bool = False,
    digits: int | None = None,
) -> Point:
    return Point(
        key=f"{VITALS}{key}",
        kind=Kind.MEASURE,
        label=label,
        unit=unit,
        device_class=device_class,
        state_class="total_increasing" if counts else "measurement",
        digits=digits,
        category=Category.DIAGNOSTIC,
        enabled=enabled,
    )


def _text(key: str, label: str) -> Point:
    return Point(
        key=f"{VITALS}{key}",
        kind=Kind.TEXT,
        label=label,
        category=Category.DIAGNOSTIC,
        enabled=False,
    )


CHARGE = f"{VITALS}battery"
CHARGING = f"{VITALS}charging"
STARTED = f"{VITALS}started"
MEMORY = f"{VITALS}memory_used"

_SIGNAL = "device.network.signal"
_POWER = "device.power"

TABLE = (
    Vital(
        (f"{_SIGNAL}.strengthv",),
        _measure(
            "signal_strength", "signal_strength", "dBm", "signal_strength", digits=0
        ),
    ),
    Vital(
        (f"{_SIGNAL}.strength",),
        _measure("signal_percent", "signal_percent", "%", digits=0),
    ),
    Vital(
        (f"{_SIGNAL}.quality",),
        _measure("signal_quality", "signal_quality", "%", digits=0),
    ),
    Vital((f"{_SIGNAL}.at",), _text("technology", "access_technology"), label),
    Vital(("device.network.cellular.operator",), _text("operator", "operator"), label),
    Vital(
        ("device.network.cellular.radio_access_technology",),
        _text("radio", "radio_technology"),
        label,
    ),
    Vital(
        (f"{_POWER}.battery.charge",),
        _measure("battery", "battery", "%", "battery", enabled=True),
    ),
    Vital((f"{_POWER}.battery.state",), _text("battery_state", "battery_state"), label),
    Vital((f"{_POWER}.source",), _text("power_source", "power_source"), label),
    Vital(
        ("device.cloud.connection.disconnects", "device.cloud.disconnects"),
        _measure("disconnects", "cloud_disconnects", counts=True),
    ),
    Vital(
        ("device.cloud.coap.round_trip",),
        _measure("round_trip", "round_trip", "ms", "duration"),
    ),
    Vital(
        ("service.coap.round_trip",),
        _measure("service_round_trip", "service_round_trip", "ms", "duration"),
    ),
    Vital(
        ("device.cloud.publish.rate_limited",),
        _measure("rate_limited", "rate_limited", counts=True),
    ),
    Vital(
        ("device.cloud.coap.unack",),
        _measure("unacknowledged", "unacknowledged", counts=True),
    ),
)
_DERIVED = (
    Point(
        key=CHARGING,
        kind=Kind.FLAG,
        label="charging",
        device_class="battery_charging",
        category=Category.DIAGNOSTIC,
    ),
    Point(
        key=STARTED,
        kind=Kind.MEASURE,
        label="started",
        device_class="uptime",
        category=Category.DIAGNOSTIC,
        enabled=False,
    ),
    _measure("memory_used", "memory_used", "%"),
)
POINTS = {point.key: point for point in (*(each.point for each in TABLE), *_DERIVED)}


def readings(
    device_id: str,
    payload: Fields,
    at: datetime,
    *,
    tracker: bool,
    known: Callable[[Ref], Value],
) -> Mapping[Ref, Reading]:
    """All vitals of a payload; any of them may be an error, and is unknown then.

    A Tracker's battery is the one that its position reports tell of, too.
    """
    found: dict[str, Value] = {}
    for vital in TABLE:
        for path in vital.paths:
            if (leaf := _at(payload, path)) is not None:
                found[vital.point.key] = vital.parse(leaf)
                break
    found.update(_derived(device_id, payload, at, known))
    if tracker and CHARGE in found:
        charge = found.pop(CHARGE)
        if charge is not None:
            found[BATTERY] = charge
    return {
        Ref(device_id, key): Reading(value=value, at=at) for key, value in found.items()
    }


def _derived(
    device_id: str, payload: Fields, at: datetime, known: Callable[[Ref], Value]
) -> Iterator[tuple[str, Value]]:
    if (state := _at(payload, f"{_POWER}.battery.state")) is not None:
        told = label(state)
        yield CHARGING, None if told in {None, "unknown"} else told == "charging"
    if (uptime := _at(payload, "device.system.uptime")) is not None:
        yield STARTED, _started(uptime, at, known(Ref(device_id, STARTED)))
    if isinstance(memory := _at(payload, "device.system.memory"), dict):
        used, total = number(memory.get("used")), number(memory.get("total"))
        share = 100 * used / total if total and used is not None else None
        finite = number(share)
        yield MEMORY, None if finite is None else round(finite, 1)


def _started(uptime: Json, at: datetime, before: Value) -> datetime | None:
    seconds = number(uptime)
    if seconds is None or not 0 <= seconds < 1e10:
        return None
    started = (at - timedelta(seconds=seconds)).replace(microsecond=0)
    if isinstance(before, datetime) and abs(started - before) < _HYSTERESIS:
        return before
    return started


def _at(payload: Fields, path: str) -> Json:
    place: Json = dict(payload)
    for part in path.split("."):
        if not isinstance(place, dict):
            return None
        place = place.get(part)
    return place
