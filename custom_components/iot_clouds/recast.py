"""Shows a value as another kind than its cloud says, and writes it back as it was."""

from collections.abc import Mapping
import math

from .mappings.states import flag_of, number_of
from .model import Kind, Light, Player, Value, Writable

OTHERS: Mapping[Kind, tuple[Kind, ...]] = {
    Kind.TEXT: (Kind.MEASURE, Kind.FLAG),
    Kind.ENTRY: (Kind.LEVEL, Kind.TEXT, Kind.MEASURE, Kind.FLAG),
    Kind.MEASURE: (Kind.FLAG, Kind.TEXT),
    Kind.LEVEL: (Kind.TOGGLE, Kind.MEASURE, Kind.FLAG),
    Kind.TOGGLE: (Kind.FLAG,),
}
"""What the values of a kind may be shown as. What is only observed is never written."""

WRITABLE = frozenset({Kind.LEVEL, Kind.ENTRY, Kind.TOGGLE})


def seen(value: Value, kind: Kind) -> Value:
    """The value as its point's kind shows it; None if it cannot be shown so."""
    match kind:
        case Kind.MEASURE | Kind.LEVEL:
            return _number(value)
        case Kind.FLAG | Kind.TOGGLE:
            return flag_of(value) if isinstance(value, int | float | str) else None
        case Kind.TEXT if isinstance(value, int | float):
            return _spelled(value)
    return value


def written(value: Writable, native: Kind) -> Writable:
    """The value in the words of the kind that its cloud has for it."""
    if isinstance(value, Light | Player):
        return value
    match native, value:
        case Kind.LEVEL, bool():
            return int(value)
        case Kind.ENTRY, int() | float():
            return _spelled(value)
    return value


def _number(value: Value) -> int | float | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    number = number_of(value)
    return number if number is None or math.isfinite(number) else None


def _spelled(value: float) -> str:
    whole = isinstance(value, float) and value.is_integer() and abs(value) < 1e15
    return str(int(value) if whole else value)
