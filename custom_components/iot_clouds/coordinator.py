"""One account's devices and readings, kept current by polls and pushes."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any, override

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers.update_coordinator import DataUpdateCoordinator
from homeassistant.util import dt as dt_util

from .cloud import Cloud, Reader, Vendor
from .const import LOGGER
from .errors import command_error, poll_error
from .model import (
    CloudAuthError,
    CloudError,
    Command,
    Device,
    Json,
    Reading,
    Ref,
    SetPoint,
    Update,
)

if TYPE_CHECKING:
    from .feeds import FeedSupervisor

type CloudConfigEntry = ConfigEntry[AccountRuntime]


@dataclass(slots=True, kw_only=True)
class AccountRuntime:
    """What lives as long as an account is loaded."""

    vendor: Vendor
    coordinator: CloudCoordinator
    reads: ReadCoordinator | None
    feeds: FeedSupervisor


class CloudCoordinator(DataUpdateCoordinator[Mapping[str, Device]]):
    """Lists the account by poll, takes pushes in between, and wakes whom it concerns.

    `data` is the account's devices by id, replaced as a whole and only when they differ.
    `readings` changes in place: copying it for each push would cost more than all the
    rest of a push does (docs/architecture.md).
    """

    config_entry: CloudConfigEntry

    def __init__(
        self, hass: HomeAssistant, entry: CloudConfigEntry, vendor: Vendor, cloud: Cloud
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
        self.readings: dict[Ref, Reading] = {}
        self.complete = True
        self._vendor = vendor
        self._feeds_live = False
        self._watchers: dict[str, dict[str, list[CALLBACK_TYPE]]] = {}
        self._polled: list[Ref] = []

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
        watchers = self._watchers.setdefault(context.device_id, {})
        watchers.setdefault(context.key, []).append(update_callback)
        return partial(self._remove_watcher, remove, context, update_callback)

    @callback
    def _remove_watcher(
        self, remove: Callable[[], None], ref: Ref, update_callback: CALLBACK_TYPE
    ) -> None:
        remove()
        keys = self._watchers[ref.device_id]
        keys[ref.key].remove(update_callback)
        if not keys[ref.key]:
            del keys[ref.key]
        if not keys:
            del self._watchers[ref.device_id]

    def watched(self, ref: Ref) -> bool:
        """Whether an enabled entity shows this point."""
        return ref.key in self._watchers.get(ref.device_id, ())

    @callback
    def async_apply(self, update: Update) -> None:
        """Take what a feed or a reader delivered and wake the entities it concerns."""
        self._wake(self._merge(update.readings))
        for device_id, online in update.online.items():
            self._set_online(device_id, online)
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
        if live == self._feeds_live:
            return
        self._feeds_live = live
        vendor = self._vendor
        self.update_interval = vendor.poll_slow if live else vendor.poll_fast
        if not self.last_update_success:
            self.async_update_listeners()

    async def async_execute(self, command: Command) -> Json:
        """Carry out a command once and show its effect until the cloud reports it.

        Raises:
            HomeAssistantError: translated; `ServiceValidationError` for wrong input.
        """
        try:
            result = await self.cloud.execute(command)
        except CloudError as err:
            if isinstance(err, CloudAuthError):
                self.config_entry.async_start_reauth(self.hass)
            raise command_error(err) from err
        if isinstance(command, SetPoint) and not isinstance(command.value, dict | list):
            assumed = Reading(value=command.value, at=dt_util.utcnow(), assumed=True)
            self._wake(self._merge({command.ref: assumed}))
        return result

    @override
    async def _async_update_data(self) -> Mapping[str, Device]:
        started = dt_util.utcnow()
        try:
            snapshot = await self.cloud.snapshot()
        except CloudError as err:
            raise poll_error(err) from err
        self._polled = self._merge(snapshot.readings, started)
        self.complete = snapshot.complete
        devices = snapshot.devices
        if not snapshot.complete and self.data:
            devices = {**self.data, **devices}
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
        self._wake(polled)

    def _merge(
        self, readings: Mapping[Ref, Reading], started: datetime | None = None
    ) -> list[Ref]:
        """Lay newer readings over older ones; return the addresses of what changed."""
        current = self.readings
        changed = []
        for ref, new in readings.items():
            old = current.get(ref)
            if old is not None:
                if not _supersedes(new, old, started):
                    continue
                if old.value == new.value and old.attributes == new.attributes:
                    current[ref] = new
                    continue
            current[ref] = new
            changed.append(ref)
        return changed

    @callback
    def _wake(self, refs: Iterable[Ref]) -> None:
        for device_id, key in refs:
            if keys := self._watchers.get(device_id):
                for update_callback in keys.get(key, ()):
                    update_callback()

    @callback
    def _set_online(self, device_id: str, online: bool) -> None:
        device = self.data.get(device_id)
        if device is None or device.online is online:
            return
        self.data = {**self.data, device_id: replace(device, online=online)}
        for keys in list(self._watchers.get(device_id, {}).values()):
            for update_callback in list(keys):
                update_callback()


def _supersedes(new: Reading, old: Reading, started: datetime | None) -> bool:
    """Whether a reading takes the place of another.

    An assumed one yields to its own confirmation and to any listing asked for after it,
    whatever time the cloud gives the value: a listing that still has the old value says
    that the command changed nothing.
    """
    if new.at >= old.at:
        return True
    if not old.assumed:
        return False
    return new.value == old.value or (started is not None and started >= old.at)


class ReadCoordinator(DataUpdateCoordinator[None]):
    """Reads billed points on a rhythm of its own; a failed read costs only itself."""

    config_entry: CloudConfigEntry

    def __init__(
        self,
        hass: HomeAssistant,
        entry: CloudConfigEntry,
        account: CloudCoordinator,
        reader: Reader,
    ) -> None:
        """Read nothing yet."""
        super().__init__(
            hass,
            LOGGER,
            config_entry=entry,
            name=f"{entry.title} billed reads",
            update_interval=reader.interval(0),
        )
        self._account = account
        self._reader = reader

    @callback
    def async_start(self) -> None:
        """Read once now and then by interval, as long as the account is loaded."""
        self.config_entry.async_on_unload(self.async_add_listener(_nobody))
        self.config_entry.async_create_background_task(
            self.hass, self.async_refresh(), f"{self.name} first"
        )

    async def async_read(self, ref: Ref) -> None:
        """Read one point now, because somebody asked for it.

        Raises:
            HomeAssistantError: translated.
        """
        try:
            self._account.async_apply(await self._reader.read([ref]))
        except CloudError as err:
            raise command_error(err) from err

    @override
    async def _async_update_data(self) -> None:
        refs = self._due()
        self.update_interval = self._reader.interval(len(refs))
        if not refs:
            return
        try:
            self._account.async_apply(await self._reader.read(refs))
        except CloudError as err:
            raise poll_error(err) from err

    def _due(self) -> list[Ref]:
        """Billed points that an enabled entity shows and whose device can answer."""
        return [
            device.ref(point.key)
            for device in self._account.data.values()
            if device.online is not False
            for point in device.points.values()
            if point.billed and self._account.watched(device.ref(point.key))
        ]


@callback
def _nobody() -> None:
    """Keep a coordinator polling that no entity listens to."""
