"""Updates that are handed over while the socket is read, and what ends that."""

import asyncio
from collections import Counter
from collections.abc import Callable
from compression import zstd
import gzip
import ssl
from typing import Any
import zlib

from aiohttp import ClientSession, TCPConnector, web
import pytest

from custom_components.iot_clouds.cloud import Link, Prompt
from custom_components.iot_clouds.model import CloudUnreachable, Update
from custom_components.iot_clouds.vendors.particle.body import TURN, pour
from custom_components.iot_clouds.vendors.particle.client import Client
from custom_components.iot_clouds.vendors.particle.cloud import ParticleCloud
from custom_components.iot_clouds.vendors.particle.presence import GRACE
from custom_components.iot_clouds.vendors.particle.sse import Frame
from custom_components.iot_clouds.vendors.particle.stream import Updates, listen
from simulated_clouds.tls import self_signed

from .conftest import MakeCloud
from .fake import ARGON, TOKEN, TRACKER, FakeParticle, Script, board, event, tracker

EVENTS = "/v1/devices/events"


class Sink:
    """Remembers what was handed over, and in which task."""

    def __init__(self) -> None:
        self.updates: list[Update] = []
        self.tasks: set[object] = set()
        self.came = asyncio.Event()

    def __call__(self, update: Update) -> None:
        self.updates.append(update)
        self.tasks.add(asyncio.current_task())
        self.came.set()

    @property
    def data(self) -> list[Any]:
        return [each.data for update in self.updates for each in update.events]


@pytest.fixture
def sink(fake: FakeParticle) -> Sink:
    fake.on("GET", EVENTS, fake.stream)
    return Sink()


async def hand_over(
    cloud: ParticleCloud, sink: Callable[[Update], None]
) -> asyncio.Task[None]:
    """Hand a stream's updates over in a task that ends as the stream does."""
    opened = asyncio.Event()

    async def listening() -> None:
        async with cloud.feeds()["events"]() as updates, asyncio.timeout(10):
            opened.set()
            assert isinstance(updates, Prompt)
            await updates.hand_to(sink)

    task = asyncio.create_task(listening())
    await opened.wait()
    return task


async def test_an_update_is_handed_over_while_its_bytes_are_read(
    fake: FakeParticle, cloud: ParticleCloud, sink: Sink
):
    listening = await hand_over(cloud, sink)
    stream = await fake.streams.get()
    for number in range(3):
        sink.came.clear()
        await stream.write(event("door", str(number)))
        await sink.came.wait()
    fake._over.set()
    await listening

    assert sink.data == ["0", "1", "2"]
    # No task was woken for any of them: the socket itself called.
    assert sink.tasks == {None}


async def test_it_is_so_with_tls_too(fake: FakeParticle, sink: Sink):
    identity = self_signed()
    assert fake._runner
    site = web.TCPSite(fake._runner, "127.0.0.1", 0, ssl_context=identity.context)
    await site.start()
    port = fake._runner.addresses[-1][1]
    trust = ssl.create_default_context(cadata=identity.certificate)
    async with ClientSession(connector=TCPConnector(ssl=trust)) as session:
        cloud = ParticleCloud(Client(session, f"https://127.0.0.1:{port}", TOKEN))
        listening = await hand_over(cloud, sink)
        stream = await fake.streams.get()
        await stream.write(event("door", "open"))
        await sink.came.wait()
        fake._over.set()
        await listening

    assert sink.data == ["open"]
    assert sink.tasks == {None}


async def test_what_came_together_with_the_headers_is_handed_over(
    fake: FakeParticle, cloud: ParticleCloud, sink: Sink
):
    fake.on(
        "GET",
        EVENTS,
        lambda request: whole(request, event("door", "1") + event("door", "2")),
    )

    await (await hand_over(cloud, sink))

    assert sink.data == ["1", "2"]


async def whole(request: web.Request, body: bytes, **headers: str) -> web.Response:
    more = {key.replace("_", "-"): value for key, value in headers.items()}
    return web.Response(
        body=body, headers={"Content-Type": "text/event-stream", **more}
    )


def deflated(body: bytes) -> Script:
    packed = zlib.compress(body)
    return lambda request: whole(request, packed, Content_Encoding="deflate")


async def test_more_than_any_buffer_holds_arrives_in_its_order(
    fake: FakeParticle, cloud: ParticleCloud, sink: Sink
):
    numbers = [f"{number} {'x' * 1000}" for number in range(900)]

    listening = await hand_over(cloud, sink)
    stream = await fake.streams.get()
    await stream.write(b"".join(event("door", data) for data in numbers))
    fake._over.set()
    await listening

    assert sink.data == numbers


async def test_a_packed_stream_arrives_in_its_order(
    fake: FakeParticle, cloud: ParticleCloud, sink: Sink
):
    numbers = [f"{number} {'x' * 1000}" for number in range(900)]
    fake.on("GET", EVENTS, deflated(b"".join(event("door", data) for data in numbers)))

    await (await hand_over(cloud, sink))

    assert sink.data == numbers


@pytest.mark.parametrize(
    ("encoding", "pack"), [("gzip", gzip.compress), ("zstd", zstd.compress)]
)
async def test_a_flood_in_a_few_bytes_leaves_everybody_their_turns(
    fake: FakeParticle,
    link: Link,
    encoding: str,
    pack: Callable[[bytes], bytes],
):
    lines = b"".join(b"data: %06d\n" % number for number in range(200_000))
    packed = pack(lines)
    assert len(packed) < len(lines) / 4
    fake.on("GET", EVENTS, lambda req: whole(req, packed, Content_Encoding=encoding))
    taken: list[tuple[int, bytes]] = []
    turn = 0

    async def others() -> None:
        nonlocal turn
        while True:
            turn += 1
            await asyncio.sleep(0)

    running = asyncio.create_task(others())
    async with link.session.get(f"{fake.url}{EVENTS}") as response:
        await pour(response, lambda piece: taken.append((turn, piece)))
    running.cancel()

    assert b"".join(piece for _, piece in taken) == lines
    turns = Counter({turn: 0 for turn, _ in taken})
    for when, piece in taken:
        turns[when] += len(piece)
    assert max(turns.values()) <= TURN


async def test_a_mistake_in_what_was_left_for_later_ends_it_too(
    fake: FakeParticle, cloud: ParticleCloud, sink: Sink
):
    fake.on(
        "GET", EVENTS, deflated(b"".join(event("door", f"{n}") for n in range(5000)))
    )

    def fail(update: Update) -> None:
        sink(update)
        if len(sink.updates) == 4500:
            raise LookupError("a mistake")

    with pytest.raises(LookupError, match="a mistake"):
        await (await hand_over(cloud, fail))
    assert len(sink.updates) == 4500


async def test_nothing_is_taken_after_leaving(
    fake: FakeParticle, cloud: ParticleCloud, sink: Sink
):
    fake.on(
        "GET", EVENTS, deflated(b"".join(event("door", f"{n}") for n in range(5000)))
    )
    listening = await hand_over(cloud, sink)
    await sink.came.wait()
    listening.cancel()
    await asyncio.gather(listening, return_exceptions=True)
    taken = len(sink.updates)
    assert taken < 5000
    for _ in range(10):
        await asyncio.sleep(0)
    assert len(sink.updates) == taken


async def test_what_was_left_for_later_is_left_when_pouring_ends(
    fake: FakeParticle, link: Link
):
    fake.on("GET", EVENTS, deflated(bytes(20 * TURN)))
    taken: list[int] = []
    came = asyncio.Event()

    def take(piece: bytes) -> None:
        taken.append(len(piece))
        came.set()

    async with link.session.get(f"{fake.url}{EVENTS}") as response:
        pouring = asyncio.create_task(pour(response, take))
        await came.wait()
        pouring.cancel()
        await asyncio.gather(pouring, return_exceptions=True)
        before = sum(taken)
        assert before < 20 * TURN
        for _ in range(10):
            await asyncio.sleep(0)
        assert sum(taken) == before


async def test_a_connection_that_breaks_is_an_unreachable_cloud(
    fake: FakeParticle, cloud: ParticleCloud, sink: Sink
):
    listening = await hand_over(cloud, sink)
    stream = await fake.streams.get()
    await stream.write(event("door", "open"))
    await sink.came.wait()
    assert stream._req
    assert stream._req.transport
    stream._req.transport.abort()

    with pytest.raises(CloudUnreachable):
        await listening
    assert sink.data == ["open"]


async def test_a_connection_that_broke_before_is_an_unreachable_cloud(
    fake: FakeParticle, cloud: ParticleCloud, sink: Sink
):
    async with cloud.feeds()["events"]() as updates, asyncio.timeout(5):
        stream = await fake.streams.get()
        assert stream._req
        assert stream._req.transport
        stream._req.transport.abort()
        with pytest.raises(CloudUnreachable):
            await anext(updates)
        assert isinstance(updates, Prompt)
        with pytest.raises(CloudUnreachable):
            await updates.hand_to(sink)


async def test_silence_ends_it(fake: FakeParticle, make_cloud: MakeCloud, sink: Sink):
    listening = await hand_over(make_cloud(idle=0.1), sink)

    with pytest.raises(CloudUnreachable, match="in time"):
        await listening


@pytest.mark.parametrize("mistake", [LookupError, OSError])
async def test_a_mistake_of_the_taker_ends_it_and_nothing_more_is_taken(
    fake: FakeParticle, cloud: ParticleCloud, sink: Sink, mistake: type[Exception]
):
    taken: list[Update] = []

    def fail(update: Update) -> None:
        taken.append(update)
        raise mistake("a mistake")

    listening = await hand_over(cloud, fail)
    stream = await fake.streams.get()
    await stream.write(event("door", "open") + event("door", "shut"))

    with pytest.raises(mistake, match="a mistake"):
        await listening
    assert len(taken) == 1
    async with asyncio.timeout(2):
        await fake.closed.get()


class Clock:
    """Monotonic seconds that pass only while somebody sleeps."""

    def __init__(self) -> None:
        self.now = 0.0
        self.awake = asyncio.Event()

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        await self.awake.wait()
        self.now += seconds


@pytest.fixture
async def doubtful(
    fake: FakeParticle, client: Client, sink: Sink
) -> tuple[ParticleCloud, Clock]:
    """A cloud of one board, of which offline is only believed by this clock."""
    clock = Clock()
    fake.devices(board())
    cloud = ParticleCloud(client, clock=clock, sleep=clock.sleep)
    await cloud.snapshot()
    return cloud, clock


async def test_a_board_that_stays_away_is_told_as_offline_by_the_clock(
    fake: FakeParticle, doubtful: tuple[ParticleCloud, Clock], sink: Sink
):
    cloud, clock = doubtful
    listening = await hand_over(cloud, sink)
    stream = await fake.streams.get()
    await stream.write(event("spark/status", "offline"))
    await stream.write(event("door", "open"))
    await sink.came.wait()
    assert [update.online for update in sink.updates] == [{}]
    sink.came.clear()
    clock.awake.set()
    await sink.came.wait()
    fake._over.set()
    await listening

    assert [update.online for update in sink.updates] == [{}, {ARGON: False}]
    assert clock.now == GRACE


async def test_a_board_that_leaves_as_another_is_told_is_told_too(
    fake: FakeParticle, client: Client, sink: Sink
):
    clock = Clock()
    clock.awake.set()
    fake.devices(board(), tracker())
    cloud = ParticleCloud(client, clock=clock, sleep=clock.sleep)
    await cloud.snapshot()
    loop = asyncio.get_running_loop()
    second = event("spark/status", "offline", TRACKER)
    told: list[dict[str, bool]] = []
    both = asyncio.Event()
    async with cloud.feeds()["events"]() as updates, asyncio.timeout(5):
        assert isinstance(updates, Updates)

        def show(update: Update) -> None:
            told.append(dict(update.online))
            if len(told) == 1:
                # Read between the end of who told the first and its report.
                loop.call_soon(updates._take, show, second)
            else:
                both.set()

        listening = asyncio.ensure_future(updates.hand_to(show))
        stream = await fake.streams.get()
        await stream.write(event("spark/status", "offline"))
        await both.wait()
        listening.cancel()
    assert told == [{ARGON: False}, {TRACKER: False}]


class Doubter:
    """Says of one board after the other that it is away, a second each."""

    def __init__(self) -> None:
        self.boards = ["one", "two"]
        self.taken = asyncio.Event()

    def take(self, frame: Frame) -> None:
        """Events mean nothing here."""
        self.taken.set()

    def wait(self) -> float | None:
        return 1.0 if self.boards else None

    def late(self) -> Update:
        return Update(online={self.boards.pop(0): False})


async def test_each_board_that_stays_away_is_told_though_nothing_more_arrives(
    fake: FakeParticle, client: Client, sink: Sink
):
    clock, doubter = Clock(), Doubter()
    async with listen(client, doubter, sleep=clock.sleep) as updates:
        assert isinstance(updates, Updates)
        listening = asyncio.create_task(updates.hand_to(sink))
        stream = await fake.streams.get()
        for number in range(3):
            doubter.taken.clear()
            await stream.write(event("door", f"{number}"))
            await doubter.taken.wait()
        # However much arrives, one task waits.
        assert sum("_settle" in repr(each) for each in asyncio.all_tasks()) == 1
        clock.awake.set()
        async with asyncio.timeout(5):
            while len(sink.updates) < 2:
                sink.came.clear()
                await sink.came.wait()
        listening.cancel()

    assert [update.online for update in sink.updates] == [
        {"one": False},
        {"two": False},
    ]


@pytest.mark.parametrize("mistake", [LookupError, OSError])
async def test_a_mistake_about_a_board_that_stays_away_ends_it_too(
    fake: FakeParticle, doubtful: tuple[ParticleCloud, Clock], mistake: type[Exception]
):
    cloud, clock = doubtful
    clock.awake.set()

    def fail(update: Update) -> None:
        raise mistake("a mistake")

    listening = await hand_over(cloud, fail)
    stream = await fake.streams.get()
    await stream.write(event("spark/status", "offline"))

    with pytest.raises(mistake, match="a mistake"):
        await listening


async def test_leaving_waits_for_nobody_who_stays_away(
    fake: FakeParticle, doubtful: tuple[ParticleCloud, Clock], sink: Sink
):
    cloud, _ = doubtful
    listening = await hand_over(cloud, sink)
    stream = await fake.streams.get()
    await stream.write(event("spark/status", "offline") + event("door", "open"))
    await sink.came.wait()
    fake._over.set()
    await listening

    assert not [each for each in asyncio.all_tasks() if "_settle" in repr(each)]
