"""Particle's own published JavaScript client against the simulated cloud."""

from collections.abc import AsyncIterator
import json
from typing import Any

import pytest

from simulated_clouds.boards.particle import boards
from simulated_clouds.particle import ParticleCloud
from simulated_clouds.world import World

from .client import Client, particle_js

WORKSHOP = "e00fce6801a2b3c4d5e6f701"
BEEHIVE = "e00fce6802b3c4d5e6f70112"
VAN = "e00fce6804d5e6f701122334"
SIM = "89314404000000000026"
LOGIN = {"username": "maker@example.com", "password": "one-red-bicycle"}


@pytest.fixture
def options() -> dict[str, Any]:
    return {}


@pytest.fixture
async def cloud(options: dict[str, Any]) -> AsyncIterator[ParticleCloud]:
    async with ParticleCloud(World(boards()), **options) as cloud:
        yield cloud


@pytest.fixture
async def js(cloud: ParticleCloud) -> AsyncIterator[Client]:
    async with particle_js(cloud.url) as client:
        yield client


@pytest.fixture
def mine(cloud: ParticleCloud) -> dict[str, Any]:
    return {"auth": cloud.token}


@pytest.fixture
def robot(cloud: ParticleCloud) -> dict[str, Any]:
    """An API user and the product it is for."""
    return {"auth": cloud.api_user_token, "product": "13961"}


# Signing in


async def test_it_signs_in_without_a_second_factor(js: Client) -> None:
    token = await js.call("login", **LOGIN, tokenDuration=0)
    assert (token["status"], token["body"]["expires_in"]) == (200, 0)
    user = await js.call("getUserInfo", auth=token["body"]["access_token"])
    assert user["body"]["username"] == "maker@example.com"
    ninety = await js.call("login", **LOGIN)
    assert ninety["body"]["expires_in"] == 7_776_000


@pytest.mark.parametrize("options", [{"otp": "123456"}])
async def test_it_signs_in_with_a_second_factor(js: Client) -> None:
    asked = await js.call("login", **LOGIN)
    assert asked["failed"] == 403
    assert asked["body"]["error"] == "mfa_required"
    code = {"mfaToken": asked["body"]["mfa_token"]}
    bad = await js.call("sendOtp", **code, otp="000000")
    assert (bad["failed"], bad["body"]["error"]) == (400, "invalid_grant")
    good = await js.call("sendOtp", **code, otp="123456")
    assert good["status"] == 200
    again = await js.call("sendOtp", **code, otp="123456")
    assert again["failed"] == 400
    auth = {"auth": good["body"]["access_token"]}
    assert (await js.call("getUserInfo", **auth))["body"]["mfa"] == {"enabled": True}
    assert (await js.call("deleteCurrentAccessToken", **auth))["body"] == {"ok": True}
    assert (await js.call("listDevices", **auth))["failed"] == 401


@pytest.mark.parametrize(
    "wrong", [{"password": "guess"}, {"username": "nobody@example.com"}]
)
async def test_it_is_refused_a_wrong_password_with_400(
    js: Client, wrong: dict[str, str]
) -> None:
    refused = await js.call("login", **{**LOGIN, **wrong})
    assert (refused["failed"], refused["body"]["error"]) == (400, "invalid_grant")
    assert "User credentials are invalid" in refused["errorDescription"]


async def test_it_is_refused_as_an_unknown_client(cloud: ParticleCloud) -> None:
    async with particle_js(cloud.url, clientId="mine", clientSecret="x") as js:
        refused = await js.call("login", **LOGIN)
    assert (refused["failed"], refused["body"]["error"]) == (400, "invalid_client")


async def test_it_is_blocked_after_ten_wrong_passwords(js: Client) -> None:
    for _ in range(10):
        refused = await js.call("login", username="x", password="y")
        assert refused["failed"] == 400
    assert (await js.call("login", **LOGIN))["failed"] == 429


async def test_it_ends_tokens_one_by_one_and_all(
    cloud: ParticleCloud, js: Client
) -> None:
    first = (await js.call("login", **LOGIN))["body"]["access_token"]
    gone = await js.call("deleteAccessToken", token=first)
    assert gone["body"] == {"ok": True}
    assert (await js.call("getUserInfo", auth=first))["failed"] == 401
    everything = await js.call("deleteActiveAccessTokens", auth=cloud.token)
    assert everything["body"] == {"ok": True}
    assert (await js.call("getUserInfo", auth=cloud.token))["failed"] == 401


# Boards


async def test_it_reads_and_controls_boards(
    cloud: ParticleCloud, js: Client, mine: dict[str, Any]
) -> None:
    device = {**mine, "deviceId": WORKSHOP}
    assert len((await js.call("listDevices", **mine))["body"]) == 4
    detail = await js.call("getDevice", **device)
    assert detail["body"]["variables"]["dust"] == "int32"
    value = await js.call("getVariable", **device, name="dust")
    assert value["body"]["result"] == 35
    called = await js.call("callFunction", **device, name="setFan", argument="on")
    assert called["body"]["return_value"] == 1
    renamed = await js.call("renameDevice", **device, name="Shed")
    assert renamed["body"]["name"] == "Shed"
    signal = await js.call("signalDevice", **device, signal=True)
    assert signal["body"]["signaling"] is True
    serial = await js.call("lookupSerialNumber", **mine, serialNumber="TON404MTR4D5E6F")
    assert serial["body"]["deviceID"] == VAN
    received = [entry.body for entry in cloud.log if entry.method == "RECEIVE"]
    assert received == [{"function": "setFan", "argument": "on"}, {"signal": "1"}]
    assert cloud.operations == 3


@pytest.mark.parametrize(
    ("call", "asked", "status", "error"),
    [
        ("getDevice", {"deviceId": "0" * 24}, 403, "Permission Denied"),
        (
            "getVariable",
            {"deviceId": WORKSHOP, "name": "nope"},
            404,
            "Unknown Variable: nope",
        ),
        (
            "callFunction",
            {"deviceId": WORKSHOP, "name": "nope", "argument": ""},
            404,
            "Function nope not found",
        ),
        ("getVariable", {"deviceId": BEEHIVE, "name": "weight"}, 404, "timed out"),
        (
            "callFunction",
            {"deviceId": BEEHIVE, "name": "tare", "argument": ""},
            404,
            "timed out",
        ),
        ("publishEvent", {"name": "spark/x", "data": ""}, 400, "bad_request"),
        ("listDevices", {"product": "7"}, 404, "Product 7 not found"),
        ("getProductFirmware", {"product": "13961", "version": 3}, 404, None),
    ],
)
async def test_it_is_refused(
    cloud: ParticleCloud,
    js: Client,
    mine: dict[str, Any],
    call: str,
    asked: dict[str, Any],
    status: int,
    error: str | None,
) -> None:
    cloud.set_online(cloud.world.boards[BEEHIVE], False)
    refused = await js.call(call, **mine, **asked)
    assert refused["failed"] == status
    assert error is None or refused["body"]["error"] == error


@pytest.mark.parametrize("options", [{"plan_limit": 1}])
async def test_it_is_refused_what_a_paused_account_may_not(
    js: Client, mine: dict[str, Any]
) -> None:
    read = {**mine, "deviceId": WORKSHOP, "name": "dust"}
    assert (await js.call("getVariable", **read))["body"]["result"] == 35
    assert (await js.call("getVariable", **read))["failed"] == 402


@pytest.mark.parametrize(
    ("fault", "status"),
    [
        ({"kind": "rate_limit"}, 429),
        ({"kind": "server_error", "status": 502}, 502),
        ({"kind": "expired_token"}, 401),
        ({"kind": "drop"}, 0),
    ],
)
async def test_it_meets_faults(
    cloud: ParticleCloud,
    js: Client,
    mine: dict[str, Any],
    fault: dict[str, Any],
    status: int,
) -> None:
    cloud.faults.add(**fault, count=1)
    assert (await js.call("listDevices", **mine))["failed"] == status
    assert (await js.call("listDevices", **mine))["status"] == 200


# Products


async def test_an_api_user_uses_its_product(
    cloud: ParticleCloud, js: Client, robot: dict[str, Any]
) -> None:
    van = {**robot, "deviceId": VAN}
    page = await js.call("listDevices", **robot, groups=["vehicles"], perPage=10)
    assert [found["id"] for found in page["body"]["devices"]] == [VAN]
    detail = await js.call("getDevice", **van)
    assert detail["body"]["firmware_version"] == 18
    value = await js.call("getVariable", **van, name="mileage")
    assert value["body"]["result"] == 48210
    asked = {"name": "cmd", "argument": '{"cmd":"get_loc"}'}
    assert (await js.call("callFunction", **van, **asked))["body"]["return_value"] == 0
    list_ = await js.call("getProductLocations", **robot, page=1, perPage=20)
    assert list_["body"]["meta"]["devices_found"] == 1
    where = await js.call("getProductDeviceLocations", **van)
    assert where["body"]["location"]["geometry"]["type"] == "Point"
    sims = await js.call("listSIMs", **robot)
    assert sims["body"]["sims"][0]["iccid"] == SIM
    used = await js.call("getSIMDataUsage", **robot, iccid=SIM)
    assert used["body"]["quota"] == 45.0
    assert (await js.call("listDevices", auth=cloud.api_user_token))["failed"] == 400
    assert (await js.call("getUserInfo", auth=cloud.api_user_token))["failed"] == 400


async def test_settings_are_read_and_written(
    cloud: ParticleCloud, js: Client, robot: dict[str, Any]
) -> None:
    van = {**robot, "deviceId": VAN}
    assert (await js.call("getProductConfiguration", **robot))["failed"] == 404
    schema = await js.call("getProductDeviceConfigurationSchema", **van)
    body = schema["body"]
    if isinstance(body, str):
        body = json.loads(body)
    assert body["properties"]["location"]["properties"]["radius"]["default"] == 0
    read = await js.call("getProductDeviceConfiguration", **van)
    settings = read["body"]["configuration"]["current"]
    settings["location"]["interval_max"] = 600
    done = await js.call("setProductDeviceConfiguration", **van, config=settings)
    assert done["status"] == 200
    bad = {"location": {"interval_max": -5}}
    refused = await js.call("setProductDeviceConfiguration", **van, config=bad)
    assert refused["failed"] == 422
    cloud.set_online(cloud.world.boards[VAN], False)
    waits = await js.call("setProductDeviceConfiguration", **van, config=settings)
    assert waits["status"] == 202


@pytest.mark.parametrize("options", [{"flash_seconds": 0.0}])
async def test_firmware_is_locked_and_flashed(
    js: Client, robot: dict[str, Any]
) -> None:
    versions = await js.call("listProductFirmware", **robot)
    assert [found["version"] for found in versions["body"]] == [17, 18]
    title = await js.call("getProductFirmware", **robot, version=17)
    assert title["body"]["title"] == "Quieter"
    assert (await js.call("getEventStream", **robot))["status"] == 200
    lock = {"desiredFirmwareVersion": 17, "flash": True, "deviceId": VAN}
    assert (await js.call("lockDeviceProductFirmware", **robot, **lock))[
        "status"
    ] == 200
    names = [(await js.event())["name"] for _ in range(10)]
    assert names[:3] == ["spark/status", "spark/flash/status", "spark/flash/status"]
    detail = await js.call("getDevice", **robot, deviceId=VAN)
    assert detail["body"]["firmware_version"] == 17


# Events


async def test_it_hears_what_it_publishes_and_boards_do(
    js: Client, mine: dict[str, Any]
) -> None:
    await js.call("getEventStream", **mine, deviceId="mine")
    hello = {"name": "home/hello", "data": "x", "isPrivate": True}
    assert (await js.call("publishEvent", **mine, **hello))["body"] == {"ok": True}
    fan = {"deviceId": WORKSHOP, "name": "setFan", "argument": "on"}
    await js.call("callFunction", **mine, **fan)
    where = {"deviceId": VAN, "name": "cmd", "argument": '{"cmd":"get_loc"}'}
    await js.call("callFunction", **mine, **where)
    events = [await js.event() for _ in range(3)]
    assert [(event["name"], event["coreid"]) for event in events] == [
        ("home/hello", "api"),
        ("fan", WORKSHOP),
        ("loc", VAN),
    ]
    assert events[1]["data"] == "true"


@pytest.mark.parametrize(
    "asked",
    [
        {"deviceId": WORKSHOP, "name": "fa"},
        {"name": "fa"},
        {"deviceId": "mine", "name": "fan"},
    ],
)
async def test_it_hears_by_prefix(
    cloud: ParticleCloud, js: Client, mine: dict[str, Any], asked: dict[str, Any]
) -> None:
    assert (await js.call("getEventStream", **mine, **asked))["status"] == 200
    cloud.world.set(cloud.world.boards[WORKSHOP], temperature=2.5)
    cloud.world.set(cloud.world.boards[WORKSHOP], fan=True)
    assert (await js.event())["name"] == "fan"


@pytest.mark.parametrize(
    "path",
    [{"org": "maker-works"}, {"org": "maker-works", "product": "13961"}],
)
async def test_an_api_user_of_an_organization_hears_its_trackers(
    cloud: ParticleCloud, js: Client, path: dict[str, str]
) -> None:
    opened = await js.call("getEventStream", auth=cloud.org_user_token, **path)
    assert opened["status"] == 200
    cloud.world.step(cloud.world.boards[VAN])
    event = await js.event()
    assert (event["name"], event["productID"]) == ("loc", 13961)


@pytest.mark.parametrize(
    ("auth", "asked", "status"),
    [
        ("0" * 40, {"deviceId": "mine"}, 401),
        (None, {}, 400),
        (None, {"product": "7"}, 404),
        (None, {"org": "nobody"}, 404),
        (None, {"deviceId": "0" * 24}, 403),
    ],
)
async def test_it_is_refused_a_stream_in_json(
    cloud: ParticleCloud,
    js: Client,
    auth: str | None,
    asked: dict[str, str],
    status: int,
) -> None:
    told = await js.call("getEventStream", auth=auth or cloud.token, **asked)
    assert told["failed"] == status


async def test_it_comes_back_when_its_stream_ends(
    cloud: ParticleCloud, js: Client, mine: dict[str, Any]
) -> None:
    await js.call("getEventStream", **mine, deviceId="mine")
    cloud.streams.close()
    assert [await js.turn() for _ in range(3)] == [
        "disconnect",
        "reconnect",
        "reconnect-success",
    ]
    cloud.world.set(cloud.world.boards[WORKSHOP], dust=9)
    assert (await js.event())["data"] == "9"


# A local cloud


@pytest.mark.parametrize("options", [{"local": True, "keepalive": 0.1}])
async def test_it_uses_a_local_cloud_as_one_of_its_clients(
    cloud: ParticleCloud,
) -> None:
    async with particle_js(cloud.url) as js:
        assert (await js.call("login", **LOGIN))["failed"] == 401
    known = {"clientId": "spark-server", "clientSecret": "spark-server"}
    async with particle_js(cloud.url, **known) as js:
        wrong = await js.call("login", username="maker@example.com", password="x")
        assert wrong["failed"] == 503
        token = await js.call("login", **LOGIN)
        auth = {"auth": token["body"]["access_token"]}
        assert (await js.call("listDevices", **auth))["body"][0]["connected"] is True
        assert (await js.call("getUserInfo", **auth))["failed"] == 404
        await js.call("getEventStream", **auth, deviceId="mine")
        cloud.world.set(cloud.world.boards[WORKSHOP], dust=9)
        assert (await js.event())["data"] == "9"
