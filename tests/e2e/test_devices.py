"""Boards as devices: what is known of them, and how they come and go, in all three clouds."""

from copy import deepcopy

import pytest

from custom_components.iot_clouds.const import DOMAIN
from homeassistant.helpers import (
    area_registry as ar,
    device_registry as dr,
    entity_registry as er,
)
from homeassistant.setup import async_setup_component

BOARDS = {"arduino": "Garage", "particle": "Workshop", "iottly": "Cellar"}
LISTINGS = {"arduino": 1, "particle": 1, "iottly": 3}
"""Complete listings without a board after which it is believed to be gone."""
VALUES = {
    "arduino": "Car count",
    "particle": "temperature",
    "iottly": "Sensor data reading temperature",
}

clouds = pytest.mark.parametrize("name", ["arduino", "particle", "iottly"])


@pytest.fixture(autouse=True)
def _no_distance(monkeypatch):
    """Ask as often as a test likes."""

    async def turn(self, *, urgent: bool = False) -> None:
        pass

    monkeypatch.setattr(
        "custom_components.iot_clouds.vendors.arduino.limiter.Limiter.turn", turn
    )


async def _list(house, name: str, times: int = 1) -> None:
    for _ in range(times):
        await house.entries[name].runtime_data.coordinator.async_refresh()
        await house.hass.async_block_till_done()


def _device(house, name: str, board: str) -> dr.DeviceEntry | None:
    devices = dr.async_entries_for_config_entry(
        dr.async_get(house.hass), house.entries[name].entry_id
    )
    return next((each for each in devices if each.name == board), None)


def _entities(house, device: dr.DeviceEntry) -> list[er.RegistryEntry]:
    return er.async_entries_for_device(
        er.async_get(house.hass), device.id, include_disabled_entities=True
    )


@clouds
async def test_devices_have_what_the_cloud_knows_of_them(house, name, snapshot):
    entry = await house.connect(name)
    registry, areas = dr.async_get(house.hass), ar.async_get(house.hass)
    devices = dr.async_entries_for_config_entry(registry, entry.entry_id)
    account = next(each for each in devices if each.entry_type)
    for each in devices:
        area = areas.async_get_area(each.area_id) if each.area_id else None
        assert each.via_device_id == (None if each is account else account.id)
        assert {
            "name": each.name,
            "manufacturer": each.manufacturer,
            "model": each.model,
            "model_id": each.model_id,
            "serial_number": each.serial_number,
            "sw_version": each.sw_version,
            "hw_version": each.hw_version,
            "connections": sorted(each.connections),
            "configuration_url": each.configuration_url,
            "area": area.name if area else None,
            "entry_type": each.entry_type,
        } == snapshot(name=each.name)
        for text in (each.model, each.model_id, each.serial_number, each.sw_version):
            assert text is None or isinstance(text, str)


@clouds
async def test_a_board_that_appears_is_there_without_a_restart(house, name, until):
    board = house.world.boards.pop(house.board(BOARDS[name]).id)
    await house.connect(name)
    assert _device(house, name, BOARDS[name]) is None

    house.world.boards[board.id] = board
    await _list(house, name)
    device = _device(house, name, BOARDS[name])
    assert device
    if name == "iottly":
        house.clouds[name].message(board, {"sensor_data_reading": {"temperature": 4}})
        await _list(house, name)
    if name == "particle":
        await until(lambda: [e for e in house.clouds[name].log if e.channel == "sse"])
        house.world.set(board, temperature=22.5)
    await until(lambda: house.state(BOARDS[name], "Connection") == "on")
    await until(
        lambda: (
            house.state(BOARDS[name], VALUES[name]) not in {"unknown", "unavailable"}
        )
    )


@clouds
async def test_a_board_that_vanishes_leaves_with_its_entities(house, name):
    await house.connect(name)
    device = _device(house, name, BOARDS[name])
    assert _entities(house, device)

    del house.world.boards[house.board(BOARDS[name]).id]
    await _list(house, name, LISTINGS[name])
    assert _device(house, name, BOARDS[name]) is None
    assert _entities(house, device) == []


@clouds
async def test_a_listing_with_holes_removes_nothing(house, name):
    await house.connect(name)
    board = house.board(BOARDS[name])
    # An entry without a usable id may be any board.
    odd = deepcopy(board)
    odd.id = " "
    del house.world.boards[board.id]
    house.world.boards[odd.id] = odd
    await _list(house, name, LISTINGS[name] + 1)
    coordinator = house.entries[name].runtime_data.coordinator
    assert (coordinator.last_update_success, coordinator.complete) == (True, False)
    assert _entities(house, _device(house, name, BOARDS[name]))

    del house.world.boards[odd.id]
    await _list(house, name, LISTINGS[name])
    assert coordinator.complete
    assert _device(house, name, BOARDS[name]) is None


@pytest.mark.expects_errors("Failed to remove device entry, rejected by integration")
@clouds
async def test_only_what_is_listed_no_more_may_be_removed_by_hand(
    house, name, hass_ws_client
):
    assert await async_setup_component(house.hass, "config", {})
    entry = await house.connect(name)
    registry = dr.async_get(house.hass)
    client = await hass_ws_client(house.hass)

    async def remove(device: dr.DeviceEntry) -> bool:
        await client.send_json_auto_id(
            {"type": "config/device_registry/remove", "device_id": device.id}
        )
        return bool((await client.receive_json())["success"])

    listed = _device(house, name, BOARDS[name])
    account = registry.async_get_device_by_identifier(
        (DOMAIN, entry.entry_id), entry.entry_id
    )
    # One that was there before a restart, and is not listed after it, with holes.
    coordinator = entry.runtime_data.coordinator
    coordinator.complete = False
    old = registry.async_get_or_create(
        config_entry_id=entry.entry_id, identifiers={(DOMAIN, "gone-long-ago")}
    )
    assert not await remove(listed)
    assert not await remove(account)
    assert await remove(old)
    assert registry.async_get(old.id) is None
    assert registry.async_get(listed.id)
    assert registry.async_get(account.id)


async def test_a_variable_that_is_deleted_takes_its_entity_and_comes_back_as_it_was(
    house,
):
    await house.connect("arduino")
    changes = house.clouds["arduino"].changes
    board = house.board("Garage")
    variable = board.variables["garage_cars"]
    registry = er.async_get(house.hass)
    before = house.entity("Garage", "Car count")
    registry.async_update_entity(before, name="Cars", new_entity_id="sensor.cars")

    fields = deepcopy(board.facts["properties"]["garage_cars"])
    changes.delete_variable(board, "garage_cars")
    await _list(house, "arduino")
    assert registry.async_get("sensor.cars") is None
    assert house.hass.states.get("sensor.cars") is None
    assert house.state("Garage", "Connection") == "on"

    # Home Assistant remembers what the user said of it.
    board.facts["properties"]["garage_cars"] = fields
    board.variables["garage_cars"] = variable
    await _list(house, "arduino")
    assert registry.async_get("sensor.cars").name == "Cars"
    assert house.hass.states.get("sensor.cars").state == "1"


async def test_a_variable_that_another_firmware_lacks_takes_its_entity(house, until):
    await house.connect("particle")
    cloud, board = house.clouds["particle"], house.board("Workshop")
    await until(lambda: house.state("Workshop", "note") != "unknown")
    del board.variables["note"]
    # Each firmware starts with a handshake.
    cloud.set_online(board, False)
    cloud.set_online(board, True)

    def names() -> set[str | None]:
        device = _device(house, "particle", "Workshop")
        assert device
        return {each.original_name for each in _entities(house, device)}

    await until(lambda: "note" not in names())
    assert "temperature" in names()


async def test_an_entity_whose_variable_went_while_nobody_looked_may_be_removed(house):
    entry = await house.connect("arduino")
    entity_id = house.entity("Garage", "Car count")
    await house.hass.config_entries.async_unload(entry.entry_id)
    house.clouds["arduino"].changes.delete_variable(
        house.board("Garage"), "garage_cars"
    )
    await house.hass.config_entries.async_setup(entry.entry_id)
    await house.hass.async_block_till_done()

    # Nobody provides it any more, which is what Home Assistant lets the user remove.
    state = house.hass.states.get(entity_id)
    assert (state.state, state.attributes["restored"]) == ("unavailable", True)
    er.async_get(house.hass).async_remove(entity_id)
    await _list(house, "arduino")
    assert house.hass.states.get(entity_id) is None
