"""Reports about real clients of all clouds contain nothing private."""

import json

import pytest
from pytest_homeassistant_custom_component.components.diagnostics import (
    get_diagnostics_for_config_entry,
    get_diagnostics_for_device,
)

from custom_components.iot_clouds.model import Call
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import device_registry as dr
from homeassistant.setup import async_setup_component

LONG = 6

VARYING = {
    "age",
    "seconds",
    "requests",
    "operations_used",
    "latency",
    "dropped",
}
"""What depends on the moment."""


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


@pytest.mark.parametrize("name", ["arduino", "particle", "iottly"])
async def test_what_a_report_of_each_cloud_tells(
    hass, hass_client, house, until, snapshot, name
):
    assert await async_setup_component(hass, "diagnostics", {})
    entry = await house.connect(name)
    await until(lambda: all(entry.runtime_data.feeds.live.values()))
    coordinator = entry.runtime_data.coordinator
    billed = [
        device.ref(point.key)
        for device in coordinator.data.values()
        for point in device.points.values()
        if point.billed and device.online
    ]
    await until(lambda: all(ref in coordinator.readings for ref in billed))
    board = house.world.of(name)[0]
    device = dr.async_get(hass).async_get(house.device_id(board.name))

    report = await get_diagnostics_for_config_entry(hass, hass_client, entry)
    part = await get_diagnostics_for_device(hass, hass_client, entry, device)

    del report["devices"]
    assert _steady(report) == snapshot(name="account")
    assert _steady(part["device"]) == snapshot(name="device")


def _steady(node):
    """The same without what differs from run to run."""
    match node:
        case dict():
            return {
                key: "some" if key in VARYING and each is not None else _steady(each)
                for key, each in node.items()
            }
        case list():
            return [_steady(each) for each in node]
    return node


async def test_an_account_counts_what_it_did_and_what_it_could_not_use(house, until):
    entry = await house.connect("particle")
    runtime, cloud = entry.runtime_data, house.clouds["particle"]
    await until(lambda: runtime.feeds.live["events"])
    counters = runtime.coordinator.counters
    workshop = house.board("Workshop")

    def told(part):
        return counters.told()[part]

    house.world.set(workshop, temperature=23.25)
    await until(lambda: told("latency")["pushes"] == 1)
    assert 0 <= told("latency")["p50"] == told("latency")["p95"] < 60

    cloud.faults.add("duplicate", path="^SSE", count=1)
    house.world.set(workshop, temperature=23.5)
    await until(lambda: told("dropped").get("repeated"))
    cloud.faults.add("garbage", path="^SSE", count=1)
    house.world.set(workshop, temperature=23.75)
    await until(lambda: told("dropped").get("unreadable"))
    assert told("dropped") == {"repeated": 1, "unreadable": 1}

    device_id = next(
        key for key, device in runtime.coordinator.data.items() if device.functions
    )
    with pytest.raises(HomeAssistantError):
        await runtime.coordinator.async_execute(
            Call(device_id=device_id, function="nothing", argument="")
        )
    assert told("commands") == {"CloudMissing": 1}
    assert told("requests")["command"] == {"missing": 1}
    assert told("requests")["stream"] == {"ok": 1}
    assert told("requests")["listing"]["ok"] >= 1
    assert told("requests")["read"]["ok"] >= 1

    cloud.faults.add("drop", path="^SSE", count=1)
    house.world.set(workshop, temperature=24.0)
    await until(lambda: runtime.feeds.failures)
    assert runtime.feeds.failures == {"events": "CloudUnreachable"}
