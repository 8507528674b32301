"""The options of an account, changed on Home Assistant's pages."""

from playwright.sync_api import expect

from .house import House

TITLE = "Particle (maker)"


def configure(house: House, what: str) -> None:
    """Open the options, and choose in their menu."""
    house.account(TITLE).get_by_role("button", name="Configure").click()
    house.titled("Options")
    house.picture("options")
    house.choose(what)


def finish(house: House) -> None:
    """Send the last form, and wait until the account is loaded anew."""
    house.submit()
    house.close("Finish")
    house.until(lambda: house.entries()[TITLE]["state"] == "loaded")


def test_an_option_that_is_changed_is_kept(house: House) -> None:
    house.open_accounts()
    budget = house.field("Data operations a month")
    for operations in ("20000", "50000"):
        configure(house, "Account")
        budget.fill(operations)
        finish(house)

        configure(house, "Account")
        expect(budget).to_have_value(operations)
        house.close()


def test_a_variable_becomes_what_the_user_says_that_it_is(house: House) -> None:
    entity = house.entity("Workshop", "temperature")
    assert "unit_of_measurement" not in house.state(entity)["attributes"]
    house.open_accounts()
    try:
        configure(house, "Variables")
        house.pick(
            house.dialog.locator("ha-selector-entity"), "temperature", of="Workshop"
        )
        house.submit()
        house.titled("Adjust a variable")
        house.select("Device class", "Temperature")
        house.select("Unit of the values", "°C")
        house.picture("adjust-variable")
        finish(house)

        house.open_device("Workshop")
        expect(house.entity_row("temperature")).to_contain_text("°C")
        assert house.state(entity)["attributes"]["device_class"] == "temperature"
    finally:
        house.remove(TITLE)
