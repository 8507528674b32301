"""The steps in which the user says which devices and variables there are at all."""

from collections.abc import Mapping
from typing import Any, Final

import probatio

from homeassistant.config_entries import ConfigFlowResult
from homeassistant.helpers.selector import (
    SelectOptionDict,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
)

from ..const import CONF_POINTS
from ..devices import unique_id
from ..model import LEFT_OUT, left_out
from ..offered import importable_names, text_of
from ..variable_form import HIDDEN
from .base import Steps

CONF_HIDDEN: Final = "hidden"


class SelectingSteps(Steps):
    """Leaves devices out and takes them in again, and so for hidden variables."""

    async def async_step_devices(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask which devices are left out; those that are not listed now stay so."""
        names = importable_names(self.hass, self.account)
        if not names:
            return self.async_abort(reason="no_devices")
        options = self.config_entry.options
        before = left_out(options)
        if user_input is not None:
            chosen = sorted((before - names.keys()).union(user_input[LEFT_OUT]))
            return self.async_create_entry(data={**options, LEFT_OUT: chosen})
        known = [device_id for device_id in names if device_id in before]
        field = probatio.Required(LEFT_OUT, default=known)
        picker = _several(names, SelectSelectorMode.DROPDOWN)
        return self.async_show_form(
            step_id="devices", data_schema=probatio.Schema({field: picker})
        )

    async def async_step_hidden(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask which of the hidden variables stay hidden."""
        names = self.hidden_names()
        if user_input is not None:
            back = names.keys() - user_input[CONF_HIDDEN]
            points = {
                key: change
                for key, change in self.adjustments.items()
                if key not in back
            }
            options = self.config_entry.options
            return self.async_create_entry(data={**options, CONF_POINTS: points})
        field = probatio.Required(CONF_HIDDEN, default=[*names])
        picker = _several(names, SelectSelectorMode.LIST)
        return self.async_show_form(
            step_id="hidden", data_schema=probatio.Schema({field: picker})
        )

    def hidden_names(self) -> dict[str, str]:
        """Names of the hidden variables by the unique id that their entities had.

        Those of devices that are left out stay as they are.
        """
        away = tuple(
            unique_id(each, "") for each in left_out(self.config_entry.options)
        )
        names: dict[str, str] = {
            key: key
            for key, change in self.adjustments.items()
            if change.get(HIDDEN) and not key.startswith(away)
        }
        if self.is_loaded:
            for device in self.coordinator.listed.values():
                for key, point in device.points.items():
                    if (found := unique_id(device.id, key)) in names:
                        name = point.name or text_of(self.hass, point) or key
                        names[found] = f"{device.name}: {name}"
        return names


def _several(names: Mapping[str, str], mode: SelectSelectorMode) -> SelectSelector:
    """A choice of any of these."""
    options = [SelectOptionDict(value=key, label=name) for key, name in names.items()]
    return SelectSelector(
        SelectSelectorConfig(options=options, multiple=True, mode=mode)
    )
