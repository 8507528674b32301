"""Hands commands and names over to the cloud, and waits for what devices say to them."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
import time

from ...model import (
    CloudError,
    CloudRejected,
    CloudUnreachable,
    DeviceOffline,
    Json,
    Rename,
    Send,
)
from .client import Client
from .commands import body_of, renamed, result_of
from .hearing import Ear
from .paging import Paging
from .tracked import Tracked

FIRST_LOOK = 1.0
"""Seconds after a command; each further look comes after twice that time."""
LONGEST_WAIT = 30.0
# How long an answer to the last look may take.
_GRACE = 2.0

type Pause = Callable[[asyncio.Event, float], Awaitable[None]]
"""Waits for an event, at most so many seconds."""


async def pause(event: asyncio.Event, seconds: float) -> None:
    """Wait for an event, at most so many seconds."""
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await event.wait()


class Dispatch:
    """Writes to a project, each time once: nothing tells two equal commands apart."""

    def __init__(
        self,
        client: Client,
        paging: Paging,
        *,
        offline: bool,
        clock: Callable[[], float] = time.monotonic,
        pause: Pause = pause,
    ) -> None:
        """With `offline`, commands are sent to devices that are not connected too."""
        self._client = client
        self._paging = paging
        self._offline = offline
        self._clock = clock
        self._pause = pause

    def minds(self, command: Send) -> bool:
        """Whether it matters that the device is connected."""
        return not (self._offline or command.anyway)

    async def send(self, command: Send, tracked: Tracked) -> Json:
        """Send a command; with a time to wait, return what the device says in it.

        Raises:
            CloudRejected: the cloud or the device refuses type or options.
            CloudMissing: the device does not belong to the project any more.
            DeviceOffline: it is not connected, and the cloud would lose the command.
        """
        wait = min(command.wait or 0.0, LONGEST_WAIT)
        if wait > 0:
            # What the device has said by now is no answer.
            await tracked.poll(self._client, self._paging)
        if tracked.online is False and self.minds(command):
            raise DeviceOffline("The device is not connected")
        if wait <= 0:
            return await self._hand_over(command)
        ear = Ear(command)
        with tracked.heard_by(ear):
            answer = await self._hand_over(command)
            await self._listen(tracked, ear.enough, wait)
        return {"answer": answer, "messages": ear.messages()}

    async def rename(self, command: Rename, tracked: Tracked) -> Json:
        """Give a device another name.

        Raises:
            CloudRejected: the name is empty, the cloud refuses it, or cannot do this.
            CloudMissing: the device does not belong to the project any more.
        """
        if not (name := command.name.strip()):
            raise CloudRejected("The name is empty", key="empty_name", field="name")
        name = renamed(await self._client.rename(command.device_id, name)) or name
        tracked.rename(name)
        # The rest of what the cloud says about the device holds a secret.
        return {"name": name}

    async def _hand_over(self, command: Send) -> Json:
        reply = await self._client.command(command.device_id, body_of(command))
        return result_of(reply)

    async def _listen(
        self, tracked: Tracked, enough: asyncio.Event, seconds: float
    ) -> None:
        """Look for messages now and then, until there is an answer or no time left.

        The command is with the cloud by now, so that no failure may look like one of
        the command: what cannot be read now is read by the next listing.
        """
        began, look = self._clock(), FIRST_LOOK
        readable = True
        while (
            not enough.is_set()
            and (left := seconds - (passed := self._clock() - began)) > 0
        ):
            await self._pause(enough, min(left, max(0.0, look - passed)))
            look *= 2
            if readable and not enough.is_set():
                readable = await self._look(tracked, left + _GRACE)

    async def _look(self, tracked: Tracked, seconds: float) -> bool:
        """Read the messages once; whether it makes sense to do that again."""
        try:
            async with asyncio.timeout(seconds):
                await tracked.poll(self._client, self._paging)
        except TimeoutError, CloudUnreachable:
            return True
        except CloudError:
            return False
        return True
