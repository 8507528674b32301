"""What one value of a payload may be, with how likely that is."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from ..model import Json, Kind
from .flags import about, map_of
from .measures import Measure, measures
from .spots import Spot
from .states import moment
from .vocabulary import MOMENTS
from .words import is_code, quantity

PLACE = 120
SUBJECT = 20
FLAG_WITH_CLASS = 70
FLAG = 60
LIKELY_FLAG = 55
NAMELESS_FLAG = 40
MOMENT = 30
POSSIBLE_FLAG = 35
UNLIKELY_FLAG = 12
TEXT = 20
LONG_TEXT = 10
_LONGEST_STATE = 255
_SEEN = 3
"""Payloads after which two values that were seen are taken for all there are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """What a value may be; the higher the score, the likelier."""

    score: int
    kind: Kind
    device_class: str | None = None
    unit: str | None = None
    state_class: str | None = None
    map: Mapping[str, Json] | None = None
    scale: float | None = None
    guessed_unit: bool = False


def candidates(spot: Spot, before: Sequence[Json]) -> Iterator[Candidate]:
    """What a value may be, seeing also what was there before.

    What has the name of the whole payload is what the payload is about; a flag without
    any name comes after the numbers beside it.
    """
    more = SUBJECT if spot.is_subject else 0
    for each in _any(spot, before):
        if each.kind is Kind.FLAG and spot.is_nameless:
            yield replace(each, score=min(each.score, NAMELESS_FLAG))
        else:
            yield replace(each, score=each.score + more)


def _any(spot: Spot, before: Sequence[Json]) -> Iterator[Candidate]:
    value = spot.value
    if spot.is_place:
        yield Candidate(score=PLACE, kind=Kind.PLACE)
    elif isinstance(value, bool):
        yield _boolean(spot)
    elif isinstance(value, int | float):
        yield from _number(spot, value, before)
    elif isinstance(value, str):
        yield from _text(spot, value, before)


def _boolean(spot: Spot) -> Candidate:
    said = about(spot.flag_words)
    return Candidate(
        score=FLAG_WITH_CLASS if said.device_class else FLAG,
        kind=Kind.FLAG,
        device_class=said.device_class,
        map={"true": False, "false": True} if said.inverted else None,
    )


def _number(spot: Spot, value: float, before: Sequence[Json]) -> Iterator[Candidate]:
    sense, _ = spot.sense
    if sense.label and moment(value) and not MOMENTS.isdisjoint(spot.words):
        yield Candidate(score=MOMENT, kind=Kind.MEASURE, device_class="timestamp")
    if value in {0, 1} and spot.unit is None:
        yield from _zero_or_one(spot, before)
    for measure in measures(spot, value, before):
        yield _measured(measure)


def _zero_or_one(spot: Spot, before: Sequence[Json]) -> Iterator[Candidate]:
    """A binary sensor, where all that was seen were zeros and ones."""
    seen = [spot.value, *before]
    if not all(isinstance(each, int | float) and each in {0, 1} for each in seen):
        return
    said = about(spot.flag_words)
    if said.likely and spot.sense[0].quantity is None:
        score = FLAG_WITH_CLASS if said.device_class else LIKELY_FLAG
    else:
        both = len(seen) >= _SEEN and 0 in seen and 1 in seen
        score = LIKELY_FLAG if both else POSSIBLE_FLAG
        if spot.sense[0].label and not both:
            score = UNLIKELY_FLAG
    yield Candidate(
        score=score,
        kind=Kind.FLAG,
        device_class=said.device_class,
        map={"1": not said.inverted, "0": said.inverted},
    )


def _text(spot: Spot, text: str, before: Sequence[Json]) -> Iterator[Candidate]:
    if (found := quantity(text)) is not None and not is_code(text.strip()):
        inner = replace(spot, value=found.number, unit=spot.unit or found.unit)
        for candidate in _number(inner, found.number, _numbers(before)):
            # A sender that puts a number into a text may have had a reason.
            yield replace(candidate, score=candidate.score - 5)
    elif found_map := map_of(text):
        pair, meaning = found_map
        words = {word.casefold() for word in meaning}
        if all(
            isinstance(each, str) and each.strip().casefold() in words
            for each in before
        ):
            yield _worded(spot, pair.device_class, meaning)
    elif moment(text):
        yield Candidate(score=MOMENT, kind=Kind.MEASURE, device_class="timestamp")
    score = TEXT if len(text) <= _LONGEST_STATE else LONG_TEXT
    yield Candidate(score=score, kind=Kind.TEXT)


def _worded(
    spot: Spot, device_class: str | None, meaning: Mapping[str, bool]
) -> Candidate:
    """A binary sensor of words; their class is the surer one, except for openings."""
    said = about(spot.flag_words)
    if device_class is None and said.inverted:
        meaning = {word: not state for word, state in meaning.items()}
    if said.device_class and device_class in {None, "opening"}:
        device_class = said.device_class
    return Candidate(
        score=FLAG_WITH_CLASS if device_class else FLAG,
        kind=Kind.FLAG,
        device_class=device_class,
        map=dict(meaning),
    )


def _measured(measure: Measure) -> Candidate:
    return Candidate(
        score=measure.score,
        kind=Kind.MEASURE,
        device_class=measure.device_class,
        unit=measure.unit,
        state_class=measure.state_class,
        scale=measure.scale,
        guessed_unit=measure.guessed_unit,
    )


def _numbers(values: Sequence[Json]) -> list[Json]:
    found = [quantity(each) if isinstance(each, str) else None for each in values]
    return [each.number for each in found if each]
