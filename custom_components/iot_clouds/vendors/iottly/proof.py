"""Finds out whether webhooks deliver what they should, and what the user can put right."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
import time

from ...model import Notice
from .messages import USER, MessageType

TRUSTED = 3600.0
"""Seconds after a delivery for which a webhook counts as working while all is quiet."""
MISSED = 5
PATIENCE = 900.0
"""So many messages must not have come by themselves, over so many seconds."""
TO_SET_UP = timedelta(hours=1)
"""How long the user may take to add the webhook that was turned on."""


class Proof:
    """What deliveries and polls tell about the webhooks of one project.

    Only a webhook for users' messages is waited for: that for the agent's is optional.
    """

    def __init__(
        self,
        since: datetime | None,
        *,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """`since` is when the user turned the webhook on; None while it is off."""
        self._since = since
        self._clock = clock
        self._now = now
        self._delivered: float | None = None
        self._missed = 0
        self._missed_since = 0.0
        self._bare: set[MessageType] = set()

    def deliver(self, kind: str) -> None:
        """A message was delivered as it should be."""
        self._bare -= {kind}
        if kind == USER:
            self._delivered = self._clock()
            self._missed = 0

    def bare(self, kind: MessageType) -> None:
        """A payload was delivered without the message around it."""
        self._bare.add(kind)

    def miss(self, count: int) -> None:
        """So many of the user's messages were found by a poll and not delivered."""
        if count and not self._missed:
            self._missed_since = self._clock()
        self._missed += count

    @property
    def holds(self) -> bool:
        """Whether polls can rest because messages come by themselves."""
        return (
            self._since is not None
            and not self._missed
            and self._delivered is not None
            and self._clock() - self._delivered < TRUSTED
        )

    def notices(self) -> tuple[Notice, ...]:
        """What the user can put right."""
        if self._since is None:
            return ()
        notices = []
        if self._bare:
            notices.append(Notice(key="webhook_payload_only"))
        if self._is_silent(self._since):
            notices.append(Notice(key="webhook_silent"))
        return tuple(notices)

    def _is_silent(self, since: datetime) -> bool:
        expected = self._delivered is not None or self._now() - since >= TO_SET_UP
        lasting = self._clock() - self._missed_since >= PATIENCE
        return expected and self._missed >= MISSED and lasting
