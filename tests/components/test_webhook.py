"""An account's door for deliveries: who gets in, and what is left of who does not."""

import asyncio
import contextlib
from datetime import timedelta
import gzip
import logging
from types import SimpleNamespace
import zlib

import aiohttp
from aiohttp.web import RequestPayloadError
import pytest
from pytest_homeassistant_custom_component.common import async_fire_time_changed

from custom_components.iot_clouds import webhook as door_module
from custom_components.iot_clouds.model import (
    CloudRejected,
    CloudUnreachable,
    Ref,
    Send,
    Update,
)
from homeassistant.components.webhook import async_handle_webhook
from homeassistant.helpers import entity_registry as er
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
from homeassistant.util.aiohttp import MockRequest
from tests.virtual_time import virtual_time

from .fake import reading

TEMP = Ref("board-1", "variable/temp")
DOOR = {"id": "an-id", "secret": "a-secret", "since": "2026-11-20T12:00:00+00:00"}
SECRET = {"X-IoT-Clouds-Secret": "a-secret"}


class FakeReceiver:
    """Takes numbers as temperatures, each later than the one before."""

    def __init__(self) -> None:
        self.bodies: list[bytes] = []

    def receive(self, body: bytes) -> Update:
        self.bodies.append(body)
        try:
            value = float(body)
        except ValueError:
            raise CloudRejected("no numbers") from None
        return Update(readings={TEMP: reading(value, 60 + len(self.bodies))})


@pytest.fixture(autouse=True)
def disable_http_server():
    """Nothing is disabled: here the server is what it is about."""


@pytest.fixture(autouse=True)
async def port(hass, unused_tcp_port):
    """Home Assistant's HTTP server, listening on loopback and nowhere else."""
    config = {"http": {"server_host": "127.0.0.1", "server_port": unused_tcp_port}}
    assert await async_setup_component(hass, "http", config)
    await hass.http.start()
    yield unused_tcp_port
    await hass.http.stop()


@pytest.fixture
async def receiver(hass, port, cloud, entry):
    """What takes deliveries, behind a door that is open."""
    cloud.receiver = FakeReceiver()
    hass.config_entries.async_update_entry(entry, options={"webhook": DOOR})
    await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    return cloud.receiver


@pytest.fixture
def counters(entry, receiver):
    """What the account counts."""
    return entry.runtime_data.coordinator.counters


def _temperature(hass):
    return hass.states.get("sensor.shed_temp").state


async def _post(port, body, **headers):
    url = f"http://127.0.0.1:{port}/api/webhook/an-id"
    async with (
        aiohttp.ClientSession() as session,
        session.post(url, data=body, headers={**SECRET, **headers}) as response,
    ):
        return response.status


async def _raw(port, head, body=b""):
    """Send exactly these bytes; the streams stay open."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    lines = ["POST /api/webhook/an-id HTTP/1.1", "Host: x", *head, "", ""]
    writer.write("\r\n".join(lines).encode("latin-1") + body)
    await writer.drain()
    return reader, writer


async def _status(reader):
    async with asyncio.timeout(20):
        return int((await reader.readline()).split()[1])


async def test_a_delivery_is_a_push(hass, port, receiver, counters):
    assert await _post(port, b"22.5") == 200
    assert counters.deliveries == 1
    assert counters.tally.drops == {}
    assert _temperature(hass) == "22.5"


async def test_home_assistant_cloud_brings_deliveries_too(hass, receiver):
    request = MockRequest(
        content=b"22.5", mock_source="cloud", method="POST", headers=SECRET
    )
    response = await async_handle_webhook(hass, "an-id", request)
    assert response.status == 200
    assert receiver.bodies == [b"22.5"]
    assert _temperature(hass) == "22.5"


@pytest.mark.parametrize("method", ["GET", "PUT"])
async def test_only_posts_are_deliveries(hass, port, receiver, method):
    url = f"http://127.0.0.1:{port}/api/webhook/an-id"
    async with (
        aiohttp.ClientSession() as session,
        session.request(method, url, data=b"22.5", headers=SECRET) as response,
    ):
        assert response.status == 405
    assert receiver.bodies == []


async def test_what_the_receiver_refuses_is_answered_alike_and_told_once(
    port, receiver, counters, caplog
):
    for _ in range(3):
        assert await _post(port, b"private") == 200
    assert len(receiver.bodies) == 3
    assert counters.told()["dropped"] == {"unusable": 3}
    assert counters.deliveries == 0
    assert caplog.text.count("could not be used (no numbers)") == 1
    assert "private" not in caplog.text


async def test_a_body_just_small_enough_is_read(port, receiver):
    assert await _post(port, b" " * (256 * 1024 - 1) + b"5") == 200
    assert [len(body) for body in receiver.bodies] == [256 * 1024]


async def test_a_body_that_is_too_large_is_not_handed_on(
    port, receiver, counters, caplog
):
    async def pieces():
        for _ in range(17):
            yield b"x" * 16384

    assert await _post(port, b"x" * (256 * 1024 + 1)) == 413
    assert await _post(port, pieces()) == 413
    assert receiver.bodies == []
    assert caplog.text.count("were too large and left out") == 1
    assert counters.told()["dropped"] == {"too_large": 2}


@pytest.mark.parametrize(
    ("encoding", "pack"), [("gzip", gzip.compress), ("deflate", zlib.compress)]
)
async def test_a_compressed_body_is_not_read(
    port, receiver, counters, caplog, encoding, pack
):
    bomb = pack(b" " * 10_000_000 + b"5")
    for _ in range(2):
        assert await _post(port, bomb, **{"Content-Encoding": encoding}) == 415
    assert caplog.text.count("were compressed and left out") == 1
    assert counters.told()["dropped"] == {"compressed": 2}
    for name in ("identity", "Identity", ""):
        assert await _post(port, b"22.5", **{"Content-Encoding": name}) == 200
    assert receiver.bodies == [b"22.5"] * 3


async def test_a_header_that_is_no_text_is_a_wrong_secret(port, receiver):
    reader, writer = await _raw(
        port, ["X-IoT-Clouds-Secret: \xff\xfe\xe9", "Content-Length: 0"]
    )
    assert await _status(reader) == 200
    writer.close()
    assert receiver.bodies == []


async def test_who_does_not_know_the_secret_is_not_listened_to(
    port, receiver, counters
):
    # The answer comes although the body never does.
    reader, writer = await _raw(port, ["Content-Length: 1000000"])
    assert await _status(reader) == 200
    writer.close()
    assert receiver.bodies == []
    assert counters.told()["dropped"] == {"wrong_secret": 1}


async def test_a_delivery_that_comes_too_slowly_is_given_up(
    hass, port, receiver, counters
):
    with virtual_time(hass.loop):
        began = hass.loop.time()
        reader, writer = await _raw(
            port, ["X-IoT-Clouds-Secret: a-secret", "Content-Length: 4"], b"22"
        )
        assert await _status(reader) == 408
        assert 10 <= hass.loop.time() - began < 15
        writer.close()
    assert counters.told()["dropped"] == {"too_slow": 1}
    assert receiver.bodies == []


@pytest.mark.parametrize(
    ("head", "body"),
    [
        (["Content-Length: 4"], b"22"),
        (["Transfer-Encoding: chunked"], b"2\r\n22\r\n"),
        (["Transfer-Encoding: chunked"], b"nonsense\r\n"),
    ],
    ids=["length", "chunks", "no chunks"],
)
@pytest.mark.expects_errors("Error handling request", always=False)
async def test_a_delivery_that_breaks_off_leaves_nothing_behind(
    hass, port, receiver, caplog, until, head, body
):
    _, writer = await _raw(port, ["X-IoT-Clouds-Secret: a-secret", *head], body)
    writer.close()
    with contextlib.suppress(OSError):
        await writer.wait_closed()
    assert await _post(port, b"22.5") == 200
    await until(lambda: _temperature(hass) == "22.5")
    assert receiver.bodies == [b"22.5"]
    assert "Error processing webhook" not in caplog.text
    assert "an-id" not in "".join(
        record.getMessage() for record in caplog.records if record.levelno >= 30
    )


async def test_a_delivery_that_turns_into_nonsense_is_given_up(
    port, receiver, caplog, until, monkeypatch
):
    monkeypatch.setattr(door_module, "SLOWEST", 0.2)
    caplog.set_level(logging.DEBUG, "homeassistant.components.webhook")
    reader, writer = await _raw(
        port,
        ["X-IoT-Clouds-Secret: a-secret", "Transfer-Encoding: chunked"],
        b"2\r\n22\r\n",
    )
    await until(lambda: "Handling webhook" in caplog.text)
    writer.write(b"nonsense\r\n")
    assert await _status(reader) in {400, 408}
    writer.close()
    assert receiver.bodies == []
    assert "Error processing webhook" not in caplog.text


@pytest.mark.parametrize(
    "error",
    [
        ConnectionResetError(),
        aiohttp.ClientConnectionResetError(),
        aiohttp.ClientPayloadError(),
        RequestPayloadError(),
    ],
    ids=repr,
)
async def test_a_connection_that_is_lost_while_it_is_read_leaves_no_trace(
    hass, receiver, counters, caplog, error
):
    # Which of these comes is up to the server, and to the moment.
    class Broken(MockRequest):
        @property
        def content(self):
            async def read(count):
                raise error

            return SimpleNamespace(read=read)

    request = Broken(content=b"22.5", mock_source="test", method="POST", headers=SECRET)
    response = await async_handle_webhook(hass, "an-id", request)
    assert response.status == 400
    assert receiver.bodies == []
    assert counters.told()["dropped"] == {"broken_off": 1}
    assert "Error processing webhook" not in caplog.text


async def test_what_a_flood_left_out_is_listed_once_it_is_over(
    hass, cloud, entry, port, receiver, counters, until, monkeypatch
):
    monkeypatch.setattr(door_module, "RATE", 0.0)
    statuses = [await _post(port, b"20") for _ in range(203)]
    assert statuses == [200] * 200 + [429] * 3
    assert len(receiver.bodies) == 200
    listings = cloud.snapshots
    assert [await _post(port, b"20") for _ in range(50)] == [429] * 50
    assert cloud.snapshots == listings
    assert counters.told()["dropped"] == {"too_fast": 53}

    monkeypatch.setattr(door_module, "RATE", 1e9)
    assert await _post(port, b"30") == 200
    assert _temperature(hass) == "30.0"
    await until(lambda: cloud.snapshots == listings + 1)

    # What comes after it is nothing special.
    monkeypatch.setattr(
        entry.runtime_data.coordinator, "async_relist", lambda: pytest.fail("again")
    )
    assert await _post(port, b"31") == 200


async def test_without_a_door_or_a_receiver_nothing_is_registered(
    hass, port, cloud, entry
):
    hass.config_entries.async_update_entry(entry, options={"webhook": DOOR})
    await hass.config_entries.async_setup(entry.entry_id)
    assert hass.data.get("webhook", {}) == {}


async def test_a_reload_opens_the_same_door_again(hass, port, entry, receiver):
    await hass.config_entries.async_reload(entry.entry_id)
    assert await _post(port, b"22.5") == 200
    assert receiver.bodies == [b"22.5"]
    await hass.config_entries.async_unload(entry.entry_id)
    assert hass.data["webhook"] == {}


async def test_a_closed_door_takes_the_sensor_of_deliveries_along(
    hass, port, cloud, entry
):
    registry = er.async_get(hass)
    for key in ("webhook/last", "operations"):
        registry.async_get_or_create(
            "sensor", "iot_clouds", f"{entry.entry_id}_{key}", config_entry=entry
        )
    await hass.config_entries.async_setup(entry.entry_id)

    def kept(key):
        unique_id = f"{entry.entry_id}_{key}"
        return registry.async_get_entity_id("sensor", "iot_clouds", unique_id)

    assert kept("webhook/last") is None
    assert kept("operations")


@pytest.fixture
async def polled(hass, cloud, entry):
    """An account at a cloud without push."""
    cloud.feed = None
    await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    return entry


async def test_a_cloud_with_its_own_pace_is_looked_at_soon_after_a_command(
    hass, cloud, polled
):
    coordinator = polled.runtime_data.coordinator
    cloud.poll_in = timedelta(minutes=5)
    await coordinator.async_refresh()
    listings = cloud.snapshots
    for _ in range(3):
        await coordinator.async_execute(Send(device_id="board-1", type="pump"))
    async_fire_time_changed(hass, dt_util.utcnow() + timedelta(seconds=9))
    await hass.async_block_till_done(wait_background_tasks=True)
    assert cloud.snapshots == listings
    async_fire_time_changed(hass, dt_util.utcnow() + timedelta(seconds=11))
    await hass.async_block_till_done(wait_background_tasks=True)
    assert cloud.snapshots == listings + 1


async def test_any_other_cloud_is_not_asked_more_often_for_a_command(
    hass, cloud, polled
):
    coordinator = polled.runtime_data.coordinator
    await coordinator.async_refresh()
    listings = cloud.snapshots
    await coordinator.async_execute(Send(device_id="board-1", type="pump"))
    async_fire_time_changed(hass, dt_util.utcnow() + timedelta(seconds=11))
    await hass.async_block_till_done(wait_background_tasks=True)
    assert cloud.snapshots == listings


async def test_an_account_that_ends_looks_no_more(hass, cloud, polled):
    coordinator = polled.runtime_data.coordinator
    cloud.poll_in = timedelta(minutes=5)
    await coordinator.async_refresh()
    await coordinator.async_execute(Send(device_id="board-1", type="pump"))
    await hass.config_entries.async_unload(polled.entry_id)
    listings = cloud.snapshots
    async_fire_time_changed(hass, dt_util.utcnow() + timedelta(seconds=11))
    await hass.async_block_till_done(wait_background_tasks=True)
    assert cloud.snapshots == listings


async def test_a_command_that_ends_after_its_account_brings_no_look(
    hass, cloud, polled
):
    coordinator = polled.runtime_data.coordinator
    cloud.poll_in = timedelta(minutes=5)
    await coordinator.async_refresh()
    await hass.config_entries.async_unload(polled.entry_id)
    # A timer that it started would be found by the test's own cleaning up.
    await coordinator.async_execute(Send(device_id="board-1", type="pump"))


@pytest.mark.expects_errors("Error fetching Home data")
async def test_a_cloud_that_fails_is_asked_in_its_vendors_usual_time(
    hass, cloud, polled
):
    coordinator = polled.runtime_data.coordinator
    cloud.poll_in = timedelta(seconds=10)
    await coordinator.async_refresh()
    assert coordinator.update_interval == timedelta(seconds=10)
    cloud.error = CloudUnreachable("x")
    await coordinator.async_refresh()
    assert coordinator.update_interval == timedelta(seconds=30)
    cloud.error = None
    await coordinator.async_refresh()
    assert coordinator.update_interval == timedelta(seconds=10)


def test_fifty_a_second_pass_and_two_hundred_after_a_rest():
    now = 100.0
    bucket = door_module.Bucket(lambda: now)

    def passes() -> int:
        return sum(bucket.take() for _ in range(1000))

    assert passes() == 200
    assert passes() == 0
    now += 1
    assert passes() == 50
    assert passes() == 0
    now += 1000
    assert passes() == 200
