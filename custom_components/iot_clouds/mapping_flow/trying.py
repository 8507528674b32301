"""Tries a definition without keeping it: what it shows, and what it would send."""

from collections.abc import Iterator
import json

from ..mappings import Definition, State, Verb
from ..mappings.orders import commanded, raw
from ..mappings.parts import Part, formula_of, put, told
from ..mappings.payloads import parse
from ..mappings.shapes import FIELDS
from ..model import Call, Command, Json, Publish, Send, SetPoint, Value

_PERCENT = 50.0
_NUMBER = 1.0
_TEXT = "text"


def shown(definition: Definition, said: object, level: object = None) -> Value:
    """The state for what its sources said: that of the state, and that of the level."""
    value: Value = None
    for part, source, payload in (
        (Part.STATE, definition.state, said),
        (Part.LEVEL, definition.level, level),
    ):
        if source is not None and payload is not None:
            value = _with(definition, value, part, source, payload)
    return value


def sent(definition: Definition) -> Iterator[tuple[Verb, Command]]:
    """What each command would send, with an example for its value."""
    for verb, order in definition.commands.items():
        yield verb, commanded(definition, order, example(definition, verb))


def example(definition: Definition, verb: Verb) -> dict[str, Json]:
    """Values for the templates of a verb, as its source would say them."""
    names = FIELDS.get(verb, frozenset())
    if not names:
        return {}
    if verb is Verb.SET:
        return {"value": raw(definition.state, _chosen(definition))}
    return {
        name: raw(definition.level, _PERCENT) if name == "value" else int(_PERCENT)
        for name in sorted(names)
    }


def written(command: Command) -> str:
    """A command as its device or the cloud sees it."""
    match command:
        case Send(type=type_, options=options):
            return f"{type_} {_json(dict(options))}" if options else type_
        case Call(function=function, argument=argument):
            return f"{function}({argument})"
        case Publish(name=name, data=data):
            return f"{name}: {data}" if data else name
        case SetPoint(ref=ref, value=value):
            return f"{ref.key} = {_json(value)}"
    return type(command).__name__


def _chosen(definition: Definition) -> float | str:
    limits = definition.limits
    if definition.options:
        return definition.options[0]
    if not definition.shape.limits:
        return _TEXT
    return next(
        (each for each in (limits.maximum, limits.minimum) if each is not None), _NUMBER
    )


def _with(
    definition: Definition, before: Value, part: Part, source: State, said: object
) -> Value:
    shape = definition.shape
    formula = formula_of(definition, part, source)
    return put(shape, before, part, told(parse(said), formula, shape, part))


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)
