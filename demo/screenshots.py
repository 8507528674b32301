"""Takes pictures of pages; runs in the browser's own environment, not in the demo's.

`python -m demo.screenshots` reads its job as JSON from the environment variable `JOB`:
`address`, `tokens` (Home Assistant's answer to a login), `browser` (a program) and
`pages` (path to file).
"""

from collections.abc import Mapping
import json
import os
import sys
import time
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

VIEWPORT = {"width": 1280, "height": 900}
LOAD_LIMIT = 60_000
"""Milliseconds for the first page, which compiles the frontend's code."""


def main() -> int:
    """Take all pictures of the job."""
    job: dict[str, Any] = json.loads(os.environ["JOB"])
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=job["browser"], args=["--no-sandbox"]
        )
        try:
            _take(browser, job["address"], job["tokens"], job["pages"])
        finally:
            browser.close()
    return 0


def _take(
    browser: Browser, address: str, tokens: Mapping[str, Any], pages: Mapping[str, str]
) -> None:
    page = browser.new_page(viewport=VIEWPORT, device_scale_factor=1)
    page.set_default_timeout(LOAD_LIMIT)
    page.add_init_script(_logged_in(address, tokens))
    for path, file in pages.items():
        page.goto(f"{address}{path}")
        _settle(page)
        page.screenshot(path=file)


def _logged_in(address: str, tokens: Mapping[str, Any]) -> str:
    """What the page keeps in the browser once somebody has logged in."""
    stored = {
        **tokens,
        "hassUrl": address,
        "clientId": f"{address}/",
        "expires": int((time.time() + tokens["expires_in"]) * 1000),
    }
    return f"localStorage.setItem('hassTokens', JSON.stringify({json.dumps(stored)}));"


def _settle(page: Page) -> None:
    """Wait until the device's entities are drawn, and what is still moving rests."""
    page.locator("ha-device-entities-card").first.wait_for()
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(1500)


if __name__ == "__main__":
    sys.exit(main())
