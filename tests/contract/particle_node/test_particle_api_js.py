"""Particle's own published JavaScript client against the simulated cloud."""

import asyncio
from collections.abc import AsyncIterator
import json
from pathlib import Path
import shutil
from typing import Any

import pytest

from simulated_clouds.boards.particle import boards
from simulated_clouds.particle import ParticleCloud
from simulated_clouds.world import World

HERE = Path(__file__).parent
WORKSHOP = "e00fce6801a2b3c4d5e6f701"
VAN = "e00fce6804d5e6f701122334"

pytestmark = pytest.mark.skipif(
    not (shutil.which("node") and (HERE / "node_modules").is_dir()),
    reason="needs Node.js and `scripts/setup node`",
)


@pytest.fixture
async def cloud() -> AsyncIterator[ParticleCloud]:
    async with ParticleCloud(World(boards()), otp="123456") as cloud:
        yield cloud


async def run(cloud: ParticleCloud, **plan: Any) -> list[dict[str, Any]]:
    """Run the client and return what it told, line by line."""
    process = await asyncio.create_subprocess_exec(
        "node",
        "client.mjs",
        json.dumps({"url": cloud.url, **plan}),
        cwd=HERE,
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        async with asyncio.timeout(60):
            output, _ = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    return [json.loads(line) for line in output.splitlines()]


async def test_the_client_signs_in_with_a_second_factor(cloud: ParticleCloud) -> None:
    wrong = {"username": "maker@example.com", "password": "guess"}
    right = {
        "username": "maker@example.com",
        "password": "one-red-bicycle",
        "tokenDuration": 0,
    }
    refused, asked = await run(cloud, calls=[["login", wrong], ["login", right]])
    assert refused["failed"] == 400
    assert refused["body"]["error"] == "invalid_grant"
    assert asked["failed"] == 403
    assert asked["body"]["error"] == "mfa_required"
    code = {"mfaToken": asked["body"]["mfa_token"]}
    bad, good = await run(
        cloud,
        calls=[
            ["sendOtp", {**code, "otp": "000000"}],
            ["sendOtp", {**code, "otp": "123456"}],
        ],
    )
    assert bad["failed"] == 400
    assert good["status"] == 200
    auth = {"auth": good["body"]["access_token"]}
    user, gone, after = await run(
        cloud,
        calls=[
            ["getUserInfo", auth],
            ["deleteCurrentAccessToken", auth],
            ["listDevices", auth],
        ],
    )
    assert user["body"]["username"] == "maker@example.com"
    assert gone["body"] == {"ok": True}
    assert after["failed"] == 401


async def test_the_client_reads_and_controls_boards(cloud: ParticleCloud) -> None:
    auth = {"auth": cloud.token}
    device = {**auth, "deviceId": WORKSHOP}
    product = {**auth, "product": "13961"}
    (
        listed,
        detail,
        value,
        called,
        unknown,
        renamed,
        signal,
        page,
        van,
        deleted,
    ) = await run(
        cloud,
        calls=[
            ["listDevices", auth],
            ["getDevice", device],
            ["getVariable", {**device, "name": "dust"}],
            ["callFunction", {**device, "name": "setFan", "argument": "on"}],
            ["getVariable", {**device, "name": "nope"}],
            ["renameDevice", {**device, "name": "Shed"}],
            ["signalDevice", {**device, "signal": True}],
            ["listDevices", product],
            ["getDevice", {**product, "deviceId": VAN}],
            ["deleteAccessToken", {"token": cloud.token}],
        ],
    )
    assert len(listed["body"]) == 4
    assert detail["body"]["variables"]["dust"] == "int32"
    assert value["body"]["result"] == 35
    assert called["body"]["return_value"] == 1
    assert unknown["failed"] == 404
    assert unknown["body"]["error"] == "Unknown Variable: nope"
    assert renamed["body"]["name"] == "Shed"
    assert signal["body"]["signaling"] is True
    assert [found["id"] for found in page["body"]["devices"]] == [VAN]
    assert van["body"]["firmware_version"] == 18
    assert deleted["body"] == {"ok": True}
    received = [entry.body for entry in cloud.log if entry.method == "RECEIVE"]
    assert received == [{"function": "setFan", "argument": "on"}, {"signal": "1"}]


async def test_the_client_hears_what_it_publishes_and_boards_do(
    cloud: ParticleCloud,
) -> None:
    auth = {"auth": cloud.token}
    told = await run(
        cloud,
        stream={**auth, "deviceId": "mine"},
        events=3,
        then=[
            [
                "publishEvent",
                {**auth, "name": "home/hello", "data": "x", "isPrivate": True},
            ],
            [
                "callFunction",
                {**auth, "deviceId": WORKSHOP, "name": "setFan", "argument": "on"},
            ],
            [
                "callFunction",
                {
                    **auth,
                    "deviceId": VAN,
                    "name": "cmd",
                    "argument": '{"cmd":"get_loc"}',
                },
            ],
        ],
    )
    events = [line["event"] for line in told if "event" in line]
    assert [(event["name"], event["coreid"]) for event in events] == [
        ("home/hello", "api"),
        ("fan", WORKSHOP),
        ("loc", VAN),
    ]
    assert events[1]["data"] == "true"


async def test_the_client_is_refused_a_stream_in_json(cloud: ParticleCloud) -> None:
    told = await run(cloud, stream={"auth": "0" * 40, "deviceId": "mine"}, events=1)
    assert told[0]["failed"] == 401
