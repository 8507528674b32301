"""What iottly boards say to commands, and the names that they get."""

import asyncio
import copy

import pytest

from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.helpers import device_registry as dr
from simulated_clouds.iottly import IottlyCloud
from simulated_clouds.iottly_variant import IottlyVariant
from tests.virtual_time import virtual_time


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Look for answers sooner, so that no test has to wait a second."""
    monkeypatch.setattr(
        "custom_components.iot_clouds.vendors.iottly.dispatch.FIRST_LOOK", 0.05
    )


@pytest.fixture
def connect(house):
    """Add an account, with options and in a variant of the cloud."""

    async def connect(variant: IottlyVariant, **options) -> IottlyCloud:
        entry = await house.connect("iottly", variant=variant)
        if options:
            flow = house.hass.config_entries.options
            form = await flow.async_init(entry.entry_id)
            form = await flow.async_configure(
                form["flow_id"], {"next_step_id": "account"}
            )
            filled = {**form["data_schema"]({}), **options}
            await flow.async_configure(form["flow_id"], filled)
            await house.hass.async_block_till_done()
        cloud = house.clouds["iottly"]
        assert isinstance(cloud, IottlyCloud)
        return cloud

    return connect


@pytest.fixture
def send(house):
    """Send a command as an automation does."""

    async def send(board: str, **data):
        return await house.hass.services.async_call(
            "iot_clouds",
            "send_command",
            {"device_id": house.device_id(board), **data},
            blocking=True,
            return_response=True,
        )

    return send


async def test_what_a_board_says_is_returned_and_shown(house, connect, send, until):
    cloud = await connect(IottlyVariant(reply_delay=0))
    answer = await send("Cellar", type="pump", options={"state": "on"}, wait=10)
    assert answer["answer"] == {"status": 200}
    [said] = answer["messages"]
    assert said["type"] == "userdefined"
    assert said["payload"] == {"pump": {"state": True}}
    assert said["at"].endswith("+00:00")
    await until(lambda: house.state("Cellar", "Pump state") == "on")
    assert len(cloud.requests("POST")) == 1


async def test_an_echo_is_an_answer_and_no_sensor(house, connect, send):
    await connect(IottlyVariant(reply_delay=0, replies="echo"))
    answer = await send(
        "Cellar", type="echo", options={"content": "hi"}, wait=10, wait_for="ECHO"
    )
    [said] = answer["messages"]
    assert said["payload"] == {"ECHO": {"echo": {"content": "hi"}}}
    await house.entries["iottly"].runtime_data.coordinator.async_refresh()
    await house.hass.async_block_till_done()
    with pytest.raises(AssertionError):
        house.entity("Cellar", "Echo content")


async def test_an_echo_is_a_sensor_for_those_who_want_it(house, connect, send, until):
    await connect(IottlyVariant(reply_delay=0, replies="echo"), show_replies=True)
    await send("Cellar", type="echo", options={"content": "hi"}, wait=10)
    await house.entries["iottly"].runtime_data.coordinator.async_refresh()
    await house.hass.async_block_till_done()
    assert house.state("Cellar", "Echo content") == "hi"


async def test_a_board_that_says_nothing_is_no_error(house, connect, send):
    await connect(IottlyVariant(reply_delay=0, replies="none"))
    answer = await send("Cellar", type="pump", options={"state": "on"}, wait=0.2)
    assert answer == {"answer": {"status": 200}, "messages": []}


async def test_a_board_without_a_handler_is_told(house, connect, send):
    await connect(IottlyVariant(reply_delay=0, replies="receivedcmd"))
    with pytest.raises(ServiceValidationError) as caught:
        await send("Cellar", type="pump", options={"state": "on"}, wait=10)
    assert caught.value.translation_key == "no_handler"
    assert caught.value.translation_placeholders["field"] == "pump"


async def test_a_handler_that_breaks_off_is_told(house, connect, send):
    await connect(IottlyVariant(reply_delay=0))
    with pytest.raises(HomeAssistantError) as caught:
        await send("Cellar", type="pump", options={"state": "ajar"}, wait=10)
    assert caught.value.translation_key == "command_broke_off"
    assert caught.value.translation_placeholders == {
        "field": "pump",
        "reason": "KeyError: 'ajar'",
    }


async def test_a_board_that_is_away_is_sent_to_where_the_user_says_so(
    house, connect, send, until
):
    cloud = await connect(IottlyVariant(reply_delay=0, offline="queued"))
    cellar = house.board("Cellar")
    cloud.disconnect(cellar)
    await house.entries["iottly"].runtime_data.coordinator.async_refresh()
    pump = {"type": "pump", "options": {"state": "on"}}
    with pytest.raises(HomeAssistantError) as caught:
        await send("Cellar", **pump)
    assert caught.value.translation_key == "device_offline"
    await send("Cellar", **pump, anyway=True)
    assert len(cloud.requests("POST")) == 1
    cloud.connect(cellar)
    await until(lambda: cellar.variables["pump"].value is True)


async def test_an_account_may_send_to_boards_that_are_away(house, connect, send):
    cloud = await connect(IottlyVariant(reply_delay=0), offline_commands=True)
    cloud.disconnect(house.board("Cellar"))
    await house.entries["iottly"].runtime_data.coordinator.async_refresh()
    await send("Cellar", type="pump", options={"state": "on"})
    assert len(cloud.requests("POST")) == 1


async def test_a_name_that_the_user_gives_is_the_one_at_the_cloud(
    house, connect, until
):
    cloud = await connect(IottlyVariant(), rename_devices=True)
    cellar = house.board("Cellar")
    registry = dr.async_get(house.hass)
    device_id = house.device_id("Cellar")
    registry.async_update_device(device_id, name_by_user="Wine cellar")
    await until(lambda: cellar.name == "Wine cellar")
    await house.entries["iottly"].runtime_data.coordinator.async_refresh()
    await house.hass.async_block_till_done()
    assert registry.async_get(device_id).name == "Wine cellar"
    assert len(cloud.requests("PUT")) == 1


async def test_a_server_that_cannot_rename_costs_one_line(
    house, connect, until, caplog
):
    cloud = await connect(IottlyVariant(props=False), rename_devices=True)
    registry = dr.async_get(house.hass)
    device_id = house.device_id("Cellar")
    registry.async_update_device(device_id, name_by_user="Wine cellar")
    await until(lambda: "was not renamed" in caplog.text)
    assert "Refused by the cloud: cannot_rename" in caplog.text
    assert house.board("Cellar").name == "Cellar"
    assert len(cloud.requests("PUT")) == 1


async def test_an_account_that_is_reloaded_while_a_command_waits_tells_nothing_twice(
    house, connect, send, hass_storage
):
    cloud = await connect(IottlyVariant(reply_delay=20))
    entry = house.entries["iottly"]
    entries = house.hass.config_entries
    key = f"iot_clouds.{entry.entry_id}"
    with virtual_time(asyncio.get_running_loop()):
        command = {"type": "pump", "options": {"state": "on"}, "wait": 30}
        waiting = asyncio.ensure_future(send("Cellar", **command))
        await asyncio.sleep(3)
        await entries.async_reload(entry.entry_id)
        cloud.message(house.board("Cellar"), {"button": 1})
        await entry.runtime_data.coordinator.async_refresh()
        assert entry.runtime_data.coordinator.published.told == 1
        assert {"pump"} in [
            set(each["payload"]) for each in (await waiting)["messages"]
        ]
        await asyncio.sleep(120)
        kept = copy.deepcopy(hass_storage[key])
        await entries.async_unload(entry.entry_id)
        # As after a crash, in which nothing more is written.
        hass_storage[key] = kept
        await entries.async_setup(entry.entry_id)
        await entry.runtime_data.coordinator.async_refresh()
        assert entry.runtime_data.coordinator.published.told == 0

        waiting = asyncio.ensure_future(send("Cellar", **command))
        await asyncio.sleep(3)
        await entries.async_remove(entry.entry_id)
        del house.entries["iottly"]
        await waiting
        await asyncio.sleep(120)
        assert key not in hass_storage
