"""The form in which the user says where the state of their own entity comes from."""

from collections.abc import Mapping
from typing import Any

import probatio

from homeassistant.helpers.selector import (
    BooleanSelector,
    NumberSelector,
    NumberSelectorConfig,
    NumberSelectorMode,
)

from .command_form import choice
from .mappings import PointSource, State

CONF_SOURCE = "source"
CONF_INVERTED = "inverted"
CONF_CONFIRM = "confirm"

NOTHING = "none"
"""Choice of no source: what was switched last is assumed."""

LONGEST = 3600
"""Seconds that an action may wait for its confirmation."""

_INVERTED = {"true": False, "false": True}


def schema(sources: Mapping[str, str]) -> probatio.Schema:
    """The fields of a state; `sources` has the names of possible points by their keys."""
    return probatio.Schema(
        {
            probatio.Required(CONF_SOURCE): choice(
                {NOTHING: NOTHING, **sources}, "state_source"
            ),
            probatio.Required(CONF_INVERTED, default=False): BooleanSelector(),
            probatio.Optional(CONF_CONFIRM): NumberSelector(
                NumberSelectorConfig(
                    min=1,
                    max=LONGEST,
                    step=1,
                    unit_of_measurement="s",
                    mode=NumberSelectorMode.BOX,
                )
            ),
        }
    )


def entered_state(
    entered: Mapping[str, Any],
) -> tuple[State | None, float | None, dict[str, str]]:
    """State and time limit that were entered, and what is wrong with them by field."""
    source, confirm = entered[CONF_SOURCE], entered.get(CONF_CONFIRM)
    if source == NOTHING:
        return None, None, {CONF_CONFIRM: "needs_source"} if confirm else {}
    values = _INVERTED if entered[CONF_INVERTED] else None
    return State(source=PointSource(point=source), map=values), confirm, {}


def filled(
    state: State | None, confirm: float | None, sources: Mapping[str, str]
) -> dict[str, Any]:
    """A state as its form shows it; without a source that is not there any more."""
    if state is None:
        return {CONF_SOURCE: NOTHING}
    shown: dict[str, Any] = {CONF_INVERTED: state.map == _INVERTED}
    if isinstance(state.source, PointSource) and state.source.point in sources:
        shown[CONF_SOURCE] = state.source.point
    if confirm is not None:
        shown[CONF_CONFIRM] = confirm
    return shown
