"""Arduino's published client for boards, against the listener for boards."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
import ssl
from typing import Any

import pytest

from simulated_clouds.arduino import CLIENT_ID, ArduinoCloud
from simulated_clouds.boards.arduino import boards
from simulated_clouds.world import Variable, World

from .device import SOON, Device, playing

LAMP = {"swi": True, "hue": 210.5, "sat": 80.0, "bri": 50.0}


@pytest.fixture
async def cloud() -> AsyncIterator[ArduinoCloud]:
    world = World(boards())
    room = world.named("Boiler room")
    for name, type_, value in (
        ("lamp", "HOME_COLORED_LIGHT", LAMP),
        ("label", "CHARSTRING", "heating"),
        ("count", "INT", 4),
    ):
        room.variables[name] = Variable(
            name=name, type=type_, value=value, writable=True
        )
    async with ArduinoCloud(world, rate_limit=100) as cloud:
        yield cloud


@pytest.fixture
def certificate(cloud: ArduinoCloud, tmp_path: Path) -> str:
    path = tmp_path / "cloud.pem"
    path.write_text(cloud.info()["board_certificate"], encoding="ascii")
    return str(path)


@pytest.fixture
async def device(cloud: ArduinoCloud, certificate: str) -> AsyncIterator[Device]:
    async with playing(cloud, cloud.world.named("Boiler room"), certificate) as device:
        yield device


def last(cloud: ArduinoCloud, variable: str) -> Any:
    item = cloud.store.find(cloud.world.named("Boiler room"), variable)
    assert item is not None
    sample = cloud.store.last(item)
    assert sample is not None
    return sample.value


async def until(condition: Any) -> None:
    async with asyncio.timeout(SOON):
        while not condition():
            await asyncio.sleep(0.01)


async def test_it_is_told_its_thing_and_takes_over_the_last_values(
    cloud: ArduinoCloud, device: Device
) -> None:
    assert device.client.thing_id == cloud.world.named("Boiler room").id
    assert await device.told("setpoint") == 60.0
    assert await device.told("lamp") == LAMP
    assert device.client["label"] == "heating"
    assert device.client["count"] == 4


async def test_what_it_sends_is_the_clouds_last_value(
    cloud: ArduinoCloud, device: Device
) -> None:
    await device.told("setpoint")
    device.client["burner"] = False
    device.client["boiler_temperature"] = 61.25
    await until(lambda: last(cloud, "boiler_temperature") == 61.25)
    await until(lambda: last(cloud, "burner") is False)


async def test_it_hears_every_kind_of_command(
    cloud: ArduinoCloud, device: Device
) -> None:
    await device.told("lamp")
    room = cloud.world.named("Boiler room")
    dimmed = LAMP | {"bri": 20.0}
    cloud.traffic.command(
        room, {"setpoint": 48.5, "label": "off", "count": -7, "lamp": dimmed}
    )
    assert await device.told("setpoint") == 48.5
    assert device.client["label"] == "off"
    assert device.client["count"] == -7
    assert await device.told("lamp") == dimmed


async def test_it_has_no_say_in_what_the_cloud_may_not_write(
    cloud: ArduinoCloud, device: Device
) -> None:
    await device.told("setpoint")
    room = cloud.world.named("Boiler room")
    cloud.traffic.command(room, {"burner": False, "setpoint": 50.0})
    assert await device.told("setpoint") == 50.0
    assert device.client["burner"] is True


@pytest.mark.parametrize("part", ["username", "password"])
async def test_it_is_refused_with_wrong_credentials(
    cloud: ArduinoCloud, certificate: str, part: str
) -> None:
    device = Device(cloud, cloud.world.named("Boiler room"), certificate=certificate)
    mqtt = device.client.mqtt
    setattr(mqtt, {"username": "user", "password": "pswd"}[part], b"guess")
    with pytest.raises(Exception, match="5"):
        await asyncio.to_thread(mqtt.connect)
    mqtt.sock.close()
    assert not cloud.broker.sessions()


async def test_an_applications_token_is_no_key_of_a_board(
    cloud: ArduinoCloud, certificate: str
) -> None:
    device = Device(cloud, cloud.world.named("Boiler room"), certificate=certificate)
    mqtt = device.client.mqtt
    mqtt.pswd = cloud.tokens.issue(CLIENT_ID).encode()
    with pytest.raises(Exception, match="5"):
        await asyncio.to_thread(mqtt.connect)
    mqtt.sock.close()


@pytest.mark.expects_errors("Error on transport creation", always=False)
async def test_it_does_not_trust_another_cloud(
    cloud: ArduinoCloud, certificate: str
) -> None:
    async with ArduinoCloud(World(boards())) as stranger:
        device = Device(
            stranger, cloud.world.named("Boiler room"), certificate=certificate
        )
        with pytest.raises(ssl.SSLCertVerificationError):
            await asyncio.to_thread(device.client.mqtt.connect)
        device.client.mqtt.sock.close()
