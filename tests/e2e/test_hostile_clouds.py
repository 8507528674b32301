"""A cloud that means harm costs a bounded amount of memory, and is used again after it."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from compression import zstd
from contextlib import asynccontextmanager
import tracemalloc
import zlib

from aiohttp import web
import pytest

from custom_components.iot_clouds.model import LONGEST_BODY
from custom_components.iot_clouds.vendors.arduino.limiter import Limiter
from simulated_clouds.server import SimulatedCloud
from tests.virtual_time import virtual_time

type Harm = Callable[[web.Request], Awaitable[web.StreamResponse]]

BLOCK = 1 << 20
BLOCKS = 300
"""Megabytes that a hostile answer has, if somebody reads all of it."""

_BLANK = b" " * BLOCK

MOST_MEMORY = 3 * LONGEST_BODY

LISTINGS = {
    "arduino": "/things",
    "particle": "/v1/devices",
    "iottly": "/devices/props",
}


def _bomb() -> list[bytes]:
    """So many megabytes of blanks, packed into a few hundred kilobytes."""
    packer = zlib.compressobj(9, wbits=31)
    return [packer.compress(b"["), *(packer.compress(_BLANK) for _ in range(BLOCKS))]


async def _no_wait(self: Limiter, *, urgent: bool = False) -> None:
    """The pause between requests has tests of its own."""


async def endless(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse()
    await response.prepare(request)
    for _ in range(BLOCKS):
        await response.write(b"[" + b" " * BLOCK)
    return response


async def bomb(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Encoding": "gzip"})
    await response.prepare(request)
    for piece in _bomb():
        await response.write(piece)
    return response


async def brackets(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse()
    await response.prepare(request)
    await response.write(b"[")
    for _ in range(10):
        await response.write(b"{}," * BLOCK)
    await response.write(b"{}]")
    return response


async def zstd_bomb(
    request: web.Request, kind: str = "application/json"
) -> web.StreamResponse:
    """The same in a way of packing that takes no more than some kilobytes."""
    packer = zstd.ZstdCompressor(level=19)
    pieces = [packer.compress(b"["), *(packer.compress(_BLANK) for _ in range(BLOCKS))]
    headers = {"Content-Encoding": "zstd", "Content-Type": kind}
    return web.Response(body=b"".join((*pieces, packer.flush())), headers=headers)


async def keys(request: web.Request) -> web.StreamResponse:
    """Three million names, each of them another one."""
    response = web.StreamResponse()
    await response.prepare(request)
    await response.write(b'{"":0')
    for start in range(0, 3_000_000, 100_000):
        names = range(start, start + 100_000)
        await response.write(b"".join(b',"%x":1' % name for name in names))
    await response.write(b"}")
    return response


async def numbers(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse()
    await response.prepare(request)
    await response.write(b"[0")
    for _ in range(7):
        await response.write(b",0.1" * BLOCK)
    await response.write(b"]")
    return response


async def deep(request: web.Request) -> web.StreamResponse:
    return web.Response(body=b"[" * BLOCK)


async def drip(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse()
    await response.prepare(request)
    while True:
        await response.write(b" ")
        await asyncio.sleep(1)


async def packed_stream(request: web.Request) -> web.StreamResponse:
    headers = {"Content-Type": "text/event-stream", "Content-Encoding": "gzip"}
    response = web.StreamResponse(headers=headers)
    await response.prepare(request)
    for piece in _bomb():
        await response.write(piece)
    return response


async def zstd_stream(request: web.Request) -> web.StreamResponse:
    return await zstd_bomb(request, "text/event-stream")


@asynccontextmanager
async def hostile(cloud: SimulatedCloud, path: str, harm: Harm) -> AsyncIterator[None]:
    """Answer requests to what ends so with harm."""
    honest = cloud._answer
    running: set[asyncio.Task[web.StreamResponse]] = set()

    async def answer(request: web.Request, handler: Harm) -> web.StreamResponse:
        if not request.path.endswith(path):
            return await honest(request, handler)
        task = asyncio.ensure_future(harm(request))
        running.add(task)
        return await task

    cloud._answer = answer  # type: ignore[method-assign]
    try:
        yield
    finally:
        cloud._answer = honest  # type: ignore[method-assign]
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)


@pytest.mark.expects_errors("Error fetching")
@pytest.mark.parametrize(
    "harm", [endless, bomb, zstd_bomb, brackets, keys, numbers, deep, drip]
)
@pytest.mark.parametrize("vendor", LISTINGS)
async def test_a_hostile_listing_fails_and_the_next_one_is_taken(
    house, monkeypatch: pytest.MonkeyPatch, vendor: str, harm: Harm
) -> None:
    monkeypatch.setattr(Limiter, "turn", _no_wait)
    entry = await house.connect(vendor)
    coordinator = entry.runtime_data.coordinator
    before = dict(coordinator.readings)
    devices = coordinator.data
    tracemalloc.start()
    try:
        async with hostile(house.clouds[vendor], LISTINGS[vendor], harm):
            with virtual_time(asyncio.get_running_loop()):
                async with asyncio.timeout(300):
                    await coordinator.async_refresh()
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert not coordinator.last_update_success
    assert peak < MOST_MEMORY
    assert coordinator.readings.keys() >= before.keys()
    assert coordinator.data is devices
    await coordinator.async_refresh()
    assert coordinator.last_update_success


async def test_a_stream_goes_on_after_lines_without_end(house, until) -> None:
    entry = await house.connect("particle")
    cloud = house.clouds["particle"]
    await until(lambda: [e for e in cloud.log if e.channel == "sse"])
    await until(lambda: cloud.streams.open)
    drops = entry.runtime_data.coordinator.counters.tally.drops
    tracemalloc.start()
    try:
        cloud.streams.inject(b"event: a\ndata: " + b"x" * (10 * BLOCK) + b"\n\n")
        cloud.streams.inject(b"data:\n" * BLOCK + b"\n")
        cloud.streams.inject(b": no news\r" * BLOCK)
        cloud.streams.inject(b"event: b\ndata: " + b"[" * 200_000 + b"\n\n")
        await until(lambda: drops["too_large"] == 2)
        await until(lambda: drops["unreadable"] == 1)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    # What the cloud sends is in its own memory too.
    assert peak < 3 * LONGEST_BODY
    house.world.set(house.board("Workshop"), temperature=11.25)
    await until(lambda: house.state("Workshop", "temperature") == "11.25")
    assert len([e for e in cloud.log if e.method == "OPEN"]) == 1


@pytest.mark.parametrize("packed", [packed_stream, zstd_stream])
async def test_a_packed_stream_costs_no_more_than_a_line_of_it(
    house, until, packed: Harm
) -> None:
    await house.connect("particle")
    cloud = house.clouds["particle"]
    await until(lambda: cloud.streams.open)
    asked: list[str] = []

    async def harm(request: web.Request) -> web.StreamResponse:
        asked.append(request.path)
        return await packed(request)

    with virtual_time(asyncio.get_running_loop()):
        tracemalloc.start()
        try:
            async with hostile(cloud, "/devices/events", harm):
                cloud.streams.close()
                # Unpacking takes this machine as long as it takes.
                async with asyncio.timeout(600):
                    while len(asked) < 2:
                        await asyncio.sleep(0.1)
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
        assert peak < 20 << 20
        async with asyncio.timeout(600):
            while not cloud.streams.open:
                await asyncio.sleep(1)
        house.world.set(house.board("Workshop"), temperature=12.25)
        await until(lambda: house.state("Workshop", "temperature") == "12.25")
