"""What an event carries: text, JSON in text, or something binary (reference 5.2, 5.5)."""

from ...model import Json, plain, read_json
from .models import Fields
from .values import clean


def decoded(data: Json) -> Json:
    """Objects and lists that came as text; everything else as it is."""
    if not isinstance(data, str) or not data.lstrip().startswith(("{", "[")):
        return data
    try:
        return read_json(data)
    except ValueError:
        return data


def as_fields(data: Json) -> Fields | None:
    """The object that an event carries, mostly as text; None for others."""
    found = decoded(data)
    return found if isinstance(found, dict) else None


def binary(data: Json) -> tuple[str, int] | None:
    """Content type and size in bytes of a binary payload, sent as a data URL (5.5)."""
    if not isinstance(data, str) or not data.startswith("data:"):
        return None
    head, mark, body = data.partition(";base64,")
    if not mark or "," in head:
        return None
    return head.removeprefix("data:"), len(body.rstrip("=")) * 3 // 4


def shown(data: Json) -> Json:
    """What an automation sees of the data; of binary ones no more than their size."""
    if payload := binary(data):
        content_type, size = payload
        return {"content_type": content_type, "size": size}
    found = decoded(data)
    return clean(found) if isinstance(found, str) else plain(found)
