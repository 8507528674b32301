"""What the cloud and Device OS publish themselves, at no cost (reference 5.6)."""

from datetime import datetime

from ...model import Reading, Ref, Update
from . import vitals
from .directory import Directory
from .firmware import AUTO_UPDATE, FLASH, Firmwares
from .keys import LAST_RESET, SAFE_MODE
from .models import Message, label
from .payload import as_fields
from .shelf import Shelf

PREFIXES = ("spark", "particle")

STATUS = "spark/status"
SAFE = "spark/status/safe-mode"
APP_HASH = "spark/device/app-hash"
RESET = "spark/device/last_reset"
UPDATES = "particle/device/updates/"
RELEASES = "particle/firmware/"


class System:
    """Turns system events into connectivity, vitals and wishes for a listing."""

    def __init__(
        self, directory: Directory, shelf: Shelf, firmwares: Firmwares
    ) -> None:
        """Take where all of it is kept."""
        self._directory = directory
        self._shelf = shelf
        self._firmwares = firmwares

    def concerns_all(self, message: Message) -> bool:
        """Whether it is about a product and not about one device."""
        return message.name.startswith(RELEASES)

    def released(self) -> Update:
        """Another firmware is there for the devices of a product."""
        for board in self._directory:
            self._directory.doubt(board.id)
        return Update(relist=True)

    def take(self, message: Message, at: datetime) -> Update | None:
        """The update of an event that is the newest of its name for its device."""
        source, name = message.source, message.name
        if name == APP_HASH or name.startswith(UPDATES):
            self._directory.doubt(source)
            return Update(relist=True)
        if name == vitals.DIAGNOSTICS:
            return self._vitals(message, at)
        if name == SAFE:
            self._directory.doubt(source)
            return Update(
                readings={Ref(source, SAFE_MODE): Reading(value=True, at=at)},
                relist=True,
            )
        if not isinstance(message.data, str):
            return None
        return self._word(message, message.data.strip(), at)

    def _word(self, message: Message, word: str, at: datetime) -> Update | None:
        source = message.source
        if message.name == STATUS:
            return self._status(source, word.lower(), at)
        if message.name == RESET and (reason := label(word)):
            return Update(
                readings={Ref(source, LAST_RESET): Reading(value=reason, at=at)}
            )
        if message.name == FLASH and self._firmwares.flashing(source, word, at):
            return Update(relist=True)
        return None

    def _status(self, source: str, status: str, at: datetime) -> Update | None:
        if status == AUTO_UPDATE:
            self._firmwares.started(source, at)
            return Update(relist=True)
        if status == "offline":
            # Shown only when it is not taken back at once (2.3).
            self._directory.presence.doubt(source)
            return None
        if status != "online":
            return None
        self._firmwares.ended(source)
        self._directory.presence.back(source)
        self._directory.tell_online(source, True)
        return Update(online={source: True}, relist=True)

    def _vitals(self, message: Message, at: datetime) -> Update | None:
        body = as_fields(message.data)
        if body is None:
            return None
        source = message.source
        return Update(
            readings=vitals.readings(
                source,
                body,
                at,
                tracker=source in self._directory.trackers,
                known=self._shelf.value,
            )
        )
