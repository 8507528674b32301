"""Opens what a webhook of iottly delivers, in every form that it has had (reference 5.1)."""

from dataclasses import dataclass, field
import json
from urllib.parse import parse_qs

from ...model import CloudRejected, Json
from .messages import AGENT, USER, MessageType, is_agents
from .models import device_id_in
from .replies import read_json

# A form has one field; more of them are not looked through.
_MOST_FIELDS = 10
# What is the same in every alphabet.
_CLEAR = ("from", "to", "type")


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One message on its way: who sent it to which project, and its row.

    Of a message that is not written in Unicode, the row has no content: what its letters
    are is for the polls to say.
    """

    device_id: str
    project_id: str | None
    row: dict[str, Json] = field(repr=False)


class PayloadOnly(CloudRejected):
    """The webhook leaves out who sent the message."""

    def __init__(self, kind: MessageType) -> None:
        """`kind` is which of the two types of webhook it seems to be."""
        super().__init__("without the device that sent them")
        self.kind = kind


def read_delivery(body: bytes) -> Delivery:
    """Read the body of a request: JSON whatever it calls itself, or else a form.

    Raises:
        PayloadOnly: there is content, but it does not tell which device sent it.
        CloudRejected: there is no content.
    """
    text, is_clear = _text(body)
    content, is_json = read_json(text)
    if not is_json:
        content, is_clear = _form(text, is_clear)
    if not isinstance(content, dict):
        if is_json and content is not None:
            # What a device sends may be anything that JSON has.
            raise PayloadOnly(USER)
        raise CloudRejected("not messages")
    message = content.get("msg", content)
    if isinstance(message, str):
        message = read_json(message)[0]
    row = message if isinstance(message, dict) else content
    if (sender := device_id_in(row.get("from"))) is None:
        raise PayloadOnly(AGENT if is_agents(row) else USER)
    project = row.get("to")
    if not is_clear:
        row = {key: row[key] for key in _CLEAR if key in row}
    return Delivery(
        device_id=sender,
        project_id=project.strip().lower() if isinstance(project, str) else None,
        row=row,
    )


def _text(body: bytes) -> tuple[str, bool]:
    """A body as text, and whether all of its characters are known."""
    try:
        return body.decode(json.detect_encoding(body)), True
    except UnicodeDecodeError:
        return body.decode("utf-8", "replace"), False


def _form(text: str, is_clear: bool) -> tuple[Json, bool]:
    """The fields of a form, None if it is none, and whether its characters are known."""
    try:
        fields = parse_qs(text, max_num_fields=_MOST_FIELDS, errors="strict")
    except UnicodeDecodeError:
        fields, is_clear = parse_qs(text, max_num_fields=_MOST_FIELDS), False
    except ValueError:
        return None, is_clear
    return ({"msg": fields["msg"][0]} if "msg" in fields else None), is_clear
