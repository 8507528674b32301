"""Firmware, settings, SIM cards and the past of a product's devices (7.4, 7.5, 8)."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
import json
from typing import Any

from aiohttp import web
import pytest

from custom_components.iot_clouds.model import (
    CloudAuthError,
    CloudMissing,
    CloudRejected,
    CloudUnreachable,
    DeviceOffline,
    Firmware,
    HistoryQuery,
    Install,
    Json,
    Kind,
    Press,
    Ref,
    Sample,
    SetPoint,
)
from custom_components.iot_clouds.vendors.particle.cloud import ParticleCloud

from .conftest import MakeCloud
from .fake import (
    ARGON,
    INVALID_TOKEN,
    TRACKER,
    FakeParticle,
    answer,
    board,
    drop,
    event,
    tracker,
)

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
MAPS: dict[str, Any] = {"variables": {}, "functions": ["cmd"]}
PRODUCT = "/v1/products/123"
CONFIG = f"{PRODUCT}/config/{TRACKER}"
DENIED = {"error": "Permission Denied"}
ICCID = "8944500000000000000"


class Clock:
    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def cloud(make_cloud: MakeCloud, clock: Clock) -> ParticleCloud:
    return make_cloud(now=clock, grace=0)


def member(fake: FakeParticle, one: dict[str, Any], **more: Any) -> None:
    """A claimed device of product 123, which tells `more` below its product."""
    fake.devices({**one, "product_id": 123}, **MAPS)
    fake.json("GET", f"{PRODUCT}/devices/{one['id']}", {**one, **more})


def versions(installed: int, targeted: int | None, **more: Any) -> dict[str, Any]:
    return {
        "firmware_version": installed,
        "targeted_firmware_release_version": targeted,
        "firmware_updates_enabled": True,
        **more,
    }


# Firmware


async def firmware(cloud: ParticleCloud) -> Firmware | None:
    found = (await cloud.snapshot()).readings.get(Ref(ARGON, "firmware"))
    value = found and found.value
    assert value is None or isinstance(value, Firmware)
    return value


async def test_a_products_firmware_is_shown_with_its_notes(
    fake: FakeParticle, cloud: ParticleCloud
) -> None:
    member(fake, board(), **versions(3, 4))
    notes = {"title": "Four", "description": "Sleeps better", "version": 4}
    fake.json("GET", f"{PRODUCT}/firmware/4", notes)
    found = await cloud.snapshot()
    assert found.devices[ARGON].points["firmware"].kind is Kind.FIRMWARE
    assert found.readings[Ref(ARGON, "firmware")].value == Firmware(
        installed="3",
        latest="4",
        title="Four",
        notes="Sleeps better",
        installable=True,
    )
    assert found == await cloud.snapshot()
    assert fake.count("GET", f"{PRODUCT}/firmware/4") == 1


async def test_notes_that_may_not_be_read_are_asked_for_once(
    fake: FakeParticle, cloud: ParticleCloud
) -> None:
    member(fake, board(), **versions(3, 4))
    fake.json("GET", f"{PRODUCT}/firmware/4", {}, 500)
    assert (await firmware(cloud)) is not None
    fake.json("GET", f"{PRODUCT}/firmware/4", {"error": "unauthorized"}, 403)
    await firmware(cloud)
    found = await firmware(cloud)
    assert found
    assert found.title is None
    assert fake.count("GET", f"{PRODUCT}/firmware/4") == 2


@pytest.mark.parametrize(
    ("told", "latest", "installable"),
    [
        (versions(3, 3), "3", False),
        (versions(3, None), "3", False),
        (versions(3, 4, firmware_updates_enabled=False), "4", False),
        (versions(3, 4, desired_firmware_version=3), "3", False),
        (versions(3, 4, desired_firmware_version=5), "5", True),
    ],
)
async def test_only_what_the_cloud_would_install_can_be_installed(
    fake: FakeParticle,
    cloud: ParticleCloud,
    told: dict[str, Any],
    latest: str,
    installable: bool,
) -> None:
    member(fake, board(), **told)
    found = await firmware(cloud)
    assert found
    assert (found.installed, found.latest) == ("3", latest)
    assert found.installable is installable


async def test_an_offline_device_keeps_its_firmware_and_cannot_be_updated(
    fake: FakeParticle, cloud: ParticleCloud
) -> None:
    member(fake, board(), **versions(3, 4))
    await cloud.snapshot()
    fake.devices(board(online=False, connected=False, product_id=123))
    found = await firmware(cloud)
    assert found
    assert found.latest == "4"
    assert not found.installable


@pytest.mark.parametrize(
    "script",
    [answer(DENIED, 403), answer({"ok": False, "error": "no"}, 400), answer({})],
)
async def test_a_product_that_is_not_the_users_is_asked_once(
    fake: FakeParticle, cloud: ParticleCloud, script: Any
) -> None:
    member(fake, board())
    path = f"{PRODUCT}/devices/{ARGON}"
    fake.on("GET", path, script)
    assert await firmware(cloud) is None
    fake.devices(board(product_id=123, last_handshake_at="2026-11-20T09:00:00Z"))
    assert await firmware(cloud) is None
    assert fake.count("GET", path) <= 2


async def test_a_product_that_fails_is_asked_again(
    fake: FakeParticle, cloud: ParticleCloud
) -> None:
    member(fake, board(), **versions(3, 3))
    path = f"{PRODUCT}/devices/{ARGON}"
    fake.on("GET", path, drop)
    assert await firmware(cloud) is None
    member(fake, board(last_handshake_at="2026-11-20T09:00:00Z"), **versions(3, 3))
    assert await firmware(cloud) is not None


async def test_installing_forces_the_update_and_shows_until_it_is_over(
    fake: FakeParticle, cloud: ParticleCloud, clock: Clock
) -> None:
    member(fake, board(), **versions(3, 4))
    path = f"/v1/devices/{ARGON}"
    fake.json("PUT", path, {"id": ARGON, "firmware_updates_forced": True})
    await cloud.snapshot()
    install = Install(ref=Ref(ARGON, "firmware"))
    await cloud.execute(install)
    assert json.loads(fake.last(path).body) == {"firmware_updates_forced": True}
    found = await firmware(cloud)
    assert found
    assert found.installing
    fake.on("GET", "/v1/devices/events", fake.stream)
    async with cloud.feeds()["events"]() as updates:
        stream = await fake.streams.get()
        await stream.write(event("spark/status", "online"))
        await anext(updates)
    found = await firmware(cloud)
    assert found
    assert not found.installing
    await cloud.execute(install)
    clock.now += timedelta(minutes=30)
    found = await firmware(cloud)
    assert found
    assert not found.installing


async def test_a_device_of_no_product_has_nothing_to_install(
    fake: FakeParticle, cloud: ParticleCloud
) -> None:
    fake.devices(board(), **MAPS)
    assert await firmware(cloud) is None
    with pytest.raises(CloudMissing):
        await cloud.execute(Install(ref=Ref(ARGON, "firmware")))
    with pytest.raises(CloudRejected):
        await cloud.execute(Install(ref=Ref(ARGON, "other")))


# Settings of Trackers


DOCUMENT: dict[str, Any] = {
    "location": {"interval_max": 3600, "radius": 0, "gnss": True},
    "imu_trig": {"motion": "low", "high_g": "sometimes"},
    "geofence": {"interval": 5},
}


def settings_of(found: Any) -> dict[str, Any]:
    return {
        ref.key: (reading.value, reading.attributes)
        for ref, reading in found.readings.items()
        if ref.key.startswith("setting/")
    }


def configured(fake: FakeParticle, current: Any, pending: Any = None) -> None:
    body = {"configuration": {"current": current, "pending": pending}}
    fake.json("GET", CONFIG, body)


async def test_a_trackers_settings_are_asked_for_once_a_day(
    fake: FakeParticle, cloud: ParticleCloud, clock: Clock
) -> None:
    member(fake, tracker())
    configured(fake, DOCUMENT)
    found = await cloud.snapshot()
    assert settings_of(found) == {
        "setting/location.interval_max": (3600, None),
        "setting/location.radius": (0, None),
        "setting/imu_trig.motion": ("low", None),
    }
    points = found.devices[TRACKER].points
    level = points["setting/location.interval_max"]
    assert (level.kind, level.unit, level.minimum, level.maximum) == (
        Kind.LEVEL,
        "s",
        0,
        86_400,
    )
    choice = points["setting/imu_trig.motion"]
    assert choice.kind is Kind.CHOICE
    assert choice.options == ("disable", "low", "medium", "high")
    await cloud.snapshot()
    assert fake.count("GET", CONFIG) == 1
    clock.now += timedelta(days=1)
    await cloud.snapshot()
    assert fake.count("GET", CONFIG) == 2


@pytest.mark.parametrize(
    "script",
    [answer({}, 404), answer(DENIED, 403), answer({"error": "no"}, 400)],
)
async def test_a_tracker_without_settings_has_none(
    fake: FakeParticle, cloud: ParticleCloud, script: Any
) -> None:
    member(fake, tracker())
    fake.on("GET", CONFIG, script)
    for _ in range(2):
        assert settings_of(await cloud.snapshot()) == {}
    assert fake.count("GET", CONFIG) == 1


async def test_a_cloud_that_fails_is_asked_for_settings_again(
    fake: FakeParticle, cloud: ParticleCloud
) -> None:
    member(fake, tracker())
    fake.json("GET", CONFIG, {}, 500)
    assert settings_of(await cloud.snapshot()) == {}
    configured(fake, DOCUMENT)
    assert len(settings_of(await cloud.snapshot())) == 3


async def test_a_setting_is_written_with_all_the_others(
    fake: FakeParticle, cloud: ParticleCloud
) -> None:
    member(fake, tracker())
    configured(fake, DOCUMENT)
    await cloud.snapshot()
    fake.json("PUT", CONFIG, {})
    ref = Ref(TRACKER, "setting/location.interval_max")
    await cloud.execute(SetPoint(ref=ref, value=600.0))
    sent = json.loads(fake.last(CONFIG).body)
    assert sent == {
        **DOCUMENT,
        "location": {"interval_max": 600, "radius": 0, "gnss": True},
    }
    assert DOCUMENT["location"]["interval_max"] == 3600
    configured(fake, sent)
    found = await cloud.snapshot()
    assert found.readings[ref].value == 600
    assert found.readings[ref].attributes is None


async def test_settings_that_are_changed_at_once_keep_each_other(
    fake: FakeParticle, cloud: ParticleCloud
) -> None:
    member(fake, tracker())
    configured(fake, DOCUMENT)
    await cloud.snapshot()

    async def replaced(request: web.Request) -> web.StreamResponse:
        configured(fake, await request.json())
        return web.json_response({})

    fake.on("PUT", CONFIG, replaced)
    wishes = {"location.interval_max": 600, "location.radius": 50}
    async with asyncio.TaskGroup() as group:
        for name, value in wishes.items():
            ref = Ref(TRACKER, f"setting/{name}")
            group.create_task(cloud.execute(SetPoint(ref=ref, value=value)))
    sent = json.loads(fake.last(CONFIG).body)
    assert sent["location"] == {"interval_max": 600, "radius": 50, "gnss": True}


async def test_a_setting_that_waits_for_the_device_says_so(
    fake: FakeParticle, cloud: ParticleCloud
) -> None:
    member(fake, tracker())
    configured(fake, DOCUMENT)
    await cloud.snapshot()
    fake.json("PUT", CONFIG, {}, 202)
    ref = Ref(TRACKER, "setting/imu_trig.motion")
    await cloud.execute(SetPoint(ref=ref, value="high"))
    pending = json.loads(fake.last(CONFIG).body)
    configured(fake, DOCUMENT, pending)
    found = await cloud.snapshot()
    assert found.readings[ref].value == "high"
    assert found.readings[ref].attributes == {"pending": True}
    # What waits is the base of the next change.
    other = Ref(TRACKER, "setting/location.radius")
    await cloud.execute(SetPoint(ref=other, value=50))
    assert json.loads(fake.last(CONFIG).body)["imu_trig"]["motion"] == "high"
    configured(fake, pending)
    found = await cloud.snapshot()
    assert found.readings[ref].value == "high"
    assert found.readings[ref].attributes is None


@pytest.mark.parametrize(
    "body", [{}, {"ok": True}, {"configuration": None}, {"configuration": {}}]
)
async def test_settings_that_are_not_told_are_not_replaced(
    fake: FakeParticle, cloud: ParticleCloud, body: Any
) -> None:
    member(fake, tracker())
    configured(fake, DOCUMENT)
    await cloud.snapshot()
    fake.json("GET", CONFIG, body)
    fake.json("PUT", CONFIG, {})
    ref = Ref(TRACKER, "setting/location.radius")
    with pytest.raises(CloudUnreachable):
        await cloud.execute(SetPoint(ref=ref, value=50))
    assert fake.count("PUT", CONFIG) == 0


async def test_what_waits_may_be_told_in_part(
    fake: FakeParticle, cloud: ParticleCloud
) -> None:
    member(fake, tracker())
    waiting = {"location": {"interval_max": 600}, "rgb": {"type": "off"}}
    configured(fake, DOCUMENT, waiting)
    await cloud.snapshot()
    fake.json("PUT", CONFIG, {}, 202)
    ref = Ref(TRACKER, "setting/location.radius")
    await cloud.execute(SetPoint(ref=ref, value=50))
    assert json.loads(fake.last(CONFIG).body) == {
        **DOCUMENT,
        **waiting,
        "location": {"interval_max": 600, "radius": 50, "gnss": True},
    }


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("location.interval_max", -1),
        ("location.interval_max", 86_401),
        ("location.interval_max", "often"),
        ("location.interval_max", True),
        ("imu_trig.motion", "wild"),
        ("imu_trig.motion", 5),
        ("unheard.of", 5),
    ],
)
async def test_what_does_not_fit_is_refused_before_anything_is_sent(
    fake: FakeParticle, cloud: ParticleCloud, key: str, value: Any
) -> None:
    member(fake, tracker())
    configured(fake, DOCUMENT)
    await cloud.snapshot()
    with pytest.raises((CloudRejected, CloudMissing)):
        await cloud.execute(SetPoint(ref=Ref(TRACKER, f"setting/{key}"), value=value))
    assert fake.count("PUT", CONFIG) == 0


async def test_a_device_that_refuses_a_setting_says_why(
    fake: FakeParticle, cloud: ParticleCloud
) -> None:
    member(fake, tracker())
    configured(fake, DOCUMENT)
    await cloud.snapshot()
    refusal = {
        "error": "device_rejected_configuration",
        "error_description": "Too often",
    }
    fake.json("PUT", CONFIG, refusal, 400)
    ref = Ref(TRACKER, "setting/location.interval_max")
    with pytest.raises(CloudRejected) as caught:
        await cloud.execute(SetPoint(ref=ref, value=1))
    assert caught.value.reason == "Too often"
    fake.json("GET", CONFIG, {}, 404)
    with pytest.raises(CloudMissing):
        await cloud.execute(SetPoint(ref=ref, value=1))


async def test_a_tracker_of_no_product_has_no_settings(
    fake: FakeParticle, cloud: ParticleCloud
) -> None:
    fake.devices(tracker(), **MAPS)
    assert settings_of(await cloud.snapshot()) == {}
    ref = Ref(TRACKER, "setting/location.radius")
    with pytest.raises(CloudMissing):
        await cloud.execute(SetPoint(ref=ref, value=1))


# SIM cards


def sims(*items: dict[str, Any], pages: int = 1) -> dict[str, Any]:
    return {"sims": list(items), "meta": {"total_pages": pages}}


USAGE = f"/v1/sims/{ICCID}/data_usage"


async def sim_of(cloud: ParticleCloud) -> tuple[Any, Any]:
    found = (await cloud.snapshot()).readings
    status = found.get(Ref(TRACKER, "sim/status"))
    used = found.get(Ref(TRACKER, "sim/used"))
    return status and status.value, used and used.value


async def test_a_sim_card_is_asked_for_four_times_a_day(
    fake: FakeParticle, cloud: ParticleCloud, clock: Clock
) -> None:
    fake.devices(tracker(iccid=ICCID), **MAPS)
    other = {"iccid": "1", "status": "inactive"}
    fake.json("GET", "/v1/sims?page=1", sims(other, pages=2))
    card = {"iccid": ICCID, "status": "active"}
    fake.json("GET", "/v1/sims?page=2", sims(card, pages=2))
    fake.json("GET", USAGE, {"quota": 45, "used": 12.5})
    for _ in range(24):
        assert await sim_of(cloud) == ("active", 12.5)
        clock.now += timedelta(hours=1)
    assert fake.count("GET", "/v1/sims?page=1") == 4
    assert fake.count("GET", USAGE) == 4


@pytest.mark.parametrize(
    ("usage", "used"),
    [
        (
            answer(
                {
                    "usage_by_day": [
                        {"date": "2026-11-19", "mbs_used_cumulative": 3},
                        {"date": "2026-11-20", "mbs_used_cumulative": 4.5},
                    ]
                }
            ),
            4.5,
        ),
        (answer({}), None),
        (answer({"usage_by_day": []}), None),
        (answer({"usage_by_day": [5]}), None),
        (answer({"error": "no"}, 400), None),
    ],
)
async def test_what_a_card_has_used_is_shown_where_it_is_told(
    fake: FakeParticle, cloud: ParticleCloud, usage: Any, used: float | None
) -> None:
    fake.devices(tracker(iccid=ICCID), **MAPS)
    fake.json("GET", "/v1/sims?page=1", [{"_id": ICCID, "status": "active"}, 5])
    fake.on("GET", USAGE, usage)
    assert await sim_of(cloud) == ("active", used)


@pytest.mark.parametrize(
    "script",
    [answer({"error": "no"}, 403), answer({"sims": 5}), answer({}, 500)],
)
async def test_without_a_list_of_cards_nothing_is_known(
    fake: FakeParticle, cloud: ParticleCloud, script: Any
) -> None:
    fake.devices(tracker(iccid=ICCID), **MAPS)
    fake.on("GET", "/v1/sims?page=1", script)
    for _ in range(2):
        assert await sim_of(cloud) == (None, None)
    assert fake.count("GET", "/v1/sims?page=1") == 1


@pytest.mark.parametrize(("path", "body"), [("/v1/sims?page=1", {}), (USAGE, None)])
async def test_cards_that_could_not_be_asked_for_are_after_an_hour(
    fake: FakeParticle, cloud: ParticleCloud, clock: Clock, path: str, body: Any
) -> None:
    fake.devices(tracker(iccid=ICCID), **MAPS)
    fake.json("GET", "/v1/sims?page=1", sims({"iccid": ICCID, "status": "active"}))
    fake.json("GET", USAGE, {"used": 12.5})
    fake.scripts["GET", path].insert(0, answer(body, 500))
    # One that fails takes nothing else with it.
    assert await sim_of(cloud) == (None if path != USAGE else "active", None)
    clock.now += timedelta(minutes=50)
    assert (await sim_of(cloud))[1] is None
    clock.now += timedelta(minutes=10)
    assert await sim_of(cloud) == ("active", 12.5)


@pytest.mark.parametrize(("status", "asked"), [(500, 2), (429, 1)])
async def test_a_cloud_that_keeps_failing_is_not_asked_for_every_card(
    fake: FakeParticle, cloud: ParticleCloud, status: int, asked: int
) -> None:
    boards = [
        tracker(id=f"e00fce68000000000000000{n}", iccid=f"9{n}") for n in (3, 4, 5)
    ]
    fake.devices(*boards, **MAPS)
    fake.json("GET", "/v1/sims?page=1", [{"iccid": f"9{n}"} for n in (3, 4, 5)])
    for n in (3, 4, 5):
        fake.json("GET", f"/v1/sims/9{n}/data_usage", {}, status)
    await cloud.snapshot()
    assert sum("data_usage" in one.path for one in fake.seen) == asked


async def test_one_card_that_fails_costs_only_itself(
    fake: FakeParticle, cloud: ParticleCloud, clock: Clock
) -> None:
    broken = "e00fce680000000000000001"
    fake.devices(board(broken, iccid="9", cellular=True), tracker(iccid=ICCID), **MAPS)
    fake.json("GET", "/v1/sims?page=1", [{"iccid": "9"}, {"iccid": ICCID}])
    fake.json("GET", "/v1/sims/9/data_usage", {}, 500)
    fake.json("GET", USAGE, {"used": 12.5})
    assert (await sim_of(cloud))[1] == 12.5
    clock.now += timedelta(hours=1)
    await cloud.snapshot()
    assert fake.count("GET", "/v1/sims?page=1") == 1


async def test_a_token_refused_for_a_card_is_no_good_listing(
    fake: FakeParticle, cloud: ParticleCloud
) -> None:
    fake.devices(tracker(iccid=ICCID), **MAPS)
    fake.json("GET", "/v1/sims?page=1", [{"iccid": ICCID}])
    fake.json("GET", USAGE, INVALID_TOKEN, 401)
    fake.json("GET", "/v1/access_tokens/current", INVALID_TOKEN, 401)
    devices = fake.scripts["GET", "/v1/devices"]
    devices.append(answer(INVALID_TOKEN, 401))
    with pytest.raises(CloudAuthError):
        await cloud.snapshot()


async def test_boards_without_cards_cost_no_request(
    fake: FakeParticle, cloud: ParticleCloud
) -> None:
    fake.devices(board(), **MAPS)
    await cloud.snapshot()
    assert not [one for one in fake.seen if "/sims" in one.path]


# Buttons


async def test_buttons_do_what_they_say(
    fake: FakeParticle, cloud: ParticleCloud
) -> None:
    fake.devices(tracker(), **MAPS)
    found = await cloud.snapshot()
    actions = {
        key: point.enabled
        for key, point in found.devices[TRACKER].points.items()
        if point.kind is Kind.ACTION
    }
    assert actions == {
        "action/ping": True,
        "action/signal": True,
        "action/signal_stop": True,
        "action/refresh_vitals": True,
        "action/locate": True,
        "function/cmd": False,
    }
    detail = f"/v1/devices/{TRACKER}"
    fake.json("PUT", f"{detail}/ping", {"online": True, "ok": True})
    fake.json("PUT", detail, {"id": TRACKER, "signaling": True})
    fake.json("POST", f"/v1/diagnostics/{TRACKER}/update", {"ok": True}, 202)
    fake.json("POST", f"{detail}/cmd", {"return_value": 0})
    results = {
        key: await cloud.execute(Press(ref=Ref(TRACKER, key))) for key in actions
    }
    assert results == {**dict.fromkeys(actions), "action/locate": 0, "function/cmd": 0}
    bodies = [
        (one.method, one.path, json.loads(one.body))
        for one in fake.seen
        if one.method != "GET"
    ]
    assert bodies == [
        ("PUT", f"{detail}/ping", {}),
        ("PUT", detail, {"signal": "1"}),
        ("PUT", detail, {"signal": "0"}),
        ("POST", f"/v1/diagnostics/{TRACKER}/update", {}),
        ("POST", f"{detail}/cmd", {"arg": '{"cmd":"get_loc"}'}),
        ("POST", f"{detail}/cmd", {"arg": ""}),
    ]


async def test_a_ping_without_an_answer_and_a_tracker_that_cannot_say_so(
    fake: FakeParticle, cloud: ParticleCloud
) -> None:
    fake.devices(tracker(), **MAPS)
    await cloud.snapshot()
    detail = f"/v1/devices/{TRACKER}"
    fake.json("PUT", f"{detail}/ping", {"connected": False, "lastPing": None})
    with pytest.raises(DeviceOffline):
        await cloud.execute(Press(ref=Ref(TRACKER, "action/ping")))
    fake.json("POST", f"{detail}/cmd", {"return_value": -2})
    with pytest.raises(CloudRejected):
        await cloud.execute(Press(ref=Ref(TRACKER, "action/locate")))
    with pytest.raises(CloudMissing):
        await cloud.execute(Press(ref=Ref(TRACKER, "action/dance")))


# The past


def query(**options: Any) -> HistoryQuery:
    given: dict[str, Any] = {
        "device_id": TRACKER,
        "start": NOW - timedelta(days=1),
        "end": NOW,
        **options,
    }
    return HistoryQuery(**given)


@pytest.fixture
def places(fake: FakeParticle) -> Callable[[Json], None]:
    path = (
        f"{PRODUCT}/locations/{TRACKER}"
        "?date_range=2026-11-19T09%3A00%3A00%2B00%3A00%2C2026-11-20T09%3A00%3A00%2B00%3A00"
    )

    def places(location: Json) -> None:
        fake.json("GET", path, {"location": location, "meta": {}})

    return places


async def test_where_a_tracker_was_is_told_oldest_first(
    fake: FakeParticle, cloud: ParticleCloud, places: Callable[[Json], None]
) -> None:
    member(fake, tracker())
    await cloud.snapshot()
    places(
        {
            "geometry": {
                "type": "LineString",
                "coordinates": [[16.4, 48.2], [16.5, 48.3], [999, 0], [1], ["x", 2]],
            },
            "timestamps": [
                "2026-11-20T08:00:00Z",
                "2026-11-20T07:00:00Z",
                "2026-11-20T06:00:00Z",
                "2026-11-20T05:00:00Z",
                "2026-11-20T04:00:00Z",
            ],
            "properties": [{"spd": 3, "h_acc": 5, "temp": 20}, {"acc_h": 7, "hd": 90}],
        }
    )
    assert cloud.history
    newest = Sample(
        at=datetime(2026, 11, 20, 8, tzinfo=UTC),
        value={
            "latitude": 48.2,
            "longitude": 16.4,
            "accuracy": 5,
            "speed": 3,
            "temperature": 20,
        },
    )
    older = Sample(
        at=datetime(2026, 11, 20, 7, tzinfo=UTC),
        value={"latitude": 48.3, "longitude": 16.5, "accuracy": 7, "heading": 90},
    )
    assert await cloud.history.query(query()) == (older, newest)
    assert await cloud.history.query(query(limit=1)) == (older,)
    assert len(await cloud.history.query(query(key="tracker/location"))) == 2


@pytest.mark.parametrize(
    ("location", "count"),
    [
        (
            {
                "geometry": {"type": "Point", "coordinates": [16.4, 48.2]},
                "timestamps": ["2026-11-20T08:00:00Z"],
            },
            1,
        ),
        (
            {
                "geometry": {"coordinates": [[16.4, 48.2]]},
                "timestamps": ["2026-11-21T08:00:00Z"],
            },
            0,
        ),
        ({"geometry": {"coordinates": [[16.4, 48.2]]}}, 0),
        ({"geometry": {"coordinates": []}}, 0),
        ({"geometry": 5}, 0),
        (None, 0),
    ],
)
async def test_a_past_of_any_shape_makes_no_trouble(
    fake: FakeParticle,
    cloud: ParticleCloud,
    places: Callable[[Json], None],
    location: Json,
    count: int,
) -> None:
    member(fake, tracker())
    await cloud.snapshot()
    places(location)
    assert cloud.history
    assert len(await cloud.history.query(query())) == count


async def test_a_past_that_nobody_keeps_is_refused_in_words(
    fake: FakeParticle, cloud: ParticleCloud
) -> None:
    fake.devices(tracker(), **MAPS)
    await cloud.snapshot()
    assert cloud.history
    with pytest.raises(CloudMissing):
        await cloud.history.query(query())
    for options, named in (
        ({"key": "variable/x"}, "key"),
        ({"period": 60}, "period"),
        ({"aggregation": "avg"}, "period"),
    ):
        with pytest.raises(CloudRejected) as caught:
            await cloud.history.query(query(**options))
        assert caught.value.field == named
