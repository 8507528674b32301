"""One Particle account, as the rest of the integration sees it."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime
import logging
import time

from ...cloud import Feed, History, Reader
from ...model import (
    Account,
    Call,
    CloudAuthError,
    CloudBusy,
    CloudError,
    CloudMissing,
    CloudRejected,
    Command,
    Json,
    Publish,
    Snapshot,
    Update,
)
from .client import Client
from .directory import Directory
from .events import Interpreter
from .identity import identify
from .reader import VariableReader
from .stream import IDLE, listen

_LOGGER = logging.getLogger(__name__)

DETAILS_AT_ONCE = 2
"""One less than may be under way, so that a command need not wait for details."""


def _utcnow() -> datetime:
    return datetime.now(UTC)


class ParticleCloud:
    """Lists devices, listens to their events, reads variables and calls functions."""

    accepts = (Call, Publish)
    history: History | None = None

    def __init__(
        self,
        client: Client,
        username: str | None = None,
        *,
        idle: float = IDLE,
        now: Callable[[], datetime] = _utcnow,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Know nothing yet; `idle` is in seconds, `username` what was signed in with."""
        self._client = client
        self._username = username
        self._idle = idle
        self._directory = Directory(clock=clock)
        self._interpreter = Interpreter(self._directory, now=now)
        self._skipped = 0
        self.reader: Reader | None = VariableReader(client, self._directory, now=now)

    def diagnostics(self) -> Mapping[str, Json]:
        """How many entries of the device list made no sense."""
        return {"skipped_entries": self._skipped}

    async def identify(self) -> Account:
        """Ask who the token belongs to."""
        return (await identify(self._client, self._username)).account

    async def snapshot(self) -> Snapshot:
        """List the devices, and ask those for details that are online and not known.

        Nothing of this costs the user anything; the listing carries no values.
        """
        asked = self._directory.moment()
        listing = await self._client.devices()
        self._count(listing.skipped)
        complete = not listing.skipped
        self._directory.take_listing(listing.boards, asked, complete=complete)
        await self._ask_details(self._directory.wanted())
        return Snapshot(devices=self._directory.devices(), complete=complete)

    def feeds(self) -> Mapping[str, Feed]:
        """One stream for the whole account."""
        return {"events": self._events}

    async def execute(self, command: Command) -> Json:
        """Call a function and return its value, or publish an event."""
        match command:
            case Call(function=""):
                raise CloudMissing("A function has a name")
            case Call(device_id=device_id, function=function, argument=argument):
                return await self._client.call(device_id, function, argument)
            case Publish(name=""):
                # A local cloud would break down over it (reference 12.3).
                raise CloudRejected("An event needs a name", field="name")
            case Publish(name=name, data=data):
                await self._client.publish(name, data)
                return None
            case _:
                raise CloudRejected("This cloud does not take such a command")

    async def close(self) -> None:
        """Nothing is held between requests."""

    def _events(self) -> AbstractAsyncContextManager[AsyncIterator[Update]]:
        return listen(self._client, self._interpreter.take, self._idle)

    async def _ask_details(self, device_ids: Iterable[str]) -> None:
        """Learn what devices expose; one that fails is asked with the next listing."""
        waiting = list(device_ids)[::-1]
        refused: list[CloudAuthError] = []

        async def ask() -> None:
            while waiting and not refused:
                try:
                    await self._ask_detail(waiting.pop())
                except CloudAuthError as err:
                    refused.append(err)
                except CloudBusy:
                    waiting.clear()
                except CloudError as err:
                    _LOGGER.debug("A device did not tell what it exposes: %s", err)

        async with asyncio.TaskGroup() as group:
            for _ in range(min(DETAILS_AT_ONCE, len(waiting))):
                group.create_task(ask())
        if refused:
            raise refused[0]

    async def _ask_detail(self, device_id: str) -> None:
        asked = self._directory.moment()
        self._directory.take_detail(await self._client.device(device_id), asked)

    def _count(self, skipped: int) -> None:
        if skipped and not self._skipped:
            _LOGGER.warning(
                "Entries of the device list that make no sense: %d", skipped
            )
        self._skipped = skipped
