"""Accounts are added, refused and removed on Home Assistant's pages."""

from playwright.sync_api import expect
import pytest

from .conftest import TITLES
from .house import House

NAMES = {"arduino": "Arduino Cloud", "particle": "Particle", "iottly": "iottly"}
STEPS = {
    "arduino": (
        (),
        "Connect Arduino Cloud",
        {"Client ID": "client_id", "Client secret": "client_secret"},
        {"Address of the API": "url", "Address for live updates": "mqtt_url"},
    ),
    "particle": (
        ("User name and password",),
        "Sign in to Particle",
        {"User name": "username", "Password": "password"},
        {"Address of the API": "url"},
    ),
    "iottly": (
        (),
        "Connect an iottly project",
        {"Project ID": "project_id", "API key": "api_key"},
        {"Address of the API": "url"},
    ),
}
"""What is chosen, what the form is called, and which of its fields get which facts."""
BOARDS = {"arduino": "Greenhouse", "particle": "Workshop", "iottly": "Cellar"}


def sign_in(
    house: House, cloud: str, *, pictured: bool = False, **instead: str
) -> None:
    """Fill the form of a cloud, and send it; `instead` are other facts than its own."""
    choices, title, fields, advanced = STEPS[cloud]
    info = {**house.clouds[cloud].info, **instead}
    for choice in choices:
        house.choose(choice)
    house.titled(title)
    if pictured:
        house.picture(f"set-up-{cloud}")
    house.fill({label: info[fact] for label, fact in fields.items()})
    house.dialog.get_by_role("button", name="Advanced").click()
    house.fill({label: info[fact] for label, fact in advanced.items()})
    house.submit()


@pytest.mark.parametrize("cloud", NAMES)
def test_an_account_is_added_with_a_few_clicks_and_its_boards_are_there(
    house: House, cloud: str
) -> None:
    title = TITLES[cloud]
    house.remove(title)
    house.open_accounts()
    expect(house.account(title)).to_have_count(0)

    house.page.get_by_role("button", name="Add account").click()
    house.titled("Add an account")
    if cloud == "arduino":
        house.picture("add-account")
    house.choose(NAMES[cloud])
    sign_in(house, cloud, pictured=True)
    house.close("Finish")

    expect(house.account(title)).to_contain_text(BOARDS[cloud])
    assert house.entries()[title]["state"] == "loaded"
    house.open_device(BOARDS[cloud])
    expect(house.entity_row("Connection")).to_contain_text("Connected")


def test_wrong_credentials_are_told_and_can_be_corrected_in_place(house: House) -> None:
    house.remove(TITLES["iottly"])
    house.open_accounts()
    house.page.get_by_role("button", name="Add account").click()
    house.choose("iottly")

    sign_in(house, "iottly", api_key="0" * 32)

    expect(house.dialog.locator("ha-alert")).to_contain_text(
        "The cloud refused these credentials. Check them and try again."
    )
    expect(house.field("Project ID")).to_have_value(
        house.clouds["iottly"].info["project_id"]
    )
    expect(house.field("API key")).to_have_value("")
    house.field("API key").fill(house.clouds["iottly"].info["api_key"])
    house.submit()
    house.until(lambda: TITLES["iottly"] in house.entries())


def test_an_account_that_is_there_already_is_not_added_twice(house: House) -> None:
    house.open_accounts()
    house.page.get_by_role("button", name="Add account").click()
    house.choose("iottly")

    sign_in(house, "iottly")

    expect(house.dialog).to_contain_text("This account is already set up.")
    assert len(house.entries()) == 3


def test_a_removed_account_takes_its_boards_along(house: House) -> None:
    house.open_accounts()
    house.account(TITLES["iottly"]).get_by_role("button", name="Menu").first.click()
    house.page.get_by_role("menuitem", name="Delete").click()
    house.page.get_by_role("button", name="Delete", exact=True).last.click()

    expect(house.account(TITLES["iottly"])).to_have_count(0)
    assert TITLES["iottly"] not in house.entries()
    assert house.device("Cellar") == "None"
