"""What the user chooses for an account holds for everything that comes after it."""

from dataclasses import replace
from datetime import timedelta

import pytest

from custom_components.iot_clouds.cloud import Cloud
from custom_components.iot_clouds.model import DeviceOffline, Ref, Send, Toggle
from custom_components.iot_clouds.vendors.iottly import VENDOR

from .fake import KEY, props, told
from .store import DEVICE, PROJECT, START

PAYLOAD = {
    "ECHO": {"pump": {"state": "on"}},
    "process": {"name": "mine"},
    "receivedcmd": 5,
    "level": 3,
}
HIDDEN = {"message/level": 3}
SHOWN = {
    **HIDDEN,
    "message/ECHO/pump/state": "on",
    "message/process/name": "mine",
    "message/receivedcmd": 5,
}


class Notes:
    """A memory that survives restarts."""

    def __init__(self):
        self.kept = {}
        self.collect = dict

    async def load(self):
        return self.kept

    def save(self, collect):
        self.collect = collect


@pytest.fixture
def start(fake, link):
    """Start the account, as the user wants it, with what it kept before."""
    notes = Notes()

    def start(**options) -> Cloud:
        notes.kept = notes.collect()
        data = {"project_id": PROJECT, "api_key": KEY, "base_url": fake.url}
        return VENDOR.connect(replace(link, memory=notes), {**data, **options})

    return start


async def values(cloud):
    snapshot = await cloud.snapshot()
    assert {ref.key for ref in told(snapshot)} <= set(snapshot.devices[DEVICE].points)
    return {ref.key: reading.value for ref, reading in told(snapshot).items()}


def test_everything_is_off_until_the_user_turns_it_on():
    assert VENDOR.choices == (
        Toggle(key="rename_devices"),
        Toggle(key="offline_commands"),
        Toggle(key="show_replies"),
    )


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, HIDDEN),
        ({"show_replies": False}, HIDDEN),
        ({"show_replies": "odd"}, HIDDEN),
        ({"show_replies": True}, SHOWN),
    ],
)
async def test_answers_to_commands_are_shown_to_those_who_want_them(
    start, store, options, expected
):
    store.add(PAYLOAD, START)
    assert await values(start(**options)) == expected


async def test_answers_come_and_go_with_the_wish_to_see_them(start, store):
    store.add(PAYLOAD, START)
    assert await values(start(show_replies=True)) == SHOWN
    assert await values(start(show_replies=True)) == SHOWN
    assert await values(start()) == HIDDEN
    store.add({"ECHO": 1, "level": 4}, START + timedelta(seconds=60))
    assert await values(start()) == {"message/level": 4}
    cloud = start(show_replies=True)
    store.add({"ECHO": 2}, START + timedelta(seconds=120))
    assert await values(cloud) == {"message/level": 4, "message/ECHO": 2}


async def test_hidden_answers_are_events_all_the_same(start, store):
    cloud = start()
    await cloud.snapshot()
    store.add({"ECHO": {"pump": 1}}, START + timedelta(seconds=60))
    snapshot = await cloud.snapshot()
    assert [event.name for event in snapshot.events] == ["ECHO"]
    assert Ref(DEVICE, "message/ECHO/pump") not in snapshot.readings


async def test_commands_for_devices_that_are_away_are_sent_if_the_user_says_so(
    fake, start
):
    fake.devices = [props(operatingstatus="disconnected")]
    command = Send(device_id=DEVICE, type="pump")
    with pytest.raises(DeviceOffline):
        await start().execute(command)
    await start(offline_commands=True).execute(command)
    assert len(fake.bodies) == 1
