"""Adding an account asks Arduino Cloud for nothing twice; signing in again asks anew."""

import pytest

from custom_components.iot_clouds.const import DOMAIN
from custom_components.iot_clouds.diagnostics import async_get_config_entry_diagnostics
from homeassistant.config_entries import (
    SOURCE_REAUTH,
    SOURCE_RECONFIGURE,
    ConfigEntryState,
)
from simulated_clouds.world import World

from .conftest import choose, form

TOKEN = "POST /iot/v1/clients/token"
THINGS = "GET /iot/v2/things"
BOARDS = "GET /iot/v2/devices"
TYPES = "GET /iot/v1/property_types"


@pytest.fixture(autouse=True)
def _unlimited(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test here is about the pace of requests, so none has to wait for it."""

    async def no_wait(self: object, *, urgent: bool = False) -> None:
        pass

    monkeypatch.setattr(
        "custom_components.iot_clouds.vendors.arduino.limiter.Limiter.turn", no_wait
    )


def _asked(cloud):
    return [
        f"{entry.method} {entry.path}"
        for entry in cloud.requests()
        if entry.path != "/mqtt"
    ]


async def _sign_in_again(house, source):
    """Enter the same key once more."""
    hass, entry = house.hass, house.entries["arduino"]
    flow = await hass.config_entries.flow.async_init(
        DOMAIN,
        context={"source": source, "entry_id": entry.entry_id},
        data=entry.data if source == SOURCE_REAUTH else None,
    )
    done = await hass.config_entries.flow.async_configure(
        flow["flow_id"], form(house.clouds["arduino"])
    )
    assert done["reason"] == f"{source}_successful"
    await hass.async_block_till_done()
    assert entry.state is ConfigEntryState.LOADED


async def test_adding_an_account_asks_for_token_things_and_boards(house):
    boiler_room = house.board("Boiler room")
    del boiler_room.variables["energy"]
    house.world = World([boiler_room], seed=7)
    entry = await house.connect("arduino")
    assert entry.state is ConfigEntryState.LOADED
    assert _asked(house.clouds["arduino"]) == [TOKEN, THINGS, BOARDS]


async def test_and_for_the_types_where_one_carries_no_unit(house):
    await house.connect("arduino")
    assert _asked(house.clouds["arduino"]) == [TOKEN, THINGS, BOARDS, TYPES]
    assert house.state("Greenhouse", "Temperature") == "21.5"


async def test_what_the_form_asked_is_not_counted_for_the_account(house):
    entry = await house.connect("arduino")
    told = await async_get_config_entry_diagnostics(house.hass, entry)
    assert told["counters"]["requests"] == {"listing": {"ok": 2}}


async def test_a_space_is_added_at_the_same_price(house):
    await house.connect("arduino")
    cloud = house.clouds["arduino"]
    cloud.log.clear()
    shown = await choose(house.hass, "arduino")
    space = cloud.info()["organization_id"]
    done = await house.hass.config_entries.flow.async_configure(
        shown["flow_id"], {**form(cloud), "organization_id": space}
    )
    await house.hass.async_block_till_done()
    house.entries["space"] = done["result"]
    assert done["result"].state is ConfigEntryState.LOADED
    assert [each for each in _asked(cloud) if each != TYPES] == [TOKEN, THINGS, BOARDS]


async def test_a_reload_asks_for_everything_but_the_types_again(house):
    entry = await house.connect("arduino")
    cloud = house.clouds["arduino"]
    cloud.log.clear()
    await house.hass.config_entries.async_reload(entry.entry_id)
    await house.hass.async_block_till_done()
    assert _asked(cloud) == [TOKEN, THINGS, BOARDS]


@pytest.mark.parametrize("source", [SOURCE_REAUTH, SOURCE_RECONFIGURE])
async def test_who_is_signed_in_and_signs_in_again_is_asked_about_twice(house, source):
    await house.connect("arduino")
    cloud = house.clouds["arduino"]
    cloud.log.clear()
    await _sign_in_again(house, source)
    # The account was up, and may have heard more than the check did.
    assert _asked(cloud) == [TOKEN, THINGS, TOKEN, THINGS, BOARDS]


@pytest.mark.parametrize("source", [SOURCE_REAUTH, SOURCE_RECONFIGURE])
async def test_who_was_not_connected_is_asked_about_once(house, source):
    entry = await house.connect("arduino")
    cloud = house.clouds["arduino"]
    await house.hass.config_entries.async_unload(entry.entry_id)
    await house.hass.async_block_till_done()
    cloud.log.clear()
    await _sign_in_again(house, source)
    assert _asked(cloud) == [TOKEN, THINGS, BOARDS]


async def test_a_key_that_is_already_there_is_asked_about_and_nothing_is_kept(house):
    entry = await house.connect("arduino")
    cloud = house.clouds["arduino"]
    cloud.log.clear()
    shown = await choose(house.hass, "arduino")
    done = await house.hass.config_entries.flow.async_configure(
        shown["flow_id"], form(cloud)
    )
    assert done["reason"] == "already_configured"
    assert _asked(cloud) == [TOKEN, THINGS]
    await house.hass.config_entries.async_reload(entry.entry_id)
    assert _asked(cloud) == [TOKEN, THINGS, TOKEN, THINGS, BOARDS]
