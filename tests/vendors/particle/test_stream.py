"""The event stream over a real socket: it opens, lives by any byte, and ends."""

import asyncio
from typing import Any

from aiohttp import web
import pytest

from custom_components.iot_clouds.cloud import Link, Prompt
from custom_components.iot_clouds.model import (
    CloudAuthError,
    CloudBusy,
    CloudError,
    CloudUnreachable,
    Drop,
    Ref,
    Update,
)
from custom_components.iot_clouds.vendors.particle import stream as streams
from custom_components.iot_clouds.vendors.particle.client import Client
from custom_components.iot_clouds.vendors.particle.cloud import ParticleCloud

from .conftest import MakeCloud
from .fake import (
    ARGON,
    INVALID_TOKEN,
    TOKEN,
    FakeParticle,
    answer,
    board,
    drop,
    event,
    raw,
)

EVENTS = "/v1/devices/events"
MAPS = {"variables": {"temp": "double"}, "functions": []}


@pytest.fixture
async def cloud(fake: FakeParticle, make_cloud: MakeCloud) -> ParticleCloud:
    cloud = make_cloud()
    fake.devices(board(), **MAPS)
    await cloud.snapshot()
    fake.on("GET", EVENTS, fake.stream)
    return cloud


async def test_a_published_value_arrives_as_an_update(
    fake: FakeParticle, cloud: ParticleCloud
) -> None:
    async with cloud.feeds()["events"]() as updates:
        stream = await fake.streams.get()
        await stream.write(b":ok\n\n" + event("temp", "21.5"))
        update = await anext(updates)
    assert update.readings[Ref(ARGON, "variable/temp")].value == 21.5
    sent = fake.last(EVENTS)
    assert sent.headers["Authorization"] == f"Bearer {TOKEN}"
    assert sent.headers["Accept"] == "text/event-stream"
    assert sent.headers["Accept-Encoding"] == "identity"


async def test_each_event_of_one_chunk_is_an_update_of_its_own_in_order(
    fake: FakeParticle, cloud: ParticleCloud
) -> None:
    async with cloud.feeds()["events"]() as updates:
        stream = await fake.streams.get()
        await stream.write(
            event("temp", "1", at="2026-11-20T09:00:01Z")
            + b"event: temp\ndata: broken\n\n"
            + event("temp", "2", at="2026-11-20T09:00:02Z")
        )
        values = [
            [reading.value for reading in (await anext(updates)).readings.values()]
            for _ in range(2)
        ]
    assert values == [[1.0], [2.0]]


async def test_an_event_that_is_too_large_is_counted_and_costs_nothing_else(
    fake: FakeParticle, cloud: ParticleCloud, client: Client
) -> None:
    async with cloud.feeds()["events"]() as updates:
        stream = await fake.streams.get()
        await stream.write(event("door", "x" * 300_000) + event("temp", "21.5"))
        update = await anext(updates)
    assert update.readings[Ref(ARGON, "variable/temp")].value == 21.5
    assert client.tally.drops == {Drop.TOO_LARGE: 1}


async def test_a_stream_that_has_ended_stays_so(
    fake: FakeParticle, cloud: ParticleCloud
) -> None:
    async with cloud.feeds()["events"]() as updates, asyncio.timeout(5):
        await fake.streams.get()
        fake._over.set()
        for _ in range(2):
            assert await anext(updates, None) is None


async def test_bytes_may_be_cut_anywhere(
    fake: FakeParticle, cloud: ParticleCloud
) -> None:
    data = event("door", "Küche €").replace(b"\n", b"\r\n")
    async with cloud.feeds()["events"]() as updates:
        stream = await fake.streams.get()
        for byte in data:
            await stream.write(bytes([byte]))
        update = await anext(updates)
    assert update.events[0].data == "Küche €"


async def test_leaving_closes_the_socket_at_once(
    fake: FakeParticle, cloud: ParticleCloud
) -> None:
    async with cloud.feeds()["events"]() as updates:
        await fake.streams.get()
        waiting = asyncio.ensure_future(anext(updates))
        await asyncio.sleep(0)
        waiting.cancel()
    assert not [each for each in asyncio.all_tasks() if "hand_to" in repr(each)]
    async with asyncio.timeout(2):
        await fake.closed.get()
    assert len(asyncio.all_tasks()) <= 3


async def test_an_error_of_the_listener_closes_the_socket(
    fake: FakeParticle, cloud: ParticleCloud
) -> None:
    with pytest.raises(LookupError):
        async with cloud.feeds()["events"]():
            raise LookupError
    async with asyncio.timeout(2):
        await fake.closed.get()


async def test_updates_are_handed_over_in_their_order_until_the_stream_ends(
    fake: FakeParticle, cloud: ParticleCloud
) -> None:
    shown: list[Any] = []

    def show(update: Update) -> None:
        shown.extend(reading.value for reading in update.readings.values())

    async with cloud.feeds()["events"]() as updates, asyncio.timeout(5):
        stream = await fake.streams.get()
        await stream.write(event("temp", "1") + event("temp", "2"))
        await stream.write(event("temp", "3"))
        await stream.write_eof()
        assert isinstance(updates, Prompt)
        await updates.hand_to(show)
    assert shown == [1.0, 2.0, 3.0]


async def test_a_piece_that_arrives_sets_no_timer(
    fake: FakeParticle, cloud: ParticleCloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    loop = asyncio.get_running_loop()
    set_timers: list[Any] = []
    call_at = loop.call_at

    def noting(when: float, callback: Any, *args: Any, **more: Any) -> Any:
        set_timers.append(callback)
        return call_at(when, callback, *args, **more)

    async with cloud.feeds()["events"]() as updates:
        stream = await fake.streams.get()
        monkeypatch.setattr(loop, "call_at", noting)
        for number in range(10):
            await stream.write(event("temp", str(number)))
            await anext(updates)
    assert set_timers == []


async def test_silence_ends_the_stream(
    fake: FakeParticle, cloud: ParticleCloud, make_cloud: MakeCloud
) -> None:
    hasty = make_cloud(idle=0.1)
    async with hasty.feeds()["events"]() as updates:
        with pytest.raises(CloudUnreachable, match="in time"):
            await anext(updates)
    assert fake.count("GET", EVENTS) == 1


async def test_any_byte_is_life(
    fake: FakeParticle, cloud: ParticleCloud, make_cloud: MakeCloud
) -> None:
    patient = make_cloud(idle=0.5)
    started = asyncio.get_running_loop().time()
    async with patient.feeds()["events"]() as updates:
        stream = await fake.streams.get()
        listening = asyncio.ensure_future(anext(updates))
        for byte in (b"\n", b":", b"x", b"\n", b"\r\n", b":ok\n", b"d"):
            await asyncio.sleep(0.15)
            await stream.write(byte)
        await stream.write(b"\n" + event("door", "open"))
        assert (await listening).events[0].name == "door"
    assert asyncio.get_running_loop().time() - started > 1.0


def test_thirty_seconds_of_silence_are_too_many(link: Link) -> None:
    assert streams.IDLE == 30.0
    cloud = ParticleCloud(Client(link.session, "http://127.0.0.1:9", TOKEN))
    assert cloud._idle == 30.0


async def test_headers_that_never_come_are_given_up_after_the_limit(
    fake: FakeParticle, make_cloud: MakeCloud
) -> None:
    fake.on("GET", EVENTS, fake.stall)
    with pytest.raises(CloudUnreachable, match="in time"):
        async with make_cloud(idle=0.1).feeds()["events"]():
            pass


async def test_entering_waits_for_late_headers(
    fake: FakeParticle, make_cloud: MakeCloud
) -> None:
    came, go = asyncio.Event(), asyncio.Event()

    async def late(request: web.Request) -> web.StreamResponse:
        came.set()
        await go.wait()
        return await fake.stream(request)

    fake.on("GET", EVENTS, late)
    feed = make_cloud().feeds()["events"]()
    entering = asyncio.ensure_future(feed.__aenter__())
    await came.wait()
    assert not entering.done()
    go.set()
    updates = await entering
    try:
        stream = await fake.streams.get()
        await stream.write(event("door", "open"))
        assert (await anext(updates)).events
    finally:
        await feed.__aexit__(None, None, None)


async def test_a_stream_that_the_cloud_closes_is_at_its_end(
    fake: FakeParticle, make_cloud: MakeCloud
) -> None:
    async def short(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        await response.write(event("door", "open") + b"event: door\ndata: {}")
        return response

    fake.on("GET", EVENTS, short)
    async with make_cloud().feeds()["events"]() as updates:
        assert [update.events[0].name async for update in updates] == ["door"]


async def test_a_stream_that_breaks_is_an_unreachable_cloud(
    fake: FakeParticle, cloud: ParticleCloud
) -> None:
    async with cloud.feeds()["events"]() as updates:
        stream = await fake.streams.get()
        await stream.write(event("door", "open"))
        assert (await anext(updates)).events
        assert stream._req
        assert stream._req.transport
        stream._req.transport.abort()
        with pytest.raises(CloudUnreachable):
            await anext(updates)


async def test_an_endless_line_costs_one_event_and_not_the_stream(
    fake: FakeParticle, cloud: ParticleCloud
) -> None:
    async with cloud.feeds()["events"]() as updates:
        stream = await fake.streams.get()
        first = asyncio.ensure_future(anext(updates))
        await stream.write(event("flood", "x" * 300_000) + event("door", "open"))
        assert (await first).events[0].name == "door"


async def test_a_line_of_the_largest_real_size_is_read(
    fake: FakeParticle, cloud: ParticleCloud
) -> None:
    payload = "data:image/png;base64," + "A" * 22_000
    async with cloud.feeds()["events"]() as updates:
        stream = await fake.streams.get()
        await stream.write(event("photo", payload))
        data = (await anext(updates)).events[0].data
    assert data == {"content_type": "image/png", "size": 16_500}


@pytest.mark.parametrize(
    ("script", "error"),
    [
        (answer({}, 500), CloudUnreachable),
        (answer({}, 404), CloudUnreachable),
        (answer({"ok": True}), CloudUnreachable),
        (answer({"ok": True}, 202), CloudUnreachable),
        (raw("<html>"), CloudUnreachable),
        (raw("<html>", 502), CloudUnreachable),
        (answer({}, 302, Location="/elsewhere"), CloudUnreachable),
        (drop, CloudUnreachable),
        (answer({}, 429), CloudBusy),
        (answer({}, 529), CloudBusy),
    ],
)
async def test_a_stream_that_does_not_open_says_why(
    fake: FakeParticle, make_cloud: MakeCloud, script: Any, error: type[CloudError]
) -> None:
    fake.on("GET", EVENTS, script)
    with pytest.raises(CloudError) as caught:
        async with make_cloud().feeds()["events"]():
            pass
    assert isinstance(caught.value, error)
    assert fake.count("GET", EVENTS) == 1


@pytest.mark.parametrize("status", [429, 529])
async def test_a_limit_on_streams_waits_five_minutes_unless_told_otherwise(
    fake: FakeParticle, make_cloud: MakeCloud, status: int
) -> None:
    for headers, wait in (({}, 300.0), ({"Retry_After": "400"}, 400.0)):
        fake.json("GET", EVENTS, {}, status, **headers)
        with pytest.raises(CloudBusy) as caught:
            async with make_cloud().feeds()["events"]():
                pass
        assert caught.value.retry_after == wait


async def test_a_refused_token_is_believed_only_when_confirmed(
    fake: FakeParticle, make_cloud: MakeCloud
) -> None:
    fake.json("GET", EVENTS, INVALID_TOKEN, 401)
    fake.json("GET", "/v1/access_tokens/current", {"expires_at": None})
    with pytest.raises(CloudUnreachable):
        async with make_cloud().feeds()["events"]():
            pass
    fake.json("GET", "/v1/access_tokens/current", INVALID_TOKEN, 401)
    with pytest.raises(CloudAuthError):
        async with make_cloud().feeds()["events"]():
            pass


async def test_a_second_stream_still_knows_what_the_first_delivered(
    fake: FakeParticle, cloud: ParticleCloud
) -> None:
    for expected in ("open", "shut"):
        async with cloud.feeds()["events"]() as updates:
            stream = await fake.streams.get()
            await stream.write(event("door", "open"))
            if expected == "shut":
                await stream.write(event("door", "shut"))
            assert (await anext(updates)).events[0].data == expected


async def test_an_open_stream_takes_no_place_from_requests(
    fake: FakeParticle, cloud: ParticleCloud
) -> None:
    feeds = [cloud.feeds()["events"]() for _ in range(3)]
    async with feeds[0], feeds[1], feeds[2], asyncio.timeout(5):
        await cloud.snapshot()
