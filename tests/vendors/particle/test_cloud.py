"""An account over real sockets: listing, commands, and what goes wrong with them."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
import json
import logging
from typing import Any

from aiohttp import web
import pytest

from custom_components.iot_clouds.cloud import Link
from custom_components.iot_clouds.model import (
    Account,
    Call,
    CloudAuthError,
    CloudBusy,
    CloudError,
    CloudMissing,
    CloudRejected,
    CloudUnreachable,
    DeviceOffline,
    Install,
    Press,
    Publish,
    Ref,
    Send,
    SetPoint,
    Snapshot,
)
from custom_components.iot_clouds.vendors.particle import VENDOR, errors
from custom_components.iot_clouds.vendors.particle.client import Client
from custom_components.iot_clouds.vendors.particle.cloud import ParticleCloud
from custom_components.iot_clouds.vendors.particle.pace import Pace
from custom_components.iot_clouds.vendors.particle.transport import PAUSES, Transport

from .conftest import MakeCloud
from .fake import (
    ARGON,
    INVALID_TOKEN,
    TIMED_OUT,
    TOKEN,
    TRACKER,
    FakeParticle,
    answer,
    board,
    drop,
    event,
    raw,
    tracker,
)

MAPS: dict[str, Any] = {"variables": {"temp": "double"}, "functions": ["led"]}
LED = f"/v1/devices/{ARGON}/led"
DETAIL = f"/v1/devices/{ARGON}"
CURRENT = "/v1/access_tokens/current"
DENIED = {
    "error": "Permission Denied",
    "info": "I didn't recognize that device name or ID, try /v1/devices",
}


def points(snapshot: Snapshot, device_id: str = ARGON) -> list[str]:
    """The variables of a device."""
    found = snapshot.devices[device_id].points
    return [key for key in found if key.startswith("variable/")]


def boards_of(snapshot: Snapshot) -> list[str]:
    return [each.id for each in snapshot.devices.values() if not each.is_account]


# Listing


async def test_a_listing_asks_each_online_device_once_for_what_it_exposes(
    fake: FakeParticle, cloud: ParticleCloud
) -> None:
    fake.devices(board(), tracker(online=False, connected=False), **MAPS)
    first = await cloud.snapshot()
    second = await cloud.snapshot()
    assert points(first) == ["variable/temp"]
    assert first.devices[ARGON].functions == ("led",)
    assert first.devices[TRACKER].online is False
    assert first.complete
    assert first == second
    assert fake.count("GET", "/v1/devices") == 2
    assert fake.count("GET", DETAIL) == 1
    assert fake.count("GET", f"/v1/devices/{TRACKER}") == 0
    assert {one.headers["Authorization"] for one in fake.seen} == {f"Bearer {TOKEN}"}


async def test_an_offline_device_keeps_what_it_was_known_to_expose(
    fake: FakeParticle, cloud: ParticleCloud
) -> None:
    fake.devices(board(), **MAPS)
    await cloud.snapshot()
    no_maps: list[dict[str, Any]] = [
        {"variables": None, "functions": None},
        {"variables": {}, "functions": []},
    ]
    for maps in no_maps:
        fake.devices(board(online=False, connected=False, **maps))
        offline = await cloud.snapshot()
        assert offline.devices[ARGON].online is False
        assert points(offline) == ["variable/temp"]
        assert offline.devices[ARGON].functions == ("led",)


async def test_an_offline_device_is_taken_by_the_maps_of_the_list(
    fake: FakeParticle, cloud: ParticleCloud
) -> None:
    fake.devices(board(online=False, connected=False, **MAPS))
    assert points(await cloud.snapshot()) == ["variable/temp"]
    assert fake.count("GET", DETAIL) == 0


async def test_a_device_that_comes_online_is_asked_again(
    fake: FakeParticle, cloud: ParticleCloud
) -> None:
    fake.devices(board(), **MAPS)
    await cloud.snapshot()
    fake.devices(board(online=False, connected=False))
    await cloud.snapshot()
    fake.devices(board(), variables={"other": "int32"}, functions=[])
    reflashed = await cloud.snapshot()
    assert points(reflashed) == ["variable/other"]
    assert reflashed.devices[ARGON].functions == ()


async def test_a_new_handshake_has_the_device_asked_again(
    fake: FakeParticle, cloud: ParticleCloud
) -> None:
    fake.devices(board(), **MAPS)
    await cloud.snapshot()
    again = board(last_handshake_at="2026-11-20T10:00:00.000Z")
    fake.devices(again, variables={"other": "int32"}, functions=[])
    assert points(await cloud.snapshot()) == ["variable/other"]


async def test_a_device_is_asked_again_after_a_day(
    fake: FakeParticle, make_cloud: MakeCloud
) -> None:
    now = 0.0
    start = datetime(2026, 11, 2, tzinfo=UTC)
    cloud = make_cloud(now=lambda: start + timedelta(seconds=now))
    fake.devices(board(), **MAPS)
    await cloud.snapshot()
    now = 86_399.0
    await cloud.snapshot()
    assert fake.count("GET", DETAIL) == 1
    now = 86_400.0
    await cloud.snapshot()
    assert fake.count("GET", DETAIL) == 2


async def test_a_detail_without_maps_is_asked_for_with_the_next_listing(
    fake: FakeParticle, cloud: ParticleCloud
) -> None:
    fake.devices(board(), variables=None, functions=None)
    assert points(await cloud.snapshot()) == []
    fake.devices(board(), **MAPS)
    assert points(await cloud.snapshot()) == ["variable/temp"]


async def test_safe_mode_does_not_take_a_devices_variables_away(
    fake: FakeParticle, cloud: ParticleCloud
) -> None:
    fake.devices(board(), **MAPS)
    await cloud.snapshot()
    fake.devices(board(status="safe_mode"), variables={}, functions=[])
    assert points(await cloud.snapshot()) == ["variable/temp"]


@pytest.mark.parametrize(
    "script",
    [
        answer(TIMED_OUT, 404),
        answer(DENIED, 403),
        answer({}, 500),
        answer([]),
        answer({"id": "someone-else"}),
        raw("<html>"),
        drop,
    ],
)
async def test_a_detail_that_fails_costs_only_itself(
    fake: FakeParticle, cloud: ParticleCloud, script: Any
) -> None:
    fake.devices(board(), tracker(), **MAPS)
    fake.on("GET", DETAIL, script)
    found = await cloud.snapshot()
    assert points(found) == []
    assert "variable/temp" in points(found, TRACKER)
    fake.devices(board(), tracker(), **MAPS)
    assert points(await cloud.snapshot()) == ["variable/temp"]


async def test_a_limit_hit_by_details_leaves_the_listing_good(
    fake: FakeParticle, cloud: ParticleCloud
) -> None:
    boards = [board(f"e00fce68{number:016x}") for number in range(8)]
    fake.devices(*boards)
    for each in boards:
        fake.json("GET", f"/v1/devices/{each['id']}", {}, 429)
    found = await cloud.snapshot()
    assert len(boards_of(found)) == 8
    assert len(fake.seen) <= 3


async def test_a_token_refused_during_details_is_no_good_listing(
    fake: FakeParticle, cloud: ParticleCloud
) -> None:
    fake.devices(board(), tracker())
    fake.json("GET", DETAIL, INVALID_TOKEN, 401)
    fake.json("GET", CURRENT, INVALID_TOKEN, 401)
    with pytest.raises(CloudAuthError):
        await cloud.snapshot()


async def test_details_leave_a_place_for_commands(
    fake: FakeParticle, cloud: ParticleCloud
) -> None:
    boards = [board(f"e00fce68{number:016x}") for number in range(6)]
    fake.devices(*boards, **MAPS)
    await cloud.snapshot()
    assert fake.most_under_way <= 2


async def test_entries_that_make_no_sense_are_skipped_and_reported_once(
    fake: FakeParticle, cloud: ParticleCloud, caplog: pytest.LogCaptureFixture
) -> None:
    fake.json("GET", "/v1/devices", [None, {"name": "x"}, board(), 7])
    fake.json("GET", DETAIL, {**board(), **MAPS})
    for _ in range(2):
        found = await cloud.snapshot()
        assert boards_of(found) == [ARGON]
        assert not found.complete
    assert caplog.text.count("make no sense: 3") == 1


async def test_devices_missing_from_a_list_with_holes_are_still_known(
    fake: FakeParticle, cloud: ParticleCloud
) -> None:
    fake.devices(board(), **MAPS)
    await cloud.snapshot()
    fake.json("GET", "/v1/devices", [None])
    await cloud.snapshot()
    fake.devices(board(online=False, connected=False))
    assert points(await cloud.snapshot()) == ["variable/temp"]


async def test_a_device_that_was_removed_is_gone(
    fake: FakeParticle, cloud: ParticleCloud
) -> None:
    fake.devices(board(), tracker(), **MAPS)
    await cloud.snapshot()
    fake.devices(board())
    assert boards_of(await cloud.snapshot()) == [ARGON]


async def test_a_device_that_vanished_while_it_was_asked_is_no_trouble(
    fake: FakeParticle, cloud: ParticleCloud
) -> None:
    started, go = asyncio.Event(), asyncio.Event()

    async def slow(request: web.Request) -> web.StreamResponse:
        started.set()
        await go.wait()
        return web.json_response({**board(), **MAPS})

    fake.devices(board())
    fake.on("GET", DETAIL, slow)
    first = asyncio.ensure_future(cloud.snapshot())
    await started.wait()
    fake.devices()
    await cloud.snapshot()
    go.set()
    assert boards_of(await first) == []


async def test_an_empty_account_is_a_complete_listing(
    fake: FakeParticle, cloud: ParticleCloud
) -> None:
    fake.devices()
    found = await cloud.snapshot()
    assert boards_of(found) == []
    assert found.complete


# Commands


async def test_a_call_returns_what_the_function_returned(
    fake: FakeParticle, cloud: ParticleCloud
) -> None:
    fake.json("POST", LED, {"id": ARGON, "connected": True, "return_value": -1})
    assert (
        await cloud.execute(Call(device_id=ARGON, function="led", argument="on")) == -1
    )
    assert json.loads(fake.last(LED).body) == {"arg": "on"}


@pytest.mark.parametrize(
    ("returned", "told"),
    [(2**70, "1180591620717411303424"), ("\ud800", "?"), (1.5, 1.5), (None, None)],
)
async def test_what_a_function_returned_can_be_told_to_everybody(
    fake: FakeParticle, cloud: ParticleCloud, returned: Any, told: Any
) -> None:
    fake.json("POST", LED, {"return_value": returned})
    assert await cloud.execute(Call(device_id=ARGON, function="led")) == told


@pytest.mark.parametrize(
    ("key", "path"), [("action/ping", f"{DETAIL}/ping"), ("action/signal", DETAIL)]
)
async def test_a_command_is_not_sent_again_after_the_connection_was_cut(
    fake: FakeParticle, cloud: ParticleCloud, key: str, path: str
) -> None:
    fake.devices(board())
    await cloud.snapshot()
    fake.on("PUT", path, drop, answer({"online": True}))
    with pytest.raises(CloudUnreachable):
        await cloud.execute(Press(ref=Ref(ARGON, key)))
    assert fake.count("PUT", path) == 1


async def test_a_call_without_argument_sends_an_empty_one(
    fake: FakeParticle, cloud: ParticleCloud
) -> None:
    fake.json("POST", LED, {"return_value": 0})
    assert await cloud.execute(Call(device_id=ARGON, function="led")) == 0
    assert json.loads(fake.last(LED).body) == {"arg": ""}


@pytest.mark.parametrize(
    ("function", "path"),
    [
        ("a b/c?d#e", f"{DETAIL}/a%20b%2Fc%3Fd%23e"),
        ("..", f"{DETAIL}/%2E%2E"),
        ("ö", f"{DETAIL}/%C3%B6"),
    ],
)
async def test_a_name_never_leaves_its_place_in_the_path(
    fake: FakeParticle, cloud: ParticleCloud, function: str, path: str
) -> None:
    with pytest.raises(CloudMissing):
        await cloud.execute(Call(device_id=ARGON, function=function))
    assert [one.path for one in fake.seen] == [path]


async def test_an_event_is_published_privately(
    fake: FakeParticle, cloud: ParticleCloud
) -> None:
    fake.json("POST", "/v1/devices/events", {"ok": True})
    assert await cloud.execute(Publish(name="door/open", data='{"a":1}')) is None
    assert json.loads(fake.last("/v1/devices/events").body) == {
        "name": "door/open",
        "data": '{"a":1}',
        "private": True,
    }


@pytest.mark.parametrize(
    ("command", "error"),
    [
        (Call(device_id=ARGON, function=""), CloudMissing),
        (Publish(name=""), CloudRejected),
        (SetPoint(ref=Ref(ARGON, "variable/temp"), value=1), CloudRejected),
        (Send(device_id=ARGON, type="x"), CloudRejected),
    ],
)
async def test_a_command_that_cannot_be_is_refused_without_a_request(
    fake: FakeParticle, cloud: ParticleCloud, command: Any, error: type[CloudError]
) -> None:
    assert set(cloud.accepts) == {Call, Publish, Press, Install, SetPoint}
    with pytest.raises(error):
        await cloud.execute(command)
    assert fake.seen == []


# Errors


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (404, TIMED_OUT, DeviceOffline),
        (400, {"ok": False, "error": "Timed out."}, DeviceOffline),
        (408, {"error": "Timed out."}, DeviceOffline),
        (200, TIMED_OUT, DeviceOffline),
        (400, {"error": "Could not get device for ID", "ok": False}, DeviceOffline),
        (
            500,
            {
                "ok": False,
                "code": 500,
                "errors": [{"error": "Timed out, didn't hear back"}],
            },
            DeviceOffline,
        ),
        (404, {"ok": False}, DeviceOffline),
        (408, {"ok": False}, DeviceOffline),
        (404, {"ok": False, "error": "Function led not found"}, CloudMissing),
        (404, {"ok": False, "error": "Unknown Function: led"}, CloudMissing),
        (404, {"ok": False, "errors": [["Variable not found", 404]]}, CloudMissing),
        (403, DENIED, CloudMissing),
        (403, {}, CloudMissing),
        (404, {"error": "No device found", "ok": False}, CloudMissing),
        (200, {"ok": False, "error": "no"}, CloudRejected),
        (400, {"ok": False, "errors": ["no"]}, CloudRejected),
        (402, {"error": "paused"}, CloudRejected),
        (429, {}, CloudBusy),
        (529, {"error": "x"}, CloudBusy),
        (500, {"ok": False, "error": "oops"}, CloudUnreachable),
        (302, {}, CloudUnreachable),
        (200, {"id": ARGON}, CloudUnreachable),
        (200, [], CloudUnreachable),
        (200, None, CloudUnreachable),
    ],
)
async def test_every_face_of_an_error_is_recognised(
    fake: FakeParticle,
    cloud: ParticleCloud,
    status: int,
    body: Any,
    error: type[CloudError],
) -> None:
    fake.json("POST", LED, body, status)
    with pytest.raises(error) as caught:
        await cloud.execute(Call(device_id=ARGON, function="led"))
    assert type(caught.value) is error
    assert fake.count("POST", LED) == 1


@pytest.mark.parametrize(
    "script",
    [
        raw("<html>Bad gateway</html>", 502),
        raw("<html>", 200),
        raw("Not Found", 404, "text/plain"),
        raw("", 200),
        raw("[" * 100_000, 200, "application/json"),
        drop,
    ],
)
async def test_an_answer_that_is_no_answer_is_an_unreachable_cloud(
    fake: FakeParticle, cloud: ParticleCloud, script: Any
) -> None:
    fake.on("POST", LED, script)
    fake.on("GET", "/v1/devices", script)
    with pytest.raises(CloudUnreachable):
        await cloud.execute(Call(device_id=ARGON, function="led"))
    with pytest.raises(CloudUnreachable):
        await cloud.snapshot()
    assert fake.count("POST", LED) == 1


@pytest.mark.parametrize("body", [{}, {"devices": []}, "x", None, 5])
async def test_a_listing_of_another_shape_is_an_unreachable_cloud(
    fake: FakeParticle, cloud: ParticleCloud, body: Any
) -> None:
    fake.json("GET", "/v1/devices", body)
    with pytest.raises(CloudUnreachable):
        await cloud.snapshot()


async def test_a_silent_cloud_is_given_up_after_the_time_limit(
    fake: FakeParticle, hasty: Client
) -> None:
    fake.on("GET", "/v1/devices", fake.stall)
    with pytest.raises(CloudUnreachable, match="in time"):
        await ParticleCloud(hasty).snapshot()


async def test_a_body_that_never_ends_is_given_up(
    fake: FakeParticle, hasty: Client
) -> None:
    async def dribble(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        await response.write(b"[")
        return await fake.stall(request)

    fake.on("GET", "/v1/devices", dribble)
    with pytest.raises(CloudUnreachable, match="in time"):
        await ParticleCloud(hasty).snapshot()


async def test_a_body_without_end_is_not_collected(
    fake: FakeParticle, cloud: ParticleCloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = "custom_components.iot_clouds.vendors.particle.transport"
    monkeypatch.setattr(f"{module}.LONGEST_BODY", 1000)
    fake.on("GET", "/v1/devices", raw("x" * 2000))
    with pytest.raises(CloudUnreachable, match="no end"):
        await cloud.snapshot()


async def test_nobody_listening_is_an_unreachable_cloud(link: Link) -> None:
    cloud = ParticleCloud(Client(link.session, "http://127.0.0.1:9", TOKEN))
    with pytest.raises(CloudUnreachable):
        await cloud.snapshot()


async def test_a_redirect_is_not_followed(
    fake: FakeParticle, cloud: ParticleCloud
) -> None:
    fake.json("GET", "/v1/devices", {}, 307, Location=f"{fake.url}/elsewhere")
    with pytest.raises(CloudUnreachable):
        await cloud.snapshot()
    assert [one.path for one in fake.seen] == ["/v1/devices"]


async def test_the_waiting_time_is_the_clouds_or_grows(
    fake: FakeParticle, cloud: ParticleCloud
) -> None:
    fake.json("GET", "/v1/devices", {}, 429, Retry_After="17")
    with pytest.raises(CloudBusy) as told:
        await cloud.snapshot()
    assert told.value.retry_after == 17
    fake.json("GET", "/v1/devices", {}, 429)
    waits = []
    for _ in range(6):
        with pytest.raises(CloudBusy) as caught:
            await cloud.snapshot()
        waits.append(caught.value.retry_after)
    assert waits == [120.0, 240.0, 480.0, 900.0, 900.0, 900.0]
    fake.devices()
    await cloud.snapshot()
    fake.json("GET", "/v1/devices", {}, 529)
    with pytest.raises(CloudBusy) as first:
        await cloud.snapshot()
    assert first.value.retry_after == 60.0
    assert PAUSES[0] == 60.0


def test_a_retry_after_may_be_seconds_a_date_or_nonsense() -> None:
    now = datetime(2026, 11, 20, 9, tzinfo=UTC)
    assert errors.retry_after("120", now) == 120
    assert errors.retry_after("Fri, 20 Nov 2026 09:01:00 GMT", now) == 60
    assert errors.retry_after("Fri, 20 Nov 2026 09:01:00", now) == 60
    assert errors.retry_after("soon", now) is None
    assert errors.retry_after("-7", now) is None
    assert errors.retry_after("9" * 400, now) is None
    assert errors.retry_after(None, now) is None


def test_a_wait_is_neither_so_short_that_it_is_none_nor_for_ever() -> None:
    now = datetime(2026, 11, 20, 9, tzinfo=UTC)
    assert errors.retry_after("0", now) is None
    assert errors.retry_after("Fri, 20 Nov 2026 08:59:00 GMT", now) is None
    assert errors.retry_after("1", now) == 5
    assert errors.retry_after("9" * 300, now) == 3600
    assert errors.retry_after("Fri, 20 Nov 9026 09:01:00 GMT", now) == 3600


async def test_a_stream_is_not_asked_for_again_at_once_by_a_clock_that_is_ahead(
    fake: FakeParticle, cloud: ParticleCloud
) -> None:
    over = {"Retry_After": "Fri, 20 Nov 2020 09:00:00 GMT"}
    fake.json("GET", "/v1/devices/events", {}, 429, **over)
    fake.json("GET", "/v1/devices", {}, 429, **over)
    with pytest.raises(CloudBusy) as streaming:
        async with cloud.feeds()["events"]():
            pass
    with pytest.raises(CloudBusy) as listing:
        await cloud.snapshot()
    assert (streaming.value.retry_after, listing.value.retry_after) == (300, 60)


async def test_the_clouds_own_words_reach_the_user_without_the_token(
    fake: FakeParticle, cloud: ParticleCloud
) -> None:
    words = f"No\nway with {TOKEN} " + "x" * 500
    fake.json("POST", LED, {"ok": False, "error": words}, 400)
    with pytest.raises(CloudRejected) as caught:
        await cloud.execute(Call(device_id=ARGON, function="led"))
    assert caught.value.reason.startswith("No way with *** x")
    assert len(caught.value.reason) <= 200


async def test_a_refusal_without_words_still_has_some(
    fake: FakeParticle, cloud: ParticleCloud
) -> None:
    fake.json("POST", LED, {"ok": False}, 400)
    with pytest.raises(CloudRejected, match="The cloud refused the request"):
        await cloud.execute(Call(device_id=ARGON, function="led"))


# Doubts about the token (reference 1.6)


async def listed(cloud: ParticleCloud) -> object:
    return await cloud.snapshot()


async def called(cloud: ParticleCloud) -> object:
    return await cloud.execute(Call(device_id=ARGON, function="led"))


async def published(cloud: ParticleCloud) -> object:
    return await cloud.execute(Publish(name="x"))


async def streamed(cloud: ParticleCloud) -> object:
    async with cloud.feeds()["events"]():
        return None


WAYS = [
    (listed, "GET", "/v1/devices"),
    (called, "POST", LED),
    (published, "POST", "/v1/devices/events"),
    (streamed, "GET", "/v1/devices/events"),
]
REFUSALS = [
    (401, INVALID_TOKEN),
    (401, {"error": "expired_token"}),
    (401, None),
    (400, {"error": "invalid_request", "error_description": "No access token"}),
    (400, {"error": "Invalid access token"}),
]
type Way = Callable[[ParticleCloud], Awaitable[object]]


@pytest.mark.parametrize(("way", "method", "path"), WAYS)
@pytest.mark.parametrize(("status", "body"), REFUSALS)
async def test_a_token_that_two_endpoints_refuse_is_dead(
    fake: FakeParticle,
    cloud: ParticleCloud,
    way: Way,
    method: str,
    path: str,
    status: int,
    body: Any,
) -> None:
    fake.json(method, path, body, status)
    fake.json("GET", CURRENT, INVALID_TOKEN, 401)
    with pytest.raises(CloudAuthError):
        await way(cloud)
    assert fake.count(method, path) == 1
    assert fake.count("GET", CURRENT) == 1


@pytest.mark.parametrize(("way", "method", "path"), WAYS)
async def test_a_token_that_one_endpoint_refuses_is_a_cloud_in_trouble(
    fake: FakeParticle, cloud: ParticleCloud, way: Way, method: str, path: str
) -> None:
    fake.json(method, path, INVALID_TOKEN, 401)
    fake.json("GET", CURRENT, {"expires_at": None})
    with pytest.raises(CloudUnreachable):
        await way(cloud)
    assert fake.count(method, path) == 1


@pytest.mark.parametrize(
    ("script", "error"),
    [
        (answer({}, 500), CloudUnreachable),
        (answer({}, 429), CloudBusy),
        (answer({"error": "no"}, 400), CloudUnreachable),
        (raw("<html>"), CloudUnreachable),
        (drop, CloudUnreachable),
    ],
)
async def test_without_a_second_word_nothing_is_known_about_the_token(
    fake: FakeParticle, cloud: ParticleCloud, script: Any, error: type[CloudError]
) -> None:
    fake.json("GET", "/v1/devices", INVALID_TOKEN, 401)
    fake.on("GET", CURRENT, script)
    with pytest.raises(error):
        await cloud.snapshot()


async def test_on_a_local_cloud_the_device_list_is_the_second_endpoint(
    fake: FakeParticle, cloud: ParticleCloud
) -> None:
    local = {"error": "invalid_token", "error_description": "Invalid token"}
    fake.on("GET", CURRENT, raw("Not Found", 404, "text/plain"))
    fake.json("POST", LED, local, 401)
    fake.devices()
    with pytest.raises(CloudUnreachable):
        await called(cloud)
    fake.json("GET", "/v1/devices", local, 401)
    with pytest.raises(CloudAuthError):
        await called(cloud)
    with pytest.raises(CloudAuthError):
        await cloud.snapshot()


# Identity


async def test_the_user_name_is_the_account(
    fake: FakeParticle, cloud: ParticleCloud
) -> None:
    fake.json("GET", CURRENT, {"expires_at": None, "client": "particle"})
    fake.json("GET", "/v1/user", {"username": "Maker@Example.com"})
    assert await cloud.identify() == Account(
        id="maker@example.com", title="Particle (Maker)"
    )
    assert [one.path for one in fake.seen] == [CURRENT, "/v1/user"]


@pytest.mark.parametrize("username", ["__Admin__", None])
async def test_a_local_cloud_is_known_by_its_address(
    fake: FakeParticle, make_cloud: MakeCloud, username: str | None
) -> None:
    fake.devices()
    authority = fake.url.removeprefix("http://")
    account = await make_cloud(username=username).identify()
    assert account.id == (f"__admin__@{authority}" if username else authority)
    assert account.title == (
        "Particle (__Admin__)" if username else "Particle (local cloud)"
    )


async def test_a_token_that_two_endpoints_refuse_has_no_owner(
    fake: FakeParticle, cloud: ParticleCloud
) -> None:
    fake.json("GET", CURRENT, INVALID_TOKEN, 401)
    fake.json("GET", "/v1/devices", INVALID_TOKEN, 401)
    with pytest.raises(CloudAuthError):
        await cloud.identify()


@pytest.mark.parametrize("body", [[], {}, {"username": None}, {"username": 5}])
async def test_a_user_without_name_makes_no_sense(
    fake: FakeParticle, cloud: ParticleCloud, body: Any
) -> None:
    fake.json("GET", CURRENT, {})
    fake.json("GET", "/v1/user", body)
    with pytest.raises(CloudUnreachable):
        await cloud.identify()


async def test_an_api_user_is_told_in_the_clouds_words(
    fake: FakeParticle, cloud: ParticleCloud
) -> None:
    words = "API users are not allowed to call this endpoint"
    fake.json("GET", CURRENT, {"expires_at": None})
    fake.json(
        "GET", "/v1/user", {"error": "unauthorized", "error_description": words}, 403
    )
    with pytest.raises(CloudRejected, match=words):
        await cloud.identify()


# Secrets and the rest


async def test_the_token_is_in_no_log_text_repr_or_address(
    fake: FakeParticle,
    link: Link,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    data = {"access_token": TOKEN, "base_url": fake.url, "username": "maker"}
    cloud = VENDOR.connect(link, data)
    fake.devices(board(mobile_secret="HUSH"), **MAPS)
    fake.json("GET", DETAIL, {"ok": False, "error": f"{TOKEN} HUSH"}, 400)
    await cloud.snapshot()
    fake.json("POST", LED, {"error": TOKEN}, 500)
    with pytest.raises(CloudUnreachable) as caught:
        await cloud.execute(Call(device_id=ARGON, function="led"))
    shown = [caplog.text, str(caught.value), repr(cloud), repr(vars(cloud)), fake.url]
    shown += [one.path for one in fake.seen]
    assert not [text for text in shown if TOKEN in text]
    assert caught.value.__cause__ is None
    await cloud.close()


async def test_a_listing_under_way_does_not_undo_what_was_pushed_meanwhile(
    fake: FakeParticle, make_cloud: MakeCloud
) -> None:
    cloud = make_cloud(grace=0)
    fake.devices(board(), **MAPS)
    await cloud.snapshot()
    started, go = asyncio.Event(), asyncio.Event()

    async def slow(request: web.Request) -> web.StreamResponse:
        started.set()
        await go.wait()
        return web.json_response([board()])

    fake.on("GET", "/v1/devices", slow)
    fake.on("GET", "/v1/devices/events", fake.stream)
    async with cloud.feeds()["events"]() as updates:
        listing = asyncio.ensure_future(cloud.snapshot())
        await started.wait()
        stream = await fake.streams.get()
        await stream.write(event("spark/status", "offline"))
        assert (await anext(updates)).online == {ARGON: False}
        go.set()
        assert (await listing).devices[ARGON].online is False
    fake.devices(board(), **MAPS)
    assert (await cloud.snapshot()).devices[ARGON].online is True


async def test_another_firmware_pushed_while_the_detail_was_asked_asks_again(
    fake: FakeParticle, cloud: ParticleCloud
) -> None:
    started, go = asyncio.Event(), asyncio.Event()

    async def slow(request: web.Request) -> web.StreamResponse:
        started.set()
        await go.wait()
        return web.json_response({**board(), **MAPS})

    fake.devices(board())
    fake.on("GET", DETAIL, slow)
    fake.on("GET", "/v1/devices/events", fake.stream)
    async with cloud.feeds()["events"]() as updates:
        listing = asyncio.ensure_future(cloud.snapshot())
        await started.wait()
        stream = await fake.streams.get()
        await stream.write(event("spark/device/app-hash", "AB"))
        assert (await anext(updates)).relist
        go.set()
        await listing
    fake.devices(board(), variables={"other": "int32"}, functions=[])
    assert points(await cloud.snapshot()) == ["variable/other"]


def test_listings_are_frequent_only_while_nothing_is_pushed() -> None:
    assert VENDOR.key == "particle"
    assert VENDOR.name == "Particle"
    assert timedelta(minutes=1) <= VENDOR.poll_fast < VENDOR.poll_slow
    assert VENDOR.poll_slow == timedelta(minutes=5)


def test_a_saved_account_needs_no_more_than_its_token(link: Link) -> None:
    cloud = VENDOR.connect(link, {"access_token": TOKEN})
    assert isinstance(cloud, ParticleCloud)
    assert cloud._client.authority == "api.particle.io"


async def test_requests_of_an_account_share_one_pace(
    fake: FakeParticle, link: Link
) -> None:
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    pace = Pace(per_second=2, clock=lambda: 0.0, sleep=sleep)
    transport = Transport(link.session, fake.url, None, pace=pace)
    for _ in range(3):
        await transport.send("GET", "/")
    assert slept == [1.0]
    assert "Authorization" not in fake.seen[0].headers


async def test_only_the_vendors_own_cloud_has_a_console(
    fake: FakeParticle, link: Link, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake.devices(board(), **MAPS)
    elsewhere = await ParticleCloud(Client(link.session, fake.url, TOKEN)).snapshot()
    assert elsewhere.devices[ARGON].url is None
    assert elsewhere.devices["account"].url is None

    monkeypatch.setattr(
        "custom_components.iot_clouds.vendors.particle.client.BASE_URL", fake.url
    )
    own = await ParticleCloud(Client(link.session, fake.url, TOKEN)).snapshot()
    assert own.devices[ARGON].url == f"https://console.particle.io/devices/{ARGON}"
    assert own.devices["account"].url == "https://console.particle.io"
