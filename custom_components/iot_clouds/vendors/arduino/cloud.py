"""Ties the REST interface and the broker together into one account."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
import ssl
import time

from ...cloud import Feed, History, Reader
from ...model import (
    Account,
    CloudAuthError,
    CloudError,
    CloudMissing,
    CloudRejected,
    CloudUnreachable,
    Command,
    Json,
    Light,
    Player,
    Reading,
    Ref,
    SetPoint,
    Snapshot,
    Update,
)
from .client import Client
from .faults import Faults
from .models import Board, Listing, Property, Thing, parse_boards, parse_things
from .names import ThingNames
from .property_types import property_type
from .stream import Routes, Stream, topic_of
from .translate import device, key, kind_of
from .values import read_object, reading, written

BOARDS_EVERY = 240.0
"""Seconds between listings of boards: each costs a request that a command may want.

A little less than the slow poll, so that each slow poll knows who is online.
"""


class ArduinoCloud:
    """One account, or one space of it, as the core wants to see it.

    `faults` counts what the cloud sent wrong; `refused` are the topics that the broker
    did not let us listen to.
    """

    accepts = (SetPoint,)
    reader: Reader | None = None
    history: History | None = None

    def __init__(
        self,
        client: Client,
        *,
        mqtt_url: str,
        tls: ssl.SSLContext,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Do nothing before the first question."""
        self.faults = Faults()
        self._client = client
        self._clock = clock
        self._routes = Routes(self.faults)
        self._stream = Stream(mqtt_url, tls, client.access, self._routes, clock=clock)
        self._properties: dict[Ref, Property] = {}
        self._listed = False
        self._boards: Mapping[str, Board] = {}
        self._boards_due = 0.0
        self._bound: frozenset[tuple[str, str | None]] = frozenset()
        self._last: dict[Ref, tuple[Property, Reading | None]] = {}

    @property
    def refused(self) -> frozenset[str]:
        """Topics that the broker refused: their things are only polled."""
        return frozenset(self._routes.refused)

    def diagnostics(self) -> Mapping[str, Json]:
        """What the cloud sent wrong, and the things that are only polled."""
        return {
            "faults": {**self.faults.counts},
            "refused_topics": [*sorted(self.refused)],
        }

    async def identify(self) -> Account:
        """Ask whose the API key is (reference 1.3).

        Raises:
            CloudAuthError, CloudBusy.
            CloudUnreachable: also when the token does not say it.
        """
        token = await self._client.access.token()
        if token.user_id is None:
            raise CloudUnreachable("The token does not say whose it is")
        space = self._client.credentials.organization_id
        if space is None:
            return Account(id=token.user_id, title="Arduino Cloud")
        return Account(
            id=f"{token.user_id}_{space}", title=f"Arduino Cloud (space {space[:8]})"
        )

    async def snapshot(self) -> Snapshot:
        """List the things with their values, and now and then the boards.

        Raises:
            CloudAuthError, CloudUnreachable, CloudBusy, CloudRejected, CloudMissing.
        """
        started = datetime.now(UTC)
        listing = parse_things(await self._client.things(), self.faults)
        await self._update_boards(listing.items)
        devices = {
            thing.id: device(thing, self._boards.get(thing.board_id or ""))
            for thing in listing.items
        }
        offline = {
            thing_id for thing_id, seen in devices.items() if seen.online is False
        }
        readings = self._readings(listing, started)
        self._routes.replace(
            {topic_of(t.id): ThingNames(t, self.faults) for t in listing.items}, offline
        )
        self._listed = True
        return Snapshot(devices=devices, readings=readings, complete=listing.complete)

    def feeds(self) -> Mapping[str, Feed]:
        """The values that boards publish."""
        return {"values": self._values}

    async def execute(self, command: Command) -> Json:
        """Write a value to a property; the cloud answers with nothing.

        Raises:
            CloudRejected: another command, a value that does not fit, or read only.
            CloudMissing: no such property.
            CloudAuthError, CloudUnreachable, CloudBusy.
        """
        if not isinstance(command, SetPoint):
            raise CloudRejected("this cloud knows no such command")
        if not self._listed:
            await self.snapshot()
        ref = command.ref
        prop = self._properties.get(ref)
        if prop is None:
            raise CloudMissing("No such property")
        if not prop.writable:
            raise CloudRejected("read only", key="not_writable")
        if isinstance(command.value, Light | Player | datetime):
            raise CloudRejected("not a value of this property", key="invalid_value")
        value = written(kind_of(prop), command.value, self._routes.objects.get(ref))
        await self._client.publish(ref.device_id, prop.id, value)
        if isinstance(value, dict):
            # The next partial write may come before the board's echo.
            self._routes.objects.put(ref, value, datetime.now(UTC))
        return None

    async def close(self) -> None:
        """Forget the token; there is nothing else to release."""
        if token := self._client.access.current:
            self._client.access.invalidate(token)

    @asynccontextmanager
    async def _values(self) -> AsyncIterator[AsyncIterator[Update]]:
        """Listen to every listed thing, wherefore there must be a listing."""
        if not self._listed:
            await self.snapshot()
        async with self._stream.open() as updates:
            yield updates

    async def _update_boards(self, things: tuple[Thing, ...]) -> None:
        """List the boards when it is time or the things say that something changed.

        Values matter more than the boards' state: when this fails, the last known one
        stays and the next listing tries again.
        """
        bound = frozenset((thing.id, thing.board_id) for thing in things)
        # A thing that spoke since it was called offline has left that set.
        woken = any(
            board.online is False and thing.id not in self._routes.offline
            for thing in things
            if (board := self._boards.get(thing.board_id or ""))
        )
        if bound == self._bound and not woken and self._clock() < self._boards_due:
            return
        try:
            answer = await self._client.boards()
            boards = parse_boards(answer, self.faults).items
        except CloudAuthError:
            raise
        except CloudError as err:
            self.faults.note(f"the listing of boards failed: {type(err).__name__}")
            return
        self._boards = {board.id: board for board in boards}
        self._boards_due = self._clock() + BOARDS_EVERY
        self._bound = bound

    def _readings(
        self, listing: Listing[Thing], started: datetime
    ) -> dict[Ref, Reading]:
        """The last values, the very same objects for those that did not change."""
        last, self._last = self._last, {}
        self._properties = {}
        for thing in listing.items:
            for prop in thing.properties:
                ref = Ref(thing.id, key(prop.id))
                self._properties[ref] = prop
                before = last.get(ref)
                if before and _same_value(before[0], prop):
                    self._last[ref] = (prop, before[1])
                else:
                    self._last[ref] = (prop, self._reading(ref, prop, started))
        self._routes.objects.keep(set(self._properties))
        return {ref: value for ref, (_, value) in self._last.items() if value}

    def _reading(self, ref: Ref, prop: Property, started: datetime) -> Reading | None:
        """A listed value; a time that has not come yet would block those after it."""
        kind = kind_of(prop)
        if property_type(prop.type) is None:
            self.faults.note("an unknown type, shown as text", prop.type[:64])
        at = min(prop.updated_at or started, datetime.now(UTC))
        try:
            value = reading(kind, prop.last_value, at)
            if isinstance(prop.last_value, dict):
                parts = prop.last_value
                if kind.attributes:
                    parts = read_object(kind, parts)
                self._routes.objects.put(ref, parts, at)
        except ValueError:
            self.faults.note("a listed value that is not of its type", prop.id)
            return None
        return value


def _same_value(before: Property, now: Property) -> bool:
    """Whether a listing says nothing new; True and 1 are different values."""
    return (
        before.updated_at == now.updated_at
        and before.type == now.type
        and before.last_value == now.last_value
        and type(before.last_value) is type(now.last_value)
    )
