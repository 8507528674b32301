"""What the user says about a variable holds from the wire to the entity and back."""

from datetime import UTC, datetime

import pytest

from homeassistant.config_entries import ConfigEntryState
from homeassistant.helpers import entity_registry as er
from simulated_clouds.world import Variable

BOARD = "Greenhouse"
NAMES = {"wake": "Wake", "seen": "Seen", "meter": "Meter"}

NOON = 1795176000
"""Noon of 2026-11-20 on a clock that knows no time zones."""


@pytest.fixture(autouse=True)
def _unlimited(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test here is about the pace of requests, so none has to wait for it."""
    monkeypatch.setattr(
        "custom_components.iot_clouds.vendors.arduino.limiter.Limiter.turn", _no_wait
    )


async def _no_wait(self, *, urgent: bool = False) -> None:
    pass


@pytest.fixture
async def entry(house):
    """An account with a board in Rome that has clocks and a meter."""
    board = house.board(BOARD)
    for name, type_, value, writable in (
        ("wake", "TIME", NOON, True),
        ("seen", "TIME", NOON, False),
        ("meter", "ENERGY", 1250.5, False),
    ):
        board.variables[name] = Variable(
            name=name, type=type_, value=value, writable=writable
        )
        board.facts["properties"][name] = {"name": NAMES[name]}
    return await house.connect("arduino")


@pytest.fixture
def adjust(house, until, entry):
    """Say what a variable is, as a person would, and wait for the account."""

    async def adjust(name, what):
        options = house.hass.config_entries.options
        entity_id = house.entity(BOARD, NAMES[name])
        flow = await options.async_init(entry.entry_id)
        for answer in (
            {"next_step_id": "variables"},
            {"entity": entity_id},
            {"shown_as": "listed", **what},
        ):
            flow = await options.async_configure(flow["flow_id"], answer)
        assert flow["type"] == "create_entry", flow
        await house.hass.async_block_till_done()
        await until(lambda: entry.state is ConfigEntryState.LOADED)
        await house.hass.async_block_till_done()

    return adjust


async def test_a_writable_time_becomes_a_date_and_time_of_the_boards_time_zone(
    hass, house, entry, adjust, until
):
    number = house.entity(BOARD, "Wake")
    assert number.startswith("number.")
    assert float(house.state(BOARD, "Wake")) == NOON

    await adjust("wake", {"as_moment": True})

    assert er.async_get(hass).async_get(number) is None
    assert hass.states.get(number) is None
    moment = house.entity(BOARD, "Wake")
    assert moment.startswith("datetime.")
    assert house.state(BOARD, "Wake") == "2026-11-20T11:00:00+00:00"

    await hass.services.async_call(
        "datetime",
        "set_value",
        {"entity_id": moment, "datetime": datetime(2026, 11, 20, 12, 30, tzinfo=UTC)},
        blocking=True,
    )

    # Half past one in Rome.
    assert house.board(BOARD).variables["wake"].value == NOON + 5400
    assert house.state(BOARD, "Wake") == "2026-11-20T12:30:00+00:00"

    await adjust("wake", {})

    assert hass.states.get(moment) is None
    assert house.entity(BOARD, "Wake").startswith("number.")
    assert float(house.state(BOARD, "Wake")) == NOON + 5400


async def test_an_observed_time_becomes_a_timestamp_and_follows_the_board(
    house, entry, adjust, until
):
    entity_id = house.entity(BOARD, "Seen")
    await adjust("seen", {"as_moment": True})
    assert house.entity(BOARD, "Seen") == entity_id
    assert house.state(BOARD, "Seen") == "2026-11-20T11:00:00+00:00"

    cloud = house.clouds["arduino"]
    # Once before the account was loaded again and once since.
    await until(lambda: _subscriptions(cloud) >= 2)
    house.world.set(house.board(BOARD), seen=NOON + 60)
    await until(lambda: house.state(BOARD, "Seen") == "2026-11-20T11:01:00+00:00")


async def test_a_corrected_unit_counts_for_what_is_pushed(house, entry, adjust, until):
    await adjust("meter", {"unit": "kWh", "state_class": "total_increasing"})
    cloud = house.clouds["arduino"]
    await until(lambda: _subscriptions(cloud) >= 2)
    house.world.set(house.board(BOARD), meter=1251.25)
    await until(lambda: house.state(BOARD, "Meter") == "1251.25")
    state = house.hass.states.get(house.entity(BOARD, "Meter"))
    assert state.attributes["unit_of_measurement"] == "kWh"


def _subscriptions(cloud) -> int:
    return sum(
        (entry.channel, entry.method) == ("mqtt", "SUBSCRIBE") for entry in cloud.log
    )
