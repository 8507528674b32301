"""Data operations: what costs one, who pays, and when an account is paused."""

from collections import Counter
from collections.abc import Callable
from enum import StrEnum


class Item(StrEnum):
    """What costs operations (reference 9.2)."""

    VARIABLE = "variable"
    FUNCTION = "function"
    PUBLISH = "publish"
    SUBSCRIPTION = "subscription"
    LOCATION = "location"


def blocks(size: int) -> int:
    """Operations of a payload: one for each started 1024 bytes."""
    return max(1, -(-size // 1024))


class Billing:
    """Operations by account; the plan's limit pauses an account (reference 9.2)."""

    def __init__(self, limit: int | None) -> None:
        """Start a billing cycle."""
        self.limit = limit
        self.accounts: dict[str, Counter[str]] = {}
        self._stopped: set[str] = set()
        self._watcher: Callable[[str], None] | None = None

    def watch(self, watcher: Callable[[str], None]) -> None:
        """Call `watcher` with the account whenever one is paused."""
        self._watcher = watcher

    @property
    def total(self) -> int:
        """Operations of all accounts."""
        return sum(counter.total() for counter in self.accounts.values())

    def take(self, username: str, item: Item, *, size: int = 0) -> None:
        """Count what an account has used."""
        before = self.paused(username)
        counter = self.accounts.setdefault(username, Counter())
        counter[item] += blocks(size)
        if not before and self.paused(username):
            self._tell(username)

    def pause(self, username: str) -> None:
        """Pause an account whatever it has used."""
        self._stopped.add(username)
        self._tell(username)

    def _tell(self, username: str) -> None:
        if self._watcher:
            self._watcher(username)

    def paused(self, username: str) -> bool:
        """Whether an account has used up its plan."""
        if username in self._stopped:
            return True
        used = self.accounts.get(username, Counter()).total()
        return self.limit is not None and used >= self.limit

    def clear(self) -> None:
        """Begin the next billing cycle."""
        self.accounts.clear()
        self._stopped.clear()
