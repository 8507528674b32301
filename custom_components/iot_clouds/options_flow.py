"""The options of an account: how it behaves, and what single variables are."""

from collections.abc import Collection, Mapping
from typing import Any, cast

import probatio

from homeassistant.config_entries import (
    ConfigEntryState,
    ConfigFlowResult,
    OptionsFlowWithReload,
)
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.selector import (
    BooleanSelector,
    EntitySelector,
    EntitySelectorConfig,
    NumberSelector,
    NumberSelectorConfig,
    NumberSelectorMode,
    SelectOptionDict,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
)

from .adjust import (
    Adjustment,
    adjusted_point,
    adjustments,
    is_adjustable,
    is_wall_time,
    with_classes,
)
from .const import CONF_KEEP_STALE, CONF_POINTS, CONF_VENDOR
from .coordinator import CloudConfigEntry
from .devices import unique_id
from .model import Amount, Choice, Kind, Option, Point, Toggle
from .registry import async_show_as
from .rules import (
    CLASSES,
    STATE_CLASSES,
    UNITS,
    problems,
    state_classes_of,
    units_of,
    usual,
)
from .vendors import VENDORS

CONF_ENTITY = "entity"
NOTHING = "none"
"""Choice that takes a class or unit away, unlike an empty field, which changes nothing."""

_CLASSES = ("device_class", "state_class", "unit")


class IotCloudsOptionsFlow(OptionsFlowWithReload):
    """Changes an account, or what the cloud says about one of its variables."""

    _entity: er.RegistryEntry
    _listed: Point

    async def async_step_init(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask what to change."""
        return self.async_show_menu(
            step_id="init", menu_options=["account", "variables"]
        )

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
        fields: dict[probatio.Marker, Any] = {
            probatio.Required(
                CONF_KEEP_STALE, default=options.get(CONF_KEEP_STALE, False)
            ): BooleanSelector()
        }
        for choice in choices:
            marker = probatio.Required(choice.key, default=_chosen(choice, options))
            fields[marker] = _input(choice)
        return self.async_show_form(
            step_id="account", data_schema=probatio.Schema(fields)
        )

    async def async_step_variables(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask which variable is meant, by its entity."""
        if self.config_entry.state is not ConfigEntryState.LOADED:
            return self.async_abort(reason="not_loaded")
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
        """Ask what the variable is; what is left empty is as the cloud says."""
        listed = self._listed
        errors: dict[str, str] = {}
        shown = user_input
        after = listed
        if user_input is not None:
            change = _change(listed, user_input)
            after = with_classes(listed, change)
            errors = _errors(after, change)
            if not errors:
                return self._finish(change)
        else:
            before = adjustments(self.config_entry.options)
            shown = _filled(listed, before.get(self._entity.unique_id, {}))
        return self.async_show_form(
            step_id="variable",
            data_schema=self.add_suggested_values_to_schema(_schema(listed), shown),
            errors=errors,
            description_placeholders=self._words(after),
        )

    def _entities(self) -> dict[str, Point]:
        """Entities that show a point which can be adjusted, by their ids."""
        entry: CloudConfigEntry = self.config_entry
        points = {
            unique_id(device.id, key): point
            for device in entry.runtime_data.coordinator.listed.values()
            for key, point in device.points.items()
            if is_adjustable(point)
        }
        return {
            entity.entity_id: points[entity.unique_id]
            for entity in er.async_entries_for_config_entry(
                er.async_get(self.hass), entry.entry_id
            )
            if entity.unique_id in points
        }

    def _finish(self, change: Adjustment) -> ConfigFlowResult:
        """Save an adjustment; one that changes nothing is none."""
        options = self.config_entry.options
        points = dict(adjustments(options))
        before = adjusted_point(self._listed, points.pop(self._entity.unique_id, {}))
        if change:
            points[self._entity.unique_id] = change
        after = adjusted_point(self._listed, change)
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


def _schema(listed: Point) -> probatio.Schema:
    """The fields that a point of this kind has."""
    kind = listed.kind
    fields: dict[probatio.Marker, Any] = {
        probatio.Optional("device_class"): _select(
            [NOTHING, *sorted(CLASSES[kind])], "device_class", sort=True
        )
    }
    if kind is Kind.MEASURE:
        fields[probatio.Optional("state_class")] = _select(
            [NOTHING, *sorted(STATE_CLASSES)], "state_class"
        )
    if kind in UNITS:
        fields[probatio.Optional("unit")] = SelectSelector(
            SelectSelectorConfig(
                options=[
                    SelectOptionDict(value=each, label=each)
                    for each in (NOTHING, *sorted(UNITS[kind]))
                ],
                custom_value=True,
                mode=SelectSelectorMode.DROPDOWN,
                translation_key="unit",
            )
        )
    if is_wall_time(listed):
        fields[probatio.Optional("as_moment")] = BooleanSelector()
    return probatio.Schema(fields)


def _select(
    values: Collection[str], translation_key: str, *, sort: bool = False
) -> SelectSelector:
    return SelectSelector(
        SelectSelectorConfig(
            options=[*values],
            mode=SelectSelectorMode.DROPDOWN,
            translation_key=translation_key,
            sort=sort,
        )
    )


def _input(choice: Option) -> SelectSelector | NumberSelector | BooleanSelector:
    """How something that only this vendor has is chosen."""
    if isinstance(choice, Toggle):
        return BooleanSelector()
    if isinstance(choice, Choice):
        return _select(choice.values, choice.key)
    return NumberSelector(
        NumberSelectorConfig(
            min=choice.minimum,
            max=choice.maximum,
            step=1,
            mode=NumberSelectorMode.BOX,
        )
    )


def _chosen(choice: Option, options: Mapping[str, Any]) -> str | int:
    """What the user chose, or what holds unless they do."""
    chosen: str | int | None = options.get(choice.key)
    if isinstance(choice, Toggle):
        return chosen is True
    if isinstance(choice, Amount):
        return choice.default if chosen is None else chosen
    return chosen if chosen in choice.values else choice.values[0]


def _change(listed: Point, entered: Mapping[str, Any]) -> Adjustment:
    """What was entered that differs from the listing."""
    change: dict[str, str | bool | None] = {}
    for field in _CLASSES:
        if not (value := entered.get(field, "").strip()):
            continue
        wanted = None if value == NOTHING else usual(value)
        if wanted != getattr(listed, field):
            change[field] = wanted
    if entered.get("as_moment"):
        change["as_moment"] = True
    return cast(Adjustment, change)


def _filled(listed: Point, change: Adjustment) -> dict[str, Any]:
    """What a point is now, as the form shows it."""
    now = with_classes(listed, change)
    shown: dict[str, Any] = {
        field: value
        for field in _CLASSES
        if (value := getattr(now, field)) or field in change
    }
    filled = {field: value or NOTHING for field, value in shown.items()}
    return {**filled, "as_moment": change.get("as_moment", False)}


def _errors(after: Point, change: Adjustment) -> dict[str, str]:
    """What is wrong with an adjustment, by field."""
    if change.get("as_moment"):
        return dict.fromkeys(
            (field for field in _CLASSES if field in change), "not_of_a_moment"
        )
    return problems(after) if change else {}
