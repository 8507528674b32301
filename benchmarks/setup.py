"""Compares setting many entities up with Home Assistant's own MQTT (docs/performance.md)."""

from argparse import Namespace
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
import sys

from .command_line import comparison, end_with
from .figures import Spread, columns, exit_code, verdict
from .processes import BrokenRunError
from .sides import SIDES, Setup, Side
from .updates import Stream, accounts_for


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One run: time and CPU until all states were there, and memory of an entity.

    In `waited` of the `seconds` a request waited for its turn, of so many `requests`.
    """

    seconds: float
    cpu: float
    memory: float
    entities: float
    requests: float = 0
    waited: float = 0


FIGURES: Sequence[tuple[str, str, Callable[[Told], float]]] = (
    ("seconds", "time_ratio", lambda told: told.seconds),
    ("CPU s", "cpu_ratio", lambda told: told.cpu),
    ("kB/entity", "memory_ratio", lambda told: told.memory),
)


def once(side: Side, entities: int, accounts: int, setup: Setup) -> Told:
    """Set the entities of one side up in new processes.

    Raises:
        BrokenRunError: not all of them came.
    """
    stream = Stream(
        entities=entities,
        rate=1.0,
        seconds=0,
        warm_seconds=0,
        seed=1,
        accounts=accounts,
    )
    with side(stream, setup) as running:
        return told_of(running.told)


def told_of(told: Mapping[str, float]) -> Told:
    """What Home Assistant told of a run."""
    return Told(
        seconds=told["seconds"],
        cpu=told["cpu"] / 1e9,
        memory=told["bytes"] / told["entities"] / 1024,
        entities=told["entities"],
        requests=told["requests"],
        waited=told["waited"],
    )


def arguments(name: str, given: Sequence[str] | None) -> Namespace:
    """Read the command line."""
    parser = comparison(name, __doc__)
    parser.add_argument("--entities", nargs="+", type=int, default=[1_000, 10_000])
    parser.add_argument("--runs", type=int, default=3, help="of each side")
    parser.add_argument(
        "--reload", action="store_true", help="measure setting up once more instead"
    )
    parser.add_argument(
        "--pace",
        choices=("1", "10"),
        help="Arduino's requests a second, an option of the account; it can be chosen"
        " only once there is one, so this implies --reload",
    )
    parser.add_argument(
        "--quick", action="store_true", help="one run of 1 000 entities"
    )
    options = parser.parse_args(given)
    options.reload = options.reload or options.pace is not None
    if options.quick:
        options.runs, options.entities = 1, [1_000]
    return options


def report(
    vendor: str,
    entities: int,
    runs: Sequence[Sequence[Told]],
    what: str = "setup",
) -> list[str]:
    """Rows of both sides, and the ratios of their medians with what they should be."""
    names = (vendor, f"mqtt, sensors as {vendor}")
    rows = [
        [
            name,
            str(entities),
            f"{Spread.of(told.entities for told in side).middle:.0f}",
            *(str(Spread.of(map(figure, side))) for _, _, figure in FIGURES),
            f"{Spread.of(told.requests for told in side).middle:.0f}",
            str(Spread.of(told.waited for told in side)),
        ]
        for name, side in zip(names, runs, strict=True)
    ]
    figures = [name for name, _, _ in FIGURES]
    head = ["path", "sensors", "states", *figures, "requests", "waited s"]
    ours, theirs = runs
    ratios = []
    for _, name, figure in FIGURES:
        ratio = (
            Spread.of(map(figure, ours)).middle / Spread.of(map(figure, theirs)).middle
        )
        ratios.append(f"{name}={ratio:.2f} ({verdict(ratio, 1.0)})")
    return [
        *columns([head, *rows]),
        f"{what} {vendor} {entities} {' '.join(ratios)}",
        "",
    ]


def main(given: Sequence[str] | None = None, name: str = "setup") -> int:
    """Measure and print; returns as `exit_code` says."""
    options = arguments(name, given)
    setup = Setup(
        mosquitto=options.mosquitto,
        protocol=options.mqtt_protocol,
        timed=True,
        reload=options.reload,
        pace=options.pace,
    )
    broken = False
    lines: list[str] = []
    for vendor in options.vendors:
        for entities in options.entities:
            accounts = options.accounts or accounts_for(entities)
            runs: tuple[list[Told], list[Told]] = ([], [])
            try:
                for number in range(options.runs):
                    for which in (0, 1) if number % 2 == 0 else (1, 0):
                        side = SIDES[vendor][which]
                        runs[which].append(once(side, entities, accounts, setup))
            except BrokenRunError as err:
                print(f"broken run: {err}", file=sys.stderr)
                broken = True
                continue
            what = "reload" if options.reload else "setup"
            if options.pace and vendor == "arduino":
                what = f"reload at {options.pace}/s"
            told = report(vendor, entities, runs, what)
            lines += told
            print(*told, sep="\n", flush=True)
    return exit_code(broken=broken, lines=lines, quick=options.quick)


if __name__ == "__main__":
    end_with(main)
