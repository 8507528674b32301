"""What can go wrong on purpose, switched on from a test or over HTTP."""

from collections.abc import Callable, Container
from dataclasses import dataclass, field
from enum import StrEnum
import re
from typing import Any


class Kind(StrEnum):
    """The faults that a simulated cloud knows."""

    DROP = "drop"
    """Close the connection without an answer; a running stream or session is cut."""
    STALL = "stall"
    """Accept and then say nothing, without closing; a running stream falls silent."""
    UNAUTHORIZED = "unauthorized"
    """Refuse the credentials (401 in the vendor's own form)."""
    RATE_LIMIT = "rate_limit"
    """429 in the vendor's own form; with a Retry-After header if `retry_after` is set."""
    SERVER_ERROR = "server_error"
    """A 5xx (`status`) in the vendor's own form."""
    GARBAGE = "garbage"
    """200 with a body that is not JSON; on a stream, a frame that cannot be decoded."""
    SLOW = "slow"
    """Answer `seconds` late."""
    EXPIRED_TOKEN = "expired_token"
    """Treat the token as expired, in the vendor's words for it."""
    DUPLICATE = "duplicate"
    """Deliver each event twice."""
    REORDER = "reorder"
    """Hold an event back and deliver it after the next one."""


@dataclass(slots=True, kw_only=True)
class Fault:
    """One fault: what, where, and how often.

    `path` is a regular expression that is searched in "METHOD /path"; push channels have
    the made-up methods "MQTT" and "SSE" and "WEBHOOK". `count` None means until cleared;
    `struck` is how often it did something.
    """

    kind: Kind
    path: str = ""
    count: int | None = None
    status: int = 500
    retry_after: float | None = None
    seconds: float = 1.0
    struck: int = field(default=0, init=False)

    @classmethod
    def parse(cls, data: dict[str, Any]) -> Fault:
        """Make a fault from the control interface's JSON; raises ValueError."""
        try:
            fault = cls(**{**data, "kind": Kind(data["kind"])})
            re.compile(fault.path)
        except (KeyError, TypeError, re.error) as err:
            raise ValueError(f"not a fault: {err}") from err
        return fault


class Faults:
    """The faults that are switched on."""

    def __init__(self) -> None:
        """Start without any."""
        self._active: list[Fault] = []
        self._watchers: list[Callable[[], None]] = []

    def watch(self, watcher: Callable[[], None]) -> None:
        """Call `watcher` when a fault is switched on: running streams obey at once."""
        self._watchers.append(watcher)

    def add(self, kind: Kind | str, **options: Any) -> Fault:
        """Switch a fault on and return it, so that it can be removed."""
        fault = Fault(kind=Kind(kind), **options)
        self.extend(fault)
        return fault

    def extend(self, fault: Fault) -> None:
        """Switch on a fault that was parsed."""
        self._active.append(fault)
        for watcher in self._watchers:
            watcher()

    def remove(self, fault: Fault) -> None:
        """Switch one fault off; one that has run out already is none."""
        if fault in self._active:
            self._active.remove(fault)

    def clear(self) -> None:
        """Switch everything off."""
        self._active.clear()

    @property
    def active(self) -> tuple[Fault, ...]:
        """The faults that are on."""
        return tuple(self._active)

    def take(self, where: str, kinds: Container[Kind]) -> Fault | None:
        """Return the first fault of these kinds that applies here, and count it."""
        for fault in self._active:
            if fault.kind in kinds and re.search(fault.path, where):
                fault.struck += 1
                if fault.count is not None:
                    fault.count -= 1
                    if fault.count <= 0:
                        self._active.remove(fault)
                return fault
        return None
