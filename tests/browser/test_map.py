"""Boards that tell where they are, on the map."""

import re

from playwright.sync_api import expect

from .house import House

HOME = {"lat": 45.07, "lon": 7.69}
"""Where the demo's Home Assistant lives."""


def test_a_tracker_is_on_the_map_and_comes_home(house: House) -> None:
    cloud = house.clouds["particle"]
    away = cloud.value("Van", "place")
    house.open("/demo-map/van")
    marker = house.page.get_by_role("button", name="Van", exact=True)
    expect(marker).to_be_in_viewport()
    # A wide map says beside it what it knows of the tracker, a narrow one in a dialog.
    marker.click()
    _expect(house, "Away")
    try:
        cloud.measure("Van", place={**away, **HOME})

        _expect(house, "Home")
    finally:
        cloud.measure("Van", place=away)


def test_a_variable_with_a_place_is_on_the_map(house: House) -> None:
    house.open("/demo-map/mower")
    marker = house.page.get_by_role("button", name=re.compile("Mower"))
    expect(marker.first).to_be_in_viewport()


def _expect(house: House, zone: str) -> None:
    """Wait until the tracker is said to be there."""
    said = house.page.locator("hui-map-card, ha-more-info-dialog")
    expect(said.filter(has_text=zone)).not_to_have_count(0)
