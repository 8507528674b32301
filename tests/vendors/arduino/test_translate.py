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
    Place,
    Point,
    Reading,
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
from custom_components.iot_clouds.vendors.arduino.translate import device
from custom_components.iot_clouds.vendors.arduino.values import reading, written
from homeassistant.components.binary_sensor import BinarySensorDeviceClass
from homeassistant.components.sensor import SensorDeviceClass
from homeassistant.components.sensor.const import (
    DEVICE_CLASS_STATE_CLASSES,
    DEVICE_CLASS_UNITS,
)
from homeassistant.components.switch import SwitchDeviceClass

from .fake import THING, board, prop, thing

AT = datetime(2026, 11, 20, 12, tzinfo=UTC)

# Type, then what its point is: kind, device class, unit and state class while it is read
# only, and kind and device class while it may be written.
POINTS = [
    ("STATUS", "flag", None, None, None, "toggle", None),
    ("HOME_SWITCH", "flag", None, None, None, "toggle", None),
    ("HOME_LIGHT", "flag", "light", None, None, "toggle", None),
    ("HOME_SMART_PLUG", "flag", "power", None, None, "toggle", "outlet"),
    ("HOME_CONTACT_SENSOR", "flag", "opening", None, None, "flag", "opening"),
    ("HOME_MOTION_SENSOR", "flag", "motion", None, None, "flag", "motion"),
    ("CHARSTRING", "text", None, None, None, "text", None),
    ("LOCATION", "place", None, None, None, "place", None),
    ("HOME_DIMMED_LIGHT", "text", None, None, None, "text", None),
    ("HOME_COLORED_LIGHT", "text", None, None, None, "text", None),
    ("COLOR_HSB", "text", None, None, None, "text", None),
    ("COLOR_RGB", "text", None, None, None, "text", None),
    ("HOME_TELEVISION", "text", None, None, None, "text", None),
    ("SCHEDULE", "text", None, None, None, "text", None),
    ("GENERIC_COMPLEX_PROPERTY", "text", None, None, None, "text", None),
    ("FROM_THE_FUTURE", "text", None, None, None, "text", None),
    ("TIME", "measure", None, "s", None, "measure", None),
]

NUMBERS = [
    ("INT", None, None, "measurement"),
    ("ANALOG", None, None, "measurement"),
    ("FLOAT", None, None, "measurement"),
    ("COUNT", None, None, "measurement"),
    ("PERCENTAGE", None, "%", "measurement"),
    ("RATIO_DIV", None, None, "measurement"),
    ("RATIO_MOD", None, None, "measurement"),
    ("HOME_TEMPERATURE", "temperature", "°C", "measurement"),
    ("HOME_TEMPERATURE_C", "temperature", "°C", "measurement"),
    ("HOME_TEMPERATURE_F", "temperature", "°F", "measurement"),
    ("GOOGLE_HOME_TEMPERATURE", "temperature", "°C", "measurement"),
    ("SMART_HOME_TEMPERATURE_F", "temperature", "°F", "measurement"),
    ("TEMPERATURE_C", "temperature", "°C", "measurement"),
    ("DEGREES_CELSIUS", "temperature", "°C", "measurement"),
    ("TEMPERATURE_F", "temperature", "°F", "measurement"),
    ("KELVIN", "temperature", "K", "measurement"),
    ("TEMPERATURE", "temperature", "°C", "measurement"),
    ("PERCENTAGE_RELATIVE_HUMIDITY", "humidity", "%", "measurement"),
    ("PERCENTAGE_BATTERY_LEVEL", "battery", "%", "measurement"),
    ("SECONDS_BATTERY_LEVEL", "duration", "s", "measurement"),
    ("SECOND", "duration", "s", "measurement"),
    ("METER", "distance", "m", "measurement"),
    ("LENGHT_M", "distance", "m", "measurement"),
    ("LENGTH", "distance", "m", "measurement"),
    ("LENGHT_C", "distance", "cm", "measurement"),
    ("LENGHT_I", "distance", "in", "measurement"),
    ("KILOGRAM", "weight", "kg", "measurement"),
    ("MASS", "weight", "kg", "measurement"),
    ("GRAM", "weight", "g", "measurement"),
    ("AMPERE", "current", "A", "measurement"),
    ("ELECTRIC_CURRENT", "current", "A", "measurement"),
    ("VOLT", "voltage", "V", "measurement"),
    ("ELECTRIC_POTENTIAL", "voltage", "V", "measurement"),
    ("WATT", "power", "W", "measurement"),
    ("POWER", "power", "W", "measurement"),
    ("JOULE", "energy", "J", None),
    ("ENERGY", "energy", "J", None),
    ("HERTZ", "frequency", "Hz", "measurement"),
    ("FREQUENCY", "frequency", "Hz", "measurement"),
    ("PASCAL", "pressure", "Pa", "measurement"),
    ("PRESSURE", "pressure", "Pa", "measurement"),
    ("LUX", "illuminance", "lx", "measurement"),
    ("ILLUMINANCE", "illuminance", "lx", "measurement"),
    ("WATT_PER_SQUARE_METER", "irradiance", "W/m²", "measurement"),
    ("SQUARE_METER", "area", "m²", "measurement"),
    ("AREA", "area", "m²", "measurement"),
    ("CUBIC_METER", "volume_storage", "m³", "measurement"),
    ("VOLUME", "volume_storage", "m³", "measurement"),
    ("LITER", "volume_storage", "L", "measurement"),
    ("CUBIC_METER_PER_SECOND", "volume_flow_rate", "m³/s", "measurement"),
    ("FLOW_RATE", "volume_flow_rate", "m³/s", "measurement"),
    ("LITER_PER_SECOND", "volume_flow_rate", "L/s", "measurement"),
    ("METER_PER_SECOND", "speed", "m/s", "measurement"),
    ("VELOCITY", "speed", "m/s", "measurement"),
    ("BIT", "data_size", "bit", "measurement"),
    ("INFORMATION_CONTENT", "data_size", "bit", "measurement"),
    ("BIT_PER_SECOND", "data_rate", "bit/s", "measurement"),
    ("DATA_RATE", "data_rate", "bit/s", "measurement"),
    ("PH_VALUE", "ph", None, "measurement"),
    ("DECIBEL", None, "dB", "measurement"),
    ("LOGARITHMIC_QUANTITY", None, "dB", "measurement"),
    ("DECIBEL_1W", None, "dBW", "measurement"),
    ("BEL", None, "B", "measurement"),
    ("METER_PER_SQUARE_SECOND", None, "m/s²", "measurement"),
    ("ACCELERATION", None, "m/s²", "measurement"),
    ("NEWTON", None, "N", "measurement"),
    ("FORCE", None, "N", "measurement"),
    ("RADIAN", None, "rad", "measurement"),
    ("ANGLE", None, "°", "measurement"),
    ("STERADIAN", None, "sr", "measurement"),
    ("DEGREES_LATITUDE", None, "°", "measurement"),
    ("DEGREES_LONGITUDE", None, "°", "measurement"),
    ("MOLE", None, "mol", "measurement"),
    ("CANDELA", None, "cd", "measurement"),
    ("LUMINOUS_INTENSITY", None, "cd", "measurement"),
    ("LUMEN", None, "lm", "measurement"),
    ("LUMINOUS_FLUX", None, "lm", "measurement"),
    ("CANDELA_PER_SQUARE_METER", None, "cd/m²", "measurement"),
    ("LUMINANCE", None, "cd/m²", "measurement"),
    ("COULOMB", None, "C", "measurement"),
    ("FARAD", None, "F", "measurement"),
    ("CAPACITANCE", None, "F", "measurement"),
    ("OHM", None, "Ω", "measurement"),
    ("ELECTRICAL_RESISTANCE", None, "Ω", "measurement"),
    ("SIEMENS", None, "S", "measurement"),
    ("SIEMENS_PER_METER", None, "S/m", "measurement"),
    ("WEBER", None, "Wb", "measurement"),
    ("TESLA", None, "T", "measurement"),
    ("HENRY", None, "H", "measurement"),
    ("BECQUEREL", None, "Bq", "measurement"),
    ("GRAY", None, "Gy", "measurement"),
    ("SIEVERT", None, "Sv", "measurement"),
    ("KATAL", None, "kat", "measurement"),
    ("EVENT_RATE_SECOND", None, "1/s", "measurement"),
    ("EVENT_RATE_MINUTE", None, "1/min", "measurement"),
    ("HEART_RATE", None, "bpm", "measurement"),
    ("HEART_BEATS", None, "beats", "measurement"),
]


def things(*items: Any) -> tuple[Thing, ...]:
    return parse_things(list(items), Faults()).items


def boards(*items: Any) -> tuple[Board, ...]:
    return parse_boards(list(items), Faults()).items


def point(kind: str, permission: str) -> Point:
    (parsed,) = things(thing(prop(1, "x", kind, permission=permission)))
    (made,) = device(parsed, None).points.values()
    return made


@pytest.mark.parametrize(
    ("kind", "shown", "device_class", "unit", "state_class", "toggle", "toggle_class"),
    POINTS + [(*row[:1], "measure", *row[1:], "measure", row[1]) for row in NUMBERS],
    ids=lambda value: str(value),
)
def test_each_type_is_shown_as_what_it_is(
    kind: str,
    shown: str,
    device_class: str | None,
    unit: str | None,
    state_class: str | None,
    toggle: str,
    toggle_class: str | None,
) -> None:
    assert point(kind, "READ_ONLY") == Point(
        key="property/33333333-3333-4333-8333-000000000001",
        kind=Kind(shown),
        name="X",
        unit=unit,
        device_class=device_class,
        state_class=state_class,
    )
    assert point(kind, "READ_WRITE") == Point(
        key="property/33333333-3333-4333-8333-000000000001",
        kind=Kind(toggle),
        name="X",
        writable=True,
        unit=unit,
        device_class=toggle_class,
        state_class=state_class,
    )


def test_no_type_of_the_table_is_left_out_here() -> None:
    assert TYPES.keys() <= {row[0] for row in POINTS} | {row[0] for row in NUMBERS}


@pytest.mark.parametrize("kind", TYPES.values())
def test_home_assistant_accepts_every_class_with_its_unit(kind: PropertyType) -> None:
    if kind.device_class is None:
        return
    if kind.shape.name == "BOOL":
        BinarySensorDeviceClass(kind.device_class)
        if kind.toggle_class:
            SwitchDeviceClass(kind.toggle_class)
        return
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
        (
            "LOCATION",
            {"lat": 45.4642, "lon": 9.19},
            Place(latitude=45.4642, longitude=9.19),
        ),
        ("LOCATION", {"lat": 0, "lon": 9}, Place(latitude=0, longitude=9)),
        ("LOCATION", "N/A", None),
        ("HOME_DIMMED_LIGHT", {"bri": 75.0, "swi": "true"}, '{"swi":true,"bri":75}'),
        (
            "HOME_DIMMED_LIGHT",
            {"swi": 1, "bri": 75, "hue": 0, "sat": 0},
            '{"swi":true,"bri":75}',
        ),
        ("COLOR_HSB", {"hue": 210.5, "sat": 80, "bri": None}, '{"hue":210.5,"sat":80}'),
        ("HOME_DIMMED_LIGHT", {"swi": True, "bri": []}, '{"swi":true}'),
        (
            "HOME_TELEVISION",
            {"swi": True, "vol": 50, "mut": False, "pbc": 3, "inp": 16, "cha": 7},
            '{"swi":true,"vol":50,"mut":false,"pbc":3,"inp":16,"cha":7}',
        ),
        (
            "SCHEDULE",
            {"frm": 1633305600, "to": 0, "len": 600, "msk": 1140850708},
            '{"frm":1633305600,"to":0,"len":600,"msk":1140850708}',
        ),
        ("COLOR_RGB", {"r": 1, "ü": [1, None]}, '{"r":1,"ü":[1,null]}'),
        (
            "GENERIC_COMPLEX_PROPERTY",
            {"a": math.nan, "b": -math.inf},
            '{"a":null,"b":null}',
        ),
        ("FROM_THE_FUTURE", 21.5, "21.5"),
        ("FROM_THE_FUTURE", True, "true"),
        ("FROM_THE_FUTURE", "words", "words"),
    ],
)
def test_a_value_is_read_leniently(kind: str, raw: object, value: object) -> None:
    found = reading(property_type(kind) or TYPES["COLOR_RGB"], raw, AT)
    assert found == Reading(value=value, at=AT)  # type: ignore[arg-type]
    assert type(found.value) is type(value)


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
        reading(TYPES[kind], raw, AT)


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
    assert reading(TYPES["LOCATION"], raw, AT) is None


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
