"""Actions, performed with the tool that Home Assistant has for them."""

from playwright.sync_api import Locator, expect

from .house import House


def field(form: Locator, name: str) -> Locator:
    """The row of a field of the action."""
    heading = form.page.get_by_text(name, exact=True)
    return form.locator("ha-settings-row").filter(has=heading)


def perform(form: Locator) -> None:
    form.get_by_role("button", name="Perform action").click()


def test_a_function_is_called_and_its_answer_shown(house: House) -> None:
    cloud = house.clouds["particle"]
    form = house.open_action("call_function")
    house.pick(form.locator("ha-selector-device"), "Workshop")
    field(form, "Function").get_by_role("textbox").fill("setFan")
    field(form, "Argument").locator("ha-checkbox").click()
    field(form, "Argument").get_by_role("textbox").fill("on")
    since = cloud.logged()

    perform(form)

    response = form.locator(".response .cm-content")
    expect(response).to_contain_text("return_value: 1")
    response.scroll_into_view_if_needed()
    house.picture("action-response")
    assert {"function": "setFan", "argument": "on"} in cloud.told("Workshop", since)
    assert cloud.value("Workshop", "fan") is True


def test_a_function_that_does_not_exist_is_refused_with_those_that_do(
    house: House,
) -> None:
    form = house.open_action("call_function")
    house.pick(form.locator("ha-selector-device"), "Workshop")
    field(form, "Function").get_by_role("textbox").fill("setFun")

    perform(form)

    expect(form.locator("ha-alert")).to_contain_text(
        "Workshop has no function setFun. It has: "
    )


def test_a_command_with_options_reaches_its_board(house: House) -> None:
    cloud = house.clouds["iottly"]
    form = house.open_action("send_command")
    house.pick(form.locator("ha-selector-device"), "Cellar")
    field(form, "Type").get_by_role("textbox").fill("pump")
    field(form, "Options").locator("ha-checkbox").click()
    editor = field(form, "Options").get_by_role("textbox")
    editor.fill("state: 'on'")
    since = cloud.logged()

    perform(form)

    house.until(lambda: cloud.told("Cellar", since))
    assert cloud.told("Cellar", since)[0]["pump"] == {"state": "on"}
    house.until(lambda: cloud.value("Cellar", "pump"))
