"""The blueprint that tells when most of a month's operations are used."""

import pytest
from pytest_homeassistant_custom_component.common import (
    async_get_persistent_notifications,
)

from .conftest import tell

USED = "sensor.account_operations_used_this_month"
ACTIONS = tell(text="{{ account }}: {{ used }} of {{ budget }}, {{ percent }}")


@pytest.fixture
def show(hass, freezer):
    """Show states one after another, from a day in November on."""
    freezer.move_to("2026-11-10 12:00:00+00:00")

    async def show(*states):
        for state in states:
            hass.states.async_set(USED, state, {"friendly_name": "Account used"})
            await hass.async_block_till_done()

    return show


async def test_passing_the_limit_is_told_once(show, automate, told):
    await show("39990")
    await automate("budget_used", operations=USED, limit_actions=ACTIONS)
    await show("39999.5")
    assert told == []
    await show("40000", "40001", "45000", "50000")
    assert [call.data["text"] for call in told] == [
        "Account used: 40000.0 of 50000, 80"
    ]


async def test_after_an_outage_the_same_month_is_not_told_again(show, automate, told):
    await show("39990")
    await automate("budget_used", operations=USED, limit_actions=ACTIONS)
    await show("40000", "unavailable", "unknown", "40002", "40003")
    assert len(told) == 1


async def test_a_limit_that_was_passed_unseen_is_told(show, automate, told):
    await show("39990")
    await automate("budget_used", operations=USED, limit_actions=ACTIONS)
    await show("unavailable", "40002", "40003")
    assert len(told) == 1


async def test_the_next_month_is_told_anew(show, automate, told, freezer):
    await show("39990")
    await automate("budget_used", operations=USED, limit_actions=ACTIONS)
    await show("40000", "49000")
    freezer.move_to("2026-12-01 00:00:05+00:00")
    await show("0", "12")
    assert len(told) == 1
    freezer.move_to("2026-12-20 00:00:00+00:00")
    await show("unavailable", "40001", "40002")
    assert len(told) == 2


async def test_the_limit_is_the_user_s_part_of_the_user_s_budget(show, automate, told):
    await show("0")
    await automate(
        "budget_used", operations=USED, budget=200, percent=50, limit_actions=ACTIONS
    )
    await show("99", "unavailable", "not a number", "99")
    assert told == []
    await show("100")
    assert [call.data["text"] for call in told] == ["Account used: 100.0 of 200, 50"]


async def test_operations_that_the_integration_counts_are_noticed(
    house, until, automate, told
):
    await house.connect("particle")
    await until(lambda: house.state("Workshop", "note") != "unknown")
    account = house.entries["particle"].title
    used = house.entity(account, "Operations used this month")
    limit = int(float(house.hass.states.get(used).state)) + 5
    await automate(
        "budget_used",
        operations=used,
        budget=limit,
        percent=100,
        limit_actions=tell(text="{{ account }}"),
    )

    async def call():
        before = house.hass.states.get(used).state
        await house.hass.services.async_call(
            "iot_clouds",
            "call_function",
            {"device_id": house.device_id("Workshop"), "function": "beep"},
            blocking=True,
            return_response=True,
        )
        await house.entries["particle"].runtime_data.coordinator.async_refresh()
        await until(lambda: house.hass.states.get(used).state != before)
        await house.hass.async_block_till_done()

    for _ in range(6):
        await call()
        assert bool(told) == (float(house.hass.states.get(used).state) >= limit)
    assert [call.data["text"] for call in told] == [account]


async def test_without_actions_there_is_a_notification(hass, show, automate):
    await show("39990")
    await automate("budget_used", operations=USED)
    await show("40321")
    (note,) = async_get_persistent_notifications(hass).values()
    assert note["title"] == "Account used: 80 % of the budget are used"
    assert note["message"] == ("40321 of 50000 data operations of this month are used.")
