"""The step in which the user has messages delivered by the vendor."""

from typing import Any, Final, override

import probatio

from homeassistant.config_entries import ConfigFlowResult
from homeassistant.core import callback
from homeassistant.helpers.selector import BooleanSelector

from ..addresses import async_address, async_forget
from ..cloud import WEBHOOK
from ..webhook import SECRET_HEADER, Door
from .base import Steps

CONF_ENABLED: Final = "enabled"

_SCHEMA: Final = probatio.Schema(
    {probatio.Required(CONF_ENABLED, default=True): BooleanSelector()}
)


class WebhookStep(Steps):
    """Shows an address for deliveries, and opens or closes it."""

    _door: Door
    _unused: Door | None = None

    @property
    def receives(self) -> bool:
        """Whether the vendor can deliver; only a cloud that is connected says so."""
        return self.is_loaded and self.coordinator.cloud.receiver is not None

    async def async_step_webhook(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Tell what the vendor needs to know to deliver, and ask whether it may."""
        options = dict(self.config_entry.options)
        kept = Door.of(options)
        if user_input is None:
            self._door = kept or Door.new()
            address = await async_address(self.hass, self._door)
            self._unused = None if kept else self._door
            if address is None and kept is None:
                return self.async_abort(reason="no_address")
            return self.async_show_form(
                step_id="webhook",
                data_schema=_SCHEMA,
                description_placeholders={
                    "url": address or "-",
                    "header": SECRET_HEADER,
                    "secret": self._door.secret,
                },
            )
        options.pop(WEBHOOK, None)
        if user_input[CONF_ENABLED]:
            options[WEBHOOK] = self._door.saved()
            self._unused = None
        elif kept:
            await async_forget(self.hass, self._door)
        return self.async_create_entry(data=options)

    @override
    @callback
    def async_remove(self) -> None:
        """Take back an address that was made to be shown, and is not wanted."""
        if self._unused:
            self.hass.async_create_task(async_forget(self.hass, self._unused))
