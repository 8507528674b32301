"""What was found by hunting, each with what must become of it instead."""

from datetime import UTC, datetime
import json
import tracemalloc
from typing import Any

import cbor2
import orjson
import pytest

from custom_components.iot_clouds.mappings.payloads import parse
from custom_components.iot_clouds.mappings.sheets import BadSheet, read
from custom_components.iot_clouds.model import (
    CloudUnreachable,
    Kind,
    Point,
    plain,
    read_json,
)
from custom_components.iot_clouds.remembering import _unpacked
from custom_components.iot_clouds.vendors.arduino.access import parse_token
from custom_components.iot_clouds.vendors.arduino.history import _check
from custom_components.iot_clouds.vendors.arduino.names import MOST_PARTS
from custom_components.iot_clouds.vendors.arduino.senml import decode
from custom_components.iot_clouds.vendors.arduino.values import read_bool, text_reading
from custom_components.iot_clouds.vendors.iottly.convert import as_time
from custom_components.iot_clouds.vendors.iottly.dates import parse_date
from custom_components.iot_clouds.vendors.iottly.naming import name_of
from custom_components.iot_clouds.vendors.iottly.words import words_of
from custom_components.iot_clouds.vendors.particle import events
from custom_components.iot_clouds.vendors.particle.errors import Reply
from custom_components.iot_clouds.vendors.particle.inputs import MOST_MODBUS
from custom_components.iot_clouds.vendors.particle.models import Board
from custom_components.iot_clouds.vendors.particle.sse import Decoder
from custom_components.iot_clouds.vendors.particle.values import moment, number
from tests.vendors.arduino.fake import TOPIC
from tests.vendors.particle.fake import ARGON, TRACKER, board, event

from . import of_arduino, of_particle

NOW = datetime(2026, 11, 20, 9, 0, 30, tzinfo=UTC)


def _depth(value: Any) -> int:
    depth = 0
    while isinstance(value, list) and value:
        value, depth = value[0], depth + 1
    return depth


def test_json_is_cut_where_it_is_nested_deeper_than_anybody_looks() -> None:
    assert _depth(read_json("[" * 60 + "1" + "]" * 60)) == 60
    assert _depth(read_json("[" * 30_000 + "1" + "]" * 30_000)) == 63
    found: Any = read_json('{"a":[1],"deep":' + "[" * 5000 + "]" * 5000 + "}")
    assert found["a"] == [1]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "<html>",
        "[1",
        "nan",
        "[" * 400_000,
        "[" + "{}," * 600_000 + "{}]",
        "\ufeff[]",
    ],
    ids=lambda text: text[:8],
)
def test_what_is_no_json_or_too_much_of_it_is_a_value_error(text: str) -> None:
    with pytest.raises(ValueError):
        read_json(text)


def test_what_is_no_number_is_null() -> None:
    text = f"[NaN, -Infinity, {'9' * 5000}, {'7' * 20}]"
    assert read_json(text) == [None, None, None, 77777777777777777777]
    assert read_json(b'\xef\xbb\xbf{"a": "\xff"}') == {"a": "\ufffd"}


def test_what_goes_to_others_is_taken_by_every_encoder() -> None:
    found = plain(
        {
            "a\0": [float("nan"), 1e400, 10**30, -(10**400), 1 << 53, 5, True, None],
            "\ud800": "b\udc00\0c",
            "deep": read_json("[" * 60 + "]" * 60),
        }
    )
    assert json.loads(orjson.dumps(found)) == found
    assert isinstance(found, dict)
    assert found["a"] == [
        None, None, "1" + "0" * 30, "-1" + "0" * 400, "9007199254740992", 5, True, None
    ]  # fmt: skip
    assert found["?"] == "b?c"
    assert plain(10**5000) is None


def test_tags_of_cbor_mean_nothing() -> None:
    fraction = cbor2.CBORTag(4, [-2, 2150])
    pack = decode(cbor2.dumps([{0: "a", 2: fraction}, {0: "b", 2: 1}]))
    assert [sample.name for sample in pack.samples] == ["b"]
    assert pack.refused == 1
    tagged = decode(cbor2.dumps(cbor2.CBORTag(55799, [{0: "b", 2: 1}])))
    assert [sample.value for sample in tagged.samples] == [1]


# Tags 2 and 3 are whole numbers of any length, which no variable can hold.
@pytest.mark.parametrize("tag", [*range(2), *range(4, 64), 256, 258, 260, 261, 55799])
def test_no_tag_of_cbor_changes_what_it_is_put_on(tag: int) -> None:
    pack = decode(cbor2.dumps([{0: "a", 2: cbor2.CBORTag(tag, 1.5)}]))
    assert [sample.value for sample in pack.samples] == [1.5]


def test_a_value_without_a_type_keeps_a_bounded_number_of_parts() -> None:
    routes = of_arduino._routes()
    name = of_arduino.NAMES["COLOR_RGB"]
    for start in range(0, 500, 50):
        records = [{0: f"{name}:p{n}", 2: n} for n in range(start, start + 50)]
        routes.update(TOPIC, cbor2.dumps(records), NOW)
    update = routes.update(TOPIC, cbor2.dumps([{0: f"{name}:p0", 2: -1}]), NOW)
    assert update
    (reading,) = update.readings.values()
    assert reading.attributes
    parts = {key for key in reading.attributes if key.startswith("p")}
    assert len(parts) == MOST_PARTS == 100
    assert reading.attributes["p0"] == -1
    assert (
        routes.update(TOPIC, cbor2.dumps([{0: f"{name}:{'x' * 65}", 2: 1}]), NOW)
        is None
    )


def test_what_does_not_fit_into_attributes_is_cut() -> None:
    reading = text_reading("x" * 100_000, NOW)
    assert reading.attributes == {"full_value": "x" * 16384}
    reading = text_reading({f"k{n}": n for n in range(10_000)}, NOW)
    assert reading.attributes
    assert set(reading.attributes) == {"full_value"}


def test_a_boolean_of_many_digits_is_a_wrong_value_and_nothing_worse() -> None:
    with pytest.raises(ValueError, match="not a boolean"):
        read_bool(10**400)


@pytest.mark.parametrize("status", [{}, [], {"a": 1}])
def test_a_status_that_is_no_word_is_a_refusal(status: Any) -> None:
    with pytest.raises(Exception, match=r"\{|\["):
        _check({"status": status, "message": ""})


def test_a_token_that_no_header_holds_is_none() -> None:
    with pytest.raises(CloudUnreachable):
        parse_token({"access_token": "x" * 20_000}, 0.0)


def _taken(name: str, data: str, source: str = ARGON) -> Any:
    interpreter, _ = of_particle._interpreter()
    (frame,) = Decoder().feed(event(name, data, source))
    return interpreter.take(frame)


def test_the_data_of_an_event_can_be_handed_on() -> None:
    deep = "[" * 200 + "]" * 200
    update = _taken(
        "any", f'{{"a": 1e400, "b": {10**30}, "c": "\\ud800", "d": {deep}}}'
    )
    data = update.events[0].data
    assert json.loads(orjson.dumps(data)) == data
    assert (data["a"], data["b"], data["c"]) == (None, str(10**30), "?")


def test_other_machines_have_a_bounded_number_of_values() -> None:
    interpreter, shelf = of_particle._interpreter()
    for start in range(0, 2000, 200):
        items = [
            {"name": f"a{number}", "result": 0, "value": number}
            for number in range(start, start + 200)
        ]
        (frame,) = Decoder().feed(event("modbus", json.dumps({"modbus": items})))
        interpreter.take(frame)
    known = shelf.of(ARGON)
    assert len(known) == MOST_MODBUS == 250
    (frame,) = Decoder().feed(
        event("modbus", '{"modbus": [{"name": "a3", "result": 0, "value": -1}]}')
    )
    assert list(interpreter.take(frame).readings.values())[0].value == -1  # type: ignore[union-attr]


def test_times_of_events_are_remembered_for_a_bounded_number_of_names(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(events, "NEWEST", 3)
    interpreter, _ = of_particle._interpreter()
    for place in range(10):
        (frame,) = Decoder().feed(event(f"spark/status/{place}", "x"))
        interpreter.take(frame)
    assert [name for _, name in interpreter._latest] == [
        "spark/status/7",
        "spark/status/8",
        "spark/status/9",
    ]


def test_a_report_has_a_bounded_number_of_reasons() -> None:
    body = {"loc": {"lat": 1, "lon": 1}, "trig": ["time"] * 5000}
    assert len(_taken("loc", json.dumps(body), TRACKER).events) == 21


def test_numbers_that_notes_cannot_hold_lose_digits_and_nothing_else() -> None:
    assert number(10**30) == 1e30
    assert isinstance(number(10**30), float)
    assert number(10**400) is None
    assert number((1 << 63) - 1) == (1 << 63) - 1


@pytest.mark.parametrize(
    "text",
    [
        "0001-01-01T00:00:00Z",
        "0001-01-01T00:00:00+23:59",
        "9999-12-31T23:59:59Z",
        "9999-12-31T23:59:59-23:59",
    ],
)
def test_times_at_either_end_are_none(text: str) -> None:
    assert moment(text) is None
    assert parse_date(text) is None
    assert parse_date({"$date": text}) is None
    assert as_time(text) is None


def test_names_have_an_end() -> None:
    parsed = Board.parse(board(name="x" * 10_000, serial_number="a\nb\x00c"))
    assert parsed
    assert parsed.name == "x" * 255
    assert parsed.serial == "a bc"
    assert Board.parse(board("f" * 300)) is None
    assert len(name_of(("a" * 5000, "b" * 5000))) <= 120


def test_the_words_of_an_error_have_an_end() -> None:
    reply = Reply(status=400, body={"error": "a\x1b\n" * 1_000_000})
    assert len(reply.reason) == 200
    assert len(words_of({"error": "word " * 1_000_000}) or "") == 200
    secret = "0123456789abcdef" * 2
    assert secret[:8] not in (words_of({"error": f"{secret} " * 100_000}) or "")


@pytest.mark.parametrize(
    "value",
    ["0x" + "f" * 17, '"\\ud800"', "-0x" + "f" * 2000, "[" * 60 + "]" * 60],
    ids=["17 digits", "half a character", "many digits", "deep"],
)
def test_a_sheet_cannot_bring_what_cannot_be_stored(value: str) -> None:
    rows = "name: a\ndevice: d\nplatform: button\ncommands:\n  press:\n    set:\n"
    with pytest.raises(BadSheet):
        read(f"{rows}      point: p\n      value: {value}\n", {"d": "D"})
    good = read(f"{rows}      point: p\n      value: 0x{'f' * 16}\n", {"d": "D"})
    assert len(good) == 1


def test_the_ways_to_the_values_of_a_sheet_are_bounded() -> None:
    text = "? " + "k" * 50_000 + "\n: [" + "0," * 30_000 + "]\n"
    tracemalloc.start()
    try:
        with pytest.raises(BadSheet) as raised:
            read(text, {})
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert raised.value.reason == "invalid"
    assert peak < 50 << 20


def test_colons_without_end_are_a_text() -> None:
    text = "a:" * 1001 + ":" * 50_000 + "x"
    assert parse(text).tree == text or not parse(text).complete


@pytest.mark.parametrize(
    ("kind", "stored"),
    [
        (Kind.TOGGLE, {"value": True, "at": "2026-11-20T09:00:00"}),
        (Kind.TOGGLE, {"value": True, "at": "0001-01-01T00:00:00+00:00"}),
        (Kind.LIGHT, {"value": {"on": "x"}, "at": "2026-11-20T09:00:00Z"}),
        (Kind.LIGHT, {"value": {"on": True, "hue": []}, "at": "2026-11-20T09:00:00Z"}),
        (Kind.COVER, {"value": {"motion": 5}, "at": "2026-11-20T09:00:00Z"}),
        (Kind.ENTRY, {"value": "x" * 256, "at": "2026-11-20T09:00:00Z"}),
        (Kind.LEVEL, {"value": 10**400, "at": "2026-11-20T09:00:00Z"}),
    ],
)
def test_a_stored_state_that_cannot_be_is_not_assumed(kind: Kind, stored: Any) -> None:
    assert _unpacked(Point(key="a", kind=kind), stored) is None


def test_a_stored_state_that_can_be_is_assumed() -> None:
    stored = {"value": {"on": True, "brightness": 5}, "at": "2026-11-20T09:00:00Z"}
    assert _unpacked(Point(key="a", kind=Kind.LIGHT), stored)
