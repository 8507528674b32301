"""Lets the user try now whether live updates are possible again."""

from typing import Any, override

import probatio

from homeassistant.components.repairs import RepairsFlowResult
from homeassistant.helpers import issue_registry as ir

from ..const import DOMAIN
from .base import ConfirmFix


class FeedFix(ConfirmFix):
    """Connects at once instead of when it is due; the issue stays until that works."""

    @override
    async def async_step_confirm(
        self, user_input: dict[str, Any] | None = None
    ) -> RepairsFlowResult:
        """Tell what to look after, and try."""
        issue = ir.async_get(self.hass).async_get_issue(DOMAIN, self.issue_id)
        feeds = self.entry.runtime_data.feeds
        if issue is None:
            return self.async_abort(reason="gone")
        errors = {}
        if user_input is not None:
            if await feeds.async_retry():
                return self.async_create_entry(data={})
            errors["base"] = "still_down"
        return self.async_show_form(
            step_id="confirm",
            data_schema=probatio.Schema({}),
            errors=errors,
            description_placeholders=issue.translation_placeholders,
        )
