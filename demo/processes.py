"""Processes that the demo starts, and ends whatever happens."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from functools import cache
import os
from pathlib import Path
import signal
import subprocess

from .terminal import DemoError

PATIENCE = 20.0
"""Seconds that a process has to end by itself; Home Assistant needs about three."""


@asynccontextmanager
async def running(
    command: Sequence[str | Path],
    *,
    cwd: Path,
    output: Path,
    read: bool = False,
    environment: Mapping[str, str] | None = None,
) -> AsyncIterator[asyncio.subprocess.Process]:
    """Run a command while the block runs; what it prints goes to the file `output`.

    With `read` its standard output is a pipe instead. It gets a session of its own, so
    that Ctrl-C reaches the demo alone, which then ends its processes in order. Where the
    system can, it also ends them if the demo is killed.
    """
    with output.open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            *_leash(),
            *command,
            cwd=cwd,
            env={**os.environ, **(environment or {})},
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE if read else log,
            stderr=log,
            start_new_session=True,
        )
    try:
        yield process
    finally:
        await _end(process)


@cache
def _leash() -> Sequence[str]:
    """What lets a command end with the demo; a setpriv that cannot is left out."""
    leash = ("setpriv", "--pdeathsig", "TERM", "--")
    try:
        subprocess.run([*leash, "true"], check=True, capture_output=True)
    except OSError, subprocess.CalledProcessError:
        return ()
    return leash


async def _end(process: asyncio.subprocess.Process) -> None:
    """Ask a process to end, and make it if it does not."""
    if process.returncode is not None:
        return
    process.send_signal(signal.SIGTERM)
    try:
        async with asyncio.timeout(PATIENCE):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()


async def completed(
    name: str,
    command: Sequence[str | Path],
    *,
    cwd: Path,
    output: Path,
    environment: Mapping[str, str] | None = None,
) -> None:
    """Run a command to its end; raises DemoError unless that is a good one."""
    async with running(
        command, cwd=cwd, output=output, environment=environment
    ) as process:
        if await process.wait():
            raise DemoError(f"{name} failed:\n{tail(output)}")


async def fail_when_ended(
    name: str, process: asyncio.subprocess.Process, output: Path
) -> None:
    """Wait for a process that must not end; raises DemoError when it does."""
    code = await process.wait()
    raise DemoError(f"{name} ended by itself (exit code {code}):\n{tail(output)}")


def tail(file: Path, lines: int = 15) -> str:
    """Return the last lines of what a process printed."""
    text = file.read_text(errors="replace").splitlines()
    return "\n".join(text[-lines:]) or "(it printed nothing)"
