"""What quantity a number is, in which unit, and whether its history means something."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeIs

from ..model import Json
from .meanings import Guess, Meaning
from .names import set_of
from .spots import Spot
from .units import CLASS_BY_UNIT
from .vocabulary import COUNTERS, Sense

NAMED_WITH_UNIT = 90
NAMED_WITH_SUFFIX = 88
NAMED = 85
BY_UNIT = 80
BY_SUFFIX = 65
UNIT_ONLY = 55
FRACTION = 50
WHOLE = 45
COUNTER = 40
OTHER_UNIT = 25
LABEL = 15
_ASIDE = -12
"""A limit or a setting comes after what is the case."""
_INHERITED = -15
"""The name that says it belongs to the object around."""

_STORED = set_of("stored remaining available storage capacity left reserve")
_SUMS = set_of("total sum today daily month cumulative")
_VAGUE = frozenset({"min", "m", "s", "a", "c", "f", "k", "v", "w", "d", "h"})
"""Endings that are units only where the name says the quantity."""
_TIMES = frozenset({"time", "uptime", "duration", "elapsed", "runtime", "age"})
"""Words behind which an m is a minute."""
_SEEN = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """What a number may be as a sensor; the higher the score, the likelier."""

    score: int
    device_class: str | None = None
    unit: str | None = None
    state_class: str | None = None
    scale: float | None = None
    guessed_unit: bool = False


_FAHRENHEIT = Measure(
    score=OTHER_UNIT,
    device_class="temperature",
    unit="°F",
    state_class="measurement",
    guessed_unit=True,
)


def measures(spot: Spot, number: float, before: Sequence[Json]) -> Iterator[Measure]:
    """What a number may be, the likeliest first; at least a number without a unit."""
    values = [*(each for each in before if _is_number(each)), number]
    sense, own = spot.sense
    less = (_ASIDE if sense.aside else 0) + (0 if own else _INHERITED)
    meaning, suffix = sense.meaning, spot.suffix
    if spot.unit:
        yield _with_unit(spot, sense, spot.unit, values, less)
    elif meaning and suffix and (device_class := meaning.class_for(suffix)):
        score = NAMED_WITH_SUFFIX + less
        yield _named(spot, sense, device_class, suffix, values, score=score)
    elif meaning and (guess := _guess(meaning, values)):
        yield _guessed(spot, sense, guess, values, less)
        if guess.device_class == "temperature":
            yield _FAHRENHEIT
    elif meaning is None and suffix and spot.words[-1] not in _VAGUE:
        yield _by_suffix(suffix)
    else:
        yield _plain(spot, sense, values, less)


def _with_unit(
    spot: Spot, sense: Sense, unit: str, values: Sequence[float], less: int
) -> Measure:
    """A number whose unit is written beside it."""
    meaning = sense.meaning
    if unit == "m" and not _TIMES.isdisjoint(spot.words):
        unit = "min"
    if meaning and (device_class := meaning.class_for(unit)):
        score = NAMED_WITH_UNIT + less
        return _named(spot, sense, device_class, unit, values, score=score)
    if device_class := CLASS_BY_UNIT.get(unit):
        return _named(spot, Sense(), device_class, unit, values, score=BY_UNIT + less)
    angle = unit == "°" and sense.quantity == "direction"
    state_class = "measurement_angle" if angle else "measurement"
    return Measure(score=UNIT_ONLY + less, unit=unit, state_class=state_class)


def _named(
    spot: Spot,
    sense: Sense,
    device_class: str | None,
    unit: str | None,
    values: Sequence[float],
    *,
    score: int,
    scale: float | None = None,
    guessed: bool = False,
) -> Measure:
    words = {*spot.words}
    if device_class == "energy" and words & _STORED:
        device_class = "energy_storage"
    return Measure(
        score=score,
        device_class=device_class,
        unit=unit,
        state_class=_state_class(sense, device_class, words, values),
        scale=scale,
        guessed_unit=guessed,
    )


def _state_class(
    sense: Sense, device_class: str | None, words: set[str], values: Sequence[float]
) -> str | None:
    """What Home Assistant may compute from the history; None where that is not sure."""
    rising = all(before <= after for before, after in pairwise(values))
    match device_class, sense.quantity:
        case "energy", quantity:
            return "total_increasing" if quantity == "energy" and rising else None
        case "precipitation", _ if words & _SUMS:
            return "total_increasing" if rising else None
        case "duration", "uptime":
            return "total_increasing"
        case None, "direction":
            return "measurement_angle"
    return "measurement"


def _guess(meaning: Meaning, values: Sequence[float]) -> Guess | None:
    """The first that all values fit."""
    return next((guess for guess in meaning.guesses if guess.fits(values)), None)


def _guessed(
    spot: Spot, sense: Sense, guess: Guess, values: Sequence[float], less: int
) -> Measure:
    return _named(
        spot,
        sense,
        guess.device_class,
        guess.unit,
        values,
        score=NAMED + less,
        scale=guess.scale,
        guessed=not guess.sure,
    )


def _by_suffix(suffix: str) -> Measure:
    """A name that tells nothing but a unit ("value_lux", "sensor_cm")."""
    device_class = CLASS_BY_UNIT.get(suffix)
    state_class = None if device_class == "energy" else "measurement"
    return Measure(
        score=BY_SUFFIX, device_class=device_class, unit=suffix, state_class=state_class
    )


def _plain(spot: Spot, sense: Sense, values: Sequence[float], less: int) -> Measure:
    """A number of which nobody knows the unit, or one that counts or names something."""
    words = spot.words
    if words and words[-1] in COUNTERS:
        counts = len(values) >= _SEEN and values[-1] > values[0]
        rising = all(a <= b for a, b in pairwise(values))
        sure = "total_increasing" if counts and rising else None
        return Measure(score=COUNTER + less, state_class=sure)
    if sense.label:
        return Measure(score=LABEL)
    whole = values[-1] == int(values[-1])
    return Measure(
        score=(WHOLE if whole else FRACTION) + less, state_class="measurement"
    )


def _is_number(value: Json) -> TypeIs[float]:
    return isinstance(value, int | float) and not isinstance(value, bool)
