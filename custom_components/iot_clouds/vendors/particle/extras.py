"""Ask what the cloud keeps about devices besides the list: vitals, settings, SIM cards."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import partial

from ...model import CloudError
from . import settings, vitals
from .client import Client
from .crew import Errand
from .directory import Directory
from .membership import Members
from .models import Board
from .reports import refused
from .shelf import Shelf
from .sims import Sims
from .translate import tracks
from .values import moment

AT_A_TIME = 25
"""Devices whose last vitals are asked for with one listing, so that it stays quick."""

DAY = timedelta(days=1)
"""Settings are asked for again after it, although devices report their changes."""


class Extras:
    """Everything here is free, and is asked for once or seldom."""

    def __init__(
        self,
        client: Client,
        directory: Directory,
        members: Members,
        shelf: Shelf,
        *,
        now: Callable[[], datetime],
    ) -> None:
        """Nothing was asked for yet."""
        self._client = client
        self._directory = directory
        self._members = members
        self._shelf = shelf
        self._now = now
        self._vitals: set[str] = set()
        self._settings: dict[str, datetime] = {}
        self._pending: set[str] = set()
        self.sims = Sims(client.reports, directory)

    def errands(self) -> Iterator[Errand]:
        """What to ask with this listing."""
        boards = list(self._directory)
        waiting = [board.id for board in boards if board.id not in self._vitals]
        for device_id in waiting[:AT_A_TIME]:
            yield partial(self._ask_vitals, device_id)
        for board in boards:
            if tracks(board) and (product := self._due(board)):
                yield partial(self._ask_settings, board.id, product)
        if self.sims.due(self._now()):
            yield self._ask_sims

    def product(self, device_id: str) -> str | None:
        """The product below whose path the vitals are; None for a person's own."""
        personal = self._client.scope.personal
        return None if personal else self._members.product(device_id)

    def changed(self, device_id: str) -> None:
        """Have the settings of a device asked for with the next listing."""
        self._settings.pop(device_id, None)

    async def _ask_vitals(self, device_id: str) -> None:
        """Take the last record, which pushes will replace."""
        record = None
        try:
            record = await self._client.reports.last_vitals(
                device_id, self.product(device_id)
            )
        except CloudError as err:
            if not refused(err):
                raise
        self._vitals.add(device_id)
        payload = record.get("payload") if record else None
        if record is None or not isinstance(payload, dict):
            return
        self._shelf.take(
            vitals.readings(
                device_id,
                payload,
                moment(record.get("updated_at")) or self._now(),
                tracker=device_id in self._directory.trackers,
                known=self._shelf.value,
            )
        )

    def _due(self, board: Board) -> str | None:
        """The product of a Tracker whose settings should be asked for."""
        asked = self._settings.get(board.id)
        waits = board.id in self._pending
        if asked is not None and not waits and abs(self._now() - asked) < DAY:
            return None
        return self._members.product(board.id)

    async def _ask_settings(self, device_id: str, product: str) -> None:
        asked = self._now()
        try:
            found = await self._client.reports.configuration(device_id, product)
        except CloudError as err:
            if not refused(err):
                raise
            found = None
        self._settings[device_id] = asked
        self._pending.discard(device_id)
        if found is None:
            return
        if found.pending:
            self._pending.add(device_id)
        for ref, told in settings.told(device_id, found, asked).items():
            self._shelf.settle(ref, told.value, told.at, told.attributes)

    async def _ask_sims(self) -> None:
        self._shelf.take(await self.sims.ask(self._now()))
