"""The steps for many entities at once: copies for devices alike, and sheets of YAML."""

from typing import Any, Final

import probatio

from homeassistant.config_entries import SubentryFlowResult
from homeassistant.helpers.selector import (
    SelectOptionDict,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
    TextSelector,
    TextSelectorConfig,
)

from ..mappings import Definition, dump
from ..mappings.fleet import alike
from ..mappings.sheets import BadSheet, read, write
from ..offered import device_names
from .base import Steps
from .draft import Draft
from .keeping import async_keep
from .selecting import choice

CONF_MAPPING: Final = "mapping"
CONF_DEVICES: Final = "devices"
CONF_SHEET: Final = "sheet"

_SHEET: Final = TextSelector(TextSelectorConfig(multiline=True))


class FleetSteps(Steps):
    """Copies entities to other devices, and takes and shows them as YAML."""

    _copied: Definition
    _copies: dict[str, Definition]

    async def async_step_copy(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Ask which entity is copied."""
        definitions = self.entry.runtime_data.coordinator.mapped.definitions
        errors: dict[str, str] = {}
        if user_input is not None:
            if (chosen := definitions.get(user_input[CONF_MAPPING])) is None:
                return self.async_abort(reason="gone")
            self._copied, self.draft = chosen, Draft.of(chosen)
            coordinator = self.entry.runtime_data.coordinator
            self._copies = alike(chosen, coordinator.listed)
            if self._copies:
                return await self.async_step_targets()
            errors[CONF_MAPPING] = "none_alike"
        devices = device_names(self.hass, self.entry)
        names = {
            id_: f"{each.name} ({devices.get(each.device, each.device)})"
            for id_, each in definitions.items()
        }
        fields = probatio.Schema({probatio.Required(CONF_MAPPING): choice(names)})
        return self.async_show_form(
            step_id="copy",
            data_schema=self.add_suggested_values_to_schema(fields, user_input),
            errors=errors,
            last_step=False,
        )

    async def async_step_targets(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Ask which devices get a copy."""
        errors: dict[str, str] = {}
        if user_input is not None:
            chosen = [
                self._copies[id_]
                for id_ in user_input[CONF_DEVICES]
                if id_ in self._copies
            ]
            if chosen:
                rows = [(each.name, dump(each)) for each in chosen]
                async_keep(self.hass, self.entry, rows)
                return self._done("copied", len(rows))
            errors[CONF_DEVICES] = "none_chosen"
        names = device_names(self.hass, self.entry)
        options = [
            SelectOptionDict(value=id_, label=name)
            for id_, name in names.items()
            if id_ in self._copies
        ]
        picker = SelectSelector(
            SelectSelectorConfig(
                options=options, multiple=True, mode=SelectSelectorMode.LIST
            )
        )
        field = probatio.Required(CONF_DEVICES, default=[*self._copies])
        return self.show_form(
            "targets",
            probatio.Schema({field: picker}),
            None,
            errors,
            name=self._copied.name,
        )

    async def async_step_import(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Ask for a sheet, and keep what it says."""
        errors: dict[str, str] = {}
        words = {"line": "", "field": ""}
        if user_input is not None:
            names = device_names(self.hass, self.entry)
            try:
                rows = read(user_input[CONF_SHEET], names)
            except BadSheet as err:
                errors[CONF_SHEET] = f"sheet_{err.reason}"
                words = {"line": str(err.line), "field": err.field}
            else:
                kept = [(each.name, each.document) for each in rows]
                async_keep(self.hass, self.entry, kept)
                return self._done("imported", len(kept))
        fields = probatio.Schema({probatio.Required(CONF_SHEET): _SHEET})
        return self.async_show_form(
            step_id="import",
            data_schema=self.add_suggested_values_to_schema(fields, user_input),
            errors=errors,
            description_placeholders=words,
        )

    async def async_step_export(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Show all entities of the user's own as a sheet."""
        if user_input is not None:
            return self.async_abort(reason="exported")
        definitions = self.entry.runtime_data.coordinator.mapped.definitions
        sheet = write(definitions.values(), device_names(self.hass, self.entry))
        fields = probatio.Schema({probatio.Optional(CONF_SHEET): _SHEET})
        return self.async_show_form(
            step_id="export",
            data_schema=self.add_suggested_values_to_schema(
                fields, {CONF_SHEET: sheet}
            ),
        )

    def _done(self, reason: str, count: int) -> SubentryFlowResult:
        return self.async_abort(
            reason=reason, description_placeholders={"count": str(count)}
        )
