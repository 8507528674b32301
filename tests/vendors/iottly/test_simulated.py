"""The simulated cloud in each of its readings of the documents, against the client."""

import asyncio
import ssl

from aiohttp import ClientSession
import pytest

from custom_components.iot_clouds.cloud import Link
from custom_components.iot_clouds.model import (
    CloudRejected,
    DeviceOffline,
    Kind,
    Place,
    Ref,
    Send,
)
from custom_components.iot_clouds.vendors.iottly import VENDOR
from simulated_clouds.boards.iottly import boards
from simulated_clouds.iottly import IottlyCloud
from simulated_clouds.iottly_variant import IottlyVariant
from simulated_clouds.world import World

CELLAR = "3f0c7d1e-5b52-4c86-9a3d-0d6f4e2b8a17"
GATE = "c5d2f6b9-71ae-4e03-b4c8-f29a1067d83e"

VARIANTS = [
    {},
    {"header": "Authorization"},
    {"handlers": "public", "validation": "fields"},
    {"inspect": "2017", "props": False, "free_board": "null"},
    {"props": False, "free_board": "missing"},
    {"order": "descending", "dates": "trimmed", "history_empty": "not_found"},
    {"dates": "milliseconds", "page_from": "iso_z", "page_empty": "html_404"},
    {"dates": "number_long", "page_from": "epoch_ms", "first_page": 0},
    {"page_from": "epoch_s", "page_zone": "Europe/Rome", "page_empty": "list"},
    {"page_zone": "Europe/Rome", "above_limit": "bad_request", "oddities": True},
    {"disconnect_stored": False, "command_body": "empty", "order": "descending"},
]


@pytest.fixture
async def link():
    async with ClientSession() as session:
        yield Link(session=session, tls=ssl.create_default_context())


@pytest.fixture
async def simulated():
    async with IottlyCloud(World(boards())) as simulated:
        yield simulated


async def connected(link, simulated):
    values = {
        "project_id": simulated.project.id,
        "api_key": simulated.api_key,
        "base_url": simulated.base,
    }
    signed_in = await VENDOR.sign_in(link, "iottly", values)
    return VENDOR.connect(link, signed_in.data)


@pytest.mark.parametrize("variant", VARIANTS, ids=str)
async def test_a_burst_arrives_whole_in_every_reading_of_the_documents(
    link, simulated, variant
):
    simulated.variant = IottlyVariant(**variant)
    cloud = await connected(link, simulated)
    await cloud.snapshot()
    cellar = simulated.world.boards[CELLAR]
    simulated.message(cellar, {"serial": 0}, duplicate=2)
    payloads = [{f"part{n % 5}": n} for n in range(250)]
    simulated.burst(cellar, payloads, spacing=0.004)
    simulated.message(cellar, {"late": 1}, late=5)
    snapshot = await cloud.snapshot()
    values = {
        ref.key.removeprefix("message/"): reading.value
        for ref, reading in snapshot.readings.items()
        if ref.device_id == CELLAR
    }
    expected = {f"part{n % 5}": n for n in range(245, 250)} | {"serial": 0, "late": 1}
    assert expected.items() <= values.items()
    assert cloud.diagnostics()["messages_lost"] is False


async def test_the_household_looks_as_its_boards_are(link, simulated):
    cloud = await connected(link, simulated)
    simulated.disconnect(simulated.world.boards[GATE])
    snapshot = await cloud.snapshot()
    gate = snapshot.devices[GATE]
    assert (gate.name, gate.online, gate.model) == ("Gate", False, "Linux ARMv7")
    assert (gate.serial, gate.sw_version) == ("02:43:3d:0a:07:21", "1.7.0")
    place = Place(latitude=45.0703, longitude=7.6869)
    assert snapshot.readings[Ref(GATE, "message/position")].value == place
    kinds = {key: point.kind for key, point in snapshot.devices[CELLAR].points.items()}
    assert kinds == {
        "events": Kind.MESSAGE,
        "agent": Kind.FIRMWARE,
        "message/sensor_data_reading/temperature": Kind.MEASURE,
        "message/sensor_data_reading/humidity": Kind.MEASURE,
        "message/pump/state": Kind.FLAG,
    }


@pytest.mark.parametrize("handlers", ["hosted", "public"])
async def test_commands_reach_the_board_or_are_refused_in_words(
    link, simulated, handlers
):
    simulated.variant = IottlyVariant(handlers=handlers, reply_delay=0)
    cloud = await connected(link, simulated)
    pump = Ref(CELLAR, "message/pump/state")
    assert (await cloud.snapshot()).readings[pump].value is False
    command = Send(device_id=CELLAR, type="pump", options={"state": "on"})
    assert await cloud.execute(command) == {"status": 200}
    async with asyncio.timeout(5):
        while (await cloud.snapshot()).readings[pump].value is False:
            await asyncio.sleep(0.01)
    with pytest.raises(CloudRejected):
        await cloud.execute(Send(device_id=CELLAR, type="no such type"))
    simulated.disconnect(simulated.world.boards[CELLAR])
    await cloud.snapshot()
    with pytest.raises(DeviceOffline):
        await cloud.execute(command)
