"""Compares our push paths with Home Assistant's own MQTT integration (docs/performance.md)."""

from argparse import Namespace
from collections.abc import Sequence
import sys
import time

from .command_line import comparison, end_with
from .figures import Run, exit_code, result_line, table, target_lines
from .measuring import together
from .processes import BrokenRunError, cores
from .sides import SIDES, Setup
from .updates import Stream, accounts_for


def arguments(given: Sequence[str] | None) -> Namespace:
    """Read the command line."""
    parser = comparison("push_path", __doc__)
    parser.add_argument("--entities", nargs="+", type=int, default=[100, 500])
    parser.add_argument("--runs", type=int, default=3, help="of both sides")
    parser.add_argument(
        "--windows", type=int, default=20, help="of each side in a run, in turn"
    )
    parser.add_argument(
        "--rates", nargs="+", type=float, default=[500.0], help="updates a second"
    )
    parser.add_argument("--seconds", type=float, default=0.5, help="of each window")
    parser.add_argument("--warm-seconds", type=float, default=2.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--quick", action="store_true", help="one run of four windows with 100 entities"
    )
    options = parser.parse_args(given)
    if options.quick:
        options.runs, options.windows, options.warm_seconds = 1, 4, 0.5
        options.entities = [100]
    return options


def compare(
    vendor: str, stream: Stream, options: Namespace
) -> tuple[list[Run], list[Run]]:
    """Runs of our side and of Home Assistant's, both at once and measured in turn."""
    setup = Setup(mosquitto=options.mosquitto, protocol=options.mqtt_protocol)
    found: tuple[list[Run], list[Run]] = ([], [])
    for number in range(options.runs):
        started = time.monotonic()
        sides = [(side, stream) for side in SIDES[vendor]]
        ours, theirs = together(sides, setup, options.windows)
        found[0].append(ours)
        found[1].append(theirs)
        took = time.monotonic() - started
        progress(
            f"{vendor} entities={stream.entities} rate={stream.rate:.0f}"
            f" run {number + 1}/{options.runs}:"
            f" {ours.cpu:.1f} and {theirs.cpu:.1f} µs,"
            f" p50 {ours.p50:.0f} and {theirs.p50:.0f} µs ({took:.0f} s)"
        )
    return found


def progress(words: str) -> None:
    """Tell what is going on, beside the results."""
    print(words, file=sys.stderr, flush=True)


def main(given: Sequence[str] | None = None) -> int:
    """Measure everything and print it; returns as `exit_code` says."""
    options = arguments(given)
    alone, _ = cores()
    progress(
        f"{options.windows} windows of {options.seconds:g} s;"
        f" Home Assistant on {f'core {alone}' if alone else 'no core of its own'}"
    )
    streams = [
        Stream(
            entities=entities,
            rate=rate,
            seconds=options.seconds * options.windows,
            warm_seconds=options.warm_seconds,
            seed=options.seed,
            accounts=options.accounts or accounts_for(entities),
        )
        for entities in options.entities
        for rate in options.rates
    ]
    rows: list[tuple[str, Stream, list[Run]]] = []
    lines: list[str] = []
    missed: list[str] = []
    broken = False
    for vendor in options.vendors:
        for stream in streams:
            try:
                ours, theirs = compare(vendor, stream, options)
            except BrokenRunError as err:
                progress(f"broken run: {err}")
                broken = True
                continue
            rows.append((vendor, stream, ours))
            rows.append((f"mqtt, sensors as {vendor}", stream, theirs))
            lines.append(result_line(vendor, stream, ours, theirs))
            missed += target_lines(vendor, stream, ours, theirs)
    if lines:
        once = [
            f"one push to {vendor} with {stream.entities} entities"
            f" of {stream.accounts} account(s) wrote one state"
            for vendor, stream, _ in rows
            if vendor in SIDES
        ]
        print(table(rows), "", *once, "", *lines, *missed, sep="\n")
    return exit_code(broken=broken, lines=missed, quick=options.quick)


if __name__ == "__main__":
    end_with(main)
