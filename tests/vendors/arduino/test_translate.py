from collections.abc import Mapping
from datetime import UTC, datetime
import json
import math
from typing import Any

import pytest

from custom_components.iot_clouds.model import (
    CloudRejected,
    CloudUnreachable,
    Json,
    Kind,
    Light,
    Place,
    Playback,
    Player,
    Point,
    Reading,
    Repeat,
    Schedule,
    Value,
    Writable,
)
from custom_components.iot_clouds.vendors.arduino.faults import Faults
from custom_components.iot_clouds.vendors.arduino.models import (
    Board,
    Thing,
    parse_boards,
    parse_things,
    parse_time,
)
from custom_components.iot_clouds.vendors.arduino.property_types import (
    TYPES,
    PropertyType,
    property_type,
)
from custom_components.iot_clouds.vendors.arduino.translate import (
    board_readings,
    device,
)
from custom_components.iot_clouds.vendors.arduino.units import KNOWN, offered_units
from custom_components.iot_clouds.vendors.arduino.values import reading
from custom_components.iot_clouds.vendors.arduino.views import View
from custom_components.iot_clouds.vendors.arduino.writing import written
from homeassistant.components.binary_sensor import BinarySensorDeviceClass
from homeassistant.components.number import NumberDeviceClass
from homeassistant.components.number.const import DEVICE_CLASS_UNITS as NUMBER_UNITS
from homeassistant.components.sensor import SensorDeviceClass
from homeassistant.components.sensor.const import (
    DEVICE_CLASS_STATE_CLASSES,
    DEVICE_CLASS_UNITS,
)
from homeassistant.components.switch import SwitchDeviceClass

from .fake import THING, board, prop, thing

AT = datetime(2026, 11, 20, 12, tzinfo=UTC)


def things(*items: Any) -> tuple[Thing, ...]:
    return parse_things(list(items), Faults()).items


def boards(*items: Any) -> tuple[Board, ...]:
    return parse_boards(list(items), Faults()).items


def point(kind: str, permission: str, **more: Any) -> Point:
    (parsed,) = things(thing(prop(1, "x", kind, permission=permission, **more)))
    return next(iter(device(parsed, None).points.values()))


def view(kind: str, permission: str = "READ_WRITE") -> View:
    (parsed,) = things(thing(prop(1, "x", kind, permission=permission)))
    return View.of(parsed, parsed.properties[0])


def shown(kind: str, raw: object, permission: str = "READ_WRITE") -> list[Value]:
    found = view(kind, permission).readings(raw, AT, None)
    assert all(reading.at == AT for _, reading in found)
    return [reading.value for _, reading in found]


def test_a_number_without_bounds_is_not_spelled_out() -> None:
    value = shown("HOME_DIMMED_LIGHT", {"swi": True, "bri": 1e308}, "READ_ONLY")[1]
    assert str(value) == "1e+308"


@pytest.mark.parametrize(
    ("kind", "limits", "expected"),
    [
        ("FLOAT", (None, None), (-1e9, 1e9, 0.01)),
        ("FLOAT", (0, 0), (-1e9, 1e9, 0.01)),
        ("FLOAT", (5, -5), (-1e9, 1e9, 0.01)),
        ("FLOAT", ("low", None), (-1e9, 1e9, 0.01)),
        ("TEMPERATURE_C", (-20, 60), (-20, 60, 0.01)),
        ("TEMPERATURE_C", (5, 30.5), (5, 30.5, 0.01)),
        ("FLOAT", (0, 1), (0, 1, 0.01)),
        ("FLOAT", (0, 0.05), (0, 0.05, 0.0001)),
        ("INT", (None, None), (-2147483648, 2147483647, 1)),
        ("INT", (1, 9), (1, 9, 1)),
        ("TIME", (None, None), (0, 4294967295, 1)),
        ("PERCENTAGE", (None, None), (0, 100, 0.01)),
        ("PERCENTAGE_RELATIVE_HUMIDITY", (0, 0), (0, 100, 0.01)),
        ("PERCENTAGE", (10, 20), (10, 20, 0.01)),
        ("FLOAT", (-1.7e308, 1.7e308), (-1e15, 1e15, 0.01)),
        ("TEMPERATURE_C", (0, 3.4e38), (0, 1e15, 0.01)),
        ("PERCENTAGE", (1e300, 1.7e308), (0, 100, 0.01)),
        ("FLOAT", (0, 5e-324), (-1e9, 1e9, 0.01)),
        ("INT", (-1.7e308, 10), (-2147483648, 10, 1)),
    ],
)
def test_a_number_has_the_limits_of_the_variable_or_of_its_type(
    kind: str, limits: tuple[Any, Any], expected: tuple[float, float, float]
) -> None:
    low, high = limits
    shown = point(kind, "READ_WRITE", min_value=low, max_value=high)
    assert (shown.minimum, shown.maximum, shown.step) == expected
    assert point(kind, "READ_ONLY", min_value=low, max_value=high).minimum is None


@pytest.mark.parametrize(
    ("kind", "dims", "colours"),
    [
        ("HOME_LIGHT", False, False),
        ("HOME_DIMMED_LIGHT", True, False),
        ("HOME_COLORED_LIGHT", True, True),
        ("COLOR_HSB", True, True),
    ],
)
def test_a_light_says_what_it_can(kind: str, dims: bool, colours: bool) -> None:
    shown = point(kind, "READ_WRITE")
    assert (shown.kind, shown.dims, shown.colours) == (Kind.LIGHT, dims, colours)


def test_a_television_names_its_sources() -> None:
    sources = point("HOME_TELEVISION", "READ_WRITE").options
    assert (sources[0], sources[16], sources[55], sources[60]) == (
        "aux1",
        "hdmi1",
        "tv",
        "xbox",
    )
    assert len(sources) == len(set(sources)) == 61


def test_seconds_of_wall_time_know_whose_wall() -> None:
    assert point("TIME", "READ_ONLY").timezone == "Europe/Rome"
    assert point("TIME", "READ_WRITE").timezone == "Europe/Rome"
    assert point("SECOND", "READ_WRITE").timezone is None


@pytest.mark.parametrize(
    ("strategy", "parameter", "period"),
    [
        ("TIMED", 30, 30),
        ("TIMED", 0.5, 0.5),
        ("TIMED", 0, None),
        ("TIMED", None, None),
        ("TIMED", "often", None),
        ("ON_CHANGE", 30, None),
        ("SOMETIMES", 30, None),
    ],
)
def test_only_a_variable_sent_by_the_clock_has_a_period(
    strategy: str, parameter: Any, period: float | None
) -> None:
    shown = point(
        "HOME_DIMMED_LIGHT",
        "READ_ONLY",
        update_strategy=strategy,
        update_parameter=parameter,
    )
    assert shown.period == period


@pytest.mark.parametrize(
    ("name", "listed", "unit"),
    [
        ("ENERGY", ["kWh", "J"], "kWh"),
        ("TEMPERATURE", ["F"], "°F"),
        ("TEMPERATURE", [" °C "], "°C"),
        ("VOLUME", ["l"], "L"),
        ("ANGLE", ["deg"], "°"),
        ("ELECTRICAL_RESISTANCE", ["Ohm"], "Ω"),
        ("MASS", ["\N{MICRO SIGN}g"], "\N{GREEK SMALL LETTER MU}g"),
        ("ENERGY", ["kg"], None),
        ("ENERGY", [], None),
        ("ENERGY", [7], None),
        ("ENERGY", "kWh", None),
        ("VOLT", ["mV"], None),
        ("FROM_THE_FUTURE", ["kWh"], None),
    ],
)
def test_only_types_without_a_unit_take_a_fitting_one_from_the_cloud(
    name: str, listed: Any, unit: str | None
) -> None:
    answer: Json = [None, {"units": ["x"]}, {"type": name, "units": listed}]
    assert offered_units(answer) == ({name: unit} if unit else {})


def test_an_answer_that_is_no_list_offers_no_units() -> None:
    assert offered_units({"type": "ENERGY", "units": ["kWh"]}) == {}


@pytest.mark.parametrize("name", KNOWN)
def test_home_assistant_takes_every_unit_for_the_class_of_its_type(name: str) -> None:
    device_class = TYPES[name].device_class
    assert TYPES[name].unit in KNOWN[name]
    if device_class:
        assert set(KNOWN[name]) <= DEVICE_CLASS_UNITS[SensorDeviceClass(device_class)]
        allowed = NUMBER_UNITS[NumberDeviceClass(device_class)]
        assert set(KNOWN[name]) <= allowed


@pytest.mark.parametrize("kind", TYPES.values())
def test_home_assistant_accepts_every_class_with_its_unit(kind: PropertyType) -> None:
    if kind.device_class is None:
        return
    if kind.shape.name in {"BOOL", "OBJECT"}:
        BinarySensorDeviceClass(kind.device_class)
        if kind.toggle_class:
            SwitchDeviceClass(kind.toggle_class)
        return
    NumberDeviceClass(kind.device_class)
    sensor = SensorDeviceClass(kind.device_class)
    assert kind.unit in DEVICE_CLASS_UNITS[sensor]
    allowed: set[str | None] = {str(c) for c in DEVICE_CLASS_STATE_CLASSES[sensor]}
    assert kind.state_class in allowed | {None}


def test_former_names_of_types_are_known() -> None:
    assert property_type("GOOGLE_HOME_DIMMERED_LIGHT") is TYPES["HOME_DIMMED_LIGHT"]
    assert property_type("SMART_HOME_SWITCH") is TYPES["HOME_SWITCH"]
    assert property_type("SOMETHING_NEW") is None


def test_a_thing_is_a_device_with_what_its_board_is() -> None:
    (parsed,), (nano,) = things(thing()), boards(board())
    made = device(parsed, nano)
    assert (made.id, made.name) == (THING, "Greenhouse")
    assert made.url == f"https://app.arduino.cc/things/{THING}"
    assert (made.model, made.model_id) == ("Arduino NANO 33 IoT", "nano_33_iot")
    assert (made.serial, made.sw_version) == ("0123456789ABCDEF", "2.9.3")
    assert (made.online, made.sleeps, made.parent_id) == (True, False, None)


def test_a_cloud_that_is_not_the_vendors_has_no_console() -> None:
    (parsed,) = things(thing())
    assert device(parsed, None, console=None).url is None


@pytest.mark.parametrize(
    ("tags", "on_board", "area"),
    [
        ({"room": "garden"}, {}, "Garden"),
        ({"Room": "living_room"}, {}, "Living room"),
        ({"room": "attic", "area": "House"}, {}, "House"),
        ({}, {"AREA": "shed"}, "Shed"),
        ({"room": "garden"}, {"room": "shed"}, "Garden"),
        ({"floor": "-1", "location": "Rome"}, {}, None),
        ({"room": "_"}, {}, None),
        ({"room": 5, "area": None}, {}, None),
        (["room"], "room", None),
        (None, None, None),
    ],
)
def test_a_tag_for_a_place_names_the_area(
    tags: object, on_board: object, area: str | None
) -> None:
    (parsed,), (nano,) = things(thing(tags=tags)), boards(board(tags=on_board))
    assert device(parsed, nano).area == area


def test_a_thing_whose_board_is_not_listed_still_is_a_device() -> None:
    (parsed,) = things(thing())
    made = device(parsed, None)
    assert (made.model, made.online, made.serial) == ("nano_33_iot", None, None)
    (bare,) = things({"id": THING})
    assert device(bare, None).name == THING


@pytest.mark.parametrize(
    ("status", "online"),
    [("ONLINE", True), ("OFFLINE", False), ("UNKNOWN", None), ("NEW", None), (7, None)],
)
def test_the_status_of_a_board_is_yes_no_or_unknown(
    status: object, online: bool | None
) -> None:
    (parsed,) = boards(board(device_status=status))
    assert parsed.online is online


@pytest.mark.parametrize(
    "lora",
    [
        board(connection_type="lora"),
        board(type="mkrwan1310"),
        board(type="lora-device", connection_type=None),
    ],
)
def test_lora_boards_sleep(lora: dict[str, Any]) -> None:
    (parsed,), (sleeper,) = things(thing()), boards(lora)
    assert device(parsed, sleeper).sleeps
    assert device(parsed, sleeper).online is None


def test_one_bad_item_costs_only_itself(caplog: pytest.LogCaptureFixture) -> None:
    good = prop(1, "good", "INT")
    broken: list[Any] = [
        None,
        7,
        {"id": "x"},
        {"id": "../x", "type": "INT"},
        {"id": "a/+/#", "type": "INT"},
        {**good, "id": 5},
        {**good, "id": ".."},
    ]
    faults = Faults()
    listing = parse_things(
        [None, {"name": "no id"}, thing(*broken, good, {**good, "name": "again"})],
        faults,
    )
    (parsed,) = listing.items
    assert [item.variable for item in parsed.properties] == ["good"]
    assert not listing.complete
    assert faults.counts == {
        "a thing without a usable id": 2,
        "a property without a usable id or type": 7,
    }
    assert len(caplog.records) == 2


def test_what_is_deleted_is_not_shown() -> None:
    gone = "2026-01-02T03:04:05Z"
    (parsed,) = things(
        thing(id="deleted", deleted_at=gone),
        thing(
            prop(1, "gone", "INT", deleted_at=gone),
            prop(2, "here", "INT", deleted_at=None),
            prop(3, "go", "INT", deleted_at="0001-01-01T00:00:00Z"),
        ),
    )
    assert [item.variable for item in parsed.properties] == ["here", "go"]


@pytest.mark.parametrize("answer", [None, {}, "x", 5])
def test_a_listing_that_is_no_list_makes_no_sense(answer: Json) -> None:
    with pytest.raises(CloudUnreachable):
        parse_things(answer, Faults())
    with pytest.raises(CloudUnreachable):
        parse_boards(answer, Faults())


def test_names_fall_back_to_what_there_is() -> None:
    (parsed,) = things(
        thing(
            {"id": "a", "type": "INT", "name": "Only name"},
            {"id": "b", "type": "INT", "variable_name": "only_variable"},
            {"id": "c", "type": "INT", "name": "  ", "tag": True},
            {"id": "d", "type": "INT", "name": "half \ud83d"},
            {"id": "e", "type": "INT"},
        )
    )
    names = [(item.name, item.variable) for item in parsed.properties]
    assert names == [
        ("Only name", "Only name"),
        ("only_variable", "only_variable"),
        ("c", "c"),
        ("half ?", "half ?"),
        ("e", "e"),
    ]
    assert not any(item.writable or item.tag for item in parsed.properties)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-01-02T03:04:05Z", datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)),
        ("2026-01-02T03:04:05.1Z", datetime(2026, 1, 2, 3, 4, 5, 100000, tzinfo=UTC)),
        (
            "2026-01-02T03:04:05.123456789Z",
            datetime(2026, 1, 2, 3, 4, 5, 123456, tzinfo=UTC),
        ),
        ("2026-01-02T03:04:05+02:00", datetime(2026, 1, 2, 1, 4, 5, tzinfo=UTC)),
        ("2026-01-02T03:04:05", datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)),
        ("0001-01-01T00:00:00Z", None),
        ("0001-01-01T00:00:00+14:00", None),
        ("9999-12-31T23:59:59-14:00", None),
        ("yesterday", None),
        ("", None),
        (None, None),
        (1700000000, None),
    ],
)
def test_times_are_read_leniently(text: Json, moment: datetime | None) -> None:
    assert parse_time(text) == moment


@pytest.mark.parametrize(
    ("kind", "raw", "value"),
    [
        ("STATUS", True, True),
        ("STATUS", False, False),
        ("STATUS", "true", True),
        ("STATUS", "FALSE", False),
        ("STATUS", 0, False),
        ("STATUS", 1.0, True),
        ("STATUS", "1", True),
        ("STATUS", math.nan, None),
        ("INT", 42, 42),
        ("INT", 0, 0),
        ("INT", 42.9, 42),
        ("INT", -2.5, -2),
        ("INT", "17", 17),
        ("INT", 2**80, None),
        ("FLOAT", 21, 21.0),
        ("FLOAT", 21.5, 21.5),
        ("FLOAT", "21.5", 21.5),
        ("FLOAT", 21.200000762939453, 21.2),
        ("FLOAT", -0.0016599999507889152, -0.00166),
        ("FLOAT", 45.46419906616211, 45.4642),
        ("FLOAT", 21.2, 21.2),
        ("FLOAT", 16777217.5, 16777217.5),
        ("FLOAT", 1.401298464324817e-45, 1.401298e-45),
        ("FLOAT", 3.999999761581421, 3.9999998),
        ("FLOAT", 1.0000001192092896, 1.0000001),
        ("FLOAT", 8589973504.5, 8589973504.5),
        ("FLOAT", 0.1234567890123, 0.1234567890123),
        ("FLOAT", 1.5e300, 1.5e300),
        ("FLOAT", 1e-300, 1e-300),
        ("FLOAT", "nan", None),
        ("FLOAT", math.inf, None),
        ("FLOAT", -math.inf, None),
        ("FLOAT", 10**400, None),
        ("FLOAT", "N/A", None),
        ("FLOAT", None, None),
        ("STATUS", "N/A", None),
        ("CHARSTRING", "N/A", None),
        ("CHARSTRING", "", ""),
        ("CHARSTRING", "Ciao è 🚀", "Ciao è 🚀"),
        ("CHARSTRING", "half \ud83d", "half ?"),
        ("CHARSTRING", 5, "5"),
        ("CHARSTRING", True, "true"),
        ("FROM_THE_FUTURE", 21.5, "21.5"),
        ("FROM_THE_FUTURE", True, "true"),
        ("FROM_THE_FUTURE", "words", "words"),
    ],
)
def test_a_value_is_read_leniently(kind: str, raw: object, value: object) -> None:
    (found,) = shown(kind, raw)
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    ("kind", "permission", "raw", "values"),
    [
        (
            "LOCATION",
            "READ_ONLY",
            {"lat": 0, "lon": 9},
            [Place(latitude=0, longitude=9)],
        ),
        ("LOCATION", "READ_ONLY", "N/A", [None]),
        ("HOME_DIMMED_LIGHT", "READ_WRITE", "N/A", [None]),
        ("HOME_DIMMED_LIGHT", "READ_ONLY", "N/A", [None, None]),
        (
            "HOME_DIMMED_LIGHT",
            "READ_WRITE",
            {"bri": 75.0, "swi": "true", "hue": 0, "sat": 0},
            [Light(on=True, brightness=75)],
        ),
        ("HOME_DIMMED_LIGHT", "READ_WRITE", {"swi": 1, "bri": []}, [Light(on=True)]),
        (
            "COLOR_HSB",
            "READ_WRITE",
            {"hue": -1e308, "sat": 1e308, "bri": 1e308},
            [Light(on=True, brightness=100, hue=0, saturation=100)],
        ),
        ("HOME_DIMMED_LIGHT", "READ_WRITE", {"bri": 75}, [None]),
        ("HOME_DIMMED_LIGHT", "READ_ONLY", {"bri": 75}, [None, 75]),
        (
            "COLOR_HSB",
            "READ_WRITE",
            {"hue": 210.3000030517578, "sat": 80, "bri": 0},
            [Light(on=False, hue=210.3, saturation=80)],
        ),
        ("COLOR_HSB", "READ_WRITE", {"hue": 210.5, "sat": 80, "bri": None}, [None]),
        ("COLOR_HSB", "READ_ONLY", {"hue": 210.5, "sat": 80}, [None]),
        ("COLOR_HSB", "READ_ONLY", {"hue": 360, "sat": 100, "bri": 100}, ["#ff0000"]),
        ("COLOR_HSB", "READ_ONLY", {"hue": 0, "sat": 0, "bri": 50}, ["#808080"]),
        ("HOME_TELEVISION", "READ_WRITE", {"vol": 5}, [None]),
        (
            "HOME_TELEVISION",
            "READ_WRITE",
            {"swi": "1", "pbc": 255, "inp": 61},
            [Player(on=True)],
        ),
        (
            "HOME_TELEVISION",
            "READ_ONLY",
            {"swi": 0, "inp": 26},
            [False, None, None, "hdmiarc"],
        ),
        ("HOME_LIGHT", "READ_WRITE", "N/A", [None]),
        ("HOME_LIGHT", "READ_WRITE", math.nan, [None]),
        ("HOME_MOTION_SENSOR", "READ_WRITE", 1, [True, True]),
        ("COLOR_RGB", "READ_ONLY", {"r": 1, "ü": [1, None]}, ['{"r":1,"ü":[1,null]}']),
        (
            "GENERIC_COMPLEX_PROPERTY",
            "READ_ONLY",
            {"a": math.nan, "b": -math.inf},
            ['{"a":null,"b":null}'],
        ),
    ],
)
def test_a_composite_value_is_shown_by_its_points(
    kind: str, permission: str, raw: object, values: list[object]
) -> None:
    assert shown(kind, raw, permission) == values


def test_parts_are_attributes_unless_they_mean_something_else() -> None:
    raw = {"r": 1, "icon": "mdi:bomb", "nested": {"a": [math.inf]}}
    ((_, found),) = view("GENERIC_COMPLEX_PROPERTY").readings(raw, AT, None)
    assert found.attributes == {"r": 1, "nested": {"a": [None]}}
    lamp = {"swi": True, "hue": 10, "sat": 20, "bri": 30}
    (_, on), (_, level) = view("HOME_COLORED_LIGHT", "READ_ONLY").readings(
        lamp, AT, None
    )
    assert on.attributes == {"hue": 10, "sat": 20}
    assert level.attributes is None
    colour = {"hue": 10, "sat": 20, "bri": 30}
    ((_, found),) = view("COLOR_HSB", "READ_ONLY").readings(colour, AT, None)
    assert found.attributes == colour


@pytest.mark.parametrize(
    ("mask", "expected"),
    [
        (0, {"repeat": Repeat.ONCE}),
        (0x04000005, {"repeat": Repeat.EVERY, "every": 5}),
        (0x44000014, {"repeat": Repeat.EVERY, "every": 1200}),
        (0x84000002, {"repeat": Repeat.EVERY, "every": 7200}),
        (0xC4000001, {"repeat": Repeat.EVERY, "every": 86400}),
        (0x08000041, {"repeat": Repeat.WEEKLY, "weekdays": frozenset({5, 6})}),
        (0x08000002, {"repeat": Repeat.WEEKLY, "weekdays": frozenset({0})}),
        (0x08000000, {"repeat": Repeat.WEEKLY}),
        (0x0C00001F, {"repeat": Repeat.MONTHLY, "day": 31}),
        (0x10000B18, {"repeat": Repeat.YEARLY, "month": 12, "day": 24}),
        (0x04000000, None),
        (0x0C000000, None),
        (0x0C000020, None),
        (0x10000C01, None),
        (0x14000001, None),
    ],
)
def test_a_schedule_is_read_from_its_mask(
    mask: int, expected: dict[str, Any] | None
) -> None:
    raw = {"frm": 1633305600, "to": 0, "len": 600, "msk": mask}
    ((_, found),) = view("SCHEDULE").readings(raw, AT, None)
    assert found.attributes == raw
    start = datetime(2021, 10, 4)
    assert found.value == (
        None
        if expected is None
        else Schedule(start=start, duration=600, timezone="Europe/Rome", **expected)
    )


def test_a_schedule_without_all_its_parts_is_unknown() -> None:
    assert shown("SCHEDULE", {"frm": 1633305600, "to": 0, "len": 600}) == [None]
    raw = {"frm": 2**33, "to": 0, "len": 600, "msk": 0}
    assert shown("SCHEDULE", raw) == [None]


@pytest.mark.parametrize(
    ("kind", "raw"),
    [
        ("STATUS", "on the way"),
        ("STATUS", 2),
        ("STATUS", {}),
        ("INT", True),
        ("INT", "many"),
        ("FLOAT", False),
        ("FLOAT", []),
        ("LOCATION", "Milan"),
        ("HOME_DIMMED_LIGHT", True),
        ("HOME_DIMMED_LIGHT", {"level": 5}),
    ],
)
def test_a_value_of_another_kind_is_refused(kind: str, raw: object) -> None:
    with pytest.raises(ValueError, match="not|no known"):
        view(kind).readings(raw, AT, None)


@pytest.mark.parametrize(
    "raw",
    [
        {"lat": 0, "lon": 0},
        {"lat": 91, "lon": 9},
        {"lat": 45, "lon": -181},
        {"lat": 45},
        {},
    ],
)
def test_a_place_that_cannot_be_is_no_news(raw: Mapping[str, object]) -> None:
    assert view("LOCATION").readings(raw, AT, None) == []


def test_a_long_text_is_cut_and_whole_in_an_attribute() -> None:
    text = "é" * 256
    found = reading(TYPES["CHARSTRING"], text, AT)
    assert found == Reading(value="é" * 255, at=AT, attributes={"full_value": text})
    assert reading(TYPES["CHARSTRING"], "é" * 255, AT) == Reading(
        value="é" * 255, at=AT
    )
    long = {"a": "x" * 300}
    cut = reading(TYPES["GENERIC_COMPLEX_PROPERTY"], long, AT)
    assert cut is not None and cut.attributes is not None
    assert json.loads(str(cut.attributes["full_value"])) == long
    assert cut.attributes["a"] == long["a"]


LAMP = {"swi": True, "bri": 75}


@pytest.mark.parametrize(
    ("kind", "value", "known", "sent"),
    [
        ("STATUS", True, {}, True),
        ("STATUS", 0, {}, False),
        ("STATUS", "On", {}, True),
        ("STATUS", " false ", {}, False),
        ("INT", 5, {}, 5),
        ("INT", 5.0, {}, 5),
        ("INT", "-7", {}, -7),
        ("TIME", 4294967295, {}, 4294967295),
        ("FLOAT", 21, {}, 21.0),
        ("FLOAT", "21.5", {}, 21.5),
        ("CHARSTRING", "", {}, ""),
        ("CHARSTRING", 12, {}, "12"),
        ("CHARSTRING", True, {}, "true"),
        ("HOME_DIMMED_LIGHT", {"swi": False}, LAMP, {"swi": False, "bri": 75}),
        ("HOME_DIMMED_LIGHT", {"bri": "20"}, LAMP, {"swi": True, "bri": 20.0}),
        ("HOME_DIMMED_LIGHT", '{"bri": 1.5}', LAMP, {"swi": True, "bri": 1.5}),
        ("HOME_DIMMED_LIGHT", {"bri": 5, "swi": 1}, {}, {"swi": True, "bri": 5.0}),
        ("LOCATION", {"lat": 45, "lon": -9.5}, {}, {"lat": 45.0, "lon": -9.5}),
        (
            "HOME_TELEVISION",
            {"vol": 20},
            {"swi": True, "vol": 5, "mut": False, "pbc": 3, "inp": 16, "cha": 7},
            {"swi": True, "vol": 20, "mut": False, "pbc": 3, "inp": 16, "cha": 7},
        ),
        ("COLOR_RGB", {"g": 2}, {"r": 1}, {"r": 1, "g": 2}),
        ("COLOR_RGB", '{"g": 2}', {}, {"g": 2}),
        ("COLOR_RGB", "{broken", {}, "{broken"),
        ("COLOR_RGB", [1, 2], {"r": 1}, [1, 2]),
    ],
)
def test_what_is_sent_fits_the_type_and_is_whole(
    kind: str, value: Json, known: dict[str, Json], sent: Json
) -> None:
    made = written(TYPES[kind], value, known)
    assert made == sent
    assert type(made) is type(sent)


@pytest.mark.parametrize(
    ("kind", "value", "field"),
    [
        ("STATUS", "maybe", "value"),
        ("STATUS", 2, "value"),
        ("STATUS", None, "value"),
        ("STATUS", [], "value"),
        ("INT", True, "value"),
        ("INT", 5.5, "value"),
        ("INT", 2147483648, "value"),
        ("INT", -2147483649, "value"),
        ("INT", "five", "value"),
        ("INT", {}, "value"),
        ("TIME", -1, "value"),
        ("FLOAT", math.nan, "value"),
        ("FLOAT", "inf", "value"),
        ("FLOAT", 10**400, "value"),
        ("FLOAT", None, "value"),
        ("CHARSTRING", None, "value"),
        ("CHARSTRING", ["a"], "value"),
        ("HOME_DIMMED_LIGHT", True, "value"),
        ("HOME_DIMMED_LIGHT", {}, "value"),
        ("HOME_DIMMED_LIGHT", "{broken", "value"),
        ("HOME_DIMMED_LIGHT", {"swi": True}, "bri"),
        ("HOME_DIMMED_LIGHT", {"swi": True, "bri": 101}, "bri"),
        ("HOME_DIMMED_LIGHT", {"swi": True, "bri": -1}, "bri"),
        ("HOME_DIMMED_LIGHT", {"swi": "maybe", "bri": 5}, "swi"),
        ("HOME_DIMMED_LIGHT", {"swi": True, "bri": 5, "hue": 1}, "hue"),
        ("HOME_TELEVISION", {"vol": 5.5}, "swi"),
        ("LOCATION", {"lat": 90.1, "lon": 0}, "lat"),
        ("COLOR_RGB", {"r": math.inf}, "value"),
        ("COLOR_RGB", None, "value"),
    ],
)
def test_what_does_not_fit_is_refused_and_the_wrong_part_is_named(
    kind: str, value: Json, field: str
) -> None:
    with pytest.raises(CloudRejected) as caught:
        written(TYPES[kind], value, {})
    assert (caught.value.key, caught.value.field) == ("invalid_value", field)


TV = {"swi": True, "vol": 5, "mut": False, "pbc": 3, "inp": 99, "cha": 7}


@pytest.mark.parametrize(
    ("kind", "value", "known", "level", "sent"),
    [
        ("HOME_LIGHT", Light(on=True), {}, None, True),
        ("HOME_DIMMED_LIGHT", Light(on=True), {}, None, {"swi": True, "bri": 100}),
        ("HOME_DIMMED_LIGHT", Light(on=True), LAMP, 75, {"swi": True, "bri": 75}),
        (
            "HOME_DIMMED_LIGHT",
            Light(on=True, brightness=0),
            {"swi": False, "bri": 0},
            None,
            {"swi": True, "bri": 100},
        ),
        ("HOME_DIMMED_LIGHT", Light(on=False), LAMP, 75, {"swi": False, "bri": 75}),
        (
            "HOME_DIMMED_LIGHT",
            Light(on=True, brightness=250),
            {},
            None,
            {"swi": True, "bri": 100},
        ),
        (
            "HOME_COLORED_LIGHT",
            Light(on=True, brightness=50, hue=-5, saturation=101),
            {},
            None,
            {"swi": True, "hue": 0, "sat": 100, "bri": 50},
        ),
        (
            "COLOR_HSB",
            Light(on=True),
            {"hue": 10, "sat": 20, "bri": 0},
            35,
            {"hue": 10, "sat": 20, "bri": 35},
        ),
        (
            "COLOR_HSB",
            Light(on=False, brightness=35),
            {"hue": 10, "sat": 20, "bri": 35},
            35,
            {"hue": 10, "sat": 20, "bri": 0},
        ),
        ("HOME_TELEVISION", Player(on=False), TV, None, {**TV, "swi": False}),
        (
            "HOME_TELEVISION",
            Player(on=True, volume=12.6, source="aux1", playback=Playback.FAST_FORWARD),
            TV,
            None,
            {**TV, "vol": 13, "inp": 0, "pbc": 0},
        ),
        (
            "HOME_TELEVISION",
            Player(on=True),
            {},
            None,
            {"swi": True, "vol": 0, "mut": False, "pbc": 255, "inp": 0, "cha": 0},
        ),
        # A naive time is that of the thing's wall.
        ("TIME", datetime(2021, 10, 4), {}, None, 1633305600),
    ],
)
def test_what_a_control_wants_is_sent_whole_and_within_limits(
    kind: str,
    value: Writable,
    known: dict[str, Json],
    level: float | None,
    sent: Json,
) -> None:
    made = written(TYPES[kind], value, known, level)
    assert made == sent
    assert type(made) is type(sent)


@pytest.mark.parametrize(
    ("kind", "value", "field"),
    [
        ("STATUS", Light(on=True), "value"),
        ("HOME_TELEVISION", Light(on=True), "value"),
        ("HOME_DIMMED_LIGHT", Player(on=True), "value"),
        ("INT", AT, "value"),
        ("HOME_TELEVISION", Player(on=True, source="radio"), "inp"),
        ("TIME", datetime(1969, 1, 1), "value"),
    ],
)
def test_a_control_of_another_type_is_refused(
    kind: str, value: Writable, field: str
) -> None:
    with pytest.raises(CloudRejected) as caught:
        written(TYPES[kind], value, {})
    assert (caught.value.key, caught.value.field) == ("invalid_value", field)


def test_a_board_tells_its_activity_and_its_firmware() -> None:
    (parsed,) = things(thing())
    (nano,) = boards(
        board(wifi_fw_version="1.5.0", last_activity_at="2026-01-02T03:04:05Z")
    )
    points = device(parsed, nano).points
    activity, firmware = points["board/last_activity"], points["board/wifi_firmware"]
    assert (activity.label, activity.device_class) == ("last_activity", "timestamp")
    assert (activity.category, activity.enabled) == ("diagnostic", True)
    assert (firmware.label, firmware.kind) == ("wifi_firmware", Kind.TEXT)
    assert (firmware.category, firmware.enabled) == ("diagnostic", False)
    assert {
        ref.key: found.value for ref, found in board_readings(parsed, nano, AT).items()
    } == {
        "board/last_activity": datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC),
        "board/wifi_firmware": "1.5.0",
    }
    (bare,) = boards(board())
    assert device(parsed, bare).points == {}
