"""A house with one account that something happens to, in time that passes at once."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
import json
import logging
import re
from typing import Any, override

from custom_components.iot_clouds.diagnostics import async_get_config_entry_diagnostics
from homeassistant.config_entries import ConfigEntry, ConfigEntryState
from homeassistant.core import Event, EventStateChangedData, callback
from simulated_clouds.iottly import IottlyCloud
from simulated_clouds.server import SimulatedCloud
from tests.e2e.conftest import House, form

WATCHED: dict[str, tuple[tuple[str, str, str], ...]] = {
    "arduino": (
        ("Greenhouse", "temperature", "Temperature"),
        ("Greenhouse", "soil_moisture", "Soil moisture"),
        ("Garage", "garage_cars", "Car count"),
        ("Boiler room", "setpoint", "Setpoint"),
    ),
    "particle": (
        ("Workshop", "temperature", "temperature"),
        ("Workshop", "dust", "dust"),
        ("Aquarium", "waterTemp", "waterTemp"),
    ),
    "iottly": (
        ("Cellar", "temperature", "Sensor data reading temperature"),
        ("Cellar", "humidity", "Sensor data reading humidity"),
    ),
}
"""Board, its variable, and what its entity is called."""
SECRETS = {"access_token", "password", "client_secret", "api_key", "username"}
SHORTEST = 12
"""Letters of a secret; the client that Particle's own tools use is called "particle"."""
NOT_SHOWN = {"unavailable", "unknown"}
REAUTH = "reauth"


@dataclass(slots=True)
class Account:
    """One account, what its cloud knows, and what Home Assistant made of it."""

    house: House
    name: str
    entry: ConfigEntry
    cloud: SimulatedCloud
    told: dict[tuple[str, str], set[str]] = field(default_factory=dict)
    """When each event entity told each payload; a restored state has its old moment."""
    lines: list[str] = field(default_factory=list)
    """What our log said, with all details."""
    _round: int = 0

    @classmethod
    async def connect(cls, house: House, name: str) -> Account:
        """Add an account, and wait until it shows what its cloud knows."""
        entry = await house.connect(name)
        account = cls(house, name, entry, house.clouds[name])
        house.hass.bus.async_listen("state_changed", account._told)
        await account.measure()
        assert await account.current_after(1200) is not None, account.shown()
        return account

    async def open_webhook(self) -> None:
        """Turn the webhook on, and paste what the form tells into the vendor's page."""
        options = self.house.hass.config_entries.options
        menu = await options.async_init(self.entry.entry_id)
        form = await options.async_configure(
            menu["flow_id"], {"next_step_id": "webhook"}
        )
        await options.async_configure(form["flow_id"], {"enabled": True})
        await self.house.hass.async_block_till_done()
        told = form["description_placeholders"] or {}
        assert isinstance(self.cloud, IottlyCloud)
        self.cloud.add_webhook(told["url"], headers={told["header"]: told["secret"]})

    async def measure(self) -> None:
        """Let every watched variable change."""
        self._round += 1
        for board, variable, _ in WATCHED[self.name]:
            home = self.house.board(board)
            self.house.world.set(home, **{variable: 10 + self._round})
        await asyncio.sleep(0)

    def shown(self) -> dict[tuple[str, str], tuple[str, float]]:
        """What Home Assistant shows of each watched variable, and what is true."""
        found = {}
        for board, variable, entity in WATCHED[self.name]:
            truth: Any = self.house.board(board).variables[variable].value
            found[board, variable] = (self._state(board, entity), float(truth))
        return found

    def untrue(self) -> dict[tuple[str, str], tuple[str, float]]:
        """What is shown and is not true any more."""
        return {
            what: (state, truth)
            for what, (state, truth) in self.shown().items()
            if state not in NOT_SHOWN
            if float(state) != truth
        }

    def current(self) -> bool:
        """Whether everything is shown as it is."""
        return all(
            state not in NOT_SHOWN and float(state) == truth
            for state, truth in self.shown().values()
        )

    async def current_after(self, limit: float) -> float | None:
        """Seconds until everything is shown as it is; None if it takes longer."""
        return await self.after(self.current, limit)

    async def pushed_after(self, limit: float) -> bool:
        """Whether what changes is shown at once again, within `limit` seconds."""
        for _ in range(round(limit / 60)):
            await self.measure()
            if await self.current_after(10) is not None:
                return True
            await asyncio.sleep(50)
        return False

    async def after(self, condition: Any, limit: float) -> float | None:
        """Seconds until something is true; None if it takes longer."""
        started = asyncio.get_running_loop().time()
        while not condition():
            passed = asyncio.get_running_loop().time() - started
            if passed > limit:
                return None
            await asyncio.sleep(1)
        return asyncio.get_running_loop().time() - started

    async def sign_in_again(self) -> bool:
        """Do what the user does when asked; False if nobody asked."""
        flows = self.house.hass.config_entries.flow
        asked = [
            flow
            for flow in flows.async_progress()
            if flow["context"].get("source") == REAUTH
        ]
        for flow in asked:
            shown = await flows.async_configure(flow["flow_id"], None)
            while shown["type"] == "menu":
                offered: Any = shown["menu_options"]
                shown = await flows.async_configure(
                    flow["flow_id"], {"next_step_id": [*offered][-1]}
                )
            ended = await flows.async_configure(flow["flow_id"], form(self.cloud))
            assert ended.get("reason") == "reauth_successful", ended
        return bool(asked)

    @property
    def delivered(self) -> int:
        """How many deliveries were taken since the account was set up; 0 before."""
        if self.entry.state is not ConfigEntryState.LOADED:
            return 0
        return int(self.entry.runtime_data.coordinator.counters.deliveries)

    def doubled(self) -> list[tuple[str, str]]:
        """Events that were told more than once."""
        return [what for what, moments in self.told.items() if len(moments) > 1]

    def carried_out(self) -> int:
        """How many commands reached a board."""
        return sum(
            (entry.channel, entry.method) == ("board", "RECEIVE")
            for entry in self.cloud.log
        )

    async def leave(self) -> None:
        """Unload, and let connections that are kept for a while end."""
        await self.house.hass.config_entries.async_unload(self.entry.entry_id)
        await asyncio.sleep(120)

    @property
    def down(self) -> int:
        """Lines in the log that something does not work."""
        return self.said(" are down", "Error fetching", "Authentication failed")

    @property
    def back(self) -> int:
        """Lines that it works again."""
        return self.said(" are back", "recovered")

    def said(self, *words: str) -> int:
        """How many lines for users contain one of these."""
        return sum(
            any(each in line for each in words)
            for line in self.lines
            if not line.startswith("DEBUG")
        )

    def feeds_opened(self) -> int:
        """How often the feed was asked for."""
        return sum(
            bool(re.search(r"/mqtt$|/events", entry.path))
            for entry in self.cloud.requests("GET")
        )

    async def secrets_told(self) -> list[str]:
        """Which kinds of secrets are in our lines of the log, or in the diagnostics."""
        report = await async_get_config_entry_diagnostics(self.house.hass, self.entry)
        told = "\n".join([*self.lines, json.dumps(report, default=str)])
        return [
            name
            for name, value in self.cloud.info().items()
            if name in SECRETS and len(value) >= SHORTEST and value in told
        ]

    def busiest_second(self) -> int:
        """The most requests in a second, or a little less: those that are sent a second
        apart may arrive a little closer. Opening a websocket is no request."""
        moments = [entry.at for entry in self.cloud.requests() if entry.path != "/mqtt"]
        return max(
            (
                sum(start <= other < start + 0.7 for other in moments)
                for start in moments
            ),
            default=0,
        )

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Keep what the log says meanwhile."""
        handler = _Lines(self.lines)
        logger = logging.getLogger("custom_components.iot_clouds")
        level = logger.level
        logger.addHandler(handler)
        logger.setLevel(logging.DEBUG)
        try:
            yield
        finally:
            logger.setLevel(level)
            logger.removeHandler(handler)

    def _state(self, board: str, entity: str) -> str:
        try:
            return self.house.state(board, entity)
        except AssertionError:
            return "unknown"

    @callback
    def _told(self, event: Event[EventStateChangedData]) -> None:
        state = event.data["new_state"]
        if state is None or state.domain != "event" or state.state in NOT_SHOWN:
            return
        payload = {
            key: value
            for key, value in state.attributes.items()
            if key not in {"friendly_name", "event_types", "icon"}
        }
        told = json.dumps(payload, default=str, sort_keys=True)
        self.told.setdefault((state.entity_id, told), set()).add(state.state)


class _Lines(logging.Handler):
    """Collects what is logged; a line of DEBUG is one that users do not see."""

    def __init__(self, lines: list[str]) -> None:
        super().__init__(logging.DEBUG)
        self._lines = lines
        self.setFormatter(logging.Formatter("%(levelname)s %(message)s"))

    @override
    def emit(self, record: logging.LogRecord) -> None:
        self._lines.append(self.format(record))
