"""Lets the user have the account begin anew after something was put right elsewhere."""

from typing import Any, override

import probatio

from homeassistant.components.repairs import RepairsFlowResult

from .base import ConfirmFix, words


class AgainFix(ConfirmFix):
    """Reloads the account, and says whether the cloud still tells the same."""

    @override
    async def async_step_confirm(
        self, user_input: dict[str, Any] | None = None
    ) -> RepairsFlowResult:
        """Tell what to do, and look again."""
        entry, notice = self.told()
        if user_input is not None:
            return await self.async_reload(entry, entry.options)
        return self.async_show_form(
            step_id="confirm",
            data_schema=probatio.Schema({}),
            description_placeholders=words(entry, notice),
        )
