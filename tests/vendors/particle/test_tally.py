"""What Particle was asked is counted by what it was for and what became of it."""

import pytest

from custom_components.iot_clouds.model import (
    CloudAuthError,
    CloudBusy,
    CloudMissing,
    CloudRejected,
    CloudUnreachable,
    Drop,
    Outcome,
    Purpose,
    Ref,
)
from custom_components.iot_clouds.vendors.particle.client import Client
from custom_components.iot_clouds.vendors.particle.cloud import ParticleCloud

from .conftest import MakeCloud
from .fake import ARGON, INVALID_TOKEN, FakeParticle, answer, board, drop, raw, read_all

LISTING = "/v1/devices"
VARIABLE = f"/v1/devices/{ARGON}/temp"


async def test_purposes_are_told_apart(fake: FakeParticle, client: Client) -> None:
    fake.json("GET", LISTING, [])
    fake.json("GET", VARIABLE, {"result": 1})
    fake.json("POST", f"/v1/devices/{ARGON}/open", {"return_value": 1})
    fake.json("POST", "/oauth/token", {"access_token": "x"})
    fake.on("GET", "/v1/devices/events", fake.stream)
    await client.devices()
    await client.variable(ARGON, "temp")
    await client.call(ARGON, "open", "")
    await client.grant({})
    with pytest.raises(CloudMissing):
        await client.reports.places(ARGON, "7", "a", "b")
    (await client.stream(5)).close()
    assert client.tally.requests == {
        (Purpose.LISTING, Outcome.OK): 1,
        (Purpose.READ, Outcome.OK): 1,
        (Purpose.COMMAND, Outcome.OK): 1,
        (Purpose.TOKEN, Outcome.OK): 1,
        (Purpose.HISTORY, Outcome.MISSING): 1,
        (Purpose.STREAM, Outcome.OK): 1,
    }


@pytest.mark.parametrize(
    ("script", "outcome"),
    [
        (answer({}, 429), Outcome.LIMITED),
        (answer({}, 403), Outcome.REFUSED),
        (answer({}, 502), Outcome.FAILED),
        (raw("<html>"), Outcome.FAILED),
        (drop, Outcome.FAILED),
    ],
)
async def test_outcomes_are_told_apart(
    fake: FakeParticle, client: Client, script, outcome
) -> None:
    fake.on("GET", LISTING, script)
    with pytest.raises((CloudBusy, CloudRejected, CloudUnreachable)):
        await client.devices()
    assert client.tally.requests == {(Purpose.LISTING, outcome): 1}


async def test_a_stream_that_is_not_opened_is_counted(
    fake: FakeParticle, client: Client
) -> None:
    for script in (answer(INVALID_TOKEN, 401), drop):
        fake.on("GET", "/v1/devices/events", script)
        fake.json("GET", "/v1/access_tokens/current", INVALID_TOKEN, 401)
        with pytest.raises((CloudAuthError, CloudUnreachable)):
            await client.stream(5)
    found = client.tally.requests
    assert found[Purpose.STREAM, Outcome.REFUSED] == 1
    assert found[Purpose.STREAM, Outcome.FAILED] == 1


async def test_what_a_list_and_a_variable_have_that_makes_no_sense_is_counted(
    fake: FakeParticle, client: Client, make_cloud: MakeCloud
) -> None:
    cloud: ParticleCloud = make_cloud()
    fake.devices(board(), variables={"temp": "double"}, functions=[])
    fake.json("GET", LISTING, [board(), {"name": "nobody"}, 5])
    fake.json("GET", VARIABLE, {"result": "warm"})
    for _ in range(2):
        await cloud.snapshot()
    assert cloud.reader
    await read_all(cloud.reader, [Ref(ARGON, "variable/temp")])
    assert client.tally.drops == {Drop.NO_ID: 4, Drop.WRONG_TYPE: 1}
