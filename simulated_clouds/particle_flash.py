"""Over-the-air updates: who is updated when, and what the streams hear of it."""

import asyncio
import hashlib
import json

from .particle_catalog import Catalog, Product, Release
from .particle_fleet import Fleet
from .particle_options import Options
from .particle_publications import Publications
from .particle_unit import unit_of
from .world import Board

UPDATES = "particle/device/updates"
STATUS = "spark/flash/status"


class Flasher:
    """Installs product firmware on boards, in the order of reference 5.6."""

    def __init__(
        self,
        *,
        options: Options,
        catalog: Catalog,
        fleet: Fleet,
        publications: Publications,
    ) -> None:
        """Nothing is being installed yet."""
        self._options = options
        self._catalog = catalog
        self._fleet = fleet
        self._publications = publications
        self._tasks: set[asyncio.Task[None]] = set()

    def upload(
        self, product: Product, version: int, *, title: str = "", description: str = ""
    ) -> None:
        """Add a firmware to a product; its stream is told."""
        product.firmware[version] = Release(
            version=version,
            title=title or f"Version {version}",
            description=description,
        )
        body = json.dumps({"version": str(version)}, separators=(",", ":"))
        self._publications.announce(product.number, "particle/firmware/create", body)

    def release(
        self, product: Product, version: int, *, immediate: bool = False
    ) -> None:
        """Let every device without a lock run a version: now, or after its next handshake.

        Raises:
            KeyError: the product has no such firmware.
        """
        product.released = product.firmware[version].version
        said = {"immediate": immediate, "version": version}
        body = json.dumps(said, separators=(",", ":"))
        self._publications.announce(product.number, "particle/firmware/release", body)
        for board in self._fleet.of_product(product.number):
            presence = self._fleet.presence(board)
            presence.targeted_version = version
            if self.due(board) is not None:
                self._publications.emit(board, f"{UPDATES}/pending", "true")
            if immediate and presence.updates_enabled:
                self.flash(board)

    def due(self, board: Board) -> int | None:
        """Return the version that a board shall run and does not, or None."""
        presence = self._fleet.presence(board)
        wanted = presence.desired_version or presence.targeted_version
        return None if wanted == presence.firmware_version else wanted

    def handshake(self, board: Board) -> None:
        """Update a board that has just come back, as far as it may be updated."""
        presence = self._fleet.presence(board)
        locked = presence.desired_version is not None
        if presence.updates_enabled or presence.forced or locked:
            self.flash(board)

    def force(self, board: Board, forced: bool) -> None:
        """Note that a board is to be updated whatever it says, and begin if it is there."""
        presence = self._fleet.presence(board)
        presence.forced = forced
        text = "true" if forced else "false"
        self._publications.emit(board, f"{UPDATES}/forced", text)
        if forced:
            self.flash(board)

    def allow(self, board: Board, allowed: bool) -> None:
        """Let a board's firmware permit or refuse updates."""
        self._fleet.presence(board).updates_enabled = allowed
        text = "true" if allowed else "false"
        self._publications.emit(board, f"{UPDATES}/enabled", text)

    def flash(self, board: Board) -> None:
        """Begin an update if one is due and the board is there."""
        presence = self._fleet.presence(board)
        version = self.due(board)
        if version is None or presence.flashing or not self._fleet.answers(board):
            return
        presence.flashing = True
        task = asyncio.get_running_loop().create_task(self._flash(board, version))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def close(self) -> None:
        """Break off what is being installed."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _flash(self, board: Board, version: int) -> None:
        presence = self._fleet.presence(board)
        emit = self._publications.emit
        try:
            self._publications.tell(board, {"flash": version})
            emit(board, "spark/status", "auto-update")
            # The space at the end is the vendor's (reference 5.6).
            emit(board, STATUS, "started ")
            await asyncio.sleep(self._options.flash_seconds)
            if self._options.flash_fails or not self._fleet.answers(board):
                emit(board, STATUS, "failed ")
                return
            emit(board, STATUS, "success ")
            self._restart(board, version)
        finally:
            presence.flashing = False

    def _restart(self, board: Board, version: int) -> None:
        presence = self._fleet.presence(board)
        emit = self._publications.emit
        self._publications.set_online(board, False)
        presence.firmware_version = version
        self._publications.set_online(board, True)
        emit(board, "spark/device/last_reset", "update")
        presence.forced = False
        emit(board, f"{UPDATES}/forced", "false")
        seed = f"{unit_of(board).product_id}/{version}"
        emit(
            board,
            "spark/device/app-hash",
            hashlib.sha256(seed.encode()).hexdigest(),
        )
        emit(board, f"{UPDATES}/pending", "false")
        enabled = "true" if presence.updates_enabled else "false"
        emit(board, f"{UPDATES}/enabled", enabled)
