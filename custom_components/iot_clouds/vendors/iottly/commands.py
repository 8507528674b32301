"""Commands: how options are addressed, and what the cloud's refusals mean.

The rules are those of reference 4.
"""

from collections.abc import Mapping
import math
import re

from ...model import CloudMissing, CloudRejected, Json, Send, plain
from .models import Board
from .replies import Reply
from .words import words_of

# The text of a Python 2 KeyError, which is all the server says about a wrong option.
_KEY_ERROR = re.compile(r"u?(['\"])(.*)\1")
_INDEX_ERROR = "list index out of range"


def body_of(command: Send) -> dict[str, Json]:
    """The body of a command; raises what `values_of` does."""
    return {"cmd_type": command.type, "values": values_of(command)}


def values_of(command: Send) -> dict[str, Json]:
    """The options of a command, every one with its prefix.

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
        key = f"{root}.{_bare(option, root, command.type)}"
        if key in values or not _is_finite(value):
            raise CloudRejected(
                "The option cannot be sent", key="invalid_value", field=option
            )
        values[key] = value
    return values


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
        return {} if reply.body is None else plain(reply.body)
    words = _words(reply)
    if words == _INDEX_ERROR:
        raise CloudRejected(words, key="unknown_command", field="type")
    if match := _KEY_ERROR.fullmatch(words):
        raise CloudRejected(words, key="unknown_option", field=match[2])
    raise CloudRejected(words)


def renamed(reply: Reply) -> str | None:
    """The name that a device has by now; None where the cloud does not tell.

    Raises:
        CloudRejected: it refused, or this server cannot rename (reference 2.4, 2.5).
        CloudMissing: the device does not belong to the project any more.
    """
    if reply.ok:
        board = Board.parse(reply.body)
        return board.name if board else None
    if reply.status in {405, 501} or (reply.status == 404 and not reply.is_json):
        raise CloudRejected("The server cannot rename devices", key="cannot_rename")
    raise CloudRejected(_words(reply))


def _words(reply: Reply) -> str:
    """What the cloud says about a refusal.

    Raises:
        CloudMissing: it is about the device as such.
    """
    if reply.status in {403, 404}:
        raise CloudMissing("The device does not belong to the project any more")
    return words_of(reply.body) or f"status {reply.status}"


def _bare(option: str, *prefixes: str) -> str:
    """An option without the prefix that it may have been given with."""
    for prefix in prefixes:
        if option.startswith(f"{prefix}."):
            return option.removeprefix(f"{prefix}.")
    return option


def _is_finite(value: Json) -> bool:
    match value:
        case float():
            return math.isfinite(value)
        case list():
            return all(map(_is_finite, value))
        case Mapping():
            return all(map(_is_finite, value.values()))
    return True
