"""What a device sent in the past, by whatever way the server offers."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from custom_components.iot_clouds.model import (
    CloudMissing,
    CloudRejected,
    CloudUnreachable,
    HistoryQuery,
)
from custom_components.iot_clouds.vendors.iottly import VENDOR, history

from .fake import KEY, OTHER, error, ok, props
from .store import DEVICE, PROJECT, START


def later(seconds):
    return START + timedelta(seconds=seconds)


def query(start=0, end=10_000, **changes):
    given = {"device_id": DEVICE, "start": later(start), "end": later(end)}
    return HistoryQuery(**{**given, **changes})


async def numbers(cloud, *args, **changes):
    samples = await cloud.history.query(query(*args, **changes))
    assert list(samples) == sorted(samples, key=lambda sample: sample.at)
    return [sample.value["n"] for sample in samples]


async def test_a_message_is_a_sample_with_its_payload(cloud, store):
    payload = {"sensor_data_reading": {"temperaure": 33.94, "humidity": 51.2}}
    store.add(payload, later(0))
    store.add({"connectionstatus": "connected"}, later(1), kind="iottlyagent")
    [sample] = await cloud.history.query(query())
    assert (sample.at, sample.value) == (later(0), payload)


async def test_a_short_past_costs_one_request(fake, cloud, store):
    for n in range(5):
        store.add({"n": n}, later(n))
    await cloud.snapshot()
    fake.requests.clear()
    assert await numbers(cloud, 1, 3) == [1, 2, 3]
    assert fake.paths() == [f"messages/{DEVICE}"]


@pytest.mark.parametrize("page_from", ["naive", "zulu", "milliseconds", "seconds"])
@pytest.mark.parametrize("zone", ["UTC", "Europe/Rome"])
async def test_a_long_past_is_read_through_to_the_end(cloud, store, page_from, zone):
    store.page_from, store.page_zone = page_from, ZoneInfo(zone)
    for n in range(450):
        store.add({"n": n}, later(n))
    assert await numbers(cloud, 10, 399) == list(range(10, 400))
    assert await numbers(cloud) == list(range(450))


async def test_no_more_pages_are_asked_for_than_the_limit_needs(cloud, store):
    for n in range(1000):
        store.add({"n": n}, later(n))
    await cloud.snapshot()
    await cloud.history.query(query(limit=1))
    store.requests.clear()
    assert await numbers(cloud, limit=150) == list(range(150))
    assert [name for name, _ in store.requests] == ["history", "page", "page"]


async def test_many_messages_of_one_moment_are_all_there(cloud, store):
    for n in range(350):
        store.add({"n": n}, later(5))
    for n in range(350, 500):
        store.add({"n": n}, later(6))
    assert sorted(await numbers(cloud)) == list(range(500))


@pytest.mark.parametrize("first_page", [0, 1])
async def test_a_moment_that_fills_pages_exactly_ends_with_an_empty_one(
    cloud, store, first_page
):
    store.first_page = first_page
    for n in range(300):
        store.add({"n": n}, later(5))
    assert await numbers(cloud) == list(range(300))


async def test_a_server_without_page_numbers_ends_all_the_same(cloud, store):
    store.numbered = False
    for n in range(250):
        store.add({"n": n}, later(5))
    for n in range(250, 400):
        store.add({"n": n}, later(6 + n))
    assert await numbers(cloud) == [*range(100), *range(250, 400)]


async def test_equal_messages_are_told_as_often_as_they_were_sent(cloud, store):
    for _ in range(3):
        store.add({"n": 1}, later(0))
    for n in range(200):
        store.add({"n": n}, later(60 + n))
    assert await numbers(cloud, 0, 59) == [1, 1, 1]


async def test_a_period_without_messages_is_empty(fake, cloud, store):
    assert await numbers(cloud) == []
    for n in range(200):
        store.add({"n": n}, later(60 + n))
    assert await numbers(cloud, 0, 30) == []
    assert await numbers(cloud, 5000, 6000) == []
    # That nothing was found says nothing against the pages.
    assert await numbers(cloud) == list(range(200))
    assert cloud.diagnostics()["pages_usable"] is True
    assert cloud.diagnostics()["messages_lost"] is False


@pytest.mark.parametrize("changes", [{"pages": False}, {"page_from": "nothing"}])
async def test_without_pages_an_older_past_is_refused_and_not_told_in_part(
    cloud, store, changes
):
    for name, value in changes.items():
        setattr(store, name, value)
    for n in range(200):
        store.add({"n": n}, later(n))
    assert await numbers(cloud, 150) == list(range(150, 200))
    with pytest.raises(CloudRejected) as caught:
        await cloud.history.query(query())
    assert caught.value.field == "start"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"key": "message/never_seen"}, "key"),
        ({"key": "connection"}, "key"),
        ({"period": 60}, "period"),
        ({"aggregation": "avg"}, "period"),
    ],
)
async def test_only_single_messages_can_be_asked_for(cloud, changes, field):
    with pytest.raises(CloudRejected) as caught:
        await cloud.history.query(query(**changes))
    assert caught.value.field == field


async def test_the_event_entity_has_the_history_of_its_device(cloud, store):
    store.add({"n": 1}, later(0))
    assert await numbers(cloud, key="events") == [1]


async def test_another_projects_device_is_missing(cloud):
    with pytest.raises(CloudMissing):
        await cloud.history.query(query(device_id=OTHER))


async def test_a_failing_page_fails_the_query(fake, cloud, store):
    for n in range(250):
        store.add({"n": n}, later(n))
    await numbers(cloud)
    fake.answers["paginated"] = [error(500)]
    with pytest.raises(CloudUnreachable):
        await cloud.history.query(query())


async def values(cloud, key, **changes):
    """What a leaf was, once the cloud knows it."""
    await cloud.snapshot()
    samples = await cloud.history.query(query(key=f"message{key}", **changes))
    return [sample.value for sample in samples]


@pytest.mark.parametrize(
    ("payloads", "key", "expected"),
    [
        (
            [{"temperature": 22}, {"other": 1}, {"temperature": 22.5}],
            "/temperature",
            [22, 22.5],
        ),
        (
            [{"r": {"t": 1.5, "s": "x"}}, {"r": {"t": None}}, {"r": {"t": "bad"}}],
            "/r/t",
            [1.5, None, None],
        ),
        (
            [{"v": 1}, {"v": True}, {"v": "7.5"}, {"v": {"k": 2}}],
            "/v",
            [1, 1, 7.5, None],
        ),
        ([{"door": True}, {"door": "off"}, {"door": 1}], "/door", [True, False, True]),
        ([{"log": "x" * 300}, {"log": {"a": 1}}], "/log", ["x" * 300, '{"a": 1}']),
        ([{"processes": ["a", "b"]}, {"processes": []}], "/processes", [2, 0]),
        ([{"big": 2**70}], "/big", [str(2**70)]),
        ([{"p": [1, 2]}, {"p": [3, 4]}], "/p/1", [2, 4]),
        (
            [{"seen_at": "2026-03-01T10:00:00+01:00"}],
            "/seen_at",
            ["2026-03-01T10:00:00+01:00"],
        ),
        (
            [
                {"pos": {"lat": 45.07, "lon": 7.68, "acc": 4}},
                {"pos": {"lat": 95, "lon": 7}},
                {"pos": {"lat": 0, "lon": 0}},
                {"pos": {"lat": None, "lon": None}},
            ],
            "/pos",
            [{"latitude": 45.07, "longitude": 7.68, "accuracy": 4.0}, None],
        ),
    ],
)
async def test_an_entity_has_the_values_of_its_part_of_each_message(
    cloud, store, payloads, key, expected
):
    for n, payload in enumerate(payloads):
        store.add(payload, later(n))
    assert await values(cloud, key) == expected


async def test_the_limit_counts_the_messages_that_have_the_part(cloud, store):
    for n in range(600):
        store.add({"rare": n} if n % 50 == 0 else {"often": n}, later(n))
    assert await values(cloud, "/rare", limit=5) == [0, 50, 100, 150, 200]
    assert await values(cloud, "/rare", start=101, end=300) == [150, 200, 250, 300]


async def test_the_period_includes_both_its_ends_to_the_microsecond(cloud, store):
    for n in range(300):
        store.add({"n": n}, later(n / 1000))
    found = await numbers(cloud, 0.0505, 0.2)
    assert found == list(range(51, 201))
    assert await numbers(cloud, 0.25, 0.2505) == [250]


async def test_a_period_may_begin_before_all_times_that_servers_know(cloud, store):
    store.page_from = "seconds"
    for n in range(150):
        store.add({"n": n}, later(n))
    start = datetime(1, 1, 1, tzinfo=UTC)
    samples = await cloud.history.query(replace(query(limit=2), start=start))
    assert [sample.value["n"] for sample in samples] == [0, 1]


async def test_a_row_that_is_listed_twice_is_one_message(fake, cloud, store):
    store.add({"n": 1}, later(0))
    store.add({"n": 1}, later(0))
    rows = await store.history(DEVICE, 100)
    fake.answers[f"messages/{DEVICE}"] = [ok({"messages": [*rows, *rows]})]
    assert await numbers(cloud) == [1, 1]


async def test_too_many_messages_are_not_looked_through(monkeypatch, cloud, store):
    monkeypatch.setattr(history, "MOST_PAGES", 3)
    for n in range(500):
        store.add({"connectionstatus": "connected"}, later(n), kind="iottlyagent")
    store.add({"n": 1}, later(600))
    with pytest.raises(CloudRejected) as caught:
        await cloud.history.query(query())
    assert caught.value.field == "start"
    assert await numbers(cloud, 400) == [1]


async def test_pages_that_begin_before_what_was_asked_are_not_trusted(cloud, store):
    # Exactly one page: where all pages begin is then no proof of anything.
    store.page_from = "ignored"
    for n in range(100):
        store.add({"n": n}, later(n))
    with pytest.raises(CloudRejected) as caught:
        await cloud.history.query(query())
    assert caught.value.field == "start"
    assert await numbers(cloud, 0.5) == list(range(1, 100))


async def test_a_server_that_forgets_its_spelling_is_not_believed(cloud, store):
    for n in range(300):
        store.add({"n": n}, later(n))
    assert len(await numbers(cloud)) == 300
    store.page_from = "ignored"
    with pytest.raises(CloudRejected):
        await cloud.history.query(query(50))
    store.page_from = "zulu"
    with pytest.raises(CloudRejected):
        await cloud.history.query(query(50))


async def test_a_full_page_of_nonsense_is_not_the_end(fake, cloud, store):
    for n in range(300):
        store.add({"n": n}, later(n))
    assert len(await numbers(cloud)) == 300
    rows = [{"payload": {"n": n}} for n in range(100)]
    fake.answers["paginated"] = [ok({"messages": rows})]
    with pytest.raises(CloudUnreachable):
        await cloud.history.query(query())


async def test_a_server_that_learns_to_page_is_asked_again(cloud, store):
    store.page_from = "nothing"
    store.add({"n": 0}, later(0))
    await cloud.snapshot()
    for n in range(1, 300):
        store.add({"n": n}, later(n))
    await cloud.snapshot()
    assert cloud.diagnostics()["pages_usable"] is False
    store.page_from = "naive"
    assert await numbers(cloud) == list(range(300))
    assert cloud.diagnostics()["pages_usable"] is True


@pytest.mark.parametrize(
    "answer", [error(404, "none"), error(404), ok({"messages": []}), ok([])]
)
async def test_a_device_that_never_sent_anything_has_no_history(fake, cloud, answer):
    fake.answers[f"messages/{DEVICE}"] = [answer]
    assert await numbers(cloud) == []


async def test_what_a_device_sent_stays_when_it_is_offline(fake, cloud, store):
    fake.devices = [props(operatingstatus="disconnected")]
    store.add({"n": 1}, later(0))
    assert await numbers(cloud) == [1]


async def test_an_answer_that_is_shown_has_a_history_too(fake, link, store):
    cloud = VENDOR.connect(
        link,
        {
            "project_id": PROJECT,
            "api_key": KEY,
            "base_url": fake.url,
            "show_replies": True,
        },
    )
    store.add({"ECHO": {"echo": {"content": "hi"}}}, later(0))
    assert await values(cloud, "/ECHO/echo/content") == ["hi"]
