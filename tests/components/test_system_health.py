"""The system page counts accounts, devices and own entities, and asks who is there."""

import json
from pathlib import Path
from types import MappingProxyType

from aiohttp import ClientConnectionError
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    get_system_health_info,
)
from pytest_homeassistant_custom_component.test_util.aiohttp import AiohttpClientMocker

from custom_components.iot_clouds.const import DOMAIN
from custom_components.iot_clouds.model import CloudUnreachable
from homeassistant.config_entries import ConfigSubentry
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component

from .fake import board

MANIFEST = (
    Path(__file__).parents[2] / "custom_components" / "iot_clouds" / "manifest.json"
)


@pytest.fixture(autouse=True)
def _vendor_is_there(aioclient_mock: AiohttpClientMocker):
    aioclient_mock.get("https://fake.example")


async def _info(hass):
    """What the page shows; what has to be found out first is waited for."""
    assert await async_setup_component(hass, DOMAIN, {})
    assert await async_setup_component(hass, "system_health", {})
    await hass.async_block_till_done()
    info = await get_system_health_info(hass, "iot_clouds")
    return info | {
        key: await value for key, value in info.items() if key.startswith("reach_")
    }


async def test_what_runs_is_counted(hass: HomeAssistant, cloud, entry, until):
    cloud.devices["board-2"] = board(id="board-2", mac=None, online=False)
    await hass.config_entries.async_setup(entry.entry_id)
    document = {
        "device": "board-1",
        "platform": "button",
        "commands": {"press": {"publish": {"name": "go"}}},
    }
    hass.config_entries.async_add_subentry(
        entry,
        ConfigSubentry(
            data=MappingProxyType(document),
            subentry_type="mapping",
            title="Go",
            unique_id=None,
        ),
    )
    await until(lambda: entry.runtime_data.coordinator.listening_since)
    assert await _info(hass) == {
        "version": json.loads(MANIFEST.read_text(encoding="utf-8"))["version"],
        "accounts": 1,
        "reachable": 1,
        "pushing": 1,
        "devices": 2,
        "offline": 1,
        "custom_entities": 1,
        "reach_fake": "ok",
    }


async def test_an_account_that_does_not_answer_is_counted_as_one_all_the_same(
    hass: HomeAssistant, cloud, entry
):
    cloud.error = CloudUnreachable("down")
    await hass.config_entries.async_setup(entry.entry_id)
    info = await _info(hass)
    assert (info["accounts"], info["reachable"], info["devices"]) == (1, 0, 0)
    assert info["reach_fake"] == "ok"


async def test_only_clouds_with_an_account_are_asked_whether_they_are_there(
    hass: HomeAssistant, aioclient_mock: AiohttpClientMocker
):
    info = await _info(hass)
    assert info["accounts"] == 0
    assert [key for key in info if key.startswith("reach_")] == []
    assert aioclient_mock.call_count == 0


async def test_every_address_is_asked_once_without_anything_private(
    hass: HomeAssistant, cloud, entry, aioclient_mock: AiohttpClientMocker
):
    cloud.devices = {}
    for number, base_url in enumerate(
        ("http://user:CANARY@10.1.2.3:8080/CANARY?key=CANARY", "http://10.1.2.3:8080")
    ):
        MockConfigEntry(
            domain=DOMAIN,
            title=f"Local {number}",
            data={"vendor": "fake", "base_url": base_url},
        ).add_to_hass(hass)
    aioclient_mock.get("http://10.1.2.3:8080", exc=ClientConnectionError("CANARY"))

    info = await _info(hass)

    assert info["reach_fake"] == {"type": "failed", "error": "unreachable"}
    asked = [str(call[1]) for call in aioclient_mock.mock_calls]
    assert asked == ["http://10.1.2.3:8080"]
    assert "CANARY" not in json.dumps(info)


async def test_a_push_address_is_not_asked_for_a_page(
    hass: HomeAssistant, cloud, entry, aioclient_mock: AiohttpClientMocker
):
    data = {**entry.data, "base_url": "wss://fake.example/mqtt"}
    hass.config_entries.async_update_entry(entry, data=data)
    info = await _info(hass)
    assert "reach_fake" not in info
    assert aioclient_mock.call_count == 0
