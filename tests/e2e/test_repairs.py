"""What a cloud cannot do by itself is shown, led through, and gone when it is put right."""

from datetime import timedelta

import pytest

from custom_components.iot_clouds import outages
from homeassistant.components.repairs import DOMAIN as REPAIRS
from homeassistant.config_entries import ConfigEntryState
from homeassistant.helpers import entity_registry as er
from homeassistant.setup import async_setup_component
from simulated_clouds.iottly_variant import IottlyVariant
from tests.repairing import Repairs, issues

DAY = 86_400
SOON = timedelta(seconds=0.3)


@pytest.fixture(autouse=True)
def _unlimited(monkeypatch):
    """No test here is about the pace of requests, so none has to wait for it."""
    monkeypatch.setattr(
        "custom_components.iot_clouds.vendors.arduino.limiter.Limiter.turn", _no_wait
    )


async def _no_wait(self, *, urgent=False):
    pass


@pytest.fixture
async def repairs(house, hass_client):
    assert await async_setup_component(house.hass, REPAIRS, {})
    return Repairs(hass_client)


@pytest.fixture
def impatient(monkeypatch):
    """A quarter of an hour is over soon."""
    monkeypatch.setattr(outages, "PATIENCE", SOON)


async def _poll(entry):
    await entry.runtime_data.coordinator.async_refresh()


async def test_a_token_that_ends_soon_is_replaced_before_it_does(house, until, repairs):
    entry = await house.connect("particle", token_lifetime=5 * DAY)
    cloud = house.clouds["particle"]
    issue_id = f"token_expires_{entry.entry_id}"
    assert issues(house.hass)[issue_id].translation_placeholders["days"] == "4"
    before = {each.entity_id for each in er.async_get(house.hass).entities.values()}

    form = await repairs.begin(issue_id)
    assert form["description_placeholders"] == {"account": entry.title, "days": "4"}
    _, flow_id = (await repairs.submit(form))["next_flow"]
    configure = house.hass.config_entries.flow.async_configure
    await configure(flow_id, {"next_step_id": "particle_token"})
    person = cloud.access.people[cloud.options.username]
    fresh = cloud.access.issue(person, lifetime=60 * DAY).value
    done = await configure(
        flow_id, {"access_token": fresh, "advanced": {"base_url": cloud.url}}
    )
    assert done["reason"] == "reconfigure_successful"
    await house.hass.async_block_till_done()

    assert entry.state is ConfigEntryState.LOADED
    assert entry.data["access_token"] == fresh
    assert issues(house.hass) == {}
    after = {each.entity_id for each in er.async_get(house.hass).entities.values()}
    assert after == before


async def test_a_budget_is_raised_where_it_is_told_to_be_used_up(house, until, repairs):
    entry = await house.connect("particle")
    house.hass.config_entries.async_update_entry(
        entry, options={"operations_per_month": 4}
    )
    await house.hass.config_entries.async_reload(entry.entry_id)
    for _ in range(4):
        await house.hass.services.async_call(
            "iot_clouds",
            "call_function",
            {
                "device_id": house.device_id("Workshop"),
                "function": "setFan",
                "argument": "on",
            },
            blocking=True,
            return_response=True,
        )
    await _poll(entry)
    assert [*issues(house.hass)] == [f"budget_100_{entry.entry_id}"]

    menu = await repairs.begin(f"budget_100_{entry.entry_id}")
    used = int(menu["description_placeholders"]["used"])
    assert used >= 4
    assert menu["description_placeholders"]["limit"] == "4"
    form = await repairs.choose(menu, "change")
    # Not enough: what was used is remembered, and most of it is used again.
    same = await repairs.submit(form, {"amount": used + 1})
    assert (same["type"], [*issues(house.hass)]) == (
        "create_entry",
        [f"budget_80_{entry.entry_id}"],
    )

    menu = await repairs.begin(f"budget_80_{entry.entry_id}")
    done = await repairs.submit(await repairs.choose(menu, "change"), {"amount": 20000})
    assert done["type"] == "create_entry"
    assert issues(house.hass) == {}
    assert entry.options == {"operations_per_month": 20000}


@pytest.mark.parametrize(
    ("name", "path"),
    [("particle", "GET /v1/devices/events"), ("arduino", "GET /mqtt")],
)
async def test_live_updates_that_stay_away_are_told_and_tried_when_asked(
    house, until, repairs, impatient, name, path
):
    entry = await house.connect(name)
    cloud = house.clouds[name]
    await until(lambda: not entry.runtime_data.feeds.down)
    fault = cloud.faults.add("server_error", path=path, status=503)
    await house.hass.config_entries.async_reload(entry.entry_id)
    await until(lambda: issues(house.hass))
    issue_id = f"feed_down_{entry.entry_id}"
    [issue] = issues(house.hass).values()
    assert (issue.issue_id, issue.translation_key) == (issue_id, "feed_down")
    assert issue.translation_placeholders["address"] == f"127.0.0.1:{cloud.port}"

    form = await repairs.begin(issue_id)
    failed = await repairs.submit(form)
    assert failed["errors"] == {"base": "still_down"}
    cloud.faults.remove(fault)
    done = await repairs.submit(form)
    assert done["type"] == "create_entry"
    assert all(entry.runtime_data.feeds.live.values())
    assert issues(house.hass) == {}


@pytest.mark.expects_errors("Error fetching Particle", always=False)
async def test_a_local_cloud_that_dies_of_streams_is_told_until_it_is_updated(
    house, until, repairs, impatient, monkeypatch
):
    entry = await house.connect("particle", local=True, local_dies=True, keepalive=0.1)
    cloud = house.clouds["particle"]
    feeds = entry.runtime_data.feeds
    # Somebody, or something, starts it again whenever it has ended.
    await until(lambda: feeds.failures)
    cloud.faults.clear()
    assert await feeds.async_retry() is False
    cloud.faults.clear()
    await _poll(entry)
    # One word about it is enough, whatever was told before: this one says what to do.
    issue_id = f"local_cloud_outdated_{entry.entry_id}"
    assert [*issues(house.hass)] == [issue_id]

    form = await repairs.begin(issue_id)
    failed = await repairs.submit(form)
    assert failed["errors"] == {"base": "still_down"}
    cloud.faults.clear()
    cloud.streams.deadly = False
    # From here on, what takes this machine long to connect is no outage.
    monkeypatch.setattr(outages, "PATIENCE", timedelta(minutes=15))
    done = await repairs.submit(form)
    assert done["type"] == "create_entry"
    await _poll(entry)
    assert issues(house.hass) == {}


async def test_an_outdated_installation_says_what_is_missing_until_it_is_updated(
    house, repairs
):
    entry = await house.connect("iottly", variant=IottlyVariant(props=False))
    cloud = house.clouds["iottly"]
    issue_id = f"installation_outdated_{entry.entry_id}"
    assert [*issues(house.hass)] == [issue_id]

    form = await repairs.begin(issue_id)
    same = await repairs.submit(form)
    assert (same["type"], same["reason"]) == ("abort", "remains")
    assert [*issues(house.hass)] == [issue_id]

    cloud.variant = IottlyVariant()
    done = await repairs.submit(await repairs.begin(issue_id))
    assert done["type"] == "create_entry"
    assert issues(house.hass) == {}
