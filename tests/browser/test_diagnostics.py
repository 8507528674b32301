"""Diagnostics, downloaded as a person does who reports a problem."""

import json
from typing import Any

from playwright.sync_api import Download, Locator
import pytest

from .conftest import TITLES
from .house import House

SECRET = ("client_id", "client_secret", "username", "password", "token", "key")
BOARDS = {"arduino": "Mower", "particle": "Van", "iottly": "Gate"}
"""Boards that tell where they are."""


def secrets(house: House, cloud: str) -> list[str]:
    """Credentials of an account, which board is its, and where that is now.

    The public OAuth client of a cloud bears the cloud's name, and is no secret.
    """
    info = house.clouds[cloud].info
    found = [
        str(value)
        for name, value in info.items()
        if value and value != cloud and any(word in name for word in SECRET)
    ]
    assert found
    board = house.clouds[cloud].boards()[BOARDS[cloud]]
    for name in ("position", "place"):
        if name in board["variables"]:
            place = board["variables"][name]["value"]
            found += [str(place["lat"]), str(place["lon"])]
    return [*found, board["id"], board["name"]]


def downloaded(house: House, button: Locator) -> tuple[Download, Any]:
    with house.page.expect_download() as download:
        button.click()
    file = download.value
    return file, json.loads(file.path().read_text())


@pytest.mark.parametrize("cloud", TITLES)
def test_an_accounts_diagnostics_hold_no_secret(house: House, cloud: str) -> None:
    house.open_accounts()
    row = house.account(TITLES[cloud])
    row.get_by_role("button", name="Menu").first.click()
    item = house.page.get_by_role("menuitem", name="Download diagnostics")

    file, content = downloaded(house, item)

    assert file.suggested_filename.startswith("config_entry-iot_clouds-")
    assert content["data"]["vendor"] == cloud
    assert content["data"]["state"] == "loaded"
    text = json.dumps(content)
    assert [each for each in secrets(house, cloud) if each in text] == []


@pytest.mark.parametrize("cloud", TITLES)
def test_a_boards_diagnostics_hold_no_secret(house: House, cloud: str) -> None:
    page = house.open_device(BOARDS[cloud])
    # The first of a device's links is a button, and the others are in a menu.
    link = page.get_by_text("Download diagnostics")
    if cloud != "iottly":
        page.locator("ha-device-info-card").get_by_role("button", name="Menu").click()

    _, content = downloaded(house, link)

    text = json.dumps(content)
    assert [each for each in secrets(house, cloud) if each in text] == []
