"""Ties the REST interface and the broker together into one account."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from itertools import chain
import ssl
import time
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from ...cloud import Feed, Memory, NoMemory, Reader, Receiver
from ...model import (
    Account,
    CloudMissing,
    CloudRejected,
    CloudUnreachable,
    Command,
    Device,
    Drop,
    Json,
    Reading,
    Ref,
    SetPoint,
    Snapshot,
    Update,
    Writable,
)
from .boards import Boards
from .client import Client
from .faults import UNKNOWN_TYPE, Faults
from .history import ArduinoHistory
from .models import parse_things
from .names import ThingNames
from .property_types import property_type
from .stream import Routes, Stream, topic_of
from .things import Things
from .translate import CONSOLE, device
from .units import Units
from .values import read_object
from .views import Readings, View
from .writer import WINDOW, Writer
from .writing import written


class ArduinoCloud:
    """One account, or one space of it, as the core wants to see it.

    `faults` counts what the cloud sent wrong; `refused` are the topics that the broker
    did not let us listen to.
    """

    accepts = (SetPoint,)
    reader: Reader | None = None
    receiver: Receiver | None = None

    def __init__(
        self,
        client: Client,
        *,
        mqtt_url: str,
        tls: ssl.SSLContext,
        left_out: frozenset[str] = frozenset(),
        account_id: str = "account",
        console: str | None = CONSOLE,
        things: Things | None = None,
        memory: Memory | None = None,
        clock: Callable[[], float] = time.monotonic,
        window: float = WINDOW,
    ) -> None:
        """Do nothing before the first question.

        `account_id` is the id of the device that stands for the account, `console` is
        where the vendor shows the things, and `window` is how many seconds a write waits
        for others to the same thing. Things that are `left_out` are listed by name, and
        that is all.
        """
        self.faults = Faults(client.tally)
        self.history = ArduinoHistory(client, self._view)
        self._left_out = left_out
        self._client = client
        self._things = things or Things(client)
        self._console = console
        self._account = Device(
            id=account_id, name="Arduino Cloud", is_account=True, url=console
        )
        self._writer = Writer(client, window=window)
        self._boards = Boards(client, self.faults, clock=clock)
        self._units = Units(client, self.faults, memory or NoMemory())
        self._routes = Routes(self.faults)
        self._stream = Stream(mqtt_url, tls, client.access, self._routes, clock=clock)
        self._views: dict[Ref, View] = {}
        self._listed = False
        self._last: dict[Ref, tuple[View, Readings]] = {}

    @property
    def refused(self) -> frozenset[str]:
        """Topics that the broker refused: their things are only polled."""
        return frozenset(self._routes.refused)

    def diagnostics(self) -> Mapping[str, Json]:
        """What the cloud sent wrong, what is only polled, and how it is written to."""
        return {
            "faults": {**self.faults.counts},
            "refused_topics": [*sorted(self.refused)],
            "unknown_types": [*self.faults.told(UNKNOWN_TYPE)],
            "units": {**self._units.offered},
            "requests_per_second": self._client.requests_per_second,
            "too_many_requests": self._client.refusals,
            "writes_together": self._writer.together,
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
        answer, started = await self._things.ask()
        listing = parse_things(answer, self.faults)
        things = tuple(one for one in listing.items if one.id not in self._left_out)
        await self._boards.update(things, self._routes.offline, started)
        await self._units.update(things)
        devices = {
            thing.id: device(
                thing,
                self._boards.of(thing),
                self._units.offered,
                console=self._console,
            )
            for thing in things
        }
        offline = {
            thing_id for thing_id, seen in devices.items() if seen.online is False
        }
        tables = {topic_of(t.id): ThingNames(t, self.faults) for t in things}
        readings = self._readings(tables.values(), started)
        readings |= self._boards.readings(things)
        self._routes.replace(tables, offline)
        self._listed = True
        others = [one for one in listing.items if one.id in self._left_out]
        named = {one.id: Device(id=one.id, name=one.name) for one in others}
        return Snapshot(
            devices={**named, **devices, self._account.id: self._account},
            readings=readings,
            complete=listing.complete,
        )

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
        view = await self._view(*command.ref)
        if not view.prop.writable:
            raise CloudRejected("read only", key="not_writable")
        await self._write(view, command.value)
        return None

    async def close(self) -> None:
        """Give up writes that wait, and forget the token."""
        await self._writer.close()
        self._things.close()
        if token := self._client.access.current:
            self._client.access.invalidate(token)

    @asynccontextmanager
    async def _values(self) -> AsyncIterator[AsyncIterator[Update]]:
        """Listen to every listed thing, wherefore there must be a listing."""
        if not self._listed:
            await self.snapshot()
        async with self._stream.open() as updates:
            yield updates

    async def _view(self, device_id: str, point: str | None) -> View:
        """The property that a point shows; raises CloudMissing if there is none."""
        if not self._listed:
            await self.snapshot()
        if point is None:
            raise CloudRejected(
                "which variable is not said", key="invalid_value", field="key"
            )
        view = self._views.get(Ref(device_id, point))
        if view is None:
            raise CloudMissing("No such property")
        return view

    async def _write(self, view: View, value: Writable) -> None:
        """Write a value in the vendor's words, laid over what is known or on its way."""
        thing_id, objects = view.ref.device_id, self._routes.objects
        if isinstance(value, datetime):
            value = await _wall_time(value, view.timezone)
        known = self._writer.wanted(thing_id, view.prop.id)
        if not isinstance(known, dict):
            known = objects.get(view.ref)
        sent = written(view.kind, value, known, objects.level(view.ref))
        await self._writer.write(thing_id, view.prop, sent)
        if isinstance(sent, dict):
            # The next partial write may come before the board's echo.
            objects.put(view.ref, sent, datetime.now(UTC))

    def _readings(
        self, tables: Iterable[ThingNames], started: datetime
    ) -> dict[Ref, Reading]:
        """The last values, the very same objects for those that did not change."""
        last, self._last = self._last, {}
        self._views = {}
        for table in tables:
            for view in table.views:
                self._views[view.ref] = view
                self._views.update(dict.fromkeys(view.extras, view))
                before = last.get(view.ref)
                if before and _same_value(before[0], view):
                    self._last[view.ref] = (view, before[1])
                else:
                    told = self._reading(view, started)
                    if before and before[0].prop.type != view.prop.type:
                        told = view.anew(told, started)
                    self._last[view.ref] = (view, told)
        self._routes.objects.keep(set(self._last))
        return dict(chain.from_iterable(found for _, found in self._last.values()))

    def _reading(self, view: View, started: datetime) -> Readings:
        """A listed value; a time that has not come yet would block those after it."""
        prop, objects = view.prop, self._routes.objects
        if property_type(prop.type) is None:
            self.faults.note(UNKNOWN_TYPE, prop.type[:64])
        at = min(prop.updated_at or started, datetime.now(UTC))
        try:
            if isinstance(prop.last_value, dict):
                parts = prop.last_value
                if view.kind.attributes:
                    parts = read_object(view.kind, parts)
                objects.put(view.ref, parts, at)
            return view.readings(prop.last_value, at, objects.level(view.ref))
        except ValueError:
            self.faults.note(
                "a listed value that is not of its type", prop.id, drop=Drop.WRONG_TYPE
            )
            return []


def _same_value(before: View, now: View) -> bool:
    """Whether a listing says nothing new; True and 1 are different values."""
    was, is_ = before.prop, now.prop
    return (
        was.updated_at == is_.updated_at
        and was.type == is_.type
        and was.writable == is_.writable
        and was.last_value == is_.last_value
        and type(was.last_value) is type(is_.last_value)
        and before.timezone == now.timezone
    )


async def _wall_time(moment: datetime, timezone: str) -> datetime:
    """A moment on the clock of the thing's wall."""
    if moment.tzinfo is None:
        return moment
    try:
        # Its first use reads a file.
        zone = await asyncio.to_thread(ZoneInfo, timezone)
    except ZoneInfoNotFoundError, ValueError, OSError:
        raise CloudRejected("the time zone of the thing is not known") from None
    return moment.astimezone(zone).replace(tzinfo=None)
