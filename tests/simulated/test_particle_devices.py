"""Devices, variables, functions and what they cost in the simulated Particle cloud."""

from collections.abc import AsyncIterator
import json
from typing import Any

import pytest

from simulated_clouds.boards.particle import boards
from simulated_clouds.particle import ParticleCloud
from simulated_clouds.world import World

from .particle_client import AQUARIUM, BEEHIVE, PRODUCT, VAN, WORKSHOP, Api, api


@pytest.fixture
def options() -> dict[str, Any]:
    return {}


@pytest.fixture
async def cloud(options: dict[str, Any]) -> AsyncIterator[ParticleCloud]:
    async with ParticleCloud(World(boards()), **options) as cloud:
        yield cloud


@pytest.fixture
async def call(cloud: ParticleCloud) -> AsyncIterator[Api]:
    async with api(cloud) as call:
        yield call


def told(cloud: ParticleCloud, board: str) -> list[Any]:
    """What the log says that a board was told."""
    return [
        entry.body
        for entry in cloud.log
        if (entry.channel, entry.method, entry.path) == ("board", "RECEIVE", board)
    ]


# Devices


async def test_the_list_has_every_claimed_board_and_no_maps(call: Api) -> None:
    status, devices = await call("GET", "/v1/devices")
    assert status == 200
    assert {device["name"] for device in devices} == {
        "Workshop",
        "Beehive",
        "Aquarium",
        "Van",
    }
    assert all("variables" not in device for device in devices)
    assert all("functions" not in device for device in devices)


@pytest.mark.parametrize("options", [{"list_has_maps": True}])
async def test_the_list_may_have_the_maps(call: Api) -> None:
    _, devices = await call("GET", "/v1/devices")
    van = next(device for device in devices if device["name"] == "Van")
    assert van["variables"] == {"mileage": "double"}
    assert van["functions"] == ["cmd"]


async def test_a_device_tells_its_functions_and_variables(call: Api) -> None:
    status, device = await call("GET", f"/v1/devices/{WORKSHOP}")
    assert status == 200
    assert device["owner"] == "maker@example.com"
    assert device["online"] is True
    assert device["platform_id"] == device["product_id"] == 32
    assert device["functions"] == ["setFan", "setNote", "beep"]
    assert device["variables"] == {
        "temperature": "double",
        "fan": "bool",
        "dust": "int32",
        "note": "string",
    }


async def test_the_newest_handshake_comes_first_and_an_offline_board_has_null_maps(
    cloud: ParticleCloud, call: Api
) -> None:
    beehive = cloud.world.boards[BEEHIVE]
    cloud.set_online(beehive, False)
    _, device = await call("GET", f"/v1/devices/{BEEHIVE}")
    assert device["online"] is False
    assert device["functions"] is device["variables"] is None
    cloud.set_online(beehive, True)
    _, devices = await call("GET", "/v1/devices")
    assert devices[0]["id"] == BEEHIVE


@pytest.mark.parametrize("options", [{"keep_maps": True}])
async def test_maps_may_be_kept_while_a_board_is_offline(
    cloud: ParticleCloud, call: Api
) -> None:
    cloud.set_online(cloud.world.boards[VAN], False)
    _, device = await call("GET", f"/v1/devices/{VAN}")
    assert device["variables"] == {"mileage": "double"}


async def test_a_device_may_be_addressed_by_its_name(call: Api) -> None:
    assert (await call("GET", "/v1/devices/Workshop"))[1]["id"] == WORKSHOP
    assert (await call("GET", f"{PRODUCT}/devices/Van"))[0] == 403
    assert (await call("GET", f"{PRODUCT}/devices/{VAN}"))[0] == 200


async def test_a_product_lists_its_devices_in_pages(cloud: ParticleCloud) -> None:
    async with api(cloud, cloud.api_user_token) as robot:
        for product in ("13961", "van-fleet"):
            status, page = await robot("GET", f"/v1/products/{product}/devices")
            assert status == 200
            assert page["meta"] == {"total_pages": 1}
            assert page["customers"] == []
            assert [device["id"] for device in page["devices"]] == [VAN]
        device = page["devices"][0]
        assert "connected" not in device
        assert device["groups"] == ["vehicles"]
        assert device["firmware_version"] == 18
        assert device["quarantined"] is False


async def test_pages_and_filters_of_a_product(cloud: ParticleCloud, call: Api) -> None:
    second = boards()[3]
    second.id, second.name = "0" * 24, "Van 2"
    cloud.world.boards[second.id] = second
    path = f"{PRODUCT}/devices"
    _, page = await call("GET", f"{path}?per_page=1&page=2")
    assert page["meta"] == {"total_pages": 2}
    assert len(page["devices"]) == 1
    _, page = await call("GET", f"{path}?deviceName=van%202")
    assert [device["name"] for device in page["devices"]] == ["Van 2"]
    _, page = await call("GET", f"{path}?groups=boats")
    assert page["devices"] == []
    _, page = await call("GET", f"{path}?sortAttr=deviceId&sortDir=desc")
    assert page["devices"][0]["id"] == VAN


async def test_a_ping_finds_out_a_board_without_power(
    cloud: ParticleCloud, call: Api
) -> None:
    path = f"/v1/devices/{BEEHIVE}"
    assert await call("PUT", f"{path}/ping") == (200, {"online": True, "ok": True})
    cloud.cut_power(cloud.world.boards[BEEHIVE])
    assert (await call("GET", path))[1]["online"] is True
    assert await call("PUT", f"{path}/ping") == (200, {"online": False, "ok": True})
    assert (await call("GET", path))[1]["online"] is False


async def test_a_signal_reaches_the_board(cloud: ParticleCloud, call: Api) -> None:
    path = f"/v1/devices/{WORKSHOP}"
    answer = await call("PUT", path, json={"signal": "1"})
    assert answer == (200, {"id": WORKSHOP, "connected": True, "signaling": True})
    assert told(cloud, WORKSHOP) == [{"signal": "1"}]
    cloud.set_online(cloud.world.boards[WORKSHOP], False)
    status, body = await call("PUT", path, data={"signal": "0"})
    assert (status, body["ok"], body["code"]) == (500, False, 500)
    assert body["errors"] == [
        {"error": "Timed out, didn't hear back from device service"}
    ]


async def test_a_device_can_be_renamed(call: Api) -> None:
    path = f"/v1/devices/{WORKSHOP}"
    status, body = await call("PUT", path, json={"name": "Shed", "notes": "cold"})
    assert (status, body["id"], body["name"]) == (200, WORKSHOP, "Shed")
    assert body["updated_at"].endswith("Z")
    _, device = await call("GET", path)
    assert (device["name"], device["notes"]) == ("Shed", "cold")


async def test_a_serial_number_leads_to_its_device(call: Api) -> None:
    path = "/v1/serial_numbers/TON404MTR4D5E6F"
    status, body = await call("GET", path)
    assert (status, body["deviceID"]) == (200, VAN)
    assert (await call("GET", "/v1/serial_numbers/none"))[0] == 404


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "error"),
    [
        ("GET", "/v1/nothing", None, 404, "Not Found"),
        ("GET", "/v1/access_tokens", None, 404, "Not Found"),
        ("GET", "/v1/devices/unknown", None, 403, "Permission Denied"),
        ("GET", "/v1/devices/unknown/x", None, 403, "Permission Denied"),
        ("POST", "/v1/devices/unknown/x", {"arg": ""}, 403, "Permission Denied"),
        ("PUT", "/v1/devices/unknown/ping", None, 403, "Permission Denied"),
        ("GET", f"{PRODUCT}/devices/{WORKSHOP}", None, 403, "Permission Denied"),
        ("GET", "/v1/products/7/devices", None, 404, "Product 7 not found"),
        ("GET", f"{PRODUCT}/devices?page=0", None, 400, "bad_request"),
        ("PUT", f"/v1/devices/{WORKSHOP}", {}, 400, "bad_request"),
        ("PUT", f"/v1/devices/{WORKSHOP}", {"signal": 1}, 400, "bad_request"),
        ("PUT", f"/v1/devices/{WORKSHOP}", [1], 400, "bad_request"),
        (
            "GET",
            f"/v1/devices/{WORKSHOP}/nope",
            None,
            404,
            "Unknown Variable: nope",
        ),
        (
            "GET",
            f"/v1/devices/{WORKSHOP}/Temperature",
            None,
            404,
            "Unknown Variable: Temperature",
        ),
        ("GET", f"/v1/devices/{VAN}/place", None, 404, "Unknown Variable: place"),
        (
            "POST",
            f"/v1/devices/{WORKSHOP}/nope",
            {"arg": ""},
            404,
            "Function nope not found",
        ),
        ("POST", f"/v1/devices/{WORKSHOP}/beep", {"arg": 3}, 400, "bad_request"),
        (
            "POST",
            f"/v1/devices/{WORKSHOP}/beep",
            {"arg": "x" * 1025},
            400,
            "bad_request",
        ),
        ("POST", "/v1/devices/events", {}, 400, "bad_request"),
        ("POST", "/v1/devices/events", {"name": 5}, 400, "bad_request"),
        ("POST", "/v1/devices/events", {"name": "x" * 65}, 400, "bad_request"),
        ("POST", "/v1/devices/events", {"name": "Spark/x"}, 400, "bad_request"),
        ("POST", "/v1/devices/events", {"name": "x", "data": {}}, 400, "bad_request"),
        (
            "POST",
            "/v1/devices/events",
            {"name": "x", "data": "x" * 16_385},
            400,
            "bad_request",
        ),
        ("GET", "/v1/events", None, 400, "event prefix filter is required"),
        ("GET", "/v1/events/", None, 400, "event prefix filter is required"),
        (
            "GET",
            f"/v1/diagnostics/{WORKSHOP}?start_date=x",
            None,
            400,
            "bad_request",
        ),
        ("GET", f"/v1/diagnostics/{WORKSHOP}/last", None, 404, "Not Found"),
        ("GET", f"{PRODUCT}/locations?date_range=x,y", None, 400, "bad_request"),
        ("GET", f"{PRODUCT}/locations?rect_bl=x", None, 400, "bad_request"),
        ("GET", f"{PRODUCT}/locations/{WORKSHOP}", None, 403, "Permission Denied"),
    ],
)
async def test_the_cloud_refuses(
    call: Api, method: str, path: str, body: Any, status: int, error: str
) -> None:
    options = {} if body is None else {"json": body}
    answer, refusal = await call(method, path, **options)
    assert (answer, refusal["error"]) == (status, error)


async def test_a_person_sees_the_products_of_the_own_team(call: Api) -> None:
    for path in ("/v1/products", "/v1/user/products"):
        _, body = await call("GET", path)
        assert [product["slug"] for product in body["products"]] == ["van-fleet"]
    _, body = await call("GET", PRODUCT)
    assert body["product"]["id"] == 13961
    _, body = await call("GET", "/v1/orgs")
    assert [found["slug"] for found in body["organizations"]] == ["maker-works"]


async def test_updates_of_a_product_device_are_forced_and_locked(call: Api) -> None:
    path = f"{PRODUCT}/devices/{VAN}"
    form = {"firmware_updates_forced": "true"}
    status, body = await call("PUT", path, data=form)
    assert (status, body["firmware_updates_forced"]) == (200, True)
    lock = {"desired_firmware_version": 17}
    status, body = await call("PUT", path, json=lock)
    assert (status, body["desired_firmware_version"]) == (200, 17)
    _, device = await call("GET", path)
    assert device["desired_firmware_version"] == 17
    assert device["firmware_version"] == 18
    assert device["firmware_updates_forced"] is True
    for bad in ("newest", 99):
        refused = await call("PUT", path, json={"desired_firmware_version": bad})
        assert refused[0] == 400
    sandbox = f"/v1/devices/{VAN}"
    assert (await call("PUT", sandbox, json=lock))[0] == 400


@pytest.mark.parametrize("options", [{"serial_lookups": 1}])
async def test_serial_numbers_may_be_looked_up_only_so_often(call: Api) -> None:
    path = "/v1/serial_numbers/TON404MTR4D5E6F"
    assert (await call("GET", path))[0] == 200
    assert (await call("GET", path))[0] == 429


async def test_a_body_that_is_not_json_is_refused(call: Api) -> None:
    path = f"/v1/devices/{WORKSHOP}/beep"
    status, body = await call("POST", path, data=b"{arg: 1}")
    assert (status, body["error"]) == (400, "bad_request")
    assert (await call("POST", path))[1]["return_value"] == 1


# Variables


async def test_a_variable_is_read_from_the_board(
    cloud: ParticleCloud, call: Api
) -> None:
    cloud.world.set(cloud.world.boards[WORKSHOP], temperature=21.5)
    status, body = await call("GET", f"/v1/devices/{WORKSHOP}/temperature")
    assert status == 200
    assert (body["name"], body["result"]) == ("temperature", 21.5)
    assert body["coreInfo"]["deviceID"] == WORKSHOP
    assert body["coreInfo"]["connected"] is True


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        ("temperature", 60.0, "60"),
        ("temperature", 60.5, "60.5"),
        ("dust", 7, "7"),
        ("fan", True, "true"),
        ("note", "tea: 25 °C", "tea: 25 °C"),
    ],
)
async def test_a_raw_variable_is_the_bare_value(
    cloud: ParticleCloud, call: Api, name: str, value: Any, text: str
) -> None:
    cloud.world.set(cloud.world.boards[WORKSHOP], **{name: value})
    path = f"{cloud.url}/v1/devices/{WORKSHOP}/{name}?format=raw"
    async with call.session.get(path, headers=call.headers) as response:
        assert await response.text() == text
    status, body = await call("GET", f"/v1/devices/{WORKSHOP}/{name}")
    assert (status, body["result"]) == (200, value)


async def test_a_whole_double_arrives_as_an_integer(
    cloud: ParticleCloud, call: Api
) -> None:
    cloud.world.set(cloud.world.boards[WORKSHOP], temperature=60.0)
    _, body = await call("GET", f"/v1/devices/{WORKSHOP}/temperature")
    assert isinstance(body["result"], int)


@pytest.mark.parametrize(
    ("options", "keys", "core"),
    [
        (
            {"era": "today"},
            {"name", "result", "coreInfo"},
            {"name", "deviceID", "connected", "last_handshake_at"},
        ),
        (
            {"era": "2015"},
            {"cmd", "name", "result", "coreInfo"},
            {
                "last_app",
                "last_heard",
                "connected",
                "last_handshake_at",
                "deviceID",
                "product_id",
            },
        ),
        (
            {"era": "2022"},
            {"cmd", "name", "result", "device", "body", "coreInfo"},
            {
                "name",
                "last_heard",
                "connected",
                "last_handshake_at",
                "deviceID",
                "product_id",
            },
        ),
    ],
)
async def test_each_era_has_its_form_of_a_variable(
    call: Api, keys: set[str], core: set[str]
) -> None:
    _, body = await call("GET", f"/v1/devices/{WORKSHOP}/dust")
    assert body.keys() == keys
    assert body["coreInfo"].keys() == core


@pytest.mark.parametrize(
    ("options", "variable", "function"),
    [
        (
            {},
            (404, {"ok": False, "error": "timed out"}),
            (404, {"ok": False, "error": "timed out"}),
        ),
        (
            {"era": "2015"},
            (408, {"error": "Timed out."}),
            (400, {"ok": False, "error": "Timed out."}),
        ),
        (
            {"soft_errors": True},
            (200, {"ok": False, "error": "timed out"}),
            (200, {"ok": False, "error": "Timed out."}),
        ),
    ],
)
async def test_a_board_that_does_not_answer_times_out(
    cloud: ParticleCloud,
    call: Api,
    variable: tuple[int, Any],
    function: tuple[int, Any],
) -> None:
    path = f"/v1/devices/{WORKSHOP}"
    cloud.cut_power(cloud.world.boards[WORKSHOP])
    assert await call("GET", f"{path}/dust") == variable
    assert await call("POST", f"{path}/beep", json={"arg": ""}) == function
    cloud.set_online(cloud.world.boards[WORKSHOP], False)
    assert await call("GET", f"{path}/dust") == variable
    assert await call("POST", f"{path}/beep", json={"arg": ""}) == function
    assert told(cloud, WORKSHOP) == []
    assert cloud.operations == 0


@pytest.mark.parametrize("options", [{"era": "2015"}])
async def test_an_unknown_variable_of_2015(call: Api) -> None:
    answer = await call("GET", f"/v1/devices/{WORKSHOP}/nope")
    assert answer == (404, {"ok": False, "error": "Variable not found"})


# Functions


@pytest.mark.parametrize("body", [{"arg": "on"}, {"args": "on"}, {"command": "on"}])
@pytest.mark.parametrize("form", ["json", "data"])
async def test_a_function_changes_the_board_and_returns_its_value(
    cloud: ParticleCloud, call: Api, body: dict[str, str], form: str
) -> None:
    path = f"/v1/devices/{WORKSHOP}/setFan"
    assert await call("POST", path, **{form: body}) == (
        200,
        {"id": WORKSHOP, "name": "Workshop", "connected": True, "return_value": 1},
    )
    assert cloud.world.boards[WORKSHOP].variables["fan"].value is True
    assert told(cloud, WORKSHOP) == [{"function": "setFan", "argument": "on"}]


@pytest.mark.parametrize(
    ("board", "function", "argument", "result", "changed"),
    [
        (WORKSHOP, "setFan", "off", 0, {"fan": False}),
        (WORKSHOP, "setFan", "toggle", 1, {"fan": True}),
        (WORKSHOP, "setFan", "perhaps", -1, {"fan": False}),
        (WORKSHOP, "beep", "3", 3, {"note": "beeped 3×"}),
        (WORKSHOP, "beep", "11", -1, {"note": "oil the lathe"}),
        (WORKSHOP, "setNote", "tea", 3, {"note": "tea"}),
        (BEEHIVE, "tare", "", 31400, {"weight": 0.0}),
        (AQUARIUM, "setLight", "off", 0, {"lightOn": False}),
        (AQUARIUM, "setLight", "on", 1, {"lightOn": True}),
        (AQUARIUM, "setLight", "dim", -1, {"lightOn": True}),
        (VAN, "cmd", '{"cmd":"get_loc"}', 0, {}),
        (VAN, "cmd", '{"cmd":"set_cfg","cfg":{"rgb":{"type":"off"}}}', 0, {}),
        (VAN, "cmd", '{"cmd":"set_cfg","cfg":{"nope":{}}}', -19, {}),
        (VAN, "cmd", '{"cmd":"set_cfg"}', -22, {}),
        (VAN, "cmd", '{"cmd":"fly"}', -2, {}),
        (VAN, "cmd", "get_loc", -22, {}),
        (VAN, "cmd", "[]", -22, {}),
        (VAN, "cmd", '{"cmd":"reset"}', 0, {}),
    ],
)
async def test_functions_of_the_boards(
    cloud: ParticleCloud,
    call: Api,
    board: str,
    function: str,
    argument: str,
    result: int,
    changed: dict[str, Any],
) -> None:
    body = {"arg": argument}
    _, answer = await call("POST", f"/v1/devices/{board}/{function}", json=body)
    assert answer["return_value"] == result
    variables = cloud.world.boards[board].variables
    assert {name: variables[name].value for name in changed} == changed


async def test_a_function_without_an_argument_and_a_raw_answer(call: Api) -> None:
    path = f"/v1/devices/{WORKSHOP}/beep"
    assert (await call("POST", path, json={}))[1]["return_value"] == 1
    assert await call("POST", path, json={"arg": "2", "format": "raw"}) == (200, 2)


@pytest.mark.parametrize("options", [{"era": "2015"}])
async def test_a_function_of_2015_answers_without_the_name(call: Api) -> None:
    _, body = await call("POST", f"/v1/devices/{WORKSHOP}/beep", data={"arg": "1"})
    assert body == {
        "id": WORKSHOP,
        "last_app": "",
        "connected": True,
        "return_value": 1,
    }


# What it costs


async def test_only_reads_calls_and_publications_cost_operations(
    cloud: ParticleCloud, call: Api
) -> None:
    await call("GET", "/v1/devices")
    await call("GET", f"/v1/devices/{WORKSHOP}")
    await call("PUT", f"/v1/devices/{WORKSHOP}/ping")
    await call("POST", f"/v1/diagnostics/{WORKSHOP}/update")
    assert cloud.operations == 0
    await call("GET", f"/v1/devices/{WORKSHOP}/dust")
    await call("GET", f"/v1/devices/{WORKSHOP}/nope")
    await call("POST", f"/v1/devices/{BEEHIVE}/tare", json={"arg": ""})
    cloud.world.step(cloud.world.boards[VAN])
    event = {"name": "hello", "data": "x" * 1025, "private": True}
    await call("POST", "/v1/devices/events", json=event)
    assert await call("GET", "/_control/operations") == (
        200,
        {
            "total": 7,
            "accounts": {
                "maker@example.com": {
                    "variable": 1,
                    "function": 1,
                    "publish": 4,
                    "location": 1,
                }
            },
        },
    )


@pytest.mark.parametrize("options", [{"plan_limit": 2}])
async def test_a_used_up_plan_pauses_the_account_until_the_next_cycle(
    cloud: ParticleCloud, call: Api
) -> None:
    path = f"/v1/devices/{WORKSHOP}"
    assert (await call("GET", f"{path}/dust"))[0] == 200
    assert (await call("GET", f"{path}/dust"))[0] == 200
    status, body = await call("GET", f"{path}/dust")
    assert (status, body["ok"]) == (402, False)
    assert (await call("POST", f"{path}/beep", json={"arg": ""}))[0] == 402
    assert (await call("POST", "/v1/devices/events", json={"name": "x"}))[0] == 402
    assert (await call("GET", "/v1/devices"))[0] == 200
    assert cloud.operations == 2
    await call("DELETE", "/_control/operations")
    assert (await call("GET", f"{path}/dust"))[0] == 200


@pytest.mark.parametrize("options", [{"bill_timeouts": True}])
async def test_a_read_that_times_out_may_cost_too(
    cloud: ParticleCloud, call: Api
) -> None:
    cloud.set_online(cloud.world.boards[WORKSHOP], False)
    await call("GET", f"/v1/devices/{WORKSHOP}/dust")
    await call("POST", f"/v1/devices/{WORKSHOP}/beep", json={"arg": ""})
    assert cloud.operations == 2


# Vitals and locations


async def test_vitals_are_kept_and_have_errors_in_place_of_numbers(
    cloud: ParticleCloud, call: Api
) -> None:
    for board in (WORKSHOP, AQUARIUM, VAN):
        assert await call("POST", f"/v1/diagnostics/{board}/update") == (
            202,
            {"ok": True},
        )
    _, workshop = await call("GET", f"/v1/diagnostics/{WORKSHOP}/last")
    _, aquarium = await call("GET", f"/v1/diagnostics/{AQUARIUM}/last")
    _, van = await call("GET", f"{PRODUCT}/diagnostics/{VAN}/last")
    assert workshop["diagnostics"]["deviceID"] == WORKSHOP
    payload = workshop["diagnostics"]["payload"]
    assert payload["device"]["network"]["signal"]["at"] == "Wi-Fi"
    assert payload["service"]["device"] == {"status": "ok"}
    assert "power" not in payload["device"]
    battery = aquarium["diagnostics"]["payload"]["device"]["power"]["battery"]
    assert battery == {"charge": {"err": -210}, "state": "disconnected"}
    device = van["diagnostics"]["payload"]["device"]
    assert device["power"]["battery"]["charge"] == 92.4
    assert device["network"]["cellular"]["operator"] == "Example Mobile"
    _, history = await call("GET", f"/v1/diagnostics/{WORKSHOP}")
    assert len(history["diagnostics"]) == 1
    old = f"/v1/diagnostics/{WORKSHOP}?end_date=2020-01-01"
    assert (await call("GET", old))[1] == {"diagnostics": []}
    csv = {"Accept": "text/csv"}
    _, text = await call("GET", f"/v1/diagnostics/{WORKSHOP}", headers=csv)
    assert text.startswith("updated_at,deviceID,payload\n")
    assert cloud.operations == 0


async def test_vitals_are_explained(call: Api) -> None:
    path = f"/v1/diagnostics/{WORKSHOP}/metadata"
    _, body = await call("GET", path)
    metadata = body["diagnostics_metadata"]
    charge = metadata["device.power.battery.charge"]
    assert (charge["units"], charge["ranges"]["warning"]["value"]) == ("%", 20)
    assert "charging" in metadata["device.power.battery.state"]["values"]
    assert metadata["device.system.memory.used"]["ranges"]["warning"]["value"] == 0.9


async def test_a_board_sends_its_vitals_when_told_over_http(call: Api) -> None:
    await call("POST", f"/_control/boards/{WORKSHOP}/vitals")
    status, _ = await call("GET", f"/v1/diagnostics/{WORKSHOP}/last")
    assert status == 200


async def test_where_the_van_was(cloud: ParticleCloud, call: Api) -> None:
    van = cloud.world.boards[VAN]
    assert (await call("GET", f"{PRODUCT}/locations/{VAN}"))[0] == 404
    for _ in range(3):
        cloud.world.step(van)
    place: Any = van.variables["place"].value
    _, page = await call("GET", f"{PRODUCT}/locations")
    assert page["meta"] == {
        "page": 1,
        "per_page": 20,
        "total_pages": 1,
        "devices_found": 1,
    }
    here = page["locations"][0]
    assert here["geometry"] == {
        "type": "Point",
        "coordinates": [place["lon"], place["lat"]],
    }
    assert (here["device_id"], here["gps_lock"]) == (VAN, True)
    ranged = f"{PRODUCT}/locations/{VAN}?date_range=2020-01-01,2100-01-01"
    _, body = await call("GET", ranged)
    assert body["location"]["geometry"]["type"] == "LineString"
    assert len(body["location"]["geometry"]["coordinates"]) == 3
    assert len(body["location"]["properties"]) == 3
    _, elsewhere = await call("GET", f"{PRODUCT}/locations?rect_bl=0,0&rect_tr=10,10")
    assert elsewhere["locations"] == []


# Faults and control


@pytest.mark.parametrize(
    ("fault", "status", "text"),
    [
        ({"kind": "unauthorized"}, 401, "provided is invalid."),
        ({"kind": "expired_token"}, 401, "provided has expired."),
        ({"kind": "rate_limit"}, 429, "Too many requests"),
        ({"kind": "server_error"}, 500, "Internal server error"),
        ({"kind": "server_error", "status": 502}, 502, "<html>"),
        ({"kind": "garbage"}, 200, "<html>"),
        ({"kind": "slow", "seconds": 0.01}, 200, "Workshop"),
    ],
)
async def test_faults_switched_on_over_http_apply_once(
    call: Api, fault: dict[str, Any], status: int, text: str
) -> None:
    await call("POST", "/_control/faults", json={**fault, "count": 1})
    answer, body = await call("GET", "/v1/devices")
    assert answer == status
    assert text in json.dumps(body)
    assert (await call("GET", "/v1/devices"))[0] == 200


async def test_a_retry_after_is_sent_only_if_wanted(
    cloud: ParticleCloud, call: Api
) -> None:
    cloud.faults.add("rate_limit", count=1)
    cloud.faults.add("rate_limit", count=1, retry_after=7)
    seen = []
    for _ in range(2):
        async with call.session.get(f"{cloud.url}/v1/devices") as response:
            seen.append(response.headers.get("Retry-After"))
    assert seen == [None, "7"]


async def test_boards_are_seen_and_moved_over_http(
    cloud: ParticleCloud, call: Api
) -> None:
    status, listed = await call("GET", "/_control/boards")
    assert status == 200
    assert {board["id"] for board in listed} == {WORKSHOP, BEEHIVE, AQUARIUM, VAN}
    path = f"/_control/boards/{WORKSHOP}"
    await call("POST", path, json={"temperature": 5.5})
    _, body = await call("GET", f"/v1/devices/{WORKSHOP}/temperature")
    assert body["result"] == 5.5
    await call("POST", f"{path}/online", json={"online": False, "noticed": False})
    assert (await call("GET", f"/v1/devices/{WORKSHOP}"))[1]["online"] is True
    assert (await call("GET", f"/v1/devices/{WORKSHOP}/dust"))[0] == 404
    await call("POST", f"{path}/online", json={"online": False})
    assert (await call("GET", f"/v1/devices/{WORKSHOP}"))[1]["online"] is False
    published = [entry for entry in cloud.log if entry.method == "PUBLISH"]
    assert published[0].body == {"temperature": 5.5}


async def test_the_information_is_enough_to_connect(cloud: ParticleCloud) -> None:
    info = json.loads(json.dumps(cloud.info()))
    async with api(cloud, info["access_token"]) as call:
        assert call.cloud.url == info["url"]
        assert (await call("GET", "/v1/devices"))[0] == 200
        form = {
            "username": info["username"],
            "password": info["password"],
            "client_id": info["client_id"],
            "client_secret": info["client_secret"],
        }
        assert (await call.login(**form))[0] == 200
