"""Organizations, API users, settings, firmware, SIM cards, positions: what products have."""

import asyncio
from collections.abc import AsyncIterator
import copy
import json
from typing import Any

import pytest

from simulated_clouds.boards.particle import boards
from simulated_clouds.particle import ParticleCloud
from simulated_clouds.particle_schema import defaults
from simulated_clouds.world import World

from .particle_client import BEEHIVE, PRODUCT, VAN, WORKSHOP, Api, api

ORG = "/v1/orgs/maker-works"
CONFIG = f"{PRODUCT}/config"
SIM = "89314404000000000026"
PEOPLE_ONLY = "unauthorized"
NOW = 1_780_000_000.0
"""2026-05-28T20:26:40Z."""


class Clock:
    """A clock that only a test moves."""

    now = NOW

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def options() -> dict[str, Any]:
    return {}


@pytest.fixture
async def cloud(clock: Clock, options: dict[str, Any]) -> AsyncIterator[ParticleCloud]:
    async with ParticleCloud(World(boards()), clock=clock, **options) as cloud:
        yield cloud


@pytest.fixture
async def call(cloud: ParticleCloud) -> AsyncIterator[Api]:
    async with api(cloud) as call:
        yield call


@pytest.fixture
async def robot(cloud: ParticleCloud) -> AsyncIterator[Api]:
    async with api(cloud, cloud.api_user_token) as call:
        yield call


def document(**location: Any) -> dict[str, Any]:
    """A tracker's settings with some changed."""
    settings = defaults()
    settings["location"] |= location
    return settings


def told(cloud: ParticleCloud, board: str) -> list[Any]:
    return [
        entry.body
        for entry in cloud.log
        if (entry.channel, entry.method, entry.path) == ("board", "RECEIVE", board)
    ]


# Everything that is refused


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "error"),
    [
        ("GET", "/v1/orgs/nobody", None, 404, "Organization nobody not found"),
        ("GET", "/v1/orgs/nobody/products", None, 404, "Organization nobody not found"),
        ("GET", "/v1/orgs/nobody/events", None, 404, "Organization nobody not found"),
        (
            "GET",
            f"{ORG}/products/7/events",
            None,
            404,
            "Product 7 not found",
        ),
        ("GET", f"{ORG}/devices/{WORKSHOP}/events", None, 403, "Permission Denied"),
        ("POST", f"{PRODUCT}/team", {}, 400, "bad_request"),
        ("POST", f"{PRODUCT}/team", {"friendly_name": "Home"}, 400, "bad_request"),
        (
            "POST",
            f"{PRODUCT}/team",
            {"friendly_name": "Home", "scopes": []},
            400,
            "bad_request",
        ),
        (
            "POST",
            f"{ORG}/team",
            {"friendly_name": "Home", "scopes": ["everything"]},
            400,
            "bad_request",
        ),
        (
            "PUT",
            f"{PRODUCT}/team/nobody@api.particle.io",
            {"scopes": ["devices:list"]},
            404,
            "Not Found",
        ),
        ("GET", f"{CONFIG}/{WORKSHOP}", None, 403, "Permission Denied"),
        ("GET", "/v1/products/7/config", None, 404, "Product 7 not found"),
        ("GET", f"/v1/config/{VAN}", None, 404, "Not Found"),
        ("PUT", f"{CONFIG}/{VAN}", {"nope": {}}, 422, "invalid_configuration"),
        (
            "PUT",
            f"{CONFIG}/{VAN}",
            {"location": {"interval_max": "60"}},
            422,
            "invalid_configuration",
        ),
        (
            "PUT",
            f"{CONFIG}/{VAN}",
            {"location": {"interval_max": -1}},
            422,
            "invalid_configuration",
        ),
        (
            "PUT",
            f"{CONFIG}/{VAN}",
            {"location": {"gnss": 1}},
            422,
            "invalid_configuration",
        ),
        (
            "PUT",
            f"{CONFIG}/{VAN}",
            {"location": {"radius": True}},
            422,
            "invalid_configuration",
        ),
        (
            "PUT",
            f"{CONFIG}/{VAN}",
            {"imu_trig": {"motion": "fast"}},
            422,
            "invalid_configuration",
        ),
        (
            "PUT",
            f"{CONFIG}/{VAN}",
            {"geofence": {"zone1": {"lat": 91}}},
            422,
            "invalid_configuration",
        ),
        (
            "PUT",
            f"{CONFIG}/{VAN}",
            {"configuration": defaults()},
            422,
            "invalid_configuration",
        ),
        ("PUT", f"{CONFIG}/{VAN}", ["location"], 422, "invalid_configuration"),
        ("PUT", CONFIG, {"location": []}, 422, "invalid_configuration"),
        ("GET", f"{PRODUCT}/firmware/99", None, 404, "Firmware 99 not found"),
        ("GET", f"{PRODUCT}/firmware/newest", None, 404, "Firmware newest not found"),
        (
            "PUT",
            f"{PRODUCT}/firmware/release",
            {"version": 99},
            404,
            "Firmware 99 not found",
        ),
        (
            "PUT",
            f"{PRODUCT}/devices/{VAN}",
            {"desired_firmware_version": 99, "flash": True},
            400,
            "bad_request",
        ),
        ("GET", "/v1/device-os/versions/latest", None, 404, "Not Found"),
        (
            "GET",
            "/v1/device-os/versions/latest?platform_id=999",
            None,
            404,
            "Not Found",
        ),
        ("GET", f"{PRODUCT}/sims?page=0", None, 400, "bad_request"),
        ("GET", f"{PRODUCT}/locations?page=x", None, 400, "bad_request"),
        ("GET", f"{PRODUCT}/locations?per_page=0", None, 400, "bad_request"),
        ("GET", f"{PRODUCT}/locations?date_range=x,y", None, 400, "bad_request"),
        ("GET", f"{PRODUCT}/locations?rect_bl=x", None, 400, "bad_request"),
        ("GET", f"{PRODUCT}/locations/{VAN}", None, 404, "Not Found"),
        ("GET", f"{PRODUCT}/locations/{WORKSHOP}", None, 403, "Permission Denied"),
        ("GET", f"{PRODUCT}/location", None, 404, "Not Found"),
        ("GET", f"/v1/diagnostics/{VAN}/summary?limit=0", None, 400, "bad_request"),
        (
            "GET",
            f"/v1/diagnostics/{VAN}/summary?end_date=x",
            None,
            400,
            "bad_request",
        ),
    ],
)
async def test_the_cloud_refuses(
    call: Api, method: str, path: str, body: Any, status: int, error: str
) -> None:
    options = {} if body is None else {"json": body}
    answer, refusal = await call(method, path, **options)
    assert (answer, refusal["error"]) == (status, error)


@pytest.mark.parametrize("iccid", ["8931440000", "89314404000000000013"])
@pytest.mark.parametrize("what", ["status", "data_usage"])
async def test_sim_cards_of_others_are_unknown(
    call: Api, iccid: str, what: str
) -> None:
    path = f"{PRODUCT}/sims/{iccid}/{what}"
    assert await call("GET", path) == (
        404,
        {"ok": False, "errors": ["SIM card not found"]},
    )


READS = [
    ("GET", f"{PRODUCT}/devices", "devices:list"),
    ("GET", f"{PRODUCT}/devices/{VAN}", "devices:get"),
    ("GET", f"{PRODUCT}/devices/{VAN}/mileage", "devices.variable:get"),
    ("POST", f"{PRODUCT}/devices/{VAN}/cmd", "devices.function:call"),
    ("PUT", f"{PRODUCT}/devices/{VAN}/ping", "devices:ping"),
    ("PUT", f"{PRODUCT}/devices/{VAN}", "devices:update"),
    ("GET", f"{PRODUCT}/diagnostics/{VAN}/last", "devices.diagnostics:get"),
    ("GET", f"{PRODUCT}/diagnostics/{VAN}", "devices.diagnostics:get"),
    ("POST", f"{PRODUCT}/diagnostics/{VAN}/update", "devices.diagnostics:update"),
    (
        "GET",
        f"{PRODUCT}/diagnostics/{VAN}/metadata",
        "devices.diagnostics.metadata:get",
    ),
    (
        "GET",
        f"{PRODUCT}/diagnostics/{VAN}/summary",
        "devices.diagnostics.summary:get",
    ),
    ("GET", f"{PRODUCT}/events", "events:get"),
    ("GET", f"{PRODUCT}/devices/{VAN}/events", "events:get"),
    ("POST", f"{PRODUCT}/events", "events:send"),
    ("GET", f"{PRODUCT}/locations", "locations:get"),
    ("GET", f"{PRODUCT}/locations/{VAN}", "locations:get"),
    ("GET", f"{PRODUCT}/fleet_locations", "locations:get"),
    ("GET", CONFIG, "configuration:get"),
    ("GET", f"{CONFIG}/{VAN}", "configuration:get"),
    ("PUT", CONFIG, "configuration:update"),
    ("PUT", f"{CONFIG}/{VAN}", "configuration:update"),
    ("GET", f"{PRODUCT}/firmware", "firmware:get"),
    ("GET", f"{PRODUCT}/firmware/18", "firmware:get"),
    ("PUT", f"{PRODUCT}/firmware/release", "firmware:release"),
    ("GET", f"{PRODUCT}/sims", "sims:list"),
    ("GET", f"{PRODUCT}/sims/{SIM}/status", "sims.status:get"),
    ("GET", f"{PRODUCT}/sims/{SIM}/data_usage", "sims.usage:get"),
]


@pytest.mark.parametrize(("method", "path", "scope"), READS)
async def test_an_api_user_needs_the_scope(
    cloud: ParticleCloud, method: str, path: str, scope: str
) -> None:
    token = cloud.access.add_api_user(["ledger.definitions:get"], [13961]).value
    async with api(cloud, token) as weak:
        status, body = await weak(method, path)
        assert (status, body["error"]) == (403, "insufficient_scope")
        assert scope in body["error_description"]
    elsewhere = cloud.access.add_api_user([scope], [1]).value
    async with api(cloud, elsewhere) as stranger:
        assert (await stranger(method, path))[0] == 404


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/v1/orgs"),
        ("GET", "/v1/products"),
        ("GET", "/v1/sims"),
        ("GET", f"/v1/sims/{SIM}/status"),
        ("GET", f"/v1/diagnostics/{VAN}/last"),
        ("POST", f"{PRODUCT}/team"),
        ("POST", f"{ORG}/team"),
        ("GET", "/v1/user"),
        ("POST", "/v1/devices/events"),
    ],
)
async def test_an_api_user_is_refused_where_only_people_go(
    cloud: ParticleCloud, method: str, path: str
) -> None:
    for token in (cloud.api_user_token, cloud.org_user_token):
        async with api(cloud, token) as robot:
            status, body = await robot(method, path)
            assert (status, body["error"]) == (400, PEOPLE_ONLY)


@pytest.mark.parametrize(
    ("method", "path"),
    [*((method, path) for method, path, _ in READS), ("GET", f"{ORG}/events")],
)
async def test_no_token_is_400_and_an_unknown_one_is_401(
    cloud: ParticleCloud, method: str, path: str
) -> None:
    async with api(cloud, None) as nobody:
        assert (await nobody(method, path))[0] == 400
    async with api(cloud, "0" * 40) as stranger:
        assert (await stranger(method, path))[0] == 401


# Organizations and API users


async def test_an_api_user_of_an_organization_finds_its_products(
    cloud: ParticleCloud,
) -> None:
    async with api(cloud, cloud.org_user_token) as robot:
        _, token = await robot("GET", "/v1/access_tokens/current")
        assert [org["slug"] for org in token["orgs"]] == ["maker-works"]
        assert token["expires_at"] is None
        _, body = await robot("GET", ORG)
        assert body["organization"]["name"] == "Maker Works"
        _, body = await robot("GET", f"{ORG}/products")
        assert [product["id"] for product in body["products"]] == [13961]
        _, page = await robot("GET", f"{PRODUCT}/devices")
        assert [device["id"] for device in page["devices"]] == [VAN]


async def test_an_api_user_of_a_product_sees_no_organization(robot: Api) -> None:
    assert (await robot("GET", f"{ORG}/products"))[0] == 404
    assert (await robot("GET", f"{ORG}/events"))[0] == 404


async def test_an_organization_hears_its_products_and_nothing_else(
    cloud: ParticleCloud,
) -> None:
    paths = (
        f"{ORG}/events",
        f"{ORG}/events/lo",
        f"{ORG}/devices/{VAN}/events",
        f"{ORG}/products/van-fleet/events",
    )
    for path in paths:
        async with api(cloud, cloud.org_user_token) as robot, robot.listen(path) as ear:
            cloud.world.set(cloud.world.boards[WORKSHOP], temperature=1.5)
            cloud.world.step(cloud.world.boards[VAN])
            name, body = await ear.event()
            assert (name, body["coreid"], body["productID"]) == ("loc", VAN, 13961)


@pytest.mark.parametrize("path", [f"{PRODUCT}/team", f"{ORG}/team"])
async def test_a_person_makes_an_api_user_whose_token_dies_with_new_scopes(
    cloud: ParticleCloud, call: Api, path: str
) -> None:
    wanted = {"friendly_name": "Home", "scopes": ["devices:list"]}
    status, body = await call("POST", path, json=wanted)
    assert (status, body["ok"], body["created"]["is_programmatic"]) == (200, True, True)
    username = body["created"]["username"]
    assert username.endswith("@api.particle.io")
    first = body["created"]["tokens"][0]["token"]
    async with api(cloud, first) as robot:
        assert (await robot("GET", f"{PRODUCT}/devices"))[0] == 200
        assert (await robot("GET", f"{PRODUCT}/locations"))[0] == 403
    more = {"scopes": ["devices:list", "locations:get"]}
    _, body = await call("PUT", f"{path}/{username}", json=more)
    async with api(cloud, first) as robot:
        assert (await robot("GET", f"{PRODUCT}/devices"))[0] == 401
    async with api(cloud, body["updated"]["tokens"][0]["token"]) as robot:
        assert (await robot("GET", f"{PRODUCT}/locations"))[0] == 200
        assert await call("DELETE", f"{path}/{username}") == (204, "")
        assert (await robot("GET", f"{PRODUCT}/locations"))[0] == 401


async def test_an_api_user_can_be_made_over_http(
    cloud: ParticleCloud, call: Api
) -> None:
    asked = {"scopes": ["events:get"], "organization": "maker-works"}
    _, body = await call("POST", "/_control/api_users", json=asked)
    async with api(cloud, body["token"]) as robot:
        assert (await robot("GET", f"{ORG}/products"))[0] == 200
        assert (await robot("GET", f"{PRODUCT}/devices"))[0] == 403


# Settings


async def test_settings_of_a_product_are_unset_at_first(robot: Api) -> None:
    assert await robot("GET", CONFIG) == (404, {})
    settings = document(radius=50)
    assert await robot("PUT", CONFIG, json=settings) == (
        200,
        {"configuration": settings},
    )
    assert await robot("GET", CONFIG) == (200, {"configuration": settings})
    assert (await robot("PUT", CONFIG))[0] == 200
    assert await robot("GET", CONFIG) == (404, {})


@pytest.mark.parametrize("path", [CONFIG, f"{CONFIG}/{VAN}"])
async def test_the_schema_is_an_answer_to_its_media_type(
    cloud: ParticleCloud, robot: Api, path: str
) -> None:
    headers = {**robot.headers, "Accept": "application/schema+json"}
    async with robot.session.get(cloud.url + path, headers=headers) as response:
        assert response.content_type == "application/schema+json"
        schema = json.loads(await response.text())
    location = schema["properties"]["location"]["properties"]
    assert location["interval_max"]["type"] == "integer"
    assert location["interval_max"]["default"] == 3600
    motion = schema["properties"]["imu_trig"]["properties"]["motion"]
    assert motion["enum"] == ["disable", "low", "medium", "high"]


async def test_a_tracker_that_is_there_takes_its_settings_at_once(
    cloud: ParticleCloud, robot: Api
) -> None:
    _, body = await robot("GET", f"{CONFIG}/{VAN}")
    before = body["configuration"]
    assert before["current"]["location"]["interval_max"] == 3600
    assert before["pending"] == {}
    wanted = copy.deepcopy(before["current"])
    wanted["location"]["interval_max"] = 600
    status, body = await robot("PUT", f"{CONFIG}/{VAN}", json=wanted)
    assert (status, body["configuration"]["current"]) == (200, wanted)
    assert told(cloud, VAN) == [{"config": wanted}]
    assert cloud.operations == 1


async def test_what_a_put_leaves_out_is_gone(robot: Api) -> None:
    part = {"location": {"interval_max": 600}}
    assert (await robot("PUT", f"{CONFIG}/{VAN}", json=part))[0] == 200
    _, body = await robot("GET", f"{CONFIG}/{VAN}")
    assert body["configuration"]["current"] == part


async def test_settings_wait_for_a_tracker_that_is_away(
    cloud: ParticleCloud, robot: Api
) -> None:
    van = cloud.world.boards[VAN]
    cloud.set_online(van, False)
    wanted = document(radius=120)
    status, body = await robot("PUT", f"{CONFIG}/{VAN}", json=wanted)
    assert status == 202
    assert body["configuration"]["pending"] == wanted
    assert body["configuration"]["current"]["location"]["radius"] == 0
    assert told(cloud, VAN) == []
    cloud.set_online(van, True)
    _, body = await robot("GET", f"{CONFIG}/{VAN}")
    assert body["configuration"] == {"current": wanted, "pending": {}}
    assert told(cloud, VAN) == [{"config": wanted}]


async def test_a_tracker_may_reject_its_settings(
    cloud: ParticleCloud, robot: Api
) -> None:
    state = f"/_control/boards/{VAN}/state"
    await robot("POST", state, json={"rejects_config": True})
    status, body = await robot("PUT", f"{CONFIG}/{VAN}", json=document(radius=1))
    assert (status, body["error"]) == (400, "device_rejected_configuration")
    _, body = await robot("GET", f"{CONFIG}/{VAN}")
    assert body["configuration"]["current"]["location"]["radius"] == 0


async def test_an_empty_put_returns_to_the_products_settings(robot: Api) -> None:
    await robot("PUT", CONFIG, json=document(radius=77))
    assert (await robot("PUT", f"{CONFIG}/{VAN}"))[0] == 200
    _, body = await robot("GET", f"{CONFIG}/{VAN}")
    assert body["configuration"]["current"]["location"]["radius"] == 77


async def test_settings_in_no_json_are_refused(robot: Api) -> None:
    status, body = await robot("PUT", f"{CONFIG}/{VAN}", data=b"{location")
    assert (status, body["error"]) == (400, "bad_request")


# Firmware

ORDER = [
    ("spark/status", "auto-update"),
    ("spark/flash/status", "started "),
    ("spark/flash/status", "success "),
    ("spark/status", "offline"),
    ("spark/status", "online"),
    ("spark/device/last_reset", "update"),
    ("particle/device/updates/forced", "false"),
    ("spark/device/app-hash", None),
    ("particle/device/updates/pending", "false"),
    ("particle/device/updates/enabled", "true"),
]
"""What an update looks like on a stream (reference 5.6)."""


async def heard(ear: Any, count: int) -> list[tuple[str, str]]:
    events = [await ear.event() for _ in range(count)]
    return [(name, body["data"]) for name, body in events]


def same(seen: list[tuple[str, str]]) -> bool:
    """Whether the events of an update came in order; the hash is any."""
    plain = [
        (name, None if name == "spark/device/app-hash" else data) for name, data in seen
    ]
    return plain == ORDER


async def test_firmware_is_listed_and_described(robot: Api) -> None:
    _, listed = await robot("GET", f"{PRODUCT}/firmware")
    assert [release["version"] for release in listed] == [17, 18]
    status, release = await robot("GET", f"{PRODUCT}/firmware/18")
    assert status == 200
    assert release["title"] == "Geofences"
    assert release["description"] == "Four zones."
    assert (release["product_default"], release["device_count"]) == (True, 1)
    assert release["uploaded_on"].endswith("Z")


@pytest.mark.parametrize("options", [{"flash_seconds": 0.0}])
async def test_a_forced_update_runs_in_the_order_of_real_ones(
    cloud: ParticleCloud, robot: Api
) -> None:
    asked = {"product": 13961, "version": 19, "title": "Winter", "release": True}
    async with robot.listen(f"{PRODUCT}/events") as ear:
        await robot("POST", "/_control/firmware", json=asked)
        assert await heard(ear, 3) == [
            ("particle/firmware/create", '{"version":"19"}'),
            ("particle/firmware/release", '{"immediate":false,"version":19}'),
            ("particle/device/updates/pending", "true"),
        ]
        _, device = await robot("GET", f"{PRODUCT}/devices/{VAN}")
        assert device["targeted_firmware_release_version"] == 19
        assert device["firmware_version"] == 18
        force = {"firmware_updates_forced": True}
        await robot("PUT", f"{PRODUCT}/devices/{VAN}", json=force)
        assert await heard(ear, 1) == [("particle/device/updates/forced", "true")]
        assert same(await heard(ear, 10))
    _, device = await robot("GET", f"{PRODUCT}/devices/{VAN}")
    assert device["firmware_version"] == 19
    assert device["firmware_updates_forced"] is False
    assert told(cloud, VAN) == [{"flash": 19}]
    assert cloud.operations == 0


@pytest.mark.parametrize("options", [{"flash_seconds": 0.0}])
async def test_a_lock_with_flash_installs_and_shows_the_new_version_on_the_stream(
    robot: Api,
) -> None:
    lock = {"desired_firmware_version": 17, "flash": True}
    async with robot.listen(f"{PRODUCT}/events") as ear:
        await robot("PUT", f"{PRODUCT}/devices/{VAN}", json=lock)
        events = [await ear.event() for _ in range(10)]
    assert same([(name, body["data"]) for name, body in events])
    versions = [body["version"] for _, body in events]
    assert versions == [18, 18, 18, 18, 17, 17, 17, 17, 17, 17]
    _, device = await robot("GET", f"{PRODUCT}/devices/{VAN}")
    assert (device["firmware_version"], device["desired_firmware_version"]) == (17, 17)
    unlock = {"desired_firmware_version": None}
    _, body = await robot("PUT", f"{PRODUCT}/devices/{VAN}", json=unlock)
    assert body["desired_firmware_version"] is None


@pytest.mark.parametrize("options", [{"flash_seconds": 0.0, "flash_fails": True}])
async def test_an_update_may_fail_and_stay_pending(robot: Api) -> None:
    lock = {"desired_firmware_version": 17, "flash": True}
    async with robot.listen(f"{PRODUCT}/events") as ear:
        await robot("PUT", f"{PRODUCT}/devices/{VAN}", json=lock)
        assert await heard(ear, 3) == [
            *ORDER[:2],
            ("spark/flash/status", "failed "),
        ]
    _, device = await robot("GET", f"{PRODUCT}/devices/{VAN}")
    assert device["firmware_version"] == 18


@pytest.mark.parametrize("options", [{"flash_seconds": 0.0}])
async def test_an_update_waits_for_a_device_that_is_away(
    cloud: ParticleCloud, robot: Api
) -> None:
    van = cloud.world.boards[VAN]
    cloud.set_online(van, False)
    lock = {"desired_firmware_version": 17, "flash": True}
    await robot("PUT", f"{PRODUCT}/devices/{VAN}", json=lock)
    assert told(cloud, VAN) == []
    async with robot.listen(f"{PRODUCT}/events") as ear:
        cloud.set_online(van, True)
        assert await heard(ear, 1) == [("spark/status", "online")]
        assert same(await heard(ear, 10))


async def test_a_device_that_refuses_updates_is_not_updated_by_a_release(
    cloud: ParticleCloud, robot: Api
) -> None:
    state = f"/_control/boards/{VAN}/state"
    async with robot.listen(f"{PRODUCT}/events") as ear:
        await robot("POST", state, json={"updates_enabled": False})
        assert await heard(ear, 1) == [("particle/device/updates/enabled", "false")]
        release = {"version": 17}
        path = f"{PRODUCT}/firmware/release"
        assert await robot("PUT", path, json=release) == (200, {"ok": True})
        assert await heard(ear, 2) == [
            ("particle/firmware/release", '{"immediate":true,"version":17}'),
            ("particle/device/updates/pending", "true"),
        ]
    _, device = await robot("GET", f"{PRODUCT}/devices/{VAN}")
    assert device["firmware_updates_enabled"] is False
    assert told(cloud, VAN) == []


async def test_stopping_the_cloud_breaks_off_an_update(
    cloud: ParticleCloud, robot: Api
) -> None:
    lock = {"desired_firmware_version": 17, "flash": True}
    await robot("PUT", f"{PRODUCT}/devices/{VAN}", json=lock)
    await asyncio.sleep(0)
    await cloud.stop()
    assert cloud.fleet.presence(cloud.world.boards[VAN]).firmware_version == 18


async def test_the_newest_device_os_is_known_without_a_token(
    cloud: ParticleCloud,
) -> None:
    async with api(cloud, None) as nobody:
        path = "/v1/device-os/versions/latest?platform_id=26"
        status, body = await nobody("GET", path)
    assert (status, body["version"]) == (200, "6.3.2")
    assert body["modules"][0]["prefixInfo"]["moduleFunction"] == "system_part"


# SIM cards


async def test_sim_cards_of_a_person_and_of_a_product(call: Api, robot: Api) -> None:
    _, mine = await call("GET", "/v1/sims")
    assert {sim["device_id"] for sim in mine["sims"]} == {VAN, BEEHIVE}
    _, page = await robot("GET", f"{PRODUCT}/sims?per_page=1")
    assert page["meta"] == {"total_pages": 1, "page": 1}
    assert page["sims"][0]["iccid"] == SIM
    assert page["sims"][0]["status"] == "active"
    _, page = await robot("GET", f"{PRODUCT}/sims?deviceName=boat")
    assert page["sims"] == []


async def test_a_status_check_takes_its_time(robot: Api, clock: Clock) -> None:
    path = f"{PRODUCT}/sims/{SIM}/status"
    _, body = await robot("GET", path)
    assert body["meta"]["state"] == "pending"
    assert body["meta"]["check_again_after"] == "2026-05-28T20:26:42.000Z"
    clock.now += 1.9
    assert (await robot("GET", path))[1]["meta"]["state"] == "pending"
    clock.now += 0.1
    _, body = await robot("GET", path)
    assert body["meta"]["state"] == "complete"
    assert body["sim_status"] == {"status": "active", "data_session": True}
    assert (await robot("GET", path))[1]["meta"]["state"] == "pending"


async def test_data_is_counted_by_day_of_the_month(robot: Api) -> None:
    state = {"sim": {"status": "inactive", "mbs": 40.5}}
    await robot("POST", f"/_control/boards/{VAN}/state", json=state)
    _, body = await robot("GET", f"{PRODUCT}/sims/{SIM}/data_usage")
    assert len(body["usage_by_day"]) == 28
    assert body["usage_by_day"][0] == {
        "date": "2026-05-01",
        "mbs_used": 0.35,
        "mbs_used_cumulative": 0.35,
    }
    assert (body["quota"], body["used"]) == (45.0, 50.3)
    _, page = await robot("GET", f"{PRODUCT}/sims")
    assert page["sims"][0]["status"] == "inactive"


# Positions


async def past(robot: Api, *hours: int) -> None:
    """Let the van have been somewhere some hours ago."""
    for hour in hours:
        place = {"at": NOW - 3600 * hour, "lat": 48 + hour / 100, "lon": 11.5, "spd": 3}
        await robot("POST", f"/_control/boards/{VAN}/places", json=place)


async def test_a_range_of_dates_is_the_history_of_a_device(robot: Api) -> None:
    await past(robot, 5, 3, 1, 4)
    span = "2026-05-28T16:00:00Z,2026-05-28T19:00:00Z"
    _, body = await robot("GET", f"{PRODUCT}/locations/{VAN}?date_range={span}")
    found = body["location"]
    assert found["timestamps"] == [
        "2026-05-28T16:26:40.000Z",
        "2026-05-28T17:26:40.000Z",
    ]
    assert found["geometry"] == {
        "type": "LineString",
        "coordinates": [[11.5, 48.04], [11.5, 48.03]],
    }
    assert found["properties"] == [{"spd": 3}, {"spd": 3}]
    _, body = await robot("GET", f"{PRODUCT}/locations/{VAN}")
    assert body["location"]["geometry"] == {
        "type": "Point",
        "coordinates": [11.5, 48.01],
    }


async def test_a_list_has_pages_of_devices_and_the_fleet_has_none(
    cloud: ParticleCloud, robot: Api
) -> None:
    _, added = await robot("POST", "/_control/boards", json={"kind": "monitor"})
    await past(robot, 2, 1)
    place = {"at": NOW, "lat": 1.0, "lon": 2.0}
    await robot("POST", f"/_control/boards/{added['id']}/places", json=place)
    _, page = await robot("GET", f"{PRODUCT}/locations?per_page=1&page=2")
    assert page["meta"] == {
        "page": 2,
        "per_page": 1,
        "total_pages": 2,
        "devices_found": 2,
    }
    assert len(page["locations"]) == 1
    status, fleet = await robot("GET", f"{PRODUCT}/fleet_locations")
    assert status == 200
    assert fleet.keys() == {"locations"}
    assert {found["device_id"] for found in fleet["locations"]} == {VAN, added["id"]}
    assert all("properties" not in found for found in fleet["locations"])
    _, page = await robot("GET", f"{PRODUCT}/locations?groups=pumps")
    assert [found["device_name"] for found in page["locations"]] == ["Pump house"]
    _, page = await robot("GET", f"{PRODUCT}/locations?device_name=Va")
    assert [found["device_id"] for found in page["locations"]] == [VAN]
    _, page = await robot("GET", f"{PRODUCT}/locations?per_page=500")
    assert page["meta"]["per_page"] == 100


@pytest.mark.parametrize("options", [{"places_latlon": True, "places_old_words": True}])
async def test_positions_may_be_told_in_older_words(robot: Api) -> None:
    await past(robot, 2)
    _, body = await robot("GET", f"{PRODUCT}/locations/{VAN}")
    assert body["location"]["geometry"]["coordinates"] == [48.02, 11.5]
    assert body["location"]["properties"] == [{"speed": 3}]


@pytest.mark.parametrize("options", [{"fleet_locations": False}])
async def test_the_newer_endpoint_may_be_missing(robot: Api) -> None:
    assert (await robot("GET", f"{PRODUCT}/fleet_locations"))[0] == 404
    assert (await robot("GET", f"{PRODUCT}/locations"))[0] == 200


# Vitals


@pytest.mark.parametrize("options", [{"bad_date_status": 200}])
async def test_bad_dates_may_be_told_with_status_200(call: Api) -> None:
    path = f"/v1/diagnostics/{VAN}?start_date=yesterday"
    assert await call("GET", path) == (
        200,
        {"error": "bad_request", "description": "Invalid date"},
    )


async def test_a_summary_has_as_many_buckets_as_asked_for(
    cloud: ParticleCloud, robot: Api, clock: Clock
) -> None:
    van = cloud.world.boards[VAN]
    for _ in range(6):
        clock.now += 60
        cloud.publications.send_vitals(van)
    path = f"{PRODUCT}/diagnostics/{VAN}/summary?limit=3"
    _, body = await robot("GET", path)
    buckets = body["diagnostics_summary"]
    assert len(buckets) == 3
    assert buckets[0]["start"] == "2026-05-28T20:27:40.000Z"
    uptime = buckets[0]["values"]["device.system.uptime"]
    assert uptime == {"count": 2, "min": 90.0, "max": 150.0, "avg": 120.0}
    _, body = await robot("GET", f"{path}&end_date=2026-05-28T20:28:40Z")
    assert len(body["diagnostics_summary"]) == 1
