"""What the entities are that are not the user's own variables: names, icons, classes."""

import json
from pathlib import Path
import re
from typing import NamedTuple

import pytest

from custom_components.iot_clouds.classes import digits, fitting
from custom_components.iot_clouds.devices import PLATFORM_OF
from custom_components.iot_clouds.model import Category, Kind, Point
import homeassistant.components
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.icon import async_get_icons
from tests.fixed_points import fixed_points

from .fake import board, reading

PACKAGE = Path(__file__).parents[2] / "custom_components" / "iot_clouds"
CORE = Path(homeassistant.components.__file__).parent
NAMES = json.loads((PACKAGE / "translations" / "en.json").read_text())["entity"]
ICONS = json.loads((PACKAGE / "icons.json").read_text())["entity"]
POINTS = fixed_points()

DIAGNOSTIC, CONFIG = Category.DIAGNOSTIC, Category.CONFIG


class Row(NamedTuple):
    """What Home Assistant is told; `digits` are those of a sensor."""

    device_class: str | None = None
    state_class: str | None = None
    unit: str | None = None
    digits: int | None = None
    category: Category | None = None
    enabled: bool = True


TABLE = {
    "binary_sensor": {
        "blocked": Row("problem", category=DIAGNOSTIC),
        "charging": Row("battery_charging", category=DIAGNOSTIC),
        "connectivity": Row("connectivity", category=DIAGNOSTIC),
        "current_fault_high": Row("problem", category=DIAGNOSTIC),
        "current_fault_low": Row("problem", category=DIAGNOSTIC),
        "current_high": Row("problem", category=DIAGNOSTIC),
        "current_low": Row("problem", category=DIAGNOSTIC),
        "digital_input": Row(),
        "safe_mode": Row("problem", category=DIAGNOSTIC),
        "voltage_high": Row("problem", category=DIAGNOSTIC),
        "voltage_low": Row("problem", category=DIAGNOSTIC),
        "zone_1": Row("presence"),
        "zone_2": Row("presence"),
        "zone_3": Row("presence"),
        "zone_4": Row("presence"),
    },
    "button": {
        "locate": Row(),
        "ping": Row(category=DIAGNOSTIC),
        "refresh_vitals": Row(category=DIAGNOSTIC),
        "signal": Row("identify", category=DIAGNOSTIC),
        "signal_stop": Row(category=DIAGNOSTIC),
    },
    "device_tracker": {"location": Row()},
    "event": {"published_event": Row()},
    "number": {
        "interval_max": Row("duration", unit="s", category=CONFIG),
        "interval_min": Row("duration", unit="s", category=CONFIG),
        "radius": Row("distance", unit="m", category=CONFIG),
    },
    "select": {"high_g": Row(category=CONFIG), "motion": Row(category=CONFIG)},
    "sensor": {
        "access_technology": Row(category=DIAGNOSTIC, enabled=False),
        "altitude": Row("distance", "measurement", "m", 0),
        "battery": Row("battery", "measurement", "%", 0, DIAGNOSTIC),
        "battery_state": Row(category=DIAGNOSTIC, enabled=False),
        "brightness": Row(None, "measurement", "%", 0),
        "cellular_signal": Row(None, "measurement", "%", 0, DIAGNOSTIC, enabled=False),
        "channel": Row(enabled=False),
        "cloud_disconnects": Row(
            None, "total_increasing", category=DIAGNOSTIC, enabled=False
        ),
        "device_os": Row(category=DIAGNOSTIC, enabled=False),
        "free_licenses": Row(None, "measurement", category=DIAGNOSTIC, enabled=False),
        "groups": Row(category=DIAGNOSTIC),
        "heading": Row(None, "measurement_angle", "°", 0),
        "input_current": Row("current", "measurement", "A", 5),
        "input_voltage": Row("voltage", "measurement", "V", 2),
        "last_activity": Row("timestamp", category=DIAGNOSTIC),
        "last_delivery": Row("timestamp", category=DIAGNOSTIC),
        "last_fix": Row("timestamp", category=DIAGNOSTIC),
        "last_reset": Row(category=DIAGNOSTIC),
        "memory_used": Row(None, "measurement", "%", 1, DIAGNOSTIC, enabled=False),
        "message_size": Row(None, "measurement", enabled=False),
        "operations_forecast": Row(None, "measurement", category=DIAGNOSTIC),
        "operations_used": Row(None, "total_increasing", category=DIAGNOSTIC),
        "operator": Row(category=DIAGNOSTIC, enabled=False),
        "paired_licenses": Row(None, "measurement", category=DIAGNOSTIC, enabled=False),
        "power_source": Row(category=DIAGNOSTIC, enabled=False),
        "radio_technology": Row(category=DIAGNOSTIC, enabled=False),
        "rate_limited": Row(
            None, "total_increasing", category=DIAGNOSTIC, enabled=False
        ),
        "round_trip": Row(
            "duration", "measurement", "ms", category=DIAGNOSTIC, enabled=False
        ),
        "satellites": Row(None, "measurement", category=DIAGNOSTIC, enabled=False),
        "service_round_trip": Row(
            "duration", "measurement", "ms", category=DIAGNOSTIC, enabled=False
        ),
        "signal_percent": Row(None, "measurement", "%", 0, DIAGNOSTIC, enabled=False),
        "signal_quality": Row(None, "measurement", "%", 0, DIAGNOSTIC, enabled=False),
        "signal_strength": Row(
            "signal_strength", "measurement", "dBm", 0, DIAGNOSTIC, enabled=False
        ),
        "sim_status": Row(category=DIAGNOSTIC),
        "sim_used": Row("data_size", "total_increasing", "MB", 1, DIAGNOSTIC),
        "source": Row(enabled=False),
        "speed": Row("speed", "measurement", "m/s", 1),
        "started": Row("uptime", category=DIAGNOSTIC, enabled=False),
        # Home Assistant knows how many digits a temperature deserves.
        "temperature": Row("temperature", "measurement", "°C"),
        "unacknowledged": Row(
            None, "total_increasing", category=DIAGNOSTIC, enabled=False
        ),
        "volume": Row(None, "measurement", "%", 0, enabled=False),
        "wifi_firmware": Row(category=DIAGNOSTIC, enabled=False),
    },
    "switch": {"control": Row(enabled=False)},
    # Their class and category are those that Home Assistant gives to updates.
    "update": {"agent": Row(), "firmware": Row()},
}
KEYS = [(platform, key) for platform, rows in TABLE.items() for key in rows]
CLASSED = {("update", "agent"), ("update", "firmware")} | {
    (platform, key) for platform, key in KEYS if TABLE[platform][key].device_class
}


def _label(point: Point) -> tuple[str, str]:
    return PLATFORM_OF[point.kind].value, str(point.label)


@pytest.mark.parametrize(
    "point", POINTS, ids=lambda point: f"{point.key} {point.label}"
)
def test_each_fixed_entity_is_what_the_table_says(point):
    platform, key = _label(point)
    row = Row(
        point.device_class,
        point.state_class,
        point.unit,
        digits(point) if point.kind is Kind.MEASURE else None,
        point.category,
        point.enabled,
    )
    assert row == TABLE[platform][key]


def test_every_fixed_entity_has_a_name_and_every_name_an_entity():
    found = {_label(point) for point in POINTS}
    named = {(platform, key) for platform, keys in NAMES.items() for key in keys}
    assert found == named == {*KEYS}


def test_what_has_a_class_has_its_icon_and_everything_else_one_of_ours():
    drawn = {(platform, key) for platform, keys in ICONS.items() for key in keys}
    assert drawn == {*KEYS} - CLASSED


def test_every_class_is_one_that_its_platform_takes():
    for point in POINTS:
        if point.kind in {Kind.MEASURE, Kind.LEVEL, Kind.FLAG}:
            if point.device_class not in {"timestamp", "uptime"}:
                assert fitting(point) == point, point.label


def test_only_the_users_own_and_what_a_device_is_for_has_no_category():
    plain = {
        key
        for rows in TABLE.values()
        for key, row in rows.items()
        if row.category is None
    }
    assert plain == {
        # A Tracker and a Monitor One are for these.
        *("altitude", "heading", "input_current", "input_voltage", "location"),
        *("digital_input", "locate", "speed", "temperature"),
        *("zone_1", "zone_2", "zone_3", "zone_4"),
        # Parts of a variable, and what the firmware of the user publishes.
        *("brightness", "channel", "control", "message_size", "published_event"),
        *("source", "volume"),
        # Home Assistant gives updates a category by what they can do.
        *("agent", "firmware"),
    }


NOT_USED_BY_CORE = {"mdi:sim", "mdi:sim-off", "mdi:sim-off-outline"}
"""Icons of the set that no integration of Home Assistant's own happens to use."""


def test_icons_exist_in_the_set_that_home_assistant_has():
    used: set[str] = set()
    for path in CORE.glob("*/icons.json"):
        used |= {*re.findall(r'"(mdi:[a-z0-9-]+)"', path.read_text())}
    ours = {*re.findall(r'"(mdi:[^"]+)"', json.dumps(ICONS))}
    assert len(used) > 1500
    assert ours <= used | NOT_USED_BY_CORE


def test_no_state_has_the_icon_that_it_would_have_anyway():
    for platform, keys in ICONS.items():
        for key, icon in keys.items():
            states = icon.get("state", {}).values()
            assert icon["default"] not in states, f"{platform}.{key}"
            assert len({"state", "range"} & {*icon}) < 2, f"{platform}.{key}"


async def test_home_assistant_hands_out_the_icons(hass, loaded):
    icons = await async_get_icons(hass, "entity", ["iot_clouds"])
    told = icons["iot_clouds"]
    assert told["sensor"]["cellular_signal"]["range"]["75"] == "mdi:signal-cellular-3"
    assert told["binary_sensor"]["digital_input"] == {
        "default": "mdi:electric-switch",
        "state": {"on": "mdi:electric-switch-closed"},
    }
    assert "battery" not in told["sensor"]


async def test_a_button_that_lets_a_board_be_found_has_that_class(hass, cloud, entry):
    point = next(each for each in POINTS if each.label == "signal")
    cloud.devices = {"board-1": board(points={point.key: point})}
    cloud.readings = {}
    await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    assert hass.states.get("button.shed_signal").attributes["device_class"] == (
        "identify"
    )


@pytest.mark.parametrize(
    ("label", "value", "entity_id", "precision"),
    [
        ("altitude", 71.6, "sensor.shed_altitude", 0),
        ("heading", 46.16, "sensor.shed_heading", 0),
        ("speed", 0.12, "sensor.shed_speed", 1),
        ("input_current", 0.012345, "sensor.shed_input_current", 5),
        ("input_voltage", 12.3456, "sensor.shed_input_voltage", 2),
        ("sim_used", 3.14159, "sensor.shed_sim_data_used", 1),
    ],
)
async def test_long_numbers_are_shown_with_few_digits_and_kept_whole(
    hass, cloud, entry, label, value, entity_id, precision
):
    point = next(each for each in POINTS if each.label == label)
    cloud.devices = {"board-1": board(points={point.key: point})}
    cloud.readings = {board().ref(point.key): reading(value)}
    await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()

    assert float(hass.states.get(entity_id).state) == value
    options = er.async_get(hass).async_get(entity_id).options["sensor"]
    assert options["suggested_display_precision"] == precision
