"""What makes an entity the same one for ever holds nothing that could change or repeat."""

import ipaddress

import pytest

from homeassistant.helpers import entity_registry as er


@pytest.mark.parametrize("cloud", ["arduino", "particle", "iottly"])
async def test_unique_ids_repeat_neither_domain_nor_platform_nor_an_address(
    hass, house, cloud
):
    await house.connect(cloud)
    entries = [
        each
        for each in er.async_get(hass).entities.values()
        if each.platform == "iot_clouds"
    ]
    assert len(entries) > 20
    for entry in entries:
        assert "iot_clouds" not in entry.unique_id
        # Further on, a board may have named something like a platform.
        owner, *_ = entry.unique_id.split("_")
        assert owner != entry.domain
        assert not _is_address(owner)


def _is_address(text):
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


@pytest.mark.parametrize("cloud", ["arduino", "particle", "iottly"])
async def test_every_entity_is_named_beside_its_device(hass, house, cloud):
    await house.connect(cloud)
    entries = [
        each
        for each in er.async_get(hass).entities.values()
        if each.platform == "iot_clouds"
    ]
    assert len(entries) > 20
    assert all(each.has_entity_name and each.device_id for each in entries)
