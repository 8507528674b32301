"""What changes while the simulated Arduino Cloud runs, and what its options change."""

import base64
import json
import math
import time

from aiohttp import ClientSession
import cbor2
import pytest

from simulated_clouds.arduino import ArduinoCloud
from simulated_clouds.arduino_types import NAMES, Shape, shape
from simulated_clouds.boards.arduino import boards
from simulated_clouds.boards.arduino_fleet import fleet
from simulated_clouds.world import Board, Variable, World

from .arduino_rig import (
    FORM,
    SOON,
    TOKEN_PATH,
    account,
    connect,
    household,
    property_path,
    session_of,
    subscribe,
    trusting,
    values,
    wire,
)

GREENHOUSE, GARAGE, BOILER, MAST = boards()[:4]
THINGS = "/iot/v2/things"
SAMPLES = {
    Shape.BOOL: True,
    Shape.INT: 7,
    Shape.FLOAT: 21.5,
    Shape.STRING: "hello",
}
OBJECTS = {
    "LOCATION": {"lat": 45.5, "lon": 9.25},
    "COLOR_HSB": {"hue": 210.5, "sat": 80.0, "bri": 50.0},
    "HOME_COLORED_LIGHT": {"swi": True, "hue": 210.5, "sat": 80.0, "bri": 50.0},
    "HOME_DIMMED_LIGHT": {"swi": True, "bri": 75.0},
    "HOME_TELEVISION": {
        "swi": True, "vol": 50, "mut": False, "pbc": 3, "inp": 16, "cha": 7,
    },
    "SCHEDULE": {"frm": 1633305600, "to": 1633651200, "len": 600, "msk": 1140850708},
    "COLOR_RGB": {"r": 1, "g": 2, "b": 3},
    "GENERIC_COMPLEX_PROPERTY": {"a": 1.5, "b": "x"},
}  # fmt: skip


async def control(user, path, **body):
    answer = await user.session.post(f"{user.cloud.url}/_control/{path}", json=body)
    return answer.status, await answer.json()


async def listed(user):
    """The things by name, each with its properties by variable name."""
    return {
        thing["name"]: thing
        | {"properties": {each["variable_name"]: each for each in thing["properties"]}}
        for thing in await user.read(THINGS, show_properties="true")
    }


def sample(type_):
    name = type_.removeprefix("GOOGLE_").removeprefix("SMART_")
    return OBJECTS.get(name, SAMPLES.get(shape(type_)))


@pytest.mark.parametrize("encoder", ["cpp", "python", "js", "connector"])
async def test_all_types_are_listed_and_published(encoder):
    board = fleet(1, encoder=encoder)[0]
    board.variables = {
        f"v_{name.lower()}": Variable(
            name=f"v_{name.lower()}", type=name, value=sample(name), writable=True
        )
        for name in sorted(NAMES)
    }
    async with account(World([board])) as user:
        shown = (await listed(user))["Thing 1"]["properties"]
        assert len(shown) == 132
        assert {each["type"]: each["last_value"] for each in shown.values()} == {
            name: sample(name) for name in NAMES
        }
        async with session_of(user, values(board)) as line:
            for name in board.variables:
                user.cloud.world.set(board, **{name: board.variables[name].value})
                _, payload = await line.message()
                sent = {
                    str(record.get(0, "")): record.get(2, record.get(3, record.get(4)))
                    for record in cbor2.loads(payload)
                }
                assert all(
                    wanted in sent.values()
                    for wanted in _parts(board.variables[name].value)
                ), name


def _parts(value):
    return list(value.values()) if isinstance(value, dict) else [value]


@pytest.mark.parametrize("value", [True, 7, 21.5, "hello", {"a": 1.5, "b": "x"}])
async def test_a_type_of_no_list_carries_any_value(value):
    board = fleet(1)[0]
    board.variables = {
        "new": Variable(name="new", type="QUANTUM_STATE", value=value, writable=True)
    }
    async with account(World([board])) as user:
        assert (await listed(user))["Thing 1"]["properties"]["new"][
            "last_value"
        ] == value
        assert await user.publish(board, "new", value) == 200
        assert board.variables["new"].value == value


async def test_what_is_no_number_is_no_last_value_but_is_published():
    async with account() as user, session_of(user, values(GREENHOUSE)) as line:
        user.cloud.world.set(user.cloud.world.named("Greenhouse"), temperature=math.nan)
        _, payload = await line.message()
        assert math.isnan(cbor2.loads(payload)[0][2])
        temperature = (await listed(user))["Greenhouse"]["properties"]["temperature"]
        assert temperature["last_value"] == "N/A"


async def test_a_thing_is_renamed_deleted_and_restored():
    async with account() as user:
        path = f"things/{GREENHOUSE.id}"
        before = await listed(user)
        await control(user, path, name="Glasshouse")
        after = await listed(user)
        assert after["Glasshouse"]["id"] == before["Greenhouse"]["id"]
        await control(user, path, deleted=True)
        assert "Glasshouse" not in await listed(user)
        await control(user, path, deleted=False)
        assert "Glasshouse" in await listed(user)


async def test_a_thing_without_a_board_is_added_and_can_be_written():
    async with account() as user:
        variable = {"name": "note", "type": "CHARSTRING", "writable": True}
        status, added = await control(
            user, "things", name="Notes", variables=[variable]
        )
        assert status == 200
        thing = (await listed(user))["Notes"]
        assert thing["id"] == added["id"]
        assert "device_id" not in thing
        assert thing["properties"]["note"]["last_value"] == "N/A"
        board = user.cloud.world.named("Notes")
        assert await user.publish(board, "note", "milk") == 200
        assert (await listed(user))["Notes"]["properties"]["note"][
            "last_value"
        ] == "milk"
        devices = await user.read("/iot/v2/devices")
        assert added["id"] not in {device["thing"]["id"] for device in devices}


async def test_a_variable_is_added_renamed_changed_and_deleted():
    async with account() as user:
        path = f"things/{GREENHOUSE.id}/variables"
        _, added = await control(
            user, path, name="light", type="LUX", value=500.0, min_value=0
        )
        first = (await listed(user))["Greenhouse"]["properties"]["light"]
        assert (first["id"], first["last_value"], first["min_value"]) == (
            added["id"], 500.0, 0,
        )  # fmt: skip
        await control(user, f"{path}/light", name="Sun", update_strategy="TIMED")
        await control(user, f"{path}/light", variable_name="sunlight")
        shown = (await listed(user))["Greenhouse"]["properties"]
        assert "light" not in shown
        renamed = shown["sunlight"]
        assert [renamed[key] for key in ("id", "name", "update_strategy")] == [
            added["id"], "Sun", "TIMED",
        ]  # fmt: skip
        async with session_of(user, values(GREENHOUSE)) as line:
            user.cloud.world.set(user.cloud.world.named("Greenhouse"), sunlight=600.0)
            _, payload = await line.message()
            assert payload == bytes.fromhex("9fa2006873756e6c6967687402fa44160000ff")
        await control(user, f"{path}/sunlight", deleted=True)
        assert "sunlight" not in (await listed(user))["Greenhouse"]["properties"]


async def test_a_variable_that_comes_back_under_its_name_is_another_one():
    async with account() as user:
        board = user.cloud.world.named("Greenhouse")
        before = user.cloud.store.find(board, "mode").id
        user.cloud.changes.delete_variable(board, "mode")
        variable = Variable(name="mode", type="INT", value=None, writable=True)
        added = user.cloud.changes.add_variable(board, variable)
        assert added.id != before
        shown = (await listed(user))["Greenhouse"]["properties"]["mode"]
        assert (shown["type"], shown["last_value"]) == ("INT", "N/A")


async def test_a_broken_property_stands_among_good_ones():
    async with account() as user:
        broken = [None, {"id": 5}, "text"]
        await control(user, f"things/{MAST.id}", broken_properties=broken)
        things = await user.read(THINGS, show_properties="true")
        mast = next(thing for thing in things if thing["name"] == "Weather mast")
        assert [each for each in mast["properties"] if each in broken] == broken
        assert len(mast["properties"]) == 5 + 3
        assert isinstance(mast["properties"][0], dict)
        assert mast["properties"][-1]["variable_name"] == "note"


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("options", {"no_such": 1}),
        ("options", {"several_refused": 1}),
        ("options", {"rate_limit": "many"}),
        ("mqtt/sing", {}),
        ("things/none", {"name": "x"}),
        ("things", {}),
        (f"things/{GREENHOUSE.id}/variables/none", {"name": "x"}),
        (f"boards/{GREENHOUSE.id}/online", {}),
    ],
)
async def test_a_control_request_that_makes_no_sense_is_refused(path, body):
    async with account() as user:
        assert (await control(user, path, **body))[0] == 400


async def test_an_option_that_does_not_exist_is_refused_at_the_start():
    with pytest.raises(ValueError, match="no_such"):
        ArduinoCloud(household(), no_such=True)


async def test_a_plan_changes_its_rate():
    async with account() as user:
        await control(user, "options", rate_limit=1)
        statuses = [(await user.ask("GET", THINGS)).status for _ in range(3)]
        assert statuses.count(429) >= 2
        await control(user, "options", rate_limit=1000)
        assert (await user.ask("GET", THINGS)).status == 200


async def test_a_tokens_life_is_shortened_while_running():
    async with account() as user:
        await control(user, "options", token_lifetime=1.5)
        answer = await user.session.post(user.cloud.url + TOKEN_PATH, data=FORM)
        given = await answer.json()
        assert given["expires_in"] == 1.5
        assert (
            user.cloud.tokens.check(given["access_token"]).expires < time.time() + 1.6
        )


async def test_a_token_can_lack_the_claim_and_then_opens_rest_only():
    async with account(user_claim=False) as user:
        token = user.headers["Authorization"].removeprefix("Bearer ")
        body = token.split(".")[1]
        assert b"arduino.cc/id" not in _decoded(body)
        assert (await user.ask("GET", THINGS)).status == 200
        async with wire(user.cloud) as line:
            await line.send(connect("", token))
            assert await line.packet() == (0x20, b"\x00\x04")


def _decoded(text):
    return base64.urlsafe_b64decode(text + "==")


async def test_publishing_several_can_be_refused_while_single_ones_are_taken():
    async with account(several_refused=True) as user:
        body = {"to_device": True, "properties": [{"property": "pump", "value": True}]}
        path = f"{THINGS}/{GREENHOUSE.id}/publish"
        assert (await user.ask("PUT", path, json=body)).status == 400
        assert await user.publish(GREENHOUSE, "pump", True) == 200


@pytest.mark.parametrize(("waits", "at_once"), [(False, True), (True, False)])
async def test_a_command_for_a_board_that_is_away(waits, at_once):
    async with account(offline_waits=waits) as user:
        board = user.cloud.world.named("Greenhouse")
        user.cloud.set_online(board, False)
        assert await user.publish(board, "pump", True) == 200
        shown = (await listed(user))["Greenhouse"]["properties"]["pump"]
        assert shown["last_value"] is at_once
        assert board.variables["pump"].value is False
        user.cloud.set_online(board, True)
        shown = (await listed(user))["Greenhouse"]["properties"]["pump"]
        assert shown["last_value"] is True
        assert board.variables["pump"].value is True


async def test_a_boards_status_can_be_unknown():
    async with account() as user:
        device = f"/iot/v2/devices/{GREENHOUSE.facts['device']['id']}"
        path = f"boards/{GREENHOUSE.id}/status"
        await control(user, path, status="UNKNOWN")
        assert (await user.read(device))["device_status"] == "UNKNOWN"
        await control(user, path, status=None)
        assert (await user.read(device))["device_status"] == "ONLINE"


async def test_one_subscription_of_many_can_be_refused():
    async with account() as user, session_of(user) as line:
        user.cloud.faults.add("unauthorized", path=f"MQTT SUBSCRIBE /a/t/{GARAGE.id}")
        await line.send(subscribe(*map(values, (GREENHOUSE, GARAGE, BOILER))))
        assert await line.packet() == (0x90, b"\x00\x01\x01\x80\x01")


async def test_rest_and_push_are_served_with_tls_too():
    async with account() as user, ClientSession() as session:
        context = trusting(user.cloud)
        answer = await session.get(
            f"{user.cloud.info()['tls_url']}{THINGS}", headers=user.headers, ssl=context
        )
        assert len(await answer.json(content_type=None)) == 4
        async with session.ws_connect(
            f"wss://127.0.0.1:{user.cloud.tls_port}/mqtt",
            protocols=["mqtt"],
            ssl=context,
        ) as socket:
            await socket.send_bytes(connect("nobody", "nothing"))
            assert (await socket.receive(SOON)).data == b"\x20\x02\x00\x05"


async def test_two_hundred_things_are_listed_at_once():
    async with account(World(fleet(200))) as user:
        things = await user.read(THINGS, show_properties="true")
        assert len(things) == 200
        assert sum(len(thing["properties"]) for thing in things) == 1000
        assert len({thing["id"] for thing in things}) == 200


async def test_a_board_of_the_world_may_be_added_with_its_device():
    async with account() as user:
        (more,) = fleet(1)
        user.cloud.changes.add_thing(more)
        assert isinstance(more, Board)
        assert (await listed(user))["Thing 1"]["device_name"] == "Board 1"
        async with session_of(user, values(more)) as line:
            user.cloud.world.set(more, counter=3)
            assert (await line.message())[1] == bytes.fromhex(
                "9fa20067636f756e7465720203ff"
            )
        assert json.dumps(await user.read(property_path(user.cloud, more, "counter")))
