"""Signing in: once, checked, and with nothing saved that was exchanged."""

from datetime import UTC, datetime, timedelta
import logging
from typing import Any
from urllib.parse import parse_qs

import pytest

from custom_components.iot_clouds.cloud import (
    Answer,
    Challenge,
    Field,
    Form,
    Input,
    Link,
    SignedIn,
)
from custom_components.iot_clouds.model import (
    Account,
    CloudAuthError,
    CloudBusy,
    CloudError,
    CloudRejected,
    CloudUnreachable,
)
from custom_components.iot_clouds.vendors.particle import VENDOR

from .fake import INVALID_TOKEN, TOKEN, FakeParticle, answer, drop, raw

CURRENT = "/v1/access_tokens/current"
GRANT = {"token_type": "bearer", "access_token": TOKEN, "expires_in": 0}
MFA_TOKEN = "opaque-between-steps"
MFA = {
    "error": "mfa_required",
    "error_description": "Multi-factor authentication required",
    "mfa_token": MFA_TOKEN,
}
WRONG = {
    "error": "invalid_grant",
    "error_description": "User credentials are invalid",
}
NEVER: dict[str, Any] = {
    "expires_at": None,
    "client": "particle",
    "scopes": [],
    "orgs": [],
}


@pytest.fixture
def values(fake: FakeParticle) -> dict[str, str]:
    fake.json("POST", "/oauth/token", GRANT)
    fake.json("GET", CURRENT, NEVER)
    fake.json("GET", "/v1/user", {"username": "Maker@Example.com"})
    return {
        "username": "Maker@Example.com",
        "password": " one red bicycle ",
        "base_url": fake.url,
        "client_id": "particle",
        "client_secret": "particle",
    }


def posted(fake: FakeParticle) -> dict[str, str]:
    body = fake.last("/oauth/token").body
    return {key: value[0] for key, value in parse_qs(body).items()}


async def signed_in(link: Link, form: str, values: dict[str, str]) -> SignedIn:
    outcome = await VENDOR.sign_in(link, form, values)
    assert isinstance(outcome, SignedIn)
    return outcome


async def challenge(
    fake: FakeParticle, link: Link, values: dict[str, str]
) -> Challenge:
    fake.json("POST", "/oauth/token", MFA, 403)
    outcome = await VENDOR.sign_in(link, "particle_password", values)
    assert isinstance(outcome, Challenge)
    return outcome


async def answered(
    link: Link, values: dict[str, str], asked: Challenge, otp: str
) -> SignedIn | Challenge:
    given = Answer(challenge=asked, values={"otp": otp})
    return await VENDOR.sign_in(link, "particle_password", values, given)


def test_there_are_two_ways_to_sign_in() -> None:
    base_url = Field(
        key="base_url",
        input=Input.URL,
        required=False,
        default="https://api.particle.io",
        advanced=True,
    )
    assert VENDOR.forms == (
        Form(
            key="particle_password",
            fields=(
                Field(key="username", input=Input.USERNAME),
                Field(key="password", input=Input.SECRET),
                base_url,
                Field(
                    key="client_id", required=False, default="particle", advanced=True
                ),
                Field(
                    key="client_secret",
                    input=Input.SECRET,
                    required=False,
                    default="particle",
                    advanced=True,
                ),
            ),
        ),
        Form(
            key="particle_token",
            fields=(
                Field(key="access_token", input=Input.SECRET),
                Field(key="product", required=False),
                Field(key="organization", required=False),
                base_url,
            ),
        ),
    )


async def test_a_password_is_exchanged_for_a_token_and_not_saved(
    fake: FakeParticle, link: Link, values: dict[str, str]
) -> None:
    outcome = await signed_in(link, "particle_password", values)
    assert outcome.account == Account(id="maker@example.com", title="Particle (Maker)")
    assert outcome.data == {
        "access_token": TOKEN,
        "expires_at": None,
        "username": "Maker@Example.com",
        "base_url": fake.url,
    }
    assert posted(fake) == {
        "grant_type": "password",
        "username": "Maker@Example.com",
        "password": " one red bicycle ",
        "client_id": "particle",
        "client_secret": "particle",
        "expires_in": "0",
    }
    seen = fake.last("/oauth/token")
    assert seen.headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert "Authorization" not in seen.headers
    assert fake.last("/v1/user").headers["Authorization"] == f"Bearer {TOKEN}"


async def test_the_client_is_the_documented_one_unless_told_otherwise(
    fake: FakeParticle, link: Link, values: dict[str, str]
) -> None:
    del values["client_id"], values["client_secret"]
    await signed_in(link, "particle_password", values)
    assert (posted(fake)["client_id"], posted(fake)["client_secret"]) == (
        "particle",
        "particle",
    )
    values |= {"client_id": "spark-server", "client_secret": "hush"}
    await signed_in(link, "particle_password", values)
    assert (posted(fake)["client_id"], posted(fake)["client_secret"]) == (
        "spark-server",
        "hush",
    )


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (400, WRONG),
        (401, {"error": "invalid_grant"}),
        (401, {"error": "something"}),
        (503, {"error": "server_error", "error_description": "Wrong password"}),
    ],
)
async def test_a_wrong_password_is_posted_once(
    fake: FakeParticle, link: Link, values: dict[str, str], status: int, body: Any
) -> None:
    fake.json("POST", "/oauth/token", body, status)
    with pytest.raises(CloudAuthError):
        await VENDOR.sign_in(link, "particle_password", values)
    assert [one.path for one in fake.seen] == ["/oauth/token"]


@pytest.mark.parametrize("status", [400, 401])
async def test_a_wrong_client_is_told_at_its_field(
    fake: FakeParticle, link: Link, values: dict[str, str], status: int
) -> None:
    fake.json("POST", "/oauth/token", {"error": "invalid_client"}, status)
    with pytest.raises(CloudRejected) as caught:
        await VENDOR.sign_in(link, "particle_password", values)
    assert (caught.value.field, caught.value.key) == ("client_id", "invalid_client")


@pytest.mark.parametrize(
    ("script", "error"),
    [
        (answer({"error": "x"}, 429), CloudBusy),
        (answer({"error": "server_error", "error_description": "oh"}, 503), None),
        (answer({}, 500), None),
        (raw("<html>", 502), None),
        (raw("<html>"), None),
        (answer({"access_token": ""}), None),
        (answer({"access_token": 5}), None),
        (answer({"access_token": "two\nlines"}), None),
        (answer([]), None),
        (answer({"error": "mfa_required"}, 403), None),
        (answer({}, 302), None),
        (drop, None),
        (answer({"error": "invalid_request"}, 400), CloudRejected),
        (answer({"ok": False, "errors": ["one red bicycle"]}, 400), CloudRejected),
    ],
)
async def test_trouble_at_the_cloud_says_nothing_about_the_password(
    fake: FakeParticle,
    link: Link,
    values: dict[str, str],
    script: Any,
    error: type[CloudError] | None,
) -> None:
    fake.on("POST", "/oauth/token", script)
    with pytest.raises(error or CloudUnreachable) as caught:
        await VENDOR.sign_in(link, "particle_password", values)
    assert "bicycle" not in str(caught.value)
    assert [one.path for one in fake.seen] == ["/oauth/token"]


async def test_a_blocked_address_waits_half_an_hour(
    fake: FakeParticle, link: Link, values: dict[str, str]
) -> None:
    fake.json("POST", "/oauth/token", {}, 429)
    with pytest.raises(CloudBusy) as caught:
        await VENDOR.sign_in(link, "particle_password", values)
    assert caught.value.retry_after == 1800


# The second factor (reference 1.3)


async def test_a_second_factor_is_asked_for_and_answered(
    fake: FakeParticle, link: Link, values: dict[str, str]
) -> None:
    asked = await challenge(fake, link, values)
    assert asked == Challenge(
        form=Form(key="particle_otp", fields=(Field(key="otp", input=Input.CODE),)),
        state={"mfa_token": MFA_TOKEN},
    )
    fake.json("POST", "/oauth/token", GRANT)
    outcome = await answered(link, values, asked, " 123 456 ")
    assert isinstance(outcome, SignedIn)
    assert outcome.data["access_token"] == TOKEN
    assert posted(fake) == {
        "grant_type": "urn:custom:mfa-otp",
        "mfa_token": MFA_TOKEN,
        "otp": "123456",
        "client_id": "particle",
        "client_secret": "particle",
    }
    assert fake.count("POST", "/oauth/token") == 2


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (400, WRONG),
        (400, {"error": "invalid_otp"}),
        (401, {"error": "unauthorized"}),
        (403, MFA),
        (403, {"error": "x", "error_description": "Wrong otp for this mfa_token"}),
        (400, {"ok": False, "errors": ["no"]}),
    ],
)
async def test_after_a_wrong_code_the_challenge_is_good_for_another(
    fake: FakeParticle, link: Link, values: dict[str, str], status: int, body: Any
) -> None:
    asked = await challenge(fake, link, values)
    fake.json("POST", "/oauth/token", body, status)
    with pytest.raises(CloudRejected) as caught:
        await answered(link, values, asked, "000000")
    assert (caught.value.field, caught.value.key) == ("otp", "invalid_otp")
    fake.json("POST", "/oauth/token", GRANT)
    assert isinstance(await answered(link, values, asked, "123456"), SignedIn)


async def test_an_empty_code_is_wrong_without_a_request(
    fake: FakeParticle, link: Link, values: dict[str, str]
) -> None:
    asked = await challenge(fake, link, values)
    with pytest.raises(CloudRejected) as caught:
        await answered(link, values, asked, "  ")
    assert caught.value.key == "invalid_otp"
    assert fake.count("POST", "/oauth/token") == 1


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (400, {"error": "x", "error_description": "mfa_token expired"}, CloudAuthError),
        (400, {"error": "invalid_client"}, CloudRejected),
        (429, {}, CloudBusy),
        (500, {}, CloudUnreachable),
        (503, {"error": "server_error"}, CloudUnreachable),
        (200, {}, CloudUnreachable),
    ],
)
async def test_other_trouble_with_a_code_is_told_as_what_it_is(
    fake: FakeParticle,
    link: Link,
    values: dict[str, str],
    status: int,
    body: Any,
    error: type[CloudError],
) -> None:
    asked = await challenge(fake, link, values)
    fake.json("POST", "/oauth/token", body, status)
    with pytest.raises(error):
        await answered(link, values, asked, "123456")


# Tokens and their lifetime


async def test_a_pasted_token_is_checked_and_saved(
    fake: FakeParticle, link: Link, values: dict[str, str]
) -> None:
    given = {"access_token": f" {TOKEN}\n", "base_url": f"{fake.url}/"}
    outcome = await signed_in(link, "particle_token", given)
    assert outcome.account.id == "maker@example.com"
    assert outcome.data == {
        "access_token": TOKEN,
        "expires_at": None,
        "username": "Maker@Example.com",
        "base_url": fake.url,
    }
    assert fake.count("POST", "/oauth/token") == 0


@pytest.mark.parametrize("token", ["", "two words", "a\tb", "ключ", "a\r\nX: y"])
async def test_what_cannot_stand_in_a_header_is_no_token(
    fake: FakeParticle, link: Link, token: str
) -> None:
    given = {"access_token": token, "base_url": fake.url}
    with pytest.raises(CloudAuthError):
        await VENDOR.sign_in(link, "particle_token", given)
    assert fake.seen == []


async def test_a_refused_token_is_wrong_credentials(
    fake: FakeParticle, link: Link
) -> None:
    fake.json("GET", CURRENT, INVALID_TOKEN, 401)
    fake.json("GET", "/v1/devices", INVALID_TOKEN, 401)
    with pytest.raises(CloudAuthError):
        await VENDOR.sign_in(
            link, "particle_token", {"access_token": TOKEN, "base_url": fake.url}
        )


async def test_the_clouds_word_on_the_end_of_a_token_counts(
    fake: FakeParticle, link: Link, values: dict[str, str]
) -> None:
    fake.json("GET", CURRENT, {"expires_at": "2027-04-27T06:31:08.991Z"})
    outcome = await signed_in(link, "particle_password", values)
    assert outcome.data["expires_at"] == "2027-04-27T06:31:08.991000+00:00"


async def test_a_local_cloud_is_signed_in_to_by_its_device_list(
    fake: FakeParticle, link: Link
) -> None:
    grant = {"access_token": TOKEN, "token_type": "Bearer"}
    fake.json("POST", "/oauth/token", grant)
    fake.devices()
    outcome = await signed_in(
        link,
        "particle_password",
        {"username": "__admin__", "password": "x", "base_url": fake.url},
    )
    authority = fake.url.removeprefix("http://")
    assert outcome.account.id == f"__admin__@{authority}"
    assert outcome.data["expires_at"] is None
    assert outcome.data["username"] == "__admin__"


@pytest.mark.parametrize("seconds", [3600, 10**30, -(10**30)])
async def test_without_the_clouds_word_a_token_lives_as_long_as_was_granted(
    fake: FakeParticle, link: Link, seconds: int
) -> None:
    fake.json("POST", "/oauth/token", {**GRANT, "expires_in": seconds})
    fake.devices()
    before = datetime.now(UTC)
    outcome = await signed_in(
        link,
        "particle_password",
        {"username": "joe", "password": "x", "base_url": fake.url},
    )
    ends = datetime.fromisoformat(str(outcome.data["expires_at"]))
    assert ends >= before + timedelta(seconds=max(0, min(seconds, 10**9)))


@pytest.mark.parametrize(
    "address",
    [
        "cloud.example",
        "ftp://cloud.example",
        "http://",
        "http://user:secret@cloud.example",
        "http://[::1",
        "http://cloud.example:port",
    ],
)
async def test_an_address_that_is_none_is_told_at_its_field(
    link: Link, address: str
) -> None:
    given = {"access_token": TOKEN, "base_url": address}
    with pytest.raises(CloudRejected) as caught:
        await VENDOR.sign_in(link, "particle_token", given)
    assert (caught.value.field, caught.value.key) == ("base_url", "invalid_url")


async def test_a_cloud_below_a_path_is_asked_there(
    fake: FakeParticle, link: Link
) -> None:
    fake.json("GET", f"/particle{CURRENT}", NEVER)
    fake.json("GET", "/particle/v1/user", {"username": "joe"})
    given = {"access_token": TOKEN, "base_url": f"{fake.url}/particle/?x=1#y"}
    outcome = await signed_in(link, "particle_token", given)
    assert outcome.data["base_url"] == f"{fake.url}/particle"


async def test_no_secret_is_in_a_log_a_repr_or_a_path(
    fake: FakeParticle,
    link: Link,
    values: dict[str, str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    asked = await challenge(fake, link, values)
    fake.json("POST", "/oauth/token", WRONG, 400)
    given = Answer(challenge=asked, values={"otp": "987654"})
    with pytest.raises(CloudRejected) as caught:
        await VENDOR.sign_in(link, "particle_password", values, given)
    fake.json("POST", "/oauth/token", GRANT)
    outcome = await VENDOR.sign_in(link, "particle_password", values, given)
    shown = [caplog.text, repr(caught.value), repr(asked), repr(given), repr(outcome)]
    shown += [one.path for one in fake.seen]
    for secret in ("one red bicycle", "987654", MFA_TOKEN, TOKEN):
        assert not [text for text in shown if secret in text]
