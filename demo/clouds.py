"""The simulated clouds as a process of their own, and what their logs tell."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
import json
import sys
from typing import Any

import aiohttp

from .installation import FOLDER, ROOT
from .processes import fail_when_ended, running, tail
from .terminal import DemoError

START_LIMIT = 30.0
"""Seconds until the clouds must have said where they are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line of a cloud's log; see `simulated_clouds.server.Entry`."""

    at: float
    channel: str
    method: str
    path: str
    body: Any = None
    status: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CloudClient:
    """One simulated cloud, seen through its control interface."""

    name: str
    info: dict[str, Any] = field(repr=False)
    session: aiohttp.ClientSession

    @property
    def control(self) -> str:
        """Where the control interface is; a cloud may serve its API below a path."""
        return str(self.info["control"])

    async def boards(self) -> dict[str, dict[str, Any]]:
        """Return the boards by name, with their variables and facts."""
        async with self.session.get(f"{self.control}/boards") as answer:
            return {board["name"]: board for board in await answer.json()}

    async def log(self, since: float = 0.0) -> list[Entry]:
        """Return what the cloud received and its boards sent, from `since` on."""
        params = {"since": repr(since)}
        async with self.session.get(f"{self.control}/log", params=params) as answer:
            names = ("at", "channel", "method", "path", "body", "status")
            return [
                Entry(**{name: entry[name] for name in names})
                for entry in await answer.json()
            ]

    async def measure(self, board: str, **values: Any) -> None:
        """Let a board (by id) measure values."""
        address = f"{self.control}/boards/{board}"
        async with self.session.post(address, json=values) as answer:
            if answer.status != 200:
                raise DemoError(f"{self.name} has no board {board}")


@asynccontextmanager
async def simulated_clouds() -> AsyncIterator[
    tuple[dict[str, CloudClient], asyncio.Task[None]]
]:
    """Run the clouds; gives them by name, and a task that fails if they end."""
    output = FOLDER / "clouds.log"
    command = [sys.executable, "-m", "simulated_clouds", "--json"]
    async with (
        running(command, cwd=ROOT, output=output, read=True) as process,
        aiohttp.ClientSession() as session,
    ):
        assert process.stdout
        try:
            async with asyncio.timeout(START_LIMIT):
                line = await process.stdout.readline()
            info = json.loads(line)
        except TimeoutError, ValueError:
            raise DemoError(
                f"the simulated clouds do not start:\n{tail(output)}"
            ) from None
        ended = asyncio.create_task(
            fail_when_ended("the simulated clouds", process, output)
        )
        try:
            yield (
                {
                    name: CloudClient(name=name, info=facts, session=session)
                    for name, facts in info.items()
                },
                ended,
            )
        finally:
            ended.cancel()
            await asyncio.gather(ended, return_exceptions=True)
