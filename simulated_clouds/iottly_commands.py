"""How a command becomes the document that a board receives (reference 4)."""

from collections.abc import Mapping
import copy
from dataclasses import dataclass
import re
from typing import Any

_OPTIONAL = re.compile(r"\[<.*>\]")


class BadCommand(Exception):
    """The command cannot be built.

    `status` and `reason` (about `field`) are what the documents promise; `raw` is what
    the public source's handler says with its 500.
    """

    def __init__(
        self, status: int, reason: str, raw: str, *, field: str = "values"
    ) -> None:
        """Keep both answers."""
        super().__init__(reason)
        self.status = status
        self.reason = reason
        self.raw = raw
        self.field = field


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageType:
    """A message type as declared in the project; option values are placeholders."""

    name: str
    options: Mapping[str, str]

    @property
    def root(self) -> str:
        """The root key of its documents."""
        return re.sub("[,.]", "", self.name).replace(" ", "_")

    @property
    def template(self) -> dict[str, Any]:
        """The document that options are written into."""
        return {self.root: dict(self.options)}


# Every project starts with the first two.
MESSAGE_TYPES = (
    MessageType(name="echo", options={"content": "IOTTLY hello world!!!!"}),
    MessageType(name="examplecommand", options={"status": "<start|stop>"}),
    MessageType(name="pump", options={"state": "<on|off>"}),
    MessageType(
        name="read sensor data", options={"sensortype": "<temperature|humidity|both>"}
    ),
    MessageType(
        name="set_temp",
        options={"temperature": "<free value>", "mode": "[<auto|manual>]"},
    ),
)


def parse(body: Any) -> tuple[str, dict[str, Any]]:
    """Take type and options out of a request's body; raises BadCommand."""
    match body:
        case {"cmd_type": str(name), "values": dict(values)}:
            return name, values
        case {"cmd_type": str()} if "values" not in body:
            raise BadCommand(400, "is missing", "'values'")
        case {"cmd_type": str()}:
            raise BadCommand(
                400, "is not an object", "object has no attribute 'iteritems'"
            )
        case dict() if "cmd_type" not in body:
            raise BadCommand(400, "is missing", "'cmd_type'", field="cmd_type")
    raise BadCommand(
        400, "is no command", "No JSON object could be decoded", field="cmd_type"
    )


def declared(name: str, types: tuple[MessageType, ...]) -> MessageType:
    """The message type of this name; raises BadCommand."""
    for message_type in types:
        if message_type.name == name:
            return message_type
    raise BadCommand(
        400, "is not declared", "list index out of range", field="cmd_type"
    )


def merged(
    message_type: MessageType, values: Mapping[str, Any], *, drop_optional: bool
) -> dict[str, Any]:
    """Write the options into the template.

    What is not supplied keeps its placeholder text. `drop_optional` leaves out options
    declared in brackets instead, as the hosted cloud does. Raises BadCommand.
    """
    document = copy.deepcopy(message_type.template)
    for key, value in values.items():
        # A list or an object is passed through; so is a number, as a number.
        if value is not None and value != "":
            _write(document, key.split("."), value)
    inner = document.get(message_type.root)
    if drop_optional and isinstance(inner, dict):
        for option, placeholder in message_type.options.items():
            if _OPTIONAL.fullmatch(placeholder) and inner.get(option) == placeholder:
                del inner[option]
    return document


def _write(document: dict[str, Any], keys: list[str], value: Any) -> None:
    target: Any = document
    for key in keys[:-1]:
        if not isinstance(target, dict) or key not in target:
            raise BadCommand(400, f"has no option {key}", f"u'{key}'")
        target = target[key]
    if not isinstance(target, dict):
        raise BadCommand(
            400,
            f"has no option {keys[-1]}",
            "'unicode' object does not support item assignment",
        )
    target[keys[-1]] = value
