"""The form in which the user says what a variable is."""

from collections.abc import Collection, Mapping
from typing import Any, cast

import probatio

from homeassistant.helpers.selector import (
    BooleanSelector,
    SelectOptionDict,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
)

from .adjust import (
    Adjustment,
    is_adjustable,
    is_wall_time,
    other_kinds,
    recast,
    with_classes,
)
from .mappings.proposals import propose
from .model import Kind, Point, Value
from .rules import CLASSES, STATE_CLASSES, UNITS, problems, usual

NOTHING = "none"
"""Choice that takes a class or unit away, unlike an empty field, which changes nothing."""

AS_LISTED = "listed"
HIDDEN = "hidden"
"""Ways to show a variable besides the kinds that its values can be shown as."""

CONF_SHOWN_AS = "shown_as"

_CLASSES = ("device_class", "state_class", "unit")


def select(
    values: Collection[str], translation_key: str, *, sort: bool = False
) -> SelectSelector:
    """A choice between words that are translated."""
    return SelectSelector(
        SelectSelectorConfig(
            options=[*values],
            mode=SelectSelectorMode.DROPDOWN,
            translation_key=translation_key,
            sort=sort,
        )
    )


def schema(listed: Point, shown_as: str) -> probatio.Schema:
    """The ways to show a variable, and what can be said of it as it is shown now."""
    ways = [AS_LISTED, *other_kinds(listed), HIDDEN]
    fields: dict[probatio.Marker, Any] = {
        probatio.Required(CONF_SHOWN_AS, default=shown_as): select(ways, CONF_SHOWN_AS)
    }
    point = recast(listed, shown_as)
    if shown_as != HIDDEN and is_adjustable(point):
        fields |= _classes(point)
    return probatio.Schema(fields)


def asks_more(listed: Point, shown_as: str) -> bool:
    """Whether there is something to say of a variable that is shown this way."""
    return shown_as != HIDDEN and is_adjustable(recast(listed, shown_as))


def way(change: Adjustment) -> str:
    """How an adjustment has a variable shown."""
    return HIDDEN if change.get("hidden") else change.get("shown_as", AS_LISTED)


def entered_change(listed: Point, entered: Mapping[str, Any]) -> Adjustment:
    """What was entered that differs from the listing."""
    shown_as = entered[CONF_SHOWN_AS]
    if shown_as == HIDDEN:
        return {"hidden": True}
    change: dict[str, str | bool | None] = {}
    if shown_as != AS_LISTED:
        change["shown_as"] = shown_as
    point = recast(listed, shown_as)
    for field in _CLASSES:
        if not (value := entered.get(field, "").strip()):
            continue
        wanted = None if value == NOTHING else usual(value)
        if wanted != getattr(point, field):
            change[field] = wanted
    if entered.get("as_moment"):
        change["as_moment"] = True
    return cast(Adjustment, change)


def filled(listed: Point, change: Adjustment) -> dict[str, Any]:
    """What a variable is now, as the form shows it."""
    now = with_classes(recast(listed, way(change)), change)
    shown: dict[str, Any] = {
        field: value
        for field in _CLASSES
        if (value := getattr(now, field)) or field in change
    }
    words = {field: value or NOTHING for field, value in shown.items()}
    return {**words, "as_moment": change.get("as_moment", False)}


def proposed(point: Point, raw: Value) -> dict[str, str]:
    """Class and unit that the name and the value of a variable without them speak for."""
    if point.device_class or point.unit:
        return {}
    kind = {Kind.LEVEL: Kind.MEASURE, Kind.TOGGLE: Kind.FLAG}.get(
        point.kind, point.kind
    )
    for each in propose(raw, point.name or ""):
        if each.path or each.kind is not kind or each.device_class is None:
            continue
        change: Adjustment = {"device_class": each.device_class, "unit": each.unit}
        if point.kind is Kind.MEASURE:
            change["state_class"] = each.state_class
        if is_adjustable(point) and not problems(with_classes(point, change)):
            words = {field: change.get(field) for field in _CLASSES}
            return {field: str(word) for field, word in words.items() if word}
    return {}


def errors(after: Point, change: Adjustment) -> dict[str, str]:
    """What is wrong with an adjustment, by field."""
    if change.get("as_moment"):
        return dict.fromkeys(
            (field for field in _CLASSES if field in change), "not_of_a_moment"
        )
    return problems(after) if change and is_adjustable(after) else {}


def _classes(point: Point) -> dict[probatio.Marker, Any]:
    """The fields of what its values mean that a point of this kind has."""
    kind = point.kind
    fields: dict[probatio.Marker, Any] = {
        probatio.Optional("device_class"): select(
            [NOTHING, *sorted(CLASSES[kind])], "device_class", sort=True
        )
    }
    if kind is Kind.MEASURE:
        fields[probatio.Optional("state_class")] = select(
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
    if is_wall_time(point):
        fields[probatio.Optional("as_moment")] = BooleanSelector()
    return fields
