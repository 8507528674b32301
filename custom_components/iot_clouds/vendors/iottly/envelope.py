"""Opens what a webhook of iottly delivers, in every form that it has had (reference 5.1)."""

from dataclasses import dataclass, field
from urllib.parse import parse_qs

from ...model import CloudRejected, Json
from .messages import AGENT, USER, MessageType, is_agents
from .models import device_id_in
from .replies import read_json

# A form has one field; more of them are not looked through.
_MOST_FIELDS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One message on its way: who sent it to which project, and its row."""

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
    text = body.decode("utf-8-sig", "replace")
    content, is_json = read_json(text)
    if not is_json:
        content = _form(text)
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
    return Delivery(
        device_id=sender,
        project_id=project.strip().lower() if isinstance(project, str) else None,
        row=row,
    )


def _form(text: str) -> Json:
    """The fields of a form; None if it is none."""
    try:
        fields = parse_qs(text, strict_parsing=True, max_num_fields=_MOST_FIELDS)
    except ValueError:
        return None
    return {"msg": fields["msg"][0]} if "msg" in fields else None
