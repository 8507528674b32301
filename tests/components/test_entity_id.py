"""An entity whose id a user changes goes on under the new one."""

from collections.abc import Iterator
from importlib import import_module

import pytest

from custom_components.iot_clouds.const import PLATFORMS
from custom_components.iot_clouds.entity import PointEntity
from custom_components.iot_clouds.model import Event, Kind, Point, Ref, Update
from homeassistant.helpers import entity_registry as er

from .fake import NOON, board, reading

ADD_AND_REMOVE = {
    "async_prepare_to_add_to_hass",
    "async_added_to_hass",
    "async_will_remove_from_hass",
}


def _below(parent: type[PointEntity]) -> Iterator[type[PointEntity]]:
    yield parent
    for child in parent.__subclasses__():
        yield from _below(child)


def _classes() -> list[type[PointEntity]]:
    for platform in PLATFORMS:
        import_module(f"custom_components.iot_clouds.{platform}")
    return sorted(set(_below(PointEntity)), key=lambda each: each.__name__)


@pytest.mark.parametrize("kind", _classes(), ids=lambda kind: kind.__name__)
def test_every_class_of_entities_takes_a_new_id_in_its_place(kind):
    # The rule of Home Assistant 2026.11; it removes and adds the others.
    ours = [each for each in kind.__mro__ if each.__module__.startswith("custom_")]
    ready = [each for each in ours if "async_entity_id_changed" in vars(each)]
    for each in ours:
        if ADD_AND_REMOVE & vars(each).keys():
            assert any(issubclass(owner, each) for owner in ready), each


async def test_a_renamed_sensor_shows_what_comes_next(hass, cloud, loaded, until):
    er.async_get(hass).async_update_entity(
        "sensor.shed_temp", new_entity_id="sensor.north"
    )
    await hass.async_block_till_done()
    assert hass.states.get("sensor.shed_temp") is None
    assert hass.states.get("sensor.north").state == "21.5"

    ref = Ref("board-1", "variable/temp")
    cloud.feed.queue.put_nowait(Update(readings={ref: reading(3.5, 60)}))
    await until(lambda: hass.states.get("sensor.north").state == "3.5")


async def test_a_renamed_event_entity_tells_what_comes_next_once(
    hass, cloud, entry, until
):
    point = Point(key="events", kind=Kind.MESSAGE, label="published_event")
    cloud.devices = {"board-1": board(points={point.key: point})}
    await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    er.async_get(hass).async_update_entity(
        "event.shed_published_event", new_entity_id="event.bell"
    )
    await hass.async_block_till_done()

    told = Event(device_id="board-1", name="rang", data="1", at=NOON, id="1")
    cloud.feed.queue.put_nowait(Update(events=(told,)))
    await until(lambda: hass.states.get("event.bell").attributes.get("name"))
    assert hass.states.get("event.bell").attributes["name"] == "rang"
    assert hass.states.get("event.shed_published_event") is None
