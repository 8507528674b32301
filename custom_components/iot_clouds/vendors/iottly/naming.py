"""What the points made from payloads are called, and how they are described."""

from datetime import datetime
import hashlib
import re

from ...model import Kind, Point
from .convert import as_time
from .flatten import Form, Leaf, Path, pointer

PREFIX = "message"
_LONGEST = 120
_LEVELS = 2
_TIME_KEYS = ("time", "timestamp", "date", "_at")
# Numbers with such names identify something: an average of them says nothing.
_IDENTIFIERS = ("pid", "id", "code", "port", "gpio", "version", "count", "mid")
_WORDS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|_+")


def key_of(path: Path) -> str:
    """The point key of a path: unique, and the same whatever else a payload holds."""
    text = pointer(path)
    if len(text) <= _LONGEST:
        return PREFIX + text
    digest = hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()
    return f"{PREFIX}#{digest[:16]}"


def name_of(path: Path) -> str:
    """The last two keys of a path in words."""
    words = " ".join(_words(key[:_LONGEST]) for key in path[-_LEVELS:])
    return words[:1].upper() + words[1:_LONGEST]


def _words(key: str) -> str:
    if not (key := key.strip()):
        return "(empty)"
    first, *rest = [word for word in _WORDS.split(key) if word] or [key]
    return " ".join([first, *map(_lower, rest)])


def _lower(word: str) -> str:
    """Write a word of a camel case name small, but not an abbreviation."""
    return word.lower() if word[1:].islower() else word


def point_of(leaf: Leaf) -> Point:
    """Describe a leaf on first sight; its type then decides for good."""
    key = key_of(leaf.path)
    name = name_of(leaf.path) if leaf.path else None
    value = leaf.value
    match leaf.form:
        case Form.PLACE:
            label = None if name else "location"
            return Point(key=key, kind=Kind.PLACE, name=name, label=label)
        case Form.LENGTH:
            return Point(
                key=key,
                kind=Kind.MEASURE,
                name=name,
                label=None if name else "message_size",
                state_class="measurement",
                enabled=False,
            )
        case _ if isinstance(value, bool):
            return Point(key=key, kind=Kind.FLAG, name=name)
        case _ if isinstance(value, int | float):
            named = leaf.path[-2] if leaf.form is Form.ELEMENT else leaf.path[-1]
            counts = named.strip().lower().endswith(_IDENTIFIERS)
            state_class = None if counts else "measurement"
            return Point(key=key, kind=Kind.MEASURE, name=name, state_class=state_class)
        case _ if _is_time(leaf):
            return Point(
                key=key, kind=Kind.MEASURE, name=name, device_class="timestamp"
            )
        case _:
            return Point(key=key, kind=Kind.TEXT, name=name)


def _is_time(leaf: Leaf) -> bool:
    if isinstance(leaf.value, datetime):
        return True
    if not leaf.path[-1].strip().lower().endswith(_TIME_KEYS):
        return False
    return isinstance(leaf.value, str) and as_time(leaf.value) is not None
