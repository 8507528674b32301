"""A device that the user renames is renamed at the cloud, if they want that."""

import asyncio
from dataclasses import replace

import pytest

from custom_components.iot_clouds.const import DOMAIN
from custom_components.iot_clouds.model import CloudRejected, Rename, Send, SetPoint
from homeassistant.helpers import device_registry as dr

from .fake import board


@pytest.fixture
async def account(hass, cloud, entry):
    """An account whose devices are renamed at the cloud too."""
    cloud.accepts = {SetPoint, Rename}
    hass.config_entries.async_update_entry(entry, options={"rename_devices": True})
    await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    return entry


@pytest.fixture
def call_it(hass, entry):
    """Give a device a name, as a user does."""

    def call_it(name, device_id="board-1"):
        registry = dr.async_get(hass)
        [found] = [
            each
            for each in dr.async_entries_for_config_entry(registry, entry.entry_id)
            if (DOMAIN, device_id) in each.identifiers
        ]
        return registry.async_update_device(found.id, name_by_user=name)

    return call_it


async def test_a_name_that_the_user_gives_is_sent_once(
    hass, cloud, account, call_it, until
):
    call_it("  Garden shed ")
    await until(lambda: cloud.commands)
    cloud.devices = {"board-1": board(name="Garden shed")}
    await account.runtime_data.coordinator.async_refresh()
    await hass.async_block_till_done()
    renamed = call_it("Old shed")
    assert renamed.name == "Garden shed"
    await until(lambda: len(cloud.commands) > 1)
    assert cloud.commands == [
        Rename(device_id="board-1", name="Garden shed"),
        Rename(device_id="board-1", name="Old shed"),
    ]


async def test_the_name_before_can_be_given_again_at_once(
    cloud, account, call_it, until
):
    call_it("Garden shed")
    await until(lambda: len(cloud.commands) == 1)
    call_it("Shed")
    await until(lambda: len(cloud.commands) == 2)
    assert cloud.commands[1].name == "Shed"


async def test_a_name_that_is_taken_back_stays_at_the_cloud(
    hass, cloud, account, call_it, until
):
    call_it("Garden shed")
    await until(lambda: cloud.commands)
    call_it(None)
    call_it("   ")
    call_it("Last")
    await until(lambda: len(cloud.commands) > 1)
    assert [command.name for command in cloud.commands] == ["Garden shed", "Last"]


async def test_of_several_names_in_a_row_the_last_one_stays(
    hass, cloud, account, call_it, until, monkeypatch
):
    gate, execute = asyncio.Event(), cloud.execute

    async def slowly(command):
        await gate.wait()
        return await execute(command)

    monkeypatch.setattr(cloud, "execute", slowly)
    for name in ("A", "B", "C"):
        call_it(name)
    gate.set()
    await until(lambda: len(cloud.commands) == 2)
    assert [command.name for command in cloud.commands] == ["A", "C"]


async def test_nothing_but_a_name_of_a_listed_device_is_sent(
    hass, cloud, account, call_it, until
):
    registry = dr.async_get(hass)
    call_it("My account", device_id=account.entry_id)
    other = registry.async_get_or_create(
        config_entry_id=account.entry_id, identifiers={("other", "x")}
    )
    registry.async_update_device(other.id, name_by_user="Somebody else's")
    changed = call_it("Shed of mine")
    await until(lambda: cloud.commands)
    registry.async_update_device(changed.id, sw_version="9")
    registry.async_remove_device(changed.id)
    await hass.async_block_till_done()
    assert cloud.commands == [Rename(device_id="board-1", name="Shed of mine")]


async def test_the_account_itself_is_not_renamed(hass, cloud, account, call_it, until):
    mine = replace(board(), id=account.entry_id, is_account=True, points={})
    cloud.devices = {**cloud.devices, mine.id: mine}
    await account.runtime_data.coordinator.async_refresh()
    call_it("My account", device_id=account.entry_id)
    call_it("Shed of mine")
    await until(lambda: cloud.commands)
    assert cloud.commands == [Rename(device_id="board-1", name="Shed of mine")]


async def test_a_name_that_the_cloud_refuses_is_said_once_with_what_to_do(
    hass, cloud, account, call_it, until, caplog
):
    cloud.error = CloudRejected("'Garden shed' of the Millers is too long")
    call_it("Garden shed")
    await until(lambda: "was not renamed" in caplog.text)
    assert caplog.text.count("was not renamed at the cloud (Refused by") == 1
    assert "Millers" not in caplog.text
    assert "Rename it there as well" in caplog.text
    assert len(cloud.commands) == 1
    cloud.error = None
    call_it("Tool shed")
    await until(lambda: len(cloud.commands) == 2)


@pytest.mark.parametrize(
    ("options", "accepts"),
    [
        ({}, {Rename}),
        ({"rename_devices": False}, {Rename}),
        (
            {"rename_devices": True},
            {Send},
        ),
    ],
)
async def test_without_the_users_wish_or_the_clouds_means_nothing_is_sent(
    hass, cloud, entry, call_it, options, accepts
):
    cloud.accepts = accepts
    hass.config_entries.async_update_entry(entry, options=options)
    await hass.config_entries.async_setup(entry.entry_id)
    call_it("Garden shed")
    await hass.async_block_till_done()
    assert cloud.commands == []


async def test_an_account_that_is_not_loaded_sends_no_names(
    hass, cloud, account, call_it
):
    await hass.config_entries.async_unload(account.entry_id)
    call_it("Garden shed")
    await hass.async_block_till_done()
    assert cloud.commands == []
