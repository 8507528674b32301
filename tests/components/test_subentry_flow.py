"""The user makes entities of their own in the flow, and changes them."""

from dataclasses import replace
from types import MappingProxyType

import pytest

from custom_components.iot_clouds.model import Call, Publish, Ref, Send, SetPoint
from homeassistant.config_entries import SOURCE_USER, ConfigSubentry
from homeassistant.data_entry_flow import FlowResultType, InvalidData
from homeassistant.helpers import device_registry as dr, entity_registry as er

from .fake import board, values

GATE = "switch.shed_gate"
BELL = "button.shed_bell"
ON = {"name": "Gate", "type": "gate", "options": {"to": "open"}}
OFF = {"type": "gate", "options": {"to": "shut"}}
DOOR = {"source": "variable/door", "inverted": False}


@pytest.fixture
def subentries(hass):
    return hass.config_entries.subentries


@pytest.fixture
def go(hass, subentries):
    """Answer one step after another."""

    async def go(flow, *answers):
        for answer in answers:
            flow = await subentries.async_configure(flow["flow_id"], answer)
        await hass.async_block_till_done()
        return flow

    return go


@pytest.fixture
def start(hass, subentries, loaded, go):
    """Begin to make something for the shed, and answer the first steps."""

    async def start(*answers):
        flow = await subentries.async_init(
            (loaded.entry_id, "mapping"), context={"source": SOURCE_USER}
        )
        return await go(flow, *answers)

    return start


@pytest.fixture
def change(hass, loaded, go):
    """Begin to change what was made."""

    async def change(*answers):
        (subentry_id,) = loaded.subentries
        flow = await loaded.start_subentry_reconfigure_flow(hass, subentry_id)
        return await go(flow, *answers)

    return change


def _step(name):
    return {"next_step_id": name}


def _suggested(flow):
    """What the fields of a form are filled with."""
    found = {}
    for marker in flow["data_schema"].schema:
        suggested = (marker.description or {}).get("suggested_value")
        if suggested is not None:
            found[str(marker)] = suggested
    return found


def _fields(flow):
    return [str(marker) for marker in flow["data_schema"].schema]


def _choices(flow, field):
    (selector,) = [
        selector
        for marker, selector in flow["data_schema"].schema.items()
        if marker == field
    ]
    return [
        (option["value"], option["label"]) if isinstance(option, dict) else option
        for option in selector.config["options"]
    ]


SHED = ({"device": "board-1"},)
BUTTON = (*SHED, _step("button"))
SWITCH = (*SHED, _step("switch"))


async def test_a_saved_command_becomes_a_button(hass, cloud, loaded, start, go):
    asked = cloud.snapshots
    flow = await start()
    assert (flow["type"], flow["step_id"]) == (FlowResultType.FORM, "user")
    assert _choices(flow, "device") == [("board-1", "Shed")]
    flow = await go(flow, *SHED)
    assert (flow["type"], flow["step_id"]) == (FlowResultType.MENU, "make")
    assert flow["menu_options"] == ["button", "switch"]
    assert flow["description_placeholders"] == {"device": "Shed"}
    flow = await go(flow, _step("button"))
    assert (flow["type"], flow["step_id"]) == (FlowResultType.MENU, "kind")
    assert flow["menu_options"] == ["send", "call", "publish", "set"]
    flow = await go(flow, _step("send"))
    assert (flow["type"], flow["step_id"]) == (FlowResultType.FORM, "press")
    assert _fields(flow) == ["name", "type", "options"]
    flow = await go(flow, {"name": " Bell ", "type": " ring ", "options": {"for": 3}})

    assert flow["type"] is FlowResultType.CREATE_ENTRY
    assert flow["title"] == "Bell"
    assert flow["data"] == {
        "device": "board-1",
        "platform": "button",
        "commands": {"press": {"send": {"type": "ring", "options": {"for": 3}}}},
    }
    assert cloud.snapshots == asked
    assert hass.states.get(BELL).attributes["friendly_name"] == "Shed Bell"
    await hass.services.async_call(
        "button", "press", {"entity_id": BELL}, blocking=True
    )
    assert cloud.commands == [
        Send(device_id="board-1", type="ring", options={"for": 3})
    ]


async def test_two_commands_become_a_switch_that_follows_a_boolean(
    hass, cloud, loaded, start, go
):
    flow = await start(*SWITCH, _step("send"))
    assert (flow["step_id"], _fields(flow)) == ("on", ["name", "type", "options"])
    flow = await go(flow, ON)
    assert (flow["step_id"], _fields(flow)) == ("off", ["type", "options"])
    flow = await go(flow, OFF)
    assert flow["step_id"] == "state"
    assert _choices(flow, "source") == [
        ("none", "none"),
        ("variable/door", "Door"),
        ("variable/pump", "Pump"),
    ]
    assert _suggested(flow) == {}
    flow = await go(flow, {**DOOR, "inverted": True, "confirm": 30})

    assert flow["data"] == {
        "device": "board-1",
        "platform": "switch",
        "state": {
            "source": {"point": "variable/door"},
            "map": {"true": False, "false": True},
        },
        "commands": {
            "on": {"send": {"type": "gate", "options": {"to": "open"}}},
            "off": {"send": {"type": "gate", "options": {"to": "shut"}}},
        },
        "confirm": 30,
    }
    assert hass.states.get(GATE).state == "on"


async def test_without_a_source_the_state_is_assumed(hass, cloud, start):
    flow = await start(
        *SWITCH, _step("send"), ON, OFF, {"source": "none", "inverted": False}
    )
    assert "state" not in flow["data"]
    assert "confirm" not in flow["data"]
    assert hass.states.get(GATE).attributes["assumed_state"] is True


async def test_without_anything_to_follow_no_source_is_what_is_suggested(
    hass, cloud, entry, start, loaded
):
    points = board().points
    cloud.devices = {
        "board-1": board(points={"variable/temp": points["variable/temp"]})
    }
    await loaded.runtime_data.coordinator.async_refresh()
    flow = await start(*SWITCH, _step("send"), ON, OFF)
    assert _choices(flow, "source") == [("none", "none")]
    assert _suggested(flow) == {"source": "none"}


@pytest.mark.parametrize(
    ("kind", "fields", "entered", "press", "command"),
    [
        (
            "call",
            ["name", "function", "argument", "negative_is_error"],
            {"function": " open ", "argument": " 1 ", "negative_is_error": True},
            {
                "call": {"function": "open", "argument": " 1 "},
                "success": {"at_least": 0},
            },
            Call(device_id="board-1", function="open", argument=" 1 "),
        ),
        (
            "call",
            ["name", "function", "argument", "negative_is_error"],
            {"function": "other"},
            {"call": {"function": "other", "argument": ""}},
            Call(device_id="board-1", function="other"),
        ),
        (
            "publish",
            ["name", "event", "data"],
            {"event": "go", "data": "now"},
            {"publish": {"name": "go", "data": "now"}},
            Publish(name="go", data="now"),
        ),
        (
            "set",
            ["name", "point", "value"],
            {"point": "variable/pump", "value": False},
            {"set": {"point": "variable/pump", "value": False}},
            SetPoint(ref=Ref("board-1", "variable/pump"), value=False),
        ),
        (
            "send",
            ["name", "type", "options"],
            {"type": "ring"},
            {"send": {"type": "ring", "options": {}}},
            Send(device_id="board-1", type="ring"),
        ),
    ],
)
async def test_every_way_to_tell_a_device_makes_a_button(
    hass, cloud, loaded, start, go, kind, fields, entered, press, command
):
    flow = await start(*BUTTON, _step(kind))
    assert _fields(flow) == fields
    flow = await go(flow, {"name": "Bell", **entered})
    assert flow["data"]["commands"] == {"press": press}
    await hass.services.async_call(
        "button", "press", {"entity_id": BELL}, blocking=True
    )
    assert cloud.commands == [command]


async def test_a_device_that_tells_its_functions_offers_them(hass, start, cloud):
    flow = await start(*BUTTON, _step("call"))
    assert _choices(flow, "function") == ["open", "close"]


async def test_a_device_that_does_not_tell_its_functions_lets_them_be_typed(
    hass, loaded, cloud, start, go
):
    cloud.devices = {"board-1": board(functions=())}
    await loaded.runtime_data.coordinator.async_refresh()
    flow = await start(*BUTTON, _step("call"), {"name": "Bell", "function": "ring"})
    assert flow["data"]["commands"]["press"]["call"]["function"] == "ring"


@pytest.mark.parametrize(
    ("accepts", "kinds"),
    [
        ({Send, Call}, ["send", "call"]),
        ({Publish, SetPoint}, ["publish", "set"]),
    ],
)
async def test_only_ways_that_the_cloud_knows_are_offered(
    hass, cloud, start, accepts, kinds
):
    cloud.accepts = accepts
    flow = await start(*BUTTON)
    assert flow["menu_options"] == kinds


async def test_the_only_way_is_not_asked_about(hass, cloud, start):
    cloud.accepts = {Send}
    flow = await start(*BUTTON)
    assert (flow["type"], flow["step_id"]) == (FlowResultType.FORM, "press")


async def test_a_cloud_that_is_only_read_has_no_commands(hass, loaded, cloud, start):
    cloud.accepts = {SetPoint}
    flow = await start(*SHED)
    assert (flow["type"], flow["step_id"]) == (FlowResultType.MENU, "make")
    cloud.devices = {"board-1": board(points={})}
    await loaded.runtime_data.coordinator.async_refresh()
    flow = await start(*BUTTON)
    assert (flow["type"], flow["reason"]) == (FlowResultType.ABORT, "no_commands")


@pytest.mark.parametrize(
    ("kind", "entered", "errors"),
    [
        ("send", {"type": " ", "options": {}}, {"type": "empty"}),
        ("send", {"type": "a", "options": ["b"]}, {"options": "not_an_object"}),
        (
            "send",
            {"type": "a", "options": {"b": float("nan")}},
            {"options": "not_an_object"},
        ),
        ("call", {"function": " "}, {"function": "empty"}),
        ("publish", {"event": ""}, {"event": "empty"}),
        (
            "set",
            {"point": "variable/pump", "value": float("inf")},
            {"value": "not_a_value"},
        ),
    ],
)
async def test_what_is_wrong_with_a_command_is_shown_at_its_field_and_can_be_corrected(
    hass, cloud, start, go, kind, entered, errors
):
    entered = {"name": "Bell", **entered}
    flow = await start(*BUTTON, _step(kind), entered)
    assert (flow["type"], flow["step_id"]) == (FlowResultType.FORM, "press")
    assert flow["errors"] == errors
    good = {"type": "a", "options": {}, "function": "f", "event": "e", "value": 1}
    corrected = {**entered, **{field: good[field] for field in errors}}
    flow = await go(flow, corrected)
    assert flow["type"] is FlowResultType.CREATE_ENTRY


async def test_a_name_that_is_blank_is_refused_beside_other_mistakes(
    hass, cloud, start, go
):
    flow = await start(*BUTTON, _step("send"), {"name": " ", "type": ""})
    assert flow["errors"] == {"name": "empty", "type": "empty"}
    flow = await go(flow, {"name": " ", "type": "ring"})
    assert flow["errors"] == {"name": "empty"}
    assert _suggested(flow)["type"] == "ring"
    flow = await go(flow, {"name": "Bell", "type": "ring"})
    assert flow["type"] is FlowResultType.CREATE_ENTRY


async def test_without_a_source_nothing_can_be_confirmed(hass, cloud, start, go):
    flow = await start(
        *SWITCH,
        _step("send"),
        ON,
        OFF,
        {"source": "none", "inverted": False, "confirm": 5},
    )
    assert flow["errors"] == {"confirm": "needs_source"}
    assert _suggested(flow) == {"source": "none", "inverted": False, "confirm": 5}
    flow = await go(flow, {**DOOR, "confirm": 5})
    assert flow["type"] is FlowResultType.CREATE_ENTRY


@pytest.mark.parametrize("confirm", [0, 3601, "x"])
async def test_a_time_to_confirm_that_makes_no_sense_is_refused(
    hass, cloud, start, go, confirm
):
    flow = await start(*SWITCH, _step("send"), ON, OFF)
    with pytest.raises(InvalidData):
        await go(flow, {**DOOR, "confirm": confirm})


async def test_a_button_is_changed_and_stays_the_same_entity(
    hass, cloud, loaded, start, change, go
):
    await start(
        *BUTTON,
        _step("call"),
        {"name": "Bell", "function": "open", "negative_is_error": True},
    )
    before = er.async_get(hass).async_get(BELL)
    asked = cloud.snapshots

    flow = await change()
    assert (flow["type"], flow["step_id"]) == (FlowResultType.MENU, "kind")
    flow = await go(flow, _step("call"))
    assert _suggested(flow) == {
        "name": "Bell",
        "function": "open",
        "argument": "",
        "negative_is_error": True,
    }
    flow = await go(flow, {"name": "Chime", "function": "close"})
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


async def test_a_button_can_be_given_another_way(hass, cloud, start, change, go):
    await start(*BUTTON, _step("publish"), {"name": "Bell", "event": "go", "data": "1"})
    flow = await change(_step("publish"))
    assert _suggested(flow) == {"name": "Bell", "event": "go", "data": "1"}
    flow = await change(_step("send"))
    assert _suggested(flow) == {"name": "Bell"}
    await go(flow, {"name": "Bell", "type": "ring"})
    await hass.services.async_call(
        "button", "press", {"entity_id": BELL}, blocking=True
    )
    assert cloud.commands == [Send(device_id="board-1", type="ring")]


async def test_a_switch_is_changed_with_everything_filled_in(
    hass, cloud, loaded, start, change, go
):
    cloud.accepts = {Send}
    await start(*SWITCH, ON, OFF, {**DOOR, "inverted": True, "confirm": 30})
    before = er.async_get(hass).async_get(GATE)
    assert hass.states.get(GATE).state == "on"

    flow = await change()
    assert (flow["step_id"], _suggested(flow)) == ("on", ON)
    flow = await go(flow, ON)
    assert (flow["step_id"], _suggested(flow)) == ("off", OFF)
    flow = await go(flow, OFF)
    assert _suggested(flow) == {
        "source": "variable/door",
        "inverted": True,
        "confirm": 30,
    }
    flow = await go(flow, DOOR)
    assert flow["reason"] == "reconfigure_successful"
    assert hass.states.get(GATE).state == "off"
    after = er.async_get(hass).async_get(GATE)
    assert (after.id, after.unique_id) == (before.id, before.unique_id)
    (subentry,) = loaded.subentries.values()
    assert "confirm" not in subentry.data


async def test_a_source_that_is_gone_has_to_be_chosen_anew(
    hass, cloud, loaded, start, change
):
    cloud.accepts = {Send}
    await start(*SWITCH, ON, OFF, DOOR)
    points = {
        key: point for key, point in board().points.items() if key != "variable/door"
    }
    cloud.devices = {"board-1": board(points=points)}
    await loaded.runtime_data.coordinator.async_refresh()
    await hass.async_block_till_done()
    assert hass.states.get(GATE).state == "unavailable"
    flow = await change(ON, OFF)
    assert _choices(flow, "source") == [("none", "none"), ("variable/pump", "Pump")]
    assert _suggested(flow) == {"inverted": False}
    flow = await change(ON, OFF, {"source": "variable/pump", "inverted": False})
    assert hass.states.get(GATE).state == "on"


async def test_a_switch_without_a_source_is_changed_as_such(hass, cloud, start, change):
    cloud.accepts = {Send}
    await start(*SWITCH, ON, OFF, {"source": "none", "inverted": False})
    flow = await change(ON, OFF)
    assert _suggested(flow) == {"source": "none"}


async def test_devices_and_variables_are_called_as_the_user_calls_them(
    hass, cloud, loaded, start
):
    account = replace(board(id=loaded.entry_id, name="Home"), is_account=True)
    cloud.devices = {
        "board-1": board(),
        "board-2": board(id="board-2", name="Barn", mac=None),
        "board-3": board(id="board-3", name="Barn", mac=None),
        loaded.entry_id: account,
    }
    cloud.readings = {**values(), **values("board-2")}
    await loaded.runtime_data.coordinator.async_refresh()
    await hass.async_block_till_done()
    devices = dr.async_get(hass)
    shed = devices.async_get_device_by_identifier(
        ("iot_clouds", "board-1"), loaded.entry_id
    )
    devices.async_update_device(shed.id, name_by_user="Garden house")
    er.async_get(hass).async_update_entity("binary_sensor.shed_door", name="Front door")
    await hass.async_block_till_done()

    flow = await start()
    assert _choices(flow, "device") == [
        ("board-2", "Barn (board-2)"),
        ("board-3", "Barn (board-3)"),
        ("board-1", "Garden house"),
    ]
    flow = await start(*SWITCH, _step("send"), ON, OFF)
    assert flow["description_placeholders"] == {"device": "Garden house"}
    assert ("variable/door", "Front door") in _choices(flow, "source")


async def test_an_account_that_is_not_connected_can_make_and_change_nothing(
    hass, cloud, loaded, start, change
):
    await start(*BUTTON, _step("send"), {"name": "Bell", "type": "ring"})
    await hass.config_entries.async_unload(loaded.entry_id)
    assert (await start())["reason"] == "not_loaded"
    assert (await change())["reason"] == "not_loaded"


async def test_an_account_that_is_unloaded_meanwhile_ends_the_flow(
    hass, cloud, loaded, start, go
):
    flow = await start(*BUTTON, _step("send"))
    await hass.config_entries.async_unload(loaded.entry_id)
    flow = await go(flow, {"name": "Bell", "type": ""})
    assert (flow["type"], flow["reason"]) == (FlowResultType.ABORT, "not_loaded")


async def test_an_account_without_devices_has_nothing_to_choose(
    hass, cloud, loaded, start
):
    cloud.devices = {}
    await loaded.runtime_data.coordinator.async_refresh()
    assert (await start())["reason"] == "no_devices"


async def test_a_device_that_is_gone_can_be_given_nothing(
    hass, cloud, loaded, start, change, go
):
    await start(*BUTTON, _step("send"), {"name": "Bell", "type": "ring"})
    chosen = await start()
    cloud.devices = {"board-2": board(id="board-2", name="Barn", mac=None)}
    await loaded.runtime_data.coordinator.async_refresh()
    await hass.async_block_till_done()
    assert (await go(chosen, *SHED))["reason"] == "no_device"
    assert (await change())["reason"] == "no_device"


async def test_what_cannot_be_read_is_not_changed(hass, cloud, loaded, change):
    newer = {"device": "board-1", "platform": "kettle"}
    hass.config_entries.async_add_subentry(
        loaded,
        ConfigSubentry(
            data=MappingProxyType(newer),
            subentry_type="mapping",
            title="Kettle",
            unique_id=None,
        ),
    )
    assert (await change())["reason"] == "not_readable"
