"""What products know of their devices: firmware, groups, whether they may connect (2.2)."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from functools import partial

from ...model import CloudError, Json, Value
from .client import Client
from .crew import Errand
from .directory import Directory
from .firmware import Firmwares
from .keys import BLOCKED, DEVICE_OS, FIRMWARE, GROUPS, SAFE_MODE
from .models import Board, Membership
from .reports import refused
from .values import STATE_LIMIT


class Members:
    """Remembers it over offline times and restarts."""

    def __init__(
        self, client: Client, directory: Directory, firmwares: Firmwares
    ) -> None:
        """Know nothing."""
        self._client = client
        self._directory = directory
        self._firmwares = firmwares
        self._known: dict[str, Membership] = {}
        self._closed: set[str] = set()

    def product(self, device_id: str) -> str | None:
        """The product of a device, whose own endpoints know more of it."""
        board = self._directory.board(device_id)
        return (board and board.product) or self._client.scope.product

    async def ask(self, device_id: str, detail: Board) -> None:
        """Learn what the product knows; one that may not be asked is asked once."""
        if not self._client.scope.personal:
            self._known[device_id] = detail.membership
            return
        product = detail.product
        if product is None or product in self._closed:
            return
        try:
            board = await self._client.reports.product_device(device_id, product)
        except CloudError as err:
            if not refused(err):
                raise
            self._closed.add(product)
        else:
            if board:
                self._known[device_id] = board.membership

    def errands(self) -> Iterator[Errand]:
        """Ask for the notes of firmware that devices should run."""
        wanted = set()
        for board in self._boards():
            product = self.product(board.id)
            if product and (version := self._firmwares.unknown(board, product)):
                wanted.add((product, version))
        for product, version in sorted(wanted):
            yield partial(self._firmwares.ask, self._client.reports, product, version)

    def facts(self, now: Callable[[], datetime]) -> Iterator[tuple[str, str, Value]]:
        """Device, key and value of everything that listings tell."""
        for board in self._boards():
            yield board.id, SAFE_MODE, board.safe_mode
            if board.system_version:
                yield board.id, DEVICE_OS, board.system_version
            if board.membership.groups is not None:
                yield board.id, GROUPS, ", ".join(board.membership.groups)[:STATE_LIMIT]
            if board.membership.blocked is not None:
                yield board.id, BLOCKED, board.membership.blocked
            product = self.product(board.id)
            online = self._directory.online(board.id) is True
            if product and (
                state := self._firmwares.state(board, product, online=online, now=now())
            ):
                yield board.id, FIRMWARE, state

    def notes(self) -> dict[str, Json]:
        """What has to be remembered, in the cloud's own words."""
        return {
            device_id: {
                "firmware_version": known.installed,
                "targeted_firmware_release_version": known.targeted,
                "desired_firmware_version": known.desired,
                "firmware_updates_enabled": known.updates_enabled,
                "quarantined": known.blocked,
                "groups": None if known.groups is None else list(known.groups),
            }
            for device_id, known in self._known.items()
            if device_id in self._directory
        }

    def restore(self, notes: Json) -> None:
        """Take what `notes` returned before."""
        for device_id, note in notes.items() if isinstance(notes, dict) else ():
            if isinstance(note, dict):
                self._known[device_id] = Membership.parse(note)

    def _boards(self) -> Iterator[Board]:
        """The devices with all that is known of them: the list is newer than details."""
        for board in self._directory:
            known = self._known.get(board.id, Membership())
            yield replace(board, membership=board.membership.over(known))
