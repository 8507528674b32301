"""Accounts are added, signed in again and changed; nothing unproven is saved."""

from dataclasses import replace
from unittest.mock import patch

import pytest

from custom_components.iot_clouds.cloud import Challenge, SignedIn
from custom_components.iot_clouds.config_flow import add_steps
from custom_components.iot_clouds.const import DOMAIN
from custom_components.iot_clouds.model import (
    Account,
    CloudAuthError,
    CloudBusy,
    CloudRejected,
    CloudUnreachable,
)
from custom_components.iot_clouds.vendors import VENDORS
from homeassistant.config_entries import SOURCE_USER
from homeassistant.data_entry_flow import FlowResultType

from .fake import CODE_FORM, FORM, TOKEN_FORM

FILLED = {
    "username": " joe ",
    "password": " p4ss ",
    "advanced": {"base_url": "https://fake.example"},
}
SIGNED_IN = SignedIn(account=Account(id="1", title="Home"), data={"token": "t0ken"})
SOMEBODY_ELSE = SignedIn(account=Account(id="2", title="Else"), data={"token": "x"})


@pytest.fixture(autouse=True)
def _not_set_up(cloud):
    with patch("custom_components.iot_clouds.async_setup_entry", return_value=True):
        yield


async def _form(hass):
    """Open the flow and choose the fake cloud."""
    menu = await hass.config_entries.flow.async_init(
        DOMAIN, context={"source": SOURCE_USER}
    )
    assert menu["type"] is FlowResultType.MENU
    assert "fake" in menu["menu_options"]
    return await _go(hass, menu, {"next_step_id": "fake"})


async def _go(hass, flow, data):
    return await hass.config_entries.flow.async_configure(flow["flow_id"], data)


async def test_an_account_is_saved_with_what_the_sign_in_returned(hass, sign_in):
    sign_in.outcomes = [SIGNED_IN]
    form = await _form(hass)
    assert form["type"] is FlowResultType.FORM
    assert form["step_id"] == "fake"

    done = await _go(hass, form, FILLED)

    assert done["type"] is FlowResultType.CREATE_ENTRY
    assert done["title"] == "Home"
    assert done["data"] == {"vendor": "fake", "token": "t0ken"}
    assert done["result"].unique_id == "fake_1"
    # Blanks around a password may be part of it.
    assert sign_in.calls == [
        (
            "fake",
            {
                "username": "joe",
                "password": " p4ss ",
                "base_url": "https://fake.example",
            },
            None,
        )
    ]


@pytest.mark.parametrize(
    ("error", "place", "text"),
    [
        (CloudAuthError("x"), "base", "invalid_auth"),
        (CloudUnreachable("x"), "base", "cannot_connect"),
        (CloudBusy("x", retry_after=1), "base", "busy"),
        (CloudRejected("x", field="space", key="forbidden"), "space", "forbidden"),
        (CloudRejected("x", field="base_url", key="rejected"), "base", "rejected"),
        (CloudRejected("x"), "base", "rejected"),
        pytest.param(
            RuntimeError("boom"),
            "base",
            "unknown",
            marks=pytest.mark.expects_errors("Unexpected error while signing in"),
        ),
    ],
)
async def test_an_error_is_shown_and_can_be_recovered_from(
    hass, sign_in, error, place, text
):
    sign_in.outcomes = [error, SIGNED_IN]
    form = await _form(hass)
    again = await _go(hass, form, {**FILLED, "space": "s1"})

    assert again["type"] is FlowResultType.FORM
    assert again["errors"] == {place: text}
    suggested = {
        str(key): (key.description or {}).get("suggested_value")
        for key in again["data_schema"].schema
    }
    assert suggested["username"] == " joe "
    assert suggested["space"] == "s1"
    assert suggested["password"] is None

    done = await _go(hass, again, FILLED)
    assert done["type"] is FlowResultType.CREATE_ENTRY


@pytest.mark.parametrize(
    ("address", "error"),
    [
        # Who speaks of names in other letters has to spell them.
        ("https://xn--.example", "invalid_url"),
        ("http://fake.example", "insecure_url"),
        ("ws://93.184.216.34/mqtt", "insecure_url"),
        ("http://1572395042", "insecure_url"),
        ("http://0x5db8d822", "insecure_url"),
        ("http://[::ffff:93.184.216.34]", "insecure_url"),
        ("https://joe:p4ssw0rd@fake.example", "invalid_url"),
        ("http://joe@pi", "invalid_url"),
        ("ftp://fake.example", "invalid_url"),
        ("fake.example", "invalid_url"),
        ("https://", "invalid_url"),
        ("http://[::1", "invalid_url"),
    ],
)
async def test_credentials_are_never_sent_to_a_doubtful_address(
    hass, sign_in, address, error
):
    form = await _form(hass)
    again = await _go(hass, form, {**FILLED, "advanced": {"base_url": address}})
    assert again["errors"] == {"base": error}
    assert sign_in.calls == []


@pytest.mark.parametrize(
    "address",
    ["http://127.0.0.1:8080", "http://192.168.1.5", "http://pi", "http://pi.local"],
)
async def test_a_cloud_in_the_own_network_needs_no_encryption(hass, sign_in, address):
    sign_in.outcomes = [SIGNED_IN]
    form = await _form(hass)
    done = await _go(hass, form, {**FILLED, "advanced": {"base_url": address}})
    assert done["type"] is FlowResultType.CREATE_ENTRY


async def test_the_same_account_is_not_added_twice(hass, entry, sign_in):
    sign_in.outcomes = [SIGNED_IN]
    done = await _go(hass, await _form(hass), FILLED)
    assert done["type"] is FlowResultType.ABORT
    assert done["reason"] == "already_configured"


async def test_two_accounts_stand_side_by_side(hass, entry, sign_in):
    sign_in.outcomes = [SOMEBODY_ELSE]
    done = await _go(hass, await _form(hass), FILLED)
    assert done["type"] is FlowResultType.CREATE_ENTRY
    assert len(hass.config_entries.async_entries(DOMAIN)) == 2


async def test_a_one_time_code_is_asked_for_and_may_be_wrong_once(hass, sign_in):
    challenge = Challenge(form=CODE_FORM, state={"mfa_token": "m"})
    sign_in.outcomes = [
        challenge,
        CloudRejected("x", field="otp", key="invalid_otp"),
        SIGNED_IN,
    ]
    code = await _go(hass, await _form(hass), FILLED)
    assert (code["type"], code["step_id"]) == (FlowResultType.FORM, "challenge")

    again = await _go(hass, code, {"otp": "000000"})
    assert again["errors"] == {"otp": "invalid_otp"}

    done = await _go(hass, again, {"otp": "123456"})
    assert done["type"] is FlowResultType.CREATE_ENTRY
    assert done["data"] == {"vendor": "fake", "token": "t0ken"}
    answer = sign_in.calls[-1][2]
    assert (answer.challenge, answer.values) == (challenge, {"otp": "123456"})


async def test_a_code_that_comes_too_late_begins_anew_with_the_credentials(
    hass, sign_in
):
    challenge = Challenge(form=CODE_FORM, state={"mfa_token": "m"})
    sign_in.outcomes = [challenge, CloudAuthError("too late"), SIGNED_IN]
    code = await _go(hass, await _form(hass), FILLED)

    form = await _go(hass, code, {"otp": "123456"})

    assert (form["step_id"], form["errors"]) == ("fake", {"base": "sign_in_again"})
    suggested = {
        str(key): (key.description or {}).get("suggested_value")
        for key in form["data_schema"].schema
    }
    assert (suggested["username"], suggested["password"]) == (" joe ", None)
    done = await _go(hass, form, FILLED)
    assert done["type"] is FlowResultType.CREATE_ENTRY


async def test_several_ways_to_sign_in_are_a_menu(hass, cloud, sign_in, monkeypatch):
    both = replace(
        VENDORS["fake"], forms=(replace(FORM, key="fake_password"), TOKEN_FORM)
    )
    monkeypatch.setitem(VENDORS, "fake", both)
    add_steps(both)
    menu = await _form(hass)
    assert menu["type"] is FlowResultType.MENU
    assert menu["step_id"] == "fake"
    assert menu["menu_options"] == ["fake_password", "fake_token"]

    sign_in.outcomes = [SIGNED_IN]
    form = await _go(hass, menu, {"next_step_id": "fake_token"})
    done = await _go(hass, form, {"token": "t"})
    assert done["type"] is FlowResultType.CREATE_ENTRY
    assert sign_in.calls == [("fake_token", {"token": "t"}, None)]


@pytest.mark.parametrize("source", ["reauth", "reconfigure"])
async def test_an_account_is_signed_in_again(hass, entry, sign_in, source):
    sign_in.outcomes = [CloudAuthError("x"), SIGNED_IN]
    form = await getattr(entry, f"start_{source}_flow")(hass)
    assert form["step_id"] == "fake"
    suggested = {
        str(key): (key.description or {}).get("suggested_value")
        for key in form["data_schema"].schema
    }
    assert suggested["username"] == "u"
    assert suggested["password"] is None

    again = await _go(hass, form, FILLED)
    assert again["errors"] == {"base": "invalid_auth"}
    done = await _go(hass, again, FILLED)
    await hass.async_block_till_done()

    assert done["type"] is FlowResultType.ABORT
    assert done["reason"] == f"{source}_successful"
    assert entry.data == {"vendor": "fake", "token": "t0ken"}


@pytest.mark.parametrize("source", ["reauth", "reconfigure"])
async def test_another_account_is_refused(hass, entry, sign_in, source):
    sign_in.outcomes = [SOMEBODY_ELSE]
    before = dict(entry.data)
    form = await getattr(entry, f"start_{source}_flow")(hass)
    done = await _go(hass, form, FILLED)

    assert done["type"] is FlowResultType.ABORT
    assert done["reason"] == "wrong_account"
    assert entry.data == before
