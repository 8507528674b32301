"""An action reaches the devices of its account, and nobody else's."""

from types import MappingProxyType
from typing import Any

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.iot_clouds.const import DOMAIN
from custom_components.iot_clouds.model import Device
from homeassistant.config_entries import ConfigSubentry
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import device_registry as dr, entity_registry as er
from tests.e2e.conftest import CLOUDS

START = "2026-11-20T00:00:00+00:00"

BY_DEVICE: dict[str, dict[str, Any]] = {
    "call_function": {"function": "setNote", "argument": "x"},
    "send_command": {"type": "beep"},
    "get_history": {"start": START},
}
BY_ENTITY: dict[str, dict[str, Any]] = {
    "set_value": {"value": 1},
    "get_history": {"start": START},
}
BY_ACCOUNT: dict[str, dict[str, Any]] = {
    "publish_event": {"name": "home/note"},
    "refresh": {},
}


@pytest.fixture
async def houses(hass, house, until):
    """Accounts at all three clouds, at rest."""
    for name in CLOUDS:
        entry = await house.connect(name)
        feeds = entry.runtime_data.feeds
        await until(lambda feeds=feeds: all(feeds.live.values()))
    await hass.async_block_till_done()
    return house


@pytest.fixture
def other(hass):
    """An account of another integration, loaded, with a device and an entity."""
    entry = MockConfigEntry(domain="other", title="Other")
    entry.add_to_hass(hass)
    entry.mock_state(hass, "loaded")
    device = dr.async_get(hass).async_get_or_create(
        config_entry_id=entry.entry_id,
        # Ours by its looks.
        identifiers={("other", "e00fce6801a2b3c4d5e6f701")},
        name="Workshop",
    )
    entity = er.async_get(hass).async_get_or_create(
        "sensor",
        "other",
        "e00fce6801a2b3c4d5e6f701_variable/note",
        config_entry=entry,
        device_id=device.id,
    )
    return entry, device, entity


@pytest.fixture
def silent(houses):
    """Tells whether any cloud has received anything since."""
    for cloud in houses.clouds.values():
        cloud.log.clear()

    def silent():
        return [
            (name, each.method, each.path)
            for name, cloud in houses.clouds.items()
            for each in cloud.log
            # What boards publish by themselves does not count.
            if each.channel == "http" or each.method == "PUBLISH"
        ] == []

    return silent


async def _refused(hass, action, **data):
    with pytest.raises(ServiceValidationError) as caught:
        await hass.services.async_call(
            DOMAIN, action, data, blocking=True, return_response=True
        )
    assert caught.value.translation_domain in {DOMAIN, "homeassistant"}
    return caught.value.translation_key


@pytest.mark.parametrize("action", BY_DEVICE)
@pytest.mark.parametrize(
    ("target", "key"),
    [
        ("unknown", "service_device_not_found"),
        ("other", "service_device_wrong_domain"),
        ("gone", "no_such_device"),
        ("account", "no_such_device"),
    ],
)
async def test_only_devices_that_an_account_lists_are_reached(
    hass, houses, other, silent, action, target, key
):
    entry = houses.entries["particle"]
    registry = dr.async_get(hass)
    ids = {
        "unknown": "e00fce6801a2b3c4d5e6f701",
        "other": other[1].id,
        "gone": registry.async_get_or_create(
            config_entry_id=entry.entry_id,
            identifiers={(DOMAIN, houses.board("Greenhouse").id + "0")},
        ).id,
        "account": next(
            each.id
            for each in registry.devices
            if (DOMAIN, entry.entry_id) in each.identifiers
        ),
    }
    data = BY_DEVICE[action]
    assert await _refused(hass, action, device_id=ids[target], **data) == key
    assert silent()


@pytest.mark.parametrize(
    ("action", "board", "data"),
    [
        ("call_function", "Greenhouse", BY_DEVICE["call_function"]),
        ("call_function", "Cellar", BY_DEVICE["call_function"]),
        ("send_command", "Greenhouse", BY_DEVICE["send_command"]),
        ("send_command", "Workshop", BY_DEVICE["send_command"]),
    ],
)
async def test_a_device_of_another_cloud_is_not_taken_for_one_of_this(
    hass, houses, silent, action, board, data
):
    device = houses.device_id(board)
    assert await _refused(hass, action, device_id=device, **data) == "not_supported"
    assert silent()


@pytest.mark.parametrize("action", BY_ENTITY)
@pytest.mark.parametrize("target", ["unknown", "other"])
async def test_only_entities_of_an_account_are_reached(
    hass, houses, other, silent, action, target
):
    entity = {"unknown": "sensor.unknown", "other": other[2].entity_id}[target]
    data = BY_ENTITY[action]
    assert await _refused(hass, action, entity_id=entity, **data) == "not_ours"
    assert silent()


@pytest.mark.parametrize("action", BY_ACCOUNT)
@pytest.mark.parametrize(
    ("target", "key"),
    [
        ("unknown", "service_config_entry_not_found"),
        ("other", "service_config_entry_wrong_domain"),
        ("unloaded", "service_config_entry_not_loaded"),
    ],
)
async def test_only_accounts_that_are_loaded_are_reached(
    hass, houses, other, silent, action, target, key
):
    ours = houses.entries["particle"]
    if target == "unloaded":
        await hass.config_entries.async_unload(ours.entry_id)
        houses.clouds["particle"].log.clear()
    account = {"unknown": "0" * 26, "other": other[0].entry_id}.get(
        target, ours.entry_id
    )
    data = BY_ACCOUNT[action]
    assert await _refused(hass, action, config_entry_id=account, **data) == key
    assert silent()


async def test_one_stranger_among_several_entities_stops_all(
    hass, houses, other, silent
):
    pump = houses.entity("Greenhouse", "Pump")
    entities = [pump, other[2].entity_id]
    key = await _refused(hass, "set_value", entity_id=entities, value=True)
    assert key == "not_ours"
    assert silent()


COMMANDS: dict[str, dict[str, Any]] = {
    "particle": {"call": {"function": "setNote", "argument": "x"}},
    "iottly": {"send": {"type": "beep", "options": {}}},
    "arduino": {"set": {"point": "variable/pump", "value": True}},
}
STRANGERS = {"particle": "Greenhouse", "iottly": "Workshop", "arduino": "Cellar"}


@pytest.mark.parametrize("name", CLOUDS)
async def test_what_a_user_defined_reaches_no_device_of_another_account(
    hass, houses, silent, name
):
    entry = houses.entries[name]
    board = houses.board(STRANGERS[name])
    hass.config_entries.async_add_subentry(
        entry,
        ConfigSubentry(
            data=MappingProxyType(
                {
                    "device": board.id,
                    "platform": "button",
                    "commands": {"press": COMMANDS[name]},
                }
            ),
            subentry_type="mapping",
            title="Reach out",
            unique_id=None,
        ),
    )
    await hass.async_block_till_done()
    assert [
        each.entity_id
        for each in er.async_entries_for_config_entry(
            er.async_get(hass), entry.entry_id
        )
        if each.original_name == "Reach out"
    ] == []
    coordinator = entry.runtime_data.coordinator
    assert board.id not in coordinator.data
    assert silent()


@pytest.mark.parametrize("name", CLOUDS)
async def test_a_device_that_was_left_out_is_out_of_reach(hass, houses, silent, name):
    entry = houses.entries[name]
    board = {"arduino": "Greenhouse", "particle": "Workshop", "iottly": "Cellar"}[name]
    device = houses.device_id(board)
    hass.config_entries.async_update_entry(
        entry, options={**entry.options, "left_out": [houses.board(board).id]}
    )
    await hass.config_entries.async_reload(entry.entry_id)
    await hass.async_block_till_done()
    for cloud in houses.clouds.values():
        cloud.log.clear()
    for action, data in BY_DEVICE.items():
        assert await _refused(hass, action, device_id=device, **data) in {
            "service_device_not_found",
            "no_such_device",
        }
    assert [each for each in houses.clouds[name].log if each.method == "POST"] == []


async def test_a_cloud_that_lists_anothers_device_does_not_take_it_over(
    hass, houses, silent
):
    """A cloud of somebody else says that it has the greenhouse, too."""
    arduino, particle = houses.entries["arduino"], houses.entries["particle"]
    greenhouse = houses.board("Greenhouse").id
    device = houses.device_id("Greenhouse")
    pump = houses.entity("Greenhouse", "Pump")
    coordinator = particle.runtime_data.coordinator
    workshop = coordinator.data[houses.board("Workshop").id]
    stolen = {
        greenhouse: Device(
            id=greenhouse,
            name="Greenhouse",
            functions=workshop.functions,
        )
    }
    coordinator.async_set_updated_data({**coordinator.data, **stolen})
    await hass.async_block_till_done()
    registered = dr.async_get(hass).async_get(device)
    assert registered.config_entry_id == arduino.entry_id
    key = await _refused(
        hass, "call_function", device_id=device, **BY_DEVICE["call_function"]
    )
    assert key == "not_supported"
    assert silent()
    await hass.services.async_call(
        "switch", "turn_on", {"entity_id": pump}, blocking=True
    )
    assert [each.method for each in houses.clouds["arduino"].requests("PUT")] == ["PUT"]
