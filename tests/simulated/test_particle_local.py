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


# What a local cloud has besides


async def test_a_local_cloud_lists_tokens_for_a_password(cloud: ParticleCloud) -> None:
    good = {"Authorization": aiohttp.encode_basic_auth("maker@example.com", "guess")}
    async with api(cloud, None) as call:
        assert (await call("GET", "/v1/access_tokens", headers=good))[0] == 401
        name, password = "maker@example.com", "one-red-bicycle"
        header = {"Authorization": aiohttp.encode_basic_auth(name, password)}
        status, tokens = await call("GET", "/v1/access_tokens", headers=header)
    assert status == 200
    assert [token["token"] for token in tokens] == [cloud.token]
    assert tokens[0]["expires_at"] is None


async def test_a_local_cloud_lets_people_sign_up_once(cloud: ParticleCloud) -> None:
    account = {"username": "new@example.com", "password": "secret"}
    async with api(cloud, None) as call:
        assert await call("POST", "/v1/users", json=account) == (200, {"ok": True})
        assert (await call("POST", "/v1/users", json=account))[0] == 400
        assert (await call("POST", "/v1/users", json={"username": "x"}))[0] == 400
        status, body = await call.login(**CLIENT, **account)
        assert status == 200
    async with api(cloud, body["access_token"]) as mine:
        assert await mine("GET", "/v1/devices") == (200, [])


async def test_a_product_of_a_local_cloud_is_empty(call: Api) -> None:
    assert await call("GET", "/v1/products") == (200, {"products": []})
    assert (await call("POST", "/v1/products", json={}))[0] == 400
    product = {"product": {"name": "Pumps"}}
    status, body = await call("POST", "/v1/products", json=product)
    assert (status, body["ok"]) == (200, True)
    assert await call("GET", "/v1/products/1/devices") == (
        200,
        {"accounts": [], "devices": [], "meta": {"total_pages": 0}},
    )


@pytest.mark.parametrize(
    "path",
    [
        "/v1/products/1/locations",
        "/v1/products/1/config",
        "/v1/products/1/firmware",
        "/v1/sims",
        "/v1/orgs",
        "/v1/orgs/maker-works/events",
        "/v1/device-os/versions/latest?platform_id=6",
        "/v1/ledgers",
    ],
)
async def test_a_local_cloud_lacks_what_is_newer(call: Api, path: str) -> None:
    assert await call("GET", path) == (404, "Not Found")


async def test_a_local_cloud_asks_for_no_second_factor(call: Api) -> None:
    grant = {**CLIENT, "grant_type": "urn:custom:mfa-otp", "mfa_token": "x"}
    status, body = await call.login(**grant)
    assert (status, "access_token" in body) == (400, False)


async def test_a_local_cloud_knows_nothing_of_a_board_that_never_came(
    cloud: ParticleCloud, call: Api
) -> None:
    asked = {"kind": "photon", "connected": False}
    _, added = await call("POST", "/_control/boards", json=asked)
    assert await call("GET", f"/v1/devices/{added['id']}") == (
        200,
        {
            "cellular": False,
            "connected": False,
            "functions": None,
            "id": added["id"],
            "imei": "",
            "last_app": None,
            "last_iccid": "",
            "last_ip_address": None,
            "name": "",
            "platform_id": -1,
            "product_firmware_version": -1,
            "product_id": -1,
            "status": "normal",
            "variables": None,
        },
    )
    cloud.set_online(cloud.world.boards[added["id"]], True)
    _, device = await call("GET", f"/v1/devices/{added['id']}")
    assert (device["platform_id"], device["name"]) == (32, "Doorbell")


@pytest.mark.parametrize("path", ["/v2/events", "/v2/devices/events"])
async def test_second_streams_have_heartbeats_and_names_in_the_json(
    cloud: ParticleCloud, call: Api, path: str
) -> None:
    async with call.listen(path) as ear:
        lines = [await ear.line() for _ in range(3)]
        assert lines == [b"event:heartbeat\n", b"data:\n", b"\n"]
        cloud.world.set(cloud.world.boards[WORKSHOP], dust=7)
        while not (line := await ear.line()).startswith(b"data: {"):
            assert b"event: " not in line
        assert b'"data":"7","name":"dust"' in line


async def test_an_unpatched_local_cloud_dies_of_a_stream() -> None:
    async with (
        ParticleCloud(World(boards()), local=True, local_dies=True) as cloud,
        api(cloud) as call,
    ):
        assert (await call("GET", "/v1/devices"))[0] == 200
        for path in ("/v1/devices/events", "/v1/devices"):
            with pytest.raises(aiohttp.ClientConnectionError):
                await call("GET", path)
        cloud.faults.clear()
        assert (await call("GET", "/v1/devices"))[0] == 200
