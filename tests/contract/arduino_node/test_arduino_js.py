"""Arduino's own published JavaScript clients, REST and MQTT, against the simulated cloud."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
import json
import os
from pathlib import Path
import shutil
from typing import Any

import pytest

from simulated_clouds.arduino import CLIENT_ID, CLIENT_SECRET, ArduinoCloud
from simulated_clouds.boards.arduino import boards
from simulated_clouds.world import World

HERE = Path(__file__).parent
GREENHOUSE = "5b1f6a3e-7c24-4d0b-9e51-2f8c6d1a4e01"
BOILER_ROOM = "c4a8715d-6e0f-4b39-85c2-1d7f92ab3003"
SOON = 60.0


@pytest.fixture(autouse=True)
def _prepared() -> None:
    """A witness that does not appear is a failure, not a reason to go on."""
    if not (shutil.which("node") and (HERE / "node_modules").is_dir()):
        pytest.fail("this needs Node.js and `scripts/setup node`")


@pytest.fixture
async def cloud() -> AsyncIterator[ArduinoCloud]:
    async with ArduinoCloud(World(boards()), rate_limit=100) as cloud:
        yield cloud


class Script:
    """One of the two programs, and what it tells."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    async def next(self) -> dict[str, Any]:
        assert self._process.stdout
        async with asyncio.timeout(SOON):
            told: dict[str, Any] = json.loads(await self._process.stdout.readline())
        return told

    async def rest(self) -> list[dict[str, Any]]:
        assert self._process.stdout
        async with asyncio.timeout(SOON):
            lines = (await self._process.stdout.read()).splitlines()
            await self._process.wait()
        return [json.loads(line) for line in lines]


@asynccontextmanager
async def running(*arguments: str, **environment: str) -> AsyncIterator[Script]:
    process = await asyncio.create_subprocess_exec(
        "node",
        *arguments,
        cwd=HERE,
        env=os.environ | environment,
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        yield Script(process)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def ask(
    cloud: ArduinoCloud, *calls: list[Any], token: str | None = None
) -> list[dict[str, Any]]:
    plan = {
        "url": cloud.url,
        "token": token or cloud.tokens.issue(CLIENT_ID),
        "calls": calls,
    }
    async with running("rest.mjs", json.dumps(plan)) as script:
        return await script.rest()


@asynccontextmanager
async def push(
    cloud: ArduinoCloud, tmp_path: Path, **plan: Any
) -> AsyncIterator[Script]:
    """The MQTT client, told nothing but where the cloud is and whom to trust."""
    certificate = tmp_path / "cloud.pem"
    certificate.write_text(cloud.info()["board_certificate"], encoding="ascii")
    options = {
        "clientId": CLIENT_ID,
        "clientSecret": CLIENT_SECRET,
        "apiUrl": f"{cloud.url}/iot/v1/clients/token",
        "host": "localhost",
        "port": cloud.tls_port,
    } | plan.pop("options", {})
    async with running(
        "--require",
        "./resolve.cjs",
        "push.mjs",
        json.dumps({"options": options, **plan}),
        NODE_EXTRA_CA_CERTS=str(certificate),
    ) as script:
        yield script


def property_id(cloud: ArduinoCloud, board: str, variable: str) -> str:
    item = cloud.store.find(cloud.world.named(board), variable)
    assert item is not None
    return item.id


async def test_the_rest_client_lists_reads_and_writes(cloud: ArduinoCloud) -> None:
    pump = property_id(cloud, "Greenhouse", "pump")
    things, devices, found, none, read, types = await ask(
        cloud,
        ["ThingsV2Api", "thingsV2List", {"showProperties": True}],
        ["DevicesV2Api", "devicesV2List", {}],
        ["PropertiesV2Api", "propertiesV2List", GREENHOUSE, {}],
        ["PropertiesV2Api", "propertiesV2Publish", GREENHOUSE, pump, {"value": True}],
        ["PropertiesV2Api", "propertiesV2Show", GREENHOUSE, pump, {}],
        ["PropertyTypesV1Api", "propertyTypesV1ListTypes"],
    )
    by_name = {thing["name"]: thing for thing in things["body"]}
    assert by_name["Greenhouse"]["id"] == GREENHOUSE
    assert by_name["Greenhouse"]["timezone"] == "Europe/Rome"
    assert {
        each["variable_name"]: each["last_value"]
        for each in by_name["Greenhouse"]["properties"]
    } == {
        "temperature": 21.5,
        "humidity": 62,
        "soil_moisture": 41,
        "pump": False,
        "valve": True,
        "mode": "auto",
    }
    assert "4A51C2D85150484B392E3120FF0B1C2D" in {
        device["serial"] for device in devices["body"]
    }
    assert pump in {each["id"] for each in found["body"]}
    assert none["body"] is None
    assert read["body"]["last_value"] is True
    assert "TEMPERATURE_C" in {each["type"] for each in types["body"]}
    assert cloud.world.named("Greenhouse").variables["pump"].value is True


async def test_the_rest_client_queries_history(cloud: ArduinoCloud) -> None:
    temperature = property_id(cloud, "Greenhouse", "temperature")
    request = {"q": f"property.{temperature}", "sort": "DESC", "series_limit": 3}
    (answer,) = await ask(
        cloud,
        [
            "SeriesV2Api",
            "seriesV2BatchQueryRaw",
            {"requests": [request], "resp_version": 1},
            {},
        ],
    )
    (series,) = answer["body"]["responses"]
    assert (series["count_values"], series["values"][0]) == (3, 21.5)


async def test_the_rest_client_is_refused(cloud: ArduinoCloud) -> None:
    temperature = property_id(cloud, "Greenhouse", "temperature")
    write = ["PropertiesV2Api", "propertiesV2Publish", GREENHOUSE, temperature]
    missing = "99999999-9999-4999-8999-999999999999"
    (unauthorized,) = await ask(cloud, ["ThingsV2Api", "thingsV2List", {}], token="old")
    refused, unknown = await ask(
        cloud,
        [*write, {"value": 3.5}],
        ["ThingsV2Api", "thingsV2Show", missing, {}],
    )
    assert unauthorized["failed"] == 401
    assert refused["failed"] == 400
    assert unknown["failed"] == 404
    assert cloud.world.named("Greenhouse").variables["temperature"].value == 21.5


async def test_the_push_client_hears_what_boards_measure(
    cloud: ArduinoCloud, tmp_path: Path
) -> None:
    listen = [
        [GREENHOUSE, "temperature"],
        [GREENHOUSE, "mode"],
        [BOILER_ROOM, "burner"],
    ]
    async with push(cloud, tmp_path, listen=listen, values=3) as script:
        assert await script.next() == {"connected": True}
        async with asyncio.timeout(SOON):
            while len(_granted(cloud)) < 2:
                await asyncio.sleep(0.01)
        world = cloud.world
        world.set(world.named("Greenhouse"), temperature=26.25)
        world.set(world.named("Greenhouse"), mode="manual")
        world.set(world.named("Boiler room"), burner=False)
        assert await script.rest() == [
            {"thing": GREENHOUSE, "variable": "temperature", "value": 26.25},
            {"thing": GREENHOUSE, "variable": "mode", "value": "manual"},
            {"thing": BOILER_ROOM, "variable": "burner", "value": False},
        ]
    # One subscription serves all variables of a thing.
    assert _granted(cloud) == [
        (f"/a/t/{GREENHOUSE}/e/o", 0),
        (f"/a/t/{BOILER_ROOM}/e/o", 0),
    ]


async def test_the_push_client_writes_to_dashboards(
    cloud: ArduinoCloud, tmp_path: Path
) -> None:
    cloud.options.mqtt_writes_reach_board = True
    send = [[GREENHOUSE, "pump", True], [BOILER_ROOM, "setpoint", 48.5]]
    async with push(cloud, tmp_path, send=send, values=1) as script:
        assert await script.next() == {"connected": True}
        world = cloud.world
        async with asyncio.timeout(SOON):
            while world.named("Boiler room").variables["setpoint"].value != 48.5:
                await asyncio.sleep(0.01)
    assert world.named("Greenhouse").variables["pump"].value is True


async def test_the_push_client_is_refused_with_a_wrong_secret(
    cloud: ArduinoCloud, tmp_path: Path
) -> None:
    async with push(
        cloud, tmp_path, options={"clientSecret": "guess"}, values=1
    ) as script:
        (told,) = await script.rest()
    assert json.loads(told["failed"])["status"] == 401
    assert not cloud.broker.sessions()


async def test_the_push_client_is_refused_when_its_token_is(
    cloud: ArduinoCloud, tmp_path: Path
) -> None:
    cloud.faults.add("expired_token", path="^MQTT CONNECT")
    async with push(cloud, tmp_path, values=1) as script:
        (told,) = await script.rest()
    assert told["failed"] == "connection failed: client not connected"


@pytest.mark.expects_errors("Error on transport creation", always=False)
async def test_the_push_client_does_not_trust_a_stranger(
    cloud: ArduinoCloud, tmp_path: Path
) -> None:
    async with ArduinoCloud(World(boards())) as stranger:
        options = {"port": stranger.tls_port}
        async with push(cloud, tmp_path, options=options, values=1) as script:
            ended = await script.rest()
    assert {"connected": True} not in ended


def _granted(cloud: ArduinoCloud) -> list[tuple[str, int | None]]:
    return [
        (entry.path, entry.status)
        for entry in cloud.log
        if (entry.channel, entry.method) == ("mqtt", "SUBSCRIBE")
    ]
