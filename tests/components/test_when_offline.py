"""What entities show while their board is offline is up to the user."""

import pytest

from custom_components.iot_clouds.model import (
    Act,
    DeviceOffline,
    Event,
    Kind,
    Point,
    Ref,
    Update,
    Verb,
)
from homeassistant.exceptions import HomeAssistantError

from .fake import NOON, board, reading

BELL = Point(key="function/bell", kind=Kind.ACTION, name="Bell")
SAID = Point(key="events", kind=Kind.MESSAGE, name="Said")
LOCK = Point(
    key="variable/bolt",
    kind=Kind.LOCK,
    name="Bolt",
    writable=True,
    verbs=(Verb.LOCK, Verb.UNLOCK),
)
PLAIN = board()
POINTS = {**PLAIN.points, **{each.key: each for each in (BELL, SAID, LOCK)}}

TEMP = "sensor.shed_temp"
PUMP = "switch.shed_pump"
BUTTON = "button.shed_bell"
BOLT = "lock.shed_bolt"


@pytest.fixture
def start(hass, entry, cloud):
    """Load the account with a board and what the user has chosen."""

    async def start(choice=None, **changes):
        cloud.devices = {"board-1": board(points=POINTS, **changes)}
        options = {"when_offline": choice} if choice else {}
        hass.config_entries.async_update_entry(entry, options=options)
        await hass.config_entries.async_setup(entry.entry_id)
        await hass.async_block_till_done()

    return start


def _states(hass):
    ids = (TEMP, PUMP, BUTTON, "binary_sensor.shed_connection")
    return [hass.states.get(each).state for each in ids]


@pytest.mark.parametrize(
    ("choice", "sleeps", "states"),
    [
        (None, False, ["unavailable", "unavailable", "unavailable", "off"]),
        (None, True, ["21.5", "unavailable", "unavailable", "off"]),
        ("usual", True, ["21.5", "unavailable", "unavailable", "off"]),
        ("keep", False, ["21.5", "on", "unavailable", "off"]),
        ("keep", True, ["21.5", "on", "unavailable", "off"]),
        ("unavailable", False, ["unavailable", "unavailable", "unavailable", "off"]),
        ("unavailable", True, ["unavailable", "unavailable", "unavailable", "off"]),
    ],
)
async def test_entities_of_a_board_that_is_offline_show_what_the_user_has_chosen(
    hass, start, choice, sleeps, states
):
    await start(choice, online=False, sleeps=sleeps)
    assert _states(hass) == states


async def test_a_kept_value_goes_on_when_the_board_is_back(hass, start, cloud, until):
    await start("keep")
    cloud.feed.queue.put_nowait(Update(online={"board-1": False}))
    await until(lambda: hass.states.get("binary_sensor.shed_connection").state == "off")
    assert hass.states.get(TEMP).state == "21.5"

    new = {Ref("board-1", "variable/temp"): reading(22.5, 60)}
    cloud.feed.queue.put_nowait(Update(online={"board-1": True}, readings=new))
    await until(lambda: hass.states.get(TEMP).state == "22.5")


async def test_the_last_event_of_a_board_stays_in_sight_where_values_are_kept(
    hass, start, cloud, until
):
    await start("keep")
    event = Event(device_id="board-1", name="ding", data="1", at=NOON, id="1")
    cloud.feed.queue.put_nowait(Update(events=(event,), online={"board-1": False}))
    await until(lambda: hass.states.get("binary_sensor.shed_connection").state == "off")
    assert hass.states.get("event.shed_said").attributes["name"] == "ding"


@pytest.mark.parametrize(
    ("domain", "action", "entity"),
    [("switch", "turn_off", PUMP), ("lock", "unlock", BOLT)],
)
async def test_a_control_that_keeps_its_value_refuses_and_sends_nothing(
    hass, start, cloud, domain, action, entity
):
    await start("keep", online=False)
    before = hass.states.get(entity).state

    with pytest.raises(HomeAssistantError) as refused:
        await hass.services.async_call(
            domain, action, {"entity_id": entity}, blocking=True
        )

    assert refused.value.translation_key == "device_offline"
    assert cloud.commands == []
    assert hass.states.get(entity).state == before


async def test_what_the_cloud_sends_on_to_an_offline_board_is_sent(hass, start, cloud):
    await start("keep", online=False, commanded_offline=True)
    await hass.services.async_call("lock", "lock", {"entity_id": BOLT}, blocking=True)
    assert cloud.commands == [Act(ref=Ref("board-1", "variable/bolt"), verb=Verb.LOCK)]


async def test_a_cloud_that_knows_better_still_refuses(hass, start, cloud):
    await start("keep")
    cloud.error = DeviceOffline("asleep")
    with pytest.raises(HomeAssistantError) as refused:
        await hass.services.async_call(
            "switch", "turn_off", {"entity_id": PUMP}, blocking=True
        )
    assert refused.value.translation_key == "device_offline"
    assert hass.states.get(PUMP).state == "on"
