"""A device that is left out costs nothing, on the wire as well."""

import asyncio
import json

import pytest

from homeassistant.config_entries import ConfigEntryState
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import device_registry as dr, entity_registry as er
from simulated_clouds.particle import ParticleCloud

from .conftest import choose

WORKSHOP = "e00fce6801a2b3c4d5e6f701"
VAN = "e00fce6804d5e6f701122334"


@pytest.fixture(autouse=True)
def _unlimited(monkeypatch):
    """No test here is about the pace of requests, so none has to wait for it."""
    monkeypatch.setattr(
        "custom_components.iot_clouds.vendors.arduino.limiter.Limiter.turn", _no_wait
    )


async def _no_wait(self, *, urgent: bool = False) -> None:
    pass


@pytest.fixture
def leave_out(hass, until):
    """Choose in the options what is left out, by the names that they show."""

    async def leave_out(entry, *names):
        options = hass.config_entries.options
        menu = await options.async_init(entry.entry_id)
        form = await options.async_configure(
            menu["flow_id"], {"next_step_id": "devices"}
        )
        [picker] = form["data_schema"].schema.values()
        ids = {each["label"]: each["value"] for each in picker.config["options"]}
        done = await options.async_configure(
            form["flow_id"], {"left_out": [ids[name] for name in names]}
        )
        assert done["type"] is FlowResultType.CREATE_ENTRY
        await hass.async_block_till_done()
        await until(lambda: entry.state is ConfigEntryState.LOADED)
        await hass.async_block_till_done()

    return leave_out


def _devices(hass, entry):
    registered = dr.async_entries_for_config_entry(dr.async_get(hass), entry.entry_id)
    return {each.name for each in registered}


def _entities(hass, entry):
    registered = er.async_entries_for_config_entry(er.async_get(hass), entry.entry_id)
    return {each.unique_id: each.entity_id for each in registered}


async def _poll(hass, entry):
    await entry.runtime_data.coordinator.async_refresh()
    await hass.async_block_till_done()


def _said(cloud, start=0):
    """Everything that was asked of the cloud since then, with its bodies."""
    return [
        json.dumps([each.path, each.query, each.body], default=str)
        for each in [*cloud.log][start:]
        if each.channel == "http" or each.method in {"SUBSCRIBE", "RECEIVE"}
    ]


def _listings(cloud):
    return sum(each.path == "/v1/devices" for each in cloud.requests("GET"))


def _subscribed(cloud, start=0):
    return [
        each.body or each.path
        for each in [*cloud.log][start:]
        if (each.channel, each.method) == ("mqtt", "SUBSCRIBE")
    ]


@pytest.mark.expects_errors("asks to wait", always=False)
async def test_nothing_is_subscribed_for_an_arduino_thing_that_is_left_out(
    hass, house, leave_out, until
):
    entry = await house.connect("arduino")
    cloud = house.clouds["arduino"]
    garage = house.board("Garage")
    await until(lambda: _subscribed(cloud))
    assert garage.id in json.dumps(_subscribed(cloud), default=str)
    before = _entities(hass, entry)
    assert "Garage" in _devices(hass, entry)

    start = len(cloud.log)
    await leave_out(entry, "Garage")
    await until(lambda: _subscribed(cloud, start))

    assert "Garage" not in _devices(hass, entry)
    assert not [each for each in _entities(hass, entry) if each.startswith(garage.id)]
    assert garage.id not in json.dumps(_subscribed(cloud, start), default=str)
    greenhouse = house.board("Greenhouse")
    house.world.step(garage)
    house.world.set(greenhouse, temperature=30.5)
    await until(lambda: house.state("Greenhouse", "Temperature") == "30.5")

    await leave_out(entry)
    # A listing of boards that came too soon after all these requests is left to the next.
    async with asyncio.timeout(10):
        while _entities(hass, entry) != before:
            await asyncio.sleep(0.1)
            await _poll(hass, entry)

    assert house.state("Garage", "Door") in {"on", "off"}


async def test_nothing_is_read_of_a_particle_device_that_is_left_out(
    hass, house, leave_out, until
):
    entry = await house.connect("particle")
    cloud = house.clouds["particle"]
    await until(lambda: house.state("Workshop", "temperature") != "unknown")
    await until(lambda: house.state("Aquarium", "lightOn") != "unknown")
    before = _entities(hass, entry)
    assert cloud.streams.open

    start = len(cloud.log)
    await leave_out(entry, "Workshop", "Van")
    await until(lambda: cloud.streams.open)
    listings = _listings(cloud)
    house.world.set(house.board("Workshop"), temperature=26.25)
    house.world.step(house.board("Van"))
    house.world.set(house.board("Aquarium"), waterTemp=25.75)
    await until(lambda: house.state("Aquarium", "waterTemp") == "25.75")
    await _poll(hass, entry)

    assert not {"Workshop", "Van"} & _devices(hass, entry)
    asked = [each for each in _said(cloud, start) if WORKSHOP in each or VAN in each]
    assert asked == []
    # Unknown devices make the integration look for them; these are known.
    assert _listings(cloud) == listings + 1
    assert {
        ref.device_id for ref in entry.runtime_data.coordinator.readings
    }.isdisjoint({WORKSHOP, VAN})

    await leave_out(entry)
    await until(lambda: cloud.streams.open)
    house.world.set(house.board("Workshop"), temperature=27.5)
    await until(lambda: house.state("Workshop", "temperature") == "27.5")
    assert _entities(hass, entry) == before


@pytest.mark.parametrize(
    ("token", "scope"),
    [
        ("api_user_token", {"product": "13961"}),
        ("org_user_token", {"organization": "maker-works"}),
    ],
)
async def test_a_device_of_a_fleet_is_left_out_too(
    hass, house, leave_out, until, token, scope
):
    cloud = await ParticleCloud(house.world).start()
    house.clouds["particle"] = cloud
    shown = await choose(hass, "particle", "particle_token")
    entered = {"access_token": getattr(cloud, token), **scope}
    done = await hass.config_entries.flow.async_configure(
        shown["flow_id"], {**entered, "advanced": {"base_url": cloud.url}}
    )
    entry = house.entries["particle"] = done["result"]
    await hass.async_block_till_done()
    assert "Van" in _devices(hass, entry)
    await until(lambda: cloud.streams.open)

    start = len(cloud.log)
    await leave_out(entry, "Van")
    await until(lambda: cloud.streams.open)
    house.world.step(house.board("Van"))
    await _poll(hass, entry)

    assert "Van" not in _devices(hass, entry)
    assert [each for each in _said(cloud, start) if VAN in each] == []


async def test_no_messages_are_asked_for_of_an_iottly_device_that_is_left_out(
    hass, house, leave_out
):
    entry = await house.connect("iottly")
    cloud = house.clouds["iottly"]
    cellar, gate = house.board("Cellar"), house.board("Gate")
    cloud.message(cellar, {"sensor_data_reading": {"temperature": 14.5}})
    await _poll(hass, entry)
    before = _entities(hass, entry)
    assert [each for each in _said(cloud) if cellar.id in each]

    start = len(cloud.log)
    await leave_out(entry, "Cellar")
    cloud.message(cellar, {"sensor_data_reading": {"temperature": 15.5}})
    await _poll(hass, entry)

    assert "Cellar" not in _devices(hass, entry)
    assert not [each for each in _entities(hass, entry) if each.startswith(cellar.id)]
    assert [each for each in _said(cloud, start) if cellar.id in each] == []
    assert [each for each in _said(cloud, start) if gate.id in each]

    await leave_out(entry)

    assert _entities(hass, entry) == before
    assert house.state("Cellar", "Sensor data reading temperature") == "15.5"
