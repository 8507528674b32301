"""Definitions as a sheet of YAML: written to be read, and read with the line that is wrong."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import override

import yaml

from ..model import Json
from .definitions import Definition
from .documents import parse
from .dumping import dump
from .fields import BadDefinition, is_storable

LARGEST = 128 * 1024
"""Characters that a sheet may have."""

_DEEPEST = 40
_LONGEST_PATH = 512
"""Characters of the keys that lead to a value, which are remembered with its line."""

_OURS = "tag:yaml.org,2002:"
_PLAIN = frozenset(f"{_OURS}{name}" for name in ("bool", "int", "float", "null"))


class BadSheet(ValueError):
    """A sheet cannot be taken; `line` counts from 1, `field` and `reason` say why.

    `reason` is one of those of `BadDefinition`, or "syntax", "device" (there is none of
    this name, or there are several) and "too_large".
    """

    def __init__(self, line: int, reason: str, field: str = "") -> None:
        """Say where and why."""
        super().__init__(f"line {line}: {field or 'sheet'}: {reason}")
        self.line = line
        self.field = field
        self.reason = reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One definition of a sheet: not kept yet, and therefore without an id."""

    name: str
    document: Mapping[str, Json]


def write(definitions: Iterable[Definition], devices: Mapping[str, str]) -> str:
    """A sheet of these definitions, with devices by name where that tells them apart.

    `devices` are the names of the account's devices by id.
    """
    names = list(devices.values())
    rows = []
    for each in definitions:
        device = devices.get(each.device, each.device)
        if names.count(device) > 1 or device in devices:
            device = each.device
        rows.append({"name": each.name, **dump(each), "device": device})
    return yaml.safe_dump(rows, allow_unicode=True, sort_keys=False) if rows else ""


def read(text: str, devices: Mapping[str, str]) -> list[Row]:
    """The definitions of a sheet, which is a list of them or a single one.

    Raises:
        BadSheet: one of them is none; says in which line.
    """
    if len(text) > LARGEST:
        raise BadSheet(1, "too_large")
    lines: dict[str, int] = {}
    found = _load(text, lines)
    rows = found if isinstance(found, list) else [found]
    prefix = "{}." if isinstance(found, list) else ""
    return [
        _row(row, devices, _Place(prefix.format(number), lines))
        for number, row in enumerate(rows)
    ]


@dataclass(frozen=True, slots=True)
class _Place:
    """Where in the sheet one definition stands."""

    prefix: str
    lines: Mapping[str, int]

    def bad(self, field: str, reason: str) -> BadSheet:
        """Say where a field is wrong: at itself, or where it should have been."""
        path = f"{self.prefix}{field}".rstrip(".")
        while path not in self.lines:
            path = path.rpartition(".")[0]
        return BadSheet(self.lines[path], reason, field)


def _row(row: Json, devices: Mapping[str, str], place: _Place) -> Row:
    if not isinstance(row, dict):
        raise place.bad("", "invalid")
    document = dict(row)
    name = document.pop("name", None)
    if not isinstance(name, str) or not name.strip() or not is_storable(name):
        raise place.bad("name", "missing" if name is None else "invalid")
    wanted = document.get("device")
    ids = [id_ for id_, known in devices.items() if wanted in (id_, known)]
    if wanted in ids:
        ids = [str(wanted)]
    if wanted is not None and len(ids) != 1:
        raise place.bad("device", "device")
    try:
        kept = dump(
            parse("", name, {**document, **({"device": ids[0]} if ids else {})})
        )
    except BadDefinition as err:
        raise place.bad(err.field, err.reason) from None
    return Row(name=name.strip(), document=kept)


class _Loader(yaml.SafeLoader):
    """Refuses aliases: a few lines of them can stand for more than memory holds.

    What is nested without end is refused before it costs anything.
    """

    _depth = 0

    @override
    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        event = self.peek_event()  # type: ignore[no-untyped-call]
        if isinstance(event, yaml.AliasEvent) or self._depth > _DEEPEST:
            raise yaml.MarkedYAMLError(problem_mark=event.start_mark)
        self._depth += 1
        try:
            return super().compose_node(parent, index)
        finally:
            self._depth -= 1


def _load(text: str, lines: dict[str, int]) -> Json:
    """What a sheet says, and in which line it says it, by dotted path."""
    lines[""] = 1
    try:
        loader = _Loader(text)
        return _json(loader, loader.get_single_node(), "", lines)
    except yaml.MarkedYAMLError as err:
        mark = err.problem_mark or err.context_mark
        raise BadSheet(mark.line + 1 if mark else 1, "syntax") from None
    except BadSheet:
        raise
    except yaml.YAMLError, ValueError, RecursionError:
        raise BadSheet(1, "syntax") from None


def _json(
    loader: _Loader, node: yaml.Node | None, path: str, lines: dict[str, int]
) -> Json:
    """A node as JSON. Times are texts, and so is what is written with colons."""
    match node:
        case yaml.SequenceNode(value=nodes):
            found: list[Json] = []
            for number, each in enumerate(nodes):
                inner = _join(path, number)
                lines[inner] = line = each.start_mark.line + 1
                if len(inner) > _LONGEST_PATH:
                    raise BadSheet(line, "invalid")
                found.append(_json(loader, each, inner, lines))
            return found
        case yaml.MappingNode():
            return dict(_items(loader, node, path, lines))
        case yaml.ScalarNode(tag=tag, value=str(text)) if tag in _PLAIN:
            value: Json = text if ":" in text else loader.construct_object(node)
            return value
        case yaml.ScalarNode(tag=tag, value=str(text)) if tag.startswith(_OURS):
            return text
        case None:
            raise BadSheet(1, "missing")
    raise BadSheet(node.start_mark.line + 1, "invalid", path)


def _items(
    loader: _Loader, node: yaml.MappingNode, path: str, lines: dict[str, int]
) -> Iterator[tuple[str, Json]]:
    """The fields of an object. A key is a text as it stands: "on" is a verb here."""
    seen: set[str] = set()
    for key, value in node.value:
        line = key.start_mark.line + 1
        if not isinstance(key, yaml.ScalarNode) or key.value in seen:
            raise BadSheet(line, "invalid", path)
        seen.add(key.value)
        inner = _join(path, key.value)
        if len(inner) > _LONGEST_PATH:
            raise BadSheet(line, "invalid", path)
        lines[inner] = line
        yield key.value, _json(loader, value, inner, lines)


def _join(path: str, key: object) -> str:
    return f"{path}.{key}" if path else str(key)
