"""Hours from samples: what the recorder would have made of them, in UTC."""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
import math
from typing import NamedTuple

from homeassistant.components.recorder.models import StatisticData

from .model import Json, Sample

HOUR = 3600
RESET_BELOW = 0.9
"""A growing total that falls below this part of itself has started again at zero."""

type Convert = Callable[[float | None], float | None]
"""From the cloud's unit to that of the statistics; None where that is impossible."""


class Recorded(NamedTuple):
    """An hour that the recorder has; `start` in seconds since 1970."""

    start: float
    state: float | None
    sum: float | None


def hour_of(moment: datetime) -> int:
    """Start of the hour of a moment, in seconds since 1970."""
    return int(moment.timestamp() // HOUR) * HOUR


def hour_from(moment: datetime) -> int:
    """Start of the first whole hour from a moment on, in seconds since 1970."""
    return int(-(-moment.timestamp() // HOUR)) * HOUR


def number(value: Json) -> float | None:
    """A number that can be reckoned with; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if math.isfinite(value) else None


def measured(
    mean: Iterable[Sample],
    low: Iterable[Sample],
    high: Iterable[Sample],
    convert: Convert,
) -> dict[int, StatisticData]:
    """Hours of a measurement from what the cloud aggregated by the hour."""
    lows, highs = _by_hour(low, convert), _by_hour(high, convert)
    return {
        hour: StatisticData(
            start=_moment(hour),
            mean=value,
            min=min(lows[hour], highs[hour]),
            max=max(lows[hour], highs[hour]),
        )
        for hour, value in _by_hour(mean, convert).items()
        if hour in lows and hour in highs
    }


def _by_hour(samples: Iterable[Sample], convert: Convert) -> Mapping[int, float]:
    """Values by hour; a period that does not start with an hour is none."""
    return {
        hour_of(sample.at): value
        for sample in samples
        if sample.at.timestamp() % HOUR == 0
        and (value := convert(number(sample.value))) is not None
    }


@dataclass(slots=True)
class Bearing:
    """Hours of an angle: its mean by how long it pointed where."""

    hours: dict[int, complex] = field(default_factory=dict)
    _since: float = 0.0
    _angle: float | None = None

    def add(self, at: float, degrees: float) -> None:
        """Take the next sample."""
        hour = int(at // HOUR) * HOUR
        self._point_until(at, hour)
        self.hours.setdefault(hour, 0j)
        self._since, self._angle = at, degrees

    def rows(self) -> dict[int, StatisticData]:
        """All hours that had a sample."""
        self._point_until(math.inf, -1)
        return {
            hour: StatisticData(
                start=_moment(hour),
                mean=math.degrees(math.atan2(total.imag, total.real)) % 360,
                mean_weight=abs(total),
            )
            for hour, total in self.hours.items()
        }

    def _point_until(self, at: float, hour: int) -> None:
        """Weigh the last sample to the end of its hour, and in the hour of `at`."""
        if self._angle is None:
            return
        angle, since = math.radians(self._angle), self._since
        direction = complex(math.cos(angle), math.sin(angle))
        before = int(since // HOUR) * HOUR
        self.hours[before] += direction * (min(at, before + HOUR) - since)
        if hour > before:
            self.hours[hour] = direction * (at - hour)


@dataclass(slots=True)
class Meter:
    """Hours of a total: its state and, joined to the recorder's own hours, its sum.

    `recorded` are hours that the recorder has, oldest first: their sums hold, and the
    hours before each of them are counted back from it.
    """

    increasing: bool
    recorded: list[Recorded]
    _state: float | None = None
    _grown: float = 0.0
    _marks: dict[int, tuple[float, float]] = field(default_factory=dict)
    _joints: list[tuple[float, float]] = field(default_factory=list)
    _passed: int = 0

    def add(self, at: float, state: float) -> None:
        """Take the next sample."""
        if self.increasing and state < 0:
            return
        self._pass(at)
        self._grow(state)
        self._marks[int(at // HOUR) * HOUR] = state, self._grown

    def rows(self) -> dict[int, StatisticData]:
        """All hours that had a sample."""
        last = self._grown
        self._pass(math.inf)
        joints = self._joints or [(math.inf, -last)]
        starts = [start for start, _ in joints]
        rows = {}
        for hour, (state, grown) in self._marks.items():
            nearest = min(bisect_right(starts, hour), len(joints) - 1)
            rows[hour] = StatisticData(
                start=_moment(hour), state=state, sum=grown + joints[nearest][1]
            )
        return rows

    def _pass(self, at: float) -> None:
        """Step over the recorder's hours that ended before this time."""
        while self._passed < len(self.recorded):
            start, state, total = self.recorded[self._passed]
            if start + HOUR > at:
                return
            self._passed += 1
            if state is not None and total is not None:
                self._grow(state)
                self._joints.append((start, total - self._grown))

    def _grow(self, state: float) -> None:
        before, self._state = self._state, state
        if before is None:
            return
        if self.increasing and state < RESET_BELOW * before:
            self._grown += state
        else:
            self._grown += state - before


def _moment(hour: int) -> datetime:
    return datetime.fromtimestamp(hour, UTC)
