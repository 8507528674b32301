"""Lets the user allow another amount where most of it is used, or leave it."""

from typing import Any

import probatio

from homeassistant.components.repairs import RepairsFlowResult
from homeassistant.data_entry_flow import AbortFlow
from homeassistant.helpers.selector import (
    NumberSelector,
    NumberSelectorConfig,
    NumberSelectorMode,
)

from ..const import CONF_VENDOR
from ..coordinator import CloudConfigEntry
from ..model import Amount, Notice
from ..vendors import VENDORS
from .base import AccountFix, words

CONF_AMOUNT = "amount"


class AmountFix(AccountFix):
    """Changes the option that the account's notice names."""

    async def async_step_init(
        self, user_input: dict[str, Any] | None = None
    ) -> RepairsFlowResult:
        """Tell how much is used, and ask what to do."""
        return self.async_show_menu(
            step_id="init",
            menu_options=["change", "keep"],
            description_placeholders=words(*self.told()),
        )

    async def async_step_change(
        self, user_input: dict[str, Any] | None = None
    ) -> RepairsFlowResult:
        """Ask for the amount, and begin anew with it."""
        entry, notice = self.told()
        choice = _choice(entry, notice)
        if user_input is not None:
            amount = int(user_input[CONF_AMOUNT])
            return await self.async_reload(entry, {**entry.options, choice.key: amount})
        field = probatio.Required(
            CONF_AMOUNT, default=entry.options.get(choice.key, choice.default)
        )
        number = NumberSelector(
            NumberSelectorConfig(
                min=choice.minimum,
                max=choice.maximum,
                step=1,
                mode=NumberSelectorMode.BOX,
            )
        )
        return self.async_show_form(
            step_id="change",
            data_schema=probatio.Schema({field: number}),
            description_placeholders=words(entry, notice),
        )

    async def async_step_keep(
        self, user_input: dict[str, Any] | None = None
    ) -> RepairsFlowResult:
        """Change nothing; the issue stays until its cause is gone."""
        return self.async_abort(reason="kept")


def _choice(entry: CloudConfigEntry, notice: Notice) -> Amount:
    """What is to be changed.

    Raises:
        AbortFlow: the vendor has no such choice.
    """
    for choice in VENDORS[entry.data[CONF_VENDOR]].choices:
        if isinstance(choice, Amount) and choice.key == notice.option:
            return choice
    raise AbortFlow("gone")
