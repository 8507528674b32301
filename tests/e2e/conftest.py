"""The invented household in three simulated clouds, and accounts connected to them."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from custom_components.iot_clouds.const import DOMAIN
from homeassistant.config_entries import SOURCE_USER, ConfigEntry
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import device_registry as dr, entity_registry as er
from simulated_clouds.arduino import ArduinoCloud
from simulated_clouds.boards import arduino, iottly, particle
from simulated_clouds.iottly import IottlyCloud
from simulated_clouds.particle import ParticleCloud
from simulated_clouds.server import SimulatedCloud
from simulated_clouds.world import Board, World

type Until = Callable[[Callable[[], object]], Awaitable[None]]

CLOUDS: dict[str, type[SimulatedCloud]] = {
    "arduino": ArduinoCloud,
    "particle": ParticleCloud,
    "iottly": IottlyCloud,
}


def form(cloud: SimulatedCloud) -> dict[str, Any]:
    """What a person types in to connect to this cloud."""
    info = cloud.info()
    match cloud.name:
        case "arduino":
            return {
                "client_id": info["client_id"],
                "client_secret": info["client_secret"],
                "advanced": {"base_url": info["url"], "mqtt_url": info["mqtt_url"]},
            }
        case "particle":
            return {
                "access_token": info["access_token"],
                "advanced": {"base_url": info["url"]},
            }
        case _:
            return {
                "project_id": info["project_id"],
                "api_key": info["api_key"],
                "advanced": {"base_url": info["url"]},
            }


STEPS = {
    "arduino": ("arduino",),
    "particle": ("particle", "particle_token"),
    "iottly": ("iottly",),
}


async def choose(hass: HomeAssistant, *steps: str) -> Any:
    """Open the flow and go through its menus; return the form."""
    flow: Any = await hass.config_entries.flow.async_init(
        DOMAIN, context={"source": SOURCE_USER}
    )
    for step in steps:
        flow = await hass.config_entries.flow.async_configure(
            flow["flow_id"], {"next_step_id": step}
        )
    return flow


@dataclass
class House:
    """A Home Assistant with accounts at simulated clouds."""

    hass: HomeAssistant
    world: World
    clouds: dict[str, SimulatedCloud] = field(default_factory=dict)
    entries: dict[str, ConfigEntry] = field(default_factory=dict)

    def board(self, name: str) -> Board:
        """The board that people call this."""
        return self.world.named(name)

    def entity(self, board: str, name: str | None) -> str:
        """Id of the entity that shows a variable, found as a person would: by names.

        What a board is for is called like the board and has no name of its own.
        """
        devices = dr.async_get(self.hass)
        for entity in er.async_get(self.hass).entities.values():
            device = devices.async_get(entity.device_id or "")
            if device and device.name == board and entity.original_name == name:
                return entity.entity_id
        raise AssertionError(f"{board} has no entity {name}")

    def state(self, board: str, name: str) -> str:
        """What Home Assistant shows for a variable."""
        state = self.hass.states.get(self.entity(board, name))
        assert state is not None
        return state.state

    def device_id(self, board: str) -> str:
        """Home Assistant's id of a board."""
        for entry in self.entries.values():
            for device in dr.async_entries_for_config_entry(
                dr.async_get(self.hass), entry.entry_id
            ):
                if device.name == board:
                    return device.id
        raise AssertionError(f"no device {board}")

    async def connect(self, name: str, **options: Any) -> ConfigEntry:
        """Start a cloud and add an account to it through the flow."""
        cloud = self.clouds[name] = await CLOUDS[name](self.world, **options).start()
        shown = await choose(self.hass, *STEPS[name])
        done = await self.hass.config_entries.flow.async_configure(
            shown["flow_id"], form(cloud)
        )
        assert done["type"] is FlowResultType.CREATE_ENTRY, done
        await self.hass.async_block_till_done()
        entry: ConfigEntry = done["result"]
        self.entries[name] = entry
        return entry


@pytest.fixture
async def house(hass: HomeAssistant) -> AsyncGenerator[House]:
    """A Home Assistant beside the household, with no account yet."""
    world = World([*arduino.boards(), *particle.boards(), *iottly.boards()], seed=7)
    house = House(hass=hass, world=world)
    yield house
    for entry in house.entries.values():
        await hass.config_entries.async_unload(entry.entry_id)
    for cloud in house.clouds.values():
        await cloud.stop()


@pytest.fixture
def until() -> Until:
    """Wait until something is true, giving other tasks their turn."""

    async def until(condition: Callable[[], object]) -> None:
        async with asyncio.timeout(10):
            while not condition():
                await asyncio.sleep(0.01)

    return until
