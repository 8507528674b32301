"""Variables are read rarely, one after another, and never in vain."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from aiohttp import web
import pytest

from custom_components.iot_clouds.cloud import Reader
from custom_components.iot_clouds.model import (
    CloudAuthError,
    CloudBusy,
    CloudError,
    CloudUnreachable,
    Reading,
    Ref,
    Update,
)
from custom_components.iot_clouds.vendors.particle.cloud import ParticleCloud

from .conftest import MakeCloud
from .fake import (
    ARGON,
    INVALID_TOKEN,
    TIMED_OUT,
    TRACKER,
    FakeParticle,
    answer,
    board,
    drop,
    event,
    raw,
    read_all,
    tracker,
)

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
MAPS = {
    "variables": {"temp": "double", "on": "bool", "note": "string", "n": "int32"},
    "functions": [],
}
CURRENT = "/v1/access_tokens/current"
UNKNOWN = {"ok": False, "error": "Unknown Variable: temp"}


def path(name: str, device_id: str = ARGON) -> str:
    return f"/v1/devices/{device_id}/{name}"


def ref(name: str, device_id: str = ARGON) -> Ref:
    return Ref(device_id, f"variable/{name}")


def result(value: Any) -> dict[str, Any]:
    return {
        "cmd": "VarReturn",
        "name": "x",
        "result": value,
        "coreInfo": {"connected": True},
    }


@pytest.fixture
def reads(fake: FakeParticle) -> Callable[[], list[str]]:
    """The variables that were read, in order."""

    def names() -> list[str]:
        parts = [one.path.split("/") for one in fake.seen if one.method == "GET"]
        return [each[4] for each in parts if len(each) == 5 and each[2] == "devices"]

    return names


@pytest.fixture
async def cloud(fake: FakeParticle, make_cloud: MakeCloud) -> ParticleCloud:
    cloud = make_cloud(now=lambda: NOW, grace=0)
    fake.devices(board(), tracker(), **MAPS)
    await cloud.snapshot()
    return cloud


@pytest.fixture
def reader(cloud: ParticleCloud) -> Reader:
    assert cloud.reader
    return cloud.reader


async def test_values_are_of_the_declared_type_and_as_old_as_the_request(
    fake: FakeParticle, make_cloud: MakeCloud
) -> None:
    ticks = iter(range(-1, 10))
    cloud = make_cloud(now=lambda: NOW)
    cloud.reader._now = lambda: NOW + timedelta(seconds=next(ticks))  # type: ignore[union-attr]
    fake.devices(board(), **MAPS)
    await cloud.snapshot()
    fake.json("GET", path("n"), result(46.0))
    fake.json("GET", path("note"), {"result": "x" * 300})
    fake.json("GET", path("on"), result(True))
    fake.json("GET", path("temp"), result(60))
    assert cloud.reader
    update = await read_all(
        cloud.reader, [ref("temp"), ref("on"), ref("note"), ref("n")]
    )
    assert update == Update(
        readings={
            ref("n"): Reading(value=46, at=NOW),
            ref("note"): Reading(
                value="x" * 255,
                at=NOW + timedelta(seconds=1),
                attributes={"full_text": "x" * 300},
            ),
            ref("on"): Reading(value=True, at=NOW + timedelta(seconds=2)),
            ref("temp"): Reading(value=60.0, at=NOW + timedelta(seconds=3)),
        }
    )
    assert type(update.readings[ref("temp")].value) is float


async def test_variables_are_read_one_after_another_and_each_once(
    fake: FakeParticle, reader: Reader, reads: Callable[[], list[str]]
) -> None:
    fake.most_under_way = 0
    for name in MAPS["variables"]:
        fake.json("GET", path(name), result(1))
    await read_all(reader, [ref("temp"), ref("on"), ref("temp"), ref("n"), ref("note")])
    assert sorted(reads()) == ["n", "note", "on", "temp"]
    assert fake.most_under_way == 1


async def test_a_device_that_is_offline_is_not_asked(
    fake: FakeParticle,
    cloud: ParticleCloud,
    reader: Reader,
    reads: Callable[[], list[str]],
) -> None:
    fake.devices(board(online=False, connected=False), tracker())
    await cloud.snapshot()
    fake.json("GET", path("temp", TRACKER), result(5))
    update = await read_all(reader, [ref("temp"), ref("temp", TRACKER)])
    assert list(update.readings) == [ref("temp", TRACKER)]
    assert reads() == ["temp"]


async def test_a_device_that_was_pushed_offline_is_not_asked(
    fake: FakeParticle,
    cloud: ParticleCloud,
    reader: Reader,
    reads: Callable[[], list[str]],
) -> None:
    fake.on("GET", "/v1/devices/events", fake.stream)
    async with cloud.feeds()["events"]() as updates:
        stream = await fake.streams.get()
        await stream.write(event("spark/status", "offline"))
        await anext(updates)
    assert await read_all(reader, [ref("temp")]) == Update()
    assert reads() == []


@pytest.mark.parametrize(
    "unknown",
    [
        Ref("nobody", "variable/temp"),
        Ref(ARGON, "variable/gone"),
        Ref(ARGON, "temp"),
        Ref(TRACKER, "tracker/location"),
    ],
)
async def test_what_is_no_variable_costs_nothing(
    reader: Reader, reads: Callable[[], list[str]], unknown: Ref
) -> None:
    assert await read_all(reader, [unknown]) == Update()
    assert reads() == []


@pytest.mark.parametrize(
    "script",
    [
        answer(TIMED_OUT, 404),
        answer({"error": "Timed out."}, 408),
        answer({"ok": False, "error": "timed out"}),
        answer({"error": "Permission Denied"}, 403),
        answer({"ok": False, "error": "no"}, 400),
        answer({"ok": False}, 500),
        answer({}),
        answer([]),
        answer({"result": None}),
        answer({"result": "hot"}),
        raw("<html>", 502),
        raw('{"result": NaN}', 200, "application/json"),
        drop,
    ],
)
async def test_a_variable_that_fails_costs_only_its_own_reading(
    fake: FakeParticle, reader: Reader, script: Any
) -> None:
    fake.json("GET", path("n"), result(1))
    fake.on("GET", path("temp"), script)
    fake.json("GET", path("temp", TRACKER), result(2))
    refs = [ref("n"), ref("temp"), ref("temp", TRACKER)]
    update = await read_all(reader, refs)
    assert list(update.readings) == [ref("n"), ref("temp", TRACKER)]
    assert fake.count("GET", path("temp")) == 1


async def test_what_was_asked_is_remembered_whether_or_not_it_was_answered(
    fake: FakeParticle, reader: Reader
) -> None:
    remembered: list[Any] = []
    reader._changed = lambda: remembered.append(reader.notes())  # type: ignore[attr-defined]
    fake.json("GET", path("n"), result(1))
    fake.json("GET", path("temp"), TIMED_OUT, 404)
    await read_all(reader, [ref("n"), ref("temp")])
    assert remembered == [{}, {f"{ARGON} variable/temp": NOW.isoformat()}]


@pytest.mark.parametrize("body", [UNKNOWN, {"error": "Permission Denied"}])
async def test_a_variable_that_is_gone_asks_for_a_listing(
    fake: FakeParticle, cloud: ParticleCloud, reader: Reader, body: Any
) -> None:
    fake.json("GET", path("temp"), body, 404)
    assert await read_all(reader, [ref("temp")]) == Update(relist=True)
    fake.devices(board(), variables={"n": "int32"}, functions=[])
    found = await cloud.snapshot()
    points = found.devices[ARGON].points
    assert [key for key in points if key.startswith("variable/")] == ["variable/n"]


async def test_a_device_that_stays_silent_is_left_for_next_time(
    fake: FakeParticle, reader: Reader, reads: Callable[[], list[str]]
) -> None:
    for name in ("n", "note", "on", "temp"):
        fake.json("GET", path(name), TIMED_OUT, 404)
    fake.json("GET", path("temp", TRACKER), result(2))
    refs = [ref(name) for name in ("n", "note", "on", "temp")]
    update = await read_all(reader, [*refs, ref("temp", TRACKER)])
    assert list(update.readings) == [ref("temp", TRACKER)]
    assert reads() == ["n", "note", "temp"]
    await read_all(reader, refs, asked=True)
    assert reads()[3:] == ["on", "temp"]


async def test_a_cloud_that_keeps_failing_is_not_asked_for_the_rest(
    fake: FakeParticle, reader: Reader, reads: Callable[[], list[str]]
) -> None:
    for name in ("n", "note", "on", "temp"):
        fake.json("GET", path(name), {}, 500)
    with pytest.raises(CloudUnreachable):
        await read_all(reader, [ref(name) for name in ("n", "note", "on", "temp")])
    assert reads() == ["n", "note", "on"]


async def test_a_cloud_that_fails_now_and_then_is_asked_for_the_rest(
    fake: FakeParticle, reader: Reader, reads: Callable[[], list[str]]
) -> None:
    for name in ("n", "on"):
        fake.json("GET", path(name), {}, 500)
    for name in ("note", "temp"):
        fake.json("GET", path(name), result(1))
    fake.json("GET", path("n", TRACKER), {}, 500)
    fake.json("GET", path("temp", TRACKER), result(2))
    refs = [ref(name) for name in ("n", "note", "on", "temp")]
    refs += [ref(name, TRACKER) for name in ("n", "temp")]
    update = await read_all(reader, refs)
    assert reads() == ["n", "note", "on", "temp", "n", "temp"]
    assert ref("temp", TRACKER) in update.readings


async def test_what_is_read_is_told_while_the_rest_is_read(
    fake: FakeParticle, reader: Reader
) -> None:
    held = asyncio.Event()

    async def late(request: web.Request) -> web.StreamResponse:
        await held.wait()
        return web.json_response(result(2))

    fake.json("GET", path("n"), result(1))
    fake.on("GET", path("note"), late)
    async with asyncio.timeout(5):
        told = aiter(reader.read([ref("n"), ref("note")]))
        assert list((await anext(told)).readings) == [ref("n")]
        held.set()
        assert list((await anext(told)).readings) == [ref("note")]


async def test_a_token_that_ends_takes_nothing_back(
    fake: FakeParticle, reader: Reader
) -> None:
    fake.json("GET", path("n"), result(1))
    fake.json("GET", path("note"), INVALID_TOKEN, 401)
    fake.json("GET", CURRENT, INVALID_TOKEN, 401)
    told = aiter(reader.read([ref("n"), ref("note")]))
    assert list((await anext(told)).readings) == [ref("n")]
    with pytest.raises(CloudAuthError):
        await anext(told)


async def test_a_variable_may_be_asked_for_while_its_turn_has_come(
    fake: FakeParticle, reader: Reader
) -> None:
    both = asyncio.Barrier(2)

    async def together(request: web.Request) -> web.StreamResponse:
        await both.wait()
        return web.json_response(result(1))

    fake.on("GET", path("n"), together)
    async with asyncio.timeout(5):
        found = await asyncio.gather(
            read_all(reader, [ref("n")]), read_all(reader, [ref("n")], asked=True)
        )
    assert [list(update.readings) for update in found] == [[ref("n")]] * 2


async def test_a_variable_that_somebody_has_just_read_is_not_lost(
    fake: FakeParticle, make_cloud: MakeCloud
) -> None:
    now = NOW
    cloud = make_cloud(now=lambda: now)
    fake.devices(board(), **MAPS)
    await cloud.snapshot()
    reader = cloud.reader
    assert reader
    fake.json("GET", path("n"), result(1))
    await read_all(reader, [ref("n")])
    now += timedelta(hours=1)
    fake.json("GET", path("n"), {}, 500)
    with pytest.raises(CloudUnreachable):
        await read_all(reader, [ref("n")])
    begun, held = asyncio.Event(), asyncio.Event()

    async def fails_late(request: web.Request) -> web.StreamResponse:
        begun.set()
        await held.wait()
        return web.json_response({}, status=500)

    fake.scripts["GET", path("n")] = [fails_late, answer(result(2))]
    now += timedelta(hours=1)
    async with asyncio.timeout(5):
        in_turn = asyncio.create_task(read_all(reader, [ref("n")]))
        await begun.wait()
        found = await read_all(reader, [ref("n")], asked=True)
        held.set()
        assert await in_turn == Update()
    assert found.readings[ref("n")].value == 2


async def test_what_was_read_before_a_limit_is_kept(
    fake: FakeParticle, reader: Reader, reads: Callable[[], list[str]]
) -> None:
    fake.json("GET", path("n"), result(1))
    fake.json("GET", path("note"), {}, 429)
    update = await read_all(reader, [ref("n"), ref("note"), ref("on")])
    assert list(update.readings) == [ref("n")]
    assert reads() == ["n", "note"]


@pytest.mark.parametrize(
    ("status", "error"), [(429, CloudBusy), (529, CloudBusy), (500, CloudUnreachable)]
)
async def test_a_cloud_that_fails_as_a_whole_is_reported(
    fake: FakeParticle, reader: Reader, status: int, error: type[CloudError]
) -> None:
    fake.json("GET", path("n"), {}, status)
    with pytest.raises(error):
        await read_all(reader, [ref("n")])


async def test_a_dead_token_is_reported(fake: FakeParticle, reader: Reader) -> None:
    fake.json("GET", path("n"), INVALID_TOKEN, 401)
    fake.json("GET", CURRENT, INVALID_TOKEN, 401)
    with pytest.raises(CloudAuthError):
        await read_all(reader, [ref("n")])


@pytest.mark.parametrize("script", [drop, answer({"ok": False}, 503)])
async def test_a_variable_is_never_read_twice_for_one_reading(
    fake: FakeParticle, reader: Reader, script: Any
) -> None:
    fake.on("GET", path("n"), script)
    with pytest.raises(CloudUnreachable):
        await read_all(reader, [ref("n")])
    assert fake.count("GET", path("n")) == 1


async def test_a_name_with_odd_letters_is_quoted(
    fake: FakeParticle, make_cloud: MakeCloud
) -> None:
    cloud = make_cloud()
    fake.devices(board(), variables={"a b/ö": "int32"}, functions=[])
    await cloud.snapshot()
    fake.json("GET", path("a%20b%2F%C3%B6"), result(1))
    assert cloud.reader
    before = datetime.now(UTC)
    update = await read_all(cloud.reader, [ref("a b/ö")])
    assert before <= update.readings[ref("a b/ö")].at <= datetime.now(UTC)
