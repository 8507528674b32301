"""Values of a board to the messages that it would send, and messages back to values."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
import math

from . import senml
from .arduino_store import Property, Store
from .arduino_types import ATTRIBUTES, Shape, attribute_at, canonical, records, shape
from .senml import Record, Sample, Scalar
from .world import Board, Value

# The C++ library sends from a buffer of this size and never splits a property (6.4).
CPP_BUFFER = 256
# Messages of devices: the C++ library publishes with QoS 0, the others with 1 (5.4).
QOS = {"cpp": 0}

type Values = list[tuple[Property, Value]]


def messages(board: Board, values: Values, *, at: float) -> list[bytes]:
    """What the board's own encoder makes of values; several if one is too small."""
    tagged = board.facts.get("light_payload", False)
    groups = [_records(item, value, tagged=tagged) for item, value in values]
    flat = list(chain.from_iterable(groups))
    match board.facts["encoder"]:
        case "cpp":
            return list(_cpp(groups))
        case "python":
            return [senml.python(sorted(flat, key=_by_attribute))]
        case "js":
            return [senml.js(flat, at=at)]
        case "connector":
            return list(_connector(board, groups, at))
        case other:
            raise ValueError(f"no such encoder: {other}")


def pack(values: Values, *, at: float) -> bytes:
    """What the cloud itself sends to a device; empty values make an empty pack."""
    return senml.cloud(
        [record for item, value in values for record in _records(item, value)], at=at
    )


def values_of(
    store: Store, board: Board, samples: Iterable[Sample]
) -> list[tuple[Property, Value, float | None]]:
    """The board's properties in a message; attributes are laid over the last object."""
    found: dict[str, tuple[Property, Value, float | None]] = {}
    for sample in samples:
        if (target := _target(store, board, sample)) is None:
            continue
        item, attribute = target
        value = _value(store, found, item, attribute, sample.value)
        if value is not None:
            found[item.id] = (item, value, sample.at)
    return list(found.values())


def _records(item: Property, value: Value, *, tagged: bool = False) -> list[Record]:
    variable = item.variable
    return records(variable.type, variable.name, value, tag=item.tag if tagged else 0)


def _by_attribute(record: Record) -> str:
    """The Python client keeps attributes in a set: any order but the C++ one."""
    return str(record.name)


def _cpp(groups: Sequence[Sequence[Record]]) -> Iterator[bytes]:
    pending: list[Record] = []
    for group in groups:
        if pending and len(senml.cpp([*pending, *group])) > CPP_BUFFER:
            yield senml.cpp(pending)
            pending = []
        pending += group
    if pending:
        yield senml.cpp(pending)


def _connector(
    board: Board, groups: Sequence[Sequence[Record]], at: float
) -> Iterator[bytes]:
    scalars = [group[0] for group in groups if ":" not in str(group[0].name)]
    base = str(board.facts.get("base_name", ""))
    if scalars:
        shared = all(str(record.name).startswith(base) for record in scalars)
        yield senml.connector(scalars, at=at, base=base if shared else "")
    for group in groups:
        name, colon, _ = str(group[0].name).partition(":")
        if colon:
            yield senml.connector(group, at=at, base=name + colon)


def _target(
    store: Store, board: Board, sample: Sample
) -> tuple[Property, str | None] | None:
    """Resolve a name as reference 6.4 and 6.6 say; None for what is not a variable."""
    listed = store.properties(board)
    if isinstance(sample.name, int):
        tag, index = sample.name & 0xFF, sample.name >> 8
        for item in listed:
            if item.tag == tag:
                return item, attribute_at(item.variable.type, index)
        return None
    for full in dict.fromkeys((sample.base + sample.name, sample.name)):
        name, _, attribute = full.partition(":")
        for item in listed:
            if item.variable.name == name:
                return item, attribute or None
    return None


def _value(
    store: Store,
    found: dict[str, tuple[Property, Value, float | None]],
    item: Property,
    attribute: str | None,
    scalar: Scalar,
) -> Value:
    kind = shape(item.variable.type)
    if kind is Shape.UNKNOWN and not attribute:
        return scalar
    if kind not in (Shape.COMPLEX, Shape.UNKNOWN):
        return None if attribute else _fit(kind, scalar)
    known = ATTRIBUTES.get(canonical(item.variable.type), {})
    if not attribute or (known and attribute not in known):
        return None
    fitted = _fit(known[attribute], scalar) if known else scalar
    if fitted is None:
        return None
    last = store.last(item)
    before = found[item.id][1] if item.id in found else last and last.value
    return (before if isinstance(before, dict) else {}) | {attribute: fitted}


def _fit(kind: Shape, scalar: Scalar) -> Scalar | None:
    """Convert as devices do (6.5): numbers to booleans, fractions cut; None if not."""
    match kind:
        case Shape.STRING:
            return scalar if isinstance(scalar, str) else None
        case _ if isinstance(scalar, str):
            return None
        case Shape.BOOL:
            return bool(scalar)
        case _ if isinstance(scalar, bool):
            return None
        case Shape.INT:
            return int(scalar) if math.isfinite(scalar) else None
        case _:
            return float(scalar)
