"""Figures of runs: percentiles, medians with their spread, and how they are printed."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Self

from .updates import Stream


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """What one run measured.

    `cpu` is in µs per message, `p50`, `p95` and `p99` are in µs from the sender's socket
    to the state, `idle` is in ms of CPU time per second. `late` is the median latency of
    the last tenth of the messages in µs: what waits in a queue that grows comes last.
    """

    cpu: float
    p50: float
    p95: float
    p99: float
    idle: float
    late: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """The median of several values, and the smallest and largest of them."""

    middle: float
    low: float
    high: float

    @classmethod
    def of(cls, values: Iterable[float]) -> Self:
        """Of at least one value."""
        ordered = sorted(values)
        return cls(middle=median(ordered), low=ordered[0], high=ordered[-1])

    def __str__(self) -> str:
        """Median, then smallest and largest in brackets."""
        return f"{self.middle:.1f} ({self.low:.1f}-{self.high:.1f})"


def percentile(values: Sequence[float], percent: float) -> float:
    """The smallest value that so many per cent of all do not exceed (nearest rank)."""
    ordered = sorted(values)
    rank = max(1, -(-len(ordered) * percent // 100))
    return ordered[int(rank) - 1]


type Figure = Callable[[Run], float]

COLUMNS: Sequence[tuple[str, Figure]] = (
    ("CPU µs/message", lambda run: run.cpu),
    ("p50 µs", lambda run: run.p50),
    ("p95 µs", lambda run: run.p95),
    ("p99 µs", lambda run: run.p99),
    ("idle CPU ms/s", lambda run: run.idle),
)


TARGETS: Mapping[str, Figure] = {
    "cpu_ratio": lambda run: run.cpu,
    "p50_ratio": lambda run: run.p50,
}
"""What should be no more than with Home Assistant's MQTT."""


def table(rows: Iterable[tuple[str, Stream, Sequence[Run]]]) -> str:
    """A table of sides: name, stream and, for each column, median and spread."""
    head = ("path", "entities", "rate", "runs", *(name for name, _ in COLUMNS))
    body = [
        (
            name,
            str(stream.entities),
            f"{stream.rate:.0f}",
            str(len(runs)),
            *(str(Spread.of(map(figure, runs))) for _, figure in COLUMNS),
        )
        for name, stream, runs in rows
    ]
    return "\n".join(columns([head, *body]))


def columns(lines: Sequence[Sequence[str]]) -> list[str]:
    """Lines of cells under one another: the first column to the left, others right."""
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return [
        "  ".join(
            cell.ljust(width) if place == 0 else cell.rjust(width)
            for place, (cell, width) in enumerate(zip(line, widths, strict=True))
        )
        for line in lines
    ]


MISSED = 3
"""Exit code where every run was sound and a target was missed."""


def verdict(value: float, target: float) -> str:
    """Whether a ratio, as it is printed, is what it should be at most."""
    return "met" if round(value, 2) <= target else "missed"


def exit_code(*, broken: bool, lines: Iterable[str], quick: bool) -> int:
    """1 if a run was broken, `MISSED` if a line tells of a target that was missed.

    A quick run is too short to judge: there it is only told.
    """
    if broken:
        return 1
    return MISSED if not quick and any("(missed" in line for line in lines) else 0


def ratio(figure: Figure, ours: Sequence[Run], theirs: Sequence[Run]) -> float:
    """One median divided by the other."""
    return Spread.of(map(figure, ours)).middle / Spread.of(map(figure, theirs)).middle


def result_line(
    vendor: str, stream: Stream, ours: Sequence[Run], theirs: Sequence[Run]
) -> str:
    """Our medians divided by those of Home Assistant's MQTT; less is better."""
    told = " ".join(
        f"{name.split()[0].lower()}_ratio={ratio(figure, ours, theirs):.2f}"
        for name, figure in COLUMNS[:-1]
    )
    return (
        f"push_path {vendor} entities={stream.entities} rate={stream.rate:.0f} {told}"
    )


def target_lines(
    vendor: str, stream: Stream, ours: Sequence[Run], theirs: Sequence[Run]
) -> list[str]:
    """The targets of `push_path` that were missed, a line each."""
    found = {name: ratio(figure, ours, theirs) for name, figure in TARGETS.items()}
    return [
        f"{vendor} entities={stream.entities} rate={stream.rate:.0f}"
        f" {name}={value:.2f} (missed, target 1.0)"
        for name, value in found.items()
        if verdict(value, 1.0) == "missed"
    ]
