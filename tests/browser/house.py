"""The house as a person sees it in the browser, and as its REST interface tells it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
import json
from pathlib import Path
import re
import time
from typing import Any

from playwright.sync_api import APIRequestContext, Locator, Page, expect

from demo.accounts import DOMAIN, FLOW, MENU, filled

from .clouds import Cloud

ENTRIES = "/api/config/config_entries/entry"
PATIENCE = 30.0
"""Seconds for what takes no more than a few on a machine that is not busy."""


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """A page of Home Assistant in a browser, logged in, and the clouds behind it.

    Waiting is done by Playwright's own means; `until` is for what is not on the page.
    `pictures` is the folder that pictures go to; without one none are taken.
    """

    page: Page
    address: str
    requests: APIRequestContext = field(repr=False)
    clouds: Mapping[str, Cloud]
    pictures: Path | None = None

    # Pages.

    def open(self, path: str) -> None:
        """Open a page."""
        self.page.goto(f"{self.address}{path}")

    def open_device(self, board: str) -> Locator:
        """Open a device's page; returns it once its entities are drawn."""
        self.open(f"/config/devices/device/{self.device(board)}")
        page = self.page.locator("ha-config-device-page")
        page.locator("ha-device-entities-card").first.wait_for()
        return page

    def open_accounts(self) -> None:
        """Open the page of the integration, with all accounts."""
        self.open(f"/config/integrations/integration/{DOMAIN}")
        self.page.get_by_role("heading", name="IoT Clouds").wait_for()

    def open_action(self, action: str) -> Locator:
        """Open the tool that performs actions, with one of ours; returns its form."""
        self.open(f"/config/tools/action?service={DOMAIN}.{action}")
        form = self.page.locator("tools-action")
        form.get_by_text(f"{DOMAIN}.{action}", exact=True).wait_for()
        return form

    def account(self, title: str) -> Locator:
        """The row of an account on the page of the integration."""
        heading = self.page.get_by_text(title, exact=True)
        return self.page.locator("ha-config-entry-row").filter(has=heading).first

    def entity_row(self, name: str) -> Locator:
        """The row of an entity on its device's page."""
        rows = self.page.locator("hui-generic-entity-row")
        return rows.filter(has=self.page.get_by_text(name, exact=True))

    def open_entity(self, name: str) -> Locator:
        """Open an entity's dialog on its device's page."""
        self.entity_row(name).get_by_text(name, exact=True).click()
        return self.page.locator("ha-more-info-dialog")

    def picture(self, name: str) -> None:
        """Take a picture, if pictures are wanted."""
        if self.pictures:
            self.page.wait_for_load_state("networkidle")
            self.page.screenshot(
                path=self.pictures / f"{name}.png", animations="disabled"
            )

    # Forms.

    @property
    def dialog(self) -> Locator:
        """The dialog that a flow is shown in."""
        return self.page.locator("dialog-data-entry-flow")

    def titled(self, title: str) -> None:
        """Wait for a step of a flow."""
        self.dialog.get_by_text(title, exact=True).first.wait_for()

    def choose(self, option: str) -> None:
        """Choose in the menu of a flow."""
        self.dialog.locator("ha-list-item, ha-list-item-button").filter(
            has=self.page.get_by_text(option, exact=True)
        ).click()

    def fill(self, fields: Mapping[str, str]) -> None:
        """Fill text and number fields of the dialog by their labels."""
        for label, value in fields.items():
            self.field(label).fill(value)

    def field(self, label: str) -> Locator:
        """A text or number field of the dialog by its label."""
        return self.dialog.get_by_role("textbox", name=label).or_(
            self.dialog.get_by_role("spinbutton", name=label)
        )

    def submit(self, button: str = "Submit") -> None:
        """Send the form of the dialog."""
        self.dialog.get_by_role("button", name=button).last.click()

    def close(self, button: str = "Close") -> None:
        """Press the last button of a flow, and wait until its dialog has gone.

        A dialog that goes steps back in the history, and would take along a page that
        is being opened.
        """
        self.submit(button)
        expect(self.dialog.locator("ha-dialog")).to_have_count(0)

    def select(self, label: str, option: str) -> None:
        """Select one of the options that a field of the dialog has."""
        fields = self.dialog.locator("ha-selector-select")
        # A pattern, because a plain text would match in any case.
        self.pick(fields.filter(has_text=re.compile(re.escape(label))), option)

    def pick(
        self, selector: Locator, option: str | re.Pattern[str], of: str = ""
    ) -> None:
        """Pick from a list: an option, a device, or an entity `of` a device."""
        selector.get_by_role("listitem").first.click()
        search = self.page.locator("ha-picker-combo-box").get_by_role("textbox")
        items = self.page.locator(
            "ha-picker-combo-box ha-combo-box-item, ha-dropdown-item"
        ).filter(visible=True)
        named = self.page.get_by_text(option, exact=True)
        headline = self.page.locator("[slot=headline]")
        # Not what is somewhere, in an area of this name.
        item = (
            items.filter(has=headline.and_(named))
            .or_(items.filter(has=named, has_not=headline))
            .first
        )
        search.or_(items).first.wait_for()
        if search.is_visible() and isinstance(option, str):
            search.fill(f"{of} {option}".strip())
        shown = option if isinstance(option, str) else item.inner_text().strip()
        item.click()
        # The form is drawn anew with what was picked, and forgets what is typed before.
        expect(items).to_have_count(0)
        expect(selector).to_contain_text(shown)

    # What the REST interface tells.

    def template(self, text: str) -> str:
        """What a template renders to."""
        answer = self.requests.post("/api/template", data={"template": text})
        assert answer.ok, answer.text()
        return str(answer.text())

    def device(self, board: str) -> str:
        """Home Assistant's id of a device."""
        return self.template(f"{{{{ device_id({json.dumps(board)}) }}}}")

    def entity(self, board: str, name: str) -> str:
        """Id of the entity that people call this: device and own name."""
        wanted = json.dumps(f"{board} {name}")
        found = self.template(
            "{{ states | selectattr('name', 'eq', "
            f"{wanted}) | map(attribute='entity_id') | first }}}}"
        )
        assert found, f"no entity is called {wanted}"
        return found

    def state(self, entity_id: str) -> dict[str, Any]:
        """A state with its attributes."""
        answer = self.requests.get(f"/api/states/{entity_id}")
        assert answer.ok, f"{entity_id}: {answer.status}"
        state: dict[str, Any] = answer.json()
        return state

    def shows(self, entity_id: str) -> str:
        """What an entity shows."""
        return str(self.state(entity_id)["state"])

    def call(self, domain: str, action: str, **data: Any) -> None:
        """Perform an action whose response is not wanted; failures are not told."""
        self.requests.post(f"/api/services/{domain}/{action}", data=data)

    def entries(self) -> dict[str, dict[str, Any]]:
        """The accounts by title, with `entry_id` and `state`."""
        answer = self.requests.get(ENTRIES, params={"domain": DOMAIN})
        return {entry["title"]: entry for entry in answer.json()}

    def remove(self, title: str) -> None:
        """Remove an account."""
        entry = self.entries()[title]["entry_id"]
        assert self.requests.delete(f"{ENTRIES}/{entry}").ok

    def connect(self, cloud: Cloud) -> None:
        """Add a cloud's account without the browser."""
        step = self.requests.post(FLOW, data={"handler": DOMAIN}).json()
        choices = iter(MENU[cloud.name])
        while step["type"] in {"menu", "form"}:
            assert not step.get("errors"), step["errors"]
            answer: Any = (
                {"next_step_id": next(choices)}
                if step["type"] == "menu"
                else filled(step["data_schema"], cloud.info)
            )
            step = self.requests.post(f"{FLOW}/{step['flow_id']}", data=answer).json()
        assert step["type"] == "create_entry", step

    def until[T](self, condition: Callable[[], T]) -> T:
        """Wait until something is true, and return what it is."""
        end = time.monotonic() + PATIENCE
        while not (found := condition()):
            assert time.monotonic() < end, "it did not come true"
            self.page.wait_for_timeout(100)
        return found
