"""Shows a value as another kind than its cloud says, and writes it back as it was."""

from collections.abc import Mapping
import math

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

_WORDS: Mapping[str, bool] = {
    **dict.fromkeys(("1", "on", "true", "yes", "open", "high", "active"), True),
    **dict.fromkeys(("0", "off", "false", "no", "closed", "low", "inactive"), False),
}


def seen(value: Value, kind: Kind) -> Value:
    """The value as its point's kind shows it; None if it cannot be shown so."""
    match kind:
        case Kind.MEASURE | Kind.LEVEL:
            return _number(value)
        case Kind.FLAG | Kind.TOGGLE:
            return _flag(value)
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
    if isinstance(value, str):
        text = value.strip()
        try:
            return int(text)
        except ValueError:
            pass
        try:
            value = float(text)
        except ValueError:
            return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return value if math.isfinite(value) else None


def _flag(value: Value) -> bool | None:
    match value:
        case bool():
            return value
        case int() | float():
            return bool(value) if value in (0, 1) else None
        case str():
            return _WORDS.get(value.strip().lower())
    return None


def _spelled(value: float) -> str:
    whole = isinstance(value, float) and value.is_integer() and abs(value) < 1e15
    return str(int(value) if whole else value)
