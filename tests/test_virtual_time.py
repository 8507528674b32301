"""Waiting is left out, and nothing else."""

import asyncio
from datetime import UTC, datetime, timedelta
import threading
import time

from aiohttp import ClientSession, ClientTimeout, web
from aiohttp.test_utils import TestServer
import pytest

from .virtual_time import virtual_time


async def test_every_clock_agrees_that_an_hour_has_passed() -> None:
    loop = asyncio.get_running_loop()
    with virtual_time(loop):
        before = (loop.time(), time.monotonic(), time.time(), datetime.now(UTC))
        async with asyncio.timeout(4000):
            await asyncio.sleep(3600)

        assert 3600 <= loop.time() - before[0] < 3700
        assert 3600 <= time.monotonic() - before[1] < 3700
        assert 3600 <= time.time() - before[2] < 3700
        assert timedelta(hours=1) <= datetime.now(UTC) - before[3]


async def test_what_is_due_earlier_happens_earlier() -> None:
    order = []

    async def after(seconds: float) -> None:
        await asyncio.sleep(seconds)
        order.append(seconds)

    with virtual_time(asyncio.get_running_loop()):
        await asyncio.gather(*map(after, (300, 2, 86400, 30)))

    assert order == [2, 30, 300, 86400]


async def test_an_answer_over_a_socket_comes_before_its_timeout() -> None:
    async def answer(_: web.Request) -> web.Response:
        return web.Response(text="here")

    app = web.Application()
    app.add_routes([web.get("/", answer)])
    async with TestServer(app, host="127.0.0.1") as server, ClientSession() as session:
        with virtual_time(asyncio.get_running_loop()):
            for _ in range(50):
                async with asyncio.timeout(0.5):
                    assert await (await session.get(server.make_url("/"))).text()


async def test_a_server_that_says_nothing_times_out() -> None:
    async def stall(_: web.Request) -> web.Response:
        await asyncio.sleep(1e6)
        raise AssertionError

    app = web.Application()
    app.add_routes([web.get("/", stall)])
    async with TestServer(app, host="127.0.0.1") as server, ClientSession() as session:
        with virtual_time(loop := asyncio.get_running_loop()):
            before = loop.time()
            with pytest.raises(TimeoutError):
                await session.get(server.make_url("/"), timeout=ClientTimeout(30))
            assert 30 <= loop.time() - before < 40


async def test_work_in_a_thread_is_waited_for() -> None:
    loop = asyncio.get_running_loop()
    done: list[bool] = []

    def work() -> None:
        time.sleep(0.05)
        done.append(True)

    with virtual_time(loop):
        async with asyncio.timeout(30):
            await loop.run_in_executor(None, work)

    assert done == [True]


async def test_work_that_waits_for_time_itself_does_not_stop_it() -> None:
    loop = asyncio.get_running_loop()
    enough = threading.Event()

    with virtual_time(loop):
        job = loop.run_in_executor(None, enough.wait, 30)
        loop.call_later(3600, enough.set)
        await asyncio.sleep(3601)
        assert await job


async def test_time_goes_on_as_usual_afterwards() -> None:
    loop = asyncio.get_running_loop()
    with virtual_time(loop):
        await asyncio.sleep(1000)

    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.01):
            await asyncio.sleep(1000)
