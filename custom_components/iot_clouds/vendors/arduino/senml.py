"""Decodes the CBOR SenML packs that boards and the cloud publish (reference 6)."""

from collections.abc import Callable, Mapping
import math
from typing import NamedTuple

import cbor2

MAX_BYTES = 1 << 18
MAX_DEPTH = 8
"""A pack is an array of flat maps; deeper nesting is refused before it costs anything."""

_BASE_NAME, _BASE_TIME = -2, -3
_NAME, _NUMBER, _STRING, _BOOLEAN, _TIME = 0, 2, 3, 4, 6

_LABELS = {
    "bn": _BASE_NAME,
    "bt": _BASE_TIME,
    "n": _NAME,
    "v": _NUMBER,
    "vs": _STRING,
    "vb": _BOOLEAN,
    "t": _TIME,
}

# Powers of ten apart: what is larger than one of these is in that unit (reference 6.3).
_UNITS = ((1e17, 1e9), (1e14, 1e6), (1e11, 1e3))
_EARLIEST = 1e9
_LATEST = 253402300799.0


class _Untagged(dict[int, Callable[[object, bool], object]]):
    """Takes the meaning from every tag: SenML has none, and some cost minutes to read."""

    def __missing__(self, tag: int) -> Callable[[object, bool], object]:
        return _bare


def _bare(content: object, immutable: bool) -> object:
    return content


def _endless(content: object, immutable: bool) -> float:
    """A whole number of more than 64 bits, which no variable can hold."""
    return math.inf


_UNTAGGED = _Untagged({2: _endless, 3: _endless})


class Sample(NamedTuple):
    """One value of a pack.

    `base` goes before a name of text; a name of number is a tag (reference 6.6). `time`
    is in epoch seconds, None where only the moment of arrival is known.
    """

    base: str
    name: str | int
    value: bool | int | float | str
    time: float | None


class Pack(NamedTuple):
    """The samples of one message in their order, and how many records were refused."""

    samples: list[Sample]
    refused: int


class TooLargeError(ValueError):
    """A message is larger than any that makes sense."""


def decode(payload: bytes) -> Pack:
    """Decode one message; what follows its first item is ignored.

    A record that makes no sense is refused alone.

    Raises:
        ValueError: the whole message is no SenML pack.
    """
    if len(payload) > MAX_BYTES:
        raise TooLargeError("too large")
    try:
        # Broken text spoils one record this way, and not the pack.
        records = cbor2.loads(
            payload,
            max_depth=MAX_DEPTH,
            str_errors="surrogateescape",
            semantic_decoders=_UNTAGGED,
        )
    except cbor2.CBORError as err:
        raise ValueError("not CBOR") from err
    if not isinstance(records, list):
        raise ValueError("not an array")  # noqa: TRY004
    return _read(records)


def _read(records: list[object]) -> Pack:
    samples: list[Sample] = []
    refused = 0
    base_name, base_time = "", 0.0
    for item in records:
        if not isinstance(item, dict):
            refused += 1
            continue
        record = _with_integer_labels(item)
        if _BASE_NAME in record:
            base_name = _base(record[_BASE_NAME])
        if _BASE_TIME in record:
            base_time = _number(record[_BASE_TIME])
        if _NUMBER not in record and _STRING not in record and _BOOLEAN not in record:
            continue
        name, value = record.get(_NAME, ""), _value(record)
        if value is None or (type(name) is not str and type(name) is not int):
            refused += 1
            continue
        offset = _number(record[_TIME]) if _TIME in record else 0.0
        samples.append(Sample(base_name, name, value, _epoch(base_time + offset)))
    return Pack(samples, refused)


def _with_integer_labels(record: dict[object, object]) -> Mapping[object, object]:
    """Old encoders label with text (reference 6.1)."""
    for key in record:
        if type(key) is str:
            return {
                _LABELS.get(key, key) if type(key) is str else key: value
                for key, value in record.items()
            }
    return record


def _value(record: Mapping[object, object]) -> bool | int | float | str | None:
    """The record's value; None if its kind is not that of its label."""
    if _NUMBER in record:
        number = record[_NUMBER]
        return number if type(number) is float or type(number) is int else None
    if _STRING in record:
        text = record[_STRING]
        return text if type(text) is str and _is_text(text) else None
    flag = record[_BOOLEAN]
    return flag if type(flag) is bool else None


def _is_text(text: str) -> bool:
    if text.isascii():
        return True
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _base(raw: object) -> str:
    """A base name; one that is a URN names the sender and no property (reference 6.4)."""
    return raw if isinstance(raw, str) and not raw.startswith("urn:") else ""


def _number(raw: object) -> float:
    """A time as a number; what is none counts as absent."""
    if type(raw) is float or type(raw) is int:
        try:
            return float(raw)
        except OverflowError:
            return math.nan
    return 0.0


def _epoch(time: float) -> float | None:
    """Seconds since 1970 from a time in an unsaid unit (reference 6.3)."""
    if time == 0.0:
        return None
    for limit, scale in _UNITS:
        if time > limit:
            time /= scale
            break
    return time if _EARLIEST <= time <= _LATEST else None
