"""SenML in CBOR (RFC 8428) in the forms that Arduino's different encoders give it.

The forms are those of reference 6.2; decoding takes all of them (6.3, 6.4).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
import struct
from typing import NamedTuple

import cbor2

type Scalar = bool | int | float | str

BASE_NAME, BASE_TIME = -2, -3
NAME, NUMBER, STRING, BOOLEAN, TIME = 0, 2, 3, 4, 6
_LABELS = {
    "bn": BASE_NAME,
    "bt": BASE_TIME,
    "n": NAME,
    "v": NUMBER,
    "vs": STRING,
    "vb": BOOLEAN,
    "t": TIME,
}
# Times below this are relative to "now" or counted from a boot: unknown (6.3).
_EARLIEST = 1e9
# Smallest value that is not in the unit before: nanoseconds, microseconds, milliseconds.
_UNITS = ((1e17, 1e9), (1e14, 1e6), (1e11, 1e3))


class Record(NamedTuple):
    """One value under one name; an integer name is the light payload's (6.6)."""

    name: str | int
    value: Scalar


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """A decoded value; `base` is the base name before it, `at` epoch seconds if known."""

    name: str | int
    value: Scalar
    base: str = ""
    at: float | None = None


def cpp(records: Iterable[Record], *, at: float | None = None) -> bytes:
    """As the C++ library: indefinite array, single floats, whole seconds if any."""
    return (
        b"\x9f" + b"".join(cpp_record(*record, at=at) for record in records) + b"\xff"
    )


def cpp_record(name: str | int, value: Scalar, *, at: float | None = None) -> bytes:
    """One record of the C++ form, for those who must count bytes."""
    parts = [
        b"\xa2" if at is None else b"\xa3",
        cbor2.dumps(NAME),
        cbor2.dumps(name),
        cbor2.dumps(_label(value)),
        _single(value) if isinstance(value, float) else cbor2.dumps(value),
    ]
    if at is not None:
        parts += [cbor2.dumps(TIME), cbor2.dumps(int(at))]
    return b"".join(parts)


def python(records: Iterable[Record]) -> bytes:
    """As the Python client: definite array, double floats, no time."""
    return cbor2.dumps([_map(record) for record in records])


def js(records: Sequence[Record], *, at: float) -> bytes:
    """As the JavaScript client: whole numbers as integers, base time last, in ms."""
    maps = [_map(Record(record.name, _whole(record.value))) for record in records]
    maps[0][BASE_TIME] = round(at * 1000)
    return cbor2.dumps(maps)


def connector(records: Sequence[Record], *, at: float, base: str = "") -> bytes:
    """As the connector daemon: a record of base fields first, names relative to it."""
    first: dict[int, object] = {BASE_NAME: base} if base else {}
    maps = [
        _map(Record(str(record.name).removeprefix(base), record.value))
        for record in records
    ]
    return cbor2.dumps([first | {BASE_TIME: float(at)}, *maps])


def cloud(records: Iterable[Record], *, at: float) -> bytes:
    """As the cloud to a device: base time first, in seconds."""
    maps = [_map(record) for record in records]
    if maps:
        maps[0] = {BASE_TIME: float(at)} | maps[0]
    return cbor2.dumps(maps)


def decode(payload: bytes) -> list[Sample]:
    """Decode any of the forms; raises ValueError for what is no SenML pack."""
    try:
        pack = cbor2.loads(payload)
    except (cbor2.CBORError, ValueError, RecursionError) as err:
        raise ValueError("not CBOR") from err
    if not isinstance(pack, list) or not all(isinstance(item, dict) for item in pack):
        raise ValueError("not a SenML pack")
    samples = []
    base, start = "", 0.0
    for item in pack:
        record = {_LABELS.get(key, key): value for key, value in item.items()}
        base = str(record.get(BASE_NAME, base))
        start = _number(record.get(BASE_TIME, start))
        if (value := _value(record)) is not None:
            at = _seconds(start + _number(record.get(TIME, 0)))
            name = record.get(NAME, "")
            if not isinstance(name, (str, int)):
                raise ValueError("name is neither text nor a number")
            kept = "" if base.startswith("urn:") else base
            samples.append(Sample(name=name, value=value, base=kept, at=at))
    return samples


def _map(record: Record) -> dict[int, object]:
    return {NAME: record.name, _label(record.value): record.value}


def _label(value: Scalar) -> int:
    match value:
        case bool():
            return BOOLEAN
        case str():
            return STRING
        case _:
            return NUMBER


def _single(value: float) -> bytes:
    return b"\xfa" + struct.pack(">f", value)


def _whole(value: Scalar) -> Scalar:
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value


def _value(record: dict[object, object]) -> Scalar | None:
    for label, kinds in ((NUMBER, (int, float)), (STRING, str), (BOOLEAN, bool)):
        value = record.get(label)
        if isinstance(value, kinds) and isinstance(value, (int, float, str)):
            return value
    return None


def _number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise ValueError("time is not a number")  # noqa: TRY004
    return float(value)


def _seconds(time: float) -> float | None:
    for limit, divisor in _UNITS:
        if time > limit:
            return time / divisor
    return time if time >= _EARLIEST else None
