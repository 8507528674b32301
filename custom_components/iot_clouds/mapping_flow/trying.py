"""Tries a definition without keeping it: what it shows, and what it would send."""

from collections.abc import Iterator, Mapping
import json
from typing import cast

from ..mappings import Definition, State
from ..mappings.orders import commanded, wanted
from ..mappings.parts import Part, formula_of, put, told
from ..mappings.payloads import parse
from ..mappings.shapes import FIELDS
from ..model import Act, Call, Json, Light, Publish, Ref, Send, SetPoint, Value, Verb

type Sent = Send | Call | Publish | SetPoint

_PERCENT = 50.0
_NUMBER = 1.0
_TEXT = "text"


def shown(definition: Definition, said: object, level: object = None) -> Value:
    """The state for what its sources said: that of the state, and that of the level.

    What is none of the options is no state.
    """
    value: Value = None
    for part, source, payload in (
        (Part.STATE, definition.state, said),
        (Part.LEVEL, definition.level, level),
    ):
        if source is not None and payload is not None:
            value = _with(definition, value, part, source, payload)
    if definition.options and value not in definition.options:
        return None
    return value


def sent(definition: Definition) -> Iterator[tuple[Verb, Sent]]:
    """What each command would send, with an example for its value."""
    for verb, order in definition.commands.items():
        command = commanded(definition, order, example(definition, verb))
        yield verb, cast(Sent, command)


def example(definition: Definition, verb: Verb) -> Mapping[str, Json]:
    """Values for the templates of a verb, as they would be at work."""
    if verb not in FIELDS:
        return {}
    ref = Ref(definition.device, definition.key)
    before: Value = None
    command: SetPoint | Act
    match verb:
        case Verb.SET:
            command = SetPoint(ref=ref, value=_chosen(definition))
        case Verb.SET_BRIGHTNESS:
            before = Light(on=True)
            command = SetPoint(ref=ref, value=Light(on=True, brightness=_PERCENT))
        case _:
            command = Act(ref=ref, verb=verb, value=_PERCENT)
    found = wanted(definition, command, before)
    return {} if found is None else found[1]


def written(command: Sent) -> str:
    """A command as its device or the cloud sees it."""
    match command:
        case Send(type=type_, options=options):
            return f"{type_} {_json(dict(options))}" if options else type_
        case Call(function=function, argument=argument):
            return f"{function}({argument})"
        case Publish(name=name, data=data):
            return f"{name}: {data}" if data else name
    return f"{command.ref.key} = {_json(command.value)}"


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
    new = told(parse(said), formula, shape, part)
    return put(shape, before, part, new, alone=definition.state is None)


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)
