"""Every kind of entity that a user can define: its states, its commands, its truth."""

from types import MappingProxyType

import pytest

from custom_components.iot_clouds.model import (
    Call,
    CloudUnreachable,
    Event,
    Kind,
    Point,
    Publish,
    Ref,
    Send,
    SetPoint,
    Update,
)
from homeassistant.config_entries import ConfigSubentry
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import device_registry as dr, entity_registry as er
from homeassistant.util import dt as dt_util

from .fake import board, reading

STATUS = Ref("board-1", "variable/status")
OPEN = {"call": {"function": "door", "argument": "open"}}
CLOSE = {"call": {"function": "door", "argument": "close"}}
STATUS_POINT = Point(key="variable/status", kind=Kind.TEXT, name="Status")


@pytest.fixture(autouse=True)
def _status(cloud):
    """A board that tells everything in one text."""
    plain = board()
    cloud.devices = {
        "board-1": board(points={**plain.points, STATUS.key: STATUS_POINT})
    }


@pytest.fixture
def define(hass, loaded):
    async def define(document, name="Thing"):
        subentry = ConfigSubentry(
            data=MappingProxyType({"device": "board-1", **document}),
            subentry_type="mapping",
            title=name,
            unique_id=None,
        )
        hass.config_entries.async_add_subentry(loaded, subentry)
        await hass.async_block_till_done()
        return subentry

    return define


@pytest.fixture
def push(hass, cloud, until):
    """Have the board tell its status, and wait until that was taken."""
    count = 0

    async def push(raw):
        nonlocal count
        count += 1
        mark = f"mark {count}"
        readings = {
            STATUS: reading(raw, count),
            Ref("board-1", "variable/note"): reading(mark, count),
        }
        cloud.feed.queue.put_nowait(Update(readings=readings))
        await until(lambda: hass.states.get("sensor.shed_note").state == mark)

    return push


def state(path="", **more):
    return {"source": {"point": STATUS.key}, "path": path, **more}


async def call(hass, domain, action, **data):
    await hass.services.async_call(
        domain, action, {"entity_id": f"{domain}.shed_thing", **data}, blocking=True
    )


STATES = [
    (
        {
            "platform": "sensor",
            "state": state("/t", scale=0.1, offset=-40),
            "classes": {
                "device_class": "temperature",
                "unit": "°C",
                "state_class": "measurement",
            },
        },
        [('{"t": 615}', "21.5"), ("{}", "unknown"), ('{"t": "x"}', "unknown")],
    ),
    (
        {
            "platform": "sensor",
            "state": state("/at"),
            "classes": {"device_class": "timestamp"},
        },
        [
            ('{"at": "2026-11-20T10:00:00+01:00"}', "2026-11-20T09:00:00+00:00"),
            ('{"at": 1795176000}', "2026-11-20T12:00:00+00:00"),
        ],
    ),
    (
        {
            "platform": "text_sensor",
            "state": state("/0", map={"0": "idle", "1": "busy"}),
        },
        [("0,5", "idle"), ("1,5", "busy"), ("2,5", "unknown")],
    ),
    (
        {
            "platform": "binary_sensor",
            "state": state("/door"),
            "classes": {"device_class": "door"},
        },
        [("door=open", "on"), ("door=closed", "off"), ("door=?", "unknown")],
    ),
    (
        {
            "platform": "number",
            "state": state("/set", scale=0.1),
            "limits": {"min": 5, "max": 30, "step": 0.5},
            "commands": {"set": {"call": {"function": "set", "argument": "{value}"}}},
        },
        [('{"set": 215}', "21.5"), ('{"set": null}', "unknown")],
    ),
    (
        {
            "platform": "select",
            "state": state("/mode", map={"0": "Off", "1": "Eco"}),
            "commands": {"set": {"call": {"function": "mode", "argument": "{value}"}}},
        },
        [('{"mode": 0}', "Off"), ('{"mode": "1"}', "Eco"), ('{"mode": 7}', "unknown")],
    ),
    (
        {
            "platform": "text",
            "state": state("/name"),
            "commands": {
                "set": {"send": {"type": "name", "options": {"to": "{value}"}}}
            },
        },
        [('{"name": "hall"}', "hall")],
    ),
    (
        {
            "platform": "light",
            "state": state("/on"),
            "level": state("/pwm", scale=100 / 255),
            "commands": {
                "on": {"call": {"function": "led", "argument": "on"}},
                "off": {"call": {"function": "led", "argument": "off"}},
                "set_brightness": {"call": {"function": "led", "argument": "{value}"}},
            },
        },
        [('{"on": 1, "pwm": 51}', "on"), ('{"on": 0, "pwm": 51}', "off")],
    ),
    (
        {
            "platform": "cover",
            "state": state("/door", map={"o": "open", "c": "closed", "x": "closing"}),
            "commands": {"open": OPEN, "close": CLOSE},
            "classes": {"device_class": "garage"},
        },
        [
            ('{"door": "o"}', "open"),
            ('{"door": "x"}', "closing"),
            ('{"door": "c"}', "closed"),
            ('{"door": "?"}', "unknown"),
        ],
    ),
    (
        {
            "platform": "cover",
            "level": state("/pos"),
            "commands": {
                "open": OPEN,
                "close": CLOSE,
                "set_position": {"call": {"function": "door", "argument": "{value}"}},
            },
        },
        [('{"pos": 40}', "open"), ('{"pos": 0}', "closed")],
    ),
    (
        {
            "platform": "valve",
            "state": state(),
            "commands": {"open": OPEN, "close": CLOSE},
        },
        [("open", "open"), ("closed", "closed"), ("opening", "opening")],
    ),
    (
        {
            "platform": "lock",
            "state": state(map={"L": "locked", "U": "unlocked", "J": "jammed"}),
            "commands": {"lock": OPEN, "unlock": CLOSE},
        },
        [("L", "locked"), ("U", "unlocked"), ("J", "jammed"), ("?", "unknown")],
    ),
    (
        {
            "platform": "fan",
            "state": state("/fan"),
            "level": state("/rpm", scale=0.05),
            "commands": {
                "on": OPEN,
                "off": CLOSE,
                "set_speed": {"call": {"function": "fan", "argument": "{value}"}},
            },
        },
        [('{"fan": true, "rpm": 1000}', "on"), ('{"fan": false, "rpm": 0}', "off")],
    ),
]


@pytest.mark.parametrize(("document", "said"), STATES)
async def test_what_a_board_says_becomes_a_state(hass, define, push, document, said):
    await define(document)
    domain = document["platform"].replace("text_sensor", "sensor")
    for raw, shown in said:
        await push(raw)
        assert hass.states.get(f"{domain}.shed_thing").state == shown


async def test_attributes_tell_classes_limits_options_and_levels(hass, define, push):
    for number, (document, said) in enumerate(STATES):
        await define(document, f"Thing {number}")
        await push(said[0][0])
        [found] = [
            each
            for each in hass.states.async_all()
            if each.attributes.get("friendly_name") == f"Shed Thing {number}"
        ]
        match document["platform"]:
            case "sensor" if "unit" in document["classes"]:
                assert found.attributes["unit_of_measurement"] == "°C"
                assert found.attributes["state_class"] == "measurement"
            case "number":
                assert found.attributes["min"] == 5
                assert found.attributes["max"] == 30
                assert found.attributes["step"] == 0.5
            case "select":
                assert found.attributes["options"] == ["Off", "Eco"]
            case "light":
                assert found.attributes["brightness"] == 51
            case "cover" if "level" in document:
                assert found.attributes["current_position"] == 40
            case "cover":
                assert found.attributes["device_class"] == "garage"
            case "fan":
                assert found.attributes["percentage"] == 50


COMMANDS = [
    (
        STATES[4][0],
        '{"set": 215}',
        [
            (
                "set_value",
                {"value": 22.5},
                Call(device_id="board-1", function="set", argument="225"),
            )
        ],
    ),
    (
        STATES[5][0],
        '{"mode": 0}',
        [
            (
                "select_option",
                {"option": "Eco"},
                Call(device_id="board-1", function="mode", argument="1"),
            )
        ],
    ),
    (
        STATES[6][0],
        '{"name": "hall"}',
        [
            (
                "set_value",
                {"value": "attic"},
                Send(device_id="board-1", type="name", options={"to": "attic"}),
            )
        ],
    ),
    (
        STATES[7][0],
        '{"on": 0, "pwm": 51}',
        [
            ("turn_on", {}, Call(device_id="board-1", function="led", argument="on")),
            (
                "turn_on",
                {"brightness": 255},
                Call(device_id="board-1", function="led", argument="255"),
            ),
            ("turn_off", {}, Call(device_id="board-1", function="led", argument="off")),
        ],
    ),
    (
        STATES[9][0],
        '{"pos": 40}',
        [
            (
                "open_cover",
                {},
                Call(device_id="board-1", function="door", argument="open"),
            ),
            (
                "close_cover",
                {},
                Call(device_id="board-1", function="door", argument="close"),
            ),
            (
                "set_cover_position",
                {"position": 25},
                Call(device_id="board-1", function="door", argument="25"),
            ),
        ],
    ),
    (
        STATES[11][0],
        "U",
        [
            ("lock", {}, Call(device_id="board-1", function="door", argument="open")),
            (
                "unlock",
                {},
                Call(device_id="board-1", function="door", argument="close"),
            ),
        ],
    ),
    (
        STATES[12][0],
        '{"fan": false, "rpm": 0}',
        [
            (
                "turn_on",
                {},
                Call(device_id="board-1", function="door", argument="open"),
            ),
            (
                "set_percentage",
                {"percentage": 30},
                Call(device_id="board-1", function="fan", argument="600"),
            ),
            (
                "turn_off",
                {},
                Call(device_id="board-1", function="door", argument="close"),
            ),
        ],
    ),
]


@pytest.mark.parametrize(("document", "raw", "told"), COMMANDS)
async def test_what_a_person_does_becomes_a_command_in_the_boards_words(
    hass, cloud, define, push, document, raw, told
):
    await define(document)
    await push(raw)
    for action, data, command in told:
        cloud.commands.clear()
        await call(hass, document["platform"], action, **data)
        assert cloud.commands == [command]


@pytest.mark.parametrize(("document", "raw", "told"), COMMANDS)
async def test_a_command_that_fails_changes_nothing_and_says_so(
    hass, cloud, define, push, document, raw, told
):
    await define(document)
    await push(raw)
    entity_id = f"{document['platform']}.shed_thing"
    before = hass.states.get(entity_id)
    cloud.error = CloudUnreachable("no route")
    for action, data, _ in told[:1]:
        with pytest.raises(HomeAssistantError):
            await call(hass, document["platform"], action, **data)
    assert hass.states.get(entity_id) == before


async def test_a_door_that_does_not_close_in_time_is_an_error_and_stays_open(
    hass, cloud, define, push
):
    await define({**STATES[8][0], "confirm": 0.05})
    await push('{"door": "o"}')
    with pytest.raises(HomeAssistantError) as failed:
        await call(hass, "cover", "close_cover")
    assert failed.value.translation_key == "not_confirmed"
    assert hass.states.get("cover.shed_thing").state == "open"


async def test_a_door_that_closes_in_time_is_confirmed_by_its_source(
    hass, cloud, define, push
):
    await define({**STATES[8][0], "confirm": 60})
    await push('{"door": "o"}')
    closing = hass.async_create_task(call(hass, "cover", "close_cover"))
    while not cloud.commands:
        await push('{"door": "o"}')
    await push('{"door": "x"}')
    assert not closing.done()
    await push('{"door": "c"}')
    await closing
    assert hass.states.get("cover.shed_thing").state == "closed"


async def test_without_a_source_the_end_is_assumed(hass, cloud, define):
    await define({"platform": "cover", "commands": {"open": OPEN, "close": CLOSE}})
    assert hass.states.get("cover.shed_thing").attributes["assumed_state"] is True
    await call(hass, "cover", "open_cover")
    assert hass.states.get("cover.shed_thing").state == "open"
    await call(hass, "cover", "close_cover")
    assert hass.states.get("cover.shed_thing").state == "closed"


async def test_a_position_in_a_text_moves_a_tracker(hass, define, push):
    await define({"platform": "device_tracker", "state": state("/loc")})
    await push('{"loc": {"lat": 45.07, "lon": 7.68, "acc": 12}}')
    found = hass.states.get("device_tracker.shed_thing")
    assert found.attributes["latitude"] == 45.07
    assert found.attributes["longitude"] == 7.68


def _happen(cloud, name, data):
    event = Event(
        device_id="board-1",
        name=name,
        data=data,
        at=dt_util.utcnow(),
        id=f"{name} {data}",
    )
    cloud.feed.queue.put_nowait(Update(events=(event,)))


async def test_events_become_events_of_their_own_and_states(hass, cloud, define, until):
    bell = {"platform": "event", "state": {"source": {"event": "bell"}}}
    await define(bell, "Bell")
    remote = {
        "platform": "event",
        "state": {
            "source": {"event": "remote"},
            "path": "/key",
            "map": {"1": "single", "2": "double"},
        },
    }
    await define(remote, "Remote")
    last = {
        "platform": "text_sensor",
        "state": {"source": {"event": "remote"}, "path": "/key"},
    }
    await define(last, "Last key")

    _happen(cloud, "other", "x")
    _happen(cloud, "bell", "ding")
    await until(lambda: hass.states.get("event.shed_bell").state != "unknown")
    rung = hass.states.get("event.shed_bell")
    assert rung.attributes["event_type"] == "published"
    assert rung.attributes["data"] == "ding"
    assert hass.states.get("event.shed_remote").state == "unknown"

    _happen(cloud, "remote", '{"key": 2}')
    await until(lambda: hass.states.get("sensor.shed_last_key").state == "2")
    pressed = hass.states.get("event.shed_remote")
    assert pressed.attributes["event_types"] == ["single", "double"]
    assert pressed.attributes["event_type"] == "double"
    _happen(cloud, "remote", '{"key": 3}')
    await until(lambda: hass.states.get("sensor.shed_last_key").state == "3")
    assert hass.states.get("event.shed_remote") == pressed


async def test_a_write_to_another_variable_and_a_publish_are_commands_too(
    hass, cloud, define
):
    await define(
        {
            "platform": "switch",
            "commands": {
                "on": {"set": {"point": "variable/pump", "value": True}},
                "off": {"publish": {"name": "pump", "data": "off"}},
            },
        }
    )
    await call(hass, "switch", "turn_on")
    await call(hass, "switch", "turn_off")
    assert cloud.commands == [
        SetPoint(ref=Ref("board-1", "variable/pump"), value=True),
        Publish(name="pump", data="off"),
    ]


@pytest.mark.parametrize(("document", "said"), STATES)
async def test_removing_it_leaves_the_board_and_everything_else(
    hass, loaded, define, document, said
):
    entities = er.async_get(hass)
    before = {each.entity_id for each in entities.entities.values()}
    shed = dr.async_get(hass).async_get_device_by_identifier(
        ("iot_clouds", "board-1"), loaded.entry_id
    )
    subentry = await define(document)
    [made] = {each.entity_id for each in entities.entities.values()} - before
    assert entities.async_get(made).device_id == shed.id
    hass.config_entries.async_remove_subentry(loaded, subentry.subentry_id)
    await hass.async_block_till_done()
    assert {each.entity_id for each in entities.entities.values()} == before
    assert dr.async_get(hass).async_get(shed.id) == shed
