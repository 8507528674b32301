"""What a point shows when a leaf is found at its path, whatever type that has now."""

from ...model import Json, Kind, Place, Point, Value
from .convert import (
    STATE_LENGTH,
    Scalar,
    as_flag,
    as_json,
    as_number,
    as_text,
    as_time,
    shown_items,
)
from .flatten import Form, Leaf, pointer

_VALUES = frozenset({Form.VALUE, Form.ELEMENT})


def value_of(point: Point, form: Form, leaf: Leaf) -> Value:
    """What fits into a state: `content_of`, of texts only the beginning."""
    content = content_of(point, form, leaf)
    return content[:STATE_LENGTH] if isinstance(content, str) else content


def content_of(point: Point, form: Form, leaf: Leaf) -> Value:
    """Fit a leaf to its point, which was made for a leaf of `form`; None if unknown.

    A text takes everything, objects and lists as JSON (reference 6.2, rule 11).
    """
    if point.kind is Kind.PLACE:
        return leaf.value if isinstance(leaf.value, Place) else None
    if leaf.form is Form.LENGTH and form is Form.LENGTH:
        return leaf.value
    if point.kind is Kind.TEXT:
        return _text(leaf)
    scalar = _scalar(leaf)
    if point.kind is Kind.FLAG:
        return as_flag(scalar)
    return as_time(scalar) if point.device_class else as_number(scalar)


def attributes_of(point: Point, leaf: Leaf) -> dict[str, Json] | None:
    """Where in the payload the value stands, and what does not fit into a state."""
    attributes: dict[str, Json] = {}
    if leaf.path:
        attributes["path"] = pointer(leaf.path)[:STATE_LENGTH]
    if isinstance(leaf.items, list) and point.kind is Kind.MEASURE:
        attributes["items"] = shown_items(leaf.items)
    if point.kind is Kind.TEXT and len(text := _text(leaf) or "") > STATE_LENGTH:
        attributes["text"] = text
    return attributes or None


def _text(leaf: Leaf) -> str | None:
    return as_text(_scalar(leaf)) if leaf.form in _VALUES else as_json(leaf.items)


def _scalar(leaf: Leaf) -> Scalar:
    if leaf.form not in _VALUES or isinstance(leaf.value, Place):
        return None
    return leaf.value
