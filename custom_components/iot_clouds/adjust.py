"""Lays what the user knows better about single points over what the cloud lists."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, TypedDict, cast

from .const import CONF_POINTS
from .devices import unique_id
from .model import Device, Kind, Point
from .recast import OTHERS, WRITABLE
from .rules import CLASSES, problems


class Adjustment(TypedDict, total=False):
    """What differs from the listing; a field that is None is taken away.

    `shown_as` is the `Kind` that the values are shown as instead of their own. `unit` is
    the unit that they are in: they are never converted. `as_moment` reads a number as
    seconds of the point's wall time. What is `hidden` has no entity.
    """

    hidden: bool
    shown_as: str

    device_class: str | None
    state_class: str | None
    unit: str | None
    as_moment: bool


type Adjustments = Mapping[str, Adjustment]
"""By unique id of the entity that shows the point."""


def adjustments(options: Mapping[str, Any]) -> Adjustments:
    """The adjustments among the options of an account."""
    return cast(Adjustments, options.get(CONF_POINTS, {}))


def adjusted(
    devices: Mapping[str, Device], changes: Adjustments
) -> Mapping[str, Device]:
    """The devices with adjusted points: the same object if nothing is to adjust."""
    if not changes:
        return devices
    after = {key: _device(device, changes) for key, device in devices.items()}
    if all(after[key] is device for key, device in devices.items()):
        return devices
    return after


def adjusted_point(point: Point, change: Adjustment) -> Point:
    """The point as the user wants it.

    It is the listed one if that has become something that the adjustment does not fit:
    an entity that Home Assistant refuses would help nobody.
    """
    point = recast(point, change.get("shown_as"))
    if not is_adjustable(point):
        return point
    if change.get("as_moment"):
        return _moment(point) if is_wall_time(point) else point
    after = with_classes(point, change)
    return point if after == point or problems(after) else after


def with_classes(point: Point, change: Adjustment) -> Point:
    """The point with the classes and the unit of an adjustment, be they right or not."""
    return replace(
        point,
        device_class=change.get("device_class", point.device_class),
        state_class=change.get("state_class", point.state_class),
        unit=change.get("unit", point.unit),
    )


def other_kinds(point: Point) -> tuple[Kind, ...]:
    """What a point may be shown as instead of its own kind.

    What is ours has its name, its icon and its category on one platform only.
    """
    return () if point.label else OTHERS.get(point.kind, ())


def recast(point: Point, shown_as: str | None) -> Point:
    """The point shown as another kind; the listed one where that makes no sense.

    Classes and units of the one kind are not those of the other; only between numbers
    that are written and numbers that are observed they are.
    """
    kind = next((each for each in other_kinds(point) if each == shown_as), None)
    if kind is None:
        return point
    after = replace(
        point,
        kind=kind,
        native=point.kind,
        writable=point.writable and kind in WRITABLE,
    )
    if {kind, point.kind} == {Kind.MEASURE, Kind.LEVEL}:
        return after
    return replace(after, device_class=None, state_class=None, unit=None)


def is_adjustable(point: Point) -> bool:
    """Whether a point has classes to choose from, and is not a moment already."""
    classes = CLASSES.get(point.kind)
    return classes is not None and (
        point.device_class is None or point.device_class in classes
    )


def can_change(point: Point) -> bool:
    """Whether the user may say what a point is; what is ours already says that."""
    return is_adjustable(point) or point.name is not None


def is_wall_time(point: Point) -> bool:
    """Whether the numbers of a point may be seconds of wall time."""
    return point.timezone is not None and point.kind in {Kind.MEASURE, Kind.LEVEL}


def _device(device: Device, changes: Adjustments) -> Device:
    points = dict(device.points)
    for key, point in device.points.items():
        if not (change := changes.get(unique_id(device.id, key))):
            continue
        if change.get("hidden"):
            del points[key]
        else:
            points[key] = adjusted_point(point, change)
    if all(points.get(key) is point for key, point in device.points.items()):
        return device
    return replace(device, points=points)


def _moment(point: Point) -> Point:
    """A moment instead of a number: what is said of numbers goes."""
    bare = replace(point, device_class=None, state_class=None, unit=None)
    if point.kind is Kind.MEASURE:
        return replace(bare, device_class="timestamp")
    return replace(bare, kind=Kind.MOMENT, minimum=None, maximum=None, step=None)
