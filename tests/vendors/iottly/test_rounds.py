"""A round of reading when messages cannot be had: bounded, fair, told once, and honest."""

import json

import pytest

from custom_components.iot_clouds.model import CloudBusy, Ref
from custom_components.iot_clouds.vendors.iottly.client import Client, Credentials
from custom_components.iot_clouds.vendors.iottly.cloud import IottlyCloud

from .fake import KEY, error, ok, props, told
from .store import DEVICE, PROJECT, START, Store

IDS = [f"9af78306-384e-4dbc-9d63-af21cc54{n:04}" for n in range(40)]


class Clock:
    """Seconds that a test lets pass."""

    seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def cloud(fake, link, clock) -> IottlyCloud:
    credentials = Credentials(project_id=PROJECT, api_key=KEY, base_url=fake.url)
    client = Client(link.session, credentials)
    return IottlyCloud(client, credentials, clock=clock)


@pytest.fixture
def crowd(fake):
    """Forty devices; returned is who was asked for messages since that was asked last."""
    fake.devices = [props(each) for each in IDS]
    fake.stores = {each: Store(device=each) for each in IDS}

    def asked() -> list[str]:
        found = [path.partition("messages/")[2] for path in fake.paths()]
        fake.requests.clear()
        return [each for each in found if each]

    return asked


async def test_a_cloud_that_shows_no_messages_is_soon_left_in_peace(
    fake, cloud, crowd, caplog
):
    await cloud.snapshot()
    assert sorted(crowd()) == IDS
    fake.answers.update({each: [error(500)] * 9 for each in IDS})
    rounds = [(await cloud.snapshot()) and crowd() for _ in range(5)]
    # Four are on their way when the eighth has failed.
    assert all(8 <= len(each) <= 11 for each in rounds)
    # Whoever had to wait comes first.
    assert len(set().union(*rounds[:3])) == sum(map(len, rounds[:3]))
    assert set().union(*rounds) == {*IDS}
    fake.answers.clear()
    await cloud.snapshot()
    assert sorted(crowd()) == IDS
    assert caplog.text.count("can be read again") <= 1


async def test_a_few_that_always_fail_do_not_keep_the_others_waiting(
    fake, cloud, crowd
):
    fake.answers.update({each: [error(500)] * 9 for each in IDS[:9]})
    await cloud.snapshot()
    crowd()
    for _ in range(3):
        await cloud.snapshot()
        assert {*IDS[9:]} <= {*crowd()}


async def test_after_a_busy_answer_those_come_first_that_were_not_asked(
    fake, cloud, crowd
):
    fake.answers[IDS[20]] = [error(429)]
    with pytest.raises(CloudBusy):
        await cloud.snapshot()
    first = crowd()
    await cloud.snapshot()
    assert {*crowd()[: 40 - len(first)]} == {*IDS} - {*first}


async def test_many_devices_that_cannot_be_read_are_one_line(
    fake, cloud, crowd, caplog
):
    caplog.set_level("INFO")
    fake.devices = fake.devices[:5]
    fake.answers.update({each: [error(500)] * 2 for each in IDS})
    for _ in range(4):
        await cloud.snapshot()
    first = f"Messages of {IDS[0]} and 4 more devices"
    assert caplog.text.count("cannot be read") == 1
    assert caplog.text.count(f"{first} cannot be read") == 1
    assert caplog.text.count(f"{first} can be read again") == 1


async def test_values_that_could_not_be_read_for_long_are_not_shown(
    fake, cloud, store, clock
):
    store.add({"a": 1}, START)
    await cloud.snapshot()
    at = Ref(DEVICE, "message/a")

    async def lost():
        snapshot = await cloud.snapshot()
        assert snapshot.readings[at].value == 1
        return snapshot.devices[DEVICE].points["message/a"].lost

    fake.answers[DEVICE] = [error(500)] * 3
    clock.seconds += 599
    assert not await lost()
    clock.seconds += 1
    assert await lost()

    # Who still delivers is heard.
    row = {"from": DEVICE, "timestamp": "2026-03-01T12:01:00Z", "payload": {"b": 2}}
    cloud.receiver.receive(json.dumps({"msg": row}).encode())
    assert not await lost()
    clock.seconds += 3600
    # A quiet device is one that was asked and had nothing to say.
    fake.answers[DEVICE] = [ok({"messages": []})]
    assert not await lost()
    assert told(await cloud.snapshot())


async def test_messages_that_are_not_found_any_more_could_not_be_read(
    fake, cloud, store, clock, caplog
):
    fake.answers[DEVICE] = [error(404, "no messages")]
    await cloud.snapshot()
    store.add({"a": 1}, START)
    await cloud.snapshot()
    assert "cannot be read" not in caplog.text
    fake.answers[DEVICE] = [error(404, "no messages")] * 2
    await cloud.snapshot()
    clock.seconds += 600
    snapshot = await cloud.snapshot()
    assert snapshot.devices[DEVICE].points["message/a"].lost
    assert caplog.text.count("cannot be read") == 1
    assert not (await cloud.snapshot()).devices[DEVICE].points["message/a"].lost
