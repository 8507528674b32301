"""Boards become devices and points, however their fields have been mangled."""

from typing import Any

import pytest

from custom_components.iot_clouds.model import Category, Device, Kind, Point
from custom_components.iot_clouds.vendors.particle.models import Board, Definition
from custom_components.iot_clouds.vendors.particle.scope import Scope
from custom_components.iot_clouds.vendors.particle.translate import device, page

from .fake import ARGON, board, tracker


def translated(body: dict[str, Any]) -> Device:
    parsed = Board.parse(body)
    assert parsed
    return device(parsed, parsed.definition, parsed.online)


def test_a_board_is_a_device_with_all_that_the_list_tells() -> None:
    body = board(
        functions=["led", "brew"],
        variables={"temp": "double", "on": "bool", "note": "string", "n": "int32"},
    )
    assert translated(body) == Device(
        id="e00fce680000000000000001",
        name="greenhouse",
        online=True,
        sleeps=False,
        model="Argon",
        model_id="argon",
        serial="ARGN123",
        mac="aa:bb:cc:dd:ee:01",
        sw_version="6.3.0",
        points={
            "variable/n": Point(
                key="variable/n",
                kind=Kind.MEASURE,
                name="n",
                billed=True,
                state_class="measurement",
            ),
            "variable/note": Point(
                key="variable/note", kind=Kind.TEXT, name="note", billed=True
            ),
            "variable/on": Point(
                key="variable/on", kind=Kind.FLAG, name="on", billed=True
            ),
            "variable/temp": Point(
                key="variable/temp",
                kind=Kind.MEASURE,
                name="temp",
                billed=True,
                state_class="measurement",
            ),
        },
        functions=("brew", "led"),
    )


def test_a_tracker_has_fixed_points_that_cost_nothing() -> None:
    found = translated(tracker())
    assert found.model == "Asset Tracker / Monitor One"
    assert found.sleeps
    assert found.mac is None
    assert found.points == {
        "tracker/location": Point(
            key="tracker/location", kind=Kind.PLACE, label="location"
        ),
        "tracker/battery": Point(
            key="tracker/battery",
            kind=Kind.MEASURE,
            label="battery",
            unit="%",
            device_class="battery",
            state_class="measurement",
            category=Category.DIAGNOSTIC,
        ),
        "tracker/temperature": Point(
            key="tracker/temperature",
            kind=Kind.MEASURE,
            label="temperature",
            unit="°C",
            device_class="temperature",
            state_class="measurement",
        ),
        "tracker/signal": Point(
            key="tracker/signal",
            kind=Kind.MEASURE,
            label="cellular_signal",
            unit="%",
            state_class="measurement",
            digits=0,
            category=Category.DIAGNOSTIC,
            enabled=False,
        ),
    }


@pytest.mark.parametrize(
    ("body", "scope", "address"),
    [
        (board(), Scope(), f"https://console.particle.io/devices/{ARGON}"),
        (
            board(product_id=12345),
            Scope(),
            f"https://console.particle.io/12345/devices/{ARGON}",
        ),
        # A device outside of products has its platform's number there.
        (
            board(product_id=12, platform_id=12),
            Scope(),
            f"https://console.particle.io/devices/{ARGON}",
        ),
        (
            board(),
            Scope(product="my-product"),
            f"https://console.particle.io/my-product/devices/{ARGON}",
        ),
        (
            board(product_id=7),
            Scope(organization="acme"),
            f"https://console.particle.io/7/devices/{ARGON}",
        ),
        (
            board(),
            Scope(product="../x"),
            f"https://console.particle.io/..%2Fx/devices/{ARGON}",
        ),
    ],
)
def test_the_console_shows_a_board_below_its_product(
    body: dict[str, Any], scope: Scope, address: str
) -> None:
    parsed = Board.parse(body, scope.prefix)
    assert parsed
    assert page(parsed, scope) == address


@pytest.mark.parametrize(
    ("platform", "model", "sleeps"),
    [
        (0, "Core", False),
        (6, "Photon", False),
        (8, "P1", False),
        (10, "Electron", True),
        (12, "Argon", False),
        (13, "Boron", True),
        (14, "Xenon", False),
        (15, "E-SoM-X", True),
        (22, "A-SoM", False),
        (23, "B-SoM", True),
        (24, "X-SoM", False),
        (25, "B5-SoM", True),
        (26, "Asset Tracker / Monitor One", True),
        (28, "Tracker-M", True),
        (32, "Photon 2 / P2", False),
        (35, "M-SoM", True),
        (37, "Electron 2", True),
        (38, "Sulu", True),
        (42, "Tachyon", True),
        (43, "Linux", False),
        (99, "Particle platform 99", False),
        (-1, None, False),
        ("12", None, False),
        (True, None, False),
    ],
)
def test_the_platform_names_the_model_and_whether_it_sleeps(
    platform: Any, model: str | None, sleeps: bool
) -> None:
    found = translated(board(platform_id=platform))
    assert (found.model, found.sleeps) == (model, sleeps)


def test_a_cellular_board_of_an_unknown_platform_sleeps() -> None:
    assert translated(board(platform_id=99, cellular=True)).sleeps


@pytest.mark.parametrize(
    ("fields", "online"),
    [
        ({"online": True, "connected": False}, True),
        ({"online": False, "connected": True}, True),
        ({"online": False, "connected": False}, False),
        ({"online": None, "connected": True}, True),
        ({"online": None, "connected": False}, False),
        ({"online": None, "connected": None}, None),
        ({"online": "yes", "connected": "no"}, None),
    ],
)
def test_online_is_either_of_two_fields(
    fields: dict[str, Any], online: bool | None
) -> None:
    assert translated(board(**fields)).online is online


@pytest.mark.parametrize(
    ("name", "platform", "expected"),
    [
        (None, 12, "Argon 000001"),
        ("null", 12, "Argon 000001"),
        ("  ", 12, "Argon 000001"),
        (7, -1, "Particle device 000001"),
        ("Küche", 12, "Küche"),
    ],
)
def test_a_device_without_name_is_called_by_its_model(
    name: Any, platform: int, expected: str
) -> None:
    assert translated(board(name=name, platform_id=platform)).name == expected


@pytest.mark.parametrize(
    ("written", "mac"),
    [
        ("AABBCCDDEE01", "aa:bb:cc:dd:ee:01"),
        ("aa-bb-cc-dd-ee-01", "aa:bb:cc:dd:ee:01"),
        ("00:00:00:00:00:00", None),
        ("FF:FF:FF:FF:FF:FF", None),
        ("not a mac", None),
        ("", None),
        (12, None),
    ],
)
def test_only_a_real_hardware_address_is_one(written: Any, mac: str | None) -> None:
    assert translated(board(mac_wifi=written)).mac == mac


def test_fields_of_the_wrong_type_cost_only_themselves() -> None:
    found = translated(
        {
            "id": ARGON.upper(),
            "name": ["x"],
            "platform_id": 12,
            "online": True,
            "cellular": "yes",
            "serial_number": {},
            "system_firmware_version": None,
            "current_build_target": "5.9.0",
            "variables": {"good": "int32", "odd": 7, " ": "int32"},
            "functions": ["led", None, 3, "led", ""],
            "status": 1,
        }
    )
    assert found.id == ARGON
    assert found.sw_version == "5.9.0"
    assert found.serial is None
    assert list(found.points) == ["variable/good", "variable/odd"]
    assert found.points["variable/odd"].kind is Kind.TEXT
    assert found.functions == ("led",)


@pytest.mark.parametrize("body", [None, 1, "x", [], {}, {"id": 5}, {"id": " "}])
def test_what_has_no_id_is_no_board(body: Any) -> None:
    assert Board.parse(body) is None


def test_maps_of_the_wrong_shape_are_not_known() -> None:
    parsed = Board.parse(board(variables=["x"], functions={"led": 1}))
    assert parsed
    assert parsed.definition == Definition(variables=None, functions=None)


def test_no_secret_or_serial_is_in_the_repr_of_a_board() -> None:
    shown = repr(Board.parse(board()))
    assert "ABCDEFGHIJKLMNO" not in shown
    assert "ARGN123" not in shown
    assert "AA:BB" not in shown
