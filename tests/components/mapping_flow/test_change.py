"""Entities of the user's own are changed and stay what they are to Home Assistant."""

from types import MappingProxyType

import pytest

from custom_components.iot_clouds.model import Call, Send
from homeassistant.config_entries import ConfigSubentry
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import entity_registry as er
from tests.components.fake import board

from . import (
    FROM_DOOR,
    FROM_NOTHING,
    FROM_SKY,
    OTHER,
    SAVE,
    choices,
    fields,
    step,
    suggested,
)

GATE = "switch.shed_gate"
BELL = "button.shed_bell"
ON = {"type": "gate", "options": {"to": "open"}}
OFF = {"type": "gate", "options": {"to": "shut"}}
MAKE_BELL = (
    FROM_NOTHING,
    step("button"),
    {"name": "Bell", "way": "call"},
    {"way": "call", "function": "open", "at_least": 0},
    SAVE,
)
MAKE_GATE = (
    FROM_DOOR,
    OTHER,
    step("switch"),
    {"name": "Gate", "inverted": True, "confirm": 30, "device_class": "outlet"},
    ON,
    OFF,
    SAVE,
)


async def test_a_button_is_changed_and_stays_the_same_entity(
    hass, cloud, start, change, go
):
    await start(*MAKE_BELL)
    before = er.async_get(hass).async_get(BELL)
    asked = cloud.snapshots

    flow = await change()
    assert (flow["type"], flow["step_id"]) == (FlowResultType.FORM, "entity")
    assert (fields(flow), suggested(flow)) == (["name"], {"name": "Bell"})
    flow = await go(flow, {"name": "Chime"})
    assert suggested(flow) == {"function": "open", "argument": "", "at_least": 0}
    flow = await go(flow, {"way": "call", "function": "close"}, SAVE)
    assert (flow["type"], flow["reason"]) == (
        FlowResultType.ABORT,
        "reconfigure_successful",
    )
    after = er.async_get(hass).async_get(BELL)
    assert (after.id, after.unique_id) == (before.id, before.unique_id)
    assert hass.states.get(BELL).attributes["friendly_name"] == "Shed Chime"
    await hass.services.async_call(
        "button", "press", {"entity_id": BELL}, blocking=True
    )
    assert cloud.commands == [Call(device_id="board-1", function="close")]
    assert cloud.snapshots == asked


async def test_an_entity_that_was_removed_while_it_was_changed_is_said_to_be_gone(
    hass, start, change, go, loaded
):
    await start(*MAKE_BELL)
    flow = await go(await change(), {"name": "Chime"})
    [subentry_id] = loaded.subentries
    hass.config_entries.async_remove_subentry(loaded, subentry_id)
    flow = await go(flow, {"way": "call", "function": "close"}, SAVE)
    assert (flow["type"], flow["reason"]) == (FlowResultType.ABORT, "gone")
    assert not loaded.subentries


async def test_a_button_can_be_given_another_way(start, change, go, loaded):
    await start(*MAKE_BELL)
    flow = await change({"name": "Bell"}, {"way": "publish", "function": "open"})
    assert fields(flow) == ["way", "event", "data"]
    await go(flow, {"way": "publish", "event": "go", "data": "1"}, SAVE)
    flow = await change({"name": "Bell"})
    assert suggested(flow) == {"event": "go", "data": "1"}
    (subentry,) = loaded.subentries.values()
    assert subentry.data["commands"] == {
        "press": {"publish": {"name": "go", "data": "1"}}
    }


@pytest.mark.parametrize("value", ['"12"', "12", "true", "{}", "two"])
async def test_what_is_written_is_shown_as_it_was_entered(start, change, value):
    written = {"way": "set", "point": "variable/note", "value": value}
    await start(
        FROM_NOTHING, step("button"), {"name": "Bell", "way": "set"}, written, SAVE
    )
    flow = await change({"name": "Bell"})
    assert suggested(flow) == {"point": "variable/note", "value": value}


async def test_a_switch_is_changed_with_everything_filled_in(
    hass, cloud, loaded, start, change, go
):
    cloud.accepts = {Send}
    await start(*MAKE_GATE)
    before = er.async_get(hass).async_get(GATE)
    assert hass.states.get(GATE).state == "on"

    flow = await change()
    assert (flow["step_id"], suggested(flow)) == (
        "source",
        {"source": "point:variable/door"},
    )
    flow = await go(flow, FROM_DOOR)
    assert (flow["step_id"], suggested(flow)) == (
        "entity",
        {
            "name": "Gate",
            "inverted": True,
            "confirm": 30,
            "device_class": "outlet",
        },
    )
    flow = await go(flow, {"name": "Gate"})
    assert suggested(flow) == ON
    flow = await go(flow, ON)
    assert suggested(flow) == OFF
    flow = await go(flow, OFF, SAVE)
    assert flow["reason"] == "reconfigure_successful"
    assert hass.states.get(GATE).state == "off"
    after = er.async_get(hass).async_get(GATE)
    assert (after.id, after.unique_id) == (before.id, before.unique_id)
    (subentry,) = loaded.subentries.values()
    assert not subentry.data.keys() & {"confirm", "classes"}


async def test_a_cover_is_changed_with_everything_filled_in(
    cloud, report, start, change, go, loaded
):
    cloud.accepts = {Call}
    entity = {
        "name": "Garage",
        "path": "/door",
        "map": {"open": "open", "shut": "closed"},
        "level_source": "point:variable/report",
        "optional": ["stop"],
    }
    level = {"path": "/humidity", "scale": 2, "offset": 1}
    commands = ({"function": "open"}, {"function": "close"}, {"function": "halt"})
    made = await start(
        {"source": "point:variable/report"},
        OTHER,
        step("cover"),
        entity,
        level,
        *commands,
        SAVE,
    )
    flow = await change({"source": "point:variable/report"})
    assert suggested(flow) == entity
    flow = await go(flow, entity)
    assert {**suggested(flow)} == level
    flow = await go(flow, level, *commands, SAVE)
    (subentry,) = loaded.subentries.values()
    assert subentry.data == made["data"]

    less = {**entity, "level_source": "none", "optional": []}
    await change({"source": "point:variable/report"}, less, *commands[:2], SAVE)
    (subentry,) = loaded.subentries.values()
    assert "level" not in subentry.data
    assert subentry.data["commands"].keys() == {"open", "close"}


@pytest.mark.parametrize(
    ("platform", "entity"),
    [
        ("number", {"name": "X", "min": 5, "max": 30, "step": 0.5, "unit": "°C"}),
        ("select", {"name": "X", "options": ["eco", "boost"]}),
    ],
)
async def test_limits_and_options_are_filled_in(cloud, start, change, platform, entity):
    cloud.accepts = {Call}
    await start(FROM_NOTHING, step(platform), entity, {"function": "f"}, SAVE)
    flow = await change({"source": "none"})
    assert suggested(flow) == entity


async def test_a_meaning_of_a_percentage_outlives_a_change(hass, cloud, loaded, change):
    cloud.accepts = {Call}
    level = {"source": {"point": "variable/note"}, "map": {"slow": 30, "fast": 100}}
    call = {"call": {"function": "f", "argument": ""}}
    document = {
        "device": "board-1",
        "platform": "fan",
        "level": level,
        "commands": {"on": call, "off": call},
        "confirm": 5,
    }
    _add(hass, loaded, "Fan", document)
    flow = await change({"source": "none"})
    assert suggested(flow) == {
        "name": "Fan",
        "level_source": "point:variable/note",
        "confirm": 5,
    }
    await change(
        {"source": "none"},
        suggested(flow),
        {},
        {"function": "f"},
        {"function": "f"},
        SAVE,
    )
    (subentry,) = loaded.subentries.values()
    assert subentry.data == document


async def test_an_entity_can_follow_another_source(hass, cloud, start, change):
    cloud.accepts = {Send}
    await start(*MAKE_GATE)
    await change({"source": "point:variable/pump"}, {"name": "Gate"}, ON, OFF, SAVE)
    assert hass.states.get(GATE).state == "on"
    await change({"source": "none"}, {"name": "Gate"}, ON, OFF, SAVE)
    assert hass.states.get(GATE).attributes["assumed_state"] is True


async def test_a_source_that_is_gone_has_to_be_chosen_anew(
    hass, cloud, loaded, start, change
):
    cloud.accepts = {Send}
    await start(*MAKE_GATE)
    points = {
        key: point for key, point in board().points.items() if key != "variable/door"
    }
    cloud.devices = {"board-1": board(points=points)}
    await loaded.runtime_data.coordinator.async_refresh()
    await hass.async_block_till_done()
    assert hass.states.get(GATE).state == "unavailable"
    flow = await change()
    assert suggested(flow) == {}
    assert "point:variable/door" not in dict(choices(flow, "source"))
    await change({"source": "point:variable/pump"}, {"name": "Gate"}, ON, OFF, SAVE)
    assert hass.states.get(GATE).state == "on"


async def test_an_event_that_was_not_heard_lately_is_still_the_source(start, change):
    await start(FROM_SKY, step("text_sensor"), {"name": "Sky"}, SAVE)
    flow = await change()
    assert suggested(flow) == {"source": "event:sky"}
    assert ("event:sky", "sky") in choices(flow, "source")


async def test_what_only_shows_something_cannot_do_without_a_source(
    report, start, change, go
):
    await start({"source": "point:variable/report"}, {"proposals": ["0"]})
    flow = await change({"source": "none"})
    assert (flow["step_id"], flow["errors"]) == ("source", {"source": "needs_source"})
    flow = await go(flow, {"source": "point:variable/temp"})
    assert flow["step_id"] == "entity"
    assert suggested(flow)["state_class"] == "measurement"


async def test_what_tells_of_events_follows_nothing_else(start, change, go):
    await start(FROM_SKY, step("event"), {"name": "Bell"}, SAVE)
    flow = await change()
    assert choices(flow, "source") == [("event:sky", "sky"), ("none", "none")]
    flow = await go(flow, FROM_NOTHING)
    assert flow["errors"] == {"source": "needs_source"}
    flow = await go(flow, {"source": "none", "event": "chime"}, {"name": "Bell"}, SAVE)
    assert flow["reason"] == "reconfigure_successful"


async def test_an_account_that_is_not_connected_can_make_and_change_nothing(
    hass, loaded, begin, start, change
):
    await start(*MAKE_BELL)
    await hass.config_entries.async_unload(loaded.entry_id)
    assert (await begin())["reason"] == "not_loaded"
    assert (await change())["reason"] == "not_loaded"


async def test_an_account_that_is_unloaded_meanwhile_ends_the_flow(
    hass, loaded, start, go
):
    flow = await start(*MAKE_BELL[:3])
    await hass.config_entries.async_unload(loaded.entry_id)
    flow = await go(flow, {"way": "call", "function": ""})
    assert (flow["type"], flow["reason"]) == (FlowResultType.ABORT, "not_loaded")


async def test_an_account_without_devices_has_nothing_to_choose(cloud, loaded, begin):
    cloud.devices = {}
    await loaded.runtime_data.coordinator.async_refresh()
    assert (await begin())["reason"] == "no_devices"


async def test_a_device_that_is_gone_can_be_given_nothing(
    hass, cloud, loaded, begin, start, change, go
):
    await start(*MAKE_BELL)
    chosen = await begin(step("device"))
    cloud.devices = {"board-2": board(id="board-2", name="Barn", mac=None)}
    await loaded.runtime_data.coordinator.async_refresh()
    await hass.async_block_till_done()
    assert (await go(chosen, {"device": "board-1"}))["reason"] == "no_device"
    assert (await change())["reason"] == "no_device"


async def test_a_cloud_that_takes_no_commands_any_more_lets_nothing_be_changed(
    cloud, start, change
):
    await start(*MAKE_BELL)
    cloud.accepts = set()
    flow = await change()
    assert (flow["type"], flow["reason"]) == (FlowResultType.ABORT, "no_commands")


async def test_what_cannot_be_read_is_not_changed(hass, loaded, change):
    _add(hass, loaded, "Kettle", {"device": "board-1", "platform": "kettle"})
    assert (await change())["reason"] == "not_readable"


def _add(hass, loaded, title, document):
    hass.config_entries.async_add_subentry(
        loaded,
        ConfigSubentry(
            data=MappingProxyType(document),
            subentry_type="mapping",
            title=title,
            unique_id=None,
        ),
    )
