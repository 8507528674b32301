"""Reads a document field by field, and says which field is wrong."""

from collections.abc import Iterable, Mapping
import math

from ..model import Json

_DEEPEST = 32
"""Lists and objects within each other, in what a command sends."""


class BadDefinition(ValueError):
    """A document is not a definition; the text tells no values.

    `field` is the way to the part that is wrong, with dots ("commands.on.send.type").
    `reason` is one of "missing", "unknown" and "invalid".
    """

    def __init__(self, field: str, reason: str) -> None:
        """Name the field and what is wrong with it."""
        super().__init__(f"{field}: {reason}")
        self.field = field
        self.reason = reason


class Fields:
    """An object of the document; `done` refuses what was not asked for."""

    def __init__(self, value: object, path: str = "") -> None:
        """Take the object.

        Raises:
            BadDefinition: it is none.
        """
        if not isinstance(value, Mapping):
            raise BadDefinition(path, "invalid")
        self._value: Mapping[object, object] = value
        self._path = path
        self._asked: set[str] = set()

    def path(self, key: str) -> str:
        """The way to one of its fields."""
        return f"{self._path}.{key}" if self._path else key

    def has(self, key: str) -> bool:
        """Whether a field is there; only then it may be."""
        self._asked.add(key)
        return key in self._value

    def only(self, keys: Iterable[str]) -> str:
        """The one of these fields that is there.

        Raises:
            BadDefinition: there is none, or more than one.
        """
        found = [key for key in keys if self.has(key)]
        if not found:
            raise BadDefinition(self._path, "missing")
        if len(found) > 1:
            raise BadDefinition(self.path(found[1]), "unknown")
        return found[0]

    def inner(self, key: str) -> Fields:
        """A field that is an object."""
        return Fields(self._given(key), self.path(key))

    def text(self, key: str, default: str | None = None) -> str:
        """A text; one without a default must not be blank."""
        value = self._given(key) if default is None or self.has(key) else default
        if not isinstance(value, str) or (default is None and not value.strip()):
            raise BadDefinition(self.path(key), "invalid")
        if not is_storable(value):
            raise BadDefinition(self.path(key), "invalid")
        return value

    def number(self, key: str) -> float:
        """A finite number."""
        value = self._given(key)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise BadDefinition(self.path(key), "invalid")
        if not math.isfinite(value) if isinstance(value, float) else _is_long(value):
            raise BadDefinition(self.path(key), "invalid")
        return value

    def json(self, key: str) -> Json:
        """Whatever JSON can say."""
        return _json(self._given(key), self.path(key))

    def table(self, key: str) -> dict[str, Json]:
        """An object of any JSON, empty where the field is absent."""
        if not self.has(key):
            return {}
        value = self.json(key)
        if not isinstance(value, dict):
            raise BadDefinition(self.path(key), "invalid")
        return value

    def done(self) -> None:
        """Refuse fields that nobody asked for."""
        for key in self._value:
            if key not in self._asked:
                raise BadDefinition(self.path(str(key)), "unknown")

    def _given(self, key: str) -> object:
        if not self.has(key):
            raise BadDefinition(self.path(key), "missing")
        return self._value[key]


def is_storable(text: str) -> bool:
    """Whether a text has no halves of characters, which Home Assistant cannot store."""
    try:
        return text.isascii() or bool(text.encode())
    except UnicodeEncodeError:
        return False


def _is_long(value: int) -> bool:
    """Whether a whole number has more than 64 bits, which Home Assistant cannot store."""
    return not -(1 << 63) <= value < 1 << 64


def _json(value: object, path: str, room: int = _DEEPEST) -> Json:
    """The same with plain lists and dictionaries, if Home Assistant can store it."""
    match value:
        case None | bool():
            return value
        case int() if not _is_long(value):
            return value
        case str() if is_storable(value):
            return value
        case float() if math.isfinite(value):
            return value
        case list() | tuple() if room:
            return [_json(each, path, room - 1) for each in value]
        case Mapping() if room and all(
            isinstance(key, str) and is_storable(key) for key in value
        ):
            return {key: _json(each, path, room - 1) for key, each in value.items()}
    raise BadDefinition(path, "invalid")
