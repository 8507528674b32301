"""Finds the command behind what an entity is told, with its values in the board's words."""

from collections.abc import Mapping

from ..model import (
    Act,
    Call,
    Command,
    Json,
    Light,
    Press,
    Publish,
    Ref,
    Send,
    SetPoint,
    Value,
    Verb,
)
from .definitions import Calling, Definition, Order, Publishing, Sending, Setting, State
from .templates import fill, fill_text

_FULL = 100.0

type Fields = Mapping[str, Json]


def wanted(
    definition: Definition, command: SetPoint | Press | Act, before: Value
) -> tuple[Verb, Fields] | None:
    """What is to be done, and the values for that; None for what makes no sense.

    `before` is what the entity shows now.
    """
    match command:
        case Press():
            return Verb.PRESS, {}
        case Act(verb=verb, value=value):
            name = verb.removeprefix("set_")
            return verb, {} if value is None else _percent(definition, name, value)
        case SetPoint(value=Light() as light):
            return _lit(definition, light, before)
        case SetPoint(value=bool(on)):
            return (Verb.ON if on else Verb.OFF), {}
        case SetPoint(value=int() | float() | str() as value):
            return Verb.SET, _values(definition.state, value)
    return None


def commanded(definition: Definition, order: Order, fields: Fields) -> Command:
    """The command of an order, with these values in it."""
    device = definition.device
    match order.act:
        case Sending(type=type_, options=options):
            filled = {key: fill(value, fields) for key, value in options.items()}
            return Send(device_id=device, type=type_, options=filled)
        case Calling(function=function, argument=argument):
            text = fill_text(argument, fields)
            return Call(device_id=device, function=function, argument=text)
        case Publishing(name=name, data=data):
            return Publish(name=name, data=fill_text(data, fields))
        case Setting(point=point, value=value):
            return SetPoint(ref=Ref(device, point), value=fill(value, fields))


def raw(source: State | None, value: float | str) -> Json:
    """A value in the words of its source: the map and the scale backwards."""
    if source is None:
        return _tidy(value)
    if source.map is not None:
        for key, meant in source.map.items():
            if meant == value and not isinstance(meant, bool):
                return key
    if isinstance(value, str) or (source.scale is None and source.offset is None):
        return _tidy(value)
    return _tidy((value - (source.offset or 0)) / (source.scale or 1))


def _lit(
    definition: Definition, light: Light, before: Value
) -> tuple[Verb, Fields] | None:
    """Off, on as it was, or on with another brightness."""
    if not light.on:
        return Verb.OFF, {}
    percent = light.brightness
    if percent is None or Verb.SET_BRIGHTNESS not in definition.commands:
        return Verb.ON, {}
    was = before if isinstance(before, Light) else Light(on=False)
    if not was.on and percent == (was.brightness or _FULL):
        return Verb.ON, {}
    return Verb.SET_BRIGHTNESS, _percent(definition, "brightness", percent)


def _percent(definition: Definition, name: str, value: float) -> Fields:
    return {**_values(definition.level, value), name: _tidy(value)}


def _values(source: State | None, value: float | str) -> Fields:
    """A value in the board's words, as it is and as a whole number."""
    found = raw(source, value)
    whole = round(found) if isinstance(found, float) else found
    return {"value": found, "whole": whole}


def _tidy(value: float | str) -> int | float | str:
    """A number without the tail of a binary fraction."""
    if isinstance(value, str):
        return value
    rounded = float(f"{value:.12g}")
    return int(rounded) if rounded.is_integer() and abs(rounded) < 1e15 else rounded
