"""What happens to boards of the simulated Particle cloud, and what trackers tell."""

from collections.abc import AsyncIterator
import json
from typing import Any

import pytest

from simulated_clouds.boards.particle import boards, monitor
from simulated_clouds.particle import ParticleCloud
from simulated_clouds.particle_payloads import data_url, structured
from simulated_clouds.world import Board, World

from .particle_client import BEEHIVE, PRODUCT, VAN, WORKSHOP, Api, Ear, api

HOME = {"lat": 48.137, "lon": 11.575}
AWAY = {"lat": 48.3, "lon": 11.9}
PUMP = "e00fce6805e6f70112233445"


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


@pytest.fixture
def van(cloud: ParticleCloud) -> Board:
    return cloud.world.boards[VAN]


async def told(ear: Ear) -> Any:
    """The data of the next event, decoded."""
    _, body = await ear.event()
    return json.loads(body["data"])


async def control(call: Api, board: str, word: str, **body: Any) -> int:
    status, _ = await call("POST", f"/_control/boards/{board}/{word}", json=body)
    return status


# Where trackers are


@pytest.mark.parametrize("word", ["lock", "imu_m", "batt_low", "temp_h", "user"])
async def test_a_tracker_tells_why_it_speaks(call: Api, word: str) -> None:
    async with call.listen("/v1/devices/events/loc") as ear:
        await control(call, VAN, "loc", trig=[word], req_id=4)
        body = await told(ear)
        assert (body["trig"], body["req_id"], body["loc"]["lck"]) == ([word], 4, 1)


async def test_a_tracker_tells_when_it_leaves_and_enters_its_zone(call: Api) -> None:
    async with call.listen("/v1/devices/events/loc") as ear:
        trigs = []
        for place in (HOME, HOME, AWAY, AWAY, HOME):
            await control(call, VAN, "loc", place=place)
            trigs.append((await told(ear))["trig"])
    assert trigs == [["time"], ["time"], ["exit1"], ["time"], ["enter1"]]


async def test_zones_are_settings_and_may_tell_inside_and_outside(
    cloud: ParticleCloud, call: Api
) -> None:
    _, body = await call("GET", f"{PRODUCT}/config/{VAN}")
    settings = body["configuration"]["current"]
    settings["geofence"]["zone2"] |= {
        "enable": True,
        **AWAY,
        "radius": 100,
        "inside": True,
        "outside": True,
    }
    status, _ = await call("PUT", f"{PRODUCT}/config/{VAN}", json=settings)
    assert status == 200
    async with call.listen("/v1/devices/events/loc") as ear:
        await control(call, VAN, "loc", place=HOME)
        assert (await told(ear))["trig"] == ["outside2"]
        await control(call, VAN, "loc", place=AWAY, trig=["imm"])
        assert (await told(ear))["trig"] == ["imm", "exit1", "inside2"]


async def test_a_tracker_without_a_fix_has_no_position_and_costs_no_stored_point(
    cloud: ParticleCloud, call: Api
) -> None:
    async with call.listen("/v1/devices/events/loc") as ear:
        await control(call, VAN, "loc", locked=False)
        body = await told(ear)
    assert body["loc"] == {"lck": 0, "cell": 64.2, "batt": 92.4, "temp": 24.3}
    assert cloud.billing.accounts["maker@example.com"] == {"publish": 1}
    assert (await call("GET", f"{PRODUCT}/locations/{VAN}"))[0] == 404


async def test_a_tracker_that_lost_its_fix_has_none_when_asked_either(
    call: Api,
) -> None:
    async with call.listen("/v1/devices/events/loc") as ear:
        await control(call, VAN, "loc", place={"lck": 0})
        assert (await told(ear))["loc"]["lck"] == 0
        ask = {"arg": '{"cmd":"get_loc"}'}
        await call("POST", f"/v1/devices/{VAN}/cmd", json=ask)
        assert (await told(ear))["loc"]["lck"] == 0


async def test_settings_decide_how_much_a_tracker_tells(call: Api, van: Board) -> None:
    async def change(**location: Any) -> None:
        words = json.dumps({"cmd": "set_cfg", "cfg": {"location": location}})
        _, body = await call("POST", f"/v1/devices/{VAN}/cmd", json={"arg": words})
        assert body["return_value"] == 0

    async with call.listen("/v1/devices/events/loc") as ear:
        await control(call, VAN, "loc")
        body = await told(ear)
        assert body["towers"][0]["rat"] == "lte"
        assert body["wps"][0]["ch"] == 6
        assert "loc_cb" not in body
        assert "satu" not in body["loc"]
        await change(satdiag=True, wps=False, loc_cb=True)
        await control(call, VAN, "loc")
        body = await told(ear)
        assert body["loc"]["satu"] == 7
        assert body["loc_cb"] is True
        assert "wps" not in body
        await change(min_publish=True, enhance_loc=False)
        await control(call, VAN, "loc")
        body = await told(ear)
        assert body["loc"].keys() == {"lck", "time", "lat", "lon"}
        assert "towers" not in body


@pytest.mark.parametrize(
    ("argument", "result"),
    [
        ('{"cmd":"set_cfg","cfg":{"location":{"interval_max":-1}}}', -22),
        ('{"cmd":"set_cfg","cfg":{"location":{"nope":1}}}', -22),
        ('{"cmd":"get_cfg","cfg":{"nope":{}}}', -19),
        ('{"cmd":"get_cfg","cfg":{"rgb":{}}}', 0),
        ('{"cmd":"enter_shipping"}', 0),
        ('{"cmd":"reset_to_factory"}', 0),
    ],
)
async def test_a_tracker_answers_commands_with_negative_errors(
    call: Api, argument: str, result: int
) -> None:
    _, body = await call("POST", f"/v1/devices/{VAN}/cmd", json={"arg": argument})
    assert body["return_value"] == result


@pytest.mark.parametrize(
    ("options", "names"),
    [
        ({"enhanced": True}, ["loc", "loc-enhanced"]),
        ({"enhanced": True, "enhanced_first": True}, ["loc-enhanced", "loc"]),
    ],
)
async def test_the_cloud_adds_what_it_knows_of_a_position(
    call: Api, names: list[str]
) -> None:
    async with call.listen("/v1/devices/events/loc") as ear:
        await control(call, VAN, "loc", req_id=8)
        events = dict([await ear.event(), await ear.event()])
        assert list(events) == names
    plain, better = (
        json.loads(events[name]["data"]) for name in ("loc", "loc-enhanced")
    )
    assert better["loc"].pop("src") == ["gnss"]
    assert better.pop("cmd") == "loc-enhanced"
    assert plain.pop("cmd") == "loc"
    assert plain == better
    assert plain["req_id"] == 8


@pytest.mark.parametrize(
    "options",
    [{"enhanced": True, "enhanced_source": "wifi", "enhanced_accuracy": 45.0}],
)
async def test_the_cloud_guesses_a_position_nearby_and_calls_the_tracker_back(
    cloud: ParticleCloud, call: Api, van: Board
) -> None:
    words = '{"cmd":"set_cfg","cfg":{"location":{"loc_cb":true}}}'
    await call("POST", f"/v1/devices/{VAN}/cmd", json={"arg": words})
    async with call.listen("/v1/devices/events/loc") as ear:
        await control(call, VAN, "loc", place=HOME, locked=False)
        assert (await told(ear))["loc"]["lck"] == 0
        found = (await told(ear))["loc"]
    assert (found["lck"], found["src"], found["h_acc"]) == (0, ["wifi"], 45.0)
    assert (found["lat"], found["lon"]) == (48.139, 11.572)
    assert "spd" not in found
    calls = [entry.body for entry in cloud.log if entry.method == "RECEIVE"]
    assert json.loads(calls[-1]["argument"])["cmd"] == "loc-enhanced"


async def test_a_board_that_is_no_tracker_cannot_be_located(call: Api) -> None:
    assert await control(call, WORKSHOP, "loc") == 400
    assert await control(call, "unknown", "loc") == 400


# Monitor One


async def test_a_monitor_one_has_inputs_in_its_positions_and_reads_modbus(
    cloud: ParticleCloud, call: Api
) -> None:
    pump = monitor()
    cloud.lives.appear(pump)
    async with call.listen(f"/v1/devices/{PUMP}/events") as ear:
        await control(call, PUMP, "loc", trig=["io_vlow"], place={"io_vlow": 1})
        body = await told(ear)
        assert body["trig"] == ["io_vlow"]
        inputs = {key: body["loc"][key] for key in body["loc"] if key[:3] == "io_"}
        assert inputs == {
            "io_v": 12.345,
            "io_a": 0.0121,
            "io_in": True,
            "io_vlow": 1,
            "io_vhigh": 0,
            "io_alow": 0,
            "io_ahigh": 0,
            "io_afltlow": False,
            "io_aflthigh": False,
        }
        cloud.world.set(pump, modbus={"tankLevel": 12.5, "flow": None})
        name, event = await ear.event()
        assert name == "modbus"
        rows = json.loads(event["data"])["modbus"]
        assert rows[0] == {"name": "tankLevel", "result": 0, "value": 12.5}
        assert rows[1].keys() == {"name", "result"}
        assert rows[1]["result"] != 0
    _, device = await call("GET", f"/v1/devices/{PUMP}")
    assert device["variables"] == {}


# Data that is no text (reference 5.5)


@pytest.mark.parametrize(
    ("body", "data"),
    [
        ({"data": "plain"}, "plain"),
        ({"data": None}, None),
        ({"bytes": "00ff10"}, "data:application/octet-stream;base64,AP8Q"),
        ({"bytes": "ffd8ff", "type": "image/jpeg"}, "data:image/jpeg;base64,/9j/"),
        ({"structured": {"t": 21.5, "ok": True}}, '{"t":21.5,"ok":true}'),
    ],
)
async def test_data_of_any_kind_arrives_as_text(
    call: Api, body: dict[str, Any], data: str | None
) -> None:
    async with call.listen() as ear:
        assert await control(call, WORKSHOP, "events", name="photo", **body) == 200
        name, event = await ear.event()
        assert (name, event["data"]) == ("photo", data)


@pytest.mark.parametrize(
    "body",
    [
        {"bytes": "00" * 16_385},
        {"bytes": "00", "type": "text/html"},
        {"bytes": "zz"},
    ],
)
async def test_a_board_cannot_send_everything(call: Api, body: dict[str, Any]) -> None:
    assert await control(call, WORKSHOP, "events", name="photo", **body) == 400


async def test_the_largest_event_is_one_line_of_22_kilobytes(
    cloud: ParticleCloud, call: Api
) -> None:
    async with call.listen() as ear:
        board = cloud.world.boards[WORKSHOP]
        cloud.publications.emit(board, "blob", data_url(bytes(16_384)))
        _, event = await ear.event()
    assert len(event["data"]) == 21_848 + len("data:application/octet-stream;base64,")


def test_bytes_within_a_structure_are_marked() -> None:
    text = structured({"pics": [b"\x00\xff", None], "name": "ä"})
    assert json.loads(text) == {
        "pics": [{"_type": "buffer", "_data": "AP8="}, None],
        "name": "ä",
    }


# Boards that fall ill


async def test_a_board_in_safe_mode_is_online_and_runs_nothing(
    cloud: ParticleCloud, call: Api
) -> None:
    path = f"/v1/devices/{WORKSHOP}"
    async with call.listen("/v1/devices/events/spark") as ear:
        await control(call, WORKSHOP, "state", safe_mode=True)
        events = [await ear.event() for _ in range(5)]
        assert [(name, body["data"]) for name, body in events[:2]] == [
            ("spark/status", "offline"),
            ("spark/status", "online"),
        ]
        assert events[2][0] == "spark/status/safe-mode"
        assert json.loads(events[2][1]["data"]).keys() == {"f", "v", "p", "m"}
        assert events[3][1]["data"] == "safe_mode"
        name, body = events[4]
        assert (name, body["data"], body["coreid"]) == (
            "spark/safe-mode-updater/updating",
            "2",
            "particle-internal",
        )
    _, device = await call("GET", path)
    assert (device["status"], device["online"]) == ("safe_mode", True)
    assert (device["functions"], device["variables"]) == ([], {})
    assert (await call("GET", f"{path}/dust"))[1]["error"] == "Unknown Variable: dust"
    called = await call("POST", f"{path}/beep", json={"arg": ""})
    assert called[1]["error"] == "Function beep not found"
    cloud.world.set(cloud.world.boards[WORKSHOP], temperature=3.5)
    assert cloud.operations == 0
    await control(call, WORKSHOP, "state", safe_mode=False)
    _, device = await call("GET", path)
    assert device["status"] == "normal"
    assert device["variables"]["dust"] == "int32"


@pytest.mark.parametrize("word", ["quarantined", "denied"])
async def test_a_board_that_is_shut_out_stays_offline_until_it_is_let_in(
    cloud: ParticleCloud, call: Api, van: Board, word: str
) -> None:
    path = f"{PRODUCT}/devices"
    assert (await call("GET", f"{path}?quarantined=true"))[1]["devices"] == []
    await control(call, VAN, "state", **{word: True})
    _, device = await call("GET", f"{path}/{VAN}")
    assert (device[word], device["online"]) == (True, False)
    cloud.set_online(van, True)
    assert (await call("GET", f"{path}/{VAN}"))[1]["online"] is False
    _, page = await call("GET", f"{path}?quarantined=true")
    assert len(page["devices"]) == (1 if word == "quarantined" else 0)
    await control(call, VAN, "state", **{word: False})
    _, device = await call("GET", f"{path}/{VAN}")
    assert (device[word], device["online"]) == (False, True)


@pytest.mark.parametrize(
    "reason", ["pin_reset", "watchdog", "panic, hard_fault", "power_down"]
)
async def test_a_board_tells_why_it_restarted(call: Api, reason: str) -> None:
    async with call.listen("/v1/devices/events/spark") as ear:
        await control(call, WORKSHOP, "reset", reason=reason)
        events = [await ear.event() for _ in range(3)]
    assert [(name, body["data"]) for name, body in events] == [
        ("spark/status", "offline"),
        ("spark/status", "online"),
        ("spark/device/last_reset", reason),
    ]


async def test_an_unknown_state_is_refused(call: Api) -> None:
    assert await control(call, WORKSHOP, "state", sleepy=True) == 400


# Boards that come, change and go


async def test_a_board_appears_while_somebody_listens(
    cloud: ParticleCloud, call: Api
) -> None:
    async with call.listen() as ear:
        asked = {"kind": "photon", "name": "Gate"}
        _, added = await call("POST", "/_control/boards", json=asked)
        name, body = await ear.event()
        assert (name, body["data"], body["coreid"]) == (
            "spark/status",
            "online",
            added["id"],
        )
        cloud.world.set(cloud.world.named("Gate"), rings=2)
        name, body = await ear.event()
        assert (name, body["data"]) == ("rings", "2")
    _, devices = await call("GET", "/v1/devices")
    assert devices[0]["name"] == "Gate"
    assert len(devices) == 5
    assert (await call("POST", "/_control/boards", json={"kind": "x"}))[0] == 400


async def test_a_board_that_vanished_is_a_stranger(
    cloud: ParticleCloud, call: Api
) -> None:
    board = cloud.world.boards[BEEHIVE]
    assert (await call("DELETE", f"/_control/boards/{BEEHIVE}"))[0] == 200
    assert (await call("DELETE", f"/_control/boards/{BEEHIVE}"))[0] == 400
    status, body = await call("GET", f"/v1/devices/{BEEHIVE}")
    assert (status, body["error"]) == (403, "Permission Denied")
    _, devices = await call("GET", "/v1/devices")
    assert BEEHIVE not in {device["id"] for device in devices}
    cloud.world.set(board, weight=3.0)
    assert [entry for entry in cloud.log if entry.method == "PUBLISH"] == []
    cloud.lives.appear(board)
    assert (await call("GET", f"/v1/devices/{BEEHIVE}"))[0] == 200


async def test_a_board_is_renamed_and_may_lose_its_name(call: Api) -> None:
    path = f"/v1/devices/{WORKSHOP}"
    await control(call, WORKSHOP, "name", name="Shed")
    assert (await call("GET", path))[1]["name"] == "Shed"
    await control(call, WORKSHOP, "name", name=None)
    assert (await call("GET", path))[1]["name"] is None
    await call("PUT", path, json={"name": "Barn"})
    assert (await call("GET", path))[1]["name"] == "Barn"


async def test_a_new_program_has_other_variables(
    cloud: ParticleCloud, call: Api
) -> None:
    board = cloud.world.boards[WORKSHOP]
    async with call.listen("/v1/devices/events/spark") as ear:
        del board.variables["note"]
        cloud.lives.reflash(board)
        events = [await ear.event() for _ in range(4)]
    name, body = events[3]
    assert (name, len(body["data"])) == ("spark/device/app-hash", 64)
    _, device = await call("GET", f"/v1/devices/{WORKSHOP}")
    assert "note" not in device["variables"]


# The plan


async def test_an_account_is_paused_and_goes_on_with_the_next_cycle(
    cloud: ParticleCloud, call: Api
) -> None:
    path = f"/v1/devices/{WORKSHOP}/dust"
    await call("POST", "/_control/pause")
    assert (await call("GET", path))[0] == 402
    assert (await call("GET", "/v1/devices"))[0] == 200
    cloud.world.set(cloud.world.boards[WORKSHOP], temperature=1.5)
    assert cloud.operations == 0
    await call("DELETE", "/_control/operations")
    assert (await call("GET", path))[0] == 200


@pytest.mark.parametrize(
    "options", [{"plan_limit": 2, "pause_disconnects": True, "paused_status": 403}]
)
async def test_the_limit_may_also_cost_the_boards_their_connections(
    cloud: ParticleCloud, call: Api
) -> None:
    path = f"/v1/devices/{WORKSHOP}/dust"
    async with call.listen("/v1/devices/events/spark") as ear:
        assert [(await call("GET", path))[0] for _ in range(3)] == [200, 200, 403]
        events = [await ear.event() for _ in range(4)]
    assert {body["data"] for _, body in events} == {"offline"}
    assert cloud.operations == 2
