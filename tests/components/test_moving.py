"""Covers, valves, locks and fans are told what was asked, and shown as they are."""

from dataclasses import replace
from unittest.mock import patch

import probatio
import pytest
from pytest_homeassistant_custom_component.common import (
    async_mock_restore_state_shutdown_restart,
    mock_restore_cache_with_extra_data,
    snapshot_platform,
)

from custom_components.iot_clouds.model import (
    Act,
    Bolting,
    CloudRejected,
    CloudUnreachable,
    Fan,
    Latch,
    Light,
    Motion,
    Opening,
    Point,
    Ref,
    SetPoint,
    Update,
    Verb,
)
from homeassistant.const import Platform
from homeassistant.core import State
from homeassistant.exceptions import (
    HomeAssistantError,
    ServiceNotSupported,
    ServiceValidationError,
)
from homeassistant.helpers import entity_registry as er

from .controls import panel
from .fake import reading
from .moving import (
    AWNING,
    BLIND,
    DOOR,
    ENTITIES,
    GARAGE,
    HEATER,
    MIXER,
    OPENER,
    POINTS,
    PUMP,
    ROOF,
    TAP,
    VENT,
    house,
    house_values,
)


@pytest.fixture
def cloud(cloud):
    """The fake cloud, with the house."""
    cloud.devices = {"house-1": house()}
    cloud.readings = house_values()
    return cloud


@pytest.fixture
def call(hass):
    """Call an action for one entity."""

    async def call(action: str, entity_id: str, **data) -> None:
        domain, service = action.split(".")
        await hass.services.async_call(
            domain, service, {"entity_id": entity_id, **data}, blocking=True
        )

    return call


async def _load(hass, entry) -> None:
    await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()


def _shown(hass, ref):
    """State, and what matters of the attributes."""
    state = hass.states.get(ENTITIES[ref])
    return state.state, {
        key: value
        for key, value in state.attributes.items()
        if key in {"current_position", "is_closed", "percentage", "assumed_state"}
    }


@pytest.mark.parametrize(
    "platform", [Platform.COVER, Platform.FAN, Platform.LOCK, Platform.VALVE]
)
async def test_moving_things_of_a_platform(hass, entry, cloud, snapshot, platform):
    with patch("custom_components.iot_clouds.PLATFORMS", (platform,)):
        await _load(hass, entry)
        await snapshot_platform(hass, er.async_get(hass), snapshot, entry.entry_id)


# ---- what is told

# Action, entity, data; what is told, in this order.
TOLD = [
    ("cover.open_cover", GARAGE, {}, [(Verb.OPEN, None)]),
    ("cover.close_cover", GARAGE, {}, [(Verb.CLOSE, None)]),
    ("cover.stop_cover", GARAGE, {}, [(Verb.STOP, None)]),
    ("cover.toggle", GARAGE, {}, [(Verb.OPEN, None)]),
    ("cover.toggle", BLIND, {}, [(Verb.SET_POSITION, 0)]),
    ("cover.open_cover", BLIND, {}, [(Verb.SET_POSITION, 100)]),
    ("cover.close_cover", BLIND, {}, [(Verb.SET_POSITION, 0)]),
    ("cover.set_cover_position", BLIND, {"position": 35}, [(Verb.SET_POSITION, 35)]),
    ("cover.open_cover", AWNING, {}, [(Verb.OPEN, None)]),
    ("cover.close_cover", AWNING, {}, [(Verb.CLOSE, None)]),
    ("cover.set_cover_position", AWNING, {"position": 1}, [(Verb.SET_POSITION, 1)]),
    ("valve.open_valve", TAP, {}, [(Verb.OPEN, None)]),
    ("valve.close_valve", TAP, {}, [(Verb.CLOSE, None)]),
    ("valve.toggle", TAP, {}, [(Verb.CLOSE, None)]),
    ("valve.open_valve", MIXER, {}, [(Verb.OPEN, None)]),
    ("valve.close_valve", MIXER, {}, [(Verb.CLOSE, None)]),
    ("valve.stop_valve", MIXER, {}, [(Verb.STOP, None)]),
    ("valve.set_valve_position", MIXER, {"position": 55}, [(Verb.SET_POSITION, 55)]),
    ("valve.open_valve", HEATER, {}, [(Verb.SET_POSITION, 100)]),
    ("valve.close_valve", HEATER, {}, [(Verb.SET_POSITION, 0)]),
    ("valve.set_valve_position", HEATER, {"position": 99}, [(Verb.SET_POSITION, 99)]),
    ("lock.lock", DOOR, {}, [(Verb.LOCK, None)]),
    ("lock.unlock", DOOR, {}, [(Verb.UNLOCK, None)]),
    ("lock.open", DOOR, {}, [(Verb.UNLATCH, None)]),
    ("lock.unlock", OPENER, {}, [(Verb.UNLOCK, None)]),
    ("fan.turn_on", VENT, {}, [(Verb.ON, None)]),
    ("fan.turn_on", VENT, {"percentage": 50}, [(Verb.ON, None)]),
    ("fan.turn_off", VENT, {}, [(Verb.OFF, None)]),
    ("fan.toggle", VENT, {}, [(Verb.ON, None)]),
    ("fan.turn_on", ROOF, {}, [(Verb.ON, None)]),
    ("fan.turn_on", ROOF, {"percentage": 60}, [(Verb.SET_SPEED, 60)]),
    ("fan.turn_on", ROOF, {"percentage": 0}, [(Verb.OFF, None)]),
    ("fan.set_percentage", ROOF, {"percentage": 10}, [(Verb.SET_SPEED, 10)]),
    ("fan.set_percentage", ROOF, {"percentage": 0}, [(Verb.OFF, None)]),
    ("fan.increase_speed", ROOF, {"percentage_step": 7}, [(Verb.SET_SPEED, 47)]),
    ("fan.decrease_speed", ROOF, {"percentage_step": 50}, [(Verb.OFF, None)]),
    ("fan.toggle", ROOF, {}, [(Verb.OFF, None)]),
    ("fan.turn_on", PUMP, {}, [(Verb.SET_SPEED, 75)]),
    ("fan.turn_on", PUMP, {"percentage": 50}, [(Verb.SET_SPEED, 50)]),
    ("fan.turn_off", PUMP, {}, [(Verb.SET_SPEED, 0)]),
    ("fan.increase_speed", PUMP, {}, [(Verb.SET_SPEED, 25)]),
]


@pytest.mark.parametrize(("action", "ref", "data", "told"), TOLD)
async def test_each_action_tells_the_device_once_what_it_has_words_for(
    hass, cloud, loaded, call, action, ref, data, told
):
    await call(action, ENTITIES[ref], **data)
    assert cloud.commands == [
        Act(ref=ref, verb=verb, value=value) for verb, value in told
    ]


@pytest.mark.parametrize(("action", "ref", "data", "told"), TOLD)
async def test_an_action_that_fails_says_so_and_shows_what_it_showed(
    hass, cloud, loaded, call, action, ref, data, told
):
    before = hass.states.get(ENTITIES[ref])
    cloud.error = CloudUnreachable("no route")
    with pytest.raises(HomeAssistantError) as caught:
        await call(action, ENTITIES[ref], **data)
    assert caught.value.translation_key == "unreachable"
    assert len(cloud.commands) == 1
    after = hass.states.get(ENTITIES[ref])
    assert (after.state, after.attributes) == (before.state, before.attributes)


async def test_a_fan_that_is_off_is_switched_on_before_it_gets_its_speed(
    hass, cloud, entry, call
):
    cloud.readings[ROOF] = reading(Fan(on=False, speed=40))
    await _load(hass, entry)
    await call("fan.set_percentage", ENTITIES[ROOF], percentage=60)
    assert cloud.commands == [
        Act(ref=ROOF, verb=Verb.ON),
        Act(ref=ROOF, verb=Verb.SET_SPEED, value=60),
    ]
    assert _shown(hass, ROOF) == ("on", {"percentage": 60})


async def test_a_fan_that_is_on_but_refuses_the_speed_is_shown_on(
    hass, cloud, entry, call
):
    cloud.readings[ROOF] = reading(Fan(on=False, speed=40))
    await _load(hass, entry)
    execute = cloud.execute

    async def refuse_speed(command):
        await execute(command)
        if command.verb is Verb.SET_SPEED:
            raise CloudRejected("too fast")

    with (
        patch.object(cloud, "execute", refuse_speed),
        pytest.raises(HomeAssistantError) as caught,
    ):
        await call("fan.turn_on", ENTITIES[ROOF], percentage=100)
    assert caught.value.translation_key == "rejected"
    assert _shown(hass, ROOF) == ("on", {"percentage": 40})


@pytest.mark.parametrize("known", [Fan(on=False), Fan(on=False, speed=0), None])
async def test_a_fan_without_a_last_speed_gets_full_speed(
    hass, cloud, entry, call, known
):
    cloud.readings[PUMP] = reading(known)
    await _load(hass, entry)
    await call("fan.turn_on", ENTITIES[PUMP])
    assert cloud.commands == [Act(ref=PUMP, verb=Verb.SET_SPEED, value=100)]


@pytest.mark.parametrize(
    ("action", "ref", "data"),
    [
        ("cover.set_cover_position", BLIND, {"position": 101}),
        ("cover.set_cover_position", BLIND, {"position": -1}),
        ("valve.set_valve_position", MIXER, {"position": 101}),
        ("fan.set_percentage", ROOF, {"percentage": 101}),
        ("fan.turn_on", ROOF, {"percentage": -1}),
    ],
)
async def test_a_percentage_that_is_none_is_refused_and_not_sent(
    hass, cloud, loaded, call, action, ref, data
):
    with pytest.raises(probatio.Invalid):
        await call(action, ENTITIES[ref], **data)
    assert cloud.commands == []


@pytest.mark.parametrize(
    ("action", "ref", "data"),
    [
        ("cover.stop_cover", BLIND, {}),
        ("cover.set_cover_position", GARAGE, {"position": 5}),
        ("valve.stop_valve", TAP, {}),
        ("valve.set_valve_position", TAP, {"position": 5}),
        ("lock.open", OPENER, {}),
        ("fan.set_percentage", VENT, {"percentage": 5}),
    ],
)
async def test_what_a_device_has_no_words_for_is_not_offered(
    hass, cloud, loaded, call, action, ref, data
):
    with pytest.raises(ServiceNotSupported):
        await call(action, ENTITIES[ref], **data)
    assert cloud.commands == []


async def test_a_lock_that_can_only_be_unlocked_says_so(hass, cloud, loaded, call):
    with pytest.raises(ServiceValidationError) as caught:
        await call("lock.lock", ENTITIES[OPENER])
    assert caught.value.translation_key == "no_such_verb"
    assert caught.value.translation_placeholders == {"entity": "lock.house_opener"}
    assert cloud.commands == []


async def test_a_device_that_is_given_more_words_offers_more(hass, cloud, loaded, call):
    points = {point.key: point for point in POINTS}
    points[OPENER.key] = replace(
        points[OPENER.key], verbs=(Verb.UNLOCK, Verb.LOCK, Verb.UNLATCH)
    )
    points[TAP.key] = replace(points[TAP.key], verbs=(Verb.SET_POSITION,))
    cloud.devices = {"house-1": replace(house(), points=points)}
    await loaded.runtime_data.coordinator.async_refresh()
    await hass.async_block_till_done()
    await call("lock.lock", ENTITIES[OPENER])
    await call("lock.open", ENTITIES[OPENER])
    await call("valve.set_valve_position", ENTITIES[TAP], position=5)
    assert cloud.commands == [
        Act(ref=OPENER, verb=Verb.LOCK),
        Act(ref=OPENER, verb=Verb.UNLATCH),
        Act(ref=TAP, verb=Verb.SET_POSITION, value=5),
    ]


# ---- what is shown


def _at(position, closed):
    return {"current_position": position, "is_closed": closed}


@pytest.mark.parametrize(
    ("opening", "state", "position", "closed"),
    [
        (Opening(closed=True), "closed", None, True),
        (Opening(closed=False), "open", None, False),
        (Opening(position=0), "closed", 0, True),
        (Opening(position=0.4), "closed", 0, True),
        (Opening(position=0.6), "open", 1, False),
        (Opening(position=100), "open", 100, False),
        (Opening(position=-3), "closed", 0, True),
        (Opening(position=103.5), "open", 100, False),
        (Opening(position=float("inf")), "open", 100, False),
        (Opening(position=float("nan")), "unknown", None, None),
        (Opening(position=4, closed=True), "closed", 0, True),
        (Opening(position=0, closed=False), "open", 1, False),
        (Opening(position=40, closed=False), "open", 40, False),
        (Opening(), "unknown", None, None),
        (Opening(closed=True, motion=Motion.OPENING), "opening", None, True),
        (Opening(position=50, motion=Motion.CLOSING), "closing", 50, False),
        (Opening(motion=Motion.CLOSING), "closing", None, None),
    ],
)
@pytest.mark.parametrize("ref", [AWNING, MIXER])
async def test_a_door_or_a_valve_is_shown_as_its_source_tells(
    hass, cloud, entry, ref, opening, state, position, closed
):
    cloud.readings[ref] = reading(opening)
    await _load(hass, entry)
    expected = _at(position, closed)
    if position is None:
        del expected["current_position"]
    assert _shown(hass, ref) == (state, expected)


@pytest.mark.parametrize(
    ("latch", "state"),
    [
        (Latch(locked=True), "locked"),
        (Latch(locked=False), "unlocked"),
        (Latch(locked=False, motion=Bolting.LOCKING), "locking"),
        (Latch(locked=True, motion=Bolting.UNLOCKING), "unlocking"),
        (Latch(locked=False, motion=Bolting.LOCKING, jammed=True), "jammed"),
        (Latch(jammed=True), "jammed"),
        (Latch(), "unknown"),
    ],
)
async def test_a_lock_is_shown_as_its_source_tells(hass, cloud, entry, latch, state):
    cloud.readings[DOOR] = reading(latch)
    await _load(hass, entry)
    assert hass.states.get(ENTITIES[DOOR]).state == state


@pytest.mark.parametrize(
    ("fan", "state", "percentage"),
    [
        (Fan(on=True, speed=33.4), "on", 33),
        (Fan(on=True, speed=120), "on", 100),
        (Fan(on=True), "on", None),
        (Fan(on=True, speed=float("nan")), "on", None),
        (Fan(on=False, speed=40), "off", 0),
        (Fan(on=False), "off", 0),
    ],
)
async def test_a_fan_is_shown_as_its_source_tells(
    hass, cloud, entry, fan, state, percentage
):
    cloud.readings[ROOF] = reading(fan)
    await _load(hass, entry)
    assert _shown(hass, ROOF) == (state, {"percentage": percentage})


async def test_a_fan_with_steps_says_how_large_they_are(hass, loaded):
    steps = {
        ref: hass.states.get(ENTITIES[ref]).attributes.get("percentage_step")
        for ref in (VENT, ROOF, PUMP)
    }
    assert steps == {VENT: None, ROOF: 1.0, PUMP: 25.0}


@pytest.mark.parametrize("value", [None, True, 5, "open"])
async def test_what_is_no_state_of_its_kind_is_unknown(hass, cloud, entry, value):
    cloud.readings = {ref: reading(value) for ref in ENTITIES}
    await _load(hass, entry)
    assert {ref: hass.states.get(name).state for ref, name in ENTITIES.items()} == (
        dict.fromkeys(ENTITIES, "unknown")
    )


async def test_a_class_that_home_assistant_does_not_know_is_left_out(
    hass, cloud, entry
):
    points = {point.key: replace(point, device_class="drawbridge") for point in POINTS}
    cloud.devices = {"house-1": replace(house(), points=points)}
    await _load(hass, entry)
    assert hass.states.get(ENTITIES[GARAGE]).state == "closed"
    assert "device_class" not in hass.states.get(ENTITIES[GARAGE]).attributes
    assert "device_class" not in hass.states.get(ENTITIES[TAP]).attributes
    assert hass.states.get(ENTITIES[DOOR]).state == "locked"


async def test_moving_things_are_unavailable_while_their_board_is_away(
    hass, cloud, loaded, until
):
    cloud.feed.queue.put_nowait(Update(online={"house-1": False}))
    await until(
        lambda: all(
            hass.states.get(name).state == "unavailable" for name in ENTITIES.values()
        )
    )


async def test_a_state_that_is_told_again_is_not_written_again(
    hass, cloud, loaded, until
):
    before = hass.states.get(ENTITIES[GARAGE])
    cloud.feed.queue.put_nowait(
        Update(
            readings={
                GARAGE: reading(Opening(closed=True), 10),
                TAP: reading(Opening(closed=True), 10),
            }
        )
    )
    await until(lambda: hass.states.get(ENTITIES[TAP]).state == "closed")
    assert hass.states.get(ENTITIES[GARAGE]) is before
    assert before.last_reported == before.last_changed


# ---- what is assumed


@pytest.mark.parametrize(
    ("action", "ref"),
    [
        ("cover.open_cover", GARAGE),
        ("cover.close_cover", BLIND),
        ("valve.close_valve", TAP),
        ("valve.close_valve", HEATER),
        ("lock.unlock", DOOR),
        ("lock.open", DOOR),
    ],
)
async def test_what_takes_its_time_is_shown_as_its_source_says_and_no_sooner(
    hass, cloud, loaded, call, action, ref
):
    before = _shown(hass, ref)
    await call(action, ENTITIES[ref])
    assert _shown(hass, ref) == before


@pytest.mark.parametrize(
    ("action", "ref", "data", "state", "percentage"),
    [
        ("fan.turn_on", VENT, {}, "on", None),
        ("fan.turn_off", ROOF, {}, "off", 0),
        ("fan.set_percentage", ROOF, {"percentage": 10}, "on", 10),
        ("fan.set_percentage", ROOF, {"percentage": 0}, "off", 0),
        ("fan.turn_on", PUMP, {}, "on", 75),
    ],
)
async def test_a_fan_shows_its_effect_at_once(
    hass, cloud, loaded, call, action, ref, data, state, percentage
):
    await call(action, ENTITIES[ref], **data)
    assert hass.states.get(ENTITIES[ref]).state == state
    assert hass.states.get(ENTITIES[ref]).attributes.get("percentage") == percentage


async def test_a_fan_that_did_nothing_is_shown_as_the_next_listing_says(
    hass, cloud, loaded, call
):
    await call("fan.turn_off", ENTITIES[ROOF])
    await loaded.runtime_data.coordinator.async_refresh()
    await hass.async_block_till_done()
    assert _shown(hass, ROOF) == ("on", {"percentage": 40})


async def test_a_fan_that_was_stopped_by_its_speed_comes_back_with_its_last_one(
    hass, cloud, entry, call
):
    cloud.readings[PUMP] = reading(Fan(on=True, speed=50))
    await _load(hass, entry)
    await call("fan.turn_off", ENTITIES[PUMP])
    assert _shown(hass, PUMP) == ("off", {"percentage": 0})
    await call("fan.turn_on", ENTITIES[PUMP])
    assert cloud.commands[-1] == Act(ref=PUMP, verb=Verb.SET_SPEED, value=50)


@pytest.fixture
def blindly(cloud):
    """Nothing reports how the things in the house are."""
    cloud.devices = {"house-1": house(assumed=True)}
    cloud.readings = {}


ASSUMED = [
    ("cover.open_cover", GARAGE, {}, "open", {"is_closed": False}),
    ("cover.close_cover", GARAGE, {}, "closed", {"is_closed": True}),
    ("cover.stop_cover", GARAGE, {}, "open", {"is_closed": False}),
    ("cover.open_cover", AWNING, {}, "open", _at(100, False)),
    ("cover.close_cover", AWNING, {}, "closed", _at(0, True)),
    ("cover.set_cover_position", BLIND, {"position": 35}, "open", _at(35, False)),
    ("cover.set_cover_position", BLIND, {"position": 0}, "closed", _at(0, True)),
    ("valve.open_valve", TAP, {}, "open", {"is_closed": False}),
    ("valve.close_valve", TAP, {}, "closed", {"is_closed": True}),
    ("valve.set_valve_position", MIXER, {"position": 7}, "open", _at(7, False)),
    ("valve.close_valve", HEATER, {}, "closed", _at(0, True)),
    ("lock.lock", DOOR, {}, "locked", {}),
    ("lock.unlock", DOOR, {}, "unlocked", {}),
    ("lock.open", DOOR, {}, "unlocked", {}),
    ("fan.turn_on", VENT, {}, "on", {}),
    ("fan.turn_off", VENT, {}, "off", {}),
    ("fan.set_percentage", PUMP, {"percentage": 50}, "on", {"percentage": 50}),
]


@pytest.mark.parametrize(("action", "ref", "data", "state", "attributes"), ASSUMED)
async def test_what_nothing_reports_is_assumed_to_be_as_it_was_told(
    hass, cloud, blindly, loaded, call, action, ref, data, state, attributes
):
    assert hass.states.get(ENTITIES[ref]).state == "unknown"
    await call(action, ENTITIES[ref], **data)
    assert _shown(hass, ref) == (state, {**attributes, "assumed_state": True})


@pytest.mark.parametrize(("action", "ref", "data", "state", "attributes"), ASSUMED)
async def test_what_is_only_assumed_outlives_a_restart(
    hass,
    hass_storage,
    cloud,
    blindly,
    loaded,
    call,
    action,
    ref,
    data,
    state,
    attributes,
):
    await call(action, ENTITIES[ref], **data)
    # The board is away when Home Assistant stops: the state says nothing any more.
    await _leave(hass, cloud, loaded)
    restored = await async_mock_restore_state_shutdown_restart(hass)
    assert restored.last_states[ENTITIES[ref]].state.state == "unavailable"
    await _load(hass, loaded)
    assert _shown(hass, ref) == (state, {**attributes, "assumed_state": True})


async def _leave(hass, cloud, entry) -> None:
    cloud.devices = {"house-1": replace(house(assumed=True), online=False)}
    await entry.runtime_data.coordinator.async_refresh()
    await hass.async_block_till_done()
    await hass.config_entries.async_unload(entry.entry_id)
    cloud.devices = {"house-1": house(assumed=True)}


async def test_a_stop_does_not_keep_a_position_that_may_be_wrong(
    hass, cloud, blindly, loaded, call
):
    await call("cover.close_cover", ENTITIES[AWNING])
    await call("cover.stop_cover", ENTITIES[AWNING])
    assert _shown(hass, AWNING) == (
        "open",
        {"is_closed": False, "assumed_state": True},
    )


STORED_AT = "2026-11-19T12:00:00+00:00"


@pytest.mark.parametrize(
    "stored",
    [
        {},
        {"value": {"locked": True}},
        {"value": {"locked": True}, "at": "yesterday"},
        {"value": {"locked": True}, "at": None},
        {"value": {"bolted": True}, "at": STORED_AT},
        {"value": True, "at": STORED_AT},
        {"value": None, "at": STORED_AT},
    ],
)
async def test_what_was_stored_and_makes_no_sense_is_unknown(
    hass, cloud, blindly, entry, stored
):
    mock_restore_cache_with_extra_data(
        hass, [(State(ENTITIES[DOOR], "locked"), stored)]
    )
    await _load(hass, entry)
    assert hass.states.get(ENTITIES[DOOR]).state == "unknown"


async def test_what_was_stored_yields_to_what_is_reported_by_now(hass, cloud, entry):
    stored = {"value": {"locked": False}, "at": STORED_AT}
    mock_restore_cache_with_extra_data(
        hass, [(State(ENTITIES[DOOR], "unlocked"), stored)]
    )
    await _load(hass, entry)
    assert _shown(hass, DOOR) == ("locked", {})


@pytest.mark.parametrize(
    ("key", "kind", "more", "entity_id", "value", "state"),
    [
        ("level", "level", {}, "number.panel_level", 12.5, "12.5"),
        ("name", "entry", {}, "text.panel_name", "attic", "attic"),
        ("mode", "choice", {"options": ("a", "b")}, "select.panel_mode", "b", "b"),
        ("pump", "toggle", {}, "switch.panel_pump", True, "on"),
        (
            "dimmer",
            "light",
            {"dims": True},
            "light.panel_dimmer",
            Light(on=True, brightness=20),
            "on",
        ),
    ],
)
async def test_other_controls_that_nothing_reports_outlive_a_restart_too(
    hass, hass_storage, cloud, entry, key, kind, more, entity_id, value, state
):
    point = Point(
        key=f"variable/{key}",
        kind=kind,
        name=key.capitalize(),
        writable=True,
        assumed=True,
        **more,
    )
    cloud.devices = {"panel-1": panel(points={point.key: point})}
    cloud.readings = {}
    await _load(hass, entry)
    ref = Ref("panel-1", point.key)
    command = SetPoint(ref=ref, value=value)
    await entry.runtime_data.coordinator.async_execute(command)
    before = hass.states.get(entity_id)
    assert before.state == state
    await hass.config_entries.async_unload(entry.entry_id)
    await async_mock_restore_state_shutdown_restart(hass)
    await _load(hass, entry)
    after = hass.states.get(entity_id)
    assert (after.state, after.attributes) == (before.state, before.attributes)
    assert after.attributes["assumed_state"] is True
