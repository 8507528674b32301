"""Writes to variables, gathered so that a scene costs one request for each thing."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
import json
from typing import Protocol

from ...model import CloudError, CloudMissing, CloudRejected, CloudUnreachable, Json
from .models import Property

WINDOW = 0.05
"""Seconds that a write waits for others to the same thing."""


class Publisher(Protocol):
    """The two ways to write (reference 2.6)."""

    async def publish(self, thing_id: str, property_id: str, value: Json) -> None:
        """Write one property."""

    async def publish_together(self, thing_id: str, values: Mapping[str, Json]) -> None:
        """Write several properties of a thing, by the names of their variables."""


@dataclass(slots=True, kw_only=True, eq=False)
class _Wish:
    """A value that somebody waits to see written."""

    prop: Property
    value: Json
    done: asyncio.Future[None]

    def succeed(self) -> None:
        if not self.done.done():
            self.done.set_result(None)

    def fail(self, error: CloudError) -> None:
        if not self.done.done():
            self.done.set_exception(error)


type _Wishes = dict[str, _Wish]


@dataclass(slots=True, kw_only=True, eq=False)
class _Lane:
    """The writes of one thing, by property id; one request of it runs at a time."""

    waiting: _Wishes = field(default_factory=dict)
    sending: _Wishes = field(default_factory=dict)
    task: asyncio.Task[None] | None = None

    def join(self, prop: Property, value: Json) -> _Wish:
        """Find or make the wish that this value is written with.

        A later value replaces one that is still waiting, and one that is being sent
        already is not sent again.
        """
        if wish := self.waiting.get(prop.id):
            wish.value = value
            return wish
        sending = self.sending.get(prop.id)
        if sending and not sending.done.done() and _same(sending.value, value):
            return sending
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        # A caller that went away leaves nobody to look at an error.
        done.add_done_callback(lambda done: done.cancelled() or done.exception())
        wish = self.waiting[prop.id] = _Wish(prop=prop, value=value, done=done)
        return wish

    def give_up(self) -> None:
        """Tell whoever still waits that nothing comes of it."""
        for wish in (*self.waiting.values(), *self.sending.values()):
            wish.fail(CloudUnreachable("The account was closed"))


class Writer:
    """Sends what is written to a thing within a short while as one request.

    `sleep` is a parameter for tests. `together` becomes False for good when the cloud
    refuses several values at once but takes each of them alone (reference 11.11).
    """

    def __init__(
        self,
        publisher: Publisher,
        *,
        window: float = WINDOW,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        """Have nothing to write."""
        self.together = True
        self._publisher = publisher
        self._window = window
        self._sleep = sleep
        self._lanes: dict[str, _Lane] = {}

    def wanted(self, thing_id: str, property_id: str) -> Json:
        """The value that is on its way to a property; None if there is none."""
        lane = self._lanes.get(thing_id)
        if lane is None:
            return None
        wish = lane.waiting.get(property_id) or lane.sending.get(property_id)
        return wish.value if wish else None

    async def write(self, thing_id: str, prop: Property, value: Json) -> None:
        """Write a value; returns when the cloud has taken it, or what replaced it.

        Raises:
            CloudError: why the cloud did not take it.
        """
        lane = self._lanes.setdefault(thing_id, _Lane())
        wish = lane.join(prop, value)
        if lane.task is None:
            lane.task = asyncio.create_task(self._run(thing_id, lane))
        # Waiting leaves the write alone when this caller goes away.
        await asyncio.wait([wish.done])
        wish.done.result()

    async def close(self) -> None:
        """Give up what is not written yet."""
        lanes, self._lanes = list(self._lanes.values()), {}
        tasks = [lane.task for lane in lanes if lane.task]
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)
        for lane in lanes:
            lane.give_up()

    async def _run(self, thing_id: str, lane: _Lane) -> None:
        """Send what is waiting until nothing is."""
        try:
            while lane.waiting:
                await self._sleep(self._window)
                lane.sending, lane.waiting = lane.waiting, {}
                await self._send(thing_id, list(lane.sending.values()))
                lane.sending = {}
        finally:
            # The lane of a closed account is another's by now.
            if self._lanes.get(thing_id) is lane:
                del self._lanes[thing_id]
            lane.give_up()

    async def _send(self, thing_id: str, wishes: list[_Wish]) -> None:
        values = {wish.prop.variable: wish.value for wish in wishes}
        if not self.together or len(wishes) == 1 or len(values) < len(wishes):
            await self._send_each(thing_id, wishes)
            return
        try:
            await self._publisher.publish_together(thing_id, values)
        except CloudRejected, CloudMissing:
            # One bad value spoils all; alone, each gets its own answer.
            self.together = not await self._send_each(thing_id, wishes)
        except CloudError as err:
            for wish in wishes:
                wish.fail(err)
        else:
            for wish in wishes:
                wish.succeed()

    async def _send_each(self, thing_id: str, wishes: list[_Wish]) -> bool:
        """Write each alone; return whether the cloud took them all."""
        taken = await asyncio.gather(
            *(self._send_one(thing_id, wish) for wish in wishes)
        )
        return all(taken)

    async def _send_one(self, thing_id: str, wish: _Wish) -> bool:
        try:
            await self._publisher.publish(thing_id, wish.prop.id, wish.value)
        except CloudError as err:
            wish.fail(err)
            return False
        wish.succeed()
        return True


def _same(one: Json, other: Json) -> bool:
    """Whether two values are the same JSON; True is not 1."""
    return json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)
