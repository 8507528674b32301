"""What an account knows survives a restart: nothing is lost, nothing is told twice."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
import json

import pytest

from custom_components.iot_clouds.cloud import Cloud, Link
from custom_components.iot_clouds.model import Json, Kind, Place
from custom_components.iot_clouds.vendors.iottly import VENDOR

from .fake import KEY, OTHER, FakeIottly, boards, error, props, told
from .store import DEVICE, PROJECT, START, Store

HISTORY = f"messages/{DEVICE}"

type Start = Callable[[], Cloud]


class Notes:
    """A memory that survives restarts, as text; it writes when the host stops."""

    def __init__(self) -> None:
        self.text = "{}"
        self.saves = 0
        self._collect: Callable[[], Mapping[str, Json]] | None = None

    async def load(self) -> Mapping[str, Json]:
        kept: dict[str, Json] = json.loads(self.text)
        return kept

    def save(self, collect: Callable[[], Mapping[str, Json]]) -> None:
        self.saves += 1
        self._collect = collect

    def stop(self) -> None:
        if self._collect:
            self.text = json.dumps(self._collect(), allow_nan=False)


@pytest.fixture
def notes() -> Notes:
    return Notes()


@pytest.fixture
def start(fake: FakeIottly, link: Link, notes: Notes) -> Start:
    """Start, or start again, with what was kept."""

    def start() -> Cloud:
        notes.stop()
        return VENDOR.connect(
            replace(link, memory=notes),
            {"project_id": PROJECT, "api_key": KEY, "base_url": fake.url},
        )

    return start


def later(seconds):
    return START + timedelta(seconds=seconds)


SHAPES = {
    "number": 21.5,
    "whole": 123456789012345678901234567890,
    "flag": True,
    "text": "x" * 300,
    "pos": {"lat": 45.07, "lon": 7.68, "accuracy": 4, "speed": 3},
    "list": [1, 2],
    "many": ["a", "b"],
    "last_time": "2026-03-01T10:00:00+01:00",
    "null": None,
    "": 5,
    "deep": {"b": {"c": "d"}},
    "long" * 40: 1,
}


async def test_after_a_restart_everything_is_shown_as_before(fake, start, store):
    store.add(SHAPES, later(0))
    store.add(SHAPES, later(1))
    before = await start().snapshot()
    store.rows.clear()
    after = await start().snapshot()
    assert (boards(after), told(after)) == (boards(before), told(before))
    kinds = {point.kind for point in after.devices[DEVICE].points.values()}
    assert {Kind.MEASURE, Kind.FLAG, Kind.TEXT, Kind.PLACE} <= kinds
    values = {ref.key: reading.value for ref, reading in told(after).items()}
    assert values["message/pos"] == Place(latitude=45.07, longitude=7.68, accuracy=4.0)
    assert values["message/whole"] == 123456789012345678901234567890


async def test_what_is_known_is_shown_while_the_messages_cannot_be_read(
    fake, start, store
):
    store.add({"a": 7}, later(0))
    await start().snapshot()
    fake.answers[HISTORY] = [error(500)]
    [reading] = told(await start().snapshot()).values()
    assert reading.value == 7


async def test_an_old_message_that_comes_late_undoes_nothing_after_a_restart(
    start, store
):
    store.add({"a": 1, "n": 1}, later(10))
    store.add({"n": None}, later(11))
    await start().snapshot()
    store.add({"a": 0, "n": 0, "b": 0}, later(9))
    values = {
        ref.key: reading.value
        for ref, reading in told(await start().snapshot()).items()
    }
    assert values == {"message/a": 1, "message/n": None, "message/b": 0}


async def test_a_list_shows_its_numbers_only_after_a_second_message(start, store):
    store.add({"v": [1, 2]}, later(0))
    for _ in range(3):
        points = (await start().snapshot()).devices[DEVICE].points
        assert "message/v/0" not in points
    store.add({"v": [3, 4]}, later(1))
    points = (await start().snapshot()).devices[DEVICE].points
    assert "message/v/0" in points


async def test_what_came_while_nobody_listened_is_read_through_to_the_end(start, store):
    store.add({"n": 0}, later(0))
    await start().snapshot()
    for n in range(1, 331):
        store.add({f"slot{n}" if n < 5 else "n": n}, later(60 + n / 1000))
    values = {
        ref.key: reading.value
        for ref, reading in told(await start().snapshot()).items()
    }
    assert values == {
        "message/n": 330,
        **{f"message/slot{n}": n for n in range(1, 5)},
    }


async def test_the_connection_that_an_agent_told_is_still_known(fake, start, store):
    fake.devices = [props(operatingstatus=None)]
    store.add({"connectionstatus": "connected"}, later(0), kind="iottlyagent")
    assert (await start().snapshot()).devices[DEVICE].online is True
    store.rows.clear()
    assert (await start().snapshot()).devices[DEVICE].online is True


async def test_a_quiet_project_is_written_down_once(fake, start, store, notes):
    store.add({"a": 1}, later(0))
    cloud = start()
    for _ in range(3):
        await cloud.snapshot()
    assert notes.saves == 1
    store.add({"a": 1}, later(1))
    await cloud.snapshot()
    assert notes.saves == 2


async def test_a_device_that_left_is_forgotten(fake, start, notes):
    fake.devices.append(props(OTHER))
    fake.stores[OTHER] = Store(device=OTHER)
    cloud = start()
    await cloud.snapshot()
    fake.devices.pop()
    for _ in range(3):
        await cloud.snapshot()
    start()
    assert list(json.loads(notes.text)["devices"]) == [DEVICE]


async def test_a_device_that_one_listing_misses_after_a_start_is_not_forgotten(
    fake, start, store
):
    store.add({"a": 7}, later(0))
    await start().snapshot()
    away = fake.devices.pop()
    fake.devices.append(props(OTHER))
    fake.stores[OTHER] = Store(device=OTHER)
    cloud = start()
    await cloud.snapshot()
    store.rows.clear()
    cloud = start()
    fake.devices.append(away)
    [reading] = told(await cloud.snapshot()).values()
    assert reading.value == 7


@pytest.mark.parametrize(
    "text",
    [
        '{"devices": 5}',
        '{"devices": {"%s": 5}}',
        '{"devices": {"%s": {"cursor": 5, "leaves": 5, "agent": 5}}}',
        '{"devices": {"%s": {"cursor": {}, "leaves": {"shown": [{}]}}}}',
        '{"devices": {"%s": {"cursor": {"watermark": "2026-03-01T00:00:00Z"},'
        ' "leaves": {"shown": [5, {}, {"path": [1]}, {"path": ["a"], "place": "",'
        ' "at": "2026-03-01T00:00:00Z", "kind": "none"}], "hidden": [{}, {"path":'
        ' ["a"], "place": "", "at": "2026-03-01T00:00:00Z"}], "lengths":'
        ' [5, {}, {"path": ["a"], "counts": [5, ["x", 1]]}]}, "agent": ["soon", "", true]}}}',
    ],
)
async def test_a_damaged_note_is_like_none(start, store, notes, text):
    store.add({"a": 7}, later(0))
    clean = await start().snapshot()
    cloud = start()
    notes.text = text.replace("%s", DEVICE)
    after = await cloud.snapshot()
    assert (boards(after), told(after)) == (boards(clean), told(clean))
