"""Notices when a point that promised to send regularly has fallen silent."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers.event import async_call_later
from homeassistant.util import dt as dt_util

from .coordinator import CloudCoordinator
from .model import Ref

PERIODS = 3
"""How many readings may stay away: one can be lost, and one can be late."""

SHORTEST = 10.0
"""Seconds that anything may stay away: a network hesitates, and boards send no more than
two messages a second whatever period a user gives a variable."""

_LONGEST = timedelta(days=3650)
"""Whatever number a cloud gives as a period, it is time that can be counted."""

_NEVER = datetime.min.replace(tzinfo=UTC)


class Silence:
    """Watches over one point; `silent` says what was found.

    Silence counts only while we could hear: a gap in our own connection, or the time
    between two listings, says nothing about the device. While pushes arrive a timer
    tells, armed anew only when it ends; without them each listing does.
    """

    def __init__(
        self,
        hass: HomeAssistant,
        coordinator: CloudCoordinator,
        ref: Ref,
        period: float,
        changed: Callable[[], None],
    ) -> None:
        """Watch from now on; `changed` is called when the timer finds silence."""
        self.silent = False
        self._hass = hass
        self._coordinator = coordinator
        self._ref = ref
        self._patience = timedelta(
            seconds=min(max(period * PERIODS, SHORTEST), _LONGEST.total_seconds())
        )
        self._changed = changed
        self._heard = _NEVER
        self._timer: CALLBACK_TYPE | None = None
        coordinator.pulses[ref] = self._pulse
        if (reading := coordinator.readings.get(ref)) and reading.value is not None:
            self._pulse(reading.at, dt_util.utcnow())

    @callback
    def stop(self) -> None:
        """Watch no longer."""
        del self._coordinator.pulses[self._ref]
        if self._timer:
            self._timer()
            self._timer = None

    @callback
    def _pulse(self, at: datetime, learnt: datetime) -> bool:
        """Take a sign of life; return whether silence began or ended with it."""
        before = self.silent
        self._heard = max(self._heard, min(at, learnt))
        if learnt - self._heard <= self._patience:
            self.silent = False
        elif self._coordinator.listening_since is None:
            self.silent = True
        if not self.silent and self._timer is None:
            self._arm(min(self._heard, learnt) + self._patience)
        return before is not self.silent

    def _arm(self, due: datetime) -> None:
        # Not at a moment, which may be years away once the clock is set right.
        left = max(timedelta(), due - dt_util.utcnow())
        self._timer = async_call_later(self._hass, left, self._ring)

    @callback
    def _ring(self, _: datetime) -> None:
        self._timer = None
        since, now = self._coordinator.listening_since, dt_util.utcnow()
        # A clock that was set back must not lend anybody more time than once.
        self._heard = min(self._heard, now)
        if since is None:
            return
        due = self._heard + self._patience
        if since <= now:
            due = max(due, since + self._patience)
        if now < due:
            self._arm(due)
        else:
            self.silent = True
            self._changed()
