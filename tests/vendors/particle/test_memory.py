"""A restart forgets nothing that would have to be asked, or paid, for again."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from custom_components.iot_clouds.cloud import Link
from custom_components.iot_clouds.model import (
    Call,
    CloudBusy,
    CloudError,
    CloudUnreachable,
    Json,
    Notice,
    Place,
    Press,
    Publish,
    Reading,
    Ref,
    Value,
)
from custom_components.iot_clouds.vendors.particle import VENDOR
from custom_components.iot_clouds.vendors.particle.cloud import ParticleCloud
from custom_components.iot_clouds.vendors.particle.shelf import Shelf

from .conftest import MakeCloud
from .fake import ARGON, TIMED_OUT, TOKEN, FakeParticle, board, event, read_all

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
MAPS: dict[str, Any] = {"variables": {"temp": "double"}, "functions": ["led"]}
DETAIL = f"/v1/devices/{ARGON}"
TEMP = Ref(ARGON, "variable/temp")


class Notes:
    """A memory that survives restarts; it writes when the host stops."""

    def __init__(self) -> None:
        self.document: Mapping[str, Json] = {}
        self._collect: Callable[[], Mapping[str, Json]] | None = None

    async def load(self) -> Mapping[str, Json]:
        return self.document

    def save(self, collect: Callable[[], Mapping[str, Json]]) -> None:
        self._collect = collect

    def stop(self) -> None:
        if self._collect:
            self.document = self._collect()


@pytest.fixture
def notes() -> Notes:
    return Notes()


@pytest.fixture
def start(make_cloud: MakeCloud, notes: Notes) -> Callable[..., ParticleCloud]:
    """Start, or start again, with what was kept."""

    def start(**options: Any) -> ParticleCloud:
        notes.stop()
        return make_cloud(memory=notes, **{"now": lambda: NOW, **options})

    return start


async def test_what_a_board_exposes_is_known_after_a_restart_while_it_is_offline(
    fake: FakeParticle, start: Callable[..., ParticleCloud]
) -> None:
    fake.devices(board(), **MAPS)
    before = await start().snapshot()
    fake.devices(board(online=False, variables=None, functions=None))
    after = await start().snapshot()
    assert after.devices[ARGON].points == before.devices[ARGON].points
    assert after.devices[ARGON].functions == ("led",)
    assert fake.count("GET", DETAIL) == 1


async def test_what_a_product_told_is_known_after_a_restart_while_it_is_offline(
    fake: FakeParticle, start: Callable[..., ParticleCloud]
) -> None:
    fake.devices(board(product_id=123), **MAPS)
    told = {"firmware_version": 3, "targeted_firmware_release_version": 3}
    fake.json("GET", f"/v1/products/123/devices/{ARGON}", {"id": ARGON, **told})
    before = await start().snapshot()
    ref = Ref(ARGON, "firmware")
    fake.devices(board(product_id=123, online=False, connected=False))
    after = await start().snapshot()
    assert after.readings[ref].value == before.readings[ref].value
    assert "firmware" in after.devices[ARGON].points
    assert fake.count("GET", f"/v1/products/123/devices/{ARGON}") == 1


async def test_a_board_that_stayed_online_is_not_asked_again_after_a_restart(
    fake: FakeParticle, start: Callable[..., ParticleCloud]
) -> None:
    fake.devices(board(), **MAPS)
    before = await start().snapshot()
    assert (await start().snapshot()).devices == before.devices
    assert fake.count("GET", DETAIL) == 1
    fake.devices(board(last_handshake_at="2026-11-20T08:30:00Z"), **MAPS)
    await start().snapshot()
    assert fake.count("GET", DETAIL) == 2
    await start(now=lambda: NOW + timedelta(days=1)).snapshot()
    assert fake.count("GET", DETAIL) == 3


async def test_a_value_that_is_fresh_is_shown_and_not_read_after_a_restart(
    fake: FakeParticle, start: Callable[..., ParticleCloud]
) -> None:
    fake.devices(board(), **MAPS)
    fake.json("GET", f"{DETAIL}/temp", {"result": 20})
    cloud = start()
    await cloud.snapshot()
    assert cloud.reader
    await read_all(cloud.reader, [TEMP])
    again = start(now=lambda: NOW + timedelta(minutes=14))
    found = await again.snapshot()
    assert found.readings[TEMP] == Reading(value=20.0, at=NOW)
    assert again.reader
    assert (await read_all(again.reader, [TEMP])).readings == {}
    assert fake.count("GET", f"{DETAIL}/temp") == 1
    later = start(now=lambda: NOW + timedelta(minutes=90))
    await later.snapshot()
    assert later.reader
    assert len((await read_all(later.reader, [TEMP])).readings) == 1


async def test_a_variable_that_failed_is_not_asked_again_by_restarting(
    fake: FakeParticle, start: Callable[..., ParticleCloud]
) -> None:
    fake.devices(board(), **MAPS)
    fake.json("GET", f"{DETAIL}/temp", {"ok": False, "error": "timed out"}, 404)
    for _ in range(3):
        cloud = start()
        await cloud.snapshot()
        assert cloud.reader
        await read_all(cloud.reader, [TEMP])
    assert fake.count("GET", f"{DETAIL}/temp") == 1


async def test_an_event_postpones_the_read_of_its_variable(
    fake: FakeParticle, start: Callable[..., ParticleCloud]
) -> None:
    now = NOW
    fake.devices(board(), **MAPS)
    fake.json("GET", f"{DETAIL}/temp", {"result": 20})
    fake.on("GET", "/v1/devices/events", fake.stream)
    cloud = start(now=lambda: now)
    await cloud.snapshot()
    async with cloud.feeds()["events"]() as updates:
        stream = await fake.streams.get()
        await stream.write(event("weather", '{"temp": 19}', at=NOW.isoformat()))
        assert (await anext(updates)).readings[TEMP].value == 19.0
    assert cloud.reader
    for minutes, reads in ((0, 0), (14, 0), (90, 1)):
        now = NOW + timedelta(minutes=minutes)
        await read_all(cloud.reader, [TEMP])
        assert fake.count("GET", f"{DETAIL}/temp") == reads
    now = NOW + timedelta(minutes=91)
    await read_all(cloud.reader, [TEMP], asked=True)
    assert fake.count("GET", f"{DETAIL}/temp") == 2


async def test_a_clock_that_was_years_ahead_freezes_nothing(
    fake: FakeParticle, start: Callable[..., ParticleCloud]
) -> None:
    now = NOW.replace(year=2099)
    fake.devices(board(system_firmware_version="6.3.0"), **MAPS)
    fake.json("GET", f"{DETAIL}/temp", {"result": 20})
    fake.on("GET", "/v1/devices/events", fake.stream)
    cloud = start(now=lambda: now)
    await cloud.snapshot()
    assert cloud.reader
    await read_all(cloud.reader, [TEMP])
    now = NOW
    cloud = start(now=lambda: now)
    fake.devices(board(system_firmware_version="6.4.0"), **MAPS)
    found = await cloud.snapshot()
    assert found.readings[Ref(ARGON, "system/device_os")].value == "6.4.0"
    async with cloud.feeds()["events"]() as updates:
        stream = await fake.streams.get()
        await stream.write(event("temp", "19", at=NOW.isoformat()))
        assert (await anext(updates)).readings[TEMP].value == 19.0
    assert (await cloud.snapshot()).readings[TEMP].value == 19.0
    assert cloud.reader
    fake.json("GET", f"{DETAIL}/temp", {"result": 18})
    for minutes in (1, 90):
        now = NOW + timedelta(minutes=minutes)
        told = await read_all(cloud.reader, [TEMP])
    assert told.readings[TEMP].value == 18.0


async def test_a_variable_read_by_a_clock_that_was_years_ahead_is_read_again(
    fake: FakeParticle, start: Callable[..., ParticleCloud]
) -> None:
    now = NOW.replace(year=2099)
    fake.devices(board(), **MAPS)
    fake.json("GET", f"{DETAIL}/temp", {"result": 20})
    cloud = start(now=lambda: now)
    await cloud.snapshot()
    assert cloud.reader
    await read_all(cloud.reader, [TEMP])
    for minutes in (0, 60):
        now = NOW + timedelta(minutes=minutes)
        await read_all(cloud.reader, [TEMP])
    assert fake.count("GET", f"{DETAIL}/temp") == 2


@pytest.mark.parametrize(
    ("status", "body", "known"),
    [
        (500, {}, None),
        (429, {}, None),
        (402, {"error": "paused"}, None),
        # Whoever is asleep still has the temperature that was measured.
        (404, TIMED_OUT, 20.0),
    ],
)
async def test_what_the_cloud_could_not_tell_twice_in_a_row_is_not_known_any_more(
    fake: FakeParticle,
    start: Callable[..., ParticleCloud],
    status: int,
    body: Json,
    known: float | None,
) -> None:
    now = NOW
    fake.devices(board(), **MAPS)
    cloud = start(now=lambda: now)
    await cloud.snapshot()
    assert cloud.reader

    async def round_after(minutes: int, value: Json, status: int) -> Value:
        nonlocal now
        now = NOW + timedelta(minutes=minutes)
        fake.json("GET", f"{DETAIL}/temp", value, status)
        assert cloud.reader
        with suppress(CloudError):
            await read_all(cloud.reader, [TEMP])
        return (await cloud.snapshot()).readings[TEMP].value

    assert await round_after(0, {"result": 20}, 200) == 20.0
    assert await round_after(60, body, status) == 20.0
    assert await round_after(120, body, status) == known
    cloud = start(now=lambda: now)
    assert (await cloud.snapshot()).readings[TEMP].value == known
    assert await round_after(180, {"result": 21}, 200) == 21.0


async def test_a_variable_that_fails_for_ever_is_no_failure_of_the_cloud(
    fake: FakeParticle, start: Callable[..., ParticleCloud]
) -> None:
    now = NOW
    fake.devices(board(), **MAPS)
    cloud = start(now=lambda: now)
    await cloud.snapshot()
    assert cloud.reader
    fake.json("GET", f"{DETAIL}/temp", {}, 500)
    with pytest.raises(CloudUnreachable):
        await read_all(cloud.reader, [TEMP])
    for hours in (1, 2, 3):
        now = NOW + timedelta(hours=hours)
        assert (await read_all(cloud.reader, [TEMP])).readings == {}
    assert fake.count("GET", f"{DETAIL}/temp") == 4
    # A limit is one of the whole cloud.
    fake.json("GET", f"{DETAIL}/temp", {}, 429)
    now += timedelta(hours=1)
    with pytest.raises(CloudBusy):
        await read_all(cloud.reader, [TEMP])


async def test_what_somebody_asked_for_in_vain_stays_as_it_was(
    fake: FakeParticle, start: Callable[..., ParticleCloud]
) -> None:
    now = NOW
    fake.devices(board(), **MAPS)
    cloud = start(now=lambda: now)
    await cloud.snapshot()
    assert cloud.reader
    fake.json("GET", f"{DETAIL}/temp", {"result": 20})
    await read_all(cloud.reader, [TEMP], asked=True)
    fake.json("GET", f"{DETAIL}/temp", {}, 500)
    for _ in range(3):
        now += timedelta(minutes=1)
        with pytest.raises(CloudUnreachable):
            await read_all(cloud.reader, [TEMP], asked=True)
    assert (await cloud.snapshot()).readings[TEMP].value == 20.0


async def test_everything_that_is_billed_is_counted_over_restarts(
    fake: FakeParticle, start: Callable[..., ParticleCloud]
) -> None:
    fake.devices(board(), **MAPS)
    fake.json("GET", f"{DETAIL}/temp", {"result": 20})
    fake.json("POST", f"{DETAIL}/led", {"return_value": 1})
    fake.json("POST", "/v1/devices/events", {"ok": True})
    cloud = start()
    await cloud.snapshot()
    assert cloud.reader
    await read_all(cloud.reader, [TEMP], asked=True)
    await cloud.execute(Call(device_id=ARGON, function="led"))
    await cloud.execute(Press(ref=Ref(ARGON, "function/led")))
    await cloud.execute(Publish(name="x"))
    found = await start().snapshot()
    assert found.readings[Ref("account", "account/operations_used")].value == 4
    forecast = found.readings[Ref("account", "account/operations_forecast")].value
    assert isinstance(forecast, int)
    assert forecast > 4
    account = found.devices["account"]
    assert account.is_account
    assert set(account.points) == {
        "account/operations_used",
        "account/operations_forecast",
    }


@pytest.mark.parametrize(
    ("plan", "used", "expected"),
    [
        (10, 7, []),
        (10, 8, [("budget_80", False, "10", "8")]),
        (10, 10, [("budget_100", True, "10", "10")]),
        (0, 10, []),
    ],
)
async def test_a_budget_that_comes_to_its_end_is_a_notice(
    fake: FakeParticle,
    start: Callable[..., ParticleCloud],
    plan: int,
    used: int,
    expected: list[tuple[str, bool, str, str]],
) -> None:
    fake.devices(board(), **MAPS)
    fake.json("POST", f"{DETAIL}/led", {"return_value": 1})
    cloud = start(plan=plan)
    await cloud.snapshot()
    for _ in range(used):
        cloud._budget.spend()
    notices = (await cloud.snapshot()).notices
    assert [
        (
            each.key,
            each.severe,
            dict(each.placeholders)["limit"],
            dict(each.details)["used"],
        )
        for each in notices
    ] == expected
    for each in notices:
        assert each.option == "operations_per_month"
        # One second of the month is gone, but no more is said before six hours are.
        assert int(dict(each.details)["forecast"]) >= used


@pytest.mark.parametrize(
    ("left", "days"),
    [
        (timedelta(days=15), None),
        (timedelta(days=13, hours=5), "13"),
        (timedelta(hours=-5), "0"),
    ],
)
async def test_a_token_that_ends_soon_is_a_notice(
    fake: FakeParticle,
    start: Callable[..., ParticleCloud],
    left: timedelta,
    days: str | None,
) -> None:
    fake.devices()
    notices = (await start(expires_at=NOW + left).snapshot()).notices
    if days is None:
        assert notices == ()
    else:
        assert notices == (Notice(key="token_expires", placeholders=(("days", days),)),)


async def test_a_memory_full_of_nonsense_is_like_an_empty_one(
    fake: FakeParticle, make_cloud: MakeCloud, notes: Notes
) -> None:
    fake.devices(board(), **MAPS)
    clean = await make_cloud(memory=Notes(), now=lambda: NOW).snapshot()
    reading: Json = {"at": "2026-11-20T08:00:00Z"}
    for nonsense in (
        {"budget": 5, "definitions": 5, "members": [], "tried": 5, "readings": 5},
        {
            "budget": {"used": "x"},
            "definitions": {ARGON: 5},
            "members": {ARGON: 5},
            "tried": {"x": 5},
            "readings": {ARGON: {"vitals/battery": 5, "vitals/charging": reading}},
            "sims": 5,
        },
    ):
        notes.document = nonsense  # type: ignore[assignment]
        assert await make_cloud(memory=notes, now=lambda: NOW).snapshot() == clean


async def test_a_listing_that_fails_before_the_first_loses_no_notes(
    fake: FakeParticle, start: Callable[..., ParticleCloud], notes: Notes
) -> None:
    fake.devices(board(), **MAPS)
    await start().snapshot()
    fake.json("GET", "/v1/devices", {}, 500)
    cloud = start()
    with pytest.raises(CloudUnreachable):
        await cloud.snapshot()
    fake.json("POST", f"{DETAIL}/led", {"return_value": 1})
    await cloud.execute(Call(device_id=ARGON, function="led"))
    fake.devices(board(online=False, variables=None, functions=None))
    found = await start().snapshot()
    assert found.devices[ARGON].functions == ("led",)
    assert found.readings[Ref("account", "account/operations_used")].value == 1


def test_every_kind_of_reading_is_written_and_read() -> None:
    shelf = Shelf()
    values: dict[str, Value] = {
        "a": True,
        "b": 5,
        "c": 5.5,
        "d": "x",
        "e": None,
        "f": Place(latitude=1.5, longitude=2.5, accuracy=3),
        "g": NOW,
    }
    for key, value in values.items():
        reading = Reading(value=value, at=NOW, attributes={"key": key})
        shelf.take({Ref(ARGON, key): reading})
    again = Shelf()
    again.restore(shelf.notes())
    assert again.of(ARGON) == shelf.of(ARGON)
    again.restore({ARGON: {"f": {"at": NOW.isoformat(), "place": [1, "x", 3]}}})
    assert again.of(ARGON) == shelf.of(ARGON)


async def test_the_users_choices_reach_the_account(
    fake: FakeParticle, link: Link
) -> None:
    cloud = VENDOR.connect(
        link,
        {
            "access_token": TOKEN,
            "base_url": fake.url,
            "operations_per_month": 9_000_000,
            "location_accuracy": 50,
            "expires_at": "2026-11-21T00:00:00Z",
        },
    )
    assert cloud.diagnostics()["operations_planned"] == 5_000_000
    assert cloud.diagnostics()["operations_used"] == 0
    fake.devices()
    await cloud.snapshot()
    assert cloud.diagnostics()["requests"] == 1
    default = VENDOR.connect(link, {"access_token": TOKEN})
    assert default.diagnostics()["operations_planned"] == 50_000
    assert [choice.key for choice in VENDOR.choices] == [
        "operations_per_month",
        "location_accuracy",
    ]
