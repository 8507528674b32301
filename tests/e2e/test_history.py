"""What a simulated cloud keeps of a variable comes into Home Assistant's statistics."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pytest_homeassistant_custom_component.components.recorder.common import (
    async_wait_recording_done,
)

from custom_components.iot_clouds.const import DOMAIN
from homeassistant.components.recorder import get_instance
from homeassistant.components.recorder.statistics import statistics_during_period
from homeassistant.exceptions import ServiceValidationError

HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def _unlimited(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test here is about the pace of requests, so none has to wait for it."""
    monkeypatch.setattr(
        "custom_components.iot_clouds.vendors.arduino.limiter.Limiter.turn", _no_wait
    )


async def _no_wait(self, *, urgent: bool = False) -> None:
    pass


async def _look_back(hass, **data: Any) -> Any:
    return await hass.services.async_call(
        DOMAIN, "get_history", data, blocking=True, return_response=True
    )


async def test_a_day_of_a_measurement_becomes_its_statistics(
    recorder_mock, hass, house
):
    await house.connect("arduino")
    entity_id = house.entity("Greenhouse", "Temperature")
    end = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) - HOUR
    window = {"entity_id": entity_id, "start": end - 5 * HOUR, "end": end}
    answer = await _look_back(hass, **window, import_statistics=True)
    assert answer["imported_hours"] == 5
    await async_wait_recording_done(hass)
    found: Any = await get_instance(hass).async_add_executor_job(
        statistics_during_period,
        hass,
        end - 24 * HOUR,
        None,
        {entity_id},
        "hour",
        None,
        {"mean", "min", "max"},
    )
    for hour in range(5):
        start = end - (5 - hour) * HOUR
        inside = [
            sample["value"]
            for sample in answer["samples"]
            if start <= datetime.fromisoformat(sample["at"]) < start + HOUR
        ]
        row = found[entity_id][hour]
        assert row["start"] == start.timestamp()
        assert row["min"] == pytest.approx(min(inside))
        assert row["max"] == pytest.approx(max(inside))
        assert row["mean"] == pytest.approx(sum(inside) / len(inside))
    again = await _look_back(hass, **window, import_statistics=True)
    assert again["imported_hours"] == 0


async def test_an_aggregation_that_the_cloud_does_not_know_is_named(hass, house):
    await house.connect("arduino")
    with pytest.raises(ServiceValidationError) as caught:
        await _look_back(
            hass,
            entity_id=house.entity("Greenhouse", "Temperature"),
            start="2026-01-01 00:00:00",
            period=3600,
            aggregation="median",
        )
    assert caught.value.translation_key == "invalid_query"
    assert caught.value.translation_placeholders["field"] == "aggregation"


async def test_a_whole_device_has_no_history_where_the_cloud_keeps_variables(
    hass, house
):
    await house.connect("arduino")
    with pytest.raises(ServiceValidationError) as caught:
        await _look_back(
            hass,
            device_id=house.device_id("Greenhouse"),
            start="2026-01-01 00:00:00",
        )
    assert caught.value.translation_key == "other_target"
