"""The blueprint that reports boards that are offline, and back."""

from datetime import timedelta

import pytest
from pytest_homeassistant_custom_component.common import (
    async_fire_time_changed,
    async_get_persistent_notifications,
)

from homeassistant.util import dt as dt_util

from .conftest import tell

BOARD = "binary_sensor.workshop_connection"
SHED = "binary_sensor.shed_connection"
ACTIONS = {
    "offline_actions": tell(text="{{ board }} away for {{ minutes }}"),
    "online_actions": tell(text="{{ board }} back, {{ board_entity }}"),
}


@pytest.fixture
def at(hass, freezer):
    """Let this many seconds pass, and then show a state."""

    async def at(seconds, state=None, entity_id=BOARD):
        freezer.tick(timedelta(seconds=seconds))
        async_fire_time_changed(hass)
        await hass.async_block_till_done()
        if state:
            hass.states.async_set(entity_id, state)
            await hass.async_block_till_done()

    return at


def texts(told):
    return [call.data["text"] for call in told]


async def test_a_board_that_loses_the_cloud_is_reported_by_its_name(
    hass, house, until, automate, told
):
    await house.connect("particle")
    await until(lambda: house.state("Workshop", "Connection") == "on")
    connection = house.entity("Workshop", "Connection")
    await automate("board_offline", boards=[connection], minutes=5, **ACTIONS)
    house.clouds["particle"].set_online(house.board("Workshop"), False)
    await until(lambda: house.state("Workshop", "Connection") == "off")
    await hass.async_block_till_done()
    assert texts(told) == []
    async_fire_time_changed(hass, dt_util.utcnow() + timedelta(minutes=5, seconds=1))
    await until(lambda: told)
    assert texts(told) == ["Workshop away for 5"]


async def test_a_board_that_returns_is_reported_as_back(house, until, automate, told):
    await house.connect("particle")
    await until(lambda: house.state("Workshop", "Connection") == "on")
    connection = house.entity("Workshop", "Connection")
    await automate("board_offline", boards=[connection], minutes=0, **ACTIONS)
    house.clouds["particle"].set_online(house.board("Workshop"), False)
    await until(lambda: told)
    house.clouds["particle"].set_online(house.board("Workshop"), True)
    await until(lambda: len(told) == 2)
    assert texts(told) == [
        "Workshop away for 0",
        f"Workshop back, {connection}",
    ]


async def test_a_short_outage_is_not_reported_nor_its_end(hass, automate, told, at):
    await at(0, "on")
    await automate("board_offline", boards=[BOARD], minutes=5, **ACTIONS)
    await at(10, "off")
    await at(299, "on")
    await at(600)
    assert texts(told) == []


async def test_an_account_out_of_reach_is_no_outage_of_a_board(automate, told, at):
    await at(0, "on")
    await automate("board_offline", boards=[BOARD], minutes=5, **ACTIONS)
    await at(10, "unavailable")
    await at(3600, "on")
    assert texts(told) == []
    await at(10, "off")
    await at(200, "unavailable")
    await at(200, "off")
    await at(200)
    assert texts(told) == []
    await at(101)
    assert len(told) == 1


async def test_each_of_several_boards_is_reported_once(automate, told, at):
    await at(0, "on")
    await at(0, "on", SHED)
    await automate("board_offline", boards=[BOARD, SHED], minutes=5, **ACTIONS)
    await at(10, "off")
    await at(60, "off", SHED)
    await at(241)
    assert [call.data["text"] for call in told] == ["workshop connection away for 5"]
    await at(60)
    await at(600, "on", SHED)
    await at(600)
    assert texts(told) == [
        "workshop connection away for 5",
        "shed connection away for 5",
        f"shed connection back, {SHED}",
    ]


async def test_without_actions_a_notification_comes_and_goes(hass, automate, at):
    await at(0, "on")
    await automate("board_offline", boards=[BOARD])
    await at(10, "off")
    await at(301)
    shown = async_get_persistent_notifications(hass)
    assert [note["message"] for note in shown.values()] == [
        "workshop connection has not been connected for 5 minutes."
    ]
    await at(10, "on")
    assert async_get_persistent_notifications(hass) == {}
