"""Finds the properties that the records of a pushed message are about.

Everything is looked up in tables that are made when a listing arrives, because this is
done for every value that a board sends.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NamedTuple

from ...model import Drop, Json, Reading, Ref, Value
from .faults import Faults
from .models import Property, Thing
from .property_types import Attribute, Shape
from .senml import Sample
from .values import read_part
from .views import View

HOUSEKEEPING = frozenset({"tz_offset", "tz_dst_until", "r:m"})
"""Names that boards publish for themselves, whatever a variable is called (reference 6.4)."""


MOST_PARTS = 100
LONGEST_PART = 64
"""How many parts, and how long names of them, a value may have whose type tells none."""

_NEVER = datetime.min.replace(tzinfo=UTC)


class Target(NamedTuple):
    """What a name stands for: a property, or with `part` one part of it.

    `attribute` says how a part is read, where the type tells. `scalar` reads a value
    that a single point shows.
    """

    ref: Ref
    view: View
    scalar: Callable[[object], Value] | None
    part: str | None = None
    attribute: Attribute | None = None


@dataclass(slots=True)
class _Parts:
    """What one message says about a composite property."""

    view: View
    at: datetime
    values: dict[str, Json]


class Objects:
    """The last known value of every composite property, which partial ones complete.

    Of lamps it also remembers the last brightness that was not 0.
    """

    def __init__(self) -> None:
        """Know nothing yet."""
        self._levels: dict[Ref, float] = {}
        self._known: dict[Ref, tuple[datetime, dict[str, Json]]] = {}

    def get(self, ref: Ref) -> dict[str, Json]:
        """The parts that are known; a copy."""
        known = self._known.get(ref)
        return dict(known[1]) if known else {}

    def put(self, ref: Ref, parts: Mapping[str, Json], at: datetime) -> None:
        """Remember a value unless a later one is known."""
        known = self._known.get(ref)
        if known is None or known[0] <= at:
            self._known[ref] = (at, dict(parts))
            level = parts.get("bri")
            if isinstance(level, int | float) and level > 0:
                self._levels[ref] = level

    def doubt(self) -> None:
        """Let the next listing tell them anew, because messages may have been missed."""
        self._known = {ref: (_NEVER, parts) for ref, (_, parts) in self._known.items()}

    def level(self, ref: Ref) -> float | None:
        """The brightness that a lamp had when it last had one."""
        return self._levels.get(ref)

    def keep(self, refs: set[Ref]) -> None:
        """Forget what is not listed any more."""
        for ref in self._known.keys() - refs:
            del self._known[ref]
        for ref in self._levels.keys() - refs:
            del self._levels[ref]


class ThingNames:
    """One thing's table from the names in messages to its properties."""

    def __init__(self, thing: Thing, faults: Faults) -> None:
        """Fill the table; where two properties share a name the first one has it."""
        self.thing_id = thing.id
        self._faults = faults
        self.views = tuple(View.of(thing, prop) for prop in thing.properties)
        self._names: dict[str | int, Target] = {}
        self._opaque: dict[str, Target] = {}
        for view in self.views:
            self._add(view)

    def _add(self, view: View) -> None:
        prop, kind = view.prop, view.kind
        whole = Target(view.ref, view, view.scalar)
        if kind.shape is Shape.OPAQUE:
            self._opaque.setdefault(prop.variable, whole)
        if not kind.attributes:
            self._put(prop, 0, "", whole)
        for number, attribute in enumerate(kind.attributes, 1):
            part = whole._replace(part=attribute.name, attribute=attribute)
            self._put(prop, number, f":{attribute.name}", part)

    def _put(self, prop: Property, number: int, suffix: str, target: Target) -> None:
        name = f"{prop.variable}{suffix}"
        if name not in HOUSEKEEPING:
            self._names.setdefault(name, target)
        if prop.tag is not None and prop.tag > 0:
            # Boards have room for the low 8 bits of the tag (reference 6.6).
            self._names.setdefault((prop.tag & 0xFF) + 256 * number, target)

    def readings(
        self, samples: list[Sample], arrived: datetime, objects: Objects
    ) -> list[tuple[Ref, Reading]]:
        """What the samples of one message say, in the order of their times.

        A time that is absent or has not come yet is the moment of arrival. The parts of
        a composite value are put together over the whole message (reference 6.8).
        """
        if len(samples) > 1 and len({sample.time for sample in samples}) > 1:
            latest = arrived.timestamp()
            samples = sorted(samples, key=lambda sample: sample.time or latest)
        found: list[tuple[Ref, Reading]] = []
        partial: dict[Ref, _Parts] = {}
        for base, name, value, time in samples:
            target = self._find(base, name)
            if target is None:
                if name not in HOUSEKEEPING:
                    self._faults.tally.drop(Drop.UNKNOWN_POINT)
                continue
            at = arrived if time is None else _moment(time, arrived)
            try:
                if target.part is not None:
                    _collect(partial, objects, target, value, at)
                elif target.scalar:
                    plain = Reading(value=target.scalar(value), at=at)
                    found.append((target.ref, plain))
                else:
                    found += target.view.readings(value, at, None)
            except ValueError:
                self._faults.note(
                    "a value that is not of its type",
                    target.ref.key,
                    drop=Drop.WRONG_TYPE,
                )
        if partial:
            found.extend(_composed(partial, objects))
        return found

    def _find(self, base: str, name: str | int) -> Target | None:
        """Look a name up, first with the base name before it (reference 6.4)."""
        if base and type(name) is str:
            target = self._names.get(base + name) or self._part_of_any(base + name)
            if target:
                return target
        target = self._names.get(name)
        if target or type(name) is not str:
            return target
        return self._part_of_any(name)

    def _part_of_any(self, name: str) -> Target | None:
        """A part of a property whose type does not say which parts it has."""
        variable, colon, part = name.partition(":")
        whole = self._opaque.get(variable) if colon else None
        fits = whole is not None and len(part) <= LONGEST_PART
        return whole._replace(part=part) if whole and fits else None


def _collect(
    partial: dict[Ref, _Parts],
    objects: Objects,
    target: Target,
    value: bool | float | str,
    at: datetime,
) -> None:
    """Lay one part over what is known; raises ValueError if it cannot be read."""
    read: Json = value
    if target.attribute:
        read = read_part(target.attribute, value)
        if read is None:
            return
    assert target.part is not None
    parts = partial.get(target.ref)
    if parts is None:
        parts = _Parts(target.view, at, objects.get(target.ref))
        partial[target.ref] = parts
    if target.part not in parts.values and len(parts.values) >= MOST_PARTS:
        raise ValueError("too many parts")
    parts.at = max(parts.at, at)
    parts.values[target.part] = read


def _composed(
    partial: Mapping[Ref, _Parts], objects: Objects
) -> Iterator[tuple[Ref, Reading]]:
    """What the parts say together, in the order of the type."""
    for ref, parts in partial.items():
        values = parts.values
        if attributes := parts.view.kind.attributes:
            names = (attribute.name for attribute in attributes)
            values = {name: values[name] for name in names if name in values}
        objects.put(ref, values, parts.at)
        yield from parts.view.composed(values, parts.at, objects.level(ref))


def _moment(time: float, arrived: datetime) -> datetime:
    """The time of a sample; a board whose clock is ahead must not block later values."""
    return min(datetime.fromtimestamp(time, UTC), arrived)
