"""What was: the series that Arduino Cloud keeps of a property (reference 2.9)."""

from collections.abc import Awaitable, Callable, Iterator
from datetime import datetime, timedelta
from itertools import batched
from typing import Protocol

from ...model import (
    CloudRejected,
    CloudUnreachable,
    HistoryQuery,
    Json,
    Sample,
    plain,
    sound,
)
from .models import parse_time
from .property_types import Shape
from .views import View

LARGEST_PAGE = 1000
"""Samples of a property that one query returns at most."""

QUERIES_IN_REQUEST = 10
"""Windows that are asked for at once."""

MOST_PERIODS = 50_000_000
"""In one query: five thousand requests, which is a year and a half in seconds."""

LONGEST_PERIOD = 86400
SHORTEST_SAMPLING = 60

RAW = "batch_query_raw"
AGGREGATED = "batch_query"
SAMPLED = "batch_query_sampling"

AGGREGATIONS = frozenset(
    {
        "AVG",
        "MIN",
        "MAX",
        "SUM",
        "COUNT",
        "PCT_99",
        "PCT_95",
        "PCT_90",
        "PCT_75",
        "PCT_50",
        "PCT_15",
        "PCT_5",
        "BOOL_OR",
        "BOOL_AND",
    }
)

_FINE = (None, "", "ok")
_NUMERIC = frozenset({Shape.INT, Shape.FLOAT, Shape.BOOL})
_INSTANT = timedelta(milliseconds=1)


class Asker(Protocol):
    """Sends one request for series."""

    async def series(self, endpoint: str, requests: list[Json]) -> Json:
        """Return the whole answer."""


class ArduinoHistory:
    """Asks for series, page after page."""

    def __init__(
        self, client: Asker, find: Callable[[str, str | None], Awaitable[View]]
    ) -> None:
        """Ask nothing yet; `find` gives the property of a device's point."""
        self._client = client
        self._find = find

    async def query(self, query: HistoryQuery) -> tuple[Sample, ...]:
        """Return the samples, oldest first, paged through to the end or the limit.

        Without an aggregation the cloud takes the average, of booleans whether any was
        true, and of texts and composite values the last one of each period.

        Raises:
            CloudRejected: `field` is "key", "start", "period" or "aggregation".
            CloudMissing: no such property.
            CloudAuthError, CloudUnreachable, CloudBusy.
        """
        view = await self._find(query.device_id, query.key)
        aggregation = _aggregation(query)
        if query.start >= query.end:
            raise _invalid("the start is not before the end", "start")
        if query.limit <= 0:
            return ()
        name = f"property.{view.prop.id}"
        if query.period is None:
            return await self._raw(query, name)
        sampled = aggregation is None and view.kind.shape not in _NUMERIC
        shortest = SHORTEST_SAMPLING if sampled else 1
        if not shortest <= query.period <= LONGEST_PERIOD:
            raise _invalid(f"not between {shortest} and {LONGEST_PERIOD}", "period")
        if (query.end - query.start).total_seconds() > query.period * MOST_PERIODS:
            raise _invalid(f"more than {MOST_PERIODS} periods", "start")
        return await self._in_periods(query, name, aggregation, sampled=sampled)

    async def _in_periods(
        self, query: HistoryQuery, name: str, aggregation: str | None, *, sampled: bool
    ) -> tuple[Sample, ...]:
        """Ask for windows that are just not longer than a page."""
        endpoint = SAMPLED if sampled else AGGREGATED
        samples: list[Sample] = []
        for windows in batched(_windows(query), QUERIES_IN_REQUEST, strict=False):
            requests: list[Json] = []
            for start, end in windows:
                request = _request(name, start, end)
                request["interval"] = query.period
                if aggregation:
                    request["aggregation"] = aggregation
                requests.append(request)
            answer = await self._client.series(endpoint, requests)
            samples += _samples(answer)
            if len(samples) >= query.limit:
                break
        return tuple(_ordered(samples)[: query.limit])

    async def _raw(self, query: HistoryQuery, name: str) -> tuple[Sample, ...]:
        """Ask again from the last sample on, until a page is not full."""
        samples: list[Sample] = []
        start = query.start
        while start < query.end:
            request = {**_request(name, start, query.end), "sort": "ASC"}
            page = _ordered(_samples(await self._client.series(RAW, [request])))
            # Samples of one moment may be on both sides of the page's end.
            known = [one for one in samples if one.at >= start]
            fresh = [one for one in page if one.at >= start and one not in known]
            samples += fresh
            if len(page) < LARGEST_PAGE or len(samples) >= query.limit:
                break
            start = fresh[-1].at if fresh else start + _INSTANT
        return tuple(_ordered(samples)[: query.limit])


def _aggregation(query: HistoryQuery) -> str | None:
    if query.aggregation is None:
        return None
    name = query.aggregation.upper()
    if name not in AGGREGATIONS:
        raise _invalid("no such aggregation", "aggregation")
    if query.period is None:
        raise _invalid("an aggregation needs a period", "period")
    return name


def _windows(query: HistoryQuery) -> Iterator[tuple[datetime, datetime]]:
    """Cut the time into windows of as many periods as a page has room for."""
    assert query.period is not None
    longest = timedelta(seconds=query.period * LARGEST_PAGE)
    start = query.start
    while query.end - start > longest:
        yield start, start + longest
        start += longest
    yield start, query.end


def _request(name: str, start: datetime, end: datetime) -> dict[str, Json]:
    return {
        "q": name,
        "from": _text(start),
        "to": _text(end),
        "series_limit": LARGEST_PAGE,
    }


def _samples(answer: Json) -> list[Sample]:
    """All samples of an answer.

    Raises:
        CloudRejected: a query failed; in the cloud's words.
        CloudUnreachable: the answer makes no sense.
    """
    responses = answer.get("responses") if isinstance(answer, dict) else None
    if not isinstance(responses, list):
        raise CloudUnreachable("The series are not a list")
    samples: list[Sample] = []
    for response in responses:
        if not isinstance(response, dict):
            raise CloudUnreachable("A series is not an object")
        _check(response)
        times, values = response.get("times"), response.get("values")
        if not isinstance(times, list) or not isinstance(values, list):
            continue
        samples += [
            Sample(at=at, value=plain(value))
            for time, value in zip(times, values, strict=False)
            if (at := parse_time(time)) is not None
        ]
    return samples


def _check(response: dict[str, Json]) -> None:
    """Raise what a response says instead of samples."""
    status, message = response.get("status"), response.get("message")
    if status in _FINE and message in _FINE:
        return
    said = message if isinstance(message, str) and message else str(status)
    raise CloudRejected(" ".join(sound(said[:1000]).split())[:200])


def _ordered(samples: list[Sample]) -> list[Sample]:
    return sorted(samples, key=lambda sample: sample.at)


def _text(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")


def _invalid(why: str, field: str) -> CloudRejected:
    return CloudRejected(why, key="invalid_value", field=field)
