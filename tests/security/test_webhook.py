"""The door for deliveries: who does not know the secret cannot even tell that it is there."""

import asyncio
import logging

import aiohttp
import pytest

from custom_components.iot_clouds import webhook as door_module
from homeassistant.setup import async_setup_component

ID = "0f" * 32
SECRET = "the-right-secret-0123456789"
HEADER = "X-IoT-Clouds-Secret"
DOOR = {"id": ID, "secret": SECRET, "since": "2026-11-20T12:00:00+00:00"}
METHODS = ["GET", "HEAD", "PUT", "POST", "PATCH", "DELETE", "OPTIONS"]


@pytest.fixture(autouse=True)
def disable_http_server():
    """Nothing is disabled: here the server is what it is about."""


@pytest.fixture
async def server(hass, unused_tcp_port):
    """Home Assistant's HTTP server, listening on loopback."""
    config = {"http": {"server_host": "127.0.0.1", "server_port": unused_tcp_port}}
    assert await async_setup_component(hass, "http", config)
    await hass.http.start()
    yield f"http://127.0.0.1:{unused_tcp_port}/api/webhook"
    await hass.http.stop()


@pytest.fixture
async def entry(hass, house, server):
    """An account whose door is open."""
    entry = await house.connect("iottly")
    hass.config_entries.async_update_entry(entry, options={"webhook": DOOR})
    await hass.config_entries.async_reload(entry.entry_id)
    await hass.async_block_till_done()
    return entry


@pytest.fixture
def taken(entry, monkeypatch):
    """Bodies that were taken for deliveries."""
    receiver, bodies = entry.runtime_data.coordinator.cloud.receiver, []
    receive = type(receiver).receive
    monkeypatch.setattr(
        type(receiver),
        "receive",
        lambda self, body: bodies.append(body) or receive(self, body),
    )
    return bodies


async def _ask(method, url, body=b"{}", **headers):
    """The whole answer, except for the time at which it was given."""
    async with (
        aiohttp.ClientSession() as session,
        session.request(method, url, data=body, headers=headers) as answer,
    ):
        told = {key: value for key, value in answer.headers.items() if key != "Date"}
        return answer.status, answer.reason, told, await answer.read()


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("secret", [None, "", "wrong", SECRET[:-1], f"{SECRET}0"])
async def test_a_door_looks_like_none_to_who_does_not_know_the_secret(
    entry, server, taken, method, secret
):
    headers = {} if secret is None else {HEADER: secret}
    door = await _ask(method, f"{server}/{ID}", **headers)
    nothing = await _ask(method, f"{server}/{'f0' * 32}", **headers)
    assert door == nothing
    assert taken == []


async def test_a_large_body_without_the_secret_tells_nothing_either(
    entry, server, taken
):
    body = b"x" * 300_000
    door = await _ask("POST", f"{server}/{ID}", body, **{"Content-Encoding": "zip"})
    nothing = await _ask("POST", f"{server}/none", body, **{"Content-Encoding": "zip"})
    assert door == nothing
    assert taken == []


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT"])
async def test_a_request_that_is_no_delivery_does_not_put_the_address_into_the_log(
    entry, server, caplog, method
):
    caplog.set_level(logging.INFO)
    caplog.clear()
    await _ask(method, f"{server}/{ID}")
    await _ask(method, f"{server}/{ID}", **{HEADER: SECRET})
    # Home Assistant switches off the list of all requests to its server.
    told = [
        record.getMessage()
        for record in caplog.records
        if record.name != "aiohttp.access"
    ]
    assert [line for line in told if ID in line or SECRET in line] == []


@pytest.mark.parametrize("verdict", [True, False])
async def test_a_comparison_that_takes_the_same_time_for_all_decides_alone(
    entry, server, taken, monkeypatch, verdict
):
    compared = []

    def compare(given, right):
        compared.append((given, right))
        return verdict

    monkeypatch.setattr(door_module.hmac, "compare_digest", compare)
    await _ask("POST", f"{server}/{ID}", b"1", **{HEADER: "anything"})
    await _ask("POST", f"{server}/{ID}", b"2", **{HEADER: SECRET})
    assert compared == [
        (b"anything", SECRET.encode()),
        (SECRET.encode(), SECRET.encode()),
    ]
    assert taken == ([b"1", b"2"] if verdict else [])


async def test_a_flood_of_guesses_costs_no_task_and_keeps_nobody_out(
    entry, server, taken
):
    before = len(asyncio.all_tasks())
    guesses = [{HEADER: f"guess {n}"} for n in range(500)]
    async with aiohttp.ClientSession() as session:
        for guess in guesses:
            async with session.post(f"{server}/{ID}", data=b"{}", headers=guess):
                pass
    assert len(asyncio.all_tasks()) <= before + 5
    assert (await _ask("POST", f"{server}/{ID}", b"3", **{HEADER: SECRET}))[0] == 200
    assert taken == [b"3"]
    drops = entry.runtime_data.coordinator.counters.told()["dropped"]
    assert drops["wrong_secret"] == 500


async def test_two_accounts_have_doors_that_have_nothing_in_common():
    doors = [door_module.Door.new() for _ in range(2)]
    assert len({part for door in doors for part in (door.id, door.secret)}) == 4
    # 256 bits each.
    assert all(len(door.id) == 64 and len(door.secret) == 43 for door in doors)
