"""The messages that the simulated iottly has stored, in order of arrival time."""

from bisect import insort
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from . import iottly_dates as dates
from .iottly_filter import Document, ObjectId

USER = "userdefined"
AGENT = "iottlyagent"


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One message of a device (reference 3.1).

    `at` is the arrival with microseconds, as webhooks tell it; what is stored and
    ordered by is `timestamp`, in milliseconds. `flat` is the form before mid-2017:
    neither `type` nor `payload`, the content stands beside the other fields.
    """

    id: ObjectId
    device: str
    project: str
    at: datetime
    device_at: datetime | None
    type: str | None
    payload: Any
    flat: bool = False
    channel: str | None = None

    @property
    def timestamp(self) -> datetime:
        """The arrival as the database keeps it."""
        return dates.truncated(self.at)

    def document(self) -> Document:
        """The stored document, with times and id in native types."""
        found: Document = {
            "_id": self.id,
            "from": self.device,
            "to": self.project,
            "timestamp": self.timestamp,
        }
        if self.flat:
            found.update(self.payload)
            return found
        if self.device_at is not None:
            found["devicetimestamp"] = self.device_at
        if self.type is not None:
            found["type"] = self.type
        if self.channel is not None:
            found["channel"] = self.channel
        found["payload"] = self.payload
        return found


class MessageStore:
    """All messages of one project; the oldest are dropped above `retention`."""

    def __init__(self, project: str, retention: int) -> None:
        """Hold nothing yet."""
        self._project = project
        self._retention = retention
        self._messages: list[Message] = []
        self._count = 0

    def add(
        self,
        device: str,
        payload: Any,
        *,
        at: datetime,
        device_at: datetime | None,
        type: str | None,
        flat: bool = False,
        channel: str | None = None,
    ) -> Message:
        """Store a message, behind those that have the same timestamp."""
        message = Message(
            id=self._next_id(at),
            device=device,
            project=self._project,
            at=at,
            device_at=None if flat else device_at,
            type=None if flat else type,
            payload=payload,
            flat=flat,
            channel=channel,
        )
        insort(self._messages, message, key=lambda kept: kept.timestamp)
        del self._messages[: -self._retention]
        return message

    def newest_first(self) -> Iterator[Message]:
        """All messages, the newest first."""
        return reversed(self._messages)

    def of(self, device: str) -> list[Message]:
        """The messages of one device, the oldest first."""
        return [message for message in self._messages if message.device == device]

    def _next_id(self, at: datetime) -> ObjectId:
        """Second of birth, five fixed bytes for the process, a counter."""
        self._count += 1
        second = (at - dates.EPOCH) // timedelta(seconds=1)
        return ObjectId(f"{second:08x}8ae27a0007{self._count & 0xFFFFFF:06x}")
