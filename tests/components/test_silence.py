"""A device that promised to send regularly and does not is shown as unavailable."""

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from pytest_homeassistant_custom_component.common import async_fire_time_changed

from custom_components.iot_clouds.model import Reading, Update
from homeassistant.const import EVENT_STATE_CHANGED, EVENT_STATE_REPORTED
from homeassistant.core import callback
from homeassistant.util.async_ import get_scheduled_timer_handles
from tests.virtual_time import virtual_time

from .fake import NOON, FakeFeed, Ref, board, values

TEMP = Ref("board-1", "variable/temp")
DOOR = Ref("board-1", "variable/door")
TEMP_ID = "sensor.shed_temp"
DOOR_ID = "binary_sensor.shed_door"

PERIOD = 10


def _timed(period: float | None = PERIOD):
    """The shed, whose temperature is sent on a period and whose door is not."""
    device = board()
    points = dict(device.points)
    points[TEMP.key] = replace(points[TEMP.key], period=period)
    return replace(device, points=points)


@pytest.fixture
def cloud(cloud):
    """The fake cloud, polled only, with a temperature sent every ten seconds."""
    cloud.feed = None
    cloud.devices = {"board-1": _timed()}
    return cloud


@pytest.fixture
def at(hass, freezer):
    """Let so many seconds after noon be now, and timers that are due ring."""

    async def at(seconds: float) -> None:
        freezer.move_to(NOON + timedelta(seconds=seconds))
        async_fire_time_changed(hass)
        await hass.async_block_till_done()

    return at


@pytest.fixture
async def started(hass, entry, cloud, at):
    """The account, set up at noon when all values are new, and listening."""
    await at(0)
    await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    entry.runtime_data.coordinator.async_set_feeds_live(True)
    return entry.runtime_data.coordinator


@pytest.fixture
def written(hass):
    """Every state that is written or reported from now on."""
    seen = []

    @callback
    def note(event):
        seen.append((event.data["entity_id"], event.data["new_state"].state))

    hass.bus.async_listen(EVENT_STATE_CHANGED, note)
    hass.bus.async_listen(
        EVENT_STATE_REPORTED, note, event_filter=callback(lambda _: True)
    )
    return seen


def _push(coordinator, value: float, at: datetime) -> None:
    coordinator.async_apply(Update(readings={TEMP: Reading(value=value, at=at)}))


def _after(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


async def test_a_value_is_unavailable_after_three_periods_of_silence(
    hass, started, at, written
):
    await at(29)
    assert hass.states.get(TEMP_ID).state == "21.5"
    assert written == []
    await at(30.1)
    assert hass.states.get(TEMP_ID).state == "unavailable"
    assert written == [(TEMP_ID, "unavailable")]


async def test_a_value_that_is_sent_on_change_never_is(hass, started, at):
    await at(1_000_000)
    assert hass.states.get(DOOR_ID).state == "off"


async def test_each_sign_of_life_gives_three_more_periods_and_writes_nothing(
    hass, started, at, written
):
    for seconds in range(10, 200, 10):
        await at(seconds)
        _push(started, 21.5, _after(seconds))
    await at(219)
    assert written == []
    await at(220.1)
    assert written == [(TEMP_ID, "unavailable")]


async def test_the_same_value_again_ends_the_silence_with_one_write(
    hass, started, at, written
):
    await at(31)
    written.clear()
    _push(started, 21.5, _after(31))
    assert written == [(TEMP_ID, "21.5")]
    await at(60)
    assert hass.states.get(TEMP_ID).state == "21.5"
    await at(61.1)
    assert hass.states.get(TEMP_ID).state == "unavailable"


async def test_another_value_ends_the_silence_with_one_write(
    hass, started, at, written
):
    await at(31)
    written.clear()
    _push(started, 22, _after(31))
    assert written == [(TEMP_ID, "22")]


async def test_a_board_with_a_slow_clock_is_not_silent(hass, started, at):
    await at(31)
    _push(started, 22, _after(5))
    assert hass.states.get(TEMP_ID).state == "22"
    await at(60)
    assert hass.states.get(TEMP_ID).state == "22"


async def test_a_board_with_a_fast_clock_is_found_silent_in_time(hass, started, at):
    await at(10)
    _push(started, 22, _after(5000))
    await at(41)
    assert hass.states.get(TEMP_ID).state == "unavailable"


async def test_a_gap_in_our_own_connection_is_not_the_boards_silence(
    hass, started, at, cloud
):
    await at(20)
    started.listening_since = None
    cloud.readings = values(seconds=30)
    await at(35)
    assert hass.states.get(TEMP_ID).state == "21.5"
    started.async_set_feeds_live(True)
    await started.async_refresh()
    await at(64)
    assert hass.states.get(TEMP_ID).state == "21.5"
    await at(66)
    assert hass.states.get(TEMP_ID).state == "unavailable"


async def test_without_push_the_listing_tells(hass, started, at, cloud, written):
    started.async_set_feeds_live(False)
    await at(29)
    assert written == []
    await at(45)
    assert written == [(TEMP_ID, "unavailable")]

    await at(90)
    written.clear()
    cloud.readings = values(seconds=85)
    await started.async_refresh()
    assert written == [(TEMP_ID, "21.5")]


async def test_a_value_that_is_old_at_the_start_is_unavailable_from_the_start(
    hass, entry, cloud, at
):
    await at(31)
    await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    assert hass.states.get(TEMP_ID).state == "unavailable"
    assert hass.states.get(DOOR_ID).state == "off"


async def test_a_value_that_never_was_is_unknown_for_as_long_as_it_takes(
    hass, entry, cloud, at
):
    cloud.readings[TEMP] = Reading(value=None, at=NOON)
    await at(0)
    await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    await at(1000)
    await entry.runtime_data.coordinator.async_refresh()
    assert hass.states.get(TEMP_ID).state == "unknown"


async def test_the_user_can_have_silent_values_kept(hass, entry, cloud, at):
    hass.config_entries.async_update_entry(entry, options={"keep_stale": True})
    await at(1000)
    await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    assert hass.states.get(TEMP_ID).state == "21.5"


@pytest.mark.parametrize("period", [0, -5, None])
async def test_a_period_that_is_none_promises_nothing(hass, entry, cloud, at, period):
    cloud.devices = {"board-1": _timed(period)}
    await at(1000)
    await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    assert hass.states.get(TEMP_ID).state == "21.5"


@pytest.mark.parametrize("period", [0.001, 0.1, 1])
async def test_a_moment_is_no_silence_however_short_the_period(
    hass, entry, cloud, at, period
):
    cloud.devices = {"board-1": _timed(period)}
    await at(0)
    await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    entry.runtime_data.coordinator.async_set_feeds_live(True)
    await at(9)
    assert hass.states.get(TEMP_ID).state == "21.5"
    await at(21)
    assert hass.states.get(TEMP_ID).state == "unavailable"


async def test_a_period_longer_than_any_calendar_is_never_over(hass, entry, cloud, at):
    cloud.devices = {"board-1": _timed(1e300)}
    await at(1000)
    await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    assert hass.states.get(TEMP_ID).state == "21.5"


async def test_a_period_that_is_changed_in_the_cloud_counts_at_once(
    hass, started, at, cloud
):
    cloud.devices = {"board-1": _timed(100)}
    await started.async_refresh()
    await at(100)
    assert hass.states.get(TEMP_ID).state == "21.5"

    cloud.devices = {"board-1": _timed(None)}
    await started.async_refresh()
    await at(10_000)
    assert hass.states.get(TEMP_ID).state == "21.5"


async def test_a_write_is_no_sign_of_life(hass, cloud, started, at):
    point = replace(cloud.devices["board-1"].points["variable/pump"], period=PERIOD)
    device = cloud.devices["board-1"]
    cloud.devices = {
        "board-1": replace(device, points={**device.points, point.key: point})
    }
    await started.async_refresh()
    await at(20)
    await hass.services.async_call(
        "switch", "turn_off", {"entity_id": "switch.shed_pump"}, blocking=True
    )
    await at(31)
    assert hass.states.get("switch.shed_pump").state == "unavailable"


async def test_while_a_feed_connects_anew_silence_does_not_count(
    hass, entry, cloud, until
):
    cloud.feed = FakeFeed()
    await hass.config_entries.async_setup(entry.entry_id)
    coordinator = entry.runtime_data.coordinator
    await until(lambda: coordinator.listening_since)
    cloud.feed.queue.put_nowait(None)
    await until(lambda: coordinator.listening_since is None)


async def test_a_value_that_never_was_stays_unknown_while_pushes_arrive(
    hass, entry, cloud, at
):
    cloud.readings[TEMP] = Reading(value=None, at=NOON)
    await at(0)
    await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    entry.runtime_data.coordinator.async_set_feeds_live(True)
    await at(1000)
    assert hass.states.get(TEMP_ID).state == "unknown"


async def test_a_listing_that_repeats_what_is_older_takes_no_time_away(
    hass, started, at
):
    await at(25)
    _push(started, 21.5, _after(25))
    await started.async_refresh()
    await at(54)
    assert hass.states.get(TEMP_ID).state == "21.5"
    await at(55.1)
    assert hass.states.get(TEMP_ID).state == "unavailable"


async def test_a_listed_value_from_the_future_is_found_silent_in_time(
    hass, started, at, cloud
):
    await at(10)
    cloud.readings = values(seconds=5000)
    await started.async_refresh()
    await at(41)
    assert hass.states.get(TEMP_ID).state == "unavailable"


@pytest.mark.parametrize("pushed", [True, False])
async def test_a_clock_that_was_ahead_hides_no_silence(hass, entry, cloud, pushed):
    ahead = NOON + timedelta(days=365)
    with virtual_time(hass.loop, since=ahead) as passing:
        await hass.config_entries.async_setup(entry.entry_id)
        coordinator = entry.runtime_data.coordinator
        coordinator.async_set_feeds_live(True)
        _push(coordinator, 22, ahead)
        assert hass.states.get(TEMP_ID).state == "22"
        passing.set_clock(NOON)
        if pushed:
            _push(coordinator, 23, NOON)
        await asyncio.sleep(2 * 3 * PERIOD + 1)
        assert hass.states.get(TEMP_ID).state == "unavailable"
        await hass.config_entries.async_unload(entry.entry_id)


async def test_three_periods_are_not_more_than_three(hass, started, at):
    started.async_set_feeds_live(False)
    await at(30)
    await started.async_refresh()
    assert hass.states.get(TEMP_ID).state == "21.5"
    await at(31)
    await started.async_refresh()
    assert hass.states.get(TEMP_ID).state == "unavailable"


async def test_while_pushes_arrive_a_listing_finds_no_silence_that_began_before(
    hass, started, at
):
    started.async_set_feeds_live(False)
    await at(25)
    started.async_set_feeds_live(True)
    await at(35)
    # What it lists is of noon.
    await started.async_refresh()
    assert hass.states.get(TEMP_ID).state == "21.5"
    await at(55.1)
    assert hass.states.get(TEMP_ID).state == "unavailable"


async def test_nothing_waits_for_an_account_that_is_unloaded(hass, started, entry):
    def waiting() -> int:
        handles = get_scheduled_timer_handles(hass.loop)
        return sum(
            "Silence" in repr(each._args) for each in handles if not each.cancelled()
        )

    assert waiting() == 1
    await hass.config_entries.async_unload(entry.entry_id)
    assert waiting() == 0
