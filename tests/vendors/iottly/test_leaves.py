"""The rules and vectors of payload flattening (reference 6.2, 6.3)."""

from datetime import UTC, datetime, timedelta
from functools import partial

import pytest

from custom_components.iot_clouds.model import Kind, Place
from custom_components.iot_clouds.vendors.iottly.leaves import Leaves
from custom_components.iot_clouds.vendors.iottly.messages import parse_message

from .store import DEVICE, START

MEASURE, FLAG, TEXT, PLACE = Kind.MEASURE, Kind.FLAG, Kind.TEXT, Kind.PLACE


def shown(*payloads, leaves=None):
    """Kind and value of every point after these payloads, one a second."""
    leaves = leaves or Leaves()
    for second, payload in enumerate(payloads):
        send(leaves, payload, second)
    readings = leaves.readings()
    return {
        key: (point.kind, readings[key].value) for key, point in leaves.points.items()
    }


def send(leaves, payload, second=0, kind="userdefined"):
    at = START + timedelta(seconds=second)
    row = {"timestamp": at.isoformat(), "type": kind, "payload": payload}
    leaves.apply(parse_message(row, DEVICE), "")


NAN, INF = float("nan"), float("inf")


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        ({"temperature": 22}, {"message/temperature": (MEASURE, 22)}),
        (
            {"r": {"t": 1.5, "on": True, "s": "x", "n": None}},
            {
                "message/r/t": (MEASURE, 1.5),
                "message/r/on": (FLAG, True),
                "message/r/s": (TEXT, "x"),
            },
        ),
        (
            {"a.b": 1, "a": {"b": 2}, "a/b": 3, "~": 4},
            {
                "message/a.b": (MEASURE, 1),
                "message/a/b": (MEASURE, 2),
                "message/a~1b": (MEASURE, 3),
                "message/~0": (MEASURE, 4),
            },
        ),
        (
            {"Température °C": 20.1, "温度": 21},
            {"message/Température °C": (MEASURE, 20.1), "message/温度": (MEASURE, 21)},
        ),
        ({"# Config ": "x"}, {"message/# Config ": (TEXT, "x")}),
        ({"x": NAN, "y": INF}, {}),
        (
            {"pos": {"lat": 45.07, "lon": 7.68, "speed": 3}},
            {
                "message/pos": (PLACE, Place(latitude=45.07, longitude=7.68)),
                "message/pos/speed": (MEASURE, 3),
            },
        ),
        (
            {"pos": {"lat": 95, "lon": 7}},
            {"message/pos/lat": (MEASURE, 95), "message/pos/lon": (MEASURE, 7)},
        ),
        ({"processes": ["a", "b"]}, {"message/processes": (MEASURE, 2)}),
        ({"state": 0}, {"message/state": (MEASURE, 0)}),
        (
            {"big": 123456789012345678901234567890},
            {"message/big": (MEASURE, 123456789012345678901234567890)},
        ),
        (
            {str(1600000000 + n): 1 for n in range(5)},
            {"message": (MEASURE, 5)},
        ),
        ({}, {}),
        ([1, 2], {"message/value": (MEASURE, 2)}),
        ("text", {"message/value": (TEXT, "text")}),
    ],
)
def test_a_payload_becomes_these_points(payload, expected):
    assert shown(payload) == expected


def test_a_leaf_keeps_its_platform_whatever_type_follows():
    steps = [{"v": 1}, {"v": True}, {"v": "7.5"}, {"v": "bad"}, {"v": {"k": 1}}]
    values = [1, 1, 7.5, None, None]
    for count, value in enumerate(values, start=1):
        assert shown(*steps[:count])["message/v"] == (MEASURE, value)
    assert shown(*steps)["message/v/k"] == (MEASURE, 1)


def test_a_state_that_was_a_number_first_takes_a_boolean():
    assert shown({"state": 0}, {"state": True}) == {"message/state": (MEASURE, 1)}


def test_numbers_that_are_not_finite_make_existing_sensors_unknown():
    assert shown({"x": 1, "y": "a"}, {"x": NAN, "y": INF}) == {
        "message/x": (MEASURE, None),
        "message/y": (TEXT, None),
    }


@pytest.mark.parametrize(
    ("later", "value"),
    [
        (0, False),
        (1, True),
        (1.0, True),
        ("on", True),
        ("OFF ", False),
        ("true", True),
        ("false", False),
        (2, None),
        ("maybe", None),
        (None, None),
        ([], None),
    ],
)
def test_a_flag_takes_what_can_only_mean_on_or_off(later, value):
    assert shown({"f": True}, {"f": later})["message/f"] == (FLAG, value)


@pytest.mark.parametrize(
    ("later", "value"),
    [
        (" 7.5 ", 7.5),
        ("nan", None),
        ("1_000", None),
        ("", None),
        (10**400, None),
        ([1], None),
        (None, None),
        ({"lat": 1, "lon": 2}, None),
        ({"$date": "2026-01-01T00:00:00Z"}, None),
    ],
)
def test_a_number_takes_numeric_text_and_nothing_else(later, value):
    assert shown({"v": 1}, {"v": later})["message/v"] == (MEASURE, value)


@pytest.mark.parametrize(
    ("later", "value"),
    [
        (5, "5"),
        (True, "True"),
        (["a", 1], '["a", 1]'),
        ({"k": "é"}, '{"k": "é"}'),
        ({"lat": 1, "lon": 2}, '{"lat": 1, "lon": 2}'),
        ({"$date": "2026-01-01T00:00:00Z"}, "2026-01-01T00:00:00+00:00"),
        ("half \ud83d pair", "half ? pair"),
    ],
)
def test_a_text_takes_everything(later, value):
    assert shown({"v": "x"}, {"v": later})["message/v"] == (TEXT, value)


def test_a_leaf_that_becomes_null_is_unknown_and_others_keep_their_value():
    assert shown({"a": 1, "b": 2}, {"a": None}) == {
        "message/a": (MEASURE, None),
        "message/b": (MEASURE, 2),
    }


def test_an_object_that_becomes_a_leaf_keeps_its_inner_values():
    assert shown({"a": {"b": 1}}, {"a": 2}) == {
        "message/a/b": (MEASURE, 1),
        "message/a": (MEASURE, 2),
    }


def test_a_late_message_fills_in_and_undoes_nothing():
    leaves = Leaves()
    send(leaves, {"a": 2}, second=10)
    send(leaves, {"a": 1, "b": 1}, second=5)
    assert shown(leaves=leaves) == {
        "message/a": (MEASURE, 2),
        "message/b": (MEASURE, 1),
    }
    assert leaves.readings()["message/b"].at == START + timedelta(seconds=5)


def test_a_late_first_value_does_not_hide_that_it_was_gone_afterwards():
    leaves = Leaves()
    send(leaves, {"a": None, "b": {"c": 1}}, second=10)
    send(leaves, {"a": 1, "b": 1}, second=5)
    assert shown(leaves=leaves)["message/a"] == (MEASURE, None)
    assert shown(leaves=leaves)["message/b"] == (MEASURE, None)


def test_agents_and_answers_to_commands_make_no_sensors():
    leaves = Leaves()
    send(leaves, {"value": 1}, kind="iottlyagent")
    send(leaves, {"ECHO": {"a": 1}, "process": {"b": 1}, "receivedcmd": 1, "kept": 2})
    assert shown(leaves=leaves) == {"message/kept": (MEASURE, 2)}


@pytest.mark.parametrize(
    ("payload", "place", "others"),
    [
        (
            {"latitude": 1, "longitude": 2, "accuracy": 5, "hdop": 0.9},
            Place(latitude=1.0, longitude=2.0, accuracy=5.0),
            {"hdop"},
        ),
        ({"lat": 1, "lng": 2}, Place(latitude=1.0, longitude=2.0), set()),
        (
            {"Lat": -90, "Long": 180, "acc": -1},
            Place(latitude=-90.0, longitude=180.0),
            {"acc"},
        ),
        (
            {"type": "Point", "coordinates": [7.68, 45.07, 240]},
            Place(latitude=45.07, longitude=7.68),
            set(),
        ),
    ],
)
def test_coordinates_become_one_tracker(payload, place, others):
    points = shown({"gps": payload})
    assert points.pop("message/gps") == (PLACE, place)
    assert set(points) == {f"message/gps/{key}" for key in others}


def test_coordinates_at_the_root_are_the_location_of_the_device():
    leaves = Leaves()
    assert shown({"lat": 1, "lon": 2}, leaves=leaves) == {
        "message": (PLACE, Place(latitude=1.0, longitude=2.0))
    }
    assert leaves.points["message"].label == "location"


@pytest.mark.parametrize(
    ("later", "place"),
    [
        ({"lat": 0, "lon": 0}, Place(latitude=1.0, longitude=2.0)),
        ({"lat": 95, "lon": 7}, Place(latitude=1.0, longitude=2.0)),
        ({"lat": 3}, Place(latitude=1.0, longitude=2.0)),
        ({"lat": None, "lon": None}, None),
        ("unknown", None),
    ],
)
def test_a_tracker_ignores_what_is_no_fix(later, place):
    assert shown({"p": {"lat": 1, "lon": 2}}, {"p": later}) == {
        "message/p": (PLACE, place)
    }


def test_a_tracker_that_never_had_a_fix_does_not_exist():
    payload = {"p": {"lat": 0, "lon": 0}, "q": {"lat": None, "lon": None}}
    assert shown(payload) == {}


def test_booleans_are_no_coordinates():
    assert shown({"p": {"lat": True, "lon": 1}}) == {
        "message/p/lat": (FLAG, True),
        "message/p/lon": (MEASURE, 1),
    }


def test_a_list_shows_its_length_and_keeps_the_list_beside_it():
    leaves = Leaves()
    shown({"p": ["a", 1 << 70, NAN, {"k": [1]}, None, 2]}, leaves=leaves)
    assert leaves.points["message/p"].enabled is False
    assert leaves.readings()["message/p"].attributes == {
        "path": "/p",
        "items": ["a", "1180591620717411303424", None, '{"k": [1]}', None, 2],
    }


def test_a_long_list_is_cut():
    leaves = Leaves()
    shown({"p": ["x" * 1000] * 50}, leaves=leaves)
    reading = leaves.readings()["message/p"]
    assert reading.value == 50
    assert len(reading.attributes["items"]) == 16


def test_a_short_list_of_numbers_is_taken_apart_once_its_length_is_stable():
    assert shown({"l": [1, 2]}) == {"message/l": (MEASURE, 2)}
    assert shown({"l": [1, 2]}, {"l": [3, 4.5]}) == {
        "message/l": (MEASURE, 2),
        "message/l/0": (MEASURE, 3),
        "message/l/1": (MEASURE, 4.5),
    }
    assert set(shown({"l": [1, 2]}, {"l": [1]}, {"l": [1, 2]})) == {"message/l"}
    assert set(shown({"l": [1] * 9}, {"l": [1] * 9})) == {"message/l"}
    assert set(shown({"l": [1, "a"]}, {"l": [1, "a"]})) == {"message/l"}


def test_a_late_list_is_taken_apart_with_the_newest_numbers():
    leaves = Leaves()
    send(leaves, {"l": [5, 6]}, second=9)
    send(leaves, {"l": [1, 2]}, second=1)
    assert shown(leaves=leaves)["message/l/0"] == (MEASURE, 5)


def test_objects_below_the_sixth_level_make_no_points():
    payload = {"1": {"2": {"3": {"4": {"5": {"6": 6, "7": {"8": 8}, "9": [1, 2]}}}}}}
    assert set(shown(payload, payload)) == {
        "message/1/2/3/4/5/6",
        "message/1/2/3/4/5/9",
    }


def test_an_object_of_more_than_25_keys_is_one_number():
    wide = {f"key{chr(97 + n)}": n for n in range(26)}
    assert shown({"w": wide}) == {"message/w": (MEASURE, 26)}
    del wide["keya"]
    assert len(shown({"w": wide})) == 25


@pytest.mark.parametrize(
    "keys",
    [
        [f"{n}a4c2f8e-0000-4000-8000-00000000000{n}" for n in range(5)],
        [f"02:43:3d:0a:07:1{n}" for n in range(5)],
        [f"192.168.0.{n}" for n in range(5)],
        [f"fe80::{n}" for n in range(5)],
        [f"2026-01-01T00:00:0{n}Z" for n in range(5)],
        ["1", "2", "3", "total", "unit"],
    ],
)
def test_an_object_whose_keys_are_data_is_one_number(keys):
    assert shown({"t": dict.fromkeys(keys, 1)}) == {"message/t": (MEASURE, 5)}
    # Four keys, or half of them, are still names.
    assert len(shown({"t": dict.fromkeys(keys[:4], 1)})) == 4


def test_a_wide_object_that_becomes_narrow_is_taken_apart():
    wide = dict.fromkeys("abcdefghijklmnopqrstuvwxyz", 1)
    assert shown({"w": wide}, {"w": {"a": 1}}) == {
        "message/w": (MEASURE, None),
        "message/w/a": (MEASURE, 1),
    }


def test_sixty_points_are_the_most_that_a_device_gets(caplog):
    leaves = Leaves()
    for block in range(7):
        send(leaves, {f"b{block}": {f"k{n}x": n for n in range(10)}})
    assert len(leaves.points) == 60
    send(leaves, {"b0": {"k0x": 99}}, second=1)
    assert leaves.readings()["message/b0/k0x"].value == 99
    assert caplog.text.count("more values than can be shown") == 1


def test_after_the_first_poll_twenty_points_an_hour_are_added():
    now = [0.0]
    leaves = Leaves(lambda: now[0])
    leaves.settle()
    send(leaves, {f"k{n}x": n for n in range(25)})
    assert len(leaves.points) == 20
    now[0] = 3599.0
    send(leaves, {"k24x": 24}, second=1)
    assert len(leaves.points) == 20
    now[0] = 3601.0
    send(leaves, {"k24x": 24}, second=2)
    assert "message/k24x" in leaves.points


def test_what_is_remembered_without_being_shown_is_limited():
    leaves = Leaves()
    for n in range(100):
        send(leaves, {f"block{n}": {f"k{m}x": None for m in range(10)}})
    assert len(leaves._newest) == 560
    assert leaves.points == {}


def test_extended_json_is_unwrapped():
    payload = {
        "boot": {"$date": 1505867607230},
        "ref": {"$oid": "59c1b7578ae27a000779b32c"},
        "n": {"$numberLong": "12"},
        "d": {"$numberDecimal": "1.5"},
        "bad": {"$numberInt": "many"},
        "inf": {"$numberDouble": "Infinity"},
    }
    boot = datetime(2017, 9, 20, 0, 33, 27, 230_000, tzinfo=UTC)
    assert shown(payload) == {
        "message/boot": (MEASURE, boot),
        "message/ref": (TEXT, "59c1b7578ae27a000779b32c"),
        "message/n": (MEASURE, 12),
        "message/d": (MEASURE, 1.5),
    }


def test_a_time_with_zone_under_the_name_of_one_is_a_timestamp():
    leaves = Leaves()
    payload = {
        "last_time": "2026-03-01T12:00:00+01:00",
        "made_at": "2026-03-01T12:00:00Z",
        "date": "2026-03-01T12:00:00",
        "remark": "2026-03-01T12:00:00Z",
    }
    eleven = datetime(2026, 3, 1, 11, tzinfo=UTC)
    assert shown(payload, leaves=leaves)["message/last_time"] == (MEASURE, eleven)
    classes = {key: point.device_class for key, point in leaves.points.items()}
    assert classes == {
        "message/last_time": "timestamp",
        "message/made_at": "timestamp",
        "message/date": None,
        "message/remark": None,
    }


@pytest.mark.parametrize("later", ["never", "2026-03-01T12:00:00", 5, None])
def test_a_timestamp_that_is_none_any_more_is_unknown(later):
    first = {"boot_time": "2026-03-01T12:00:00Z"}
    assert shown(first, {"boot_time": later})["message/boot_time"] == (MEASURE, None)


def test_long_text_is_cut_and_stands_beside_the_state():
    leaves = Leaves()
    shown({"t": "x" * 20_000}, leaves=leaves)
    reading = leaves.readings()["message/t"]
    assert reading.value == "x" * 255
    assert reading.attributes == {"path": "/t", "text": "x" * 16_384}


@pytest.mark.parametrize(
    ("payload", "name"),
    [
        ({"temperature": 1}, "Temperature"),
        ({"sensor_data_reading": {"temperaure": 1}}, "Sensor data reading temperaure"),
        ({"a": {"roomTemp": {"nowC": 1}}}, "Room temp now C"),
        ({"CSQ": {"bit_error_rate": 1}}, "CSQ bit error rate"),
        ({"# Config ": 1}, "# Config"),
        ({"": 1}, "(empty)"),
        ({"__": 1}, "__"),
        ({"温度": 1}, "温度"),
    ],
)
def test_points_are_named_by_their_last_two_keys(payload, name):
    leaves = Leaves()
    shown(payload, leaves=leaves)
    assert [point.name for point in leaves.points.values()] == [name]


@pytest.mark.parametrize(
    ("key", "state_class"),
    [
        ("temperature", "measurement"),
        ("pid", None),
        ("GPIO", None),
        ("error_code", None),
        ("fw_version", None),
        ("count_down", "measurement"),
    ],
)
def test_numbers_that_identify_something_are_not_averaged(key, state_class):
    leaves = Leaves()
    shown({key: 1}, leaves=leaves)
    assert leaves.points[f"message/{key}"].state_class == state_class


def test_a_long_path_is_hashed_into_a_key_that_no_other_path_has():
    leaves = Leaves()
    shown({"k" * 119: 1, "k" * 120: 2, "l" * 300: 3}, leaves=leaves)
    keys = list(leaves.points)
    assert keys[0] == "message/" + "k" * 119
    assert keys[1].startswith("message#")
    assert len(keys[1]) == len("message#") + 16
    assert len(set(keys)) == 3


def test_the_identity_of_a_point_does_not_depend_on_order_or_on_others():
    one = shown({"a": 1, "b": {"c": True}})
    other = shown({"b": {"c": True}, "z": 0}, {"a": 1})
    assert one.items() <= other.items()


def test_the_points_object_stays_the_same_until_a_point_is_added():
    leaves = Leaves()
    add = partial(send, leaves)
    add({"a": 1})
    points = leaves.points
    add({"a": 2}, second=1)
    assert leaves.points is points
    add({"b": 2}, second=2)
    assert leaves.points is not points


def test_a_value_that_stops_fitting_is_said_once(caplog):
    shown({"v": 1}, {"v": "bad"}, {"v": "worse"}, {"v": None})
    assert caplog.text.count("message/v") == 1
    assert "worse" not in caplog.text
