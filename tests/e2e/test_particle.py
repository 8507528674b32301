"""Particle, from its wire to a state and back."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from homeassistant.data_entry_flow import FlowResultType
from simulated_clouds.particle import ParticleCloud
from tests.virtual_time import virtual_time

from .conftest import choose


async def test_boards_are_devices_with_values(house, until):
    await house.connect("particle")
    await until(lambda: house.state("Workshop", "temperature") != "unknown")
    await until(lambda: house.state("Aquarium", "lightOn") != "unknown")

    assert house.state("Workshop", "temperature") == "19.5"
    assert house.state("Workshop", "note") == "oil the lathe"
    assert house.state("Workshop", "Connection") == "on"
    assert house.state("Aquarium", "lightOn") == "on"


async def test_a_published_value_is_a_state_without_a_read(house, until):
    await house.connect("particle")
    cloud = house.clouds["particle"]
    board = house.board("Workshop")
    for name in ("note", "temperature"):
        await until(lambda name=name: house.state("Workshop", name) != "unknown")
    await until(lambda: [e for e in cloud.log if e.channel == "sse"])

    house.world.set(board, temperature=26.25)
    await until(lambda: house.state("Workshop", "temperature") == "26.25")

    assert len(cloud.requests("GET", f"/v1/devices/{board.id}/temperature")) == 1


@pytest.mark.parametrize("ahead", [40, 3600, -8 * 3600], ids=str)
async def test_a_clock_that_is_wrong_and_then_set_hides_no_event(house, ahead):
    loop = asyncio.get_running_loop()
    noon = datetime(2026, 11, 12, 12, tzinfo=UTC)
    workshop = house.board("Workshop")
    with virtual_time(loop, since=noon + timedelta(seconds=ahead)) as passing:
        began = noon.timestamp() - loop.time()
        entry = await house.connect("particle", clock=lambda: began + loop.time())
        await asyncio.sleep(20)
        for value in (31.0, 32.0):
            house.world.set(workshop, temperature=value)
            await asyncio.sleep(5)
            assert house.state("Workshop", "temperature") == str(value)
            await asyncio.sleep(900)
        passing.set_clock(datetime.fromtimestamp(began + loop.time(), UTC))
        for value in (33.0, 34.0):
            house.world.set(workshop, temperature=value)
            await asyncio.sleep(5)
            assert house.state("Workshop", "temperature") == str(value)
            await asyncio.sleep(900)
        await house.hass.config_entries.async_unload(entry.entry_id)


async def test_the_tracker_moves(house, until):
    await house.connect("particle")
    cloud = house.clouds["particle"]
    await until(lambda: [e for e in cloud.log if e.channel == "sse"])
    tracker = house.entity("Van", None)
    for _ in range(2):
        house.world.step(house.board("Van"))
        await until(lambda: "latitude" in house.hass.states.get(tracker).attributes)
    first = house.hass.states.get(tracker).attributes["latitude"]
    house.world.step(house.board("Van"))
    await until(lambda: house.hass.states.get(tracker).attributes["latitude"] != first)
    assert house.hass.states.get(tracker).attributes["gps_accuracy"] > 0
    assert float(house.state("Van", "Battery")) > 0


async def test_a_function_is_called_once_and_answers(house, until):
    await house.connect("particle")
    await until(lambda: house.state("Workshop", "note") != "unknown")
    answer = await house.hass.services.async_call(
        "iot_clouds",
        "call_function",
        {
            "device_id": house.device_id("Workshop"),
            "function": "setFan",
            "argument": "on",
        },
        blocking=True,
        return_response=True,
    )
    assert isinstance(answer["return_value"], int)
    received = [
        entry
        for entry in house.clouds["particle"].log
        if (entry.channel, entry.method) == ("board", "RECEIVE")
    ]
    assert len(received) == 1


async def test_a_board_that_goes_offline_is_shown_so(house, until):
    await house.connect("particle")
    cloud = house.clouds["particle"]
    assert isinstance(cloud, ParticleCloud)
    await until(lambda: house.state("Workshop", "temperature") != "unknown")
    cloud.set_online(house.board("Workshop"), False)
    await until(lambda: house.state("Workshop", "Connection") == "off")
    assert house.state("Workshop", "temperature") == "unavailable"
    cloud.set_online(house.board("Workshop"), True)
    await until(lambda: house.state("Workshop", "Connection") == "on")


async def test_signing_in_with_a_second_factor_saves_no_password(house):
    cloud = house.clouds["particle"] = await ParticleCloud(
        house.world, otp="123456"
    ).start()
    info = cloud.info()
    shown = await choose(house.hass, "particle", "particle_password")
    code = await house.hass.config_entries.flow.async_configure(
        shown["flow_id"],
        {
            "username": info["username"],
            "password": info["password"],
            "advanced": {
                "base_url": info["url"],
                "client_id": info["client_id"],
                "client_secret": info["client_secret"],
            },
        },
    )
    assert code["step_id"] == "challenge"
    wrong = await house.hass.config_entries.flow.async_configure(
        code["flow_id"], {"otp": "000000"}
    )
    assert wrong["errors"] == {"otp": "invalid_otp"}
    done = await house.hass.config_entries.flow.async_configure(
        wrong["flow_id"], {"otp": "123456"}
    )
    assert done["type"] is FlowResultType.CREATE_ENTRY
    house.entries["particle"] = done["result"]
    assert info["password"] not in str(done["data"])
    assert "123456" not in str(done["data"])


async def test_a_wrong_password_is_posted_once(house):
    cloud = house.clouds["particle"] = await ParticleCloud(house.world).start()
    info = cloud.info()
    shown = await choose(house.hass, "particle", "particle_password")
    again = await house.hass.config_entries.flow.async_configure(
        shown["flow_id"],
        {
            "username": info["username"],
            "password": "wrong",
            "advanced": {
                "base_url": info["url"],
                "client_id": info["client_id"],
                "client_secret": info["client_secret"],
            },
        },
    )
    assert again["errors"] == {"base": "invalid_auth"}
    assert len(cloud.requests("POST", "/oauth/token")) == 1
