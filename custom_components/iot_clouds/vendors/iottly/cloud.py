"""One iottly project: listings with messages, and commands."""

import asyncio
from collections.abc import Callable, Collection, Mapping
from datetime import timedelta
import time

from ...cloud import Feed, History, Memory, NoMemory, Reader, Receiver
from ...model import (
    Account,
    CloudMissing,
    CloudRejected,
    CloudUnreachable,
    Command,
    Device,
    Drop,
    Event,
    Json,
    Notice,
    Reading,
    Ref,
    Rename,
    Send,
    Snapshot,
)
from .client import Client, Credentials
from .commands import body_of
from .deliveries import Deliveries
from .dispatch import Dispatch, Pause, pause
from .history import MessageHistory
from .models import Listing, Project
from .notebook import Notebook
from .options import Wishes
from .pace import Pace
from .paging import Paging
from .project import ProjectFacts
from .rounds import CROWD, read_messages
from .tracked import MAX_ABSENCES, Tracked
from .translate import WEB_UI, device_of
from .trust import Trust

# Seconds for which a listing tells well enough who is connected.
_FRESH = 30.0


class IottlyCloud:
    """One project, opened by its API key.

    Everything known about messages lives here between polls, and in a memory between
    runs: points exist from their first message on, and readings are the newest of each.
    """

    accepts: Collection[type[Command]] = frozenset({Send, Rename})
    reader: Reader | None = None
    receiver: Receiver | None

    def __init__(
        self,
        client: Client,
        credentials: Credentials,
        *,
        memory: Memory | None = None,
        account_id: str = "account",
        wishes: Wishes = Wishes(),
        clock: Callable[[], float] = time.monotonic,
        pause: Pause = pause,
    ) -> None:
        """Know nothing; `clock` counts seconds.

        `account_id` is the id of the device that stands for the project.
        """
        self._client, self._wishes, self._clock = client, wishes, clock
        ids = credentials.project_id, account_id
        self._facts = ProjectFacts(client, *ids, clock=clock)
        self._tracked: dict[str, Tracked] = {}
        self._others: Mapping[str, Device] = {}
        self._notebook = Notebook(memory or NoMemory(), self._tracked)
        self._paging = Paging()
        self.history: History | None = MessageHistory(
            client, self._paging, self._addressed
        )
        self._dispatch = Dispatch(
            client,
            self._paging,
            offline=wishes.offline_commands,
            clock=clock,
            pause=pause,
        )
        self._pace = Pace(clock)
        self.receiver = self._deliveries = Deliveries(
            *ids,
            self._notebook,
            self._pace,
            wishes=wishes,
            tally=client.tally,
            clock=clock,
        )
        self._listed_at: float | None = None
        self._trust, self._polling = Trust(), asyncio.Lock()
        self._url = WEB_UI if credentials.of_vendor else None

    async def identify(self) -> Account:
        """Ask which project the key opens.

        Raises:
            CloudAuthError: the key is refused.
            CloudRejected: the key opens another project, or there is none.
        """
        return await self._facts.identify()

    async def snapshot(self) -> Snapshot:
        """List the devices and read what they have sent since the last time.

        A device whose messages cannot be read costs only those; they are read later.

        Raises:
            CloudAuthError: the key is refused, or three times in a row the project is.
        """
        async with self._polling:
            await self._notebook.open()
            project = await self._trust.ask(self._facts.describe)
            listing = await self._trust.ask(self._client.devices)
            self._trust.restore()
            self._take(listing)
            try:
                if gone := await read_messages(
                    self._tracked.values(), self._client, self._paging
                ):
                    await self._drop(gone)
                await self._facts.count(listing)
                return self._snapshot(project, listing.complete)
            finally:
                self._notebook.changed()

    def feeds(self) -> Mapping[str, Feed]:
        """None: an API key opens no push channel (reference 5.2)."""
        return {}

    async def execute(self, command: Command) -> Json:
        """Send a command, once; the answer says that it was handed over, not done.

        Raises:
            CloudRejected: an option is empty, or the cloud refuses type or options.
            CloudMissing: the device is not in the project.
            DeviceOffline: it is not connected, and the cloud would lose the command.
        """
        match command:
            case Send():
                body_of(command)
                news = self._dispatch.minds(command)
                tracked = await self._addressed(command.device_id, news=news)
                try:
                    return await self._dispatch.send(command, tracked)
                finally:
                    self._pace.command()
                    self._notebook.changed()
            case Rename():
                tracked = await self._addressed(command.device_id)
                return await self._dispatch.rename(command, tracked)
        raise CloudRejected("iottly only takes commands and names for devices")

    def diagnostics(self) -> Mapping[str, Json]:
        """How the server turned out to work, and what could not be read of it."""
        tracked = self._tracked.values()
        return {
            **self._client.traits(),
            **self._paging.traits(),
            **self._deliveries.traits(),
            "absent_devices": sum(bool(each.absences) for each in tracked),
            "open_gaps": sum(each.inbox.cursor.gap is not None for each in tracked),
            "skipped_messages": sum(each.inbox.skipped for each in tracked),
            "values_not_shown": sum(each.leaves.refused for each in tracked),
        }

    async def close(self) -> None:
        """Nothing is held open."""

    async def _addressed(self, device_id: str, *, news: bool = False) -> Tracked:
        """The device that somebody names, with `news` about its connection.

        News are as old as the shortest time between two polls at most.
        """
        await self._notebook.open()
        at = self._listed_at
        if at is None or (news and self._clock() - at > _FRESH):
            try:
                self._take(await self._trust.ask(self._client.devices))
            except CloudUnreachable:
                if device_id not in self._tracked:
                    raise
        tracked = self._tracked.get(device_id)
        if tracked is None:
            raise CloudMissing("The project has no such device")
        return tracked

    def _take(self, listing: Listing) -> None:
        """Bring the known devices up to date; absent ones leave after some time."""
        self._listed_at = self._clock()
        self._client.tally.drop(Drop.NO_ID, listing.skipped)
        left_out = self._wishes.left_out
        self._others = {
            board.id: Device(id=board.id, name=board.name or board.id)
            for board in listing.boards
            if board.id in left_out
        }
        for board in listing.boards:
            if board.id in left_out:
                continue
            tracked = self._tracked.get(board.id)
            if tracked is None:
                note = self._notebook.take(board.id)
                tracked = self._tracked[board.id] = Tracked(
                    board,
                    self._clock,
                    note,
                    replies=self._wishes.replies,
                    tally=self._client.tally,
                )
            tracked.update(board, listing.at)
        if listing.complete:
            self._notebook.listed()
            listed = {board.id for board in listing.boards}
            for device_id in self._tracked.keys() - listed:
                self._tracked[device_id].absences += 1
                if self._tracked[device_id].absences >= MAX_ABSENCES:
                    del self._tracked[device_id]

    async def _drop(self, gone: set[str]) -> None:
        """Let devices go at once that refuse and are not listed any more either."""
        try:
            listing = await self._client.devices()
        except CloudMissing, CloudUnreachable:
            return
        if listing.complete:
            for device_id in gone - {board.id for board in listing.boards}:
                self._tracked.pop(device_id, None)

    def _snapshot(self, project: Project, complete: bool) -> Snapshot:
        account = self._facts.device(*self._deliveries.points(), url=self._url)
        devices: dict[str, Device] = {**self._others, account.id: account}
        readings: dict[Ref, Reading] = {}
        events: list[Event] = []
        for device_id, tracked in self._tracked.items():
            devices[device_id] = device_of(
                tracked.board,
                project,
                tracked.points(),
                agent=self._facts.point_of(tracked.board),
                online=tracked.online,
                commanded_offline=self._wishes.offline_commands,
                url=self._url,
            )
            for key, reading in tracked.leaves.readings().items():
                readings[Ref(device_id, key)] = reading
            events += tracked.take_events()
        boards = [tracked.board for tracked in self._tracked.values()]
        poll_in = self._next()
        readings |= {**self._facts.readings(boards), **self._deliveries.readings()}
        return Snapshot(
            devices=devices,
            readings=readings,
            events=tuple(events),
            complete=complete,
            notices=self._notices(),
            poll_in=poll_in,
        )

    def _notices(self) -> tuple[Notice, ...]:
        """What the user can put right."""
        if self._client.is_outdated:
            outdated = Notice(key="installation_outdated")
            return (*self._deliveries.notices(), outdated)
        return self._deliveries.notices()

    def _next(self) -> timedelta:
        """How long the next listing may wait, after the traffic that this one has met."""
        for tracked in self._tracked.values():
            met, undelivered = tracked.take_traffic()
            self._deliveries.missed(undelivered)
            if met:
                self._pace.stir()
        crowded = len(self._tracked) > CROWD
        return self._pace.wait(crowded=crowded, delivered=self._deliveries.proven)
