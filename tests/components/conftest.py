"""An account at a fake cloud."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.iot_clouds.config_flow import add_steps
from custom_components.iot_clouds.const import DOMAIN
from custom_components.iot_clouds.vendors import VENDORS
from homeassistant.core import HomeAssistant

from .fake import FakeCloud, FakeSignIn, vendor


@pytest.fixture
def sign_in() -> FakeSignIn:
    """What the cloud answers when somebody signs in."""
    return FakeSignIn()


@pytest.fixture
def cloud(monkeypatch: pytest.MonkeyPatch, sign_in: FakeSignIn) -> FakeCloud:
    """The fake cloud, registered as a vendor."""
    cloud = FakeCloud()
    monkeypatch.setitem(VENDORS, "fake", vendor(cloud, sign_in))
    add_steps(VENDORS["fake"])
    return cloud


@pytest.fixture
def entry(hass: HomeAssistant, cloud: FakeCloud) -> MockConfigEntry:
    """An account that is not loaded yet."""
    entry = MockConfigEntry(
        domain=DOMAIN,
        title="Home",
        unique_id="fake_1",
        data={"vendor": "fake", "username": "u", "password": "p4ssw0rd"},
    )
    entry.add_to_hass(hass)
    return entry


@pytest.fixture
async def loaded(hass: HomeAssistant, entry: MockConfigEntry) -> MockConfigEntry:
    """An account that is loaded."""
    await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    return entry


@pytest.fixture
def until() -> Callable[[Callable[[], object]], Awaitable[None]]:
    """Wait until something is true, giving other tasks their turn."""

    async def until(condition: Callable[[], object]) -> None:
        async with asyncio.timeout(5):
            while not condition():
                await asyncio.sleep(0.005)

    return until
