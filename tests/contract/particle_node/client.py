"""Particle's published JavaScript client, in a process of its own."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
import fcntl
import json
from pathlib import Path
import shutil
import subprocess
from typing import Any

HERE = Path(__file__).parent
PACKAGE = HERE / "node_modules" / "particle-api-js" / "package.json"
PATIENCE = 60


class NodeMissingError(Exception):
    """Node.js or its packages cannot be had; the text says what to do."""


def prepare() -> str:
    """Return where Node.js is, with the packages of the lock file beside this module.

    Raises:
        NodeMissingError: there is no Node.js, or npm could not install.
    """
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        raise NodeMissingError("install Node.js 20 or newer with npm, then run again")
    with (HERE / "package.json").open() as file:
        # Tests run in several processes; one of them installs.
        fcntl.flock(file, fcntl.LOCK_EX)
        if PACKAGE.exists():
            return node
        done = subprocess.run(
            [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"],
            cwd=HERE,
            capture_output=True,
            text=True,
            check=False,
        )
    if done.returncode:
        raise NodeMissingError(f"npm ci failed in {HERE.name}: {done.stderr[-800:]}")
    return node


class Client:
    """Calls the client's methods and hears what it tells."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        """Take a running process."""
        self._process = process
        self._events: deque[dict[str, Any]] = deque()
        self._turns: deque[str] = deque()
        self._answers: deque[dict[str, Any]] = deque()

    async def call(self, method: str, **options: Any) -> dict[str, Any]:
        """Make a call and return its line: `status` and `body`, or `failed`."""
        assert self._process.stdin is not None
        line = json.dumps([method, options])
        self._process.stdin.write(f"{line}\n".encode())
        await self._process.stdin.drain()
        answer = await self._next(self._answers)
        assert answer["call"] == method
        return answer

    async def event(self) -> dict[str, Any]:
        """Return the next event that a stream has brought."""
        return await self._next(self._events)

    async def until(self, wanted: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """Return the next event of a kind, passing over others."""
        while not wanted(event := await self.event()):
            pass
        return event

    async def turn(self) -> str:
        """Return what has become of the stream next."""
        return await self._next(self._turns)

    async def _next[T](self, queue: deque[T]) -> T:
        async with asyncio.timeout(PATIENCE):
            while not queue:
                await self._read()
        return queue.popleft()

    async def _read(self) -> None:
        assert self._process.stdout is not None
        line = await self._process.stdout.readline()
        assert line, "the client ended"
        told = json.loads(line)
        if "event" in told:
            self._events.append(told["event"])
        elif "stream" in told:
            self._turns.append(told["stream"])
        else:
            self._answers.append(told)


@asynccontextmanager
async def particle_js(url: str, **options: Any) -> AsyncIterator[Client]:
    """Run a client against a cloud; options are those of its constructor."""
    node = await asyncio.to_thread(prepare)
    process = await asyncio.create_subprocess_exec(
        node,
        "client.mjs",
        json.dumps({"baseUrl": url, **options}),
        cwd=HERE,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        limit=1 << 20,
    )
    try:
        yield Client(process)
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()
