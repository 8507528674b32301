"""Which firmware a product's device runs, and which it should (reference 8.4)."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from ...model import CloudError, Firmware
from .models import Board, Fields, label, text
from .reports import Reports, refused
from .values import TEXT_LIMIT

FLASH = "spark/flash/status"
AUTO_UPDATE = "auto-update"

LONGEST = timedelta(minutes=30)
"""An update of which nothing was heard for so long has not gone well."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """What a product tells about one version of its firmware."""

    title: str | None = None
    notes: str | None = field(default=None, repr=False)


@dataclass(slots=True)
class Firmwares:
    """Releases by product and version, and the updates that are under way."""

    releases: dict[tuple[str, int], Release] = field(default_factory=dict)
    _updating: dict[str, datetime] = field(default_factory=dict)

    def started(self, device_id: str, at: datetime) -> None:
        """An update begins."""
        self._updating[device_id] = at

    def ended(self, device_id: str) -> bool:
        """An update is over, or has failed; return whether there was one."""
        return self._updating.pop(device_id, None) is not None

    def flashing(self, device_id: str, data: str, at: datetime) -> bool:
        """Take what `spark/flash/status` says, which has spaces and names after it.

        Success only means that everything was sent: the device starts anew after it.
        """
        word = data.strip().partition(" ")[0].lower()
        if word == "started":
            self.started(device_id, at)
        elif word == "failed":
            return self.ended(device_id)
        return word == "started"

    def state(
        self, board: Board, product: str, *, online: bool, now: datetime
    ) -> Firmware | None:
        """What to show of a device; None where its product does not tell."""
        known = board.membership
        if known.installed is None:
            return None
        latest = known.targeted if known.desired is None else known.desired
        latest = known.installed if latest is None else latest
        release = self.releases.get((product, latest), Release())
        since = self._updating.get(board.id)
        installing = since is not None and now - since < LONGEST
        return Firmware(
            installed=str(known.installed),
            latest=str(latest),
            title=release.title,
            notes=release.notes,
            installable=online
            and latest != known.installed
            and known.updates_enabled is not False,
            installing=installing,
        )

    def unknown(self, board: Board, product: str) -> int | None:
        """The version whose notes should be asked for."""
        known = board.membership
        latest = known.targeted if known.desired is None else known.desired
        if latest is None or known.installed is None or latest == known.installed:
            return None
        return None if (product, latest) in self.releases else latest

    async def ask(self, reports: Reports, product: str, version: int) -> None:
        """Learn what a version is called; one that is not told is asked for once."""
        try:
            told = await reports.firmware(product, version)
        except CloudError as err:
            if not refused(err):
                raise
            told = {}
        self.releases[product, version] = _release(told)


def _release(told: Fields) -> Release:
    return Release(
        title=label(told.get("title")),
        notes=(text(told.get("description")) or "")[:TEXT_LIMIT] or None,
    )
