"""What all repairs share: the account that they are about, and how they end."""

from abc import abstractmethod
from collections.abc import Mapping
from typing import Any

from homeassistant.components.repairs import RepairsFlow, RepairsFlowResult
from homeassistant.config_entries import ConfigEntryState
from homeassistant.data_entry_flow import AbortFlow
from homeassistant.helpers import issue_registry as ir

from ..const import DOMAIN
from ..coordinator import CloudConfigEntry
from ..model import Notice

type Data = Mapping[str, str | int | float | None]
"""What an issue carries; `entry_id` is always among it."""


class AccountFix(RepairsFlow):
    """Puts something right at one account."""

    def __init__(self, issue: str, data: Data) -> None:
        """Be about an issue, by its translation key, of one account."""
        self._issue = issue
        self._data = data

    @property
    def entry(self) -> CloudConfigEntry:
        """The account.

        Raises:
            AbortFlow: it is not connected, or removed.
        """
        entry: CloudConfigEntry | None = self.hass.config_entries.async_get_entry(
            str(self._data["entry_id"])
        )
        if entry is None or entry.state is not ConfigEntryState.LOADED:
            raise AbortFlow("not_loaded")
        return entry

    def told(self) -> tuple[CloudConfigEntry, Notice]:
        """The account, and what its cloud says now.

        Raises:
            AbortFlow: it is not connected, or says so no more.
        """
        entry = self.entry
        for notice in entry.runtime_data.coordinator.notices:
            if notice.key == self._issue:
                return entry, notice
        raise AbortFlow("gone")

    async def async_reload(
        self, entry: CloudConfigEntry, options: Mapping[str, Any]
    ) -> RepairsFlowResult:
        """Let the account begin anew with these options, and say whether that helped."""
        self.hass.config_entries.async_update_entry(entry, options=options)
        await self.hass.config_entries.async_reload(entry.entry_id)
        return self.end()

    def end(self) -> RepairsFlowResult:
        """End well, or without success as long as the issue is shown."""
        if ir.async_get(self.hass).async_get_issue(DOMAIN, self.issue_id):
            return self.async_abort(reason="remains")
        return self.async_create_entry(data={})


class ConfirmFix(AccountFix):
    """Tells something, and acts when the user agrees."""

    async def async_step_init(
        self, user_input: dict[str, Any] | None = None
    ) -> RepairsFlowResult:
        """Begin: what comes in here is not from the user."""
        return await self.async_step_confirm()

    @abstractmethod
    async def async_step_confirm(
        self, user_input: dict[str, Any] | None = None
    ) -> RepairsFlowResult:
        """Tell, and act once there is an answer, which is empty."""


def words(entry: CloudConfigEntry, notice: Notice) -> dict[str, str]:
    """Placeholders for what is said about an account."""
    return {
        "account": entry.title,
        **dict(notice.placeholders),
        **dict(notice.details),
    }
