"""A variable is shown as another kind of entity, or not at all, as its user likes."""

from dataclasses import replace

import pytest

from custom_components.iot_clouds.model import (
    Category,
    CloudUnreachable,
    Kind,
    Point,
    Ref,
    SetPoint,
)
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import entity_registry as er

from .fake import board, reading

READ_OUT = Point(key="variable/read_out", kind=Kind.TEXT, name="Read out")
TARGET = Point(key="variable/target", kind=Kind.ENTRY, name="Target", writable=True)
HEATER = Point(
    key="variable/heater", kind=Kind.LEVEL, name="Heater", writable=True, unit="rpm"
)
ALMOST_WET = {"shown_as": "listed", "unit": "mV"}
WET = Point(key="variable/wet", kind=Kind.MEASURE, name="Wet", unit="V")


@pytest.fixture(autouse=True)
def _points(cloud):
    points = {point.key: point for point in (READ_OUT, TARGET, HEATER, WET)}
    plain = board()
    cloud.devices = {"board-1": replace(plain, points={**plain.points, **points})}
    for key, value in (
        ("read_out", "21.5"),
        ("target", "19"),
        ("heater", 0),
        ("wet", 1),
    ):
        cloud.readings[Ref("board-1", f"variable/{key}")] = reading(value)


async def _say(hass, entry, entity_id, *answers):
    """Go through the options with these answers to the form of a variable."""
    options = hass.config_entries.options
    flow = await options.async_init(entry.entry_id)
    for answer in ({"next_step_id": "variables"}, {"entity": entity_id}, *answers):
        flow = await options.async_configure(flow["flow_id"], answer)
    await hass.async_block_till_done()
    return flow


async def test_a_number_in_a_text_becomes_a_sensor_with_class_and_unit(hass, loaded):
    form = await _say(hass, loaded, "sensor.shed_read_out", {"shown_as": "measure"})
    assert form["type"] is FlowResultType.FORM
    assert form["errors"] == {}
    assert [str(each) for each in form["data_schema"].schema] == [
        "shown_as",
        "device_class",
        "state_class",
        "unit",
    ]
    await hass.config_entries.options.async_configure(
        form["flow_id"],
        {
            "shown_as": "measure",
            "device_class": "temperature",
            "state_class": "measurement",
            "unit": "°C",
        },
    )
    await hass.async_block_till_done()

    assert loaded.options["points"] == {
        "board-1_variable/read_out": {
            "shown_as": "measure",
            "device_class": "temperature",
            "state_class": "measurement",
            "unit": "°C",
        }
    }
    state = hass.states.get("sensor.shed_read_out")
    assert state.state == "21.5"
    assert state.attributes["device_class"] == "temperature"
    assert state.attributes["unit_of_measurement"] == "°C"


async def test_a_text_that_is_no_number_any_more_is_unknown_and_nothing_else_suffers(
    hass, cloud, loaded
):
    await _say(
        hass,
        loaded,
        "sensor.shed_read_out",
        {"shown_as": "measure"},
        {"shown_as": "measure", "unit": "°C"},
    )
    cloud.readings[Ref("board-1", "variable/read_out")] = reading("sensor lost")
    await loaded.runtime_data.coordinator.async_refresh()
    await hass.async_block_till_done()
    assert hass.states.get("sensor.shed_read_out").state == "unknown"
    assert hass.states.get("sensor.shed_temp").state == "21.5"


async def test_a_text_that_may_be_written_becomes_a_number_and_is_written_as_text(
    hass, cloud, loaded
):
    await _say(
        hass, loaded, "text.shed_target", {"shown_as": "level"}, {"shown_as": "level"}
    )
    assert er.async_get(hass).async_get("text.shed_target") is None
    assert hass.states.get("number.shed_target").state == "19"

    await hass.services.async_call(
        "number",
        "set_value",
        {"entity_id": "number.shed_target", "value": 20.5},
        blocking=True,
    )

    ref = Ref("board-1", "variable/target")
    assert cloud.commands == [SetPoint(ref=ref, value="20.5")]
    assert hass.states.get("number.shed_target").state == "20.5"


async def test_a_number_that_is_0_or_1_becomes_a_switch_and_is_written_as_number(
    hass, cloud, loaded
):
    await _say(
        hass,
        loaded,
        "number.shed_heater",
        {"shown_as": "toggle"},
        {"shown_as": "toggle", "device_class": "outlet"},
    )
    state = hass.states.get("switch.shed_heater")
    assert state.state == "off"
    assert state.attributes["device_class"] == "outlet"

    switch = {"entity_id": "switch.shed_heater"}
    await hass.services.async_call("switch", "turn_on", switch, blocking=True)

    [command] = cloud.commands
    assert command == SetPoint(ref=Ref("board-1", "variable/heater"), value=1)
    assert type(command.value) is int
    assert hass.states.get("switch.shed_heater").state == "on"

    cloud.error = CloudUnreachable("gone")
    with pytest.raises(HomeAssistantError):
        await hass.services.async_call("switch", "turn_off", switch, blocking=True)
    assert hass.states.get("switch.shed_heater").state == "on"


async def test_what_is_observed_as_0_or_1_becomes_a_binary_sensor(hass, cloud, loaded):
    await _say(
        hass,
        loaded,
        "sensor.shed_wet",
        {"shown_as": "flag"},
        {"shown_as": "flag", "device_class": "moisture"},
    )
    assert er.async_get(hass).async_get("sensor.shed_wet") is None
    state = hass.states.get("binary_sensor.shed_wet")
    assert state.state == "on"
    assert state.attributes["device_class"] == "moisture"
    assert "unit_of_measurement" not in state.attributes


async def test_a_variable_shown_another_way_can_go_back(hass, loaded):
    await _say(
        hass, loaded, "sensor.shed_wet", {"shown_as": "flag"}, {"shown_as": "flag"}
    )
    await _say(
        hass,
        loaded,
        "binary_sensor.shed_wet",
        {"shown_as": "listed"},
        {"shown_as": "listed"},
    )
    assert loaded.options == {"points": {}}
    assert hass.states.get("sensor.shed_wet").state == "1"


async def test_a_hidden_variable_has_no_entity_until_it_is_brought_back(hass, loaded):
    done = await _say(hass, loaded, "sensor.shed_wet", {"shown_as": "hidden"})
    assert done["type"] is FlowResultType.CREATE_ENTRY
    assert er.async_get(hass).async_get("sensor.shed_wet") is None
    assert hass.states.get("sensor.shed_wet") is None
    assert hass.states.get("sensor.shed_temp").state == "21.5"

    options = hass.config_entries.options
    menu = await options.async_init(loaded.entry_id)
    assert menu["menu_options"] == ["account", "devices", "variables", "hidden"]
    form = await options.async_configure(menu["flow_id"], {"next_step_id": "hidden"})
    [picker] = form["data_schema"].schema.values()
    assert picker.config["options"] == [
        {"value": "board-1_variable/wet", "label": "Shed: Wet"}
    ]
    await options.async_configure(form["flow_id"], {"hidden": []})
    await hass.async_block_till_done()

    assert loaded.options == {"points": {}}
    assert hass.states.get("sensor.shed_wet").state == "1"


@pytest.mark.parametrize("answer", ["hidden", "measure"])
async def test_an_entity_that_was_renamed_while_the_form_was_open_is_the_one_meant(
    hass, loaded, answer
):
    form = await _say(hass, loaded, "sensor.shed_wet")
    registry = er.async_get(hass)
    registry.async_update_entity("sensor.shed_wet", new_entity_id="sensor.puddle")
    said = {"shown_as": "hidden"} if answer == "hidden" else ALMOST_WET
    done = await hass.config_entries.options.async_configure(form["flow_id"], said)
    await hass.async_block_till_done()

    assert done["type"] is FlowResultType.CREATE_ENTRY
    state = hass.states.get("sensor.puddle")
    unit = state and state.attributes["unit_of_measurement"]
    assert unit == (None if answer == "hidden" else "mV")
    kept = registry.async_get_entity_id("sensor", "iot_clouds", "board-1_variable/wet")
    assert kept == (None if answer == "hidden" else "sensor.puddle")


async def test_an_entity_that_was_removed_while_the_form_was_open_is_said_all_the_same(
    hass, loaded
):
    form = await _say(hass, loaded, "sensor.shed_wet")
    er.async_get(hass).async_remove("sensor.shed_wet")
    done = await hass.config_entries.options.async_configure(
        form["flow_id"], ALMOST_WET
    )
    assert done["type"] is FlowResultType.CREATE_ENTRY
    await hass.async_block_till_done()
    state = hass.states.get("sensor.shed_wet")
    assert state.attributes["unit_of_measurement"] == "mV"


async def test_hidden_variables_can_be_brought_back_while_the_cloud_is_away(
    hass, cloud, loaded
):
    await _say(hass, loaded, "sensor.shed_wet", {"shown_as": "hidden"})
    cloud.error = CloudUnreachable("gone")
    await hass.config_entries.async_reload(loaded.entry_id)
    options = hass.config_entries.options
    menu = await options.async_init(loaded.entry_id)
    form = await options.async_configure(menu["flow_id"], {"next_step_id": "hidden"})
    [picker] = form["data_schema"].schema.values()
    [choice] = picker.config["options"]
    assert choice["value"] == "board-1_variable/wet"


async def test_class_and_unit_are_proposed_by_name_and_value(hass, cloud, loaded):
    named = Point(key="variable/room_temp", kind=Kind.TEXT, name="room_temp")
    cloud.devices = {"board-1": board(points={named.key: named})}
    cloud.readings[Ref("board-1", named.key)] = reading("21.5 °C")
    await loaded.runtime_data.coordinator.async_refresh()
    await hass.async_block_till_done()

    form = await _say(hass, loaded, "sensor.shed_room_temp", {"shown_as": "measure"})
    assert {
        str(each): each.description["suggested_value"]
        for each in form["data_schema"].schema
        if each.description
    } == {
        "shown_as": "measure",
        "device_class": "temperature",
        "state_class": "measurement",
        "unit": "°C",
    }


async def test_nothing_is_proposed_where_class_and_unit_are_known(hass, loaded):
    form = await _say(hass, loaded, "sensor.shed_wet")
    shown = {
        str(each): each.description["suggested_value"]
        for each in form["data_schema"].schema
        if each.description
    }
    assert shown == {"unit": "V"}


async def test_what_cannot_be_adjusted_can_be_hidden_all_the_same(hass, cloud, loaded):
    lamp = Point(key="variable/lamp", kind=Kind.LIGHT, name="Lamp", writable=True)
    cloud.devices = {"board-1": board(points={lamp.key: lamp})}
    await loaded.runtime_data.coordinator.async_refresh()
    await hass.async_block_till_done()

    form = await _say(hass, loaded, "light.shed_lamp")
    [(marker, picker)] = form["data_schema"].schema.items()
    assert str(marker) == "shown_as"
    assert picker.config["options"] == ["listed", "hidden"]
    done = await hass.config_entries.options.async_configure(
        form["flow_id"], {"shown_as": "hidden"}
    )
    await hass.async_block_till_done()

    assert done["type"] is FlowResultType.CREATE_ENTRY
    assert er.async_get(hass).async_get("light.shed_lamp") is None


INTERVAL = Point(
    key="setting/interval",
    kind=Kind.LEVEL,
    label="interval_min",
    writable=True,
    unit="s",
    device_class="duration",
    category=Category.CONFIG,
)


async def test_what_is_ours_is_shown_as_it_is_or_not_at_all(hass, cloud, loaded):
    cloud.devices = {"board-1": board(points={INTERVAL.key: INTERVAL})}
    await loaded.runtime_data.coordinator.async_refresh()
    await hass.async_block_till_done()
    form = await _say(hass, loaded, "number.shed_shortest_interval")
    [ways] = [
        selector.config["options"]
        for key, selector in form["data_schema"].schema.items()
        if key == "shown_as"
    ]
    assert ways == ["listed", "hidden"]


async def test_ours_stay_what_they_are_whatever_the_options_say(hass, cloud, entry):
    # A sensor may not be a setting, and has no name for this one.
    cloud.devices = {"board-1": board(points={INTERVAL.key: INTERVAL})}
    cloud.readings = {Ref("board-1", INTERVAL.key): reading(30)}
    said = {"board-1_setting/interval": {"shown_as": "measure"}}
    hass.config_entries.async_update_entry(entry, options={"points": said})
    await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    assert hass.states.get("number.shed_shortest_interval").state == "30"
    assert hass.states.async_all("sensor") == []


async def test_what_is_hidden_of_ours_is_offered_by_its_name(hass, cloud, entry):
    said = {"board-1_tracker/battery": {"hidden": True}}
    hass.config_entries.async_update_entry(entry, options={"points": said})
    await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    assert er.async_get(hass).async_get("sensor.shed_battery") is None

    options = hass.config_entries.options
    flow = await options.async_init(entry.entry_id)
    form = await options.async_configure(flow["flow_id"], {"next_step_id": "hidden"})
    [selector] = form["data_schema"].schema.values()
    assert selector.config["options"] == [
        {"value": "board-1_tracker/battery", "label": "Shed: Battery"}
    ]
