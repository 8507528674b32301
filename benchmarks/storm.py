"""Takes the clouds of 20 accounts away at once and gives them back (docs/performance.md)."""

from argparse import ArgumentDefaultsHelpFormatter, ArgumentParser
import asyncio
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from itertools import groupby
import sys
import tempfile
import time

from .processes import BrokenRunError
from .virtual import VENDORS, Account, account, all_loaded, connect, current, home, told

# After `virtual`, which turns the clocks that it binds.
from simulated_clouds.server import Entry  # isort: skip

BEFORE = 600.0
"""Seconds of use before."""

MINUTE = 60.0

BOUND: Mapping[str, float] = {"arduino": 90.0, "particle": 1200.0, "iottly": 60.0}
"""Seconds in which all values of an account are the cloud's again.

Arduino and iottly tell values in the listing that is asked for each minute, or more often,
while push is down. Particle's listing has no values, and each variable is read at most
every quarter of an hour, because a read is billed.
"""

FEED_BOUND = 310.0
"""Seconds in which push is back: the longest pause between two attempts, and one attempt."""


JITTER = 0.95
"""What is left of a distance after different ways through the network."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """So many requests in so many seconds that start with these words.

    `together` counts all accounts of a vendor, as a limit for an address does.
    """

    vendor: str
    what: str
    count: int
    seconds: float
    together: bool


LIMITS = (
    Limit(vendor="arduino", what="", count=1, seconds=1.0, together=False),
    Limit(vendor="particle", what="", count=10_000, seconds=300.0, together=True),
    Limit(
        vendor="particle",
        what="/v1/devices/events",
        count=100,
        seconds=300.0,
        together=True,
    ),
    Limit(vendor="iottly", what="", count=10, seconds=1.0, together=False),
)
"""Arduino's smallest plan (reference 2.3), Particle's for an address (reference 9.1). None
is known for iottly: twice what its listing takes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What was seen: seconds until values and feeds of each account were back."""

    accounts: Sequence[Account]
    values: Mapping[str, float | None]
    feeds: Mapping[str, float | None]
    logs: Mapping[str, Sequence[Entry]]


def busiest(times: Iterable[float], seconds: float) -> int:
    """The most that happened within so many seconds."""
    most = 0
    window: deque[float] = deque()
    for at in sorted(times):
        window.append(at)
        while window[0] <= at - seconds * JITTER:
            window.popleft()
        most = max(most, len(window))
    return most


async def measure(count: int, minutes: float) -> Found:
    """Connect accounts of all vendors in turn, cut them off, and wait for all to be back.

    Raises:
        BrokenRunError: an account was not set up.
    """
    async with AsyncExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        accounts = [
            await stack.enter_async_context(account(VENDORS[number % 3], number))
            for number in range(count)
        ]
        hass = await stack.enter_async_context(home(folder))
        for each in accounts:
            await connect(hass, each)
        await asyncio.sleep(BEFORE)
        if not all_loaded(hass) or not all(map(current, accounts)):
            raise BrokenRunError("not everything was current before")
        for each in accounts:
            each.cloud.log.clear()
            each.cloud.faults.add("drop")
        await asyncio.sleep(minutes * MINUTE)
        for each in accounts:
            for board in each.world.boards.values():
                each.world.step(board)
            each.cloud.faults.clear()
        values, feeds = await _back(accounts)
        await asyncio.sleep(MINUTE)
        logs = {each.name: list(each.cloud.log) for each in accounts}
        return Found(accounts=accounts, values=values, feeds=feeds, logs=logs)


async def _back(
    accounts: Sequence[Account],
) -> tuple[dict[str, float | None], dict[str, float | None]]:
    """Look each second which accounts are as before."""
    values: dict[str, float | None] = {each.name: None for each in accounts}
    feeds = dict(values)
    since = time.time()
    while None in {*values.values(), *feeds.values()}:
        passed = time.time() - since
        if passed > max(BOUND.values()):
            break
        for each in accounts:
            runtime = each.entry.runtime_data
            if values[each.name] is None and current(each):
                values[each.name] = passed
            if feeds[each.name] is None and all(runtime.feeds.live.values()):
                feeds[each.name] = passed
        await asyncio.sleep(1)
    return values, feeds


def report(found: Found) -> tuple[str, bool]:
    """A table of times and one of rates, and whether all bounds were kept."""
    lines, good = ["vendor    accounts  values back    push back     429"], True
    for vendor, several in groupby(
        sorted(found.accounts, key=lambda each: each.cloud.name),
        key=lambda each: each.cloud.name,
    ):
        names = [each.name for each in several]
        refused = sum(
            entry.status == 429 for name in names for entry in found.logs[name]
        )
        values = _longest(found.values[name] for name in names)
        feeds = _longest(found.feeds[name] for name in names)
        good &= values <= BOUND[vendor] and feeds <= FEED_BOUND and not refused
        lines.append(
            f"{vendor:8}  {len(names):8}  {values:6.0f} (<={BOUND[vendor]:4.0f}) s"
            f"  {feeds:4.0f} (<={FEED_BOUND:.0f}) s  {refused}"
        )
    lines += ["", "requests                             most     limit"]
    for limit in LIMITS:
        most = _most(found, limit)
        good &= most <= limit.count
        lines.append(
            f"{limit.vendor:8} {limit.what or 'all':20}"
            f" {'together' if limit.together else 'each':8} {most:5}"
            f"  {limit.count:5} in {limit.seconds:.0f} s"
        )
    times = [entry.at for name in found.logs for entry in _requests(found, name)]
    lines.append(f"all clouds together, in the busiest second: {busiest(times, 1.0)}")
    lines.append(f"storm {'within its bounds' if good else 'OUT OF BOUNDS'}")
    return "\n".join(lines), good


def _longest(times: Iterable[float | None]) -> float:
    return max(float("inf") if each is None else each for each in times)


def _requests(found: Found, name: str) -> Iterable[Entry]:
    return (entry for entry in found.logs[name] if entry.channel == "http")


def _most(found: Found, limit: Limit) -> int:
    times = {
        name: [
            entry.at
            for entry in _requests(found, name)
            if entry.path.startswith(limit.what) and entry.path != "/mqtt"
        ]
        for name in found.logs
        if name.startswith(limit.vendor)
    }
    if limit.together:
        return busiest((at for each in times.values() for at in each), limit.seconds)
    return max((busiest(each, limit.seconds) for each in times.values()), default=0)


def main(given: Sequence[str] | None = None) -> int:
    """Measure and print; 1 if a bound was not kept."""
    parser = ArgumentParser(
        prog="scripts/bench storm",
        description=__doc__,
        formatter_class=ArgumentDefaultsHelpFormatter,
    )
    parser.add_argument("--accounts", type=int, default=20)
    parser.add_argument("--minutes", type=float, default=30.0, help="without clouds")
    parser.add_argument("--quick", action="store_true", help="5 minutes without them")
    options = parser.parse_args(given)
    if options.quick:
        options.minutes = 5.0
    return told(measure(options.accounts, options.minutes), report)


if __name__ == "__main__":
    sys.exit(main())
