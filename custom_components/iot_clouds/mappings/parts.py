"""Puts a state together of what its sources tell, and tells whether a command worked."""

from collections.abc import Mapping
from dataclasses import replace
from enum import StrEnum
import math

from ..model import (
    Act,
    Bolting,
    Fan,
    Json,
    Kind,
    Latch,
    Light,
    Motion,
    Opening,
    SetPoint,
    Value,
    Verb,
)
from .definitions import Definition, State
from .payloads import Payload
from .shapes import Shape
from .states import Formula, flag_of, state as read

NEAR = 2.0
"""Percent that a position or a speed may be off and still be the one that was set."""


class Part(StrEnum):
    """Which of its sources tells something."""

    STATE = "state"
    LEVEL = "level"


def formula_of(definition: Definition, part: Part, source: State) -> Formula:
    """How a part is read out of what its source says."""
    shape = definition.shape
    kind = Kind.MEASURE if part is Part.LEVEL else shape.reads or Kind.TEXT
    if shape.words and part is Part.STATE and source.map is None:
        # Whatever stands there is compared with words, and is not made one before.
        kind = Kind.TEXT
    return Formula(
        path=source.path,
        kind=kind,
        device_class=definition.classes.device_class if shape.classes else None,
        map=source.map,
        scale=source.scale,
        offset=source.offset,
    )


def told(payload: Payload, formula: Formula, shape: Shape, part: Part) -> Value:
    """What a source says of a part; None where it does not say it."""
    found = read(payload, formula)
    if part is Part.STATE and shape.words:
        return word_of(found, shape)
    return found


def word_of(found: Value | Json, shape: Shape) -> str | None:
    """The word of a shape that something is: itself, or what true and false mean."""
    if isinstance(found, str) and (word := found.strip().lower()) in shape.words:
        return word
    if not isinstance(found, bool | int | float | str):
        return None
    flag = flag_of(found)
    return None if flag is None else shape.words[0 if flag else 1]


def put(
    shape: Shape, before: Value, part: Part, new: Value, *, alone: bool = False
) -> Value:
    """The value with another part; `alone` is a level without a state beside it."""
    match shape.kind:
        case Kind.COVER | Kind.VALVE:
            return _opening(before, part, new)
        case Kind.LOCK:
            return _latch(new)
        case Kind.LIGHT:
            light = before if isinstance(before, Light) and not alone else None
            on, percent = _powered(
                (light.on, light.brightness) if light else None, part, new
            )
            return None if on is None else Light(on=on, brightness=percent)
        case Kind.FAN:
            fan = before if isinstance(before, Fan) and not alone else None
            on, percent = _powered((fan.on, fan.speed) if fan else None, part, new)
            return None if on is None else Fan(on=on, speed=percent)
    return new


def _opening(before: Value, part: Part, new: Value) -> Opening:
    base = before if isinstance(before, Opening) else Opening()
    if part is Part.LEVEL:
        return replace(base, position=_percent(new))
    motions = {"opening": Motion.OPENING, "closing": Motion.CLOSING}
    closed = {"open": False, "closed": True, "opening": False, "closing": False}
    word = new if isinstance(new, str) else ""
    return replace(base, closed=closed.get(word), motion=motions.get(word))


def _latch(new: Value) -> Value:
    match new:
        case "locked" | "unlocked":
            return Latch(locked=new == "locked")
        case "locking":
            return Latch(locked=False, motion=Bolting.LOCKING)
        case "unlocking":
            return Latch(locked=True, motion=Bolting.UNLOCKING)
        case "jammed":
            return Latch(jammed=True)
    return None


def _powered(
    before: tuple[bool, float | None] | None, part: Part, new: Value
) -> tuple[bool | None, float | None]:
    """Whether something runs, and how much; without a state, running is a level."""
    on, percent = before or (None, None)
    if part is Part.STATE:
        return (new if isinstance(new, bool) else None), percent
    level = _percent(new)
    if on is None and level is not None:
        on = level > 0
    return on, level


def _percent(value: Value) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return min(max(float(value), 0.0), 100.0)


def reached(command: SetPoint | Act, value: Value) -> bool:
    """Whether a state is what a command was to bring about."""
    if isinstance(command, Act):
        return _acted(command, value)
    match command.value, value:
        case bool(), _:
            return value is command.value
        case int() | float(), int() | float():
            return math.isclose(command.value, value, rel_tol=1e-6, abs_tol=1e-6)
        case Light() as wanted, Light() as light:
            return wanted.on == light.on and (
                not wanted.on or _near(wanted.brightness, light.brightness)
            )
    return value == command.value


def _acted(act: Act, value: Value) -> bool:
    match value:
        case Opening(position=position, closed=closed):
            shut = closed if closed is not None else position == 0
            wanted: Mapping[Verb, bool] = {
                Verb.OPEN: not shut and value.motion is not Motion.CLOSING,
                Verb.CLOSE: shut,
                Verb.STOP: value.motion is None,
                Verb.SET_POSITION: position is not None and _near(act.value, position),
            }
            return wanted.get(act.verb, False)
        case Latch(locked=locked):
            return locked is not None and locked is (act.verb is Verb.LOCK)
        case Fan(on=on, speed=speed):
            if act.verb is Verb.SET_SPEED and act.value:
                return on and _near(act.value, speed)
            return on is (act.verb is Verb.ON)
    return False


def _near(wanted: float | None, found: float | None) -> bool:
    """Whether a percentage is the wanted one, as far as both are known."""
    return wanted is None or found is None or abs(wanted - found) <= NEAR
