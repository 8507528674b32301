"""What the user defined on the devices of an account: kept in step, and carried out."""

import asyncio
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from homeassistant.core import callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.util import dt as dt_util

from .const import DOMAIN, LOGGER, SUBENTRY_MAPPING
from .errors import command_error
from .mappings import BadDefinition, Definition, Mapper, parse, reached
from .model import Act, CloudRejected, Event, Json, Press, Reading, Ref, SetPoint, Value

if TYPE_CHECKING:
    from homeassistant.config_entries import ConfigEntry

    from .coordinator import CloudCoordinator

type _Steering = SetPoint | Act

type _Kept = Mapping[str, tuple[str, Mapping[str, Any]]]
"""Name and document of each mapping, by its id."""

PATIENCE = timedelta(seconds=60)
"""How long a source may go on saying what it said before a command.

Some clouds repeat in each listing what a device sent last, which says nothing about a
command that came later. A device that has sent nothing for so long will not do it.
"""

SLACK = timedelta(seconds=1)
"""How far the clock of a cloud may be behind: some tell whole seconds only."""


class Mapped:
    """The mappings of one account; `active` is False while there are none.

    Then nothing else here needs to be asked.
    """

    def __init__(self, coordinator: CloudCoordinator) -> None:
        """Take what is defined now."""
        self.active = False
        self.mapper = Mapper()
        self._coordinator = coordinator
        self._kept: _Kept = {}
        self._definitions: Mapping[str, Definition] = {}
        self._before: dict[Ref, dict[Ref, Reading]] = {}
        self._sent: dict[Ref, datetime] = {}
        self._awaited: dict[Ref, tuple[_Steering, asyncio.Future[None]]] = {}
        self.async_take()

    @property
    def definitions(self) -> Mapping[str, Definition]:
        """What is defined, by id."""
        return self._definitions

    @callback
    def async_take(self) -> set[Ref] | None:
        """Take what is defined now; None if that is nothing new.

        Returns those whose readings do not hold any more.
        """
        kept = kept_mappings(self._coordinator.config_entry)
        if kept == self._kept:
            return None
        former, self._kept = self._kept, kept
        before = self._definitions
        self._definitions = now = _read(kept, former)
        self.mapper = Mapper(now.values())
        self.active = bool(now)
        stale = {
            Ref(former.device, former.key)
            for id_, former in before.items()
            if id_ not in now or _reads(now[id_]) != _reads(former)
        }
        for ref in stale:
            self._before.pop(ref, None)
            self._sent.pop(ref, None)
            self._settle(ref)
        return stale

    @callback
    def async_follow(
        self, readings: Mapping[Ref, Reading], events: Iterable[Event]
    ) -> dict[Ref, Reading]:
        """The readings that follow from events, and from readings that were taken."""
        current = self._coordinator.readings
        taken = {ref: new for ref, new in readings.items() if current.get(ref) is new}
        found = self.mapper.readings(taken, current)
        for ref in self._before.keys() & found.keys():
            if self._says_nothing_new(ref, taken):
                del found[ref]
            else:
                del self._before[ref]
        found |= self.mapper.events(events, {**current, **found} if found else current)
        for ref in self._awaited.keys() & found.keys():
            command, confirmed = self._awaited[ref]
            if not found[ref].assumed and reached(command, found[ref].value):
                _resolve(confirmed)
        self._end_assuming(found)
        return found

    async def async_execute(self, command: _Steering | Press) -> Json:
        """Carry out what is behind a command to a point that a mapping makes.

        Raises:
            HomeAssistantError: translated; also where the command was carried out and
                what it returned, or the source within the time limit, says that it
                failed.
        """
        if isinstance(command, Press):
            return await self._async_carry_out(command)
        definition = self.mapper.definition(command.ref)
        sent = dt_util.utcnow()
        if definition.confirm is None:
            said = self._said(command.ref)
            returned = await self._async_carry_out(command)
            # A board may have reported what it made of the command before it answered.
            if self._said(command.ref) == said:
                self._assume(command, sent)
            return returned
        with self._awaiting(command) as confirmed:
            returned = await self._async_carry_out(command)
            if not confirmed.done():
                await self._async_confirm(command, sent, definition, confirmed)
        return returned

    @callback
    def async_close(self) -> None:
        """Wait for confirmations no longer: the account is unloaded."""
        for ref in list(self._awaited):
            self._settle(ref)

    async def _async_carry_out(self, command: _Steering | Press) -> Json:
        """Carry out the command behind another one, and look at what it returned."""
        shown = self._coordinator.readings.get(command.ref)
        plan = self.mapper.plan(command, shown.value if shown else None)
        if plan is None:
            raise command_error(CloudRejected("No such state", key="invalid_value"))
        returned = await self._coordinator.async_execute(plan.command)
        if plan.success and not plan.success.holds(returned):
            raise _failed(plan.definition, "command_failed", value=str(returned))
        return returned

    async def _async_confirm(
        self,
        command: _Steering,
        sent: datetime,
        definition: Definition,
        confirmed: asyncio.Future[None],
    ) -> None:
        """Assume the effect until the source shows it, and take it back if it does not."""
        before = self._coordinator.readings.get(command.ref)
        assumed = self._assume(command, sent)
        truth = self._truth(command.ref, before)
        if truth and reached(command, truth.value):
            return
        await asyncio.wait([confirmed], timeout=definition.confirm)
        if not confirmed.done() and self._coordinator.listening_since is None:
            # Nothing is pushed: the cloud may know by now without having told.
            await self._coordinator.async_refresh()
        if confirmed.done():
            return
        self._before.pop(command.ref, None)
        back = self._truth(command.ref, before) or before
        self._take_back(command.ref, assumed, back)
        raise _failed(definition, "not_confirmed", seconds=f"{definition.confirm:g}")

    def _assume(self, command: _Steering, sent: datetime) -> Reading | None:
        """Show what a command that was sent then was to bring about."""
        self._sent[command.ref] = sent
        if sources := self.mapper.sources_of(command.ref):
            current = self._coordinator.readings
            known = {ref: current[ref] for ref in sources if ref in current}
            self._before[command.ref] = known
        return self._coordinator.async_assume(command)

    def _end_assuming(self, found: Mapping[Ref, Reading]) -> None:
        """Assume nothing any more where a source spoke after the command was sent.

        It may have spoken before the command was known to be done, and by another clock.
        """
        readings = self._coordinator.readings
        for ref in self._sent.keys() & found.keys():
            new, shown = found[ref], readings.get(ref)
            if new.assumed or new.at < self._sent[ref] - SLACK:
                continue
            del self._sent[ref]
            if shown and shown.assumed:
                del readings[ref]

    def _take_back(
        self, ref: Ref, assumed: Reading | None, back: Reading | None
    ) -> None:
        """Show what was before, unless something else is shown already."""
        readings = self._coordinator.readings
        if readings.get(ref) is assumed:
            readings.pop(ref, None)
            if back:
                readings[ref] = back
            self._coordinator.async_update_listeners()

    def _said(self, ref: Ref) -> Mapping[Ref, Value]:
        """What the sources have reported last."""
        current = self._coordinator.readings
        return {
            source: reading.value
            for source in self.mapper.sources_of(ref)
            if (reading := current.get(source)) and not reading.assumed
        }

    def _truth(self, ref: Ref, before: Reading | None) -> Reading | None:
        """What the sources say; of events, what was shown `before` is the last word."""
        current = self._coordinator.readings
        said = {
            source: reading
            for source in self.mapper.sources_of(ref)
            if (reading := current.get(source)) and not reading.assumed
        }
        known = {ref: before} if before and not before.assumed else {}
        return self.mapper.readings(said, known).get(ref, known.get(ref))

    def _says_nothing_new(self, ref: Ref, taken: Mapping[Ref, Reading]) -> bool:
        """Whether the sources only repeat what they said before the last command."""
        shown = self._coordinator.readings.get(ref)
        before = self._before[ref]
        return (
            shown is not None
            and shown.assumed
            and (ref in self._awaited or dt_util.utcnow() - shown.at < PATIENCE)
            and all(
                taken[source] == before.get(source)
                for source in self.mapper.sources_of(ref)
                if source in taken
            )
        )

    @contextmanager
    def _awaiting(self, command: _Steering) -> Iterator[asyncio.Future[None]]:
        """Have confirmations noted; a later command takes the place of an earlier one."""
        self._settle(command.ref)
        confirmed = asyncio.get_running_loop().create_future()
        self._awaited[command.ref] = command, confirmed
        try:
            yield confirmed
        finally:
            if self._awaited.get(command.ref, (None, None))[1] is confirmed:
                del self._awaited[command.ref]

    def _settle(self, ref: Ref) -> None:
        """Let nobody wait for a confirmation of this point any more."""
        if awaited := self._awaited.pop(ref, None):
            _resolve(awaited[1])


def kept_mappings(entry: ConfigEntry[Any]) -> _Kept:
    """The mappings of an account as they are kept."""
    return {
        id_: (subentry.title, subentry.data)
        for id_, subentry in entry.subentries.items()
        if subentry.subentry_type == SUBENTRY_MAPPING
    }


def _read(kept: _Kept, former: _Kept) -> dict[str, Definition]:
    """The definitions; one that cannot be read costs only its own entity."""
    found: dict[str, Definition] = {}
    for id_, (name, document) in kept.items():
        try:
            found[id_] = parse(id_, name, document)
        except BadDefinition as err:
            if former.get(id_) != kept[id_]:
                LOGGER.warning("A custom entity cannot be made: %s", err)
    return found


def _failed(definition: Definition, key: str, **more: str) -> HomeAssistantError:
    return HomeAssistantError(
        translation_domain=DOMAIN,
        translation_key=key,
        translation_placeholders={"name": definition.name, **more},
    )


def _resolve(future: asyncio.Future[None]) -> None:
    if not future.done():
        future.set_result(None)


def _reads(definition: Definition) -> object:
    """What the readings of a definition follow from."""
    return definition.state, definition.level, definition.classes.device_class
