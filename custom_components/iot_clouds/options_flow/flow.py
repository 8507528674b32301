"""The options of an account: how it behaves, and what single variables are."""

from collections.abc import Collection
from typing import Any, Final

import probatio

from homeassistant.config_entries import ConfigFlowResult
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.selector import EntitySelector, EntitySelectorConfig

from ..account_form import account_schema
from ..adjust import Adjustment, adjusted_point, can_change, recast, with_classes
from ..const import CONF_POINTS, CONF_VENDOR
from ..devices import unique_id
from ..model import Amount, Kind, Point, Value
from ..registry import async_drop, async_show_as
from ..rules import state_classes_of, units_of
from ..variable_form import (
    CONF_SHOWN_AS,
    HIDDEN,
    NOTHING,
    asks_more,
    entered_change,
    errors,
    filled,
    proposed,
    schema,
    way,
)
from ..vendors import VENDORS
from .selecting_steps import SelectingSteps
from .webhook_step import WebhookStep

CONF_ENTITY: Final = "entity"


class IotCloudsOptionsFlow(SelectingSteps, WebhookStep):
    """Changes an account, or what the cloud says about one of its variables."""

    _entity: er.RegistryEntry
    _listed: Point
    _shown_as: str

    async def async_step_init(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask what to change."""
        steps = ["account", "devices", "variables"]
        if self.hidden_names():
            steps.append("hidden")
        if self.receives:
            steps.append("webhook")
        return self.async_show_menu(step_id="init", menu_options=steps)

    async def async_step_account(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask how the account behaves."""
        options = self.config_entry.options
        choices = VENDORS[self.config_entry.data[CONF_VENDOR]].choices
        if user_input is not None:
            for choice in choices:
                if isinstance(choice, Amount):
                    user_input[choice.key] = int(user_input[choice.key])
            return self.async_create_entry(data={**options, **user_input})
        return self.async_show_form(
            step_id="account", data_schema=account_schema(choices, options)
        )

    async def async_step_variables(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask which variable is meant, by its entity."""
        entities = self._entities()
        if not entities:
            return self.async_abort(reason="no_variables")
        if user_input is not None:
            # The selector lets only these through, or the id that an entity has inside.
            chosen = er.async_get(self.hass).async_get(user_input[CONF_ENTITY])
            if chosen and chosen.entity_id in entities:
                self._entity, self._listed = chosen, entities[chosen.entity_id]
                return await self.async_step_variable()
        picker = EntitySelector(EntitySelectorConfig(include_entities=[*entities]))
        return self.async_show_form(
            step_id="variables",
            data_schema=probatio.Schema({probatio.Required(CONF_ENTITY): picker}),
            errors={CONF_ENTITY: "no_variable"} if user_input else {},
        )

    async def async_step_variable(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask what the variable is; what is left empty is as the cloud says.

        Shown another way it is asked about anew, because there other things can be said.
        """
        listed = self._listed
        found: dict[str, str] = {}
        if user_input is None:
            change = self.adjustments.get(self._entity.unique_id, {})
            self._shown_as = way(change)
            user_input = filled(listed, change)
            if not change:
                user_input |= proposed(listed, self._value())
            after = with_classes(recast(listed, self._shown_as), change)
        else:
            shown_as = user_input[CONF_SHOWN_AS]
            another = shown_as != self._shown_as and asks_more(listed, shown_as)
            self._shown_as = shown_as
            if another:
                meant = proposed(recast(listed, shown_as), self._value())
                user_input = {CONF_SHOWN_AS: shown_as, **meant}
            change = entered_change(listed, user_input)
            after = with_classes(recast(listed, shown_as), change)
            if not another and not (found := errors(after, change)):
                return self._finish(change)
        fields = schema(listed, self._shown_as)
        return self.async_show_form(
            step_id="variable",
            data_schema=self.add_suggested_values_to_schema(fields, user_input),
            errors=found,
            description_placeholders=self._words(after),
        )

    def _entities(self) -> dict[str, Point]:
        """Entities that show a point which can be adjusted, by their ids."""
        points = {
            unique_id(device.id, key): point
            for device in self.coordinator.listed.values()
            for key, point in device.points.items()
            if can_change(point)
        }
        return {
            entity.entity_id: points[entity.unique_id]
            for entity in er.async_entries_for_config_entry(
                er.async_get(self.hass), self.config_entry.entry_id
            )
            if entity.unique_id in points
        }

    def _value(self) -> Value:
        """What the variable is now."""
        for ref, reading in self.coordinator.readings.items():
            if unique_id(*ref) == self._entity.unique_id:
                return reading.value
        return None

    def _finish(self, change: Adjustment) -> ConfigFlowResult:
        """Save an adjustment; one that changes nothing is none."""
        options = self.config_entry.options
        points = dict(self.adjustments)
        before = adjusted_point(self._listed, points.pop(self._entity.unique_id, {}))
        if change:
            points[self._entity.unique_id] = change
        after = adjusted_point(self._listed, change)
        if change.get(HIDDEN):
            async_drop(self.hass, self._entity)
        else:
            async_show_as(self.hass, self._entity, before, after)
        return self.async_create_entry(data={**options, CONF_POINTS: points})

    def _words(self, point: Point) -> dict[str, str]:
        """Placeholders of the form and of its errors."""
        units = units_of(point.kind, point.device_class) or ()
        states: Collection[str] = ()
        if point.kind is Kind.MEASURE:
            states = state_classes_of(point.device_class)
        return {
            "entity": self._entity.entity_id,
            "units": ", ".join(sorted(each or NOTHING for each in units)),
            "state_classes": ", ".join(sorted(states)),
        }
