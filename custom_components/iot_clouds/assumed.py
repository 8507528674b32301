"""What a successful command implies, and when it yields to what the cloud reports."""

from collections.abc import Mapping
from datetime import datetime

from homeassistant.util import dt as dt_util

from .model import (
    AHEAD,
    Act,
    Fan,
    Kind,
    Latch,
    Light,
    Opening,
    Player,
    Point,
    Reading,
    SetPoint,
    Value,
    Verb,
    Writable,
)

_WORDS: Mapping[Kind, tuple[type, ...]] = {
    Kind.LEVEL: (int, float),
    Kind.ENTRY: (str,),
    Kind.TEXT: (str,),
    Kind.TOGGLE: (bool,),
    Kind.FLAG: (bool,),
    Kind.LIGHT: (Light,),
    Kind.PLAYER: (Player,),
    Kind.MOMENT: (datetime, int),
    Kind.MEASURE: (int, float),
    Kind.CHOICE: (str,),
    Kind.COVER: (Opening,),
    Kind.VALVE: (Opening,),
    Kind.LOCK: (Latch,),
    Kind.FAN: (Fan,),
}
"""Types that the reading of a kind can have and that a command can imply."""


def assumed(point: Point, command: SetPoint | Act, before: Value) -> Reading | None:
    """The reading that a command implies; None if only the source can tell."""
    value: Value | Writable
    if isinstance(command, Act):
        value = _acted(point, command, before)
    else:
        value = command.value
    if isinstance(value, dict | list) or not fits(point.native or point.kind, value):
        return None
    return Reading(value=value, at=dt_util.utcnow(), assumed=True)


def fits(kind: Kind, value: Value | Writable) -> bool:
    """Whether a value is in the words of a kind.

    An action may write a value in the vendor's own words ("on", or a lamp's parts): to
    show that as it is would show nonsense.
    """
    words = _WORDS.get(kind, ())
    return isinstance(value, words) and (not isinstance(value, bool) or bool in words)


def _acted(point: Point, act: Act, before: Value) -> Value:
    """What a point is after an act.

    Doors and bolts take their time and get stuck, and a lock that claims too early to be
    locked is dangerous: where there is a source, only it says how they are. A fan does
    what it is told at once, as a lamp does.
    """
    if point.kind is Kind.FAN:
        return _running(act, before.speed if isinstance(before, Fan) else None)
    if not point.assumed:
        return None
    match act.verb:
        case Verb.OPEN:
            return _open(point, 100.0)
        case Verb.CLOSE:
            return _open(point, 0.0)
        case Verb.SET_POSITION if act.value is not None:
            return _open(point, act.value)
        case Verb.STOP:
            # Wherever it stopped, nobody may take it for closed.
            return Opening(closed=False)
        case Verb.LOCK | Verb.UNLOCK | Verb.UNLATCH:
            return Latch(locked=act.verb is Verb.LOCK)
    return None


def _open(point: Point, position: float) -> Opening:
    """Open so far; a position only where one can be set."""
    closed = position == 0
    if Verb.SET_POSITION not in point.verbs:
        return Opening(closed=closed)
    return Opening(position=position, closed=closed)


def _running(act: Act, speed: float | None) -> Value:
    match act.verb:
        case Verb.ON:
            return Fan(on=True, speed=speed)
        case Verb.OFF:
            return Fan(on=False, speed=speed)
        case Verb.SET_SPEED if act.value:
            return Fan(on=True, speed=act.value)
        case Verb.SET_SPEED:
            return Fan(on=False, speed=speed)
    return None


def supersedes(new: Reading, old: Reading, started: datetime | None) -> bool:
    """Whether a reading takes the place of another; `started` is a listing's beginning.

    An assumed one yields to its own confirmation and to any listing asked for after it,
    whatever time the cloud gives the value: a listing that still has the old value says
    that the command changed nothing. One from a time that is still far away holds nothing
    up: a clock that was wrong for a moment must not freeze a value for years.
    """
    if new.at >= old.at or old.at > dt_util.utcnow() + AHEAD:
        return True
    if not old.assumed:
        return False
    if new.value == old.value or (started is not None and started >= old.at):
        return True
    # Our own clock gave it its time, and was set back since.
    return old.at > dt_util.utcnow()
