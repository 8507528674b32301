"""Requests keep below the cloud's limits."""

import asyncio

from custom_components.iot_clouds.vendors.particle.pace import Pace


class Clock:
    """Time that passes only by sleeping."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.now += seconds


async def test_at_most_ten_requests_start_in_any_second() -> None:
    clock = Clock()
    pace = Pace(clock=clock, sleep=clock.sleep)
    started = []
    for _ in range(25):
        async with pace.place():
            started.append(clock.now)
    assert started == [100.0] * 10 + [101.0] * 10 + [102.0] * 5


async def test_at_most_ten_requests_start_in_any_second_though_all_wait_at_once() -> (
    None
):
    clock = Clock()
    wakes: list[float] = []

    async def sleep(seconds: float) -> None:
        wakes.append(clock.now + seconds)
        await asyncio.sleep(0)
        clock.now = max(clock.now, wakes.pop(0))

    pace = Pace(clock=clock, sleep=sleep)
    started = []

    async def request() -> None:
        await pace.turn()
        started.append(clock.now)

    await asyncio.gather(*(request() for _ in range(25)))
    assert started == [100.0] * 10 + [101.0] * 10 + [102.0] * 5


async def test_at_most_three_requests_are_under_way() -> None:
    clock = Clock()
    pace = Pace(clock=clock, sleep=clock.sleep)
    under_way = most = 0

    async def request() -> None:
        nonlocal under_way, most
        async with pace.place():
            under_way += 1
            most = max(most, under_way)
            await asyncio.sleep(0)
            under_way -= 1

    await asyncio.gather(*(request() for _ in range(20)))
    assert most == 3


async def test_a_stream_takes_a_turn_but_no_place() -> None:
    clock = Clock()
    pace = Pace(per_second=2, at_once=1, clock=clock, sleep=clock.sleep)
    async with pace.place():
        await pace.turn()
    await pace.turn()
    assert clock.now == 101.0
