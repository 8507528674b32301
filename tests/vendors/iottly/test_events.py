"""Messages as events: each once, old ones never (reference 6.2, rule 14)."""

import json

import pytest

from custom_components.iot_clouds.model import CloudBusy, CloudUnreachable, Event

from .fake import OTHER, error, ok, props
from .store import DEVICE, Store
from .test_memory import HISTORY, later, notes, start  # noqa: F401


def told(snapshot):
    return [(event.name, event.data) for event in snapshot.events]


async def happens(cloud, store, payload, second=60):
    await cloud.snapshot()
    store.add(payload, later(second))
    [event] = (await cloud.snapshot()).events
    return event


async def test_what_a_fresh_account_finds_is_no_news(cloud, store):
    for n in range(150):
        store.add({"n": n}, later(n))
    assert (await cloud.snapshot()).events == ()
    assert (await cloud.snapshot()).events == ()


async def test_what_a_fresh_account_did_not_find_is_no_news_either(cloud, store):
    # All within the moments that are looked at twice, and too many for one answer.
    for n in range(150):
        store.add({"n": n}, later(n / 1000))
    assert (await cloud.snapshot()).events == ()
    store.add({"n": 150}, later(60))
    assert told(await cloud.snapshot()) == [("n", {"n": 150})]
    assert (await cloud.snapshot()).events == ()


@pytest.mark.parametrize("nothing", [error(404), ok({"messages": []})])
async def test_what_a_server_did_not_show_at_first_is_no_news(
    fake, cloud, store, nothing
):
    for n in range(150):
        store.add({f"n{n % 30}": n}, later(n - 200))
    fake.answers[DEVICE] = [nothing]
    assert (await cloud.snapshot()).events == ()
    for _ in range(3):
        snapshot = await cloud.snapshot()
        assert snapshot.events == ()
    # The events, and the thirty values of the newest hundred messages.
    assert len(snapshot.devices[DEVICE].points) == 31
    store.add({"n0": 150}, later(60))
    assert told(await cloud.snapshot()) == [("n0", {"n0": 150})]


async def test_a_message_is_an_event_with_its_whole_payload(cloud, store):
    payload = {"ALARM": {"description": "too high", "temp_value": 48.7}}
    event = await happens(cloud, store, payload)
    assert event == Event(
        device_id=DEVICE,
        name="ALARM",
        data=payload,
        at=later(60),
        id=store.rows[-1]["oid"],
    )
    assert (await cloud.snapshot()).events == ()


@pytest.mark.parametrize(
    ("payload", "name"),
    [
        ({"CSQ": {"signal": 12}, "last_reading": "Mon"}, "message"),
        ({}, "message"),
        ({"": 1}, "message"),
        ("text", "value"),
        ({"k" * 300: 1}, "k" * 255),
    ],
)
async def test_an_event_is_named_by_the_only_root_key(cloud, store, payload, name):
    assert (await happens(cloud, store, payload)).name == name


@pytest.mark.parametrize(("length", "truncated"), [(32_757, False), (32_758, True)])
async def test_a_payload_over_32_kib_is_left_out_and_said_so(
    cloud, store, length, truncated
):
    payload = {"large": "x" * length}
    assert len(json.dumps(payload)) == length + 13
    event = await happens(cloud, store, {"large": "x" * (length - 1)})
    assert (event.name, event.truncated, event.data is None) == (
        "large",
        truncated,
        truncated,
    )


async def test_what_no_encoder_takes_is_made_fit(cloud, store):
    deep: object = "end"
    for _ in range(40):
        deep = [deep]
    payload = {"a": float("nan"), "b": 10**30, "c": "\ud800", "d": deep, "e": [None]}
    data = (await happens(cloud, store, payload)).data
    assert (data["a"], data["b"], data["c"], data["e"]) == (
        None,
        "1000000000000000000000000000000",
        "?",
        [None],
    )
    inner = data["d"]
    while isinstance(inner, list):
        [inner] = inner
    assert json.loads(inner) == [[[[[[[[["end"]]]]]]]]]


async def test_what_the_agent_says_is_no_event(cloud, store):
    await cloud.snapshot()
    store.add({"connectionstatus": "connected"}, later(60), kind="iottlyagent")
    assert (await cloud.snapshot()).events == ()


async def test_events_come_in_the_order_in_which_they_happened(cloud, store):
    store.add({"n": 0}, later(0))
    await cloud.snapshot()
    for n in range(1, 251):
        store.add({"n": n}, later(60 + n / 1000))
    events = (await cloud.snapshot()).events
    assert [event.data["n"] for event in events] == list(range(1, 251))
    assert len({event.id for event in events}) == 250


async def test_a_device_that_joins_tells_only_what_happens_from_then_on(fake, cloud):
    await cloud.snapshot()
    fake.devices.append(props(OTHER))
    store = fake.stores[OTHER] = Store(device=OTHER)
    store.add({"n": 0}, later(0))
    assert (await cloud.snapshot()).events == ()
    store.add({"n": 1}, later(60))
    assert told(await cloud.snapshot()) == [("n", {"n": 1})]


async def test_after_a_restart_each_message_is_told_once(start, store):  # noqa: F811
    store.add({"n": 0}, later(0))
    cloud = start()
    await cloud.snapshot()
    store.add({"n": 1}, later(60))
    assert told(await cloud.snapshot()) == [("n", {"n": 1})]
    for n in range(2, 203):
        store.add({"n": n}, later(60 + n / 1000))
    cloud = start()
    assert [data["n"] for _, data in told(await cloud.snapshot())] == [*range(2, 203)]
    assert (await cloud.snapshot()).events == ()
    assert (await start().snapshot()).events == ()


async def test_a_burst_that_a_failure_and_a_restart_cut_is_told_once(
    fake,
    start,  # noqa: F811
    store,
):
    store.add({"n": 0}, later(0))
    cloud = start()
    await cloud.snapshot()
    for n in range(1, 351):
        store.add({"n": n}, later(60 + n / 1000))
    # The newest hundred are taken; then the cloud is too busy to close the gap.
    fake.answers["paginated"] = [error(429)]
    with pytest.raises(CloudBusy):
        await cloud.snapshot()
    events = told(await start().snapshot())
    assert [data["n"] for _, data in events] == list(range(1, 351))
    assert (await start().snapshot()).events == ()


async def test_events_that_were_told_are_not_kept(start, store, notes):  # noqa: F811
    await start().snapshot()
    store.add({"n": 1}, later(60))
    cloud = start()
    assert len((await cloud.snapshot()).events) == 1
    start()
    [device] = json.loads(notes.text)["devices"].values()
    assert device["events"] == []


async def test_a_failed_listing_loses_no_event(fake, cloud, store):
    await cloud.snapshot()
    store.add({"n": 1}, later(60))
    fake.answers["props"] = [error(500)]
    with pytest.raises(CloudUnreachable):
        await cloud.snapshot()
    fake.answers[HISTORY] = [ok({"messages": []})]
    assert (await cloud.snapshot()).events == ()
    assert told(await cloud.snapshot()) == [("n", {"n": 1})]
