"""Reads the points of an account that cost something, on a rhythm of their own."""

from typing import override

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.update_coordinator import DataUpdateCoordinator

from .cloud import Reader
from .const import LOGGER
from .coordinator import CloudConfigEntry, CloudCoordinator
from .errors import async_refused, command_error, loggable, poll_error
from .model import CloudError, CloudUnreachable, DeviceOffline, Ref, Update


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
            update_interval=reader.interval(()),
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
        found = False
        try:
            async for update in self._reader.read([ref], asked=True):
                self._account.async_apply(update)
                found = found or ref in update.readings
        except CloudError as err:
            raise async_refused(self.hass, self.config_entry, err) from err
        if not found:
            raise command_error(DeviceOffline("The variable could not be read"))

    @override
    async def _async_update_data(self) -> None:
        refs = self._due()
        try:
            await self._read(refs)
        finally:
            self.update_interval = self._reader.interval(refs)

    async def _read(self, refs: list[Ref]) -> None:
        told = False
        # While the cloud answers in no other way, a read would cost and tell nothing.
        if refs and self._account.reachable:
            try:
                async for update in self._reader.read(refs):
                    told = told or _tells(update)
                    self._account.async_apply(update)
            except CloudError as err:
                raise poll_error(err, self.config_entry) from loggable(err)
        if not told and not self.last_update_success:
            # Nobody was asked, which does not prove that the cloud is back.
            raise poll_error(
                CloudUnreachable("Nothing was due since a read failed"),
                self.config_entry,
            )

    def _due(self) -> list[Ref]:
        """Billed points that an enabled entity shows and whose device can answer."""
        return [
            device.ref(point.key)
            for device in self._account.data.values()
            if device.online is not False
            for point in device.points.values()
            if point.billed and self._account.watched(device.ref(point.key))
        ]


def _tells(update: Update) -> bool:
    """Whether it is more than that something is not known any more."""
    known = [each for each in update.readings.values() if each.value is not None]
    return update.relist or bool(known)


@callback
def _nobody() -> None:
    """Keep a coordinator polling that no entity listens to."""
