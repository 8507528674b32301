"""Entities that the user made in the flow, from a click to the board and back."""

import pytest

from homeassistant.config_entries import SOURCE_RECONFIGURE, SOURCE_USER
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import device_registry as dr, entity_registry as er
from simulated_clouds.boards import particle
from simulated_clouds.iottly_variant import IottlyVariant


@pytest.fixture
def make(house):
    """Make an entity on a board, answering the flow step by step."""

    async def make(cloud, board, *answers):
        subentries = house.hass.config_entries.subentries
        entry = house.entries[cloud]
        flow = await subentries.async_init(
            (entry.entry_id, "mapping"), context={"source": SOURCE_USER}
        )
        first = (_step("device"), {"device": house.board(board).id})
        for answer in (*first, *answers):
            flow = await subentries.async_configure(flow["flow_id"], answer)
        assert flow["type"] == "create_entry", flow
        await house.hass.async_block_till_done()

    return make


@pytest.fixture
def act(house):
    """Do what a person does with an entity."""

    async def act(board, name, action):
        entity_id = house.entity(board, name)
        await house.hass.services.async_call(
            entity_id.split(".")[0], action, {"entity_id": entity_id}, blocking=True
        )

    return act


def _step(name):
    return {"next_step_id": name}


def _received(house, cloud, board):
    """The commands that a board received, in order."""
    return [
        entry.body
        for entry in house.clouds[cloud].log
        if (entry.channel, entry.method) == ("board", "RECEIVE")
        and entry.path == house.board(board).id
    ]


async def _poll(house, cloud):
    await house.entries[cloud].runtime_data.coordinator.async_refresh()
    await house.hass.async_block_till_done()


NOTHING = {"source": "none"}
OTHER = {"proposals": ["other"]}
SAVE = _step("save")
PUMP_ON = {"type": "pump", "options": {"state": "on"}}
PUMP_OFF = {"type": "pump", "options": {"state": "off"}}
BUTTON = (NOTHING, _step("button"), {"name": "Drain"}, PUMP_ON, SAVE)


def _switch(house, **entity):
    """The answers that make a switch which follows the cellar's pump."""
    source = {"source": f"point:{_key(house, 'Pump state')}"}
    described = {"name": "Drain", **entity}
    return (source, OTHER, _step("switch"), described, PUMP_ON, PUMP_OFF, SAVE)


@pytest.fixture
async def cellar(house):
    """A project whose boards react at once, and whose cellar told of its pump."""
    await house.connect("iottly", variant=IottlyVariant(reply_delay=0))
    house.world.set(house.board("Cellar"), pump=False)
    await _poll(house, "iottly")
    assert house.state("Cellar", "Pump state") == "off"
    return house.board("Cellar")


async def test_a_saved_command_is_a_button_of_its_board(house, cellar, make, act):
    requests = len(house.clouds["iottly"].requests())
    await make(
        "iottly",
        "Cellar",
        NOTHING,
        _step("button"),
        {"name": "Measure"},
        {"type": "read sensor data", "options": {"sensortype": "both"}},
        SAVE,
    )
    assert len(house.clouds["iottly"].requests()) == requests
    await act("Cellar", "Measure", "press")
    assert _received(house, "iottly", "Cellar") == [
        {"read_sensor_data": {"sensortype": "both"}}
    ]


async def test_a_command_that_the_cloud_refuses_fails_the_press(
    house, cellar, make, act
):
    dance = ({"name": "Dance"}, {"type": "dance"}, SAVE)
    await make("iottly", "Cellar", NOTHING, _step("button"), *dance)
    with pytest.raises(HomeAssistantError) as caught:
        await act("Cellar", "Dance", "press")
    assert caught.value.translation_key == "rejected"
    assert _received(house, "iottly", "Cellar") == []


async def test_a_pair_of_commands_is_a_switch_that_the_next_message_confirms(
    house, cellar, make, act, until
):
    await make("iottly", "Cellar", *_switch(house))
    assert house.state("Cellar", "Drain") == "off"

    await act("Cellar", "Drain", "turn_on")
    assert house.state("Cellar", "Drain") == "on"
    assert house.state("Cellar", "Pump state") == "off"
    await until(lambda: cellar.variables["pump"].value is True)
    await _poll(house, "iottly")
    assert house.state("Cellar", "Pump state") == "on"
    assert house.state("Cellar", "Drain") == "on"

    house.world.set(cellar, pump=False)
    await _poll(house, "iottly")
    assert house.state("Cellar", "Drain") == "off"
    assert _received(house, "iottly", "Cellar") == [{"pump": {"state": "on"}}]


async def test_a_message_of_before_the_command_undoes_nothing(house, make, act):
    await house.connect("iottly", variant=IottlyVariant(reply_delay=3600))
    house.world.set(house.board("Cellar"), pump=False)
    await _poll(house, "iottly")
    await make("iottly", "Cellar", *_switch(house))
    await act("Cellar", "Drain", "turn_on")
    await _poll(house, "iottly")
    assert house.state("Cellar", "Pump state") == "off"
    assert house.state("Cellar", "Drain") == "on"


async def test_a_switch_that_waits_is_confirmed_by_the_board(house, cellar, make, act):
    await make("iottly", "Cellar", *_switch(house, confirm=1))
    await act("Cellar", "Drain", "turn_on")
    assert house.state("Cellar", "Drain") == "on"
    assert house.state("Cellar", "Pump state") == "on"


async def test_a_switch_that_waits_in_vain_shows_its_old_state(house, make, act):
    await house.connect("iottly", variant=IottlyVariant(reply_delay=3600))
    house.world.set(house.board("Cellar"), pump=False)
    await _poll(house, "iottly")
    await make("iottly", "Cellar", *_switch(house, confirm=1))
    with pytest.raises(HomeAssistantError) as caught:
        await act("Cellar", "Drain", "turn_on")
    assert caught.value.translation_key == "not_confirmed"
    assert house.state("Cellar", "Drain") == "off"


def _key(house, name):
    """Key of the cellar's point that an entity shows."""
    entity = er.async_get(house.hass).async_get(house.entity("Cellar", name))
    return entity.unique_id.removeprefix(f"{house.board('Cellar').id}_")


@pytest.mark.parametrize("offline", [False, True])
async def test_a_disconnected_board_is_sent_commands_if_the_account_says_so(
    house, cellar, make, act, offline
):
    entry = house.entries["iottly"]
    flow = house.hass.config_entries.options
    form = await flow.async_init(entry.entry_id)
    form = await flow.async_configure(form["flow_id"], _step("account"))
    filled = {**form["data_schema"]({}), "offline_commands": offline}
    await flow.async_configure(form["flow_id"], filled)
    await house.hass.async_block_till_done()
    await make("iottly", "Cellar", *BUTTON)
    house.clouds["iottly"].disconnect(cellar)
    await _poll(house, "iottly")
    assert (house.state("Cellar", "Drain") == "unavailable") is not offline
    await act("Cellar", "Drain", "press")
    assert len(house.clouds["iottly"].requests("POST")) == int(offline)


async def test_a_function_is_a_button_of_its_board(house, make, act, until):
    await house.connect("particle")
    await until(lambda: house.state("Workshop", "note") != "unknown")
    await make(
        "particle",
        "Workshop",
        NOTHING,
        _step("button"),
        {"name": "Horn", "way": "call"},
        {"way": "call", "function": "beep", "argument": "2"},
        SAVE,
    )
    await act("Workshop", "Horn", "press")
    (received,) = _received(house, "particle", "Workshop")
    assert received == {"function": "beep", "argument": "2"}


async def test_a_function_that_says_it_failed_fails_the_switch(house, make, act, until):
    await house.connect("particle")
    await until(lambda: house.state("Workshop", "fan") != "unknown")
    call = {"way": "call", "function": "setFan", "at_least": 0}
    await make(
        "particle",
        "Workshop",
        {"source": "point:variable/fan"},
        OTHER,
        _step("switch"),
        {"name": "Air", "way": "call"},
        {**call, "argument": "on"},
        {**call, "argument": "nonsense"},
        SAVE,
    )
    await act("Workshop", "Air", "turn_on")
    await until(lambda: house.state("Workshop", "fan") == "on")
    assert house.state("Workshop", "Air") == "on"
    with pytest.raises(HomeAssistantError) as caught:
        await act("Workshop", "Air", "turn_off")
    assert caught.value.translation_key == "command_failed"
    assert house.state("Workshop", "Air") == "on"


@pytest.fixture
async def carport(house):
    """A board with a garage door, a lamp and a report in JSON."""
    entry = await house.connect("particle")
    house.clouds["particle"].lives.appear(particle.carport())
    await entry.runtime_data.coordinator.async_refresh()
    await house.hass.async_block_till_done()
    await entry.runtime_data.reads.async_refresh()
    await house.hass.async_block_till_done()
    return house.board("Carport")


async def test_a_door_and_a_function_are_a_cover_that_is_made_changed_and_removed(
    house, carport, make, act, until
):
    def called(argument):
        return {"way": "call", "function": "setDoor", "argument": argument}

    cover = {
        "name": "Garage",
        "map": {"open": "open", "closed": "closed"},
        "level_source": "none",
        "device_class": "garage",
        "confirm": 30,
        "way": "call",
    }
    source = {"source": "point:variable/door"}
    commands = (called("open"), called("close"))
    await make(
        "particle", "Carport", source, OTHER, _step("cover"), cover, *commands, SAVE
    )
    assert house.state("Carport", "Garage") == "closed"
    await act("Carport", "Garage", "open_cover")
    assert carport.variables["door"].value == "open"
    assert house.state("Carport", "Garage") == "open"

    registry, entry = er.async_get(house.hass), house.entries["particle"]
    before = registry.async_get(house.entity("Carport", "Garage"))
    (id_,) = entry.subentries
    flow = await house.hass.config_entries.subentries.async_init(
        (entry.entry_id, "mapping"),
        context={"source": SOURCE_RECONFIGURE, "subentry_id": id_},
    )
    del cover["way"], cover["confirm"]
    for answer in (source, {**cover, "name": "Door"}, *commands[::-1], SAVE):
        flow = await house.hass.config_entries.subentries.async_configure(
            flow["flow_id"], answer
        )
    assert flow["reason"] == "reconfigure_successful"
    await house.hass.async_block_till_done()
    after = registry.async_get(house.entity("Carport", "Door"))
    assert (after.id, after.entity_id) == (before.id, before.entity_id)
    await act("Carport", "Door", "open_cover")
    assert _received(house, "particle", "Carport") == [
        {"function": "setDoor", "argument": "open"},
        {"function": "setDoor", "argument": "close"},
    ]

    others = {
        entity.entity_id
        for entity in er.async_entries_for_device(registry, before.device_id)
    } - {before.entity_id}
    house.hass.config_entries.async_remove_subentry(entry, id_)
    await house.hass.async_block_till_done()
    assert {
        entity.entity_id
        for entity in er.async_entries_for_device(registry, before.device_id)
    } == others


async def test_proposals_for_a_report_become_sensors_that_follow_it(
    house, carport, make, until
):
    source = {"source": "point:variable/climate"}
    await make("particle", "Carport", source, {"proposals": ["0", "1", "2"]})
    assert house.state("Carport", "Temperature") == "12.5"
    assert house.state("Carport", "Humidity") == "61"
    assert house.state("Carport", "Moisture") == "512"
    report = '{"temp": 13, "hum": 60, "moisture": 7}'
    house.world.set(carport, climate=report)
    await until(lambda: house.state("Carport", "Temperature") == "13")
    assert house.state("Carport", "Moisture") == "7"


async def test_an_event_is_a_button_of_its_board(house, make, act, until):
    await house.connect("particle")
    await until(lambda: house.state("Workshop", "note") != "unknown")
    await make(
        "particle",
        "Workshop",
        NOTHING,
        _step("button"),
        {"name": "Remind", "way": "publish"},
        {"way": "publish", "event": "home/note", "data": "sweep"},
        SAVE,
    )
    await act("Workshop", "Remind", "press")
    assert house.board("Workshop").variables["note"].value == "sweep"


async def test_removing_what_was_made_leaves_the_board(house, cellar, make):
    await make("iottly", "Cellar", *BUTTON)
    registry = dr.async_get(house.hass)
    board = registry.async_get(house.device_id("Cellar"))
    entry = house.entries["iottly"]
    (subentry_id,) = entry.subentries
    house.hass.config_entries.async_remove_subentry(entry, subentry_id)
    await house.hass.async_block_till_done()
    assert registry.async_get(board.id) == board
    assert house.state("Cellar", "Pump state") == "off"
    with pytest.raises(AssertionError, match="no entity Drain"):
        house.entity("Cellar", "Drain")
