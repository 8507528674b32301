import asyncio
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from custom_components.iot_clouds.model import (
    CloudAuthError,
    CloudBusy,
    CloudRejected,
    CloudUnreachable,
    Device,
    Kind,
    Point,
    Reading,
    Ref,
)
from custom_components.iot_clouds.vendors.iottly import VENDOR, client as clients

from .fake import KEY, OTHER, Answer, boards, error, ok, props, told
from .store import DEVICE, PROJECT, START, Store

HISTORY = f"messages/{DEVICE}"


def later(seconds):
    return START + timedelta(seconds=seconds)


async def test_a_device_is_shown_with_what_it_has_sent(fake, cloud, store):
    store.add({"temperature": 21.5}, later(0))
    store.add({"temperature": 22}, later(1))
    snapshot = await cloud.snapshot()
    assert snapshot.complete
    assert boards(snapshot) == {
        DEVICE: Device(
            id=DEVICE,
            name="board 1",
            online=True,
            model="Linux ARMv5",
            serial="02:43:3d:0a:07:1f",
            sw_version="1.8.3",
            points={
                "events": Point(
                    key="events", kind=Kind.MESSAGE, label="published_event"
                ),
                "message/temperature": Point(
                    key="message/temperature",
                    kind=Kind.MEASURE,
                    name="Temperature",
                    state_class="measurement",
                ),
            },
        )
    }
    assert told(snapshot) == {
        Ref(DEVICE, "message/temperature"): Reading(
            value=22, at=later(1), attributes={"path": "/temperature"}
        )
    }


async def test_the_same_listing_is_an_equal_snapshot(cloud, store):
    store.add({"a": [1, 2], "t": "x" * 300}, later(0))
    assert await cloud.snapshot() == await cloud.snapshot()


async def test_a_quiet_project_costs_two_requests_a_poll(fake, cloud, store):
    store.add({"a": 1}, later(0))
    await cloud.snapshot()
    fake.requests.clear()
    await cloud.snapshot()
    assert fake.paths() == ["devices/props", HISTORY]
    assert fake.requests[1].query == {"numMessages": "25"}


async def test_a_server_whose_clock_was_wrong_for_a_moment_holds_nothing_up(
    cloud, store
):
    store.add({"a": 0}, later(-60))
    await cloud.snapshot()
    store.add({"a": 1}, later(10 * 365 * 86_400))
    store.add({"connectionstatus": "disconnected"}, later(1e9), kind="iottlyagent")
    snapshot = await cloud.snapshot()
    values = {ref.key: reading.value for ref, reading in told(snapshot).items()}
    assert (values, len(snapshot.events)) == ({"message/a": 1}, 1)
    assert snapshot.devices[DEVICE].online is True

    # More than a page, and all of them have to be found.
    for n in range(150):
        store.add({"a": 2 + n}, later(60 + n))
    snapshot = await cloud.snapshot()
    assert [each.data["a"] for each in snapshot.events] == [*range(2, 152)]
    values = {ref.key: reading.value for ref, reading in told(snapshot).items()}
    assert values == {"message/a": 151}
    assert (await cloud.snapshot()).events == ()


async def test_points_stay_when_later_messages_do_not_hold_them(cloud, store):
    store.add({"a": 1}, later(0))
    await cloud.snapshot()
    for n in range(150):
        store.add({"b": n}, later(60 + n))
    snapshot = await cloud.snapshot()
    values = {ref.key: reading.value for ref, reading in told(snapshot).items()}
    assert values == {"message/a": 1, "message/b": 149}


async def test_an_account_whose_address_is_the_vendors_links_to_the_web_page(link):
    data = {"project_id": "5" * 24, "api_key": "a" * 32}
    assert VENDOR.connect(link, data)._url == "https://cloud.iottly.com"


async def test_a_server_of_ones_own_without_properties_is_a_notice(
    fake, link, cloud, monkeypatch
):
    fake.has_props = False
    assert [each.key for each in (await cloud.snapshot()).notices] == [
        "installation_outdated"
    ]

    # Nobody can update the vendor's own server.
    monkeypatch.setattr(clients, "BASE_URL", fake.url)
    data = {"project_id": PROJECT, "api_key": KEY, "base_url": fake.url}
    assert (await VENDOR.connect(link, data).snapshot()).notices == ()


async def test_a_server_that_has_no_properties_for_a_moment_changes_nothing(
    fake, cloud
):
    before = await cloud.snapshot()
    fake.has_props = False
    after = await cloud.snapshot()
    assert after.devices[DEVICE].sw_version == "1.8.3"
    assert (after.devices, after.notices) == (before.devices, ())


async def test_a_licensed_device_looks_like_a_listed_one(fake, cloud):
    fake.has_props = False
    snapshot = await cloud.snapshot()
    assert snapshot.devices[DEVICE].name == "board 1"
    assert snapshot.devices[DEVICE].online is True
    assert snapshot.devices[DEVICE].sw_version is None


async def test_a_device_without_a_name_is_called_by_its_id(fake, cloud):
    fake.devices = [props(name=None)]
    assert (await cloud.snapshot()).devices[DEVICE].name == DEVICE


async def test_a_device_leaves_with_its_third_absence_in_a_row(fake, cloud):
    fake.devices.append(props(OTHER))
    fake.stores[OTHER] = Store(device=OTHER)
    await cloud.snapshot()
    gone = fake.devices.pop()
    kept = [OTHER in (await cloud.snapshot()).devices for _ in range(2)]
    fake.devices.append(gone)
    kept.append(OTHER in (await cloud.snapshot()).devices)
    fake.devices.pop()
    kept += [OTHER in (await cloud.snapshot()).devices for _ in range(3)]
    assert kept == [True, True, True, True, True, False]


async def test_a_listing_with_holes_lets_no_device_go(fake, cloud):
    await cloud.snapshot()
    holes = {"count": 2, "errors": None, "devices": []}
    for _ in range(5):
        fake.answers["props"] = [ok(holes)]
        snapshot = await cloud.snapshot()
        assert DEVICE in snapshot.devices
        assert not snapshot.complete
    # What can still be read is read.
    assert fake.paths()[-1] == HISTORY


async def test_one_failing_device_costs_only_its_own_messages(fake, cloud, caplog):
    fake.devices.append(props(OTHER))
    fake.stores[OTHER] = Store(device=OTHER)
    fake.stores[OTHER].add({"b": 1}, later(0))
    fake.stores[DEVICE].add({"a": 1}, later(0))
    fake.answers[HISTORY] = [error(500), error(400, "bad"), Answer(text="<html>")]
    for _ in range(3):
        snapshot = await cloud.snapshot()
        assert set(boards(snapshot)) == {DEVICE, OTHER}
        assert set(told(snapshot)) == {Ref(OTHER, "message/b")}
    snapshot = await cloud.snapshot()
    assert snapshot.readings[Ref(DEVICE, "message/a")].value == 1
    assert caplog.text.count("cannot be read") == 1


async def test_a_refusing_device_that_is_listed_stays_without_its_messages(fake, cloud):
    fake.answers[HISTORY] = [error(403, "not yours")] * 2
    for _ in range(2):
        assert DEVICE in (await cloud.snapshot()).devices
    assert fake.paths().count("devices/props") == 3


async def test_a_refusing_device_that_is_not_listed_any_more_is_gone_at_once(
    fake, cloud
):
    async def refuse(request):
        fake.devices.clear()
        return await error(403, "not yours")(request)

    fake.answers[HISTORY] = [refuse]
    assert boards(await cloud.snapshot()) == {}


async def test_a_refusing_device_stays_while_nobody_knows_better(fake, cloud):
    async def refuse(request):
        fake.answers["props"] = [error(500)]
        return await error(403, "not yours")(request)

    fake.answers[HISTORY] = [refuse]
    assert DEVICE in (await cloud.snapshot()).devices


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (error(401, "who"), CloudAuthError),
        (error(429, "slow", **{"Retry-After": "9"}), CloudBusy),
    ],
)
async def test_what_concerns_the_account_ends_the_poll(fake, cloud, answer, kind):
    fake.devices.append(props(OTHER))
    fake.stores[OTHER] = Store(device=OTHER)
    fake.stores[OTHER].add({"b": 1}, later(0))
    fake.answers[HISTORY] = [answer]
    with pytest.raises(kind):
        await cloud.snapshot()
    snapshot = await cloud.snapshot()
    assert snapshot.readings[Ref(OTHER, "message/b")].value == 1


async def test_after_a_busy_answer_no_further_device_is_asked(fake, cloud):
    fake.devices = [props(f"9af78306-384e-4dbc-9d63-af21cc54{n:04}") for n in range(9)]
    fake.answers.update({device["ID"]: [error(429)] for device in fake.devices})
    with pytest.raises(CloudBusy):
        await cloud.snapshot()
    asked = [path for path in fake.paths() if path.startswith("messages/")]
    assert 1 <= len(asked) <= 4


async def test_at_most_four_devices_are_asked_at_once(fake, cloud):
    fake.devices = [props(f"9af78306-384e-4dbc-9d63-af21cc54{n:04}") for n in range(9)]
    running, most = 0, 0
    four, go = asyncio.Event(), asyncio.Event()

    async def slow(request):
        nonlocal running, most
        running += 1
        most = max(most, running)
        if running == 4:
            four.set()
        await go.wait()
        running -= 1
        return await ok({"messages": []})(request)

    fake.answers.update({device["ID"]: [slow] for device in fake.devices})
    poll = asyncio.create_task(cloud.snapshot())
    await four.wait()
    go.set()
    assert len(boards(await poll)) == 9
    assert most == 4


async def test_in_a_crowd_those_that_are_away_are_asked_every_tenth_time(fake, cloud):
    ids = [f"9af78306-384e-4dbc-9d63-af21cc54{n:04}" for n in range(21)]
    fake.devices = [props(each) for each in ids]
    fake.devices[0]["operatingstatus"] = "disconnected"
    fake.stores = {each: Store(device=each) for each in ids}
    asked = []
    for _ in range(20):
        fake.requests.clear()
        await cloud.snapshot()
        asked.append(fake.paths().count(f"messages/{ids[0]}"))
        assert fake.paths().count(f"messages/{ids[1]}") == 1
    assert asked == [1, 0, 0, 0, 0, 0, 0, 0, 0, 1] + [0] * 9 + [1]


async def test_a_refused_project_asks_for_credentials_after_three_times(fake, cloud):
    await cloud.snapshot()
    fake.answers["props"] = [error(403, "forbidden")] * 3
    for _ in range(2):
        with pytest.raises(CloudUnreachable):
            await cloud.snapshot()
    with pytest.raises(CloudAuthError):
        await cloud.snapshot()


async def test_a_refused_project_is_forgiven_by_a_good_answer(fake, cloud):
    refused, kinds = error(403, "forbidden"), []
    for answers in ([refused], [refused], [], [refused]):
        fake.answers["props"] = answers
        try:
            await cloud.snapshot()
        except (CloudUnreachable, CloudAuthError) as err:
            kinds.append(type(err))
    assert kinds == [CloudUnreachable] * 3


async def test_a_project_that_vanished_is_out_of_reach(fake, cloud):
    fake.answers["inspect"] = [error(404)]
    with pytest.raises(CloudUnreachable):
        await cloud.snapshot()
    fake.answers["inspect"] = [error(403), error(403)]
    with pytest.raises(CloudUnreachable):
        await cloud.snapshot()
    with pytest.raises(CloudRejected):
        await cloud.identify()


def status(value, minutes):
    return {"connectionstatus": value}, START + timedelta(minutes=minutes)


@pytest.mark.parametrize(
    ("listed", "agent", "online"),
    [
        ("connected", [("disconnected", 5)], False),
        ("disconnected", [("connected", 5)], True),
        ("connected", [("disconnected", -5)], True),
        ("connected", [("disconnected", 5), ("connected", 6)], True),
        ("connected", [("connected", 6), ("disconnected", 5)], True),
        ("unheard of", [("connected", -5)], True),
        ("unheard of", [], None),
        ("connected", [("resting", 5), (["odd"], 6)], True),
    ],
)
async def test_what_was_said_last_by_server_time_decides_whether_it_is_connected(
    fake, cloud, store, listed, agent, online
):
    fake.devices = [props(operatingstatus=listed)]
    for value, minutes in agent:
        payload, at = status(value, minutes)
        store.add(payload, at, kind="iottlyagent")
    assert (await cloud.snapshot()).devices[DEVICE].online is online


async def test_a_user_cannot_fake_the_connection(cloud, store):
    store.add(*status("disconnected", 5))
    assert (await cloud.snapshot()).devices[DEVICE].online is True


async def test_an_unknown_status_is_said_once(fake, cloud, caplog):
    fake.devices = [props(operatingstatus="unheard of")]
    await cloud.snapshot()
    await cloud.snapshot()
    assert caplog.text.count("unheard of") == 1


async def test_statuses_without_end_do_not_fill_the_log(fake, cloud, caplog):
    for number in range(20):
        fake.devices = [props(operatingstatus=f"{number} {'x' * 500}")]
        await cloud.snapshot()
    said = [line for line in caplog.messages if "unknown status" in line]
    assert len(said) == 5
    assert max(map(len, said)) < 100


async def test_a_burst_between_polls_is_read_completely(fake, cloud, store):
    store.add({"n": 0}, later(0))
    await cloud.snapshot()
    for n in range(1, 251):
        store.add({f"k{n % 7}x": n}, later(60 + n / 1000))
    snapshot = await cloud.snapshot()
    values = {ref.key: reading.value for ref, reading in told(snapshot).items()}
    newest = {f"message/k{n % 7}x": n for n in range(244, 251)}
    assert values == {"message/n": 0, **newest}
    assert cloud._tracked[DEVICE].inbox.cursor.gap is None


async def test_diagnostics_tell_how_the_server_works_and_nothing_secret(
    fake, cloud, store
):
    fake.has_props = False
    store.page_zone = ZoneInfo("Europe/Rome")
    store.add({"n": 0}, later(0))
    await cloud.snapshot()
    for n in range(150):
        store.add({f"k{n % 30}x": n}, later(60 + n / 1000))
    await cloud.snapshot()
    assert cloud.diagnostics() == {
        "device_properties": False,
        "both_headers": False,
        "pages_usable": True,
        "page_start": "local",
        "page_zone": "Europe/Rome",
        "messages_lost": False,
        "absent_devices": 0,
        "open_gaps": 0,
        "skipped_messages": 0,
        "deliveries_trusted": False,
        "deliveries_agree": True,
        "values_not_shown": 50,
    }


async def test_nothing_needs_to_be_closed(cloud):
    assert cloud.feeds() == {}
    assert cloud.reader is None
    await cloud.close()
