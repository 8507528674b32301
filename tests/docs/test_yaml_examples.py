"""Every YAML example of the documentation works, in a house with simulated clouds."""

from collections import Counter
from collections.abc import Callable, Mapping
from datetime import timedelta
import json
import logging
from typing import Any

import pytest
from pytest_homeassistant_custom_component.common import (
    async_capture_events,
    async_fire_time_changed,
)
import yaml

from homeassistant.config_entries import SOURCE_USER
from homeassistant.const import EVENT_CALL_SERVICE
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
from homeassistant.util.yaml import parse_yaml

from .conftest import listed
from .examples import Kind, examples, kind_of, of, run
from .pages import PAGES, blocks

VARYING = {"round_trip_ms", "at", "value", "count"}
"""Parts of a response that differ from time to time; only their type is promised."""


def each(kind):
    return pytest.mark.parametrize("block", of(kind), ids=lambda block: block.id)


def test_every_example_is_of_a_kind_that_is_tried():
    kinds = Counter(kind_of(parse_yaml(block.text)) for block in examples())
    assert set(kinds) == set(Kind)
    assert kinds.total() >= 25


@pytest.mark.parametrize("document", ["- a", "type: entities", "{}", "[{name: x}]"])
def test_an_example_of_another_kind_is_a_mistake(document):
    with pytest.raises(ValueError, match="nothing tries it"):
        kind_of(parse_yaml(document))


def _is_example(text):
    try:
        kind_of(yaml.safe_load(text))
    except ValueError, yaml.YAMLError:
        return False
    return True


def test_no_example_hides_in_a_block_of_another_language():
    found = [block for page in PAGES for block in blocks(page)]
    assert {block.language for block in found} <= {"yaml", "json", "sh", "cpp", ""}
    others = [block for block in found if block.language in {"sh", ""}]
    assert [block.id for block in others if _is_example(block.text)] == []


# Actions: each is really called, and what it does is looked at in the cloud.


def _variable(house, board, name):
    return house.board(board).variables[name].value


LIGHTS = {
    "light.living_room_mood_light": "mood_light",
    "light.living_room_reading_lamp": "reading_lamp",
}


def value_is_set(house, data, _):
    variable = _variable(house, "Living room", LIGHTS[data["entity_id"]])
    return data["value"].items() <= variable.items()


def history_is_told(_, data, response):
    hours = response["imported_hours"]
    assert (hours > 0) is data.get("import_statistics", False)
    return response["count"] > 0


EFFECTS: Mapping[str, Callable[[Any, Any, Any], bool]] = {
    "set_value": value_is_set,
    "call_function": lambda house, *_: _variable(house, "Workshop", "fan") is True,
    "publish_event": lambda house, data, _: (
        _variable(house, "Workshop", "note") == data["data"]
    ),
    "send_command": lambda house, *_: _variable(house, "Cellar", "pump") is True,
    "get_history": history_is_told,
    "refresh": lambda house, _, response: response["devices"] > 0,
}
"""How one sees that an action did what its example says."""


@each(Kind.ACTIONS)
async def test_actions_do_what_they_say(recorder_mock, hass, house, move_in, block):
    document = await move_in(block)
    calls = async_capture_events(hass, EVENT_CALL_SERVICE)
    variables = await run(hass, document["actions"])
    called = [call.data for call in calls if call.data["domain"] == "iot_clouds"]
    steps = [step for step in document["actions"] if "action" in step]
    assert called
    for step, call in zip(steps, called, strict=True):
        name = step["action"].removeprefix("iot_clouds.")
        response = variables.get(step.get("response_variable"))
        assert call["service"] == name
        assert EFFECTS[name](house, call["service_data"], response)
        if shown := _shown_below(block):
            _same(json.loads(shown.text), response)


def _shown_below(block):
    """The response that the page shows for an example, right after it."""
    found = blocks(block.page)
    after = found[found.index(block) + 1 :]
    return after[0] if after and after[0].language == "json" else None


def _same(shown, real, key=""):
    """A response has what the page shows; what differs in time has its type only."""
    if isinstance(shown, float | int) and isinstance(real, float | int):
        assert isinstance(shown, bool) == isinstance(real, bool), key
    else:
        assert type(shown) is type(real), key
    match shown:
        case dict():
            assert set(shown) == set(real), key
            for name, value in shown.items():
                _same(value, real[name], name)
        case list():
            assert real, key
            _same(shown[0], real[0], key)
        case _ if key not in VARYING:
            assert shown == real, key


# Automations: each is loaded, and lives through a story of its own.


@pytest.fixture
def later(hass):
    """Let time pass for whatever waits."""

    async def later(**time):
        async_fire_time_changed(hass, dt_util.utcnow() + timedelta(**time))
        await hass.async_block_till_done()

    return later


@pytest.fixture
def stage(hass, house, told, until, later):
    """What a story needs."""

    class Stage:
        def messages(self):
            return [call.data["message"] for call in told]

        def set(self, board, **values):
            house.world.set(house.board(board), **values)

        def value(self, board, name):
            return _variable(house, board, name)

        async def shows(self, entity_id, state):
            def shown():
                found = hass.states.get(entity_id)
                return found and found.state == state

            await until(shown)
            await hass.async_block_till_done()

        def offline(self, board):
            cloud = house.clouds[house.board(board).cloud]
            cloud.set_online(house.board(board), False)

        def online(self, board):
            cloud = house.clouds[house.board(board).cloud]
            cloud.set_online(house.board(board), True)

    stage = Stage()
    stage.hass, stage.house, stage.until, stage.later = hass, house, until, later
    return stage


async def greenhouse_too_hot(stage):
    stage.set("Greenhouse", valve=False, temperature=29.0)
    await stage.shows("switch.greenhouse_valve", "off")
    stage.set("Greenhouse", temperature=31.5)
    await stage.shows("sensor.greenhouse_temperature", "31.5")
    assert stage.messages() == []
    await stage.later(minutes=5, seconds=1)
    await stage.until(stage.messages)
    assert stage.value("Greenhouse", "valve") is True
    assert stage.messages() == ["The greenhouse has 31.5 °C."]


async def van_is_moving(stage):
    cloud, van = stage.house.clouds["particle"], stage.house.board("Van")
    cloud.publications.locate(van, trig=("time",))
    for _ in range(2):
        cloud.publications.locate(van, trig=("imu_m",))
    await stage.until(lambda: len(stage.messages()) == 2)
    # The account is loaded again: that is no news.
    entry = stage.house.entries["particle"]
    await stage.hass.config_entries.async_reload(entry.entry_id)
    await stage.hass.async_block_till_done()
    last = stage.hass.states.get("event.van_published_event")
    assert last.attributes["data"] == {"reason": "imu_m"}
    assert stage.messages() == ["The van is moving."] * 2


async def alarm_of_the_cellar(stage):
    cloud, cellar = stage.house.clouds["iottly"], stage.house.board("Cellar")
    cloud.message(cellar, {"button_pressed": {"GPIO": 12, "state": 0}})
    for text in ("temperature too high", "water on the floor"):
        cloud.message(cellar, {"ALARM": {"description": text, "temp_value": 48.7}})
    await listed(stage.house, "iottly")
    await stage.until(lambda: len(stage.messages()) == 2)
    cloud.disconnect(cellar)
    await listed(stage.house, "iottly")
    await stage.shows("binary_sensor.cellar_connection", "off")
    cloud.connect(cellar)
    await listed(stage.house, "iottly")
    await stage.shows("binary_sensor.cellar_connection", "on")
    await stage.hass.async_block_till_done()
    assert stage.messages() == ["temperature too high", "water on the floor"]


async def somebody_beeps(stage):
    call = {"device_id": stage.house.device_id("Workshop"), "function": "beep"}
    for times in ("3", "2"):
        await stage.hass.services.async_call(
            "iot_clouds", "call_function", {**call, "argument": times}
        )
    await stage.until(lambda: len(stage.messages()) == 2)
    stage.offline("Workshop")
    await stage.shows("binary_sensor.workshop_connection", "off")
    stage.online("Workshop")
    await stage.shows("binary_sensor.workshop_connection", "on")
    await stage.hass.async_block_till_done()
    assert sorted(stage.messages()) == [
        "The workshop beeped 2 times.",
        "The workshop beeped 3 times.",
    ]


async def boiler_too_hot(stage):
    stage.set("Boiler room", boiler_temperature=86.0)
    await stage.shows("sensor.boiler_room_boiler_temperature", "86.0")
    await stage.later(minutes=2, seconds=1)
    await stage.until(lambda: stage.value("Boiler room", "setpoint") == 50)


async def greenhouse_offline(stage):
    stage.offline("Greenhouse")
    await listed(stage.house, "arduino")
    await stage.shows("binary_sensor.greenhouse_connection", "off")
    assert stage.messages() == []
    await stage.later(minutes=5, seconds=1)
    await stage.until(stage.messages)
    assert stage.messages() == ["The greenhouse is offline."]


async def van_comes_home(stage):
    cloud, van = stage.house.clouds["particle"], stage.house.board("Van")
    cloud.publications.locate(van)
    await stage.shows("device_tracker.van", "not_home")
    home = {"lat": stage.hass.config.latitude, "lon": stage.hass.config.longitude}
    stage.set("Van", place={**stage.value("Van", "place"), **home})
    cloud.publications.locate(van)
    await stage.shows("device_tracker.van", "home")
    await stage.until(lambda: stage.value("Workshop", "note") == "beeped 2×")


async def fan_at_noon(stage):
    noon = dt_util.now().replace(hour=12, minute=0, second=0, microsecond=0)
    stage.offline("Workshop")
    await stage.shows("binary_sensor.workshop_connection", "off")
    async_fire_time_changed(stage.hass, noon + timedelta(days=1))
    await stage.until(stage.messages)
    assert stage.messages() == ["The fan did not start."]
    stage.online("Workshop")
    # The leap in time may have cost the stream.
    await listed(stage.house, "particle")
    await stage.shows("binary_sensor.workshop_connection", "on")
    async_fire_time_changed(stage.hass, noon + timedelta(days=2))
    await stage.until(lambda: stage.value("Workshop", "fan") is True)
    await stage.hass.async_block_till_done()
    assert stage.messages() == ["The fan did not start."]


STORIES = {
    "Greenhouse too hot": greenhouse_too_hot,
    "The van is moving": van_is_moving,
    "Alarm of the cellar": alarm_of_the_cellar,
    "Somebody beeps in the workshop": somebody_beeps,
    "Boiler too hot": boiler_too_hot,
    "Greenhouse offline": greenhouse_offline,
    "The van comes home": van_comes_home,
    "Fan at noon": fan_at_noon,
}
"""What happens to each automation, by its alias."""


@each(Kind.AUTOMATION)
@pytest.mark.expects_errors("Fan at noon: Error executing script", always=False)
async def test_an_automation_does_what_it_says(hass, move_in, stage, block):
    document = await move_in(block)
    config = {"automation": [document]}
    assert await async_setup_component(hass, "automation", config)
    await hass.async_block_till_done()
    [state] = hass.states.async_all("automation")
    assert (state.name, state.state) == (document["alias"], "on")
    await STORIES[document["alias"]](stage)
    target = {"entity_id": state.entity_id}
    await hass.services.async_call("automation", "turn_off", target, blocking=True)


def test_every_story_is_told_on_a_page():
    aliases = [parse_yaml(block.text)["alias"] for block in of(Kind.AUTOMATION)]
    assert sorted(aliases) == sorted(STORIES)


@each(Kind.SCRIPT)
async def test_a_script_does_what_it_says(hass, move_in, stage, block):
    document = await move_in(block)
    assert await async_setup_component(hass, "script", document)
    assert list(document["script"]) == ["empty_the_cellar"]
    await hass.services.async_call("script", "empty_the_cellar")
    await stage.until(lambda: stage.value("Cellar", "pump") is True)
    await stage.later(minutes=10, seconds=1)
    await stage.until(lambda: stage.value("Cellar", "pump") is False)
    await stage.shows("script.empty_the_cellar", "off")


@each(Kind.TEMPLATE)
async def test_a_template_makes_what_it_says(hass, move_in, stage, block):
    document = await move_in(block)
    assert await async_setup_component(hass, "template", document)
    await stage.shows("switch.workshop_fan", "off")
    for action, state, value in (("turn_on", "on", True), ("turn_off", "off", False)):
        target = {"entity_id": "switch.workshop_fan"}
        await hass.services.async_call("switch", action, target, blocking=True)
        assert stage.value("Workshop", "fan") is value
        await stage.shows("switch.workshop_fan", state)


@each(Kind.LOGGER)
async def test_the_log_becomes_as_detailed_as_it_says(hass, block, request):
    names = ("", "custom_components.iot_clouds")
    for logger in map(logging.getLogger, names):
        request.addfinalizer(lambda x=logger, level=logger.level: x.setLevel(level))
    assert await async_setup_component(hass, "logger", parse_yaml(block.text))
    await hass.async_block_till_done()
    inner = logging.getLogger("custom_components.iot_clouds.coordinator")
    assert inner.isEnabledFor(logging.DEBUG)
    assert not logging.getLogger("homeassistant.core").isEnabledFor(logging.INFO)


# Custom entities: each sheet is imported as on the account's page.


@each(Kind.SHEET)
async def test_a_sheet_can_be_imported_and_its_entities_show_something(
    hass, house, move_in, block
):
    document = await move_in(block)
    [name] = {row["device"] for row in document}
    board = house.board(name)
    if board.cloud == "iottly":
        house.world.set(
            board,
            **{name: variable.value for name, variable in board.variables.items()},
        )
        await listed(house, "iottly")
    flows = hass.config_entries.subentries
    entry = house.entries[board.cloud]
    flow: Any = await flows.async_init(
        (entry.entry_id, "mapping"), context={"source": SOURCE_USER}
    )
    flow = await flows.async_configure(flow["flow_id"], {"next_step_id": "import"})
    flow = await flows.async_configure(flow["flow_id"], {"sheet": block.text})
    assert flow["type"] is FlowResultType.ABORT, flow.get("errors")
    assert flow["reason"] == "imported"
    await hass.async_block_till_done()
    assert len(entry.subentries) == len(document)
    for row in document:
        assert house.state(board.name, row["name"]) not in {"unknown", "unavailable"}
