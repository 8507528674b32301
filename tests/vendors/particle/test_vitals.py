"""Vitals: pushed first, asked for once at the start, and never trusted blindly (6)."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from custom_components.iot_clouds.model import Device, Kind, Reading, Ref, Update
from custom_components.iot_clouds.vendors.particle.cloud import ParticleCloud

from .conftest import MakeCloud
from .fake import ARGON, TRACKER, FakeParticle, answer, board, drop, event, tracker

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
MAPS: dict[str, Any] = {"variables": {}, "functions": []}
LAST = f"/v1/diagnostics/{ARGON}/last"
PUSH = "spark/device/diagnostics/update"

PAYLOAD: dict[str, Any] = {
    "device": {
        "network": {
            "signal": {
                "at": "LTE Cat-M1",
                "strength": 61.5,
                "strengthv": -72,
                "quality": 40,
            },
            "cellular": {"operator": "A1", "radio_access_technology": "LTE"},
        },
        "cloud": {
            "disconnects": 3,
            "coap": {"round_trip": 512, "unack": 1},
            "publish": {"rate_limited": 0},
        },
        "power": {"battery": {"charge": 80.5, "state": "charging"}, "source": "VIN"},
        "system": {"uptime": 3600, "memory": {"used": 50_000, "total": 80_000}},
    },
    "service": {"coap": {"round_trip": 99}},
}
SHOWN = {
    "vitals/signal_strength": -72,
    "vitals/signal_percent": 61.5,
    "vitals/signal_quality": 40,
    "vitals/technology": "LTE Cat-M1",
    "vitals/operator": "A1",
    "vitals/radio": "LTE",
    "vitals/battery": 80.5,
    "vitals/battery_state": "charging",
    "vitals/charging": True,
    "vitals/power_source": "VIN",
    "vitals/disconnects": 3,
    "vitals/round_trip": 512,
    "vitals/service_round_trip": 99,
    "vitals/rate_limited": 0,
    "vitals/unacknowledged": 1,
    "vitals/memory_used": 62.5,
    "vitals/started": datetime(2026, 11, 20, 7, tzinfo=UTC),
}


def record(payload: Any, at: str = "2026-11-20T08:00:00.000Z") -> dict[str, Any]:
    inner = {"updated_at": at, "deviceID": ARGON, "payload": payload}
    return {"diagnostics": inner}


def vitals_of(device: Device) -> set[str]:
    return {key for key in device.points if key.startswith("vitals/")}


@pytest.fixture
def cloud(fake: FakeParticle, make_cloud: MakeCloud) -> ParticleCloud:
    fake.devices(board(), **MAPS)
    return make_cloud(now=lambda: NOW)


async def test_the_last_record_is_asked_for_once_and_makes_its_points(
    fake: FakeParticle, cloud: ParticleCloud
) -> None:
    fake.json("GET", LAST, record(PAYLOAD))
    found = await cloud.snapshot()
    again = await cloud.snapshot()
    assert found == again
    assert fake.count("GET", LAST) == 1
    device = found.devices[ARGON]
    assert vitals_of(device) == set(SHOWN)
    shown = {
        ref.key: reading
        for ref, reading in found.readings.items()
        if ref.key.startswith("vitals/")
    }
    assert {key: reading.value for key, reading in shown.items()} == SHOWN
    assert {each.at for each in shown.values()} == {NOW - timedelta(hours=1)}
    enabled = {key for key in vitals_of(device) if device.points[key].enabled}
    assert enabled == {"vitals/battery", "vitals/charging"}
    assert device.points["vitals/started"].device_class == "uptime"
    assert device.points["vitals/charging"].kind is Kind.FLAG


@pytest.mark.parametrize(
    "script",
    [
        answer({"ok": False, "error": "Not Found"}, 404),
        answer({"error": "Permission Denied"}, 403),
        answer({"ok": False, "error": "no"}, 400),
        answer({}),
        answer({"diagnostics": {"payload": 5}}),
    ],
)
async def test_a_device_without_vitals_has_none_and_is_not_asked_again(
    fake: FakeParticle, cloud: ParticleCloud, script: Any
) -> None:
    fake.on("GET", LAST, script)
    for _ in range(2):
        assert vitals_of((await cloud.snapshot()).devices[ARGON]) == set()
    assert fake.count("GET", LAST) == 1


@pytest.mark.parametrize("script", [drop, answer({}, 500)])
async def test_a_cloud_that_failed_is_asked_again(
    fake: FakeParticle, cloud: ParticleCloud, script: Any
) -> None:
    fake.on("GET", LAST, script)
    assert vitals_of((await cloud.snapshot()).devices[ARGON]) == set()
    fake.json("GET", LAST, record(PAYLOAD, "yesterday"))
    found = await cloud.snapshot()
    assert found.readings[Ref(ARGON, "vitals/battery")] == Reading(value=80.5, at=NOW)


async def pushed(cloud: ParticleCloud, fake: FakeParticle, *data: Any) -> list[Update]:
    fake.on("GET", "/v1/devices/events", fake.stream)
    async with cloud.feeds()["events"]() as updates, asyncio.timeout(5):
        stream = await fake.streams.get()
        found = []
        for number, each in enumerate(data):
            at = f"2026-11-20T09:00:{number:02}.000Z"
            await stream.write(event(PUSH, each, at=at))
            found.append(await anext(updates))
        return found


async def test_pushed_vitals_ask_for_a_listing_only_where_a_point_is_new(
    fake: FakeParticle, cloud: ParticleCloud
) -> None:
    await cloud.snapshot()
    payload = '{"device": {"power": {"battery": {"charge": %s}}}}'
    first, second = await pushed(cloud, fake, payload % 50, payload % 49)
    ref = Ref(ARGON, "vitals/battery")
    assert first.relist
    assert second.readings[ref].value == 49
    assert not second.relist
    found = await cloud.snapshot()
    assert found.readings[ref].value == 49
    assert vitals_of(found.devices[ARGON]) == {"vitals/battery"}


async def test_an_error_in_place_of_a_number_is_unknown(
    fake: FakeParticle, cloud: ParticleCloud
) -> None:
    await cloud.snapshot()
    payload = {
        "device": {
            "power": {"battery": {"charge": {"err": -210}, "state": "unknown"}},
            "system": {
                "uptime": {"err": -1},
                "memory": {"used": {"err": -1}, "total": 5},
            },
            "network": 5,
        }
    }
    (update,) = await pushed(cloud, fake, payload)
    assert {ref.key: reading.value for ref, reading in update.readings.items()} == {
        "vitals/battery": None,
        "vitals/battery_state": "unknown",
        "vitals/charging": None,
        "vitals/started": None,
        "vitals/memory_used": None,
    }


async def test_memory_that_makes_no_sense_is_unknown(
    fake: FakeParticle, cloud: ParticleCloud
) -> None:
    await cloud.snapshot()
    memory = {"used": 1e308, "total": 1e-300}
    (update,) = await pushed(cloud, fake, {"device": {"system": {"memory": memory}}})
    assert [each.value for each in update.readings.values()] == [None]


async def test_a_start_is_not_moved_by_seconds(
    fake: FakeParticle, cloud: ParticleCloud
) -> None:
    await cloud.snapshot()
    payload = '{"device": {"system": {"uptime": %s}}}'
    updates = await pushed(cloud, fake, *(payload % each for each in (600, 590, 5)))
    started = [each.readings[Ref(ARGON, "vitals/started")].value for each in updates]
    first = datetime(2026, 11, 20, 8, 50, tzinfo=UTC)
    restarted = datetime(2026, 11, 20, 8, 59, 57, tzinfo=UTC)
    assert started == [first, first, restarted]


async def test_a_trackers_battery_is_one_whoever_tells_it(
    fake: FakeParticle, cloud: ParticleCloud
) -> None:
    fake.devices(tracker(), **MAPS)
    last = f"/v1/diagnostics/{TRACKER}/last"
    fake.json("GET", last, record({"device": {"power": {"battery": {"charge": 44}}}}))
    found = await cloud.snapshot()
    assert found.readings[Ref(TRACKER, "tracker/battery")].value == 44
    assert "vitals/battery" not in found.devices[TRACKER].points


async def test_a_large_account_is_asked_bit_by_bit(
    fake: FakeParticle, make_cloud: MakeCloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    boards = [board(f"e00fce68{number:016x}", online=False) for number in range(5)]
    monkeypatch.setattr(
        "custom_components.iot_clouds.vendors.particle.extras.AT_A_TIME", 2
    )
    cloud = make_cloud()
    fake.json("GET", "/v1/devices", boards)
    counts = []
    for _ in range(4):
        await cloud.snapshot()
        counts.append(sum("/diagnostics/" in one.path for one in fake.seen))
    assert counts == [2, 4, 5, 5]
