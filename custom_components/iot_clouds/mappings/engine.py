"""Makes points, readings and commands of definitions."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from ..model import (
    Call,
    Command,
    Device,
    Event,
    Point,
    Press,
    Publish,
    Reading,
    Ref,
    Send,
    SetPoint,
    Value,
)
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
    Success,
    text_of,
)
from .shapes import Shape, Verb


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is to be done for a command to a point that a definition makes."""

    definition: Definition
    command: Command
    success: Success | None = None


class Mapper:
    """Applies definitions; finds those that a reading concerns by address."""

    def __init__(self, definitions: Iterable[Definition] = ()) -> None:
        """Index the definitions."""
        self._definitions: dict[Ref, Definition] = {}
        self._points: dict[str, dict[str, Definition]] = {}
        self._fed_by_point: dict[Ref, list[Definition]] = {}
        self._fed_by_event: dict[tuple[str, str], list[Definition]] = {}
        for each in definitions:
            self._definitions[Ref(each.device, each.key)] = each
            self._points.setdefault(each.device, {})[each.key] = each
            match each.state:
                case State(source=PointSource(point=key)):
                    fed = self._fed_by_point.setdefault(Ref(each.device, key), [])
                    fed.append(each)
                case State(source=EventSource(event=name)):
                    self._fed_by_event.setdefault((each.device, name), []).append(each)

    def devices(
        self, devices: Mapping[str, Device], listed: Mapping[str, Device]
    ) -> Mapping[str, Device]:
        """The devices with the points that definitions make, and no former ones.

        The same object where that changes nothing. What the user does not want to see
        is still among the `listed` points, and can be a source.
        """
        after = {
            device_id: self._device(device, listed.get(device_id, device).points)
            for device_id, device in devices.items()
        }
        if all(after[device_id] is device for device_id, device in devices.items()):
            return devices
        return after

    def readings(self, changed: Mapping[Ref, Reading]) -> dict[Ref, Reading]:
        """The readings that follow from readings of sources."""
        found: dict[Ref, Reading] = {}
        for ref, reading in changed.items():
            for definition in self._fed_by_point.get(ref, ()):
                found[Ref(definition.device, definition.key)] = Reading(
                    value=_value(definition, reading.value),
                    at=reading.at,
                    assumed=reading.assumed,
                )
        return found

    def events(self, events: Iterable[Event]) -> dict[Ref, Reading]:
        """The readings that follow from events; of several the last one counts."""
        found: dict[Ref, Reading] = {}
        for event in events:
            if event.truncated:
                continue
            for definition in self._fed_by_event.get((event.device_id, event.name), ()):
                found[Ref(definition.device, definition.key)] = Reading(
                    value=_value(definition, event.data), at=event.at
                )
        return found

    def fed_by(self, ref: Ref) -> list[Ref]:
        """The points whose readings follow from a point."""
        return [
            Ref(definition.device, definition.key)
            for definition in self._fed_by_point.get(ref, ())
        ]

    def source_of(self, ref: Ref) -> Ref | None:
        """The point that the readings of a point follow from, where that is one."""
        match self._definitions[ref].state:
            case State(source=PointSource(point=key)):
                return Ref(ref.device_id, key)
        return None

    def makes(self, ref: Ref) -> bool:
        """Whether a point is one that a definition makes."""
        return ref in self._definitions

    def definition(self, ref: Ref) -> Definition:
        """The definition of a point that `makes` says yes to."""
        return self._definitions[ref]

    def plan(self, command: SetPoint | Press) -> Plan | None:
        """What to do for a command to a point that `makes` says yes to.

        None for a value that the point cannot have.
        """
        definition = self._definitions[command.ref]
        verb: Verb | None = Verb.PRESS
        if isinstance(command, SetPoint):
            verb = definition.shape.verb_for(command.value)
        order = definition.commands.get(verb) if verb else None
        if order is None:
            return None
        return Plan(
            definition=definition,
            command=_command(definition, order),
            success=order.success,
        )

    def _device(self, device: Device, listed: Mapping[str, Point]) -> Device:
        own = {
            key: _point(definition, listed)
            for key, definition in self._points.get(device.id, {}).items()
        }
        former = {
            key: point
            for key, point in device.points.items()
            if point.subentry_id is not None
        }
        if own == former:
            return device
        other = {
            key: point for key, point in device.points.items() if key not in former
        }
        return replace(device, points={**other, **own})


def _point(definition: Definition, listed: Mapping[str, Point]) -> Point:
    """The point of a definition; it promises as much as its source does."""
    shape: Shape = definition.shape
    source: Point | None = None
    lost = False
    match definition.state:
        case State(source=PointSource(point=key)):
            source = listed.get(key)
            lost = source is None
    return Point(
        key=definition.key,
        kind=shape.kind,
        name=definition.name,
        writable=shape.targets is not None,
        assumed=shape.state is not None and definition.state is None,
        period=source.period if source else None,
        subentry_id=definition.id,
        lost=lost,
    )


def _value(definition: Definition, raw: object) -> Value:
    """What a source says, as a state; None where it says none of the states."""
    state, read = definition.state, definition.shape.state
    if state is None or read is None:
        return None
    if state.map is None:
        return read(raw)
    text = text_of(raw)
    return None if text is None else read(state.map.get(text))


def _command(definition: Definition, order: Order) -> Command:
    device = definition.device
    match order.act:
        case Sending(type=type_, options=options):
            return Send(device_id=device, type=type_, options=options)
        case Calling(function=function, argument=argument):
            return Call(device_id=device, function=function, argument=argument)
        case Publishing(name=name, data=data):
            return Publish(name=name, data=data)
        case Setting(point=point, value=value):
            return SetPoint(ref=Ref(device, point), value=value)
