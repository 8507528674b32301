"""The simulated cloud in each of its readings of the documents, against the client."""

import asyncio
from dataclasses import fields
from datetime import UTC, datetime, timedelta
import ssl
import time
from typing import get_args

from aiohttp import ClientSession
import pytest

from custom_components.iot_clouds.cloud import Link
from custom_components.iot_clouds.model import (
    CloudAuthError,
    CloudError,
    CloudMissing,
    CloudRejected,
    CloudUnreachable,
    DeviceOffline,
    HistoryQuery,
    Kind,
    Place,
    Ref,
    Send,
)
from custom_components.iot_clouds.vendors.iottly import VENDOR
from simulated_clouds.boards.iottly import boards
from simulated_clouds.iottly import IottlyCloud
from simulated_clouds.iottly_variant import PUBLIC_CORE, IottlyVariant
from simulated_clouds.world import World

NOON = datetime(2026, 11, 12, 12, tzinfo=UTC)
CELLAR = "3f0c7d1e-5b52-4c86-9a3d-0d6f4e2b8a17"
GATE = "c5d2f6b9-71ae-4e03-b4c8-f29a1067d83e"

# What a switch does that the client never meets, or that leaves nothing to page with.
_ELSEWHERE = {
    *("page_from", "pages", "page_zone", "unlisted", "command_status", "reply_delay"),
    *("offline", "replies", "webhook_dates", "single_license", "refusal"),
}


def _single_switches():
    """Each switch alone, in each of its other positions."""
    for switch in fields(IottlyVariant):
        if switch.name not in _ELSEWHERE:
            options = get_args(switch.type) or (True, False)
            for value in options:
                if value != switch.default:
                    yield {switch.name: value}


VARIANTS = [
    {},
    *_single_switches(),
    *({"page_from": form} for form in ("iso_z", "epoch_ms", "epoch_s")),
    {"page_zone": "Europe/Rome"},
    {"page_zone": "America/St_Johns"},
    {"header": "Authorization"},
    {"header": "Authorization", "refusal": 403},
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
    """A cloud at noon: on one night a year an hour of a wall clock is two."""
    since = NOON.timestamp() - time.monotonic()
    async with IottlyCloud(
        World(boards()), clock=lambda: since + time.monotonic()
    ) as simulated:
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
    assert await _history(cloud) == list(range(250))
    _assert_only_documented_questions(simulated)


async def _history(cloud):
    """The numbers that the burst's messages hold, as the history tells them."""
    hour = timedelta(hours=1)
    query = HistoryQuery(device_id=CELLAR, start=NOON - hour, end=NOON + hour)
    samples = await cloud.history.query(query)
    told = [sample.value for sample in samples if isinstance(sample.value, dict)]
    return [n for each in told for key, n in each.items() if key.startswith("part")]


def _assert_only_documented_questions(simulated):
    """No filter whose dates may silently match nothing, and no forbidden counts."""
    for entry in simulated.requests("GET"):
        if "messages" not in entry.path:
            continue
        assert entry.query.keys() <= {"numMessages", "type", "sort", "l", "from", "p"}
        for limit in ("numMessages", "l"):
            assert 1 <= int(entry.query.get(limit, 1)) <= 100


@pytest.mark.parametrize("variant", [PUBLIC_CORE, IottlyVariant(page_from="ignored")])
async def test_what_a_server_cannot_show_again_is_known_to_be_lost(
    link, simulated, variant
):
    simulated.variant = variant
    cloud = await connected(link, simulated)
    cellar = simulated.world.boards[CELLAR]
    simulated.message(cellar, {"serial": 0})
    await cloud.snapshot()
    simulated.burst(cellar, [{"serial": n} for n in range(250)], spacing=0.01)
    snapshot = await cloud.snapshot()
    assert snapshot.readings[Ref(CELLAR, "message/serial")].value == 249
    # A server that has nothing to show is asked once more.
    await cloud.snapshot()
    assert cloud.diagnostics()["messages_lost"] is True
    with pytest.raises(CloudRejected) as caught:
        await _history(cloud)
    assert caught.value.field == "start"
    _assert_only_documented_questions(simulated)


@pytest.mark.parametrize("refusal", [401, 403])
async def test_a_key_that_is_revoked_is_to_blame_sooner_or_later(
    link, simulated, refusal
):
    cloud = await connected(link, simulated)
    await cloud.snapshot()
    simulated.variant = IottlyVariant(refusal=refusal)
    simulated.faults.add("unauthorized", path="^GET ")
    if refusal == 403:
        for _ in range(2):
            with pytest.raises(CloudUnreachable):
                await cloud.snapshot()
    with pytest.raises(CloudAuthError):
        await cloud.snapshot()


async def test_a_board_that_the_properties_cannot_read_stays(link, simulated):
    cloud = await connected(link, simulated)
    await cloud.snapshot()
    simulated.variant = IottlyVariant(unlisted=frozenset({CELLAR}))
    for _ in range(4):
        snapshot = await cloud.snapshot()
    assert CELLAR in snapshot.devices
    assert snapshot.complete is False


@pytest.mark.parametrize("status", [200, 302, 307, 404, 500, 502, 503, 504])
async def test_an_answer_that_is_none_is_a_cloud_out_of_reach(link, simulated, status):
    cloud = await connected(link, simulated)
    await cloud.snapshot()
    simulated.faults.add("server_error", path="^GET ", status=status)
    with pytest.raises(CloudUnreachable):
        await cloud.snapshot()
    # Nobody followed the redirect to the server's other name, nor took the key there.
    assert {entry.headers["Host"] for entry in simulated.requests()} == {
        simulated.url.removeprefix("http://")
    }


@pytest.mark.parametrize("handlers", ["hosted", "public"])
@pytest.mark.parametrize(
    ("status", "kind"), [(400, CloudRejected), (403, CloudMissing), (500, CloudError)]
)
async def test_a_command_that_every_server_refuses_is_sent_once(
    link, simulated, handlers, status, kind
):
    simulated.variant = IottlyVariant(handlers=handlers, command_status=status)
    cloud = await connected(link, simulated)
    await cloud.snapshot()
    with pytest.raises(kind):
        await cloud.execute(
            Send(device_id=CELLAR, type="pump", options={"state": "on"})
        )
    assert len(simulated.requests("POST")) == 1


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
