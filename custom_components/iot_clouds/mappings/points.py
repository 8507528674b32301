"""The point that a definition makes: as much as its sources promise."""

from collections.abc import Mapping

from ..model import Kind, Point, Verb
from .definitions import Definition, PointSource

_ACT = frozenset({Kind.COVER, Kind.VALVE, Kind.LOCK, Kind.FAN})
_SET = frozenset({Kind.TOGGLE, Kind.LEVEL, Kind.CHOICE, Kind.ENTRY, Kind.LIGHT})


def point_of(definition: Definition, listed: Mapping[str, Point]) -> Point:
    """The point of a definition on a device with these points."""
    shape, classes, limits = definition.shape, definition.classes, definition.limits
    keys = [each.point for each in definition.sources if isinstance(each, PointSource)]
    periods = [
        period for key in keys if key in listed and (period := listed[key].period)
    ]
    controlled = bool(shape.verbs) and shape.reads is not None
    return Point(
        key=definition.key,
        kind=shape.kind,
        name=definition.name,
        writable=shape.kind in _SET,
        unit=classes.unit,
        device_class=classes.device_class,
        state_class=classes.state_class,
        minimum=limits.minimum,
        maximum=limits.maximum,
        step=limits.step,
        options=definition.options,
        verbs=tuple(definition.commands) if shape.kind in _ACT else (),
        dims=Verb.SET_BRIGHTNESS in definition.commands,
        assumed=controlled and not definition.sources,
        period=max(periods) if periods else None,
        subentry_id=definition.id,
        lost=any(key not in listed or listed[key].lost for key in keys),
    )
