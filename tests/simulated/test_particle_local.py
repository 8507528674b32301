"""The simulated Particle cloud in the words of a self-hosted local cloud."""

from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from simulated_clouds.boards.particle import boards
from simulated_clouds.particle import ParticleCloud
from simulated_clouds.world import World

from .particle_client import WORKSHOP, Api, api

CLIENT = {"client_id": "spark-server", "client_secret": "spark-server"}
DEVICE = f"/v1/devices/{WORKSHOP}"
UNREACHED = {"error": "Could not get device for ID", "ok": False}


@pytest.fixture
async def cloud() -> AsyncIterator[ParticleCloud]:
    async with ParticleCloud(World(boards()), local=True, keepalive=0.1) as cloud:
        yield cloud


@pytest.fixture
async def call(cloud: ParticleCloud) -> AsyncIterator[Api]:
    async with api(cloud) as call:
        yield call


async def test_a_local_token_says_nothing_of_its_life(call: Api) -> None:
    status, body = await call.login(**CLIENT)
    assert status == 200
    assert body.keys() == {"access_token", "token_type"}
    assert body["token_type"] == "Bearer"


@pytest.mark.parametrize(
    ("changes", "status", "error", "description"),
    [
        ({}, 401, "invalid_client", "Invalid client: client is invalid"),
        ({**CLIENT, "password": "guess"}, 503, "server_error", "Wrong password"),
        (
            {**CLIENT, "grant_type": "refresh_token"},
            400,
            "unauthorized_client",
            "Unauthorized client: `grant_type` is invalid",
        ),
    ],
)
async def test_a_local_cloud_refuses_in_its_own_words(
    call: Api, changes: dict[str, str], status: int, error: str, description: str
) -> None:
    body = {"error": error, "error_description": description}
    assert await call.login(**changes) == (status, body)


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "answer"),
    [
        ("GET", "/v1/user", None, 404, "Not Found"),
        ("GET", "/v1/access_tokens/current", None, 404, "Not Found"),
        (
            "DELETE",
            "/v1/access_tokens/current",
            None,
            404,
            {"error": "User doesn't exist", "ok": False},
        ),
        ("GET", f"/v1/diagnostics/{WORKSHOP}/last", None, 404, "Not Found"),
        (
            "GET",
            "/v1/devices/unknown",
            None,
            404,
            {"error": "No device found", "ok": False},
        ),
        (
            "GET",
            "/v1/products/1/devices",
            None,
            400,
            {"error": "1 does not exist", "ok": False},
        ),
        ("GET", f"{DEVICE}/dust", None, 200, {"result": 35}),
        ("PUT", DEVICE, {"name": "shed"}, 200, {"name": "shed", "ok": True}),
        ("POST", "/v1/devices/events", {"name": "x"}, 200, {"ok": True}),
    ],
)
async def test_a_local_cloud_answers(
    call: Api, method: str, path: str, body: Any, status: int, answer: Any
) -> None:
    assert await call(method, path, json=body) == (status, answer)


async def test_a_local_cloud_knows_devices_that_are_connected(
    cloud: ParticleCloud, call: Api
) -> None:
    _, device = await call("GET", DEVICE)
    assert device["connected"] is True
    assert "online" not in device
    assert device["variables"]["dust"] == "int32"
    _, called = await call("POST", f"{DEVICE}/beep", json={"arg": "2"})
    assert (called["return_value"], called["id"]) == (2, WORKSHOP)
    cloud.set_online(cloud.world.boards[WORKSHOP], False)
    _, device = await call("GET", DEVICE)
    assert (device["connected"], device["variables"]) == (False, None)
    assert await call("GET", f"{DEVICE}/dust") == (400, UNREACHED)
    assert await call("POST", f"{DEVICE}/beep", json={"arg": ""}) == (400, UNREACHED)
    assert await call("PUT", DEVICE, json={"signal": "1"}) == (400, UNREACHED)
    ping = await call("PUT", f"{DEVICE}/ping")
    assert ping == (200, {"connected": False, "lastPing": None})


async def test_a_local_cloud_refuses_tokens_with_401(cloud: ParticleCloud) -> None:
    async with api(cloud, None) as nobody:
        assert await nobody("GET", "/v1/devices") == (401, "")
    async with api(cloud, "0" * 40) as stranger:
        assert await stranger("GET", "/v1/devices") == (
            401,
            {
                "error": "invalid_token",
                "error_description": "Invalid token: access token is invalid",
            },
        )


async def test_a_local_token_is_revoked_with_the_password(cloud: ParticleCloud) -> None:
    header = aiohttp.encode_basic_auth("maker@example.com", "one-red-bicycle")
    path = f"/v1/access_tokens/{cloud.token}"
    async with api(cloud, None) as call:
        headers = {"Authorization": header}
        assert await call("DELETE", path, headers=headers) == (200, {"ok": True})
    async with api(cloud) as call:
        assert (await call("GET", "/v1/devices"))[0] == 401


async def test_a_publication_without_a_name_kills_the_connection(call: Api) -> None:
    with pytest.raises(aiohttp.ClientConnectionError):
        await call("POST", "/v1/devices/events", json={})


async def test_a_local_stream_begins_late_and_without_ok(
    cloud: ParticleCloud, call: Api
) -> None:
    async with call.listen("/v1/events") as ear:
        opened = [entry.at for entry in cloud.log if entry.method == "OPEN"]
        assert cloud.clock() - opened[0] >= 0.09
        assert await ear.line() == b"\n"
        await call("POST", "/v1/devices/events", data={"name": "tea", "ttl": "60"})
        while (line := await ear.line()) == b"\n":
            pass
        assert line == b"event: tea\n"
        assert (await ear.line()).startswith(
            b'data: {"coreid":null,"data":null,"published_at":"20'
        )


async def test_a_local_prefix_is_cut_to_its_first_letter(
    cloud: ParticleCloud, call: Api
) -> None:
    async with call.listen("/v1/devices/events/dream") as ear:
        cloud.world.set(cloud.world.boards[WORKSHOP], temperature=1.5)
        cloud.world.set(cloud.world.boards[WORKSHOP], dust=3)
        assert await ear.names(1) == ["dust"]
