"""Event data that is no text: data URLs and structured values (reference 5.5)."""

import base64
import json

LIMIT = 16_384
"""Bytes of an event before they are encoded."""
TYPES = frozenset({"image/jpeg", "image/png", "application/octet-stream"})
"""Content types that travel as a data URL."""

type Structure = (
    bool | int | float | str | bytes | list[Structure] | dict[str, Structure] | None
)


def data_url(payload: bytes, content_type: str = "application/octet-stream") -> str:
    """Return bytes as the stream carries them.

    Raises:
        ValueError: more than an event can hold, or a type that boards cannot send.
    """
    if len(payload) > LIMIT:
        raise ValueError("an event holds 16384 bytes")
    if content_type not in TYPES:
        raise ValueError(f"boards do not send {content_type}")
    return f"data:{content_type};base64,{base64.b64encode(payload).decode()}"


def structured(value: Structure) -> str:
    """Return a structured value as the stream carries it; bytes become a marked object."""
    return json.dumps(_plain(value), separators=(",", ":"))


def _plain(value: Structure) -> object:
    match value:
        case bytes():
            return {"_type": "buffer", "_data": base64.b64encode(value).decode()}
        case dict():
            return {key: _plain(inner) for key, inner in value.items()}
        case list():
            return [_plain(inner) for inner in value]
    return value
