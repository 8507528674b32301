"""Nothing blocks the event loop, watched over as in an installation and not as in a test."""

import logging
from pathlib import Path

import pytest

from homeassistant import block_async_io
from homeassistant.config_entries import ConfigEntryState
from homeassistant.util import loop


@pytest.fixture
def watched(disable_block_async_io, monkeypatch):
    """Let Home Assistant notice files, names and certificates too."""
    monkeypatch.setattr(block_async_io, "_IN_TESTS", False)
    monkeypatch.setattr(loop, "_PREVIOUSLY_REPORTED", set())
    block_async_io.enable()


@pytest.mark.usefixtures("watched")
@pytest.mark.parametrize("cloud", ["arduino", "particle", "iottly"])
async def test_an_account_lives_without_a_blocking_call(
    hass, house, until, cloud, caplog
):
    entry = await house.connect(cloud)
    await until(lambda: all(entry.runtime_data.feeds.live.values()))
    await hass.services.async_call(
        "iot_clouds", "refresh", {"config_entry_id": entry.entry_id}, blocking=True
    )
    await hass.config_entries.async_reload(entry.entry_id)
    assert entry.state is ConfigEntryState.LOADED
    await until(lambda: all(entry.runtime_data.feeds.live.values()))
    await hass.config_entries.async_remove(entry.entry_id)
    house.entries.clear()
    assert "Detected blocking call" not in caplog.text


@pytest.mark.usefixtures("watched")
async def test_a_blocking_call_would_be_noticed(hass, caplog, monkeypatch):
    # Apart, as noise in the log would fail this test.
    apart = logging.getLogger("apart")
    monkeypatch.setattr(apart, "propagate", False)
    monkeypatch.setattr(apart, "handlers", [caplog.handler])
    monkeypatch.setattr(loop, "_LOGGER", apart)
    Path(__file__).read_bytes()
    assert "Detected blocking call to read_bytes" in caplog.text
