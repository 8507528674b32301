"""Tells what a message costs with many entities, beside few of them (docs/performance.md)."""

from argparse import Namespace
from collections.abc import Sequence
from dataclasses import replace
import sys

from .command_line import comparison, end_with
from .figures import Run, exit_code, ratio, table, verdict
from .measuring import together
from .processes import BrokenRunError
from .sides import SIDES, Setup
from .updates import Stream, accounts_for

FLAT = 1.2
"""How much more a message may cost with many entities than with few: a target."""


def arguments(given: Sequence[str] | None) -> Namespace:
    """Read the command line."""
    parser = comparison("flatness", __doc__)
    parser.add_argument("--few", type=int, default=10, help="entities")
    parser.add_argument("--many", type=int, default=10_000, help="entities")
    parser.add_argument("--rate", type=float, default=1_000.0, help="updates a second")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--windows", type=int, default=20, help="of half a second")
    parser.add_argument(
        "--quick", action="store_true", help="one run of 4 windows with 200 entities"
    )
    options = parser.parse_args(given)
    if options.quick:
        options.runs, options.windows, options.many = 1, 4, 200
    return options


def told(name: str, few: Sequence[Run], many: Sequence[Run]) -> str:
    """The ratios of the medians, and whether the one of CPU is what it should be."""
    cpu = ratio(lambda run: run.cpu, many, few)
    p50 = ratio(lambda run: run.p50, many, few)
    judged = f"({verdict(cpu, FLAT)}, target {FLAT})"
    return f"flatness {name} cpu_ratio={cpu:.2f} {judged} p50_ratio={p50:.2f}"


def measure(
    vendor: str, streams: Sequence[Stream], setup: Setup, options: Namespace
) -> list[list[Run]]:
    """Runs of both sides, each with few and with many entities, all in turn."""
    sides = [(side, stream) for side in SIDES[vendor] for stream in streams]
    found: list[list[Run]] = [[] for _ in sides]
    for _ in range(options.runs):
        for runs, run in zip(
            found, together(sides, setup, options.windows), strict=True
        ):
            runs.append(run)
    return found


def main(given: Sequence[str] | None = None) -> int:
    """Measure and print; returns as `exit_code` says of our side."""
    options = arguments(given)
    setup = Setup(mosquitto=options.mosquitto, protocol=options.mqtt_protocol)
    few = Stream(
        entities=options.few,
        rate=options.rate,
        seconds=options.windows / 2,
        warm_seconds=1.0,
        seed=1,
    )
    accounts = options.accounts or accounts_for(options.many)
    streams = [few, replace(few, entities=options.many, accounts=accounts)]
    broken = False
    judged: list[str] = []
    for vendor in options.vendors:
        try:
            found = measure(vendor, streams, setup, options)
        except BrokenRunError as err:
            print(f"broken run: {err}", file=sys.stderr)
            broken = True
            continue
        names = (vendor, f"mqtt, sensors as {vendor}")
        pairs = [(name, stream) for name in names for stream in streams]
        rows = [(*pair, runs) for pair, runs in zip(pairs, found, strict=True)]
        lines = [told(names[0], *found[:2]), told(names[1], *found[2:])]
        judged.append(lines[0])
        print(table(rows), "", *lines, "", sep="\n", flush=True)
    return exit_code(broken=broken, lines=judged, quick=options.quick)


if __name__ == "__main__":
    end_with(main)
