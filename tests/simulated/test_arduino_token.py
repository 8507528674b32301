"""The token endpoint, and what a token is good for."""

import base64
import json

import pytest

from simulated_clouds.arduino import SPACE_ID, USER_ID

from .arduino_rig import FORM, TOKEN_PATH, account, foreign_board, household


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"client_secret": "x" * 64}, 401),
        ({"client_secret": ""}, 401),
        ({"client_id": "x" * 32}, 401),
        ({"audience": "https://example.org"}, 401),
        ({"audience": ""}, 401),
        ({"grant_type": "password"}, 400),
        ({"grant_type": ""}, 400),
        ({"organization_id": "11111111-2222-4333-8444-555555555555"}, 403),
    ],
)
async def test_the_token_endpoint_refuses_a_wrong_field(changes, status):
    async with account() as user:
        answer = await user.session.post(
            user.cloud.url + TOKEN_PATH, data=FORM | changes
        )
        body = await answer.json(content_type="application/vnd.goa.error+json")
        assert answer.status == body["status"] == status
        assert set(body) == {"id", "code", "status", "detail", "meta"}


async def test_a_token_request_that_is_no_form_is_refused():
    async with account() as user:
        answer = await user.session.post(user.cloud.url + TOKEN_PATH, json=FORM)
        assert answer.status == 400


async def test_the_token_names_its_user_and_lasts_five_minutes():
    async with account(clock=lambda: 1_700_000_000.7) as user:
        answer = await user.session.post(user.cloud.url + TOKEN_PATH, data=FORM)
        body = await answer.json()
        middle = body.pop("access_token").split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(middle + "=="))
        assert body == {"expires_in": 300, "token_type": "Bearer"}
        assert claims["http://arduino.cc/id"] == USER_ID
        assert (claims["iat"], claims["exp"]) == (1_700_000_000, 1_700_000_300)


@pytest.mark.parametrize(
    "header",
    [
        "",
        "Bearer",
        "Bearer nonsense",
        "Bearer a.b.c",
        "Basic {token}",
        "Bearer {token}x",
    ],
)
async def test_rest_refuses_what_is_no_token_of_this_cloud(header):
    async with account() as user:
        token = await user.sign_in()
        answer = await user.ask(
            "GET",
            "/iot/v2/things",
            headers={"Authorization": header.format(token=token)},
        )
        body = await answer.json(content_type=None)
        assert answer.status == 401
        assert body["code"] == "unauthorized"


async def test_a_token_is_refused_from_the_second_it_expires():
    now = 1_700_000_000.0
    async with account(clock=lambda: now) as user:
        now += 299.9
        assert (await user.ask("GET", "/iot/v2/things")).status == 200
        now += 0.1
        assert (await user.ask("GET", "/iot/v2/things")).status == 401


async def test_expiring_all_tokens_leaves_new_ones_alone():
    async with account() as user:
        user.cloud.expire_tokens()
        assert (await user.ask("GET", "/iot/v2/things")).status == 401
        await user.sign_in()
        assert (await user.ask("GET", "/iot/v2/things")).status == 200


@pytest.mark.parametrize("how", ["field", "header", "both"])
async def test_a_space_can_be_asked_for_by_field_by_header_or_by_both(how):
    board = foreign_board(organization_id=SPACE_ID)
    async with account(household(board)) as user:
        field = {"organization_id": SPACE_ID} if how != "header" else {}
        header = {"X-Organization": SPACE_ID} if how != "field" else {}
        answer = await user.session.post(
            user.cloud.url + TOKEN_PATH, data=FORM | field, headers=header
        )
        token = (await answer.json())["access_token"]
        user.headers = {"Authorization": f"Bearer {token}", "X-Organization": SPACE_ID}
        things = await user.read("/iot/v2/things")
        assert [thing["name"] for thing in things] == ["Allotment"]
        assert things[0]["organization_id"] == SPACE_ID


async def test_a_space_and_the_personal_things_are_kept_apart():
    board = foreign_board(organization_id=SPACE_ID)
    async with account(household(board)) as user:
        names = [thing["name"] for thing in await user.read("/iot/v2/things")]
        assert names == ["Greenhouse", "Garage", "Boiler room", "Weather mast"]
        assert (await user.ask("GET", f"/iot/v2/things/{board.id}")).status == 404
        answer = await user.ask(
            "GET", "/iot/v2/things", headers={"X-Organization": SPACE_ID}
        )
        assert answer.status == 403


async def test_field_and_header_of_the_token_request_must_agree():
    async with account() as user:
        answer = await user.session.post(
            user.cloud.url + TOKEN_PATH,
            data=FORM | {"organization_id": SPACE_ID},
            headers={"X-Organization": USER_ID},
        )
        assert answer.status == 400


async def test_above_the_rate_limit_the_answer_is_plain_text():
    async with account(rate_limit=2) as user:
        assert (await user.ask("GET", "/iot/v2/things")).status == 200
        answer = await user.ask("GET", "/iot/v2/things")
        assert answer.status == 429
        assert answer.content_type == "text/plain"
        assert await answer.text() == "You have reached maximum request limit."
        assert "Retry-After" not in answer.headers
