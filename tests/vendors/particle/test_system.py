"""What the cloud says about devices by itself, and events with structure (5)."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
import json
from typing import Any

import pytest

from custom_components.iot_clouds.model import Place, Reading, Ref, Update
from custom_components.iot_clouds.vendors.particle.directory import Directory
from custom_components.iot_clouds.vendors.particle.events import Interpreter
from custom_components.iot_clouds.vendors.particle.location import Trackers
from custom_components.iot_clouds.vendors.particle.models import Board
from custom_components.iot_clouds.vendors.particle.shelf import Shelf
from custom_components.iot_clouds.vendors.particle.sse import Decoder

from .fake import ARGON, TRACKER, board, event, tracker

NOW = datetime(2026, 11, 20, 9, 0, 30, tzinfo=UTC)
AT = datetime(2026, 11, 20, 9, tzinfo=UTC)
VARIABLES = {"temp": "double", "on": "bool", "note": "string", "n": "int32"}

type Take = Callable[..., Update | None]


@pytest.fixture
def directory() -> Directory:
    known = Directory()
    boards = [Board.parse(board(variables=VARIABLES)), Board.parse(tracker())]
    known.take_listing([each for each in boards if each], 0, complete=True)
    known.devices()
    return known


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


@pytest.fixture
def take(directory: Directory, shelf: Shelf) -> Take:
    trackers = Trackers(100, known=shelf.value)
    interpreter = Interpreter(
        directory, shelf=shelf, trackers=trackers, now=lambda: NOW
    )
    count = iter(range(1000))

    def take(name: str, data: Any, source: Any = ARGON) -> Update | None:
        at = (AT + timedelta(seconds=next(count))).isoformat()
        (frame,) = Decoder().feed(event(name, data, source, at))
        return interpreter.take(frame)

    return take


def values(update: Update | None) -> dict[str, Any]:
    assert update
    return {ref.key: reading.value for ref, reading in update.readings.items()}


# Events that carry variables (reference 11)


def test_keys_of_an_events_data_update_variables(take: Take) -> None:
    data = json.dumps({"temp": 21, "on": True, "n": "x", "other": 5, "note": None})
    update = take("weather", data)
    assert values(update) == {"variable/temp": 21.0, "variable/on": True}
    assert update
    assert update.events[0].data == {
        "temp": 21,
        "on": True,
        "n": "x",
        "other": 5,
        "note": None,
    }


def test_an_event_named_like_a_variable_is_that_variable_alone(take: Take) -> None:
    data = '{"temp": 5}'
    update = take("note", data)
    assert values(update) == {"variable/note": data}
    assert update
    assert update.events[0].data == {"temp": 5}


@pytest.mark.parametrize("data", ["[1, 2]", "{broken", '{"unknown": 1}', "{}", " "])
def test_data_without_such_keys_updates_nothing(take: Take, data: str) -> None:
    assert values(take("weather", data)) == {}


def test_what_an_unknown_device_or_the_account_publishes_is_no_variable(
    take: Take,
) -> None:
    for source in ("e00fce68000000000000ffff", "api", None):
        assert values(take("weather", '{"temp": 5}', source)) == {}


def test_lists_and_structured_data_are_decoded(take: Take) -> None:
    for data, shown in (
        ("[1, 2]", [1, 2]),
        ({"a": {"_type": "buffer", "_data": "aGk="}},) * 2,
        ("{broken", "{broken"),
        ("25.5", "25.5"),
    ):
        update = take("weather", data)
        assert update
        assert update.events[0].data == shown


# System events (reference 5.6)


def test_safe_mode_is_a_problem_at_once(take: Take) -> None:
    update = take("spark/status/safe-mode", '{"f": []}')
    assert update
    assert update.relist
    assert values(update) == {"system/safe_mode": True}


def test_the_reason_of_a_reset_is_shown(take: Take) -> None:
    update = take("spark/device/last_reset", "panic, hard_fault")
    assert values(update) == {"system/last_reset": "panic, hard_fault"}
    assert update
    assert update.relist
    again = take("spark/device/last_reset", "user")
    assert again
    assert not again.relist


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("particle/device/updates/pending", "true"),
        ("particle/device/updates/enabled", "false"),
        ("spark/status", "auto-update"),
        ("spark/flash/status", "started "),
        ("spark/device/app-hash", "AB" * 32),
    ],
)
def test_news_about_firmware_ask_for_a_listing(
    take: Take, name: str, data: str
) -> None:
    assert take(name, data) == Update(relist=True)


def test_a_flash_that_failed_is_over(take: Take) -> None:
    assert take("spark/flash/status", "failed ") is None
    take("spark/flash/status", "started app.bin")
    assert take("spark/flash/status", "failed app.bin") == Update(relist=True)


def test_a_release_of_a_product_has_all_its_devices_asked(
    take: Take, directory: Directory
) -> None:
    for each in list(directory):
        detail = Board.parse({"id": each.id, "variables": {}, "functions": []})
        assert detail
        directory.take_detail(detail, directory.moment())
    assert directory.wanted() == []
    update = take("particle/firmware/release", '{"version": 2}', "api")
    assert update == Update(relist=True)
    assert directory.wanted() == [ARGON, TRACKER]


def test_a_system_event_of_an_unknown_device_asks_once_for_a_listing(
    take: Take,
) -> None:
    stranger = "e00fce68000000000000ffff"
    assert take("spark/status", "online", stranger) == Update(relist=True)
    assert take("spark/status", "online", stranger) is None


# Trackers (reference 7)


def loc(lck: int | None = 1, **fields: Any) -> str:
    body: dict[str, Any] = {"cmd": "loc", "time": AT.timestamp(), "loc": fields}
    for key in ("trig", "req_id", "time"):
        if key in fields:
            body[key] = fields.pop(key)
    if lck is not None:
        fields["lck"] = lck
    return json.dumps(body)


def test_a_tracker_tells_all_that_it_measures(take: Take) -> None:
    data = loc(lat=1, lon=2, spd=3.5, alt=171.2, hd=46.1, satu=9, h_acc=5)
    found = values(take("loc", data, TRACKER))
    assert found == {
        "tracker/location": Place(latitude=1, longitude=2, accuracy=5),
        "tracker/speed": 3.5,
        "tracker/altitude": 171.2,
        "tracker/heading": 46.1,
        "tracker/satellites": 9,
        "tracker/last_fix": AT,
    }


def test_a_position_without_lock_never_moves_a_tracker(take: Take) -> None:
    assert values(take("loc", loc(0, lat=1, lon=2, h_acc=5), TRACKER)) == {}


def test_a_position_that_is_too_inaccurate_changes_only_the_attributes(
    take: Take,
) -> None:
    ref = Ref(TRACKER, "tracker/location")
    first = take("loc", loc(lat=1, lon=2, h_acc=5), TRACKER)
    assert first
    coarse = {"lat": 9, "lon": 9, "h_acc": 101, "src": ["cell"], "time": 1800000000}
    update = take("loc-enhanced", loc(0, **coarse), TRACKER)
    assert update
    assert update.readings[ref].value == Place(latitude=1, longitude=2, accuracy=5)
    assert update.readings[ref].attributes == {
        "refused_accuracy": 101,
        "sources": ["cell"],
    }
    assert Ref(TRACKER, "tracker/last_fix") not in update.readings
    fine = {"lat": 9, "lon": 9, "h_acc": 100, "src": ["wifi"], "time": 1800000060}
    update = take("loc-enhanced", loc(0, **fine), TRACKER)
    assert update
    assert update.readings[ref].value == Place(latitude=9, longitude=9, accuracy=100)
    assert update.readings[ref].attributes == {"sources": ["wifi"]}


def test_before_the_first_fix_an_inaccurate_position_is_unknown(take: Take) -> None:
    coarse = loc(0, lat=9, lon=9, h_acc=5000)
    update = take("loc-enhanced", coarse, TRACKER)
    assert update
    ref = Ref(TRACKER, "tracker/location")
    assert update.readings[ref] == Reading(
        value=None, at=AT, attributes={"refused_accuracy": 5000.0}
    )


def test_each_reason_of_a_report_is_an_event_once(take: Take) -> None:
    update = take("loc", loc(0, trig=["imu_m", "radius", 5, ""], req_id=3), TRACKER)
    assert update
    assert [(each.name, each.data) for each in update.events[1:]] == [
        ("particle/trigger", {"reason": "imu_m"}),
        ("particle/trigger", {"reason": "radius"}),
    ]
    assert len({each.id for each in update.events}) == 3
    enhanced = take("loc-enhanced", loc(0, trig=["imu_m"], req_id=3), TRACKER)
    assert enhanced
    assert len(enhanced.events) == 1


def test_zones_follow_from_what_triggered(take: Take) -> None:
    data = loc(0, trig=["enter1", "outside2", "exit3", "inside4", "enter9", "x"])
    update = take("loc", data, TRACKER)
    assert values(update) == {
        "zone/1": True,
        "zone/2": False,
        "zone/3": False,
        "zone/4": True,
    }
    assert update
    assert update.relist


def test_a_monitor_one_tells_its_inputs(take: Take) -> None:
    data = loc(
        0, io_v=11.9, io_a=0.004, io_in=True, io_vlow=1, io_ahigh=0, io_aflthigh=False
    )
    assert values(take("loc", data, TRACKER)) == {
        "input/io_v": 11.9,
        "input/io_a": 0.004,
        "input/io_in": True,
        "input/io_vlow": True,
        "input/io_ahigh": False,
        "input/io_aflthigh": False,
    }


def test_modbus_registers_have_a_value_only_where_reading_went_well(
    take: Take,
) -> None:
    items = [
        {"name": "flow", "result": 0, "value": 12.5},
        {"name": "level", "result": 226, "value": 1},
        {"result": 0},
        5,
    ]
    update = take("modbus", json.dumps({"modbus": items}), TRACKER)
    assert values(update) == {"modbus/flow": 12.5, "modbus/level": None}
    assert update
    assert update.relist
    assert values(take("modbus", '{"modbus": 5}', TRACKER)) == {}


def test_a_tracker_reports_its_settings(take: Take) -> None:
    cfg = {"location": {"interval_max": 600, "radius": "x"}, "imu_trig": 5}
    update = take("cfg", json.dumps({"cmd": "cfg", "cfg": cfg}), TRACKER)
    assert values(update) == {"setting/location.interval_max": 600}
    assert values(take("cfg", '{"cfg": 5}', TRACKER)) == {}
    assert values(take("cfg", "nothing", TRACKER)) == {}
