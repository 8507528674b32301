"""The past comes back as the cloud tells it."""

from datetime import UTC, datetime, timedelta

import pytest

from custom_components.iot_clouds.const import DOMAIN
from custom_components.iot_clouds.model import (
    CloudAuthError,
    CloudMissing,
    CloudRejected,
    CloudUnreachable,
    HistoryQuery,
    Sample,
)
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.helpers import device_registry as dr

from .fake import NOON

MORNING = "2026-11-20T08:00:00+00:00"
EVENING = "2026-11-20T20:00:00+00:00"


@pytest.fixture
def samples(cloud) -> None:
    """Three samples of the temperature around noon."""
    cloud.history.samples["board-1", "variable/temp"] = [
        Sample(at=NOON + timedelta(minutes=minutes), value=value)
        for minutes, value in ((-30, 20.5), (0, 21), (15, "broken"))
    ]


@pytest.fixture
def device_id(hass, loaded) -> str:
    """Home Assistant's id of the board."""
    return dr.async_get_device_id_by_identifier(
        hass, (DOMAIN, "board-1"), config_entry_id=loaded.entry_id
    )


async def _look_back(hass, entity_id: str | None = "sensor.shed_temp", **data):
    given = {"entity_id": entity_id, "start": MORNING, "end": EVENING, **data}
    return await hass.services.async_call(
        DOMAIN,
        "get_history",
        {key: value for key, value in given.items() if value is not None},
        blocking=True,
        return_response=True,
    )


async def test_samples_come_back_as_the_cloud_has_them(hass, cloud, loaded, samples):
    assert await _look_back(hass) == {
        "samples": [
            {"at": "2026-11-20T11:30:00+00:00", "value": 20.5},
            {"at": "2026-11-20T12:00:00+00:00", "value": 21},
            {"at": "2026-11-20T12:15:00+00:00", "value": "broken"},
        ],
        "count": 3,
        "truncated": False,
        "imported_hours": 0,
    }
    assert cloud.history.queries == [
        HistoryQuery(
            device_id="board-1",
            key="variable/temp",
            start=datetime(2026, 11, 20, 8, tzinfo=UTC),
            end=datetime(2026, 11, 20, 20, tzinfo=UTC),
            limit=1001,
        )
    ]


@pytest.mark.parametrize(
    ("limit", "count", "truncated"), [(2, 2, True), (3, 3, False), (4, 3, False)]
)
async def test_a_response_says_whether_there_is_more(
    hass, loaded, samples, limit, count, truncated
):
    answer = await _look_back(hass, limit=limit)
    assert len(answer["samples"]) == answer["count"] == count
    assert answer["truncated"] is truncated


@pytest.mark.parametrize(
    "period", ["01:30:00", 5400, {"hours": 1, "minutes": 30}, timedelta(minutes=90)]
)
async def test_a_period_is_a_duration_in_any_form(hass, cloud, loaded, period):
    await _look_back(hass, period=period, aggregation="max")
    assert cloud.history.queries[0].period == 5400
    assert cloud.history.queries[0].aggregation == "max"


async def test_times_without_a_zone_are_those_of_home_assistant(hass, cloud, loaded):
    await hass.config.async_set_time_zone("Europe/Rome")
    await _look_back(hass, start="2026-10-25 00:00:00", end="2026-10-26 00:00:00")
    query = cloud.history.queries[0]
    # This day has 25 hours in Rome.
    assert query.start == datetime(2026, 10, 24, 22, tzinfo=UTC)
    assert query.end == datetime(2026, 10, 25, 23, tzinfo=UTC)


async def test_without_an_end_everything_up_to_now_is_wanted(hass, cloud, loaded):
    before = datetime.now(UTC)
    await _look_back(hass, start="2020-01-01", end=None)
    assert before <= cloud.history.queries[0].end <= datetime.now(UTC)


async def test_a_device_has_a_history_as_a_whole(hass, cloud, device_id):
    cloud.history.samples["board-1", None] = [Sample(at=NOON, value={"led": True})]
    answer = await _look_back(hass, None, device_id=device_id)
    assert answer["samples"] == [
        {"at": "2026-11-20T12:00:00+00:00", "value": {"led": True}}
    ]


@pytest.mark.parametrize(
    ("data", "key", "placeholders"),
    [
        ({"end": MORNING}, "end_before_start", {"field": "end", "other": "start"}),
        ({"start": EVENING}, "end_before_start", {"field": "end", "other": "start"}),
        (
            {"start": "0001-01-01T00:00:00+05:00"},
            "bad_times",
            {"field": "start, end"},
        ),
        ({"period": 0.5}, "whole_seconds", {"field": "period"}),
        ({"period": 0}, "whole_seconds", {"field": "period"}),
        (
            {"aggregation": "avg"},
            "needs_period",
            {"field": "aggregation", "other": "period"},
        ),
        ({"entity_id": None}, "one_target", {}),
        ({"device_id": "abc"}, "one_target", {}),
        (
            {"entity_id": "binary_sensor.shed_connection"},
            "no_such_point",
            {"entity": "binary_sensor.shed_connection"},
        ),
        (
            {"entity_id": "sensor.nobodys"},
            "not_ours",
            {"entity": "sensor.nobodys"},
        ),
        ({"import_statistics": True}, "no_recorder", {}),
    ],
)
async def test_input_without_sense_is_refused_by_name(
    hass, cloud, loaded, data, key, placeholders
):
    with pytest.raises(ServiceValidationError) as caught:
        await _look_back(hass, **data)
    assert caught.value.translation_key == key
    assert caught.value.translation_placeholders == placeholders
    assert cloud.history.queries == []


async def test_a_device_as_a_whole_has_no_statistics(hass, cloud, device_id):
    with pytest.raises(ServiceValidationError) as caught:
        await _look_back(hass, None, device_id=device_id, import_statistics=True)
    assert caught.value.translation_key == "needs_entity"
    assert cloud.history.queries == []


async def test_an_entity_whose_device_is_gone_has_no_history(hass, cloud, loaded):
    cloud.devices, cloud.complete = {}, False
    loaded.runtime_data.coordinator.data = {}
    with pytest.raises(ServiceValidationError) as caught:
        await _look_back(hass)
    assert caught.value.translation_key == "no_such_point"


async def test_a_cloud_without_a_history_is_named(hass, cloud, loaded):
    cloud.history = None
    with pytest.raises(ServiceValidationError) as caught:
        await _look_back(hass)
    assert caught.value.translation_key == "no_history"
    assert caught.value.translation_placeholders == {"account": "Home"}


@pytest.mark.parametrize(
    ("error", "kind", "key", "placeholders"),
    [
        (
            CloudRejected("no such thing", key="invalid_value", field="aggregation"),
            ServiceValidationError,
            "invalid_query",
            {"field": "aggregation", "reason": "no such thing"},
        ),
        (
            CloudRejected("whole device", field="key"),
            ServiceValidationError,
            "other_target",
            {"field": "entity_id, device_id"},
        ),
        (CloudRejected("no"), HomeAssistantError, "rejected", {"reason": "no"}),
        (CloudMissing("x"), ServiceValidationError, "missing", {}),
        (CloudUnreachable("x"), HomeAssistantError, "unreachable", {}),
    ],
)
async def test_what_the_cloud_refuses_is_said(
    hass, cloud, loaded, error, kind, key, placeholders
):
    cloud.history.error = error
    with pytest.raises(HomeAssistantError) as caught:
        await _look_back(hass, period=60, aggregation="median")
    assert type(caught.value) is kind
    assert caught.value.translation_key == key
    assert caught.value.translation_placeholders == placeholders
    assert len(cloud.history.queries) == 1


async def test_refused_credentials_ask_for_new_ones(hass, cloud, loaded):
    cloud.history.error = CloudAuthError("x")
    with pytest.raises(HomeAssistantError):
        await _look_back(hass)
    await hass.async_block_till_done()
    (flow,) = hass.config_entries.flow.async_progress()
    assert flow["context"]["source"] == "reauth"
