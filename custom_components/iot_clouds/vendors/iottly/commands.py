"""Commands: how options are addressed, and what the cloud's refusals mean.

The rules are those of reference 4.
"""

from collections.abc import Mapping
import math
import re

from ...model import CloudMissing, CloudRejected, Json, Send
from .replies import Reply
from .words import words_of

# The text of a Python 2 KeyError, which is all the server says about a wrong option.
_KEY_ERROR = re.compile(r"u?(['\"])(.*)\1")
_INDEX_ERROR = "list index out of range"


def body_of(command: Send) -> dict[str, Json]:
    """The body of a command, every option with its prefix.

    Raises:
        CloudRejected: an option is empty (the device would get a placeholder instead),
            given twice, or no JSON.
    """
    root = root_of(command.type)
    if not root:
        raise CloudRejected("The type is empty", key="empty_option", field="type")
    values: dict[str, Json] = {}
    for option, value in command.options.items():
        if value is None or value == "":
            raise CloudRejected("The option is empty", key="empty_option", field=option)
        key = option if option.startswith(f"{root}.") else f"{root}.{option}"
        if key in values or not _is_finite(value):
            raise CloudRejected(
                "The option cannot be sent", key="invalid_value", field=option
            )
        values[key] = value
    return {"cmd_type": command.type, "values": values}


def root_of(command_type: str) -> str:
    """The key that a command type has in messages, as the cloud's console makes it."""
    return re.sub(r"[,.]", "", command_type.replace(" ", "_"))


def result_of(reply: Reply) -> Json:
    """What the cloud answered to a command that it took.

    Raises:
        CloudRejected: it refused; the odd texts of the server are told in words.
        CloudMissing: the device does not belong to the project any more.
    """
    if reply.ok:
        return {} if reply.body is None else reply.body
    if reply.status in {403, 404}:
        raise CloudMissing("The device does not belong to the project any more")
    words = words_of(reply.body) or f"status {reply.status}"
    if words == _INDEX_ERROR:
        raise CloudRejected(words, key="unknown_command", field="type")
    if match := _KEY_ERROR.fullmatch(words):
        raise CloudRejected(words, key="unknown_option", field=match[2])
    raise CloudRejected(words)


def _is_finite(value: Json) -> bool:
    match value:
        case float():
            return math.isfinite(value)
        case list():
            return all(map(_is_finite, value))
        case Mapping():
            return all(map(_is_finite, value.values()))
    return True
