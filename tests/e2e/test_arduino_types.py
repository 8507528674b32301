"""Every type of Arduino Cloud in a real Home Assistant: listed, pushed, written.

The expectations are written out here, one row for each type, and not taken from the code.
"""

from dataclasses import dataclass
from typing import Any
import uuid

import pytest

from homeassistant.helpers import entity_registry as er
from simulated_clouds.arduino import ArduinoCloud
from simulated_clouds.world import Board, Variable

# type -> (device class, native unit); the number types of the reference, one by one.
NUMBERS: dict[str, tuple[str | None, str | None]] = {
    "ANALOG": (None, None),
    "FLOAT": (None, None),
    "INT": (None, None),
    "COUNT": (None, None),
    "RATIO_DIV": (None, None),
    "RATIO_MOD": (None, None),
    "PERCENTAGE": (None, "%"),
    "HOME_TEMPERATURE": ("temperature", "°C"),
    "HOME_TEMPERATURE_C": ("temperature", "°C"),
    "HOME_TEMPERATURE_F": ("temperature", "°F"),
    "TEMPERATURE_C": ("temperature", "°C"),
    "TEMPERATURE_F": ("temperature", "°F"),
    "TEMPERATURE": ("temperature", "°C"),
    "DEGREES_CELSIUS": ("temperature", "°C"),
    "KELVIN": ("temperature", "K"),
    "PERCENTAGE_RELATIVE_HUMIDITY": ("humidity", "%"),
    "PERCENTAGE_BATTERY_LEVEL": ("battery", "%"),
    "SECONDS_BATTERY_LEVEL": ("duration", "s"),
    "SECOND": ("duration", "s"),
    "METER": ("distance", "m"),
    "LENGHT_M": ("distance", "m"),
    "LENGTH": ("distance", "m"),
    "LENGHT_C": ("distance", "cm"),
    "LENGHT_I": ("distance", "in"),
    "KILOGRAM": ("weight", "kg"),
    "MASS": ("weight", "kg"),
    "GRAM": ("weight", "g"),
    "AMPERE": ("current", "A"),
    "ELECTRIC_CURRENT": ("current", "A"),
    "VOLT": ("voltage", "V"),
    "ELECTRIC_POTENTIAL": ("voltage", "V"),
    "WATT": ("power", "W"),
    "POWER": ("power", "W"),
    "JOULE": ("energy", "J"),
    "ENERGY": ("energy", "J"),
    "HERTZ": ("frequency", "Hz"),
    "FREQUENCY": ("frequency", "Hz"),
    "PASCAL": ("pressure", "Pa"),
    "PRESSURE": ("pressure", "Pa"),
    "LUX": ("illuminance", "lx"),
    "ILLUMINANCE": ("illuminance", "lx"),
    "WATT_PER_SQUARE_METER": ("irradiance", "W/m²"),
    "SQUARE_METER": ("area", "m²"),
    "AREA": ("area", "m²"),
    "CUBIC_METER": ("volume_storage", "m³"),
    "VOLUME": ("volume_storage", "m³"),
    "LITER": ("volume_storage", "L"),
    "CUBIC_METER_PER_SECOND": ("volume_flow_rate", "m³/s"),
    "FLOW_RATE": ("volume_flow_rate", "m³/s"),
    "LITER_PER_SECOND": ("volume_flow_rate", "L/s"),
    "METER_PER_SECOND": ("speed", "m/s"),
    "VELOCITY": ("speed", "m/s"),
    "BIT": ("data_size", "bit"),
    "INFORMATION_CONTENT": ("data_size", "bit"),
    "BIT_PER_SECOND": ("data_rate", "bit/s"),
    "DATA_RATE": ("data_rate", "bit/s"),
    "PH_VALUE": ("ph", None),
    "DECIBEL": (None, "dB"),
    "LOGARITHMIC_QUANTITY": (None, "dB"),
    "DECIBEL_1W": (None, "dBW"),
    "BEL": (None, "B"),
    "METER_PER_SQUARE_SECOND": (None, "m/s²"),
    "ACCELERATION": (None, "m/s²"),
    "NEWTON": (None, "N"),
    "FORCE": (None, "N"),
    "RADIAN": (None, "rad"),
    "ANGLE": (None, "°"),
    "STERADIAN": (None, "sr"),
    "DEGREES_LATITUDE": (None, "°"),
    "DEGREES_LONGITUDE": (None, "°"),
    "MOLE": (None, "mol"),
    "CANDELA": (None, "cd"),
    "LUMINOUS_INTENSITY": (None, "cd"),
    "LUMEN": (None, "lm"),
    "LUMINOUS_FLUX": (None, "lm"),
    "CANDELA_PER_SQUARE_METER": (None, "cd/m²"),
    "LUMINANCE": (None, "cd/m²"),
    "COULOMB": (None, "C"),
    "FARAD": (None, "F"),
    "CAPACITANCE": (None, "F"),
    "OHM": (None, "Ω"),
    "ELECTRICAL_RESISTANCE": (None, "Ω"),
    "SIEMENS": (None, "S"),
    "SIEMENS_PER_METER": (None, "S/m"),
    "WEBER": (None, "Wb"),
    "TESLA": (None, "T"),
    "HENRY": (None, "H"),
    "BECQUEREL": (None, "Bq"),
    "GRAY": (None, "Gy"),
    "SIEVERT": (None, "Sv"),
    "KATAL": (None, "kat"),
    "EVENT_RATE_SECOND": (None, "1/s"),
    "EVENT_RATE_MINUTE": (None, "1/min"),
    "HEART_RATE": (None, "bpm"),
    "HEART_BEATS": (None, "beats"),
    "TIME": (None, "s"),
}
WITHOUT_STATISTICS = {"JOULE", "ENERGY", "TIME"}
WHOLE = {"INT", "COUNT", "INFORMATION_CONTENT", "TIME"}


@dataclass(frozen=True)
class Row:
    """A type with a value, and what Home Assistant makes of it.

    `observed` and `controlled` are platform and device class of the entity that shows a
    variable that may be read only, or also written.
    """

    type: str
    value: Any
    then: Any
    observed: tuple[str, str | None]
    observed_states: tuple[str, str]
    controlled: tuple[str, str | None]
    controlled_states: tuple[str, str]


OTHERS = [
    Row(
        "STATUS",
        False,
        True,
        ("binary_sensor", None),
        ("off", "on"),
        ("switch", None),
        ("off", "on"),
    ),
    Row(
        "HOME_SWITCH",
        False,
        True,
        ("binary_sensor", None),
        ("off", "on"),
        ("switch", None),
        ("off", "on"),
    ),
    Row(
        "HOME_SMART_PLUG",
        False,
        True,
        ("binary_sensor", "power"),
        ("off", "on"),
        ("switch", "outlet"),
        ("off", "on"),
    ),
    Row(
        "HOME_LIGHT",
        False,
        True,
        ("binary_sensor", "light"),
        ("off", "on"),
        ("light", None),
        ("off", "on"),
    ),
    Row(
        "HOME_CONTACT_SENSOR",
        False,
        True,
        ("binary_sensor", "opening"),
        ("off", "on"),
        ("binary_sensor", "opening"),
        ("off", "on"),
    ),
    Row(
        "HOME_MOTION_SENSOR",
        False,
        True,
        ("binary_sensor", "motion"),
        ("off", "on"),
        ("binary_sensor", "motion"),
        ("off", "on"),
    ),
    Row(
        "CHARSTRING",
        "one",
        "two",
        ("sensor", None),
        ("one", "two"),
        ("text", None),
        ("one", "two"),
    ),
    Row(
        "HOME_DIMMED_LIGHT",
        {"swi": False, "bri": 20},
        {"swi": True, "bri": 40},
        ("binary_sensor", "light"),
        ("off", "on"),
        ("light", None),
        ("off", "on"),
    ),
    Row(
        "HOME_COLORED_LIGHT",
        {"swi": False, "hue": 10, "sat": 20, "bri": 30},
        {"swi": True, "hue": 210, "sat": 80, "bri": 50},
        ("binary_sensor", "light"),
        ("off", "on"),
        ("light", None),
        ("off", "on"),
    ),
    Row(
        "COLOR_HSB",
        {"hue": 0, "sat": 100, "bri": 0},
        {"hue": 0, "sat": 100, "bri": 100},
        ("sensor", None),
        ("#000000", "#ff0000"),
        ("light", None),
        ("off", "on"),
    ),
    Row(
        "HOME_TELEVISION",
        {"swi": False, "vol": 10, "mut": False, "pbc": 7, "inp": 16, "cha": 1},
        {"swi": True, "vol": 50, "mut": False, "pbc": 3, "inp": 16, "cha": 7},
        ("binary_sensor", None),
        ("off", "on"),
        ("media_player", "tv"),
        ("off", "playing"),
    ),
    Row(
        "LOCATION",
        {"lat": 45.0, "lon": 9.0},
        {"lat": 46.0, "lon": 9.5},
        ("device_tracker", None),
        ("not_home", "not_home"),
        ("device_tracker", None),
        ("not_home", "not_home"),
    ),
    # 2020-01-01 00:00 for ever, ten minutes each day of the week; then no time at all.
    Row(
        "SCHEDULE",
        {"frm": 1577836800, "to": 0, "len": 86400, "msk": 0x0800007F},
        {"frm": 1577836800, "to": 1577836801, "len": 0, "msk": 0},
        ("binary_sensor", None),
        ("on", "off"),
        ("binary_sensor", None),
        ("on", "off"),
    ),
    Row(
        "COLOR_RGB",
        {"r": 1},
        {"r": 2},
        ("sensor", None),
        ('{"r":1}', '{"r":2}'),
        ("sensor", None),
        ('{"r":1}', '{"r":2}'),
    ),
    Row(
        "GENERIC_COMPLEX_PROPERTY",
        {"a": 1},
        {"a": 2},
        ("sensor", None),
        ('{"a":1}', '{"a":2}'),
        ("sensor", None),
        ('{"a":1}', '{"a":2}'),
    ),
]


def _variable(type_: str, value: Any, *, writable: bool) -> Variable:
    return Variable(
        name=f"v_{type_.lower()}", type=type_, value=value, writable=writable
    )


def _thing(name: str, variables: list[Variable]) -> Board:
    return Board(
        id=str(uuid.uuid5(uuid.NAMESPACE_DNS, name)),
        name=name,
        cloud="arduino",
        variables={each.name: each for each in variables},
        facts={
            "encoder": "python",
            "secret_key": f"key of {name}",
            "device": {
                "id": str(uuid.uuid5(uuid.NAMESPACE_DNS, f"{name} board")),
                "name": name,
                "label": "ESP32",
                "type": "login_and_secretkey_wifi",
                "serial": name,
            },
        },
    )


@pytest.fixture(autouse=True)
def _unlimited(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test here is about the pace of requests, so none has to wait for it."""

    async def no_wait(self: object, *, urgent: bool = False) -> None:
        pass

    monkeypatch.setattr(
        "custom_components.iot_clouds.vendors.arduino.limiter.Limiter.turn", no_wait
    )


def _board(writable: bool) -> Board:
    numbers = [
        _variable(type_, 12 if type_ in WHOLE else 12.5, writable=writable)
        for type_ in NUMBERS
    ]
    others = [_variable(row.type, row.value, writable=writable) for row in OTHERS]
    return _thing("Controlled" if writable else "Observed", [*numbers, *others])


@pytest.fixture(params=[False, True], ids=["read_only", "read_write"])
async def every_type(request, house, until):
    """One thing with a variable of each type, connected."""
    board = _board(request.param)
    house.world.boards = {board.id: board}
    await house.connect("arduino", rate_limit=1000)
    cloud = house.clouds["arduino"]
    assert isinstance(cloud, ArduinoCloud)
    await until(lambda: [e for e in cloud.log if e.method == "SUBSCRIBE"])
    return board


def _entity(house, board: Board, variable: str) -> er.RegistryEntry:
    """The main entity of a variable: the one whose name is the variable's alone."""
    device = house.device_id(board.name)
    names = {variable, variable.replace("_", " ").capitalize()}
    found = [
        entity
        for entity in er.async_entries_for_device(er.async_get(house.hass), device)
        if entity.original_name in names and not entity.disabled_by
    ]
    assert len(found) == 1, (variable, found)
    return found[0]


def _native(house, entity: er.RegistryEntry) -> tuple[Any, ...]:
    """Class, unit and state, with Home Assistant's conversion for display undone."""
    state = house.hass.states.get(entity.entity_id)
    return (
        state.attributes.get("device_class"),
        state.attributes.get("unit_of_measurement"),
        state.state,
    )


CONVERTED = {
    # Home Assistant shows temperatures and inches in the units of the household.
    "HOME_TEMPERATURE_F": ("°C", -10.83),
    "TEMPERATURE_F": ("°C", -10.83),
    "KELVIN": ("°C", -260.65),
    "LENGHT_I": ("mm", 317.5),
}


async def test_numbers(house, every_type, until):
    writable = every_type.name == "Controlled"
    for type_, (device_class, unit) in NUMBERS.items():
        entity = _entity(house, every_type, f"v_{type_.lower()}")
        assert entity.domain == ("number" if writable else "sensor"), type_
        shown = _native(house, entity)
        assert shown[0] == device_class, type_
        value = 12 if type_ in WHOLE else 12.5
        if type_ in CONVERTED and shown[1] != unit:
            unit, value = CONVERTED[type_]
        assert shown[1] == unit, type_
        assert float(shown[2]) == pytest.approx(value, abs=0.1), type_
        if not writable:
            assert house.hass.states.get(entity.entity_id).attributes.get(
                "state_class"
            ) == (None if type_ in WITHOUT_STATISTICS else "measurement"), type_


async def test_numbers_that_are_pushed(house, every_type, until):
    for type_ in NUMBERS:
        name = f"v_{type_.lower()}"
        entity = _entity(house, every_type, name).entity_id
        before = float(house.hass.states.get(entity).state)
        house.world.set(every_type, **{name: 14 if type_ in WHOLE else 14.5})
        await until(
            lambda entity=entity, before=before: (
                float(house.hass.states.get(entity).state) > before
            )
        )


async def test_numbers_that_are_written(house, every_type):
    if every_type.name == "Observed":
        return
    cloud = house.clouds["arduino"]
    for type_ in NUMBERS:
        name = f"v_{type_.lower()}"
        entity = _entity(house, every_type, name).entity_id
        await house.hass.services.async_call(
            "iot_clouds", "set_value", {"entity_id": entity, "value": 13}, blocking=True
        )
        assert every_type.variables[name].value == 13, type_
        assert cloud.requests("PUT")[-1].body == {"value": 13}, type_


async def test_what_is_not_a_number(house, every_type, until):
    writable = every_type.name == "Controlled"
    for row in OTHERS:
        name = f"v_{row.type.lower()}"
        entity = _entity(house, every_type, name)
        platform, device_class = row.controlled if writable else row.observed
        states = row.controlled_states if writable else row.observed_states
        assert entity.domain == platform, row.type
        shown = house.hass.states.get(entity.entity_id)
        assert shown.attributes.get("device_class") == device_class, row.type
        assert shown.state == states[0], row.type
        house.world.set(every_type, **{name: row.then})
        await until(
            lambda entity=entity, states=states: (
                house.hass.states.get(entity.entity_id).state == states[1]
            )
        )


WRITES = [
    ("STATUS", "switch.turn_on", {}, True),
    ("HOME_SMART_PLUG", "switch.turn_on", {}, True),
    ("HOME_LIGHT", "light.turn_on", {}, True),
    (
        "HOME_DIMMED_LIGHT",
        "light.turn_on",
        {"brightness": 102},
        {"swi": True, "bri": 40},
    ),
    ("HOME_DIMMED_LIGHT", "light.turn_off", {}, {"swi": False, "bri": 40}),
    (
        "HOME_COLORED_LIGHT",
        "light.turn_on",
        {"hs_color": [210, 80], "brightness": 128},
        {"swi": True, "hue": 210, "sat": 80, "bri": 50},
    ),
    (
        "COLOR_HSB",
        "light.turn_on",
        {"hs_color": [120, 50], "brightness": 255},
        {"hue": 120, "sat": 50, "bri": 100},
    ),
    ("COLOR_HSB", "light.turn_off", {}, {"hue": 120, "sat": 50, "bri": 0}),
    ("CHARSTRING", "text.set_value", {"value": "three"}, "three"),
    ("PERCENTAGE", "number.set_value", {"value": 55}, 55),
    (
        "HOME_TELEVISION",
        "media_player.turn_on",
        {},
        {"swi": True, "vol": 10, "mut": False, "pbc": 7, "inp": 16, "cha": 1},
    ),
    (
        "HOME_TELEVISION",
        "media_player.volume_set",
        {"volume_level": 0.3},
        {"swi": True, "vol": 30, "mut": False, "pbc": 7, "inp": 16, "cha": 1},
    ),
    (
        "HOME_TELEVISION",
        "media_player.media_play",
        {},
        {"swi": True, "vol": 30, "mut": False, "pbc": 3, "inp": 16, "cha": 1},
    ),
]


async def test_controls_write_whole_values_once(house, every_type, until):
    if every_type.name == "Observed":
        return
    cloud = house.clouds["arduino"]
    for type_, action, data, sent in WRITES:
        entity = _entity(house, every_type, f"v_{type_.lower()}").entity_id
        before = len(cloud.requests("PUT"))
        domain, _, service = action.partition(".")
        await house.hass.services.async_call(
            domain, service, {"entity_id": entity, **data}, blocking=True
        )
        requests = cloud.requests("PUT")[before:]
        assert len(requests) == 1, (type_, action)
        body = requests[0].body["value"]
        assert body == (
            pytest.approx(sent, abs=0.5) if isinstance(sent, dict) else sent
        ), (type_, action)


def test_all_types_are_here():
    assert len(NUMBERS) + len(OTHERS) == 111
    assert len(set(NUMBERS) | {row.type for row in OTHERS}) == 111
