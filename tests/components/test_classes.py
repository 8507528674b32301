"""Whatever class and unit a cloud gives, no entity is refused and no reading is hidden."""

from itertools import product

import pytest

from custom_components.iot_clouds.classes import digits, fitting
from custom_components.iot_clouds.model import Kind, Point
from custom_components.iot_clouds.vendors.arduino.property_types import TYPES
from homeassistant.components.binary_sensor import BinarySensorDeviceClass
from homeassistant.components.number import NumberDeviceClass
from homeassistant.components.number.const import DEVICE_CLASS_UNITS as NUMBER_UNITS
from homeassistant.components.sensor import SensorDeviceClass, SensorStateClass
from homeassistant.components.sensor.const import (
    DEVICE_CLASS_STATE_CLASSES,
    DEVICE_CLASS_UNITS as SENSOR_UNITS,
)
from homeassistant.components.switch import SwitchDeviceClass

from .fake import board, reading

NUMBERS = {
    name: kind for name, kind in TYPES.items() if kind.shape.name in {"INT", "FLOAT"}
}


def _point(kind: Kind, **more) -> Point:
    return Point(key="variable/x", kind=kind, name="X", **more)


@pytest.mark.parametrize("name", NUMBERS)
def test_a_sensor_of_every_type_has_a_class_and_unit_that_go_together(name):
    kind = NUMBERS[name]
    point = _point(
        Kind.MEASURE,
        unit=kind.unit,
        device_class=kind.device_class,
        state_class=kind.state_class,
    )
    # Nothing has to be taken away.
    assert fitting(point) == point
    if kind.device_class:
        device_class = SensorDeviceClass(kind.device_class)
        assert kind.unit in SENSOR_UNITS[device_class]
        if kind.state_class:
            states = DEVICE_CLASS_STATE_CLASSES[device_class]
            assert SensorStateClass(kind.state_class) in states


@pytest.mark.parametrize("name", NUMBERS)
def test_a_number_of_every_type_has_a_class_and_unit_that_go_together(name):
    kind = NUMBERS[name]
    point = _point(Kind.LEVEL, unit=kind.unit, device_class=kind.device_class)
    assert fitting(point) == point
    if kind.device_class:
        assert kind.unit in NUMBER_UNITS[NumberDeviceClass(kind.device_class)]


def test_every_boolean_type_has_a_class_that_is_known():
    for kind in TYPES.values():
        if kind.shape.name == "BOOL":
            if kind.device_class:
                assert BinarySensorDeviceClass(kind.device_class)
            if kind.toggle_class:
                assert SwitchDeviceClass(kind.toggle_class)


@pytest.mark.parametrize(
    ("given", "left"),
    [
        (
            {"device_class": "flux", "unit": "W", "state_class": "measurement"},
            {"unit": "W", "state_class": "measurement"},
        ),
        (
            {"device_class": "power", "unit": "°C", "state_class": "measurement"},
            {"unit": "°C", "state_class": "measurement"},
        ),
        (
            {"device_class": "energy", "unit": "kWh", "state_class": "measurement"},
            {"device_class": "energy", "unit": "kWh"},
        ),
        ({"unit": "m", "state_class": "sometimes"}, {"unit": "m"}),
        ({"unit": "m", "state_class": "measurement_angle"}, {"unit": "m"}),
        (
            {"device_class": "flux", "unit": "m", "state_class": "sometimes"},
            {"unit": "m"},
        ),
        ({"device_class": "enum"}, {}),
    ],
)
def test_what_home_assistant_would_refuse_is_left_out(given, left):
    assert fitting(_point(Kind.MEASURE, **given)) == _point(Kind.MEASURE, **left)


@pytest.mark.parametrize(
    ("kind", "value", "entity_id"),
    [
        (Kind.MEASURE, 1, "sensor.shed_x"),
        (Kind.LEVEL, 1, "number.shed_x"),
        (Kind.FLAG, True, "binary_sensor.shed_x"),
        (Kind.TOGGLE, True, "switch.shed_x"),
    ],
)
async def test_an_entity_of_an_unknown_class_works_without_one(
    hass, cloud, entry, caplog, kind, value, entity_id
):
    point = _point(kind, writable=True, device_class="flux", state_class="never")
    cloud.devices = {"board-1": board(points={point.key: point})}
    cloud.readings = {board().ref(point.key): reading(value)}
    await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()

    state = hass.states.get(entity_id)
    assert state.state in {"1", "on"}
    assert "device_class" not in state.attributes
    assert not [each for each in caplog.records if each.levelname == "ERROR"]


async def test_no_class_with_any_unit_makes_home_assistant_complain(
    hass, cloud, entry, caplog
):
    classes = [*SensorDeviceClass, "flux"]
    units = ["°C", "W", "m³", "%", "sr", None]
    points = {
        f"variable/{kind}{number}": Point(
            key=f"variable/{kind}{number}",
            kind=kind,
            name=f"{kind} {number}",
            device_class=device_class,
            unit=unit,
            state_class="measurement",
            writable=True,
        )
        for kind in (Kind.MEASURE, Kind.LEVEL)
        for number, (device_class, unit) in enumerate(product(classes, units))
    }
    cloud.devices = {"board-1": board(points=points)}
    cloud.readings = {board().ref(key): reading(1) for key in points}
    await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()

    assert len(hass.states.async_all("sensor")) == len(points) // 2
    assert len(hass.states.async_all("number")) == len(points) // 2
    complaints = [
        each.getMessage()
        for each in caplog.records
        if each.levelname in {"WARNING", "ERROR"}
        if "iot_clouds" in each.getMessage() or "entity" in each.getMessage().lower()
        if "not been tested" not in each.getMessage()
        # How long a step took says something of the machine only.
        if each.name != "asyncio"
    ]
    assert complaints == []


@pytest.mark.parametrize(
    ("device_class", "unit", "expected"),
    [
        ("voltage", "V", 2),
        ("battery", "%", 0),
        ("humidity", "%", 1),
        (None, "m/s²", 2),
        ("ph", None, 2),
        # Home Assistant knows itself.
        ("temperature", "°C", None),
        (None, None, None),
        # A position on the earth needs all its digits.
        (None, "°", None),
    ],
)
def test_a_reading_is_shown_with_the_digits_it_deserves(device_class, unit, expected):
    point = _point(Kind.MEASURE, device_class=device_class, unit=unit)
    assert digits(point) == expected
