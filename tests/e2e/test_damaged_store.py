"""Whatever a file of notes holds, the account is set up, and keeps notes again."""

from unittest.mock import AsyncMock

import pytest

from homeassistant.config_entries import ConfigEntryState
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.storage import Store

NONSENSE = {
    "a list": [1, 2],
    "a text": "text",
    "parts of other types": {
        "budget": [],
        "definitions": [1],
        "members": "x",
        "tried": {"a": 1},
        "readings": {"a": {"b": 5, "c": {"at": "yesterday", "value": {}}}},
        "sims": {},
        "devices": [1, {}],
        "delivered": {"$date": []},
        "units": {"ENERGY": []},
        "units_asked": {},
    },
    "times at both ends": {
        "budget": {
            "since": "0001-01-01T00:00:00+00:00",
            "grown": "9999-12-31T23:59:59+00:00",
            "used": 1e308,
            "credit": -1e308,
        },
        "sims": "9999-12-31T23:59:59-23:59",
        "delivered": "0001-01-01T00:00:00+23:59",
        "units_asked": "9999-12-31T23:59:59-23:59",
    },
}


@pytest.mark.parametrize("what", NONSENSE)
@pytest.mark.parametrize("vendor", ["arduino", "particle", "iottly"])
async def test_an_account_is_set_up_whatever_its_notes_say(
    house, hass_storage, vendor: str, what: str
) -> None:
    entry = await house.connect(vendor)
    entries = house.hass.config_entries
    assert await entries.async_unload(entry.entry_id)
    key = f"iot_clouds.{entry.entry_id}"
    hass_storage[key] = {
        "version": 1,
        "minor_version": 1,
        "key": key,
        "data": NONSENSE[what],
    }
    assert await entries.async_setup(entry.entry_id)
    await house.hass.async_block_till_done()
    assert entry.state is ConfigEntryState.LOADED
    assert entry.runtime_data.coordinator.last_update_success
    assert await entries.async_unload(entry.entry_id)
    await house.hass.async_block_till_done()
    kept = hass_storage[key]["data"]
    assert isinstance(kept, dict)
    assert kept != NONSENSE[what]
    assert await entries.async_setup(entry.entry_id)


@pytest.mark.parametrize("version", [0, 2])
@pytest.mark.parametrize("vendor", ["arduino", "particle", "iottly"])
async def test_notes_of_another_version_are_not_used(
    house, hass_storage, caplog, vendor: str, version: int
) -> None:
    entry = await house.connect(vendor)
    entries = house.hass.config_entries
    assert await entries.async_unload(entry.entry_id)
    key = f"iot_clouds.{entry.entry_id}"
    hass_storage[key] = {
        "version": version,
        "minor_version": 1,
        "key": key,
        "data": {"devices": {}},
    }
    assert await entries.async_setup(entry.entry_id)
    assert entry.state is ConfigEntryState.LOADED
    assert caplog.text.count("Notes of an account are not used") == 1


@pytest.mark.parametrize("kind", [HomeAssistantError, KeyError, TypeError])
async def test_a_file_of_another_form_or_that_cannot_be_opened_is_like_none(
    house, monkeypatch, kind: type[Exception]
) -> None:
    entry = await house.connect("iottly")
    with monkeypatch.context() as patched:
        patched.setattr(Store, "async_load", AsyncMock(side_effect=kind("data")))
        assert await house.hass.config_entries.async_reload(entry.entry_id)
    assert entry.state is ConfigEntryState.LOADED


@pytest.mark.expects_errors("Notes of an account are lost")
async def test_a_disk_that_is_full_does_not_keep_an_account_from_being_loaded(
    house, monkeypatch, caplog
) -> None:
    entry = await house.connect("iottly")
    full = AsyncMock(side_effect=OSError(28, "No space left on device"))
    with monkeypatch.context() as patched:
        patched.setattr(Store, "async_save", full)
        assert await house.hass.config_entries.async_reload(entry.entry_id)
        await house.hass.async_block_till_done()
    assert entry.state is ConfigEntryState.LOADED
    assert caplog.text.count("Notes of an account are lost") == 1
