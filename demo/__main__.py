"""`scripts/demo`: starts everything, connects the accounts, and checks them if asked."""

import argparse
import asyncio
from collections.abc import Coroutine, Iterator
from contextlib import AsyncExitStack, contextmanager
import fcntl
import json
import os
from pathlib import Path
import signal
import sys
from typing import Any

from aiohttp import ClientError

from .accounts import connect_account
from .api import Home, connected, log_in
from .check import Check
from .clouds import CloudClient, simulated_clouds
from .installation import (
    FOLDER,
    LOG,
    PASSWORD,
    USER,
    complaints,
    home_assistant,
    reserved,
)
from .observer import Observer
from .pictures import take_screenshots
from .terminal import DemoError, Terminal

PORT = 8123
ENDING = 3.0
"""Seconds within which a process has ended whose connections broke."""
NAMES = {"arduino": "Arduino Cloud", "particle": "Particle", "iottly": "iottly"}


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="scripts/demo",
        description="Three simulated clouds as devices in a real Home Assistant, on this"
        " machine alone. Ctrl-C stops everything.",
    )
    parser.add_argument(
        "--port",
        type=int,
        help=f"where Home Assistant listens (default: {PORT}; any free one for scripts)",
    )
    parser.add_argument(
        "--check",
        action="store_true",
        help="prove that values move both ways instead of waiting, and stop",
    )
    parser.add_argument(
        "--screenshots",
        type=Path,
        metavar="FOLDER",
        help="take a picture of one device page of each cloud, and stop",
    )
    parser.add_argument(
        "--json",
        action="store_true",
        help="say where everything is in one line of JSON, for a script; progress goes"
        " to stderr",
    )
    return parser.parse_args()


@contextmanager
def _only_one(folder: Path) -> Iterator[None]:
    """Keep a second demo out of the same folder."""
    folder.mkdir(exist_ok=True)
    with (folder / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise DemoError("another demo runs in this folder") from None
        yield


async def _demo(options: argparse.Namespace, terminal: Terminal) -> str:
    port = options.port
    if port is None:
        port = 0 if options.json or _is_unattended(options) else PORT
    with reserved(port) as port:
        said = await _run(options, terminal, port)
    if options.check and (found := complaints(LOG.read_text(errors="replace"))):
        raise DemoError("\n  ".join(["Home Assistant complains:", *found]))
    return said


async def _run(options: argparse.Namespace, terminal: Terminal, port: int) -> str:
    """Start everything, use it, and stop everything."""
    async with AsyncExitStack() as stack:
        terminal.progress("the simulated clouds start")
        clouds, clouds_end = await stack.enter_async_context(simulated_clouds())
        address, home_ends = await stack.enter_async_context(
            home_assistant(terminal, port)
        )
        terminal.progress("Home Assistant answers")
        work = _use(options, terminal, address, clouds)
        return await _unless_ended(work, clouds_end, home_ends)


async def _unless_ended[T](
    work: Coroutine[None, None, T], *ends: asyncio.Task[None]
) -> T:
    """Do the work; raises DemoError as soon as a process ends or goes silent under it."""
    task = asyncio.create_task(work)
    try:
        await asyncio.wait({task, *ends}, return_when=asyncio.FIRST_COMPLETED)
        for end in ends:
            if end.done():
                end.result()
        return await task
    except ClientError as err:
        # An end is noticed at its connections first.
        for end in (await asyncio.wait(ends, timeout=ENDING))[0]:
            end.result()
        raise DemoError(f"a connection broke: {err}") from err
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def _use(
    options: argparse.Namespace,
    terminal: Terminal,
    address: str,
    clouds: dict[str, CloudClient],
) -> str:
    """Connect the accounts and do what was asked for; returns the last words."""
    tokens = await log_in(address, USER, PASSWORD)
    async with connected(address, tokens["access_token"]) as home:
        observer = Observer(home)
        await observer.start()
        await _connect_accounts(terminal, home, observer, clouds)
        ready, said = "", list[str]()
        if options.check:
            ready = await _check(terminal, home, observer, clouds)
        if options.screenshots:
            terminal.progress("pictures are taken")
            said = await take_screenshots(
                options.screenshots, address, tokens, observer, clouds
            )
        if not _is_unattended(options):
            if options.json:
                terminal.line(_facts(address, tokens, clouds))
            else:
                _welcome(terminal, address, clouds)
            await asyncio.Event().wait()
    return "\n".join([*said, ready]).strip()


def _is_unattended(options: argparse.Namespace) -> bool:
    return bool(options.check or options.screenshots)


async def _connect_accounts(
    terminal: Terminal, home: Home, observer: Observer, clouds: dict[str, CloudClient]
) -> None:
    entries: dict[str, str] = {}
    for name, cloud in clouds.items():
        terminal.progress(f"the {NAMES[name]} account is connected")
        entries[name] = (await connect_account(home, cloud))["entry_id"]
    await observer.load(entries)
    terminal.progress(
        f"{len(observer.devices)} devices with {len(observer.entities)} entities"
    )


async def _check(
    terminal: Terminal, home: Home, observer: Observer, clouds: dict[str, CloudClient]
) -> str:
    result = await Check(terminal, home, observer, clouds).run()
    await observer.read_registries()
    terminal.line()
    terminal.table(("cloud", "board", "what", "seen", "how"), result.rows)
    terminal.line()
    if result.failures:
        raise DemoError("\n  ".join(["not ready:", *result.failures]))
    return (
        f"ready: {len(observer.entries)} accounts, {len(observer.devices)} devices,"
        f" {len(observer.entities)} entities, {result.moved} values moved,"
        f" {result.answered} actions answered"
    )


def _facts(address: str, tokens: dict[str, Any], clouds: dict[str, CloudClient]) -> str:
    """Where everything is and how to get in: `address`, `user`, `password`, `clouds`.

    `tokens` is Home Assistant's answer to a login, `log` the file that it writes.
    """
    return json.dumps(
        {
            "address": address,
            "user": USER,
            "password": PASSWORD,
            "tokens": tokens,
            "log": str(LOG),
            "clouds": {name: cloud.info for name, cloud in clouds.items()},
        }
    )


def _welcome(terminal: Terminal, address: str, clouds: dict[str, CloudClient]) -> None:
    terminal.line()
    terminal.line(f"  Home Assistant  {address}")
    terminal.line(f"  user            {USER}")
    terminal.line(f"  password        {PASSWORD}")
    terminal.line()
    for name, cloud in clouds.items():
        terminal.line(f"  {NAMES[name]:<14}  {cloud.control} (log, boards, faults)")
    terminal.line()
    terminal.line("Ctrl-C stops everything.")


async def _main(options: argparse.Namespace, terminal: Terminal) -> int:
    """Run the demo, stopping in order at the first signal; further ones change nothing."""
    task = asyncio.create_task(_demo(options, terminal))
    interrupted: list[int] = []

    def interrupt(number: int) -> None:
        if not interrupted:
            task.cancel()
        interrupted.append(number)

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(number, interrupt, number)
    try:
        # Said last, when everything has stopped well.
        terminal.line(await task)
    except asyncio.CancelledError:
        # A person who stops the demo has seen enough; a check has not.
        return 128 + interrupted[0] if _is_unattended(options) else 0
    return 0


def main() -> int:
    """Run; errors that a person can understand are told in words."""
    options = _options()
    terminal = Terminal(aside=options.json)
    try:
        with _only_one(FOLDER):
            return asyncio.run(_main(options, terminal))
    except DemoError as err:
        terminal.line(f"demo: {err}")
        return 1
    except (PermissionError, FileExistsError) as err:
        # What was left here by another user.
        terminal.line(f"demo: {err.filename}: {err.strerror}")
        return 1
    except BrokenPipeError:
        # Whoever read what it says has read enough, as `head` does.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 128 + signal.SIGPIPE


if __name__ == "__main__":
    sys.exit(main())
