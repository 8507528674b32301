"""Units of types that carry none are asked for at the first start, and then once a month."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
import json
import ssl
from typing import Any

from aiohttp import web
import pytest

from custom_components.iot_clouds.model import Json
from custom_components.iot_clouds.vendors.arduino.client import Client
from custom_components.iot_clouds.vendors.arduino.cloud import ArduinoCloud

from .fake import THING, FakeArduino, prop, thing

OFFERED = [{"type": "ENERGY", "units": ["kWh"]}]
TYPES = "/property_types"


class Notes:
    """What is kept, as a file would have it."""

    def __init__(self) -> None:
        self.kept = "{}"

    async def load(self) -> Mapping[str, Json]:
        kept: dict[str, Json] = json.loads(self.kept)
        return kept

    def save(self, collect: Callable[[], Mapping[str, Json]]) -> None:
        self.kept = json.dumps(collect())

    def change(self, **notes: Json) -> None:
        self.kept = json.dumps({**json.loads(self.kept), **notes})


@pytest.fixture
def notes() -> Notes:
    return Notes()


@pytest.fixture
def start(
    fake: FakeArduino, make_client: Callable[..., Client], notes: Notes
) -> Callable[[], Any]:
    """Begin anew with the same notes; returns the unit that is shown."""
    fake.things = [thing(prop(1, "used", "ENERGY", last_value=5))]

    async def start() -> str | None:
        cloud = ArduinoCloud(
            make_client(),
            mqtt_url=fake.mqtt_url,
            tls=ssl.create_default_context(),
            memory=notes,
        )
        points = (await cloud.snapshot()).devices[THING].points
        await cloud.close()
        return points["property/33333333-3333-4333-8333-000000000001"].unit

    return start


async def test_a_later_start_does_not_ask(
    fake: FakeArduino, start: Callable[[], Any]
) -> None:
    fake.answer(TYPES, web.json_response(OFFERED))
    assert await start() == "kWh"
    assert await start() == "kWh"
    assert fake.count(TYPES) == 1


async def test_after_a_month_they_are_asked_for_again(
    fake: FakeArduino, start: Callable[[], Any], notes: Notes
) -> None:
    fake.answer(TYPES, web.json_response(OFFERED))
    await start()
    asked = datetime.now(UTC) - timedelta(days=30)
    notes.change(units_asked=(asked + timedelta(minutes=1)).isoformat())
    assert await start() == "kWh"
    assert fake.count(TYPES) == 1
    notes.change(units_asked=asked.isoformat())
    fake.answer(TYPES, web.json_response([{"type": "ENERGY", "units": ["Wh"]}]))
    assert await start() == "Wh"
    assert await start() == "Wh"
    assert fake.count(TYPES) == 2


@pytest.mark.parametrize(
    "answer",
    [
        web.Response(status=500),
        web.Response(text="<html>"),
        web.json_response("nonsense"),
        web.json_response([]),
    ],
    ids=["fault", "page", "text", "nothing"],
)
async def test_where_asking_again_brings_nothing_the_units_stay(
    fake: FakeArduino,
    start: Callable[[], Any],
    notes: Notes,
    answer: web.Response,
) -> None:
    fake.answer(TYPES, web.json_response(OFFERED))
    await start()
    notes.change(units_asked="2020-01-01T00:00:00+00:00")
    fake.answer(TYPES, answer)
    assert await start() == "kWh"
    # And the next start tries again.
    fake.answer(TYPES, web.json_response([{"type": "ENERGY", "units": ["Wh"]}]))
    assert await start() == "Wh"


async def test_an_answer_without_units_is_not_remembered(
    fake: FakeArduino, start: Callable[[], Any]
) -> None:
    fake.answer(TYPES, web.json_response([]))
    assert await start() == "J"
    fake.answer(TYPES, web.json_response(OFFERED))
    assert await start() == "kWh"


@pytest.mark.parametrize(
    "damage",
    [
        {"units": None},
        {"units": []},
        {"units": {"ENERGY": "J"}},
        {"units_asked": "2999-01-01T00:00:00+00:00"},
        {"units_asked": "yesterday"},
        {"units_asked": 5},
    ],
    ids=str,
)
async def test_notes_that_make_no_sense_are_asked_for_again(
    fake: FakeArduino,
    start: Callable[[], Any],
    notes: Notes,
    damage: dict[str, Json],
) -> None:
    fake.answer(TYPES, web.json_response(OFFERED))
    await start()
    notes.change(**damage)
    fake.answer(TYPES, web.json_response([{"type": "ENERGY", "units": ["Wh"]}]))
    assert await start() == "Wh"


@pytest.mark.parametrize("unit", ["furlong", "°C", 5, ["kWh"], {}], ids=str)
async def test_a_noted_unit_that_is_none_is_not_shown(
    fake: FakeArduino, start: Callable[[], Any], notes: Notes, unit: Json
) -> None:
    types = [*OFFERED, {"type": "MASS", "units": ["g"]}]
    fake.answer(TYPES, web.json_response(types))
    await start()
    notes.change(units={**json.loads(notes.kept)["units"], "ENERGY": unit})
    assert await start() == "J"
    assert fake.count(TYPES) == 1
