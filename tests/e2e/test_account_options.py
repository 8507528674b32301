"""Each cloud offers the options that it has, and what is chosen holds on the wire."""

import pytest

from homeassistant.config_entries import ConfigEntryState
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.setup import async_setup_component

FORMS = {
    "arduino": {
        "when_offline": "usual",
        "requests_per_second": "1",
        "keep_stale": False,
    },
    "particle": {
        "when_offline": "usual",
        "operations_per_month": 50_000,
        "location_accuracy": 1000,
    },
    "iottly": {
        "when_offline": "usual",
        "rename_devices": False,
        "offline_commands": False,
        "show_replies": False,
    },
}


@pytest.fixture(autouse=True)
def _unlimited(monkeypatch):
    """No test here is about the pace of requests, so none has to wait for it."""

    async def no_wait(self, *, urgent: bool = False) -> None:
        pass

    monkeypatch.setattr(
        "custom_components.iot_clouds.vendors.arduino.limiter.Limiter.turn", no_wait
    )


@pytest.fixture
def open_form(hass):
    """The form about the account as a whole."""

    async def open_form(entry):
        options = hass.config_entries.options
        menu = await options.async_init(entry.entry_id)
        assert menu["menu_options"][:3] == ["account", "devices", "variables"]
        return await options.async_configure(
            menu["flow_id"], {"next_step_id": "account"}
        )

    return open_form


@pytest.fixture
def choose(hass, open_form, until):
    """Choose something, and leave everything else as it is."""

    async def choose(entry, **chosen):
        form = await open_form(entry)
        done = await hass.config_entries.options.async_configure(
            form["flow_id"], chosen
        )
        assert done["type"] is FlowResultType.CREATE_ENTRY
        await hass.async_block_till_done()
        await until(lambda: entry.state is ConfigEntryState.LOADED)
        await hass.async_block_till_done()

    return choose


@pytest.mark.parametrize("name", FORMS)
async def test_a_cloud_offers_what_applies_to_it_and_nothing_else(
    house, open_form, choose, name
):
    entry = await house.connect(name)
    assert (await open_form(entry))["data_schema"]({}) == FORMS[name]
    await choose(entry)
    assert entry.options == FORMS[name]


async def test_the_rate_that_the_plan_allows_is_kept_to(house, choose):
    entry = await house.connect("arduino")
    rates = []
    for rate in ("10", "1"):
        await choose(entry, requests_per_second=rate)
        told = entry.runtime_data.coordinator.cloud.diagnostics()
        rates.append(told["requests_per_second"])
    # A little less, because requests arrive closer together than they were sent.
    assert rates == [9.52, 0.95]


async def test_without_a_budget_only_what_somebody_asks_for_is_read(
    hass, house, choose, until
):
    entry = await house.connect("particle")
    cloud = house.clouds["particle"]
    await until(lambda: house.state("Workshop", "temperature") == "19.5")
    await until(lambda: house.state("Aquarium", "lightOn") != "unknown")

    await choose(entry, operations_per_month=0)
    before = cloud.operations
    await entry.runtime_data.reads.async_refresh()
    assert cloud.operations == before

    house.world.named("Workshop").variables["temperature"].value = 18.25
    assert await async_setup_component(hass, "homeassistant", {})
    await hass.services.async_call(
        "homeassistant",
        "update_entity",
        {"entity_id": house.entity("Workshop", "temperature")},
        blocking=True,
    )
    assert house.state("Workshop", "temperature") == "18.25"
    assert cloud.operations == before + 1


async def test_a_position_that_is_too_vague_moves_no_tracker(
    hass, house, choose, until
):
    entry = await house.connect("particle")
    cloud = house.clouds["particle"]
    tracker = house.entity("Van", None)

    def place():
        shown = hass.states.get(tracker).attributes
        return shown.get("latitude"), shown.get("longitude")

    await choose(entry, location_accuracy=1)
    await until(lambda: cloud.streams.open)
    start = place()
    house.world.step(house.board("Van"))
    await until(lambda: "refused_accuracy" in hass.states.get(tracker).attributes)
    assert place() == start

    await choose(entry, location_accuracy=1000)
    await until(lambda: cloud.streams.open)
    house.world.step(house.board("Van"))
    await until(lambda: place() != start)


async def test_the_last_values_of_a_board_that_goes_offline_stay_if_that_is_chosen(
    house, choose, until
):
    entry = await house.connect("particle")
    cloud = house.clouds["particle"]
    await until(lambda: house.state("Workshop", "temperature") == "19.5")
    await choose(entry, when_offline="keep")
    await until(lambda: cloud.streams.open)

    cloud.set_online(house.board("Workshop"), False)
    await until(lambda: house.state("Workshop", "Connection") == "off")
    assert house.state("Workshop", "temperature") == "19.5"

    await choose(entry, when_offline="unavailable")
    assert house.state("Workshop", "temperature") == "unavailable"
    assert house.state("Workshop", "Connection") == "off"


async def test_a_device_of_iottly_keeps_its_values_too(house, choose):
    entry = await house.connect("iottly")
    cloud = house.clouds["iottly"]
    cellar = house.board("Cellar")
    cloud.message(cellar, {"sensor_data_reading": {"temperature": 14.5}})
    cloud.disconnect(cellar)
    await entry.runtime_data.coordinator.async_refresh()
    await house.hass.async_block_till_done()
    assert house.state("Cellar", "Connection") == "off"
    assert house.state("Cellar", "Sensor data reading temperature") == "unavailable"

    await choose(entry, when_offline="keep")
    assert house.state("Cellar", "Connection") == "off"
    assert house.state("Cellar", "Sensor data reading temperature") == "14.5"
