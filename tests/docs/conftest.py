"""The household with the accounts that an example speaks of."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from custom_components.iot_clouds.vendors.particle.cloud import ParticleCloud
from homeassistant.core import HomeAssistant, ServiceCall
from homeassistant.setup import async_setup_component
from homeassistant.util import slugify
from simulated_clouds.boards.particle import carport
from simulated_clouds.iottly_variant import IottlyVariant
from tests.e2e.conftest import House, Until, house, until  # noqa: F401

from .examples import entities, in_place
from .pages import Block

BEHIND = "custom_components.iot_clouds.vendors"

type MoveIn = Callable[[Block], Awaitable[Any]]


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """No example is about the pace of requests, so none has to wait for it.

    Nor does one wait until it is sure that a board is offline.
    """
    monkeypatch.setattr(f"{BEHIND}.arduino.limiter.Limiter.turn", _no_wait)
    monkeypatch.setattr(f"{BEHIND}.particle.pace.Pace.turn", _no_wait)
    monkeypatch.setattr(f"{BEHIND}.arduino.boards.BOARDS_EVERY", 0)
    defaults: Any = ParticleCloud.__init__.__kwdefaults__
    monkeypatch.setitem(defaults, "grace", 0.05)
    monkeypatch.setattr(f"{BEHIND}.iottly.dispatch.FIRST_LOOK", 0.05)


async def _no_wait(*_: Any, **__: Any) -> None:
    pass


@pytest.fixture
def told(hass: HomeAssistant) -> list[ServiceCall]:
    """What people were told by `notify.notify`, which takes its time as real ones do."""
    calls: list[ServiceCall] = []

    async def tell(call: ServiceCall) -> None:
        for _ in range(100):
            await asyncio.sleep(0)
        calls.append(call)

    hass.services.async_register("notify", "notify", tell)
    return calls


@pytest.fixture
def move_in(
    hass: HomeAssistant,
    house: House,  # noqa: F811
    until: Until,  # noqa: F811
    told: list[ServiceCall],
) -> MoveIn:
    """Connect the accounts that an example speaks of; returns it with their ids."""

    async def move_in(block: Block) -> Any:
        assert await async_setup_component(hass, "zone", {})
        for cloud in ("arduino", "particle", "iottly"):
            if _speaks_of(cloud, block.text, house):
                await _connect(house, cloud, until)
        document = in_place(block.text, house)
        missing = {each for each in entities(document) if not hass.states.get(each)}
        assert missing == set()
        return document

    return move_in


def _speaks_of(cloud: str, text: str, house: House) -> bool:  # noqa: F811
    names = [board.name for board in house.world.of(cloud)]
    names += ["Carport"] if cloud == "particle" else []
    words = [*names, *(f".{slugify(name)}_" for name in names), f"# {cloud}"]
    return any(word.casefold() in text.casefold() for word in words)


async def _connect(house: House, cloud: str, until: Until) -> None:  # noqa: F811
    """Add an account, and read everything once.

    No board names its room: where one does, the ids of its entities begin with it.
    """
    for board in house.world.of(cloud):
        board.facts.pop("tags", None)
    variant = {"variant": IottlyVariant(reply_delay=0)} if cloud == "iottly" else {}
    runtime = (await house.connect(cloud, **variant)).runtime_data
    await until(lambda: all(runtime.feeds.live.values()))
    if cloud == "particle":
        particle: Any = house.clouds[cloud]
        particle.lives.appear(carport())
        await listed(house, cloud)
        await runtime.reads.async_refresh()
        await house.hass.async_block_till_done()


async def listed(house: House, cloud: str) -> None:  # noqa: F811
    """Have an account listed, as its next poll would."""
    await house.entries[cloud].runtime_data.coordinator.async_refresh()
    await house.hass.async_block_till_done()
