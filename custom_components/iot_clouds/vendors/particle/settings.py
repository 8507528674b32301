"""A Tracker's settings as numbers and choices (reference 7.3, 7.5)."""

from collections.abc import Mapping
from datetime import datetime

from ...model import (
    Category,
    CloudMissing,
    CloudRejected,
    CloudUnreachable,
    Json,
    Kind,
    Point,
    Reading,
    Ref,
    Writable,
)
from .keys import SETTING
from .models import Fields
from .reports import Configuration, Reports
from .values import number

CFG = "cfg"
"""Event with the settings of a device as they are (7.3)."""


def _level(path: str, label: str, unit: str, device_class: str, most: int) -> Point:
    return Point(
        key=f"{SETTING}{path}",
        kind=Kind.LEVEL,
        label=label,
        writable=True,
        unit=unit,
        device_class=device_class,
        minimum=0,
        maximum=most,
        step=1,
        category=Category.CONFIG,
    )


def _choice(path: str, label: str, *options: str) -> Point:
    return Point(
        key=f"{SETTING}{path}",
        kind=Kind.CHOICE,
        label=label,
        writable=True,
        options=options,
        category=Category.CONFIG,
    )


_TABLE = (
    _level("location.interval_min", "interval_min", "s", "duration", 86_400),
    _level("location.interval_max", "interval_max", "s", "duration", 86_400),
    _level("location.radius", "radius", "m", "distance", 1_000_000),
    _choice("imu_trig.motion", "motion", "disable", "low", "medium", "high"),
    _choice("imu_trig.high_g", "high_g", "disable", "enable"),
)
POINTS = {point.key: point for point in _TABLE}


def read(
    device_id: str, document: Mapping[str, Json], at: datetime, *, pending: bool = False
) -> Mapping[Ref, Reading]:
    """The settings that a document has; those that only wait for the device say so."""
    found = {}
    for key, point in POINTS.items():
        value = _at(document, key.removeprefix(SETTING))
        fits = (
            number(value)
            if point.kind is Kind.LEVEL
            else (value if value in point.options else None)
        )
        if isinstance(fits, int | float | str):
            found[Ref(device_id, key)] = Reading(
                value=fits, at=at, attributes={"pending": True} if pending else None
            )
    return found


def told(
    device_id: str, configuration: Configuration, at: datetime
) -> Mapping[Ref, Reading]:
    """What a configuration says: as it is, overlaid by what is going to be."""
    return {
        **read(device_id, configuration.current, at),
        **read(device_id, configuration.pending, at, pending=True),
    }


def reported(device_id: str, body: Fields, at: datetime) -> Mapping[Ref, Reading]:
    """What the `cfg` event of a device says."""
    document = body.get(CFG)
    return read(device_id, document if isinstance(document, dict) else {}, at)


async def write(reports: Reports, ref: Ref, product: str, value: Writable) -> bool:
    """Change one setting; False while it only waits for the device.

    The cloud replaces the whole document, so that everything else in it, also what
    still waits, is sent along (7.5). Nothing is sent where that is not known.

    Raises:
        CloudRejected: the value does not fit, or the device refuses it.
        CloudMissing: the device has no settings.
        CloudUnreachable: they were not told.
    """
    point = POINTS.get(ref.key)
    if point is None:
        raise CloudMissing("There is no such setting")
    written = _fitting(point, value)
    configuration = await reports.configuration(ref.device_id, product)
    if configuration is None:
        raise CloudMissing("The device has no settings in the cloud")
    document = _overlaid(configuration.current, configuration.pending)
    if not document:
        raise CloudUnreachable("The cloud did not tell the settings")
    module, _, name = ref.key.removeprefix(SETTING).partition(".")
    before = document.get(module)
    document[module] = {**(before if isinstance(before, dict) else {}), name: written}
    return await reports.configure(ref.device_id, product, document)


def _overlaid(current: Fields, pending: Fields) -> dict[str, Json]:
    """All that is and is going to be, whether what waits is told in whole or in part."""
    document = dict(current)
    for key, wish in pending.items():
        known = document.get(key)
        if isinstance(known, dict) and isinstance(wish, dict):
            document[key] = {**known, **wish}
        else:
            document[key] = wish
    return document


def _fitting(point: Point, value: Writable) -> Json:
    wrong = CloudRejected("The setting cannot have this value", field="value")
    if point.kind is Kind.CHOICE:
        if value not in point.options or not isinstance(value, str):
            raise wrong
        return value
    amount = number(value) if isinstance(value, int | float) else None
    if amount is None or not 0 <= amount <= (point.maximum or 0):
        raise wrong
    return int(amount) if float(amount).is_integer() else amount


def _at(document: Mapping[str, Json], path: str) -> Json:
    module, _, name = path.partition(".")
    part = document.get(module)
    return part.get(name) if isinstance(part, dict) else None
