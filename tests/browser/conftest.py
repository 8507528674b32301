"""One demo and one browser for all tests, a fresh page for each."""

from collections.abc import Generator, Iterator
import json
import re
import time
from typing import Any

from playwright.sync_api import (
    APIRequest,
    BrowserContext,
    Page,
    expect,
    sync_playwright,
)
import pytest

from demo.installation import complaints

from .clouds import Cloud
from .house import House
from .installation import FOLDER, ROOT, Installation, running_demo

FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # Nothing leaves this machine, whatever a page asks for.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
    "--no-proxy-server",
)
LIMIT = 30_000
"""Milliseconds for anything that a page is waited for."""
EXPECTED = ("websocket_api", "components.api]", "Authentication failed while fetching")
"""Complaints about what tests do on purpose: actions that fail, refused credentials."""
CLOSED = re.compile(
    r"^.*Task exception was never retrieved.*\n"
    r"(?:[ \t].*\n|Traceback .*\n)*"
    r"aiohttp\..*: Cannot write to closing transport\n",
    re.MULTILINE,
)
"""What Home Assistant says when a page is closed while it writes to it."""
TITLES = {
    "arduino": "Arduino Cloud",
    "particle": "Particle (maker)",
    "iottly": "Home boards",
}
"""What the accounts are called."""


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Keep a picture of the page that a test failed on."""
    report = yield
    page = getattr(item, "funcargs", {}).get("page")
    if report.failed and page and not page.is_closed():
        folder = FOLDER / "failures"
        folder.mkdir(exist_ok=True)
        picture = folder / f"{re.sub(r'\W+', '-', item.name)}.png"
        page.screenshot(path=picture)
        report.sections.append(("picture", str(picture)))
    return report


@pytest.fixture(scope="session")
def installation() -> Iterator[Installation]:
    """The running demo; at the end its log must be clean."""
    with running_demo() as installation:
        yield installation
    log = CLOSED.sub("", installation.log.read_text(errors="replace"))
    found = complaints(log)
    assert [line for line in found if not any(map(line.__contains__, EXPECTED))] == []


@pytest.fixture(scope="session")
def browser(
    request: pytest.FixtureRequest,
) -> Iterator[tuple[BrowserContext, APIRequest]]:
    """One browser with an empty profile, and what makes requests beside it."""
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=request.config.getoption("--chromium"), args=list(FLAGS)
        )
        context = chromium.new_context(
            viewport={"width": 1280, "height": 900},
            locale="en-GB",
            timezone_id="Europe/Rome",
            reduced_motion="reduce",
            service_workers="block",
        )
        context.set_default_timeout(LIMIT)
        expect.set_options(timeout=LIMIT)
        yield context, playwright.request
        chromium.close()


@pytest.fixture
def page(
    browser: tuple[BrowserContext, APIRequest], tokens: dict[str, Any]
) -> Iterator[Page]:
    """A page that is logged in, and remembers nothing of other tests."""
    context, _ = browser
    page = context.new_page()
    page.add_init_script(
        f"localStorage.setItem('hassTokens', {json.dumps(json.dumps(tokens))})"
    )
    yield page
    page.evaluate("localStorage.clear()")
    page.close()


@pytest.fixture
def tokens(
    installation: Installation, browser: tuple[BrowserContext, APIRequest]
) -> dict[str, Any]:
    """What a browser keeps once somebody has logged in; the access token is new."""
    address = installation.address
    _, request = browser
    requests = request.new_context()
    answer = requests.post(
        f"{address}/auth/token",
        form={
            "grant_type": "refresh_token",
            "refresh_token": installation.tokens["refresh_token"],
            "client_id": f"{address}/",
        },
    ).json()
    requests.dispose()
    return {
        **installation.tokens,
        **answer,
        "hassUrl": address,
        "clientId": f"{address}/",
        "expires": int((time.time() + answer["expires_in"]) * 1000),
    }


@pytest.fixture
def house(
    request: pytest.FixtureRequest,
    installation: Installation,
    browser: tuple[BrowserContext, APIRequest],
    tokens: dict[str, Any],
    page: Page,
) -> Iterator[House]:
    """The house; it is left as it was found."""
    wanted = request.config.getoption("--screenshots")
    requests = browser[1].new_context(
        base_url=installation.address,
        extra_http_headers={"Authorization": f"Bearer {tokens['access_token']}"},
    )
    house = House(
        page=page,
        address=installation.address,
        requests=requests,
        clouds={
            name: Cloud(name=name, info=info, requests=requests)
            for name, info in installation.clouds.items()
        },
        pictures=ROOT / "docs/images" if wanted else None,
    )
    standing = {name: cloud.standing() for name, cloud in house.clouds.items()}
    yield house
    for name, cloud in house.clouds.items():
        cloud.behave()
        cloud.restore(standing[name])
    _all_connected(house)
    requests.dispose()


def _all_connected(house: House) -> None:
    """Add accounts that are missing, and wait for those that start."""
    for name, title in TITLES.items():
        entry = house.entries().get(title)
        if entry and entry["state"] in {"setup_error", "not_loaded"}:
            house.remove(title)
            entry = None
        if entry is None:
            house.connect(house.clouds[name])
    house.until(
        lambda: {each["state"] for each in house.entries().values()} == {"loaded"}
    )
