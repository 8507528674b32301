"""Particle's products and organizations, from an API user's token to a tracker's settings."""

from datetime import timedelta

import pytest
from pytest_homeassistant_custom_component.common import async_fire_time_changed

from homeassistant.helpers import entity_registry as er
from homeassistant.util import dt as dt_util
from simulated_clouds.particle import ParticleCloud

from .conftest import choose

VAN = "e00fce6804d5e6f701122334"
SCOPES = {
    "product": ("api_user_token", {"product": "13961"}, "product:13961"),
    "organization": (
        "org_user_token",
        {"organization": "maker-works"},
        "org:maker-works",
    ),
}


class Fleet:
    """An account of a product or an organization, and how its entities are found."""

    def __init__(self, house, cloud, prefix):
        self.house = house
        self.cloud = cloud
        self.prefix = prefix

    def entity(self, domain, key):
        found = er.async_get(self.house.hass).async_get_entity_id(
            domain, "iot_clouds", f"{self.prefix}/{VAN}_{key}"
        )
        assert found, f"no {domain} {key}"
        return found

    def state(self, domain, key):
        return self.house.hass.states.get(self.entity(domain, key))

    def told(self):
        return [
            entry.body
            for entry in self.cloud.log
            if (entry.method, entry.path) == ("RECEIVE", VAN)
        ]

    async def set_interval(self, seconds):
        await self.house.hass.services.async_call(
            "number",
            "set_value",
            {
                "entity_id": self.entity("number", "setting/location.interval_max"),
                "value": seconds,
            },
            blocking=True,
        )


@pytest.fixture(params=SCOPES)
async def fleet(request, house, until):
    """Sign an API user in, and wait for the stream of its scope."""
    token, scope, prefix = SCOPES[request.param]
    cloud = ParticleCloud(house.world, flash_seconds=0.0)
    house.clouds["particle"] = await cloud.start()
    shown = await choose(house.hass, "particle", "particle_token")
    done = await house.hass.config_entries.flow.async_configure(
        shown["flow_id"],
        {
            "access_token": getattr(cloud, token),
            **scope,
            "advanced": {"base_url": cloud.url},
        },
    )
    house.entries["particle"] = done["result"]
    assert done["result"].unique_id == f"particle_{prefix}"
    await until(lambda: cloud.streams.open)
    await house.hass.async_block_till_done()
    return Fleet(house, cloud, prefix)


async def test_an_api_user_asks_nothing_that_only_people_may(fleet):
    refused = [entry for entry in fleet.cloud.requests() if entry.status == 400]
    assert refused == []
    assert {device.name for device in fleet.house.world.of("particle")} >= {"Van"}
    assert fleet.state("binary_sensor", "connectivity").state == "on"


async def test_the_tracker_of_a_fleet_moves(fleet, until):
    fleet.house.world.step(fleet.house.board("Van"))
    place = fleet.house.board("Van").variables["place"].value
    await until(
        lambda: (
            "latitude" in fleet.state("device_tracker", "tracker/location").attributes
        )
    )
    where = fleet.state("device_tracker", "tracker/location").attributes
    assert (where["latitude"], where["longitude"]) == (place["lat"], place["lon"])


async def test_one_setting_is_changed_and_all_others_are_kept(fleet, until):
    before = fleet.cloud.world.boards[VAN].facts["unit"].config
    expected = {**before, "location": {**before["location"], "interval_max": 600}}
    await fleet.set_interval(600)
    assert fleet.told() == [{"config": expected}]
    await until(
        lambda: fleet.state("number", "setting/location.interval_max").state == "600"
    )


async def test_a_new_firmware_is_offered_and_installed_once(fleet, until):
    cloud = fleet.cloud
    cloud.flasher.upload(cloud.catalog.products[13961], 19, title="Winter")
    cloud.flasher.release(cloud.catalog.products[13961], 19)
    await until(lambda: fleet.state("update", "firmware").state == "on")
    assert fleet.state("update", "firmware").attributes["latest_version"] == "19"
    await fleet.house.hass.services.async_call(
        "update",
        "install",
        {"entity_id": fleet.entity("update", "firmware")},
        blocking=True,
    )

    van = fleet.house.board("Van")
    await until(lambda: cloud.fleet.presence(van).firmware_version == 19)
    cloud.publications.emit(van, "ready", None)
    await until(lambda: fleet.state("event", "events").state != "unknown")
    # Everything before that event was heard; a listing is asked for every ten seconds.
    async_fire_time_changed(fleet.house.hass, dt_util.utcnow() + timedelta(seconds=11))
    await until(lambda: fleet.state("update", "firmware").state == "off")
    assert fleet.state("update", "firmware").attributes["installed_version"] == "19"
    assert fleet.told() == [{"flash": 19}]
