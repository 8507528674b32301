"""The form in which the user says what a command of their own entity does."""

from collections.abc import Collection, Mapping
import json
from typing import Any, Final

import probatio

from homeassistant.helpers.selector import ObjectSelector, TextSelector

from ..mappings import BadDefinition
from ..model import Call, Command, Json, Publish, Send, SetPoint
from ..variable_form import select
from .entity_form import CONF_WAY, unquoted
from .selecting import choice, custom, number

CONF_EVENT: Final = "event"
CONF_AT_LEAST: Final = "at_least"

KINDS: Final[Mapping[str, type[Command]]] = {
    "send": Send,
    "call": Call,
    "publish": Publish,
    "set": SetPoint,
}
"""Kinds of commands by their word in a document."""

_FIELDS: Final[Mapping[str, Mapping[str, str]]] = {
    "send": {"type": "empty", "options": "not_an_object"},
    "call": {"function": "empty", "argument": "empty"},
    "publish": {CONF_EVENT: "empty", "data": "empty"},
    "set": {"point": "empty", "value": "not_a_value"},
}
"""The fields of each kind, and what is said where one is wrong."""

_TEMPLATES: Final = {
    "send": "options",
    "call": "argument",
    "publish": "data",
    "set": "value",
}
"""The field of each kind that may name values in braces."""
_WHOLE: Final = "{value}"


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
    ways: Collection[str],
    functions: Collection[str],
    writable: Mapping[str, str],
) -> probatio.Schema:
    """The fields of a command of this kind, and a choice between the kinds if there is.

    `functions` are those of the device, where it tells them; `writable` has the names of
    its points that may be written, by their keys.
    """
    optional = probatio.Optional
    # A frontend submits no form that lacks what is required, not even for another way.
    needed = optional if len(ways) > 1 else probatio.Required
    fields: dict[probatio.Marker, Any] = {}
    if len(ways) > 1:
        fields[probatio.Required(CONF_WAY, default=kind)] = select(ways, "mapping_way")
    match kind:
        case "send":
            fields[needed("type")] = TextSelector()
            fields[optional("options", default=dict)] = ObjectSelector()
        case "call":
            known = custom(functions) if functions else TextSelector()
            fields[needed("function")] = known
            fields[optional("argument")] = TextSelector()
            fields[optional(CONF_AT_LEAST)] = number()
        case "publish":
            fields[needed(CONF_EVENT)] = TextSelector()
            fields[optional("data")] = TextSelector()
        case _:
            fields[needed("point")] = choice(writable)
            fields[needed("value")] = TextSelector()
    return probatio.Schema(fields)


def entered_order(kind: str, entered: Mapping[str, Any]) -> dict[str, Json]:
    """The command that was entered, as a document says it."""
    inner: dict[str, Any] = {
        "name" if field == CONF_EVENT else field: entered[field]
        for field in _FIELDS[kind]
        if field in entered
    }
    for field in ("type", "function", "name"):
        if field in inner:
            inner[field] = inner[field].strip()
    if "options" in inner:
        inner["options"] = unquoted(inner["options"])
    if "value" in inner:
        inner["value"] = _value(inner["value"])
    order: dict[str, Json] = {kind: inner}
    if entered.get(CONF_AT_LEAST) is not None:
        order["success"] = {"at_least": entered[CONF_AT_LEAST]}
    return order


def fault(kind: str, err: BadDefinition, verb: str) -> dict[str, str]:
    """What is wrong with a command, by the field of the form."""
    wrong = err.field.removeprefix(f"commands.{verb}.").removeprefix(f"{kind}.")
    field = CONF_EVENT if wrong == "name" else wrong.partition(".")[0]
    if err.reason == "field":
        return {_TEMPLATES[kind]: "unknown_field"}
    return {field: _FIELDS[kind].get(field, "not_valid")}


def filled(kind: str, order: Mapping[str, Json], takes_value: bool) -> dict[str, Any]:
    """A command as its form shows it; a new one passes the value on as it is."""
    document = order.get(kind)
    if not isinstance(document, dict):
        return {_TEMPLATES[kind]: _WHOLE} if takes_value and kind != "send" else {}
    shown: dict[str, Any] = dict(document)
    if "name" in shown:
        shown[CONF_EVENT] = shown.pop("name")
    if "value" in shown:
        shown["value"] = _written(shown["value"])
    if isinstance(success := order.get("success"), dict):
        shown[CONF_AT_LEAST] = success["at_least"]
    return shown


def _value(text: str) -> Json:
    """What a text stands for: a number, true, false, any other JSON, or itself."""
    try:
        found: Json = json.loads(text)
    except ValueError, RecursionError:
        return text
    return found


def _written(value: Json) -> str:
    """The text that stands for a value."""
    if isinstance(value, str) and _value(value) == value:
        return value
    return json.dumps(value, ensure_ascii=False)
