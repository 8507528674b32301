"""Accounts are set up, unloaded and removed without leaving anything behind."""

import asyncio
from dataclasses import replace
from datetime import timedelta

from pytest_homeassistant_custom_component.common import async_fire_time_changed

from custom_components.iot_clouds import async_remove_config_entry_device
from custom_components.iot_clouds.const import DOMAIN
from custom_components.iot_clouds.model import (
    CloudAuthError,
    CloudBusy,
    CloudUnreachable,
    Device,
    Update,
)
from homeassistant.config_entries import ConfigEntryState
from homeassistant.helpers import (
    area_registry as ar,
    device_registry as dr,
    entity_registry as er,
)
from homeassistant.util import dt as dt_util

from .fake import board, reading, values


async def test_an_account_loads_with_one_listing_and_unloads_without_a_trace(
    hass, cloud, loaded
):
    assert loaded.state is ConfigEntryState.LOADED
    assert cloud.snapshots == 1
    assert cloud.feed.open == 1

    await hass.config_entries.async_unload(loaded.entry_id)

    assert loaded.state is ConfigEntryState.NOT_LOADED
    assert cloud.feed.open == 0
    assert cloud.closed == 1
    assert hass.states.get("sensor.shed_temp").state == "unavailable"


async def test_a_reload_leaves_one_feed_open(hass, cloud, loaded):
    await hass.config_entries.async_reload(loaded.entry_id)
    await hass.async_block_till_done()

    assert cloud.feed.entered == 2
    assert cloud.feed.open == 1
    assert hass.states.get("sensor.shed_temp").state == "21.5"


async def test_an_unreachable_cloud_is_tried_again_and_says_why(hass, cloud, entry):
    cloud.error = CloudUnreachable("down")
    await hass.config_entries.async_setup(entry.entry_id)

    assert entry.state is ConfigEntryState.SETUP_RETRY
    assert entry.error_reason_translation_key == "unreachable"
    assert cloud.closed == 1


async def test_a_busy_cloud_is_tried_again(hass, cloud, entry):
    cloud.error = CloudBusy("slow down", retry_after=90)
    await hass.config_entries.async_setup(entry.entry_id)

    assert entry.state is ConfigEntryState.SETUP_RETRY
    assert entry.error_reason_translation_placeholders == {"seconds": "90"}


async def test_refused_credentials_ask_for_new_ones(hass, cloud, entry):
    cloud.error = CloudAuthError("no")
    await hass.config_entries.async_setup(entry.entry_id)

    assert entry.state is ConfigEntryState.SETUP_ERROR
    [flow] = hass.config_entries.flow.async_progress_by_handler(DOMAIN)
    assert flow["context"]["source"] == "reauth"


async def test_devices_stand_in_the_registry_with_what_is_known(hass, cloud, loaded):
    registry = dr.async_get(hass)
    account = registry.async_get_device_by_identifier(
        (DOMAIN, loaded.entry_id), loaded.entry_id
    )
    device = registry.async_get_device_by_identifier(
        (DOMAIN, "board-1"), loaded.entry_id
    )

    assert (account.name, account.manufacturer) == ("Home", "Fake Cloud")
    assert account.entry_type is dr.DeviceEntryType.SERVICE
    assert device.name == "Shed"
    assert device.manufacturer == "Fake Cloud"
    assert device.model == "Uno"
    assert device.serial_number == "S1"
    assert device.sw_version == "1.2.3"
    assert device.configuration_url == "https://fake.example/board-1"
    assert device.connections == {("mac", "02:00:00:00:00:01")}
    assert device.via_device_id == account.id
    assert device.area_id is None


async def test_a_place_that_the_cloud_names_is_the_area_of_a_new_device(
    hass, cloud, entry
):
    cloud.devices = {"board-1": board(area="Garden shed")}
    await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    registry = dr.async_get(hass)

    def device():
        return registry.async_get_device_by_identifier(
            (DOMAIN, "board-1"), entry.entry_id
        )

    [area] = ar.async_get(hass).async_list_areas()
    assert area.name == "Garden shed"
    assert device().area_id == area.id

    # What the user decides later holds, whatever the cloud says again.
    registry.async_update_device(device().id, area_id=None)
    cloud.devices = {"board-1": board(area="Garden shed", sw_version="2.0.0")}
    await entry.runtime_data.coordinator.async_refresh()
    await hass.config_entries.async_reload(entry.entry_id)
    await hass.async_block_till_done()
    assert device().sw_version == "2.0.0"
    assert device().area_id is None


async def test_the_account_is_a_device_with_what_its_cloud_tells(hass, cloud, entry):
    told = Device(
        id=entry.entry_id, name="Project", is_account=True, model="Linux ARMv5"
    )
    cloud.devices[entry.entry_id] = told
    await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    registry = dr.async_get(hass)

    def account():
        return registry.async_get_device_by_identifier(
            (DOMAIN, entry.entry_id), entry.entry_id
        )

    assert (account().name, account().model) == ("Home", "Linux ARMv5")
    assert account().configuration_url is None
    cloud.devices[entry.entry_id] = replace(told, url="https://fake.example")
    await entry.runtime_data.coordinator.async_refresh()
    assert account().configuration_url == "https://fake.example"
    assert account().entry_type is dr.DeviceEntryType.SERVICE
    assert account().via_device_id is None


async def _poll(hass) -> None:
    async_fire_time_changed(hass, dt_util.utcnow() + timedelta(seconds=301))
    await hass.async_block_till_done(wait_background_tasks=False)
    for _ in range(5):
        await asyncio.sleep(0)
    await hass.async_block_till_done()


async def test_a_device_that_appears_has_entities_without_a_restart(
    hass, cloud, loaded
):
    cloud.devices["board-2"] = board(id="board-2", name="Barn", mac=None)
    cloud.readings |= values("board-2")
    await _poll(hass)

    assert hass.states.get("sensor.barn_temp").state == "21.5"


async def test_a_device_that_vanishes_leaves_with_its_entities(hass, cloud, loaded):
    cloud.devices = {}
    await _poll(hass)

    assert hass.states.get("sensor.shed_temp") is None
    registry = dr.async_get(hass)
    assert not registry.async_get_device_by_identifier(
        (DOMAIN, "board-1"), loaded.entry_id
    )


async def test_an_incomplete_listing_removes_nothing(hass, cloud, loaded):
    cloud.devices = {}
    cloud.complete = False
    await _poll(hass)

    assert hass.states.get("sensor.shed_temp").state == "21.5"


async def test_a_point_that_vanishes_takes_only_its_entity(hass, cloud, loaded):
    device = board()
    points = {k: p for k, p in device.points.items() if k != "variable/temp"}
    cloud.devices["board-1"] = board(points=points)
    await _poll(hass)

    assert hass.states.get("sensor.shed_temp") is None
    assert not er.async_get(hass).async_get("sensor.shed_temp")
    assert hass.states.get("sensor.shed_note").state == "hello"


async def test_a_renamed_device_keeps_its_entities(hass, cloud, loaded):
    before = er.async_get(hass).async_get("sensor.shed_temp")
    cloud.devices["board-1"] = board(name="Hut", sw_version="2.0")
    await _poll(hass)

    device = dr.async_get(hass).async_get(before.device_id)
    assert (device.name, device.sw_version) == ("Hut", "2.0")
    assert er.async_get(hass).async_get("sensor.shed_temp").unique_id == (
        before.unique_id
    )


async def test_only_a_device_that_is_gone_may_be_removed_by_hand(hass, cloud, loaded):
    registry = dr.async_get(hass)
    listed = registry.async_get_device_by_identifier(
        (DOMAIN, "board-1"), loaded.entry_id
    )
    gone = registry.async_get_or_create(
        config_entry_id=loaded.entry_id, identifiers={(DOMAIN, "board-9")}
    )
    account = registry.async_get(listed.via_device_id)

    assert not await async_remove_config_entry_device(hass, loaded, listed)
    assert not await async_remove_config_entry_device(hass, loaded, account)
    assert await async_remove_config_entry_device(hass, loaded, gone)


async def test_a_push_for_an_unknown_board_is_no_harm(hass, cloud, loaded, until):
    cloud.feed.queue.put_nowait(
        Update(readings=values("board-9"), online={"board-9": True})
    )
    cloud.feed.queue.put_nowait(
        Update(readings={("board-1", "variable/temp"): reading(22, 1)})
    )
    await until(lambda: hass.states.get("sensor.shed_temp").state == "22")


async def test_nothing_is_removed_by_hand_while_the_account_is_not_loaded(
    hass, cloud, loaded
):
    registry = dr.async_get(hass)
    device = registry.async_get_device_by_identifier(
        (DOMAIN, "board-1"), loaded.entry_id
    )
    await hass.config_entries.async_unload(loaded.entry_id)
    assert not await async_remove_config_entry_device(hass, loaded, device)
    assert registry.async_get(device.id)
