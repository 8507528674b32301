"""Polls and pushes meet: the newest true value is shown, and only changes are written."""

import asyncio
from dataclasses import replace
from datetime import timedelta
import logging

import pytest
from pytest_homeassistant_custom_component.common import async_fire_time_changed

from custom_components.iot_clouds.model import (
    CloudAuthError,
    CloudBusy,
    CloudUnreachable,
    Reading,
    SetPoint,
    Update,
)
from custom_components.iot_clouds.past import Past
from homeassistant.const import EVENT_STATE_CHANGED, EVENT_STATE_REPORTED
from homeassistant.core import callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util

from .fake import FakeReader, Kind, Point, Ref, board, reading, values

TEMP = Ref("board-1", "variable/temp")
PUMP = Ref("board-1", "variable/pump")


@pytest.fixture
def written(hass):
    """Every state that is written or reported from now on."""
    seen = []

    @callback
    def note(event):
        seen.append(event.data["entity_id"])

    hass.bus.async_listen(EVENT_STATE_CHANGED, note)
    hass.bus.async_listen(
        EVENT_STATE_REPORTED, note, event_filter=callback(lambda _: True)
    )
    return seen


async def _poll(hass, coordinator) -> None:
    await coordinator.async_refresh()
    await hass.async_block_till_done()


async def test_one_push_writes_one_state_whatever_the_size(hass, cloud, entry, until):
    points = {
        f"variable/v{n}": Point(key=f"variable/v{n}", kind=Kind.MEASURE, name=f"V{n}")
        for n in range(500)
    }
    cloud.devices = {"board-1": board(points=points)}
    cloud.readings = {Ref("board-1", key): reading(1) for key in points}
    await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    seen = []
    hass.bus.async_listen(
        EVENT_STATE_CHANGED, callback(lambda event: seen.append(event.data))
    )

    cloud.feed.queue.put_nowait(
        Update(readings={Ref("board-1", "variable/v7"): reading(2, 1)})
    )
    await until(lambda: seen)
    await hass.async_block_till_done()

    assert [each["entity_id"] for each in seen] == ["sensor.shed_v7"]


async def test_a_clock_that_was_ahead_for_a_moment_freezes_no_value(
    hass, cloud, loaded, until
):
    ahead = 30 * 365 * 86_400
    cloud.feed.queue.put_nowait(Update(readings={TEMP: reading(30, ahead)}))
    cloud.feed.queue.put_nowait(Update(readings={TEMP: reading(20, 5)}))
    cloud.feed.queue.put_nowait(Update(readings={TEMP: reading(10, 4)}))
    cloud.feed.queue.put_nowait(Update(readings={PUMP: reading(False, 1)}))
    await until(lambda: hass.states.get("switch.shed_pump").state == "off")
    assert hass.states.get("sensor.shed_temp").state == "20"


async def test_a_clock_that_is_set_back_freezes_no_value_beyond_the_next_listing(
    hass, cloud, loaded, until
):
    coordinator = loaded.runtime_data.coordinator
    wall = 3600.0
    coordinator._past = Past(wall=lambda: wall, monotonic=lambda: 0.0)
    early = dt_util.utcnow() + timedelta(hours=1)
    cloud.feed.queue.put_nowait(Update(readings={TEMP: Reading(value=30, at=early)}))
    await until(lambda: hass.states.get("sensor.shed_temp").state == "30")
    await _poll(hass, coordinator)
    assert coordinator.readings[TEMP].at == early

    wall = 0.0
    await _poll(hass, coordinator)
    assert hass.states.get("sensor.shed_temp").state == "30"
    now = Reading(value=20, at=dt_util.utcnow())
    cloud.feed.queue.put_nowait(Update(readings={TEMP: now}))
    await until(lambda: hass.states.get("sensor.shed_temp").state == "20")


async def test_an_older_reading_never_takes_the_place_of_a_newer(
    hass, cloud, loaded, until
):
    cloud.feed.queue.put_nowait(Update(readings={TEMP: reading(30, 10)}))
    cloud.feed.queue.put_nowait(Update(readings={TEMP: reading(20, 5)}))
    cloud.feed.queue.put_nowait(Update(readings={PUMP: reading(False, 1)}))
    await until(lambda: hass.states.get("switch.shed_pump").state == "off")
    assert hass.states.get("sensor.shed_temp").state == "30"

    await _poll(hass, loaded.runtime_data.coordinator)
    assert hass.states.get("sensor.shed_temp").state == "30"


async def test_a_poll_under_way_does_not_undo_a_push(hass, cloud, loaded, until):
    cloud.gate = asyncio.Event()
    coordinator = loaded.runtime_data.coordinator
    poll = hass.async_create_task(coordinator.async_refresh())
    await until(lambda: cloud.snapshots == 2)
    cloud.feed.queue.put_nowait(Update(readings={TEMP: reading(30, 10)}))
    await until(lambda: hass.states.get("sensor.shed_temp").state == "30")
    cloud.gate.set()
    await poll
    await hass.async_block_till_done()

    assert hass.states.get("sensor.shed_temp").state == "30"


async def test_a_change_in_a_gap_is_shown_though_our_clock_is_ahead_of_the_clouds(
    hass, cloud, loaded, freezer
):
    coordinator = loaded.runtime_data.coordinator
    ours = dt_util.utcnow()
    coordinator.async_apply(Update(readings={TEMP: Reading(value=30, at=ours)}))
    coordinator.async_set_feeds_live(False)
    theirs = ours - timedelta(seconds=20)
    cloud.readings[TEMP] = Reading(value=20, at=theirs)

    # A listing may be behind what was pushed, and for that no longer than a minute.
    freezer.tick(50)
    await _poll(hass, coordinator)
    assert hass.states.get("sensor.shed_temp").state == "30"
    freezer.tick(20)
    await _poll(hass, coordinator)
    assert hass.states.get("sensor.shed_temp").state == "20"


async def test_what_was_pushed_after_a_gap_is_not_undone_because_it_is_old(
    hass, cloud, loaded, freezer
):
    coordinator = loaded.runtime_data.coordinator
    coordinator.async_set_feeds_live(False)
    coordinator.async_set_feeds_live(True)
    coordinator.async_apply(Update(readings={TEMP: reading(30, 10)}))

    for seconds in (50, 120):
        freezer.tick(seconds)
        await _poll(hass, coordinator)
        assert hass.states.get("sensor.shed_temp").state == "30"


@pytest.mark.parametrize(
    ("kind", "entity_id"),
    [(Kind.FLAG, "binary_sensor.shed_pump"), (Kind.TOGGLE, "switch.shed_pump")],
)
async def test_what_is_left_of_another_type_is_not_taken_for_on(
    hass, cloud, loaded, kind, entity_id
):
    point = Point(key=PUMP.key, kind=kind, name="Pump", writable=kind is Kind.TOGGLE)
    cloud.devices = {"board-1": board(points={PUMP.key: point})}
    cloud.readings = {PUMP: reading("off", 5)}
    await _poll(hass, loaded.runtime_data.coordinator)
    assert hass.states.get(entity_id).state == "unknown"


async def test_a_listing_that_says_the_same_is_the_same_object(hass, cloud, loaded):
    coordinator = loaded.runtime_data.coordinator
    before = coordinator.data
    cloud.devices = {"board-1": board()}
    await _poll(hass, coordinator)
    assert coordinator.data is before


async def test_a_poll_writes_only_what_differs(hass, cloud, loaded, written):
    cloud.readings = values(seconds=60)
    cloud.readings[TEMP] = reading(22, 60)
    await _poll(hass, loaded.runtime_data.coordinator)
    assert written == ["sensor.shed_temp"]


async def test_the_same_value_again_is_not_written(hass, cloud, loaded, written, until):
    cloud.feed.queue.put_nowait(Update(readings={TEMP: reading(21.5, 5)}))
    cloud.feed.queue.put_nowait(Update(readings={PUMP: reading(False, 6)}))
    await until(lambda: hass.states.get("switch.shed_pump").state == "off")
    assert written == ["switch.shed_pump"]


async def test_a_listing_after_a_command_corrects_what_was_assumed(hass, cloud, loaded):
    await hass.services.async_call(
        "switch", "turn_off", {"entity_id": "switch.shed_pump"}, blocking=True
    )
    assert hass.states.get("switch.shed_pump").state == "off"

    await _poll(hass, loaded.runtime_data.coordinator)
    assert hass.states.get("switch.shed_pump").state == "on"


async def test_a_clock_that_is_set_back_does_not_keep_what_was_assumed(
    hass, cloud, loaded, freezer
):
    await hass.services.async_call(
        "switch", "turn_off", {"entity_id": "switch.shed_pump"}, blocking=True
    )
    assert hass.states.get("switch.shed_pump").state == "off"

    freezer.tick(-3600)
    await _poll(hass, loaded.runtime_data.coordinator)
    assert hass.states.get("switch.shed_pump").state == "on"


async def test_a_listing_asked_for_before_a_command_does_not_undo_it(
    hass, cloud, loaded, until
):
    cloud.gate = asyncio.Event()
    poll = hass.async_create_task(loaded.runtime_data.coordinator.async_refresh())
    await until(lambda: cloud.snapshots == 2)
    await hass.services.async_call(
        "switch", "turn_off", {"entity_id": "switch.shed_pump"}, blocking=True
    )
    cloud.gate.set()
    await poll
    await hass.async_block_till_done()

    assert hass.states.get("switch.shed_pump").state == "off"


async def test_an_echo_confirms_even_with_a_slow_clock(hass, cloud, loaded, until):
    await hass.services.async_call(
        "switch", "turn_off", {"entity_id": "switch.shed_pump"}, blocking=True
    )
    cloud.feed.queue.put_nowait(Update(readings={PUMP: reading(True, 1)}))
    cloud.feed.queue.put_nowait(Update(readings={PUMP: reading(False, 2)}))
    cloud.feed.queue.put_nowait(Update(readings={PUMP: reading(True, 3)}))
    # The first is older than the command, the second confirms it, the third is news.
    await until(lambda: hass.states.get("switch.shed_pump").state == "on")


@pytest.mark.expects_errors("Error fetching Home data")
async def test_without_push_a_failed_poll_makes_the_account_unavailable_once(
    hass, cloud, entry, caplog
):
    cloud.feed = None
    await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    coordinator = entry.runtime_data.coordinator
    cloud.error = CloudUnreachable("no route")
    await _poll(hass, coordinator)
    await _poll(hass, coordinator)
    assert hass.states.get("sensor.shed_temp").state == "unavailable"
    assert hass.states.get("binary_sensor.shed_connection").state == "unavailable"
    assert caplog.text.count("Error fetching Home data") == 1

    cloud.error = None
    await _poll(hass, coordinator)
    assert hass.states.get("sensor.shed_temp").state == "21.5"
    assert caplog.text.count("Fetching Home data recovered") == 1


@pytest.mark.expects_errors("Error fetching Home data")
async def test_with_live_push_a_failed_poll_changes_nothing(hass, cloud, loaded):
    cloud.error = CloudUnreachable("no route")
    await _poll(hass, loaded.runtime_data.coordinator)
    assert hass.states.get("sensor.shed_temp").state == "21.5"


@pytest.mark.expects_errors("Error fetching Home data")
async def test_when_push_fails_too_the_account_is_unavailable(
    hass, cloud, loaded, until
):
    cloud.error = CloudUnreachable("no route")
    await _poll(hass, loaded.runtime_data.coordinator)
    cloud.feed.refuse = CloudUnreachable("no route")
    cloud.feed.queue.put_nowait(CloudUnreachable("cut"))
    await until(lambda: hass.states.get("sensor.shed_temp").state == "unavailable")


async def test_a_cloud_that_knows_better_says_when_it_wants_to_be_polled_again(
    hass, cloud, loaded
):
    coordinator = loaded.runtime_data.coordinator
    cloud.poll_in = timedelta(seconds=90)
    await _poll(hass, coordinator)
    assert coordinator.update_interval == timedelta(seconds=90)
    cloud.poll_in = None
    await _poll(hass, coordinator)
    assert coordinator.update_interval == timedelta(seconds=300)


async def test_polls_are_rare_while_push_lives_and_never_stop(hass, cloud, loaded):
    coordinator = loaded.runtime_data.coordinator
    assert coordinator.update_interval == timedelta(seconds=300)
    async_fire_time_changed(hass, dt_util.utcnow() + timedelta(seconds=32))
    await hass.async_block_till_done(wait_background_tasks=False)
    for _ in range(5):
        await asyncio.sleep(0)
    # The first one was scheduled before push was up, and closes the gap before it.
    assert cloud.snapshots == 2
    for n in range(50):
        coordinator.async_apply(Update(readings={TEMP: reading(n, 100 + n)}))
    async_fire_time_changed(hass, dt_util.utcnow() + timedelta(seconds=340))
    for _ in range(5):
        await asyncio.sleep(0)
    assert cloud.snapshots == 3


@pytest.mark.expects_errors("Error fetching Home data")
async def test_a_busy_cloud_is_left_alone_as_long_as_it_asked(hass, cloud, loaded):
    cloud.error = CloudBusy("slow down", retry_after=1000)
    await _poll(hass, loaded.runtime_data.coordinator)
    async_fire_time_changed(hass, dt_util.utcnow() + timedelta(seconds=900))
    for _ in range(5):
        await asyncio.sleep(0)
    assert cloud.snapshots == 2
    async_fire_time_changed(hass, dt_util.utcnow() + timedelta(seconds=1100))
    for _ in range(5):
        await asyncio.sleep(0)
    assert cloud.snapshots == 3


async def test_refused_credentials_of_a_command_start_a_new_sign_in(
    hass, cloud, loaded
):
    cloud.error = CloudAuthError("no")
    with pytest.raises(HomeAssistantError) as caught:
        await hass.services.async_call(
            "switch", "turn_off", {"entity_id": "switch.shed_pump"}, blocking=True
        )
    await hass.async_block_till_done()
    assert caught.value.translation_key == "auth_failed"
    [flow] = hass.config_entries.flow.async_progress()
    assert flow["context"]["source"] == "reauth"


async def test_nobody_is_asked_to_sign_in_to_an_account_that_is_gone(
    hass, cloud, loaded
):
    coordinator = loaded.runtime_data.coordinator
    await hass.config_entries.async_remove(loaded.entry_id)
    cloud.error = CloudAuthError("no")
    with pytest.raises(HomeAssistantError) as caught:
        await coordinator.async_execute(SetPoint(ref=PUMP, value=True))
    await hass.async_block_till_done()
    assert caught.value.translation_key == "auth_failed"
    assert hass.config_entries.flow.async_progress() == []


@pytest.mark.expects_errors("Error fetching Home data")
async def test_nobody_is_asked_to_sign_in_when_a_listing_outlives_its_account(
    hass, cloud, loaded, until
):
    cloud.gate = asyncio.Event()
    refresh = hass.async_create_task(
        hass.services.async_call(
            "iot_clouds", "refresh", {"config_entry_id": loaded.entry_id}, blocking=True
        )
    )
    await until(lambda: cloud.snapshots == 2)
    await hass.config_entries.async_remove(loaded.entry_id)
    cloud.error = CloudAuthError("revoked")
    cloud.gate.set()
    with pytest.raises(HomeAssistantError) as told:
        await refresh
    await hass.async_block_till_done()

    assert told.value.translation_key == "auth_failed"
    assert hass.config_entries.flow.async_progress() == []


async def test_a_hint_brings_the_next_listing_forward(hass, cloud, loaded, until):
    cloud.devices["board-2"] = board(id="board-2", name="Barn", mac=None)
    cloud.feed.queue.put_nowait(Update(relist=True))
    await until(lambda: hass.states.get("sensor.barn_temp"))


def _billed(**changes):
    points = {
        key: Point(key=key, kind=Kind.MEASURE, name=key[-1:].upper(), billed=True)
        for key in ("variable/a", "variable/b")
    }
    points["variable/c"] = Point(
        key="variable/c", kind=Kind.MEASURE, name="C", billed=True, enabled=False
    )
    return board(points=points, **changes)


@pytest.fixture
async def billed(hass, cloud, entry):
    """An account with billed points on one connected and one offline board."""
    cloud.reader = FakeReader()
    cloud.devices = {
        "board-1": _billed(),
        "board-2": _billed(id="board-2", name="Barn", mac=None, online=False),
    }
    cloud.readings = {}
    cloud.reader.table = {Ref("board-1", "variable/a"): reading(1)}
    await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    return entry


async def test_only_enabled_points_of_connected_boards_are_read(
    hass, cloud, billed, until
):
    await until(lambda: cloud.reader.reads)
    await hass.async_block_till_done()
    assert [sorted(each) for each in cloud.reader.reads] == [
        [("board-1", "variable/a"), ("board-1", "variable/b")]
    ]
    assert hass.states.get("sensor.shed_a").state == "1"
    assert hass.states.get("sensor.shed_b").state == "unknown"
    assert billed.runtime_data.reads.update_interval == timedelta(minutes=17)


async def test_boards_of_which_nobody_knows_are_read_and_free_points_are_not(
    hass, cloud, entry, until
):
    free = Point(key="variable/free", kind=Kind.MEASURE, name="Free")
    shed = _billed(online=None)
    cloud.reader = FakeReader()
    cloud.devices = {"board-1": replace(shed, points={**shed.points, free.key: free})}
    cloud.readings = {}
    await hass.config_entries.async_setup(entry.entry_id)
    await until(lambda: cloud.reader.reads)
    assert hass.states.get("sensor.shed_free")
    assert [sorted(each) for each in cloud.reader.reads] == [
        [("board-1", "variable/a"), ("board-1", "variable/b")]
    ]


async def test_what_was_known_of_a_board_that_is_gone_is_forgotten(hass, cloud, loaded):
    coordinator = loaded.runtime_data.coordinator
    assert TEMP in coordinator.readings
    cloud.devices, cloud.readings = {}, {}
    await _poll(hass, coordinator)
    assert coordinator.readings == {}


async def test_reads_go_on_by_their_own_interval(hass, cloud, billed, until):
    await until(lambda: cloud.reader.reads)
    async_fire_time_changed(hass, dt_util.utcnow() + timedelta(minutes=18))
    await until(lambda: len(cloud.reader.reads) == 2)


async def test_a_value_is_shown_while_others_are_still_read(hass, cloud, billed, until):
    await until(lambda: cloud.reader.reads)
    refs = [Ref("board-1", "variable/a"), Ref("board-1", "variable/b")]
    cloud.reader.table = {ref: reading(2) for ref in refs}
    cloud.reader.held = {refs[1]: asyncio.Event()}
    rest = asyncio.create_task(billed.runtime_data.reads.async_refresh())
    await until(lambda: hass.states.get("sensor.shed_a").state == "2")
    assert hass.states.get("sensor.shed_b").state == "unknown"
    cloud.reader.held[refs[1]].set()
    await rest
    assert hass.states.get("sensor.shed_b").state == "2"


@pytest.mark.expects_errors("Error fetching Home billed reads data")
async def test_a_failed_read_does_not_touch_the_account(hass, cloud, billed, until):
    await until(lambda: cloud.reader.reads)
    cloud.reader.error = CloudUnreachable("x")
    await billed.runtime_data.reads.async_refresh()
    await hass.async_block_till_done()
    assert hass.states.get("sensor.shed_a").state == "1"


@pytest.mark.expects_errors("Error fetching Home billed reads data")
async def test_a_round_in_which_nothing_is_due_does_not_say_that_the_cloud_is_back(
    hass, cloud, billed, until, caplog
):
    caplog.set_level(logging.INFO)
    await until(lambda: cloud.reader.reads)
    reads, table = billed.runtime_data.reads, cloud.reader.table
    for _ in range(3):
        cloud.reader.error = CloudUnreachable("x")
        await reads.async_refresh()
        cloud.reader.error, cloud.reader.table = None, {}
        await reads.async_refresh()
        # That something is not known any more is no answer either.
        cloud.reader.table = {Ref("board-1", "variable/a"): reading(None)}
        await reads.async_refresh()
    assert caplog.text.count("Error fetching Home billed reads") == 1
    assert "billed reads data recovered" not in caplog.text
    cloud.reader.table = table
    await reads.async_refresh()
    assert caplog.text.count("Fetching Home billed reads data recovered") == 1


@pytest.mark.expects_errors("Error fetching Home data")
async def test_nothing_is_read_while_the_cloud_answers_in_no_other_way(
    hass, cloud, billed, until
):
    await until(lambda: cloud.reader.reads and cloud.feed.open)
    cloud.error = CloudUnreachable("x")
    await _poll(hass, billed.runtime_data.coordinator)
    await billed.runtime_data.reads.async_refresh()
    assert len(cloud.reader.reads) == 2
    cloud.feed.refuse = CloudUnreachable("x")
    cloud.feed.queue.put_nowait(CloudUnreachable("x"))
    await until(lambda: not billed.runtime_data.coordinator.reachable)
    await billed.runtime_data.reads.async_refresh()
    assert len(cloud.reader.reads) == 2
    cloud.error = None
    await _poll(hass, billed.runtime_data.coordinator)
    await billed.runtime_data.reads.async_refresh()
    assert len(cloud.reader.reads) == 3


async def test_update_entity_reads_just_that_point(hass, cloud, billed, until):
    await until(lambda: cloud.reader.reads)
    await async_setup_component(hass, "homeassistant", {})
    cloud.reader.table[Ref("board-1", "variable/b")] = reading(5)
    await hass.services.async_call(
        "homeassistant", "update_entity", {"entity_id": "sensor.shed_b"}, blocking=True
    )
    assert cloud.reader.reads[1:] == [[("board-1", "variable/b")]]
    assert cloud.reader.asked == [False, True]
    assert hass.states.get("sensor.shed_b").state == "5"


async def test_a_read_on_demand_that_brings_nothing_says_so(hass, cloud, billed, until):
    await until(lambda: cloud.reader.reads)
    with pytest.raises(HomeAssistantError) as caught:
        await billed.runtime_data.reads.async_read(Ref("board-1", "variable/b"))
    assert caught.value.translation_key == "device_offline"


async def test_update_entity_of_a_free_point_lists_the_account(hass, cloud, loaded):
    await async_setup_component(hass, "homeassistant", {})
    await hass.services.async_call(
        "homeassistant",
        "update_entity",
        {"entity_id": "sensor.shed_temp"},
        blocking=True,
    )
    assert cloud.snapshots == 2


async def test_a_read_on_demand_that_fails_says_so(hass, cloud, billed, until):
    await until(lambda: cloud.reader.reads)
    cloud.reader.error = CloudUnreachable("x")
    with pytest.raises(HomeAssistantError) as caught:
        await billed.runtime_data.reads.async_read(Ref("board-1", "variable/b"))
    assert caught.value.translation_key == "unreachable"


async def test_a_read_on_demand_that_is_refused_asks_to_sign_in_again(
    hass, cloud, billed, until
):
    await until(lambda: cloud.reader.reads)
    cloud.reader.error = CloudAuthError("no")
    with pytest.raises(HomeAssistantError) as caught:
        await billed.runtime_data.reads.async_read(Ref("board-1", "variable/b"))
    assert caught.value.translation_key == "auth_failed"
    await hass.async_block_till_done()
    [flow] = hass.config_entries.flow.async_progress()
    assert flow["context"]["source"] == "reauth"


async def test_nothing_is_read_while_nobody_looks(hass, cloud, billed, until):
    await until(lambda: cloud.reader.reads)
    cloud.devices = {"board-1": _billed(online=False)}
    await _poll(hass, billed.runtime_data.coordinator)
    await billed.runtime_data.reads.async_refresh()
    assert len(cloud.reader.reads) == 1
    assert billed.runtime_data.reads.update_interval == timedelta(minutes=15)
