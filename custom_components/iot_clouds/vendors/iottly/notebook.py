"""What must survive a restart: how far each device's messages were read, and values."""

from collections.abc import Mapping
from datetime import datetime

from ...cloud import Memory
from ...model import Json
from .dates import parse_date
from .tracked import MAX_ABSENCES, Tracked


class Notebook:
    """One document: a note for each device.

    A note that was read waits for its device to be listed; like the device itself, it
    is given up after as many complete listings without it as a device may be absent.
    """

    def __init__(self, memory: Memory, tracked: Mapping[str, Tracked]) -> None:
        """Nothing is read yet; `tracked` are the devices that are written down."""
        self._memory = memory
        self.tracked = tracked
        self.delivered: datetime | None = None
        """When a webhook brought something last; written down with the rest."""
        self._open = False
        self._waiting: dict[str, Json] = {}
        self._listings = 0
        self._written: set[str] = set()

    async def open(self) -> None:
        """Read it, once; what makes no sense is as if it was never written."""
        if self._open:
            return
        document = await self._memory.load()
        notes = document.get("devices")
        self.delivered = self.delivered or parse_date(document.get("delivered"))
        self._open = True
        if isinstance(notes, dict):
            self._waiting = dict(notes)

    def take(self, device_id: str) -> Json:
        """Hand out the note of a device that is met for the first time, once."""
        return self._waiting.pop(device_id, None)

    def listed(self) -> None:
        """Take note of a complete listing."""
        self._listings += 1
        if self._listings >= MAX_ABSENCES:
            self._waiting.clear()

    def changed(self) -> None:
        """Have it written soon if a device has news, came or went."""
        news = [each for each in self.tracked.values() if each.take_change()]
        if self._open and (news or self._written != self.tracked.keys()):
            self._written = set(self.tracked)
            self._memory.save(self._collect)

    def _collect(self) -> Mapping[str, Json]:
        known: dict[str, Json] = {
            device_id: tracked.notes() for device_id, tracked in self.tracked.items()
        }
        delivered = self.delivered.isoformat() if self.delivered else None
        return {"devices": {**self._waiting, **known}, "delivered": delivered}
