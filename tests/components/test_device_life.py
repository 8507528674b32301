"""Events, buttons, choices, firmware, notices and memory: what lives beside values."""

import itertools

import pytest
from pytest_homeassistant_custom_component.common import async_fire_time_changed

from custom_components.iot_clouds.const import DOMAIN
from custom_components.iot_clouds.memory import EntryMemory
from custom_components.iot_clouds.model import (
    CloudUnreachable,
    Device,
    DeviceOffline,
    Event,
    Firmware,
    Install,
    Kind,
    Notice,
    Point,
    Press,
    Ref,
    SetPoint,
    Update,
)
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.helpers import (
    device_registry as dr,
    entity_registry as er,
    issue_registry as ir,
)

from .fake import NOON, board, reading

POINTS = (
    Point(key="events", kind=Kind.MESSAGE, label="published_event"),
    Point(key="function/beep", kind=Kind.ACTION, name="Beep"),
    Point(
        key="setting/motion",
        kind=Kind.CHOICE,
        name="Motion",
        writable=True,
        options=("low", "high"),
    ),
    Point(key="firmware", kind=Kind.FIRMWARE, label="firmware"),
)
FIRMWARE = Firmware(
    installed="3",
    latest="4",
    title="Bee scale",
    notes="Weighs twice.",
    url="https://fake.example/4",
    installable=True,
)


@pytest.fixture
async def account(hass, cloud, entry):
    """An account with one board that has all of it."""
    cloud.devices = {"board-1": board(points={each.key: each for each in POINTS})}
    cloud.readings = {
        Ref("board-1", "setting/motion"): reading("low"),
        Ref("board-1", "firmware"): reading(FIRMWARE),
    }
    await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    return entry


def _event(name: str = "door", data=None, device_id: str = "board-1", **more) -> Event:
    return Event(device_id=device_id, name=name, data=data, at=NOON, id=name, **more)


async def test_what_a_board_publishes_is_an_event(hass, cloud, account, until):
    entity = "event.shed_published_event"
    assert hass.states.get(entity).state == "unknown"
    cloud.feed.queue.put_nowait(
        Update(events=(_event(data={"open": True}), _event(device_id="board-9")))
    )
    await until(lambda: hass.states.get(entity).state != "unknown")
    attributes = hass.states.get(entity).attributes
    assert attributes["event_type"] == "published"
    assert attributes["event_types"] == ["published"]
    assert attributes["name"] == "door"
    assert attributes["data"] == {"open": True}
    assert attributes["published_at"] == "2026-11-20T12:00:00+00:00"


async def test_an_event_is_heard_no_more_after_its_entity_is_gone(
    hass, cloud, account, until
):
    er.async_get(hass).async_remove("event.shed_published_event")
    await hass.async_block_till_done()
    cloud.feed.queue.put_nowait(Update(events=(_event(),)))
    cloud.feed.queue.put_nowait(
        Update(readings={Ref("board-1", "setting/motion"): reading("high", 1)})
    )
    await until(lambda: hass.states.get("select.shed_motion").state == "high")


async def test_a_button_sets_off_its_action_once(hass, cloud, account):
    await hass.services.async_call(
        "button", "press", {"entity_id": "button.shed_beep"}, blocking=True
    )
    assert cloud.commands == [Press(ref=Ref("board-1", "function/beep"))]


async def test_a_button_that_fails_says_why(hass, cloud, account):
    cloud.error = DeviceOffline("x")
    with pytest.raises(HomeAssistantError) as caught:
        await hass.services.async_call(
            "button", "press", {"entity_id": "button.shed_beep"}, blocking=True
        )
    assert caught.value.translation_key == "device_offline"
    assert len(cloud.commands) == 1


async def test_a_choice_is_written(hass, cloud, account):
    assert hass.states.get("select.shed_motion").attributes["options"] == [
        "low",
        "high",
    ]
    await hass.services.async_call(
        "select",
        "select_option",
        {"entity_id": "select.shed_motion", "option": "high"},
        blocking=True,
    )
    assert cloud.commands == [
        SetPoint(ref=Ref("board-1", "setting/motion"), value="high")
    ]
    assert hass.states.get("select.shed_motion").state == "high"


async def test_a_choice_that_is_none_of_ours_is_unknown_and_refused(
    hass, cloud, account, until
):
    cloud.feed.queue.put_nowait(
        Update(readings={Ref("board-1", "setting/motion"): reading("other", 1)})
    )
    await until(lambda: hass.states.get("select.shed_motion").state == "unknown")
    with pytest.raises(ServiceValidationError):
        await hass.services.async_call(
            "select",
            "select_option",
            {"entity_id": "select.shed_motion", "option": "other"},
            blocking=True,
        )
    assert cloud.commands == []


async def test_firmware_is_shown_and_installed(hass, hass_ws_client, cloud, account):
    state = hass.states.get("update.shed_firmware")
    assert state.state == "on"
    assert state.attributes["installed_version"] == "3"
    assert state.attributes["latest_version"] == "4"
    assert state.attributes["title"] == "Bee scale"
    assert state.attributes["release_url"] == "https://fake.example/4"
    client = await hass_ws_client(hass)
    await client.send_json_auto_id(
        {"type": "update/release_notes", "entity_id": "update.shed_firmware"}
    )
    assert (await client.receive_json())["result"] == "Weighs twice."

    await hass.services.async_call(
        "update", "install", {"entity_id": "update.shed_firmware"}, blocking=True
    )
    assert cloud.commands == [Install(ref=Ref("board-1", "firmware"))]


async def test_progress_and_an_older_target_are_told(hass, cloud, account, until):
    older = Firmware(
        installed="4", latest="3", installable=True, installing=True, progress=40.0
    )
    cloud.feed.queue.put_nowait(
        Update(readings={Ref("board-1", "firmware"): reading(older, 1)})
    )
    await until(
        lambda: hass.states.get("update.shed_firmware").attributes["in_progress"]
    )
    state = hass.states.get("update.shed_firmware")
    assert state.state == "on"
    assert state.attributes["update_percentage"] == 40.0


async def test_firmware_that_cannot_be_installed_offers_nothing(
    hass, cloud, account, until
):
    fixed = Firmware(installed="4", latest="4")
    cloud.feed.queue.put_nowait(
        Update(readings={Ref("board-1", "firmware"): reading(fixed, 1)})
    )
    await until(lambda: hass.states.get("update.shed_firmware").state == "off")
    with pytest.raises(HomeAssistantError):
        await hass.services.async_call(
            "update", "install", {"entity_id": "update.shed_firmware"}, blocking=True
        )
    assert cloud.commands == []


async def test_unknown_firmware_is_unknown(hass, cloud, entry):
    cloud.devices = {"board-1": board(points={each.key: each for each in POINTS})}
    cloud.readings = {}
    await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    assert hass.states.get("update.shed_firmware").state == "unknown"


async def test_a_notice_is_a_repair_issue_for_as_long_as_it_is_reported(
    hass, cloud, account
):
    issues = ir.async_get(hass)
    assert not issues.issues
    cloud.notices = (
        Notice(key="budget_80", placeholders=(("used", "40000"),)),
        Notice(key="budget_100", severe=True),
    )
    await account.runtime_data.coordinator.async_refresh()
    issue = issues.async_get_issue(DOMAIN, f"budget_80_{account.entry_id}")
    assert issue.translation_key == "budget_80"
    assert issue.severity is ir.IssueSeverity.WARNING
    assert issue.translation_placeholders == {"account": "Home", "used": "40000"}
    severe = issues.async_get_issue(DOMAIN, f"budget_100_{account.entry_id}")
    assert severe.severity is ir.IssueSeverity.ERROR

    cloud.notices = ()
    await account.runtime_data.coordinator.async_refresh()
    assert not issues.issues


async def test_notices_leave_with_their_account(hass, cloud, account):
    cloud.notices = (Notice(key="budget_80"),)
    await account.runtime_data.coordinator.async_refresh()
    await hass.config_entries.async_unload(account.entry_id)
    assert not ir.async_get(hass).issues


async def test_the_accounts_own_points_stand_on_its_own_device(hass, cloud, entry):
    point = Point(key="operations", kind=Kind.MEASURE, name="Operations")
    device = Device(
        id=entry.entry_id,
        name="Account",
        is_account=True,
        points={point.key: point},
    )
    cloud.devices = {device.id: device}
    cloud.readings = {Ref(device.id, "operations"): reading(7)}
    await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()

    assert hass.states.get("sensor.home_operations").state == "7"
    [registered] = dr.async_entries_for_config_entry(dr.async_get(hass), entry.entry_id)
    assert registered.name == "Home"
    assert registered.entry_type is dr.DeviceEntryType.SERVICE
    assert registered.via_device_id is None


async def test_a_cloud_remembers_across_restarts(hass, hass_storage, loaded):
    memory = EntryMemory(hass, loaded.entry_id)
    assert await memory.load() == {}
    memory.save(lambda: {"counter": 5})
    await memory.async_flush()
    assert hass_storage[f"iot_clouds.{loaded.entry_id}"]["data"] == {"counter": 5}
    assert await EntryMemory(hass, loaded.entry_id).load() == {"counter": 5}


async def test_notes_that_change_all_the_time_are_written_all_the_same(
    hass, hass_storage, loaded, freezer
):
    memory = EntryMemory(hass, loaded.entry_id)
    counter = itertools.count()
    for _ in range(5):
        memory.save(lambda: {"counter": next(counter)})
        freezer.tick(10)
        async_fire_time_changed(hass)
        await hass.async_block_till_done()
    assert hass_storage[f"iot_clouds.{loaded.entry_id}"]["data"] == {"counter": 0}
    memory.save(lambda: {"counter": 9})
    freezer.tick(31)
    async_fire_time_changed(hass)
    await hass.async_block_till_done()
    assert hass_storage[f"iot_clouds.{loaded.entry_id}"]["data"] == {"counter": 9}


async def test_what_outlives_the_account_writes_nothing_any_more(
    hass, hass_storage, loaded, freezer
):
    memory = EntryMemory(hass, loaded.entry_id)
    memory.save(lambda: {"counter": 5})
    await memory.async_flush()
    memory.save(lambda: {"counter": 6})
    freezer.tick(31)
    async_fire_time_changed(hass)
    await hass.async_block_till_done()
    assert hass_storage[f"iot_clouds.{loaded.entry_id}"]["data"] == {"counter": 5}


async def test_what_was_remembered_goes_with_the_account(hass, hass_storage, loaded):
    memory = EntryMemory(hass, loaded.entry_id)
    memory.save(lambda: {"counter": 5})
    await memory.async_flush()
    await hass.config_entries.async_remove(loaded.entry_id)
    assert f"iot_clouds.{loaded.entry_id}" not in hass_storage


@pytest.mark.expects_errors("Error fetching Home data")
async def test_a_listing_that_fails_keeps_the_notices(hass, cloud, account):
    cloud.notices = (Notice(key="budget_80"),)
    await account.runtime_data.coordinator.async_refresh()
    cloud.error = CloudUnreachable("x")
    await account.runtime_data.coordinator.async_refresh()
    assert len(ir.async_get(hass).issues) == 1
