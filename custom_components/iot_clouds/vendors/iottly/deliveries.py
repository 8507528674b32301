"""Takes the messages that webhooks deliver, beside the polls that find them all."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
import time

from ...cloud import LAST_DELIVERY
from ...model import (
    Category,
    CloudRejected,
    Drop,
    Json,
    Kind,
    Notice,
    Point,
    Reading,
    Ref,
    Tally,
    Update,
)
from .cursor import Arrival
from .dates import cut
from .envelope import Delivery, PayloadOnly, read_delivery
from .messages import kind_of
from .notebook import Notebook
from .options import Wishes
from .pace import Pace
from .proof import Proof
from .tracked import Tracked

LAST = Point(
    key=LAST_DELIVERY,
    kind=Kind.MEASURE,
    label="last_delivery",
    device_class="timestamp",
    category=Category.DIAGNOSTIC,
)
"""When something was delivered, to the minute: it is proof, not a measurement."""
_SHOWN_EVERY = timedelta(minutes=1)

ASKED_AGAIN = 600.0
"""Seconds after which a device that is not listed is looked for once more."""
_MOST_STRANGERS = 100


class Deliveries:
    """What the webhooks of one project bring (reference 5.1).

    It goes the same way as what polls read, and each message is told once, whichever
    way it came first. Polls stay the truth: a delivery moves no cursor and closes no
    gap, and what cannot be told apart from something that polls have read is left to
    them, and asked for.
    """

    def __init__(
        self,
        project_id: str,
        account_id: str,
        notebook: Notebook,
        pace: Pace,
        *,
        wishes: Wishes,
        tally: Tally | None = None,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """Nothing was delivered yet; `clock` counts seconds.

        Messages of devices that are left out prove that deliveries arrive, and no more.
        """
        self._tally = tally or Tally()
        self._project_id = project_id
        self._ref = Ref(account_id, LAST.key)
        self._notebook = notebook
        self._pace = pace
        self._left_out = wishes.left_out
        self._since = wishes.webhook_since
        self._proof = Proof(self._since, clock=clock, now=now)
        self._clock = clock
        self._now = now
        self._strangers: dict[str, float] = {}

    @property
    def proven(self) -> bool:
        """Whether polls can rest because messages come by themselves."""
        return self._proof.holds

    def receive(self, body: bytes) -> Update:
        """Read one delivery: JSON or a form, whatever it says about itself.

        Raises:
            CloudRejected: it is none, leaves out the sender, or is of another project.
        """
        try:
            delivery = read_delivery(body)
        except PayloadOnly as err:
            self._proof.bare(err.kind)
            raise
        if delivery.project_id not in (None, self._project_id):
            raise CloudRejected("of another project")
        self._proof.deliver(kind_of(delivery.row))
        shown = self._note()
        tracked = self._notebook.tracked.get(delivery.device_id)
        if delivery.device_id in self._left_out:
            return Update(readings=shown)
        if tracked is None:
            self._tally.drop(Drop.UNKNOWN_DEVICE)
            look = self._is_worth_a_look(delivery.device_id)
            return Update(readings=shown, relist=look)
        return self._take(delivery, tracked, shown)

    def missed(self, count: int) -> None:
        """Take note of how many of the user's messages only polls have found."""
        self._proof.miss(count)

    def notices(self) -> tuple[Notice, ...]:
        """What the user should look after at the vendor's web page."""
        return self._proof.notices()

    def points(self) -> tuple[Point, ...]:
        """What is told of the webhook itself."""
        return (LAST,) if self._since else ()

    def readings(self) -> Mapping[Ref, Reading]:
        """When something was delivered last, since this was turned on."""
        at = self._notebook.delivered
        if at is None or self._since is None or at < self._since:
            return {}
        return {self._ref: Reading(value=at, at=at)}

    def traits(self) -> dict[str, Json]:
        """How deliveries fare."""
        each = self._notebook.tracked.values()
        return {
            "deliveries_trusted": self._proof.holds,
            "deliveries_agree": all(tracked.inbox.agrees for tracked in each),
        }

    def _note(self) -> Mapping[Ref, Reading]:
        """Take note of a delivery; what there is to show of that."""
        at, last = cut(self._now()), self._notebook.delivered
        if last and timedelta() <= at - last < _SHOWN_EVERY:
            return {}
        self._notebook.delivered = at
        return self.readings()

    def _take(
        self, delivery: Delivery, tracked: Tracked, shown: Mapping[Ref, Reading]
    ) -> Update:
        """What a delivery changes, and nothing besides."""
        device_id = delivery.device_id
        before, online = tracked.leaves.readings(), tracked.online
        arrival = tracked.receive(delivery.row)
        if arrival is not Arrival.TAKEN:
            return Update(readings=shown, relist=arrival is Arrival.LEFT)
        self._pace.stir()
        after = tracked.leaves.readings()
        moved = tracked.online is not None and tracked.online is not online
        fresh = {
            Ref(device_id, key): reading
            for key, reading in after.items()
            if reading is not before.get(key)
        }
        events = tuple(tracked.take_events())
        times = [each.at for each in fresh.values()] + [each.at for each in events]
        update = Update(
            readings={**shown, **fresh},
            online={device_id: bool(tracked.online)} if moved else {},
            events=events,
            relist=bool(after.keys() - before.keys()),
            sent=max(times, default=None),
        )
        self._notebook.changed()
        return update

    def _is_worth_a_look(self, device_id: str) -> bool:
        """Whether a device that is not known may have been listed meanwhile."""
        now, asked = self._clock(), self._strangers.get(device_id)
        if asked is not None and now - asked < ASKED_AGAIN:
            return False
        if asked is None and len(self._strangers) >= _MOST_STRANGERS:
            return False
        self._strangers[device_id] = now
        return True
