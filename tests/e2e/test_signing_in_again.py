"""Refused credentials ask for new ones once, whoever finds out, and in one place."""

from dataclasses import replace

import pytest

from custom_components.iot_clouds.const import DOMAIN
from homeassistant.config_entries import SOURCE_REAUTH
from homeassistant.core import DOMAIN as HOMEASSISTANT_DOMAIN
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import issue_registry as ir
from tests.repairing import issues

from .conftest import STEPS, form

pytestmark = pytest.mark.expects_errors(
    "Authentication failed while fetching", always=False
)

COMMANDS = {
    "arduino": ("switch", "turn_on"),
    "particle": (DOMAIN, "call_function"),
    "iottly": (DOMAIN, "send_command"),
}


@pytest.fixture(autouse=True)
def _unlimited(monkeypatch):
    """No test here is about the pace of requests, so none has to wait for it."""
    monkeypatch.setattr(
        "custom_components.iot_clouds.vendors.arduino.limiter.Limiter.turn", _no_wait
    )


async def _no_wait(self, *, urgent=False):
    pass


def _revoke(cloud):
    """Let the saved credentials be good for nothing."""
    match cloud.name:
        case "arduino":
            cloud.faults.add("unauthorized", path="POST /iot/v1/clients/token")
            cloud.tokens.expire()
        case "particle":
            cloud.access.revoke(cloud.token)
        case _:
            cloud.project = replace(cloud.project, api_key="f" * 32)


def _renew(cloud):
    """Let there be good credentials again; returns what a person types in."""
    cloud.faults.clear()
    shown = form(cloud)
    if cloud.name == "particle":
        person = cloud.access.people[cloud.options.username]
        shown["access_token"] = cloud.access.issue(person).value
    return shown


async def _poll(house, name, until):
    await house.entries[name].runtime_data.coordinator.async_refresh()


async def _feed(house, name, until):
    """Cut the connection for live updates: the next one has to be allowed anew."""
    cloud = house.clouds[name]
    if name == "arduino":
        cloud.abort_sessions()
    else:
        cloud.streams.wake()
    await until(lambda: _flows(house))


async def _command(house, name, until):
    domain, action = COMMANDS[name]
    data = {
        "arduino": lambda: {"entity_id": house.entity("Greenhouse", "Pump")},
        "particle": lambda: {
            "device_id": house.device_id("Workshop"),
            "function": "setFan",
            "argument": "on",
        },
        "iottly": lambda: {"device_id": house.device_id("Cellar"), "type": "echo"},
    }[name]()
    with pytest.raises(HomeAssistantError) as caught:
        await house.hass.services.async_call(
            domain,
            action,
            data,
            blocking=True,
            return_response=name == "particle",
        )
    assert caught.value.translation_key == "auth_failed"


def _flows(house):
    return [
        flow
        for flow in house.hass.config_entries.flow.async_progress()
        if flow["context"]["source"] == SOURCE_REAUTH
    ]


def _asked(house, entry):
    """The issue by which Home Assistant itself asks to sign in again."""
    return ir.async_get(house.hass).async_get_issue(
        HOMEASSISTANT_DOMAIN, f"config_entry_reauth_{DOMAIN}_{entry.entry_id}"
    )


@pytest.mark.parametrize(
    ("name", "finds_out"),
    [
        ("arduino", _poll),
        ("arduino", _feed),
        ("arduino", _command),
        ("particle", _poll),
        ("particle", _feed),
        ("particle", _command),
        ("iottly", _poll),
        ("iottly", _command),
    ],
    ids=lambda each: getattr(each, "__name__", each).strip("_"),
)
async def test_revoked_credentials_are_asked_for_once_whoever_finds_out(
    house, until, name, finds_out
):
    entry = await house.connect(name)
    feeds = entry.runtime_data.feeds
    await until(lambda: not feeds.down)
    assert _asked(house, entry) is None

    _revoke(house.clouds[name])
    await finds_out(house, name, until)
    await until(lambda: _asked(house, entry))
    assert _asked(house, entry).translation_placeholders == {"name": entry.title}
    # Everybody else finds out as well, and asks no second time.
    await _command(house, name, until)
    await _poll(house, name, until)
    await house.hass.async_block_till_done()
    [flow] = _flows(house)
    assert issues(house.hass) == {}

    configure = house.hass.config_entries.flow.async_configure
    for step in STEPS[name][1:]:
        await configure(flow["flow_id"], {"next_step_id": step})
    answer = _renew(house.clouds[name])
    if name == "iottly":
        answer["api_key"] = "f" * 32
    done = await configure(flow["flow_id"], answer)
    assert done["reason"] == "reauth_successful"
    await house.hass.async_block_till_done()
    assert _asked(house, entry) is None
    assert entry.runtime_data.coordinator.last_update_success


async def test_a_token_that_cannot_be_renewed_is_asked_for(house, until):
    entry = await house.connect("arduino")
    await until(lambda: not entry.runtime_data.feeds.down)
    cloud = house.clouds["arduino"]
    # An old token is nothing to ask about: the API key buys another one.
    cloud.tokens.expire()
    await _poll(house, "arduino", until)
    assert entry.runtime_data.coordinator.last_update_success
    assert _flows(house) == []

    _revoke(cloud)
    await _poll(house, "arduino", until)
    await until(lambda: _asked(house, entry))
    assert len(_flows(house)) == 1
