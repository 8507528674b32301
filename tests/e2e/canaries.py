"""A household full of things that are nobody's business, and who looks for them.

Everything that a report or a log must not tell is planted in clouds, boards, values,
events, errors and accounts. Most of it is the word CANARY with something around it; what
has a form of its own (addresses, numbers, keys) is collected from where it stands.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
import json
import logging
from types import MappingProxyType
from typing import Any

from aiohttp import web
from pytest_homeassistant_custom_component.common import get_system_health_info

from custom_components.iot_clouds.const import DOMAIN
from homeassistant.config_entries import ConfigEntry, ConfigSubentry
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr
from simulated_clouds.particle_unit import Outcome
from simulated_clouds.server import SimulatedCloud
from simulated_clouds.world import Board, Variable

EMAIL = "mara.canary@house.example"
PLACE = {"lat": 44.987654, "lon": 7.123456}
ADDRESS = "203.0.113.77"
ECHO = f"CANARY-ECHO of {EMAIL} at {ADDRESS} near 44.987654"
SHORTEST = 6
"""Shorter ones may be words or numbers of the report itself."""

DOOR = {
    "id": "CANARY-webhook-id-0123456789abcdef",
    "secret": "CANARY-webhook-secret-0123456789",
    "since": "2026-03-01T12:00:00+00:00",
}
SECRET_HEADER = "X-IoT-Clouds-Secret"


def plant(cloud: str, board: Board) -> None:
    """Fill a board with canaries: its name, and variables with names and values."""
    board.name = f"Canary board of {EMAIL}"
    kinds = {
        "arduino": ("CHARSTRING", "LOCATION"),
        "particle": ("string", "string"),
        "iottly": ("string", "object"),
    }
    text, place = kinds[cloud]
    where: Any = json.dumps(PLACE) if place == "string" else dict(PLACE)
    for variable in (
        Variable(name="canaryNote", type=text, value=f"CANARY note {EMAIL}"),
        Variable(name="canaryPlace", type=place, value=where),
    ):
        board.variables[variable.name] = variable
    if unit := board.facts.get("unit"):
        board.facts["unit"] = replace(
            unit,
            publishes={
                **unit.publishes,
                "canaryNote": "canaryNote",
                "canaryPlace": "canaryEvent",
            },
            functions={**unit.functions, "canaryOpen": lambda *_: Outcome(result=1)},
            serial_number="CANARYSERIAL01",
            iccid="89390100001234567890",
            ip_address=ADDRESS,
        )


def adorn(hass: HomeAssistant, entry: ConfigEntry, board: Board) -> None:
    """Fill the account's options and custom entities with canaries."""
    [device] = [
        key
        for key in entry.runtime_data.coordinator.data
        if entry.runtime_data.coordinator.data[key].name == board.name
    ]
    points = {
        f"{device}_{key}": {"unit": "CANARY unit", "device_class": "CANARY class"}
        for key in entry.runtime_data.coordinator.data[device].points
    }
    options = {
        "points": points,
        "webhook": DOOR,
        "CANARY option": "CANARY value",
        # So that nothing has to wait for its turn.
        "requests_per_second": "10",
    }
    hass.config_entries.async_update_entry(entry, options={**entry.options, **options})
    for name, document in _documents(device).items():
        hass.config_entries.async_add_subentry(
            entry,
            ConfigSubentry(
                data=MappingProxyType(document),
                subentry_type="mapping",
                title=f"CANARY {name}",
                unique_id=None,
            ),
        )


def _documents(device: str) -> dict[str, dict[str, Any]]:
    """Custom entities: one that works, one whose source is gone, one that is broken."""
    event = {"source": {"event": "canaryEvent"}, "path": "/CANARY path"}
    return {
        "button": {
            "device": device,
            "platform": "button",
            "commands": {
                "press": {
                    "publish": {"name": "CANARY-out", "data": "CANARY {{ value }}"}
                }
            },
        },
        "sensor": {"device": device, "platform": "sensor", "state": event},
        "lost": {
            "device": device,
            "platform": "sensor",
            "state": {"source": {"point": "variable/CANARY"}},
        },
        "broken": {"device": device, "platform": "CANARY", "CANARY": ECHO},
    }


def echo(cloud: SimulatedCloud, *secrets: str) -> None:
    """Let the cloud's errors repeat what it was sent, and more."""
    said = f"{ECHO} {' '.join(secrets)}"
    body = {
        "ok": False,
        "error": said,
        "error_description": said,
        "code": said,
        "detail": said,
        "errors": [said],
    }
    cloud.server_error = lambda status: web.json_response(  # type: ignore[method-assign]
        body, status=status, reason="CANARY"
    )


@dataclass
class Hunt:
    """Looks at everything that a user might hand on, and remembers what it found."""

    hass: HomeAssistant
    client: Any
    entry: ConfigEntry
    secrets: set[str] = field(default_factory=set)
    """Nowhere, not even in the log."""
    names: set[str] = field(default_factory=set)
    """Not in what is made to be handed on."""
    found: list[tuple[str, str]] = field(default_factory=list)
    looked: list[str] = field(default_factory=list)

    def learn(self, cloud: SimulatedCloud, boards: list[Board]) -> None:
        """Collect what the cloud and its boards have that must stay theirs."""
        self.secrets |= {"CANARY-ECHO", EMAIL, ADDRESS, "44.987654", "7.123456"}
        self.secrets |= {DOOR["id"], DOOR["secret"]}
        # A local cloud's OAuth client is named like its vendor.
        self.secrets |= set(_texts(cloud.info())) - {cloud.name}
        self.secrets |= {
            text
            for key, value in self.entry.data.items()
            if key != "vendor"
            for text in _texts(value)
        }
        self.names |= {"canary", *(board.id for board in boards)}
        for board in boards:
            self.names.add(board.name)
            unit = board.facts.get("unit")
            facts = vars(unit) if hasattr(unit, "__dict__") else board.facts
            for key in ("mac", "mac_wifi", "serial_number", "iccid", "secret_key"):
                self.secrets |= set(_texts(facts.get(key) or getattr(unit, key, "")))
            for variable in board.variables.values():
                self.names |= set(_texts(variable.value))
        # Ids of things stand in the log, so that one knows which is meant.
        self.secrets -= {board.id for board in boards}
        self.secrets = {each for each in self.secrets if len(each) >= SHORTEST}
        self.names = {each for each in self.names if len(each) >= SHORTEST}

    async def look(self, when: str) -> None:
        """Download everything that there is to download now."""
        entry_id = self.entry.entry_id
        paths = [f"config_entry/{entry_id}"]
        devices = dr.async_entries_for_config_entry(dr.async_get(self.hass), entry_id)
        paths += [f"config_entry/{entry_id}/device/{each.id}" for each in devices]
        for path in paths:
            async with self.client.get(f"/api/diagnostics/{path}") as response:
                assert response.status == 200
                self._search(f"{when}: diagnostics", await response.text(), self.names)
        info = await get_system_health_info(self.hass, DOMAIN)
        shown = {
            key: await value if key.startswith("reach_") else value
            for key, value in info.items()
        }
        self._search(f"{when}: system health", json.dumps(shown), self.names)
        self.looked.append(when)

    def read(self, records: list[logging.LogRecord]) -> None:
        """Read what the integration has logged so far."""
        write = logging.Formatter().format
        for record in records:
            if record.name.startswith("custom_components"):
                self._search(f"log: {record.msg}", write(record), set())

    def _search(self, where: str, text: str, names: set[str]) -> None:
        lower = text.lower()
        self.found += [
            (where, each) for each in self.secrets | names if each.lower() in lower
        ]


def _texts(node: object) -> Iterator[str]:
    """Every text, and every number with a fraction, as places are."""
    match node:
        case str():
            yield node
        case float():
            yield str(node)
        case dict():
            for each in node.values():
                yield from _texts(each)
        case list() | tuple():
            for each in node:
                yield from _texts(each)
