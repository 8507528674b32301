from contextlib import suppress
from datetime import UTC, datetime, timedelta
import json
from operator import itemgetter
from typing import Any

import cbor2
from hypothesis import given, strategies as st
import pytest

from custom_components.iot_clouds.model import (
    Light,
    Place,
    Playback,
    Player,
    Reading,
    Ref,
    Repeat,
    Schedule,
    Value,
)
from custom_components.iot_clouds.vendors.arduino.faults import Faults
from custom_components.iot_clouds.vendors.arduino.models import parse_things
from custom_components.iot_clouds.vendors.arduino.names import Objects, ThingNames
from custom_components.iot_clouds.vendors.arduino.senml import Sample, decode

from .fake import THING, prop, thing

ARRIVED = datetime(2026, 11, 20, 12, tzinfo=UTC)

PROPERTIES = [
    prop(1, "switch1", "STATUS"),
    prop(2, "lamp", "HOME_DIMMED_LIGHT"),
    prop(3, "rgb", "COLOR_HSB"),
    prop(4, "counter", "INT"),
    prop(5, "temperature", "TEMPERATURE_C"),
    prop(6, "message", "CHARSTRING"),
    prop(7, "position", "LOCATION"),
    prop(8, "tv", "HOME_TELEVISION"),
    prop(9, "sched", "SCHEDULE"),
    prop(10, "bool_test", "STATUS"),
    prop(11, "int_test", "INT"),
    prop(12, "float_test", "FLOAT"),
    prop(13, "str_test", "CHARSTRING"),
    prop(14, "test", "INT"),
    prop(15, "clight", "HOME_COLORED_LIGHT"),
    prop(16, "temp", "FLOAT"),
    prop(17, "any", "GENERIC_COMPLEX_PROPERTY"),
]
VARIABLE = {f"property/{item['id']}": item["variable_name"] for item in PROPERTIES}

# Identifier, message, and what it says: name, value and time, None for that of arrival.
VECTORS = [
    ("D1", "9fa200677377697463683104f5ff", [("switch1", True, None)]),
    ("D2", "9fa20067636f756e7465720226ff", [("counter", -7, None)]),
    (
        "D3",
        "9fa2006b74656d706572617475726502fa41ac0000ff",
        [("temperature", 21.5, None)],
    ),
    ("D4", "9fa200676d657373616765036568656c6c6fff", [("message", "hello", None)]),
    (
        "D5",
        "9fa2006c706f736974696f6e3a6c617402fa4235db57a2006c706f736974696f6e3a6c6f6e02fa41130a3dff",
        [("position", {"lat": 45.46419906616211, "lon": 9.1899995803833}, None)],
    ),
    (
        "D6",
        "9fa200677267623a68756502fa43528000a200677267623a73617402fa42a00000a200677267623a62726902fa42480000ff",
        [("rgb", {"hue": 210.5, "sat": 80.0, "bri": 50.0}, None)],
    ),
    (
        "D7",
        "9fa200686c616d703a73776904f5a200686c616d703a68756502fa43528000a200686c616d703a73617402fa42a00000a200686c616d703a62726902fa42480000ff",
        [("lamp", {"swi": True, "hue": 210.5, "sat": 80.0, "bri": 50.0}, None)],
    ),
    (
        "D8",
        "9fa200686c616d703a73776904f5a200686c616d703a62726902fa42960000ff",
        [("lamp", {"swi": True, "bri": 75.0}, None)],
    ),
    (
        "D9",
        "9fa2006674763a73776904f5a2006674763a766f6c021832a2006674763a6d757404f4a2006674763a7062630203a2006674763a696e700210a2006674763a6368610207ff",
        [
            (
                "tv",
                {"swi": True, "vol": 50, "mut": False, "pbc": 3, "inp": 16, "cha": 7},
                None,
            )
        ],
    ),
    (
        "D10",
        "9fa2006973636865643a66726d021a615a4400a2006873636865643a746f021a615f8a00a2006973636865643a6c656e02190258a2006973636865643a6d736b021a44000014ff",
        [
            (
                "sched",
                {"frm": 1633305600, "to": 1633651200, "len": 600, "msk": 1140850708},
                None,
            )
        ],
    ),
    (
        "D11",
        "9fa20067636f756e7465720201a200677377697463683104f4a2006b74656d706572617475726502fa40200000a200676d65737361676503626f6bff",
        [
            ("counter", 1, None),
            ("switch1", False, None),
            ("temperature", 2.5, None),
            ("message", "ok", None),
        ],
    ),
    (
        "D12",
        "9fa3006b74656d706572617475726502fa41ac0000061a6553f100ff",
        [("temperature", 21.5, 1700000000)],
    ),
    ("L1", "9fa2000104f5ff", [("switch1", True, None)]),
    (
        "L2",
        "9fa20019010302fa40000000a20019020302fa40000000a20019030302fa40000000ff",
        [("rgb", {"hue": 2.0, "sat": 2.0, "bri": 2.0}, None)],
    ),
    (
        "L3",
        "9fa20019010204f5a20019020202fa42960000ff",
        [("lamp", {"swi": True, "bri": 75.0}, None)],
    ),
    ("P1", "81a200677377697463683104f5", [("switch1", True, None)]),
    (
        "P2",
        "82a20067636f756e7465720226a200677377697463683104f4",
        [("counter", -7, None), ("switch1", False, None)],
    ),
    (
        "P3",
        "81a2006b74656d706572617475726502fb4035800000000000",
        [("temperature", 21.5, None)],
    ),
    (
        "P4",
        "82a200686c616d703a62726902fb4052c00000000000a200686c616d703a73776904f5",
        [("lamp", {"bri": 75.0, "swi": True}, None)],
    ),
    ("P5", "81a20063723a6d036d6765744c61737456616c756573", []),
    (
        "J1",
        "81a300677377697463683104f5221b0000018bcfe56800",
        [("switch1", True, 1700000000)],
    ),
    (
        "J2",
        "81a30067636f756e74657202182a221b0000018bcfe56800",
        [("counter", 42, 1700000000)],
    ),
    (
        "J3",
        "81a30067636f756e7465720226221b0000018bcfe56800",
        [("counter", -7, 1700000000)],
    ),
    (
        "J4",
        "81a3006b74656d706572617475726502fb4035800000000000221b0000018bcfe56800",
        [("temperature", 21.5, 1700000000)],
    ),
    (
        "J5",
        "81a3006b74656d70657261747572650215221b0000018bcfe56800",
        [("temperature", 21, 1700000000)],
    ),
    (
        "J6",
        "81a300676d657373616765036c4369616f20c3a820f09f9a80221b0000018bcfe56800",
        [("message", "Ciao è 🚀", 1700000000)],
    ),
    (
        "J7",
        "82a300686c616d703a73776904f5221b0000018bcfe56800a200686c616d703a62726902184b",
        [("lamp", {"swi": True, "bri": 75}, 1700000000)],
    ),
    (
        "J8",
        "84a300686c616d703a73776904f5221b0000018bcfe56800a200686c616d703a68756502fb406a500000000000a200686c616d703a736174021850a200686c616d703a627269021832",
        [("lamp", {"swi": True, "hue": 210.5, "sat": 80, "bri": 50}, 1700000000)],
    ),
    (
        "J9",
        "82a3006c706f736974696f6e3a6c617402fb4046bb6ae7d566cf221b0000018bcfe56800a2006c706f736974696f6e3a6c6f6e02fb40226147ae147ae1",
        [("position", {"lat": 45.4642, "lon": 9.19}, 1700000000)],
    ),
    (
        "J10",
        "81a36262741b0000018bcfe56800616e6773776974636831627662f5",
        [("switch1", True, 1700000000)],
    ),
    (
        "J11",
        "81a300676d6573736167650360221b0000018bcfe56800",
        [("message", "", 1700000000)],
    ),
    (
        "J12",
        "81a300677377697463683104f4221b0000018bcfe56800",
        [("switch1", False, 1700000000)],
    ),
    (
        "J13",
        "81a30067636f756e7465720200221b0000018bcfe56800",
        [("counter", 0, 1700000000)],
    ),
    ("J14", "81a200677377697463683104f5", [("switch1", True, None)]),
    (
        "T1",
        "84a20069626f6f6c5f7465737404f5a20068696e745f74657374020aa2006a666c6f61745f7465737402f94d00a200687374725f74657374036d68656c6c6f2061726475696e6f",
        [
            ("bool_test", True, None),
            ("int_test", 10, None),
            ("float_test", 20.0, None),
            ("str_test", "hello arduino", None),
        ],
    ),
    (
        "T2",
        "81a52169626173652d6e616d6522fb408472916872b02106fb405edd2f1a9fbe770064746573740201",
        [("test", 1, None)],
    ),
    ("T3", "81a3187b187b0064746573740201", [("test", 1, None)]),
    (
        "H1",
        "81a322fb41d954fc4000000000677377697463683104f5",
        [("switch1", True, 1700000000)],
    ),
    (
        "H2",
        "85a22167636c696768743a22fb41d954fc40000000a2006373776904f5a2006368756502fb403e000000000000a2006373617402fb4049000000000000a2006362726902fb4051800000000000",
        [("clight", {"swi": True, "hue": 30.0, "sat": 50.0, "bri": 70.0}, 1700000000)],
    ),
    (
        "H3",
        "83a122fb41d954fc40000000a2006a636c696768743a73776904f5a2006a636c696768743a62726902fb4051800000000000",
        [("clight", {"swi": True, "bri": 70.0}, 1700000000)],
    ),
    (
        "H4",
        "83a20069747a5f6f666673657402190e10a2006c747a5f6473745f756e74696c021a6608b590a20067636f756e7465720205",
        [("counter", 5, None)],
    ),
    (
        "H5",
        "83a200686c616d703a73776904f5a20067636f756e7465720201a200686c616d703a627269021832",
        [("lamp", {"swi": True, "bri": 50}, None), ("counter", 1, None)],
    ),
    (
        "H6",
        "81a421782d75726e3a757569643a31663463656437302d353361642d346232392d623232312d316230616262646663373537221a6553f1000067636f756e7465720203",
        [("counter", 3, 1700000000)],
    ),
    (
        "H7",
        "83a3221a6553f1000067636f756e7465720201a3060a0067636f756e7465720202a306140067636f756e7465720203",
        [
            ("counter", 1, 1700000000),
            ("counter", 2, 1700000010),
            ("counter", 3, 1700000020),
        ],
    ),
    ("H8", "80", []),
    ("H9", "81a2006474656d7002f97e00", [("temp", None, None)]),
    ("H10", "81a2006b74656d706572617475726502f94d60", [("temperature", 21.5, None)]),
    ("H11", "81a20067737769746368310201", [("switch1", True, None)]),
    ("H12", "81a20067636f756e74657202fb4004cccccccccccd", [("counter", 2, None)]),
]


def table(faults: Faults | None = None, *, coloured: bool = False) -> ThingNames:
    properties = [dict(item) for item in PROPERTIES]
    if coloured:
        properties[1]["type"] = "HOME_COLORED_LIGHT"
    faults = faults or Faults()
    (parsed,) = parse_things([thing(*properties)], faults).items
    return ThingNames(parsed, faults)


def told(readings: list[tuple[Ref, Reading]]) -> list[tuple[str, Any, int | None]]:
    """Readings in the words of the table above."""
    found: list[tuple[str, Any, int | None]] = []
    for ref, reading in readings:
        name, value = VARIABLE[ref.key], reading.value
        shown = in_parts(value, switched=name != "rgb")
        at = None if reading.at == ARRIVED else int(reading.at.timestamp())
        found.append((name, shown, at))
    return found


def in_parts(value: Value, *, switched: bool) -> Any:
    """A composite value as the parts that the table spells out."""
    match value:
        case str() if value.startswith("{"):
            return json.loads(value)
        case Place():
            return {"lat": value.latitude, "lon": value.longitude}
        case Light():
            swi = value.on if switched else None
            hue, sat, bri = value.hue, value.saturation, value.brightness
            parts = {"swi": swi, "hue": hue, "sat": sat, "bri": bri}
            return {name: part for name, part in parts.items() if part is not None}
        case Player(playback=Playback.PLAY, source="hdmi1"):
            codes = {"pbc": 3, "inp": 16, "cha": value.channel}
            return {"swi": value.on, "vol": value.volume, "mut": value.muted, **codes}
        case Schedule(repeat=Repeat.EVERY, every=1200, end=datetime() as end):
            frm = int(value.start.replace(tzinfo=UTC).timestamp())
            to = int(end.replace(tzinfo=UTC).timestamp())
            return {"frm": frm, "to": to, "len": value.duration, "msk": 1140850708}
    return value


def said(
    message: bytes, *, coloured: bool = False, objects: Objects | None = None
) -> list[tuple[str, Any, int | None]]:
    names = table(coloured=coloured)
    samples = decode(message).samples
    return told(names.readings(samples, ARRIVED, objects or Objects()))


def pack(*records: Any) -> bytes:
    return cbor2.dumps(list(records))


@pytest.mark.parametrize(
    ("name", "message", "expected"), VECTORS, ids=lambda v: str(v)[:4]
)
def test_every_message_of_the_reference_says_what_it_should(
    name: str, message: str, expected: list[tuple[str, Any, int | None]]
) -> None:
    found = said(bytes.fromhex(message), coloured=name in {"D7", "J8"})
    # A composite value comes when its message is read to the end; samples keep their order.
    found.sort(key=itemgetter(0))
    expected = sorted(expected, key=itemgetter(0))
    assert found == expected
    for (_, value, _), (_, wanted, _) in zip(found, expected, strict=True):
        assert isinstance(value, bool) is isinstance(wanted, bool)


def test_there_are_49_of_them() -> None:
    assert len(VECTORS) == len({name for name, _, _ in VECTORS}) == 49


def test_a_float_stays_one_when_the_sender_shortened_it() -> None:
    ((_, value, _),) = said(bytes.fromhex(VECTORS[24][1]))
    assert (VECTORS[24][0], type(value)) == ("J5", float)


def test_bytes_after_the_message_are_ignored() -> None:
    assert said(pack({0: "counter", 2: 5}) + b"\xff\x00rest") == [("counter", 5, None)]


@pytest.mark.parametrize(
    "message",
    [
        b"",
        b"\xff",
        b"\x9f",
        b"hello",
        pack({0: "counter", 2: 5})[:-1],
        cbor2.dumps({0: "counter", 2: 5}),
        cbor2.dumps(5),
        b"\x9b\x7f\xff\xff\xff\xff\xff\xff\xff",
        b"\x81" * 1000 + b"\x80",
        b"\xd8\x23\x61(",
        pack({0: "message", 3: "x" * (1 << 18)}),
    ],
    ids=lambda message: message[:6].hex(),
)
def test_what_is_no_message_is_a_value_error(message: bytes) -> None:
    with pytest.raises(ValueError, match="not CBOR|not an array|too large"):
        decode(message)


@pytest.mark.parametrize(
    "record",
    [
        7,
        "text",
        [0, "counter"],
        {0: "counter", 2: "five"},
        {0: "counter", 2: True},
        {0: "counter", 2: [1]},
        {0: "counter", 2: None},
        {0: "message", 3: 5},
        {0: "switch1", 4: 1},
        {0: None, 2: 5},
        {0: True, 2: 5},
        {0: 1.5, 2: 5},
    ],
    ids=str,
)
def test_a_record_that_makes_no_sense_is_refused_alone(record: Any) -> None:
    found = decode(pack({0: "counter", 2: 1}, record, {0: "counter", 2: 2}))
    assert found.refused == 1
    assert [sample.value for sample in found.samples] == [1, 2]


def test_broken_text_spoils_only_its_record() -> None:
    broken = b"\x82\xa2\x00\x67message\x03\x62a\xff\xa2\x00\x67counter\x02\x05"
    found = decode(broken)
    assert found.refused == 1
    assert found.samples == [Sample("", "counter", 5, None)]


@given(st.binary(max_size=200))
def test_no_bytes_raise_anything_but_a_value_error(message: bytes) -> None:
    with suppress(ValueError):
        decode(message)


scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9)
labels = st.sampled_from([*range(-6, 9), "n", "v", "bn", "bt", "t", 0.5, "x"])
names_seen = st.sampled_from([*VARIABLE.values(), "lamp:bri", "any:x", "", ":"])
records = st.dictionaries(labels, scalars | names_seen | st.lists(scalars, max_size=2))


@given(st.lists(records | scalars, max_size=5))
def test_no_message_stops_the_listener(items: list[Any]) -> None:
    names = table()
    for _, reading in names.readings(decode(pack(*items)).samples, ARRIVED, Objects()):
        assert reading.at <= ARRIVED
        assert reading.value == reading.value


@pytest.mark.parametrize(
    ("base", "offset", "expected"),
    [
        (1700000000, None, 1700000000),
        (1700000000.5, 2, 1700000002),
        (1700000000000, None, 1700000000),
        (1700000000000000, None, 1700000000),
        (1700000000000000000, None, 1700000000),
        (None, 1700000000, 1700000000),
        (None, 30, None),
        (None, -30, None),
        (0, 0, None),
        (float("nan"), None, None),
        (float("inf"), None, None),
        (10**400, None, None),
        (1e30, None, None),
        ("yesterday", None, None),
        (True, None, None),
        (1893456000, None, None),
    ],
)
def test_times_are_read_in_any_unit_and_never_lie_ahead(
    base: Any, offset: Any, expected: int | None
) -> None:
    record = {0: "counter", 2: 1}
    if base is not None:
        record[-3] = base
    if offset is not None:
        record[6] = offset
    assert said(pack(record)) == [("counter", 1, expected)]


def test_the_last_sample_by_time_comes_last_whatever_its_place() -> None:
    message = pack(
        {-3: 1700000000, 0: "counter", 6: 20, 2: 3},
        {0: "counter", 6: 10, 2: 2},
        {0: "counter", 2: 1},
    )
    assert said(message) == [
        ("counter", 1, 1700000000),
        ("counter", 2, 1700000010),
        ("counter", 3, 1700000020),
    ]


def test_the_last_parts_by_time_make_the_composite_value() -> None:
    message = pack(
        {-3: 1700000000, 0: "lamp:swi", 4: True},
        {0: "lamp:bri", 6: 20, 2: 80},
        {0: "lamp:bri", 6: 10, 2: 40},
    )
    assert said(message) == [("lamp", {"swi": True, "bri": 80}, 1700000020)]


def test_a_gap_lets_a_listing_tell_the_parts_anew_whatever_its_time() -> None:
    objects, ref = Objects(), Ref("thing", "lamp")
    objects.put(ref, {"bri": 10}, ARRIVED)
    objects.put(ref, {"bri": 20}, ARRIVED - timedelta(seconds=20))
    assert objects.get(ref) == {"bri": 10}

    objects.doubt()
    assert objects.get(ref) == {"bri": 10}
    objects.put(ref, {"bri": 20}, ARRIVED - timedelta(seconds=20))
    assert objects.get(ref) == {"bri": 20}


def test_parts_complete_what_is_known_and_are_remembered() -> None:
    objects = Objects()
    ref = Ref(THING, f"property/{PROPERTIES[1]['id']}")
    objects.put(ref, {"swi": True, "bri": 75}, datetime(2026, 1, 1, tzinfo=UTC))
    message = pack({0: "lamp:bri", 2: 20})
    assert said(message, objects=objects) == [("lamp", {"swi": True, "bri": 20}, None)]
    assert objects.get(ref) == {"swi": True, "bri": 20}
    objects.put(ref, {"swi": False}, datetime(2025, 1, 1, tzinfo=UTC))
    assert objects.get(ref) == {"swi": True, "bri": 20}
    objects.keep(set())
    assert objects.get(ref) == {}


@pytest.mark.parametrize(
    "record",
    [
        {0: "nobody", 2: 1},
        {0: "r:m", 3: "getLastValues"},
        {0: "tz_offset", 2: 3600},
        {0: "counter:x", 2: 1},
        {0: "lamp", 2: 1},
        {0: "lamp:hue", 2: 1},
        {0: ":", 2: 1},
        {2: 1},
        {0: 200, 2: 1},
        {0: 0, 2: 1},
        {0: -1, 2: 1},
        {0: 1 + 5 * 256, 2: 1},
        {0: 10**30, 2: 1},
    ],
    ids=str,
)
def test_names_that_match_no_variable_say_nothing(record: dict[int, Any]) -> None:
    assert said(pack(record)) == []


def test_housekeeping_is_not_taken_for_a_variable_of_that_name() -> None:
    faults = Faults()
    own = prop(1, "tz_offset", "INT", tag=None)
    (parsed,) = parse_things([thing(own)], faults).items
    samples = decode(pack({0: "tz_offset", 2: 3600})).samples
    assert ThingNames(parsed, faults).readings(samples, ARRIVED, Objects()) == []


def test_a_base_name_is_tried_before_the_name_alone() -> None:
    both = pack({-2: "bool_", 0: "test", 4: True}, {-2: "elsewhere", 0: "test", 2: 4})
    assert said(both) == [("bool_test", True, None), ("test", 4, None)]


def test_a_base_name_that_is_no_text_counts_as_none() -> None:
    assert said(pack({-2: 5, 0: "test", 2: 4})) == [("test", 4, None)]


def test_parts_of_a_type_that_does_not_name_them_are_all_taken() -> None:
    message = pack({0: "any:a", 2: 1.5}, {-2: "any:", 0: "b", 3: "x"})
    assert said(message) == [("any", {"a": 1.5, "b": "x"}, None)]
    assert said(pack({0: "any", 3: "plain"})) == [("any", "plain", None)]


def test_a_light_payload_may_use_the_low_bits_of_a_large_tag() -> None:
    faults = Faults()
    (parsed,) = parse_things([thing(prop(300, "far", "INT"))], faults).items
    samples = decode(pack({0: 300 & 0xFF, 2: 9})).samples
    ((_, reading),) = ThingNames(parsed, faults).readings(samples, ARRIVED, Objects())
    assert reading.value == 9


def test_a_position_without_a_fix_is_no_news() -> None:
    assert said(pack({0: "position:lat", 2: 0}, {0: "position:lon", 2: 0})) == []
    assert said(pack({0: "position:lat", 2: 91}, {0: "position:lon", 2: 1})) == []
    assert said(pack({0: "position:lat", 2: 45.5})) == []


def test_a_value_of_the_wrong_kind_costs_only_itself_and_one_line(
    caplog: pytest.LogCaptureFixture,
) -> None:
    faults = Faults()
    names = table(faults)
    message = pack(
        {0: "switch1", 2: 7},
        {0: "temperature", 3: "warm"},
        {0: "lamp:bri", 3: "bright"},
        {0: "counter", 2: 1},
    )
    for _ in range(3):
        found = names.readings(decode(message).samples, ARRIVED, Objects())
        assert told(found) == [("counter", 1, None)]
    assert faults.counts == {"a value that is not of its type": 9}
    assert len(caplog.records) == 3
    assert "warm" not in caplog.text


def test_values_that_are_not_finite_are_unknown() -> None:
    message = pack(
        {0: "temperature", 2: float("inf")},
        {0: "counter", 2: float("nan")},
        {0: "switch1", 2: float("nan")},
        {0: "lamp:bri", 2: float("nan")},
        {0: "int_test", 2: 2**70},
        {0: "float_test", 2: 10**400},
    )
    assert said(message) == [
        ("temperature", None, None),
        ("counter", None, None),
        ("switch1", None, None),
        ("int_test", None, None),
        ("float_test", None, None),
    ]


def test_only_so_many_different_faults_are_logged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    faults = Faults()
    for number in range(1100):
        faults.note("odd", str(number))
    assert faults.counts["odd"] == 1100
    assert len(caplog.records) == 1000


@pytest.mark.parametrize("number", [1 << 64, -(1 << 70)])
def test_a_number_that_no_variable_can_hold_is_endless(number: int) -> None:
    [sample] = decode(cbor2.dumps([{0: "n", 2: number}])).samples
    assert sample.value == float("inf")


def test_what_is_nested_deeper_than_any_pack_is_none() -> None:
    nested: list[object] = []
    for _ in range(9):
        nested = [nested]
    with pytest.raises(ValueError, match="not CBOR"):
        decode(cbor2.dumps(nested))
