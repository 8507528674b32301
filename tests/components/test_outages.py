"""Live updates that stay away are a repair, unless the whole cloud does."""

from dataclasses import replace
from datetime import timedelta

import pytest
from pytest_homeassistant_custom_component.common import async_fire_time_changed

from custom_components.iot_clouds import feeds
from custom_components.iot_clouds.model import CloudAuthError, CloudUnreachable, Notice
from custom_components.iot_clouds.vendors import VENDORS
from homeassistant.components.repairs import DOMAIN as REPAIRS
from homeassistant.helpers import issue_registry as ir
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
from tests.repairing import Repairs, issues

DOWN = CloudUnreachable("no route")


@pytest.fixture
def later(hass):
    """Let everything happen that is due within so many minutes from now."""

    async def later(minutes):
        due = dt_util.utcnow() + timedelta(minutes=minutes)
        async_fire_time_changed(hass, due)
        await hass.async_block_till_done()

    return later


@pytest.fixture
async def repairs(hass, hass_client):
    assert await async_setup_component(hass, REPAIRS, {})
    return Repairs(hass_client)


@pytest.fixture
async def down(hass, cloud, entry, until):
    """An account whose feed cannot connect since the start."""
    cloud.feed.refuse = DOWN
    await hass.config_entries.async_setup(entry.entry_id)
    await until(lambda: cloud.feed.entered)
    return entry


def _id(entry):
    return f"feed_down_{entry.entry_id}"


async def test_a_feed_that_never_connects_is_told_after_a_quarter_of_an_hour(
    hass, down, later
):
    await later(14)
    assert issues(hass) == {}
    await later(16)
    issue = issues(hass)[_id(down)]
    assert issue.translation_key == "feed_down"
    assert issue.severity is ir.IssueSeverity.WARNING
    assert issue.is_fixable
    assert not issue.is_persistent
    assert issue.translation_placeholders == {
        "account": "Home",
        "address": "Fake Cloud",
        "minutes": "1",
    }


async def test_the_issue_names_the_address_that_has_to_be_reached(
    hass, down, later, monkeypatch
):
    monkeypatch.setitem(
        VENDORS, "fake", replace(VENDORS["fake"], push_field="base_url")
    )
    await hass.config_entries.async_reload(down.entry_id)
    await later(16)
    said = issues(hass)[_id(down)].translation_placeholders
    assert said["address"] == "fake.example:443"

    own = {**down.data, "base_url": "wss://own.example:8443/mqtt"}
    hass.config_entries.async_update_entry(down, data=own)
    await hass.config_entries.async_reload(down.entry_id)
    assert issues(hass) == {}
    await later(16)
    said = issues(hass)[_id(down)].translation_placeholders
    assert said["address"] == "own.example:8443"


async def test_a_feed_that_is_cut_and_comes_back_in_time_is_nothing_to_repair(
    hass, cloud, loaded, later, until
):
    await until(lambda: cloud.feed.open)
    await later(20)
    assert issues(hass) == {}

    cloud.feed.refuse = DOWN
    cloud.feed.queue.put_nowait(DOWN)
    await until(lambda: loaded.runtime_data.feeds.down)
    await later(14)
    cloud.feed.refuse = None
    await loaded.runtime_data.feeds.async_retry()
    # It lasts.
    await later(2)
    assert not loaded.runtime_data.feeds.down
    cloud.feed.refuse = DOWN
    cloud.feed.queue.put_nowait(DOWN)
    await until(lambda: loaded.runtime_data.feeds.down)
    # The time counts anew with each outage.
    await later(14)
    assert issues(hass) == {}
    await later(16)
    assert [*issues(hass)] == [_id(loaded)]


async def test_the_issue_goes_by_itself_when_live_updates_are_back(
    hass, cloud, down, later, until
):
    await later(16)
    assert issues(hass)
    cloud.feed.refuse = None
    # The longest wait between two attempts is five minutes.
    await later(6)
    await until(lambda: cloud.feed.open)
    # It may be cut at once again.
    assert [*issues(hass)] == [_id(down)]
    await later(2)
    assert issues(hass) == {}


async def test_what_was_just_repaired_is_not_told_before_it_breaks_again(
    hass, cloud, down, later, repairs, monkeypatch
):
    await later(16)
    form = await repairs.begin(_id(down))
    monkeypatch.setattr(feeds, "HEALTHY", 7200)
    cloud.feed.refuse = None
    assert (await repairs.submit(form))["type"] == "create_entry"

    await later(32)
    assert down.runtime_data.feeds.down
    assert issues(hass) == {}


async def test_a_feed_that_connects_and_never_lasts_is_told_and_told_again_once_repaired(
    hass, cloud, down, later, repairs, until
):
    feeds = down.runtime_data.feeds
    await later(14)
    cloud.feed.refuse = None
    await feeds.async_retry()
    cloud.feed.queue.put_nowait(None)
    await until(lambda: not feeds.live["values"])
    cloud.feed.refuse = DOWN
    await later(16)
    form = await repairs.begin(_id(down))

    cloud.feed.refuse = None
    assert (await repairs.submit(form))["type"] == "create_entry"
    assert issues(hass) == {}
    cloud.feed.refuse = DOWN
    cloud.feed.queue.put_nowait(None)
    await until(lambda: not feeds.live["values"])
    await later(16)
    assert [*issues(hass)] == [_id(down)]


async def test_the_time_of_an_outage_goes_on_while_a_feed_connects_and_does_not_last(
    hass, cloud, down, until
):
    feeds = down.runtime_data.feeds
    cloud.feed.refuse = None
    await feeds.async_retry()
    assert feeds.live == {"values": True}
    assert feeds.down

    cloud.feed.queue.put_nowait(None)
    await until(lambda: not feeds.live["values"])
    assert feeds.down


@pytest.mark.expects_errors("Error fetching Home data")
async def test_a_cloud_that_is_away_as_a_whole_says_so_itself(hass, cloud, down, later):
    coordinator = down.runtime_data.coordinator
    cloud.error = CloudUnreachable("away")
    await coordinator.async_refresh()
    await later(60)
    assert issues(hass) == {}

    # Back again: its feed gets as much time as any other.
    cloud.error = None
    await coordinator.async_refresh()
    await later(14)
    assert issues(hass) == {}
    await later(16)
    assert [*issues(hass)] == [_id(down)]

    cloud.error = CloudUnreachable("away")
    await coordinator.async_refresh()
    assert issues(hass) == {}


async def test_a_feed_that_is_refused_is_a_matter_of_signing_in(
    hass, cloud, entry, later, until
):
    cloud.feed.refuse = CloudAuthError("no")
    await hass.config_entries.async_setup(entry.entry_id)
    await until(lambda: hass.config_entries.flow.async_progress())
    await later(60)
    assert issues(hass) == {}


async def test_a_cloud_that_is_only_polled_has_no_live_updates_to_miss(
    hass, cloud, entry, later
):
    cloud.feed = None
    await hass.config_entries.async_setup(entry.entry_id)
    await later(60)
    assert issues(hass) == {}


async def test_checking_now_connects_at_once_or_says_that_it_did_not_work(
    hass, cloud, down, later, repairs
):
    await later(16)
    form = await repairs.begin(_id(down))
    assert form["step_id"] == "confirm"
    assert form["description_placeholders"]["minutes"] == "1"
    before = cloud.feed.entered

    failed = await repairs.submit(form)
    assert (failed["type"], failed["errors"]) == ("form", {"base": "still_down"})
    assert cloud.feed.entered == before + 1
    assert [*issues(hass)] == [_id(down)]

    cloud.feed.refuse = None
    done = await repairs.submit(form)
    assert done["type"] == "create_entry"
    assert cloud.feed.open == 1
    assert issues(hass) == {}


@pytest.mark.expects_errors("Error fetching Home data")
async def test_a_repair_of_live_updates_ends_with_its_cause_and_with_the_account(
    hass, cloud, down, later, repairs
):
    await later(16)
    first = await repairs.begin(_id(down))
    second = await repairs.begin(_id(down))
    cloud.error = CloudUnreachable("away")
    await down.runtime_data.coordinator.async_refresh()
    assert (await repairs.submit(first))["reason"] == "gone"

    await hass.config_entries.async_unload(down.entry_id)
    assert (await repairs.submit(second))["reason"] == "not_loaded"


async def test_an_outage_ends_with_its_account(hass, down, later):
    await later(16)
    assert issues(hass)
    await hass.config_entries.async_unload(down.entry_id)
    assert issues(hass) == {}
    await later(60)
    assert issues(hass) == {}


async def test_what_the_cloud_knows_better_is_told_by_itself(hass, cloud, down, later):
    await later(16)
    assert [*issues(hass)] == [_id(down)]
    told = Notice(key="local_cloud_outdated", explains_feeds=True)
    cloud.notices = (told,)
    await down.runtime_data.coordinator.async_refresh()
    assert [*issues(hass)] == [f"local_cloud_outdated_{down.entry_id}"]
    await later(60)
    assert [*issues(hass)] == [f"local_cloud_outdated_{down.entry_id}"]

    cloud.notices = ()
    await down.runtime_data.coordinator.async_refresh()
    assert issues(hass) == {}
    await later(16)
    assert [*issues(hass)] == [_id(down)]
