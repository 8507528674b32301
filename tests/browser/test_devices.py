"""What the page of a board shows."""

import re

from playwright.sync_api import expect
import pytest

from .house import House

BOARDS = {
    "Greenhouse": ("Arduino NANO 33 IoT", {"Temperature": "°C", "Humidity": "%"}),
    "Workshop": ("Photon 2 / P2", {"dust": "", "note": "oil the lathe"}),
    "Cellar": (
        "Linux ARMv7",
        {"Pump state": "Off", "Sensor data reading humidity": ""},
    ),
}
"""One board of each cloud: its model, and words that its entities show."""


@pytest.mark.parametrize("board", BOARDS)
def test_a_boards_page_shows_its_model_and_its_entities(
    house: House, board: str
) -> None:
    model, entities = BOARDS[board]
    page = house.open_device(board)

    expect(page.get_by_text(model).first).to_be_visible()
    for name, words in entities.items():
        row = house.entity_row(name)
        expect(row).to_contain_text(words or re.compile(r"\d"))
        expect(row).not_to_contain_text(re.compile("Unknown|Unavailable"))
    expect(house.entity_row("Connection")).to_contain_text("Connected")


def test_what_a_board_publishes_is_told_in_words(house: House) -> None:
    house.open_device("Workshop")

    house.clouds["particle"].measure("Workshop", fan=True)

    row = house.entity_row("Published event")
    expect(row).to_contain_text(re.compile(r"second.*Published"))
    expect(house.entity_row("fan")).to_contain_text("On")


def test_a_value_that_a_board_measures_is_drawn_at_once(house: House) -> None:
    house.open_device("Garage")
    expect(house.entity_row("Door")).to_contain_text("Closed")

    house.clouds["arduino"].measure("Garage", garage_door=True)

    expect(house.entity_row("Door")).to_contain_text("Open")
