"""Entities of the user's own: made, used, changed and removed on the pages."""

from collections.abc import Iterator
import re

from playwright.sync_api import Locator, expect
import pytest

from .clouds import Cloud
from .conftest import TITLES
from .house import House

PARTICLE, IOTTLY = TITLES["particle"], TITLES["iottly"]
DOOR = {"Open": "open", "Close": "close", "Stop": "stop"}
"""Commands of a door, and what its function takes for each."""


@pytest.fixture
def carport(house: House) -> Iterator[Cloud]:
    """A board with a door and a climate in one text appears in the Particle account."""
    cloud = house.clouds["particle"]
    board = cloud.control("POST", "boards", {"kind": "carport"})["id"]
    entry = house.entries()[PARTICLE]["entry_id"]
    house.call("iot_clouds", "refresh", config_entry_id=entry)
    house.until(lambda: house.device("Carport") != "None")
    yield cloud
    cloud.control("DELETE", f"boards/{board}")
    house.remove(PARTICLE)


@pytest.fixture
def cellar(house: House) -> Iterator[Cloud]:
    """A cloud whose account goes away afterwards, with what was made there."""
    yield house.clouds["iottly"]
    house.remove(IOTTLY)


def entities(house: House, board: str) -> set[str]:
    """Ids of a board's entities."""
    device = house.device(board)
    found = house.template(f"{{{{ device_entities('{device}') | join(' ') }}}}")
    return set(found.split())


def begin(house: House, account: str, board: str, source: str) -> None:
    """Begin to make an entity of what a board sends."""
    house.open_accounts()
    house.account(account).get_by_role("button", name="Menu").first.click()
    house.page.get_by_role("menuitem", name="Add custom entity").click()
    house.titled("Custom entities")
    house.choose("Make an entity")
    house.titled("Choose a device")
    house.select("Device", board)
    house.submit("Next")
    house.titled("Choose a source")
    # What a source says is told with its name.
    name = re.compile(rf"^\s*{source}\s*(:|$)")
    house.pick(house.dialog.locator("ha-selector-select"), name)
    house.submit("Next")
    house.titled("Choose what to make of it")


def make_instead(house: House, platform: str) -> None:
    """Make something else than what is proposed."""
    house.dialog.locator("ha-checkbox").first.click()
    house.dialog.get_by_text("Something else", exact=True).click()
    house.submit("Next")
    house.titled("Choose what to make")
    house.choose(platform)
    house.titled("Describe the entity")


def keep(house: House, button: str) -> None:
    """Say that everything is right, and press the last button."""
    house.titled("Is this right?")
    house.choose("Save")
    house.close(button)


def custom_entity(house: House, name: str) -> Locator:
    """The row of a custom entity on the page of the integration."""
    heading = house.page.get_by_text(name, exact=True)
    return house.page.locator("ha-config-sub-entry-row").filter(has=heading)


def change(house: House, name: str) -> None:
    """Begin to change a custom entity, whose source stays."""
    house.open_accounts()
    row = custom_entity(house, name)
    row.get_by_role("button", name="Change custom entity").click()
    house.titled("Choose a source")
    house.submit("Next")
    house.titled("Describe the entity")
    expect(house.field("Name")).to_have_value(name)


def remove(house: House, name: str) -> None:
    """Remove a custom entity on the page of the integration."""
    house.open_accounts()
    row = custom_entity(house, name)
    row.get_by_role("button", name="Menu").click()
    house.page.get_by_role("menuitem", name="Delete").click()
    house.page.get_by_role("button", name="Delete", exact=True).last.click()
    expect(row).to_have_count(0)


def test_a_garage_door_is_made_of_a_variable_and_a_function(
    house: House, carport: Cloud
) -> None:
    before = entities(house, "Carport")
    begin(house, PARTICLE, "Carport", "door")
    make_instead(house, "Cover")
    editor = house.dialog.locator("ha-selector-object").get_by_role("textbox")
    editor.fill("open: open\nclosed: closed\nstopped: open")
    house.select("Device class", "Garage")
    house.fill({"Name": "Gate", "Time to confirm": "30"})
    house.dialog.get_by_text("Stop", exact=True).click()
    house.submit("Next")
    for title, argument in DOOR.items():
        house.titled(f"Command: {title}")
        house.select("Function", "setDoor")
        house.fill({"Argument": argument, "Lowest result of a success": "0"})
        house.submit("Next")
    expect(house.dialog).to_contain_text("closed → closed")
    expect(house.dialog).to_contain_text("setDoor(stop)")
    house.picture("mapping-check")
    keep(house, "Finish")

    (gate,) = entities(house, "Carport") - before
    assert house.shows(gate) == "closed"
    assert house.state(gate)["attributes"]["device_class"] == "garage"
    house.open_device("Carport")
    since = carport.logged()
    house.entity_row("Gate").get_by_role("button", name="Open").click()
    house.until(lambda: house.shows(gate) == "open")
    opened = {"function": "setDoor", "argument": "open"}
    assert carport.told("Carport", since) == [opened]
    house.picture("mapping-door")

    change(house, "Gate")
    house.fill({"Name": "Garage door"})
    house.submit("Next")
    for title, argument in DOOR.items():
        house.titled(f"Command: {title}")
        expect(house.field("Argument")).to_have_value(argument)
        house.submit("Next")
    keep(house, "Close")
    assert entities(house, "Carport") == {*before, gate}
    house.open_device("Carport")
    house.entity_row("Garage door").get_by_role("button", name="Close").click()
    house.until(lambda: house.shows(gate) == "closed")
    assert carport.value("Carport", "door") == "closed"

    remove(house, "Garage door")
    assert entities(house, "Carport") == before


def test_three_sensors_are_made_of_one_text(house: House, carport: Cloud) -> None:
    before = entities(house, "Carport")
    begin(house, PARTICLE, "Carport", "climate")
    expect(house.dialog).to_contain_text('{"temp": 12.5, "hum": 61, "moisture": 512}')
    for proposal in ("Humidity: 61 %", "Moisture: 512"):
        house.dialog.get_by_text(proposal, exact=True).click()
    house.picture("mapping-proposals")
    house.submit("Next")
    house.close("Finish")

    made = entities(house, "Carport") - before
    assert len(made) == 3
    house.open_device("Carport")
    for name, state in (
        ("Temperature", "12.5 °C"),
        ("Humidity", "61.0%"),
        ("Moisture", "512"),
    ):
        expect(house.entity_row(name)).to_contain_text(state)
    carport.measure("Carport", climate='{"temp": 13.5, "hum": 58, "moisture": 1023}')
    expect(house.entity_row("Temperature")).to_contain_text("13.5 °C")
    expect(house.entity_row("Moisture")).to_contain_text("1,023")

    moisture = house.entity("Carport", "Moisture")
    change(house, "Moisture")
    house.select("Device class", "Moisture")
    house.select("Unit", "%")
    house.fill({"Name": "Soil moisture", "Scale": "0.1", "Offset": "-2.3"})
    house.submit("Next")
    keep(house, "Close")
    assert entities(house, "Carport") == {*before, *made}
    assert house.state(moisture)["attributes"]["device_class"] == "moisture"
    house.open_device("Carport")
    expect(house.entity_row("Soil moisture")).to_contain_text(re.compile(r"100(\.0)?%"))

    for name in ("Temperature", "Humidity", "Soil moisture"):
        remove(house, name)
    assert entities(house, "Carport") == before


def test_a_switch_is_made_of_a_boolean_and_a_pair_of_commands(
    house: House, cellar: Cloud
) -> None:
    before = entities(house, "Cellar")
    begin(house, IOTTLY, "Cellar", "Pump state")
    make_instead(house, "Switch")
    house.fill({"Name": "Drain", "Time to confirm": "60"})
    house.submit("Next")
    for word in ("on", "off"):
        house.titled(f"Command: Turn {word}")
        editor = house.dialog.locator("ha-selector-object").get_by_role("textbox")
        editor.fill(f"state: '{word}'")
        house.fill({"Type": "pump"})
        house.submit("Next")
    expect(house.dialog).to_contain_text('pump {"state": "off"}')
    keep(house, "Finish")

    (drain,) = entities(house, "Cellar") - before
    assert house.shows(drain) == "off"
    _throw(house, cellar, "Drain", "on")
    assert house.shows(drain) == "on"

    change(house, "Drain")
    house.fill({"Name": "Basement pump"})
    house.submit("Next")
    for word in ("on", "off"):
        house.titled(f"Command: Turn {word}")
        expect(house.field("Type")).to_have_value("pump")
        house.submit("Next")
    keep(house, "Close")
    assert entities(house, "Cellar") == {*before, drain}
    _throw(house, cellar, "Basement pump", "off")
    assert house.shows(drain) == "off"

    remove(house, "Basement pump")
    assert entities(house, "Cellar") == before


def _throw(house: House, cellar: Cloud, name: str, word: str) -> None:
    """Throw a switch on the cellar's page, and wait until the board has confirmed."""
    house.open_device("Cellar")
    since = cellar.logged()
    house.entity_row(name).locator("ha-switch").click()
    house.until(lambda: cellar.told("Cellar", since))
    assert cellar.told("Cellar", since)[0]["pump"] == {"state": word}
    switch = house.entity_row(name).get_by_role("switch")
    expect(switch).to_be_checked(checked=word == "on")
    house.until(lambda: house.shows(house.entity("Cellar", name)) == word)
