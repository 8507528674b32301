"""A bug report tells how an account fares, and nothing that is anyone's business."""

from dataclasses import replace
from datetime import timedelta
import json
import logging
from types import SimpleNamespace
from unittest.mock import patch

import pytest
from pytest_homeassistant_custom_component.components.diagnostics import (
    get_diagnostics_for_config_entry,
    get_diagnostics_for_device,
)

from custom_components.iot_clouds.const import DOMAIN
from custom_components.iot_clouds.model import (
    Amount,
    Category,
    Choice,
    CloudRejected,
    CloudUnreachable,
    Device,
    Kind,
    Light,
    Place,
    Player,
    Point,
    Publish,
    Reading,
    Ref,
    Schedule,
    Toggle,
    Value,
)
from custom_components.iot_clouds.vendors import VENDORS
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import device_registry as dr
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util

from .fake import NOON, FakeReader, board, reading

WHEN = NOON + timedelta(seconds=90)

CANARIES = (
    "CANARY",
    "canary@example.org",
    "45.0703",
    "7.6869",
    "02:00:5e:10:00:01",
    "10.1.2.3",
    "9876543",
)
"""What was planted: words, an address of each sort, a place and a number."""


@pytest.fixture(autouse=True)
async def _diagnostics(hass):
    assert await async_setup_component(hass, "diagnostics", {})


@pytest.fixture(autouse=True)
def _now():
    clock = SimpleNamespace(utcnow=lambda: WHEN)
    with patch("custom_components.iot_clouds.diagnostics.dt_util", clock):
        yield


async def test_an_account_tells_its_polls_feeds_devices_and_points(
    hass, hass_client, cloud, loaded
):
    cloud.told = {"skipped": 3, "refused": ["topic"], "nested": {"ok": True}}
    cloud.readings.pop(Ref("board-1", "variable/note"))

    report = await get_diagnostics_for_config_entry(hass, hass_client, loaded)

    devices = report.pop("devices")
    # How long it took to get here is of no matter.
    report["feeds"][0]["seconds"] = report["counters"]["seconds"] = 0
    assert report == {
        "vendor": "fake",
        "state": "loaded",
        "reason": None,
        "own_addresses": [],
        "options": {},
        "left_out": 0,
        "adjusted_points": 0,
        "mappings": 0,
        "polls": {
            "interval": 300.0,
            "last_ok": True,
            "last_error": None,
            "complete": True,
            "reachable": True,
        },
        "reads": None,
        "feeds": [{"live": True, "seconds": 0, "reconnects": 0, "last_failure": None}],
        "counters": {
            "seconds": 0,
            "requests": {},
            "commands": {},
            "deliveries": 0,
            "dropped": {},
            "latency": {"pushes": 0, "ahead": 0},
            "events": 0,
        },
        "cloud": {"skipped": 3, "refused": ["topic"], "nested": {"ok": True}},
    }
    [device] = devices
    assert (device["online"], device["sleeps"], device["functions"]) == (True, False, 2)
    assert [point["kind"] for point in device["points"]] == [
        "measure",
        "text",
        "flag",
        "toggle",
        "place",
        "measure",
    ]
    assert device["points"][0] == {
        "kind": "measure",
        "device_class": "temperature",
        "state_class": "measurement",
        "unit": "°C",
        "category": None,
        "writable": False,
        "billed": False,
        "enabled": True,
        "period": None,
        "adjusted": False,
        "known": True,
        "assumed": False,
        "age": 90,
    }


async def test_a_point_without_a_value_says_so(hass, hass_client, cloud, entry):
    cloud.readings = {
        Ref("board-1", "variable/temp"): reading(None, 30),
        Ref("board-1", "variable/pump"): reading(True, 60, assumed=True),
    }
    await hass.config_entries.async_setup(entry.entry_id)

    report = await get_diagnostics_for_config_entry(hass, hass_client, entry)

    points = report["devices"][0]["points"]
    assert [(p["known"], p["assumed"], p["age"]) for p in points] == [
        (False, False, 60),
        (False, False, None),
        (False, False, None),
        (True, True, 30),
        (False, False, None),
        (False, False, None),
    ]


@pytest.mark.expects_errors("Error fetching Home data")
async def test_trouble_is_told_by_its_kind(hass, hass_client, cloud, loaded, until):
    cloud.error = CloudUnreachable("CANARY")
    cloud.feed.refuse = CloudUnreachable("CANARY")
    await cloud.feed.queue.put(CloudUnreachable("CANARY"))
    await until(lambda: not loaded.runtime_data.feeds.live["values"])
    await loaded.runtime_data.coordinator.async_refresh()

    report = await get_diagnostics_for_config_entry(hass, hass_client, loaded)

    assert report["polls"]["last_ok"] is False
    assert report["polls"]["last_error"] == "CloudUnreachable"
    assert report["polls"]["reachable"] is False
    assert report["polls"]["interval"] == 30.0
    assert report["feeds"][0]["live"] is False
    assert report["feeds"][0]["last_failure"] == "CloudUnreachable"
    assert "CANARY" not in json.dumps(report)


async def test_an_account_that_cannot_connect_still_tells_why(
    hass, hass_client, cloud, entry
):
    cloud.error = CloudUnreachable("CANARY")
    await hass.config_entries.async_setup(entry.entry_id)
    device = dr.async_get(hass).async_get_or_create(
        config_entry_id=entry.entry_id, identifiers={(DOMAIN, "board-1")}
    )

    report = await get_diagnostics_for_config_entry(hass, hass_client, entry)
    of_device = await get_diagnostics_for_device(hass, hass_client, entry, device)

    assert report == of_device
    assert report == {
        "vendor": "fake",
        "state": "setup_retry",
        "reason": "unreachable",
        "own_addresses": [],
        "options": {},
        "left_out": 0,
        "adjusted_points": 0,
        "mappings": 0,
    }


async def test_a_device_tells_of_itself_alone(hass, hass_client, cloud, entry):
    cloud.devices["board-2"] = board(id="board-2", mac=None, points={}, online=None)
    await hass.config_entries.async_setup(entry.entry_id)
    registry = dr.async_get(hass)

    async def told(identifier):
        device = registry.async_get_device_by_identifier(
            (DOMAIN, identifier), entry.entry_id
        )
        return await get_diagnostics_for_device(hass, hass_client, entry, device)

    report = await told("board-2")
    assert "devices" not in report
    assert report["device"] == {
        "online": None,
        "sleeps": False,
        "functions": 2,
        "points": [],
    }
    assert report["polls"]["last_ok"] is True
    # The device that stands for the account is none of the cloud's.
    assert (await told(entry.entry_id))["device"] is None


async def test_options_and_adjustments_are_told_as_far_as_they_are_choices(
    hass, hass_client, cloud, entry, monkeypatch
):
    choices = (
        Choice(key="pace", values=("1", "10")),
        Choice(key="mood", values=("calm", "hasty")),
        Amount(key="budget", default=50, minimum=1, maximum=100),
        Toggle(key="chatty"),
    )
    monkeypatch.setitem(VENDORS, "fake", replace(VENDORS["fake"], choices=choices))
    hass.config_entries.async_update_entry(
        entry,
        data={**entry.data, "base_url": "https://10.1.2.3/CANARY"},
        options={
            "when_offline": "keep",
            "left_out": ["CANARY"],
            "pace": "10",
            "mood": "CANARY",
            "budget": 80,
            "chatty": True,
            "webhook": {"id": "CANARY", "secret": "CANARY", "since": "CANARY"},
            "points": {
                "board-1_variable/temp": {"unit": "CANARY", "device_class": None},
                "CANARY": {"unit": "CANARY"},
            },
        },
    )
    cloud.reader = FakeReader()
    await hass.config_entries.async_setup(entry.entry_id)

    report = await get_diagnostics_for_config_entry(hass, hass_client, entry)

    assert report["options"] == {
        "when_offline": "keep",
        "pace": "10",
        "budget": 80,
        "chatty": True,
    }
    assert report["left_out"] == 1
    assert report["adjusted_points"] == 2
    assert report["own_addresses"] == ["base_url"]
    assert report["reads"]["last_ok"] is True
    point = report["devices"][0]["points"][0]
    assert point["adjusted"] is True
    assert point["device_class"] is None
    assert point["unit"] == "other"
    assert not _found(report)


def _found(report):
    text = json.dumps(report, ensure_ascii=False)
    return [canary for canary in CANARIES if canary.lower() in text.lower()]


def _planted() -> tuple[Device, dict[Ref, Reading]]:
    """A device whose every field and value holds something private."""
    values: dict[Kind, Value] = {
        Kind.MEASURE: 9876543,
        Kind.LEVEL: 9876543.0,
        Kind.TEXT: "CANARY text",
        Kind.ENTRY: "canary@example.org",
        Kind.FLAG: True,
        Kind.TOGGLE: True,
        Kind.PLACE: Place(latitude=45.0703, longitude=7.6869, accuracy=9876543),
        Kind.LIGHT: Light(on=True, brightness=45.0703, hue=7.6869),
        Kind.PLAYER: Player(on=True, source="CANARY", channel=9876543),
        Kind.MOMENT: dt_util.utc_from_timestamp(1698765432),
        Kind.SCHEDULE: Schedule(start=NOON.replace(tzinfo=None), timezone="CANARY/X"),
    }
    points = [
        Point(
            key=f"variable/CANARY-{kind.value}",
            kind=kind,
            name="CANARY",
            writable=True,
            unit="CANARY",
            minimum=45.0703,
            maximum=9876543,
            step=7.6869,
            options=("CANARY",),
            timezone="CANARY/X",
            category=Category.DIAGNOSTIC,
        )
        for kind in values
    ]
    device = Device(
        id="CANARY-id",
        name="CANARY board of canary@example.org",
        online=True,
        model="CANARY",
        model_id="CANARY",
        serial="CANARY",
        mac="02:00:5e:10:00:01",
        sw_version="CANARY",
        hw_version="CANARY",
        url="https://10.1.2.3/CANARY",
        points={point.key: point for point in points},
        functions=("CANARY",),
    )
    readings = {
        device.ref(f"variable/CANARY-{kind.value}"): reading(
            value, attributes={"CANARY": "CANARY", "latitude": 45.0703}
        )
        for kind, value in values.items()
    }
    return device, readings


@pytest.mark.parametrize("platforms", [(), None], ids=["values only", "entities"])
async def test_nothing_private_is_in_a_report_wherever_it_was_planted(
    hass, hass_client, cloud, entry, platforms, monkeypatch
):
    # Not every planted value makes an entity that Home Assistant takes.
    if platforms is not None:
        monkeypatch.setattr("custom_components.iot_clouds.PLATFORMS", platforms)
        device, readings = _planted()
        cloud.devices, cloud.readings = {device.id: device}, readings
    else:
        cloud.devices = {"board-1": board(name="CANARY", serial="CANARY")}
    secrets = {
        "username": "canary@example.org",
        "password": "CANARY-password",
        "token": "CANARY-token",
        "base_url": "https://canary:CANARY@10.1.2.3/",
        "CANARY": "CANARY",
    }
    hass.config_entries.async_update_entry(
        entry,
        title="CANARY",
        data={**entry.data, **secrets},
        options={"CANARY": "CANARY", "when_offline": "CANARY"},
    )
    cloud.told = {
        "last answer": "401 for CANARY-token",
        "asked": ["https://canary:CANARY@10.1.2.3/", {"canary@example.org": 1}],
        "serial CANARY-password": 2,
        "seen": "02:00:5e:10:00:01 is new" if platforms is not None else "",
        "count": 4,
    }
    await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    registered = dr.async_get(hass).async_get_device_by_identifier(
        (DOMAIN, next(iter(cloud.devices))), entry.entry_id
    )

    whole = await get_diagnostics_for_config_entry(hass, hass_client, entry)
    part = await get_diagnostics_for_device(hass, hass_client, entry, registered)

    assert len(whole["devices"]) == 1
    assert whole["cloud"]["count"] == 4
    assert whole["cloud"]["last answer"] == "**REDACTED**"
    assert _found(whole) == []
    assert _found(part) == []


async def test_the_canaries_would_be_found(hass):
    assert _found({"a": ["x CANARY y"]}) == ["CANARY"]
    assert _found({"a": {"latitude": 45.0703}}) == ["45.0703"]


@pytest.mark.expects_errors("Error fetching Home data")
async def test_words_of_the_cloud_are_for_people_and_not_for_the_log(
    hass, hass_client, cloud, loaded, caplog
):
    caplog.set_level(logging.DEBUG)
    cloud.error = CloudRejected("CANARY words")
    await loaded.runtime_data.coordinator.async_refresh()

    report = await get_diagnostics_for_config_entry(hass, hass_client, loaded)

    assert report["polls"]["last_error"] == "CloudRejected"
    assert "Error fetching Home data" in caplog.text
    assert "CANARY" not in caplog.text
    with pytest.raises(HomeAssistantError) as refused:
        await loaded.runtime_data.coordinator.async_execute(Publish(name="n", data=""))
    assert refused.value.translation_placeholders["reason"] == "CANARY words"


@pytest.mark.parametrize("field", ["name", "serial", "mac", "url"])
async def test_what_tells_one_device_from_others_is_not_told_by_the_cloud_either(
    hass, hass_client, cloud, entry, field
):
    secret = "https://boards.example/8e62" if field == "url" else "8e:62:00:5e:10:07"
    cloud.devices = {"board-1": board(**{field: secret})}
    cloud.told = {"last": f"asked for {secret}", "other": "asked for more"}
    await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    report = await get_diagnostics_for_config_entry(hass, hass_client, entry)
    assert report["cloud"] == {"last": "**REDACTED**", "other": "asked for more"}
