"""Lets accounts of all clouds live for days, at high speed (docs/performance.md)."""

from argparse import ArgumentDefaultsHelpFormatter, ArgumentParser
import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
import gc
import os
from pathlib import Path
from statistics import linear_regression
import sys
import tempfile
import threading

from .figures import columns
from .processes import BrokenRunError
from .virtual import (
    VENDORS,
    Account,
    account,
    all_loaded,
    connect,
    current,
    home,
    let_streams_rest,
    told,
)

HOUR = 3600.0
PERIOD = 300.0
"""Seconds in which each board measures once."""

FILL_PERIOD = 6.0
FILL_HOURS = 2.0
"""Before a run of six hours or more: so that what is remembered of messages, at most
1 000 of a device, is full from the start."""

SETTLE = 1200.0
"""Seconds after the boards' last measurement in which every value arrives, at the latest
because it is read (`storm.BOUND`)."""

OPTIONS = {"iottly": {"retention": 300}}
"""A cloud that keeps as many messages as a poll can ask for, and soon has them."""

SAMPLES = 28
"""How often a run is looked at, evenly."""

WARM = 0.25
"""Part of a run in which caches may still fill."""

NOISE = 1.0
"""Per cent of memory by which it may seem to grow from the end of warming up to the end of
the run: twice as much as it goes up and down between samples."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """What the process holds; `blocks` are pieces of memory that Python has given out."""

    hours: float
    blocks: int
    resident: int
    tasks: int
    files: int
    threads: int


def look(hours: float) -> Sample:
    """Take a sample, after what is not used any more was collected."""
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return Sample(
        hours=hours,
        blocks=sys.getallocatedblocks(),
        resident=pages * os.sysconf("SC_PAGE_SIZE"),
        tasks=len(asyncio.all_tasks()),
        files=len(list(Path("/proc/self/fd").iterdir())),
        threads=threading.active_count(),
    )


@asynccontextmanager
async def living(
    accounts: Sequence[Account], period: float = PERIOD
) -> AsyncIterator[None]:
    """Let the boards of all accounts measure, each once in so many seconds."""
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(each.world.run(period)) for each in accounts]
        yield
        for task in tasks:
            task.cancel()


async def measure(hours: float) -> list[Sample]:
    """Live so long with one account of each vendor, and look at memory in between.

    Raises:
        BrokenRunError: an account was not set up, or values are wrong in the end.
    """
    samples = []
    async with AsyncExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        stack.enter_context(let_streams_rest())
        accounts = [
            await stack.enter_async_context(account(vendor, **OPTIONS.get(vendor, {})))
            for vendor in VENDORS
        ]
        hass = await stack.enter_async_context(home(folder))
        for each in accounts:
            await connect(hass, each)
        if hours >= 6:
            async with living(accounts, FILL_PERIOD):
                await asyncio.sleep(FILL_HOURS * HOUR)
        async with living(accounts):
            for number in range(1, SAMPLES + 1):
                await asyncio.sleep(hours * HOUR / SAMPLES)
                for each in accounts:
                    each.forget()
                samples.append(look(number * hours / SAMPLES))
                print(f"{samples[-1].hours:.1f} h", file=sys.stderr, flush=True)
        await asyncio.sleep(SETTLE)
        if not all_loaded(hass) or not all(map(current, accounts)):
            raise BrokenRunError("not everything was current in the end")
    return samples


def growth(samples: Sequence[Sample]) -> float:
    """Per cent of memory gained after warming up, by the line through the samples."""
    warm = samples[int(len(samples) * WARM) :]
    hours = [each.hours for each in warm]
    line = linear_regression(hours, [each.blocks for each in warm])
    return line.slope * (hours[-1] - hours[0]) / warm[0].blocks * 100


def report(samples: Sequence[Sample]) -> tuple[str, bool]:
    """A table of samples, and whether nothing grew."""
    warm = samples[int(len(samples) * WARM) :]
    rows = [
        [
            f"{each.hours:.1f}",
            str(each.blocks),
            f"{each.resident / 2**20:.1f}",
            str(each.tasks),
            str(each.files),
            str(each.threads),
        ]
        for each in samples
    ]
    head = ["hours", "blocks", "MB", "tasks", "files", "threads"]
    grown = growth(samples)
    slope = grown / (warm[-1].hours - warm[0].hours) * 24
    half = len(warm) // 2
    kept = all(
        max(getattr(each, name) for each in warm[half:])
        <= max(getattr(each, name) for each in warm[:half])
        for name in ("tasks", "files", "threads")
    )
    good = grown <= NOISE and kept
    return (
        "\n".join(
            [
                *columns([head, *rows]),
                f"memory {grown:+.2f} % after warming up ({slope:+.2f} % a day),"
                f" bound {NOISE:.2f} %; tasks, files and threads"
                f" {'do not grow' if kept else 'GROW'}",
                f"soak {'within its bounds' if good else 'OUT OF BOUNDS'}",
            ]
        ),
        good,
    )


def main(given: Sequence[str] | None = None) -> int:
    """Measure and print; 1 if anything grew."""
    parser = ArgumentParser(
        prog="scripts/bench soak",
        description=__doc__,
        formatter_class=ArgumentDefaultsHelpFormatter,
    )
    parser.add_argument("--days", type=float, default=7.0)
    parser.add_argument("--quick", action="store_true", help="six hours")
    options = parser.parse_args(given)
    days = 0.25 if options.quick else options.days
    return told(measure(days * 24), report, hurried=True)


if __name__ == "__main__":
    sys.exit(main())
