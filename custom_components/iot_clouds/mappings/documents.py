"""Reads definitions from the JSON documents that they are kept as, and writes them.

A document has this shape, where "on" stands for each verb of its platform:

    {"device": id, "platform": "switch",
     "state": {"source": {"point": key} | {"event": name}, "map": {raw: state}},
     "commands": {"on": COMMAND, "off": COMMAND}, "confirm": seconds}

    COMMAND = {"send": {"type": text, "options": {...}}}
            | {"call": {"function": text, "argument": text}}
            | {"publish": {"name": text, "data": text}}
            | {"set": {"point": key, "value": anything}}, each with
              "success": {"at_least": number} where what it returns tells

Whatever is added later is a new field: documents of today stay readable.
"""

from collections.abc import Mapping

from ..model import Json
from .definitions import (
    PREFIX,
    Act,
    Calling,
    Definition,
    EventSource,
    Order,
    PointSource,
    Publishing,
    Sending,
    Setting,
    State,
    Success,
)
from .fields import BadDefinition, Fields
from .shapes import SHAPES, Shape, Verb


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
    state = _state(fields, shape) if shape.state and fields.has("state") else None
    commands = _commands(fields.inner("commands"), shape) if shape.verbs else {}
    confirm = None
    if state and fields.has("confirm"):
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
        commands=commands,
        confirm=confirm,
    )


def parse_order(document: Mapping[str, object]) -> Order:
    """Read one COMMAND of a document.

    Raises:
        BadDefinition: it is none; says which field is wrong.
    """
    return _order(Fields(document))


def dump(definition: Definition) -> dict[str, Json]:
    """The document of a definition: `parse` makes the same of it again."""
    document: dict[str, Json] = {
        "device": definition.device,
        "platform": definition.platform,
    }
    if state := definition.state:
        source: dict[str, Json]
        match state.source:
            case PointSource(point=key):
                source = {"point": key}
            case EventSource(event=name):
                source = {"event": name}
        kept: dict[str, Json] = {"source": source}
        if state.map is not None:
            kept["map"] = dict(state.map)
        document["state"] = kept
    if definition.commands:
        document["commands"] = {
            verb.value: dump_order(order) for verb, order in definition.commands.items()
        }
    if definition.confirm is not None:
        document["confirm"] = definition.confirm
    return document


def _state(fields: Fields, shape: Shape) -> State:
    state = fields.inner("state")
    source = state.inner("source")
    found: PointSource | EventSource
    if source.only(("point", "event")) == "event":
        found = EventSource(event=source.text("event"))
    else:
        found = PointSource(point=_key(source))
    source.done()
    values: dict[str, Json] | None = None
    if state.has("map"):
        values = state.table("map")
        for value in values.values():
            if shape.state is None or shape.state(value) is None:
                raise BadDefinition(state.path("map"), "invalid")
    state.done()
    return State(source=found, map=values)


def _commands(fields: Fields, shape: Shape) -> dict[Verb, Order]:
    commands = {verb: _order(fields.inner(verb.value)) for verb in shape.verbs}
    fields.done()
    return commands


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


def dump_order(order: Order) -> dict[str, Json]:
    """The COMMAND of an order: `parse_order` makes the same of it again."""
    document: dict[str, Json]
    match order.act:
        case Sending(type=type_, options=options):
            document = {"send": {"type": type_, "options": dict(options)}}
        case Calling(function=function, argument=argument):
            document = {"call": {"function": function, "argument": argument}}
        case Publishing(name=name, data=data):
            document = {"publish": {"name": name, "data": data}}
        case Setting(point=point, value=value):
            document = {"set": {"point": point, "value": value}}
    if order.success:
        document["success"] = {"at_least": order.success.at_least}
    return document
