"""A schedule is active when its board would say so, and is looked at when it turns."""

import asyncio
from datetime import UTC, datetime, timedelta
from unittest.mock import patch
from zoneinfo import ZoneInfo

from hypothesis import given, settings, strategies as st
import pytest
from pytest_homeassistant_custom_component.common import async_fire_time_changed

from custom_components.iot_clouds.model import Reading, Repeat, Schedule, Update
from custom_components.iot_clouds.schedules import active, next_look
from homeassistant.const import EVENT_STATE_CHANGED
from homeassistant.core import callback
from tests.virtual_time import virtual_time

from .controls import WATERING, panel, panel_values
from .fake import reading

ROME = ZoneInfo("Europe/Rome")
NEW_YORK = ZoneInfo("America/New_York")
UTC_ZONE = ZoneInfo("UTC")

WATERING_ID = "binary_sensor.panel_watering"


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def _wall(text: str, zone: ZoneInfo = ROME) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone)


def _schedule(**more) -> Schedule:
    return Schedule(
        **{"start": datetime(2026, 1, 5, 8), "duration": 600, "timezone": "UTC", **more}
    )


@pytest.mark.parametrize(
    ("schedule", "at", "expected"),
    [
        # Once: the second in which the duration is over belongs to it.
        (_schedule(), "2026-01-05T07:59:59.999", False),
        (_schedule(), "2026-01-05T08:00:00", True),
        (_schedule(), "2026-01-05T08:10:00.999", True),
        (_schedule(), "2026-01-05T08:10:01", False),
        (_schedule(), "2026-01-06T08:05:00", False),
        (_schedule(duration=0), "2026-01-05T08:00:00.5", True),
        (_schedule(duration=0), "2026-01-05T08:00:01", False),
        # The end is not part of it.
        (_schedule(end=datetime(2026, 1, 5, 8, 5)), "2026-01-05T08:04:59", True),
        (_schedule(end=datetime(2026, 1, 5, 8, 5)), "2026-01-05T08:05:00", False),
        # Every twenty minutes, ten of them.
        (_schedule(repeat="every", every=1200), "2026-01-05T08:10:01", False),
        (_schedule(repeat="every", every=1200), "2026-01-05T08:20:00", True),
        (_schedule(repeat="every", every=1200), "2026-03-01T12:05:00", True),
        (_schedule(repeat="every", every=1200), "2026-03-01T12:15:00", False),
        # Longer than its own cycle, it never stops.
        (_schedule(repeat="every", every=600), "2026-03-01T12:15:00", True),
        # A cycle of nothing comes once.
        (_schedule(repeat="every", every=0), "2026-01-05T08:05:00", True),
        (_schedule(repeat="every"), "2026-01-05T08:15:00", False),
        # Mondays and Sundays; the first was a Monday.
        (_schedule(repeat="weekly", weekdays={0, 6}), "2026-01-05T08:05:00", True),
        (_schedule(repeat="weekly", weekdays={0, 6}), "2026-01-06T08:05:00", False),
        (_schedule(repeat="weekly", weekdays={0, 6}), "2026-01-11T08:05:00", True),
        (_schedule(repeat="weekly", weekdays={0, 6}), "2026-01-12T08:05:00", True),
        (_schedule(repeat="weekly", weekdays={0, 6}), "2026-01-12T09:05:00", False),
        # The day is the one of now, not the one it began on.
        (
            _schedule(
                start=datetime(2026, 1, 5, 23, 55), repeat="weekly", weekdays={0}
            ),
            "2026-01-06T00:01:00",
            False,
        ),
        (
            _schedule(
                start=datetime(2026, 1, 5, 23, 55), repeat="weekly", weekdays={0, 1}
            ),
            "2026-01-06T00:01:00",
            True,
        ),
        (_schedule(repeat="monthly", day=31), "2026-01-31T08:05:00", True),
        (_schedule(repeat="monthly", day=31), "2026-02-28T08:05:00", False),
        (_schedule(repeat="yearly", day=6, month=1), "2026-01-06T08:05:00", True),
        (_schedule(repeat="yearly", day=6, month=1), "2027-01-06T08:05:00", True),
        (_schedule(repeat="yearly", day=6, month=1), "2026-02-06T08:05:00", False),
    ],
)
def test_a_schedule_is_active_when_its_rules_say_so(schedule, at, expected):
    assert active(schedule, _at(at), UTC_ZONE) is expected


def test_a_schedule_follows_the_wall_clock_of_its_place():
    schedule = _schedule(repeat="weekly", weekdays=set(range(7)))
    # Eight in the morning in Rome is seven in UTC in winter and six in summer.
    assert active(schedule, _at("2026-01-10T07:05:00"), ROME)
    assert not active(schedule, _at("2026-01-10T08:05:00"), ROME)
    assert active(schedule, _at("2026-07-10T06:05:00"), ROME)
    assert active(schedule, _at("2026-07-10T12:05:00"), NEW_YORK)


@pytest.mark.parametrize(
    ("schedule", "at", "expected"),
    [
        (_schedule(), "2026-01-05T07:00:00", "2026-01-05T08:00:00"),
        (_schedule(), "2026-01-05T08:05:00.7", "2026-01-05T08:10:01"),
        (_schedule(), "2026-01-05T08:20:00", None),
        (
            _schedule(end=datetime(2026, 1, 5, 8, 5)),
            "2026-01-05T08:01:00",
            "2026-01-05T08:05:00",
        ),
        (_schedule(end=datetime(2026, 1, 5, 8, 5)), "2026-01-05T08:05:00", None),
        (
            _schedule(repeat="every", every=1200),
            "2026-01-05T08:15:00",
            "2026-01-05T08:20:00",
        ),
        # Active for ever: nobody has to look.
        (_schedule(repeat="every", every=600), "2026-01-05T08:15:00", None),
        # The next one is after the end of the calendar: look again before.
        (
            _schedule(repeat="every", every=86400 * 0x3FFFFFF),
            "2026-01-05T08:15:00",
            "2026-01-06T08:15:00",
        ),
        # Saturday to Monday is more than a day: look again before.
        (
            _schedule(repeat="weekly", weekdays={0}),
            "2026-01-10T08:15:00",
            "2026-01-11T08:15:00",
        ),
        (
            _schedule(repeat="weekly", weekdays={0}),
            "2026-01-11T09:00:00",
            "2026-01-12T08:00:00",
        ),
        # Around midnight the day decides.
        (
            _schedule(
                start=datetime(2026, 1, 5, 23, 55), repeat="weekly", weekdays={0}
            ),
            "2026-01-05T23:56:00",
            "2026-01-06T00:00:00",
        ),
    ],
)
def test_it_is_looked_at_when_it_turns_and_at_least_daily(schedule, at, expected):
    looked = next_look(schedule, _at(at), UTC_ZONE)
    assert looked == (None if expected is None else _at(expected))


def test_when_clocks_go_forward_it_is_looked_at_at_once():
    # In Rome, on 29 March 2026, two o'clock is three o'clock.
    schedule = _schedule(
        start=datetime(2026, 3, 1, 2, 30), repeat="weekly", weekdays=set(range(7))
    )
    before = _wall("2026-03-29T01:59:00")
    assert next_look(schedule, before, ROME) == _at("2026-03-29T01:00:00")
    long = _schedule(
        start=datetime(2026, 3, 1, 2, 30),
        duration=7200,
        repeat="weekly",
        weekdays=set(range(7)),
    )
    assert not active(long, _at("2026-03-29T00:59:59"), ROME)
    assert active(long, _at("2026-03-29T01:00:00"), ROME)


def test_when_clocks_go_back_it_is_active_a_second_time():
    # In Rome, on 25 October 2026, three o'clock is two o'clock once more.
    schedule = _schedule(
        start=datetime(2026, 10, 1, 2, 30), repeat="weekly", weekdays=set(range(7))
    )
    turns = []
    at = _at("2026-10-24T23:00:00")
    while at < _at("2026-10-25T03:00:00"):
        turns.append((at.strftime("%H:%M:%S"), active(schedule, at, ROME)))
        at = next_look(schedule, at, ROME)
    assert turns == [
        ("23:00:00", False),
        ("00:30:00", True),
        ("00:40:01", False),
        # The clock was put back: look again, and nothing has changed.
        ("01:00:00", False),
        ("01:30:00", True),
        ("01:40:01", False),
    ]


def test_what_is_over_comes_again_where_the_clock_is_put_back():
    once = _schedule(start=datetime(2026, 10, 25, 2, 30))
    over = _at("2026-10-25T00:40:01")
    assert not active(once, over, ROME)
    look = next_look(once, over, ROME)
    assert look == _at("2026-10-25T01:00:00")
    assert next_look(once, look, ROME) == _at("2026-10-25T01:30:00")
    assert active(once, _at("2026-10-25T01:30:00"), ROME)


def _seconds(first: datetime, last: datetime) -> st.SearchStrategy[datetime]:
    """Times of a clock without fractions."""
    return st.datetimes(first, last).map(lambda each: each.replace(microsecond=0))


SCHEDULES = st.builds(
    Schedule,
    start=_seconds(datetime(2026, 3, 20), datetime(2026, 4, 5)),
    end=st.none() | _seconds(datetime(2026, 3, 25), datetime(2026, 4, 10)),
    duration=st.sampled_from([0, 60, 3600, 86399, 86400, 100_000]),
    repeat=st.sampled_from(list(Repeat)),
    every=st.none() | st.sampled_from([0, 1, 60, 3601, 90_000]),
    weekdays=st.frozensets(st.integers(0, 6)),
    day=st.integers(1, 31),
    month=st.integers(3, 4),
)


@settings(max_examples=300, deadline=None)
@given(
    schedule=SCHEDULES,
    at=st.datetimes(datetime(2026, 3, 19), datetime(2026, 4, 12)),
    thousandths=st.integers(0, 999),
)
def test_nothing_turns_between_two_looks(schedule, at, thousandths):
    at = at.replace(tzinfo=UTC)
    look = next_look(schedule, at, ROME)
    now = active(schedule, at, ROME)
    if look is None:
        look = at + timedelta(days=400)
    assert at < look
    between = at + (look - at) * thousandths / 1000
    assert active(schedule, between, ROME) is now
    assert active(schedule, look - timedelta(milliseconds=1), ROME) is now


# ---- the entity


@pytest.fixture
def cloud(cloud):
    """The fake cloud, with the panel."""
    cloud.devices = {"panel-1": panel()}
    cloud.readings = panel_values()
    return cloud


@pytest.fixture
def at(hass, freezer):
    """Let this be now, in UTC, and timers that are due ring."""

    async def at(text: str) -> None:
        freezer.move_to(_at(text))
        async_fire_time_changed(hass)
        await hass.async_block_till_done()

    return at


@pytest.fixture
async def started(hass, entry, cloud, at):
    """The account, set up on a Friday at eleven in Rome."""
    await at("2026-11-20T10:00:00")
    await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    return entry.runtime_data.coordinator


@pytest.fixture
def turns(hass):
    """Every state of the schedule that is written from now on."""
    seen = []

    @callback
    def note(event):
        if event.data["entity_id"] == WATERING_ID:
            seen.append(event.data["new_state"].state)

    hass.bus.async_listen(EVENT_STATE_CHANGED, note)
    return seen


async def test_a_schedule_turns_by_itself_at_its_times(hass, started, at, turns):
    assert hass.states.get(WATERING_ID).state == "off"
    await at("2026-11-20T11:29:59")
    assert turns == []
    await at("2026-11-20T11:30:00.1")
    assert turns == ["on"]
    await at("2026-11-20T12:29:59")
    assert turns == ["on"]
    await at("2026-11-20T12:30:00.1")
    assert turns == ["on", "off"]


@pytest.mark.parametrize("before", ["2026-11-19T12:00:00", "2099-01-01T00:00:00"])
async def test_a_clock_that_is_set_right_takes_effect_on_a_schedule(
    hass, entry, before
):
    with virtual_time(hass.loop, since=_at(before)) as passing:
        await hass.config_entries.async_setup(entry.entry_id)
        assert hass.states.get(WATERING_ID).state == "off"
        passing.set_clock(_at("2026-11-20T11:45:00"))
        await asyncio.sleep(301)
        assert hass.states.get(WATERING_ID).state == "on"
        await hass.config_entries.async_unload(entry.entry_id)


async def test_a_schedule_tells_its_rules(hass, started):
    attributes = hass.states.get(WATERING_ID).attributes
    assert attributes["start"] == "2026-11-02T12:30:00"
    assert attributes["duration"] == 3599
    assert attributes["repeat"] == "weekly"
    assert attributes["weekdays"] == ["fri"]
    assert attributes["timezone"] == "Europe/Rome"
    assert "end" not in attributes
    assert "every" not in attributes


async def test_another_schedule_takes_effect_at_once(hass, started, at, turns):
    other = Schedule(
        start=datetime(2026, 11, 20, 11, 5), duration=60, timezone="Europe/Rome"
    )
    started.async_apply(
        Update(readings={WATERING: Reading(value=other, at=_at("2026-11-20T12:01:00"))})
    )
    assert turns == ["off"]
    await at("2026-11-20T10:05:00.1")
    assert turns == ["off", "on"]
    await at("2026-11-20T11:45:00")
    assert turns == ["off", "on", "off"]


async def test_a_schedule_in_a_place_that_nobody_knows_is_unknown(
    hass, entry, cloud, at
):
    cloud.readings[WATERING] = reading(
        Schedule(start=datetime(2026, 1, 1), timezone="Mars/Olympus")
    )
    await at("2026-11-20T10:00:00")
    await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    assert hass.states.get(WATERING_ID).state == "unknown"
    assert hass.states.get(WATERING_ID).attributes["timezone"] == "Mars/Olympus"


async def test_a_schedule_that_is_gone_is_looked_at_no_more(hass, cloud, started):
    points = {
        key: point for key, point in panel().points.items() if key != WATERING.key
    }
    cloud.devices = {"panel-1": panel(points=points)}
    with patch(
        "custom_components.iot_clouds.binary_sensor.async_call_later"
    ) as next_look:
        await started.async_refresh()
        await hass.async_block_till_done()
    assert hass.states.get(WATERING_ID) is None
    assert next_look.mock_calls == []
