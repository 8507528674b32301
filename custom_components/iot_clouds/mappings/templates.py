"""Fills values into the arguments of commands: `{value}` and other names in braces."""

from collections.abc import Mapping
from functools import lru_cache
import re

from ..model import Json

_FIELD = re.compile(r"\{([A-Za-z_]\w*)\}", re.ASCII)

type _Parts = tuple[str | tuple[str], ...]
"""Texts as they stand, and the name of a field alone in a tuple."""


class BadTemplate(ValueError):
    """A template has a field that there is not."""


def check(template: Json, fields: frozenset[str]) -> None:
    """Make sure that a template uses nothing but these fields.

    Raises:
        BadTemplate: it uses another one.
    """
    match template:
        case str():
            for part in _parts(template):
                if isinstance(part, tuple) and part[0] not in fields:
                    raise BadTemplate("A field in braces is unknown")
        case list():
            for each in template:
                check(each, fields)
        case dict():
            for each in template.values():
                check(each, fields)


def fill(template: Json, fields: Mapping[str, Json]) -> Json:
    """The template with values: numbers stay numbers where a field stands alone.

    Only within a text they become text. All other braces stay, so that an argument can be
    JSON.
    """
    match template:
        case str():
            parts = _parts(template)
            if len(parts) == 1 and isinstance(parts[0], tuple):
                return fields[parts[0][0]]
            return _joined(parts, fields)
        case list():
            return [fill(each, fields) for each in template]
        case dict():
            return {key: fill(each, fields) for key, each in template.items()}
    return template


def fill_text(template: str, fields: Mapping[str, Json]) -> str:
    """The template with values, as text."""
    return _joined(_parts(template), fields)


def _joined(parts: _Parts, fields: Mapping[str, Json]) -> str:
    return "".join(
        part if isinstance(part, str) else _spoken(fields[part[0]]) for part in parts
    )


def _spoken(value: Json) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case float() if value.is_integer():
            return str(int(value))
    return str(value)


@lru_cache(maxsize=1024)
def _parts(template: str) -> _Parts:
    """The texts and fields of a template."""
    pieces = _FIELD.split(template)
    found = [
        (piece,) if number % 2 else piece
        for number, piece in enumerate(pieces)
        if piece
    ]
    return tuple(found)
