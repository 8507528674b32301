"""Write down what must survive a restart, and read it again."""

from collections.abc import Mapping

from ...cloud import Memory
from ...model import Json
from .budget import Budget
from .directory import Directory
from .membership import Members
from .reader import VariableReader
from .shelf import Shelf
from .sims import Sims


class Notebook:
    """One document: the month's counter, definitions, readings, and when was asked."""

    def __init__(
        self,
        memory: Memory,
        *,
        budget: Budget,
        directory: Directory,
        members: Members,
        reader: VariableReader,
        shelf: Shelf,
        sims: Sims,
    ) -> None:
        """Nothing is read yet."""
        self._memory = memory
        self._budget = budget
        self._directory = directory
        self._members = members
        self._reader = reader
        self._shelf = shelf
        self._sims = sims
        self._open = False
        self._kept: Mapping[str, Json] = {}

    async def open(self) -> None:
        """Read it, once; parts that make no sense are as if they were never written."""
        if self._open:
            return
        notes = self._kept = await self._memory.load()
        self._open = True
        budget = notes.get("budget")
        if isinstance(budget, dict):
            self._budget.restore(budget)
        self._directory.restore(notes.get("definitions"))
        self._members.restore(notes.get("members"))
        self._reader.restore(notes.get("tried"))
        self._shelf.restore(notes.get("readings"))
        self._sims.restore(notes.get("sims"))

    def changed(self) -> None:
        """Have it written soon; never before it was read."""
        if self._open:
            self._memory.save(self._collect)

    def listed(self) -> None:
        """Take it that whatever is not known now is gone."""
        self._kept = {}
        self.changed()

    def _collect(self) -> Mapping[str, Json]:
        if self._kept:
            # Before a listing, only the count can have changed.
            return {**self._kept, "budget": self._budget.notes()}
        return {
            "budget": self._budget.notes(),
            "definitions": self._directory.notes(),
            "members": self._members.notes(),
            "tried": self._reader.notes(),
            "readings": self._shelf.notes(),
            "sims": self._sims.notes(),
        }
