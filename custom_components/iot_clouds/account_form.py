"""The form in which the user says how an account behaves."""

from collections.abc import Iterable, Mapping
from typing import Any

import probatio

from homeassistant.helpers.selector import (
    BooleanSelector,
    NumberSelector,
    NumberSelectorConfig,
    NumberSelectorMode,
    SelectSelector,
)

from .model import COMMON, Amount, Choice, Option, Toggle
from .variable_form import select


def account_schema(
    choices: Iterable[Option], options: Mapping[str, Any]
) -> probatio.Schema:
    """What holds for all vendors, and what only this one offers."""
    return probatio.Schema(
        {
            probatio.Required(each.key, default=_chosen(each, options)): _input(each)
            for each in (*COMMON, *choices)
        }
    )


def _input(choice: Option) -> SelectSelector | NumberSelector | BooleanSelector:
    """How it is chosen."""
    if isinstance(choice, Toggle):
        return BooleanSelector()
    if isinstance(choice, Choice):
        return select(choice.values, choice.key)
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
