"""Turns a message into the event that it is, for automations (reference 6.2, rule 14)."""

from collections.abc import Mapping
import json

from ...model import Event, Json, plain, sound
from .dates import parse_date
from .messages import Message

NAMELESS = "message"
LARGEST = 32 * 1024
"""Bytes of a payload, written as JSON, that an event carries."""
_LONGEST_NAME = 255


def event_of(message: Message, device_id: str) -> Event:
    """The event: named like the payload's root key, if it has exactly one."""
    [key, *others] = [sound(key) for key in message.payload] or [""]
    text = json.dumps(message.payload, ensure_ascii=False, separators=(",", ":"))
    truncated = len(sound(text).encode()) > LARGEST
    return Event(
        device_id=device_id,
        name=NAMELESS if others else key[:_LONGEST_NAME] or NAMELESS,
        data=None if truncated else plain(message.payload),
        at=message.at,
        id=message.oid or message.fingerprint,
        truncated=truncated,
    )


def write_event(place: str, event: Event) -> dict[str, Json]:
    """An event that nobody heard yet, as JSON."""
    return {
        "name": event.name,
        "data": event.data,
        "at": event.at.isoformat(),
        "place": place,
        "id": event.id,
        "truncated": event.truncated,
    }


def read_event(note: Mapping[str, Json], device_id: str) -> tuple[str, Event] | None:
    """An event that was written, and its place; None for what makes no sense."""
    at = parse_date(note.get("at"))
    match note:
        case {"name": str(name), "id": str(identity), "place": str(place)} if at:
            event = Event(
                device_id=device_id,
                name=name[:_LONGEST_NAME],
                data=plain(note.get("data")),
                at=at,
                id=identity,
                truncated=note.get("truncated") is True,
            )
            return place, event
    return None
