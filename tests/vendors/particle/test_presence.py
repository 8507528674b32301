"""A device that is offline for a moment only was never gone (reference 2.3)."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web
import pytest

from custom_components.iot_clouds.cloud import Prompt
from custom_components.iot_clouds.model import CloudUnreachable, Ref, Update
from custom_components.iot_clouds.vendors.particle.cloud import ParticleCloud
from custom_components.iot_clouds.vendors.particle.presence import GRACE, Presence

from .conftest import MakeCloud
from .fake import ARGON, TRACKER, FakeParticle, board, event, read_all, tracker

MAPS = {"variables": {"temp": "double"}, "functions": []}


class Time:
    """A clock that sleeping moves; sleeping ends when the test says so."""

    def __init__(self) -> None:
        self.now = 100.0
        self.slept: asyncio.Queue[tuple[float, asyncio.Event]] = asyncio.Queue()

    def clock(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        over = asyncio.Event()
        self.slept.put_nowait((seconds, over))
        await over.wait()

    async def pass_(self) -> float:
        """Let the sleep that is under way end, and return how long it was."""
        seconds, over = await self.slept.get()
        self.now += seconds
        over.set()
        return seconds


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
async def cloud(fake: FakeParticle, make_cloud: MakeCloud, time: Time) -> ParticleCloud:
    """An account with two boards, whose time is the test's."""
    cloud = make_cloud(clock=time.clock, sleep=time.sleep)
    fake.devices(board(), tracker(), **MAPS)
    await cloud.snapshot()
    return cloud


@asynccontextmanager
async def told_offline(
    fake: FakeParticle, cloud: ParticleCloud
) -> AsyncIterator[
    tuple[AsyncIterator[Update], web.StreamResponse, asyncio.Future[Update]]
]:
    """Listen, and have the cloud say that a board is offline."""
    fake.on("GET", "/v1/devices/events", fake.stream)
    async with cloud.feeds()["events"]() as updates:
        stream = await fake.streams.get()
        waiting = asyncio.ensure_future(anext(updates))
        await stream.write(event("spark/status", "offline"))
        yield updates, stream, waiting


def test_five_seconds_are_waited_by_default() -> None:
    assert GRACE == 5.0
    presence = Presence(clock=lambda: 10.0)
    assert presence.wait() is None
    presence.doubt("a")
    assert presence.wait() == 5.0
    assert presence.gone() == ()


async def test_offline_shows_only_after_the_grace(
    fake: FakeParticle, cloud: ParticleCloud, time: Time
) -> None:
    async with told_offline(fake, cloud) as (updates, stream, waiting):
        assert await time.pass_() == 5.0
        assert await waiting == Update(online={ARGON: False})
        # Nothing else is waited for, and the stream goes on.
        waiting = asyncio.ensure_future(anext(updates))
        await stream.write(event("hello", "1"))
        assert (await waiting).events[0].name == "hello"


async def test_who_stays_offline_is_handed_over_without_another_event(
    fake: FakeParticle, cloud: ParticleCloud, time: Time
) -> None:
    told: asyncio.Queue[Update] = asyncio.Queue()
    fake.on("GET", "/v1/devices/events", fake.stream)
    async with cloud.feeds()["events"]() as updates, asyncio.timeout(5):
        stream = await fake.streams.get()
        assert isinstance(updates, Prompt)
        handing = asyncio.create_task(updates.hand_to(told.put_nowait))
        await stream.write(event("spark/status", "offline"))
        assert await time.pass_() == 5.0
        assert await told.get() == Update(online={ARGON: False})
        handing.cancel()
        await asyncio.wait([handing])


async def test_offline_that_is_followed_by_online_never_shows(
    fake: FakeParticle, cloud: ParticleCloud, time: Time
) -> None:
    async with told_offline(fake, cloud) as (updates, stream, waiting):
        await time.slept.get()
        # A listing of just this moment changes nothing either.
        fake.devices(board(online=False, connected=False))
        assert (await cloud.snapshot()).devices[ARGON].online is True
        await stream.write(
            event("spark/status", "online", at="2026-11-20T09:00:00.013Z")
        )
        assert await waiting == Update(online={ARGON: True}, relist=True)
        waiting = asyncio.ensure_future(anext(updates))
        await stream.write(event("hello", "1"))
        assert (await waiting).online == {}


async def test_while_it_is_open_no_variable_is_read(
    fake: FakeParticle, cloud: ParticleCloud, time: Time
) -> None:
    async with told_offline(fake, cloud) as (_updates, _stream, waiting):
        await time.slept.get()
        assert cloud.reader
        ref = Ref(ARGON, "variable/temp")
        assert await read_all(cloud.reader, [ref], asked=True) == Update()
        waiting.cancel()
    # The end of a stream leaves it to the next listing.
    fake.devices(board(online=False, connected=False))
    assert (await cloud.snapshot()).devices[ARGON].online is False


async def test_a_device_that_was_removed_meanwhile_is_not_told(
    fake: FakeParticle, cloud: ParticleCloud, time: Time
) -> None:
    async with told_offline(fake, cloud) as (_updates, stream, waiting):
        seconds, over = await time.slept.get()
        fake.devices(tracker())
        await cloud.snapshot()
        time.now += seconds
        over.set()
        await stream.write(event("hello", "1", TRACKER))
        assert (await waiting).events[0].device_id == TRACKER


@pytest.mark.parametrize("ending", ["close", "silence"])
async def test_a_stream_that_ends_while_somebody_may_be_gone_says_so(
    fake: FakeParticle,
    make_cloud: MakeCloud,
    time: Time,
    ending: str,
) -> None:
    idle = 0.1 if ending == "silence" else 30.0
    cloud = make_cloud(clock=time.clock, sleep=time.sleep, idle=idle)
    fake.devices(board(), **MAPS)
    await cloud.snapshot()
    async with told_offline(fake, cloud) as (_, stream, waiting):
        await time.slept.get()
        if ending == "close":
            await stream.write_eof()
            with pytest.raises(StopAsyncIteration):
                await waiting
        else:
            with pytest.raises(CloudUnreachable):
                await waiting


def test_saying_it_again_gives_no_more_time() -> None:
    now = 100.0
    presence = Presence(clock=lambda: now)
    presence.doubt(ARGON)
    now = 103.0
    presence.doubt(ARGON)
    assert presence.wait() == 2.0
    now = 105.0
    assert presence.gone() == (ARGON,)
    assert presence.wait() is None


def test_who_is_back_is_not_gone_later() -> None:
    now = 100.0
    presence = Presence(clock=lambda: now)
    presence.doubt(ARGON)
    assert presence.back(ARGON)
    assert not presence.back(ARGON)
    now = 200.0
    assert presence.gone() == ()
