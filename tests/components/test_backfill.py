"""The past becomes statistics: once, below what the recorder has, and in its unit."""

import asyncio
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from pytest_homeassistant_custom_component.components.recorder.common import (
    async_wait_recording_done,
    do_adhoc_statistics,
)

from custom_components.iot_clouds import backfill
from custom_components.iot_clouds.const import DOMAIN
from custom_components.iot_clouds.model import Kind, Point, Ref, Sample
from homeassistant.components.recorder import get_instance
from homeassistant.components.recorder.models import StatisticData, StatisticMeanType
from homeassistant.components.recorder.statistics import (
    async_import_statistics,
    get_metadata,
    statistics_during_period,
)
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.helpers import entity_registry as er

from .fake import board, reading

TEMP, METER = "sensor.shed_temp", "sensor.shed_meter"
HOUR = timedelta(hours=1)


@pytest.fixture
def first() -> datetime:
    """A full hour, ten hours ago."""
    return datetime.now(UTC).replace(minute=0, second=0, microsecond=0) - 10 * HOUR


@pytest.fixture(autouse=True)
def _board(cloud) -> None:
    """A board with a thermometer, a meter and a vane."""
    points = (
        Point(
            key="variable/temp",
            kind=Kind.MEASURE,
            name="Temp",
            unit="°C",
            device_class="temperature",
            state_class="measurement",
        ),
        Point(
            key="variable/meter",
            kind=Kind.MEASURE,
            name="Meter",
            unit="kWh",
            device_class="energy",
            state_class="total_increasing",
        ),
        Point(
            key="variable/vane",
            kind=Kind.MEASURE,
            name="Vane",
            unit="°",
            device_class="wind_direction",
            state_class="measurement_angle",
        ),
        Point(key="variable/note", kind=Kind.TEXT, name="Note"),
    )
    cloud.devices["board-1"] = board(points={point.key: point for point in points})
    cloud.readings = {
        Ref("board-1", "variable/temp"): reading(21.5),
        Ref("board-1", "variable/meter"): reading(100),
        Ref("board-1", "variable/vane"): reading(10),
    }


def _past(cloud, key: str, first: datetime, values: Iterable) -> None:
    """Samples so many hours after the first one."""
    cloud.history.samples["board-1", f"variable/{key}"] = [
        Sample(at=first + hours * HOUR, value=value) for hours, value in values
    ]


async def _import(hass, entity_id: str, start: datetime, end: datetime | None = None):
    data = {"entity_id": entity_id, "start": start, "import_statistics": True}
    answer = await hass.services.async_call(
        DOMAIN,
        "get_history",
        data | ({"end": end} if end else {}),
        blocking=True,
        return_response=True,
    )
    await async_wait_recording_done(hass)
    return answer["imported_hours"]


async def _rows(hass, entity_id: str, first: datetime, *columns: str, units=None):
    """What the recorder has: hours since the first one, and the columns."""
    await async_wait_recording_done(hass)
    found: Any = await get_instance(hass).async_add_executor_job(
        statistics_during_period,
        hass,
        first - 100 * HOUR,
        None,
        {entity_id},
        "hour",
        units,
        set(columns),
    )
    rows: list[dict[str, Any]] = found.get(entity_id, [])
    return [
        (
            (row["start"] - first.timestamp()) / 3600,
            *(row[one] and round(row[one], 6) for one in columns),
        )
        for row in rows
    ]


async def _own(hass, entity_id: str, rows: list[StatisticData], **more):
    """Put hours into the recorder as its own."""
    given: Any = {
        "mean_type": StatisticMeanType.NONE,
        "has_sum": True,
        "name": None,
        "source": "recorder",
        "statistic_id": entity_id,
        "unit_class": "energy",
        "unit_of_measurement": "kWh",
    }
    given.update(more)
    async_import_statistics(hass, given, rows)
    await async_wait_recording_done(hass)


THERMOMETER = {
    "mean_type": StatisticMeanType.ARITHMETIC,
    "has_sum": False,
    "unit_class": "temperature",
    "unit_of_measurement": "°C",
}


async def test_a_measurement_becomes_mean_least_and_most_of_each_hour(
    recorder_mock, hass, cloud, loaded, first
):
    _past(cloud, "temp", first, [(0, 20), (0.5, 22), (1.9, 18), (3.25, 19)])
    assert await _import(hass, TEMP, first) == 3
    assert await _rows(hass, TEMP, first, "mean", "min", "max") == [
        (0, 21, 20, 22),
        (1, 18, 18, 18),
        (3, 19, 19, 19),
    ]
    metadata = get_metadata(hass, statistic_ids={TEMP})[TEMP][1]
    assert metadata["unit_of_measurement"] == "°C"
    assert metadata["unit_class"] == "temperature"
    assert metadata["mean_type"] is StatisticMeanType.ARITHMETIC
    assert metadata["has_sum"] is False
    asked = [(one.period, one.aggregation) for one in cloud.history.queries]
    assert asked == [(None, None), (3600, "avg"), (3600, "min"), (3600, "max")]


async def test_only_whole_hours_are_imported(recorder_mock, hass, cloud, loaded, first):
    _past(cloud, "temp", first, [(hours / 4, hours) for hours in range(50)])
    start, end = first + HOUR / 4, first + 3.75 * HOUR
    assert await _import(hass, TEMP, start, end) == 2
    assert await _rows(hass, TEMP, first, "mean") == [(1, 5.5), (2, 9.5)]


async def test_the_hour_that_is_not_over_is_left_to_the_recorder(
    recorder_mock, hass, cloud, loaded, first
):
    _past(cloud, "temp", first, [(hours, 20) for hours in range(12)])
    await _import(hass, TEMP, first)
    last = (await _rows(hass, TEMP, first, "mean"))[-1][0]
    now = datetime.now(UTC)
    assert first + (last + 1) * HOUR <= now - timedelta(minutes=10)
    assert last in {8, 9}


@pytest.mark.parametrize("zone", ["Asia/Kolkata", "Europe/Rome", "America/St_Johns"])
async def test_hours_are_those_of_utc_wherever_home_assistant_lives(
    recorder_mock, hass, cloud, loaded, zone
):
    await hass.config.async_set_time_zone(zone)
    # On this day clocks went back in Rome at one o'clock UTC.
    first = datetime(2026, 10, 25, 0, tzinfo=UTC)
    _past(cloud, "temp", first, [(hours, hours) for hours in range(4)])
    assert await _import(hass, TEMP, first, first + 4 * HOUR) == 4
    assert await _rows(hass, TEMP, first, "mean") == [(0, 0), (1, 1), (2, 2), (3, 3)]


async def test_importing_twice_changes_nothing(
    recorder_mock, hass, cloud, loaded, first
):
    _past(cloud, "temp", first, [(hours, hours) for hours in range(4)])
    _past(cloud, "meter", first, [(hours, 90 + hours) for hours in range(4)])
    assert await _import(hass, TEMP, first, first + 4 * HOUR) == 4
    assert await _import(hass, METER, first, first + 4 * HOUR) == 4
    temp = await _rows(hass, TEMP, first, "mean", "min", "max")
    meter = await _rows(hass, METER, first, "state", "sum")
    _past(cloud, "temp", first, [(hours, 50 + hours) for hours in range(4)])
    cloud.history.queries.clear()
    assert await _import(hass, TEMP, first, first + 4 * HOUR) == 0
    assert await _import(hass, METER, first, first + 4 * HOUR) == 0
    assert await _rows(hass, TEMP, first, "mean", "min", "max") == temp
    assert await _rows(hass, METER, first, "state", "sum") == meter
    assert len(cloud.history.queries) == 2, "only the samples are asked for"


async def test_the_recorders_own_hours_and_all_after_them_stay_as_they_are(
    recorder_mock, hass, cloud, loaded, first
):
    own = [StatisticData(start=first + 4 * HOUR, mean=7, min=6, max=8)]
    await _own(hass, TEMP, own, **THERMOMETER)
    _past(cloud, "temp", first, [(hours, 20) for hours in range(10)])
    assert await _import(hass, TEMP, first) == 4
    assert await _rows(hass, TEMP, first, "mean", "min", "max") == [
        *((hours, 20, 20, 20) for hours in range(4)),
        (4, 7, 6, 8),
    ]


async def test_nothing_is_imported_where_own_hours_came_before(
    recorder_mock, hass, cloud, loaded, first
):
    own = [StatisticData(start=first - 5 * HOUR, mean=7, min=6, max=8)]
    await _own(hass, TEMP, own, **THERMOMETER)
    _past(cloud, "temp", first, [(hours, 20) for hours in range(10)])
    assert await _import(hass, TEMP, first) == 0
    assert await _rows(hass, TEMP, first, "mean") == [(-5, 7)]


async def test_a_gap_between_two_imports_can_be_filled_later(
    recorder_mock, hass, cloud, loaded, first
):
    _past(cloud, "temp", first, [(hours, hours) for hours in range(10)])
    assert await _import(hass, TEMP, first, first + 2 * HOUR) == 2
    assert await _import(hass, TEMP, first + 4 * HOUR, first + 6 * HOUR) == 2
    own = [StatisticData(start=first + 7 * HOUR, mean=70, min=6, max=80)]
    await _own(hass, TEMP, own, **THERMOMETER)
    assert await _import(hass, TEMP, first - 3 * HOUR) == 3
    assert await _rows(hass, TEMP, first, "mean") == [
        (0, 0),
        (1, 1),
        (2, 2),
        (3, 3),
        (4, 4),
        (5, 5),
        (6, 6),
        (7, 70),
    ]


async def test_what_was_imported_is_remembered_over_a_restart(
    recorder_mock, hass, cloud, loaded, first, hass_storage
):
    _past(cloud, "temp", first, [(hours, hours) for hours in range(10)])
    await _import(hass, TEMP, first, first + 2 * HOUR)
    entity = er.async_get(hass).async_get(TEMP)
    hour = int(first.timestamp()) + 7200
    assert hass_storage["iot_clouds.imports"]["data"] == {entity.id: hour}
    hass.data.pop("iot_clouds.imports")
    assert await _import(hass, TEMP, first + 4 * HOUR, first + 6 * HOUR) == 2


async def test_imports_of_entities_that_are_gone_are_forgotten(
    recorder_mock, hass, cloud, loaded, first, hass_storage
):
    _past(cloud, "temp", first, [(0, 20)])
    _past(cloud, "meter", first, [(0, 20)])
    await _import(hass, TEMP, first)
    er.async_get(hass).async_remove(TEMP)
    await _import(hass, METER, first)
    kept = er.async_get(hass).async_get(METER).id
    assert list(hass_storage["iot_clouds.imports"]["data"]) == [kept]


async def test_two_imports_at_once_do_what_one_after_the_other_does(
    recorder_mock, hass, cloud, loaded, first
):
    _past(cloud, "meter", first, [(hours, 90 + hours) for hours in range(4)])
    await asyncio.gather(*(_import(hass, METER, first) for _ in range(2)))
    sums = await _rows(hass, METER, first, "sum")
    assert sums == [(0, -10), (1, -9), (2, -8), (3, -7)]


async def test_an_hour_with_values_that_are_no_numbers_is_left_out(
    recorder_mock, hass, cloud, loaded, first, monkeypatch
):
    answers = {
        "avg": [(0, 20), (1, float("nan")), (2, True), (3, "x"), (4.5, 20), (5, 21)],
        "min": [(0, 19), (5, 21)],
        "max": [(0, 21)],
    }

    async def query(query):
        made = answers.get(query.aggregation, [])
        return tuple(Sample(at=first + at * HOUR, value=value) for at, value in made)

    monkeypatch.setattr(cloud.history, "query", query)
    assert await _import(hass, TEMP, first) == 1
    assert await _rows(hass, TEMP, first, "mean", "min", "max") == [(0, 20, 19, 21)]


async def test_statistics_of_a_new_entity_are_in_the_unit_that_the_user_chose(
    recorder_mock, hass, cloud, loaded, first
):
    options = {"unit_of_measurement": "°F"}
    er.async_get(hass).async_update_entity_options(TEMP, "sensor", options)
    await hass.async_block_till_done()
    assert hass.states.get(TEMP).attributes["unit_of_measurement"] == "°F"
    _past(cloud, "temp", first, [(0, 20)])
    assert await _import(hass, TEMP, first) == 1
    metadata = get_metadata(hass, statistic_ids={TEMP})[TEMP][1]
    assert metadata["unit_of_measurement"] == "°F"
    rows = await _rows(hass, TEMP, first, "mean", "min", "max")
    assert rows == [(0, 68, 68, 68)]


async def test_statistics_keep_the_unit_that_they_began_with(
    recorder_mock, hass, cloud, loaded, first
):
    own = [StatisticData(start=first + 4 * HOUR, state=100_000, sum=500)]
    await _own(hass, METER, own, unit_of_measurement="Wh")
    _past(cloud, "meter", first, [(0, 98), (1, 99.5)])
    assert await _import(hass, METER, first) == 2
    rows = await _rows(hass, METER, first, "state", "sum", units={"energy": "Wh"})
    assert rows == [(0, 98_000, -1500), (1, 99_500, 0), (4, 100_000, 500)]
    metadata = get_metadata(hass, statistic_ids={METER})[METER][1]
    assert metadata["unit_of_measurement"] == "Wh"


@pytest.mark.parametrize(
    ("entity_id", "before"),
    [
        (TEMP, {**THERMOMETER, "unit_class": None, "unit_of_measurement": "bananas"}),
        (TEMP, {**THERMOMETER, "mean_type": StatisticMeanType.CIRCULAR}),
        (METER, {"unit_class": "volume", "unit_of_measurement": "m³"}),
    ],
)
async def test_statistics_of_another_kind_are_not_mixed(
    recorder_mock, hass, cloud, loaded, first, entity_id, before
):
    await _own(hass, entity_id, [StatisticData(start=first)], **before)
    with pytest.raises(ServiceValidationError) as caught:
        await _import(hass, entity_id, first - 5 * HOUR)
    assert caught.value.translation_key == "other_statistics"
    assert cloud.history.queries == []


@pytest.mark.parametrize("gone", [False, True])
async def test_an_entity_without_a_state_class_has_no_statistics(
    recorder_mock, hass, cloud, loaded, first, gone
):
    entity_id = TEMP if gone else "sensor.shed_note"
    if gone:
        hass.states.async_remove(entity_id)
    with pytest.raises(ServiceValidationError) as caught:
        await _import(hass, entity_id, first)
    assert caught.value.translation_key == "no_statistics"
    assert cloud.history.queries == []


async def test_a_total_joins_the_recorders_first_own_sum(
    recorder_mock, hass, cloud, loaded, first
):
    _past(cloud, "meter", first, [(0, 80), (0.5, 82), (1, 85), (8, 98)])
    await async_wait_recording_done(hass)
    # The recorder compiles the hour that is running, from the states that it has.
    hour = first + 10 * HOUR
    do_adhoc_statistics(hass, start=hour + timedelta(minutes=55))
    await async_wait_recording_done(hass)
    assert await _rows(hass, METER, first, "state", "sum") == [(10, 100, 0)]
    assert await _import(hass, METER, first) == 3
    assert await _rows(hass, METER, first, "state", "sum") == [
        (0, 82, -18),
        (1, 85, -15),
        (8, 98, -2),
        (10, 100, 0),
    ]


async def test_a_total_joins_what_the_recorder_has_of_the_running_hour(
    recorder_mock, hass, cloud, loaded, first
):
    hass.states.async_set(METER, "100", hass.states.get(METER).attributes)
    await async_wait_recording_done(hass)
    start = first + 10 * HOUR
    do_adhoc_statistics(hass, start=start + timedelta(minutes=50))
    await async_wait_recording_done(hass)
    _past(cloud, "meter", first, [(0, 90), (2, 97)])
    assert await _import(hass, METER, first) == 2
    sums = await _rows(hass, METER, first, "state", "sum")
    assert sums == [(0, 90, -10), (2, 97, -3)]


async def test_a_total_without_statistics_counts_to_where_the_recorder_will_begin(
    recorder_mock, hass, cloud, loaded, first
):
    # The recorder counts from the first state of its first window.
    since = hass.states.get(METER).last_changed
    hass.states.async_set(METER, "103", hass.states.get(METER).attributes)
    _past(cloud, "meter", first, [(0, 90), (2, 97)])
    assert await _import(hass, METER, first) == 2
    sums = [(0, 90, -10), (2, 97, -3)]
    assert await _rows(hass, METER, first, "state", "sum") == sums
    window = since.replace(minute=since.minute // 5 * 5, second=0, microsecond=0)
    do_adhoc_statistics(hass, start=window)
    do_adhoc_statistics(hass, start=first + 10 * HOUR + timedelta(minutes=55))
    rows = await _rows(hass, METER, first, "state", "sum")
    assert rows == [*sums, (10, 103, 3)]


async def test_a_total_that_never_was_recorded_ends_at_zero(
    recorder_mock, hass, cloud, first, entry
):
    del cloud.readings[Ref("board-1", "variable/meter")]
    await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    _past(cloud, "meter", first, [(0, 90), (2, 97)])
    assert await _import(hass, METER, first) == 2
    rows = await _rows(hass, METER, first, "state", "sum")
    assert rows == [(0, 90, -7), (2, 97, 0)]


async def test_a_meter_that_starts_again_keeps_its_sum_growing(
    recorder_mock, hass, cloud, loaded, first
):
    own = [StatisticData(start=first + 4 * HOUR, state=7, sum=50)]
    await _own(hass, METER, own)
    _past(
        cloud,
        "meter",
        first,
        [(0, 90), (1.1, 95), (1.5, 1), (1.6, -4), (1.7, "x"), (2, 3), (3, 2.8)],
    )
    assert await _import(hass, METER, first) == 4
    rows = await _rows(hass, METER, first, "state", "sum")
    assert rows == [
        (0, 90, 38),
        (1, 1, 44),
        (2, 3, 46),
        (3, 2.8, 45.8),
        (4, 7, 50),
    ]
    # From 90 to 95, one after the reset, and then up to the recorder's own hour.
    assert [round(b[2] - a[2], 3) for a, b in pairwise(rows)] == [6, 2, -0.2, 4.2]


async def test_a_total_that_may_fall_falls(recorder_mock, hass, cloud, entry, first):
    points = dict(cloud.devices["board-1"].points)
    points["variable/meter"] = Point(
        key="variable/meter",
        kind=Kind.MEASURE,
        name="Meter",
        unit="kWh",
        device_class="energy",
        state_class="total",
    )
    cloud.devices["board-1"] = board(points=points)
    await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    own = [StatisticData(start=first + 4 * HOUR, state=10, sum=50)]
    await _own(hass, METER, own)
    _past(cloud, "meter", first, [(0, 40), (1, -5), (2, 5)])
    assert await _import(hass, METER, first) == 3
    assert await _rows(hass, METER, first, "state", "sum") == [
        (0, 40, 80),
        (1, -5, 35),
        (2, 5, 45),
        (4, 10, 50),
    ]


async def test_hours_between_imported_ones_are_joined_on_both_sides(
    recorder_mock, hass, cloud, loaded, first
):
    _past(cloud, "meter", first, [(hours, 90 + hours) for hours in range(8)])
    own = [StatisticData(start=first + 7 * HOUR, state=98, sum=50)]
    await _own(hass, METER, own)
    assert await _import(hass, METER, first + 2 * HOUR, first + 4 * HOUR) == 2
    assert await _import(hass, METER, first) == 5
    rows = await _rows(hass, METER, first, "state", "sum")
    assert rows == [
        *((hours, 90 + hours, 42 + hours) for hours in range(7)),
        (7, 98, 50),
    ]


async def test_an_angle_is_averaged_on_the_circle_by_time(
    recorder_mock, hass, cloud, loaded, first
):
    _past(cloud, "vane", first, [(0, 350), (0.5, 10), (1.25, 90), (1.5, "x")])
    assert await _import(hass, "sensor.shed_vane", first) == 2
    rows = await _rows(hass, "sensor.shed_vane", first, "mean")
    (_, north), (_, mostly_east) = rows
    assert [hours for hours, _ in rows] == [0, 1]
    assert min(north, 360 - north) == pytest.approx(0, abs=1e-4)
    # A quarter of the hour at 10 degrees, the rest at 90.
    assert mostly_east == pytest.approx(72.76, abs=0.01)
    metadata = get_metadata(hass, statistic_ids={"sensor.shed_vane"})
    assert metadata["sensor.shed_vane"][1]["mean_type"] is StatisticMeanType.CIRCULAR


async def test_many_samples_come_page_by_page(
    recorder_mock, hass, cloud, loaded, first, monkeypatch
):
    monkeypatch.setattr(backfill, "PAGE", 3)
    _past(cloud, "meter", first, [(hours / 4, 80 + hours) for hours in range(20)])
    assert await _import(hass, METER, first) == 5
    assert await _rows(hass, METER, first, "state") == [
        (0, 83),
        (1, 87),
        (2, 91),
        (3, 95),
        (4, 99),
    ]
    pages = cloud.history.queries[1:]
    assert len(pages) == 7
    assert {page.limit for page in pages} == {3}


async def test_the_limit_of_the_response_does_not_cut_the_import(
    recorder_mock, hass, cloud, loaded, first
):
    _past(cloud, "temp", first, [(hours, 20) for hours in range(5)])
    data = {"entity_id": TEMP, "start": first, "limit": 2, "import_statistics": True}
    answer = await hass.services.async_call(
        DOMAIN, "get_history", data, blocking=True, return_response=True
    )
    assert (answer["count"], answer["truncated"]) == (2, True)
    assert answer["imported_hours"] == 5


async def test_more_samples_than_can_be_read_are_refused_before_anything_is_written(
    recorder_mock, hass, cloud, loaded, first, monkeypatch
):
    monkeypatch.setattr(backfill, "PAGE", 3)
    monkeypatch.setattr(backfill, "MOST_PAGES", 6)
    _past(cloud, "meter", first, [(hours / 4, 80 + hours) for hours in range(20)])
    with pytest.raises(ServiceValidationError) as caught:
        await _import(hass, METER, first)
    assert caught.value.translation_key == "too_much_history"
    assert caught.value.translation_placeholders == {"field": "start"}
    assert await _rows(hass, METER, first, "state") == []


async def test_a_time_that_is_too_long_is_refused(recorder_mock, hass, cloud, loaded):
    with pytest.raises(ServiceValidationError) as caught:
        await _import(hass, TEMP, datetime(1970, 1, 1, tzinfo=UTC))
    assert caught.value.translation_key == "too_much_history"


async def test_a_time_in_the_future_imports_nothing(recorder_mock, hass, loaded):
    start = datetime(9999, 12, 31, 23, 30, tzinfo=UTC)
    assert await _import(hass, TEMP, start, start + HOUR / 3) == 0


async def test_a_recorder_that_does_not_answer_is_named(
    recorder_mock, hass, cloud, loaded, first, monkeypatch
):
    async def hang() -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr(backfill, "BUSY_AFTER", 0.01)
    monkeypatch.setattr(get_instance(hass), "async_block_till_done", hang)
    with pytest.raises(HomeAssistantError) as caught:
        await _import(hass, TEMP, first)
    assert caught.value.translation_key == "recorder_busy"
