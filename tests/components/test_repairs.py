"""What a cloud tells to put right becomes a repair, which ends with its cause."""

from dataclasses import replace

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.iot_clouds.const import DOMAIN
from custom_components.iot_clouds.model import Amount, CloudUnreachable, Notice
from custom_components.iot_clouds.vendors import VENDORS
from homeassistant.components.repairs import DOMAIN as REPAIRS
from homeassistant.helpers import issue_registry as ir
from homeassistant.setup import async_setup_component
from tests.repairing import Repairs, issues

ACCOUNT = {"account": "Home"}
SPENT = Notice(
    key="budget_80",
    placeholders=(("limit", "1000"),),
    details=(("used", "801"), ("forecast", "1200")),
    option="budget",
)
DOOR = {"id": "an-id", "secret": "a-secret", "since": "2026-11-20T12:00:00+00:00"}
SILENT = Notice(key="webhook_silent")
EXPIRES = Notice(key="token_expires", placeholders=(("days", "13"),))


@pytest.fixture
async def repairs(hass, hass_client):
    assert await async_setup_component(hass, REPAIRS, {})
    return Repairs(hass_client)


@pytest.fixture
def choices(cloud, monkeypatch):
    """The vendor lets the user choose a budget; more than 1,000 is enough."""
    connected = []

    def connect(link, data):
        connected.append(dict(data))
        if data.get("budget", 1000) > 1000:
            cloud.notices = ()
        return cloud

    choice = Amount(key="budget", default=1000, minimum=0, maximum=5000)
    vendor = replace(VENDORS["fake"], choices=(choice,), connect=connect)
    monkeypatch.setitem(VENDORS, "fake", vendor)
    return connected


@pytest.fixture
def tell(cloud, loaded):
    """Let the next listing tell these notices."""

    async def tell(*notices):
        cloud.notices = notices
        await loaded.runtime_data.coordinator.async_refresh()

    return tell


def _id(notice, entry):
    return f"{notice.key}_{entry.entry_id}"


async def test_what_changes_with_each_listing_does_not_show_an_issue_anew(
    hass, loaded, tell
):
    await tell(SPENT)
    first = issues(hass)[_id(SPENT, loaded)]
    more = replace(SPENT, details=(("used", "802"), ("forecast", "1201")))
    await tell(more)
    # The registry makes another object whenever an issue is created again.
    assert issues(hass)[_id(SPENT, loaded)] is first
    await tell(replace(SPENT, placeholders=(("limit", "1001"),)))
    assert issues(hass)[_id(SPENT, loaded)].translation_placeholders == {
        "account": "Home",
        "limit": "1001",
    }


async def test_an_issue_links_to_what_is_written_about_it_and_is_not_kept_over_a_restart(
    hass, loaded, tell
):
    await tell(SPENT)
    issue = issues(hass)[_id(SPENT, loaded)]
    assert issue.learn_more_url == (
        "https://github.com/iot-clouds/iot-clouds/blob/main/docs/troubleshooting.md#repairs"
    )
    assert issue.severity is ir.IssueSeverity.WARNING
    assert issue.is_fixable
    assert not issue.is_persistent


async def test_what_nothing_can_be_done_about_here_is_only_told(hass, loaded, tell):
    notice = Notice(key="webhook_payload_only")
    await tell(notice)
    assert not issues(hass)[_id(notice, loaded)].is_fixable


async def test_two_accounts_show_issues_of_their_own(hass, cloud, loaded, tell):
    other = MockConfigEntry(
        domain=DOMAIN,
        title="Cabin",
        unique_id="fake_2",
        data={"vendor": "fake", "username": "v", "password": "x"},
    )
    other.add_to_hass(hass)
    await tell(SPENT)
    cloud.devices = {}
    await hass.config_entries.async_setup(other.entry_id)
    assert {
        issue.translation_placeholders["account"] for issue in issues(hass).values()
    } == {"Home", "Cabin"}

    await hass.config_entries.async_remove(loaded.entry_id)
    assert [*issues(hass)] == [_id(SPENT, other)]
    await hass.config_entries.async_unload(other.entry_id)
    assert issues(hass) == {}


async def test_a_new_budget_is_saved_and_the_issue_goes(
    hass, choices, cloud, loaded, tell, repairs
):
    await tell(SPENT)
    # What is used goes on while the issue is shown.
    await tell(replace(SPENT, details=(("used", "810"), ("forecast", "1300"))))

    menu = await repairs.begin(_id(SPENT, loaded))
    assert menu["menu_options"] == ["change", "keep"]
    assert menu["description_placeholders"] == {
        "account": "Home",
        "limit": "1000",
        "used": "810",
        "forecast": "1300",
    }
    form = await repairs.choose(menu, "change")
    [field] = form["data_schema"]
    assert field["default"] == 1000
    limits = field["selector"]["number"]
    assert (limits["min"], limits["max"], limits["mode"]) == (0, 5000, "box")

    done = await repairs.submit(form, {"amount": 1500})
    assert done["type"] == "create_entry"
    assert loaded.options == {"budget": 1500}
    assert choices[-1]["budget"] == 1500
    assert issues(hass) == {}


async def test_a_budget_that_is_too_small_again_keeps_the_issue(
    hass, choices, cloud, loaded, tell, repairs
):
    await tell(SPENT)
    form = await repairs.choose(await repairs.begin(_id(SPENT, loaded)), "change")
    done = await repairs.submit(form, {"amount": 990})
    assert (done["type"], done["reason"]) == ("abort", "remains")
    assert loaded.options == {"budget": 990}
    assert [*issues(hass)] == [_id(SPENT, loaded)]


async def test_a_budget_can_be_left_as_it_is(
    hass, choices, cloud, loaded, tell, repairs
):
    await tell(SPENT)
    kept = await repairs.choose(await repairs.begin(_id(SPENT, loaded)), "keep")
    assert (kept["type"], kept["reason"]) == ("abort", "kept")
    assert loaded.options == {}
    assert [*issues(hass)] == [_id(SPENT, loaded)]


async def test_a_notice_about_a_choice_that_there_is_not_has_nothing_to_change(
    hass, choices, cloud, loaded, tell, repairs
):
    notice = replace(SPENT, option="another")
    await tell(notice)
    late = await repairs.choose(await repairs.begin(_id(notice, loaded)), "change")
    assert late["reason"] == "gone"


async def test_a_webhook_that_is_silent_is_turned_off(
    hass, cloud, entry, tell, repairs, monkeypatch
):
    hass.config_entries.async_update_entry(
        entry, options={"webhook": DOOR, "keep_stale": True}
    )
    await hass.config_entries.async_reload(entry.entry_id)
    cloud.notices = (SILENT,)
    await entry.runtime_data.coordinator.async_refresh()

    menu = await repairs.begin(_id(SILENT, entry))
    assert menu["menu_options"] == ["turn_off", "keep"]
    kept = await repairs.choose(menu, "keep")
    assert kept["reason"] == "kept"
    assert "webhook" in entry.options

    menu = await repairs.begin(_id(SILENT, entry))
    cloud.notices = ()
    done = await repairs.choose(menu, "turn_off")
    assert done["type"] == "create_entry"
    assert entry.options == {"keep_stale": True}
    assert issues(hass) == {}


async def test_a_token_that_expires_leads_to_the_form_of_the_account(
    hass, cloud, loaded, tell, repairs
):
    await tell(EXPIRES)
    form = await repairs.begin(_id(EXPIRES, loaded))
    assert form["description_placeholders"] == {**ACCOUNT, "days": "13"}
    end = await repairs.submit(form)
    assert (end["type"], end["reason"]) == ("abort", "sign_in")
    kind, flow_id = end["next_flow"]
    assert kind == "config_flow"
    [flow] = hass.config_entries.flow.async_progress()
    assert flow["flow_id"] == flow_id
    assert flow["context"]["source"] == "reconfigure"
    assert flow["context"]["entry_id"] == loaded.entry_id
    # Nothing is repaired before somebody has signed in.
    assert [*issues(hass)] == [_id(EXPIRES, loaded)]

    again = await repairs.submit(await repairs.begin(_id(EXPIRES, loaded)))
    assert again["next_flow"] == ["config_flow", flow_id]


async def test_a_sign_in_that_is_asked_for_already_is_the_one_to_go_on_with(
    hass, cloud, loaded, tell, repairs
):
    await tell(EXPIRES)
    form = await repairs.begin(_id(EXPIRES, loaded))
    loaded.async_start_reauth(hass)
    await hass.async_block_till_done()
    [flow] = hass.config_entries.flow.async_progress()
    end = await repairs.submit(form)
    assert end["next_flow"] == ["config_flow", flow["flow_id"]]
    assert len(hass.config_entries.flow.async_progress()) == 1


@pytest.mark.parametrize("notice", [SPENT, SILENT, EXPIRES], ids=lambda each: each.key)
async def test_a_repair_ends_when_its_cause_does(
    hass, choices, cloud, loaded, tell, repairs, notice
):
    await tell(notice)
    step = await repairs.begin(_id(notice, loaded))
    await tell()
    assert issues(hass) == {}
    late = await _go_on(repairs, step)
    assert (late["type"], late["reason"]) == ("abort", "gone")


@pytest.mark.parametrize("notice", [SPENT, SILENT, EXPIRES], ids=lambda each: each.key)
async def test_a_repair_needs_an_account_that_is_connected(
    hass, choices, cloud, loaded, tell, repairs, notice
):
    await tell(notice)
    step = await repairs.begin(_id(notice, loaded))
    other = await repairs.begin(_id(notice, loaded))
    await hass.config_entries.async_unload(loaded.entry_id)
    late = await _go_on(repairs, step)
    assert (late["type"], late["reason"]) == ("abort", "not_loaded")

    await hass.config_entries.async_remove(loaded.entry_id)
    gone = await _go_on(repairs, other)
    assert (gone["type"], gone["reason"]) == ("abort", "not_loaded")


async def test_an_account_that_cannot_connect_with_its_new_budget_says_so_itself(
    hass, choices, cloud, loaded, tell, repairs
):
    await tell(SPENT)
    form = await repairs.choose(await repairs.begin(_id(SPENT, loaded)), "change")
    cloud.error = CloudUnreachable("away")
    done = await repairs.submit(form, {"amount": 2000})
    assert done["type"] == "create_entry"
    assert loaded.options == {"budget": 2000}
    assert loaded.state.value == "setup_retry"
    assert issues(hass) == {}


async def _go_on(repairs, step):
    if step["type"] == "menu":
        return await repairs.choose(step, step["menu_options"][0])
    return await repairs.submit(step)
