"""What a Particle owner relies on: answers, honest silence, and accounts of their own."""

import logging

import pytest

from custom_components.iot_clouds import feeds
from custom_components.iot_clouds.vendors.particle import stream
from custom_components.iot_clouds.vendors.particle.cloud import ParticleCloud
from homeassistant.helpers import entity_registry as er
from homeassistant.setup import async_setup_component


async def _listening(house, until, **options):
    await house.connect("particle", **options)
    cloud = house.clouds["particle"]
    await until(lambda: [e for e in cloud.log if e.channel == "sse"])
    return cloud


@pytest.mark.parametrize(("answer", "branch"), [("on", "worked"), ("off", "stopped")])
async def test_an_automation_calls_a_function_and_branches_on_its_answer(
    house, until, answer, branch
):
    await _listening(house, until)
    await async_setup_component(house.hass, "input_text", {"input_text": {"seen": {}}})
    assert await async_setup_component(
        house.hass,
        "automation",
        {
            "automation": {
                "alias": "Fan by answer",
                "triggers": {"trigger": "event", "event_type": "fan_wanted"},
                "actions": [
                    {
                        "action": "iot_clouds.call_function",
                        "data": {
                            "device_id": house.device_id("Workshop"),
                            "function": "setFan",
                            "argument": answer,
                        },
                        "response_variable": "fan",
                    },
                    {
                        "if": "{{ fan.return_value == 1 }}",
                        "then": {
                            "action": "input_text.set_value",
                            "data": {"entity_id": "input_text.seen", "value": "worked"},
                        },
                        "else": {
                            "action": "input_text.set_value",
                            "data": {
                                "entity_id": "input_text.seen",
                                "value": "stopped",
                            },
                        },
                    },
                ],
            }
        },
    )
    house.hass.bus.async_fire("fan_wanted")
    await until(lambda: house.hass.states.get("input_text.seen").state == branch)


async def test_an_automation_can_start_from_a_published_event(house, until):
    cloud = await _listening(house, until)
    entity = house.entity("Workshop", "Published event")
    house.world.set(house.board("Workshop"), temperature=26.25)
    await until(lambda: house.hass.states.get(entity).state != "unknown")
    attributes = house.hass.states.get(entity).attributes
    assert attributes["event_type"] == "published"
    assert attributes["name"] == "temperature"
    assert cloud.requests("GET", "/v1/devices")


def test_a_silent_stream_is_given_thirty_seconds():
    assert stream.IDLE == 30


async def test_a_stream_that_falls_silent_is_told_once_and_replaced(
    house, until, monkeypatch, caplog
):
    caplog.set_level(logging.INFO)
    monkeypatch.setattr(feeds, "HEALTHY", 0.1)
    defaults = ParticleCloud.__init__.__kwdefaults__
    monkeypatch.setitem(defaults, "idle", 0.6)
    cloud = await _listening(house, until, keepalive=0.1)
    listings = len(cloud.requests("GET", "/v1/devices"))
    stalled = cloud.faults.add("stall", path="^SSE")
    await until(lambda: _lines(caplog, "are down"))
    cloud.faults.remove(stalled)
    # What nobody heard while the stream was silent is there with the next listing.
    await until(lambda: _lines(caplog, "are back"))
    await until(lambda: len(cloud.requests("GET", "/v1/devices")) > listings)
    house.world.set(house.board("Workshop"), temperature=27.25)
    await until(lambda: house.state("Workshop", "temperature") == "27.25")
    assert len(_lines(caplog, "are down")) == 1
    assert len(_lines(caplog, "are back")) == 1


def _lines(caplog, words: str) -> list[str]:
    return [
        record.getMessage()
        for record in caplog.records
        if record.name == "custom_components.iot_clouds"
        and words in record.getMessage()
    ]


async def test_the_budget_is_shown_on_the_accounts_own_device(house, until):
    await _listening(house, until)
    entry = house.entries["particle"]
    entity = house.entity("Particle (maker)", "Operations used this month")
    assert (
        er.async_get(house.hass).async_get(entity).unique_id.startswith(entry.entry_id)
    )
    await until(lambda: house.state("Van", "mileage") != "unknown")
    await entry.runtime_data.coordinator.async_refresh()
    used = int(house.hass.states.get(entity).state)
    reads = [
        request
        for request in house.clouds["particle"].requests("GET", "/v1/devices/")
        if request.path.count("/") == 4 and request.status == 200
    ]
    assert used == len(reads) > 0
