"""The address for deliveries comes from Home Assistant Cloud where the user has that."""

import sys
from types import SimpleNamespace

import pytest

from custom_components.iot_clouds.addresses import async_address, async_forget
from custom_components.iot_clouds.webhook import Door
from homeassistant.exceptions import HomeAssistantError
from homeassistant.setup import async_setup_component

DOOR = Door(id="an-id", secret="a-secret", since="2026-11-20T12:00:00+00:00")


class FakeNabuCasa:
    """What is used of the integration of Home Assistant Cloud, which is not installed."""

    def __init__(self):
        self.active = True
        self.error = None
        self.hooks = {}

    def async_active_subscription(self, hass):
        return self.active

    async def async_get_or_create_cloudhook(self, hass, webhook_id):
        if self.error:
            raise self.error
        return self.hooks.setdefault(webhook_id, f"https://hooks.example/{webhook_id}")

    async def async_delete_cloudhook(self, hass, webhook_id):
        if self.error:
            raise self.error
        del self.hooks[webhook_id]


@pytest.fixture
def nabu_casa(hass, monkeypatch):
    fake = FakeNabuCasa()
    module = SimpleNamespace(
        async_active_subscription=fake.async_active_subscription,
        async_get_or_create_cloudhook=fake.async_get_or_create_cloudhook,
        async_delete_cloudhook=fake.async_delete_cloudhook,
    )
    monkeypatch.setitem(sys.modules, "homeassistant.components.cloud", module)
    monkeypatch.setattr("homeassistant.components.cloud", module, raising=False)
    hass.config.components.add("cloud")
    return fake


async def test_with_a_subscription_the_address_is_home_assistant_clouds(
    hass, nabu_casa
):
    hass.config.external_url = "https://home.example"
    assert await async_address(hass, DOOR) == "https://hooks.example/an-id"
    assert nabu_casa.hooks == {"an-id": "https://hooks.example/an-id"}
    await async_forget(hass, DOOR)
    assert nabu_casa.hooks == {}


async def test_without_a_subscription_it_is_the_users_own(hass, nabu_casa):
    nabu_casa.active = False
    hass.config.external_url = "https://home.example"
    expected = "https://home.example/api/webhook/an-id"
    assert await async_address(hass, DOOR) == expected
    assert nabu_casa.hooks == {}


async def test_a_cloud_that_cannot_be_reached_gives_none_and_harms_nothing(
    hass, nabu_casa
):
    nabu_casa.error = HomeAssistantError("not connected")
    assert await async_address(hass, DOOR) is None
    await async_forget(hass, DOOR)


async def test_an_address_of_the_own_network_is_of_no_use(hass):
    hass.config.internal_url = "http://192.168.1.5:8123"
    assert await async_address(hass, DOOR) is None
    await async_forget(hass, DOOR)


async def test_an_address_without_encryption_would_show_the_secret(hass):
    hass.config.external_url = "http://home.example"
    assert await async_address(hass, DOOR) is None


def test_a_door_does_not_show_what_opens_it():
    assert "an-id" not in repr(DOOR)
    assert "a-secret" not in repr(DOOR)


@pytest.mark.parametrize(
    "kept",
    [None, True, {}, {"id": "x"}, {"id": 1, "secret": "s"}, {"id": "x", "secret": "s"}],
)
def test_what_is_no_door_is_closed(kept):
    assert Door.of({"webhook": kept}) is None
    assert Door.of({}) is None


@pytest.fixture
async def receiving(hass, cloud, entry, nabu_casa):
    """An account whose cloud can deliver, of a user with Home Assistant Cloud."""
    cloud.receiver = SimpleNamespace(receive=None)
    assert await async_setup_component(hass, "webhook", {})
    await hass.config_entries.async_setup(entry.entry_id)
    return entry


async def _form(hass, entry):
    options = hass.config_entries.options
    menu = await options.async_init(entry.entry_id)
    assert "webhook" in menu["menu_options"]
    return await options.async_configure(menu["flow_id"], {"next_step_id": "webhook"})


async def _submit(hass, form, *, enabled):
    await hass.config_entries.options.async_configure(
        form["flow_id"], {"enabled": enabled}
    )
    await hass.async_block_till_done()


async def test_an_address_that_was_only_looked_at_is_taken_back(
    hass, receiving, nabu_casa
):
    form = await _form(hass, receiving)
    assert [*nabu_casa.hooks.values()] == [form["description_placeholders"]["url"]]
    hass.config_entries.options.async_abort(form["flow_id"])
    await hass.async_block_till_done()
    assert nabu_casa.hooks == {}
    assert "webhook" not in receiving.options


async def test_one_that_the_user_declines_is_taken_back(hass, receiving, nabu_casa):
    await _submit(hass, await _form(hass, receiving), enabled=False)
    assert nabu_casa.hooks == {}
    assert "webhook" not in receiving.options


async def test_one_in_use_is_kept_until_it_is_turned_off(hass, receiving, nabu_casa):
    await _submit(hass, await _form(hass, receiving), enabled=True)
    kept = dict(nabu_casa.hooks)
    assert [*kept] == [receiving.options["webhook"]["id"]]

    form = await _form(hass, receiving)
    assert form["description_placeholders"]["url"] == kept[next(iter(kept))]
    hass.config_entries.options.async_abort(form["flow_id"])
    await hass.async_block_till_done()
    assert nabu_casa.hooks == kept

    await _submit(hass, await _form(hass, receiving), enabled=True)
    assert nabu_casa.hooks == kept
    await _submit(hass, await _form(hass, receiving), enabled=False)
    assert nabu_casa.hooks == {}
    assert "webhook" not in receiving.options


async def test_an_account_that_is_removed_takes_its_address_along(
    hass, receiving, nabu_casa
):
    await _submit(hass, await _form(hass, receiving), enabled=True)
    assert nabu_casa.hooks
    await hass.config_entries.async_remove(receiving.entry_id)
    assert nabu_casa.hooks == {}


async def test_other_options_leave_the_webhook_alone(hass, receiving):
    await _submit(hass, await _form(hass, receiving), enabled=True)
    before = receiving.options["webhook"]
    options = hass.config_entries.options
    menu = await options.async_init(receiving.entry_id)
    form = await options.async_configure(menu["flow_id"], {"next_step_id": "account"})
    await options.async_configure(form["flow_id"], {"keep_stale": True})
    await hass.async_block_till_done()
    assert receiving.options["keep_stale"] is True
    assert receiving.options["webhook"] == before
