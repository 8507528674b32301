"""Lets the user sign in again before the cloud refuses what is saved."""

from typing import Any, override

import probatio

from homeassistant.components.repairs import FlowType, RepairsFlowResult
from homeassistant.config_entries import SOURCE_REAUTH, SOURCE_RECONFIGURE

from ..const import DOMAIN
from ..coordinator import CloudConfigEntry
from .base import ConfirmFix, words


class SignInFix(ConfirmFix):
    """Leads to the form of the account; the issue goes with what is saved there."""

    @override
    async def async_step_confirm(
        self, user_input: dict[str, Any] | None = None
    ) -> RepairsFlowResult:
        """Tell how much time is left, and go on with signing in."""
        entry, notice = self.told()
        if user_input is None:
            return self.async_show_form(
                step_id="confirm",
                data_schema=probatio.Schema({}),
                description_placeholders=words(entry, notice),
            )
        flow_id = await self._form(entry)
        return self.async_abort(
            reason="sign_in", next_flow=(FlowType.CONFIG_FLOW, flow_id)
        )

    async def _form(self, entry: CloudConfigEntry) -> str:
        """Id of the flow that asks for the credentials; one is enough."""
        for flow in entry.async_get_active_flows(
            self.hass, {SOURCE_REAUTH, SOURCE_RECONFIGURE}
        ):
            return flow["flow_id"]
        begun = await self.hass.config_entries.flow.async_init(
            DOMAIN, context={"source": SOURCE_RECONFIGURE, "entry_id": entry.entry_id}
        )
        return begun["flow_id"]
