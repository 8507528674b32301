import asyncio
from datetime import UTC, datetime, timedelta
import logging

from aiohttp import web
import pytest

from custom_components.iot_clouds.model import (
    CloudAuthError,
    CloudBusy,
    CloudMissing,
    CloudUnreachable,
)
from custom_components.iot_clouds.vendors.iottly.client import Client, Credentials

from .fake import KEY, Answer, error, ok, props
from .store import DEVICE, PROJECT


@pytest.fixture
def client(fake, link):
    credentials = Credentials(project_id=PROJECT, api_key=KEY, base_url=fake.url)
    return Client(link.session, credentials, timeout=0.3)


@pytest.mark.parametrize(
    "answer",
    [
        error(500),
        error(503, "overloaded"),
        error(400, "bad"),
        error(405),
        ok("text"),
        Answer(text="<html>not what you expect"),
        Answer(text=""),
        Answer(text="[" * 200_000),
        ok({"status": 500, "error": "inside"}),
        ok({"messages": "none"}),
        ok({"status": 200}),
        Answer(status=304),
    ],
)
async def test_an_answer_without_sense_is_a_cloud_out_of_reach(fake, client, answer):
    fake.answers[DEVICE] = [answer]
    with pytest.raises(CloudUnreachable) as raised:
        await client.history(DEVICE, 25)
    assert raised.value.__cause__ is None


async def test_the_key_does_not_follow_a_redirect(fake, link, client):
    elsewhere = fake.url.replace("127.0.0.1", "localhost")
    headers = {"Location": f"{elsewhere}project/{PROJECT}/inspect"}
    fake.answers["inspect"] = [Answer(status=307, headers=headers)]
    with pytest.raises(CloudUnreachable):
        await client.inspect()
    assert len(fake.requests) == 1


async def test_a_silent_cloud_is_given_up_in_time(fake, client):
    gate = asyncio.Event()

    async def stall(request):
        await gate.wait()
        return await ok({})(request)

    fake.answers["inspect"] = [stall]
    with pytest.raises(CloudUnreachable):
        await client.inspect()
    gate.set()


async def test_a_cloud_that_falls_silent_within_its_answer_is_given_up(fake, client):
    gate = asyncio.Event()

    async def half(request):
        response = web.StreamResponse()
        await response.prepare(request)
        await response.write(b'{"id":')
        await gate.wait()
        return response

    fake.answers["inspect"] = [half]
    with pytest.raises(CloudUnreachable):
        await client.inspect()
    gate.set()


async def test_a_dropped_connection_is_a_cloud_out_of_reach(fake, client):
    async def drop(request):
        request.transport.abort()
        return await ok({})(request)

    fake.answers["inspect"] = [drop, drop]
    with pytest.raises(CloudUnreachable):
        await client.inspect()


async def test_an_answer_without_end_is_given_up(fake, link, monkeypatch):
    monkeypatch.setattr(
        "custom_components.iot_clouds.vendors.iottly.replies.LONGEST_BODY", 1000
    )
    fake.answers["inspect"] = [ok({"name": "x" * 2000})]
    credentials = Credentials(project_id=PROJECT, api_key=KEY, base_url=fake.url)
    with pytest.raises(CloudUnreachable, match="too large"):
        await Client(link.session, credentials).inspect()


async def test_errors_and_logs_name_neither_key_nor_address(fake, client, caplog):
    caplog.set_level(logging.DEBUG, "custom_components")
    credentials = Credentials(
        project_id=PROJECT, api_key=KEY, base_url="http://nowhere.invalid/v1.0"
    )
    lost = Client(client._session, credentials)
    with pytest.raises(CloudUnreachable) as raised:
        await lost.inspect()
    told = str(raised.value) + repr(raised.value) + caplog.text
    assert KEY not in told
    assert "nowhere" not in told


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ({"Retry-After": "7"}, 7),
        ({"Retry-After": "0"}, 1),
        ({"Retry-After": "1.5"}, 1.5),
        ({"Retry-After": "nan"}, 3600),
        ({"Retry-After": "999999"}, 3600),
        ({"Retry-After": "soon"}, 60),
        ({}, 60),
        ({"Retry-After": "Sun, 01 Mar 2026 12:00:30 GMT"}, 30),
    ],
)
async def test_a_busy_cloud_says_how_long_to_wait(fake, link, header, seconds):
    fake.answers["inspect"] = [error(429, "slow down", **header)]
    credentials = Credentials(project_id=PROJECT, api_key=KEY, base_url=fake.url)
    now = datetime(2026, 3, 1, 12, tzinfo=UTC)
    with pytest.raises(CloudBusy) as raised:
        await Client(link.session, credentials, now=lambda: now).inspect()
    assert raised.value.retry_after == seconds


async def test_statuses_inside_of_a_good_answer_count(fake, client):
    fake.answers["inspect"] = [ok({"status": 401}), ok({"status": 429})]
    with pytest.raises(CloudAuthError):
        await client.inspect()
    with pytest.raises(CloudBusy):
        await client.inspect()


async def test_history_reads_json_that_only_python_takes(fake, client):
    digits = "1" * 5000
    body = f'{{"messages": [{{"payload": {{"x": NaN, "y": {digits}}}}}]}}'
    fake.answers[DEVICE] = [Answer(text=body, content_type="text/plain")]
    [row] = await client.history(DEVICE, 25)
    assert row["payload"] == {"x": None, "y": None}


@pytest.mark.parametrize(
    ("answer", "rows"), [(error(404), None), (error(404, "none"), None), (ok([]), [])]
)
async def test_no_history_and_an_empty_one_are_told_apart(fake, client, answer, rows):
    fake.answers[DEVICE] = [answer]
    assert await client.history(DEVICE, 25) == rows


async def test_messages_that_are_null_are_none(fake, client):
    fake.answers[DEVICE] = [ok({"status": 200, "messages": None})]
    assert await client.history(DEVICE, 25) == []


@pytest.mark.parametrize(
    ("answer", "expected"),
    [(error(404), []), (error(404, "none"), []), (ok([]), []), (error(400, "x"), None)],
)
async def test_a_page_that_is_not_there_is_empty_and_a_refused_query_is_none(
    fake, client, answer, expected
):
    fake.answers["paginated"] = [answer]
    assert await client.paginated(DEVICE, {"p": "1"}) == expected


async def test_a_refused_device_is_missing(fake, client):
    fake.answers[DEVICE] = [error(403, "not yours")]
    with pytest.raises(CloudMissing):
        await client.history(DEVICE, 25)
    fake.answers["paginated"] = [error(403, "not yours")]
    with pytest.raises(CloudMissing):
        await client.paginated(DEVICE, {})


async def test_a_cloud_without_properties_is_asked_for_them_again_now_and_then(
    fake, link
):
    now = [0.0]
    credentials = Credentials(project_id=PROJECT, api_key=KEY, base_url=fake.url)
    client = Client(link.session, credentials, clock=lambda: now[0])
    fake.has_props = False
    listing = await client.devices()
    now[0] = 599.0
    await client.devices()
    assert [board.id for board in listing.boards] == [DEVICE]
    assert listing.boards[0].connected is True
    assert listing.complete
    assert fake.paths() == ["devices/props", "license", "license"]
    assert client.is_outdated

    fake.has_props = True
    fake.requests.clear()
    now[0] = 600.0
    await client.devices()
    await client.devices()
    assert fake.paths() == ["devices/props", "devices/props"]
    assert not client.is_outdated


async def test_a_listing_has_the_time_of_the_server_where_clocks_disagree(fake, link):
    credentials = Credentials(project_id=PROJECT, api_key=KEY, base_url=fake.url)
    now = datetime(2026, 3, 1, 12, 0, 0, 500_000, tzinfo=UTC)
    client = Client(link.session, credentials, now=lambda: now)
    body = {"devices": [props()]}
    dates = (
        "Sun, 01 Mar 2026 12:00:01 GMT",
        "Sun, 01 Mar 2026 13:00:00 GMT",
        "Fri, 31 Dec 9999 23:59:59 GMT",
        "now",
    )
    fake.answers["props"] = [ok(body, Date=date) for date in dates]
    listed = [(await client.devices()).at for _ in dates]
    server = datetime(2026, 3, 1, 13, tzinfo=UTC)
    assert listed == [now, server, now, now]
    assert abs(server - now) > timedelta(minutes=59)
