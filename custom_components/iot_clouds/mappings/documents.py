"""Reads definitions from the JSON documents that they are kept as, and writes them.

A document has this shape, where "on" stands for each verb of its platform, and what its
platform has no use for is absent:

    {"device": id, "platform": "switch", "state": SOURCE, "level": SOURCE,
     "classes": {"device_class": text, "unit": text, "state_class": text},
     "limits": {"min": number, "max": number, "step": number}, "options": [text],
     "commands": {"on": COMMAND, "off": COMMAND}, "confirm": seconds}

    SOURCE = {"source": {"point": key} | {"event": name}, "path": JSON Pointer,
              "map": {raw: state}, "scale": number, "offset": number}

    COMMAND = {"send": {"type": text, "options": {...}}}
            | {"call": {"function": text, "argument": text}}
            | {"publish": {"name": text, "data": text}}
            | {"set": {"point": key, "value": anything}}, each with
              "success": {"at_least": number} where what it returns tells

Whatever is added later is a new field: documents of today stay readable.
"""

from collections.abc import Mapping

from ..model import Json, Kind, Verb
from .definitions import (
    PREFIX,
    Act,
    Calling,
    Classes,
    Definition,
    EventSource,
    Limits,
    Order,
    PointSource,
    Publishing,
    Sending,
    Setting,
    State,
    Success,
)
from .fields import BadDefinition, Fields
from .parts import word_of
from .paths import steps
from .shapes import FIELDS, SHAPES, Shape
from .states import flag_of
from .templates import BadTemplate, check


def parse(id_: str, name: str, document: Mapping[str, object]) -> Definition:
    """Read a document.

    Raises:
        BadDefinition: it is none; says which field is wrong.
    """
    fields = Fields(document)
    device, platform = fields.text("device"), fields.text("platform")
    if platform not in SHAPES:
        raise BadDefinition("platform", "unknown")
    shape = SHAPES[platform]
    state, level = _sources(fields, shape)
    classes = _classes(fields, shape)
    limits = _limits(fields) if shape.limits else Limits()
    options = _options(fields, shape, state)
    commands = _commands(fields.inner("commands"), shape) if shape.verbs else {}
    confirm = None
    if (state or level) and commands and fields.has("confirm"):
        confirm = fields.number("confirm")
        if confirm <= 0:
            raise BadDefinition("confirm", "invalid")
    fields.done()
    return Definition(
        id=id_,
        name=name,
        device=device,
        platform=platform,
        state=state,
        level=level,
        classes=classes,
        limits=limits,
        options=options,
        commands=commands,
        confirm=confirm,
    )


def parse_order(document: Mapping[str, object]) -> Order:
    """Read one COMMAND of a document.

    Raises:
        BadDefinition: it is none; says which field is wrong.
    """
    return _order(Fields(document))


def _sources(fields: Fields, shape: Shape) -> tuple[State | None, State | None]:
    """The sources of state and level, as far as the shape has them."""
    state = level = None
    if shape.reads and (shape.observes or fields.has("state")):
        state = _state(fields.inner("state"), shape)
    if shape.level and fields.has("level"):
        level = _state(fields.inner("level"), None)
    return state, level


def _state(state: Fields, shape: Shape | None) -> State:
    """A source; without a shape it is that of a level."""
    source = state.inner("source")
    found: PointSource | EventSource
    if source.only(("point", "event")) == "event":
        found = EventSource(event=source.text("event"))
    elif shape and shape.kind is Kind.MESSAGE:
        raise BadDefinition(source.path("point"), "invalid")
    else:
        found = PointSource(point=_key(source))
    source.done()
    path = state.text("path", "")
    try:
        steps(path)
    except ValueError:
        raise BadDefinition(state.path("path"), "invalid") from None
    values = _map(state, shape) if state.has("map") else None
    scale = state.number("scale") if state.has("scale") else None
    if scale == 0:
        raise BadDefinition(state.path("scale"), "invalid")
    offset = state.number("offset") if state.has("offset") else None
    state.done()
    return State(source=found, path=path, map=values, scale=scale, offset=offset)


def _map(state: Fields, shape: Shape | None) -> dict[str, Json]:
    """What the source may say, each with the state that it means."""
    values = state.table("map")
    for value in values.values():
        if not _means_something(value, shape):
            raise BadDefinition(state.path("map"), "invalid")
    return values


def _means_something(value: Json, shape: Shape | None) -> bool:
    if shape and shape.words:
        return word_of(value, shape) is not None
    match shape.reads if shape else Kind.MEASURE:
        case Kind.FLAG | Kind.TOGGLE:
            return flag_of(value) is not None
        case Kind.MEASURE | Kind.LEVEL:
            return isinstance(value, int | float) and not isinstance(value, bool)
    return isinstance(value, str)


def _classes(fields: Fields, shape: Shape) -> Classes:
    if not fields.has("classes"):
        return Classes()
    classes = fields.inner("classes")
    known = ["device_class", "unit", "state_class"] if shape.classes else []
    known = known or ["device_class"]
    found = {key: classes.text(key) for key in known if classes.has(key)}
    classes.done()
    return Classes(**found)


def _limits(fields: Fields) -> Limits:
    if not fields.has("limits"):
        return Limits()
    inner = fields.inner("limits")
    names = {"min": "minimum", "max": "maximum", "step": "step"}
    found = {name: inner.number(key) for key, name in names.items() if inner.has(key)}
    inner.done()
    limits = Limits(**found)
    low, high = limits.minimum, limits.maximum
    if low is not None and high is not None and low >= high:
        raise BadDefinition("limits.max", "invalid")
    if limits.step is not None and limits.step <= 0:
        raise BadDefinition("limits.step", "invalid")
    return limits


def _options(fields: Fields, shape: Shape, state: State | None) -> tuple[str, ...]:
    """What may be chosen, or happen; by default what a map makes of the source."""
    if not shape.options:
        return ()
    found: Json = list((state.map or {}).values()) if state else []
    if fields.has("options"):
        found = fields.json("options")
    if not isinstance(found, list):
        raise BadDefinition("options", "invalid")
    options = tuple(dict.fromkeys(each for each in found if isinstance(each, str)))
    if any(not isinstance(each, str) or not each.strip() for each in found):
        raise BadDefinition("options", "invalid")
    if not options and not shape.observes:
        raise BadDefinition("options", "missing")
    return options


def _commands(fields: Fields, shape: Shape) -> dict[Verb, Order]:
    verbs = [*shape.verbs, *(each for each in shape.optional if fields.has(each.value))]
    commands = {}
    for verb in verbs:
        inner = fields.inner(verb.value)
        commands[verb] = order = _order(inner)
        try:
            check(templates_of(order), FIELDS.get(verb, frozenset()))
        except BadTemplate:
            raise BadDefinition(fields.path(verb.value), "field") from None
    fields.done()
    return commands


def templates_of(order: Order) -> Json:
    """Everything in a command that may name a value in braces."""
    match order.act:
        case Sending(options=options):
            return dict(options)
        case Calling(argument=text) | Publishing(data=text):
            return text
        case Setting(value=value):
            return value


def _order(fields: Fields) -> Order:
    kind = fields.only(("send", "call", "publish", "set"))
    inner = fields.inner(kind)
    act: Act
    match kind:
        case "send":
            act = Sending(type=inner.text("type"), options=inner.table("options"))
        case "call":
            function, argument = inner.text("function"), inner.text("argument", "")
            act = Calling(function=function, argument=argument)
        case "publish":
            act = Publishing(name=inner.text("name"), data=inner.text("data", ""))
        case _:
            act = Setting(point=_key(inner), value=inner.json("value"))
    inner.done()
    success = None
    if fields.has("success"):
        rule = fields.inner("success")
        success = Success(at_least=rule.number("at_least"))
        rule.done()
    fields.done()
    return Order(act=act, success=success)


def _key(fields: Fields) -> str:
    """Key of a point that the cloud lists; a circle of definitions leads nowhere."""
    key = fields.text("point")
    if key.startswith(PREFIX):
        raise BadDefinition(fields.path("point"), "invalid")
    return key
