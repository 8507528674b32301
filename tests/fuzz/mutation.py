"""Makes hostile inputs of harmless ones, the same ones for the same seed."""

from collections.abc import Callable, Iterable, Sequence
import copy
import json
from random import Random
from typing import Any

LARGEST = 256 * 1024
"""Bytes of one input; larger ones are refused unread, or tried as fixed cases."""

DATES = (
    "0001-01-01T00:00:00Z",
    "0001-01-01T00:00:00+23:59",
    "9999-12-31T23:59:59.999999Z",
    "9999-12-31T23:59:59-23:59",
    "1969-12-31T23:59:59Z",
    "2016-12-31T23:59:60Z",
    "2026-02-30T25:61:61Z",
    "2026-W01-1",
    "20260728T165305,123456789+00:00:00.000001",
    "2026-07-28T16:53:05+99:99",
    "-0001-01-01",
    "١٩٩٩-٠١-٠١T00:00:00Z",
)
TEXTS = (
    "",
    " ",
    "\0",
    "\ud800",
    "\udfff",
    "\u202eabc",
    "\x1b[31mred\x1b[0m",
    "a\r\nb",
    "../../etc",
    "a/b?c#d%00",
    "+/#",
    "ﷺ" * 20,
    "NaN",
    "inf",
    "1e400",
    "-0",
    "0x10",
    "1_000",
    "1" * 400,
    "1" * 5000 + "x",
    "a:" * 1001 + ":" * 500 + "x",
    "null",
    "true",
    "{",
    "[[[[",
    '{"a":' * 300 + "1" + "}" * 300,
    "[" * 2000,
    "data:a;base64," + "A" * 200,
    "x" * 3000,
    *DATES,
)
NUMBERS = (
    0,
    -0.0,
    -1,
    1,
    255,
    1 << 31,
    1 << 32,
    (1 << 53) + 1,
    1 << 63,
    1 << 64,
    -(1 << 64),
    10**30,
    10**100,
    10**400,
    10**4000,
    1e300,
    1e308,
    -1e308,
    5e-324,
    253402300799,
    253402300799999,
    -62135596800000,
    8640000000000000,
    1e11,
    1e14,
    1e17,
    float("nan"),
    float("inf"),
    float("-inf"),
)


def _deep(depth: int) -> Any:
    value: Any = 1
    for number in range(depth):
        value = {"a": value} if number % 2 else [value]
    return value


SHAPES: tuple[Callable[[], Any], ...] = (
    dict,
    list,
    lambda: None,
    lambda: True,
    lambda: _deep(40),
    lambda: _deep(70),
    lambda: _deep(300),
    lambda: {str(number): number for number in range(1500)},
    lambda: list(range(1500)),
    lambda: {"$date": "0001-01-01T00:00:00Z"},
    lambda: {"$date": {"$numberLong": "9" * 400}},
    lambda: {"$numberLong": "1" * 5000},
    lambda: {"$oid": "f" * 24},
    lambda: {"lat": 91, "lon": 1e308},
    lambda: {"type": "Point", "coordinates": [float("nan"), 1e400, None]},
)

TOKENS: tuple[bytes, ...] = (
    b"\x00",
    b"\xff",
    b"\xef\xbb\xbf",
    b"\r",
    b"\n",
    b"\r\n",
    b"\n\n",
    b"data: ",
    b"data:\n",
    b"event: ",
    b": ok\n",
    b'"',
    b"\\u0000",
    b"\\ud800",
    b"{",
    b"[",
    b"}",
    b"]",
    b"NaN",
    b"1e400",
    b"-Infinity",
    b"9" * 5000,
    b"%00",
    b"=",
    b";",
    b",",
    b"|",
    b":",
    b"::",
    b"&a",
    b"*a",
    b"!!python/object:a",
    b"<<: ",
    b"0x" + b"f" * 40,
    b"\x9b\x7f\xff\xff\xff\xff\xff\xff\xff",
    b"\xbb\x7f\xff\xff\xff\xff\xff\xff\xff",
    b"\x5b\x7f\xff\xff\xff\xff\xff\xff\xff",
    b"\x9f",
    b"\xbf",
    b"\x7f",
    b"\xc2",
    b"\xc4\x82\x3a\x00\xff\xff\xff\xc2\x58\x20" + b"\xa7" * 32,
    b"\xd8\x1c",
    b"\xd8\x1d\x00",
    b"\xd8\x23\x64(((a",
    b"\xd9\x01\x02",
    b"\xfb\x7f\xf8\x00\x00\x00\x00\x00\x00",
    b"\xf9\x7e\x00",
    b"\xf8\x20",
)


class Mutator:
    """Changes inputs; of JSON the document, of everything else the bytes."""

    def __init__(self, rng: Random) -> None:
        self._rng = rng

    def __call__(self, data: bytes, others: Sequence[bytes]) -> bytes:
        """One input, changed once or a few times; `others` lend it parts."""
        for _ in range(self._rng.choice((1, 1, 1, 2, 3, 6))):
            data = self._once(data, others)
        return data[:LARGEST]

    def _once(self, data: bytes, others: Sequence[bytes]) -> bytes:
        if self._rng.random() < 0.7 and (changed := self._in_json(data)) is not None:
            return changed
        return self._in_bytes(data, others)

    def _in_json(self, data: bytes) -> bytes | None:
        """Change a part of a JSON document; None if there is none."""
        start = min((at for at in map(data.find, (b"{", b"[")) if at >= 0), default=-1)
        if start < 0:
            return None
        try:
            document, end = json.JSONDecoder().raw_decode(data[start:].decode())
        except ValueError, RecursionError:
            return None
        rest = data[start:].decode()[end:]
        try:
            document = self._changed(document)
            written = json.dumps(document, ensure_ascii=self._rng.random() < 0.5)
        except ValueError, RecursionError:
            return None
        return data[:start] + written.encode(errors="replace") + rest.encode()

    def _changed(self, document: Any) -> Any:
        rng = self._rng
        places = list(_places(document))
        if not places or rng.random() < 0.03:
            return self._hostile()
        holder, key = rng.choice(places)
        match rng.randrange(7):
            case 0:
                del holder[key]
            case 1 if isinstance(holder, list):
                holder.extend([copy.deepcopy(holder[key])] * rng.choice((1, 30, 300)))
            case 2 if isinstance(holder, dict):
                holder[str(rng.choice(TEXTS))] = holder.pop(key)
            case 3 if isinstance(holder, dict):
                holder[str(rng.choice(TEXTS))] = self._hostile()
            case 4:
                other, other_key = rng.choice(places)
                holder[key] = copy.deepcopy(other[other_key])
            case 5:
                holder[key] = json.dumps(holder[key])
            case _:
                holder[key] = self._hostile()
        return document

    def _hostile(self) -> Any:
        kind = self._rng.randrange(3)
        if kind == 0:
            return self._rng.choice(TEXTS)
        return self._rng.choice(NUMBERS) if kind == 1 else self._rng.choice(SHAPES)()

    def _in_bytes(self, data: bytes, others: Sequence[bytes]) -> bytes:
        rng = self._rng
        at = rng.randrange(len(data) + 1)
        to = min(len(data), at + rng.choice((1, 2, 4, 16, 64)))
        match rng.randrange(8):
            case 0:
                return data[:at] + bytes([rng.randrange(256)]) + data[to:]
            case 1:
                return data[:at] + data[to:]
            case 2:
                return data[:at]
            case 3:
                times = rng.choice((2, 10, 100, 3000))
                return data[:at] + data[at:to] * times + data[to:]
            case 4 if others:
                other = rng.choice(others)
                return data[:at] + other[rng.randrange(len(other) + 1) :]
            case 5 if data:
                bit = 1 << rng.randrange(8)
                at = min(at, len(data) - 1)
                return data[:at] + bytes([data[at] ^ bit]) + data[at + 1 :]
            case 6:
                token = rng.choice(TOKENS) * rng.choice((1, 1, 1, 50, 5000))
                return data[:at] + token + data[at:]
        return data[:at] + rng.choice(TOKENS) + data[to:]


def _places(document: Any) -> Iterable[tuple[Any, Any]]:
    """Every part of a document as its container and where it stands in there."""
    waiting = [document]
    for _ in range(400):
        if not waiting:
            return
        holder = waiting.pop()
        if isinstance(holder, dict | list):
            keys = list(holder) if isinstance(holder, dict) else range(len(holder))
            for key in list(keys)[:50]:
                yield holder, key
                waiting.append(holder[key])
