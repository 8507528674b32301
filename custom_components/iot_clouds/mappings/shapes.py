"""What can be made: one shape for each platform, with its states and its commands."""

from collections.abc import Mapping
from dataclasses import dataclass

from ..model import Kind, Verb

FIELDS: Mapping[Verb, frozenset[str]] = {
    Verb.SET: frozenset({"value", "whole"}),
    Verb.SET_BRIGHTNESS: frozenset({"value", "whole", "brightness"}),
    Verb.SET_SPEED: frozenset({"value", "whole", "speed"}),
    Verb.SET_POSITION: frozenset({"value", "whole", "position"}),
}
"""Names that the templates of a verb may use; the others have none.

`value` is in the board's own words, `whole` the same rounded, because many boards take
no fractions; the others are percent.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """One platform: the kind of point behind it, its verbs, and its states.

    A shape with `verbs` needs a command for each; those in `optional` may be absent.
    `reads` is the kind that its state is read as, None where there is none. A shape that
    `observes` is nothing without a source. With `words`, a state is one of them, the
    first two being what true and false mean. With `level`, a second source may tell a
    percentage: position, brightness or speed.
    """

    kind: Kind
    verbs: tuple[Verb, ...] = ()
    optional: tuple[Verb, ...] = ()
    reads: Kind | None = None
    observes: bool = False
    words: tuple[str, ...] = ()
    level: bool = False
    classes: bool = False
    """Whether it has a unit and a state class; all but texts have a device class."""
    limits: bool = False
    options: bool = False


_OPENING = Shape(
    kind=Kind.COVER,
    verbs=(Verb.OPEN, Verb.CLOSE),
    optional=(Verb.STOP, Verb.SET_POSITION),
    reads=Kind.TEXT,
    words=("open", "closed", "opening", "closing"),
    level=True,
)

SHAPES: Mapping[str, Shape] = {
    "sensor": Shape(kind=Kind.MEASURE, reads=Kind.MEASURE, observes=True, classes=True),
    "text_sensor": Shape(kind=Kind.TEXT, reads=Kind.TEXT, observes=True),
    "binary_sensor": Shape(kind=Kind.FLAG, reads=Kind.FLAG, observes=True),
    "device_tracker": Shape(kind=Kind.PLACE, reads=Kind.PLACE, observes=True),
    "event": Shape(kind=Kind.MESSAGE, reads=Kind.TEXT, observes=True, options=True),
    "button": Shape(kind=Kind.ACTION, verbs=(Verb.PRESS,)),
    "switch": Shape(kind=Kind.TOGGLE, verbs=(Verb.ON, Verb.OFF), reads=Kind.TOGGLE),
    "number": Shape(
        kind=Kind.LEVEL,
        verbs=(Verb.SET,),
        reads=Kind.LEVEL,
        classes=True,
        limits=True,
    ),
    "select": Shape(kind=Kind.CHOICE, verbs=(Verb.SET,), reads=Kind.TEXT, options=True),
    "text": Shape(kind=Kind.ENTRY, verbs=(Verb.SET,), reads=Kind.TEXT),
    "light": Shape(
        kind=Kind.LIGHT,
        verbs=(Verb.ON, Verb.OFF),
        optional=(Verb.SET_BRIGHTNESS,),
        reads=Kind.FLAG,
        level=True,
    ),
    "cover": _OPENING,
    "valve": Shape(
        kind=Kind.VALVE,
        verbs=_OPENING.verbs,
        optional=_OPENING.optional,
        reads=Kind.TEXT,
        words=_OPENING.words,
        level=True,
    ),
    "lock": Shape(
        kind=Kind.LOCK,
        verbs=(Verb.LOCK, Verb.UNLOCK),
        optional=(Verb.UNLATCH,),
        reads=Kind.TEXT,
        words=("locked", "unlocked", "locking", "unlocking", "jammed"),
    ),
    "fan": Shape(
        kind=Kind.FAN,
        verbs=(Verb.ON, Verb.OFF),
        optional=(Verb.SET_SPEED,),
        reads=Kind.FLAG,
        level=True,
    ),
}
"""By platform, as a definition names it; a sensor of texts is a shape of its own."""
