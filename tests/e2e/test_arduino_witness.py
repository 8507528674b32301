"""Arduino's own client for boards at one end, Home Assistant at the other."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from homeassistant.exceptions import HomeAssistantError
from simulated_clouds.arduino import ArduinoCloud
from tests.contract.arduino_python.device import Device, playing

type Play = Callable[[str], AbstractAsyncContextManager[Device]]


@pytest.fixture(autouse=True)
def _unlimited(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test here is about the pace of requests, so none has to wait for it."""

    async def no_wait(self: object, *, urgent: bool = False) -> None:
        pass

    monkeypatch.setattr(
        "custom_components.iot_clouds.vendors.arduino.limiter.Limiter.turn", no_wait
    )


@pytest.fixture
async def cloud(house, until) -> ArduinoCloud:
    """The cloud, with an account whose push is up."""
    await house.connect("arduino")
    cloud = house.clouds["arduino"]
    assert isinstance(cloud, ArduinoCloud)
    await until(lambda: any(each.method == "SUBSCRIBE" for each in cloud.log))
    return cloud


@pytest.fixture
def play(house, cloud: ArduinoCloud, tmp_path: Path) -> Play:
    """Let the client be one of the household's boards, with its last values taken."""
    certificate = tmp_path / "cloud.pem"

    @asynccontextmanager
    async def play(name: str) -> AsyncIterator[Device]:
        certificate.write_text(cloud.info()["board_certificate"], encoding="ascii")
        board = house.board(name)
        writable = [each.name for each in board.variables.values() if each.writable]
        async with playing(cloud, board, str(certificate)) as device:
            for _ in writable:
                await device.written.get()
            yield device

    return play


async def call(house, service: str, entity_id: str, **data: Any) -> None:
    domain, _, name = service.partition(".")
    await house.hass.services.async_call(
        domain, name, {"entity_id": entity_id, **data}, blocking=True
    )


async def test_values_that_the_client_sends_are_states(house, play, until):
    async with play("Boiler room") as device:
        device.client["boiler_temperature"] = 61.25
        device.client["burner"] = False
        await until(lambda: house.state("Boiler room", "Boiler temperature") == "61.25")
        await until(lambda: house.state("Boiler room", "Burner") == "off")
        device.client["burner"] = True
        await until(lambda: house.state("Boiler room", "Burner") == "on")


async def test_a_switch_thrown_reaches_the_client_and_its_answer_comes_back(
    house, play, until
):
    async with play("Greenhouse") as device:
        pump = house.entity("Greenhouse", "Pump")
        await call(house, "switch.turn_on", pump)
        assert await device.told("pump") is True
        # This client does not echo what it was told.
        assert house.state("Greenhouse", "Pump") == "on"
        device.client["pump"] = False
        await until(lambda: house.state("Greenhouse", "Pump") == "off")


async def test_a_lamp_is_set_in_one_command_and_answers(house, cloud, play, until):
    async with play("Living room") as device:
        lamp = house.entity("Living room", "Mood light")
        await call(
            house, "light.turn_on", lamp, hs_color=[210.0, 80.0], brightness_pct=40
        )
        assert await device.told("mood_light") == {
            "swi": True,
            "hue": 210.0,
            "sat": 80.0,
            "bri": 40.0,
        }
        assert len(cloud.requests("PUT")) == 1
        device.client["mood_light"].swi = False
        await until(lambda: house.state("Living room", "Mood light") == "off")


async def test_a_number_and_a_text_reach_the_client(house, play):
    async with play("Living room") as device:
        radiator = house.entity("Living room", "Radiator")
        await call(house, "number.set_value", radiator, value=23.5)
        assert await device.told("radiator") == 23.5
        message = house.entity("Living room", "Message")
        await call(house, "text.set_value", message, value="Back at six ☕")
        assert await device.told("message") == "Back at six ☕"


async def test_a_place_that_the_client_sends_is_on_the_map(house, play, until):
    async with play("Mower") as device:
        position = device.client["position"]
        position.lat, position.lon = 45.0712, 7.6881
        tracker = house.entity("Mower", "Position")

        def place() -> tuple[Any, Any]:
            attributes = house.hass.states.get(tracker).attributes
            return attributes.get("latitude"), attributes.get("longitude")

        await until(lambda: place() == (45.0712, 7.6881))


async def test_a_write_that_the_cloud_refuses_does_not_reach_the_client(
    house, cloud, play
):
    async with play("Greenhouse") as device:
        cloud.faults.add("server_error", path="publish", status=400)
        pump = house.entity("Greenhouse", "Pump")
        with pytest.raises(HomeAssistantError):
            await call(house, "switch.turn_on", pump)
        assert house.state("Greenhouse", "Pump") == "off"
        cloud.faults.clear()
        await call(house, "switch.turn_on", house.entity("Greenhouse", "Valve"))
        assert await device.told("valve") is True
        assert device.client["pump"] is False
