"""Arduino Cloud, from its wire to a state and back."""

import pytest

from homeassistant.config_entries import ConfigEntryState
from homeassistant.exceptions import HomeAssistantError
from simulated_clouds.arduino import ArduinoCloud

GREENHOUSE = "Greenhouse"


def _subscribed(cloud) -> bool:
    return any(
        (entry.channel, entry.method) == ("mqtt", "SUBSCRIBE") for entry in cloud.log
    )


@pytest.fixture(autouse=True)
def _unlimited(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test here is about the pace of requests, so none has to wait for it."""
    monkeypatch.setattr(
        "custom_components.iot_clouds.vendors.arduino.limiter.Limiter.turn", _no_wait
    )


async def _no_wait(self, *, urgent: bool = False) -> None:
    pass


@pytest.fixture
async def cloud(house, until) -> ArduinoCloud:
    """The cloud, with an account whose push is up."""
    await house.connect("arduino")
    cloud = house.clouds["arduino"]
    assert isinstance(cloud, ArduinoCloud)
    await until(lambda: _subscribed(cloud))
    return cloud


async def test_things_are_devices_with_values(house, cloud):
    assert house.state(GREENHOUSE, "Temperature") == "21.5"
    assert house.state(GREENHOUSE, "Mode") == "auto"
    assert house.state(GREENHOUSE, "Pump") == "off"
    assert house.state(GREENHOUSE, "Connection") == "on"
    assert house.state("Garage", "Door") in {"on", "off"}
    assert house.entity("Garage", "Door").startswith("binary_sensor.")
    assert house.entity(GREENHOUSE, "Pump").startswith("switch.")


async def test_setting_up_asks_for_little(cloud):
    assert sorted(
        (entry.method, entry.path)
        for entry in cloud.requests()
        if entry.path != "/mqtt"
    ) == [
        ("GET", "/iot/v1/property_types"),
        ("GET", "/iot/v2/devices"),
        # What proved the credentials in the flow is not asked for again.
        ("GET", "/iot/v2/things"),
        ("POST", "/iot/v1/clients/token"),
    ]


async def test_a_published_value_is_a_state_without_a_read(house, cloud, until):
    before = len(cloud.requests("GET", "/iot"))
    house.world.set(house.board(GREENHOUSE), temperature=26.25)
    await until(lambda: house.state(GREENHOUSE, "Temperature") == "26.25")
    assert len(cloud.requests("GET", "/iot")) == before


async def test_every_encoder_of_the_household_is_understood(house, cloud, until):
    measured = {
        "Greenhouse": ("soil_moisture", "Soil moisture", 42.25),
        "Garage": ("garage_cars", "Car count", 3),
        "Boiler room": ("pressure", "Pressure", 161000.0),
        "Weather mast": ("wind_speed", "Wind speed", 8.5),
    }
    assert {board.facts["encoder"] for board in house.world.of("arduino")} == {
        "cpp",
        "python",
        "js",
        "connector",
    }
    for name, (variable, shown, value) in measured.items():
        house.world.set(house.board(name), **{variable: value})
        await until(
            lambda name=name, shown=shown, value=value: (
                house.state(name, shown) != "unknown"
                and float(house.state(name, shown)) == pytest.approx(value)
            )
        )


async def test_a_switch_reaches_the_board(house, cloud, until):
    await house.hass.services.async_call(
        "switch",
        "turn_on",
        {"entity_id": house.entity(GREENHOUSE, "Pump")},
        blocking=True,
    )
    assert house.board(GREENHOUSE).variables["pump"].value is True
    assert house.state(GREENHOUSE, "Pump") == "on"
    [request] = cloud.requests("PUT")
    assert request.body == {"value": True}
    assert [
        entry.body
        for entry in cloud.log
        if (entry.channel, entry.method) == ("board", "RECEIVE")
    ] == [{"pump": True}]


async def test_a_refused_write_raises_and_shows_the_truth(house, cloud):
    cloud.faults.add("server_error", path="publish", status=500)
    with pytest.raises(HomeAssistantError) as caught:
        await house.hass.services.async_call(
            "switch",
            "turn_on",
            {"entity_id": house.entity(GREENHOUSE, "Pump")},
            blocking=True,
        )
    assert caught.value.translation_key == "unreachable"
    assert len(cloud.requests("PUT")) == 1
    assert house.state(GREENHOUSE, "Pump") == "off"


async def test_set_value_writes_a_number_that_no_control_shows(house, cloud, until):
    entity = house.entity("Boiler room", "Setpoint")
    await house.hass.services.async_call(
        "iot_clouds", "set_value", {"entity_id": entity, "value": 55.5}, blocking=True
    )
    assert house.board("Boiler room").variables["setpoint"].value == 55.5
    assert house.state("Boiler room", "Setpoint") == "55.5"


async def test_garbage_on_the_wire_costs_one_reading(house, cloud, until, caplog):
    cloud.faults.add("garbage", path="^MQTT PUBLISH", count=1)
    house.world.set(house.board(GREENHOUSE), temperature=30.5)
    house.world.set(house.board(GREENHOUSE), temperature=31.5)
    await until(lambda: house.state(GREENHOUSE, "Temperature") == "31.5")


async def test_a_reload_leaves_one_session(house, cloud, until):
    entry = house.entries["arduino"]
    await house.hass.config_entries.async_reload(entry.entry_id)
    assert entry.state is ConfigEntryState.LOADED
    await until(lambda: len([e for e in cloud.log if e.method == "SUBSCRIBE"]) == 2 * 7)
    house.world.set(house.board(GREENHOUSE), temperature=26.25)
    await until(lambda: house.state(GREENHOUSE, "Temperature") == "26.25")
