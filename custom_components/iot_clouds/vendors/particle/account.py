"""The account itself: what was used of the month's budget, and what to put right."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

from ...model import Category, Device, Kind, Notice, Point, Ref, Value
from .budget import Budget
from .keys import OPERATIONS_FORECAST, OPERATIONS_PLAN, OPERATIONS_USED

WARNING = timedelta(days=14)
"""Before a token ends: time enough to be at home once."""

_POINTS = (
    Point(
        key=OPERATIONS_USED,
        kind=Kind.MEASURE,
        label="operations_used",
        state_class="total_increasing",
        category=Category.DIAGNOSTIC,
    ),
    Point(
        key=OPERATIONS_FORECAST,
        kind=Kind.MEASURE,
        label="operations_forecast",
        state_class="measurement",
        category=Category.DIAGNOSTIC,
    ),
)


class Ledger:
    """What there is to say about an account of which nobody asks."""

    def __init__(
        self,
        budget: Budget,
        expires_at: datetime | None,
        *,
        name: str,
        device_id: str,
        url: str | None = None,
        now: Callable[[], datetime],
    ) -> None:
        """`expires_at` is None for a token that never ends."""
        self._budget = budget
        self._expires_at = expires_at
        self._now = now
        self.device = Device(
            id=device_id,
            name=name,
            is_account=True,
            url=url,
            points={point.key: point for point in _POINTS},
        )

    def values(self) -> Iterator[tuple[Ref, Value]]:
        """The account's own readings."""
        yield self.device.ref(OPERATIONS_USED), self._budget.used
        yield self.device.ref(OPERATIONS_FORECAST), self._budget.forecast()

    def notices(self) -> tuple[Notice, ...]:
        """What the user should put right."""
        return tuple(self._notices())

    def _notices(self) -> Iterator[Notice]:
        if self._budget.spent >= 1:
            yield self._of_budget("budget_100", severe=True)
        elif self._budget.spent >= 0.8:
            yield self._of_budget("budget_80")
        if self._expires_at and (left := self._expires_at - self._now()) < WARNING:
            days = max(0, left.days)
            yield Notice(key="token_expires", placeholders=(("days", str(days)),))

    def _of_budget(self, key: str, *, severe: bool = False) -> Notice:
        budget = self._budget
        return Notice(
            key=key,
            placeholders=(("limit", str(budget.plan)),),
            severe=severe,
            details=(
                ("used", str(budget.used)),
                ("forecast", str(budget.forecast())),
            ),
            option=OPERATIONS_PLAN,
        )
