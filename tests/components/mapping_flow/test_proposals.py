"""What a device sent last becomes entities with two clicks."""

from dataclasses import replace

import pytest

from custom_components.iot_clouds.model import Kind, Point, Ref
from homeassistant.data_entry_flow import FlowResultType, InvalidData
from homeassistant.helpers import device_registry as dr, entity_registry as er
from tests.components.fake import board, reading, values

from . import FROM_NOTHING, FROM_REPORT, OTHER, REPORT, choices, fields, step, suggested


async def test_accepting_a_proposal_makes_an_entity_at_once(
    hass, cloud, loaded, report, begin, go
):
    asked = cloud.snapshots
    flow = await begin()
    assert (flow["type"], flow["step_id"]) == (FlowResultType.MENU, "user")
    assert flow["menu_options"] == ["device", "import"]
    flow = await go(flow, step("device"))
    assert (flow["type"], flow["step_id"]) == (FlowResultType.FORM, "device")
    assert choices(flow, "device") == [("board-1", "Shed")]
    flow = await go(flow, {"device": "board-1"})
    assert (flow["type"], flow["step_id"]) == (FlowResultType.FORM, "source")
    assert suggested(flow) == {}
    assert choices(flow, "source") == [
        ("point:tracker/battery", "Battery: 88"),
        ("point:variable/door", "Door: false"),
        (
            "point:tracker/location",
            'Location: {"latitude": 45.07, "longitude": 7.69, …',
        ),
        ("point:variable/note", "Note: hello"),
        ("point:variable/pump", "Pump: true"),
        (
            "point:variable/report",
            'Report: {"temperature": 21.5, "door": "open", "…',
        ),
        ("point:variable/temp", "Temp: 21.5"),
        ("none", "none"),
    ]
    flow = await go(flow, FROM_REPORT)
    assert (flow["type"], flow["step_id"]) == (FlowResultType.FORM, "proposals")
    assert fields(flow) == ["proposals", "name"]
    assert flow["description_placeholders"]["payload"] == f"```\n{REPORT}\n```"
    assert choices(flow, "proposals")[0] == ("0", "Temperature: 21.5 °C?")
    assert choices(flow, "proposals")[-1] == ("other", "other")
    assert suggested(flow) == {"proposals": ["0"]}
    flow = await go(flow, {"proposals": ["0"]})

    assert flow["type"] is FlowResultType.CREATE_ENTRY
    assert flow["title"] == "Temperature"
    assert flow["data"] == {
        "device": "board-1",
        "platform": "sensor",
        "state": {"source": {"point": "variable/report"}, "path": "/temperature"},
        "classes": {
            "device_class": "temperature",
            "unit": "°C",
            "state_class": "measurement",
        },
    }
    assert hass.states.get("sensor.shed_temperature").state == "21.5"
    assert cloud.snapshots == asked


async def test_several_proposals_become_several_entities_of_the_board(
    hass, loaded, report, start
):
    flow = await start(FROM_REPORT)
    labels = dict(choices(flow, "proposals"))
    wanted = ("Temperature: 21.5 °C?", "Door: on", "Humidity: 40 %")
    assert set(wanted) <= set(labels.values()), labels
    chosen = [number for number, label in labels.items() if label in wanted]
    flow = await start(FROM_REPORT, {"proposals": chosen})
    assert flow["type"] is FlowResultType.CREATE_ENTRY
    assert sorted(each.title for each in loaded.subentries.values()) == [
        "Door",
        "Humidity",
        "Temperature",
    ]
    assert hass.states.get("sensor.shed_temperature").state == "21.5"
    assert hass.states.get("sensor.shed_humidity").state == "40"
    assert hass.states.get("binary_sensor.shed_door_2").state == "on"
    devices = {
        er.async_get(hass).async_get(entity_id).device_id
        for entity_id in ("sensor.shed_temperature", "binary_sensor.shed_door_2")
    }
    (device_id,) = devices
    assert dr.async_get(hass).async_get(device_id).name == "Shed"


async def test_a_single_proposal_can_be_given_a_name(hass, report, start):
    flow = await start(FROM_REPORT, {"proposals": ["0"], "name": " Attic "})
    assert flow["title"] == "Attic"
    assert hass.states.get("sensor.shed_attic").state == "21.5"


async def test_what_is_proposed_with_a_scale_is_made_with_it(hass, report, start):
    await report('{"soc": 0.87}')
    flow = await start(FROM_REPORT, {"proposals": ["0"]})
    assert flow["data"]["state"]["scale"] == 100
    state = hass.states.get("sensor.shed_state_of_charge")
    assert (state.state, state.attributes["unit_of_measurement"]) == ("87.0", "%")


@pytest.mark.parametrize(
    ("entered", "errors"),
    [
        ({"proposals": []}, {"proposals": "none_chosen"}),
        ({"proposals": ["0", "other"]}, {"proposals": "other_alone"}),
        ({"proposals": ["0", "1"], "name": "Two"}, {"name": "one_name"}),
    ],
)
async def test_a_choice_of_proposals_that_makes_no_sense_can_be_corrected(
    report, start, go, entered, errors
):
    flow = await start(FROM_REPORT, entered)
    assert (flow["step_id"], flow["errors"]) == ("proposals", errors)
    assert suggested(flow) == entered
    flow = await go(flow, {"proposals": ["0"]})
    assert flow["type"] is FlowResultType.CREATE_ENTRY


async def test_what_was_shown_is_what_is_made_although_something_else_came_meanwhile(
    hass, report, start, go
):
    flow = await start(FROM_REPORT)
    await report('{"pressure": 1013}')
    flow = await go(flow, {"proposals": ["0"]})
    assert flow["title"] == "Temperature"


async def test_events_heard_lately_are_sources(hass, publish, start, go):
    await publish("weather", '{"temperature": 4.5}')
    await publish("other", "x", device_id="board-9")
    flow = await start()
    assert choices(flow, "source")[-2] == (
        "event:weather",
        'weather: {"temperature": 4.5}',
    )
    flow = await go(flow, {"source": "event:weather"}, {"proposals": ["0"]})
    assert flow["data"]["state"] == {
        "source": {"event": "weather"},
        "path": "/temperature",
    }
    await publish("weather", '{"temperature": 5.5}')
    assert hass.states.get("sensor.shed_temperature").state == "5.5"


async def test_the_name_of_an_event_that_was_not_heard_can_be_typed(
    hass, start, go, publish
):
    flow = await start()
    assert fields(flow) == ["source", "event"]
    flow = await go(flow, {"source": "point:variable/door", "event": " weather "})
    assert (flow["type"], flow["step_id"]) == (FlowResultType.MENU, "make")
    flow = await go(
        flow, step("sensor"), {"name": "Outside", "path": "/t"}, step("save")
    )
    assert flow["data"]["state"] == {"source": {"event": "weather"}, "path": "/t"}
    await publish("weather", '{"t": 7}')
    assert hass.states.get("sensor.shed_outside").state == "7"


async def test_a_blank_name_of_an_event_is_none(start):
    flow = await start({"source": "none", "event": " "})
    assert "sensor" not in flow["menu_options"]


async def test_a_variable_that_the_device_does_not_have_is_no_source(start, go):
    flow = await start()
    with pytest.raises(InvalidData):
        await go(flow, {"source": "point:variable/none"})


async def test_an_event_that_was_too_large_is_a_source_without_a_payload(
    publish, start, go
):
    await publish("big", "x" * 5000)
    await publish("cut", None, truncated=True)
    flow = await start()
    assert choices(flow, "source")[-3:-1] == [
        ("event:cut", "cut"),
        ("event:big", "big"),
    ]
    flow = await go(flow, {"source": "event:big"})
    assert flow["step_id"] == "make"


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("`a` and ```b```", "````\n`a` and ```b```\n````"),
        ("y" * 2000, f"```\n{'y' * 1024}…\n```"),
    ],
)
async def test_a_payload_is_shown_as_it_is_and_cut_where_it_is_long(
    report, start, said, shown
):
    await report(said)
    flow = await start(FROM_REPORT)
    assert flow["description_placeholders"]["payload"] == shown


async def test_a_variable_that_said_nothing_yet_has_no_proposals(
    hass, cloud, loaded, start
):
    cloud.readings = {**values(), Ref("board-1", "variable/temp"): reading(None, 1)}
    await loaded.runtime_data.coordinator.async_refresh()
    flow = await start()
    assert ("point:variable/temp", "Temp") in choices(flow, "source")
    flow = await start({"source": "point:variable/temp"})
    assert (flow["type"], flow["step_id"]) == (FlowResultType.MENU, "make")


async def test_something_else_than_what_is_proposed_begins_with_what_fits(
    hass, report, start, go
):
    flow = await start(FROM_REPORT, OTHER)
    assert (flow["type"], flow["step_id"]) == (FlowResultType.MENU, "make")
    assert "event" not in flow["menu_options"]
    assert flow["menu_options"][:3] == ["sensor", "text_sensor", "binary_sensor"]
    flow = await go(flow, step("sensor"))
    assert (flow["type"], flow["step_id"]) == (FlowResultType.FORM, "entity")
    assert fields(flow) == [
        "name",
        "path",
        "map",
        "scale",
        "offset",
        "device_class",
        "unit",
        "state_class",
    ]
    assert choices(flow, "path") == [
        ("/temperature", "/temperature: 21.5"),
        ("/door", "/door: open"),
        ("/pump", "/pump: 0"),
        ("/humidity", "/humidity: 40"),
    ]
    assert suggested(flow) == {
        "name": "Temperature",
        "path": "/temperature",
        "device_class": "temperature",
        "unit": "°C",
    }
    flow = await go(
        flow,
        {
            "name": "Heat",
            "path": "/temperature",
            "scale": 1.8,
            "offset": 32,
            "device_class": "temperature",
            "unit": "°F",
            "state_class": "measurement",
        },
    )
    assert (flow["type"], flow["step_id"]) == (FlowResultType.MENU, "check")
    assert flow["menu_options"] == ["save", "entity"]
    words = flow["description_placeholders"]
    assert words["name"] == "Heat"
    assert words["states"].endswith("→ **70.7 °F**")
    assert words["commands"] == "-"
    flow = await go(flow, step("entity"))
    assert suggested(flow)["scale"] == 1.8
    again = suggested(flow)
    flow = await go(flow, again, step("save"))
    assert flow["data"]["state"] == {
        "source": {"point": "variable/report"},
        "path": "/temperature",
        "scale": 1.8,
        "offset": 32,
    }
    assert flow["data"]["classes"]["unit"] == "°F"
    assert hass.states.get("sensor.shed_heat").attributes["device_class"] == (
        "temperature"
    )


async def test_devices_and_variables_are_called_as_the_user_calls_them(
    hass, cloud, loaded, begin, start
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

    flow = await begin(step("device"))
    assert choices(flow, "device") == [
        ("board-2", "Barn (board-2)"),
        ("board-3", "Barn (board-3)"),
        ("board-1", "Garden house"),
    ]
    flow = await start()
    assert flow["description_placeholders"]["device"] == "Garden house"
    assert ("point:variable/door", "Front door: false") in choices(flow, "source")
    flow = await start({"source": "point:variable/door"})
    assert choices(flow, "proposals")[0][1] == "Front door: off"


async def test_only_what_needs_no_source_is_made_without_one(start):
    flow = await start(FROM_NOTHING)
    assert flow["menu_options"] == [
        "button",
        "switch",
        "number",
        "select",
        "text",
        "light",
        "cover",
        "valve",
        "lock",
        "fan",
    ]


async def test_points_without_values_are_no_sources(hass, cloud, loaded, start):
    points = {
        kind: Point(key=kind, kind=kind, name=kind.value)
        for kind in (Kind.ACTION, Kind.MESSAGE, Kind.FIRMWARE)
    }
    cloud.devices = {"board-1": board(points=points)}
    await loaded.runtime_data.coordinator.async_refresh()
    assert choices(await start(), "source") == [("none", "none")]
