"""In Home Assistant's process: times how an account is set up, and set up again."""

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
import gc
import time
from typing import Any

from homeassistant.config_entries import ConfigEntry, ConfigEntryState
from homeassistant.const import STATE_UNAVAILABLE
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import entity_registry as er

from .mqtt_version import check_version, keep_version
from .processes import Answer, BrokenRunError
from .profiler import Profiler
from .turns import Turns, watched

QUIET = 3.0
"""Seconds without a new state after which there will be none."""

LOOK = 0.01
"""Seconds between two looks at how many states there are."""

_UNDER_WAY = {
    ConfigEntryState.NOT_LOADED,
    ConfigEntryState.SETUP_IN_PROGRESS,
    ConfigEntryState.UNLOAD_IN_PROGRESS,
}


class SettingUp:
    """Adds accounts, and sets them up again.

    What is told is `seconds` until the last new state, and within them `cpu` (ns) that
    the process used, `requests` that were made, and `waited`, the seconds in which any of
    those waited for its turn. `entities` counts all that have a state now.
    """

    def __init__(self, hass: HomeAssistant, profiler: Profiler) -> None:
        """Take a core that is running, and what profiles if it is asked."""
        self._hass = hass
        self._profiler = profiler

    async def set_up(
        self, domain: str, steps: list[dict[str, Any]], profiled: bool = False
    ) -> Answer:
        """Add an account; what is told begins with the last step of its flow."""
        flow = self._hass.config_entries.flow
        result = await flow.async_init(domain, context={"source": "user"})
        keep_version(domain, steps)
        for step in steps[:-1]:
            result = await flow.async_configure(result["flow_id"], step)
        gc.collect()
        before = self._hass.states.async_entity_ids_count()
        adding = flow.async_configure(result["flow_id"], steps[-1])
        with _turns(domain) as turns, self._profiled(profiled):
            told, added = await self._time(
                adding, self._hass.states.async_entity_ids_count, turns
            )
        if added["type"] is not FlowResultType.CREATE_ENTRY:
            raise BrokenRunError(f"the flow ended with {added}")
        check_version(self._hass, domain, steps)
        return {**told, "entities": told["entities"] - before}

    async def reload(
        self,
        domain: str,
        number: int,
        steps: list[dict[str, Any]],
        profiled: bool = False,
    ) -> Answer:
        """Set an account up again, where there are steps because its options changed.

        Raises:
            BrokenRunError: not as many states as before are available then.
        """
        entry = self._hass.config_entries.async_entries(domain)[number]
        gc.collect()
        before, own = self._available(), self._available_of(entry)
        with _turns(domain) as turns, self._profiled(profiled):
            told, _ = await self._time(
                self._again(entry, steps),
                self._available,
                turns,
                lambda: entry.state not in _UNDER_WAY,
            )
        if told["entities"] < before:
            raise BrokenRunError(f"{told['entities']} of {before} states are back")
        return {**told, "entities": told["entities"] - before + own}

    def _profiled(self, wanted: bool) -> AbstractContextManager[None]:
        return self._profiler.profiling() if wanted else nullcontext()

    async def _again(self, entry: ConfigEntry, steps: list[dict[str, Any]]) -> None:
        """Reload an account, or have it reloaded by new options."""
        if not steps:
            await self._hass.config_entries.async_reload(entry.entry_id)
            return
        flow = self._hass.config_entries.options
        result = await flow.async_init(entry.entry_id)
        for step in steps:
            result = await flow.async_configure(result["flow_id"], step)
        if result["type"] is not FlowResultType.CREATE_ENTRY:
            raise BrokenRunError(f"the options ended with {result}")

    def _available(self) -> int:
        """How many states say something, if only that nothing is known."""
        states = self._hass.states.async_all()
        return sum(state.state != STATE_UNAVAILABLE for state in states)

    def _available_of(self, entry: ConfigEntry) -> int:
        """How many of them are this account's."""
        entities = er.async_entries_for_config_entry(
            er.async_get(self._hass), entry.entry_id
        )
        states = map(self._hass.states.get, (each.entity_id for each in entities))
        return sum(
            each is not None and each.state != STATE_UNAVAILABLE for each in states
        )

    async def _time[T](
        self,
        work: Coroutine[Any, Any, T],
        count: Callable[[], int],
        turns: Turns,
        is_settled: Callable[[], bool] = lambda: True,
    ) -> tuple[Answer, T]:
        """Do it and wait until the count changes no more."""
        start, cpu = time.monotonic(), time.process_time_ns()
        task = self._hass.async_create_task(work)
        found, last, used = count(), start, cpu
        while time.monotonic() < last + QUIET:
            await asyncio.sleep(LOOK)
            now = count()
            if now != found or not task.done() or not is_settled():
                found, last, used = now, time.monotonic(), time.process_time_ns()
        requests, waited = turns.until(last)
        told = {
            "seconds": last - start,
            "cpu": used - cpu,
            "entities": found,
            "requests": requests,
            "waited": waited,
        }
        return told, await task


@contextmanager
def _turns(domain: str) -> Iterator[Turns]:
    """Turns of our requests; others make none."""
    if domain != "iot_clouds":
        yield Turns()
        return
    with watched() as turns:
        yield turns
