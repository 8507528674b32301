"""What an event of the stream means for devices, readings and automations (5, 7)."""

from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime

from ...model import AHEAD, Drop, Event, Reading, Ref, Tally, Update, Value, read_json
from . import catalog, settings
from .directory import Directory, Target
from .firmware import Firmwares
from .inputs import MOST_MODBUS, modbus
from .keys import MODBUS
from .location import ENHANCED, LOC, Fix, Trackers, parse
from .models import API, INTERNAL, LONGEST_ID, Fields, Message
from .payload import as_fields, binary, shown
from .scope import Scope, raw
from .shelf import Shelf
from .sse import Frame
from .system import PREFIXES, System
from .values import clean, reading, utcnow

REMEMBERED = 1024
"""Events of which a second delivery is noticed; more than any burst has."""

LONGEST_NAME = 255
"""Characters of an event's name that are looked at; the cloud allows 64 (5.2)."""

NEWEST = 16_384
"""Devices and names of events of which the newest time is remembered."""

STRANGERS = 1024
"""Unknown devices that may each ask once for a new listing."""

TRIGGER = "particle/trigger"
"""Why a Tracker reported, as an event of its own; no firmware can use the name (5.6)."""

_MODBUS = "modbus"
_HOOKS = ("hook-sent/", "hook-response/", "hook-error/")


class Interpreter:
    """Turns events into updates.

    Events may be lost, come twice or out of order (5.2): a second delivery is dropped,
    and an older event of the same name and device happened but moves no state.
    """

    def __init__(
        self,
        directory: Directory,
        *,
        scope: Scope | None = None,
        shelf: Shelf | None = None,
        trackers: Trackers | None = None,
        firmwares: Firmwares | None = None,
        changed: Callable[[], None] = lambda: None,
        tally: Tally | None = None,
        now: Callable[[], datetime] = utcnow,
    ) -> None:
        """Nothing has come yet; `changed` is called after a reading did.

        `tally` counts what is dropped.
        """
        self._tally = tally or Tally()
        self._directory = directory
        self._changed = changed
        self._scope = scope or Scope()
        self._now = now
        self._trackers = trackers or Trackers()
        self._shelf = shelf or Shelf()
        self._system = System(directory, self._shelf, firmwares or Firmwares())
        self._seen: OrderedDict[int, None] = OrderedDict()
        self._latest: dict[tuple[str, str], datetime] = {}
        self._strangers: set[str] = set()

    def take(self, frame: Frame) -> Update | None:
        """The update of an event; None where it means nothing, or nothing new."""
        if frame.name is None:
            return None
        try:
            message = Message.parse(
                clean(frame.name[:LONGEST_NAME]), read_json(frame.data)
            )
        except ValueError:
            message = None
        if message is None:
            self._tally.drop(Drop.UNREADABLE)
            return None
        if (own := self._scope.own(message.source)) != message.source:
            message = replace(message, source=own)
        if message.source in self._directory.left_out:
            return None
        at = self._time(message)
        identity = _identity(message, at)
        if self._known_already(identity):
            self._tally.drop(Drop.REPEATED)
            return None
        if message.name.lower().startswith(PREFIXES):
            return self._keep(self._of_system(message, at))
        if message.source == INTERNAL or message.name.startswith(_HOOKS):
            return None
        return self._keep(self._user(message, at, identity))

    def wait(self) -> float | None:
        """Seconds until somebody is offline for sure; None while nobody may be."""
        return self._directory.presence.wait()

    def late(self) -> Update | None:
        """Who is offline for sure by now (2.3)."""
        presence = self._directory.presence
        gone = [each for each in presence.gone() if each in self._directory]
        for device_id in gone:
            self._directory.tell_online(device_id, False)
        return Update(online=dict.fromkeys(gone, False)) if gone else None

    def _keep(self, update: Update | None) -> Update | None:
        """Remember the readings; those of new points need a listing that has them."""
        if update is None or not update.readings:
            return update
        fresh = self._shelf.take(update.readings)
        self._changed()
        if fresh and any(catalog.is_point(ref.key) for ref in fresh):
            return replace(update, relist=True)
        return update

    def _user(self, message: Message, at: datetime, identity: int) -> Update:
        event = Event(
            device_id=message.source,
            name=message.name,
            data=shown(message.data),
            at=at,
            id=f"{identity:x}",
        )
        readings, fix = self._readings(message, at)
        return Update(
            readings=readings,
            events=(event, *_triggers(event, fix)) if fix else (event,),
            relist=self._asks_listing(message.source),
            sent=message.published,
        )

    def _readings(
        self, message: Message, at: datetime
    ) -> tuple[Mapping[Ref, Reading], Fix | None]:
        """What the event says about the state of its device."""
        source, name = message.source, message.name
        if target := self._directory.targets.get((source, name)):
            return self._named(message, at, target), None
        if source in self._directory.trackers:
            if name in {LOC, ENHANCED}:
                return self._fix(message, at)
            if name == settings.CFG and (body := as_fields(message.data)):
                return settings.reported(source, body, at), None
        if source not in self._directory:
            return {}, None
        if (body := as_fields(message.data)) is None:
            return {}, None
        if name == _MODBUS:
            return self._modbus(message, modbus(body), at), None
        return self._fields(message, at, body), None

    def _modbus(
        self, message: Message, found: Mapping[str, Value], at: datetime
    ) -> Mapping[Ref, Reading]:
        """What other machines told, as far as there is room for their values."""
        if not found or not self._is_newest(message, at):
            return {}
        source = message.source
        known = self._shelf.of(source)
        room = MOST_MODBUS - sum(key.startswith(MODBUS) for key in known)
        fresh = [key for key in found if key not in known]
        self._tally.drop(Drop.TOO_MANY, len(fresh) - max(0, room))
        return {
            Ref(source, key): Reading(value=found[key], at=at)
            for key in found.keys() - fresh[max(0, room) :]
        }

    def _named(
        self, message: Message, at: datetime, target: Target
    ) -> Mapping[Ref, Reading]:
        """The variable that an event is named after."""
        if binary(message.data) is not None:
            return {}
        value = target.coerce(message.data)
        if value is None:
            self._tally.drop(Drop.WRONG_TYPE)
            return {}
        before = self._shelf.get(target.ref)
        if before is not None and at < before.at and self._shelf.can_be(before):
            self._tally.drop(Drop.OUTDATED)
            return {}
        return {target.ref: reading(value, at)}

    def _fields(
        self, message: Message, at: datetime, body: Fields
    ) -> Mapping[Ref, Reading]:
        """Variables that are keys of an event's data."""
        targets = self._directory.targets
        found: dict[Ref, Reading] = {}
        for key, told in body.items():
            if (target := targets.get((message.source, key))) is None:
                continue
            if (value := target.coerce(told)) is None:
                self._tally.drop(Drop.WRONG_TYPE)
            else:
                found[target.ref] = reading(value, at)
        return found if found and self._is_newest(message, at) else {}

    def _fix(
        self, message: Message, at: datetime
    ) -> tuple[Mapping[Ref, Reading], Fix | None]:
        fix = parse(message.name, message.data, at)
        if fix is None:
            return {}, None
        if not self._is_newest(message, at):
            return {}, fix
        return self._trackers.readings(message.source, fix), fix

    def _of_system(self, message: Message, at: datetime) -> Update | None:
        if self._system.concerns_all(message):
            return self._system.released()
        source = message.source
        if source not in self._directory:
            return Update(relist=True) if self._asks_listing(source) else None
        if not self._is_newest(message, at):
            return None
        return self._system.take(message, at)

    def _time(self, message: Message) -> datetime:
        """When the cloud received the event; what cannot be true is now instead."""
        now = self._now()
        published = message.published
        return now if published is None or published - now > AHEAD else published

    def _known_already(self, identity: int) -> bool:
        if identity in self._seen:
            return True
        self._seen[identity] = None
        if len(self._seen) > REMEMBERED:
            self._seen.popitem(last=False)
        return False

    def _is_newest(self, message: Message, at: datetime) -> bool:
        """Take note of the event, unless one was published after it."""
        key = (message.source, message.name)
        latest = self._latest.get(key)
        if latest is not None and at < latest:
            self._tally.drop(Drop.OUTDATED)
            return False
        self._latest[key] = at
        if latest is None and len(self._latest) > NEWEST:
            del self._latest[next(iter(self._latest))]
        return True

    def _asks_listing(self, source: str) -> bool:
        """Whether to look for an unknown device in a listing, which is done once.

        What it sent is counted as dropped: it has no entities.
        """
        if source in {API, INTERNAL} or source in self._directory:
            return False
        self._tally.drop(Drop.UNKNOWN_DEVICE)
        if source in self._strangers or len(self._strangers) >= STRANGERS:
            return False
        if len(raw(source)) > LONGEST_ID:
            return False
        self._strangers.add(source)
        return True


def _triggers(event: Event, fix: Fix) -> Iterator[Event]:
    """One event for each reason why a Tracker reported."""
    for reason in fix.reasons:
        yield replace(
            event, name=TRIGGER, data={"reason": reason}, id=f"{event.id}:{reason}"
        )


def _identity(message: Message, at: datetime) -> int:
    """What a second delivery of an event has in common with the first (5.2).

    A hash, so that no data are kept. Nobody who does not know the secret of this process
    can make another event that has the same.
    """
    data = message.data
    stamp = message.stamp or at.isoformat()
    if not isinstance(data, str):
        # The hashes of -1 and -2 are one, and so are those of 1 and true.
        return hash((message.source, message.name, stamp, repr(data), type(data)))
    return hash((message.source, message.name, stamp, data))
