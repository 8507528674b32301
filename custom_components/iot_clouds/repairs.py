"""Leads the user through what puts right a repair issue: one table, one class each."""

from collections.abc import Mapping
from typing import Final

from homeassistant.components.repairs import RepairsFlow
from homeassistant.core import HomeAssistant

from .fixes.again import AgainFix
from .fixes.amount import AmountFix
from .fixes.base import AccountFix, Data
from .fixes.feed import FeedFix
from .fixes.replacement import FunctionFix, SourceFix
from .fixes.sign_in import SignInFix
from .fixes.webhook import WebhookFix

FIXES: Final[Mapping[str, type[AccountFix]]] = {
    "budget_80": AmountFix,
    "budget_100": AmountFix,
    "feed_down": FeedFix,
    "function_gone": FunctionFix,
    "installation_outdated": AgainFix,
    "local_cloud_outdated": FeedFix,
    "source_gone": SourceFix,
    "token_expires": SignInFix,
    "webhook_silent": WebhookFix,
}
"""By the translation key of the issue; what is not here is only told."""


async def async_create_fix_flow(
    hass: HomeAssistant, issue_id: str, data: Data | None
) -> RepairsFlow:
    """Let the user put right what an issue tells."""
    told = data or {}
    issue = str(told.get("issue"))
    return FIXES[issue](issue, told)
