"""The blueprint that reports values that stand still."""

from datetime import timedelta

import pytest
from pytest_homeassistant_custom_component.common import (
    async_fire_time_changed,
    async_get_persistent_notifications,
)

from homeassistant.util import dt as dt_util

from .conftest import tell

PROBE = "sensor.probe"
ACTIONS = tell(
    text="{{ board }}: {{ value_name }} is {{ value }} for {{ hours }}, {{ value_entity }}"
)


@pytest.fixture
def at(hass, freezer):
    """Let this many minutes pass, and then show a state."""

    async def at(minutes, state=None, entity_id=PROBE, **attributes):
        freezer.tick(timedelta(minutes=minutes))
        async_fire_time_changed(hass)
        await hass.async_block_till_done()
        if state:
            hass.states.async_set(entity_id, state, attributes)
            await hass.async_block_till_done()

    return at


async def test_a_value_that_stands_still_is_reported_once(automate, told, at):
    await automate("value_stuck", values=[PROBE], hours=2, stuck_actions=ACTIONS)
    await at(0, "21.5")
    await at(119)
    assert told == []
    await at(2)
    assert [call.data["text"] for call in told] == [
        "probe: probe is 21.5 for 2, sensor.probe"
    ]
    await at(600)
    assert len(told) == 1


async def test_a_value_that_moves_is_not_reported(automate, told, at):
    await automate("value_stuck", values=[PROBE], hours=2, stuck_actions=ACTIONS)
    for value in ("21.5", "21.6", "21.5", "21.6"):
        await at(119, value)
    assert told == []
    await at(121)
    assert len(told) == 1


async def test_what_is_told_besides_a_value_does_not_move_it(automate, told, at):
    await automate("value_stuck", values=[PROBE], hours=2, stuck_actions=ACTIONS)
    await at(0, "21.5")
    await at(100, "21.5", sequence=2)
    await at(21)
    assert len(told) == 1


@pytest.mark.parametrize("gone", ["unavailable", "unknown"])
async def test_a_value_that_is_gone_is_not_stuck(automate, told, at, gone):
    await automate("value_stuck", values=[PROBE], hours=2, stuck_actions=ACTIONS)
    await at(0, "21.5")
    await at(60, gone)
    await at(600, "21.5")
    await at(119)
    assert told == []
    await at(2)
    assert len(told) == 1


async def test_one_value_that_moves_does_not_speak_for_another(automate, told, at):
    tank = "sensor.tank"
    await automate("value_stuck", values=[PROBE, tank], hours=2, stuck_actions=ACTIONS)
    await at(0, "21.5")
    await at(0, "3", tank)
    await at(100, "4", tank)
    await at(21)
    assert [call.data["text"] for call in told] == [
        "probe: probe is 21.5 for 2, sensor.probe"
    ]
    await at(100)
    assert len(told) == 2


@pytest.mark.expects_errors("Error fetching Particle (maker) data", always=False)
async def test_a_sensor_of_a_board_is_reported_with_its_board(
    hass, house, until, automate, told
):
    await house.connect("particle")
    await until(lambda: house.state("Workshop", "temperature") != "unknown")
    await until(lambda: [e for e in house.clouds["particle"].log if e.channel == "sse"])
    probe = house.entity("Workshop", "temperature")
    await automate("value_stuck", values=[probe], hours=0.5, stuck_actions=ACTIONS)
    house.world.set(house.board("Workshop"), temperature=26.25)
    await until(lambda: house.state("Workshop", "temperature") == "26.25")
    async_fire_time_changed(hass, dt_util.utcnow() + timedelta(minutes=29))
    await hass.async_block_till_done()
    assert told == []
    async_fire_time_changed(hass, dt_util.utcnow() + timedelta(minutes=31))
    await until(lambda: told)
    assert [call.data["text"] for call in told] == [
        f"Workshop: Workshop temperature is 26.25 for 0.5, {probe}"
    ]


async def test_without_actions_there_is_a_notification(hass, automate, at):
    await automate("value_stuck", values=[PROBE])
    await at(0, "21.5")
    await at(361)
    (note,) = async_get_persistent_notifications(hass).values()
    assert note["title"] == "probe is stuck"
    assert note["message"] == "probe has been 21.5 for 6 hours."
