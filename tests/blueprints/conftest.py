"""A Home Assistant that has the blueprints, and automations made from them."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
import shutil
from typing import Any

import pytest
from pytest_homeassistant_custom_component.common import async_mock_service

from homeassistant.core import HomeAssistant, ServiceCall
from homeassistant.setup import async_setup_component
from tests.e2e.conftest import house, until  # noqa: F401

FOLDER = Path(__file__).parents[2] / "blueprints" / "automation" / "iot_clouds"

type Automate = Callable[..., Awaitable[None]]


@pytest.fixture
def hass_config_dir(hass_tmp_config_dir: str) -> str:
    """A configuration folder of the test's own, with the blueprints in their place."""
    target = Path(hass_tmp_config_dir) / "blueprints" / "automation" / "iot_clouds"
    shutil.copytree(FOLDER, target)
    return hass_tmp_config_dir


@pytest.fixture
def told(hass: HomeAssistant) -> list[ServiceCall]:
    """What the user's own action was called with."""
    calls: list[ServiceCall] = async_mock_service(hass, "test", "tell")
    return calls


@pytest.fixture
def automate(hass: HomeAssistant) -> Automate:
    """Make an automation from a blueprint, as the form of the user interface does."""

    async def automate(blueprint: str, **inputs: Any) -> None:
        path = f"iot_clouds/{blueprint}.yaml"
        config = {"use_blueprint": {"path": path, "input": inputs}, "alias": "Ours"}
        assert await async_setup_component(hass, "persistent_notification", {})
        assert await async_setup_component(hass, "automation", {"automation": config})
        await hass.async_block_till_done()
        state = hass.states.get("automation.ours")
        assert state is not None
        assert state.state == "on"

    return automate


def tell(**data: str) -> list[dict[str, Any]]:
    """An action of the user's that passes these templates on."""
    return [{"action": "test.tell", "data": data}]


async def settle() -> None:
    """Give everything that is ready its turn, but not wait for automations that wait."""
    for _ in range(200):
        await asyncio.sleep(0)
