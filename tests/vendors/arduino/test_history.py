"""Series: what is asked for, page after page, and what the answers mean."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from custom_components.iot_clouds.model import (
    CloudMissing,
    CloudRejected,
    CloudUnreachable,
    HistoryQuery,
    Json,
    Sample,
)
from custom_components.iot_clouds.vendors.arduino.faults import Faults
from custom_components.iot_clouds.vendors.arduino.history import ArduinoHistory
from custom_components.iot_clouds.vendors.arduino.models import parse_things
from custom_components.iot_clouds.vendors.arduino.views import View

from .fake import THING, prop, thing

START = datetime(2026, 1, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)
KEY = "property/33333333-3333-4333-8333-000000000001"


def text(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")


class Series:
    """Answers from a list of samples as the reference says, at most 1000 a query."""

    def __init__(
        self, samples: list[tuple[datetime, Any]], kind: str = "FLOAT"
    ) -> None:
        self.samples = samples
        self.asked: list[tuple[str, list[Any]]] = []
        self.answer: Json = None
        self.kind = kind

    async def series(self, endpoint: str, requests: list[Json]) -> Json:
        self.asked.append((endpoint, requests))
        if self.answer is not None:
            return self.answer
        return {"responses": [self._one(request) for request in requests]}

    def _one(self, request: Any) -> Json:
        found = [
            (at, value)
            for at, value in self.samples
            if request["from"] <= text(at) < request["to"]
        ][: request["series_limit"]]
        times: list[Json] = [text(at) for at, _ in found]
        values: list[Json] = [value for _, value in found]
        return {"status": "ok", "message": "", "times": times, "values": values}

    async def find(self, device_id: str, key: str | None) -> View:
        if (device_id, key) != (THING, KEY):
            raise CloudMissing("No such property")
        (parsed,) = parse_things([thing(prop(1, "x", self.kind))], Faults()).items
        return View.of(parsed, parsed.properties[0])

    async def query(self, **more: Any) -> tuple[Sample, ...]:
        query: dict[str, Any] = {"device_id": THING, "key": KEY, "start": START}
        query = {**query, "end": START + HOUR, **more}
        return await ArduinoHistory(self, self.find).query(HistoryQuery(**query))


async def test_raw_samples_are_asked_for_oldest_first() -> None:
    series = Series([(START, 1.5), (START + HOUR / 2, "x"), (START + HOUR, 3)])
    assert await series.query() == (
        Sample(at=START, value=1.5),
        Sample(at=START + HOUR / 2, value="x"),
    )
    assert series.asked == [
        (
            "batch_query_raw",
            [
                {
                    "q": "property.33333333-3333-4333-8333-000000000001",
                    "from": "2026-01-01T00:00:00Z",
                    "to": "2026-01-01T01:00:00Z",
                    "series_limit": 1000,
                    "sort": "ASC",
                }
            ],
        )
    ]


async def test_raw_samples_are_paged_without_loss_or_doubles() -> None:
    # Three of one moment lie on both sides of the first page's end.
    moments = [START + timedelta(seconds=min(n, 998)) for n in range(1001)]
    moments += [START + timedelta(seconds=n) for n in range(999, 2500)]
    series = Series([(at, n) for n, at in enumerate(moments)])
    found = await series.query(limit=5000)
    assert [sample.value for sample in found] == list(range(2502))
    assert len(series.asked) == 3


async def test_a_limit_ends_the_paging() -> None:
    samples = [(START + timedelta(seconds=n), n) for n in range(3000)]
    series = Series(samples)
    found = await series.query(limit=1500)
    assert [sample.value for sample in found] == list(range(1500))
    assert len(series.asked) == 2
    assert await series.query(limit=0) == ()
    assert len(series.asked) == 2


async def test_a_cloud_that_does_not_page_does_not_hang_us() -> None:
    series = Series([])
    times: list[Json] = [text(START + timedelta(milliseconds=n)) for n in range(1000)]
    values: list[Json] = list(range(1000))
    series.answer = {"responses": [{"times": times, "values": values}]}
    found = await series.query(end=START + timedelta(seconds=1), limit=5000)
    assert [sample.value for sample in found] == list(range(1000))


async def test_periods_are_asked_for_in_windows_of_a_page() -> None:
    series = Series([(START, 1.0), (START + 2 * HOUR, 2.0)])
    end = START + timedelta(seconds=60 * 2500)
    found = await series.query(end=end, period=60, aggregation="max")
    assert [sample.value for sample in found] == [1.0, 2.0]
    ((endpoint, requests),) = series.asked
    assert endpoint == "batch_query"
    assert [(one["from"], one["to"]) for one in requests] == [
        ("2026-01-01T00:00:00Z", "2026-01-01T16:40:00Z"),
        ("2026-01-01T16:40:00Z", "2026-01-02T09:20:00Z"),
        ("2026-01-02T09:20:00Z", "2026-01-02T17:40:00Z"),
    ]
    assert {(one["interval"], one["aggregation"]) for one in requests} == {(60, "MAX")}
    assert all("sort" not in one for one in requests)


async def test_many_windows_take_several_requests_of_ten() -> None:
    series = Series([])
    await series.query(end=START + timedelta(seconds=25_000), period=1)
    assert [len(requests) for _, requests in series.asked] == [10, 10, 5]
    assert all("aggregation" not in one for _, asked in series.asked for one in asked)


async def test_the_calendar_may_end_with_the_last_window() -> None:
    series = Series([])
    start, end = (
        datetime(9999, 12, 31, tzinfo=UTC),
        datetime(9999, 12, 31, 23, tzinfo=UTC),
    )
    assert await series.query(start=start, end=end, period=86400) == ()
    ((_, (request,)),) = series.asked
    assert (request["from"], request["to"]) == (text(start), text(end))


async def test_texts_are_sampled_in_periods_of_a_minute_or_more() -> None:
    series = Series([(START, "auto")], kind="CHARSTRING")
    assert [sample.value for sample in await series.query(period=60)] == ["auto"]
    assert series.asked[0][0] == "batch_query_sampling"
    with pytest.raises(CloudRejected) as caught:
        await series.query(period=59)
    assert caught.value.field == "period"


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"start": START + HOUR}, "start"),
        ({"start": datetime(1970, 1, 1, tzinfo=UTC), "period": 1}, "start"),
        ({"period": 0}, "period"),
        ({"period": 86401}, "period"),
        ({"period": 60, "aggregation": "median"}, "aggregation"),
        ({"aggregation": "avg"}, "period"),
    ],
)
async def test_a_query_that_makes_no_sense_is_not_sent(
    more: dict[str, Any], field: str
) -> None:
    series = Series([])
    with pytest.raises(CloudRejected) as caught:
        await series.query(**more)
    assert (caught.value.key, caught.value.field) == ("invalid_value", field)
    assert series.asked == []


async def test_what_the_cloud_says_instead_of_samples_is_its_reason() -> None:
    series = Series([])
    series.answer = {
        "responses": [{"status": "error", "message": "not possible for this type"}]
    }
    with pytest.raises(CloudRejected, match="not possible for this type"):
        await series.query(period=60)
    series.answer = {"responses": [{"status": "failed", "message": ""}]}
    with pytest.raises(CloudRejected, match="failed"):
        await series.query(period=60)


@pytest.mark.parametrize("answer", [7, {}, {"responses": 5}, {"responses": [None]}])
async def test_an_answer_that_makes_no_sense_is_no_answer(answer: Json) -> None:
    series = Series([])
    series.answer = answer
    with pytest.raises(CloudUnreachable):
        await series.query()


async def test_broken_samples_cost_only_themselves() -> None:
    series = Series([])
    times: list[Json] = ["2026-01-01T00:00:00Z", "soon", None, "2026-01-01T00:00:03Z"]
    series.answer = {
        "responses": [{"times": times, "values": [1, 2, 3, None]}, {"times": None}]
    }
    assert await series.query() == (
        Sample(at=START, value=1),
        Sample(at=START + timedelta(seconds=3), value=None),
    )


async def test_what_does_not_exist_has_no_history() -> None:
    with pytest.raises(CloudMissing):
        await Series([]).query(key="property/other")
