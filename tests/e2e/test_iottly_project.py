"""An iottly project as a whole: its licenses, and the agents of its boards."""

import pytest

from homeassistant.helpers import entity_registry as er
from simulated_clouds.iottly import IottlyCloud
from simulated_clouds.iottly_variant import IottlyVariant


@pytest.fixture
async def cloud(house) -> IottlyCloud:
    """The cloud, with an account."""
    await house.connect("iottly")
    cloud = house.clouds["iottly"]
    assert isinstance(cloud, IottlyCloud)
    return cloud


async def test_an_agent_that_is_older_than_the_installer_is_an_update(house, cloud):
    # The installer holds 1.8.3.
    assert house.state("Gate", "Agent") == "on"
    state = house.hass.states.get(house.entity("Gate", "Agent"))
    assert state.attributes["installed_version"] == "1.7.0"
    assert state.attributes["latest_version"] == "1.8.3"
    assert state.attributes["title"] == "iottly agent"
    assert state.attributes["release_url"] is None
    assert state.attributes["supported_features"] == 0
    assert house.state("Cellar", "Agent") == "off"


async def test_licenses_are_counted_for_those_who_want_to_know(house, cloud):
    registry = er.async_get(house.hass)
    entry = house.entries["iottly"]
    for name, count in (("Paired licenses", "3"), ("Free licenses", "2")):
        entity_id = house.entity("Home boards", name)
        assert house.hass.states.get(entity_id) is None
        registry.async_update_entity(entity_id, disabled_by=None)
        await house.hass.config_entries.async_reload(entry.entry_id)
        await house.hass.async_block_till_done()
        assert house.hass.states.get(entity_id).state == count


async def test_a_server_that_tells_no_installer_shows_no_agent(house):
    await house.connect("iottly", variant=IottlyVariant(inspect="2017"))
    assert house.state("Cellar", "Connection") == "on"
    with pytest.raises(AssertionError):
        house.entity("Cellar", "Agent")
