"""A cloud's notes are written soon, seldom, and as they are by then."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from pytest_homeassistant_custom_component.common import async_fire_time_changed

from custom_components.iot_clouds.memory import EntryMemory
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util

KEY = "iot_clouds.entry-1"


@pytest.fixture
def memory(hass: HomeAssistant) -> EntryMemory:
    return EntryMemory(hass, "entry-1")


@pytest.fixture
def written(hass_storage: dict[str, Any]) -> Callable[[], Any]:
    return lambda: hass_storage.get(KEY, {}).get("data")


async def _after(hass: HomeAssistant, freezer: Any, seconds: float) -> None:
    freezer.tick(timedelta(seconds=seconds))
    async_fire_time_changed(hass, dt_util.utcnow())
    await hass.async_block_till_done()


async def test_changes_without_end_are_written_every_half_minute(
    hass: HomeAssistant, memory: EntryMemory, written: Callable[[], Any], freezer: Any
) -> None:
    for second in range(0, 29, 4):
        memory.save(partial(dict, n=second))
        await _after(hass, freezer, 4)
        assert written() is None or second == 28
    assert written() == {"n": 28}

    # And so again.
    memory.save(lambda: {"n": 100})
    await _after(hass, freezer, 31)
    assert written() == {"n": 100}


async def test_what_is_still_to_be_written_is_written_at_the_end(
    memory: EntryMemory, written: Callable[[], Any]
) -> None:
    memory.save(lambda: {"n": 1})
    memory.save(lambda: {"n": 2})
    await memory.async_flush()
    assert written() == {"n": 2}
    assert await memory.load() == {"n": 2}


async def test_without_anything_to_be_written_nothing_is(
    memory: EntryMemory, written: Callable[[], Any]
) -> None:
    await memory.async_flush()
    assert written() is None


@pytest.mark.parametrize("data", [[1], "text", 5, None])
async def test_what_is_no_document_is_an_empty_one(
    memory: EntryMemory, hass_storage: dict[str, Any], data: Any
) -> None:
    hass_storage[KEY] = {"version": 1, "minor_version": 1, "key": KEY, "data": data}
    assert await memory.load() == {}
