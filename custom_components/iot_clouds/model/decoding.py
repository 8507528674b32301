"""Reads JSON that comes from outside, and keeps what it costs within bounds."""

import json
import math

from .values import Json

MAX_DEPTH = 64
"""Lists and objects within each other; what is deeper is left out, the rest is kept."""

MAX_CONTAINERS = 500_000
"""Lists and objects of one text: a body of brackets takes thirty times its size."""

MAX_VALUES = 1_000_000
"""Values of one text, as its commas tell: of short keys, memory is fifteen times as large."""

LONGEST_BODY = 32 * 1024 * 1024
"""Bytes of one answer, unpacked; ten times what the largest listing has."""

_PLAIN_DEPTH = 32
_PLAIN_INTEGER = 1 << 53
_DECODER = json.JSONDecoder(parse_constant=lambda _: None)
_TOLERANT = json.JSONDecoder(
    parse_constant=lambda _: None, parse_int=lambda digits: _integer(digits)
)


def read_json(body: str | bytes | bytearray) -> Json:
    """What a text in JSON says, at most `MAX_DEPTH` deep.

    Null stands for what is no number (NaN) and for whole numbers of thousands of digits.
    Bytes are UTF-8; what is none of it is replaced within texts.

    Raises:
        ValueError: it is no JSON, or has more parts than make sense.
    """
    containers, values = _parts(body)
    if containers > MAX_CONTAINERS or values > MAX_VALUES:
        raise ValueError("Too many parts")
    try:
        found = _decoded(
            body if isinstance(body, str) else body.decode("utf-8-sig", "replace")
        )
    except RecursionError:
        raise ValueError("Nested too deep") from None
    if containers > MAX_DEPTH:
        _cut(found)
    return found


def plain(value: Json, depth: int = _PLAIN_DEPTH) -> Json:
    """A value as every JSON encoder and every database takes it.

    No NaN, no numbers that lose digits elsewhere, no halves of characters, no NUL; what
    is nested deeper than `depth` is text.
    """
    match value:
        case bool() | None:
            return value
        case int():
            return value if abs(value) < _PLAIN_INTEGER else _digits(value)
        case float():
            return value if math.isfinite(value) else None
        case str():
            return sound(value)
        case _ if depth == 0:
            return sound(json.dumps(value, ensure_ascii=False))
        case list():
            return [plain(each, depth - 1) for each in value]
        case dict():
            return {sound(key): plain(each, depth - 1) for key, each in value.items()}


def sound(text: str) -> str:
    """A text without what JSON can spell and others cannot keep: halves and NUL."""
    if "\0" in text:
        text = text.replace("\0", "")
    return text if text.isascii() else text.encode("utf-8", "replace").decode()


def _parts(body: str | bytes | bytearray) -> tuple[int, int]:
    """At most how many containers a text has, and how many values, without reading it."""
    if isinstance(body, str):
        return body.count("[") + body.count("{"), body.count(",")
    return body.count(b"[") + body.count(b"{"), body.count(b",")


def _decoded(text: str) -> Json:
    try:
        found: Json = _DECODER.decode(text)
    except json.JSONDecodeError:
        raise
    except ValueError:
        # Only a whole number of thousands of digits makes any other error.
        found = _TOLERANT.decode(text)
    return found


def _integer(digits: str) -> int | None:
    try:
        return int(digits)
    except ValueError:
        return None


def _digits(value: int) -> str | None:
    try:
        return str(value)
    except ValueError:
        return None


def _cut(found: Json) -> None:
    """Empty the containers at the deepest level that is kept."""
    level = [found] if isinstance(found, list | dict) else []
    for _ in range(MAX_DEPTH - 1):
        if not level:
            return
        level = [
            inner
            for each in level
            for inner in (each.values() if isinstance(each, dict) else each)
            if type(inner) is dict or type(inner) is list
        ]
    for each in level:
        each.clear()
