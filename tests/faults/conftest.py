"""Time that passes at once for everything here."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest

from homeassistant.core import HomeAssistant
from tests.e2e.conftest import house, until
from tests.virtual_time import VirtualTime, virtual_time

__all__ = ["house", "until"]

SINCE = datetime(2026, 11, 16, 9, tzinfo=UTC)
"""In the middle of a month: how often billed values are read depends on what is left of it."""


@pytest.fixture(autouse=True)
async def passing(hass: HomeAssistant) -> AsyncIterator[VirtualTime]:
    """Leave out all waiting."""
    loop = asyncio.get_running_loop()
    # It remembers where everything was made, which costs more than all the rest.
    loop.set_debug(False)
    with virtual_time(loop, since=SINCE) as passing:
        yield passing
