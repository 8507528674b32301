"""Tells where the time of a pushed value goes, or that of setting up (docs/performance.md)."""

from argparse import Namespace
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
import sys
import time

from .command_line import comparison, end_with
from .figures import columns
from .measuring import SETTLED, await_changes, fill, run
from .processes import BrokenRunError
from .profiler import WAITING, Function
from .setup import told_of
from .sides import SIDES, Setup, Side
from .updates import Phase, Stream, accounts_for

_FEWEST = 0.005
"""Owners with a smaller share of the time are put together."""


def arguments(given: Sequence[str] | None) -> Namespace:
    """Read the command line."""
    parser = comparison("profile", __doc__)
    parser.add_argument("--entities", type=int, default=500)
    parser.add_argument("--rate", type=float, default=500.0, help="updates a second")
    parser.add_argument("--seconds", type=float, default=5.0, help="of the busy window")
    parser.add_argument("--top", type=int, default=15, help="functions that are shown")
    parser.add_argument(
        "--setup", action="store_true", help="of setting up, for each state"
    )
    parser.add_argument(
        "--quick", action="store_true", help="a window of 2 s with 100 entities"
    )
    options = parser.parse_args(given)
    if options.quick:
        options.seconds, options.entities = 2.0, 100
    return options


type Profiled = tuple[str, int, list[Function]]
"""What was measured without the profiler, in words; events that were profiled, and how."""


def pushed(side: Side, stream: Stream, setup: Setup) -> Profiled:
    """Measure a run, and profile the messages of another one.

    Raises:
        BrokenRunError: the first one lost values, or the second all of them.
    """
    plain = run(side, stream, setup)
    messages = len(stream.phases()[Phase.MEASURE])
    with side(stream, setup) as running:
        fill(running, stream)
        running.sender.ask("send", phase=Phase.WARM)
        time.sleep(SETTLED)
        running.home.ask("begin")
        running.home.ask("profile")
        running.sender.ask("send", phase=Phase.MEASURE, limit=600.0)
        await_changes(running, messages)
        told = running.home.ask("profiled")["functions"]
    words = f"{plain.cpu:.1f} µs of CPU a message"
    return words, messages, [Function(*each) for each in told]


def set_up(side: Side, stream: Stream, setup: Setup) -> Profiled:
    """Measure setting up, and profile the states of another time.

    Raises:
        BrokenRunError: not all entities came.
    """
    with side(stream, setup) as running:
        told = told_of(running.told)
    with side(stream, replace(setup, profiled=True)) as running:
        functions = running.functions
    words = (
        f"{told.seconds:.1f} s, of which {told.cpu:.1f} s were CPU time and"
        f" {told.seconds - told.cpu:.1f} s idle; {told.requests:.0f} requests waited"
        f" {told.waited:.1f} s for their turn"
    )
    return words, round(told.entities), functions


def tables(functions: Iterable[Function], events: int, top: int) -> list[str]:
    """Time by owner, and that of the functions that took most, for one event each."""
    busy = [each for each in functions if each.owner != WAITING]
    owners: defaultdict[str, float] = defaultdict(float)
    for each in busy:
        owners[each.owner] += each.seconds
    whole = sum(owners.values())
    shown = {
        owner: seconds
        for owner, seconds in sorted(owners.items(), key=lambda each: -each[1])
        if seconds >= _FEWEST * whole
    }
    shown["all others"] = whole - sum(shown.values())
    shown["all"] = whole
    return [
        *columns(
            [
                ["whose", "µs", "share"],
                *(
                    [owner, f"{seconds / events * 1e6:.1f}", f"{seconds / whole:.1%}"]
                    for owner, seconds in shown.items()
                ),
            ]
        ),
        "",
        *columns(
            [
                ["function", "whose", "µs", "calls"],
                *(
                    [
                        each.name,
                        each.owner,
                        f"{each.seconds / events * 1e6:.1f}",
                        f"{each.calls / events:.1f}",
                    ]
                    for each in sorted(busy, key=lambda each: -each.seconds)[:top]
                ),
            ]
        ),
        "",
    ]


def main(given: Sequence[str] | None = None) -> int:
    """Profile both sides and print it; 1 if a run was broken."""
    options = arguments(given)
    accounts = options.accounts or accounts_for(options.entities)
    stream = Stream(
        entities=options.entities,
        rate=options.rate,
        seconds=options.seconds,
        warm_seconds=0.5,
        seed=1,
        accounts=accounts,
    )
    setup = Setup(
        mosquitto=options.mosquitto,
        protocol=options.mqtt_protocol,
        timed=options.setup,
    )
    profiled, event = (set_up, "state") if options.setup else (pushed, "message")
    broken = 0
    for vendor in options.vendors:
        for side, name in zip(
            SIDES[vendor], (vendor, f"mqtt, sensors as {vendor}"), strict=True
        ):
            try:
                words, events, functions = profiled(side, stream, setup)
            except BrokenRunError as err:
                print(f"broken run: {err}", file=sys.stderr)
                broken = 1
                continue
            print(
                f"profile {name}, {options.entities} entities: {words}",
                f"own time for each {event}, which the profiler makes longer:",
                "",
                *tables(functions, events, options.top),
                sep="\n",
                flush=True,
            )
    return broken


if __name__ == "__main__":
    end_with(main)
