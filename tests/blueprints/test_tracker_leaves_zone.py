"""The blueprint that tells when a tracker has surely left a zone."""

import pytest
from pytest_homeassistant_custom_component.common import (
    async_get_persistent_notifications,
)

from homeassistant.setup import async_setup_component

from .conftest import settle, tell

VAN = "device_tracker.van"
DEPOT = "zone.depot"
ACTIONS = tell(text="{{ tracker_name }} left {{ zone_name }}, {{ accuracy }}")
INSIDE = {"gps_accuracy": 5, "in_zones": [DEPOT]}
OUTSIDE = {"gps_accuracy": 20, "in_zones": ["zone.town"]}
LOST_INSIDE = {"gps_accuracy": 900, "in_zones": ["zone.town", DEPOT]}
LOST_OUTSIDE = {"gps_accuracy": 101, "in_zones": []}


@pytest.fixture
def move(hass):
    """Show positions one after another; None is a tracker that is unavailable."""

    async def move(*places, entity_id=VAN):
        for number, place in enumerate(places):
            state = "unavailable" if place is None else "somewhere"
            hass.states.async_set(entity_id, state, {**(place or {}), "fix": number})
            await settle()

    return move


@pytest.fixture
async def depot(hass):
    """A zone around the place where the van is at the start."""
    zone = {"name": "Depot", "latitude": 48.14, "longitude": 11.572, "radius": 1500}
    assert await async_setup_component(hass, "zone", {"zone": [zone]})


@pytest.fixture
async def watch(automate, move, depot):
    """Make the automation while the van is in the zone."""

    async def watch(**inputs):
        await move(INSIDE)
        await automate(
            "tracker_leaves_zone",
            **{"trackers": [VAN], "zone": DEPOT, "left_actions": ACTIONS, **inputs},
        )

    return watch


async def test_a_tracker_that_leaves_is_told_once(watch, move, told):
    await watch()
    await move(INSIDE, OUTSIDE, OUTSIDE)
    assert [call.data["text"] for call in told] == [
        "device_tracker.van left Depot, 20.0"
    ]
    await move(INSIDE, OUTSIDE)
    assert len(told) == 2


async def test_a_bad_position_outside_is_not_believed(watch, move, told):
    await watch()
    await move(LOST_OUTSIDE, INSIDE, LOST_OUTSIDE, LOST_INSIDE, INSIDE)
    assert told == []


async def test_a_tracker_that_really_left_is_told_with_its_first_good_position(
    watch, move, told
):
    await watch()
    await move(LOST_OUTSIDE, LOST_INSIDE, None, LOST_OUTSIDE)
    assert told == []
    await move(OUTSIDE)
    assert len(told) == 1


async def test_bad_positions_on_the_way_do_not_tell_again(watch, move, told):
    await watch()
    await move(OUTSIDE, LOST_INSIDE, OUTSIDE, LOST_OUTSIDE, None, OUTSIDE)
    assert len(told) == 1


async def test_a_tracker_that_left_unheard_is_told_when_it_is_back(watch, move, told):
    await watch()
    await move(None, None)
    assert told == []
    await move(OUTSIDE)
    assert len(told) == 1


async def test_the_limit_is_the_user_s(watch, move, told):
    await watch(limit=101)
    await move(LOST_OUTSIDE)
    assert len(told) == 1


async def test_a_tracker_that_appears_or_is_removed_has_not_left(
    hass, watch, move, told
):
    await watch(trackers=[VAN, "device_tracker.bike"])
    await move(OUTSIDE, INSIDE, entity_id="device_tracker.bike")
    assert told == []
    hass.states.async_remove(VAN)
    await settle()
    assert told == []


async def test_several_trackers_are_told_apart(watch, move, told):
    bike = "device_tracker.bike"
    await move(INSIDE, entity_id=bike)
    await watch(trackers=[VAN, bike])
    await move(LOST_OUTSIDE)
    await move(OUTSIDE, entity_id=bike)
    assert [call.data["text"] for call in told] == [
        "device_tracker.bike left Depot, 20.0"
    ]
    await move(OUTSIDE)
    assert len(told) == 2


async def test_a_van_that_drives_off_is_told_by_its_name(
    house, until, depot, automate, told
):
    await house.connect("particle")
    await until(lambda: [e for e in house.clouds["particle"].log if e.channel == "sse"])
    van, tracker = house.board("Van"), house.entity("Van", None)

    async def drive(latitude, accuracy):
        place = {**van.variables["place"].value, "lat": latitude, "h_acc": accuracy}
        house.world.set(van, place=place)

        def arrived():
            shown = house.hass.states.get(tracker).attributes
            return shown.get("gps_accuracy") == accuracy

        await until(arrived)
        await settle()

    await drive(48.1401, 4.5)
    await automate(
        "tracker_leaves_zone", trackers=[tracker], zone=DEPOT, left_actions=ACTIONS
    )
    await drive(48.2401, 350.0)
    assert told == []
    await drive(48.2402, 6.5)
    await until(lambda: told)
    assert [call.data["text"] for call in told] == ["Van left Depot, 6.5"]


async def test_without_actions_there_is_a_notification(hass, watch, move, automate):
    await move(INSIDE)
    await automate("tracker_leaves_zone", trackers=[VAN], zone=DEPOT)
    await move(OUTSIDE)
    (note,) = async_get_persistent_notifications(hass).values()
    assert note["title"] == "device_tracker.van has left Depot"
    assert note["message"] == "Its position is accurate to 20 m."
