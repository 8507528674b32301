"""Every kind of entity is made in the flow, hears its board, commands it, changes and goes.

What a person picks and types is in the table, by the title of what is asked: the steps
of the flow, and for commands what the entity can be told. Everything else in a form is
left as it is filled in.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from custom_components.iot_clouds.mappings import SHAPES
from homeassistant.config_entries import SOURCE_RECONFIGURE, SOURCE_USER
from homeassistant.helpers import device_registry as dr, entity_registry as er
from simulated_clouds.boards.particle import carport

type Answers = Mapping[str, Mapping[str, Any]]
type Said = tuple[str, Mapping[str, Any]]
"""What the board says, and the state and attributes that this makes."""
type Act = tuple[str, Mapping[str, Any], Mapping[str, str]]
"""An action with its data, and what the board receives."""

STATUS = {"source": "point:variable/status"}
PERCENT = 100 / 255


@dataclass(frozen=True, kw_only=True)
class Case:
    """One kind of entity, made by `made` and changed by `changed`.

    `first`, `second` and `last` are said before it is made, after it was told something,
    and after it was changed.
    """

    made: Answers
    first: Said
    second: Said
    changed: Answers
    last: Said
    acts: tuple[Act, ...] = ()
    acts_then: tuple[Act, ...] = ()
    source: Mapping[str, str] = field(default_factory=lambda: STATUS)


def order(argument: str) -> dict[str, str]:
    """The answer that makes a command: a call with this argument."""
    return {"function": "order", "argument": argument}


CASES = {
    "sensor": Case(
        first=('{"temp": 21.5, "hum": 40}', {"state": "21.5"}),
        made={"proposals": {"proposals": ["Temperature: 21.5 °C?"]}},
        second=(
            '{"temp": 22, "hum": 40}',
            {
                "state": "22",
                "unit_of_measurement": "°C",
                "device_class": "temperature",
                "state_class": "measurement",
            },
        ),
        changed={
            "entity": {"path": "/hum", "device_class": "humidity", "unit": "%"},
        },
        last=(
            '{"temp": 22, "hum": 41}',
            {"state": "41", "unit_of_measurement": "%", "device_class": "humidity"},
        ),
    ),
    "text_sensor": Case(
        first=('{"mode": "eco"}', {"state": "eco"}),
        made={"proposals": {"proposals": ["Mode: eco"]}},
        second=('{"mode": "boost"}', {"state": "boost"}),
        changed={"source": {"source": "event:status"}, "entity": {"path": "/reason"}},
        last=('{"mode": "boost", "reason": "frost"}', {"state": "frost"}),
    ),
    "binary_sensor": Case(
        first=('{"rain": true}', {"state": "on"}),
        made={"proposals": {"proposals": ["Rain: on"]}},
        second=('{"rain": false}', {"state": "off"}),
        changed={"entity": {"inverted": True, "device_class": "moisture"}},
        last=('{"rain": true}', {"state": "off", "device_class": "moisture"}),
    ),
    "device_tracker": Case(
        first=(
            '{"at": {"lat": 45.07, "lon": 7.68}}',
            {"latitude": 45.07, "longitude": 7.68},
        ),
        made={"proposals": {"proposals": ["At: 45.07, 7.68"]}},
        second=(
            '{"at": {"lat": 45.1, "lon": 7.7}}',
            {"state": "not_home", "latitude": 45.1, "longitude": 7.7},
        ),
        changed={"entity": {"path": "/next"}},
        last=(
            '{"at": {"lat": 45.1, "lon": 7.7}, "next": {"lat": 44.4, "lon": 8.9}}',
            {"latitude": 44.4, "longitude": 8.9},
        ),
    ),
    "event": Case(
        source={"source": "event:status"},
        first=('{"key": "up"}', {"state": "unknown", "event_types": ["up", "down"]}),
        made={"entity": {"path": "/key", "options": ["up", "down"]}},
        second=('{"key": "down"}', {"event_type": "down", "name": "status"}),
        changed={
            "entity": {
                "map": {"up": "raised", "down": "lowered"},
                "options": ["raised", "lowered"],
            }
        },
        last=(
            '{"key": "up"}',
            {"event_type": "raised", "event_types": ["raised", "lowered"]},
        ),
    ),
    "button": Case(
        source={"source": "none"},
        first=("idle", {"state": "unknown"}),
        made={
            "entity": {"way": "publish"},
            "Press": {"event": "carport/horn", "data": "short"},
        },
        acts=(("press", {}, {"event": "carport/horn", "data": "short"}),),
        second=("busy", {"friendly_name": "Carport Own"}),
        changed={"Press": {"data": "long"}},
        last=("idle", {"friendly_name": "Carport Renamed"}),
        acts_then=(("press", {}, {"event": "carport/horn", "data": "long"}),),
    ),
    "switch": Case(
        first=('{"pump": 0}', {"state": "off"}),
        made={
            "entity": {"path": "/pump", "way": "call"},
            "Turn on": order("pump on"),
            "Turn off": order("pump off"),
        },
        acts=(("turn_on", {}, order("pump on")), ("turn_off", {}, order("pump off"))),
        second=('{"pump": 1}', {"state": "on"}),
        changed={
            "entity": {"map": {}, "inverted": True, "device_class": "outlet"},
            "Turn off": order("pump away"),
        },
        last=('{"pump": 0}', {"state": "on", "device_class": "outlet"}),
        acts_then=(
            ("turn_off", {}, order("pump away")),
            ("turn_on", {}, order("pump on")),
        ),
    ),
    "number": Case(
        first=('{"target": 205}', {"state": "20.5", "min": 5, "max": 30, "step": 0.5}),
        made={
            "entity": {
                "path": "/target",
                "scale": 0.1,
                "min": 5,
                "max": 30,
                "step": 0.5,
                "unit": "°C",
                "device_class": "temperature",
                "way": "call",
            },
            "Set the value": order("target={whole}"),
        },
        acts=(("set_value", {"value": 22.5}, order("target=225")),),
        second=('{"target": 210}', {"state": "21.0", "unit_of_measurement": "°C"}),
        changed={"entity": {"scale": 0.05, "max": 25}},
        last=('{"target": 200}', {"state": "10.0", "max": 25}),
        acts_then=(("set_value", {"value": 20}, order("target=400")),),
    ),
    "select": Case(
        first=('{"mode": 1}', {"state": "Eco", "options": ["Off", "Eco"]}),
        made={
            "entity": {
                "path": "/mode",
                "map": {"0": "Off", "1": "Eco"},
                "options": ["Off", "Eco"],
                "way": "call",
            },
            "Set the value": order("mode={value}"),
        },
        acts=(("select_option", {"option": "Off"}, order("mode=0")),),
        second=('{"mode": 0}', {"state": "Off"}),
        changed={
            "entity": {
                "map": {"0": "Off", "1": "Eco", "2": "Boost"},
                "options": ["Off", "Eco", "Boost"],
            }
        },
        last=('{"mode": 2}', {"state": "Boost", "options": ["Off", "Eco", "Boost"]}),
        acts_then=(("select_option", {"option": "Eco"}, order("mode=1")),),
    ),
    "text": Case(
        first=('{"note": "oil"}', {"state": "oil"}),
        made={
            "entity": {"path": "/note", "way": "call"},
            "Set the value": order("note {value}"),
        },
        acts=(("set_value", {"value": "sweep"}, order("note sweep")),),
        second=('{"note": "paint"}', {"state": "paint"}),
        changed={"entity": {"path": "/sign"}, "Set the value": order("sign {value}")},
        last=('{"note": "paint", "sign": "closed"}', {"state": "closed"}),
        acts_then=(("set_value", {"value": "open"}, order("sign open")),),
    ),
    "light": Case(
        first=('{"lit": true, "pwm": 51}', {"state": "on", "brightness": 51}),
        made={
            "entity": {
                "path": "/lit",
                "level_source": "point:variable/status",
                "optional": ["set_brightness"],
                "way": "call",
            },
            "level": {"path": "/pwm", "scale": PERCENT},
            "Turn on": order("lit"),
            "Turn off": order("dark"),
            "Set the brightness": order("pwm {whole}"),
        },
        acts=(
            ("turn_on", {"brightness": 102}, order("pwm 102")),
            ("turn_off", {}, order("dark")),
        ),
        second=('{"lit": false, "pwm": 0}', {"state": "off"}),
        changed={"entity": {"level_source": "none", "optional": []}},
        last=(
            '{"lit": true, "pwm": 204}',
            {"state": "on", "supported_color_modes": ["onoff"]},
        ),
        acts_then=(("turn_off", {}, order("dark")), ("turn_on", {}, order("lit"))),
    ),
    "cover": Case(
        first=('{"door": "o", "part": 40}', {"state": "open"}),
        made={
            "entity": {
                "path": "/door",
                "map": {"o": "open", "c": "closed", "x": "closing"},
                "device_class": "garage",
                "optional": ["stop"],
                "way": "call",
            },
            "Open": order("door up"),
            "Close": {**order("door down"), "at_least": 0},
            "Stop": order("door halt"),
        },
        acts=(
            ("close_cover", {}, order("door down")),
            ("stop_cover", {}, order("door halt")),
        ),
        second=(
            '{"door": "x", "part": 40}',
            {"state": "closing", "device_class": "garage"},
        ),
        changed={
            "entity": {
                "level_source": "point:variable/status",
                "optional": ["stop", "set_position"],
            },
            "level": {"path": "/part"},
            "Set the position": order("door {position}"),
        },
        last=('{"door": "o", "part": 60}', {"state": "open", "current_position": 60}),
        acts_then=(
            ("set_cover_position", {"position": 25}, order("door 25")),
            ("open_cover", {}, order("door up")),
        ),
    ),
    "valve": Case(
        first=('{"tap": 20}', {"state": "open", "current_position": 40}),
        made={
            "source": {"source": "none"},
            "entity": {
                "level_source": "point:variable/status",
                "optional": ["set_position"],
                "device_class": "water",
                "way": "call",
            },
            "level": {"path": "/tap", "scale": 2},
            "Open": order("tap open"),
            "Close": order("tap shut"),
            "Set the position": order("tap {value}"),
        },
        acts=(
            ("set_valve_position", {"position": 30}, order("tap 15")),
            ("open_valve", {}, order("tap open")),
            ("close_valve", {}, order("tap shut")),
        ),
        second=('{"tap": 0}', {"state": "closed", "current_position": 0}),
        changed={"level": {"scale": 1, "offset": 5}},
        last=('{"tap": 20}', {"state": "open", "current_position": 25}),
        acts_then=(("set_valve_position", {"position": 30}, order("tap 25")),),
    ),
    "lock": Case(
        first=('{"bolt": "U"}', {"state": "unlocked"}),
        made={
            "entity": {
                "path": "/bolt",
                "map": {"L": "locked", "U": "unlocked", "J": "jammed"},
                "optional": ["unlatch"],
                "way": "call",
            },
            "Lock": order("bolt 1"),
            "Unlock": order("bolt 0"),
            "Unlatch": order("bolt -1"),
        },
        acts=(
            ("lock", {}, order("bolt 1")),
            ("unlock", {}, order("bolt 0")),
            ("open", {}, order("bolt -1")),
        ),
        second=('{"bolt": "J"}', {"state": "jammed"}),
        changed={
            "entity": {"map": {"1": "locked", "0": "unlocked"}, "optional": []},
            "Lock": order("bolt shut"),
        },
        last=('{"bolt": 1}', {"state": "locked", "supported_features": 0}),
        acts_then=(("lock", {}, order("bolt shut")),),
    ),
    "fan": Case(
        first=('{"fan": true, "rpm": 1000}', {"state": "on", "percentage": 50}),
        made={
            "entity": {
                "path": "/fan",
                "level_source": "point:variable/status",
                "optional": ["set_speed"],
                "way": "call",
            },
            "level": {"path": "/rpm", "scale": 0.05},
            "Turn on": order("fan on"),
            "Turn off": {"way": "publish", "event": "carport/fan", "data": "off"},
            "Set the speed": {"way": "call", **order("rpm {whole}")},
        },
        acts=(
            ("set_percentage", {"percentage": 30}, order("rpm 600")),
            ("turn_off", {}, {"event": "carport/fan", "data": "off"}),
            ("turn_on", {}, order("fan on")),
        ),
        second=('{"fan": false, "rpm": 0}', {"state": "off"}),
        changed={
            "level": {"scale": 0.1},
            "Set the speed": order("rpm {whole} of 1000"),
        },
        last=('{"fan": true, "rpm": 250}', {"state": "on", "percentage": 25}),
        acts_then=(("set_percentage", {"percentage": 80}, order("rpm 800 of 1000")),),
    ),
}


@pytest.fixture
async def board(house, until):
    """A board alone in its account, which hears whatever it says."""
    house.world.boards = {(board := carport()).id: board}
    entry = await house.connect("particle")
    await until(lambda: entry.runtime_data.coordinator.listening_since)
    return board


@pytest.fixture
def say(house, board, until):
    """Have the board publish a status, and wait until its own sensor shows it."""

    async def say(status):
        house.world.set(board, status=status)
        await until(lambda: house.state("Carport", "status") == status)

    return say


@pytest.fixture
def obeys(house, board):
    """Do what a person does with an entity, and see that the board is told so."""

    async def obeys(entity_id, acts):
        for action, data, expected in acts:
            before = len(_received(house, board))
            await house.hass.services.async_call(
                entity_id.split(".")[0],
                action,
                {"entity_id": entity_id, **data},
                blocking=True,
            )
            assert _received(house, board)[before:] == [expected]

    return obeys


@pytest.fixture
def walk(house):
    """Go through a flow to its end, answering what the answers have something for."""

    async def walk(shape, answers, cloud="particle", **context):
        subentries = house.hass.config_entries.subentries
        about = (house.entries[cloud].entry_id, "mapping")
        flow = await subentries.async_init(about, context=context)
        left = set(answers)
        while flow["type"] in {"form", "menu"}:
            asked = flow["step_id"]
            if asked == "command":
                asked = flow["description_placeholders"]["verb"]
            left.discard(asked)
            answer = _answer(flow, shape, answers.get(asked, {}))
            flow = await subentries.async_configure(flow["flow_id"], answer)
            assert not flow.get("errors"), flow["errors"]
        assert not left, f"nobody asked for {left}"
        await house.hass.async_block_till_done()
        return flow

    return walk


def _answer(flow, shape, answer):
    """What a person enters: what is filled in already, but for the answer."""
    if flow["type"] == "menu":
        chosen = {"user": "device", "make": shape, "check": "save"}
        return {"next_step_id": chosen[flow["step_id"]]}
    fields = flow["data_schema"].schema
    filled = {
        str(marker): marker.description["suggested_value"]
        for marker in fields
        if "suggested_value" in (marker.description or {})
    }
    if flow["step_id"] == "proposals":
        options = fields["proposals"].config["options"]
        values = {each["label"]: each["value"] for each in options}
        labels = answer.get("proposals", ["other"])
        assert set(labels) <= set(values), values
        filled["proposals"] = [values[label] for label in labels]
        answer = {key: answer[key] for key in answer if key != "proposals"}
    if "way" in answer and flow["step_id"] == "command":
        # The fields of another way are shown when it is chosen.
        answer = {key: answer[key] for key in answer if key in fields}
    return {**filled, **answer}


def _named(answers, name):
    """The answers, and a name for what they make."""
    step = "proposals" if "proposals" in answers else "entity"
    return {**answers, step: {"name": name, **answers.get(step, {})}}


def _received(house, board):
    """What the board was told, in order."""
    return [
        entry.body
        for entry in house.clouds[board.cloud].log
        if (entry.channel, entry.method, entry.path) == ("board", "RECEIVE", board.id)
    ]


def _shows(house, entity_id, expected):
    """Whether an entity has this state and these attributes, among others."""
    state = house.hass.states.get(entity_id)
    return expected.items() <= {"state": state.state, **state.attributes}.items()


def _entities(house):
    """Registry ids of the entities of the board."""
    return {
        entity.entity_id: entity.id
        for entity in er.async_entries_for_device(
            er.async_get(house.hass),
            house.device_id("Carport"),
            include_disabled_entities=True,
        )
    }


def test_every_shape_has_a_case():
    assert CASES.keys() == SHAPES.keys()


@pytest.mark.parametrize("shape", CASES)
async def test_it_is_made_hears_commands_changes_and_goes(
    house, board, say, obeys, walk, until, shape
):
    case, hass, entry = CASES[shape], house.hass, house.entries["particle"]
    device = dr.async_get(hass).async_get(house.device_id("Carport"))
    entities, others = er.async_get(hass), _entities(house)

    await say(case.first[0])
    begin = {"device": {"device": board.id}, "source": case.source}
    answers = {**begin, **_named(case.made, "Own")}
    made = await walk(shape, answers, source=SOURCE_USER)
    assert made["type"] == "create_entry"
    registered = entities.async_get(entity_id := house.entity("Carport", "Own"))
    assert registered.domain == {"text_sensor": "sensor"}.get(shape, shape)
    assert _shows(house, entity_id, case.first[1])
    assert _entities(house) == {**others, entity_id: registered.id}

    await obeys(entity_id, case.acts)
    await say(case.second[0])
    await until(lambda: _shows(house, entity_id, case.second[1]))

    (subentry_id,) = entry.subentries
    context = {"source": SOURCE_RECONFIGURE, "subentry_id": subentry_id}
    changed = await walk(shape, _named(case.changed, "Renamed"), **context)
    assert changed["reason"] == "reconfigure_successful"
    assert house.entity("Carport", "Renamed") == entity_id
    assert _entities(house) == {**others, entity_id: registered.id}
    await say(case.last[0])
    await until(lambda: _shows(house, entity_id, case.last[1]))
    await obeys(entity_id, case.acts_then)

    hass.config_entries.async_remove_subentry(entry, subentry_id)
    await hass.async_block_till_done()
    assert hass.states.get(entity_id) is None
    assert _entities(house) == others
    assert dr.async_get(hass).async_get(device.id) == device
    await say("still here")


async def test_a_variable_of_the_board_is_written(house, walk, until):
    board = house.board("Living room")
    house.world.boards = {board.id: board}
    entry = await house.connect("arduino", rate_limit=1000)
    registered = er.async_get(house.hass).async_get(
        house.entity("Living room", "Radiator")
    )
    radiator = registered.unique_id.removeprefix(f"{board.id}_")
    warmth = {"21": "Home", "18": "Away"}
    answers = {
        "device": {"device": board.id},
        "source": {"source": f"point:{radiator}"},
        "entity": {"name": "Own", "map": warmth, "options": ["Home", "Away"]},
        "Set the value": {"point": radiator, "value": "{value}"},
    }
    await walk("select", answers, "arduino", source=SOURCE_USER)
    assert house.state("Living room", "Own") == "unknown"

    await until(lambda: entry.runtime_data.coordinator.listening_since)
    house.world.set(board, radiator=18.0)
    await until(lambda: house.state("Living room", "Own") == "Away")
    await house.hass.services.async_call(
        "select",
        "select_option",
        {"entity_id": house.entity("Living room", "Own"), "option": "Home"},
        blocking=True,
    )
    await until(lambda: board.variables["radiator"].value == 21)
    assert _received(house, board) == [{"radiator": 21}]
    await until(lambda: house.state("Living room", "Radiator") == "21.0")
    assert house.state("Living room", "Own") == "Home"
