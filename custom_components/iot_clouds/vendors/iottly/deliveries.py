"""Takes the messages that a webhook delivers, beside the polls that find them all."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
import json
import time
from urllib.parse import parse_qs

from ...model import (
    Category,
    CloudRejected,
    Json,
    Kind,
    Notice,
    Point,
    Reading,
    Ref,
    Update,
)
from .messages import USER, Message, parse_message
from .notebook import Notebook
from .tracked import Tracked

LAST = Point(
    key="webhook/last",
    kind=Kind.MEASURE,
    label="last_delivery",
    device_class="timestamp",
    category=Category.DIAGNOSTIC,
)
"""When something was delivered, to the minute: it is proof, not a measurement."""
_SHOWN_EVERY = timedelta(minutes=1)

# So many messages that only the polls have found, over so many seconds: a webhook that
# lets them pass is silent. One that was never heard may just not be set up yet.
_MISSED = 5
_SILENCE = 15 * 60.0
_SETTING_UP = 3600.0

_FIELDS = 16


class Deliveries:
    """What a webhook brings (reference 5.1).

    Polling stays the truth: a delivery tells sooner what a poll will find, moves no
    cursor, and closes no gap.
    """

    def __init__(
        self,
        project_id: str,
        account_id: str,
        notebook: Notebook,
        *,
        expected: bool,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """With `expected`, the user has turned the webhook on; `clock` counts seconds."""
        self.expected = expected
        self._project_id = project_id
        self._ref = Ref(account_id, LAST.key)
        self._notebook = notebook
        self._clock = clock
        self._now = now
        self._since = clock() + _SETTING_UP - _SILENCE
        self._heard = False
        self._missed = 0
        self._bare = False
        self._last: Reading | None = None

    @property
    def proven(self) -> bool:
        """Whether everything that was sent since the last delivery was delivered."""
        return self._heard and not self._missed

    def receive(self, body: bytes) -> Update:
        """Read one delivery: JSON or a form, whatever it says about itself.

        Raises:
            CloudRejected: it is none, has only a payload, or is of another project.
        """
        row = _row(body)
        if row is None:
            raise CloudRejected("not a message")
        if "from" not in row:
            self._bare = True
            raise CloudRejected("without a sender")
        self._bare = False
        project = row.get("to")
        if isinstance(project, str) and project.strip().lower() != self._project_id:
            raise CloudRejected("of another project")
        sender = row["from"]
        device_id = sender.strip().lower() if isinstance(sender, str) else ""
        message = _message(row, device_id)
        if message is None:
            raise CloudRejected("not a message")
        tracked = self._notebook.tracked.get(device_id)
        if tracked is None:
            return Update(relist=True)
        shown = self._note(message)
        return self._tell(tracked, message, shown)

    def polled(self, missed: int) -> None:
        """Take note of how many of the user's messages only a poll has found."""
        self._missed += missed

    def notices(self) -> tuple[Notice, ...]:
        """What the user should look after at the vendor's web page."""
        if not self.expected:
            return ()
        found = []
        if self._bare:
            found.append(Notice(key="webhook_payload_only"))
        if self._missed >= _MISSED and self._clock() - self._since >= _SILENCE:
            found.append(Notice(key="webhook_silent"))
        return tuple(found)

    def points(self) -> tuple[Point, ...]:
        """What is told of the webhook itself."""
        return (LAST,) if self.expected else ()

    def readings(self) -> Mapping[Ref, Reading]:
        """When something was delivered last."""
        return {self._ref: self._last} if self._last and self.expected else {}

    def _note(self, message: Message) -> Mapping[Ref, Reading]:
        """Take note of a delivery; what there is to show of that."""
        if message.type == USER:
            self._heard, self._missed = True, 0
            self._since = self._clock()
        at = self._now()
        if self._last and at - self._last.at < _SHOWN_EVERY:
            return {}
        self._last = Reading(value=at, at=at)
        return self.readings()

    def _tell(
        self, tracked: Tracked, message: Message, shown: Mapping[Ref, Reading]
    ) -> Update:
        """What a message changes, if it is not known already."""
        device_id = tracked.board.id
        before, online = tracked.leaves.readings(), tracked.online
        event = tracked.deliver(message)
        after = tracked.leaves.readings()
        self._notebook.changed()
        readings = {
            Ref(device_id, key): reading
            for key, reading in after.items()
            if before.get(key) is not reading
        }
        moved = tracked.online is not None and tracked.online is not online
        return Update(
            readings={**readings, **shown},
            online={device_id: bool(tracked.online)} if moved else {},
            events=(event,) if event else (),
            relist=after.keys() != before.keys(),
        )


def _row(body: bytes) -> dict[str, Json] | None:
    """The message of a delivery; without one the delivery itself, None if it is none."""
    found = _decoded(body)
    if found is None:
        try:
            form = parse_qs(body.decode(), max_num_fields=_FIELDS)
        except ValueError:
            return None
        found = {"msg": form["msg"][0]} if "msg" in form else None
    if not isinstance(found, dict):
        return None
    message = found.get("msg", found)
    if isinstance(message, str):
        message = _decoded(message.encode(errors="replace"))
    return message if isinstance(message, dict) else None


def _decoded(body: bytes) -> Json:
    try:
        found: Json = json.loads(body)
    except ValueError, RecursionError:
        return None
    return found


def _message(row: dict[str, Json], device_id: str) -> Message | None:
    try:
        return parse_message(row, device_id)
    except RecursionError:
        return None
