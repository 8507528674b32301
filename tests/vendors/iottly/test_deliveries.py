"""What is thought of a webhook: proven, silent, or without devices."""

from datetime import UTC, datetime, timedelta
import json

import pytest

from custom_components.iot_clouds.model import CloudRejected, Notice, Update
from custom_components.iot_clouds.vendors.iottly.deliveries import Deliveries
from custom_components.iot_clouds.vendors.iottly.models import Board
from custom_components.iot_clouds.vendors.iottly.notebook import Notebook
from custom_components.iot_clouds.vendors.iottly.pace import Pace
from custom_components.iot_clouds.vendors.iottly.tracked import Tracked

from .store import DEVICE, PROJECT

SILENT = Notice(key="webhook_silent")
BARE = Notice(key="webhook_payload_only")


class Clock:
    def __init__(self):
        self.seconds = 0.0

    def __call__(self):
        return self.seconds

    def now(self):
        return datetime(2026, 3, 1, tzinfo=UTC) + timedelta(seconds=self.seconds)


class _NoMemory:
    async def load(self):
        return {}

    def save(self, collect):
        pass


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def tracked():
    return Tracked(Board(id=DEVICE, name="Board"))


@pytest.fixture
def make(clock, tracked):
    def make(expected=True):
        notebook = Notebook(_NoMemory(), {DEVICE: tracked})
        return Deliveries(
            PROJECT, "a", notebook, expected=expected, clock=clock, now=clock.now
        )

    return make


@pytest.fixture
def deliveries(make):
    return make()


def _body(n=0, **more):
    row = {
        "from": DEVICE.upper(),
        "to": PROJECT.upper(),
        "timestamp": f"2026-03-01T00:00:{n:02}.000Z",
        "type": "userdefined",
        "payload": {"n": n},
        **more,
    }
    return json.dumps({"msg": row}).encode()


def test_an_update_holds_only_what_the_message_changed(deliveries):
    first = deliveries.receive(_body(1, payload={"n": 1, "m": 5}))
    assert first.relist
    assert {ref.key for ref in first.readings} == {
        "message/n",
        "message/m",
        "webhook/last",
    }
    second = deliveries.receive(_body(2))
    assert not second.relist
    assert {ref.key: reading.value for ref, reading in second.readings.items()} == {
        "message/n": 2
    }
    assert deliveries.receive(_body(2)) == Update()


def test_an_older_message_moves_nothing_back(deliveries):
    deliveries.receive(_body(5))
    assert deliveries.receive(_body(4)).readings == {}


def test_the_time_of_the_last_delivery_moves_once_a_minute(deliveries, clock):
    [first] = [
        reading
        for ref, reading in deliveries.receive(_body(1)).readings.items()
        if ref.key == "webhook/last"
    ]
    assert first.value == datetime(2026, 3, 1, tzinfo=UTC)
    clock.seconds = 59
    assert not {
        ref for ref in deliveries.receive(_body(2)).readings if ref.device_id == "a"
    }
    clock.seconds = 60
    readings = deliveries.receive(_body(3)).readings
    [moved] = [each for ref, each in readings.items() if ref.device_id == "a"]
    assert moved.value == datetime(2026, 3, 1, 0, 1, tzinfo=UTC)


def test_a_device_that_is_not_known_asks_for_a_listing(deliveries):
    unknown = "00000000-0000-4000-8000-000000000000"
    assert deliveries.receive(_body(1, **{"from": unknown})) == Update(relist=True)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{}x",
        b'"text"',
        b"[1]",
        b"other=1",
        b'{"msg": null}',
        b"[" * 50_000,
        _body(1, to="0" * 24),
        _body(1, timestamp="yesterday"),
        _body(1, payload=None),
        b'{"temperature": 5}',
        b'{"msg": {"payload": {}}}',
        '{"msg": "\ud800"}'.encode("utf-8", "surrogatepass"),
    ],
)
def test_what_is_no_message_of_this_project_is_refused(deliveries, tracked, body):
    with pytest.raises(CloudRejected):
        deliveries.receive(body)
    assert tracked.leaves.readings() == {}


def test_payloads_alone_are_told_until_a_device_comes_along(deliveries):
    with pytest.raises(CloudRejected):
        deliveries.receive(b'{"temperature": 5}')
    assert deliveries.notices() == (BARE,)
    deliveries.receive(_body(1))
    assert deliveries.notices() == ()


def test_a_webhook_that_lets_messages_pass_is_silent_after_a_while(deliveries, clock):
    deliveries.receive(_body(1))
    assert deliveries.proven
    deliveries.polled(4)
    clock.seconds = 3600
    assert deliveries.notices() == ()
    assert not deliveries.proven
    deliveries.polled(1)
    assert deliveries.notices() == (SILENT,)
    deliveries.receive(_body(2))
    assert deliveries.notices() == ()
    assert deliveries.proven


def test_one_that_was_just_turned_on_has_an_hour(deliveries, clock):
    deliveries.polled(50)
    clock.seconds = 3599
    assert deliveries.notices() == ()
    clock.seconds = 3600
    assert deliveries.notices() == (SILENT,)


def test_messages_of_the_agent_prove_nothing_for_those_of_the_user(deliveries):
    deliveries.receive(
        _body(1, type="iottlyagent", payload={"connectionstatus": "connected"})
    )
    assert not deliveries.proven


def test_where_it_is_not_wanted_nothing_is_told(make, clock):
    deliveries = make(expected=False)
    deliveries.polled(50)
    clock.seconds = 9999
    assert deliveries.notices() == ()
    assert deliveries.points() == ()
    assert deliveries.readings() == {}


def test_polls_are_close_after_traffic_and_rare_while_it_is_quiet():
    pace = Pace()

    def wait(traffic, *, delivered=False):
        return pace.after(traffic=traffic, delivered=delivered).total_seconds()

    assert [wait(False), wait(False), wait(False)] == [60, 120, 120]
    assert [wait(True), wait(False), wait(False)] == [10, 20, 40]
    assert wait(True, delivered=True) == 300
    assert wait(False) == 20
    pace.hurry()
    assert wait(False) == 10
