"""The blueprint that sends a command, waits for the board, and repeats if allowed."""

from datetime import timedelta

import pytest
from pytest_homeassistant_custom_component.common import (
    async_fire_time_changed,
    async_get_persistent_notifications,
    async_mock_service,
)

from homeassistant.exceptions import HomeAssistantError
from homeassistant.util import dt as dt_util

from .conftest import settle, tell

FAN = "binary_sensor.fan"
WHEN = [{"trigger": "event", "event_type": "go"}]
ENDS = {
    "confirmed_actions": tell(text="{{ board }} did it, {{ attempts }}"),
    "failed_actions": tell(text="{{ board }} did not, {{ attempts }}"),
}


@pytest.fixture
def sent(hass):
    """The commands that were sent to a board that cannot be reached by them."""
    return async_mock_service(hass, "board", "send")


@pytest.fixture
async def fan(hass, automate):
    """Make the automation for an invented fan, and start it."""

    async def fan(before="off", **inputs):
        hass.states.async_set(FAN, before, {"friendly_name": "Fan"})
        await automate(
            "command_confirmed",
            when=WHEN,
            command=[{"action": "board.send"}],
            confirmation=FAN,
            expected="on",
            **inputs,
        )
        hass.bus.async_fire("go")
        await settle()

    return fan


@pytest.fixture
def pass_time(hass):
    """Let one attempt's time to wait go by."""

    async def pass_time(seconds=31):
        async_fire_time_changed(hass, dt_util.utcnow() + timedelta(seconds=seconds))
        await settle()

    return pass_time


def texts(told):
    return [call.data["text"] for call in told]


@pytest.fixture
async def workshop(house, until, automate):
    """A board whose function turns a fan that it reports itself, and the automation."""
    await house.connect("particle")
    await until(lambda: house.state("Workshop", "fan") == "off")
    await until(lambda: [e for e in house.clouds["particle"].log if e.channel == "sse"])

    async def workshop(function="setFan", **inputs):
        command = {
            "action": "iot_clouds.call_function",
            "data": {
                "device_id": house.device_id("Workshop"),
                "function": function,
                "argument": "on",
            },
        }
        await automate(
            "command_confirmed",
            when=WHEN,
            command=[command],
            confirmation=house.entity("Workshop", "fan"),
            expected="on",
            **ENDS,
            **inputs,
        )
        house.hass.bus.async_fire("go")

    return workshop


def received(house):
    return [
        entry
        for entry in house.clouds["particle"].log
        if (entry.channel, entry.method) == ("board", "RECEIVE")
    ]


async def test_a_board_that_obeys_confirms_the_first_command(
    house, workshop, until, told
):
    await workshop(repetitions=3)
    await until(lambda: told)
    assert texts(told) == ["Workshop did it, 1"]
    assert house.board("Workshop").variables["fan"].value is True
    assert len(received(house)) == 1


async def test_a_board_that_does_not_confirm_gets_the_command_as_often_as_allowed(
    house, workshop, until, told
):
    await workshop("setNote", seconds=0.05, repetitions=2)
    await until(lambda: told)
    assert texts(told) == ["Workshop did not, 3"]
    assert len(received(house)) == 3


@pytest.mark.expects_errors("The device did not answer")
async def test_a_board_that_is_offline_gets_nothing_and_the_user_is_told(
    house, workshop, until, told
):
    house.clouds["particle"].set_online(house.board("Workshop"), False)
    await until(lambda: house.state("Workshop", "Connection") == "off")
    await workshop(seconds=0.05, repetitions=1)
    await until(lambda: told)
    assert texts(told) == ["Workshop did not, 2"]
    assert received(house) == []


async def test_without_a_number_from_the_user_a_command_is_sent_once(
    fan, sent, told, pass_time
):
    await fan(**ENDS)
    assert (len(sent), told) == (1, [])
    await pass_time(29)
    assert told == []
    await pass_time()
    assert texts(told) == ["Fan did not, 1"]
    await pass_time(3600)
    assert (len(sent), len(told)) == (1, 1)


async def test_a_confirmation_in_time_stops_the_repetitions(
    hass, fan, sent, told, pass_time
):
    await fan(repetitions=5, **ENDS)
    await pass_time()
    assert len(sent) == 2
    hass.states.async_set(FAN, "on", {"friendly_name": "Fan"})
    await settle()
    await pass_time(3600)
    assert texts(told) == ["Fan did it, 2"]
    assert len(sent) == 2


@pytest.mark.expects_errors("the answer was lost")
async def test_a_command_that_failed_and_yet_arrived_is_not_sent_again(
    hass, fan, told, pass_time
):
    attempts = []

    async def fail(call):
        attempts.append(call)
        raise HomeAssistantError("the answer was lost")

    hass.services.async_register("board", "send", fail)
    await fan(repetitions=5, **ENDS)
    hass.states.async_set(FAN, "on", {"friendly_name": "Fan"})
    await settle()
    await pass_time(3600)
    assert len(attempts) == 1
    assert texts(told) == ["Fan did it, 1"]


async def test_another_start_while_one_waits_sends_nothing(
    hass, fan, sent, told, pass_time
):
    await fan(**ENDS)
    hass.bus.async_fire("go")
    await settle()
    assert len(sent) == 1
    await pass_time()
    assert len(told) == 1


@pytest.mark.parametrize(
    ("shown", "text"), [("21.50", "did it"), ("21.4", "did not"), ("on", "did not")]
)
async def test_numbers_confirm_as_numbers(
    hass, automate, sent, told, pass_time, shown, text
):
    hass.states.async_set("number.aim", shown)
    await automate(
        "command_confirmed",
        when=WHEN,
        command=[{"action": "board.send"}],
        confirmation="number.aim",
        expected="21.5",
        **ENDS,
    )
    hass.bus.async_fire("go")
    await settle()
    await pass_time()
    assert texts(told) == [f"number.aim {text}, 1"]


async def test_without_actions_only_a_failure_is_shown(hass, fan, sent, pass_time):
    await fan()
    await pass_time()
    (note,) = async_get_persistent_notifications(hass).values()
    assert note["title"] == "Fan did not confirm a command"
    assert note["message"] == (
        "Attempts: 1. The trace of the automation has the details."
    )
    hass.states.async_set(FAN, "on")
    hass.bus.async_fire("go")
    await settle()
    assert len(sent) == 2
    assert len(async_get_persistent_notifications(hass)) == 1
