"""Entities that the user defined: they come and go live, follow, command, and restore."""

import asyncio
from datetime import timedelta
from types import MappingProxyType

import pytest
from pytest_homeassistant_custom_component.common import (
    mock_restore_cache_with_extra_data,
)

from custom_components.iot_clouds import mapped as mapped_module
from custom_components.iot_clouds.diagnostics import async_get_config_entry_diagnostics
from custom_components.iot_clouds.model import (
    Call,
    CloudRejected,
    CloudUnreachable,
    Event,
    Kind,
    Point,
    Publish,
    Reading,
    Ref,
    Send,
    SetPoint,
    Update,
)
from homeassistant.config_entries import ConfigSubentry
from homeassistant.const import EVENT_STATE_CHANGED
from homeassistant.core import State, callback
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.helpers import (
    area_registry as ar,
    device_registry as dr,
    entity_registry as er,
)
from homeassistant.util import dt as dt_util

from .fake import FakeReader, board, reading

DOOR = Ref("board-1", "variable/door")
OPEN = {"send": {"type": "door", "options": {"to": "open"}}}
SHUT = {"send": {"type": "door", "options": {"to": "shut"}}}
BUTTON = {
    "device": "board-1",
    "platform": "button",
    "commands": {"press": {"call": {"function": "open", "argument": "now"}}},
}
ASSUMED = {
    "device": "board-1",
    "platform": "switch",
    "commands": {"on": OPEN, "off": SHUT},
}
SWITCH = {**ASSUMED, "state": {"source": {"point": "variable/door"}}}

GATE = "switch.shed_gate"
BELL = "button.shed_bell"


@pytest.fixture
def define(hass, entry):
    """Define an entity, as the flow does in the end."""

    def define(name, document, subentry_id=None):
        more = {"subentry_id": subentry_id} if subentry_id else {}
        subentry = ConfigSubentry(
            data=MappingProxyType(document),
            subentry_type="mapping",
            title=name,
            unique_id=None,
            **more,
        )
        hass.config_entries.async_add_subentry(entry, subentry)
        return subentry

    return define


async def _switch(hass, action, entity_id=GATE):
    await hass.services.async_call(
        "switch", action, {"entity_id": entity_id}, blocking=True
    )


async def _push(hass, cloud, until, value, seconds=1.0, ref=DOOR, at=None):
    """Have a value pushed, and wait until what comes after it is shown."""
    new = Reading(value=value, at=at) if at else reading(value, seconds)
    cloud.feed.queue.put_nowait(Update(readings={ref: new}))
    text = f"after {value} at {new.at.isoformat()}"
    after = {Ref("board-1", "variable/note"): Reading(value=text, at=_now())}
    cloud.feed.queue.put_nowait(Update(readings=after))
    await until(lambda: hass.states.get("sensor.shed_note").state == text)


def _now(seconds=0.0):
    return dt_util.utcnow() + timedelta(seconds=seconds)


async def test_a_mapping_is_there_at_once_without_asking_the_cloud(
    hass, cloud, loaded, define
):
    coordinator = loaded.runtime_data.coordinator
    asked = cloud.snapshots
    subentry = define("Gate", SWITCH)
    await hass.async_block_till_done()

    assert hass.states.get(GATE).state == "off"
    assert hass.states.get(GATE).attributes["friendly_name"] == "Shed Gate"
    registered = er.async_get(hass).async_get(GATE)
    assert registered.config_subentry_id == subentry.subentry_id
    assert registered.unique_id == f"board-1_mapping/{subentry.subentry_id}"
    shed = dr.async_get(hass).async_get(registered.device_id)
    assert shed.name == "Shed"
    assert shed.config_subentry_id is None
    assert cloud.snapshots == asked
    assert loaded.runtime_data.coordinator is coordinator


async def test_adding_and_removing_leaves_the_board_its_area_and_its_other_entities(
    hass, cloud, loaded, define
):
    devices, entities = dr.async_get(hass), er.async_get(hass)
    shed = devices.async_get_device_by_identifier(
        ("iot_clouds", "board-1"), loaded.entry_id
    )
    garden = ar.async_get(hass).async_create("Garden")
    shed = devices.async_update_device(shed.id, area_id=garden.id)
    before = {
        entity.entity_id: entity
        for entity in er.async_entries_for_config_entry(entities, loaded.entry_id)
    }
    asked = cloud.snapshots
    gate, bell = define("Gate", SWITCH), define("Bell", BUTTON)
    await hass.async_block_till_done()
    assert hass.states.get("switch.garden_shed_gate").state == "off"
    assert hass.states.get("button.garden_shed_bell").state == "unknown"

    hass.config_entries.async_remove_subentry(loaded, gate.subentry_id)
    await hass.async_block_till_done()
    assert hass.states.get("switch.garden_shed_gate") is None
    assert entities.async_get("switch.garden_shed_gate") is None
    assert hass.states.get("button.garden_shed_bell").state == "unknown"
    hass.config_entries.async_remove_subentry(loaded, bell.subentry_id)
    await hass.async_block_till_done()

    assert hass.states.get("button.garden_shed_bell") is None
    assert devices.async_get(shed.id) == shed
    assert {
        entity.entity_id: entity
        for entity in er.async_entries_for_config_entry(entities, loaded.entry_id)
    } == before
    assert hass.states.get("sensor.shed_temp").state == "21.5"
    assert cloud.snapshots == asked


async def test_a_changed_mapping_keeps_its_entity_and_follows_the_new_source_and_name(
    hass, cloud, loaded, define
):
    gate = define("Gate", SWITCH)
    await hass.async_block_till_done()
    before = er.async_get(hass).async_get(GATE)

    other = {**SWITCH, "state": {"source": {"point": "variable/pump"}}}
    hass.config_entries.async_update_subentry(
        loaded, gate, title="Main gate", data=other
    )
    await hass.async_block_till_done()

    assert hass.states.get(GATE).state == "on"
    assert hass.states.get(GATE).attributes["friendly_name"] == "Shed Main gate"
    after = er.async_get(hass).async_get(GATE)
    assert (after.id, after.unique_id) == (before.id, before.unique_id)


async def test_a_source_that_is_taken_away_leaves_an_assumed_state(
    hass, cloud, loaded, define
):
    gate = define("Gate", SWITCH)
    await hass.async_block_till_done()
    assert "assumed_state" not in hass.states.get(GATE).attributes
    hass.config_entries.async_update_subentry(loaded, gate, data=ASSUMED)
    await hass.async_block_till_done()
    assert hass.states.get(GATE).state == "unknown"
    assert hass.states.get(GATE).attributes["assumed_state"] is True


async def test_the_state_follows_pushes_and_polls_of_the_source(
    hass, cloud, loaded, define, until
):
    define("Gate", SWITCH)
    await hass.async_block_till_done()
    await _push(hass, cloud, until, True)
    assert hass.states.get(GATE).state == "on"
    assert hass.states.get("binary_sensor.shed_door").state == "on"

    cloud.readings[DOOR] = reading(False, 60)
    await loaded.runtime_data.coordinator.async_refresh()
    await hass.async_block_till_done()
    assert hass.states.get(GATE).state == "off"

    await _push(hass, cloud, until, None, 61)
    assert hass.states.get(GATE).state == "unknown"


async def test_a_map_says_what_the_states_of_the_source_mean(
    hass, cloud, loaded, define, until
):
    inverted = {
        "source": {"point": "variable/door"},
        "map": {"true": False, "false": True},
    }
    define("Gate", {**SWITCH, "state": inverted})
    await hass.async_block_till_done()
    assert hass.states.get(GATE).state == "on"
    await _push(hass, cloud, until, True)
    assert hass.states.get(GATE).state == "off"


async def test_a_mapping_can_follow_events(hass, cloud, loaded, define, until):
    define(
        "Gate", {**SWITCH, "state": {"source": {"event": "door"}, "map": {"o": True}}}
    )
    await hass.async_block_till_done()
    assert hass.states.get(GATE).state == "unknown"
    assert "assumed_state" not in hass.states.get(GATE).attributes
    told = Event(device_id="board-1", name="door", data="o", at=_now(), id="1")
    cloud.feed.queue.put_nowait(Update(events=(told,)))
    await until(lambda: hass.states.get(GATE).state == "on")

    cloud.events = (Event(device_id="board-1", name="door", data=1, at=_now(), id="2"),)
    await loaded.runtime_data.coordinator.async_refresh()
    await hass.async_block_till_done()
    assert hass.states.get(GATE).state == "unknown"


async def test_a_source_that_is_gone_makes_the_entity_unavailable_until_it_is_back(
    hass, cloud, loaded, define
):
    define("Gate", SWITCH)
    points = board().points
    left = {key: point for key, point in points.items() if key != "variable/door"}
    cloud.devices = {"board-1": board(points=left)}
    await loaded.runtime_data.coordinator.async_refresh()
    await hass.async_block_till_done()
    assert hass.states.get(GATE).state == "unavailable"

    cloud.devices = {"board-1": board()}
    await loaded.runtime_data.coordinator.async_refresh()
    await hass.async_block_till_done()
    assert hass.states.get(GATE).state == "off"


async def test_a_source_that_the_user_hides_is_followed_all_the_same(
    hass, cloud, entry, define, until
):
    hidden = {"board-1_variable/door": {"hidden": True}}
    hass.config_entries.async_update_entry(entry, options={"points": hidden})
    define("Gate", SWITCH)
    await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    assert hass.states.get("binary_sensor.shed_door") is None
    assert hass.states.get(GATE).state == "off"
    await _push(hass, cloud, until, True)
    assert hass.states.get(GATE).state == "on"


async def test_an_offline_board_makes_the_entity_unavailable(
    hass, cloud, loaded, define, until
):
    define("Gate", SWITCH)
    define("Bell", BUTTON)
    cloud.feed.queue.put_nowait(Update(online={"board-1": False}))
    await until(lambda: hass.states.get(GATE).state == "unavailable")
    assert hass.states.get(BELL).state == "unavailable"
    # What was pushed about the board outlives a change of the mappings.
    define("Bell two", BUTTON)
    await hass.async_block_till_done()
    assert hass.states.get(GATE).state == "unavailable"


async def test_a_board_that_is_sent_commands_while_it_is_offline_keeps_its_controls(
    hass, cloud, loaded, define
):
    define("Bell", BUTTON)
    cloud.devices = {"board-1": board(online=False, commanded_offline=True)}
    await loaded.runtime_data.coordinator.async_refresh()
    await hass.async_block_till_done()
    assert hass.states.get("sensor.shed_temp").state == "unavailable"
    await hass.services.async_call(
        "button", "press", {"entity_id": BELL}, blocking=True
    )
    assert len(cloud.commands) == 1


async def test_a_board_that_is_gone_takes_nothing_of_the_mapping_with_it(
    hass, cloud, loaded, define, caplog
):
    define("Gate", SWITCH)
    await hass.async_block_till_done()
    before = er.async_get(hass).async_get(GATE)
    cloud.devices = {"board-2": board(id="board-2", name="Barn", mac=None)}
    await loaded.runtime_data.coordinator.async_refresh()
    await hass.async_block_till_done()
    assert hass.states.get(GATE).state == "unavailable"
    assert er.async_get(hass).async_get(GATE).device_id is None
    define("Other", {**SWITCH, "device": "board-9"})
    await hass.async_block_till_done()

    cloud.devices = {"board-1": board()}
    await loaded.runtime_data.coordinator.async_refresh()
    await hass.async_block_till_done()
    assert hass.states.get(GATE).state == "off"
    after = er.async_get(hass).async_get(GATE)
    assert (after.id, after.unique_id) == (before.id, before.unique_id)
    assert dr.async_get(hass).async_get(after.device_id).name == "Shed"
    assert "ERROR" not in caplog.text


async def test_a_billed_source_is_read_while_only_the_mapping_shows_it(
    hass, cloud, entry, define
):
    point = Point(
        key="variable/door", kind=Kind.FLAG, name="Door", billed=True, enabled=False
    )
    cloud.devices = {"board-1": board(points={point.key: point})}
    cloud.readings = {}
    cloud.reader = FakeReader()
    cloud.reader.table = {DOOR: reading(True)}
    define("Gate", SWITCH)
    await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done(wait_background_tasks=False)
    await entry.runtime_data.reads.async_refresh()
    await hass.async_block_till_done()
    assert cloud.reader.reads[-1] == [DOOR]
    assert hass.states.get(GATE).state == "on"


@pytest.mark.parametrize(
    ("press", "command"),
    [
        (
            {"send": {"type": "door", "options": {"to": 3}}},
            Send(device_id="board-1", type="door", options={"to": 3}),
        ),
        (
            {"call": {"function": "open"}},
            Call(device_id="board-1", function="open", argument=""),
        ),
        (
            {"publish": {"name": "go", "data": "1"}},
            Publish(name="go", data="1"),
        ),
        (
            {"set": {"point": "variable/note", "value": "hi"}},
            SetPoint(ref=Ref("board-1", "variable/note"), value="hi"),
        ),
    ],
)
async def test_a_button_carries_out_its_command_once(
    hass, cloud, loaded, define, press, command
):
    define("Bell", {**BUTTON, "commands": {"press": press}})
    await hass.async_block_till_done()
    await hass.services.async_call(
        "button", "press", {"entity_id": BELL}, blocking=True
    )
    assert cloud.commands == [command]
    assert hass.states.get(BELL).state not in {"unknown", "unavailable"}


async def test_a_written_point_is_assumed_as_if_it_had_been_written_itself(
    hass, cloud, loaded, define
):
    set_note = {"set": {"point": "variable/note", "value": "hi"}}
    define("Bell", {**BUTTON, "commands": {"press": set_note}})
    await hass.async_block_till_done()
    await hass.services.async_call(
        "button", "press", {"entity_id": BELL}, blocking=True
    )
    assert hass.states.get("sensor.shed_note").state == "hi"


async def test_what_a_command_returns_can_say_that_it_failed(
    hass, cloud, loaded, define
):
    rule = {"success": {"at_least": 0}}
    on, off = ({"call": {"function": name}, **rule} for name in ("open", "close"))
    define("Gate", {**SWITCH, "commands": {"on": on, "off": off}})
    await hass.async_block_till_done()
    cloud.answer = -2
    with pytest.raises(HomeAssistantError) as caught:
        await _switch(hass, "turn_on")
    assert caught.value.translation_key == "command_failed"
    assert caught.value.translation_placeholders == {"name": "Gate", "value": "-2"}
    assert hass.states.get(GATE).state == "off"
    cloud.answer = 0
    await _switch(hass, "turn_on")
    assert hass.states.get(GATE).state == "on"


@pytest.mark.parametrize(
    ("error", "key"),
    [
        (CloudUnreachable("x"), "unreachable"),
        (CloudRejected("busy", key="unknown_command", field="type"), "unknown_command"),
    ],
)
async def test_a_failed_command_is_told_and_leaves_the_state(
    hass, cloud, loaded, define, error, key
):
    define("Gate", {**SWITCH, "confirm": 30})
    await hass.async_block_till_done()
    cloud.error = error
    with pytest.raises(HomeAssistantError) as caught:
        await _switch(hass, "turn_on")
    assert caught.value.translation_key == key
    assert hass.states.get(GATE).state == "off"
    assert len(cloud.commands) == 1


async def test_an_effect_is_assumed_until_the_source_tells(
    hass, cloud, loaded, define, until
):
    define("Gate", SWITCH)
    await hass.async_block_till_done()
    await _switch(hass, "turn_on")
    assert cloud.commands == [
        Send(device_id="board-1", type="door", options={"to": "open"})
    ]
    assert hass.states.get(GATE).state == "on"
    assert hass.states.get("binary_sensor.shed_door").state == "off"
    await _push(hass, cloud, until, True, at=_now(1))
    assert hass.states.get(GATE).state == "on"
    await _push(hass, cloud, until, False, at=_now(2))
    assert hass.states.get(GATE).state == "off"


async def test_what_a_board_reports_before_it_answers_is_not_overwritten(
    hass, cloud, loaded, define, until
):
    level = {
        "device": "board-1",
        "platform": "number",
        "state": {"source": {"point": "variable/temp"}},
        "limits": {"min": 0, "max": 400},
        "commands": {"set": {"call": {"function": "set", "argument": "{value}"}}},
    }
    define("Level", level)
    await hass.async_block_till_done()
    execute = cloud.execute

    async def clamp(command):
        cloud.feed.queue.put_nowait(
            Update(readings={Ref("board-1", "variable/temp"): reading(255, 1)})
        )
        await until(lambda: hass.states.get("number.shed_level").state == "255")
        return await execute(command)

    cloud.execute = clamp
    await hass.services.async_call(
        "number",
        "set_value",
        {"entity_id": "number.shed_level", "value": 300},
        blocking=True,
    )
    assert hass.states.get("number.shed_level").state == "255"


async def test_a_source_that_tells_the_contrary_is_believed(
    hass, cloud, loaded, define, until
):
    define("Gate", SWITCH)
    await hass.async_block_till_done()
    await _switch(hass, "turn_on")
    await _push(hass, cloud, until, False, at=_now(1))
    assert hass.states.get(GATE).state == "off"


@pytest.mark.parametrize(("behind", "shown"), [(0.5, "off"), (30, "on")])
async def test_a_source_that_speaks_after_a_command_is_believed_by_a_clock_that_is_behind(
    hass, cloud, loaded, define, until, behind, shown
):
    define("Gate", SWITCH)
    await hass.async_block_till_done()
    await _switch(hass, "turn_on")
    assert hass.states.get(GATE).state == "on"
    await _push(hass, cloud, until, False, at=_now(-behind))
    assert hass.states.get(GATE).state == shown


async def test_events_after_a_command_are_believed_by_a_clock_that_is_behind(
    hass, cloud, loaded, define, until
):
    define("Gate", {**ASSUMED, "state": {"source": {"event": "door"}}})
    await hass.async_block_till_done()
    await _switch(hass, "turn_on")
    assert hass.states.get(GATE).state == "on"
    for id_, said in enumerate(["off", "on", "off"]):
        event = Event(
            device_id="board-1", name="door", data=said, at=_now(-0.5), id=str(id_)
        )
        cloud.feed.queue.put_nowait(Update(events=(event,)))
        await until(lambda said=said: hass.states.get(GATE).state == said)


async def test_a_listing_that_repeats_the_last_message_undoes_nothing(
    hass, cloud, loaded, define
):
    define("Gate", SWITCH)
    await hass.async_block_till_done()
    await _switch(hass, "turn_on")
    await loaded.runtime_data.coordinator.async_refresh()
    await hass.async_block_till_done()
    assert hass.states.get(GATE).state == "on"
    # Its clock is behind, but this is not what it said before.
    cloud.readings[DOOR] = reading(False, 5)
    await loaded.runtime_data.coordinator.async_refresh()
    await hass.async_block_till_done()
    assert hass.states.get(GATE).state == "off"


async def test_a_device_that_says_nothing_new_for_long_has_not_done_it(
    hass, cloud, loaded, define, monkeypatch
):
    define("Gate", SWITCH)
    await hass.async_block_till_done()
    await _switch(hass, "turn_on")
    monkeypatch.setattr(mapped_module, "PATIENCE", timedelta(0))
    await loaded.runtime_data.coordinator.async_refresh()
    await hass.async_block_till_done()
    assert hass.states.get(GATE).state == "off"


@pytest.fixture
def shown(hass):
    """The states of the gate, one after another."""
    shown = []

    @callback
    def note(event):
        if event.data["entity_id"] == GATE and event.data["new_state"]:
            shown.append(event.data["new_state"].state)

    hass.bus.async_listen(EVENT_STATE_CHANGED, note)
    return shown


async def test_without_confirmation_the_old_state_returns_and_the_action_fails(
    hass, cloud, loaded, define, shown
):
    define("Gate", {**SWITCH, "confirm": 0.05})
    await hass.async_block_till_done()
    with pytest.raises(HomeAssistantError) as caught:
        await _switch(hass, "turn_on")
    assert caught.value.translation_key == "not_confirmed"
    assert caught.value.translation_placeholders == {"name": "Gate", "seconds": "0.05"}
    assert hass.states.get(GATE).state == "off"
    assert shown == ["off", "on", "off"]
    assert len(cloud.commands) == 1


async def test_without_push_the_cloud_is_asked_once_before_the_action_fails(
    hass, cloud, entry, define
):
    cloud.feed = None
    define("Gate", {**SWITCH, "confirm": 0.05})
    await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    asked = cloud.snapshots
    cloud.readings[DOOR] = reading(True, 60)
    await _switch(hass, "turn_on")
    assert hass.states.get(GATE).state == "on"
    assert cloud.snapshots == asked + 1
    with pytest.raises(HomeAssistantError) as caught:
        await _switch(hass, "turn_off")
    assert caught.value.translation_key == "not_confirmed"
    assert hass.states.get(GATE).state == "on"
    assert cloud.snapshots == asked + 2


async def test_without_confirmation_an_unknown_state_is_unknown_again(
    hass, cloud, loaded, define
):
    source = {"source": {"event": "door"}}
    define("Gate", {**SWITCH, "state": source, "confirm": 0.05})
    await hass.async_block_till_done()
    with pytest.raises(HomeAssistantError):
        await _switch(hass, "turn_on")
    assert hass.states.get(GATE).state == "unknown"


async def test_a_confirmation_ends_the_action(
    hass, cloud, loaded, define, until, shown
):
    define("Gate", {**SWITCH, "confirm": 300})
    await hass.async_block_till_done()
    action = hass.async_create_task(_switch(hass, "turn_on"))
    await until(lambda: hass.states.get(GATE).state == "on")
    await _push(hass, cloud, until, False, 2)
    assert not action.done()
    await _push(hass, cloud, until, True, at=_now(1))
    await action
    assert hass.states.get(GATE).state == "on"


async def test_a_confirmation_may_come_before_the_answer_of_the_cloud(
    hass, cloud, loaded, define, until
):
    define("Gate", {**SWITCH, "confirm": 300})
    await hass.async_block_till_done()
    answer = asyncio.Event()

    async def execute(command):
        await answer.wait()

    cloud.execute = execute
    action = hass.async_create_task(_switch(hass, "turn_on"))
    await _push(hass, cloud, until, True, at=_now(1))
    await until(lambda: hass.states.get(GATE).state == "on")
    answer.set()
    await action
    assert hass.states.get(GATE).state == "on"


async def test_a_source_that_shows_it_already_is_confirmation_enough(
    hass, cloud, loaded, define
):
    define("Gate", {**SWITCH, "confirm": 300})
    await hass.async_block_till_done()
    await _switch(hass, "turn_off")
    assert hass.states.get(GATE).state == "off"
    assert len(cloud.commands) == 1


async def test_an_event_that_told_it_already_is_confirmation_enough(
    hass, cloud, loaded, define, until
):
    source = {"source": {"event": "door"}}
    define("Gate", {**SWITCH, "state": source, "confirm": 300})
    await hass.async_block_till_done()
    told = Event(device_id="board-1", name="door", data="on", at=_now(), id="1")
    cloud.feed.queue.put_nowait(Update(events=(told,)))
    await until(lambda: hass.states.get(GATE).state == "on")
    await _switch(hass, "turn_on")
    assert hass.states.get(GATE).state == "on"
    assert len(cloud.commands) == 1


async def test_without_confirmation_a_state_of_two_sources_returns_whole(
    hass, cloud, loaded, define, until
):
    cloud.devices = {"board-1": board()}
    define(
        "Lamp",
        {
            **SWITCH,
            "platform": "light",
            "state": {"source": {"event": "lamp"}},
            "level": {"source": {"point": "variable/temp"}},
            "confirm": 0.05,
        },
    )
    await hass.async_block_till_done()
    told = Event(device_id="board-1", name="lamp", data="off", at=_now(), id="1")
    cloud.feed.queue.put_nowait(Update(events=(told,)))
    await until(lambda: hass.states.get("light.shed_lamp").state == "off")
    with pytest.raises(HomeAssistantError):
        await hass.services.async_call(
            "light", "turn_on", {"entity_id": "light.shed_lamp"}, blocking=True
        )
    assert hass.states.get("light.shed_lamp").state == "off"


async def test_while_a_confirmation_is_awaited_repetitions_undo_nothing(
    hass, cloud, loaded, define, until, monkeypatch
):
    monkeypatch.setattr(mapped_module, "PATIENCE", timedelta(0))
    define("Gate", {**SWITCH, "confirm": 300})
    await hass.async_block_till_done()
    action = hass.async_create_task(_switch(hass, "turn_on"))
    await until(lambda: hass.states.get(GATE).state == "on")
    await loaded.runtime_data.coordinator.async_refresh()
    assert hass.states.get(GATE).state == "on"
    await _push(hass, cloud, until, True, at=_now(1))
    await action


async def test_a_later_command_overtakes_an_earlier_one(
    hass, cloud, loaded, define, until
):
    define("Gate", {**SWITCH, "confirm": 300})
    await hass.async_block_till_done()
    first = hass.async_create_task(_switch(hass, "turn_on"))
    await until(lambda: hass.states.get(GATE).state == "on")
    await _switch(hass, "turn_off")
    await first
    assert hass.states.get(GATE).state == "off"


async def test_unloading_or_removing_ends_the_wait_for_a_confirmation(
    hass, cloud, loaded, define, until
):
    gate = define("Gate", {**SWITCH, "confirm": 300})
    define("Second gate", {**SWITCH, "confirm": 300})
    await hass.async_block_till_done()
    first = hass.async_create_task(_switch(hass, "turn_on"))
    second = hass.async_create_task(_switch(hass, "turn_on", "switch.shed_second_gate"))
    await until(lambda: len(cloud.commands) == 2)
    hass.config_entries.async_remove_subentry(loaded, gate.subentry_id)
    await first
    assert not second.done()
    await hass.config_entries.async_unload(loaded.entry_id)
    await second


async def test_the_action_that_sets_values_knows_the_states_of_a_mapping(
    hass, cloud, loaded, define
):
    define("Gate", SWITCH)
    await hass.async_block_till_done()
    call = {"entity_id": GATE, "value": True}
    await hass.services.async_call("iot_clouds", "set_value", call, blocking=True)
    assert hass.states.get(GATE).state == "on"
    with pytest.raises(ServiceValidationError) as caught:
        await hass.services.async_call(
            "iot_clouds", "set_value", {**call, "value": "maybe"}, blocking=True
        )
    assert caught.value.translation_key == "invalid_value"
    assert len(cloud.commands) == 1


async def test_a_restart_keeps_the_entity_and_takes_the_state_from_the_source(
    hass, cloud, entry, define
):
    define("Gate", SWITCH, "m1")
    await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    registry = er.async_get(hass)
    registry.async_update_entity(GATE, new_entity_id="switch.my_gate")
    await hass.async_block_till_done()
    assert hass.states.get("switch.my_gate").state == "off"
    await hass.config_entries.async_unload(entry.entry_id)
    cloud.readings[DOOR] = reading(True, 60)
    await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    assert hass.states.get("switch.my_gate").state == "on"
    shed = registry.async_get("switch.my_gate").device_id
    assert registry.async_get("sensor.shed_temp").device_id == shed


@pytest.mark.parametrize(
    ("kept", "state"),
    [(True, "on"), (False, "off"), (None, "unknown"), ("on", "unknown")],
)
async def test_a_switch_that_nothing_reports_remembers_what_was_switched_last(
    hass, cloud, entry, define, kept, state
):
    stored = {"value": kept, "at": "2026-11-19T12:00:00+00:00"}
    mock_restore_cache_with_extra_data(hass, [(State(GATE, "unavailable"), stored)])
    define("Gate", ASSUMED)
    await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    assert hass.states.get(GATE).state == state
    assert hass.states.get(GATE).attributes["assumed_state"] is True


async def test_a_switch_that_is_reported_remembers_nothing(hass, cloud, entry, define):
    stored = {"value": True, "at": "2026-11-19T12:00:00+00:00"}
    mock_restore_cache_with_extra_data(hass, [(State(GATE, "on"), stored)])
    define("Gate", {**SWITCH, "state": {"source": {"event": "door"}}})
    await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    assert hass.states.get(GATE).state == "unknown"


async def test_an_account_that_is_loaded_again_remembers_what_was_switched_last(
    hass, cloud, loaded, define
):
    define("Gate", ASSUMED)
    await hass.async_block_till_done()
    await _switch(hass, "turn_on")
    await hass.config_entries.async_reload(loaded.entry_id)
    await hass.async_block_till_done()
    assert hass.states.get(GATE).state == "on"


async def test_what_cannot_be_read_costs_only_itself_and_is_told_once(
    hass, cloud, loaded, define, caplog
):
    define("Broken", {**SWITCH, "platform": "kettle"})
    define("Gate", SWITCH)
    await hass.async_block_till_done()
    assert hass.states.get(GATE).state == "off"
    assert hass.states.get("switch.shed_broken") is None
    told = [each for each in caplog.messages if "platform: unknown" in each]
    assert len(told) == 1


async def test_other_changes_of_the_account_change_nothing(hass, cloud, loaded, define):
    before = loaded.runtime_data.coordinator.data
    hass.config_entries.async_update_entry(loaded, title="House")
    await hass.async_block_till_done()
    assert loaded.runtime_data.coordinator.data is before


async def test_diagnostics_tell_only_how_many_mappings_there_are(
    hass, cloud, loaded, define
):
    define("Secret gate", SWITCH)
    define("Bell", BUTTON)
    await hass.async_block_till_done()
    report = await async_get_config_entry_diagnostics(hass, loaded)
    assert report["mappings"] == 2
    assert len(report["devices"][0]["points"]) == 6
    assert "Secret gate" not in str(report)
    assert "shut" not in str(report)
