"""Reports about real clients of all clouds contain nothing private."""

import json

import pytest
from pytest_homeassistant_custom_component.components.diagnostics import (
    get_diagnostics_for_config_entry,
)

from homeassistant.setup import async_setup_component

LONG = 6


@pytest.mark.parametrize("name", ["arduino", "particle", "iottly"])
async def test_a_report_tells_no_credentials_names_places_or_texts(
    hass, hass_client, house, name
):
    assert await async_setup_component(hass, "diagnostics", {})
    entry = await house.connect(name)

    report = await get_diagnostics_for_config_entry(hass, hass_client, entry)

    told = json.dumps(report, ensure_ascii=False)
    boards = house.world.of(name)
    assert len(report["devices"]) >= len(boards)
    assert all(point["kind"] for each in report["devices"] for point in each["points"])
    assert report["polls"]["last_ok"] is True
    assert report["own_addresses"]
    private = [entry.unique_id, house.clouds[name].info()["url"]]
    private += [
        value
        for key, value in entry.data.items()
        if key != "vendor" and isinstance(value, str)
    ]
    for board in boards:
        private += [board.name, *_texts(board.facts)]
        private += [
            str(each)
            for variable in board.variables.values()
            for each in _texts(variable.value)
        ]
    # Short ones may be words of the report itself.
    searched = [text for text in private if len(text) >= LONG]
    assert len(searched) > 10
    assert [text for text in searched if text in told] == []


def _texts(node: object) -> list[str]:
    """Every text and every number with a fraction, as places are."""
    match node:
        case str():
            return [node]
        case float():
            return [str(node)]
        case dict():
            return [text for each in node.values() for text in _texts(each)]
        case list() | tuple():
            return [text for each in node for text in _texts(each)]
    return []
