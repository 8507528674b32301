"""Every point that a device may have is complete, named, and where it belongs."""

import json
from pathlib import Path
from typing import Any

import pytest

from custom_components.iot_clouds.model import Kind, Point
from custom_components.iot_clouds.vendors.particle.account import Ledger
from custom_components.iot_clouds.vendors.particle.budget import Budget
from custom_components.iot_clouds.vendors.particle.catalog import TABLE, points
from custom_components.iot_clouds.vendors.particle.models import (
    Board,
    Definition,
    Membership,
)
from custom_components.iot_clouds.vendors.particle.values import utcnow

from .fake import board, tracker

INTEGRATION = Path(__file__).parents[3] / "custom_components" / "iot_clouds"
NAMES: dict[str, Any] = json.loads(
    (INTEGRATION / "translations" / "en.json").read_text(encoding="utf-8")
)["entity"]
PLATFORMS = {
    Kind.MEASURE: "sensor",
    Kind.TEXT: "sensor",
    Kind.FLAG: "binary_sensor",
    Kind.PLACE: "device_tracker",
    Kind.ACTION: "button",
    Kind.MESSAGE: "event",
    Kind.FIRMWARE: "update",
    Kind.LEVEL: "number",
    Kind.CHOICE: "select",
}


def made(body: dict[str, Any], *seen: str, functions: Any = ()) -> list[Point]:
    parsed = Board.parse(body)
    assert parsed
    definition = Definition(functions=tuple(functions))
    return list(points(parsed, definition, seen))


def account() -> list[Point]:
    budget = Budget(0, now=utcnow)
    ledger = Ledger(budget, None, name="x", device_id="account", now=utcnow)
    return list(ledger.device.points.values())


@pytest.mark.parametrize(
    "point",
    [*made(tracker()), *TABLE.values(), *account()],
    ids=lambda each: each.key,
)
def test_every_label_has_a_name_on_its_platform(point: Point) -> None:
    assert point.label in NAMES[PLATFORMS[point.kind]]


def test_a_board_has_events_and_buttons_and_its_functions_as_hidden_ones() -> None:
    found = {point.key: point for point in made(board(), functions=["led"])}
    assert list(found) == [
        "events",
        "action/ping",
        "action/signal",
        "action/signal_stop",
        "action/refresh_vitals",
        "function/led",
    ]
    assert found["events"].kind is Kind.MESSAGE
    assert found["function/led"].name == "led"
    assert not found["function/led"].enabled
    assert "action/locate" in {point.key for point in made(tracker())}


def test_what_was_seen_once_is_a_point_and_nothing_else() -> None:
    found = made(board(), "modbus/flow", "system/safe_mode", "variable/x", "unheard")
    assert [point.key for point in found[5:]] == ["modbus/flow", "system/safe_mode"]
    assert found[5].name == "flow"
    assert found[6].device_class == "problem"


def test_what_a_product_tells_is_read_leniently() -> None:
    assert Membership.parse(
        {
            "firmware_version": "3",
            "targeted_firmware_release_version": -1,
            "desired_firmware_version": True,
            "firmware_updates_enabled": "yes",
            "quarantined": 1,
            "groups": "roof",
        }
    ) == Membership(installed=3)
    newer = Membership(blocked=False, groups=())
    older = Membership(installed=1, blocked=True, groups=("a",), updates_enabled=True)
    assert newer.over(older) == Membership(
        installed=1, blocked=False, groups=(), updates_enabled=True
    )
