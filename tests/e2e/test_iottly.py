"""iottly, from its wire to a state and back."""

import asyncio
from datetime import timedelta

import pytest

from homeassistant.const import EVENT_STATE_CHANGED
from homeassistant.core import Event, EventStateChangedData, callback
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.util import dt as dt_util
from simulated_clouds.faults import Kind
from simulated_clouds.iottly import IottlyCloud
from simulated_clouds.iottly_variant import DOCUMENTED, PUBLIC_CORE
from tests.virtual_time import virtual_time


@pytest.fixture(params=[DOCUMENTED, PUBLIC_CORE], ids=["documented", "public core"])
def reading(request):
    """Both of what is known of the cloud, which differ."""
    return request.param


documented = pytest.mark.parametrize("reading", [DOCUMENTED], ids=["documented"])
public_core = pytest.mark.parametrize("reading", [PUBLIC_CORE], ids=["public core"])


@pytest.fixture
async def cloud(house, reading) -> IottlyCloud:
    """The cloud, with an account."""
    await house.connect("iottly", variant=reading)
    cloud = house.clouds["iottly"]
    assert isinstance(cloud, IottlyCloud)
    return cloud


async def _poll(house) -> None:
    await house.entries["iottly"].runtime_data.coordinator.async_refresh()
    await house.hass.async_block_till_done()


async def _send(house, board: str, **data):
    return await house.hass.services.async_call(
        "iot_clouds",
        "send_command",
        {"device_id": house.device_id(board), **data},
        blocking=True,
        return_response=True,
    )


async def test_messages_are_sensors_by_the_next_poll(house, cloud):
    assert house.state("Cellar", "Connection") == "on"
    cloud.message(
        house.board("Cellar"),
        {"sensor_data_reading": {"temperature": 12.25, "humidity": 71}},
    )
    await _poll(house)
    assert house.state("Cellar", "Sensor data reading temperature") == "12.25"

    house.world.set(house.board("Cellar"), temperature=13.5)
    await _poll(house)
    assert house.state("Cellar", "Sensor data reading temperature") == "13.5"


async def test_a_leaf_that_comes_later_becomes_an_entity(house, cloud):
    cloud.message(house.board("Cellar"), {"leak": True})
    await _poll(house)
    assert house.entity("Cellar", "Leak").startswith("binary_sensor.")
    assert house.state("Cellar", "Leak") == "on"


@documented
async def test_a_burst_longer_than_a_page_is_not_lost(house, cloud):
    cloud.message(house.board("Cellar"), {"first": 1})
    await _poll(house)
    cloud.burst(
        house.board("Cellar"),
        [{f"slot{n}": n} if n < 5 else {"counter": n} for n in range(250)],
    )
    await _poll(house)
    assert house.state("Cellar", "Counter") == "249"
    assert house.state("Cellar", "Slot0") == "0"


@public_core
async def test_of_a_burst_longer_than_what_the_cloud_shows_the_end_counts(
    house, cloud, caplog
):
    cloud.message(house.board("Cellar"), {"first": 1})
    await _poll(house)
    cloud.burst(house.board("Cellar"), [{"counter": n} for n in range(250)])
    await _poll(house)
    await _poll(house)
    assert house.state("Cellar", "Counter") == "249"
    assert house.state("Cellar", "First") == "1"
    said = "More messages arrived between two polls than iottly could show again"
    assert caplog.text.count(said) == 1


async def test_a_restart_with_little_to_catch_up_misses_nothing(house, cloud, heard):
    cellar = house.board("Cellar")
    cloud.burst(cellar, [{"counter": n} for n in range(20)])
    await _poll(house)
    entry = house.entries["iottly"]
    await house.hass.config_entries.async_unload(entry.entry_id)
    cloud.burst(cellar, [{"counter": n} for n in range(20, 90)])
    heard.clear()
    await house.hass.config_entries.async_setup(entry.entry_id)
    await house.hass.async_block_till_done()
    await _poll(house)
    assert [n for n in heard if n >= 20] == list(range(20, 90))
    assert house.state("Cellar", "Counter") == "89"


@documented
async def test_a_restart_shows_what_is_known_and_misses_nothing(house, cloud):
    cellar = house.board("Cellar")
    cloud.message(cellar, {"once": 7, "counter": 0})
    await _poll(house)
    entry = house.entries["iottly"]
    await house.hass.config_entries.async_unload(entry.entry_id)
    cloud.burst(cellar, [{"counter": n} for n in range(1, 251)])
    await house.hass.config_entries.async_setup(entry.entry_id)
    await house.hass.async_block_till_done()
    # Long out of the hundred messages that the cloud shows.
    assert house.state("Cellar", "Once") == "7"
    assert house.state("Cellar", "Counter") == "250"


@pytest.fixture
def heard(house) -> list[int]:
    """The counters of the messages that automations have heard of, in order."""
    heard: list[int] = []

    @callback
    def note(event: Event[EventStateChangedData]) -> None:
        state = event.data["new_state"]
        if state and state.domain == "event" and state.attributes.get("event_type"):
            heard.append(state.attributes["data"]["counter"])

    house.hass.bus.async_listen(EVENT_STATE_CHANGED, note)
    return heard


@documented
async def test_a_restart_in_the_middle_of_a_burst_tells_each_message_once(
    house, cloud, heard
):
    cellar = house.board("Cellar")
    cloud.burst(cellar, [{"counter": n} for n in range(60)])
    await _poll(house)
    cloud.burst(cellar, [{"counter": n} for n in range(60, 130)])
    entry = house.entries["iottly"]
    await house.hass.config_entries.async_unload(entry.entry_id)
    cloud.burst(cellar, [{"counter": n} for n in range(130, 330)])
    # What an entity restores is what it showed last, and no event.
    before = list(heard)
    assert before == list(range(60))
    heard.clear()
    await house.hass.config_entries.async_setup(entry.entry_id)
    await house.hass.async_block_till_done()
    cloud.burst(cellar, [{"counter": n} for n in range(330, 340)])
    await _poll(house)
    await _poll(house)
    assert [n for n in heard if n not in before] == list(range(60, 340))


async def _history(house, start, **data):
    return await house.hass.services.async_call(
        "iot_clouds",
        "get_history",
        {
            "start": (start - timedelta(hours=1)).isoformat(),
            "end": (start + timedelta(hours=1)).isoformat(),
            **data,
        },
        blocking=True,
        return_response=True,
    )


@documented
async def test_the_messages_of_a_period_are_history(house, cloud):
    start = dt_util.utcnow()
    cloud.burst(house.board("Cellar"), [{"counter": n} for n in range(250)])
    device_id = house.device_id("Cellar")
    answer = await _history(house, start, device_id=device_id, limit=200)
    assert answer["truncated"] is True
    assert answer["count"] == 200
    answer = await _history(house, start, device_id=device_id)
    counters = [each["value"].get("counter") for each in answer["samples"]]
    assert [n for n in counters if n is not None] == list(range(250))
    assert answer["truncated"] is False


async def test_an_entity_has_the_history_of_its_values(house, cloud):
    start = dt_util.utcnow()
    for value in (1, 2.5, True):
        cloud.message(house.board("Cellar"), {"other": 0})
        cloud.message(house.board("Cellar"), {"counter": value})
    await _poll(house)
    answer = await _history(house, start, entity_id=house.entity("Cellar", "Counter"))
    assert [each["value"] for each in answer["samples"]] == [1, 2.5, 1]


@public_core
async def test_a_history_that_the_cloud_does_not_show_is_refused_in_words(house, cloud):
    start = dt_util.utcnow()
    cloud.burst(house.board("Cellar"), [{"n": n} for n in range(250)], spacing=0.1)
    with pytest.raises(ServiceValidationError) as caught:
        await _history(house, start, device_id=house.device_id("Cellar"))
    assert caught.value.translation_placeholders == {
        "field": "start",
        "reason": "it shows only the newest 100 messages of this device",
    }


async def test_an_unknown_type_is_refused_in_words(house, cloud, reading):
    with pytest.raises(HomeAssistantError) as caught:
        await _send(house, "Cellar", type="no such type", options={"state": "on"})
    keys = {DOCUMENTED: "rejected", PUBLIC_CORE: "unknown_command"}
    assert caught.value.translation_key == keys[reading]
    assert len(cloud.requests("POST")) == 1


async def test_a_command_reaches_the_board(house, cloud, until):
    answer = await _send(house, "Cellar", type="pump", options={"state": "on"})
    assert "answer" in answer
    await until(
        lambda: [
            entry
            for entry in cloud.log
            if (entry.channel, entry.method) == ("board", "RECEIVE")
        ]
    )
    assert len(cloud.requests("POST")) == 1


async def test_an_empty_option_is_refused_before_it_is_sent(house, cloud):
    with pytest.raises(ServiceValidationError) as caught:
        await _send(house, "Cellar", type="pump", options={"state": ""})
    assert caught.value.translation_key == "empty_option"
    assert cloud.requests("POST") == []


async def test_a_disconnected_board_gets_no_command(house, cloud):
    cloud.disconnect(house.board("Cellar"))
    await _poll(house)
    assert house.state("Cellar", "Connection") == "off"
    with pytest.raises(HomeAssistantError) as caught:
        await _send(house, "Cellar", type="pump", options={"state": "on"})
    assert caught.value.translation_key == "device_offline"
    assert cloud.requests("POST") == []


async def test_the_key_is_sent_in_its_own_header_only(house, cloud):
    key = cloud.info()["api_key"]
    for entry in cloud.requests():
        assert entry.headers["Authentication"] == f"bearer {key}"
        assert "Authorization" not in entry.headers
        assert key not in str(entry.query) + entry.path


@documented
async def test_a_value_that_cannot_be_read_for_long_is_not_shown_as_true(
    house, cloud, caplog
):
    cellar, name = house.board("Cellar"), "Sensor data reading temperature"
    with virtual_time(asyncio.get_running_loop()):
        cloud.message(cellar, {"sensor_data_reading": {"temperature": 1.5}})
        await asyncio.sleep(130)
        assert house.state("Cellar", name) == "1.5"
        cloud.faults.add(Kind.STALL, path="messages")
        await asyncio.sleep(300)
        assert house.state("Cellar", name) == "1.5"
        await asyncio.sleep(780)
        assert house.state("Cellar", name) == "unavailable"
        assert house.state("Cellar", "Connection") == "on"
        cloud.message(cellar, {"sensor_data_reading": {"temperature": 2.5}})
        cloud.faults.clear()
        await asyncio.sleep(180)
        assert house.state("Cellar", name) == "2.5"
    assert caplog.text.count("and 2 more devices cannot be read") == 1
