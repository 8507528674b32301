"""Actions do what they say, or say what is wrong."""

import probatio
import pytest

from custom_components.iot_clouds.const import DOMAIN
from custom_components.iot_clouds.model import (
    Call,
    CloudAuthError,
    CloudBusy,
    CloudMissing,
    CloudRejected,
    CloudUnreachable,
    Publish,
    Ref,
    Send,
    SetPoint,
)
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.helpers import device_registry as dr, entity_registry as er

from .fake import board


@pytest.fixture
def device_id(hass, loaded) -> str:
    """Home Assistant's id of the board."""
    return dr.async_get_device_id_by_identifier(
        hass, (DOMAIN, "board-1"), config_entry_id=loaded.entry_id
    )


async def _act(hass, action: str, /, **data):
    return await hass.services.async_call(
        DOMAIN, action, data, blocking=True, return_response=True
    )


async def test_set_value_writes_whatever_entity_shows_the_variable(hass, cloud, loaded):
    answer = await _act(
        hass, "set_value", entity_id="sensor.shed_note", value="closed today"
    )
    assert answer == {"sensor.shed_note": "closed today"}
    assert cloud.commands == [
        SetPoint(ref=Ref("board-1", "variable/note"), value="closed today")
    ]
    assert hass.states.get("sensor.shed_note").state == "closed today"


async def test_set_value_takes_several_entities_and_several_parts(hass, cloud, loaded):
    await _act(
        hass,
        "set_value",
        entity_id=["sensor.shed_note", "switch.shed_pump"],
        value={"swi": True, "bri": 5},
    )
    assert [command.ref.key for command in cloud.commands] == [
        "variable/note",
        "variable/pump",
    ]
    assert cloud.commands[0].value == {"swi": True, "bri": 5}
    assert hass.states.get("sensor.shed_note").state == "hello"


@pytest.mark.parametrize(
    ("entity_id", "key"),
    [
        ("sensor.shed_temp", "not_writable"),
        ("binary_sensor.shed_connection", "not_writable"),
        ("sensor.somebody_elses", "not_ours"),
    ],
)
async def test_set_value_refuses_what_cannot_be_written(
    hass, cloud, loaded, entity_id, key
):
    er.async_get(hass).async_get_or_create(
        "sensor", "other", "1", suggested_object_id="somebody_elses"
    )
    with pytest.raises(ServiceValidationError) as caught:
        await _act(hass, "set_value", entity_id=entity_id, value=1)
    assert caught.value.translation_key == key
    assert cloud.commands == []


async def test_a_value_that_the_cloud_does_not_take_is_told(hass, cloud, loaded):
    cloud.error = CloudUnreachable("x")
    with pytest.raises(HomeAssistantError) as caught:
        await _act(hass, "set_value", entity_id="switch.shed_pump", value=False)
    assert caught.value.translation_key == "unreachable"
    assert len(cloud.commands) == 1
    assert hass.states.get("switch.shed_pump").state == "on"


async def test_set_value_with_one_wrong_entity_writes_nothing(hass, cloud, loaded):
    with pytest.raises(ServiceValidationError):
        await _act(
            hass,
            "set_value",
            entity_id=["switch.shed_pump", "sensor.shed_temp"],
            value=True,
        )
    assert cloud.commands == []


async def test_call_function_returns_what_the_function_returned(hass, cloud, device_id):
    cloud.answer = 7
    answer = await _act(
        hass, "call_function", device_id=device_id, function="open", argument="wide"
    )
    assert answer["return_value"] == 7
    assert answer["round_trip_ms"] >= 0
    assert cloud.commands == [
        Call(device_id="board-1", function="open", argument="wide")
    ]


async def test_a_negative_answer_is_an_error_only_where_the_user_says_so(
    hass, cloud, device_id
):
    cloud.answer = -2
    answer = await _act(hass, "call_function", device_id=device_id, function="open")
    assert answer["return_value"] == -2
    with pytest.raises(HomeAssistantError) as caught:
        await _act(
            hass,
            "call_function",
            device_id=device_id,
            function="open",
            negative_is_error=True,
        )
    assert caught.value.translation_key == "function_failed"
    assert caught.value.translation_placeholders == {
        "function": "open",
        "device": "Shed",
        "value": "-2",
    }


async def test_call_function_sends_a_structure_as_json(hass, cloud, device_id):
    await _act(
        hass,
        "call_function",
        device_id=device_id,
        function="open",
        argument={"cmd": "get_loc"},
    )
    assert cloud.commands[0].argument == '{"cmd": "get_loc"}'


async def test_call_function_names_the_functions_there_are(hass, cloud, device_id):
    with pytest.raises(ServiceValidationError) as caught:
        await _act(hass, "call_function", device_id=device_id, function="opne")
    assert caught.value.translation_key == "unknown_function"
    assert caught.value.translation_placeholders == {
        "function": "opne",
        "device": "Shed",
        "functions": "open, close",
    }
    assert cloud.commands == []


async def test_call_function_asks_the_cloud_where_no_functions_are_listed(
    hass, cloud, loaded, device_id
):
    cloud.devices["board-1"] = board(functions=())
    await loaded.runtime_data.coordinator.async_refresh()
    cloud.error = CloudMissing("x")
    with pytest.raises(ServiceValidationError) as caught:
        await _act(hass, "call_function", device_id=device_id, function="secret")
    assert caught.value.translation_key == "missing"


async def test_a_device_must_be_one_that_the_account_lists(hass, loaded, device_id):
    account = dr.async_get(hass).async_get(device_id).via_device_id
    with pytest.raises(ServiceValidationError) as caught:
        await _act(hass, "call_function", device_id=account, function="open")
    assert caught.value.translation_key == "no_such_device"


async def test_publish_event_goes_out_in_the_name_of_the_account(hass, cloud, loaded):
    await _act(
        hass,
        "publish_event",
        config_entry_id=loaded.entry_id,
        name="house/away",
        data={"since": 5},
    )
    assert cloud.commands == [Publish(name="house/away", data='{"since": 5}')]


async def test_send_command_returns_the_clouds_answer(hass, cloud, device_id):
    cloud.answer = {"status": 200}
    answer = await _act(
        hass,
        "send_command",
        device_id=device_id,
        type="pump",
        options={"state": "on", "level": 5},
    )
    assert answer == {"answer": {"status": 200}}
    assert cloud.commands == [
        Send(device_id="board-1", type="pump", options={"state": "on", "level": 5})
    ]


@pytest.mark.parametrize(
    ("error", "kind", "key", "placeholders"),
    [
        (
            CloudRejected("x", key="empty_option", field="level"),
            ServiceValidationError,
            "empty_option",
            {"field": "level", "reason": "x"},
        ),
        (CloudRejected("no"), HomeAssistantError, "rejected", {"reason": "no"}),
        (CloudUnreachable("x"), HomeAssistantError, "unreachable", {}),
    ],
)
async def test_a_refused_command_says_why(
    hass, cloud, device_id, error, kind, key, placeholders
):
    cloud.error = error
    with pytest.raises(HomeAssistantError) as caught:
        await _act(hass, "send_command", device_id=device_id, type="pump")
    assert type(caught.value) is kind
    assert caught.value.translation_key == key
    assert caught.value.translation_placeholders == placeholders
    assert len(cloud.commands) == 1


async def test_send_command_returns_what_the_device_said_and_lists_it(
    hass, cloud, device_id, until
):
    said = {"type": "x", "payload": {"pump": "on"}, "at": "2026-11-20T12:00:00+00:00"}
    cloud.answer = {"answer": {"status": 200}, "messages": [said]}
    answer = await _act(
        hass,
        "send_command",
        device_id=device_id,
        type="pump",
        wait=10,
        wait_for="pump",
        anyway=True,
    )
    assert answer == {"answer": {"status": 200}, "messages": [said]}
    assert cloud.commands == [
        Send(device_id="board-1", type="pump", wait=10.0, wait_for="pump", anyway=True)
    ]
    await until(lambda: cloud.snapshots == 2)


async def test_send_command_lists_nothing_where_it_did_not_wait(
    hass, cloud, loaded, device_id, monkeypatch
):
    relisted = []
    coordinator = loaded.runtime_data.coordinator
    monkeypatch.setattr(coordinator, "async_relist", lambda: relisted.append(1))
    cloud.answer = 7
    answer = await _act(
        hass, "send_command", device_id=device_id, type="pump", wait=0, wait_for=""
    )
    assert answer == {"answer": 7}
    assert cloud.commands == [Send(device_id="board-1", type="pump")]
    assert relisted == []


async def test_what_to_wait_for_needs_a_time_to_wait(hass, cloud, device_id):
    with pytest.raises(ServiceValidationError) as caught:
        await _act(
            hass, "send_command", device_id=device_id, type="pump", wait_for="pump"
        )
    assert caught.value.translation_key == "needs_wait"
    assert caught.value.translation_placeholders == {
        "field": "wait_for",
        "other": "wait",
    }
    assert cloud.commands == []


@pytest.mark.parametrize("wait", [-1, 31, "long"])
async def test_no_command_waits_for_ever(hass, cloud, device_id, wait):
    with pytest.raises(probatio.Invalid):
        await _act(hass, "send_command", device_id=device_id, type="pump", wait=wait)
    assert cloud.commands == []


async def test_an_action_that_the_cloud_does_not_know_is_refused(
    hass, cloud, device_id
):
    cloud.accepts = {SetPoint}
    with pytest.raises(ServiceValidationError) as caught:
        await _act(hass, "send_command", device_id=device_id, type="pump")
    assert caught.value.translation_key == "not_supported"
    assert cloud.commands == []


async def test_refresh_lists_the_account_now(hass, cloud, loaded):
    answer = await _act(hass, "refresh", config_entry_id=loaded.entry_id)
    assert answer == {"devices": 1}
    assert cloud.snapshots == 2


@pytest.mark.parametrize(
    ("error", "key"),
    [
        (CloudUnreachable("x"), "unreachable"),
        (CloudAuthError("x"), "auth_failed"),
        (CloudBusy("x", retry_after=5), "busy"),
        (ValueError("x"), "refresh_failed"),
    ],
)
@pytest.mark.expects_errors("fetching Home data")
async def test_a_refresh_that_fails_says_why(hass, cloud, loaded, error, key):
    cloud.error = error
    with pytest.raises(HomeAssistantError) as caught:
        await _act(hass, "refresh", config_entry_id=loaded.entry_id)
    assert caught.value.translation_key == key
    assert "{" not in str(caught.value)


async def test_actions_of_an_account_that_is_not_loaded_are_refused(hass, loaded):
    await hass.config_entries.async_unload(loaded.entry_id)
    with pytest.raises(ServiceValidationError):
        await _act(hass, "refresh", config_entry_id=loaded.entry_id)
