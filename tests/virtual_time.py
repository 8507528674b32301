"""Time that passes at once while nobody is busy: an hour of waiting takes milliseconds.

Timeouts, pauses and back-offs keep their real lengths and their real clocks, and sockets
stay sockets: only the waiting is left out. All that a test talks to must live in its event
loop, as the simulated clouds do. Work in an executor is waited for in real time.
"""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from selectors import SelectorKey
import sys
import time
from typing import Any, cast

import time_machine

PATIENCE = 0.002
"""Seconds in which what is on its way on loopback arrives for certain."""
SHARE = 0.0002
"""Part of a wait that is spent, up to `PATIENCE`: many short ones add up to a long one."""

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
    _jobs: set[asyncio.Future[Any]] = field(default_factory=set)

    def select(self, timeout: float | None = None) -> Ready:
        """Wait for sockets, but no longer than anything can still be on its way."""
        if timeout is None or timeout <= PATIENCE:
            return self._select(timeout)
        if self._jobs:
            return self._select(PATIENCE)
        wait = min(PATIENCE, timeout * SHARE)
        # Shorter than a selector can wait.
        time.sleep(wait)
        ready = self._select(0)
        if not ready:
            self._skip(timeout - wait)
        return ready

    def wait_for(self, job: asyncio.Future[Any]) -> None:
        """Let time pass as usual until a job of an executor is done."""
        self._jobs.add(job)
        job.add_done_callback(self._jobs.discard)

    def _skip(self, seconds: float) -> None:
        global _skipped  # noqa: PLW0603 - a machine has one monotonic clock
        _skipped += seconds
        self._traveller.shift(timedelta(seconds=seconds))


@contextmanager
def virtual_time(loop: asyncio.AbstractEventLoop) -> Iterator[VirtualTime]:
    """Leave out the waiting in an event loop.

    Raises:
        RuntimeError: `install` was not called.
    """
    if time.monotonic is not _shifted:
        raise RuntimeError("call install() first")
    inner = cast(Any, loop)
    selector = inner._selector
    with time_machine.travel(time.time(), tick=True) as traveller:
        passing = VirtualTime(traveller, selector.select)
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
