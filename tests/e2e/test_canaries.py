"""Nothing private leaves the house in what users are asked to hand on, whatever happens."""

import json
import logging

import pytest

from custom_components.iot_clouds import diagnostics, system_health
from custom_components.iot_clouds.const import LOGGER
from custom_components.iot_clouds.model import (
    Call,
    CloudAuthError,
    Command,
    Publish,
    Rename,
    Send,
    SetPoint,
)
from homeassistant.config_entries import ConfigEntryState
from homeassistant.exceptions import HomeAssistantError
from homeassistant.setup import async_setup_component

from .canaries import DOOR, SECRET_HEADER, Hunt, adorn, echo, plant

# Here the server answers before media players are set up, as it never does elsewhere.
pytestmark = pytest.mark.expects_errors("into frozen router", always=False)

CLOUDS = ["arduino", "particle", "iottly"]


@pytest.fixture
async def client(hass, hass_client):
    """A browser of the user's, with everything that can be downloaded."""
    for component in ("diagnostics", "system_health", "webhook"):
        assert await async_setup_component(hass, component, {})
    return await hass_client()


@pytest.fixture
def records(caplog):
    """Everything that the integration logs, in detail."""
    caplog.set_level(logging.DEBUG, "custom_components.iot_clouds")
    return lambda: [
        record for when in ("setup", "call") for record in caplog.get_records(when)
    ]


@pytest.fixture
async def start(hass, house, client):
    """Connect an account whose cloud, boards, options and entities are full of canaries."""

    async def start(name):
        board = house.world.of(name)[0]
        plant(name, board)
        entry = await house.connect(name)
        hunt = Hunt(hass, client, entry)
        hunt.learn(house.clouds[name], house.world.of(name))
        adorn(hass, entry, board)
        await hass.config_entries.async_reload(entry.entry_id)
        await hass.async_block_till_done()
        return hunt, board

    return start


async def _push(house, hunt, board, until):
    """Let the board say something, and wait for what is pushed."""
    house.world.set(board, canaryNote="CANARY pushed")
    runtime = hunt.entry.runtime_data
    if runtime.feeds.live:
        readings = runtime.coordinator.readings
        await until(lambda: "CANARY pushed" in [r.value for r in readings.values()])


def _commands(hunt) -> list[Command]:
    """Commands that fail for one reason or another, with canaries in every part."""
    coordinator = hunt.entry.runtime_data.coordinator
    devices = coordinator.data.values()
    [device] = [each for each in devices if each.name.startswith("Canary board")]
    point = next(iter(device.points))
    return [
        Call(device_id=device.id, function="canaryOpen", argument="CANARY argument"),
        SetPoint(ref=device.ref(point), value="CANARY value"),
        Send(device_id=device.id, type="CANARY type", options={"CANARY": "CANARY"}),
        Publish(name="CANARY-event", data="CANARY data"),
        Rename(device_id=device.id, name="CANARY name"),
    ]


async def _command(hunt, commands):
    coordinator = hunt.entry.runtime_data.coordinator
    for command in commands:
        try:
            await coordinator.async_execute(command)
        except HomeAssistantError:
            continue


async def _deliver(client) -> list[int]:
    """Deliver to the webhook: wrongly, with nonsense, and a message of a stranger."""
    url = f"/api/webhook/{DOOR['id']}"
    right = {SECRET_HEADER: DOOR["secret"]}
    stranger = {
        "from": "ffffffff-ffff-4fff-8fff-ffffffffffff",
        "payload": {"CANARY": 1},
    }
    statuses = []
    for headers, body in (
        ({SECRET_HEADER: "CANARY-guess"}, b"CANARY"),
        (right, b"CANARY nonsense"),
        (right, json.dumps({"msg": stranger}).encode()),
        (right, b"[" * 200_000),
        (right, b"CANARY" * 50_000),
    ):
        async with client.post(url, data=body, headers=headers) as response:
            statuses.append(response.status)
    return statuses


@pytest.mark.expects_errors("Error fetching")
@pytest.mark.parametrize("name", CLOUDS)
async def test_no_report_and_no_log_tells_what_is_private(
    hass, house, client, start, records, until, name
):
    hunt, board = await start(name)
    cloud, entry = house.clouds[name], hunt.entry
    assert entry.state is ConfigEntryState.LOADED
    await until(lambda: all(entry.runtime_data.feeds.live.values()))
    await hunt.look("loaded")

    coordinator = entry.runtime_data.coordinator
    await _push(house, hunt, board, until)
    statuses = await _deliver(client)
    if coordinator.cloud.receiver:
        assert statuses == [200, 200, 200, 200, 413]
    commands = _commands(hunt)
    await _command(hunt, commands)
    await hunt.look("in use")

    echo(cloud, *hunt.secrets)
    for kind, options in (
        ("server_error", {"status": 500}),
        ("server_error", {"status": 400}),
        ("server_error", {"status": 404}),
        ("garbage", {}),
        ("rate_limit", {"retry_after": 1}),
        ("drop", {}),
    ):
        cloud.faults.add(kind, **options)
        await coordinator.async_refresh()
        assert not coordinator.last_update_success
        await _command(hunt, commands)
        house.world.set(board, canaryNote=f"CANARY during {kind}")
        await hass.async_block_till_done()
        await hunt.look(f"{kind} {options}")
        cloud.faults.clear()
        # Only the first of several failures is logged.
        await coordinator.async_refresh()
        assert coordinator.last_update_success

    cloud.faults.add("server_error", status=500)
    await hass.config_entries.async_reload(entry.entry_id)
    assert entry.state is ConfigEntryState.SETUP_RETRY
    await hunt.look("setup retry")
    cloud.faults.clear()

    cloud.faults.add("unauthorized")
    await hass.config_entries.async_reload(entry.entry_id)
    await hass.async_block_till_done()
    await hunt.look("credentials refused")
    cloud.faults.clear()

    await hass.config_entries.async_reload(entry.entry_id)
    await hass.async_block_till_done()
    assert entry.state is ConfigEntryState.LOADED
    await hunt.look("recovered")

    hunt.read(records())
    assert hunt.found == []
    assert len(hunt.looked) == 11


@pytest.mark.parametrize(
    ("place", "leak"),
    [
        ("diagnostics", "api_key"),
        ("diagnostics", "name"),
        ("system health", "base_url"),
        pytest.param("log", "api_key", marks=pytest.mark.leaks),
    ],
)
async def test_a_canary_that_escapes_is_found(
    hass, house, start, records, monkeypatch, place, leak
):
    hunt, board = await start("iottly")
    said = board.name if leak == "name" else hunt.entry.data[leak]
    if place == "diagnostics":
        monkeypatch.setattr(diagnostics, "_polls", lambda _: {"last_error": said})
    elif place == "system health":
        monkeypatch.setattr(system_health, "_addresses", lambda _: {said: set()})
    else:
        LOGGER.debug("Refused: %s", CloudAuthError(said))
    await hunt.look("now")
    hunt.read(records())
    assert said in {each for where, each in hunt.found if place in where}
