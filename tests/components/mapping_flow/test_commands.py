"""What an entity of the user's own is told becomes commands to its board."""

import probatio
import pytest

from custom_components.iot_clouds.model import Call, Publish, Ref, Send, SetPoint
from homeassistant.data_entry_flow import FlowResultType, InvalidData
from tests.components.fake import board

from . import FROM_DOOR, FROM_NOTHING, OTHER, SAVE, choices, fields, step, suggested

BUTTON = (FROM_NOTHING, step("button"))
SWITCH = (FROM_NOTHING, step("switch"))
NOTHING_ELSE = {"level_source": "none"}


async def _act(hass, service, entity_id, **data):
    await hass.services.async_call(
        service.split(".")[0],
        service.split(".")[1],
        {"entity_id": entity_id, **data},
        blocking=True,
    )


async def test_a_saved_command_becomes_a_button(hass, cloud, start, go):
    flow = await start(FROM_NOTHING)
    assert (flow["type"], flow["step_id"]) == (FlowResultType.MENU, "make")
    flow = await go(flow, step("button"))
    assert (flow["type"], flow["step_id"]) == (FlowResultType.FORM, "entity")
    assert fields(flow) == ["name", "way"]
    assert choices(flow, "way") == ["send", "call", "publish", "set"]
    flow = await go(flow, {"name": " Bell ", "way": "send"})
    assert (flow["type"], flow["step_id"]) == (FlowResultType.FORM, "command")
    assert fields(flow) == ["way", "type", "options"]
    words = flow["description_placeholders"]
    assert (words["verb"], words["fields"]) == ("Press", "")
    flow = await go(flow, {"way": "send", "type": " ring ", "options": {"for": 3}})
    assert (flow["type"], flow["step_id"]) == (FlowResultType.MENU, "check")
    words = flow["description_placeholders"]
    assert words["commands"] == '- Press: `ring {"for": 3}`'
    assert words["states"] == "-"
    assert cloud.commands == []
    flow = await go(flow, SAVE)
    assert flow["title"] == "Bell"
    assert flow["data"] == {
        "device": "board-1",
        "platform": "button",
        "commands": {"press": {"send": {"type": "ring", "options": {"for": 3}}}},
    }
    assert hass.states.get("button.shed_bell").attributes["friendly_name"] == (
        "Shed Bell"
    )
    await _act(hass, "button.press", "button.shed_bell")
    assert cloud.commands == [
        Send(device_id="board-1", type="ring", options={"for": 3})
    ]


@pytest.mark.parametrize(
    ("way", "shown", "entered", "press", "told", "command"),
    [
        (
            "call",
            ["way", "function", "argument", "at_least"],
            {"function": " open ", "argument": " 1 ", "at_least": 0},
            {
                "call": {"function": "open", "argument": " 1 "},
                "success": {"at_least": 0},
            },
            "- Press: `open( 1 )`",
            Call(device_id="board-1", function="open", argument=" 1 "),
        ),
        (
            "call",
            ["way", "function", "argument", "at_least"],
            {"function": "other"},
            {"call": {"function": "other", "argument": ""}},
            "- Press: `other()`",
            Call(device_id="board-1", function="other"),
        ),
        (
            "publish",
            ["way", "event", "data"],
            {"event": "go", "data": "now"},
            {"publish": {"name": "go", "data": "now"}},
            "- Press: `go: now`",
            Publish(name="go", data="now"),
        ),
        (
            "publish",
            ["way", "event", "data"],
            {"event": "go"},
            {"publish": {"name": "go", "data": ""}},
            "- Press: `go`",
            Publish(name="go"),
        ),
        (
            "set",
            ["way", "point", "value"],
            {"point": "variable/pump", "value": "false"},
            {"set": {"point": "variable/pump", "value": False}},
            "- Press: `variable/pump = false`",
            SetPoint(ref=Ref("board-1", "variable/pump"), value=False),
        ),
        (
            "set",
            ["way", "point", "value"],
            {"point": "variable/note", "value": "off we go"},
            {"set": {"point": "variable/note", "value": "off we go"}},
            '- Press: `variable/note = "off we go"`',
            SetPoint(ref=Ref("board-1", "variable/note"), value="off we go"),
        ),
        (
            "send",
            ["way", "type", "options"],
            {"type": "ring"},
            {"send": {"type": "ring", "options": {}}},
            "- Press: `ring`",
            Send(device_id="board-1", type="ring"),
        ),
    ],
)
async def test_every_way_to_tell_a_device_makes_a_button(
    hass, cloud, start, go, way, shown, entered, press, told, command
):
    flow = await start(*BUTTON, {"name": "Bell", "way": way})
    assert fields(flow) == shown
    flow = await go(flow, {"way": way, **entered})
    assert " ".join(flow["description_placeholders"]["commands"].split()) == (
        " ".join(told.split())
    )
    flow = await go(flow, SAVE)
    assert flow["data"]["commands"] == {"press": press}
    await _act(hass, "button.press", "button.shed_bell")
    assert cloud.commands == [command]


async def test_each_command_can_have_a_way_of_its_own(hass, cloud, start, go):
    flow = await start(*SWITCH, {"name": "Fan", "way": "send"})
    flow = await go(flow, {"way": "send", "type": "on"})
    assert suggested(flow) == {}
    flow = await go(flow, {"way": "call", "type": "x"})
    assert (flow["step_id"], flow["errors"]) == ("command", {})
    assert fields(flow) == ["way", "function", "argument", "at_least"]
    flow = await go(flow, {"way": "call", "function": "stop"}, SAVE)
    assert flow["data"]["commands"] == {
        "on": {"send": {"type": "on", "options": {}}},
        "off": {"call": {"function": "stop", "argument": ""}},
    }


@pytest.mark.parametrize("way", ["send", "call", "publish", "set"])
async def test_another_way_can_be_chosen_before_anything_is_filled_in(start, go, way):
    other = "call" if way == "send" else "send"
    flow = await start(*BUTTON, {"name": "Bell", "way": way})
    required = [
        str(marker)
        for marker in flow["data_schema"].schema
        if isinstance(marker, probatio.Required)
    ]
    assert required == ["way"]
    flow = await go(flow, {"way": other})
    assert (flow["step_id"], flow["errors"]) == ("command", {})
    assert suggested(flow) == {}
    assert fields(flow)[1] == {"send": "type", "call": "function"}[other]


async def test_a_device_that_tells_its_functions_offers_them(start):
    flow = await start(*BUTTON, {"name": "Bell", "way": "call"})
    assert choices(flow, "function") == [("open", "open"), ("close", "close")]


async def test_a_device_that_does_not_tell_its_functions_lets_them_be_typed(
    hass, loaded, cloud, start
):
    cloud.devices = {"board-1": board(functions=())}
    await loaded.runtime_data.coordinator.async_refresh()
    flow = await start(
        *BUTTON,
        {"name": "Bell", "way": "call"},
        {"way": "call", "function": "ring"},
        SAVE,
    )
    assert flow["data"]["commands"]["press"]["call"]["function"] == "ring"


@pytest.mark.parametrize(
    ("accepts", "ways"),
    [({Send, Call}, ["send", "call"]), ({Publish, SetPoint}, ["publish", "set"])],
)
async def test_only_ways_that_the_cloud_knows_are_offered(cloud, start, accepts, ways):
    cloud.accepts = accepts
    flow = await start(*BUTTON)
    assert choices(flow, "way") == ways


async def test_the_only_way_is_not_asked_about(cloud, start, go):
    cloud.accepts = {Send}
    flow = await start(*BUTTON)
    assert fields(flow) == ["name"]
    flow = await go(flow, {"name": "Bell"})
    assert fields(flow) == ["type", "options"]


async def test_a_cloud_that_is_only_read_has_no_commands(loaded, cloud, start):
    cloud.accepts = {SetPoint}
    cloud.devices = {
        "board-1": board(points={"variable/door": board().points["variable/door"]})
    }
    await loaded.runtime_data.coordinator.async_refresh()
    flow = await start(FROM_NOTHING)
    assert (flow["type"], flow["reason"]) == (FlowResultType.ABORT, "no_commands")
    flow = await start(FROM_DOOR, OTHER)
    assert flow["menu_options"] == [
        "sensor",
        "text_sensor",
        "binary_sensor",
        "device_tracker",
    ]


@pytest.mark.parametrize(
    ("way", "entered", "errors"),
    [
        ("send", {"type": " ", "options": {}}, {"type": "empty"}),
        ("send", {}, {"type": "empty"}),
        ("call", {"argument": "x"}, {"function": "empty"}),
        ("publish", {"data": "x"}, {"event": "empty"}),
        ("set", {"value": "1"}, {"point": "empty"}),
        ("set", {"point": "variable/pump"}, {"value": "not_a_value"}),
        ("send", {"type": "a", "options": ["b"]}, {"options": "not_an_object"}),
        (
            "send",
            {"type": "a", "options": {"b": float("nan")}},
            {"options": "not_an_object"},
        ),
        (
            "send",
            {"type": "a", "options": {"b": "{value}"}},
            {"options": "unknown_field"},
        ),
        ("call", {"function": " "}, {"function": "empty"}),
        ("call", {"function": "f", "argument": "{x}"}, {"argument": "unknown_field"}),
        ("publish", {"event": ""}, {"event": "empty"}),
        ("publish", {"event": "e", "data": "{x}"}, {"data": "unknown_field"}),
        ("set", {"point": "variable/pump", "value": "NaN"}, {"value": "not_a_value"}),
        ("set", {"point": "variable/pump", "value": "{x}"}, {"value": "unknown_field"}),
    ],
)
async def test_what_is_wrong_with_a_command_is_shown_at_its_field_and_can_be_corrected(
    start, go, way, entered, errors
):
    entered = {"way": way, **entered}
    flow = await start(*BUTTON, {"name": "Bell", "way": way}, entered)
    assert (flow["type"], flow["step_id"]) == (FlowResultType.FORM, "command")
    assert flow["errors"] == errors
    good = {
        "type": "a",
        "options": {},
        "function": "f",
        "argument": "",
        "event": "e",
        "data": "",
        "point": "variable/pump",
        "value": "1",
    }
    corrected = {**entered, **{field: good[field] for field in errors}}
    flow = await go(flow, corrected, SAVE)
    assert flow["type"] is FlowResultType.CREATE_ENTRY


async def test_a_name_that_is_blank_is_refused(start, go):
    flow = await start(*BUTTON, {"name": " ", "way": "call"})
    assert flow["errors"] == {"name": "empty"}
    assert suggested(flow) == {"name": " ", "way": "call"}
    flow = await go(flow, {"name": "Bell", "way": "call"})
    assert flow["step_id"] == "command"


async def test_two_commands_become_a_switch_that_follows_a_boolean(
    hass, cloud, start, go
):
    cloud.accepts = {Send}
    flow = await start(FROM_DOOR, OTHER, step("switch"))
    assert fields(flow) == [
        "name",
        "path",
        "map",
        "inverted",
        "device_class",
        "confirm",
    ]
    assert suggested(flow) == {"name": "Door"}
    flow = await go(
        flow,
        {"name": "Gate", "inverted": True, "confirm": 30},
        {"type": "gate", "options": {"to": "open"}},
        {"type": "gate", "options": {"to": "shut"}},
    )
    words = flow["description_placeholders"]
    assert words["states"] == "- `false` → **on**"
    assert words["commands"] == (
        '- Turn on: `gate {"to": "open"}`\n- Turn off: `gate {"to": "shut"}`'
    )
    flow = await go(flow, SAVE)
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
    assert hass.states.get("switch.shed_gate").state == "on"


async def test_without_a_source_the_state_is_assumed(hass, cloud, start):
    cloud.accepts = {Send}
    flow = await start(*SWITCH, {"name": "Gate"}, {"type": "a"}, {"type": "b"}, SAVE)
    assert "state" not in flow["data"]
    assert hass.states.get("switch.shed_gate").attributes["assumed_state"] is True


async def test_a_garage_door_is_a_cover_of_a_part_of_a_report_and_a_function(
    hass, cloud, report, start, go
):
    cloud.accepts = {Call}
    flow = await start({"source": "point:variable/report"}, OTHER, step("cover"))
    assert fields(flow) == [
        "name",
        "path",
        "map",
        "device_class",
        "level_source",
        "confirm",
        "optional",
    ]
    assert choices(flow, "optional") == ["stop", "set_position"]
    entity = {
        "name": "Garage",
        "path": "/door",
        "device_class": "garage",
        "level_source": "point:variable/report",
        "optional": ["set_position"],
    }
    flow = await go(flow, entity)
    assert flow["step_id"] == "level"
    assert choices(flow, "path")[3] == ("/humidity", "/humidity: 40")
    flow = await go(flow, {"path": "humidity"})
    assert flow["errors"] == {"path": "not_a_path"}
    flow = await go(flow, {"path": "/humidity", "scale": 2})
    assert flow["description_placeholders"]["verb"] == "Open"
    flow = await go(flow, {"function": "open", "argument": "1", "at_least": 1})
    assert flow["description_placeholders"]["verb"] == "Close"
    flow = await go(flow, {"function": "close"})
    words = flow["description_placeholders"]
    assert (words["verb"], words["fields"]) == (
        "Set the position",
        "`{position}` `{value}` `{whole}`",
    )
    assert suggested(flow) == {"argument": "{value}"}
    flow = await go(flow, {"function": "move", "argument": "{value} {position}"})
    words = flow["description_placeholders"]
    assert words["states"].endswith("→ **open**")
    assert words["commands"] == (
        "- Open: `open(1)`\n- Close: `close()`\n- Set the position: `move(25 50)`"
    )
    flow = await go(flow, SAVE)
    assert flow["data"]["level"] == {
        "source": {"point": "variable/report"},
        "path": "/humidity",
        "scale": 2,
    }
    assert flow["data"]["commands"]["open"]["success"] == {"at_least": 1}
    state = hass.states.get("cover.shed_garage")
    assert (state.state, state.attributes["current_position"]) == ("open", 80)
    await _act(hass, "cover.set_cover_position", "cover.shed_garage", position=30)
    assert cloud.commands == [
        Call(device_id="board-1", function="move", argument="15 30")
    ]


@pytest.mark.parametrize(
    ("platform", "entity", "sent", "action", "data", "command"),
    [
        (
            "number",
            {"name": "X", "min": 5, "max": 30, "step": 0.5, "unit": "°C"},
            "{value} °",
            "number.set_value",
            {"value": 20.5},
            "20.5 °",
        ),
        (
            "select",
            {"name": "X", "options": ["eco", "boost"]},
            "mode={value}",
            "select.select_option",
            {"option": "boost"},
            "mode=boost",
        ),
        ("text", {"name": "X"}, "{value}", "text.set_value", {"value": "Hi"}, "Hi"),
    ],
)
async def test_a_value_is_filled_into_the_command(
    hass, cloud, start, go, platform, entity, sent, action, data, command
):
    cloud.accepts = {Call}
    flow = await start(FROM_NOTHING, step(platform), entity)
    assert suggested(flow) == {"argument": "{value}"}
    flow = await go(flow, {"function": "f", "argument": sent})
    examples = {"number": "30 °", "select": "mode=eco", "text": "text"}
    assert flow["description_placeholders"]["commands"] == (
        f"- Set the value: `f({examples[platform]})`"
    )
    await go(flow, SAVE)
    await _act(hass, action, f"{platform}.shed_x", **data)
    assert cloud.commands == [Call(device_id="board-1", function="f", argument=command)]


async def test_a_lamp_of_a_brightness_alone_needs_no_other_state(
    hass, cloud, report, start, go
):
    cloud.accepts = {Call}
    entity = {
        "name": "Lamp",
        "level_source": "point:variable/report",
        "optional": ["set_brightness"],
    }
    flow = await start(FROM_NOTHING, step("light"), entity)
    flow = await go(flow, {"path": "/humidity", "scale": 0.4})
    for argument in ("1", "0", "{whole} of `{brightness}`"):
        flow = await go(flow, {"function": "lamp", "argument": argument})
    words = flow["description_placeholders"]
    assert words["commands"] == (
        "- Turn on: `lamp(1)`\n- Turn off: `lamp(0)`\n"
        "- Set the brightness: ``lamp(125 of `50`)``"
    )
    assert words["states"].endswith("→ **on**")
    await go(flow, SAVE)
    state = hass.states.get("light.shed_lamp")
    assert (state.state, state.attributes["brightness"]) == ("on", 41)


async def test_a_blind_of_a_position_alone_is_shown_by_it(cloud, report, start, go):
    cloud.accepts = {Call}
    await report("0")
    entity = {"name": "Blind", "level_source": "point:variable/report"}
    flow = await start(FROM_NOTHING, step("cover"), entity)
    flow = await go(flow, {}, {"function": "up"}, {"function": "down"})
    assert flow["description_placeholders"]["states"] == "- `0` → **closed**"


async def test_quotes_around_a_name_in_braces_may_be_forgotten(cloud, start, go):
    cloud.accepts = {Send}
    options = {"to": {"value": None}, "all": [{"value": None}, 1]}
    flow = await start(FROM_NOTHING, step("number"), {"name": "X"})
    flow = await go(flow, {"type": "set", "options": options})
    assert flow["description_placeholders"]["commands"] == (
        '- Set the value: `set {"to": 1, "all": [1, 1]}`'
    )
    flow = await go(flow, SAVE)
    assert flow["data"]["commands"]["set"]["send"]["options"] == {
        "to": "{value}",
        "all": ["{value}", 1],
    }


@pytest.mark.parametrize(
    ("source", "platform", "entered", "errors"),
    [
        ("variable/temp", "sensor", {"path": "t"}, {"path": "not_a_path"}),
        ("variable/temp", "sensor", {"scale": 0}, {"scale": "not_valid"}),
        ("variable/temp", "sensor", {"map": {"a": "x"}}, {"map": "not_a_map"}),
        (
            "variable/temp",
            "sensor",
            {"device_class": "temperature", "unit": "kg"},
            {"unit": "unit_not_allowed"},
        ),
        (
            "variable/temp",
            "sensor",
            {"device_class": "energy", "unit": "kWh", "state_class": "measurement"},
            {"state_class": "state_class_not_allowed"},
        ),
        (
            "variable/temp",
            "sensor",
            {"device_class": "timestamp", "unit": "s", "state_class": "measurement"},
            {"unit": "not_of_a_moment", "state_class": "not_of_a_moment"},
        ),
        (
            "variable/temp",
            "sensor",
            {"unit": "V", "state_class": "measurement_angle"},
            {"unit": "unit_not_of_state_class"},
        ),
        (
            "variable/door",
            "binary_sensor",
            {"map": {"1": True}, "inverted": True},
            {"inverted": "map_or_inverted"},
        ),
        (
            "variable/door",
            "cover",
            {"level_source": "none", "map": {"1": "ajar"}},
            {"map": "not_a_map"},
        ),
        (
            None,
            "cover",
            {"level_source": "none", "confirm": 5},
            {"confirm": "needs_source"},
        ),
        (None, "number", {"min": 5, "max": 5}, {"max": "not_limits"}),
        (None, "number", {"step": 0}, {"step": "not_limits"}),
        (None, "select", {"options": []}, {"options": "not_options"}),
        (None, "select", {"options": [" "]}, {"options": "not_options"}),
    ],
)
async def test_what_is_wrong_with_an_entity_is_shown_at_its_field_and_can_be_corrected(
    cloud, start, go, source, platform, entered, errors
):
    cloud.accepts = {Call}
    steps = (
        (FROM_NOTHING,) if source is None else ({"source": f"point:{source}"}, OTHER)
    )
    flow = await start(*steps, step(platform), {"name": "X", **entered})
    assert (flow["step_id"], flow["errors"]) == ("entity", errors)
    assert suggested(flow) == {"name": "X", **entered}

    right = {"cover": {"level_source": "none"}, "select": {"options": ["a"]}}
    flow = await go(flow, {"name": "X", **right.get(platform, {})})
    told = source is None or platform == "cover"
    assert flow["step_id"] == ("command" if told else "check")


@pytest.mark.parametrize("confirm", [0, 3601, "x"])
async def test_a_time_to_confirm_that_makes_no_sense_is_refused(
    cloud, start, go, confirm
):
    flow = await start(FROM_DOOR, OTHER, step("switch"))
    with pytest.raises(InvalidData):
        await go(flow, {"name": "X", "way": "call", "confirm": confirm})


async def test_an_event_tells_the_types_that_the_user_names(hass, start, go, publish):
    await publish("button", '{"press": "long"}')
    flow = await start({"source": "event:button"}, OTHER)
    assert "event" in flow["menu_options"]
    flow = await go(flow, step("event"))
    assert fields(flow) == ["name", "path", "map", "options"]
    flow = await go(
        flow, {"name": "Bell", "path": "/press", "options": ["short", "long"]}, SAVE
    )
    assert flow["data"]["options"] == ["short", "long"]
    await publish("button", '{"press": "short"}')
    assert hass.states.get("event.shed_bell").attributes["event_type"] == "short"


async def test_a_button_of_a_source_needs_none(hass, report, start, go):
    flow = await start({"source": "point:variable/report"}, OTHER, step("button"))
    flow = await go(
        flow,
        {"name": "Bell", "way": "send"},
        {"way": "send", "type": "ring"},
        SAVE,
    )
    assert "state" not in flow["data"]
