"""What has happened to an account is counted, and told as numbers."""

from datetime import timedelta

from freezegun.api import FrozenDateTimeFactory
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.iot_clouds.counters import Counters
from custom_components.iot_clouds.model import (
    Call,
    CloudAuthError,
    CloudBusy,
    CloudMissing,
    CloudRejected,
    CloudUnreachable,
    DeviceOffline,
    Drop,
    Event,
    Purpose,
    Reading,
    Ref,
    Tally,
    Update,
)
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.util import dt as dt_util

from .fake import FakeCloud

TEMP = Ref("board-1", "variable/temp")


def _sent(age: float) -> Update:
    """A value that was sent so many seconds ago."""
    at = dt_util.utcnow() - timedelta(seconds=age)
    return Update(readings={TEMP: Reading(value=1.0, at=at)}, sent=at)


def test_requests_are_counted_by_what_they_are_for_and_what_became_of_them():
    counters = Counters()
    for status in (200, 204, 404, 401, 400, 429, 529, 301, 500, 503):
        counters.tally.answered(Purpose.LISTING, status)
    for err in (
        CloudAuthError("x"),
        CloudRejected("x"),
        CloudMissing("x"),
        CloudBusy("x", retry_after=1),
        CloudUnreachable("x"),
        DeviceOffline("x"),
    ):
        counters.tally.raised(Purpose.COMMAND, err)
    assert counters.told()["requests"] == {
        "command": {"failed": 2, "missing": 1, "rate_limited": 1, "refused": 2},
        "listing": {
            "failed": 3,
            "missing": 1,
            "ok": 2,
            "rate_limited": 2,
            "refused": 2,
        },
    }


def test_what_was_dropped_is_told_by_its_reason_once_there_is_any():
    tally = Tally()
    tally.drop(Drop.NO_ID, 0)
    assert tally.drops == {}
    tally.drop(Drop.NO_ID, 3)
    tally.drop(Drop.NO_ID)
    tally.drop(Drop.UNREADABLE)
    assert tally.drops == {Drop.NO_ID: 4, Drop.UNREADABLE: 1}


@pytest.mark.parametrize(
    ("ages", "latency"),
    [
        ([], {"pushes": 0, "ahead": 0}),
        ([0.25], {"pushes": 1, "ahead": 0, "p50": 0.25, "p95": 0.25}),
        ([3, 1, 2, 4], {"pushes": 4, "ahead": 0, "p50": 2.0, "p95": 4.0}),
        ([-5, 1, -0.5], {"pushes": 1, "ahead": 2, "p50": 1.0, "p95": 1.0}),
        (
            [*range(1, 101)],
            {"pushes": 100, "ahead": 0, "p50": 50.0, "p95": 95.0},
        ),
        # Of many only the newest count.
        ([9000] * 300 + [1] * 256, {"pushes": 256, "ahead": 0, "p50": 1, "p95": 1}),
    ],
)
def test_delays_are_told_by_their_percentiles(
    freezer: FrozenDateTimeFactory, ages, latency
):
    freezer.move_to("2026-11-20 12:00:00")
    counters = Counters()
    for age in ages:
        counters.shown(dt_util.utcnow() - timedelta(seconds=age))
    assert counters.told()["latency"] == latency


def test_how_long_was_counted_is_told():
    now = [100.0]
    counters = Counters(clock=lambda: now[0])
    now[0] = 160.4
    assert counters.told()["seconds"] == 60


async def test_a_push_is_counted_with_the_delay_of_its_own_time(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, loaded: MockConfigEntry
):
    coordinator = loaded.runtime_data.coordinator
    freezer.move_to("2026-11-21 12:00:00")
    coordinator.async_apply(_sent(2))
    coordinator.async_apply(_sent(-3600))
    # One that has no time of its own says nothing about delays.
    at = dt_util.utcnow() + timedelta(hours=2)
    coordinator.async_apply(Update(readings={TEMP: Reading(value=4.0, at=at)}))
    assert coordinator.counters.told()["latency"] == {
        "pushes": 1,
        "ahead": 1,
        "p50": 2.0,
        "p95": 2.0,
    }
    assert coordinator.counters.tally.drops == {}


async def test_a_pushed_value_that_is_older_than_what_is_known_is_counted(
    hass: HomeAssistant, cloud: FakeCloud, loaded: MockConfigEntry
):
    coordinator = loaded.runtime_data.coordinator
    coordinator.async_apply(_sent(0))
    shown = coordinator.readings[TEMP]
    coordinator.async_apply(_sent(1000))
    assert coordinator.readings[TEMP] is shown
    assert coordinator.counters.tally.drops == {Drop.OUTDATED: 1}
    # A listing always has some that are older than the newest push.
    await coordinator.async_refresh()
    assert coordinator.readings[TEMP] is shown
    assert coordinator.counters.tally.drops == {Drop.OUTDATED: 1}


async def test_commands_are_counted_by_how_they_ended(
    hass: HomeAssistant, cloud: FakeCloud, loaded: MockConfigEntry
):
    coordinator = loaded.runtime_data.coordinator
    command = Call(device_id="board-1", function="open", argument="")
    await coordinator.async_execute(command)
    cloud.error = DeviceOffline("x")
    for _ in range(2):
        with pytest.raises(HomeAssistantError):
            await coordinator.async_execute(command)
    assert coordinator.counters.told()["commands"] == {"DeviceOffline": 2, "ok": 1}


async def test_events_are_counted_when_they_are_told(
    hass: HomeAssistant, loaded: MockConfigEntry
):
    coordinator = loaded.runtime_data.coordinator
    event = Event(device_id="board-1", name="e", data=None, at=dt_util.utcnow(), id="1")
    coordinator.async_apply(Update(events=(event, event)))
    assert coordinator.published.told == 2
