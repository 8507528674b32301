"""Signing in and out of the simulated Particle cloud."""

from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from simulated_clouds.boards.particle import boards
from simulated_clouds.particle import ParticleCloud
from simulated_clouds.world import World

from .particle_client import Api, api

BAD_LOGIN = {
    "error": "invalid_grant",
    "error_description": "User credentials are invalid",
}
EXPIRED = {
    "error": "invalid_token",
    "error_description": "The access token provided has expired.",
}
INVALID = {
    "error": "invalid_token",
    "error_description": "The access token provided is invalid.",
}
MISSING = {
    "error": "invalid_request",
    "error_description": "The access token was not found",
}
PEOPLE_ONLY = {
    "error": "unauthorized",
    "error_description": "API users are not allowed to call this endpoint",
}


class Clock:
    """A clock that only a test moves."""

    now = 1_780_000_000.0

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


async def test_a_password_buys_a_token_for_ninety_days(call: Api) -> None:
    status, body = await call.login()
    assert status == 200
    assert body["token_type"] == "bearer"
    assert body["expires_in"] == 7_776_000
    assert len(body["access_token"]) == 40
    assert len(body["refresh_token"]) == 40


async def test_the_client_may_be_in_a_basic_header(call: Api) -> None:
    header = aiohttp.encode_basic_auth("particle", "particle")
    form = {
        "grant_type": "password",
        "username": "maker@example.com",
        "password": "one-red-bicycle",
    }
    status, _ = await call(
        "POST", "/oauth/token", data=form, headers={"Authorization": header}
    )
    assert status == 200


@pytest.mark.parametrize(
    ("changes", "status", "error"),
    [
        ({"password": "guess"}, 400, "invalid_grant"),
        ({"username": "nobody@example.com"}, 400, "invalid_grant"),
        ({"password": None}, 400, "invalid_grant"),
        ({"client_secret": "guess"}, 400, "invalid_client"),
        ({"client_id": "guess"}, 400, "invalid_client"),
        ({"client_id": None, "client_secret": None}, 400, "invalid_client"),
        ({"grant_type": None}, 400, "invalid_request"),
        ({"grant_type": "client_credentials"}, 400, "invalid_request"),
        ({"grant_type": "refresh_token", "refresh_token": "x"}, 400, "invalid_grant"),
        ({"expires_in": "soon"}, 400, "invalid_request"),
        ({"expires_in": "-1"}, 400, "invalid_request"),
        ({"expires_at": "tomorrow"}, 400, "invalid_request"),
        ({"expires_at": "2020-01-01T00:00:00Z"}, 400, "invalid_request"),
    ],
)
async def test_the_token_endpoint_refuses(
    call: Api, changes: dict[str, Any], status: int, error: str
) -> None:
    answer, body = await call.login(**changes)
    assert (answer, body["error"]) == (status, error)


async def test_wrong_password_and_unknown_user_look_the_same(call: Api) -> None:
    assert await call.login(password="guess") == (400, BAD_LOGIN)
    assert await call.login(username="nobody@example.com") == (400, BAD_LOGIN)


async def test_a_login_in_json_is_refused(call: Api) -> None:
    form = {
        "grant_type": "password",
        "username": "maker@example.com",
        "password": "one-red-bicycle",
        "client_id": "particle",
        "client_secret": "particle",
    }
    status, body = await call("POST", "/oauth/token", json=form)
    assert (status, body["error"]) == (400, "invalid_request")


@pytest.mark.parametrize(
    ("asked", "expires_in", "expires_at"),
    [
        ({"expires_in": "0"}, 0, None),
        ({"expires_in": "3600"}, 3600, "2026-05-28T21:26:40.000Z"),
        ({"expires_at": "2026-05-28T20:26:50Z"}, 10, "2026-05-28T20:26:50.000Z"),
    ],
)
async def test_a_token_lives_as_long_as_asked(
    cloud: ParticleCloud,
    call: Api,
    asked: dict[str, str],
    expires_in: int,
    expires_at: str | None,
) -> None:
    _, body = await call.login(**asked)
    assert body["expires_in"] == expires_in
    async with api(cloud, body["access_token"]) as mine:
        assert await mine("GET", "/v1/access_tokens/current") == (
            200,
            {
                "expires_at": expires_at,
                "client": "particle",
                "scopes": [],
                "orgs": [],
            },
        )


async def test_an_expired_token_is_refused(
    cloud: ParticleCloud, clock: Clock, call: Api
) -> None:
    _, body = await call.login(expires_in="60")
    async with api(cloud, body["access_token"]) as mine:
        assert (await mine("GET", "/v1/devices"))[0] == 200
        clock.now += 60
        assert await mine("GET", "/v1/devices") == (401, EXPIRED)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/v1/devices"),
        ("GET", "/v1/devices/e00fce6801a2b3c4d5e6f701"),
        ("GET", "/v1/devices/e00fce6801a2b3c4d5e6f701/temperature"),
        ("POST", "/v1/devices/e00fce6801a2b3c4d5e6f701/beep"),
        ("PUT", "/v1/devices/e00fce6801a2b3c4d5e6f701"),
        ("PUT", "/v1/devices/e00fce6801a2b3c4d5e6f701/ping"),
        ("GET", "/v1/devices/events"),
        ("GET", "/v1/devices/e00fce6801a2b3c4d5e6f701/events"),
        ("GET", "/v1/events/temp"),
        ("POST", "/v1/devices/events"),
        ("GET", "/v1/products/13961/devices"),
        ("GET", "/v1/products/13961/events"),
        ("GET", "/v1/products/13961/locations"),
        ("GET", "/v1/diagnostics/e00fce6801a2b3c4d5e6f701/last"),
        ("GET", "/v1/user"),
        ("GET", "/v1/access_tokens/current"),
        ("DELETE", "/v1/access_tokens/current"),
        ("DELETE", "/v1/access_tokens"),
    ],
)
async def test_no_token_is_400_and_an_unknown_one_is_401(
    cloud: ParticleCloud, method: str, path: str
) -> None:
    async with api(cloud, None) as nobody:
        assert await nobody(method, path) == (400, MISSING)
    async with api(cloud, "0" * 40) as stranger:
        assert await stranger(method, path) == (401, INVALID)


async def test_the_old_places_of_a_token_still_work(cloud: ParticleCloud) -> None:
    async with api(cloud, None) as call:
        query = f"/v1/devices?access_token={cloud.token}"
        assert (await call("GET", query))[0] == 200
        form = {"access_token": cloud.token, "name": "hello"}
        assert (await call("POST", "/v1/devices/events", data=form))[0] == 200
        posted = f"/v1/devices/events?access_token={cloud.token}"
        assert (await call("POST", posted, json={"name": "x"})) == (400, MISSING)


async def test_signing_out_revokes_the_token_that_is_used(call: Api) -> None:
    assert await call("DELETE", "/v1/access_tokens/current") == (200, {"ok": True})
    assert await call("GET", "/v1/devices") == (401, INVALID)


async def test_a_token_is_revoked_by_its_own_value_alone(cloud: ParticleCloud) -> None:
    async with api(cloud, None) as nobody:
        path = f"/v1/access_tokens/{cloud.token}"
        assert await nobody("DELETE", path) == (200, {"ok": True})
        assert await nobody("DELETE", "/v1/access_tokens/unknown") == (
            200,
            {"ok": True},
        )
    async with api(cloud) as call:
        assert await call("GET", "/v1/devices") == (401, INVALID)


async def test_signing_out_everywhere_ends_every_token_of_the_person(
    cloud: ParticleCloud, call: Api
) -> None:
    _, body = await call.login()
    assert await call("DELETE", "/v1/access_tokens") == (200, {"ok": True})
    async with api(cloud, body["access_token"]) as other:
        assert await other("GET", "/v1/devices") == (401, INVALID)
    async with api(cloud, cloud.api_user_token) as robot:
        assert (await robot("GET", "/v1/products/13961/devices"))[0] == 200


async def test_the_user_is_who_signed_in(call: Api) -> None:
    status, body = await call("GET", "/v1/user")
    assert status == 200
    assert body["username"] == "maker@example.com"
    assert body["mfa"] == {"enabled": False}


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/v1/user"),
        ("GET", "/v1/devices"),
        ("GET", "/v1/devices/e00fce6804d5e6f701122334"),
        ("GET", "/v1/devices/events"),
        ("DELETE", "/v1/access_tokens/current"),
        ("DELETE", "/v1/access_tokens"),
    ],
)
async def test_an_api_user_is_refused_where_only_people_go(
    cloud: ParticleCloud, method: str, path: str
) -> None:
    async with api(cloud, cloud.api_user_token) as robot:
        assert await robot(method, path) == (400, PEOPLE_ONLY)


async def test_an_api_user_may_do_what_its_scopes_say(cloud: ParticleCloud) -> None:
    token = cloud.access.add_api_user(["devices:list"], [13961]).value
    path = "/v1/products/13961/devices"
    async with api(cloud, token) as robot:
        assert (await robot("GET", path))[0] == 200
        assert (await robot("GET", f"{path}/e00fce6804d5e6f701122334"))[0] == 403
        status, body = await robot("GET", "/v1/access_tokens/current")
        assert (status, body["scopes"]) == (200, ["devices:list"])


async def test_another_account_sees_nothing_of_the_household(
    cloud: ParticleCloud,
) -> None:
    other = cloud.access.add_person("other@example.com", "secret")
    async with api(cloud, cloud.access.issue(other).value) as call:
        assert await call("GET", "/v1/devices") == (200, [])
        path = "/v1/devices/e00fce6801a2b3c4d5e6f701"
        status, body = await call("GET", path)
        assert (status, body["error"]) == (403, "Permission Denied")
        assert (await call("GET", "/v1/products/13961/devices"))[0] == 404


@pytest.mark.parametrize("options", [{"otp": "123456"}])
async def test_a_second_factor_is_asked_for_and_a_wrong_code_may_be_tried_again(
    cloud: ParticleCloud, call: Api, clock: Clock
) -> None:
    status, body = await call.login(expires_in="0")
    assert status == 403
    assert body["error"] == "mfa_required"
    assert body["error_description"] == "Multi-factor authentication required"
    grant = {
        "grant_type": "urn:custom:mfa-otp",
        "mfa_token": body["mfa_token"],
        "client_id": "particle",
        "client_secret": "particle",
    }
    status, wrong = await call("POST", "/oauth/token", data={**grant, "otp": "000000"})
    assert (status, wrong["error"]) == (400, "invalid_grant")
    right = {**grant, "otp": "123456"}
    status, token = await call("POST", "/oauth/token", data=right)
    assert (status, token["expires_in"]) == (200, 0)
    async with api(cloud, token["access_token"]) as mine:
        clock.now += 1e9
        assert (await mine("GET", "/v1/user"))[1]["mfa"] == {"enabled": True}
    status, again = await call("POST", "/oauth/token", data=right)
    assert (status, again["error"]) == (400, "invalid_grant")


@pytest.mark.parametrize("options", [{"otp": "123456", "mfa_keeps_lifetime": False}])
async def test_the_wanted_lifetime_may_be_lost_on_the_way(
    call: Api, clock: Clock
) -> None:
    _, body = await call.login(expires_in="0")
    grant = {
        "grant_type": "urn:custom:mfa-otp",
        "mfa_token": body["mfa_token"],
        "otp": "123456",
        "client_id": "particle",
        "client_secret": "particle",
    }
    _, token = await call("POST", "/oauth/token", data=grant)
    assert token["expires_in"] == 7_776_000
    _, body = await call.login()
    clock.now += 900
    late = {**grant, "mfa_token": body["mfa_token"]}
    assert (await call("POST", "/oauth/token", data=late))[0] == 400


async def test_ten_failures_in_a_row_block_the_address_for_half_an_hour(
    call: Api, clock: Clock
) -> None:
    for _ in range(9):
        await call.login(password="guess")
    assert (await call.login())[0] == 200
    for _ in range(10):
        assert (await call.login(password="guess"))[0] == 400
    assert (await call.login())[0] == 429
    clock.now += 1799
    assert (await call.login())[0] == 429
    clock.now += 1
    assert (await call.login())[0] == 200


async def test_more_than_a_hundred_logins_in_five_minutes_are_refused(
    call: Api, clock: Clock
) -> None:
    for _ in range(100):
        assert (await call.login())[0] == 200
    status, body = await call.login()
    assert status == 429
    assert "error" in body
    clock.now += 300
    assert (await call.login())[0] == 200


@pytest.mark.parametrize("options", [{"requests": 3}])
async def test_every_route_counts_against_the_overall_limit(call: Api) -> None:
    paths = ["/v1/devices", "/v1/user", "/v1/access_tokens/current", "/v1/devices"]
    statuses = [(await call("GET", path))[0] for path in paths]
    assert statuses == [200, 200, 200, 429]


async def test_credentials_are_in_no_repr(cloud: ParticleCloud) -> None:
    text = repr((cloud.options, cloud.access.people, cloud.access.tokens))
    person = repr(cloud.access.people["maker@example.com"])
    token = repr(cloud.access.tokens[cloud.token])
    assert "one-red-bicycle" not in text + person
    assert cloud.token not in token
