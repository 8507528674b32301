"""What names say, and that classes and units are those of Home Assistant."""

import pytest

from custom_components.iot_clouds.mappings.flags import _WORDS, About, about
from custom_components.iot_clouds.mappings.meanings import MEANINGS
from custom_components.iot_clouds.mappings.names import ending, spoken, tokens
from custom_components.iot_clouds.mappings.units import (
    CLASS_BY_UNIT,
    CLASS_UNITS,
    unit_of,
)
from custom_components.iot_clouds.mappings.vocabulary import (
    _PHRASES,
    _QUANTITY_OF,
    sense,
)
from custom_components.iot_clouds.mappings.words import PAIRS, flag
from homeassistant.components.binary_sensor import BinarySensorDeviceClass
from homeassistant.components.sensor import const as sensor


@pytest.mark.parametrize("device_class", sorted(CLASS_UNITS))
def test_every_unit_of_a_class_is_one_that_home_assistant_takes(device_class):
    allowed = sensor.DEVICE_CLASS_UNITS[sensor.SensorDeviceClass(device_class)]

    assert CLASS_UNITS[device_class] <= set(allowed)
    if not CLASS_UNITS[device_class]:
        assert None in allowed


def test_no_unit_is_written_with_the_wrong_letter():
    units = {unit for units in CLASS_UNITS.values() for unit in units}

    assert units.isdisjoint(sensor.AMBIGUOUS_UNITS)
    assert all(unit_of(unit) == unit for unit in units)


def test_a_class_that_a_unit_tells_takes_that_unit():
    for unit, device_class in CLASS_BY_UNIT.items():
        assert unit in CLASS_UNITS[device_class]


def test_every_guess_is_one_that_home_assistant_takes():
    for quantity, meaning in MEANINGS.items():
        for guess in meaning.guesses:
            if guess.device_class is None:
                continue
            allowed = sensor.DEVICE_CLASS_UNITS[guess.device_class]
            assert guess.unit in allowed, quantity
        assert {*meaning.classes} <= {*CLASS_UNITS}, quantity


def test_every_word_means_something_that_is_known():
    assert {*_QUANTITY_OF.values(), *_PHRASES.values()} == {*MEANINGS}
    classes = {each.value for each in BinarySensorDeviceClass}
    assert {*_WORDS} <= classes
    assert {pair.device_class for pair in PAIRS} <= {None, *classes}


def test_no_word_says_on_in_one_pair_and_off_in_another():
    for pair in PAIRS:
        for word, state in pair.meaning.items():
            assert flag(word) is state, word


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("temperature", ("temperature",)),
        ("roomTemp_1", ("room", "temp", "1")),
        ("Room Temperature", ("room", "temperature")),
        ("HTTPStatus", ("http", "status")),
        ("CO2", ("co2",)),
        ("co2Level", ("co2", "level")),
        ("PM2_5", ("pm25",)),
        ("pm2.5", ("pm25",)),
        ("pm10", ("pm10",)),
        ("voltage_mV", ("voltage", "mv")),
        ("energy_kWh", ("energy", "kwh")),
        ("h_acc", ("h", "acc")),
        ("Température °C", ("temperature", "c")),
        ("温度", ("温度",)),
        ("sensors/kitchen/temp", ("sensors", "kitchen", "temp")),
        ("# Config ", ("config",)),
        ("", ()),
        ("°", ()),
    ],
)
def test_names_are_taken_apart_into_words(name, words):
    assert tokens(name) == words


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("temp", "Temperature"),
        ("roomTemp_1", "Room temperature 1"),
        ("vbat", "Battery voltage"),
        ("co2", "CO₂"),
        ("ph_value", "pH value"),
        ("door", "Door"),
        ("# Config ", "Config"),
        (" ° ", "°"),
    ],
)
def test_names_are_said_to_people(name, said):
    assert spoken(name) == said


@pytest.mark.parametrize(
    ("name", "unit"),
    [
        ("temp_f", "°F"),
        ("tempC", "°C"),
        ("batteryMv", "mV"),
        ("voltage_mV", "mV"),
        ("power_MW", "MW"),
        ("power_mW", "mW"),
        ("BATTERY_MV", "mV"),
        ("POWER_KW", "kW"),
        ("Distance (cm)", "cm"),
        ("humidity_pct", "%"),
        ("energy_kWh", "kWh"),
        ("percent", "%"),
        ("f", None),
        ("temperature", None),
        ("", None),
    ],
)
def test_a_name_may_end_with_a_unit(name, unit):
    assert ending(name) == unit


@pytest.mark.parametrize(
    ("name", "quantity"),
    [
        ("temperature", "temperature"),
        ("temp", "temperature"),
        ("temperaure", "temperature"),
        ("roomtemp", "temperature"),
        ("desired_temp", "temperature"),
        ("temperatureKitchen", "temperature"),
        ("battery_temperature", "temperature"),
        ("battery_voltage", "voltage"),
        ("humidity_sensor_battery", "battery"),
        ("dew_point", "temperature"),
        ("rh", "humidity"),
        ("soilMoisture", "moisture"),
        ("soc", "charge"),
        ("wind_speed", "wind_speed"),
        ("speed", "speed"),
        ("rain_rate", "precipitation_intensity"),
        ("signal_strength", "signal"),
        ("current", "current"),
        ("current_temperature", "temperature"),
        ("current_value", None),
        ("uptime", "uptime"),
        ("time_elapsed", "duration"),
        ("round_trip", "latency"),
        ("humidity_error", None),
        ("battery_status", None),
        ("version", None),
        ("foo", None),
    ],
)
def test_a_name_says_a_quantity(name, quantity):
    assert sense(tokens(name)).quantity == quantity


@pytest.mark.parametrize("name", ["pid", "id", "GPIO", "version", "port", "error_code"])
def test_a_name_says_that_a_number_measures_nothing(name):
    assert sense(tokens(name)).label


@pytest.mark.parametrize(
    ("name", "device_class", "inverted"),
    [
        ("door", "door", False),
        ("door_closed", "door", True),
        ("garageDoor", "garage_door", False),
        ("window_open", "window", False),
        ("motion", "motion", False),
        ("pir", "motion", False),
        ("motion_alarm", "motion", False),
        ("leak", "moisture", False),
        ("water_leak_alarm", "moisture", False),
        ("smoke", "smoke", False),
        ("occupied", "occupancy", False),
        ("locked", "lock", True),
        ("charging", "battery_charging", False),
        ("low_battery", "battery", False),
        ("online", "connectivity", False),
        ("pump", "running", False),
        ("alarm", "problem", False),
    ],
)
def test_a_name_says_what_a_boolean_is_about(name, device_class, inverted):
    assert about(tokens(name)) == About(
        device_class=device_class, inverted=inverted, likely=True
    )


@pytest.mark.parametrize("name", ["relay", "pinstatus", "button_pressed", "state"])
def test_a_name_says_that_a_number_may_be_a_boolean(name):
    assert about(tokens(name)) == About(likely=True)


@pytest.mark.parametrize(
    "name", ["foo", "error_count", "alarm_code", "motion_interval"]
)
def test_a_name_says_nothing_of_booleans(name):
    assert about(tokens(name)) == About()
