"""Values as boards publish them: one broker session for all things (reference 5)."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from itertools import batched
import logging
import ssl
import time
from typing import Self
import uuid

import aiomqtt
from yarl import URL

from ...model import CloudUnreachable, Drop, Reading, Ref, Update
from .access import Access, Token
from .connection import Connection
from .faults import Faults
from .names import Objects, ThingNames
from .senml import Sample, TooLargeError, decode

_LOGGER = logging.getLogger(__name__)

ENTER_TIMEOUT = 30.0
MOST_TOLD = 5
"""Refused topics that are named in the log; diagnostics have all."""

TOPICS_IN_PACKET = 50
"""Topics of one SUBSCRIBE: few packets, each far below what any broker takes."""

_CREDENTIALS_REFUSED = frozenset({4, 5, 134, 135})
"""CONNACK codes 4 and 5, also as paho numbers them (reference 5.2)."""


def topic_of(thing_id: str) -> str:
    """Where all values of a thing are published (reference 5.3)."""
    return f"/a/t/{thing_id.lower()}/e/o"


class Routes:
    """What is listened to: the things' name tables by topic, and what is known so far."""

    def __init__(self, faults: Faults) -> None:
        """Listen to nothing before the first listing."""
        self.faults = faults
        self.objects = Objects()
        self.tables: Mapping[str, ThingNames] = {}
        self.offline: set[str] = set()
        """Things whose boards the last listing called offline."""
        self.refused: set[str] = set()
        """Topics that the broker refused; their things are only polled."""
        self._changed: set[asyncio.Event] = set()

    def replace(self, tables: Mapping[str, ThingNames], offline: set[str]) -> None:
        """Take the tables of a new listing and tell the sessions that are open."""
        self.tables = tables
        self.offline = offline
        self.refused &= tables.keys()
        for changed in self._changed:
            changed.set()

    def watch(self, changed: asyncio.Event) -> None:
        """Set this event at each listing."""
        self._changed.add(changed)

    def unwatch(self, changed: asyncio.Event) -> None:
        """Leave this event alone from now on."""
        self._changed.discard(changed)

    def note_refused(self, topics: Iterable[str]) -> None:
        """Remember which topics were refused; say so once for those that are new."""
        fresh = sorted(set(topics) - self.refused)
        if fresh:
            self.refused.update(fresh)
            _LOGGER.warning(
                "The broker refused %d things, which are only polled: %s",
                len(fresh),
                ", ".join(fresh[:MOST_TOLD]),
            )

    def update(self, topic: str, payload: bytes, arrived: datetime) -> Update | None:
        """What one message says; None if that is nothing."""
        table = self.tables.get(topic)
        if table is None:
            self.faults.tally.drop(Drop.UNKNOWN_DEVICE)
            return None
        try:
            samples, refused = decode(payload)
        except ValueError as err:
            large = isinstance(err, TooLargeError)
            reason = Drop.TOO_LARGE if large else Drop.UNREADABLE
            self.faults.note(f"a message that is {err}", table.thing_id, drop=reason)
            return None
        if refused:
            self.faults.note(
                "a record that makes no sense",
                table.thing_id,
                drop=Drop.UNREADABLE,
                count=refused,
            )
        readings: dict[Ref, Reading] = dict(
            table.readings(samples, arrived, self.objects)
        )
        if self.offline and table.thing_id in self.offline:
            # Whoever publishes is there; the listing will say so, too.
            self.offline.discard(table.thing_id)
            return Update(
                readings=readings, online={table.thing_id: True}, sent=_sent(samples)
            )
        return Update(readings=readings, sent=_sent(samples)) if readings else None


def _sent(samples: list[Sample]) -> datetime | None:
    """When the newest of the samples was taken, as far as they say."""
    newest = max((each.time for each in samples if each.time), default=None)
    return None if newest is None else datetime.fromtimestamp(newest, UTC)


class Stream:
    """The feed `values`."""

    def __init__(
        self,
        url: str,
        tls: ssl.SSLContext,
        access: Access,
        routes: Routes,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Connect to nothing yet."""
        self._url = URL(url)
        self._tls = tls
        self._access = access
        self._routes = routes
        self._clock = clock

    @asynccontextmanager
    async def open(self) -> AsyncIterator[AsyncIterator[Update]]:
        """Subscribe to all known things and listen until the session ends.

        Iterating ends by itself when the broker closed because the token's life is over.

        Raises:
            CloudUnreachable: the broker cannot be reached, refuses, or went away.
            CloudAuthError, CloudBusy: from asking for a token.
        """
        changed = asyncio.Event()
        self._routes.watch(changed)
        async with AsyncExitStack() as stack:
            stack.callback(self._routes.unwatch, changed)
            connection, token = await self._connect(stack)
            self._routes.objects.doubt()
            subscribed = set(self._routes.tables)
            await self._subscribe_first(connection, subscribed)
            follower = asyncio.create_task(
                self._follow(connection, subscribed, changed)
            )
            stack.push_async_callback(_cancelled, follower)
            yield _Updates(connection, self._routes, lambda: token.spent(self._clock()))

    async def _connect(self, stack: AsyncExitStack) -> tuple[Connection, Token]:
        """Open a session; a token that grew old unseen is replaced once."""
        known = self._access.current
        token = await self._access.token(fresh=True)
        code = await self._try(stack, token)
        if isinstance(code, int) and token is known:
            token = await self._access.token(fresh=True)
            code = await self._try(stack, token)
        if isinstance(code, int):
            raise CloudUnreachable(f"The broker refused the token ({code})")
        return code, token

    async def _try(self, stack: AsyncExitStack, token: Token) -> Connection | int:
        """Connect once and return the session, or why the token was refused."""
        if token.user_id is None:
            raise CloudUnreachable("The token does not say whose it is")
        connection = Connection(
            self._url,
            tls=self._tls,
            user=token.user_id,
            password=token.value,
            suffix=uuid.uuid4().hex,
            tally=self._routes.faults.tally,
        )
        try:
            async with asyncio.timeout(ENTER_TIMEOUT):
                return await stack.enter_async_context(connection)
        except TimeoutError:
            raise CloudUnreachable("The broker did not answer in time") from None
        except aiomqtt.MqttError as err:
            code = getattr(err, "rc", None)
            code = getattr(code, "value", code)
        if code in _CREDENTIALS_REFUSED:
            self._access.invalidate(token)
            return int(code)
        why = "closed" if code is None else str(code)
        raise CloudUnreachable(f"No session at the broker ({why})")

    async def _subscribe_first(self, connection: Connection, topics: set[str]) -> None:
        try:
            refused = await self._subscribe(connection, topics)
        except aiomqtt.MqttError:
            raise CloudUnreachable("The broker did not take subscriptions") from None
        if topics and refused == topics:
            raise CloudUnreachable("The broker refused every subscription")

    async def _subscribe(self, connection: Connection, topics: set[str]) -> set[str]:
        """Subscribe in few packets; return what was refused."""
        refused: set[str] = set()
        for packet in batched(sorted(topics), TOPICS_IN_PACKET, strict=False):
            refused |= await connection.refused(packet)
        self._routes.note_refused(refused)
        return refused

    async def _follow(
        self, connection: Connection, subscribed: set[str], changed: asyncio.Event
    ) -> None:
        """Subscribe to things that appear and leave those that are gone."""
        try:
            while True:
                await changed.wait()
                changed.clear()
                wanted = set(self._routes.tables)
                if gone := sorted(subscribed - wanted):
                    await connection.unsubscribe(gone)
                if added := wanted - subscribed:
                    await self._subscribe(connection, added)
                subscribed = wanted
        except aiomqtt.MqttError:
            connection.inbox.put_nowait(None)


async def _cancelled(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.wait([task])


class _Updates:
    """What the messages of one session say, one after the other or at once."""

    def __init__(
        self, connection: Connection, routes: Routes, expected: Callable[[], bool]
    ) -> None:
        self._connection = connection
        self._inbox = connection.inbox
        self._routes = routes
        self._expected = expected

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Update:
        while (message := await self._inbox.get()) is not None:
            topic, payload = message
            update = self._routes.update(topic, payload, datetime.now(UTC))
            if update:
                return update
        self._inbox.put_nowait(None)
        if self._expected():
            raise StopAsyncIteration
        raise _closed()

    async def hand_to(self, sink: Callable[[Update], None]) -> None:
        """Give each update to `sink` the moment its message is read, until the end."""

        def take(topic: str, payload: bytes) -> None:
            update = self._routes.update(topic, payload, datetime.now(UTC))
            if update:
                sink(update)

        try:
            self._connection.hand_over(take)
            await self._inbox.get()
        finally:
            self._connection.hand_over(None)
        if mistake := self._connection.mistake:
            raise mistake
        if not self._expected():
            raise _closed()


def _closed() -> CloudUnreachable:
    return CloudUnreachable("The broker closed the session")
