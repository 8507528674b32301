"""Home Assistant's process: a real core with one account, and what its states do."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
import ctypes
import gc
import json
import logging
import os
from pathlib import Path
import sys
import time
from typing import Any

from homeassistant import block_async_io, loader
from homeassistant.bootstrap import async_load_base_functionality
from homeassistant.components.http.config import (
    ActiveConfigType,
    async_get_and_load_store,
)
from homeassistant.config_entries import ConfigEntries, ConfigEntry, ConfigEntryState
from homeassistant.const import EVENT_STATE_CHANGED, EVENT_STATE_REPORTED
from homeassistant.core import (
    Event,
    EventStateChangedData,
    EventStateReportedData,
    HomeAssistant,
    callback,
)
from homeassistant.core_config import async_process_ha_core_config
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import device_registry as dr, entity_registry as er, registry
from homeassistant.runner import create_event_loop
from homeassistant.setup import async_setup_component

from .mqtt_version import check_version, keep_version
from .processes import Answer, BrokenRunError, say
from .profiler import Profiler
from .setting_up import SettingUp
from .updates import sequence_of

STEP = 0.05
"""Seconds between two looks at something that is waited for."""


class Observer:
    """Notes every state that is written, and when."""

    def __init__(self, hass: HomeAssistant) -> None:
        """Listen."""
        self._hass = hass
        # Three lists of plain values: tuples would give the garbage collector work.
        self._times: list[int] = []
        self._entities: list[str] = []
        self._states: list[str] = []
        self._reported = 0
        self._cpu = 0
        hass.bus.async_listen(EVENT_STATE_CHANGED, self._note)

    @callback
    def _note(self, event: Event[EventStateChangedData]) -> None:
        now = time.monotonic_ns()
        data = event.data
        state = data["new_state"]
        self._times.append(now)
        self._entities.append(data["entity_id"])
        self._states.append(state.state if state else "")

    async def count_reports(self) -> Answer:
        """Count from now on also the states that are written without a change."""

        @callback
        def report(event: Event[EventStateReportedData]) -> None:
            self._reported += 1

        @callback
        def every(data: Mapping[str, Any]) -> bool:
            return True

        self._hass.bus.async_listen(EVENT_STATE_REPORTED, report, event_filter=every)
        return {}

    async def begin(self, *, on: bool = False) -> Answer:
        """Start a window: forget what was noted, unless it goes `on` with windows before.

        What setting up left behind is collected before, because a full collection takes
        as long as a thousand messages and would fall into some windows and not others.
        """
        if not on:
            for noted in (self._times, self._entities, self._states):
                noted.clear()
            self._reported = 0
            gc.collect()
        self._cpu = time.process_time_ns()
        return {}

    async def end(self) -> Answer:
        """End a window: CPU time of the process within it, in ns."""
        return {"cpu": time.process_time_ns() - self._cpu}

    async def count(self) -> Answer:
        """How many states changed since the first window began."""
        return {"count": len(self._times)}

    async def collect(self) -> Answer:
        """What was noted since the first window began, and the state of every sensor."""
        return {
            "changed": list(
                zip(self._times, self._entities, self._states, strict=True)
            ),
            "reported": self._reported,
            "states": {
                state.entity_id: state.state
                for state in self._hass.states.async_all("sensor")
            },
        }


class Home:
    """A Home Assistant without a frontend and without a recorder."""

    def __init__(self, hass: HomeAssistant) -> None:
        """Take a core that is running."""
        self._hass = hass

    async def connect(self, domain: str, steps: list[dict[str, Any]]) -> Answer:
        """Add an account through its own config flow."""
        flow = self._hass.config_entries.flow
        result = await flow.async_init(domain, context={"source": "user"})
        keep_version(domain, steps)
        for step in steps:
            result = await flow.async_configure(result["flow_id"], step)
        if result["type"] is not FlowResultType.CREATE_ENTRY:
            raise BrokenRunError(f"the flow ended with {result}")
        await self._hass.async_block_till_done()
        entry = result["result"]
        await self._keep_values(entry)
        if entry.state is not ConfigEntryState.LOADED:
            raise BrokenRunError(f"the account is {entry.state}")
        check_version(self._hass, domain, steps)
        return {}

    async def _keep_values(self, entry: ConfigEntry) -> None:
        """Disable all but the boards' own sensors, so that both sides have the same."""
        entities = er.async_get(self._hass)
        devices = dr.async_get(self._hass)
        others = [
            entity.entity_id
            for entity in er.async_entries_for_config_entry(entities, entry.entry_id)
            if entity.domain != "sensor"
            or entity.entity_category is not None
            or not (
                device := devices.async_get(
                    entity.device_id or "", include_child_devices=False
                )
            )
            or device.entry_type is dr.DeviceEntryType.SERVICE
        ]
        for entity_id in others:
            entities.async_update_entity(
                entity_id, disabled_by=er.RegistryEntryDisabler.USER
            )
        if others:
            await self._hass.config_entries.async_reload(entry.entry_id)
            await self._hass.async_block_till_done()

    async def memory(self) -> Answer:
        """Bytes of memory that are in use, after everything unused was given back."""
        await self._hass.async_block_till_done()
        gc.collect()
        ctypes.CDLL(None).malloc_trim(0)
        pages = int(Path("/proc/self/statm").read_text().split()[1])
        return {"bytes": pages * os.sysconf("SC_PAGE_SIZE")}

    async def sensors(self, count: int, known: bool, patience: float) -> Answer:
        """Wait until there are so many sensors, or as many with a value."""
        deadline = time.monotonic() + patience
        while self._sensors(known) != count and time.monotonic() < deadline:
            await asyncio.sleep(STEP)
        return {"count": self._sensors(known)}

    def _sensors(self, known: bool) -> int:
        states = self._hass.states.async_all("sensor")
        return sum(not known or sequence_of(each.state) is not None for each in states)


async def start(config_dir: str, port: int) -> HomeAssistant:
    """Start a core as its own bootstrap does; its web server takes this port."""
    # Integrations that can be configured in it read it again.
    Path(config_dir, "configuration.yaml").touch()
    # Else they would be saved in the middle of a window, 10 s after the last new entity.
    registry.SAVE_DELAY = 1
    hass = HomeAssistant(config_dir)
    loader.async_setup(hass)
    hass.config.skip_pip = True
    hass.config_entries = ConfigEntries(hass, {})
    await loader.async_get_custom_components(hass)
    await async_load_base_functionality(hass)
    await async_process_ha_core_config(hass, {})
    web = {"http": {"server_host": "127.0.0.1", "server_port": port}}
    first = ("homeassistant", "persistent_notification", "http", "file_upload")
    # What has accounts from a run before.
    for domain in (*first, *hass.config_entries.async_domains()):
        if not await async_setup_component(hass, domain, web):
            raise BrokenRunError(f"{domain} was not set up")
    # Else it would stop after five minutes, to go back to its usual port.
    store = await async_get_and_load_store(hass)
    if store.active_config_type is ActiveConfigType.PENDING:
        await store.async_promote_pending()
    await hass.async_start()
    return hass


async def serve(config_dir: str, port: int) -> None:
    """Do as told on standard input until it ends."""
    block_async_io.enable()
    hass = await start(config_dir, port)
    home, observer = Home(hass), Observer(hass)
    profiler = Profiler()
    setting_up = SettingUp(hass, profiler)
    commands: dict[str, Callable[..., Awaitable[Answer]]] = {
        "connect": home.connect,
        "set_up": setting_up.set_up,
        "reload": setting_up.reload,
        "memory": home.memory,
        "sensors": home.sensors,
        "begin": observer.begin,
        "end": observer.end,
        "count": observer.count,
        "count_reports": observer.count_reports,
        "collect": observer.collect,
        "profile": profiler.begin,
        "profiled": profiler.end,
    }
    lines = asyncio.StreamReader()
    await hass.loop.connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(lines), sys.stdin
    )
    async for line in lines:
        arguments = json.loads(line)
        command = commands[arguments.pop("command")]
        try:
            told = await command(**arguments)
        except BrokenRunError as err:
            told = {"error": str(err)}
        say(told)
    await hass.async_stop()


def main() -> None:
    """Run in Home Assistant's own event loop."""
    logging.basicConfig(level=logging.WARNING)
    loop = create_event_loop()
    loop.run_until_complete(serve(sys.argv[1], int(sys.argv[2])))


if __name__ == "__main__":
    main()
