"""One Particle account, as the rest of the integration sees it."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import datetime
from functools import partial
import logging
import time

from ...cloud import Feed, History, Memory, NoMemory, Reader, Receiver
from ...model import (
    Account,
    Command,
    Device,
    Drop,
    Json,
    Point,
    Reading,
    Ref,
    Snapshot,
    Tally,
    Update,
)
from . import catalog, crew
from .account import Ledger
from .actions import ACCEPTED, Actions
from .budget import HALF_FREE_PLAN, Budget
from .client import Client
from .directory import Directory
from .events import Interpreter
from .extras import Extras
from .firmware import Firmwares
from .history import LocationHistory
from .identity import identify, title
from .keys import ACCOUNT
from .local import LocalCloud
from .location import ACCURACY, Trackers
from .membership import Members
from .models import Board, Definition
from .notebook import Notebook
from .presence import GRACE, Presence
from .reader import VariableReader
from .shelf import Shelf
from .stream import IDLE, Sleep, listen
from .translate import CONSOLE, page
from .transport import StreamCut

_LOGGER = logging.getLogger(__name__)


class ParticleCloud:
    """Lists devices, listens to their events, reads variables and calls functions."""

    accepts = ACCEPTED
    receiver: Receiver | None = None

    def __init__(
        self,
        client: Client,
        username: str | None = None,
        *,
        memory: Memory | None = None,
        account_id: str = ACCOUNT,
        plan: int = HALF_FREE_PLAN,
        accuracy: float = ACCURACY,
        expires_at: datetime | None = None,
        left_out: frozenset[str] = frozenset(),
        idle: float = IDLE,
        grace: float = GRACE,
        now: Callable[[], datetime] | None = None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        """Know nothing yet; `idle` and `grace` are in seconds, `accuracy` in metres.

        `username` is what was signed in with, `plan` how many operations a month may be
        used, `expires_at` when the token ends. `account_id` is the id of the device that
        stands for the account. Of devices that are `left_out` only the names are known.
        `now` is the cloud's clock unless given.
        """
        now = now or client.clock
        self._client, self._username = client, username
        self._idle = idle
        self._now, self._sleep = now, sleep
        self._skipped = 0
        self._shelf = Shelf(now)
        self._directory = Directory(
            clock=lambda: now().timestamp(),
            presence=Presence(grace, clock=clock),
            left_out=left_out,
            page=self._page,
        )
        self._make_asking(plan)
        self._ledger = Ledger(
            self._budget,
            expires_at,
            name=title(client.scope, username),
            device_id=account_id,
            url=CONSOLE if client.vendors_own else None,
            now=now,
        )
        self._make_reading(memory or NoMemory())
        self._make_acting(accuracy, client.tally)

    def _make_asking(self, plan: int) -> None:
        """Make the parts that ask for more than the list, and what counts that."""
        self._budget = Budget(plan, now=self._now)
        self._local = LocalCloud(own=not self._client.vendors_own)
        self._firmwares = Firmwares()
        self._members = Members(self._client, self._directory, self._firmwares)
        self._extras = Extras(
            self._client, self._directory, self._members, self._shelf, now=self._now
        )

    def _make_reading(self, memory: Memory) -> None:
        """Make what reads, and what keeps that."""
        reader = VariableReader(
            self._client,
            self._directory,
            now=self._now,
            budget=self._budget,
            shelf=self._shelf,
            changed=lambda: self._notebook.changed(),
            tally=self._client.tally,
        )
        self._notebook = Notebook(
            memory,
            budget=self._budget,
            directory=self._directory,
            members=self._members,
            reader=reader,
            shelf=self._shelf,
            sims=self._extras.sims,
        )
        self.reader: Reader | None = reader
        self.history: History | None = LocationHistory(
            self._client.reports, self._members.product
        )

    def _make_acting(self, accuracy: float, tally: Tally) -> None:
        """Make what takes events, and what carries out commands."""
        self._interpreter = Interpreter(
            self._directory,
            scope=self._client.scope,
            shelf=self._shelf,
            trackers=Trackers(accuracy, known=self._shelf.value, tally=tally),
            firmwares=self._firmwares,
            changed=self._notebook.changed,
            tally=tally,
            now=self._now,
        )
        self._actions = Actions(
            self._client,
            self._budget,
            self._members,
            self._extras,
            self._firmwares,
            self._shelf,
            now=self._now,
        )

    def diagnostics(self) -> Mapping[str, Json]:
        """What was asked of the cloud, and what of the list made no sense."""
        return {
            "skipped_entries": self._skipped,
            "operations_used": self._budget.used,
            "operations_planned": self._budget.plan,
            **self._client.counters,
        }

    async def identify(self) -> Account:
        """Ask who the token belongs to."""
        return (await identify(self._client, self._username)).account

    async def snapshot(self) -> Snapshot:
        """List the devices, and ask for details that are not known yet.

        Nothing of this costs the user anything.
        """
        await self._notebook.open()
        began, asked = self._now(), self._directory.moment()
        listing = await self._client.devices()
        # The first answer may tell that it is earlier than it seemed.
        began = min(began, self._now())
        self._count(listing.skipped)
        complete = listing.complete
        self._directory.take_listing(listing.boards, asked, complete=complete)
        self._directory.devices()
        await crew.run(self._errands())
        await crew.run(self._members.errands())
        for device_id, key, value in self._members.facts(self._now):
            self._shelf.settle(Ref(device_id, key), value, began)
        for ref, value in self._ledger.values():
            self._shelf.settle(ref, value, began)
        if complete:
            boards = [board.id for board in self._directory]
            others = self._directory.left_out
            self._shelf.keep_only([*boards, *others, self._ledger.device.id])
        self._notebook.listed()
        return self._told(complete)

    def feeds(self) -> Mapping[str, Feed]:
        """One stream for the whole account."""
        return {"events": self._events}

    async def execute(self, command: Command) -> Json:
        """Carry a command out once; a call returns what the function returned."""
        try:
            return await self._actions.execute(command)
        finally:
            self._notebook.changed()

    async def close(self) -> None:
        """Nothing is held between requests."""

    def _events(self) -> AbstractAsyncContextManager[AsyncIterator[Update]]:
        return self._listening()

    @asynccontextmanager
    async def _listening(self) -> AsyncIterator[AsyncIterator[Update]]:
        try:
            async with listen(
                self._client, self._interpreter, self._idle, self._sleep
            ) as updates:
                self._local.opened()
                yield updates
        except StreamCut:
            self._local.cut()
            raise
        finally:
            self._directory.presence.forget()

    def _errands(self) -> Iterator[crew.Errand]:
        """Everything that this listing should bring besides the list."""
        for device_id in self._directory.wanted():
            yield partial(self._ask_detail, device_id)
        yield from self._extras.errands()

    async def _ask_detail(self, device_id: str) -> None:
        asked = self._directory.moment()
        detail = await self._client.device(device_id)
        self._directory.take_detail(detail, asked)
        await self._members.ask(device_id, detail)

    def _told(self, complete: bool) -> Snapshot:
        account = self._ledger.device
        devices = {**self._directory.devices(self._more), account.id: account}
        return Snapshot(
            devices={**self._directory.others, **devices},
            readings=dict(self._readings(devices.values())),
            complete=complete,
            notices=(*self._ledger.notices(), *self._local.notices()),
        )

    def _page(self, board: Board) -> str | None:
        client = self._client
        return page(board, client.scope) if client.vendors_own else None

    def _more(self, board: Board, definition: Definition) -> Iterable[Point]:
        return catalog.points(board, definition, self._shelf.of(board.id))

    def _readings(self, devices: Iterable[Device]) -> Iterator[tuple[Ref, Reading]]:
        """What is known of the points that there are."""
        for device in devices:
            for key, reading in self._shelf.of(device.id).items():
                if key in device.points:
                    yield device.ref(key), reading

    def _count(self, skipped: int) -> None:
        self._client.tally.drop(Drop.NO_ID, skipped)
        if skipped and not self._skipped:
            _LOGGER.warning(
                "Entries of the device list that make no sense: %d", skipped
            )
        self._skipped = skipped
