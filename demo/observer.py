"""Watches Home Assistant's states, and knows which entity shows a board's variable."""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
import re
from typing import Any

from .accounts import DOMAIN
from .api import Home
from .terminal import DemoError

LOAD_LIMIT = 120.0
"""Seconds until every account must be loaded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """A state that Home Assistant wrote, and when, in epoch seconds.

    `place` is where it is on the map: latitude and longitude.
    """

    value: str
    at: float
    place: tuple[float, float] | None = None


class Observer:
    """What Home Assistant shows: entries, devices, entities and every new state."""

    def __init__(self, home: Home) -> None:
        """Know nothing yet."""
        self._home = home
        self._states: dict[str, list[State]] = defaultdict(list)
        self._changed = asyncio.Event()
        self._reasons: dict[str, str] = {}
        self.entries: dict[str, str] = {}
        self.devices: list[dict[str, Any]] = []
        self.entities: list[dict[str, Any]] = []

    async def start(self) -> None:
        """Take note of all states, those of now included."""
        await self._home.listen("state_changed", self._take)
        for state in await self._home.command("get_states"):
            self._note(state)

    async def load(self, entries: Mapping[str, str]) -> None:
        """Wait until the entries (cloud to id) are loaded, then read the registries."""
        try:
            async with asyncio.timeout(LOAD_LIMIT):
                while not await self._loaded(entries):
                    await asyncio.sleep(0.3)
        except TimeoutError:
            raise DemoError(f"not all accounts are loaded: {self._reasons}") from None
        self.entries = dict(entries)
        await self.read_registries()

    async def _loaded(self, entries: Mapping[str, str]) -> bool:
        found = await self._home.command("config_entries/get", domain=DOMAIN)
        by_id = {entry["entry_id"]: entry for entry in found}
        self._reasons = {
            cloud: by_id[entry]["reason"] or by_id[entry]["state"]
            for cloud, entry in entries.items()
        }
        return all(by_id[entry]["state"] == "loaded" for entry in entries.values())

    async def read_registries(self) -> None:
        """Read our devices (without the accounts themselves) and enabled entities."""
        entries = set(self.entries.values())
        devices = await self._home.command("config/device_registry/list")
        self.devices = [
            device
            for device in devices
            if entries & set(device["config_entries"])
            and device["entry_type"] != "service"
        ]
        entities = await self._home.command("config/entity_registry/list")
        self.entities = [
            entity
            for entity in entities
            if entity["config_entry_id"] in entries and not entity["disabled_by"]
        ]

    def device(self, cloud: str, board: dict[str, Any]) -> dict[str, Any]:
        """The device that has a board's name; raises DemoError."""
        entry = self.entries[cloud]
        for device in self.devices:
            if device["name"] == board["name"] and entry in device["config_entries"]:
                return device
        raise DemoError(f"{cloud}: no device is called {board['name']!r}")

    def entity(
        self, cloud: str, board: dict[str, Any], variable: str, domain: str = ""
    ) -> str:
        """The entity that shows a board's variable; raises DemoError."""
        device = self.device(cloud, board)
        names = _names(board, variable)
        for entity in self.entities:
            if (
                entity["device_id"] == device["id"]
                and _plain(entity["original_name"] or "") in names
                and entity["entity_id"].startswith(domain)
            ):
                return str(entity["entity_id"])
        raise DemoError(f"{cloud}: {board['name']} shows no {variable!r}")

    def history(self, entity_id: str) -> list[State]:
        """All states of an entity since the start."""
        return self._states[entity_id]

    async def state(
        self, entity_id: str, fits: Callable[[State], bool], seconds: float
    ) -> State | None:
        """Wait so long for a state that fits; None if none came."""
        try:
            async with asyncio.timeout(seconds):
                while True:
                    for state in self._states[entity_id]:
                        if fits(state):
                            return state
                    self._changed.clear()
                    await self._changed.wait()
        except TimeoutError:
            return None

    def _take(self, event: dict[str, Any]) -> None:
        if event["data"]["new_state"]:
            self._note(event["data"]["new_state"])

    def _note(self, state: dict[str, Any]) -> None:
        at = datetime.fromisoformat(state["last_updated"]).timestamp()
        where = state["attributes"]
        place = (
            (float(where["latitude"]), float(where["longitude"]))
            if "latitude" in where and "longitude" in where
            else None
        )
        self._states[state["entity_id"]].append(
            State(value=state["state"], at=at, place=place)
        )
        self._changed.set()


def _names(board: dict[str, Any], variable: str) -> set[str]:
    """What an entity may be called: as its maker named the variable in the cloud."""
    facts = board["facts"]
    named = facts.get("properties", {}).get(variable, {}).get("name", variable)
    path = facts.get("paths", {}).get(variable, [variable])
    return {_plain(variable), _plain(named), _plain("".join(path[-2:]))}


def _plain(name: str) -> str:
    """Letters and digits only, so that "Room temperature" is "room_temperature"."""
    return re.sub(r"[\W_]+", "", name).lower()
