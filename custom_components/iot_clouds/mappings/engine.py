"""Makes points, readings and commands of definitions."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from ..model import (
    Act,
    Command,
    Device,
    Event,
    Kind,
    Point,
    Press,
    Reading,
    Ref,
    SetPoint,
    Value,
)
from .definitions import Definition, EventSource, PointSource, State, Success
from .orders import commanded, wanted
from .parts import Part, formula_of, put, told
from .payloads import Payload, parse as parse_payload
from .points import point_of
from .states import Formula

_NOTHING: Mapping[Ref, Reading] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """One way from a source to a part of a state."""

    ref: Ref
    definition: Definition
    part: Part
    formula: Formula


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
        self._by_point: dict[Ref, list[Feed]] = {}
        self._by_event: dict[tuple[str, str], list[Feed]] = {}
        self._last: tuple[Event, Mapping[Ref, str]] | None = None
        self._parsed: tuple[object, Payload] | None = None
        for each in definitions:
            self._definitions[Ref(each.device, each.key)] = each
            self._points.setdefault(each.device, {})[each.key] = each
            for part, state in ((Part.STATE, each.state), (Part.LEVEL, each.level)):
                if state is not None and each.shape.reads:
                    self._feed(each, part, state)

    def _feed(self, definition: Definition, part: Part, state: State) -> None:
        feed = Feed(
            ref=Ref(definition.device, definition.key),
            definition=definition,
            part=part,
            formula=formula_of(definition, part, state),
        )
        match state.source:
            case PointSource(point=key):
                self._by_point.setdefault(Ref(definition.device, key), []).append(feed)
            case EventSource(event=name):
                by_name = definition.device, name
                self._by_event.setdefault(by_name, []).append(feed)

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

    def readings(
        self,
        changed: Mapping[Ref, Reading],
        current: Mapping[Ref, Reading] = _NOTHING,
    ) -> dict[Ref, Reading]:
        """The readings that follow from readings of sources.

        `current` are those that are known: a state may have parts of several sources.
        """
        found: dict[Ref, Reading] = {}
        for ref, reading in changed.items():
            if feeds := self._by_point.get(ref):
                payload = parse_payload(reading.value)
                for feed in feeds:
                    before = found.get(feed.ref) or current.get(feed.ref)
                    found[feed.ref] = _reading(feed, payload, reading, before)
        return found

    def events(
        self,
        events: Iterable[Event],
        current: Mapping[Ref, Reading] = _NOTHING,
    ) -> dict[Ref, Reading]:
        """The readings that follow from events; of several the last one counts."""
        found: dict[Ref, Reading] = {}
        for event in events:
            feeds = [
                feed
                for feed in self._by_event.get((event.device_id, event.name), ())
                if feed.definition.shape.kind is not Kind.MESSAGE
            ]
            if not feeds or event.truncated:
                continue
            payload = self._payload(event.data)
            happened = Reading(value=None, at=event.at)
            for feed in feeds:
                before = found.get(feed.ref) or current.get(feed.ref)
                found[feed.ref] = _reading(feed, payload, happened, before)
        return found

    def happened(self, event: Event) -> Mapping[Ref, str]:
        """The points that tell of an event, with what it is to them; empty for any.

        Several entities may ask about the same event, which is read once.
        """
        if self._last is None or self._last[0] is not event:
            self._last = event, self._tellers(event)
        return self._last[1]

    def _tellers(self, event: Event) -> Mapping[Ref, str]:
        feeds = [
            feed
            for feed in self._by_event.get((event.device_id, event.name), ())
            if feed.definition.shape.kind is Kind.MESSAGE
        ]
        found: dict[Ref, str] = {}
        payload = self._payload(event.data) if feeds else None
        for feed in feeds:
            options = feed.definition.options
            if not options or payload is None:
                found[feed.ref] = ""
                continue
            type_ = told(payload, feed.formula, feed.definition.shape, feed.part)
            if isinstance(type_, str) and type_ in options:
                found[feed.ref] = type_
        return found

    def _payload(self, data: object) -> Payload:
        """An event's data taken apart, once for its states and for its events."""
        if self._parsed is None or self._parsed[0] is not data:
            self._parsed = data, parse_payload(data)
        return self._parsed[1]

    def fed_by(self, ref: Ref) -> list[Ref]:
        """The points whose readings follow from a point."""
        return list(dict.fromkeys(feed.ref for feed in self._by_point.get(ref, ())))

    def sources_of(self, ref: Ref) -> list[Ref]:
        """The points that the readings of a point follow from."""
        return [
            Ref(ref.device_id, source.point)
            for source in self._definitions[ref].sources
            if isinstance(source, PointSource)
        ]

    def makes(self, ref: Ref) -> bool:
        """Whether a point is one that a definition makes."""
        return ref in self._definitions

    def definition(self, ref: Ref) -> Definition:
        """The definition of a point that `makes` says yes to."""
        return self._definitions[ref]

    def plan(
        self, command: SetPoint | Press | Act, before: Value = None
    ) -> Plan | None:
        """What to do for a command to a point that `makes` says yes to.

        `before` is what it shows now. None for a value that the point cannot have.
        """
        definition = self._definitions[command.ref]
        found = wanted(definition, command, before)
        order = definition.commands.get(found[0]) if found else None
        if order is None or found is None:
            return None
        return Plan(
            definition=definition,
            command=commanded(definition, order, found[1]),
            success=order.success,
        )

    def _device(self, device: Device, listed: Mapping[str, Point]) -> Device:
        own = {
            key: point_of(definition, listed)
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


def _reading(
    feed: Feed, payload: Payload, reading: Reading, before: Reading | None
) -> Reading:
    """What a source says, put to what is known of the other part."""
    shape = feed.definition.shape
    new = told(payload, feed.formula, shape, feed.part)
    value = put(
        shape,
        before.value if before else None,
        feed.part,
        new,
        alone=feed.definition.state is None,
    )
    at = reading.at
    if before is not None and shape.level:
        at = max(at, before.at)
    return Reading(value=value, at=at, assumed=reading.assumed)
