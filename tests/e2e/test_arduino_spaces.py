"""A shared space is an account of its own beside the personal one."""

import pytest

from homeassistant.config_entries import ConfigEntryState
from homeassistant.data_entry_flow import FlowResultType

from .conftest import choose, form


@pytest.fixture(autouse=True)
def _unlimited(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test here is about the pace of requests, so none has to wait for it."""

    async def no_wait(self: object, *, urgent: bool = False) -> None:
        pass

    monkeypatch.setattr(
        "custom_components.iot_clouds.vendors.arduino.limiter.Limiter.turn", no_wait
    )


async def _add(house, **more):
    shown = await choose(house.hass, "arduino")
    done = await house.hass.config_entries.flow.async_configure(
        shown["flow_id"], {**form(house.clouds["arduino"]), **more}
    )
    await house.hass.async_block_till_done()
    return done


async def test_two_spaces_of_one_key_are_two_accounts(house):
    personal = await house.connect("arduino", rate_limit=100)
    cloud = house.clouds["arduino"]
    space = cloud.info()["organization_id"]
    cloud.log.clear()

    done = await _add(house, organization_id=space)

    assert done["type"] is FlowResultType.CREATE_ENTRY
    house.entries["space"] = shared = done["result"]
    assert shared.unique_id == f"{personal.unique_id}_{space}"
    assert personal.state is shared.state is ConfigEntryState.LOADED
    tokens = cloud.requests("POST", "/iot/v1/clients/token")
    assert tokens
    for request in tokens:
        assert request.body["organization_id"] == space
    for request in cloud.requests("GET", "/iot/v2"):
        assert request.headers["X-Organization"] == space


async def test_the_same_space_is_not_added_twice(house):
    await house.connect("arduino", rate_limit=100)
    assert (await _add(house))["reason"] == "already_configured"


async def test_a_space_that_the_key_may_not_use_is_refused(house):
    await house.connect("arduino", rate_limit=100)
    again = await _add(house, organization_id="00000000-0000-4000-8000-000000000000")
    assert again["type"] is FlowResultType.FORM
    assert again["errors"] == {"base": "invalid_auth"}
