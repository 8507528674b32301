"""What the user knows better about a point is laid over the listing, if it fits."""

from dataclasses import replace

import pytest

from custom_components.iot_clouds.adjust import adjusted, adjusted_point
from custom_components.iot_clouds.model import Device, Kind, Point
from custom_components.iot_clouds.rules import problems, units_of

VOLUME = Point(
    key="variable/water",
    kind=Kind.MEASURE,
    name="Water",
    unit="m³",
    device_class="volume_storage",
    state_class="measurement",
)
CLOCK = Point(
    key="variable/clock", kind=Kind.MEASURE, name="Clock", unit="s", timezone="UTC"
)
ALARM = replace(
    CLOCK, kind=Kind.LEVEL, minimum=0, maximum=4294967295, step=1, writable=True
)
METER = {"device_class": "water", "state_class": "total_increasing", "unit": "L"}


def _board(*points: Point, device_id: str = "b") -> Device:
    return Device(
        id=device_id, name="Board", points={point.key: point for point in points}
    )


def test_without_adjustments_the_listing_is_handed_on_as_it_is():
    devices = {"b": _board(VOLUME)}
    assert adjusted(devices, {}) is devices


@pytest.mark.parametrize(
    "changes",
    [
        {"b_variable/gone": METER},
        {"b_variable/water": {"unit": "m³"}},
        {"b_variable/water": {"device_class": "door"}},
    ],
)
def test_adjustments_that_change_nothing_leave_the_listing_the_same_object(changes):
    devices = {"b": _board(VOLUME)}
    assert adjusted(devices, changes) is devices


def test_only_the_adjusted_point_of_the_adjusted_device_changes():
    devices = {"a": _board(VOLUME, device_id="a"), "b": _board(VOLUME, CLOCK)}

    after = adjusted(devices, {"b_variable/water": METER})

    assert after["a"] is devices["a"]
    assert after["b"].points["variable/clock"] is CLOCK
    water = after["b"].points["variable/water"]
    assert (water.device_class, water.state_class, water.unit) == (
        "water",
        "total_increasing",
        "L",
    )
    assert (water.key, water.name, water.kind) == (
        "variable/water",
        "Water",
        Kind.MEASURE,
    )
    assert devices["b"].points["variable/water"] is VOLUME


def test_what_an_adjustment_does_not_name_follows_the_cloud():
    point = adjusted_point(VOLUME, {"state_class": None})
    assert (point.device_class, point.state_class, point.unit) == (
        "volume_storage",
        None,
        "m³",
    )


def test_seconds_of_wall_time_that_are_only_observed_become_a_timestamp():
    point = adjusted_point(CLOCK, {"as_moment": True})
    assert (point.kind, point.device_class, point.unit, point.timezone) == (
        Kind.MEASURE,
        "timestamp",
        None,
        "UTC",
    )


def test_seconds_of_wall_time_that_may_be_written_become_a_moment_without_limits():
    point = adjusted_point(ALARM, {"as_moment": True})
    assert (point.kind, point.device_class, point.unit) == (Kind.MOMENT, None, None)
    assert (point.minimum, point.maximum, point.step) == (None, None, None)
    assert point.writable
    assert point.timezone == "UTC"


@pytest.mark.parametrize(
    ("point", "change"),
    [
        (VOLUME, {"as_moment": True}),
        (replace(VOLUME, kind=Kind.TEXT), METER),
        (replace(VOLUME, kind=Kind.FLAG, device_class=None), METER),
        (replace(VOLUME, kind=Kind.MOMENT, device_class=None), {"unit": "s"}),
        (replace(VOLUME, device_class="timestamp"), METER),
        (VOLUME, {"device_class": "ph"}),
    ],
    ids=[
        "no time zone",
        "a text now",
        "a boolean now",
        "writable moment",
        "moment",
        "wrong unit",
    ],
)
def test_a_point_that_became_something_else_is_shown_as_the_cloud_lists_it(
    point, change
):
    assert adjusted_point(point, change) is point


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        (("water", "total_increasing", "L"), {}),
        (("water", "total", "m³"), {}),
        (("gas", "total_increasing", "ft³"), {}),
        (("gas", "total_increasing", "gal"), {"unit": "unit_not_allowed"}),
        (("water", "measurement", "L"), {"state_class": "state_class_not_allowed"}),
        (("energy", None, "kWh"), {}),
        (("energy", None, None), {"unit": "unit_not_allowed"}),
        (
            ("energy", "measurement", "kW"),
            {"state_class": "state_class_not_allowed", "unit": "unit_not_allowed"},
        ),
        (("ph", "measurement", None), {}),
        (("ph", "measurement", "%"), {"unit": "unit_not_allowed"}),
        (("monetary", "total", "EUR"), {}),
        ((None, "measurement", "frogs"), {}),
        ((None, "measurement_angle", "°"), {}),
        ((None, "measurement_angle", "rad"), {"unit": "unit_not_of_state_class"}),
        (("door", None, None), {"device_class": "class_unknown"}),
    ],
)
def test_the_rules_for_sensors_are_those_of_home_assistant(fields, wrong):
    device_class, state_class, unit = fields
    point = replace(
        VOLUME, device_class=device_class, state_class=state_class, unit=unit
    )
    assert problems(point) == wrong


@pytest.mark.parametrize(
    ("kind", "device_class", "unit", "wrong"),
    [
        (Kind.LEVEL, "temperature", "°F", {}),
        (Kind.LEVEL, "temperature", "F", {"unit": "unit_not_allowed"}),
        (Kind.LEVEL, "timestamp", None, {"device_class": "class_unknown"}),
        (Kind.FLAG, "garage_door", None, {}),
        (Kind.FLAG, "outlet", None, {"device_class": "class_unknown"}),
        (Kind.TOGGLE, "outlet", None, {}),
        (Kind.TOGGLE, "garage_door", None, {"device_class": "class_unknown"}),
    ],
)
def test_each_platform_knows_its_own_classes(kind, device_class, unit, wrong):
    point = Point(
        key="k",
        kind=kind,
        name="K",
        device_class=device_class,
        unit=unit,
        # Numbers have none; what the cloud's type implies must not be held against them.
        state_class="total",
    )
    assert problems(point) == wrong


def test_a_class_that_takes_any_unit_names_none():
    assert units_of(Kind.MEASURE, "monetary") is None
    assert units_of(Kind.MEASURE, None) is None
    assert units_of(Kind.TOGGLE, "outlet") is None
    assert set(units_of(Kind.MEASURE, "battery")) == {"%"}
