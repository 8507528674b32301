"""`python -m simulated_clouds`, as a person or a script starts it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
import json
import signal
import sys
from typing import Any

import aiohttp
import pytest

from .conftest import ROOT


@asynccontextmanager
async def started(*arguments: str) -> AsyncIterator[asyncio.subprocess.Process]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "simulated_clouds", *arguments),
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def line(process: asyncio.subprocess.Process) -> str:
    assert process.stdout
    return (await asyncio.wait_for(process.stdout.readline(), 20)).decode()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_the_three_clouds_answer_until_they_are_told_to_stop(number: int) -> None:
    async with started("--json", "--seed", "3") as process:
        info: dict[str, Any] = json.loads(await line(process))
        async with aiohttp.ClientSession() as session:
            for name in ("arduino", "particle", "iottly"):
                async with session.get(f"{info[name]['control']}/boards") as answer:
                    assert {board["cloud"] for board in await answer.json()} == {name}
        process.send_signal(number)
        assert await asyncio.wait_for(process.wait(), 10) == 0
        assert process.stderr
        assert await process.stderr.read() == b""


async def test_values_move_by_themselves() -> None:
    async with started("--json", "--period", "0.2") as process:
        control = json.loads(await line(process))["arduino"]["control"]
        async with aiohttp.ClientSession() as session, asyncio.timeout(10):
            published: set[str] = set()
            while len(published) < 3:
                async with session.get(f"{control}/log") as answer:
                    published = {
                        json.dumps(entry["body"])
                        for entry in await answer.json()
                        if entry["method"] == "PUBLISH"
                    }


async def test_people_get_addresses_and_credentials_in_lines() -> None:
    async with started() as process:
        assert await line(process) == "arduino\n"
        assert (await line(process)).startswith("  url: http://127.0.0.1:")


async def test_a_port_that_is_taken_is_told_in_one_line() -> None:
    async with started("--json") as first:
        taken = json.loads(await line(first))["arduino"]["url"].rpartition(":")[2]
        async with started("--ports", f"{taken},0,0") as second:
            _, said = await asyncio.wait_for(second.communicate(), 20)

    assert second.returncode == 1
    assert said.decode().startswith("simulated_clouds: ")
    assert said.count(b"\n") == 1


@pytest.mark.parametrize(
    "wrong", [["--ports", "1,2"], ["--ports", "a,b,c"], ["--period", "0"]]
)
async def test_wrong_options_are_refused(wrong: list[str]) -> None:
    async with started(*wrong) as process:
        _, said = await asyncio.wait_for(process.communicate(), 20)

    assert process.returncode == 2
    assert b"usage: python -m simulated_clouds" in said
