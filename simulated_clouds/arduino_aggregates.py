"""Samples of a variable made fewer: buckets with one figure each (reference 2.9)."""

from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
import math
import statistics

from .arduino_answers import RefusedError
from .arduino_store import Property, Sample
from .arduino_types import Shape, shape

type Numbers = Sequence[float]

FIGURES: dict[str, Callable[[Numbers], float]] = {
    "AVG": statistics.fmean,
    "MIN": min,
    "MAX": max,
    "SUM": math.fsum,
    "COUNT": len,
    "BOOL_OR": lambda numbers: float(any(numbers)),
    "BOOL_AND": lambda numbers: float(all(numbers)),
}
PERCENTILES = (99, 95, 90, 75, 50, 15, 5)


def default_aggregation(item: Property) -> str:
    """What is taken when the request does not say."""
    return "BOOL_OR" if shape(item.variable.type) is Shape.BOOL else "AVG"


def aggregate(
    item: Property, samples: list[Sample], name: str, start: float, interval: int
) -> tuple[list[Sample], str]:
    """One figure a bucket, and a message if the type has none; raises RefusedError."""
    figure = FIGURES.get(name) or _percentile(name)
    if shape(item.variable.type) in (Shape.STRING, Shape.COMPLEX, Shape.UNKNOWN):
        return [], "aggregation is not possible for this type"
    points = [
        Sample(at=at, value=float(figure([_number(one) for one in bucket])))
        for at, bucket in _buckets(samples, start, interval)
    ]
    return points, ""


def sampled(samples: list[Sample], start: float, interval: int) -> list[Sample]:
    """The last value of each bucket, for types that have no figures."""
    return [
        Sample(at=at, value=bucket[-1].value)
        for at, bucket in _buckets(samples, start, interval)
    ]


def _buckets(
    samples: list[Sample], start: float, interval: int
) -> Iterator[tuple[float, list[Sample]]]:
    def index(sample: Sample) -> int:
        return int((sample.at - start) // interval)

    for number, bucket in groupby(samples, key=index):
        yield start + number * interval, list(bucket)


def _number(sample: Sample) -> float:
    return float(sample.value) if isinstance(sample.value, (int, float)) else 0.0


def _percentile(name: str) -> Callable[[Numbers], float]:
    prefix, _, rank = name.partition("_")
    if prefix != "PCT" or rank not in map(str, PERCENTILES):
        raise RefusedError(400, "aggregation is unknown")

    def figure(numbers: Numbers) -> float:
        ordered = sorted(numbers)
        return ordered[math.ceil(int(rank) / 100 * len(ordered)) - 1]

    return figure
