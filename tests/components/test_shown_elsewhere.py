"""A board that two accounts list is shown by one of them."""

import asyncio
import logging

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.iot_clouds.const import DOMAIN
from custom_components.iot_clouds.model import Update
from homeassistant.config_entries import ConfigEntryDisabler
from homeassistant.helpers import device_registry as dr, entity_registry as er

from .fake import Ref, reading

SHED = "sensor.shed_temp"


@pytest.fixture
async def second(hass, loaded) -> MockConfigEntry:
    """Another account that lists the same boards."""
    entry = MockConfigEntry(
        domain=DOMAIN,
        title="Product",
        unique_id="fake_2",
        data={"vendor": "fake", "username": "v", "password": "p4ssw0rd"},
    )
    entry.add_to_hass(hass)
    await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    return entry


def _devices(hass, entry):
    devices = dr.async_entries_for_config_entry(dr.async_get(hass), entry.entry_id)
    return {device.name for device in devices}


async def _poll(hass, entry):
    await entry.runtime_data.coordinator.async_refresh()
    await hass.async_block_till_done()


async def test_the_account_that_came_first_keeps_the_board(hass, loaded, second):
    assert _devices(hass, loaded) == {"Home", "Shed"}
    assert _devices(hass, second) == {"Product"}
    registered = er.async_entries_for_config_entry(er.async_get(hass), second.entry_id)
    assert not [entity for entity in registered if "board-1" in entity.unique_id]
    assert hass.states.get(SHED).state == "21.5"


async def test_it_is_said_once(hass, loaded, second, caplog):
    caplog.set_level(logging.INFO)
    await hass.config_entries.async_reload(second.entry_id)
    await hass.async_block_till_done()
    await _poll(hass, second)
    said = "Product lists devices that another account shows already (1)"
    assert caplog.text.count(said) == 1


async def test_what_is_pushed_to_the_other_account_goes_nowhere(hass, loaded, second):
    ref = Ref("board-1", "variable/temp")
    coordinator = second.runtime_data.coordinator
    coordinator.async_apply(Update(readings={ref: reading(99, 1)}))
    assert ref not in coordinator.readings
    assert hass.states.get(SHED).state == "21.5"


async def test_the_other_account_takes_over_when_the_first_is_removed(
    hass, loaded, second
):
    await hass.config_entries.async_remove(loaded.entry_id)
    await hass.async_block_till_done()
    await _poll(hass, second)

    assert _devices(hass, second) == {"Product", "Shed"}
    assert hass.states.get(SHED).state == "21.5"


async def test_of_two_that_have_it_the_older_account_keeps_it(hass, loaded, second):
    dr.async_get(hass).async_get_or_create(
        config_entry_id=second.entry_id, identifiers={(DOMAIN, "board-1")}, name="Shed"
    )
    await _poll(hass, loaded)
    await _poll(hass, second)
    # Nobody has taken anything away from the first one.
    assert _devices(hass, loaded) == {"Home", "Shed"}
    assert hass.states.get(SHED).state == "21.5"

    await hass.config_entries.async_reload(second.entry_id)
    await hass.async_block_till_done()
    assert _devices(hass, second) == {"Product"}


async def test_a_disabled_account_shows_nothing_that_could_be_kept(
    hass, loaded, second
):
    await hass.config_entries.async_set_disabled_by(
        loaded.entry_id, ConfigEntryDisabler.USER
    )
    await hass.async_block_till_done()
    await _poll(hass, second)
    assert "Shed" in _devices(hass, second)


@pytest.mark.parametrize("leave", ["disable", "remove"])
async def test_a_listing_that_comes_after_its_account_has_gone_does_no_harm(
    hass, cloud, loaded, until, caplog, leave
):
    cloud.gate, before = asyncio.Event(), cloud.snapshots
    refresh = hass.async_create_task(loaded.runtime_data.coordinator.async_refresh())
    await until(lambda: cloud.snapshots > before)
    if leave == "disable":
        by = ConfigEntryDisabler.USER
        await hass.config_entries.async_set_disabled_by(loaded.entry_id, by)
    else:
        await hass.config_entries.async_remove(loaded.entry_id)

    cloud.gate.set()
    await refresh

    assert "Unexpected error" not in caplog.text
