"""The system page counts accounts, devices and entities of the user's own."""

from types import MappingProxyType

from pytest_homeassistant_custom_component.common import get_system_health_info

from custom_components.iot_clouds.model import CloudUnreachable
from homeassistant.config_entries import ConfigSubentry
from homeassistant.setup import async_setup_component


async def _info(hass):
    assert await async_setup_component(hass, "system_health", {})
    await hass.async_block_till_done()
    return await get_system_health_info(hass, "iot_clouds")


async def test_what_runs_is_counted(hass, cloud, loaded, until):
    document = {
        "device": "board-1",
        "platform": "button",
        "commands": {"press": {"publish": {"name": "go"}}},
    }
    hass.config_entries.async_add_subentry(
        loaded,
        ConfigSubentry(
            data=MappingProxyType(document),
            subentry_type="mapping",
            title="Go",
            unique_id=None,
        ),
    )
    await until(lambda: loaded.runtime_data.coordinator.listening_since)
    assert await _info(hass) == {
        "accounts": 1,
        "reachable": 1,
        "pushing": 1,
        "devices": 1,
        "offline": 0,
        "custom_entities": 1,
    }


async def test_an_account_that_does_not_answer_is_counted_as_one_all_the_same(
    hass, cloud, entry
):
    cloud.error = CloudUnreachable("down")
    await hass.config_entries.async_setup(entry.entry_id)
    info = await _info(hass)
    assert (info["accounts"], info["reachable"], info["devices"]) == (1, 0, 0)
