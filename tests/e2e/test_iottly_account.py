"""An iottly account: who is let in, who is not, and where the key is sent."""

from dataclasses import replace

import pytest

from homeassistant.config_entries import SOURCE_REAUTH
from homeassistant.data_entry_flow import FlowResultType
from simulated_clouds.iottly import IottlyCloud
from simulated_clouds.iottly_variant import IottlyVariant

from .conftest import choose, form


@pytest.fixture
async def cloud(house) -> IottlyCloud:
    """The cloud, with an account."""
    await house.connect("iottly")
    cloud = house.clouds["iottly"]
    assert isinstance(cloud, IottlyCloud)
    return cloud


async def _poll(house) -> None:
    await house.entries["iottly"].runtime_data.coordinator.async_refresh()
    await house.hass.async_block_till_done()


def _reauths(house) -> list[object]:
    flows = house.hass.config_entries.flow.async_progress()
    return [flow for flow in flows if flow["context"]["source"] == SOURCE_REAUTH]


async def test_the_account_is_called_like_the_project(house, cloud):
    entry = house.entries["iottly"]
    assert entry.title == "Home boards"
    assert entry.unique_id == "iottly_5d8c1f3e2b7a4600079c41de"


@pytest.mark.parametrize(
    ("wrong", "errors"),
    [
        ({"api_key": "0" * 32}, {"base": "invalid_auth"}),
        # The key of another project, and another project than the key's.
        ({"api_key": "0a1f6e2d9c8b47530e4d2c1b0a9f8e7d"}, {"project_id": "forbidden"}),
        ({"project_id": "5" * 24}, {"project_id": "forbidden"}),
        ({"project_id": "home"}, {"project_id": "invalid_project_id"}),
    ],
)
async def test_a_wrong_key_and_a_wrong_project_are_told_apart(house, wrong, errors):
    simulated = await IottlyCloud(house.world).start()
    house.clouds["iottly"] = simulated
    flow = await choose(house.hass, "iottly")
    configure = house.hass.config_entries.flow.async_configure
    shown = await configure(flow["flow_id"], {**form(simulated), **wrong})
    assert shown["type"] is FlowResultType.FORM
    assert shown["errors"] == errors
    done = await configure(flow["flow_id"], form(simulated))
    assert done["type"] is FlowResultType.CREATE_ENTRY
    await house.hass.async_block_till_done()
    house.entries["iottly"] = done["result"]


async def test_a_key_that_is_wanted_in_the_usual_header_too_works(house):
    entry = await house.connect("iottly", variant=IottlyVariant(header="Authorization"))
    assert house.state("Cellar", "Connection") == "on"
    assert entry.data["both_headers"] is True


@pytest.mark.expects_errors("Error fetching Home boards data")
async def test_a_redirect_to_another_host_does_not_get_the_key(house, cloud):
    for method in ("GET", "POST"):
        cloud.faults.add("server_error", path=f"^{method} ", status=307, count=1)
    await _poll(house)
    assert not house.entries["iottly"].runtime_data.coordinator.last_update_success
    await _poll(house)
    with pytest.raises(Exception, match="reached"):
        await house.hass.services.async_call(
            "iot_clouds",
            "send_command",
            {"device_id": house.device_id("Cellar"), "type": "echo"},
            blocking=True,
        )
    hosts = {entry.headers["Host"].partition(":")[0] for entry in cloud.requests()}
    assert hosts == {"127.0.0.1"}


@pytest.mark.expects_errors("Authentication failed while fetching Home boards data")
async def test_a_deleted_key_asks_for_a_new_one_at_once(house, cloud):
    cloud.project = replace(cloud.project, api_key="f" * 32)
    await _poll(house)
    assert len(_reauths(house)) == 1


@pytest.mark.expects_errors("Error fetching Home boards data")
async def test_a_project_that_is_refused_asks_for_a_key_after_three_times(house, cloud):
    # The key is good, and opens another project by now.
    key = cloud.api_key
    cloud.project = replace(cloud.project, api_key="f" * 32, foreign_key=key)
    reauths = []
    for _ in range(3):
        await _poll(house)
        reauths.append(len(_reauths(house)))
    assert reauths == [0, 0, 1]
