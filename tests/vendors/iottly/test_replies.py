"""What a device says to a command is returned, and reaches its entities once."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest

from custom_components.iot_clouds.model import (
    CloudMissing,
    CloudRejected,
    CloudUnreachable,
    DeviceOffline,
    Ref,
    Send,
)
from custom_components.iot_clouds.vendors.iottly.client import Client, Credentials
from custom_components.iot_clouds.vendors.iottly.cloud import IottlyCloud
from custom_components.iot_clouds.vendors.iottly.dispatch import pause
from custom_components.iot_clouds.vendors.iottly.options import Wishes

from .fake import KEY, OTHER, FakeIottly, error, ok, props, told
from .store import DEVICE, PROJECT, START, Store

HISTORY = f"messages/{DEVICE}"
SENT = 60
"""Seconds after the start at which commands are sent here."""


@dataclass
class Time:
    """Time that passes only while somebody waits; `events` are what happens then."""

    seconds: float = 1000.0
    pauses: list[float] = field(default_factory=list)
    events: list[tuple[float, Callable[[], Any]]] = field(default_factory=list)

    def __call__(self) -> float:
        return self.seconds

    def at(self, seconds: float, action: Callable[[], Any]) -> None:
        """Have something happen so many seconds after a command."""
        self.events.append((self.seconds + seconds, action))

    async def pause(self, event: asyncio.Event, seconds: float) -> None:
        """Let time pass until the event, or for so long."""
        self.pauses.append(seconds)
        end = self.seconds + seconds
        while self.events and self.events[0][0] <= end and not event.is_set():
            self.seconds, action = self.events.pop(0)
            if asyncio.iscoroutine(result := action()):
                await result
        if not event.is_set():
            self.seconds = end


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def make(fake, link, time):
    def make(**more):
        credentials = Credentials(project_id=PROJECT, api_key=KEY, base_url=fake.url)
        client = Client(link.session, credentials, timeout=2)
        return IottlyCloud(client, credentials, clock=time, pause=time.pause, **more)

    return make


@pytest.fixture
def cloud(make):
    return make()


@pytest.fixture
def says(store, time) -> Callable[..., None]:
    """Let the device say something, so many seconds after a command."""

    def says(payload: Any, seconds: float, kind: str = "userdefined") -> None:
        def say() -> None:
            store.add(payload, START + timedelta(seconds=SENT + seconds), kind=kind)

        time.at(seconds, say)

    return says


def pump(**more):
    return Send(device_id=DEVICE, type="pump", options={"state": "on"}, **more)


def message(payload, seconds, kind="userdefined"):
    at = (START + timedelta(seconds=SENT + seconds)).isoformat()
    return {"type": kind, "payload": payload, "at": at}


def looks(fake: FakeIottly) -> int:
    return fake.paths().count(HISTORY)


@pytest.mark.parametrize(
    "payload",
    [
        {"ECHO": {"pump": {"state": "on"}}},
        {"pump": {"status": "successful"}},
        {"pump": 1, "other": 2},
    ],
)
async def test_a_reply_that_bears_the_name_of_the_command_ends_the_wait(
    fake, cloud, says, payload
):
    says(payload, 1.5)
    answer = await cloud.execute(pump(wait=30))
    assert answer == {"answer": {"status": 200}, "messages": [message(payload, 1.5)]}
    # Once before the command, and 1 and 2 seconds after it.
    assert looks(fake) == 3
    assert len(fake.bodies) == 1


async def test_looks_become_rarer_and_the_last_one_is_at_the_end(fake, cloud, time):
    answer = await cloud.execute(pump(wait=20))
    assert answer == {"answer": {"status": 200}, "messages": []}
    assert time.pauses == [1, 1, 2, 4, 8, 4]
    assert looks(fake) == 7


async def test_a_short_wait_looks_once_at_its_end(fake, cloud, time, says):
    says({"pump": 1}, 0.4)
    answer = await cloud.execute(pump(wait=0.5))
    assert time.pauses == [0.5]
    assert answer["messages"] == [message({"pump": 1}, 0.4)]


async def test_no_wait_is_longer_than_half_a_minute(cloud, time):
    await cloud.execute(pump(wait=3600))
    assert sum(time.pauses) == 30


async def test_without_a_time_nothing_is_read(fake, cloud):
    await cloud.snapshot()
    fake.requests.clear()
    for wait in (None, 0, -1):
        assert await cloud.execute(pump(wait=wait)) == {"status": 200}
    assert fake.paths() == [f"device/{DEVICE}/command"] * 3


async def test_what_was_said_before_is_no_reply(cloud, store):
    store.add({"pump": 0}, START)
    assert (await cloud.execute(pump(wait=3)))["messages"] == []


async def test_where_nothing_bears_the_name_everything_in_the_time_is_the_answer(
    cloud, says
):
    says({"temperature": 20}, 0.5)
    says({"connectionstatus": "connected"}, 3, "iottlyagent")
    says({"state": "on"}, 7)
    answer = await cloud.execute(pump(wait=10))
    assert answer["messages"] == [
        message({"temperature": 20}, 0.5),
        message({"connectionstatus": "connected"}, 3, "iottlyagent"),
        message({"state": "on"}, 7),
    ]


async def test_what_is_waited_for_by_name_is_all_that_is_returned(fake, cloud, says):
    says({"ECHO": {"pump": {"state": "on"}}}, 0.5)
    says({"pump": 1}, 0.6)
    says({"done": True, "after": 3}, 3)
    answer = await cloud.execute(pump(wait=30, wait_for="done"))
    assert answer["messages"] == [message({"done": True, "after": 3}, 3)]
    assert looks(fake) == 4


async def test_an_echo_of_another_command_does_not_end_the_wait(cloud, time, says):
    says({"ECHO": {"lamp": {"state": "on"}}}, 0.2)
    says({"ECHO": {"pump": {"state": "off"}}}, 0.3)
    says({"ECHO": ["odd"]}, 0.4)
    says({"ECHO": {"pump": {"state": "ON"}}}, 3)
    answer = await cloud.execute(pump(wait=30))
    assert len(answer["messages"]) == 4
    assert sum(time.pauses) == 4


async def test_a_reply_becomes_state_and_event_once(cloud, says):
    await cloud.snapshot()
    says({"pump": {"level": 3}}, 0.5)
    await cloud.execute(pump(wait=5))
    snapshot = await cloud.snapshot()
    assert snapshot.readings[Ref(DEVICE, "message/pump/level")].value == 3
    assert [event.data for event in snapshot.events] == [{"pump": {"level": 3}}]
    assert (await cloud.snapshot()).events == ()


async def test_a_reply_that_a_listing_reads_first_ends_the_wait(
    fake, cloud, time, says
):
    await cloud.snapshot()
    listings = []

    async def listing():
        listings.append(await cloud.snapshot())

    says({"pump": {"level": 3}}, 4.2)
    time.at(4.5, listing)
    answer = await cloud.execute(pump(wait=30))
    assert answer["messages"] == [message({"pump": {"level": 3}}, 4.2)]
    assert time.seconds == 1004.5
    [snapshot] = listings
    assert [event.data for event in snapshot.events] == [{"pump": {"level": 3}}]


async def test_commands_that_wait_at_once_each_get_their_answer(
    fake, cloud, time, says
):
    fake.devices.append(props(OTHER))
    fake.stores[OTHER] = Store(device=OTHER)
    says({"ECHO": {"pump": {"state": "on"}}}, 0.5)
    says({"ECHO": {"lamp": {"level": 5}}}, 0.6)
    lamp = Send(device_id=DEVICE, type="lamp", options={"level": 5}, wait=30)
    first, second, other = await asyncio.gather(
        cloud.execute(pump(wait=30, wait_for="ECHO")),
        cloud.execute(lamp),
        cloud.execute(Send(device_id=OTHER, type="pump", wait=2)),
    )
    assert message({"ECHO": {"pump": {"state": "on"}}}, 0.5) in first["messages"]
    assert message({"ECHO": {"lamp": {"level": 5}}}, 0.6) in second["messages"]
    assert other["messages"] == []
    assert len(fake.bodies) == 3


async def test_a_list_among_the_options_does_not_hide_what_is_reported(cloud, says):
    levels = Send(device_id=DEVICE, type="pump", options={"levels": [1, 2]}, wait=30)
    received = {"pump": {"levels": "[1, 2]"}}
    says(report({"warning": "Not Found"}, receivedcmd=received), 0.5, "iottlyagent")
    with pytest.raises(CloudRejected) as raised:
        await cloud.execute(levels)
    assert raised.value.key == "no_handler"


async def test_what_no_encoder_takes_is_returned_as_far_as_possible(
    fake, cloud, store, says
):
    says({"pump": float("nan"), "big": 1 << 70}, 0.5)
    answer = await cloud.execute(pump(wait=5))
    assert answer["messages"] == [message({"pump": None, "big": str(1 << 70)}, 0.5)]


def report(status, **more):
    process = {"name": "msg_process", "function": "pump", "status": status, **more}
    return {"process": process, "operatingstatus": "error"}


async def test_a_device_without_a_handler_for_the_command_is_told(cloud, says, time):
    received = {"pump": {"state": "on"}}
    says(report({"warning": "Not Found"}, receivedcmd=received), 0.5, "iottlyagent")
    with pytest.raises(CloudRejected) as raised:
        await cloud.execute(pump(wait=30))
    assert (raised.value.key, raised.value.field) == ("no_handler", "pump")
    assert sum(time.pauses) == 1


async def test_a_handler_that_failed_is_told_in_its_words(cloud, says):
    received = {"pump": {"state": "on"}}
    says(report({"error": "KeyError:\n 'on'"}, cmd=received), 0.5, "iottlyagent")
    with pytest.raises(CloudRejected) as raised:
        await cloud.execute(pump(wait=30, wait_for="pump"))
    error = raised.value
    assert (error.key, error.field) == ("command_broke_off", "pump")
    assert error.reason == "KeyError: 'on'"


@pytest.mark.parametrize(
    ("status", "reason"), [({}, "it broke"), ({"error": 5}, "it broke")]
)
async def test_a_failure_without_words_is_told_by_its_description(
    cloud, says, status, reason
):
    document = report(status, cmd={"pump": {}}, description="it broke")
    says(document, 0.5, "iottlyagent")
    with pytest.raises(CloudRejected) as raised:
        await cloud.execute(pump(wait=30))
    assert raised.value.reason == reason


@pytest.mark.parametrize(
    ("payload", "kind"),
    [
        (report({"warning": "Not Found"}, receivedcmd={"lamp": {}}), "iottlyagent"),
        (
            report({"warning": "Not Found"}, receivedcmd={"pump": {"state": "off"}}),
            "iottlyagent",
        ),
        (report({"warning": "Not Found"}, receivedcmd="pump"), "iottlyagent"),
        (report({"warning": "Not Found"}, receivedcmd={"pump": {}}), "userdefined"),
        (report("terminated", cmd={"pump": {}}), "iottlyagent"),
        ({"process": "odd"}, "iottlyagent"),
    ],
)
async def test_what_the_agent_says_about_something_else_is_a_message(
    cloud, says, payload, kind
):
    says(payload, 0.5, kind)
    answer = await cloud.execute(pump(wait=2))
    assert answer["messages"] == [message(payload, 0.5, kind)]


@pytest.mark.parametrize(
    ("answer", "expected"),
    [(error(500), 4), (error(401, "who"), 2), (error(429), 2), (error(403, "no"), 2)],
)
async def test_once_the_command_is_sent_no_failure_looks_like_one_of_it(
    fake, cloud, says, time, answer, expected
):
    async def fail():
        fake.answers[HISTORY] = [answer]

    time.at(0.5, fail)
    says({"pump": 1}, 1.5)
    result = await cloud.execute(pump(wait=5))
    assert result["answer"] == {"status": 200}
    # After a failure that will stay, nothing is read until the next listing.
    assert bool(result["messages"]) is (expected == 4)
    assert looks(fake) == min(expected, 3)
    assert len(fake.bodies) == 1
    values = {ref.key: each.value for ref, each in told(await cloud.snapshot()).items()}
    assert values == {"message/pump": 1}


async def test_a_wait_ends_though_the_cloud_has_fallen_silent(fake, make, monkeypatch):
    monkeypatch.setattr(
        "custom_components.iot_clouds.vendors.iottly.dispatch._GRACE", -0.9
    )
    gate = asyncio.Event()
    cloud = make()
    await cloud.snapshot()

    async def stall(request):
        await gate.wait()
        return await ok({"messages": []})(request)

    async def read(request):
        fake.answers[HISTORY] = [stall]
        return await ok({"messages": []})(request)

    fake.answers[HISTORY] = [read]
    answer = await cloud.execute(pump(wait=1))
    assert answer["messages"] == []
    gate.set()


@pytest.mark.parametrize(
    ("answer", "kind"),
    [(error(500), CloudUnreachable), (error(403, "no"), CloudMissing)],
)
async def test_where_no_reply_could_be_read_the_command_is_not_sent(
    fake, cloud, answer, kind
):
    fake.answers[HISTORY] = [answer]
    with pytest.raises(kind):
        await cloud.execute(pump(wait=5))
    assert fake.bodies == []


async def test_a_refused_command_is_not_waited_for(fake, cloud, time):
    fake.answers["command"] = [error(400, "bad")]
    with pytest.raises(CloudRejected):
        await cloud.execute(pump(wait=5))
    assert time.pauses == []
    assert cloud._tracked[DEVICE]._ears == []


async def test_a_device_that_is_away_may_be_sent_to_anyway(fake, make):
    fake.devices = [props(operatingstatus="disconnected")]
    for command, cloud in (
        (pump(anyway=True), make()),
        (pump(), make(wishes=Wishes(offline_commands=True))),
    ):
        assert await cloud.execute(command) == {"status": 200}
    with pytest.raises(DeviceOffline):
        await make().execute(pump())
    assert len(fake.bodies) == 2


async def test_what_was_said_last_about_the_connection_decides(cloud, store, fake):
    await cloud.snapshot()
    later = START + timedelta(minutes=1)
    store.add({"connectionstatus": "disconnected"}, later, kind="iottlyagent")
    with pytest.raises(DeviceOffline):
        await cloud.execute(pump(wait=5))
    assert fake.bodies == []


async def test_a_device_that_has_come_back_since_the_last_listing_is_sent_to(
    fake, cloud, time
):
    fake.devices = [props(operatingstatus="disconnected")]
    await cloud.snapshot()
    fake.devices = [props()]
    with pytest.raises(DeviceOffline):
        await cloud.execute(pump())
    time.seconds += 31
    assert await cloud.execute(pump()) == {"status": 200}
    assert fake.paths().count("devices/props") == 2


async def test_an_old_listing_is_good_enough_while_there_is_no_newer_one(
    fake, cloud, time
):
    await cloud.snapshot()
    time.seconds += 31
    fake.answers["props"] = [error(500)]
    assert await cloud.execute(pump()) == {"status": 200}


async def test_without_any_listing_nobody_can_be_addressed(fake, cloud):
    fake.answers["props"] = [error(500)]
    with pytest.raises(CloudUnreachable):
        await cloud.execute(pump())
    assert fake.bodies == []


async def test_a_pause_ends_with_its_event_or_its_time():
    event = asyncio.Event()
    await pause(event, 0)
    event.set()
    await pause(event, 3600)
