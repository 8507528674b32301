import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from itertools import pairwise
import logging
import time
from urllib.parse import parse_qs

from aiohttp import ClientSession, web
import pytest

from custom_components.iot_clouds.model import (
    CloudAuthError,
    CloudBusy,
    CloudError,
    CloudMissing,
    CloudRejected,
    CloudUnreachable,
)
from custom_components.iot_clouds.vendors.arduino.access import (
    Access,
    Token,
    parse_token,
)
from custom_components.iot_clouds.vendors.arduino.client import Client, Credentials
from custom_components.iot_clouds.vendors.arduino.limiter import Limiter
from custom_components.iot_clouds.vendors.arduino.sharing import shared_limiter
from tests.virtual_time import virtual_time

from .conftest import SECRET, Clock
from .fake import USER, FakeArduino, jwt

type MakeClient = Callable[..., Client]

TOKEN = "POST /iot/v1/clients/token"
THINGS = "GET /iot/v2/things"


async def test_the_key_is_exchanged_for_a_token_in_a_form(
    fake: FakeArduino, client: Client
) -> None:
    await client.things()
    assert fake.paths() == [TOKEN, THINGS]
    asked, listed = fake.requests
    assert asked.headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert parse_qs(asked.body) == {
        "grant_type": ["client_credentials"],
        "client_id": ["key"],
        "client_secret": [SECRET],
        "audience": ["https://api2.arduino.cc/iot"],
    }
    assert "X-Organization" not in asked.headers
    assert listed.headers["Authorization"] == f"Bearer {jwt(1)}"
    assert listed.query == {"show_properties": "true"}


async def test_a_space_is_named_in_form_and_header_of_every_request(
    fake: FakeArduino, make_client: MakeClient
) -> None:
    client = make_client("space-1")
    await client.things()
    await client.boards()
    assert parse_qs(fake.requests[0].body)["organization_id"] == ["space-1"]
    assert {r.headers["X-Organization"] for r in fake.requests} == {"space-1"}
    assert fake.requests[1].query == {
        "show_properties": "true",
        "across_user_ids": "true",
    }


async def test_a_base_address_may_have_a_path(
    fake: FakeArduino, make_client: MakeClient
) -> None:
    with pytest.raises(CloudMissing):
        await make_client(base_url=f"{fake.url}/proxy/").things()
    assert fake.requests[0].path == "/proxy/iot/v1/clients/token"


@pytest.mark.parametrize("status", [400, 401, 403])
async def test_a_refusal_of_the_token_endpoint_means_wrong_credentials(
    fake: FakeArduino, client: Client, status: int
) -> None:
    fake.answer("/token", web.Response(status=status, text="no"))
    with pytest.raises(CloudAuthError):
        await client.things()
    assert fake.paths() == [TOKEN]


@pytest.mark.parametrize("status", [500, 503])
async def test_a_fault_of_the_token_endpoint_says_nothing_about_the_credentials(
    fake: FakeArduino, client: Client, status: int
) -> None:
    fake.answer("/token", web.Response(status=status, text="down"))
    with pytest.raises(CloudUnreachable):
        await client.things()


async def test_many_at_once_share_one_request_for_a_token(
    fake: FakeArduino, client: Client
) -> None:
    await asyncio.gather(*(client.things() for _ in range(5)))
    assert fake.count("/token") == 1


async def test_many_at_once_share_what_became_of_a_request_for_a_token(
    fake: FakeArduino, client: Client
) -> None:
    fake.answer("/token", web.Response(status=503))
    asking = (client.things() for _ in range(9))
    failed = await asyncio.gather(*asking, return_exceptions=True)
    assert [type(each) for each in failed] == [CloudUnreachable] * 9
    assert fake.count("/token") == 1
    # Who comes later asks anew.
    await client.things()
    assert fake.count("/token") == 2


async def test_a_token_is_used_until_half_a_minute_before_its_end(
    fake: FakeArduino, client: Client, clock: Clock
) -> None:
    await client.things()
    clock.now += 269
    await client.things()
    assert fake.count("/token") == 1
    clock.now += 2
    await client.things()
    assert fake.count("/token") == 2


async def test_a_connection_wants_a_token_with_four_minutes_left(
    fake: FakeArduino, client: Client, clock: Clock
) -> None:
    await client.access.token()
    clock.now += 60
    await client.access.token(fresh=True)
    assert fake.count("/token") == 1
    clock.now += 1
    await client.access.token()
    assert fake.count("/token") == 1
    await client.access.token(fresh=True)
    assert fake.count("/token") == 2


async def test_a_refused_token_is_replaced_and_the_request_sent_once_more(
    fake: FakeArduino, client: Client
) -> None:
    fake.answer("/publish", web.json_response({"code": "unauthorized"}, status=401))
    await client.publish("t", "p", True)
    assert fake.paths() == [
        TOKEN,
        "PUT /iot/v2/things/t/properties/p/publish",
        TOKEN,
        "PUT /iot/v2/things/t/properties/p/publish",
    ]
    assert fake.requests[-1].headers["Authorization"] == f"Bearer {jwt(2)}"


async def test_a_second_refusal_means_wrong_credentials_and_no_third_request(
    fake: FakeArduino, client: Client
) -> None:
    fake.answer("/things", web.Response(status=401))
    fake.answer("/things", web.Response(status=401))
    with pytest.raises(CloudAuthError):
        await client.things()
    assert fake.paths() == [TOKEN, THINGS, TOKEN, THINGS]


async def test_an_old_refusal_does_not_throw_a_newer_token_away() -> None:
    tokens = [
        Token(value=name, user_id=USER, expires_at=1e9) for name in ("one", "two")
    ]
    left = iter(tokens)

    async def fetch(urgent: bool) -> Token:
        return next(left)

    access = Access(fetch, clock=lambda: 0.0)
    assert await access.token() is tokens[0]
    access.invalidate(tokens[0])
    assert await access.token() is tokens[1]
    access.invalidate(tokens[0])
    assert await access.token() is tokens[1]


@pytest.mark.parametrize(
    ("response", "error", "text"),
    [
        (web.Response(status=403), CloudRejected, "status 403"),
        (
            web.json_response({"code": "forbidden", "detail": "d"}, status=403),
            CloudRejected,
            "forbidden (403)",
        ),
        (
            web.json_response({"code": "see http://x/?t=1"}, status=400),
            CloudRejected,
            "status 400",
        ),
        (web.json_response([1], status=412), CloudRejected, "status 412"),
        (web.Response(status=404), CloudMissing, "Not found"),
        (web.Response(status=408), CloudUnreachable, "status 408"),
        (web.Response(status=500, text="oops"), CloudUnreachable, "status 500"),
        (
            web.Response(status=302, headers={"Location": "/elsewhere"}),
            CloudUnreachable,
            "status 302",
        ),
        (web.Response(text="<html>"), CloudUnreachable, "not JSON"),
        (web.Response(body=b"\xff\xfe\xfa"), CloudUnreachable, "not JSON"),
        (web.Response(text="[" * 200_000), CloudUnreachable, "not JSON"),
        (web.Response(), CloudUnreachable, "not JSON"),
    ],
    ids=str,
)
async def test_each_status_becomes_the_error_with_the_right_reaction(
    fake: FakeArduino,
    client: Client,
    response: web.Response,
    error: type[CloudError],
    text: str,
) -> None:
    fake.answer("/things", response)
    with pytest.raises(error, match=f".*{text.replace('(', '.').replace(')', '.')}"):
        await client.things()
    assert fake.paths() == [TOKEN, THINGS]


async def test_a_request_that_is_cut_off_is_not_repeated_behind_the_limiters_back(
    fake: FakeArduino, client: Client
) -> None:
    await client.things()
    asked = len(fake.requests)
    fake.hangs_up = True
    with pytest.raises(CloudUnreachable):
        await client.things()
    assert len(fake.requests) == asked + 1


def limited(retry_after: str | None = None) -> web.Response:
    headers = {"Retry-After": retry_after} if retry_after else {}
    return web.Response(
        status=429, text="You have reached maximum request limit.", headers=headers
    )


@pytest.mark.parametrize("retry_after", [None, "0", "1"])
async def test_a_rate_limit_without_a_time_that_helps_means_longer_each_time(
    fake: FakeArduino, make_client: MakeClient, clock: Clock, retry_after: str | None
) -> None:
    client = make_client(rng=lambda: 0.5, limiter=Limiter(0.0, clock=clock))
    waits = []
    for _ in range(8):
        fake.answer("/things", limited(retry_after))
        with pytest.raises(CloudBusy) as caught:
            await client.things()
        waits.append(caught.value.retry_after)
        clock.now += caught.value.retry_after
    assert waits == [1.25, 2.25, 4.25, 8.25, 16.25, 32.25, 60.25, 60.25]
    await client.things()
    fake.answer("/things", limited(retry_after))
    with pytest.raises(CloudBusy) as caught:
        await client.things()
    assert caught.value.retry_after == 1.25


async def test_a_rate_limit_of_a_day_means_no_longer_than_that(
    fake: FakeArduino, make_client: MakeClient, clock: Clock
) -> None:
    client = make_client(limiter=Limiter(0.0, clock=clock))
    for _ in range(1100):
        fake.answer("/token", limited())
        with pytest.raises(CloudBusy) as caught:
            await client.things()
        clock.now += caught.value.retry_after
    assert caught.value.retry_after == 60.0


@pytest.mark.parametrize(
    ("header", "seconds"),
    [("7", 7.0), ("0", 1.0), ("-3", 1.0), ("1e9", 3600.0), ("soon", 1.0), ("nan", 1.0)],
)
async def test_a_time_to_wait_is_kept_to_as_far_as_it_makes_sense(
    fake: FakeArduino, client: Client, header: str, seconds: float
) -> None:
    fake.answer("/things", limited(header))
    with pytest.raises(CloudBusy) as caught:
        await client.things()
    assert caught.value.retry_after == seconds


@pytest.mark.parametrize("gmt", [True, False])
async def test_a_time_to_wait_may_be_a_date(
    fake: FakeArduino, client: Client, gmt: bool
) -> None:
    until = format_datetime(datetime.now(UTC) + timedelta(seconds=100), usegmt=True)
    fake.answer("/things", limited(until if gmt else until.removesuffix(" GMT")))
    with pytest.raises(CloudBusy) as caught:
        await client.things()
    assert 90 < caught.value.retry_after <= 100


async def test_the_token_endpoint_may_be_limited_too(
    fake: FakeArduino, client: Client
) -> None:
    fake.answer("/token", limited())
    with pytest.raises(CloudBusy):
        await client.things()


async def test_silence_ends_at_the_time_limit(
    fake: FakeArduino, make_client: MakeClient
) -> None:
    fake.mute = True
    with pytest.raises(CloudUnreachable, match="in time"):
        await make_client(timeout=0.05).things()


async def test_a_closed_port_is_unreachable_and_names_no_address(
    make_client: MakeClient,
) -> None:
    with pytest.raises(CloudUnreachable) as caught:
        await make_client(base_url="http://127.0.0.1:9").things()
    assert "127.0.0.1" not in str(caught.value)
    assert caught.value.__suppress_context__


async def test_secrets_are_in_no_representation_and_no_log(
    fake: FakeArduino, client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    fake.answer("/token", web.Response(status=500, text=SECRET))
    with pytest.raises(CloudUnreachable) as caught:
        await client.things()
    await client.things()
    token = client.access.current
    assert token
    shown = f"{client.credentials!r} {token!r} {caught.value!r} {caplog.text}"
    for secret in (SECRET, jwt(1), USER):
        assert secret not in shown
    assert all(SECRET not in str(request.query) for request in fake.requests)


@pytest.mark.parametrize(
    ("answer", "lifetime"),
    [
        ({"expires_in": 300}, 300.0),
        ({"expires_in": "120.5"}, 120.5),
        ({"expires_in": None}, 300.0),
        ({"expires_in": "soon"}, 300.0),
        ({"expires_in": float("nan")}, 300.0),
        ({"expires_in": -1}, 300.0),
        ({"expires_in": 10**400}, 300.0),
        ({"expires_in": 10**9}, 86400.0),
        ({}, 300.0),
    ],
)
def test_the_life_of_a_token_is_read_leniently(
    answer: dict[str, object], lifetime: float
) -> None:
    token = parse_token({"access_token": jwt(1), **answer}, asked_at=10.0)
    assert token.expires_at == 10.0 + lifetime
    assert token.user_id == USER


@pytest.mark.parametrize(
    "answer",
    [
        None,
        [],
        {},
        {"access_token": ""},
        {"access_token": 5},
        {"access_token": "a\r\nb"},
    ],
)
def test_an_answer_without_a_token_makes_no_sense(answer: object) -> None:
    with pytest.raises(CloudUnreachable):
        parse_token(answer, asked_at=0.0)


@pytest.mark.parametrize(
    "token", ["opaque", "a.b.c", "a.!!.c", "a.W10.c", jwt(1, None), jwt(1, "a/+b")]
)
def test_a_token_may_not_say_whose_it_is(token: str) -> None:
    assert parse_token({"access_token": token}, asked_at=0.0).user_id is None


def test_margins_shrink_with_the_life_of_a_token() -> None:
    token = Token(value="t", user_id=None, expires_at=10.0, lifetime=10.0)
    assert [token.usable(now) for now in (0.0, 8.9, 9.0)] == [True, True, False]
    assert [token.fresh(now) for now in (0.0, 2.0, 2.1)] == [True, True, False]
    assert [token.spent(now) for now in (7.9, 8.0, 11.0)] == [False, True, True]


def test_a_token_of_usual_life_is_used_until_shortly_before_its_end() -> None:
    token = Token(value="t", user_id=None, expires_at=300.0, lifetime=300.0)
    assert [token.usable(now) for now in (269.0, 270.0)] == [True, False]
    assert [token.fresh(now) for now in (60.0, 61.0)] == [True, False]
    assert [token.spent(now) for now in (294.0, 295.0)] == [False, True]


async def test_requests_keep_their_distance_and_commands_go_first() -> None:
    limiter = Limiter(0.02)
    loop = asyncio.get_running_loop()
    order: list[tuple[str, float]] = []

    async def request(name: str, urgent: bool = False) -> None:
        await limiter.turn(urgent=urgent)
        order.append((name, loop.time()))

    await asyncio.gather(
        request("first"),
        request("poll"),
        request("another poll"),
        request("command", urgent=True),
    )
    assert [name for name, _ in order] == ["first", "command", "poll", "another poll"]
    times = [at for _, at in order]
    assert all(later - before > 0.015 for before, later in pairwise(times))


async def test_who_gives_up_waiting_costs_the_others_nothing() -> None:
    limiter = Limiter(0.02)
    await limiter.turn()
    gone = asyncio.create_task(limiter.turn(urgent=True))
    stays = asyncio.create_task(limiter.turn())
    await asyncio.sleep(0)
    gone.cancel()
    async with asyncio.timeout(1):
        await stays
    last = asyncio.create_task(limiter.turn())
    await asyncio.sleep(0)
    last.cancel()
    await asyncio.gather(last, gone, return_exceptions=True)
    async with asyncio.timeout(1):
        await limiter.turn()


async def test_nothing_is_left_behind_when_all_who_waited_gave_up() -> None:
    limiter = Limiter(1000.0)
    await limiter.turn()
    waiting = [asyncio.create_task(limiter.turn()) for _ in range(2)]
    await asyncio.sleep(0)
    for each in waiting:
        each.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)
    assert (limiter._timer, limiter._queue) == (None, [])


async def test_a_shorter_pause_does_not_end_a_longer_one(clock: Clock) -> None:
    limiter = Limiter(0.0, clock=clock)
    limiter.hold(60)
    limiter.hold(1)
    clock.now += 2
    with pytest.raises(CloudBusy) as caught:
        await limiter.turn()
    assert caught.value.retry_after == 58


async def test_who_waits_waits_longer_when_the_pause_does() -> None:
    with virtual_time(asyncio.get_running_loop()):
        limiter = Limiter(0.0)
        limiter.hold(1)
        began = time.monotonic()
        waiting = asyncio.create_task(limiter.turn())
        await asyncio.sleep(0)
        limiter.hold(4)
        await waiting
        assert time.monotonic() - began >= 4


async def test_clients_of_one_key_share_their_limit(session: ClientSession) -> None:
    one = Credentials(client_id="a", client_secret="x")
    same = Credentials(client_id="a", client_secret="y")
    other = Credentials(client_id="b", client_secret="x")
    limiter = shared_limiter(session, "http://h", one, 1.0)
    assert limiter.interval == 1.0
    assert shared_limiter(session, "http://h", same, 1.0) is limiter
    assert shared_limiter(session, "http://h", other, 1.0) is not limiter


async def test_after_a_refusal_nothing_passes_until_the_pause_is_over(
    fake: FakeArduino, make_client: MakeClient, clock: Clock
) -> None:
    client = make_client(limiter=Limiter(0.0, clock=clock))
    fake.answer("/things", limited("30"))
    with pytest.raises(CloudBusy):
        await client.things()
    clock.now += 10
    for ask in (client.things, client.boards):
        with pytest.raises(CloudBusy) as caught:
            await ask()
        assert caught.value.retry_after == 20
    assert fake.paths() == [TOKEN, THINGS]
    clock.now += 20
    await client.things()
    assert client.refusals == 1


async def test_a_short_pause_is_waited_out_and_a_long_one_fails_those_who_wait(
    clock: Clock,
) -> None:
    limiter = Limiter(0.0, clock=clock)
    limiter.hold(0.01)
    waiting = asyncio.create_task(limiter.turn())
    await asyncio.sleep(0)
    assert not waiting.done()
    clock.now += 0.01
    async with asyncio.timeout(5):
        await waiting
    limiter.hold(4)
    waiting = asyncio.create_task(limiter.turn(urgent=True))
    await asyncio.sleep(0)
    limiter.hold(60)
    with pytest.raises(CloudBusy):
        await waiting
