"""What a person can put right, on the page that Home Assistant has for it."""

from playwright.sync_api import expect

from .house import House
from .test_options import TITLE, configure, finish

NOTICE = f"{TITLE}: the month's data operations are used up"


def test_a_budget_that_is_used_up_is_raised_by_its_repair(house: House) -> None:
    limit = house.field("Data operations a month")
    house.open_accounts()
    try:
        configure(house, "Account")
        limit.fill("1")
        finish(house)

        house.open("/config/repairs")
        notice = house.page.get_by_text(NOTICE)
        notice.click()
        house.titled("Data operations")
        house.picture("repair")
        house.choose("Change the limit")
        house.field("Data operations per month").fill("40000")
        house.submit()
        house.close("Close")

        expect(notice).to_have_count(0)
        house.open_accounts()
        configure(house, "Account")
        expect(limit).to_have_value("40000")
        house.close()
    finally:
        house.remove(TITLE)
