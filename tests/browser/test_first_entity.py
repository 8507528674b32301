"""From Add integration to an entity with a value: how many clicks, and how long.

How long is told and not judged: it depends on the machine. A person has to type as well.
"""

from collections.abc import Iterator
import time

from playwright.sync_api import Page
import pytest

from .conftest import TITLES
from .house import House
from .installation import FOLDER
from .test_accounts import NAMES, STEPS, sign_in

CLICKS = {"arduino": 5, "particle": 6, "iottly": 5}
"""Add integration, IoT Clouds, the cloud, Submit, Finish (or Skip and finish); Particle also asks how
to sign in."""
UNFOLDED = 1
"""One click more, on Advanced: simulated clouds have other addresses than the vendors'."""
FIRST = {
    "arduino": ("Greenhouse", "temperature"),
    "particle": ("Workshop", "temperature"),
    "iottly": ("Cellar", "temperature"),
}
COUNT = """
    sessionStorage.clicks ??= 0;
    addEventListener("click", (event) => {
      if (event.isTrusted) sessionStorage.clicks = Number(sessionStorage.clicks) + 1;
    }, true);
"""
"""Counts what a person does, and not what pages do to themselves."""


@pytest.fixture(scope="module")
def table() -> Iterator[list[str]]:
    """Rows that are printed when all are there."""
    rows: list[str] = []
    yield rows
    text = "\n".join(
        ["| cloud | clicks | fields | form sent to value, s | all, s |", *rows]
    )
    (FOLDER / "first-entity.md").write_text(f"{text}\n")


@pytest.fixture
def counted(page: Page) -> Page:
    """A page that counts clicks."""
    page.add_init_script(COUNT)
    return page


@pytest.mark.parametrize("cloud", NAMES)
def test_the_first_value_is_there_after_a_few_clicks(
    house: House, counted: Page, table: list[str], cloud: str
) -> None:
    house.remove(TITLES[cloud])
    house.open("/config/integrations/dashboard")
    button = counted.get_by_role("button", name="Add integration")
    button.wait_for()

    started = time.monotonic()
    button.click()
    counted.locator("dialog-add-integration").get_by_role("textbox").fill("IoT Clouds")
    counted.locator("ha-integration-list-item").get_by_text("IoT Clouds").click()
    house.titled("Add an account")
    house.choose(NAMES[cloud])
    sign_in(house, cloud)
    sent = time.monotonic()
    house.until(lambda: TITLES[cloud] in house.entries())
    house.until(lambda: _number(house, *FIRST[cloud]))
    there = time.monotonic()
    house.close("Finish")

    clicks = int(counted.evaluate("sessionStorage.clicks")) - UNFOLDED
    fields = len(STEPS[cloud][2])
    table.append(
        f"| {NAMES[cloud]} | {clicks} | {fields} "
        f"| {there - sent:.1f} | {there - started:.1f} |"
    )
    assert clicks == CLICKS[cloud]


def _number(house: House, board: str, variable: str) -> bool:
    """Whether a board's variable has an entity that shows a number."""
    shown = house.template(
        "{{ states | selectattr('name', 'search', "
        f"'(?i)^{board} .*{variable}$') | map(attribute='state') | list }}}}"
    )
    return any(character.isdigit() for character in shown)
