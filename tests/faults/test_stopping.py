"""Home Assistant stops at once, whatever happens at a cloud in that moment."""

import asyncio
import logging

import pytest

from homeassistant.core import CoreState, HomeAssistant
from simulated_clouds.faults import Kind
from tests.e2e.conftest import House

from .household import Account
from .places import PATHS

LONGEST = 10.0
"""Seconds that stopping may take; Home Assistant itself waits for more than that."""


@pytest.mark.expects_errors("Error fetching", always=False)
@pytest.mark.parametrize("kind", [Kind.DROP, Kind.STALL, Kind.SLOW, Kind.SERVER_ERROR])
@pytest.mark.parametrize("name", PATHS)
async def test_nothing_holds_home_assistant_up(
    hass: HomeAssistant,
    house: House,
    caplog: pytest.LogCaptureFixture,
    name: str,
    kind: Kind,
) -> None:
    account = await Account.connect(house, name)
    fault = account.cloud.faults.add(kind, seconds=60.0)
    coordinator = account.entry.runtime_data.coordinator
    coordinator.async_relist()
    assert await account.after(lambda: fault.struck, 60) is not None
    caplog.clear()
    loop = asyncio.get_running_loop()
    began = loop.time()
    await hass.async_stop(force=True)
    assert loop.time() - began < LONGEST
    assert hass.state is CoreState.stopped
    said = [each for each in caplog.records if each.levelno >= logging.WARNING]
    assert [each.getMessage() for each in said] == []
    await asyncio.sleep(120)
    assert account.cloud.connections() == 0
