"""Who may ask the simulated iottly, what it refuses, and its listings."""

import asyncio
import re

import pytest

from simulated_clouds.iottly import IottlyCloud
from simulated_clouds.iottly_variant import IottlyVariant
from simulated_clouds.world import World

from .iottly_rig import ATTIC, CELLAR, GATE, HEADERS, KEY, PROJECT, rig

FOREIGN = "0a1f6e2d9c8b47530e4d2c1b0a9f8e7d"
CELLAR_TOKEN = "4c6b1d0f9e7a42538f60c2d4ab91e735"
FREE = ["c11b659250ccf128e0bfee34f1b1ef64", "7e90a4d3b2c15f688d0e1f2a3b4c5d6e"]


async def test_info_holds_all_that_a_client_needs() -> None:
    async with rig() as it:
        info = it.cloud.info()
        assert info["url"] == f"http://127.0.0.1:{it.cloud.port}/v1.0/"
        assert (info["project_id"], info["api_key"]) == (PROJECT, KEY)


async def test_ping_answers_with_the_bytes_of_the_documents() -> None:
    async with rig() as it:
        answer = await it.ask("/project/ping")
        assert (answer.status, answer.type) == (200, "application/json")
        assert answer.text == '{"status": "pong"}'


async def test_a_client_that_is_not_aiohttp_is_served() -> None:
    async with rig() as it:
        reader, writer = await asyncio.open_connection("127.0.0.1", it.cloud.port)
        writer.write(
            b"GET /v1.0/project/ping HTTP/1.1\r\nHost: api\r\nConnection: close\r\n"
            b"Authentication: bearer 719cc48b13aa7be9a89a433493966f64\r\n\r\n"
        )
        answer = await reader.read()
        writer.close()
        assert answer.startswith(b"HTTP/1.1 200 OK\r\n")
        assert answer.endswith(b'{"status": "pong"}')


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": f"Bearer {KEY}"},
        {"Authentication": KEY},
        {"Authentication": f"bearer  {KEY}"},
        {"Authentication": f"Basic {KEY}"},
        {"Authentication": f"bearer {KEY}0"},
        {"Authentication": f"bearer {KEY[:-1]}"},
        {"Authentication": "bearer " + "0" * 32},
    ],
)
async def test_a_key_in_any_other_form_is_refused(headers: dict[str, str]) -> None:
    async with rig() as it:
        for path in ("/project/ping", "inspect", "license", "devices/props"):
            answer = await it.ask(path, headers=headers)
            assert answer.status == 401
            assert answer.text == '{"error": "Not authenticated"}'


async def test_the_word_bearer_has_no_case() -> None:
    async with rig() as it:
        headers = {"authentication": f"Bearer {KEY}"}
        assert (await it.ask("inspect", headers=headers)).status == 200


async def test_the_older_service_answers_403_and_an_empty_object() -> None:
    async with rig(IottlyVariant(refusal=403)) as it:
        answer = await it.ask("inspect", headers={})
        assert (answer.status, answer.text) == (403, "{}")


async def test_a_deployment_may_want_authorization_instead() -> None:
    async with rig(IottlyVariant(header="Authorization")) as it:
        assert (await it.ask("inspect")).status == 401
        both = {**HEADERS, "Authorization": f"Bearer {KEY}"}
        assert (await it.ask("inspect", headers=both)).status == 200


@pytest.mark.parametrize(
    ("path", "method"),
    [
        ("inspect", "GET"),
        ("license", "GET"),
        ("devices/props", "GET"),
        (f"device/{CELLAR}/props", "GET"),
        (f"device/{CELLAR}/props", "PUT"),
        (f"device/{CELLAR}/command", "POST"),
        (f"messages/{CELLAR}", "GET"),
        (f"device/{CELLAR}/messages/paginated", "GET"),
    ],
)
async def test_the_key_of_another_project_is_forbidden(path: str, method: str) -> None:
    async with rig() as it:
        headers = {"Authentication": f"bearer {FOREIGN}"}
        answer = await it.ask(path, method, headers=headers)
        assert answer.status == 403
        assert "error" in answer.json


async def test_ping_proves_the_key_and_not_the_project() -> None:
    async with rig() as it:
        headers = {"Authentication": f"bearer {FOREIGN}"}
        assert (await it.ask("/project/ping", headers=headers)).status == 200


async def test_another_project_is_forbidden_for_this_key() -> None:
    async with rig() as it:
        answer = await it.ask(f"/project/{'0' * 24}/inspect")
        assert answer.status == 403


@pytest.mark.parametrize(
    ("path", "method"),
    [
        ("/project/ping/", "GET"),
        ("/ping", "GET"),
        ("inspect/", "GET"),
        ("license/", "GET"),
        ("devices/props/", "GET"),
        (f"device/{CELLAR}/props/", "GET"),
        (f"device/{CELLAR}/command/", "POST"),
        (f"messages/{CELLAR}/", "GET"),
        (f"device/{CELLAR}/messages/paginated/", "GET"),
        (f"device/{CELLAR}/messages", "GET"),
        ("props", "GET"),
        ("", "GET"),
        ("/project/not-an-object-id/inspect", "GET"),
        (f"/project/{PROJECT}0/inspect", "GET"),
    ],
)
async def test_what_is_no_route_is_a_framework_404(path: str, method: str) -> None:
    async with rig() as it:
        answer = await it.ask(path, method)
        assert (answer.status, answer.type) == (404, "text/html; charset=UTF-8")
        assert "<title>404: Not Found</title>" in answer.text


@pytest.mark.parametrize(
    ("path", "method"),
    [("inspect", "POST"), (f"device/{CELLAR}/command", "GET"), ("license", "DELETE")],
)
async def test_another_method_is_a_framework_405(path: str, method: str) -> None:
    async with rig() as it:
        answer = await it.ask(path, method)
        assert answer.status == 405
        assert "<title>405: Method Not Allowed</title>" in answer.text


async def test_a_project_id_may_be_written_in_capitals() -> None:
    async with rig() as it:
        assert (await it.ask(f"/project/{PROJECT.upper()}/inspect")).status == 200


async def test_an_etag_that_is_sent_back_gives_304() -> None:
    async with rig() as it:
        tag = (await it.ask("inspect")).headers["Etag"]
        again = await it.ask("inspect", headers={**HEADERS, "If-None-Match": tag})
        assert (again.status, again.text) == (304, "")


async def test_inspect_describes_the_project_in_strings() -> None:
    async with rig() as it:
        found = (await it.ask("inspect")).json
        assert found["id"] == PROJECT
        assert found["name"] == "Home boards"
        assert found["board"] == "Linux ARMv7"
        assert sorted(found) == [
            "agentapihost",
            "agentfile",
            "board",
            "id",
            "name",
            "projectgetagenturl",
        ]
        assert all(isinstance(value, str) for value in found.values())


async def test_inspect_of_2017_has_deployment_groups() -> None:
    async with rig(IottlyVariant(inspect="2017")) as it:
        found = (await it.ask("inspect")).json
        assert sorted(found) == ["deployment_groups", "id", "name"]
        assert found["deployment_groups"][0]["boards"] == [CELLAR, ATTIC, GATE]


async def test_licenses_are_an_object_by_token_with_free_ones() -> None:
    async with rig() as it:
        found = (await it.ask("license")).json
        assert len(found) == 5
        assert found[CELLAR_TOKEN] == {
            "status": "paired",
            "board": {
                "id": CELLAR,
                "name": "Cellar",
                "macaddress": "02:43:3d:0a:07:1f",
                "operatingstatus": "connected",
            },
        }
        assert all(re.fullmatch("[0-9a-f]{32}", token) for token in found)
        assert [found[token] for token in FREE] == [
            {"status": "available", "board": {}}
        ] * 2


@pytest.mark.parametrize(
    ("switch", "license"),
    [
        ("null", {"status": "available", "board": None}),
        ("missing", {"status": "available"}),
    ],
)
async def test_a_free_license_may_have_other_shapes(
    switch: str, license: dict[str, object]
) -> None:
    async with rig(IottlyVariant().switched(free_board=switch)) as it:
        assert (await it.ask("license")).json[FREE[0]] == license


async def test_one_license_comes_keyed_or_bare() -> None:
    async with rig() as it:
        keyed = (await it.ask(f"license/{CELLAR_TOKEN}")).json
        assert keyed[CELLAR_TOKEN]["board"]["id"] == CELLAR
        it.switch(single_license="bare")
        bare = (await it.ask(f"license/{CELLAR_TOKEN}")).json
        assert bare["board"]["id"] == CELLAR
        assert (await it.ask(f"license/{'0' * 32}")).status == 404


async def test_props_list_the_devices_with_capital_id() -> None:
    async with rig() as it:
        found = (await it.ask("devices/props")).json
        assert (found["count"], found["errors"]) == (3, None)
        assert found["devices"][0] == {
            "ID": CELLAR,
            "name": "Cellar",
            "macaddress": "02:43:3d:0a:07:1f",
            "operatingstatus": "connected",
            "token": CELLAR_TOKEN,
            "agent_version": "1.8.3",
        }
        single = await it.ask(f"device/{CELLAR}/props")
        assert single.json == found["devices"][0]
        assert (await it.ask("device/unknown/props")).status == 404


async def test_props_may_count_more_than_they_list() -> None:
    async with rig(IottlyVariant(unlisted=frozenset({ATTIC}))) as it:
        found = (await it.ask("devices/props")).json
        assert found["count"] == 3
        assert [device["ID"] for device in found["devices"]] == [CELLAR, GATE]
        assert found["errors"] == [{"ID": ATTIC, "error": "timeout"}]


async def test_props_may_not_exist() -> None:
    async with rig(IottlyVariant(props=False)) as it:
        for path, method in (
            ("devices/props", "GET"),
            (f"device/{CELLAR}/props", "GET"),
            (f"device/{CELLAR}/props", "PUT"),
        ):
            assert (await it.ask(path, method)).status == 404
        assert (await it.ask("license")).status == 200


async def test_a_board_that_is_offline_is_listed_as_disconnected() -> None:
    async with rig() as it:
        it.cloud.disconnect(it.cellar)
        props = (await it.ask(f"device/{CELLAR}/props")).json
        assert props["operatingstatus"] == "disconnected"
        licenses = (await it.ask("license")).json
        assert licenses[CELLAR_TOKEN]["board"]["operatingstatus"] == "disconnected"


async def test_a_board_is_renamed_everywhere() -> None:
    async with rig() as it:
        answer = await it.ask(f"device/{CELLAR}/props", "PUT", json={"name": "Vault"})
        assert (answer.status, answer.json["name"]) == (200, "Vault")
        licenses = (await it.ask("license")).json
        assert licenses[CELLAR_TOKEN]["board"]["name"] == "Vault"


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"{}", b'{"name": ""}', b'{"name": 5}']
)
async def test_a_malformed_rename_is_refused(body: bytes) -> None:
    async with rig() as it:
        answer = await it.ask(f"device/{CELLAR}/props", "PUT", data=body)
        assert answer.status == 400
        assert answer.json == {"error": "name is missing"}
        it.switch(validation="fields")
        answer = await it.ask(f"device/{CELLAR}/props", "PUT", data=body)
        assert answer.json == {"name": ["is missing"]}


async def test_an_unknown_device_is_not_renamed() -> None:
    async with rig() as it:
        answer = await it.ask("device/unknown/props", "PUT", json={"name": "Vault"})
        assert answer.status == 404


async def test_a_rate_limit_refuses_and_says_how_long_to_wait() -> None:
    async with rig(rate=(2, 30)) as it:
        assert [(await it.ask("inspect")).status for _ in range(3)] == [200, 200, 429]
        assert (await it.ask("inspect")).headers["Retry-After"] == "30"
        it.clock.now += 30
        assert (await it.ask("inspect")).status == 200


@pytest.mark.parametrize(
    "switches",
    [
        {"order": "sideways"},
        {"first_page": True},
        {"refusal": 404},
        {"props": "yes"},
        {"reply_delay": "soon"},
        {"page_zone": "Nowhere/Land"},
        {"no_such_switch": 1},
    ],
)
def test_a_switch_refuses_values_that_it_does_not_have(
    switches: dict[str, object],
) -> None:
    with pytest.raises(ValueError):
        IottlyVariant().switched(**switches)


async def test_two_clouds_run_side_by_side_and_know_only_their_boards() -> None:
    async with rig() as one, IottlyCloud(World([])) as other:
        assert one.cloud.port != other.port
        async with one.session.get(
            f"{other.base}project/{PROJECT}/devices/props", headers=HEADERS
        ) as response:
            assert await response.json() == {"count": 0, "errors": None, "devices": []}
