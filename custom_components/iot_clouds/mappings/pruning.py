"""Decodes JSON and keeps it within bounds, whatever a device sends."""

from collections.abc import Iterable, Mapping
from datetime import date
import json
from math import isfinite

from ..model import Json
from .words import LARGEST, finite

MAX_LENGTH = 64 * 1024
"""Characters of a text that is read, or of all texts and keys of an object."""
MAX_DEPTH = 32
"""Keys and indexes in the longest path."""
MAX_LEAVES = 1000

_LONGEST_INTEGER = 101
_CONTAINERS = ("{", "[")
_MAY_NEST = frozenset("{[ \t\r\n")


def decoded(text: str) -> object:
    """What a text in JSON holds; numbers that are no numbers may be among it.

    Raises:
        ValueError: it is no JSON, or nested too deep to be read.
    """
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        raise
    except RecursionError:
        raise ValueError("Nested too deep") from None
    except ValueError:
        # Only a whole number with thousands of digits makes any other error.
        return json.loads(text, parse_int=_integer)


def whole(text: str) -> str:
    """The text without halves of characters and NUL, which not all can store or send."""
    if "\0" in text:
        text = text.replace("\0", "")
    if text.isascii():
        return text
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def is_sound(document: object, text: str) -> bool:
    """Whether a document may be used as it was decoded from a text.

    This is quick, and true for nearly every message. It is false also for what only may
    need pruning: texts that may hold JSON, and characters that may be halves.
    """
    if not isinstance(document, dict | list) or "\\u" in text:
        return False
    if not text.isascii() and whole(text) != text:
        return False
    return 0 <= _sound(document, MAX_DEPTH) <= MAX_LEAVES


def _sound(container: dict[str, object] | list[object], depth: int) -> int:
    """The number of leaves in a container; -1 if anything in it has to be looked at."""
    if not depth:
        return -1
    values = container.values() if isinstance(container, dict) else container
    count = len(container) or 1
    for value in values:
        if type(value) is float:
            if not isfinite(value):
                return -1
        elif type(value) is str:
            if value[:1] in _MAY_NEST:
                return -1
        elif type(value) is int:
            if not -LARGEST < value < LARGEST:
                return -1
        elif isinstance(value, dict | list):
            inner = _sound(value, depth - 1)
            if inner < 0:
                return -1
            count += inner - 1
    return count


class Pruning:
    """Copies a document and leaves out what is too much of it; for one document.

    With `nested`, texts that hold JSON are decoded, but not the texts within these.
    """

    def __init__(self, *, nested: bool) -> None:
        """Nothing is left out yet."""
        self.complete = True
        self._nested = nested
        self._leaves = MAX_LEAVES
        self._letters = MAX_LENGTH

    def value(self, value: object, depth: int = MAX_DEPTH) -> Json:
        """What is kept of a value; null for what no JSON can be."""
        if isinstance(value, str):
            return self._text(value, depth)
        if isinstance(value, Mapping):
            return self._object(value, depth) if self._enter(value, depth) else {}
        if isinstance(value, list | tuple):
            return self._list(value, depth) if self._enter(value, depth) else []
        self._leaves -= 1
        if isinstance(value, bool):
            return value
        if isinstance(value, int | float):
            return finite(value)
        return value.isoformat() if isinstance(value, date) else None

    def _enter(
        self, container: Mapping[object, object] | Iterable[object], depth: int
    ) -> bool:
        """Whether there is something in a container and room for it."""
        if container and depth:
            return True
        self._leaves -= 1
        self.complete = self.complete and not container
        return False

    def _object(self, content: Mapping[object, object], depth: int) -> Json:
        kept: dict[str, Json] = {}
        for key, value in content.items():
            name = whole(str(key))
            self._letters -= len(name)
            if self._leaves <= 0 or self._letters < 0:
                self.complete = False
                break
            kept[name] = self.value(value, depth - 1)
        return kept

    def _list(self, content: Iterable[object], depth: int) -> Json:
        kept: list[Json] = []
        for value in content:
            if self._leaves <= 0:
                self.complete = False
                break
            kept.append(self.value(value, depth - 1))
        return kept

    def _text(self, text: str, depth: int) -> Json:
        if (
            self._nested
            and text.lstrip()[:1] in _CONTAINERS
            and len(text) <= MAX_LENGTH
        ):
            try:
                document = decoded(text)
            except ValueError:
                pass
            else:
                self._nested = False
                kept = self.value(document, depth)
                self._nested = True
                return kept
        self._leaves -= 1
        self._letters -= len(text)
        if self._letters < 0:
            self.complete = False
            return None
        return whole(text)


def _integer(digits: str) -> int | None:
    return finite(int(digits)) if len(digits) <= _LONGEST_INTEGER else None
