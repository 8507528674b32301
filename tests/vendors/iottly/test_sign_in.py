import pytest

from custom_components.iot_clouds.cloud import Input
from custom_components.iot_clouds.model import (
    Account,
    CloudAuthError,
    CloudBusy,
    CloudRejected,
    CloudUnreachable,
)
from custom_components.iot_clouds.vendors.iottly import VENDOR
from custom_components.iot_clouds.vendors.iottly.client import Credentials

from .fake import KEY, Answer, error, ok
from .store import PROJECT


async def sign_in(link, fake, **values):
    filled = {"project_id": PROJECT, "api_key": KEY, "base_url": fake.url, **values}
    return await VENDOR.sign_in(link, "iottly", filled)


def test_the_form_hides_the_key_and_tucks_the_address_away():
    [form] = VENDOR.forms
    assert form.key == "iottly"
    assert [(field.key, field.input, field.advanced) for field in form.fields] == [
        ("project_id", Input.TEXT, False),
        ("api_key", Input.SECRET, False),
        ("base_url", Input.URL, True),
    ]
    assert form.fields[2].default == "https://api.cloud.iottly.com/v1.0/"


async def test_signing_in_gives_the_project_as_account(fake, link):
    signed_in = await sign_in(link, fake)
    assert signed_in.account == Account(id=PROJECT, title="My project")
    assert signed_in.data == {
        "project_id": PROJECT,
        "api_key": KEY,
        "base_url": fake.url,
        "both_headers": False,
    }
    [request] = fake.requests
    assert request.path == f"/v1.0/project/{PROJECT}/inspect"
    sent = dict(request.headers.items())
    assert sent["Authentication"] == f"bearer {KEY}"
    assert "Authorization" not in sent


async def test_blanks_and_capitals_of_pasted_values_do_no_harm(fake, link):
    signed_in = await sign_in(
        link,
        fake,
        project_id=f" {PROJECT.upper()}\n",
        api_key=f"\t{KEY} ",
        base_url=f" {fake.url} ",
    )
    assert signed_in.data["project_id"] == PROJECT
    assert signed_in.data["api_key"] == KEY
    assert fake.requests[0].headers["Authentication"] == f"bearer {KEY}"


@pytest.mark.parametrize(
    ("values", "field", "key"),
    [
        ({"project_id": "59c19cacecc01400075f3bc"}, "project_id", "invalid_project_id"),
        (
            {"project_id": "../etc/passwd/../../../x"},
            "project_id",
            "invalid_project_id",
        ),
        ({"api_key": KEY[:-1]}, "api_key", "invalid_api_key"),
        ({"api_key": f"{KEY[:-1]}g"}, "api_key", "invalid_api_key"),
        ({"base_url": "not an address"}, "base_url", "invalid_url"),
        ({"base_url": "ftp://example.com"}, "base_url", "invalid_url"),
        ({"base_url": "http://a:b@127.0.0.1/"}, "base_url", "invalid_url"),
        ({"base_url": "http://[::1/"}, "base_url", "invalid_url"),
    ],
)
async def test_a_value_of_the_wrong_form_is_told_before_anything_is_sent(
    fake, link, values, field, key
):
    with pytest.raises(CloudRejected) as raised:
        await sign_in(link, fake, **values)
    assert (raised.value.field, raised.value.key) == (field, key)
    assert fake.requests == []


async def test_a_refused_key_is_tried_once_more_in_both_headers(fake, link):
    fake.accepts = ("Authorization",)
    signed_in = await sign_in(link, fake)
    assert signed_in.data["both_headers"] is True
    assert [each.headers.get("Authorization") for each in fake.requests] == [
        None,
        f"Bearer {KEY}",
    ]
    assert fake.requests[1].headers["Authentication"] == f"bearer {KEY}"
    await VENDOR.connect(link, signed_in.data).identify()
    assert fake.requests[2].headers["Authorization"] == f"Bearer {KEY}"


async def test_a_wrong_key_is_refused_after_two_tries(fake, link):
    with pytest.raises(CloudAuthError):
        await sign_in(link, fake, api_key="0" * 32)
    assert len(fake.requests) == 2


async def test_a_key_that_is_refused_without_a_word_is_a_wrong_key(fake, link):
    fake.answers["inspect"] = [Answer(status=403, text="{}")]
    signed_in = await sign_in(link, fake)
    assert signed_in.data["both_headers"] is True
    fake.answers["inspect"] = [
        Answer(status=403, text="{}"),
        Answer(status=403, text="{}"),
    ]
    with pytest.raises(CloudAuthError):
        await sign_in(link, fake)


@pytest.mark.parametrize(
    ("answer", "key"),
    [
        (error(403, "forbidden"), "forbidden"),
        (ok({"status": 403}), "forbidden"),
        (error(404), "invalid_project"),
        (error(404, "no such project"), "invalid_project"),
    ],
)
async def test_a_project_that_the_key_does_not_open_is_told_at_its_field(
    fake, link, answer, key
):
    fake.answers["inspect"] = [answer]
    with pytest.raises(CloudRejected) as raised:
        await sign_in(link, fake)
    assert (raised.value.field, raised.value.key) == ("project_id", key)


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (error(500), CloudUnreachable),
        (error(502), CloudUnreachable),
        (ok([]), CloudUnreachable),
        (error(429), CloudBusy),
    ],
)
async def test_a_faulty_cloud_says_nothing_about_the_key(fake, link, answer, kind):
    fake.answers["inspect"] = [answer]
    with pytest.raises(kind):
        await sign_in(link, fake)


async def test_a_project_without_a_name_is_called_by_its_id(fake, link):
    fake.answers["inspect"] = [ok({"id": PROJECT, "name": " "})]
    assert (await sign_in(link, fake)).account.title == PROJECT


def test_the_key_is_in_no_repr():
    assert KEY not in repr(Credentials(project_id=PROJECT, api_key=KEY))
