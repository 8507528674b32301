"""Counts what a restart of Home Assistant costs at each cloud (docs/performance.md)."""

from argparse import ArgumentParser
import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
import re
import sys
import tempfile

from .processes import BrokenRunError
from .virtual import VENDORS, Account, account, billed, connect, home, told

BEFORE = 600.0
"""Seconds of use before the restart."""

AFTER = 5.0
"""Seconds after the start in which all that belongs to it has happened: by then every
account is loaded, and no regular poll is due."""

EXPECTED: Mapping[str, Mapping[str, int]] = {
    "arduino": {
        "POST /iot/v1/clients/token": 1,
        "GET /iot/v2/things": 1,
        "GET /iot/v2/devices": 1,
        "MQTT CONNECT": 1,
        "MQTT SUBSCRIBE /a/t/*/e/o": 7,
    },
    "particle": {
        "GET /v1/devices": 1,
        "GET /v1/diagnostics/*/last": 4,
        "GET /v1/products/*/config/*": 1,
        "SSE OPEN /v1/devices/events": 1,
    },
    "iottly": {
        "GET /v1.0/project/*/inspect": 1,
        "GET /v1.0/project/*/devices/props": 1,
        "GET /v1.0/project/*/messages/*": 3,
        "GET /v1.0/project/*/license": 1,
    },
}
"""What the household's accounts ask for at a start: the listing, and the push feed.

Of Particle's boards all four are asked for their last health report, and the one that is
part of a product for its settings; iottly has values in messages only, of each device.
"""

_ID = re.compile(r"(?<=/)(?=[^/]*\d{2})[0-9a-f-]{5,}(?=/|$)")


def asked(account: Account) -> Counter[str]:
    """What a cloud was asked for, with * for ids."""
    found: Counter[str] = Counter()
    for entry in account.cloud.log:
        path = "" if entry.method == "CONNECT" else _ID.sub("*", entry.path)
        match entry.channel:
            # Opening a push channel is counted as that.
            case "http" if not path.endswith(("/v1/devices/events", "/mqtt")):
                found[f"{entry.method} {path}"] += 1
            case "mqtt" | "sse" if entry.method in {"CONNECT", "SUBSCRIBE", "OPEN"}:
                found[f"{entry.channel.upper()} {entry.method} {path}".rstrip()] += 1
            case _:
                pass
    return found


async def measure() -> dict[str, tuple[Counter[str], int]]:
    """Requests and billed operations of a restart, by vendor.

    Raises:
        BrokenRunError: an account was not set up again.
    """
    async with AsyncExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        accounts = [
            await stack.enter_async_context(account(vendor)) for vendor in VENDORS
        ]
        async with home(folder) as hass:
            for each in accounts:
                await connect(hass, each)
            await asyncio.sleep(BEFORE)
            shown = len(hass.states.async_entity_ids())
        used = [billed(each) for each in accounts]
        for each in accounts:
            each.cloud.log.clear()
        async with home(folder) as hass:
            await asyncio.sleep(AFTER)
            found = len(hass.states.async_entity_ids())
            if found != shown:
                raise BrokenRunError(f"{shown} entities before, {found} after")
            return {
                each.cloud.name: (asked(each), billed(each) - before)
                for each, before in zip(accounts, used, strict=True)
            }


def report(found: Mapping[str, tuple[Counter[str], int]]) -> tuple[str, bool]:
    """A table of what was asked, and whether it is what is expected."""
    good, lines = True, []
    for vendor, (counts, operations) in found.items():
        expected = EXPECTED[vendor]
        for what in sorted(expected.keys() | counts.keys()):
            same = counts[what] == expected.get(what, 0)
            good &= same
            told = "" if same else f"  expected {expected.get(what, 0)}"
            lines.append(f"{vendor:8}  {what:40}  {counts[what]:3}{told}")
        good &= operations == 0
        lines.append(f"{vendor:8}  {'billed operations':40}  {operations:3}")
    lines.append(f"restart {'as expected' if good else 'NOT as expected'}")
    return "\n".join(lines), good


def main(given: Sequence[str] | None = None) -> int:
    """Count and print; 1 if anything differs from what is expected."""
    parser = ArgumentParser(prog="scripts/bench restart", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="the same: it is quick")
    parser.parse_args(given)
    return told(measure(), report)


if __name__ == "__main__":
    sys.exit(main())
