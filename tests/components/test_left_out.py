"""Devices that the user leaves out are as if the account did not have them."""

from dataclasses import replace
from types import MappingProxyType

import pytest

from custom_components.iot_clouds.const import DOMAIN
from custom_components.iot_clouds.model import (
    CloudUnreachable,
    Device,
    Event,
    Ref,
    Update,
)
from custom_components.iot_clouds.selection import Selection
from homeassistant.config_entries import (
    SOURCE_RECONFIGURE,
    ConfigEntryState,
    ConfigSubentry,
)
from homeassistant.data_entry_flow import FlowResultType, InvalidData
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import (
    device_registry as dr,
    entity_registry as er,
    issue_registry as ir,
)

from .fake import NOON, board, reading, values

BARN = "sensor.barn_temp"
SHED = "sensor.shed_temp"


@pytest.fixture(autouse=True)
def _boards(cloud):
    """Two boards, of which one has the values of the other."""
    cloud.devices["board-2"] = board(id="board-2", name="Barn", mac=None)
    cloud.readings |= values("board-2")


async def _open(hass, entry):
    options = hass.config_entries.options
    menu = await options.async_init(entry.entry_id)
    return await options.async_configure(menu["flow_id"], {"next_step_id": "devices"})


def _names(form):
    [picker] = form["data_schema"].schema.values()
    return {each["value"]: each["label"] for each in picker.config["options"]}


@pytest.fixture
def leave_out(hass, loaded):
    """Leave these devices out, and no others."""

    async def leave_out(*ids):
        form = await _open(hass, loaded)
        assert form["step_id"] == "devices"
        done = await hass.config_entries.options.async_configure(
            form["flow_id"], {"left_out": [*ids]}
        )
        assert done["type"] is FlowResultType.CREATE_ENTRY
        await hass.async_block_till_done()
        assert loaded.state is ConfigEntryState.LOADED

    return leave_out


def _device(hass, entry, device_id):
    return dr.async_get(hass).async_get_device_by_identifier(
        (DOMAIN, device_id), entry.entry_id
    )


def _unique_ids(hass, entry):
    registered = er.async_entries_for_config_entry(er.async_get(hass), entry.entry_id)
    return {each.unique_id for each in registered}


async def test_a_device_is_left_out_with_all_its_entities(hass, loaded, leave_out):
    form = await _open(hass, loaded)
    assert _names(form) == {"board-2": "Barn", "board-1": "Shed"}
    assert form["data_schema"]({}) == {"left_out": []}
    hass.config_entries.options.async_abort(form["flow_id"])
    # One that is disabled counts, too.
    assert "board-2_tracker/battery" in _unique_ids(hass, loaded)

    await leave_out("board-2")

    assert loaded.options == {"left_out": ["board-2"]}
    assert hass.states.get(BARN) is None
    assert _device(hass, loaded, "board-2") is None
    assert not [one for one in _unique_ids(hass, loaded) if one.startswith("board-2")]
    assert [*loaded.runtime_data.coordinator.data] == ["board-1"]
    assert hass.states.get(SHED).state == "21.5"


async def test_a_device_that_comes_back_is_the_same_as_before(hass, loaded, leave_out):
    er.async_get(hass).async_update_entity(BARN, new_entity_id="sensor.warm")
    dr.async_get(hass).async_update_device(
        _device(hass, loaded, "board-2").id, name_by_user="Old barn"
    )
    before = _device(hass, loaded, "board-2").id, _unique_ids(hass, loaded)
    form = await _open(hass, loaded)
    assert _names(form) == {"board-2": "Old barn", "board-1": "Shed"}
    hass.config_entries.options.async_abort(form["flow_id"])
    await leave_out("board-2")
    form = await _open(hass, loaded)
    assert form["data_schema"]({}) == {"left_out": ["board-2"]}
    hass.config_entries.options.async_abort(form["flow_id"])

    await leave_out()

    assert loaded.options == {"left_out": []}
    assert hass.states.get("sensor.warm").state == "21.5"
    back = _device(hass, loaded, "board-2")
    assert (back.id, _unique_ids(hass, loaded)) == before
    assert back.name_by_user == "Old barn"


async def test_a_device_that_is_new_comes_in(hass, cloud, loaded, leave_out):
    await leave_out("board-2")
    cloud.devices["board-3"] = board(id="board-3", name="Attic", mac=None)
    cloud.readings |= values("board-3")
    await loaded.runtime_data.coordinator.async_refresh()
    await hass.async_block_till_done()
    assert hass.states.get("sensor.attic_temp").state == "21.5"
    assert hass.states.get(BARN) is None


async def test_what_is_pushed_about_a_device_that_is_left_out_is_dropped(
    hass, cloud, loaded, leave_out, until, caplog
):
    await leave_out("board-2")
    coordinator = loaded.runtime_data.coordinator
    listings = cloud.snapshots
    cloud.feed.queue.put_nowait(
        Update(
            readings={
                Ref("board-2", "variable/temp"): reading(30.5, 60),
                Ref("board-1", "variable/temp"): reading(22.5, 60),
            },
            online={"board-2": False},
            events=(
                Event(device_id="board-2", name="ding", data="1", at=NOON, id="1"),
            ),
        )
    )
    await until(lambda: hass.states.get(SHED).state == "22.5")
    assert {ref.device_id for ref in coordinator.readings} == {"board-1"}
    assert loaded.runtime_data.heard.names("board-2") == []
    assert cloud.snapshots == listings
    assert "board-2" not in caplog.text


async def test_what_is_pushed_before_the_first_listing_is_dropped_too(hass, entry):
    selection = Selection(hass, entry, frozenset({"board-2"}))
    told = Update(
        readings={Ref("board-2", "temp"): reading(1.0)}, online={"board-2": True}
    )
    assert selection.news(told) == Update()


async def test_what_a_listing_tells_of_a_device_that_is_left_out_is_dropped(
    hass, cloud, loaded, leave_out
):
    await leave_out("board-2")
    coordinator = loaded.runtime_data.coordinator
    cloud.readings |= values("board-2", 60)
    cloud.events = (Event(device_id="board-2", name="ding", data=1, at=NOON, id="1"),)
    await coordinator.async_refresh()
    assert {ref.device_id for ref in coordinator.readings} == {"board-1"}
    assert loaded.runtime_data.heard.names("board-2") == []


async def test_a_listing_with_holes_removes_what_is_left_out_and_knows_its_name(
    hass, cloud, loaded, leave_out
):
    cloud.complete = False
    await leave_out("board-2")
    assert _device(hass, loaded, "board-2") is None
    del cloud.devices["board-2"]
    await loaded.runtime_data.coordinator.async_refresh()
    assert _names(await _open(hass, loaded)) == {"board-2": "Barn", "board-1": "Shed"}


async def test_what_is_not_listed_now_stays_left_out(hass, cloud, loaded, leave_out):
    await leave_out("board-2")
    del cloud.devices["board-2"]
    await loaded.runtime_data.coordinator.async_refresh()
    assert _names(await _open(hass, loaded)) == {"board-1": "Shed"}
    await leave_out("board-1")
    assert loaded.options == {"left_out": ["board-1", "board-2"]}
    # All that is left is the account itself, where the choice can be changed.
    assert hass.states.get(SHED) is None
    assert _names(await _open(hass, loaded)) == {"board-1": "Shed"}


async def test_devices_of_one_name_can_be_told_apart(hass, cloud, loaded, leave_out):
    await leave_out("board-2")
    cloud.devices["board-2"] = replace(cloud.devices["board-2"], name="Shed")
    await loaded.runtime_data.coordinator.async_refresh()
    assert _names(await _open(hass, loaded)) == {
        "board-1": "Shed (board-1)",
        "board-2": "Shed (board-2)",
    }


async def test_only_devices_of_the_account_can_be_left_out(hass, loaded):
    form = await _open(hass, loaded)
    with pytest.raises(InvalidData):
        await hass.config_entries.options.async_configure(
            form["flow_id"], {"left_out": [loaded.entry_id]}
        )


async def test_an_action_for_a_device_that_is_left_out_is_refused_in_words(
    hass, cloud, loaded, leave_out
):
    device_id = _device(hass, loaded, "board-2").id
    await leave_out("board-2")
    for action, data in (
        ("call_function", {"device_id": device_id, "function": "open"}),
        ("send_command", {"device_id": device_id, "type": "echo"}),
        ("set_value", {"entity_id": "switch.barn_pump", "value": True}),
    ):
        with pytest.raises(ServiceValidationError) as refused:
            await hass.services.async_call(DOMAIN, action, data, blocking=True)
        assert refused.value.translation_key
    assert cloud.commands == []


@pytest.fixture
async def gate(hass, loaded):
    """A custom entity of the second board."""
    subentry = ConfigSubentry(
        data=MappingProxyType(
            {
                "device": "board-2",
                "platform": "switch",
                "state": {"source": {"point": "variable/door"}},
                "commands": {
                    "on": {"send": {"type": "open"}},
                    "off": {"send": {"type": "close"}},
                },
            }
        ),
        subentry_type="mapping",
        title="Gate",
        unique_id=None,
    )
    hass.config_entries.async_add_subentry(loaded, subentry)
    await hass.async_block_till_done()
    return subentry


async def test_a_custom_entity_leaves_and_returns_together_with_its_device(
    hass, loaded, gate, leave_out
):
    assert hass.states.get("switch.barn_gate").state == "off"

    await leave_out("board-2")

    # It outlives its device in the registry, as it does when that is deleted.
    assert hass.states.get("switch.barn_gate").state == "unavailable"
    assert not [one for one in ir.async_get(hass).issues if one[0] == DOMAIN]
    assert loaded.subentries == {gate.subentry_id: gate}
    flow = await hass.config_entries.subentries.async_init(
        (loaded.entry_id, "mapping"),
        context={"source": SOURCE_RECONFIGURE, "subentry_id": gate.subentry_id},
    )
    assert (flow["type"], flow["reason"]) == (FlowResultType.ABORT, "no_device")

    await leave_out()

    assert hass.states.get("switch.barn_gate").state == "off"
    device = _device(hass, loaded, "board-2")
    assert er.async_get(hass).async_get("switch.barn_gate").device_id == device.id


async def test_hidden_variables_of_a_device_that_is_left_out_stay_hidden(hass, loaded):
    points = {
        "board-1_variable/temp": {"hidden": True},
        "board-2_variable/temp": {"hidden": True},
    }
    options = {"left_out": ["board-2"], "points": points}
    hass.config_entries.async_update_entry(loaded, options=options)
    await hass.config_entries.async_reload(loaded.entry_id)
    menu = await hass.config_entries.options.async_init(loaded.entry_id)
    assert menu["menu_options"] == ["account", "devices", "variables", "hidden"]
    configure = hass.config_entries.options.async_configure
    form = await configure(menu["flow_id"], {"next_step_id": "hidden"})
    assert _names(form) == {"board-1_variable/temp": "Shed: Temp"}
    await configure(form["flow_id"], {"hidden": []})
    await hass.async_block_till_done()
    assert loaded.options["points"] == {"board-2_variable/temp": {"hidden": True}}


async def test_an_account_without_devices_has_none_to_choose_from(hass, cloud, entry):
    account = Device(id=entry.entry_id, name="Home", is_account=True)
    cloud.devices = {account.id: account}
    await hass.config_entries.async_setup(entry.entry_id)
    aborted = await _open(hass, entry)
    assert (aborted["type"], aborted["reason"]) == (FlowResultType.ABORT, "no_devices")


async def test_devices_of_an_account_that_is_not_connected_cannot_be_chosen(
    hass, cloud, entry
):
    cloud.error = CloudUnreachable("away")
    await hass.config_entries.async_setup(entry.entry_id)
    aborted = await _open(hass, entry)
    assert (aborted["type"], aborted["reason"]) == (FlowResultType.ABORT, "not_loaded")


@pytest.mark.parametrize("odd", ["board-2", {"board-2": True}, [7, None], None])
async def test_a_choice_that_makes_no_sense_leaves_nothing_out(hass, entry, odd):
    hass.config_entries.async_update_entry(entry, options={"left_out": odd})
    await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    assert hass.states.get(BARN).state == "21.5"
