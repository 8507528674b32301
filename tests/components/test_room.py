"""An account with more points than Home Assistant takes entities for."""

from datetime import timedelta
from types import MappingProxyType

import pytest
from pytest_homeassistant_custom_component.common import async_fire_time_changed

from custom_components.iot_clouds import room
from custom_components.iot_clouds.const import DOMAIN
from custom_components.iot_clouds.model import Category, Kind, Point
from homeassistant.config_entries import ConfigSubentry
from homeassistant.helpers import (
    device_registry as dr,
    entity_platform,
    entity_registry as er,
    issue_registry as ir,
)
from homeassistant.util import dt as dt_util

from .fake import board, reading

LIMIT = 20


@pytest.fixture(autouse=True)
def _small(monkeypatch):
    """Let twenty entities be many, for us and for Home Assistant."""
    monkeypatch.setattr(room, "LIMIT", LIMIT)
    monkeypatch.setattr(entity_platform, "MAX_ENABLED_ENTITIES_PER_CONFIG_ENTRY", LIMIT)


def _measures(count: int, **more) -> dict[str, Point]:
    return {
        f"variable/{number:05}": Point(
            key=f"variable/{number:05}",
            kind=Kind.MEASURE,
            name=f"Value {number:05}",
            **more,
        )
        for number in range(count)
    }


def _fill(cloud, count: int, id: str = "board-1", **more) -> None:
    """Let the board measure so much, and be connected."""
    points = _measures(count)
    cloud.devices[id] = board(id=id, points=points, **more)
    cloud.readings = {
        device.ref(key): reading(7)
        for device in cloud.devices.values()
        for key in device.points
    }


async def _setup(hass, entry) -> None:
    await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()


async def _later(hass) -> None:
    async_fire_time_changed(hass, dt_util.utcnow() + timedelta(seconds=2))
    await hass.async_block_till_done()


def _enabled(hass, entry) -> int:
    registry = er.async_get(hass)
    entries = er.async_entries_for_config_entry(registry, entry.entry_id)
    return sum(not each.disabled for each in entries)


def _issue(hass, entry) -> ir.IssueEntry | None:
    return ir.async_get(hass).async_get_issue(
        DOMAIN, f"too_many_entities_{entry.entry_id}"
    )


def _warnings(caplog) -> list[str]:
    return [
        each.getMessage()
        for each in caplog.records
        if each.levelname in {"WARNING", "ERROR"}
        if "entities" in each.getMessage()
        if "not been tested" not in each.getMessage()
    ]


def test_the_limit_is_the_one_that_home_assistant_has(monkeypatch):
    monkeypatch.undo()
    assert room.LIMIT == 10_000
    assert room.LIMIT == entity_platform.MAX_ENABLED_ENTITIES_PER_CONFIG_ENTRY


async def test_what_does_not_fit_waits_and_one_line_and_an_issue_tell_so(
    hass, cloud, entry, caplog
):
    _fill(cloud, 50)
    await _setup(hass, entry)

    # 19 values and the connection of the board.
    assert _enabled(hass, entry) == LIMIT
    assert len(hass.states.async_all("sensor")) == 19
    assert hass.states.get("binary_sensor.shed_connection").state == "on"
    issue = _issue(hass, entry)
    assert issue.severity is ir.IssueSeverity.WARNING
    assert not issue.is_fixable
    assert issue.translation_placeholders == {
        "account": "Home",
        "limit": "20",
        "waiting": "31",
    }
    assert _warnings(caplog) == [
        "Home has more than 20 entities: leave out or disable what is not needed"
    ]

    # Listings that say the same, or something else, add nothing and repeat nothing.
    for version in ("1.2.3", "2.0.0", "3.0.0"):
        _fill(cloud, 50, sw_version=version)
        await entry.runtime_data.coordinator.async_refresh()
        await hass.async_block_till_done()
    assert _enabled(hass, entry) == LIMIT
    assert len(_warnings(caplog)) == 1


async def test_an_account_that_fits_exactly_has_no_issue(hass, cloud, entry, caplog):
    _fill(cloud, 19)
    await _setup(hass, entry)
    assert _enabled(hass, entry) == LIMIT
    assert _issue(hass, entry) is None
    assert _warnings(caplog) == []


async def test_what_is_disabled_makes_room_for_what_waits(hass, cloud, entry):
    _fill(cloud, 25)
    await _setup(hass, entry)
    registry = er.async_get(hass)
    for number in range(3):
        registry.async_update_entity(
            f"sensor.shed_value_{number:05}", disabled_by=er.RegistryEntryDisabler.USER
        )
    await _later(hass)

    assert _enabled(hass, entry) == LIMIT
    assert hass.states.get("sensor.shed_value_00000") is None
    # Some wait still, and the issue counts them.
    assert hass.states.get("sensor.shed_value_00021").state == "7"
    assert _issue(hass, entry).translation_placeholders["waiting"] == "3"

    for number in range(3, 9):
        registry.async_update_entity(
            f"sensor.shed_value_{number:05}", disabled_by=er.RegistryEntryDisabler.USER
        )
    await _later(hass)
    assert hass.states.get("sensor.shed_value_00024").state == "7"
    assert _issue(hass, entry) is None


async def test_a_device_that_is_disabled_or_gone_makes_room_too(hass, cloud, entry):
    _fill(cloud, 15)
    _fill(cloud, 15, id="board-2", name="Barn", mac=None)
    await _setup(hass, entry)
    assert _enabled(hass, entry) == LIMIT
    assert _issue(hass, entry).translation_placeholders["waiting"] == "12"

    registry = dr.async_get(hass)
    shed = registry.async_get_device_by_identifier((DOMAIN, "board-1"), entry.entry_id)
    registry.async_update_device(shed.id, disabled_by=dr.DeviceEntryDisabler.USER)
    await hass.async_block_till_done()
    await _later(hass)
    assert len(hass.states.async_all("sensor")) == 15
    assert hass.states.get("sensor.barn_value_00014").state == "7"
    assert _issue(hass, entry) is None

    _fill(cloud, 30, id="board-2", name="Barn", mac=None)
    del cloud.devices["board-1"]
    await entry.runtime_data.coordinator.async_refresh()
    await hass.async_block_till_done()
    assert _enabled(hass, entry) == LIMIT
    assert _issue(hass, entry).translation_placeholders["waiting"] == "11"


async def test_what_is_disabled_at_first_takes_no_room(hass, cloud, entry):
    quiet = _measures(50, enabled=False, category=Category.DIAGNOSTIC)
    cloud.devices = {"board-1": board(points=quiet)}
    cloud.readings = {}
    await _setup(hass, entry)
    entries = er.async_entries_for_config_entry(er.async_get(hass), entry.entry_id)
    assert len(entries) == 51
    assert _enabled(hass, entry) == 1
    assert _issue(hass, entry) is None


async def test_after_a_restart_the_same_entities_are_there(hass, cloud, entry, caplog):
    _fill(cloud, 50)
    await _setup(hass, entry)
    before = {each.entity_id for each in hass.states.async_all("sensor")}
    # A board that would come first in the listing does not push anybody out.
    _fill(cloud, 10, id="a-board", name="Attic", mac=None)
    await hass.config_entries.async_reload(entry.entry_id)
    await hass.async_block_till_done()
    assert {each.entity_id for each in hass.states.async_all("sensor")} == before
    assert _enabled(hass, entry) == LIMIT
    assert _issue(hass, entry).translation_placeholders["waiting"] == "42"


async def test_the_issue_leaves_with_the_account(hass, cloud, entry):
    _fill(cloud, 50)
    await _setup(hass, entry)
    er.async_get(hass).async_remove("sensor.shed_value_00000")
    await hass.config_entries.async_unload(entry.entry_id)
    assert _issue(hass, entry) is None
    # Nobody looks again for an account that is not loaded.
    await _later(hass)
    assert entry.state.value == "not_loaded"


async def test_what_the_user_defined_comes_first(hass, cloud, entry):
    _fill(cloud, 50)
    document = {
        "device": "board-1",
        "platform": "button",
        "commands": {"press": {"call": {"function": "open", "argument": "now"}}},
    }
    hass.config_entries.async_add_subentry(
        entry,
        ConfigSubentry(
            data=MappingProxyType(document),
            subentry_type="mapping",
            title="Zebra",
            unique_id=None,
        ),
    )
    await _setup(hass, entry)
    assert hass.states.get("button.shed_zebra").state == "unknown"
    assert _enabled(hass, entry) == LIMIT
    assert _issue(hass, entry).translation_placeholders["waiting"] == "32"


async def test_points_that_come_later_wait_as_well(hass, cloud, entry, caplog):
    _fill(cloud, 10)
    await _setup(hass, entry)
    assert _issue(hass, entry) is None
    _fill(cloud, 30)
    await entry.runtime_data.coordinator.async_refresh()
    await hass.async_block_till_done()
    assert _enabled(hass, entry) == LIMIT
    assert hass.states.get("sensor.shed_value_00018").state == "7"
    assert _issue(hass, entry).translation_placeholders["waiting"] == "11"

    _fill(cloud, 12)
    await entry.runtime_data.coordinator.async_refresh()
    await hass.async_block_till_done()
    assert _issue(hass, entry) is None
    assert len(hass.states.async_all("sensor")) == 12
    assert len(_warnings(caplog)) == 1
