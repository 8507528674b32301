from datetime import UTC, datetime

import pytest

from custom_components.iot_clouds.model import CloudUnreachable
from custom_components.iot_clouds.vendors.iottly.models import (
    Board,
    parse_licenses,
    parse_props,
)

from .fake import OTHER, props
from .store import DEVICE

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def test_a_device_is_read_in_either_spelling_of_its_id():
    expected = Board(
        id=DEVICE,
        name="board 1",
        mac="02:43:3d:0a:07:1f",
        connected=True,
        agent_version="1.8.3",
    )
    assert Board.parse(props()) == expected
    lower = props()
    lower["id"] = lower.pop("ID").upper()
    assert Board.parse(lower) == expected


@pytest.mark.parametrize(
    ("status", "connected", "told"),
    [
        ("connected", True, None),
        ("Disconnected ", False, None),
        ("sleeping", None, "sleeping"),
        (None, None, None),
        ({}, None, None),
    ],
)
def test_only_the_two_known_states_say_whether_it_is_connected(status, connected, told):
    board = Board.parse(props(operatingstatus=status))
    assert (board.connected, board.status) == (connected, told)


@pytest.mark.parametrize(
    ("body", "ids", "complete"),
    [
        ({"count": 1, "errors": None, "devices": [props()]}, [DEVICE], True),
        ({"devices": [props()]}, [DEVICE], True),
        ([props()], [DEVICE], True),
        ({"count": 0, "devices": None}, [], True),
        ({"count": 2, "devices": [props()]}, [DEVICE], False),
        ({"count": 2, "devices": [props(), props()]}, [DEVICE], False),
        ({"count": 1, "errors": ["one failed"], "devices": [props()]}, [DEVICE], False),
        ({"count": 1, "errors": [], "devices": [props()]}, [DEVICE], True),
        ({"devices": [None, {"ID": "../x"}, props()]}, [DEVICE], False),
        ({"devices": [{"ID": 7, "name": 7}]}, [], False),
    ],
)
def test_a_listing_with_holes_is_not_complete(body, ids, complete):
    listing = parse_props(body, NOW)
    assert [board.id for board in listing.boards] == ids
    assert listing.complete is complete


@pytest.mark.parametrize("body", [None, "text", {}, {"devices": "none"}])
def test_properties_without_a_list_make_no_sense(body):
    with pytest.raises(CloudUnreachable):
        parse_props(body, NOW)


def test_licenses_are_devices_where_they_have_a_board():
    licenses = {
        "599f8661ae4efc9ab47ebfe76013bbae": {"status": "odd", "board": {"id": DEVICE}},
        "0" * 32: {"status": "available", "board": {}},
        "1" * 32: {"status": "available", "board": None},
        "2" * 32: {"status": "available"},
        "3" * 32: {"status": "paired", "board": {"id": OTHER, "name": 5}},
    }
    listing = parse_licenses(licenses, NOW)
    assert [(board.id, board.name) for board in listing.boards] == [
        (DEVICE, None),
        (OTHER, "5"),
    ]
    assert listing.complete


def test_a_license_that_makes_no_sense_leaves_a_hole():
    assert not parse_licenses({"0" * 32: "free"}, NOW).complete
    with pytest.raises(CloudUnreachable):
        parse_licenses([], NOW)
