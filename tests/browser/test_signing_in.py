"""An account whose credentials the cloud refuses is signed in again."""

from collections.abc import Callable

from playwright.sync_api import expect
import pytest

from .clouds import Cloud
from .conftest import TITLES
from .house import House
from .test_accounts import sign_in


def _revoked_key(cloud: Cloud) -> None:
    cloud.refuse()
    cloud.control("POST", "mqtt/expire")


def _expired_token(cloud: Cloud) -> None:
    cloud.control("POST", "tokens/expire")


REVOKE: dict[str, Callable[[Cloud], None]] = {
    "arduino": _revoked_key,
    "particle": _expired_token,
    "iottly": Cloud.refuse,
}


@pytest.mark.parametrize("name", TITLES)
def test_an_account_that_is_refused_asks_to_sign_in_again(
    house: House, name: str
) -> None:
    cloud, title = house.clouds[name], TITLES[name]
    entry = house.entries()[title]["entry_id"]
    REVOKE[name](cloud)
    house.call("iot_clouds", "refresh", config_entry_id=entry)
    house.open_accounts()
    expect(house.page.get_by_text("Attention required")).to_have_count(1)
    again = house.page.get_by_role("button", name="Reconfigure")
    cloud.behave()

    again.click()
    sign_in(house, name)

    expect(house.dialog).to_contain_text("Re-authentication was successful")
    house.close()
    expect(again).to_have_count(0)
    house.until(lambda: house.entries()[title]["state"] == "loaded")
    assert house.entries()[title]["entry_id"] == entry
