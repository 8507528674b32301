"""Takes pictures of pages; runs in the browser's own environment, not in the demo's.

`python -m demo.screenshots` reads its job as JSON from the environment variable `JOB`:
`address`, `tokens` (Home Assistant's answer to a login), `browser` (a program) and
`shots`: each with a `page` (a path), what is there when it is `ready`, a `file`, and
maybe an `entity` whose dialog is opened in front of the page, with something to `press`.
"""

from collections.abc import Mapping, Sequence
import json
import os
import sys
import time
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

VIEWPORT = {"width": 1280, "height": 900}
LOAD_LIMIT = 60_000
"""Milliseconds for the first page, which compiles the frontend's code."""
OPEN_DIALOG = """entityId => document.querySelector("home-assistant").dispatchEvent(
    new CustomEvent("hass-more-info", { detail: { entityId } })
)"""


def main() -> int:
    """Take all pictures of the job."""
    job: dict[str, Any] = json.loads(os.environ["JOB"])
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=job["browser"], args=["--no-sandbox"]
        )
        try:
            _take(browser, job["address"], job["tokens"], job["shots"])
        finally:
            browser.close()
    return 0


def _take(
    browser: Browser,
    address: str,
    tokens: Mapping[str, Any],
    shots: Sequence[Mapping[str, str]],
) -> None:
    page = browser.new_page(viewport=VIEWPORT, device_scale_factor=1)
    page.set_default_timeout(LOAD_LIMIT)
    page.add_init_script(_logged_in(address, tokens))
    for shot in shots:
        page.goto(f"{address}{shot['page']}")
        _settle(page, shot["ready"])
        if entity := shot.get("entity"):
            _open_dialog(page, entity, shot["press"])
        page.screenshot(path=shot["file"])


def _logged_in(address: str, tokens: Mapping[str, Any]) -> str:
    """What the page keeps in the browser once somebody has logged in."""
    stored = {
        **tokens,
        "hassUrl": address,
        "clientId": f"{address}/",
        "expires": int((time.time() + tokens["expires_in"]) * 1000),
    }
    return f"localStorage.setItem('hassTokens', JSON.stringify({json.dumps(stored)}));"


def _settle(page: Page, ready: str) -> None:
    """Wait until something is drawn, and what is still moving rests."""
    page.locator(ready).first.wait_for()
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(1500)


def _open_dialog(page: Page, entity: str, press: str) -> None:
    """Open what a click on an entity opens, and press something there."""
    page.evaluate(OPEN_DIALOG, entity)
    page.locator("ha-more-info-info").first.wait_for()
    page.wait_for_load_state("networkidle")
    if press:
        page.locator(press).click()
    page.wait_for_timeout(2500)


if __name__ == "__main__":
    sys.exit(main())
