"""Lets the user choose what takes the place of what a custom entity has lost."""

from abc import abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar, override

import probatio

from homeassistant.components.repairs import RepairsFlowResult
from homeassistant.data_entry_flow import AbortFlow
from homeassistant.helpers.selector import (
    SelectOptionDict,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
)

from ..mappings import Definition, dump
from ..model import Device
from ..replacing import lost_function, lost_source, sources, with_function, with_source
from .base import AccountFix


class _ReplacementFix(AccountFix):
    """Asks for a replacement until nothing is lost; the entity stays what it is."""

    step: ClassVar[str]
    """The only step, and its only field."""

    @abstractmethod
    def _lost(self, definition: Definition, device: Device) -> str | None:
        """What the device has no more."""

    @abstractmethod
    def _offered(
        self, definition: Definition, device: Device, lost: str
    ) -> Mapping[str, str]:
        """What it has instead, with names."""

    @abstractmethod
    def _replaced(self, definition: Definition, lost: str, chosen: str) -> Definition:
        """The definition with something else instead."""

    async def async_step_init(
        self, user_input: dict[str, Any] | None = None
    ) -> RepairsFlowResult:
        """Begin: what comes in here is not from the user."""
        return self._choose(None)

    def _choose(self, user_input: dict[str, Any] | None) -> RepairsFlowResult:
        definition, device, lost = self._about()
        if user_input is not None:
            chosen = self._replaced(definition, lost, user_input[self.step])
            self.hass.config_entries.async_update_subentry(
                self.entry, self.entry.subentries[definition.id], data=dump(chosen)
            )
            more = self._lost(chosen, device)
            if more is None:
                return self.async_create_entry(data={})
            definition, lost = chosen, more
        offered = self._offered(definition, device, lost)
        if not offered:
            return self.async_abort(reason="nothing_left")
        options = [
            SelectOptionDict(value=key, label=name) for key, name in offered.items()
        ]
        picker = SelectSelector(
            SelectSelectorConfig(options=options, mode=SelectSelectorMode.DROPDOWN)
        )
        return self.async_show_form(
            step_id=self.step,
            data_schema=probatio.Schema({probatio.Required(self.step): picker}),
            description_placeholders={
                "name": definition.name,
                "device": device.name,
                "lost": lost.rpartition("/")[2],
            },
        )

    def _about(self) -> tuple[Definition, Device, str]:
        """The mapping as it is now.

        Raises:
            AbortFlow: it is removed or has lost nothing, or its device is gone.
        """
        coordinator = self.entry.runtime_data.coordinator
        definition = coordinator.mapped.definitions.get(str(self._data["subentry_id"]))
        device = coordinator.listed.get(definition.device) if definition else None
        if definition is None or device is None:
            raise AbortFlow("gone")
        lost = self._lost(definition, device)
        if lost is None:
            raise AbortFlow("gone")
        return definition, device, lost


class SourceFix(_ReplacementFix):
    """Asks which variable takes the place of one that is gone."""

    step = "source"

    async def async_step_source(
        self, user_input: dict[str, Any] | None = None
    ) -> RepairsFlowResult:
        """Take a variable that the device has."""
        return self._choose(user_input)

    @override
    def _lost(self, definition: Definition, device: Device) -> str | None:
        return lost_source(definition, device)

    @override
    def _offered(
        self, definition: Definition, device: Device, lost: str
    ) -> Mapping[str, str]:
        return sources(self.hass, self.entry, definition, device, lost)

    @override
    def _replaced(self, definition: Definition, lost: str, chosen: str) -> Definition:
        return with_source(definition, lost, chosen)


class FunctionFix(_ReplacementFix):
    """Asks which function takes the place of one that is gone."""

    step = "function"

    async def async_step_function(
        self, user_input: dict[str, Any] | None = None
    ) -> RepairsFlowResult:
        """Take a function that the device has."""
        return self._choose(user_input)

    @override
    def _lost(self, definition: Definition, device: Device) -> str | None:
        return lost_function(definition, device)

    @override
    def _offered(
        self, definition: Definition, device: Device, lost: str
    ) -> Mapping[str, str]:
        return {name: name for name in device.functions}

    @override
    def _replaced(self, definition: Definition, lost: str, chosen: str) -> Definition:
        return with_function(definition, lost, chosen)
