"""Carry out commands, each exactly once (reference 2.1, 4, 6.1, 7.3)."""

import asyncio
from collections.abc import Callable
from datetime import datetime

from ...model import (
    Call,
    CloudMissing,
    CloudRejected,
    Command,
    Install,
    Json,
    Press,
    Publish,
    Reading,
    Ref,
    SetPoint,
    Writable,
)
from . import settings
from .budget import Budget
from .client import Client
from .extras import Extras
from .firmware import Firmwares
from .keys import (
    FIRMWARE,
    FUNCTION,
    LOCATE,
    PING,
    REFRESH_VITALS,
    SETTING,
    SIGNAL_OFF,
    SIGNAL_ON,
)
from .membership import Members
from .shelf import Shelf

ACCEPTED = (Call, Publish, Press, Install, SetPoint)

_TRACKER = "cmd"
_GET_LOCATION = '{"cmd":"get_loc"}'


class Actions:
    """Calls and publications are counted as operations of the month."""

    def __init__(
        self,
        client: Client,
        budget: Budget,
        members: Members,
        extras: Extras,
        firmwares: Firmwares,
        shelf: Shelf,
        *,
        now: Callable[[], datetime],
    ) -> None:
        """Take what commands need."""
        self._client = client
        self._budget = budget
        self._members = members
        self._extras = extras
        self._firmwares = firmwares
        self._shelf = shelf
        self._now = now
        self._writing = asyncio.Lock()

    async def execute(self, command: Command) -> Json:
        """Do it, and return what a function returned."""
        match command:
            case Call(function=""):
                raise CloudMissing("A function has a name")
            case Call(device_id=device_id, function=function, argument=argument):
                return await self._call(device_id, function, argument)
            case Publish(name=""):
                # A local cloud would break down over it (reference 12.3).
                raise CloudRejected("An event needs a name", field="name")
            case Publish(name=name, data=data):
                self._budget.spend()
                await self._client.publish(name, data)
            case Press(ref=ref):
                return await self._press(ref)
            case Install(ref=ref) if ref.key == FIRMWARE:
                await self._install(ref)
            case SetPoint(ref=ref, value=value) if ref.key.startswith(SETTING):
                await self._set(ref, value)
            case _:
                raise CloudRejected("This cloud does not take such a command")
        return None

    async def _call(self, device_id: str, function: str, argument: str) -> Json:
        self._budget.spend()
        return await self._client.call(device_id, function, argument)

    async def _press(self, ref: Ref) -> Json:
        device_id, key = ref
        if key.startswith(FUNCTION) and key != FUNCTION:
            return await self._call(device_id, key.removeprefix(FUNCTION), "")
        if key == LOCATE:
            return await self._locate(device_id)
        if key == PING:
            await self._client.ping(device_id)
        elif key in {SIGNAL_ON, SIGNAL_OFF}:
            await self._client.signal(device_id, key == SIGNAL_ON)
        elif key == REFRESH_VITALS:
            reports = self._client.reports
            await reports.refresh_vitals(device_id, self._extras.product(device_id))
        else:
            raise CloudMissing("There is no such action")
        return None

    async def _locate(self, device_id: str) -> Json:
        """Have a Tracker report; it answers with a negative number if it cannot."""
        result = await self._call(device_id, _TRACKER, _GET_LOCATION)
        if isinstance(result, int) and result < 0:
            raise CloudRejected(f"The device answered with {result}")
        return result

    async def _install(self, ref: Ref) -> None:
        """Let the device take its product's firmware, without locking it to one (8.4)."""
        if self._shelf.get(Ref(ref.device_id, FIRMWARE)) is None:
            raise CloudMissing("The device has no firmware of a product")
        await self._client.force_updates(ref.device_id)
        self._firmwares.started(ref.device_id, self._now())

    async def _set(self, ref: Ref, value: Writable) -> None:
        product = self._members.product(ref.device_id)
        if product is None:
            raise CloudMissing("Only devices of a product have settings")
        at = self._now()
        # Each replaces the whole document: at once, one would take the other back.
        async with self._writing:
            done = await settings.write(self._client.reports, ref, product, value)
        self._extras.changed(ref.device_id)
        if isinstance(value, int | float | str):
            attributes: dict[str, Json] | None = None if done else {"pending": True}
            self._shelf.take({ref: Reading(value=value, at=at, attributes=attributes)})
