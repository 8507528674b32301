"""Tells the user, as repair issues, what they can put right at an account."""

from typing import Any

import probatio

from homeassistant.components.repairs import RepairsFlow, RepairsFlowResult
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import issue_registry as ir
from homeassistant.helpers.selector import (
    SelectOptionDict,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
)

from .const import DOMAIN
from .coordinator import CloudConfigEntry
from .lost_sources import candidates, lost_of, with_source


@callback
def async_follow_notices(hass: HomeAssistant, entry: CloudConfigEntry) -> None:
    """Show an issue for each notice of the account for as long as it is reported."""
    coordinator = entry.runtime_data.coordinator
    shown: set[str] = set()

    @callback
    def follow() -> None:
        reported = {
            f"{notice.key}_{entry.entry_id}": notice for notice in coordinator.notices
        }
        for issue_id, notice in reported.items():
            ir.async_create_issue(
                hass,
                DOMAIN,
                issue_id,
                is_fixable=False,
                severity=(
                    ir.IssueSeverity.ERROR
                    if notice.severe
                    else ir.IssueSeverity.WARNING
                ),
                translation_key=notice.key,
                translation_placeholders={
                    "account": entry.title,
                    **dict(notice.placeholders),
                },
            )
        for issue_id in shown - reported.keys():
            ir.async_delete_issue(hass, DOMAIN, issue_id)
        shown.clear()
        shown.update(reported)

    @callback
    def forget() -> None:
        for issue_id in shown:
            ir.async_delete_issue(hass, DOMAIN, issue_id)

    follow()
    entry.async_on_unload(coordinator.async_listen_notices(follow))
    entry.async_on_unload(forget)


async def async_create_fix_flow(
    hass: HomeAssistant, issue_id: str, data: dict[str, Any] | None
) -> RepairsFlow:
    """Let the user put right what an issue tells."""
    return SourceRepair(data or {})


class SourceRepair(RepairsFlow):
    """Asks which variable takes the place of one that is gone; the entity stays."""

    def __init__(self, data: dict[str, Any]) -> None:
        """Be about one mapping of one account."""
        self._data = data

    async def async_step_init(
        self, user_input: dict[str, str] | None = None
    ) -> RepairsFlowResult:
        """Begin: what comes in here is not from the user."""
        return await self.async_step_source()

    async def async_step_source(
        self, user_input: dict[str, str] | None = None
    ) -> RepairsFlowResult:
        """Show the variables that the device has."""
        entry: CloudConfigEntry | None = self.hass.config_entries.async_get_entry(
            self._data.get("entry_id", "")
        )
        if entry is None or entry.state is not ConfigEntryState.LOADED:
            return self.async_abort(reason="not_loaded")
        coordinator = entry.runtime_data.coordinator
        id_ = self._data["subentry_id"]
        definition = coordinator.mapped.definitions.get(id_)
        device = coordinator.listed.get(definition.device) if definition else None
        if definition is None or device is None:
            return self.async_abort(reason="gone")
        if user_input is not None:
            lost = lost_of(definition, device) or ""
            self.hass.config_entries.async_update_subentry(
                entry,
                entry.subentries[id_],
                data=with_source(definition, lost, user_input["source"]),
            )
            return self.async_create_entry(data={})
        options = [
            SelectOptionDict(value=key, label=name)
            for key, name in candidates(self.hass, entry, definition, device).items()
        ]
        if not options:
            return self.async_abort(reason="nothing_left")
        picker = SelectSelector(
            SelectSelectorConfig(options=options, mode=SelectSelectorMode.DROPDOWN)
        )
        return self.async_show_form(
            step_id="source",
            data_schema=probatio.Schema({probatio.Required("source"): picker}),
            description_placeholders={"name": definition.name, "device": device.name},
        )
