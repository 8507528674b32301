"""The form of an entity shows what the entity would show, while it is filled in."""

from itertools import count

import pytest

from custom_components.iot_clouds.model import Ref, Update
from homeassistant.config_entries import ConfigEntryState
from tests.components.fake import reading

from . import FROM_NOTHING, FROM_SKY, OTHER, SAVE, step

FROM_TEMP = {"source": "point:variable/temp"}


@pytest.fixture
async def ask(hass, loaded, hass_ws_client):
    """Ask for a preview as the form does; returns what comes first."""
    client = await hass_ws_client(hass)
    ids = count(1)

    async def ask(flow, **entered):
        await client.send_json(
            {
                "id": next(ids),
                "type": "iot_clouds/start_preview",
                "flow_id": flow["flow_id"],
                "flow_type": "config_subentries_flow",
                "user_input": entered,
            }
        )
        return await client.receive_json()

    ask.client = client
    return ask


@pytest.fixture
def told(ask):
    """What the preview tells next."""

    async def told():
        return (await ask.client.receive_json())["event"]

    return told


@pytest.fixture
def measure(hass, loaded):
    """Have the shed measure another temperature."""

    async def measure(value, seconds):
        ref = Ref("board-1", "variable/temp")
        update = Update(readings={ref: reading(value, seconds)})
        loaded.runtime_data.coordinator.async_apply(update)
        await hass.async_block_till_done()

    return measure


async def test_the_state_is_shown_and_follows_its_source(start, ask, told, measure):
    flow = await start(FROM_TEMP, OTHER, step("sensor"))
    assert flow["preview"] == "iot_clouds"
    answer = await ask(
        flow, name="Heat", scale=2, device_class="temperature", unit="°C"
    )
    assert answer["success"] is True
    assert await told() == {
        "entity_id": "sensor.preview",
        "state": "43",
        "attributes": {
            "friendly_name": "Heat",
            "device_class": "temperature",
            "unit_of_measurement": "°C",
        },
    }
    await measure(4, 1)
    assert (await told())["state"] == "8"


async def test_what_is_on_or_off_is_shown_so(start, ask, told):
    flow = await start({"source": "point:variable/door"}, OTHER, step("fan"))
    await ask(flow, level_source="none", way="call", inverted=True)
    assert await told() == {
        "entity_id": "binary_sensor.preview",
        "state": "on",
        "attributes": {"friendly_name": "-"},
    }


@pytest.mark.parametrize(
    ("said", "entered", "state"),
    [
        ("opening", {}, "opening"),
        ("0", {}, "closed"),
        ("ajar", {}, "unknown"),
        ("ajar", {"map": {"ajar": "open"}}, "open"),
    ],
)
async def test_words_are_shown_as_the_states_that_they_mean(
    report, start, ask, told, said, entered, state
):
    await report(said)
    flow = await start({"source": "point:variable/report"}, OTHER, step("cover"))
    await ask(flow, level_source="none", way="call", **entered)
    assert (await told())["state"] == state


@pytest.mark.parametrize(
    ("said", "state"),
    [
        ("locked", "locked"),
        ("unlocked", "unlocked"),
        ("unlocking", "unlocking"),
        ("jammed", "jammed"),
        ("?", "unknown"),
    ],
)
async def test_a_lock_is_shown_with_its_state(report, start, ask, told, said, state):
    await report(said)
    flow = await start({"source": "point:variable/report"}, OTHER, step("lock"))
    await ask(flow, way="call")
    assert (await told())["state"] == state


async def test_positions_and_moments_are_shown(report, start, ask, told):
    flow = await start(
        {"source": "point:tracker/location"}, OTHER, step("device_tracker")
    )
    await ask(flow)
    assert (await told())["state"] == "45.07, 7.69"
    await report("2026-11-20T12:00:00Z")
    flow = await start({"source": "point:variable/report"}, OTHER, step("sensor"))
    await ask(flow, device_class="timestamp")
    assert (await told())["state"] == "2026-11-20T12:00:00+00:00"


async def test_events_are_followed_by_their_name(start, ask, told, publish):
    await publish("sky", "grey")
    flow = await start({"source": "event:sky"}, OTHER, step("text_sensor"))
    await ask(flow)
    assert (await told())["state"] == "grey"
    await publish("sea", "calm")
    await publish("sky", "blue")
    assert (await told())["state"] == "blue"


async def test_a_source_that_said_nothing_yet_is_unknown(start, ask, told):
    flow = await start(FROM_SKY, step("text_sensor"))
    await ask(flow)
    assert (await told())["state"] == "unknown"


@pytest.mark.parametrize(
    ("entered", "errors"),
    [
        ({"path": "t"}, {"path": "not_a_path"}),
        ({"scale": "x"}, {"scale": "not_valid"}),
        ({"device_class": "temperature", "unit": "kg"}, {"unit": "unit_not_allowed"}),
    ],
)
async def test_what_is_wrong_is_told_by_field(start, ask, entered, errors):
    flow = await start(FROM_TEMP, OTHER, step("sensor"))
    answer = await ask(flow, name="X", **entered)
    assert answer["success"] is False
    assert answer["error"] == {"code": "invalid_user_input", "message": errors}


async def test_what_is_still_missing_is_told_by_field(report, start, ask):
    flow = await start({"source": "point:variable/report"}, OTHER, step("select"))
    answer = await ask(flow, way="call")
    assert answer["error"]["message"] == {"options": "empty"}


async def test_what_is_tried_is_not_kept(start, ask, told, go):
    flow = await start(FROM_TEMP, OTHER, step("sensor"))
    await ask(flow, name="X", scale=2)
    assert (await told())["state"] == "43"
    flow = await go(flow, {"name": "X"}, SAVE)
    assert flow["data"]["state"] == {"source": {"point": "variable/temp"}}


async def test_a_flow_that_is_over_has_no_preview(hass, start, ask, go):
    flow = await start(FROM_TEMP, OTHER, step("sensor"))
    hass.config_entries.subentries.async_abort(flow["flow_id"])
    answer = await ask(flow, name="X")
    assert (answer["success"], answer["error"]["code"]) == (False, "not_found")


async def test_an_account_that_is_unloaded_meanwhile_has_no_preview(
    hass, loaded, start, ask
):
    flow = await start(FROM_TEMP, OTHER, step("sensor"))
    await hass.config_entries.async_unload(loaded.entry_id)
    assert loaded.state is ConfigEntryState.NOT_LOADED
    answer = await ask(flow, name="X")
    assert (answer["success"], answer["error"]["code"]) == (False, "not_found")


async def test_without_a_source_there_is_nothing_to_preview(start):
    flow = await start(FROM_NOTHING, step("text"))
    assert flow["preview"] is None
