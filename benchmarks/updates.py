"""The seeded stream of updates that every side of a comparison gets."""

from dataclasses import dataclass
from enum import StrEnum
from itertools import count
import random

PER_DEVICE = 20
"""Entities of one device; a Particle device declares about as many variables."""

PER_ACCOUNT = 7_000
"""Values of one account: with what comes with their devices, an account has about a third
more entities, of which Home Assistant allows it 10 000."""

FILL_RATE = 1000.0
"""Values a second while each entity gets its first one, which is not measured."""

_SCALE = 100


class Phase(StrEnum):
    """What a part of the stream is for; they follow one another in this order."""

    FILL = "fill"
    """Each entity gets its first value."""
    WARM = "warm"
    """As measured, for the interpreter to see what is hot."""
    MEASURE = "measure"
    ONCE = "once"
    """One single value, to count what it causes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Update:
    """One value for one entity; `due` is in seconds after the start of its phase.

    The value says which update it was: no two updates of a stream have the same.
    """

    sequence: int
    entity: int
    due: float

    @property
    def value(self) -> float:
        """A number with at most two decimals."""
        return self.sequence / _SCALE


@dataclass(frozen=True, slots=True, kw_only=True)
class Stream:
    """What decides a stream: the same values always give the same updates.

    `rate` is in updates a second, `seconds` and `warm_seconds` are lengths of phases.
    The devices are those of so many `accounts`, where there is more than one.
    """

    entities: int
    rate: float
    seconds: float
    warm_seconds: float
    seed: int
    accounts: int = 1

    def phases(self) -> dict[Phase, list[Update]]:
        """All updates by phase, each in the order in which they are due."""
        rng = random.Random(self.seed)
        numbers = count(1)
        fill = [
            Update(sequence=next(numbers), entity=entity, due=entity / FILL_RATE)
            for entity in range(self.entities)
        ]
        return {
            Phase.FILL: fill,
            Phase.WARM: self._steady(rng, numbers, self.warm_seconds),
            Phase.MEASURE: self._steady(rng, numbers, self.seconds),
            Phase.ONCE: [
                Update(
                    sequence=next(numbers),
                    entity=rng.randrange(self.entities),
                    due=0.0,
                )
            ],
        }

    def _steady(
        self, rng: random.Random, numbers: count[int], seconds: float
    ) -> list[Update]:
        """One update for each slot of time, anywhere within its slot."""
        slot = 1 / self.rate
        return [
            Update(
                sequence=next(numbers),
                entity=rng.randrange(self.entities),
                due=(number + rng.random()) * slot,
            )
            for number in range(round(self.rate * seconds))
        ]


def sequence_of(state: str) -> int | None:
    """Which update a state shows; None for a state that is no number."""
    try:
        return round(float(state) * _SCALE)
    except ValueError, OverflowError:
        return None


def device_of(entity: int) -> int:
    """Number of the device that an entity belongs to."""
    return entity // PER_DEVICE


def devices(entities: int, account: int = 0, accounts: int = 1) -> range:
    """Numbers of all devices, or of those of one account of several."""
    return range(account, device_of(entities - 1) + 1, accounts)


def account_of(entity: int, accounts: int) -> int:
    """Number of the account that an entity belongs to, of so many."""
    return device_of(entity) % accounts


def accounts_for(entities: int) -> int:
    """How many accounts it takes to have so many values."""
    return -(-entities // PER_ACCOUNT)


def entities_of(device: int, entities: int) -> range:
    """Numbers of one device's entities, of so many in all."""
    return range(device * PER_DEVICE, min((device + 1) * PER_DEVICE, entities))
