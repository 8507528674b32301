"""Finds the largest rate of updates at which no queue grows (docs/performance.md)."""

from collections.abc import Sequence
import sys

from .command_line import comparison, end_with
from .measuring import run
from .processes import BrokenRunError
from .sides import SIDES, Setup, Side
from .updates import Stream, accounts_for

LATE = 50_000.0
"""Median latency of the last messages, in µs, at which a queue is growing."""

TRIES = 2
"""Runs in which it must grow: a pause of the machine at the end looks the same."""


def sustained(side: Side, streams: Sequence[Stream], setup: Setup) -> float:
    """The largest rate in a row that was kept up with.

    Raises:
        BrokenRunError: not even the smallest one was.
    """
    kept = 0.0
    for stream in streams:
        try:
            if not any(_kept_up(side, stream, setup) for _ in range(TRIES)):
                break
        except BrokenRunError as err:
            if not kept:
                raise
            print(f"  {stream.rate:.0f}/s: {err}", file=sys.stderr)
            break
        kept = stream.rate
    return kept


def _kept_up(side: Side, stream: Stream, setup: Setup) -> bool:
    """Whether the last messages of a run came as soon as the others."""
    found = run(side, stream, setup)
    print(
        f"  {stream.rate:.0f}/s: {found.cpu:.1f} µs, at the end {found.late:.0f} µs",
        file=sys.stderr,
    )
    return found.late <= LATE


def main(given: Sequence[str] | None = None) -> int:
    """Measure and print; 1 if a run was broken."""
    parser = comparison("sustained", __doc__)
    parser.add_argument("--entities", type=int, default=1_000)
    parser.add_argument(
        "--rates",
        nargs="+",
        type=float,
        default=[1_000.0, 2_000.0, 3_000.0, 4_000.0, 5_000.0, 6_000.0, 8_000.0],
    )
    parser.add_argument("--seconds", type=float, default=5.0, help="of each run")
    parser.add_argument(
        "--quick", action="store_true", help="one rate of 1 000 for 2 s"
    )
    options = parser.parse_args(given)
    if options.quick:
        options.rates, options.seconds, options.entities = [1_000.0], 2.0, 100
    setup = Setup(mosquitto=options.mosquitto, protocol=options.mqtt_protocol)
    streams = [
        Stream(
            entities=options.entities,
            rate=rate,
            seconds=options.seconds,
            warm_seconds=0.5,
            seed=1,
            accounts=options.accounts or accounts_for(options.entities),
        )
        for rate in sorted(options.rates)
    ]
    for vendor in options.vendors:
        try:
            ours, theirs = (sustained(each, streams, setup) for each in SIDES[vendor])
        except BrokenRunError as err:
            print(f"broken run: {err}", file=sys.stderr)
            return 1
        if not theirs:
            print("broken run: not even the smallest rate was kept up with")
            return 1
        print(
            f"sustained {vendor} entities={options.entities} {ours:.0f}/s,"
            f" mqtt {theirs:.0f}/s, ratio={ours / theirs:.2f}",
            flush=True,
        )
    return 0


if __name__ == "__main__":
    end_with(main)
