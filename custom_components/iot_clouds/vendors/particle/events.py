"""What an event of the stream means for devices, readings and automations (5, 7)."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from hashlib import blake2b

from ...model import Event, Json, Reading, Ref, Update
from .directory import Directory
from .location import ENHANCED, LOC, Trackers, parse
from .models import API, Message
from .sse import Frame
from .values import clean, parse_json, reading

STATUS = "spark/status"
APP_HASH = "spark/device/app-hash"

REMEMBERED = 1024
"""Events of which a second delivery is noticed; more than any burst has."""

STRANGERS = 1024
"""Unknown devices that may each ask once for a new listing."""

_SYSTEM = ("spark", "particle")
_HOOKS = ("hook-sent/", "hook-response/", "hook-error/")
_INTERNAL = "particle-internal"
_AHEAD = timedelta(days=1)


def _utcnow() -> datetime:
    return datetime.now(UTC)


class Interpreter:
    """Turns events into updates.

    Events may be lost, come twice or out of order (5.2): a second delivery is dropped,
    and an older event of the same name and device happened but moves no state.
    """

    def __init__(
        self, directory: Directory, *, now: Callable[[], datetime] = _utcnow
    ) -> None:
        """Nothing has come yet."""
        self._directory = directory
        self._now = now
        self._trackers = Trackers()
        self._seen: dict[bytes, None] = {}
        self._latest: dict[tuple[str, str], datetime] = {}
        self._strangers: set[str] = set()

    def take(self, frame: Frame) -> Update | None:
        """The update of an event; None where it means nothing, or nothing new."""
        if frame.name is None:
            return None
        try:
            message = Message.parse(clean(frame.name), parse_json(frame.data))
        except ValueError:
            return None
        if message is None:
            return None
        at = self._time(message)
        identity = _identity(message, at)
        if self._known_already(identity):
            return None
        if message.name.lower().startswith(_SYSTEM):
            return self._system(message, at)
        if message.source == _INTERNAL or message.name.startswith(_HOOKS):
            return None
        return self._user(message, at, identity)

    def _user(self, message: Message, at: datetime, identity: bytes) -> Update:
        event = Event(
            device_id=message.source,
            name=message.name,
            data=_shown(message.data),
            at=at,
            id=identity.hex(),
        )
        return Update(
            readings=self._readings(message, at),
            events=(event,),
            relist=self._asks_listing(message.source),
        )

    def _readings(self, message: Message, at: datetime) -> Mapping[Ref, Reading]:
        """What the event says about the state of its device."""
        source, name = message.source, message.name
        if target := self._directory.targets.get((source, name)):
            if _payload(message.data) is not None:
                return {}
            value = target.coerce(message.data)
            if value is None or not self._is_newest(message, at):
                return {}
            return {target.ref: reading(value, at)}
        if name in {LOC, ENHANCED} and source in self._directory.trackers:
            fix = parse(name, message.data, at)
            if fix and self._is_newest(message, at):
                return self._trackers.readings(source, fix)
        return {}

    def _system(self, message: Message, at: datetime) -> Update | None:
        """Connectivity, and what tells that another firmware runs (5.6)."""
        source = message.source
        if source not in self._directory:
            return Update(relist=True) if self._asks_listing(source) else None
        if message.name == APP_HASH:
            self._directory.doubt(source)
            return Update(relist=True)
        if message.name != STATUS or not isinstance(message.data, str):
            return None
        status = message.data.strip().lower()
        if status not in {"online", "offline"} or not self._is_newest(message, at):
            return None
        online = status == "online"
        self._directory.tell_online(source, online)
        return Update(online={source: online}, relist=online)

    def _time(self, message: Message) -> datetime:
        """When the cloud received the event; what cannot be true is now instead."""
        now = self._now()
        published = message.published
        return now if published is None or published - now > _AHEAD else published

    def _known_already(self, identity: bytes) -> bool:
        if identity in self._seen:
            return True
        self._seen[identity] = None
        if len(self._seen) > REMEMBERED:
            del self._seen[next(iter(self._seen))]
        return False

    def _is_newest(self, message: Message, at: datetime) -> bool:
        """Take note of the event, unless one was published after it."""
        key = (message.source, message.name)
        latest = self._latest.get(key)
        if latest is not None and at < latest:
            return False
        self._latest[key] = at
        return True

    def _asks_listing(self, source: str) -> bool:
        """Whether to look for an unknown device in a listing, which is done once."""
        if source in {API, _INTERNAL} or source in self._directory:
            return False
        if source in self._strangers or len(self._strangers) >= STRANGERS:
            return False
        self._strangers.add(source)
        return True


def _identity(message: Message, at: datetime) -> bytes:
    """What a second delivery of an event has in common with the first (5.2)."""
    stamp = message.stamp or at.isoformat()
    whole = repr((message.source, message.name, stamp, message.data))
    return blake2b(whole.encode("utf-8", "replace"), digest_size=16).digest()


def _payload(data: Json) -> tuple[str, int] | None:
    """Content type and size in bytes of a binary payload, sent as a data URL (5.5)."""
    if not isinstance(data, str) or not data.startswith("data:"):
        return None
    head, mark, body = data.partition(";base64,")
    if not mark or "," in head:
        return None
    return head.removeprefix("data:"), len(body.rstrip("=")) * 3 // 4


def _shown(data: Json) -> Json:
    """What an automation sees of the data; of binary ones no more than their size."""
    if payload := _payload(data):
        content_type, size = payload
        return {"content_type": content_type, "size": size}
    return clean(data) if isinstance(data, str) else data
