"""What Arduino Cloud was asked is counted by what it was for and what became of it."""

from aiohttp import web
import pytest

from custom_components.iot_clouds.model import (
    CloudAuthError,
    CloudBusy,
    CloudError,
    CloudMissing,
    CloudUnreachable,
    Drop,
    Outcome,
    Purpose,
)
from custom_components.iot_clouds.vendors.arduino.client import Client
from custom_components.iot_clouds.vendors.arduino.cloud import ArduinoCloud

from .fake import THING, FakeArduino, prop, thing

TOKEN = (Purpose.TOKEN, Outcome.OK)


async def test_purposes_are_told_apart(fake: FakeArduino, client: Client) -> None:
    await client.things()
    fake.answer("/publish", web.Response())
    await client.publish(THING, "p", 1)
    fake.answer("/batch_query", web.json_response({"responses": []}))
    await client.series("batch_query", [])
    assert client.tally.requests == {
        TOKEN: 1,
        (Purpose.LISTING, Outcome.OK): 1,
        (Purpose.COMMAND, Outcome.OK): 1,
        (Purpose.HISTORY, Outcome.OK): 1,
    }


@pytest.mark.parametrize(
    ("response", "error", "outcome"),
    [
        (web.Response(status=429), CloudBusy, Outcome.LIMITED),
        (web.Response(status=404), CloudMissing, Outcome.MISSING),
        (web.Response(status=400), CloudError, Outcome.REFUSED),
        (web.Response(status=500), CloudUnreachable, Outcome.FAILED),
        (web.Response(text="<html>"), CloudUnreachable, Outcome.FAILED),
    ],
    ids=lambda each: str(each),
)
async def test_outcomes_are_told_apart(
    fake: FakeArduino,
    client: Client,
    response: web.Response,
    error: type[CloudError],
    outcome: Outcome,
) -> None:
    fake.answer("/things", response)
    with pytest.raises(error):
        await client.things()
    assert client.tally.requests == {TOKEN: 1, (Purpose.LISTING, outcome): 1}


async def test_a_refused_key_is_counted_as_refused(
    fake: FakeArduino, client: Client
) -> None:
    fake.answer("/token", web.Response(status=401))
    with pytest.raises(CloudAuthError):
        await client.things()
    assert client.tally.requests == {(Purpose.TOKEN, Outcome.REFUSED): 1}


async def test_what_a_listing_has_that_makes_no_sense_is_counted(
    fake: FakeArduino, cloud: ArduinoCloud
) -> None:
    bad = prop(1, "temperature", "TEMPERATURE_C") | {"last_value": "warm"}
    fake.things = [thing(bad, {"name": "x"}), {"name": "nobody"}]
    await cloud.snapshot()
    assert cloud.faults.tally.drops == {Drop.NO_ID: 2, Drop.WRONG_TYPE: 1}
