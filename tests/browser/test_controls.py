"""Controls that are used with the mouse reach the boards."""

from playwright.sync_api import expect

from .house import House


def test_a_switch_that_is_thrown_reaches_its_board_and_back(house: House) -> None:
    cloud = house.clouds["arduino"]
    house.open_device("Greenhouse")
    switch = house.entity_row("Pump").get_by_role("switch")
    expect(switch).not_to_be_checked()
    for wanted in (True, False):
        since = cloud.logged()

        house.entity_row("Pump").locator("ha-switch").click()

        house.until(lambda: {"pump": wanted} in cloud.told("Greenhouse", since))  # noqa: B023
        assert cloud.value("Greenhouse", "pump") is wanted
        expect(switch).to_be_checked(checked=wanted)


def test_a_lights_brightness_follows_the_slider(house: House) -> None:
    cloud = house.clouds["arduino"]
    lamp = house.entity("Living room", "Reading lamp")
    assert house.shows(lamp) == "off"
    house.open_device("Living room")
    dialog = house.open_entity("Reading lamp")
    slider = dialog.get_by_role("slider", name="Brightness")

    slider.click()

    house.until(lambda: cloud.value("Living room", "reading_lamp")["swi"])
    brightness = cloud.value("Living room", "reading_lamp")["bri"]
    assert 45 <= brightness <= 55
    expect(dialog.locator("ha-more-info-state-header")).to_contain_text("%")
    assert house.shows(lamp) == "on"


def test_a_text_that_is_typed_is_written(house: House) -> None:
    cloud = house.clouds["arduino"]
    house.open_device("Living room")
    field = house.page.get_by_role("textbox", name="Message")
    expect(field).to_have_value("Welcome home")

    field.fill("Mind the step")
    field.blur()

    house.until(lambda: cloud.value("Living room", "message") == "Mind the step")


def test_a_command_that_fails_says_why_on_the_page(house: House) -> None:
    house.open_device("Greenhouse")
    expect(house.entity_row("Pump").get_by_role("switch")).not_to_be_checked()
    house.clouds["arduino"].control(
        "POST", "faults", {"kind": "server_error", "path": "^PUT ", "status": 500}
    )

    house.entity_row("Pump").locator("ha-switch").click()

    expect(house.page.locator("ha-toast")).to_contain_text(
        "The cloud cannot be reached or gave no sensible answer. Try again later."
    )
    expect(house.entity_row("Pump").get_by_role("switch")).not_to_be_checked()
