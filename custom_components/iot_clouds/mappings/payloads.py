"""Takes apart what a device sent: JSON, pairs, separated fields, numbers with units."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import cast

from ..model import Json
from .paths import pointer
from .pruning import MAX_LEAVES, MAX_LENGTH, Pruning, decoded, is_sound, whole
from .separated import Typed, listed, pairs, typed
from .words import flag

_NOTHING: Mapping[str, str] = MappingProxyType({})


class Form(StrEnum):
    """How a payload is written."""

    JSON = "json"
    PAIRS = "pairs"
    FIELDS = "fields"
    NUMBER = "number"
    FLAG = "flag"
    TEXT = "text"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True, kw_only=True)
class Payload:
    """A payload as a tree that JSON Pointers address; nobody changes the tree.

    Pairs are an object, separated fields a list, and everything else that is no JSON is
    the root itself. Texts within JSON stay texts, except those that hold JSON themselves.
    `units` has the unit that was written behind a number, by pointer, and `texts` has
    such a number as it was written. `written` are pairs and fields as a whole. What is
    not finite is null. `complete` is False when parts were left out for being too many,
    too deep or too long.
    """

    tree: Json
    form: Form
    units: Mapping[str, str] = _NOTHING
    texts: Mapping[str, str] = _NOTHING
    written: str | None = None
    complete: bool = True


def parse(raw: object) -> Payload:
    """Take apart the value of a point or the data of an event; raises nothing.

    A value that has parts of its own, such as a position, becomes an object of them.
    """
    if isinstance(raw, str):
        return _text(raw, nested=True)
    if is_dataclass(raw) and not isinstance(raw, type):
        raw = {each.name: getattr(raw, each.name) for each in fields(raw)}
    return _document(raw, nested=True)


def _text(raw: str, *, nested: bool) -> Payload:
    raw = whole(raw)
    if len(raw) > MAX_LENGTH:
        return Payload(tree=raw[:MAX_LENGTH], form=Form.TEXT, complete=False)
    text = raw.strip()
    if text[:1] in {"{", "[", '"'}:
        try:
            document = decoded(text)
        except ValueError:
            return _careless(text) or Payload(tree=raw, form=Form.TEXT)
        if is_sound(document, text):
            return Payload(tree=cast(Json, document), form=Form.JSON)
        if not isinstance(document, str):
            return _document(document, nested=nested)
        if nested:
            return _text(document, nested=False)
        return Payload(tree=whole(document), form=Form.TEXT)
    return _single(text) or _several(text, text) or Payload(tree=raw, form=Form.TEXT)


def _document(document: object, *, nested: bool) -> Payload:
    """A payload of what is JSON already."""
    pruning = Pruning(nested=nested)
    tree = pruning.value(document)
    match tree:
        case dict() | list():
            form = Form.JSON
        case bool():
            form = Form.FLAG
        case int() | float():
            form = Form.NUMBER
        case str():
            form = Form.TEXT
        case None:
            form = Form.NOTHING
    return Payload(tree=tree, form=form, complete=pruning.complete)


def _single(text: str) -> Payload | None:
    """One number, one word for on or off, or a word for nothing."""
    found = typed(text)
    if found.value is None:
        return Payload(tree=None, form=Form.NOTHING) if text else None
    if isinstance(found.value, str | bool):
        return None if flag(text) is None else Payload(tree=found.value, form=Form.FLAG)
    if found.unit is None and "," in text:
        return None
    units, texts = _written({"": found})
    return Payload(tree=found.value, form=Form.NUMBER, units=units, texts=texts)


def _several(text: str, written: str) -> Payload | None:
    """Pairs or separated fields; `written` is the text with what stands around them."""
    found, form = pairs(text), Form.PAIRS
    if found is None:
        found, form = listed(text), Form.FIELDS
    if found is None:
        return None
    kept = dict(list(found.items())[:MAX_LEAVES])
    tree: dict[str, Json] = {key: each.value for key, each in kept.items()}
    units, texts = _written({pointer((key,)): each for key, each in kept.items()})
    return Payload(
        tree=tree if form is Form.PAIRS else list(tree.values()),
        form=form,
        units=units,
        texts=texts,
        written=written,
        complete=len(kept) == len(found),
    )


def _written(found: Mapping[str, Typed]) -> tuple[dict[str, str], dict[str, str]]:
    """The units, and the numbers that have one as they were written, by pointer."""
    units = {key: each.unit for key, each in found.items() if each.unit}
    return units, {key: found[key].text for key in units}


def _careless(text: str) -> Payload | None:
    """What nearly is JSON: keys without quotes, or "nan" among the values."""
    match text[0], text[-1]:
        case "{", "}":
            found = _several(text[1:-1].strip(), text)
            return found if found and found.form is Form.PAIRS else None
        case "[", "]":
            found = _several(text[1:-1].strip(), text)
            return found if found and found.form is Form.FIELDS else None
        case '"', _:
            return _several(text, text)
    return None
