"""Meters of a simulated cloud count in Home Assistant's energy dashboard."""

from datetime import timedelta
from typing import Any

import pytest
from pytest_homeassistant_custom_component.components.recorder.common import (
    async_wait_recording_done,
    do_adhoc_statistics,
)

from homeassistant.components.recorder.statistics import statistics_during_period
from homeassistant.config_entries import ConfigEntryState
from homeassistant.helpers.recorder import get_instance
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
from simulated_clouds.world import Variable

BOARD = "Boiler room"

METERS = {
    "energy": {
        "device_class": "energy",
        "state_class": "total_increasing",
        "unit": "kWh",
    },
    "water": {
        "device_class": "water",
        "state_class": "total_increasing",
        "unit": "L",
    },
    "gas": {"device_class": "gas", "state_class": "total_increasing", "unit": "m³"},
}
NAMES = {"energy": "Energy", "water": "Water meter", "gas": "Gas meter"}


@pytest.fixture(autouse=True)
def _unlimited(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test here is about the pace of requests, so none has to wait for it."""
    monkeypatch.setattr(
        "custom_components.iot_clouds.vendors.arduino.limiter.Limiter.turn", _no_wait
    )


async def _no_wait(self, *, urgent: bool = False) -> None:
    pass


@pytest.fixture
async def meters(recorder_mock, hass, house) -> dict[str, str]:
    """The meters' entities, of an account whose board counts energy, water and gas."""
    board = house.board(BOARD)
    for name, value in (("water", 48213.0), ("gas", 3051.25)):
        board.variables[name] = Variable(name=name, type="VOLUME", value=value)
        board.facts["properties"][name] = {"name": NAMES[name]}
    assert await async_setup_component(hass, "energy", {})
    await house.connect("arduino")
    return {name: house.entity(BOARD, NAMES[name]) for name in METERS}


async def _set(house, until, entity_id: str, what: dict[str, str]) -> None:
    """Say what a variable is, as a person would."""
    hass, entry = house.hass, house.entries["arduino"]
    flow = await hass.config_entries.options.async_init(entry.entry_id)
    for answer in ({"next_step_id": "variables"}, {"entity": entity_id}, what):
        flow = await hass.config_entries.options.async_configure(
            flow["flow_id"], answer
        )
    assert flow["type"] == "create_entry", flow

    def adjusted() -> bool:
        state = hass.states.get(entity_id)
        return (
            entry.state is ConfigEntryState.LOADED
            and state is not None
            and state.state != "unavailable"
            and state.attributes.get("state_class") == what["state_class"]
        )

    await until(adjusted)


async def _ask(client, kind: str, **more: Any) -> Any:
    await client.send_json_auto_id({"type": kind, **more})
    answer = await client.receive_json()
    assert answer["success"], answer
    return answer["result"]


def _subscriptions(cloud) -> int:
    return sum(
        (entry.channel, entry.method) == ("mqtt", "SUBSCRIBE") for entry in cloud.log
    )


async def _count(hass) -> None:
    """Let the recorder make its statistics of the five minutes that are now."""
    await async_wait_recording_done(hass)
    now = dt_util.utcnow()
    start = now.replace(minute=now.minute // 5 * 5, second=0, microsecond=0)
    for begin in (start - timedelta(minutes=5), start):
        do_adhoc_statistics(hass, start=begin)
    await async_wait_recording_done(hass)


async def _save(client, meters: dict[str, str]) -> None:
    """Build a dashboard of these meters."""
    await _ask(
        client,
        "energy/save_prefs",
        energy_sources=[
            {
                "type": "grid",
                "stat_energy_from": meters["energy"],
                "cost_adjustment_day": 0,
            },
            {"type": "gas", "stat_energy_from": meters["gas"]},
            {"type": "water", "stat_energy_from": meters["water"]},
        ],
        device_consumption=[{"stat_consumption": meters["energy"]}],
        device_consumption_water=[{"stat_consumption": meters["water"]}],
    )


async def test_adjusted_meters_pass_home_assistants_own_validation(
    hass, hass_ws_client, house, meters, until
):
    for name, what in METERS.items():
        await _set(house, until, meters[name], what)
    await until(lambda: hass.states.get(meters["energy"]).state == "1250.5")
    for name, (value, unit) in {
        "energy": ("1250.5", "kWh"),
        "water": ("48213", "L"),
        "gas": ("3051.25", "m³"),
    }.items():
        state = hass.states.get(meters[name])
        assert float(state.state) == float(value)
        assert state.attributes["unit_of_measurement"] == unit
        assert state.attributes["state_class"] == "total_increasing"
    await _count(hass)
    client = await hass_ws_client(hass)
    await _save(client, meters)

    assert await _ask(client, "energy/validate") == {
        "energy_sources": [[], [], []],
        "device_consumption": [[]],
        "device_consumption_water": [[]],
    }


async def test_what_a_meter_counts_becomes_a_statistic(hass, house, meters, until):
    await _set(house, until, meters["gas"], METERS["gas"])
    cloud = house.clouds["arduino"]
    # Once before the account was loaded again and once since.
    await until(lambda: _subscriptions(cloud) >= 2)
    await async_wait_recording_done(hass)
    house.world.set(house.board(BOARD), gas=3053.75)
    await until(lambda: house.state(BOARD, "Gas meter") == "3053.75")
    await _count(hass)

    counted = await get_instance(hass).async_add_executor_job(
        statistics_during_period,
        hass,
        dt_util.utcnow() - timedelta(hours=1),
        None,
        {meters["gas"]},
        "5minute",
        None,
        {"sum", "state"},
    )

    last = counted[meters["gas"]][-1]
    assert (last["state"], last["sum"]) == (3053.75, 2.5)


async def test_without_the_options_the_validation_says_what_is_missing(
    hass, hass_ws_client, meters
):
    await _count(hass)
    client = await hass_ws_client(hass)
    await _save(client, meters)

    result = await _ask(client, "energy/validate")

    found = {issue["type"] for issues in result["energy_sources"] for issue in issues}
    assert "entity_unexpected_device_class" in found
    assert "entity_unexpected_state_class" in found
