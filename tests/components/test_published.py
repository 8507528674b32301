"""Events that a listing tells: each once, and none before there are entities."""

import pytest

from custom_components.iot_clouds.model import Event, Kind, Point
from homeassistant.const import EVENT_STATE_CHANGED
from homeassistant.core import callback

from .fake import NOON, board

ENTITY = "event.shed_published_event"


def event(number, **more):
    given = {"device_id": "board-1", "name": "door", "data": number, "at": NOON}
    return Event(**given, id=str(number), **more)


@pytest.fixture
def heard(hass, cloud):
    """What the event entity has told, in order."""
    point = Point(key="events", kind=Kind.MESSAGE, label="published_event")
    cloud.devices = {"board-1": board(points={point.key: point})}
    heard = []

    def note(change):
        state = change.data["new_state"]
        if change.data["entity_id"] == ENTITY and "event_type" in state.attributes:
            if state.attributes["event_type"]:
                heard.append(state.attributes)

    hass.bus.async_listen(EVENT_STATE_CHANGED, callback(note))
    return heard


async def test_events_of_the_first_listing_wait_for_their_entity(
    hass, cloud, entry, heard
):
    cloud.events = (event(1), event(2))
    await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    assert [told["data"] for told in heard] == [1, 2]


async def test_events_of_a_poll_are_told_once(hass, cloud, entry, heard):
    await hass.config_entries.async_setup(entry.entry_id)
    coordinator = entry.runtime_data.coordinator
    cloud.events = (event(1), event(2, truncated=True), event(3))
    await coordinator.async_refresh()
    cloud.events = ()
    await coordinator.async_refresh()
    await hass.async_block_till_done()
    assert [told.get("data") for told in heard] == [1, None, 3]
    assert [told.get("truncated") for told in heard] == [None, True, None]
    assert "data" not in heard[1]


@pytest.mark.expects_errors("Unexpected error fetching Home data")
async def test_events_are_told_once_although_the_next_poll_fails(
    hass, cloud, entry, heard
):
    await hass.config_entries.async_setup(entry.entry_id)
    coordinator = entry.runtime_data.coordinator
    cloud.events = (event(1),)
    await coordinator.async_refresh()
    cloud.error = ConnectionError()
    await coordinator.async_refresh()
    await hass.async_block_till_done()
    assert [told["data"] for told in heard] == [1]
