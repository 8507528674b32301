"""What short texts mean: numbers, numbers with a unit, and words for on and off."""

from collections.abc import Mapping
from dataclasses import dataclass
import math
import re

from .units import unit_of

LARGEST = 10**100
"""Beyond it a whole number is an accident, and too long to be a state."""

_LONGEST = 120
_PLAIN = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,3})?", re.ASCII)
_COMMA = re.compile(r"[+-]?\d+,(?:\d{1,2}|\d{4,9})", re.ASCII)
_CODE = re.compile(r"[+-]?(?:0\d+|\d{16,})", re.ASCII)
_WITH_UNIT = re.compile(
    r"([+-]?(?:\d+(?:[.,]\d*)?|\.\d+)(?:[eE][+-]?\d{1,3})?)\s?([^\d\s].{0,15})",
    re.ASCII,
)
# What boards print in place of a number that they do not have.
_VOID = frozenset({"nan", "inf", "infinity", "ovf"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Quantity:
    """A number, with the unit that was written behind it."""

    number: int | float
    unit: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Words that say on and words that say off, and what kind of thing they are said of.

    `device_class` is one of a binary sensor, where the words alone tell it.
    """

    on: tuple[str, ...]
    off: tuple[str, ...]
    device_class: str | None = None

    @property
    def meaning(self) -> Mapping[str, bool]:
        """The state by word."""
        return {**dict.fromkeys(self.on, True), **dict.fromkeys(self.off, False)}


PAIRS = (
    Pair(on=("on",), off=("off",)),
    Pair(on=("true",), off=("false",)),
    Pair(on=("yes",), off=("no",)),
    Pair(
        on=("open", "opened", "opening", "closing"),
        off=("closed", "close", "shut"),
        device_class="opening",
    ),
    Pair(on=("unlocked", "unlock"), off=("locked", "lock"), device_class="lock"),
    Pair(on=("wet",), off=("dry",), device_class="moisture"),
    Pair(on=("detected", "triggered"), off=("clear", "cleared", "not detected")),
    Pair(on=("motion",), off=("no motion", "nomotion"), device_class="motion"),
    Pair(
        on=("occupied",), off=("vacant", "free", "unoccupied"), device_class="occupancy"
    ),
    Pair(on=("home", "present"), off=("away", "absent"), device_class="presence"),
    Pair(on=("online",), off=("offline",), device_class="connectivity"),
    Pair(on=("connected",), off=("disconnected",), device_class="connectivity"),
    Pair(on=("running", "started"), off=("stopped", "idle"), device_class="running"),
    Pair(on=("charging",), off=("not_charging", "not charging", "discharging")),
    Pair(on=("enabled", "enable"), off=("disabled", "disable")),
    Pair(on=("active",), off=("inactive",)),
    Pair(on=("armed",), off=("disarmed",)),
    Pair(on=("pressed",), off=("released",)),
    Pair(on=("high",), off=("low",)),
    Pair(on=("alarm", "alert", "fault"), off=("ok", "normal"), device_class="problem"),
    Pair(on=("ein", "an"), off=("aus",)),
    Pair(on=("ja",), off=("nein",)),
    Pair(on=("offen",), off=("geschlossen", "zu"), device_class="opening"),
    Pair(on=("aperto", "aperta"), off=("chiuso", "chiusa"), device_class="opening"),
    Pair(on=("acceso", "accesa"), off=("spento", "spenta")),
    Pair(on=("abierto", "abierta"), off=("cerrado", "cerrada"), device_class="opening"),
    Pair(on=("encendido", "encendida"), off=("apagado", "apagada")),
    Pair(on=("ouvert", "ouverte"), off=("fermé", "fermée"), device_class="opening"),
)
_PAIR_OF: Mapping[str, Pair] = {
    word: pair for pair in reversed(PAIRS) for word in (*pair.on, *pair.off)
}
_FLAGS: Mapping[str, bool] = {
    **{word: state for pair in PAIRS for word, state in pair.meaning.items()},
    "1": True,
    "0": False,
}


def pair_of(text: str) -> Pair | None:
    """The words that a word for on or off belongs to."""
    return _PAIR_OF.get(text.strip().casefold()) if len(text) <= _LONGEST else None


def flag(text: str) -> bool | None:
    """Whether a word says on or off; None if it says something else."""
    return _FLAGS.get(text.strip().casefold()) if len(text) <= _LONGEST else None


def is_void(text: str) -> bool:
    """Whether a text stands for a number that is not there ("nan")."""
    return text.lstrip("+-").casefold() in _VOID


def is_code(text: str) -> bool:
    """Whether digits have leading zeros or are very many, as in codes and serials."""
    return _CODE.fullmatch(text) is not None


def number(text: str) -> int | float | None:
    """The number that a text is, also with leading zeros or a decimal comma."""
    if len(text) > _LONGEST:
        return None
    text = text.strip()
    if _COMMA.fullmatch(text):
        text = text.replace(",", ".")
    elif not _PLAIN.fullmatch(text):
        return None
    try:
        return finite(int(text))
    except ValueError:
        return finite(float(text))


def quantity(text: str) -> Quantity | None:
    """The number that a text is, with or without a unit ("21.5 °C", "55%")."""
    if (plain := number(text)) is not None:
        return Quantity(number=plain)
    if len(text) > _LONGEST or not (match := _WITH_UNIT.fullmatch(text.strip())):
        return None
    value, unit = number(match[1]), unit_of(match[2])
    return None if value is None or unit is None else Quantity(number=value, unit=unit)


def finite[N: (int, float)](value: N) -> N | None:
    """The number, if it is one that can be a state."""
    if isinstance(value, int):
        return value if -LARGEST < value < LARGEST else None
    return value if math.isfinite(value) else None
