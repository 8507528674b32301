"""Values on their way between boards, the cloud and applications."""

import pytest

from simulated_clouds import senml
from simulated_clouds.arduino import SPACE_ID
from simulated_clouds.boards.arduino import boards

from .arduino_rig import (
    STRANGER,
    account,
    foreign_board,
    household,
    property_path,
    publish,
    session_of,
    values,
)

GREENHOUSE, GARAGE, BOILER, MAST, *_ = boards()
AT = 1_700_000_000.0


PUMP = {"temperature": 21.5, "pump": True}
CPP = "9fa2006b74656d706572617475726502fa41ac0000a2006470756d7004f5ff"
DOOR = {"garage_door": True, "garage_cars": 2}
CONNECTOR = (
    "83a221676761726167655f22fb41d954fc40000000a20064646f6f7204f5a20064636172730202"
)
SETPOINT = {"setpoint": 60.0, "burner": False}
PYTHON = "82a200666275726e657204f4a20068736574706f696e7402fb404e000000000000"
WIND = {"wind_speed": 3.0, "note": "calm"}
JS = "82a3006a77696e645f73706565640203221b0000018bcfe56800a200646e6f7465036463616c6d"


@pytest.mark.parametrize(
    ("name", "measured", "expected"),
    [
        ("Greenhouse", PUMP, CPP),
        ("Garage", DOOR, CONNECTOR),
        ("Boiler room", SETPOINT, PYTHON),
        ("Weather mast", WIND, JS),
    ],
)
async def test_each_board_speaks_in_its_own_form(name, measured, expected):
    async with account(clock=lambda: AT) as user:
        board = user.cloud.world.named(name)
        async with session_of(user, values(board)) as line:
            user.cloud.world.set(board, **measured)
            topic, payload = await line.message()
            assert topic == values(board)
            assert payload.hex() == expected
        (said,) = [entry for entry in user.cloud.log if entry.method == "PUBLISH"]
        assert (said.channel, said.path, said.body) == ("board", board.id, measured)
        for variable, value in measured.items():
            shown = await user.read(property_path(user.cloud, board, variable))
            assert shown["last_value"] == value
            assert shown["value_updated_at"] == "2023-11-14T22:13:20.000Z"


async def test_a_board_that_is_offline_says_nothing():
    async with account() as user:
        board = user.cloud.world.named("Greenhouse")
        board.online = False
        async with session_of(user, values(board)) as line:
            user.cloud.world.set(board, temperature=30.0)
            assert await line.quiet()
        shown = await user.read(property_path(user.cloud, board, "temperature"))
        assert shown["last_value"] == 21.5


async def test_a_board_that_comes_back_publishes_all_it_has():
    async with account() as user:
        board = user.cloud.world.named("Greenhouse")
        async with session_of(user, values(board)) as line:
            url = f"{user.cloud.url}/_control/boards/{board.id}/online"
            for online in (False, True):
                await user.session.post(url, json={"online": online})
            _, payload = await line.message()
        names = [sample.name for sample in senml.decode(payload)]
        assert names == list(board.variables)


@pytest.mark.parametrize(
    ("name", "variable", "value", "echo"),
    [
        ("Greenhouse", "pump", True, "9fa2006470756d7004f5ff"),
        ("Garage", "garage_lamp", True, None),
        ("Boiler room", "setpoint", 50.0, None),
    ],
)
async def test_a_command_goes_to_the_board_and_only_cpp_echoes(
    name, variable, value, echo
):
    async with account(clock=lambda: AT) as user:
        board = user.cloud.world.named(name)
        command = f"/a/t/{board.id}/e/i"
        async with session_of(user, command, values(board)) as line:
            assert await user.publish(board, variable, value) == 200
            topic, payload = await line.message()
            assert topic == command
            (sample,) = senml.decode(payload)
            assert (sample.name, sample.value, sample.at) == (variable, value, AT)
            if echo:
                topic, payload = await line.message()
                assert (topic, payload.hex()) == (values(board), echo)
            assert await line.quiet()
        assert board.variables[variable].value == value


async def test_a_value_in_the_devices_name_is_seen_by_applications():
    async with account() as user:
        board = user.cloud.world.named("Greenhouse")
        async with session_of(user, values(board)) as line:
            device = board.facts["device"]["id"]
            await user.publish(board, "temperature", 25, device_id=device)
            _, payload = await line.message()
            (sample,) = senml.decode(payload)
            assert (sample.name, sample.value) == ("temperature", 25.0)


@pytest.mark.parametrize(("reaches", "value"), [(False, False), (True, True)])
async def test_a_command_by_mqtt_changes_the_dashboard_but_only_perhaps_the_board(
    reaches, value
):
    async with account(mqtt_writes_reach_board=reaches) as user:
        board = user.cloud.world.named("Greenhouse")
        async with session_of(user) as line:
            payload = bytes.fromhex("81a2006470756d7004f5")
            await line.send(publish(f"/a/t/{board.id}/e/i", payload))
            assert await line.quiet()
        shown = await user.read(property_path(user.cloud, board, "pump"))
        assert shown["last_value"] is True
        assert board.variables["pump"].value is value
        (sent,) = [
            one
            for one in user.cloud.log
            if one.channel == "mqtt" and one.method == "PUBLISH"
        ]
        assert sent.body == payload.hex()


@pytest.mark.parametrize("payload", [b"", b"\x01", b"\x83\xa2", b"\x81\xa0"])
async def test_nonsense_from_an_application_changes_nothing(payload):
    async with account() as user, session_of(user) as line:
        await line.send(publish(f"/a/t/{GREENHOUSE.id}/e/i", payload))
        assert await line.quiet()
        board = user.cloud.world.named("Greenhouse")
        assert board.variables["pump"].value is False


async def test_values_of_a_shared_space_need_a_token_for_it():
    shared = foreign_board(user_id=STRANGER, organization_id=SPACE_ID)
    async with account(household(shared)) as user:
        await user.sign_in(organization_id=SPACE_ID)
        async with session_of(user, values(shared)) as line:
            user.cloud.world.set(shared, mode="off")
            assert (await line.message())[0] == values(shared)


async def test_a_complex_value_travels_and_is_merged_by_the_board():
    world = household()
    board = world.named("Greenhouse")
    lamp = board.variables["pump"]
    lamp.type, lamp.value = "HOME_DIMMED_LIGHT", {"swi": False, "bri": 40.0}
    async with account(world) as user, session_of(user, values(board)) as line:
        await user.publish(board, "pump", {"swi": True})
        _, payload = await line.message()
        found = {sample.name: sample.value for sample in senml.decode(payload)}
        assert found == {"pump:swi": True, "pump:bri": 40.0}


async def test_the_control_interface_lets_a_board_measure():
    async with account() as user, session_of(user, values(MAST)) as line:
        url = f"{user.cloud.url}/_control/boards/{MAST.id}"
        await user.session.post(url, json={"wind_speed": 9.5})
        _, payload = await line.message()
        (sample,) = senml.decode(payload)
        assert (sample.name, sample.value) == ("wind_speed", 9.5)


async def test_a_board_of_another_cloud_is_none_of_this_ones_business():
    world = household()
    stranger = foreign_board()
    stranger.cloud = "particle"
    world.boards[stranger.id] = stranger
    async with account(world) as user:
        world.set(stranger, mode="off")
        assert not [entry for entry in user.cloud.log if entry.channel == "board"]
