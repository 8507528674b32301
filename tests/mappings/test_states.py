"""How a state is read out of a payload, whatever the board changed its mind to."""

from datetime import UTC, datetime
import json

from hypothesis import given, strategies as st
import pytest

from custom_components.iot_clouds.mappings.payloads import parse
from custom_components.iot_clouds.mappings.states import Formula, state
from custom_components.iot_clouds.model import Kind, Place

from .strategies import json_values, scalars, texts


def _state(raw, **formula):
    return state(parse(raw), Formula(**formula))


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (21.5, 21.5),
        ("21.5", 21.5),
        (True, 1),
        ("21.5 °C", 21.5),
        ({"v": 7}, 7),
        ({"v": "7.5"}, 7.5),
        ({"v": "7,5 V"}, 7.5),
        ({"v": "007"}, 7),
        ({"v": False}, 0),
        ({"v": "bad"}, None),
        ({"v": None}, None),
        ({"v": {"k": 1}}, None),
        ({"w": 1}, None),
        ({"v": 1e400}, None),
    ],
    ids=repr,
)
def test_a_number_is_read_whatever_it_comes_as(raw, expected):
    path = "/v" if isinstance(raw, dict) else ""

    found = _state(raw, path=path, kind=Kind.MEASURE)

    assert found == expected
    assert not isinstance(found, bool)


def test_scale_and_offset_apply_without_the_tails_of_binary_fractions():
    assert _state(0.29, kind=Kind.MEASURE, scale=100) == 29.0
    assert _state("215", kind=Kind.MEASURE, scale=0.1) == 21.5
    assert _state(21.5, kind=Kind.MEASURE, offset=-1.2) == 20.3
    assert _state(10, kind=Kind.LEVEL, scale=1.8, offset=32) == 50.0
    assert _state(10, kind=Kind.MEASURE, scale=0) == 0.0
    assert _state(10**99, kind=Kind.MEASURE, scale=1e300) is None


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (True, True),
        (0, False),
        (1, True),
        (1.0, True),
        ("1", True),
        ("0", False),
        ("on", True),
        (" OFF ", False),
        ("closed", False),
        ("No motion", False),
        (2, None),
        ("maybe", None),
        ([True], None),
        (None, None),
    ],
    ids=repr,
)
def test_a_boolean_is_read_whatever_it_comes_as(raw, expected):
    for kind in (Kind.FLAG, Kind.TOGGLE):
        assert _state({"v": raw}, path="/v", kind=kind) is expected


def test_a_map_says_what_a_value_means_and_everything_else_is_unknown():
    door = {"shut": False, "ajar": True}

    assert _state("shut", kind=Kind.FLAG, map=door) is False
    assert _state("Ajar ", kind=Kind.FLAG, map=door) is True
    assert _state("open", kind=Kind.FLAG, map=door) is None
    assert _state("on", kind=Kind.FLAG, map=door) is None


def test_a_map_prefers_the_spelling_that_it_has():
    both = {"a": "small", "A": "large"}

    assert _state("a", map=both) == "small"
    assert _state("A", map=both) == "large"


def test_a_map_of_numbers_holds_when_the_board_sends_booleans_and_the_other_way_round():
    inverted = {"1": False, "0": True}
    booleans = {"true": "running", "false": "idle"}

    for raw in (1, 1.0, "1", True):
        assert _state({"v": raw}, path="/v", kind=Kind.FLAG, map=inverted) is False
        assert _state({"v": raw}, path="/v", map=booleans) == "running"
    for raw in (0, 0.0, "0", False):
        assert _state({"v": raw}, path="/v", kind=Kind.FLAG, map=inverted) is True
        assert _state({"v": raw}, path="/v", map=booleans) == "idle"


def test_a_map_knows_numbers_without_a_needless_fraction():
    modes = {"2": "heat", "2.5": "half"}

    assert _state({"mode": 2.0}, path="/mode", map=modes) == "heat"
    assert _state("2.5", map=modes) == "half"
    assert _state([2], map=modes) is None


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("ok", "ok"),
        (True, "true"),
        (21.0, "21"),
        (21.5, "21.5"),
        ("3h", "3h"),
        ({"a": [1, "°"]}, '{"a":[1,"°"]}'),
        (None, None),
    ],
)
def test_anything_is_a_text(raw, expected):
    assert _state({"v": raw}, path="/v") == expected


def test_a_number_with_a_unit_is_a_text_as_it_was_written():
    assert _state("open=3h;t=21.50 °C", path="/t") == "21.50 °C"


def test_a_long_text_is_cut():
    assert len(_state({"v": ["x" * 30_000]}, path="/v")) == 16 * 1024


MOMENT = datetime(2026, 7, 28, 16, 53, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("2026-07-28T16:53:05Z", MOMENT),
        ("2026-07-28T18:53:05+02:00", MOMENT),
        (1785257585, MOMENT),
        (1785257585000, MOMENT),
        ("1785257585", MOMENT),
        ("2026-07-28T16:53:05", None),
        ("0001-01-01T00:00:00+05:00", None),
        # To a parser of dates these are digits of 1 January 1785, a quarter past eight.
        ("1785010110815", datetime.fromtimestamp(1785010110.815, UTC)),
        ("0001-01-01T00:00:00Z", None),
        ("9999-12-31T23:59:59Z", None),
        ("1969-07-20T20:17:40Z", datetime(1969, 7, 20, 20, 17, 40, tzinfo=UTC)),
        ("2016-12-31T23:59:60Z", None),
        ("2028-02-29T00:00:00+05:45", datetime(2028, 2, 28, 18, 15, tzinfo=UTC)),
        (12, None),
        (10**40, None),
        (-1785257585, None),
        ("yesterday", None),
        (["2026"], None),
    ],
    ids=repr,
)
def test_a_moment_is_a_time_with_its_zone_or_seconds_since_1970(raw, expected):
    found = _state({"v": raw}, path="/v", kind=Kind.MEASURE, device_class="timestamp")

    assert found == expected
    assert found is None or found.tzinfo is UTC


TURIN = Place(latitude=45.07, longitude=7.68)
NEAR_TURIN = Place(latitude=45.07, longitude=7.68, accuracy=10.0)


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ({"lat": 45.07, "lon": 7.68}, TURIN),
        ({"Latitude": "45.07", "Longitude": "7.68"}, TURIN),
        ({"gps_lat": 45.07, "gps_lng": 7.68, "h_acc": 10}, NEAR_TURIN),
        ({"lat": 45.07, "long": 7.68, "accuracy": "10"}, NEAR_TURIN),
        ({"lat": 45.07, "lon": 7.68, "acc": -1}, TURIN),
        ({"type": "Point", "coordinates": [7.68, 45.07]}, TURIN),
        ([45.07, 7.68], TURIN),
        ("45.07,7.68", TURIN),
        ("lat=45.07;lon=7.68;acc=10", NEAR_TURIN),
        ({"lat": 0, "lon": 0}, None),
        ({"lat": 95, "lon": 7}, None),
        ({"lat": None, "lon": None}, None),
        ({"lck": 0, "batt": 98.8}, None),
        ({"gps_lat": 45.07, "home_lon": 7.68}, None),
        ({"lat": True, "lon": 7.68}, None),
        ([45.07], None),
        (45.07, None),
    ],
    ids=repr,
)
def test_a_position_is_read_whatever_its_parts_are_called(raw, expected):
    assert _state(raw, kind=Kind.PLACE) == expected


def test_a_position_may_stand_in_a_text_of_an_object():
    assert _state({"at": "45.07, 7.68"}, path="/at", kind=Kind.PLACE) == TURIN


TYPES = {
    Kind.MEASURE: (int, float),
    Kind.LEVEL: (int, float),
    Kind.FLAG: bool,
    Kind.TOGGLE: bool,
    Kind.TEXT: str,
    Kind.CHOICE: str,
    Kind.PLACE: Place,
}


@given(
    raw=st.one_of(json_values, texts),
    path=st.sampled_from(["", "/0", "/t", "/lat", "/a/b", "oops", "/~"]),
    kind=st.sampled_from([*TYPES]),
    meaning=st.none() | st.dictionaries(st.text(max_size=5), scalars, max_size=3),
    scale=st.none() | st.floats(allow_nan=False, allow_infinity=False),
)
def test_any_formula_reads_any_payload(raw, path, kind, meaning, scale):
    formula = Formula(path=path, kind=kind, map=meaning, scale=scale)

    for each in (raw, json.dumps(raw)):
        found = state(parse(each), formula)
        assert found is None or isinstance(found, TYPES[kind])
        if isinstance(found, float):
            assert abs(found) < float("inf")


def test_pairs_and_fields_as_a_whole_are_what_was_sent():
    assert _state("t=21.5; h=40") == "t=21.5; h=40"
    assert _state("21.50, 40, ok") == "21.50, 40, ok"
    assert _state("{door:open}") == "{door:open}"
    assert _state("t=21.5; h=40", path="/t") == "21.5"
    assert _state('{"t": 1}') == '{"t":1}'


def test_a_map_knows_pairs_and_fields_by_what_was_sent():
    doors = {"door: open": True, "door: closed": False}
    assert _state("door: open", kind=Kind.FLAG, map=doors) is True
    assert _state(" Door: Closed ", kind=Kind.FLAG, map=doors) is False
    assert _state("mode,2", map={"mode,2": "Eco"}) == "Eco"
    assert _state("mode,3", map={"mode,2": "Eco"}) is None


def test_two_fields_may_be_one_number_with_a_comma():
    assert _state("21,5", kind=Kind.MEASURE) == 21.5
    assert _state("-0,25", kind=Kind.MEASURE, scale=100) == -25
    assert _state("21,5", path="/1", kind=Kind.MEASURE) == 5
    assert _state("21,5,7", kind=Kind.MEASURE) is None
    assert _state("45.07,7.68", kind=Kind.PLACE) == Place(
        latitude=45.07, longitude=7.68
    )
