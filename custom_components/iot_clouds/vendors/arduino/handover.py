"""Hands what the check of a key learned to the account that is set up right after it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
import time

from ...model import Json
from .access import Token
from .client import Credentials

KEPT_FOR = 5.0
"""Seconds between a check and the set-up that it is good for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What a check learned: a token, and the listing of things that was asked for.

    `started` is the moment before the listing was asked for; `until` is in seconds of
    the monotonic clock.
    """

    token: Token
    started: datetime
    things: Json = field(repr=False)
    until: float


class Handover:
    """Keeps what the last check learned until it is taken, which happens once.

    Without a timer: what nobody takes goes when it is seen to be too old, or with the
    next check.
    """

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        """Keep nothing yet."""
        self._clock = clock
        self._kept: tuple[str, Credentials, Checked] | None = None

    def give(
        self,
        base_url: str,
        credentials: Credentials,
        *,
        token: Token,
        things: Json,
        started: datetime,
    ) -> None:
        """Keep what was just learned with these credentials, and nothing else."""
        checked = Checked(
            token=token,
            started=started,
            things=things,
            until=self._clock() + KEPT_FOR,
        )
        self._kept = (base_url, credentials, checked)

    def take(self, base_url: str, credentials: Credentials) -> Checked | None:
        """What was learned a moment ago with the very same credentials, if it was."""
        self.sweep()
        if self._kept is None or self._kept[:2] != (base_url, credentials):
            return None
        checked = self._kept[2]
        self._kept = None
        return checked

    def fresh(self, checked: Checked) -> bool:
        """Whether it is still good for a set-up."""
        return self._clock() <= checked.until

    def sweep(self) -> None:
        """Forget what has become too old."""
        if self._kept and not self.fresh(self._kept[2]):
            self._kept = None

    def clear(self) -> None:
        """Forget what there is."""
        self._kept = None
