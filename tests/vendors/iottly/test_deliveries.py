"""What is delivered and what is polled are one: each message counts once (reference 5.1)."""

import asyncio
from collections.abc import Callable
import contextlib
from dataclasses import replace
from datetime import timedelta
import json
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import pytest

from custom_components.iot_clouds.cloud import Cloud, Link
from custom_components.iot_clouds.model import (
    CloudRejected,
    Json,
    Kind,
    Ref,
    Send,
    Update,
)
from custom_components.iot_clouds.vendors.iottly import VENDOR
from custom_components.iot_clouds.vendors.iottly.cursor import MOST_EARLY

from .fake import KEY, OTHER, FakeIottly, error, ok, props, told
from .store import DEVICE, PROJECT, START, Store
from .test_memory import HISTORY, Notes, later

ON: dict[str, Json] = {
    "webhook": {"id": "x", "secret": "y", "since": "2026-03-01T12:00:00+00:00"}
}
TEMPERATURE = Ref(DEVICE, "message/temperature")
NOTHING = Update()

type Start = Callable[..., Cloud]


@pytest.fixture
def notes() -> Notes:
    return Notes()


@pytest.fixture
def start(fake: FakeIottly, link: Link, notes: Notes) -> Start:
    """Start, or start again, with what was kept."""

    def start(**options: Json) -> Cloud:
        notes.stop()
        data = {"project_id": PROJECT, "api_key": KEY, "base_url": fake.url}
        return VENDOR.connect(replace(link, memory=notes), {**data, **ON, **options})

    return start


@pytest.fixture
async def cloud(start: Start, store: Store) -> Cloud:
    """A cloud that knows one message."""
    store.add({"temperature": 20}, later(0))
    cloud = start()
    await cloud.snapshot()
    return cloud


def deliver(cloud: Cloud, row, **changes) -> Update:
    """What a delivery tells of the devices."""
    update = receive(cloud, json.dumps({"msg": {**row, **changes}}))
    of_devices = {
        ref: reading
        for ref, reading in update.readings.items()
        if ref.device_id != "account"
    }
    return replace(update, readings=of_devices)


def receive(cloud: Cloud, body: str) -> Update:
    assert cloud.receiver
    return cloud.receiver.receive(body.encode())


def send(cloud: Cloud, store: Store, payload, second=60.0, **more) -> Update:
    """A message is stored and delivered."""
    return deliver(cloud, store.webhook_row(store.add(payload, later(second), **more)))


def events(found) -> list:
    return [event.data for event in found.events]


def values(update: Update):
    return {
        ref.key: reading.value
        for ref, reading in update.readings.items()
        if ref.device_id == DEVICE
    }


async def test_a_delivery_tells_what_it_changes_and_nothing_else(cloud, store):
    store.add({"humidity": 50, "temperature": 20.5}, later(30))
    await cloud.snapshot()
    update = send(cloud, store, {"temperature": 21})
    assert values(update) == {"message/temperature": 21}
    assert update.readings[TEMPERATURE].at == later(60)
    assert events(update) == [{"temperature": 21}]
    assert (update.online, update.relist) == ({}, False)


async def test_a_poll_does_not_tell_again_what_was_delivered(cloud, store):
    send(cloud, store, {"temperature": 21})
    for _ in range(3):
        snapshot = await cloud.snapshot()
        assert snapshot.events == ()
        assert snapshot.readings[TEMPERATURE].value == 21


async def test_a_delivery_does_not_tell_again_what_was_polled(cloud, store):
    row = store.webhook_row(store.add({"temperature": 21}, later(60)))
    assert events(await cloud.snapshot()) == [{"temperature": 21}]
    assert deliver(cloud, row) == NOTHING


async def test_what_is_delivered_twice_is_told_once(cloud, store):
    row = store.webhook_row(store.add({"temperature": 21}, later(60)))
    assert len(deliver(cloud, row).events) == 1
    assert deliver(cloud, row) == NOTHING
    assert (await cloud.snapshot()).events == ()
    assert deliver(cloud, row) == NOTHING


async def test_two_equal_messages_of_one_moment_are_two(cloud, store):
    first = store.webhook_row(store.add({"temperature": 21}, later(60)))
    second = store.webhook_row(store.add({"temperature": 21}, later(60)))
    found = events(deliver(cloud, first)) + events(deliver(cloud, second))
    found += events(await cloud.snapshot())
    assert found == [{"temperature": 21}] * 2


@pytest.mark.parametrize("missing", ["type", "to", "devicetimestamp"])
async def test_what_a_webhook_leaves_out_does_not_make_another_message(
    cloud, store, missing
):
    row = store.webhook_row(store.add({"temperature": 21}, later(60)))
    del row[missing]
    assert events(deliver(cloud, row)) == [{"temperature": 21}]
    assert (await cloud.snapshot()).events == ()


async def test_a_delivery_hides_no_message_that_came_before_it(cloud, store):
    for n in range(250):
        store.add({"n": n}, later(60 + n))
    assert events(send(cloud, store, {"n": 250}, 400)) == [{"n": 250}]
    assert [each["n"] for each in events(await cloud.snapshot())] == [*range(250)]


async def test_a_restart_between_delivery_and_poll_tells_nothing_twice(
    cloud, store, start
):
    send(cloud, store, {"temperature": 21})
    snapshot = await start().snapshot()
    assert snapshot.events == ()
    assert snapshot.readings[TEMPERATURE].value == 21


async def test_messages_of_one_moment_end_as_the_cloud_has_them(cloud, store):
    first, second = (
        store.webhook_row(store.add({"temperature": value}, later(60)))
        for value in (21, 22)
    )
    deliver(cloud, second)
    deliver(cloud, first)
    assert (await cloud.snapshot()).readings[TEMPERATURE].value == 22


async def test_a_list_that_was_delivered_and_polled_was_sent_once(cloud, store):
    send(cloud, store, {"v": [1, 2]})
    assert "message/v/0" not in (await cloud.snapshot()).devices[DEVICE].points
    send(cloud, store, {"v": [3, 4]}, 61)
    assert "message/v/0" in (await cloud.snapshot()).devices[DEVICE].points


async def test_late_deliveries_undo_nothing(cloud, store):
    late = store.webhook_row(store.add({"temperature": 1}, later(50)))
    assert values(send(cloud, store, {"temperature": 21}, 60)) == {
        "message/temperature": 21
    }
    update = deliver(cloud, late)
    assert (values(update), events(update)) == ({}, [{"temperature": 1}])


async def test_a_new_value_asks_for_a_listing(cloud, store):
    update = send(cloud, store, {"humidity": 50})
    assert (values(update), update.relist) == ({"message/humidity": 50}, True)
    point = (await cloud.snapshot()).devices[DEVICE].points["message/humidity"]
    assert point.kind is Kind.MEASURE
    assert not send(cloud, store, {"humidity": 51}, 61).relist


async def test_the_agent_tells_at_once_that_a_device_left_and_came_back(
    cloud, store, fake
):
    def say(status, second):
        message = {"connectionstatus": status}
        return send(cloud, store, message, 60 + second, kind="iottlyagent")

    assert say("disconnected", 1) == replace(NOTHING, online={DEVICE: False})
    assert say("disconnected", 2) == NOTHING
    assert say("connected", 3) == replace(NOTHING, online={DEVICE: True})


async def test_dates_without_a_zone_are_believed_once_a_poll_has_shown_it(
    cloud, store, fake
):
    store.webhook_dates, store.page_zone = "naive", ZoneInfo("Europe/Rome")
    assert send(cloud, store, {"temperature": 21}) == replace(NOTHING, relist=True)
    assert events(await cloud.snapshot()) == [{"temperature": 21}]
    update = send(cloud, store, {"temperature": 22}, 70)
    assert update.readings[TEMPERATURE].at == later(70)
    assert (await cloud.snapshot()).events == ()


async def test_deliveries_that_polls_never_meet_are_no_more_than_a_hint(cloud, store):
    def forge(second):
        row = store.webhook_row(store.add({"temperature": 1}, later(second)))
        store.rows.pop()
        return deliver(cloud, row)

    for n in range(3):
        assert len(forge(60 + n).events) == 1
    store.add({"temperature": 2}, later(200))
    await cloud.snapshot()
    assert cloud.diagnostics()["deliveries_agree"] is False
    assert forge(300) == replace(NOTHING, relist=True)


async def test_before_a_device_was_polled_deliveries_wait_for_that(
    start, fake, store, cloud
):
    fake.devices.append(props(OTHER))
    fake.stores[OTHER] = other = Store(device=OTHER)
    fake.answers[f"messages/{OTHER}"] = [error(500)]
    await cloud.snapshot()
    row = other.webhook_row(other.add({"n": 1}, later(60)))
    assert deliver(cloud, row) == replace(NOTHING, relist=True)


async def test_more_than_can_be_remembered_is_left_to_polls(cloud, store):
    updates = [send(cloud, store, {"n": n}, 60 + n / 100) for n in range(600)]
    told_now = [each["n"] for update in updates for each in events(update)]
    assert told_now == [*range(MOST_EARLY)]
    assert updates[-1] == replace(NOTHING, relist=True)
    polled = [each["n"] for each in events(await cloud.snapshot())]
    assert polled == [*range(MOST_EARLY, 600)]


async def test_a_device_that_is_not_known_is_looked_for_once(cloud, store, fake):
    row = store.webhook_row(store.add({"n": 1}, later(60)))
    stranger = {**row, "from": OTHER}
    assert deliver(cloud, stranger) == replace(NOTHING, relist=True)
    assert deliver(cloud, stranger) == NOTHING


async def test_strangers_without_end_ask_for_no_listings_without_end(cloud, store):
    row = store.webhook_row(store.add({"n": 1}, later(60)))
    wishes = [
        deliver(cloud, {**row, "from": f"{n:08x}{OTHER[8:]}"}).relist
        for n in range(200)
    ]
    assert sum(wishes) == 100


async def test_another_projects_message_is_refused(cloud, store):
    row = store.webhook_row(store.add({"temperature": 21}, later(60)))
    with pytest.raises(CloudRejected):
        deliver(cloud, {**row, "to": "0" * 24})
    assert events(deliver(cloud, {**row, "to": PROJECT.upper()})) == [
        {"temperature": 21}
    ]


@pytest.mark.parametrize(
    "content",
    [
        {"timestamp": None},
        {"timestamp": "yesterday"},
        {"timestamp": {"$date": {"$numberLong": "9" * 400}}},
        {"payload": None},
        {"type": 7, "payload": 5, "timestamp": "x"},
    ],
)
async def test_what_cannot_be_read_only_shows_that_there_is_something(
    cloud, store, content
):
    row = store.webhook_row(store.add({"temperature": 21}, later(60)))
    assert deliver(cloud, row, **content).relist
    assert events(await cloud.snapshot()) == [{"temperature": 21}]


@pytest.mark.parametrize("depth", [100, 1_000, 3_000, 10_000, 30_000, 60_000])
@pytest.mark.parametrize("brackets", [("[", "]"), ('{"a":', "}")], ids=["list", "dict"])
async def test_what_is_nested_deeply_breaks_nothing(cloud, store, depth, brackets):
    row = store.webhook_row(store.add({"a": 0}, later(60)))
    opening, closing = brackets
    bomb = opening * depth + "1" + closing * depth
    text = json.dumps({"msg": {**row, "payload": {"a": "BOMB"}}}).replace(
        '"BOMB"', bomb
    )
    with contextlib.suppress(CloudRejected):
        receive(cloud, text)
    await cloud.snapshot()


async def test_numbers_that_are_too_long_are_no_numbers(cloud, store):
    row = store.webhook_row(store.add({"temperature": 21}, later(60)))
    text = json.dumps({"msg": {**row, "payload": {"temperature": 777}}})
    text = text.replace("777", "7" * 100_000)
    update = receive(cloud, text)
    assert values(update) == {"message/temperature": None}


async def test_a_form_is_as_good_as_json(cloud, store):
    row = store.webhook_row(store.add({"temperature": 21}, later(60)))
    body = urlencode({"msg": json.dumps(row)})
    assert events(receive(cloud, body)) == [{"temperature": 21}]


async def test_what_is_no_unicode_is_left_to_the_polls(cloud, store):
    row = store.webhook_row(store.add({"Température": 21}, later(60)))
    text = json.dumps({"msg": row}, ensure_ascii=False)
    update = cloud.receiver.receive(text.encode("latin-1"))
    assert (events(update), update.relist) == ([], True)

    snapshot = await cloud.snapshot()
    assert [event.data for event in snapshot.events] == [{"Température": 21}]
    assert Ref(DEVICE, "message/Température") in snapshot.readings


async def test_polls_are_rare_while_they_find_nothing_that_was_not_delivered(
    cloud, store
):
    send(cloud, store, {"temperature": 21})
    assert (await cloud.snapshot()).poll_in == timedelta(seconds=300)
    store.add({"temperature": 22}, later(70))
    assert (await cloud.snapshot()).poll_in == timedelta(seconds=10)
    send(cloud, store, {"temperature": 23}, 80)
    assert (await cloud.snapshot()).poll_in == timedelta(seconds=300)


async def test_what_was_sent_while_nobody_listened_is_not_missed(start, cloud, store):
    send(cloud, store, {"temperature": 21})
    await cloud.snapshot()
    store.add({"temperature": 22}, later(70))
    cloud = start()
    assert len((await cloud.snapshot()).events) == 1
    send(cloud, store, {"temperature": 23}, 80)
    assert (await cloud.snapshot()).poll_in == timedelta(seconds=300)


async def test_the_account_tells_when_something_was_delivered_last(start, cloud, store):
    snapshot = await cloud.snapshot()
    point = snapshot.devices["account"].points["webhook/last"]
    assert (point.device_class, point.label) == ("timestamp", "last_delivery")
    last = Ref("account", "webhook/last")
    assert last not in snapshot.readings
    rows = [
        json.dumps(store.webhook_row(store.add({"n": n}, later(60 + n))))
        for n in range(2)
    ]
    reading = receive(cloud, rows[0]).readings[last]
    assert reading.value == reading.at > START
    # To the minute: the next one tells nothing.
    assert last not in receive(cloud, rows[1]).readings
    cloud = start()
    assert (await cloud.snapshot()).readings[last].value == reading.value


async def test_turned_on_anew_nothing_was_delivered_yet(start, cloud, store):
    send(cloud, store, {"temperature": 21})
    cloud = start(webhook={"since": "2999-01-01T00:00:00+00:00"})
    assert Ref("account", "webhook/last") not in (await cloud.snapshot()).readings


async def test_turned_off_nothing_is_told_of_a_webhook(start, store):
    snapshot = await start(webhook=None).snapshot()
    assert "webhook/last" not in snapshot.devices["account"].points
    assert snapshot.notices == ()


async def test_payloads_alone_are_a_notice(cloud, store):
    with pytest.raises(CloudRejected):
        receive(cloud, '{"temperature": 21}')
    assert [each.key for each in (await cloud.snapshot()).notices] == [
        "webhook_payload_only"
    ]


async def test_whoever_waits_for_an_answer_hears_a_delivery(fake, cloud, store):
    command = Send(device_id=DEVICE, type="pump", options={"state": "on"}, wait=30)
    waiting = asyncio.create_task(cloud.execute(command))
    while not fake.bodies:
        await asyncio.sleep(0)
    update = send(cloud, store, {"pump": {"status": "successful"}})
    assert len(update.events) == 1
    answer = await waiting
    assert [each["payload"] for each in answer["messages"]] == [
        {"pump": {"status": "successful"}}
    ]


async def test_a_delivery_during_a_poll_is_told_once(fake, cloud, store):
    found: list = []
    row = store.webhook_row(store.add({"temperature": 21}, later(60)))

    async def answer(request):
        found.extend(events(deliver(cloud, row)))
        rows = await store.history(DEVICE, 100)
        return await ok({"messages": rows})(request)

    fake.answers[HISTORY] = [answer]
    found += events(await cloud.snapshot())
    found += events(await cloud.snapshot())
    assert found == [{"temperature": 21}]
    assert told(await cloud.snapshot())[TEMPERATURE].value == 21


async def test_a_device_that_is_left_out_is_not_looked_for(start, store):
    store.add({"temperature": 20}, later(0))
    cloud = start(left_out=[DEVICE])
    snapshot = await cloud.snapshot()
    assert snapshot.devices[DEVICE].points == {}
    assert store.requests == []
    row = store.webhook_row(store.add({"temperature": 21}, later(60)))
    assert deliver(cloud, row) == NOTHING
    assert deliver(cloud, row, **{"from": OTHER}) == replace(NOTHING, relist=True)
