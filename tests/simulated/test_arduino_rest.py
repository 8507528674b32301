"""Reading and writing things, properties and devices by REST."""

import pytest

from simulated_clouds.arduino import USER_ID
from simulated_clouds.boards.arduino import boards

from .arduino_rig import STRANGER, account, foreign_board, household, property_path

GREENHOUSE, GARAGE, BOILER, MAST, *_ = boards()
NAMES = ["Greenhouse", "Garage", "Boiler room", "Weather mast"]
UNKNOWN = "99999999-9999-4999-8999-999999999999"


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ([], NAMES),
        ([("ids", GARAGE.id)], ["Garage"]),
        ([("ids", MAST.id), ("ids", GARAGE.id)], ["Garage", "Weather mast"]),
        ([("ids", UNKNOWN)], []),
        ([("tags", "room:garden")], ["Greenhouse", "Weather mast"]),
        ([("tags", "room:cellar"), ("tags", "floor:-1")], ["Boiler room"]),
        ([("tags", "room:attic")], []),
        ([("device_id", BOILER.facts["device"]["id"])], ["Boiler room"]),
        ([("show_deleted", "true")], [*NAMES, "Allotment"]),
        ([("across_user_ids", "true")], NAMES),
        ([("anything", "else")], NAMES),
    ],
)
async def test_things_are_filtered_by_their_query(query, names):
    gone = foreign_board(deleted_at="2026-01-01T00:00:00Z")
    async with account(household(gone)) as user:
        things = await user.read("/iot/v2/things")
        answer = await user.ask("GET", "/iot/v2/things", params=query)
        listed = await answer.json(content_type=None)
        assert [thing["name"] for thing in listed] == names
        assert "properties" not in things[0]


async def test_properties_come_with_the_list_when_asked_for():
    async with account() as user:
        things = await user.read("/iot/v2/things", show_properties="true")
        assert [thing["properties_count"] for thing in things] == [6, 4, 5, 5]
        assert [item["name"] for item in things[1]["properties"]] == [
            "Door",
            "Lamp",
            "Motion",
            "Car count",
        ]


async def test_a_variable_that_was_never_set_says_so_in_words():
    async with account() as user:
        note = await user.read(property_path(user.cloud, MAST, "note"))
        assert note["last_value"] == "N/A"
        assert "value_updated_at" not in note
        speed = await user.read(property_path(user.cloud, MAST, "wind_speed"))
        assert speed["last_value"] == 3.4
        assert speed["permission"] == "READ_ONLY"
        assert (speed["update_strategy"], speed["update_parameter"]) == ("TIMED", 60)


async def test_lists_and_objects_carry_the_vendors_media_types():
    async with account() as user:
        many = await user.ask("GET", "/iot/v2/things")
        one = await user.ask("GET", f"/iot/v2/things/{GARAGE.id}")
        assert many.headers["Content-Type"] == (
            "application/vnd.arduino.thing+json; type=collection"
        )
        assert one.headers["Content-Type"] == "application/vnd.arduino.thing+json"
        assert len((await one.json(content_type=None))["properties"]) == 4


async def test_somebody_elses_thing_does_not_exist():
    stranger = foreign_board(user_id=STRANGER)
    async with account(household(stranger)) as user:
        things = await user.read("/iot/v2/things", across_user_ids="true")
        assert [thing["name"] for thing in things] == NAMES
        for path in (
            f"/iot/v2/things/{stranger.id}",
            f"/iot/v2/devices/{stranger.facts['device']['id']}",
            property_path(user.cloud, stranger, "pump"),
        ):
            answer = await user.ask("GET", path)
            assert (answer.status, await answer.text()) == (404, "")


async def test_devices_tell_their_status_as_far_as_the_cloud_knows_it():
    world = household()
    world.named("Garage").online = False
    async with account(world) as user:
        devices = await user.read("/iot/v2/devices")
        assert [device["device_status"] for device in devices] == [
            "ONLINE",
            "OFFLINE",
            "ONLINE",
            "UNKNOWN",
        ]
        assert devices[0]["thing"]["id"] == GREENHOUSE.id
        assert devices[0]["lib_version"] == "2.9.3"
        serial = GARAGE.facts["device"]["serial"]
        (garage,) = await user.read("/iot/v2/devices", serial=serial)
        assert garage["name"] == "Garage MKR"
        one = await user.read(f"/iot/v2/devices/{garage['id']}")
        assert one["type"] == "mkrwifi1010"


async def test_property_types_need_no_token_and_bring_units():
    async with account() as user:
        user.headers = {}
        types = await user.read("/iot/v1/property_types")
        units = {item["type"]: item["units"] for item in types}
        assert len(units) == 104
        assert units["PERCENTAGE_RELATIVE_HUMIDITY"] == ["%"]
        assert units["STATUS"] == []
        assert "METER" not in units


async def test_a_command_reaches_the_board_and_becomes_the_last_value():
    async with account() as user:
        board = user.cloud.world.named("Boiler room")
        assert await user.publish(board, "setpoint", 55) == 200
        assert board.variables["setpoint"].value == 55.0
        shown = await user.read(property_path(user.cloud, board, "setpoint"))
        assert shown["last_value"] == 55.0
        (told,) = [entry for entry in user.cloud.log if entry.method == "RECEIVE"]
        assert (told.channel, told.path, told.body) == (
            "board",
            board.id,
            {"setpoint": 55.0},
        )


async def test_an_offline_board_hears_of_a_command_when_it_is_back():
    async with account() as user:
        board = user.cloud.world.named("Greenhouse")
        user.cloud.set_online(board, False)
        assert await user.publish(board, "pump", True) == 200
        assert board.variables["pump"].value is False
        shown = await user.read(property_path(user.cloud, board, "pump"))
        assert shown["last_value"] is True
        user.cloud.set_online(board, True)
        assert board.variables["pump"].value is True
        said = [entry for entry in user.cloud.log if entry.channel == "board"]
        assert [entry.method for entry in said] == ["RECEIVE", "PUBLISH"]
        assert set(said[1].body) == set(board.variables)


async def test_a_value_in_the_devices_name_does_not_reach_the_board():
    async with account() as user:
        board = user.cloud.world.named("Greenhouse")
        device = board.facts["device"]["id"]
        assert await user.publish(board, "temperature", 30, device_id=device) == 200
        assert board.variables["temperature"].value == 21.5
        shown = await user.read(property_path(user.cloud, board, "temperature"))
        assert shown["last_value"] == 30.0
        assert not [entry for entry in user.cloud.log if entry.method == "RECEIVE"]


@pytest.mark.parametrize(("to_device", "told"), [(True, 1), (False, 0), (None, 0)])
async def test_several_values_go_to_the_board_only_when_it_says_so(to_device, told):
    async with account() as user:
        board = user.cloud.world.named("Greenhouse")
        pairs = [
            {"property": "pump", "value": True},
            {"property": "Valve", "value": False},
        ]
        body = {"properties": pairs}
        if to_device is not None:
            body["to_device"] = to_device
        path = f"/iot/v2/things/{board.id}/publish"
        answer = await user.ask("PUT", path, json=body)
        assert (answer.status, await answer.text()) == (200, "")
        received = [entry for entry in user.cloud.log if entry.method == "RECEIVE"]
        assert len(received) == told
        shown = await user.read(f"/iot/v2/things/{board.id}")
        values = {item["name"]: item["last_value"] for item in shown["properties"]}
        assert (values["Pump"], values["Valve"]) == (True, False)


async def test_an_object_is_replaced_as_a_whole_but_the_board_keeps_the_rest():
    world = household()
    board = world.named("Greenhouse")
    lamp = board.variables["pump"]
    lamp.type, lamp.value = "HOME_DIMMED_LIGHT", {"swi": False, "bri": 40.0}
    board.facts["encoder"] = "python"
    async with account(world) as user:
        assert await user.publish(board, "pump", {"swi": True, "hue": 0}) == 200
        shown = await user.read(property_path(user.cloud, board, "pump"))
        assert shown["last_value"] == {"swi": True}
        assert lamp.value == {"swi": True, "bri": 40.0}


async def test_batches_fill_the_past_and_nobody_hears_of_it():
    async with account() as user:
        board = user.cloud.world.named("Weather mast")
        path = property_path(user.cloud, board, "note")
        samples = [
            {"timestamp": "2026-01-02T00:00:00Z", "value": "later"},
            {"timestamp": "2026-01-01T00:00:00Z", "value": "earlier"},
        ]
        answer = await user.ask("PUT", f"{path}/publish_batch", json=samples)
        assert answer.status == 200
        shown = await user.read(path)
        assert shown["last_value"] == "later"
        assert shown["value_updated_at"] == "2026-01-02T00:00:00.000Z"
        assert not [entry for entry in user.cloud.log if entry.channel == "board"]


REFUSALS: list[tuple[str, str, object, int]] = [
    ("GET", "/iot/v2/things?show_properties=perhaps", None, 400),
    ("GET", "/iot/v2/things?tags=garden", None, 400),
    ("GET", f"/iot/v2/things/{UNKNOWN}", None, 404),
    ("GET", "/iot/v2/things/not-an-id", None, 404),
    ("GET", f"/iot/v2/things/{UNKNOWN}/properties", None, 404),
    ("GET", f"/iot/v2/things/{GARAGE.id}/properties/{UNKNOWN}", None, 404),
    ("GET", f"/iot/v2/devices/{UNKNOWN}", None, 404),
    ("GET", "/iot/v2/device", None, 404),
    ("GET", "/v2/things", None, 404),
    ("DELETE", "/iot/v2/things", None, 404),
    ("PUT", "{pump}/publish", {}, 400),
    ("PUT", "{pump}/publish", [], 400),
    ("PUT", "{pump}/publish", "not json", 400),
    ("PUT", "{pump}/publish", {"value": None}, 400),
    ("PUT", "{pump}/publish", {"value": "true"}, 400),
    ("PUT", "{pump}/publish", {"value": 2}, 400),
    ("PUT", "{pump}/publish", {"value": True, "device_id": UNKNOWN}, 400),
    ("PUT", "{temperature}/publish", {"value": 20}, 400),
    ("PUT", f"/iot/v2/things/{GARAGE.id}/properties/{UNKNOWN}/publish", {}, 404),
    ("PUT", "{thing}/publish", {"properties": []}, 400),
    ("PUT", "{thing}/publish", {}, 400),
    ("PUT", "{thing}/publish", {"properties": [{"property": "pump"}]}, 400),
    ("PUT", "{thing}/publish", {"properties": [{"value": True}]}, 400),
    (
        "PUT",
        "{thing}/publish",
        {"properties": [{"property": "sauna", "value": 1}]},
        404,
    ),
    (
        "PUT",
        "{thing}/publish",
        {"to_device": True, "properties": [{"property": "temperature", "value": 1}]},
        400,
    ),
    (
        "PUT",
        "{thing}/publish",
        {"to_device": "yes", "properties": [{"property": "pump", "value": True}]},
        400,
    ),
    ("PUT", "{pump}/publish_batch", {"value": True}, 400),
    ("PUT", "{pump}/publish_batch", [{"value": True}], 400),
    ("PUT", "{pump}/publish_batch", [{"timestamp": "2026-01-01T00:00:00Z"}], 400),
    (
        "PUT",
        "{pump}/publish_batch",
        [{"value": True, "timestamp": "2026-01-01T00:00:00"}],
        400,
    ),
]


@pytest.mark.parametrize(("method", "path", "body", "status"), REFUSALS)
async def test_rest_refuses_what_makes_no_sense(method, path, body, status):
    async with account() as user:
        places = {
            "pump": property_path(user.cloud, GREENHOUSE, "pump"),
            "temperature": property_path(user.cloud, GREENHOUSE, "temperature"),
            "thing": f"/iot/v2/things/{GREENHOUSE.id}",
        }
        more = {"data": body} if isinstance(body, str) else {"json": body}
        answer = await user.ask(method, path.format(**places), **more)
        said = await answer.text()
        assert answer.status == status
        if status == 404:
            assert said == ""
        else:
            assert answer.content_type == "application/vnd.goa.error+json"
        board = user.cloud.world.named("Greenhouse")
        assert board.variables["pump"].value is False
        assert not [entry for entry in user.cloud.log if entry.channel == "board"]


async def test_a_command_for_a_read_only_property_may_be_taken_and_ignored():
    async with account(read_only_refused=False) as user:
        board = user.cloud.world.named("Greenhouse")
        assert await user.publish(board, "temperature", 30) == 200
        assert board.variables["temperature"].value == 21.5
        shown = await user.read(property_path(user.cloud, board, "temperature"))
        assert shown["last_value"] == 30.0


async def test_the_log_tells_what_a_request_carried():
    async with account() as user:
        board = user.cloud.world.named("Garage")
        await user.publish(board, "garage_lamp", True)
        (entry,) = user.cloud.requests("PUT")
        assert entry.path.endswith("/publish")
        assert (entry.body, entry.status) == ({"value": True}, 200)


async def test_info_has_all_that_a_client_needs():
    async with account() as user:
        info = user.cloud.info()
        assert info["user_id"] == USER_ID
        assert len(info["client_id"]) == 32
        assert len(info["client_secret"]) == 64
        assert [board["name"] for board in info["boards"]] == NAMES
        assert info["mqtt_url"] == f"ws://127.0.0.1:{user.cloud.port}/mqtt"
        assert "BEGIN CERTIFICATE" in info["board_certificate"]
        assert "PRIVATE KEY" not in str(info)
