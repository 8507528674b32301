"""Writes definitions as the JSON documents that they are kept as (`documents.py`)."""

from ..model import Json
from .definitions import (
    Calling,
    Definition,
    EventSource,
    Order,
    PointSource,
    Publishing,
    Sending,
    Setting,
    State,
)


def dump(definition: Definition) -> dict[str, Json]:
    """The document of a definition: `parse` makes the same of it again."""
    classes, limits = definition.classes, definition.limits
    commands: dict[str, Json] = {
        verb.value: dump_order(order) for verb, order in definition.commands.items()
    }
    document: dict[str, Json] = {
        "state": _state(definition.state),
        "level": _state(definition.level),
        "classes": _given(
            device_class=classes.device_class,
            unit=classes.unit,
            state_class=classes.state_class,
        ),
        "limits": _given(min=limits.minimum, max=limits.maximum, step=limits.step),
        "options": list(definition.options),
        "commands": commands,
        "confirm": definition.confirm,
    }
    return {
        "device": definition.device,
        "platform": definition.platform,
        **{key: value for key, value in document.items() if value},
    }


def _state(state: State | None) -> dict[str, Json]:
    if state is None:
        return {}
    source: dict[str, Json]
    match state.source:
        case PointSource(point=key):
            source = {"point": key}
        case EventSource(event=name):
            source = {"event": name}
    return _given(
        source=source,
        path=state.path or None,
        map=None if state.map is None else dict(state.map),
        scale=state.scale,
        offset=state.offset,
    )


def _given(**fields: Json) -> dict[str, Json]:
    return {key: value for key, value in fields.items() if value is not None}


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
