"""Points become entities of the right platform, and each does what it should."""

from unittest.mock import patch

import pytest
from pytest_homeassistant_custom_component.common import snapshot_platform

from custom_components.iot_clouds.light import brightness_of
from custom_components.iot_clouds.model import (
    CloudUnreachable,
    DeviceOffline,
    Point,
    SetPoint,
    Update,
)
from custom_components.iot_clouds.offered import readable_names
from homeassistant.const import Platform
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import entity_registry as er

from .fake import Ref, board, reading, values


@pytest.mark.parametrize(
    "platform",
    [
        Platform.BINARY_SENSOR,
        Platform.DEVICE_TRACKER,
        Platform.SENSOR,
        Platform.SWITCH,
    ],
)
async def test_entities_of_a_platform(hass, entry, snapshot, platform):
    with (
        patch("custom_components.iot_clouds.PLATFORMS", (platform,)),
        patch(
            "homeassistant.helpers.entity.Entity.entity_registry_enabled_default",
            True,
        ),
    ):
        await hass.config_entries.async_setup(entry.entry_id)
        await hass.async_block_till_done()
        await snapshot_platform(hass, er.async_get(hass), snapshot, entry.entry_id)


async def test_the_place_of_a_board_is_called_like_the_board(hass, loaded):
    assert hass.states.get("device_tracker.shed").name == "Shed"
    board = loaded.runtime_data.coordinator.data["board-1"]
    assert readable_names(hass, loaded, board)["tracker/location"] == "Location"


async def test_a_place_that_the_user_named_keeps_its_name(hass, cloud, entry):
    point = Point(key="message/bike", kind="place", name="Bike")
    cloud.devices = {"board-1": board(points={point.key: point})}
    cloud.readings = {}
    await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    assert hass.states.get("device_tracker.shed_bike").name == "Shed Bike"


async def test_a_point_that_is_off_by_default_is_registered_but_disabled(hass, loaded):
    entity = er.async_get(hass).async_get("sensor.shed_battery")
    assert entity.disabled_by is er.RegistryEntryDisabler.INTEGRATION
    assert hass.states.get("sensor.shed_battery") is None


async def test_a_long_text_is_cut_and_kept_whole_beside(hass, cloud, loaded, until):
    text = "x" * 300
    cloud.feed.queue.put_nowait(
        Update(
            readings={
                Ref("board-1", "variable/note"): reading(
                    text, 1, attributes={"full": text}
                )
            }
        )
    )
    await until(lambda: hass.states.get("sensor.shed_note").state == "x" * 255)
    assert hass.states.get("sensor.shed_note").attributes["full"] == text


async def test_what_changes_only_beside_the_value_is_shown_too(
    hass, cloud, loaded, until
):
    for second, unit in enumerate(("lux", "lumen"), 1):
        told = reading("bright", second, attributes={"unit": unit})
        cloud.feed.queue.put_nowait(
            Update(readings={Ref("board-1", "variable/note"): told})
        )
        await until(
            lambda unit=unit: (
                hass.states.get("sensor.shed_note").attributes.get("unit") == unit
            )
        )
        assert hass.states.get("sensor.shed_note").state == "bright"


def test_a_brightness_beyond_all_bounds_is_the_brightest():
    assert [brightness_of(percent) for percent in (-1e308, 0.1, 50, 1e308)] == [
        1,
        1,
        128,
        255,
    ]


async def test_a_missing_value_is_unknown_not_unavailable(hass, cloud, entry):
    cloud.readings = values()
    for key in ("temp", "note", "door", "pump"):
        cloud.readings[Ref("board-1", f"variable/{key}")] = reading(None)
    del cloud.readings[Ref("board-1", "tracker/location")]
    await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()

    for entity_id in (
        "sensor.shed_temp",
        "sensor.shed_note",
        "binary_sensor.shed_door",
        "switch.shed_pump",
        "device_tracker.shed",
    ):
        assert hass.states.get(entity_id).state == "unknown", entity_id
    assert "latitude" not in hass.states.get("device_tracker.shed").attributes


async def _switch(hass, service: str) -> None:
    await hass.services.async_call(
        "switch", service, {"entity_id": "switch.shed_pump"}, blocking=True
    )


async def test_a_switch_writes_once_and_shows_its_effect_at_once(hass, cloud, loaded):
    await _switch(hass, "turn_off")
    ref = Ref("board-1", "variable/pump")
    assert cloud.commands == [SetPoint(ref=ref, value=False)]
    assert hass.states.get("switch.shed_pump").state == "off"

    await _switch(hass, "turn_on")
    assert cloud.commands[1:] == [SetPoint(ref=ref, value=True)]
    assert hass.states.get("switch.shed_pump").state == "on"


@pytest.mark.parametrize(
    ("error", "key"),
    [
        (CloudUnreachable("x"), "unreachable"),
        (DeviceOffline("x"), "device_offline"),
    ],
)
async def test_a_failed_switch_raises_and_changes_nothing(
    hass, cloud, loaded, error, key
):
    cloud.error = error
    with pytest.raises(HomeAssistantError) as caught:
        await _switch(hass, "turn_off")
    assert caught.value.translation_key == key
    assert len(cloud.commands) == 1
    assert hass.states.get("switch.shed_pump").state == "on"


async def test_an_offline_board_says_so_and_nothing_else(hass, cloud, loaded, until):
    cloud.feed.queue.put_nowait(Update(online={"board-1": False}))
    await until(lambda: hass.states.get("sensor.shed_temp").state == "unavailable")

    assert hass.states.get("switch.shed_pump").state == "unavailable"
    assert hass.states.get("binary_sensor.shed_connection").state == "off"

    cloud.feed.queue.put_nowait(Update(online={"board-1": True}))
    await until(lambda: hass.states.get("sensor.shed_temp").state == "21.5")
    assert hass.states.get("binary_sensor.shed_connection").state == "on"


async def test_a_sleeping_board_keeps_its_measurements_but_not_its_controls(
    hass, cloud, entry
):
    cloud.devices["board-1"] = board(online=False, sleeps=True)
    await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()

    assert hass.states.get("sensor.shed_temp").state == "21.5"
    assert hass.states.get("switch.shed_pump").state == "unavailable"
    assert hass.states.get("binary_sensor.shed_connection").state == "off"


async def test_a_board_that_nobody_watches_has_no_connection_entity(hass, cloud, entry):
    cloud.devices["board-1"] = board(online=None)
    await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()

    assert hass.states.get("binary_sensor.shed_connection") is None
    assert hass.states.get("sensor.shed_temp").state == "21.5"


async def test_a_switch_that_nothing_reports_says_that_its_state_is_assumed(
    hass, cloud, entry
):
    point = Point(
        key="variable/pump", kind="toggle", name="Pump", writable=True, assumed=True
    )
    cloud.devices["board-1"] = board(points={point.key: point})
    await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    assert hass.states.get("switch.shed_pump").attributes["assumed_state"] is True
