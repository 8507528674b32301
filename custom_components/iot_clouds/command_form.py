"""The form in which the user says what a command of their own entity does."""

from collections.abc import Collection, Mapping
from typing import Any

import probatio

from homeassistant.const import CONF_NAME
from homeassistant.helpers.selector import (
    BooleanSelector,
    ObjectSelector,
    SelectOptionDict,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
    TextSelector,
)

from .mappings import BadDefinition, Order, dump_order, parse_order
from .model import Call, Command, Publish, Send, SetPoint

CONF_EVENT = "event"
CONF_NEGATIVE_IS_ERROR = "negative_is_error"

KINDS: Mapping[str, type[Command]] = {
    "send": Send,
    "call": Call,
    "publish": Publish,
    "set": SetPoint,
}
"""Kinds of commands by their word in a document."""

_FIELDS: Mapping[str, Mapping[str, str]] = {
    "send": {"type": "empty", "options": "not_an_object"},
    "call": {"function": "empty", "argument": "empty"},
    "publish": {CONF_EVENT: "empty", "data": "empty"},
    "set": {"point": "empty", "value": "not_a_value"},
}
"""The fields of each kind, and what is said where one is wrong."""


def kinds_of(
    accepts: Collection[type[Command]], writable: Mapping[str, str]
) -> list[str]:
    """The kinds of commands that can be defined for a device."""
    return [
        kind
        for kind, command in KINDS.items()
        if command in accepts and (kind != "set" or writable)
    ]


def schema(
    kind: str,
    *,
    functions: Collection[str],
    writable: Mapping[str, str],
    named: bool,
) -> probatio.Schema:
    """The fields of a command; with `named` also the name of the entity.

    `functions` are those of the device, where it tells them; `writable` has the names of
    its points that may be written, by their keys.
    """
    required, optional = probatio.Required, probatio.Optional
    fields: dict[probatio.Marker, Any] = {}
    if named:
        fields[required(CONF_NAME)] = TextSelector()
    match kind:
        case "send":
            fields[required("type")] = TextSelector()
            fields[optional("options", default=dict)] = ObjectSelector()
        case "call":
            fields[required("function")] = _function(functions)
            fields[optional("argument", default="")] = TextSelector()
            fields[required(CONF_NEGATIVE_IS_ERROR, default=False)] = BooleanSelector()
        case "publish":
            fields[required(CONF_EVENT)] = TextSelector()
            fields[optional("data", default="")] = TextSelector()
        case _:
            fields[required("point")] = choice(writable)
            fields[required("value")] = ObjectSelector()
    return probatio.Schema(fields)


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


def entered_order(
    kind: str, entered: Mapping[str, Any]
) -> tuple[Order | None, dict[str, str]]:
    """The command that was entered, or what is wrong with it by field."""
    document: dict[str, Any] = {
        "name" if field == CONF_EVENT else field: entered[field]
        for field in _FIELDS[kind]
        if field in entered
    }
    for field in ("type", "function", "name"):
        if field in document:
            document[field] = document[field].strip()
    order: dict[str, Any] = {kind: document}
    if entered.get(CONF_NEGATIVE_IS_ERROR):
        order["success"] = {"at_least": 0}
    try:
        return parse_order(order), {}
    except BadDefinition as err:
        wrong = err.field.removeprefix(f"{kind}.")
        field = CONF_EVENT if wrong == "name" else wrong
        return None, {field: _FIELDS[kind][field]}


def filled(kind: str, order: Order | None) -> dict[str, Any]:
    """A command as its form shows it; nothing if it is of another kind."""
    document: dict[str, Any] = dump_order(order) if order else {}
    if kind not in document:
        return {}
    shown = dict(document[kind])
    if "name" in shown:
        shown[CONF_EVENT] = shown.pop("name")
    return {**shown, CONF_NEGATIVE_IS_ERROR: "success" in document}


def _function(functions: Collection[str]) -> TextSelector | SelectSelector:
    """A function: one that the device tells of, or any other."""
    if not functions:
        return TextSelector()
    return SelectSelector(
        SelectSelectorConfig(
            options=[*functions],
            custom_value=True,
            mode=SelectSelectorMode.DROPDOWN,
        )
    )
