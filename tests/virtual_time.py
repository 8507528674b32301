"""Time that passes at once while nobody is busy: an hour of waiting takes milliseconds.

Timeouts, pauses and back-offs keep their real lengths and their real clocks, and sockets
stay sockets: only the waiting is left out. All that a test talks to must live in its event
loop, as the simulated clouds do. Work in an executor is waited for in real time, for a
moment: what is not done by then waits for something that only time brings.
"""

import asyncio
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from fcntl import ioctl
from selectors import EVENT_WRITE, SelectorKey
import sys
from termios import TIOCOUTQ
import time
from typing import Any, cast

import time_machine

PATIENCE = 0.001
"""Seconds between two looks at what is still on its way."""
MOMENT = 0.5
"""Seconds that work in an executor may take."""

type Ready = list[tuple[SelectorKey, int]]

_monotonic = time.monotonic
_skipped = 0.0


def _shifted() -> float:
    return _monotonic() + _skipped


def install() -> None:
    """Let `time.monotonic` follow, also where a module has it by another name.

    To be called before modules are imported that have it as default of a parameter.
    """
    time.monotonic = _shifted
    for module in [*sys.modules.values()]:
        names = getattr(module, "__dict__", {})
        for name in [name for name, value in names.items() if value is _monotonic]:
            if module.__name__ != __name__:
                setattr(module, name, _shifted)


@dataclass(slots=True)
class VirtualTime:
    """Time of one event loop."""

    _traveller: time_machine.Traveller
    _select: Callable[[float | None], Ready]
    _sockets: Callable[[], Mapping[int, SelectorKey]]
    _jobs: dict[asyncio.Future[Any], float] = field(default_factory=dict)
    """With the (real) moments at which they began."""
    _hurried: bool = False

    def select(self, timeout: float | None = None) -> Ready:
        """Wait for sockets, but no longer than anything can still be on its way."""
        if timeout is None or timeout <= PATIENCE:
            return self._select(timeout)
        ready = self._select(0)
        if not ready and (
            self._is_connecting() or (self._hurried and self._is_sending())
        ):
            ready = self._select(PATIENCE)
        if ready or self._is_busy():
            return ready or self._select(PATIENCE)
        self._skip(timeout)
        return ready

    def _is_connecting(self) -> bool:
        """Whether a socket waits to be written to: most likely for its connection."""
        return any(key.events & EVENT_WRITE for key in self._sockets().values())

    def _is_busy(self) -> bool:
        """Whether anything comes by itself: from an executor, or through a socket."""
        now = _monotonic()
        working = any(now - began < MOMENT for began in self._jobs.values())
        return working or (not self._hurried and self._is_sending())

    def _is_sending(self) -> bool:
        """Whether the other side has not acknowledged all that was sent to it."""
        return any(map(_unread, self._sockets()))

    def set_clock(self, moment: datetime) -> None:
        """Let the clock on the wall show another moment, and no other clock."""
        self._traveller.move_to(moment)

    def wait_for(self, job: asyncio.Future[Any]) -> None:
        """Let time pass as usual until a job of an executor is done."""
        self._jobs[job] = _monotonic()
        job.add_done_callback(self._jobs.pop)

    def _skip(self, seconds: float) -> None:
        global _skipped  # noqa: PLW0603 - a machine has one monotonic clock
        _skipped += seconds
        self._traveller.shift(timedelta(seconds=seconds))


def _unread(number: int) -> int:
    """How many bytes have left a socket and not arrived."""
    count = bytearray(4)
    with suppress(OSError):
        ioctl(number, TIOCOUTQ, count)
    return int.from_bytes(count, sys.byteorder)


@contextmanager
def virtual_time(
    loop: asyncio.AbstractEventLoop,
    *,
    hurried: bool = False,
    since: datetime | None = None,
) -> Iterator[VirtualTime]:
    """Leave out the waiting in an event loop; it is now, or `since`, when it begins.

    What is sent is waited for until it is acknowledged, which may be much later than it
    arrives; `hurried` gives it no more than `PATIENCE`, for days of time.

    Raises:
        RuntimeError: `install` was not called.
    """
    if time.monotonic is not _shifted:
        raise RuntimeError("call install() first")
    inner = cast(Any, loop)
    selector = inner._selector
    with time_machine.travel(since or time.time(), tick=True) as traveller:
        passing = VirtualTime(
            traveller, selector.select, selector.get_map, _hurried=hurried
        )
        run = loop.run_in_executor

        def run_in_executor(*args: Any) -> asyncio.Future[Any]:
            job = run(*args)
            passing.wait_for(job)
            return job

        selector.select, inner.run_in_executor = passing.select, run_in_executor
        try:
            yield passing
        finally:
            del selector.select, inner.run_in_executor
