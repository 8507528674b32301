"""One account's devices and readings, kept current by polls and pushes."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, tzinfo
from functools import partial
from typing import TYPE_CHECKING, Any, override

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers.update_coordinator import DataUpdateCoordinator
from homeassistant.util import dt as dt_util

from .adjust import adjusted, adjustments
from .assumed import assumed, supersedes
from .cloud import Cloud, Vendor
from .const import LOGGER
from .counters import Counters
from .errors import async_refused, loggable, poll_error
from .follow_up import FollowUp
from .heard import Heard
from .mapped import Mapped
from .model import (
    Act,
    CloudError,
    Command,
    Device,
    Drop,
    Event,
    Json,
    Notice,
    Press,
    Reading,
    Ref,
    SetPoint,
    Update,
    left_out,
)
from .past import Past
from .published import Published
from .pulses import Pulse, told
from .selection import Selection
from .wall_time import load_zones
from .watchers import Watchers

if TYPE_CHECKING:
    from .feeds import FeedSupervisor
    from .reads import ReadCoordinator
    from .room import Room

type CloudConfigEntry = ConfigEntry[AccountRuntime]


@dataclass(slots=True, kw_only=True)
class AccountRuntime:
    """What lives as long as an account is loaded."""

    vendor: Vendor
    coordinator: CloudCoordinator
    reads: ReadCoordinator | None
    feeds: FeedSupervisor
    heard: Heard
    room: Room


class CloudCoordinator(DataUpdateCoordinator[Mapping[str, Device]]):
    """Lists the account by poll, takes pushes in between, and wakes whom it concerns.

    `data` is the account's devices by id, replaced as a whole and only when they differ.
    `listed` is the same without what the user adjusted.
    `readings` changes in place: copying it for each push would cost more than all the
    rest of a push does (docs/architecture.md). `zones` are the time zones that points
    and schedules name, as far as they are known. `listening_since` is the moment from
    which on no push can have been missed, None while pushes may be missed.
    """

    config_entry: CloudConfigEntry

    def __init__(
        self,
        hass: HomeAssistant,
        entry: CloudConfigEntry,
        vendor: Vendor,
        cloud: Cloud,
        counters: Counters,
    ) -> None:
        """Start with no devices."""
        super().__init__(
            hass,
            LOGGER,
            config_entry=entry,
            name=entry.title,
            update_interval=vendor.poll_fast,
            always_update=False,
        )
        self.cloud = cloud
        self.counters = counters
        self.listed: Mapping[str, Device] = {}
        self.readings: dict[Ref, Reading] = {}
        self.complete = True
        self.notices: tuple[Notice, ...] = ()
        self.zones: Mapping[str, tzinfo] = {}
        self.pulses: dict[Ref, Pulse] = {}
        self.published = Published()
        self.listening_since: datetime | None = None
        self._past = Past()
        self.selection = Selection(hass, entry, left_out(entry.options))
        self._changes = adjustments(entry.options)
        self._vendor = vendor
        self._feeds_live = False
        self._pace: timedelta | None = None
        self._watchers = Watchers()
        self._polled: list[Ref] = []
        self._happened: tuple[Event, ...] = ()
        self.mapped = Mapped(self)
        self._follow_up = FollowUp(self)
        self._notice_listeners: list[CALLBACK_TYPE] = []

    @property
    def reachable(self) -> bool:
        """Whether the account answers: by poll, or by push while polls fail."""
        return self.last_update_success or self._feeds_live

    @override
    @callback
    def async_add_listener(
        self, update_callback: CALLBACK_TYPE, context: Any = None
    ) -> Callable[[], None]:
        """Listen to everything, or with a `Ref` as context also to pushes for it."""
        remove = super().async_add_listener(update_callback, context)
        if not isinstance(context, Ref):
            return remove
        unwatch = self._watchers.add(context, update_callback)

        @callback
        def stop() -> None:
            remove()
            unwatch()

        return stop

    @callback
    def async_listen_notices(self, listener: CALLBACK_TYPE) -> CALLBACK_TYPE:
        """Hear when the account's notices are others; returns how to stop."""
        self._notice_listeners.append(listener)
        return partial(self._notice_listeners.remove, listener)

    def watched(self, ref: Ref) -> bool:
        """Whether an enabled entity shows this point, or what is made from it."""
        fed = self.mapped.mapper.fed_by(ref)
        return self._watchers.has(ref) or any(map(self._watchers.has, fed))

    @callback
    def async_apply(self, update: Update) -> None:
        """Take what a feed or a reader delivered and wake the entities it concerns."""
        update = self.selection.news(update)
        self._watchers.wake(self._merge(update.readings, events=update.events))
        for device_id, online in update.online.items():
            self._set_online(device_id, online)
        self.published.async_tell(update.events)
        if update.sent:
            self.counters.shown(update.sent)
        if update.relist:
            self.async_relist()

    @callback
    def async_relist(self) -> None:
        """Ask for a listing soon; several wishes close together cost one."""
        self.config_entry.async_create_background_task(
            self.hass, self.async_request_refresh(), f"{self.name} relist"
        )

    @callback
    def async_set_feeds_live(self, live: bool) -> None:
        """Take note that the feeds are all up, or not: polls follow, and so does trust."""
        self.listening_since = dt_util.utcnow() if live else None
        self._past.missed(self.readings, dt_util.utcnow())
        if live == self._feeds_live:
            return
        self._feeds_live = live
        self._set_interval()
        if not self.last_update_success:
            self.async_update_listeners()

    def _set_interval(self) -> None:
        """Poll as seldom as the push sources or the cloud itself allow."""
        vendor = self._vendor
        usual = vendor.poll_slow if self._feeds_live else vendor.poll_fast
        self.update_interval = self._pace or usual

    async def async_execute(self, command: Command) -> Json:
        """Carry out a command once and show its effect until the cloud reports it.

        Raises:
            HomeAssistantError: translated; `ServiceValidationError` for wrong input.
        """
        if isinstance(command, SetPoint | Press | Act):
            if self.mapped.mapper.makes(command.ref):
                return await self.mapped.async_execute(command)
        try:
            result = await self.counters.executed(self.cloud.execute(command))
        except CloudError as err:
            raise async_refused(self.hass, self.config_entry, err) from err
        if self._pace:
            self._follow_up.async_commanded()
        if isinstance(command, SetPoint | Act):
            self.async_assume(command)
        return result

    @callback
    def async_assume(self, command: SetPoint | Act) -> Reading | None:
        """Show what a command implies, if it says that in the words of its point."""
        ref = command.ref
        device = self.data.get(ref.device_id)
        point = device.points.get(ref.key) if device else None
        before = self.readings.get(ref)
        value = before.value if before else None
        reading = assumed(point, command, value) if point else None
        if reading:
            self._watchers.wake(self._merge({ref: reading}))
        return reading

    @override
    async def _async_update_data(self) -> Mapping[str, Device]:
        started = dt_util.utcnow()
        self._past.correct(self.readings, started)
        try:
            snapshot = self.selection.listing(await self.cloud.snapshot())
        except CloudError as err:
            self._pace = None
            self._set_interval()
            raise poll_error(err, self.config_entry) from loggable(err)
        self.zones = await load_zones(self.zones, snapshot)
        self._polled = self._merge(snapshot.readings, started, snapshot.events)
        self._past.listed(started)
        self._happened = snapshot.events
        self.complete = snapshot.complete
        if snapshot.notices != self.notices:
            self.notices = snapshot.notices
            for listener in list(self._notice_listeners):
                listener()
        listed, devices = snapshot.devices, adjusted(snapshot.devices, self._changes)
        if not snapshot.complete and self.data:
            listed, devices = {**self.listed, **listed}, {**self.data, **devices}
        if self.mapped.active:
            devices = self.mapped.mapper.devices(devices, listed)
        self.listed = listed
        self._pace = snapshot.poll_in
        self._set_interval()
        # The same object for the same content lets everyone else compare by identity.
        if devices == self.data:
            return self.data
        for ref in [ref for ref in self.readings if ref.device_id not in devices]:
            del self.readings[ref]
        return devices

    @override
    @callback
    def _async_refresh_finished(self) -> None:
        polled, self._polled = self._polled, []
        self._watchers.wake(polled)
        happened, self._happened = self._happened, ()
        self.published.async_tell(happened)

    def _merge(
        self,
        readings: Mapping[Ref, Reading],
        started: datetime | None = None,
        events: tuple[Event, ...] = (),
    ) -> list[Ref]:
        """Lay newer readings over older ones; return the addresses of what changed."""
        current = self.readings
        changed = []
        for ref, new in readings.items():
            old = current.get(ref)
            if old is not None:
                if not (
                    supersedes(new, old, started) or self._past.over(ref, old, started)
                ):
                    if started is None and not self.mapped.mapper.makes(ref):
                        self.counters.tally.drop(Drop.OUTDATED)
                    continue
                if old.value == new.value and old.attributes == new.attributes:
                    current[ref] = new
                    continue
            current[ref] = new
            changed.append(ref)
        if self.pulses:
            changed += told(self.pulses, readings, started)
        if self.mapped.active and (more := self.mapped.async_follow(readings, events)):
            changed += self._merge(more, started)
        return changed

    @callback
    def _set_online(self, device_id: str, online: bool) -> None:
        device = self.data.get(device_id)
        if device is None or device.online is online:
            return
        self.data = {**self.data, device_id: replace(device, online=online)}
        self._watchers.wake_device(device_id)
