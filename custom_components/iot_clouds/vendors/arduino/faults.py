"""Counts what the cloud sent wrong, and says each kind of it once."""

from collections import Counter
import logging

from ...model import Drop, Tally

_LOGGER = logging.getLogger(__name__)

UNKNOWN_TYPE = "an unknown type, shown as text"

REMEMBERED = 1000
"""How many different faults are told apart before only counting goes on."""


class Faults:
    """What was skipped because it made no sense, by kind; one bad item costs only itself."""

    def __init__(self, tally: Tally | None = None) -> None:
        """Nothing was wrong so far; what is dropped is counted in `tally` too."""
        self.tally = tally or Tally()
        self.counts: Counter[str] = Counter()
        self._told: set[tuple[str, str]] = set()

    def note(
        self, fault: str, where: str = "", *, drop: Drop | None = None, count: int = 1
    ) -> None:
        """Count a fault; log it the first time that it happens at this place.

        `fault` is a fixed phrase and `where` an id or a type name, never a value. With
        `drop` so many things were not used because of it.
        """
        self.counts[fault] += 1
        if drop:
            self.tally.drop(drop, count)
        if (fault, where) in self._told or len(self._told) >= REMEMBERED:
            return
        self._told.add((fault, where))
        _LOGGER.warning("Skipped: %s (%s); logged once", fault, where or "listing")

    def told(self, fault: str) -> list[str]:
        """Where a fault has happened, as far as it was logged."""
        return sorted(where for each, where in self._told if each == fault)
