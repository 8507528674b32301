"""Keeps a cloud's own notes in Home Assistant's storage."""

from collections.abc import Callable, Mapping
from typing import Any, cast

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.storage import Store

from .const import DOMAIN, LOGGER
from .model import Json

VERSION = 1
DELAY = 30.0
"""Seconds in which several changes are written once; the rest is written at a stop."""


class EntryMemory:
    """One document for each account."""

    def __init__(self, hass: HomeAssistant, entry_id: str) -> None:
        """Read and write nothing yet."""
        self._store: Store[dict[str, Any]] = Store(
            hass, VERSION, f"{DOMAIN}.{entry_id}", private=True
        )
        self._collect: Callable[[], Mapping[str, Json]] | None = None
        self._due = False
        self._closed = False

    async def load(self) -> Mapping[str, Json]:
        """Return what was kept last; empty the first time, and where it is unreadable."""
        try:
            kept: object = await self._store.async_load()
        except (HomeAssistantError, LookupError, NotImplementedError, TypeError) as err:
            # It cannot be opened, another version has written it, or it is JSON of
            # another kind, for which Home Assistant's storage has no words of its own.
            LOGGER.warning("Notes of an account are not used: %s", type(err).__name__)
            return {}
        # A file that was written or damaged by something else may hold anything.
        return cast(Mapping[str, Json], kept) if isinstance(kept, dict) else {}

    def save(self, collect: Callable[[], Mapping[str, Json]]) -> None:
        """Keep what `collect` returns, soon and at the latest when the account ends.

        What outlives the account, such as a command that is still waited for, changes
        nothing any more: by then the file belongs to whoever has loaded it since.
        """
        if self._closed:
            return
        self._collect = collect
        if not self._due:
            # Asked again, the store would begin to wait anew, and so for ever.
            self._due = True
            self._store.async_delay_save(self._written, DELAY)

    async def async_flush(self) -> None:
        """Write now what is still to be written, because the account is unloaded."""
        self._closed = True
        if self._collect:
            try:
                await self._store.async_save(self._written())
            except OSError as err:
                LOGGER.error("Notes of an account are lost: %s", type(err).__name__)

    def _written(self) -> dict[str, Json]:
        """What there is to be written by now."""
        self._due = False
        return dict(self._collect()) if self._collect else {}

    async def async_remove(self) -> None:
        """Forget everything, because the account is removed."""
        await self._store.async_remove()
