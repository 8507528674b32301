"""Faults of the simulated iottly's API, in the forms that reference 1.5 lists."""

import asyncio
from typing import Any

from aiohttp import ClientError, ClientTimeout
import pytest

from simulated_clouds.iottly_variant import IottlyVariant

from .iottly_rig import KEY, PROJECT, Rig, rig


async def switch_on(it: Rig, over_http: bool, kind: str, **options: Any) -> None:
    """Switch a fault on in one of the two ways."""
    if not over_http:
        it.cloud.faults.add(kind, **options)
        return
    async with it.session.post(
        f"{it.cloud.url}/_control/faults", json={"kind": kind, **options}
    ) as response:
        assert response.status == 201


@pytest.mark.parametrize("over_http", [False, True])
@pytest.mark.parametrize(
    ("kind", "options", "status", "type", "part"),
    [
        ("unauthorized", {}, 401, "application/json", '{"error": "Not authenticated"}'),
        (
            "expired_token",
            {},
            401,
            "application/json",
            '{"error": "Not authenticated"}',
        ),
        ("rate_limit", {}, 429, "application/json", '{"error": "Too many requests"}'),
        (
            "server_error",
            {},
            500,
            "text/html; charset=UTF-8",
            "<title>500: Internal Server Error</title>",
        ),
        (
            "server_error",
            {"status": 502},
            502,
            "text/html; charset=UTF-8",
            "502 Bad Gateway",
        ),
        (
            "server_error",
            {"status": 504},
            504,
            "text/html; charset=UTF-8",
            "504 Gateway Timeout",
        ),
        (
            "server_error",
            {"status": 200},
            200,
            "application/json",
            '{"status": 400, "error": "invalid request"}',
        ),
        (
            "server_error",
            {"status": 403},
            403,
            "application/json",
            '{"error": "refused"}',
        ),
        ("garbage", {}, 200, "text/plain; charset=utf-8", "<html>"),
    ],
)
async def test_a_fault_has_the_form_that_the_service_would_give_it(
    over_http: bool,
    kind: str,
    options: dict[str, Any],
    status: int,
    type: str,
    part: str,
) -> None:
    async with rig() as it:
        await switch_on(it, over_http, kind, path="GET .*/license", count=1, **options)
        assert (await it.ask("inspect")).status == 200
        answer = await it.ask("license")
        assert (answer.status, answer.type) == (status, type)
        assert part in answer.text
        assert (await it.ask("license")).status == 200


async def test_a_fault_of_the_key_follows_the_older_service() -> None:
    async with rig(IottlyVariant(refusal=403)) as it:
        it.cloud.faults.add("unauthorized")
        answer = await it.ask("inspect")
        assert (answer.status, answer.text) == (403, "{}")


async def test_a_limit_says_how_long_to_wait_only_if_told_to() -> None:
    async with rig() as it:
        it.cloud.faults.add("rate_limit", count=1)
        assert "Retry-After" not in (await it.ask("inspect")).headers
        it.cloud.faults.add("rate_limit", count=1, retry_after=7)
        assert (await it.ask("inspect")).headers["Retry-After"] == "7"


async def test_a_dropped_connection_gives_no_answer() -> None:
    async with rig() as it:
        it.cloud.faults.add("drop", path="/inspect$", count=1)
        with pytest.raises(ClientError):
            # A method that no client repeats by itself.
            await it.ask("inspect", "POST")
        assert (await it.ask("inspect")).status == 200


async def test_a_stalled_answer_never_comes() -> None:
    async with rig() as it:
        it.cloud.faults.add("stall", count=1)
        with pytest.raises(TimeoutError):
            await it.ask("inspect", timeout=ClientTimeout(total=0.1))
        assert (await it.ask("inspect")).status == 200


async def test_a_slow_answer_comes() -> None:
    async with rig() as it:
        it.cloud.faults.add("slow", count=1, seconds=0.05)
        before = asyncio.get_running_loop().time()
        assert (await it.ask("inspect")).status == 200
        assert asyncio.get_running_loop().time() - before >= 0.05


async def test_a_redirect_leads_to_another_host_and_the_log_shows_who_followed() -> (
    None
):
    async with rig() as it:
        it.cloud.faults.add("server_error", path="GET .*/license", status=302)
        answer = await it.ask("license")
        assert answer.status == 302
        assert answer.headers["Location"] == (
            f"http://localhost:{it.cloud.port}/v1.0/project/{PROJECT}/inspect"
        )
        assert [
            entry.headers["Host"] for entry in it.cloud.requests("GET", "/v1.0")
        ] == [f"127.0.0.1:{it.cloud.port}"]


async def test_a_client_that_follows_a_redirect_gives_its_key_away() -> None:
    async with rig() as elsewhere, rig(elsewhere=elsewhere.cloud.url) as it:
        it.cloud.faults.add("server_error", status=307, count=1)
        followed = await it.ask("license", allow_redirects=True)
        assert followed.json["name"] == "Home boards"
        (entry,) = elsewhere.cloud.requests("GET", "/v1.0")
        assert entry.headers["Authentication"] == f"bearer {KEY}"
