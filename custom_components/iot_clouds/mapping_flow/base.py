"""What the steps of the flow have in common."""

from collections.abc import Iterable, Mapping
from typing import Any

import probatio

from homeassistant.config_entries import (
    ConfigEntryState,
    ConfigSubentryFlow,
    SubentryFlowResult,
)
from homeassistant.data_entry_flow import AbortFlow
from homeassistant.helpers.translation import async_get_translations

from ..const import DOMAIN
from ..coordinator import CloudConfigEntry
from ..model import Device, Verb
from ..offered import device_names
from .draft import Draft


class Steps(ConfigSubentryFlow):
    """A flow about the entities of an account, and the one that is being defined."""

    draft: Draft

    @property
    def entry(self) -> CloudConfigEntry:
        """The account, which must be loaded."""
        entry: CloudConfigEntry = self._get_entry()
        if entry.state is not ConfigEntryState.LOADED:
            raise AbortFlow("not_loaded")
        return entry

    @property
    def device(self) -> Device:
        """The device as the cloud lists it."""
        device = self.entry.runtime_data.coordinator.listed.get(self.draft.device)
        if device is None:
            raise AbortFlow("no_device")
        return device

    def show_menu(
        self, step_id: str, options: Iterable[str], **words: str
    ) -> SubentryFlowResult:
        """Show a menu about the device."""
        return self.async_show_menu(
            step_id=step_id,
            menu_options=[*options],
            description_placeholders={**self._words(), **words},
        )

    def show_form(
        self,
        step_id: str,
        schema: probatio.Schema,
        shown: Mapping[str, Any] | None,
        errors: dict[str, str],
        **words: str,
    ) -> SubentryFlowResult:
        """Show a form about the device, filled with what is `shown`."""
        return self.async_show_form(
            step_id=step_id,
            data_schema=self.add_suggested_values_to_schema(schema, shown),
            errors=errors,
            description_placeholders={**self._words(), **words},
            last_step=False,
        )

    async def async_word(self, verb: Verb) -> str:
        """A verb in the language of Home Assistant."""
        language = self.hass.config.language
        texts = await async_get_translations(self.hass, language, "selector", [DOMAIN])
        key = f"component.{DOMAIN}.selector.mapping_verb.options.{verb.value}"
        return texts.get(key, verb.value)

    def _words(self) -> dict[str, str]:
        device = self.device
        names = device_names(self.hass, self.entry)
        return {"device": names.get(device.id, device.name)}
