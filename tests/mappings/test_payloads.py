"""What is read out of payloads: how each is understood, and what bounds it has."""

from datetime import UTC, datetime
import json
import threading

from hypothesis import given
import pytest

from custom_components.iot_clouds.mappings.paths import branches, leaves
from custom_components.iot_clouds.mappings.payloads import Form, parse
from custom_components.iot_clouds.mappings.proposals import propose
from custom_components.iot_clouds.model import Place

from .strategies import json_values, texts


@pytest.mark.parametrize(
    ("raw", "form", "tree"),
    [
        # Single values.
        ("21.5", Form.NUMBER, 21.5),
        (" 46 \r\n", Form.NUMBER, 46),
        ("-3", Form.NUMBER, -3),
        (".5", Form.NUMBER, 0.5),
        ("1e3", Form.NUMBER, 1000.0),
        (46, Form.NUMBER, 46),
        (90.7249984741211, Form.NUMBER, 90.7249984741211),
        (True, Form.FLAG, True),
        ("true", Form.FLAG, True),
        ("FALSE", Form.FLAG, False),
        ("on", Form.FLAG, "on"),
        ("Closed", Form.FLAG, "Closed"),
        ("", Form.TEXT, ""),
        ("hello", Form.TEXT, "hello"),
        ("nan", Form.NOTHING, None),
        ("-NaN", Form.NOTHING, None),
        ("inf", Form.NOTHING, None),
        ("-ovf", Form.NOTHING, None),
        ("null", Form.NOTHING, None),
        (None, Form.NOTHING, None),
        (float("nan"), Form.NOTHING, None),
        (float("-inf"), Form.NOTHING, None),
        # Codes and serial numbers are texts.
        ("007", Form.TEXT, "007"),
        ("8931080016012345678", Form.TEXT, "8931080016012345678"),
        ("E00FCE68A1B2", Form.TEXT, "E00FCE68A1B2"),
        # JSON.
        ('{"t": 21.5, "h": 40}', Form.JSON, {"t": 21.5, "h": 40}),
        ("[1, 2]", Form.JSON, [1, 2]),
        ("{}", Form.JSON, {}),
        ({"t": 21.5}, Form.JSON, {"t": 21.5}),
        ('{"t": "21.5"}', Form.JSON, {"t": "21.5"}),
        ('{"a": "{\\"b\\": [1]}"}', Form.JSON, {"a": {"b": [1]}}),
        ('"{\\"a\\": 1}"', Form.JSON, {"a": 1}),
        ('"21.5"', Form.NUMBER, 21.5),
        ('"\\"21.5\\""', Form.TEXT, "21.5"),
        ('{"t": NaN, "h": 40}', Form.JSON, {"t": None, "h": 40}),
        ('{"t": 1e999}', Form.JSON, {"t": None}),
        # What boards write that is nearly JSON.
        ('{"t": nan, "h": 40}', Form.PAIRS, {"t": None, "h": 40}),
        ("{t:21.5,h:40}", Form.PAIRS, {"t": 21.5, "h": 40}),
        ("{'t':21.5,'door':'open'}", Form.PAIRS, {"t": 21.5, "door": "open"}),
        ("[21.5,nan]", Form.FIELDS, [21.5, None]),
        ('{"t": 21.5, "h": 4', Form.TEXT, '{"t": 21.5, "h": 4'),
        ("{what?}", Form.TEXT, "{what?}"),
        # Pairs.
        ("t=21.5,h=40", Form.PAIRS, {"t": 21.5, "h": 40}),
        ("t=21.5;h=40;", Form.PAIRS, {"t": 21.5, "h": 40}),
        ("t=21.5&h=40", Form.PAIRS, {"t": 21.5, "h": 40}),
        ("t=21.5 h=40", Form.PAIRS, {"t": 21.5, "h": 40}),
        ("t=21.5\nh=40\n", Form.PAIRS, {"t": 21.5, "h": 40}),
        ("t:21.5,h:40", Form.PAIRS, {"t": 21.5, "h": 40}),
        ("t: 21.5, h: 40", Form.PAIRS, {"t": 21.5, "h": 40}),
        ("t = 21.5 , h = 40", Form.PAIRS, {"t": 21.5, "h": 40}),
        ("t=21,5,h=40,2", Form.PAIRS, {"t": 21.5, "h": 40.2}),
        ("list=1,2,3;x=5", Form.PAIRS, {"list": "1,2,3", "x": 5}),
        ("t=nan,h=", Form.PAIRS, {"t": None, "h": None}),
        ("ok=true", Form.PAIRS, {"ok": True}),
        ("door: open", Form.PAIRS, {"door": "open"}),
        (
            "Room Temperature: 21.5, Soil Moisture: 40",
            Form.PAIRS,
            {"Room Temperature": 21.5, "Soil Moisture": 40},
        ),
        ("t=1,t=2", Form.PAIRS, {"t": 2}),
        # Fields.
        ("21.5,40,ok", Form.FIELDS, [21.5, 40, "ok"]),
        ("21.5, 40, not known", Form.FIELDS, [21.5, 40, "not known"]),
        ("21,40", Form.FIELDS, [21, 40]),
        ("21.5;40", Form.FIELDS, [21.5, 40]),
        ("21,5;40,2", Form.FIELDS, [21.5, 40.2]),
        ("21.5|40", Form.FIELDS, [21.5, 40]),
        ("21.5\t40", Form.FIELDS, [21.5, 40]),
        ("21.5 40 1013", Form.FIELDS, [21.5, 40, 1013]),
        ("a:b:c", Form.FIELDS, ["a", "b", "c"]),
        ("nan,40,", Form.FIELDS, [None, 40]),
        ("1,,3", Form.FIELDS, [1, None, 3]),
        ('"a","b"', Form.FIELDS, ["a", "b"]),
        # Neither.
        ("Hello, world", Form.TEXT, "Hello, world"),
        ("Error: it failed", Form.TEXT, "Error: it failed"),
        ("2026-07-28T16:53:05.616Z", Form.TEXT, "2026-07-28T16:53:05.616Z"),
        ("Mon Sep 18 12:52:18 2017", Form.TEXT, "Mon Sep 18 12:52:18 2017"),
        ("0:12:00", Form.TEXT, "0:12:00"),
        ("aa:bb:cc:dd:ee:ff", Form.TEXT, "aa:bb:cc:dd:ee:ff"),
        ("2001:db8::1", Form.TEXT, "2001:db8::1"),
        ("192.168.1.10", Form.TEXT, "192.168.1.10"),
        ("http://a.example:80/?b=1", Form.TEXT, "http://a.example:80/?b=1"),
        ("data:image/png;base64,AA==", Form.TEXT, "data:image/png;base64,AA=="),
        ("YWJj==", Form.TEXT, "YWJj=="),
        ("two words", Form.TEXT, "two words"),
    ],
    ids=repr,
)
def test_a_payload_is_understood(raw, form, tree):
    payload = parse(raw)

    assert payload.form is form
    assert payload.tree == tree
    assert repr(payload.tree) == repr(tree)
    assert payload.complete


@pytest.mark.parametrize(
    ("raw", "number", "unit"),
    [
        ("21.5 °C", 21.5, "°C"),
        ("21.5C", 21.5, "°C"),
        ("70.1 degF", 70.1, "°F"),
        ("21,5 °C", 21.5, "°C"),
        ("55%", 55, "%"),
        ("55 %RH", 55, "%"),
        ("3.3V", 3.3, "V"),
        ("1013 hPa", 1013, "hPa"),
        ("-52 dBm", -52, "dBm"),
        ("12 ug/m3", 12, "μg/m³"),
        ("12 µg/m³", 12, "μg/m³"),
        ("300 lux", 300, "lx"),
        ("3h", 3, "h"),
    ],
)
def test_a_number_with_a_unit_is_a_number_that_has_a_unit(raw, number, unit):
    payload = parse(raw)

    assert payload.form is Form.NUMBER
    assert payload.tree == number
    assert payload.units == {"": unit}
    assert payload.texts == {"": raw}


@pytest.mark.parametrize("raw", ["5 apples", "1,013 hPa", "~21 °C", "21.5.3 V", "°C"])
def test_what_is_no_number_with_a_unit_stays_a_text(raw):
    assert parse(raw).units == {}


def test_units_are_kept_by_the_path_of_their_number():
    payload = parse("temp/in: 21.5 °C, hum: 40 %, n: 3")

    assert payload.tree == {"temp/in": 21.5, "hum": 40, "n": 3}
    assert payload.units == {"/temp~1in": "°C", "/hum": "%"}
    assert payload.texts == {"/temp~1in": "21.5 °C", "/hum": "40 %"}
    assert parse("21.5C,40").units == {"/0": "°C"}


def test_json_in_a_text_is_read_one_level_deep():
    inner = json.dumps({"c": json.dumps({"d": 1})})

    assert parse({"a": inner, "b": inner}).tree == {
        "a": {"c": '{"d": 1}'},
        "b": {"c": '{"d": 1}'},
    }
    assert parse({"a": "{broken", "b": " [1]"}).tree == {"a": "{broken", "b": [1]}


def test_a_value_with_parts_is_an_object_of_them():
    place = Place(latitude=45.1, longitude=7.7, accuracy=5.0)

    assert parse(place).tree == {"latitude": 45.1, "longitude": 7.7, "accuracy": 5.0}
    assert parse(datetime(2026, 1, 2, tzinfo=UTC)).tree == "2026-01-02T00:00:00+00:00"
    assert parse({"a": b"\x00"}).tree == {"a": None}


def test_halves_of_characters_are_replaced():
    assert parse('{"a\\ud800": "b\\udc00"}').tree == {"a\ufffd": "b\ufffd"}
    assert parse("\ud800").tree == "\ufffd"
    assert parse('{"a": "\ud800", "b": "°"}').tree == {"a": "\ufffd", "b": "°"}
    assert parse('{"a": "\\ud83d\\ude00"}').tree == {"a": "😀"}


@pytest.mark.parametrize("digits", [101, 400, 5000])
def test_a_number_too_long_for_a_state_is_left_out(digits):
    huge = "9" * digits

    assert parse(f'{{"a": {huge}, "b": 1}}').tree == {"a": None, "b": 1}
    assert parse(f"-{huge}").form is Form.TEXT


def test_a_large_number_is_kept():
    raw = '{"big": 123456789012345678901234567890}'

    assert parse(raw).tree == {"big": 123456789012345678901234567890}


def test_no_more_than_a_thousand_leaves_are_kept():
    most = {f"k{index}": index for index in range(1000)}
    more = {**most, "k1000": 0}

    for raw in (most, json.dumps(most)):
        assert parse(raw).tree == most
        assert parse(raw).complete
    for raw in (more, json.dumps(more), [[], *range(1000)]):
        payload = parse(raw)
        assert len(payload.tree) == 1000
        assert not payload.complete
    for text in (",".join("1" * 1001), "&".join(f"k{n}=1" for n in range(1001))):
        payload = parse(text)
        assert len(payload.tree) == 1000
        assert not payload.complete
    assert parse(",".join("1" * 1000)).complete


def test_no_path_is_longer_than_thirty_two():
    tree: object = 1
    for _ in range(32):
        tree = [tree]

    for raw in (tree, json.dumps(tree)):
        assert leaves(parse(raw).tree) == ["/0" * 32]
        assert parse(raw).complete
    for raw in ([tree], json.dumps([tree])):
        assert leaves(parse(raw).tree) == []
        assert not parse(raw).complete


def test_nesting_that_the_stack_does_not_hold_is_a_text():
    raw = "[" * 30_000 + "]" * 30_000
    found = []
    usual = threading.stack_size(256 * 1024)
    try:
        thread = threading.Thread(target=lambda: found.append(parse(raw)))
        thread.start()
    finally:
        threading.stack_size(usual)
    thread.join()

    (payload,) = found
    assert (payload.form, payload.tree) == (Form.TEXT, raw)


def test_a_text_is_read_up_to_its_limit():
    fitting = json.dumps({"a": "x" * (64 * 1024 - 9)})
    assert len(fitting) == 64 * 1024

    assert parse(fitting).tree == {"a": "x" * (64 * 1024 - 9)}
    too_long = parse(fitting + " ")
    assert (too_long.form, too_long.complete) == (Form.TEXT, False)
    assert len(too_long.tree) == 64 * 1024


def test_the_texts_of_an_object_are_kept_up_to_their_limit():
    payload = parse({"a": "x" * 40_000, "b": "y" * 40_000, "c": 1})

    assert payload.tree == {"a": "x" * 40_000, "b": None}
    assert not payload.complete


@pytest.mark.parametrize(
    "raw",
    [
        "[" * 65_000,
        '{"a":' * 13_000,
        '"' * 65_000,
        " " * 65_000,
        "," * 65_000,
        ":" * 65_000,
        "=" * 65_000,
        "a " * 32_000,
        "a=" * 32_000,
        "a=1 " * 16_000,
        "a" * 65_000,
        "9" * 65_000,
        "1 " * 32_000,
        "a:1," * 16_000,
        "_" * 30_000 + " =" * 15_000,
        json.dumps({"a": "[" * 60_000}),
        json.dumps({"a": " " * 60_000 + "{"}),
    ],
    ids=lambda raw: raw[:12],
)
def test_texts_made_to_be_slow_are_read_within_bounds(raw):
    # With time that grows with the square of the length none of these would come back.
    assert len(leaves(parse(raw).tree)) <= 1000
    assert len(propose(raw, raw[:1000])) <= 100


def _check(payload):
    assert len(leaves(payload.tree)) <= 1000
    for path, value in branches(payload.tree):
        assert len(path) <= 32
        if isinstance(value, float):
            assert abs(value) < float("inf")
    json.dumps(payload.tree, allow_nan=False).encode()
    assert {*payload.units} <= {*leaves(payload.tree)}


@given(raw=json_values)
def test_any_json_is_read_within_bounds(raw):
    _check(parse(raw))
    _check(parse(json.dumps(raw)))


@given(raw=json_values)
def test_json_is_the_same_as_an_object_and_as_text(raw):
    if isinstance(raw, dict | list):
        assert parse(json.dumps(raw)) == parse(raw)


@given(text=texts)
def test_any_text_is_read_within_bounds(text):
    _check(parse(text))
    _check(parse("{" + text + "}"))
    _check(parse({"a": text}))
