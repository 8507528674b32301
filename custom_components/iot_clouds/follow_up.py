"""Looks soon after a command at a cloud that is otherwise polled at its own pace."""

from datetime import datetime
from typing import TYPE_CHECKING

from homeassistant.core import CALLBACK_TYPE, callback
from homeassistant.helpers.event import async_call_later

if TYPE_CHECKING:
    from .coordinator import CloudCoordinator

SOON = 10.0
"""Seconds after which a device has usually answered; no cloud is asked sooner."""


class FollowUp:
    """One listing after one command or several; the cloud's pace follows from it."""

    def __init__(self, coordinator: CloudCoordinator) -> None:
        """Nothing was commanded yet."""
        self._coordinator = coordinator
        self._cancel: CALLBACK_TYPE | None = None
        self._ended = False
        coordinator.config_entry.async_on_unload(self._stop)

    @callback
    def async_commanded(self) -> None:
        """A command was carried out, maybe only after the account was unloaded."""
        if self._cancel is None and not self._ended:
            hass = self._coordinator.hass
            self._cancel = async_call_later(hass, SOON, self._look)

    @callback
    def _look(self, now: datetime) -> None:
        self._cancel = None
        self._coordinator.async_relist()

    @callback
    def _stop(self) -> None:
        self._ended = True
        if self._cancel:
            self._cancel()
            self._cancel = None
