"""Selectors that several forms of the flow use."""

from collections.abc import Collection, Mapping
from typing import Any, Final

from homeassistant.helpers.selector import (
    NumberSelector,
    NumberSelectorConfig,
    NumberSelectorMode,
    SelectOptionDict,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
)

LONGEST: Final = 3600
"""Seconds that an action may wait for its confirmation."""


def choice(names: Mapping[str, str], translation_key: str | None = None) -> Any:
    """A choice between things that the user named."""
    config = SelectSelectorConfig(
        options=[
            SelectOptionDict(value=value, label=name) for value, name in names.items()
        ],
        mode=SelectSelectorMode.DROPDOWN,
    )
    if translation_key:
        config["translation_key"] = translation_key
    return SelectSelector(config)


def custom(options: Collection[str] | Mapping[str, str]) -> SelectSelector:
    """A choice of one of these, or of whatever else is typed in."""
    labels = (
        options if isinstance(options, Mapping) else {each: each for each in options}
    )
    return SelectSelector(
        SelectSelectorConfig(
            options=[
                SelectOptionDict(value=each, label=label)
                for each, label in labels.items()
            ],
            custom_value=True,
            mode=SelectSelectorMode.DROPDOWN,
        )
    )


def number(unit: str | None = None, least: float | None = None) -> NumberSelector:
    """Any number."""
    config = NumberSelectorConfig(step="any", mode=NumberSelectorMode.BOX)
    if unit:
        config["unit_of_measurement"] = unit
    if least is not None:
        config["min"], config["max"], config["step"] = least, LONGEST, 1
    return NumberSelector(config)
