"""What a device has sent, whichever endpoint it was read from (reference 3.1, 3.6)."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo
import hashlib
import json
import re
from typing import Literal

from ...model import Json
from .dates import EPOCH, milliseconds, parse_date
from .twice import Again, is_twice

type Payload = dict[str, Json]
type MessageType = Literal["userdefined", "iottlyagent"]

USER: MessageType = "userdefined"
AGENT: MessageType = "iottlyagent"

_OID = re.compile(r"[0-9a-fA-F]{24}")
# What a message holds besides its content; in the form of before 2017 the content lies
# among them (reference 3.1).
_ENVELOPE = frozenset(
    {"_id", "from", "to", "timestamp", "devicetimestamp", "type", "channel", "payload"}
)
# Before this, no server of iottly was there to receive anything.
_NO_MILLISECONDS = EPOCH + timedelta(days=365)
_AGENT_ROOTS = frozenset({"connectionstatus", "process"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One message; `at` is when the server received it, which alone gives the order.

    `oid` is the history's unique id, which no other source has; `fingerprint` is equal
    for the same message from any source. `content` is type and payload without times.
    """

    at: datetime
    type: str
    payload: Payload = field(repr=False)
    oid: str = ""
    fingerprint: str
    content: str = field(repr=False)

    @property
    def likeness(self) -> str:
        """Equal for the same message even where a source leaves out the device's time."""
        return f"{milliseconds(self.at)} {self.content}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """One answer: its messages from old to new, and how many rows it had in all.

    `size` counts the rows that were no messages too, so that a full answer is known to
    be full; `skipped` counts those that could not be read.
    """

    messages: tuple[Message, ...] = ()
    size: int = 0
    skipped: int = 0


def parse_batch(
    rows: Iterable[Json],
    device_id: str,
    zone: tzinfo = UTC,
    since: datetime | None = None,
) -> Batch:
    """Read the rows of an answer about one device; a bad one costs only itself.

    With `since` they go on from there, so that of two moments that a wall clock shows
    alike it is the one that is not before it.

    The order of the history is disputed (reference 3.4), so it is made here: by server
    time and id, and where there is no id by place, after turning a descending answer.
    """
    found = []
    size = skipped = 0
    for row in rows:
        size += 1
        if not _sent_by(row, device_id):
            continue
        if message := parse_message(row, device_id, zone, since):
            found.append(message)
            since = since and max(since, message.at)
        elif not _empty(row):
            skipped += 1
    if found and found[0].at > found[-1].at:
        found.reverse()
    found.sort(key=lambda message: (message.at, message.oid))
    return Batch(messages=tuple(found), size=size, skipped=skipped)


def parse_message(
    row: Json, device_id: str, zone: tzinfo = UTC, since: datetime | None = None
) -> Message | None:
    """Read one row; None without content, or without any hint of its time."""
    if not isinstance(row, dict):
        return None
    oid = _oid(row.get("_id"))
    payload = _payload(row)
    at = _received(row.get("timestamp"), zone) or _birth(oid)
    if at is None or payload is None:
        return None
    if since and at < since:
        later = _received(row.get("timestamp"), Again(zone))
        at = later if later and later >= since else at
    kind = _type(row, payload)
    sent = _sent(row.get("devicetimestamp"), zone, at)
    content = _canonical([kind, payload])
    identity = _canonical(
        [device_id, milliseconds(at), milliseconds(sent) if sent else None, content]
    )
    return Message(
        at=at,
        type=kind,
        payload=payload,
        oid=oid,
        fingerprint=_digest(identity),
        content=_digest(content),
    )


def kind_of(row: dict[str, Json]) -> str:
    """The type of a message, as it says or as it looks."""
    return _type(row, _payload(row) or {})


def is_agents(payload: Payload) -> bool:
    """Whether a payload looks like one of the agent's own."""
    return not _AGENT_ROOTS.isdisjoint(payload)


def _sent_by(row: Json, device_id: str) -> bool:
    """Whether a row is this device's; the server's own filter is not trusted."""
    if not isinstance(row, dict) or (sender := row.get("from")) is None:
        return True
    return isinstance(sender, str) and sender.strip().lower() == device_id


def _empty(row: Json) -> bool:
    """Whether a row has no content: what the server stores for broken JSON."""
    return isinstance(row, dict) and _payload(row) is None


def _payload(row: dict[str, Json]) -> Payload | None:
    if "payload" in row:
        payload = row["payload"]
        if payload is None:
            return None
        return payload if isinstance(payload, dict) else {"value": payload}
    return {key: row[key] for key in row if key not in _ENVELOPE} or None


def _type(row: dict[str, Json], payload: Payload) -> str:
    if isinstance(kind := row.get("type"), str) and kind:
        return kind
    return AGENT if is_agents(payload) else USER


def _oid(value: Json) -> str:
    if isinstance(value, dict):
        value = value.get("$oid")
    return value.lower() if isinstance(value, str) and _OID.fullmatch(value) else ""


def _received(value: Json, zone: tzinfo) -> datetime | None:
    """When the server received a message: long after 1970, unless it counts seconds."""
    at = parse_date(value, zone)
    if at is None or not EPOCH <= at < _NO_MILLISECONDS:
        return at
    return EPOCH + (at - EPOCH) * 1000


def _sent(value: Json, zone: tzinfo, received: datetime) -> datetime | None:
    """When a device sent a message: of two moments shown alike the nearer one."""
    sent = parse_date(value, zone)
    if sent is None or not is_twice(sent, zone):
        return sent
    again = parse_date(value, Again(zone)) or sent
    return min(sent, again, key=lambda each: abs(each - received))


def _birth(oid: str) -> datetime | None:
    """When an id was made: its first eight digits are seconds (reference 1.1)."""
    return EPOCH + timedelta(seconds=int(oid[:8], 16)) if oid else None


def _canonical(value: Json) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"))


def _digest(text: str) -> str:
    return hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()
