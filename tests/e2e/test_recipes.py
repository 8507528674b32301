"""Every recipe of docs/mappings.md does what it says, from the sheet to the board."""

from pathlib import Path
import re
from types import MappingProxyType

import pytest

from custom_components.iot_clouds.mappings.sheets import read
from homeassistant.config_entries import ConfigSubentry
from homeassistant.exceptions import HomeAssistantError
from simulated_clouds.boards.particle import carport
from simulated_clouds.iottly_variant import IottlyVariant

PAGE = Path(__file__).parents[2] / "docs" / "mappings.md"
SHEETS = dict(
    re.findall(
        r"^### ([^\n]+)\n.*?```yaml\n(.*?)```",
        PAGE.read_text(),
        re.DOTALL | re.MULTILINE,
    )
)


@pytest.fixture
def follow(hass, house):
    """Paste a recipe's sheet for an account."""

    async def follow(recipe, cloud):
        entry = house.entries[cloud]
        devices = entry.runtime_data.coordinator.listed
        names = {id_: device.name for id_, device in devices.items()}
        for row in read(SHEETS[recipe], names):
            subentry = ConfigSubentry(
                data=MappingProxyType(row.document),
                subentry_type="mapping",
                title=row.name,
                unique_id=None,
            )
            hass.config_entries.async_add_subentry(entry, subentry)
        await hass.async_block_till_done()

    return follow


@pytest.fixture
def act(hass, house):
    async def act(board, name, action, **data):
        entity_id = house.entity(board, name)
        await hass.services.async_call(
            entity_id.split(".")[0],
            action,
            {"entity_id": entity_id, **data},
            blocking=True,
        )

    return act


@pytest.fixture
async def workshop(house):
    """A Particle account with the garage's board."""
    entry = await house.connect("particle")
    house.clouds["particle"].lives.appear(carport())
    await entry.runtime_data.coordinator.async_refresh()
    await house.hass.async_block_till_done()
    await _read(house)
    return house.board("Carport")


async def _read(house):
    """Read every variable once."""
    entry = house.entries["particle"]
    await entry.runtime_data.reads.async_refresh()
    await house.hass.async_block_till_done()


@pytest.fixture
async def project(house):
    await house.connect("iottly", variant=IottlyVariant(reply_delay=0))


async def _poll(house):
    await house.entries["iottly"].runtime_data.coordinator.async_refresh()
    await house.hass.async_block_till_done()


def test_the_page_has_five_recipes():
    assert len(SHEETS) == 5


async def test_a_garage_door(house, workshop, follow, act, until):
    await follow("A garage door of a variable and a function", "particle")
    await until(lambda: house.state("Carport", "Door") == "closed")
    await act("Carport", "Door", "open_cover")
    assert workshop.variables["door"].value == "open"
    await until(lambda: house.state("Carport", "Door") == "open")
    await act("Carport", "Door", "close_cover")
    assert workshop.variables["door"].value == "closed"
    assert house.state("Carport", "Door") == "closed"


async def test_three_sensors_out_of_one_text(house, workshop, follow, until):
    await follow("Three sensors out of one text", "particle")
    await until(lambda: house.state("Carport", "Temperature") == "12.5")
    assert house.state("Carport", "Humidity") == "61"
    assert float(house.state("Carport", "Soil moisture")) == pytest.approx(
        50.05, abs=0.1
    )
    house.world.set(workshop, climate='{"temp": 13, "hum": 60, "moisture": 0}')
    await until(lambda: house.state("Carport", "Temperature") == "13")
    house.world.set(workshop, climate='{"temp": 14, "hum": null}')
    await until(lambda: house.state("Carport", "Temperature") == "14")
    assert house.state("Carport", "Humidity") == "unknown"


async def test_a_lamp_with_a_brightness(house, workshop, follow, act, until):
    await follow("A lamp with a brightness", "particle")
    await until(lambda: house.state("Carport", "Lamp") == "off")
    await act("Carport", "Lamp", "turn_on", brightness=128)
    assert workshop.variables["lamp"].value == 128
    await until(lambda: house.state("Carport", "Lamp") == "on")
    await act("Carport", "Lamp", "turn_off")
    assert workshop.variables["lamp"].value == 0
    await until(lambda: house.state("Carport", "Lamp") == "off")


async def test_a_switch_of_a_pair_of_commands(house, project, follow, act, until):
    house.world.set(house.board("Cellar"), pump=False)
    await _poll(house)
    await follow("A switch of a pair of commands", "iottly")
    assert house.state("Cellar", "Drain") == "off"
    turning = house.hass.async_create_task(act("Cellar", "Drain", "turn_on"))
    await until(lambda: house.board("Cellar").variables["pump"].value)
    await _poll(house)
    await turning
    assert house.state("Cellar", "Drain") == "on"


async def test_a_setpoint_as_a_number(house, project, follow, act):
    house.world.set(house.board("Attic heating"), desired_temp=20.5)
    await _poll(house)
    await follow("A setpoint as a number", "iottly")
    assert house.state("Attic heating", "Setpoint") == "20.5"
    await act("Attic heating", "Setpoint", "set_value", value=22.5)
    assert house.board("Attic heating").variables["desired_temp"].value == 22.5
    await _poll(house)
    assert house.state("Attic heating", "Setpoint") == "22.5"


async def test_a_word_that_the_function_refuses_is_told(
    house, workshop, follow, act, monkeypatch
):
    await follow("A garage door of a variable and a function", "particle")
    entry = house.entries["particle"]
    [(id_, door)] = entry.subentries.items()
    broken = {**door.data, "commands": {**door.data["commands"]}}
    broken["commands"]["open"] = {
        "call": {"function": "setDoor", "argument": "ajar"},
        "success": {"at_least": 0},
    }
    house.hass.config_entries.async_update_subentry(entry, door, data=broken)
    await house.hass.async_block_till_done()
    with pytest.raises(HomeAssistantError) as failed:
        await act("Carport", "Door", "open_cover")
    assert failed.value.translation_key == "command_failed"
    assert id_ in entry.subentries
