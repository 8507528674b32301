"""Inputs that were made to cost much: each costs about what a harmless one does."""

from collections.abc import Callable
import json
import logging
import struct
import time

import pytest

from custom_components.iot_clouds.mappings.sheets import LARGEST
from tests.vendors.particle.fake import ARGON, TRACKER, event

from .decoders import DECODERS
from .hunt import allowed_memory, peak_of, problem
from .of_iottly import LISTED as IOTTLY, ROWS
from .of_particle import LISTED as PARTICLE

MOST = 300
"""How many times longer an input may take than Python takes to read as much JSON."""

SIZE = 240 * 1024


@pytest.fixture(autouse=True)
def _quiet():
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


def _bignum(size: int) -> bytes:
    return b"\xc2\x5a" + struct.pack(">I", size) + b"\xa7" * size


def _record(value: bytes) -> bytes:
    return b"\x81\xa2\x00\x62v0\x02" + value


def _text(content: bytes) -> bytes:
    return b"\x7a" + struct.pack(">I", len(content)) + content


def _deep(depth: int) -> bytes:
    return b'{"a":' * depth + b"1" + b"}" * depth


def _answers(whole: dict[str, object], part: str, raw: str) -> bytes:
    return json.dumps({**whole, part: {"status": 200, "raw": raw}}).encode()


HOSTILE: dict[str, tuple[str, Callable[[], bytes]]] = {
    # A decimal fraction whose digits took seconds to convert.
    "a CBOR decimal fraction of 240 kB": (
        "arduino.message",
        lambda: _record(b"\xc4\x82\x3a\x00\xff\xff\xff" + _bignum(SIZE)),
    ),
    "a CBOR big float": (
        "arduino.message",
        lambda: _record(b"\xc5\x82\x1a\x00\xff\xff\xff" + _bignum(SIZE)),
    ),
    "a CBOR fraction": (
        "arduino.message",
        lambda: _record(b"\xd8\x1e\x82" + _bignum(SIZE // 2) + _bignum(SIZE // 2 - 1)),
    ),
    "a CBOR expression": (
        "arduino.message",
        lambda: _record(b"\xd8\x23" + _text(b"((a|b)*c){1,1000}" * 14000)),
    ),
    "a CBOR mail": (
        "arduino.message",
        lambda: _record(b"\xd8\x24" + _text(b"Content-Type: a/b; c=d\n" * 10000)),
    ),
    "a CBOR list within itself": (
        "arduino.message",
        lambda: b"\xd8\x1c\x82\xd8\x1d\x00\xa2\x00\xd8\x1d\x00\x02\x01",
    ),
    "a CBOR map with itself as key": (
        "arduino.message",
        lambda: b"\x81\xd8\x1c\xa1\xd8\x1d\x00\x01",
    ),
    "a CBOR number of 240 kB": ("arduino.message", lambda: _record(_bignum(SIZE))),
    "CBOR 100,000 deep": ("arduino.message", lambda: b"\x81" * 100_000),
    "tags 100,000 deep": ("arduino.message", lambda: b"\xc6" * 100_000 + b"\x01"),
    "a CBOR list of more than there is": (
        "arduino.message",
        lambda: b"\x9b" + b"\x7f" * 8,
    ),
    "a CBOR text of more than there is": (
        "arduino.message",
        lambda: _record(b"\x7b" + b"\x7f" * 8),
    ),
    "a CBOR text without end": (
        "arduino.message",
        lambda: _record(b"\x7f" + b"\x61a" * (SIZE // 2) + b"\xff"),
    ),
    "60,000 records": ("arduino.message", lambda: b"\x9f" + b"\xa0" * 60_000 + b"\xff"),
    "60,000 parts of one value": (
        "arduino.message",
        lambda: (
            b"\x9f"
            + b"".join(
                b"\xa2\x00" + _text(b"v%d:p%d" % (number % 80, number)) + b"\x02\x01"
                for number in range(10_000)
            )
            + b"\xff"
        ),
    ),
    "JSON 100,000 deep": ("arduino.rest", lambda: _deep(40_000)),
    "JSON 100,000 deep in an error": ("arduino.errors", lambda: b"[" * 100_000),
    # Digits that were tried again from each of their places.
    "digits for a number": (
        "particle.stream",
        lambda: event("temp", "1" * (SIZE - 200) + "x"),
    ),
    "blanks for a number": (
        "particle.stream",
        lambda: event("n", " " * (SIZE - 200) + "x"),
    ),
    "a million empty lines": ("particle.stream", lambda: b"\n" * SIZE),
    "lines without a blank one": ("particle.stream", lambda: b"data:\n" * 40_000),
    "comments without end": ("particle.stream", lambda: b":\r" * (SIZE // 2)),
    "an endless line": ("particle.stream", lambda: b"data: " + b"x" * SIZE * 2),
    "an event 40,000 deep": (
        "particle.stream",
        lambda: event("any", _deep(20_000).decode()),
    ),
    "an event that is an object 20,000 deep": (
        "particle.stream",
        lambda: (
            b'event: any\ndata: {"coreid":"%s","data":%s}\n\n'
            % (ARGON.encode(), _deep(20_000))
        ),
    ),
    "20,000 values of other machines": (
        "particle.stream",
        lambda: event(
            "modbus",
            json.dumps(
                {
                    "modbus": [
                        {"name": f"a{number}", "result": 0, "value": 1}
                        for number in range(4000)
                    ]
                }
            ),
        ),
    ),
    "20,000 reasons": (
        "particle.stream",
        lambda: event(
            "loc",
            json.dumps({"loc": {"lat": 1, "lon": 1}, "trig": ["time"] * 20_000}),
            TRACKER,
        ),
    ),
    "an error of 240 kB": (
        "particle.rest",
        lambda: json.dumps(
            {
                **PARTICLE,
                "devices": {"status": 400, "raw": json.dumps({"error": "\x1b" * SIZE})},
            }
        ).encode(),
    ),
    "a firmware's name of 240 kB": (
        "particle.rest",
        lambda: _answers(PARTICLE, "firmware", json.dumps({"title": "x" * SIZE})),
    ),
    "a row 20,000 deep": (
        "iottly.rest",
        lambda: _answers(
            IOTTLY,
            "messages",
            json.dumps(ROWS)[:-1] + "," + _deep(20_000).decode() + "]",
        ),
    ),
    "a delivery 40,000 deep": ("iottly.delivery", lambda: _deep(40_000)),
    "a form of 100,000 fields": ("iottly.delivery", lambda: b"a=1&" * 60_000),
    "a form of percents": ("iottly.delivery", lambda: b"msg=" + b"%7B" * 80_000),
    "100,000 keys": (
        "iottly.messages",
        lambda: json.dumps(
            [{**ROWS[0], "payload": {f"k{number}": 1 for number in range(15_000)}}]
        ).encode(),
    ),
    "an error of many fields": (
        "iottly.dates",
        lambda: json.dumps({f"f{n}": ["a" * 10] * 5 for n in range(4000)}).encode(),
    ),
    # An address of the network, perhaps.
    "colons": (
        "users.payload",
        lambda: b"a:" * 1001 + b":" * 60_000 + b"x",
    ),
    "a payload 30,000 deep": ("users.payload", lambda: _deep(9_000)),
    "digits and commas": ("users.payload", lambda: b"1," * 32_000),
    "pairs": ("users.payload", lambda: b"a=1;" * 16_000),
    "pairs and blanks": ("users.payload", lambda: b"a: b, " * 10_000),
    "quotes": ("users.payload", lambda: b'"' * 64_000),
    "a pointer of slashes": ("users.path", lambda: b"/" * SIZE),
    "a pointer of tildes": ("users.path", lambda: b"/~0" * (SIZE // 3)),
    "an index of 240 kB": ("users.path", lambda: b"/" + b"9" * SIZE),
    # Aliases of aliases stand for more than memory holds.
    "laughs": (
        "users.sheet",
        lambda: b"a: &a [x]\n" + b"".join(b"b: &b [*a,*a]\n" for _ in range(99)),
    ),
    # For each of the items the way to it was remembered, with its long key.
    "a long key of many items": (
        "users.sheet",
        lambda: b"? " + b"k" * 100_000 + b"\n: [" + b"0," * 70_000 + b"]\n",
    ),
    "a number of a million bits": (
        "users.sheet",
        lambda: (
            b"- {name: a, device: d1, platform: number, limits: {min: 0x"
            + b"f" * (LARGEST - 100)
            + b"}}"
        ),
    ),
    "brackets": ("users.sheet", lambda: b"[" * LARGEST),
}


def _cost(work: Callable[[], object]) -> float:
    began = time.thread_time()
    work()
    return time.thread_time() - began


@pytest.mark.parametrize("what", HOSTILE)
def test_it_costs_about_as_much_as_a_harmless_input(what: str) -> None:
    name, make = HOSTILE[what]
    run, data = DECODERS[name].run, make()
    harmless = "[" + "1.5," * (max(len(data), 4096) // 4) + "1]"
    unit = min(_cost(lambda: json.loads(harmless)) for _ in range(5))
    assert problem(run, data) is None
    took = min(_cost(lambda: problem(run, data)) for _ in range(2))
    assert took <= MOST * unit + 0.1
    assert peak_of(run, data) <= allowed_memory(data)
