"""Lets the user turn a webhook off to which nothing is delivered, or keep it."""

from typing import Any

from homeassistant.components.repairs import RepairsFlowResult

from ..addresses import async_forget
from ..cloud import WEBHOOK
from ..webhook import Door
from .base import AccountFix, words


class WebhookFix(AccountFix):
    """Turns the account's webhook off, if the user wants that."""

    async def async_step_init(
        self, user_input: dict[str, Any] | None = None
    ) -> RepairsFlowResult:
        """Tell what to look after at the vendor, and ask what to do."""
        return self.async_show_menu(
            step_id="init",
            menu_options=["turn_off", "keep"],
            description_placeholders=words(*self.told()),
        )

    async def async_step_turn_off(
        self, user_input: dict[str, Any] | None = None
    ) -> RepairsFlowResult:
        """Close the door and go on without deliveries."""
        entry, _ = self.told()
        options = dict(entry.options)
        if door := Door.of(options):
            del options[WEBHOOK]
            await async_forget(self.hass, door)
        return await self.async_reload(entry, options)

    async def async_step_keep(
        self, user_input: dict[str, Any] | None = None
    ) -> RepairsFlowResult:
        """Change nothing; the issue goes with the first delivery."""
        return self.async_abort(reason="kept")
