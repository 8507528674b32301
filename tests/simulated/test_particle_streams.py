"""Event streams of the simulated Particle cloud, byte by byte."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
import json
from typing import Any

import aiohttp
import httpx
from httpx_sse import aconnect_sse
import pytest

from simulated_clouds.boards.particle import boards
from simulated_clouds.particle import ParticleCloud
from simulated_clouds.world import Board, World

from .particle_client import BEEHIVE, PRODUCT, VAN, WORKSHOP, Api, Ear, api


@pytest.fixture
def options() -> dict[str, Any]:
    return {}


@pytest.fixture
async def cloud(options: dict[str, Any]) -> AsyncIterator[ParticleCloud]:
    async with ParticleCloud(World(boards()), **options) as cloud:
        yield cloud


@pytest.fixture
async def call(cloud: ParticleCloud) -> AsyncIterator[Api]:
    async with api(cloud) as call:
        yield call


@pytest.fixture
def workshop(cloud: ParticleCloud) -> Board:
    return cloud.world.boards[WORKSHOP]


async def opened(ear: Ear) -> None:
    assert [await ear.line(), await ear.line()] == [b":ok\n", b"\n"]


async def silent(ear: Ear, seconds: float = 0.2) -> bool:
    """Whether nothing at all arrives for a while and the stream stays open."""
    try:
        async with asyncio.timeout(seconds):
            await ear.response.content.readany()
    except TimeoutError:
        return True
    return False


async def test_a_stream_is_opened_with_ok_and_events_have_the_documented_form(
    cloud: ParticleCloud, call: Api, workshop: Board
) -> None:
    async with call.listen() as ear:
        assert ear.response.headers["Content-Type"] == "text/event-stream"
        assert ear.response.headers["Transfer-Encoding"] == "chunked"
        await opened(ear)
        cloud.world.set(workshop, temperature=25.34)
        assert await ear.line() == b"event: temperature\n"
        data = await ear.line()
        assert data.startswith(b'data: {"data":"25.34","ttl":60,"published_at":"20')
        assert data.endswith(b'Z","coreid":"e00fce6801a2b3c4d5e6f701"}\n')
        assert await ear.line() == b"\n"


async def test_a_board_publishes_what_its_firmware_publishes(
    cloud: ParticleCloud, call: Api, workshop: Board
) -> None:
    async with call.listen() as ear:
        await opened(ear)
        cloud.world.set(workshop, note="not published", fan=True)
        cloud.world.set(workshop, dust=12)
        name, body = await ear.event()
        assert (name, body["data"]) == ("fan", "true")
        name, body = await ear.event()
        assert (name, body["data"]) == ("dust", "12")
    published = [entry for entry in cloud.log if entry.method == "PUBLISH"]
    assert [(entry.path, entry.body) for entry in published] == [
        (WORKSHOP, {"fan": True}),
        (WORKSHOP, {"dust": 12}),
    ]


async def test_an_independent_decoder_understands_the_stream(
    cloud: ParticleCloud, call: Api, workshop: Board
) -> None:
    async with (
        httpx.AsyncClient(timeout=5, trust_env=False) as client,
        aconnect_sse(
            client, "GET", f"{cloud.url}/v1/devices/events", headers=call.headers
        ) as source,
    ):
        cloud.world.set(workshop, temperature=18.25)
        heard = []
        async for event in source.aiter_sse():
            heard.append((event.event, event.json()["data"]))
            cloud.streams.close()
    assert heard == [("temperature", "18.25")]


@pytest.mark.parametrize(
    ("path", "names"),
    [
        ("/v1/devices/events", ["temperature", "weight", "loc", "hello"]),
        ("/v1/devices/events/te", ["temperature"]),
        ("/v1/devices/events/Te", []),
        (f"/v1/devices/{WORKSHOP}/events", ["temperature"]),
        (f"/v1/devices/{WORKSHOP}/events/weight", []),
        ("/v1/devices/Beehive/events", ["weight"]),
        (f"{PRODUCT}/events", ["loc"]),
        (f"{PRODUCT}/devices/{VAN}/events", ["loc"]),
        (f"{PRODUCT}/devices/{VAN}/events/x", []),
        ("/v1/products/van-fleet/events/lo", ["loc"]),
        ("/v1/events/h", ["hello"]),
        ("/v1/events/w", ["weight"]),
    ],
)
async def test_each_stream_has_its_own_events(
    cloud: ParticleCloud, call: Api, path: str, names: list[str]
) -> None:
    async with call.listen(path) as ear:
        await opened(ear)
        cloud.world.set(cloud.world.boards[WORKSHOP], temperature=1.5)
        cloud.world.set(cloud.world.boards[BEEHIVE], weight=2.5)
        cloud.world.step(cloud.world.boards[VAN])
        event = {"name": "hello", "data": "x", "private": True}
        await call("POST", "/v1/devices/events", json=event)
        assert await ear.names(len(names)) == names
        cloud.streams.inject(b"event: end\ndata: {}\n\n")
        assert await ear.names(1) == ["end"]


async def test_a_prefix_may_contain_a_slash(cloud: ParticleCloud, call: Api) -> None:
    async with call.listen("/v1/devices/events/spark%2Fsta") as ear:
        await opened(ear)
        cloud.world.set(cloud.world.boards[WORKSHOP], temperature=1.5)
        cloud.set_online(cloud.world.boards[WORKSHOP], False)
        assert await ear.names(1) == ["spark/status"]


async def test_foreign_streams_hear_public_events_only_through_the_firehose(
    cloud: ParticleCloud, call: Api
) -> None:
    other = cloud.access.add_person("other@example.com", "secret")
    async with AsyncExitStack() as stack:
        guest = await stack.enter_async_context(
            api(cloud, cloud.access.issue(other).value)
        )
        mine = await stack.enter_async_context(guest.listen())
        public = await stack.enter_async_context(guest.listen("/v1/events/news"))
        await opened(mine)
        await opened(public)
        for name, private in (("news/a", True), ("news/b", False)):
            event = {"name": name, "private": private}
            await call("POST", "/v1/devices/events", json=event)
        assert await public.names(1) == ["news/b"]
        assert await silent(mine)


async def test_product_streams_carry_more_fields(
    cloud: ParticleCloud, call: Api
) -> None:
    async with call.listen(f"{PRODUCT}/events") as ear:
        await opened(ear)
        cloud.world.step(cloud.world.boards[VAN])
        _, body = await ear.event()
        person = cloud.access.people["maker@example.com"]
        assert body["userid"] == person.id
        assert body["version"] == 18
        assert body["public"] is False
        assert body["productID"] == 13961


async def test_an_api_user_hears_its_product(cloud: ParticleCloud) -> None:
    async with (
        api(cloud, cloud.api_user_token) as robot,
        robot.listen(f"{PRODUCT}/events") as ear,
    ):
        await opened(ear)
        event = {"name": "fleet/news", "data": "x", "private": True}
        await robot("POST", f"{PRODUCT}/events", json=event)
        name, body = await ear.event()
        assert (name, body["coreid"], body["productID"]) == ("fleet/news", "api", 13961)


@pytest.mark.parametrize(
    ("body", "data", "ttl"),
    [
        ({"json": {"name": "a/b", "data": "x", "private": True}}, "x", 60),
        ({"json": {"name": "a/b", "private": True}}, None, 60),
        ({"json": {"name": "a/b", "data": "", "ttl": 30}}, "", 30),
        ({"data": {"name": "a/b", "data": "ä", "ttl": "60"}}, "ä", "60"),
    ],
)
async def test_a_publication_over_rest_comes_back_from_api(
    call: Api, body: dict[str, Any], data: str | None, ttl: int | str
) -> None:
    async with call.listen() as ear:
        await opened(ear)
        answer = await call("POST", "/v1/devices/events", **body)
        assert answer == (200, {"ok": True})
        name, event = await ear.event()
        assert (name, event["data"], event["ttl"]) == ("a/b", data, ttl)
        assert event["coreid"] == "api"


async def test_a_publication_reaches_the_board_that_subscribes_to_it(
    cloud: ParticleCloud, call: Api, workshop: Board
) -> None:
    event = {"name": "home/note", "data": "buy glue", "private": True}
    await call("POST", "/v1/devices/events", json=event)
    assert workshop.variables["note"].value == "buy glue"
    received = [entry.body for entry in cloud.log if entry.method == "RECEIVE"]
    assert received == [{"event": "home/note", "data": "buy glue"}]
    assert cloud.billing.accounts["maker@example.com"]["subscription"] == 1


async def test_boards_come_and_go_on_the_stream(
    cloud: ParticleCloud, call: Api, workshop: Board
) -> None:
    async with call.listen() as ear:
        await opened(ear)
        cloud.set_online(workshop, False)
        name, body = await ear.event()
        assert (name, body["data"]) == ("spark/status", "offline")
        cloud.world.set(workshop, temperature=3.5)
        cloud.set_online(workshop, True)
        name, body = await ear.event()
        assert (name, body["data"], body["coreid"]) == (
            "spark/status",
            "online",
            WORKSHOP,
        )


async def test_an_unnoticed_outage_is_told_13_ms_before_the_return(
    cloud: ParticleCloud, call: Api, workshop: Board
) -> None:
    async with call.listen() as ear:
        await opened(ear)
        cloud.cut_power(workshop)
        cloud.world.set(workshop, temperature=3.5)
        cloud.set_online(workshop, True)
        _, gone = await ear.event()
        _, back = await ear.event()
        assert (gone["data"], back["data"]) == ("offline", "online")
        times = [int(body["published_at"][-4:-1]) for body in (gone, back)]
        assert (times[1] - times[0]) % 1000 == 13


@pytest.mark.parametrize("options", [{"vitals_every": 2}])
async def test_vitals_come_by_themselves_and_when_asked_for(
    cloud: ParticleCloud, call: Api, workshop: Board
) -> None:
    async with call.listen(f"/v1/devices/{WORKSHOP}/events/spark") as ear:
        await opened(ear)
        cloud.world.set(workshop, temperature=3.5)
        cloud.world.set(workshop, temperature=4.5)
        name, body = await ear.event()
        assert name == "spark/device/diagnostics/update"
        vitals = json.loads(body["data"])
        assert vitals["device"]["network"]["signal"]["strengthv_units"] == "dBm"
        await call("POST", f"/v1/diagnostics/{WORKSHOP}/update")
        assert await ear.names(1) == ["spark/device/diagnostics/update"]


# The tracker


@pytest.mark.parametrize("options", [{"unlocked_every": 2}])
async def test_the_van_moves_and_sometimes_has_no_fix(
    cloud: ParticleCloud, call: Api
) -> None:
    van = cloud.world.boards[VAN]
    async with call.listen("/v1/devices/events/loc") as ear:
        await opened(ear)
        cloud.world.step(van)
        cloud.world.step(van)
        _, body = await ear.event()
        locked = json.loads(body["data"])
        place: Any = van.variables["place"].value
        assert locked["cmd"] == "loc"
        assert locked["loc"]["lck"] == 1
        assert (locked["loc"]["lat"], locked["loc"]["lon"]) != (
            48.14012345,
            11.57198765,
        )
        assert abs(locked["loc"]["lat"] - 48.14) < 0.02
        _, body = await ear.event()
        assert json.loads(body["data"])["loc"] == {
            "lck": 0,
            "cell": place["cell"],
            "batt": place["batt"],
            "temp": place["temp"],
        }


async def test_the_walk_is_the_same_in_every_run() -> None:
    ends = []
    for _ in range(2):
        world = World(boards(), seed=3)
        van = world.boards[VAN]
        for _ in range(500):
            world.step(van)
        place: Any = van.variables["place"].value
        ends.append((place["lat"], place["lon"]))
        assert abs(place["lat"] - 48.137) < 0.1
        assert abs(place["lon"] - 11.575) < 0.1
    assert ends[0] == ends[1]


async def test_the_van_tells_where_it_is_when_asked(call: Api) -> None:
    async with call.listen("/v1/devices/events/loc") as ear:
        await opened(ear)
        argument = {"arg": '{"cmd":"get_loc","req_id":9}'}
        await call("POST", f"/v1/devices/{VAN}/cmd", json=argument)
        _, body = await ear.event()
        loc = json.loads(body["data"])
        assert (loc["trig"], loc["req_id"]) == (["imm"], 9)
        assert loc["loc"]["lat"] == 48.14012345


async def test_the_van_acknowledges_and_tells_its_settings(call: Api) -> None:
    async with call.listen(f"/v1/devices/{VAN}/events") as ear:
        await opened(ear)
        change = '{"cmd":"set_cfg","cfg":{"location":{"interval_max":60}},"req_id":7}'
        await call("POST", f"/v1/devices/{VAN}/cmd", json={"arg": change})
        name, body = await ear.event()
        ack = json.loads(body["data"])
        assert (name, ack["req_id"], ack["status"]) == ("ack", 7, 0)
        get = {"arg": '{"cmd":"get_cfg"}'}
        await call("POST", f"/v1/devices/{VAN}/cmd", json=get)
        name, body = await ear.event()
        assert name == "cfg"
        assert json.loads(body["data"])["cfg"]["location"]["interval_max"] == 60


@pytest.mark.parametrize("options", [{"enhanced": True, "unlocked_every": 1}])
async def test_the_cloud_may_know_a_position_where_the_van_has_none(
    cloud: ParticleCloud, call: Api
) -> None:
    async with call.listen() as ear:
        await opened(ear)
        cloud.world.step(cloud.world.boards[VAN])
        assert (await ear.event())[0] == "loc"
        name, body = await ear.event()
        found = json.loads(body["data"])
        assert (name, found["cmd"]) == ("loc-enhanced", "loc-enhanced")
        assert (found["loc"]["src"], found["loc"]["h_acc"]) == (["cell"], 850.0)


# Keep-alive and the forms a stream can take


@pytest.mark.parametrize("options", [{"keepalive": 0.05}])
async def test_a_quiet_stream_is_kept_alive_by_bare_newlines(call: Api) -> None:
    async with call.listen() as ear:
        await opened(ear)
        assert [await ear.line() for _ in range(3)] == [b"\n", b"\n", b"\n"]


@pytest.mark.parametrize("options", [{"newline": "\r\n", "piece": 1, "ttl_text": True}])
async def test_lines_may_end_in_crlf_and_chunks_cut_characters(
    cloud: ParticleCloud, call: Api
) -> None:
    async with call.listen() as ear:
        assert await ear.line() == b":ok\r\n"
        cloud.publications.emit(cloud.world.boards[WORKSHOP], "greeting", "Grüße")
        name, body = await ear.event()
        assert (name, body["data"], body["ttl"]) == ("greeting", "Grüße", "60")


async def test_raw_bytes_can_be_sent_over_http(call: Api) -> None:
    async with call.listen() as ear:
        await opened(ear)
        await call("POST", "/_control/streams", data=b"data: {}\n\n")
        assert await ear.line() == b"data: {}\n"
        await call("DELETE", "/_control/streams")
        assert await ear.line() == b"\n"
        assert await ear.line() == b""


# Faults


async def test_a_dropped_stream_is_cut_at_once(cloud: ParticleCloud, call: Api) -> None:
    async with call.listen() as ear:
        await opened(ear)
        cloud.faults.add("drop", path="SSE", count=1)
        with pytest.raises(aiohttp.ClientError):
            await ear.line()
    async with call.listen() as ear:
        await opened(ear)


@pytest.mark.parametrize("options", [{"keepalive": 0.02}])
async def test_a_stalled_stream_falls_silent_without_closing(
    cloud: ParticleCloud, call: Api, workshop: Board
) -> None:
    async with call.listen() as ear:
        await opened(ear)
        await call("POST", "/_control/faults", json={"kind": "stall", "path": "^SSE"})
        async with asyncio.timeout(3):
            while not await silent(ear):
                pass
        cloud.world.set(workshop, temperature=3.5)
        assert await silent(ear)
    async with call.listen() as ear:
        await opened(ear)
        assert await silent(ear)
        cloud.faults.clear()


async def test_garbage_takes_the_place_of_an_event(
    cloud: ParticleCloud, call: Api, workshop: Board
) -> None:
    cloud.faults.add("garbage", path="SSE", count=1)
    async with call.listen() as ear:
        await opened(ear)
        cloud.world.set(workshop, temperature=3.5)
        cloud.world.set(workshop, temperature=4.5)
        assert await ear.line() == b"event: temperature\n"
        garbage = await ear.line()
        with pytest.raises(ValueError):
            json.loads(garbage.removeprefix(b"data: "))
        _, body = await ear.event()
        assert body["data"] == "4.5"


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        ("duplicate", ["1.5", "1.5", "2.5", "3.5"]),
        ("reorder", ["2.5", "1.5", "3.5"]),
        ("slow", ["1.5", "2.5", "3.5"]),
    ],
)
async def test_events_come_twice_out_of_order_or_late(
    cloud: ParticleCloud, call: Api, workshop: Board, kind: str, values: list[str]
) -> None:
    cloud.faults.add(kind, path="SSE", count=1, seconds=0.01)
    async with call.listen() as ear:
        await opened(ear)
        for value in (1.5, 2.5, 3.5):
            cloud.world.set(workshop, temperature=value)
        assert [(await ear.event())[1]["data"] for _ in values] == values


async def test_every_stream_is_cut_while_the_fault_is_on(
    cloud: ParticleCloud, call: Api
) -> None:
    cloud.faults.add("drop", path="^SSE")
    for _ in range(3):
        async with call.listen() as ear:
            with pytest.raises(aiohttp.ClientError):
                await ear.response.read()


async def test_a_refused_stream_answers_in_json(
    cloud: ParticleCloud, call: Api
) -> None:
    cloud.faults.add("expired_token", path="GET /v1/devices/events", count=1)
    status, body = await call("GET", "/v1/devices/events")
    assert (status, body["error"]) == (401, "invalid_token")


# Tokens and limits


async def test_a_stream_whose_token_is_revoked_falls_silent(
    cloud: ParticleCloud, call: Api, workshop: Board
) -> None:
    async with call.listen() as ear:
        await opened(ear)
        await call("DELETE", "/v1/access_tokens/current")
        cloud.world.set(workshop, temperature=1.5)
        assert await silent(ear)


@pytest.mark.parametrize("options", [{"expired_stream": "close"}])
@pytest.mark.parametrize("how", ["token", "fault"])
async def test_a_stream_whose_token_expires_may_be_closed(
    cloud: ParticleCloud, call: Api, how: str
) -> None:
    async with call.listen() as ear:
        await opened(ear)
        if how == "token":
            await call("POST", "/_control/tokens/expire")
        else:
            cloud.faults.add("expired_token", path="SSE", count=1)
        assert await ear.line() == b""


@pytest.mark.parametrize(
    ("options", "status"),
    [
        ({"stream_opens": 2}, 429),
        ({"stream_opens": 2, "stream_limit_status": 529}, 529),
        ({"streams_at_once": 0}, 429),
    ],
)
async def test_too_many_streams_are_refused(
    cloud: ParticleCloud, call: Api, status: int
) -> None:
    for _ in range(2 if cloud.options.streams_at_once else 0):
        async with call.listen() as ear:
            await opened(ear)
    answer, body = await call("GET", "/v1/devices/events")
    assert answer == status
    assert body["error"] == "Too many requests"
    assert (await call("GET", "/v1/devices"))[0] == 200


async def test_a_listener_that_leaves_is_noticed(
    cloud: ParticleCloud, call: Api
) -> None:
    async with call.listen() as ear:
        await opened(ear)
        assert len(cloud.streams.open) == 1
    async with asyncio.timeout(5):
        while cloud.streams.open:
            await asyncio.sleep(0.01)
    log = [entry.method for entry in cloud.log if entry.channel == "sse"]
    assert log == ["OPEN", "CLOSE"]


async def test_stopping_the_cloud_ends_its_streams(call: Api) -> None:
    async with call.listen() as ear:
        await opened(ear)
        await call.cloud.stop()
        assert await ear.line() == b""


@pytest.mark.parametrize("options", [{"plan_limit": 1}])
async def test_a_paused_account_hears_of_its_boards_but_not_from_them(
    cloud: ParticleCloud, call: Api, workshop: Board
) -> None:
    async with call.listen() as ear:
        await opened(ear)
        cloud.world.set(workshop, temperature=1.5)
        cloud.world.set(workshop, temperature=2.5)
        cloud.set_online(workshop, False)
        assert await ear.names(2) == ["temperature", "spark/status"]
