"""History by REST, from what was published since the start and an invented day (2.9)."""

from collections.abc import Callable, Iterable
import re
from typing import Any

from aiohttp import web

from .arduino_aggregates import aggregate, default_aggregation, sampled
from .arduino_answers import RefusedError, media, number_of, object_of, time_of
from .arduino_rest import Handler, Scope
from .arduino_store import Property, Sample, Store, moment

QUERY = re.compile(r"(property|thing)\.([0-9a-fA-F-]{36})")
DAY = 86_400
LIMITS = {"property": 1000, "thing": 10_000}


class Series:
    """The requests for history."""

    def __init__(self, store: Store, *, clock: Callable[[], float]) -> None:
        """Answer from the store."""
        self._store = store
        self._clock = clock

    def routes(self) -> Iterable[tuple[str, str, Handler]]:
        """Method, path and handler of each request."""
        path = "/iot/v2/things/{id}/properties/{pid}/timeseries"
        return (
            ("POST", "/iot/v2/series/batch_query", self._aggregated),
            ("POST", "/iot/v2/series/batch_query_raw", self._raw),
            ("POST", "/iot/v2/series/batch_query_raw/lastvalue", self._last),
            ("POST", "/iot/v2/series/batch_query_sampling", self._sampling),
            ("GET", path, self._timeseries),
        )

    async def _aggregated(self, request: web.Request, scope: Scope) -> web.Response:
        version, queries = await _queries(request)
        responses = []
        for query in queries:
            start, end = _window(query)
            interval = number_of(query.get("interval", 300), "interval", 1, DAY)
            limit = _limit(query, default=300)
            for item in self._targets(scope, query):
                name = query.get("aggregation") or default_aggregation(item)
                window = self._between(item, start, end)
                points, message = aggregate(item, window, name, start, interval)
                answer = _answer(item, query, version, start, end, points[:limit])
                answer |= {"aggregation": name, "interval": interval}
                answer |= {"series_limit": limit, "message": message}
                answer["status"] = "error" if message else "ok"
                responses.append(answer)
        return media("series.batch", {"resp_version": version, "responses": responses})

    async def _raw(self, request: web.Request, scope: Scope) -> web.Response:
        version, queries = await _queries(request)
        responses = []
        for query in queries:
            end = _time(query, "to", self._clock())
            start = _time(query, "from", 0.0)
            sort = query.get("sort", "DESC")
            if sort not in ("ASC", "DESC"):
                raise RefusedError(400, "sort is neither ASC nor DESC")
            limit = _limit(query, default=None)
            for item in self._targets(scope, query):
                points = self._between(item, start, end)
                points = points if sort == "ASC" else points[::-1]
                answer = _answer(item, query, version, start, end, points[:limit])
                answer |= {"sort": sort, "series_limit": limit}
                answer["series"] = {"metric": item.variable.name}
                responses.append(answer)
        return media(
            "series.batch.raw", {"resp_version": version, "responses": responses}
        )

    async def _sampling(self, request: web.Request, scope: Scope) -> web.Response:
        version, queries = await _queries(request)
        responses = []
        for query in queries:
            end = _time(query, "to", self._clock())
            start = _time(query, "from", end - DAY)
            interval = number_of(query.get("interval", 300), "interval", 60, DAY)
            limit = _limit(query, default=300)
            for item in self._targets(scope, query):
                points = sampled(self._between(item, start, end), start, interval)
                answer = _answer(item, query, version, start, end, points[:limit])
                responses.append(answer | {"interval": interval, "series_limit": limit})
        return media(
            "series.batch.sampled", {"resp_version": version, "responses": responses}
        )

    async def _last(self, request: web.Request, scope: Scope) -> web.Response:
        _, queries = await _queries(request)
        responses = []
        for query in queries:
            item = scope.found(str(query.get("property_id")))
            if item.board.id != str(query.get("thing_id")).lower():
                raise RefusedError(404)
            samples = self._store.history(item)[-1:]
            responses.append(
                {
                    "thing_id": item.board.id,
                    "property_id": item.id,
                    "count_values": len(samples),
                    "times": [moment(sample.at) for sample in samples],
                    "values": [sample.value for sample in samples],
                }
            )
        return media("series.lastvalue", {"status": "ok", "responses": responses})

    async def _timeseries(self, request: web.Request, scope: Scope) -> web.Response:
        item = scope.property_(request)
        query: dict[str, Any] = dict(request.query)
        end = _time(query, "to", self._clock())
        start = _time(query, "from", end - 14 * DAY)
        try:
            interval = number_of(int(query.get("interval", 60)), "interval", 1, 1 << 31)
        except ValueError as err:
            raise RefusedError(400, "interval is not an integer") from err
        name = query.get("aggregation") or default_aggregation(item)
        window = self._between(item, start, end)
        points, message = aggregate(item, window, name, start, interval)
        if message:
            raise RefusedError(400, message)
        if query.get("desc") == "true":
            points.reverse()
        data = [{"time": moment(one.at), "value": one.value} for one in points[:1000]]
        return media("timeseries", {"data": data})

    def _targets(self, scope: Scope, query: dict[str, Any]) -> list[Property]:
        match = QUERY.fullmatch(str(query.get("q")))
        if match is None:
            raise RefusedError(400, "q is neither property.<id> nor thing.<id>")
        if match[1] == "property":
            return [scope.found(match[2])]
        return self._store.properties(scope.thing(match[2]))

    def _between(self, item: Property, start: float, end: float) -> list[Sample]:
        if start > end:
            raise RefusedError(400, "from is after to")
        return [one for one in self._store.history(item) if start <= one.at < end]


async def _queries(request: web.Request) -> tuple[int, list[dict[str, Any]]]:
    body = await object_of(request)
    queries = body.get("requests")
    if not isinstance(queries, list) or not queries:
        raise RefusedError(400, "requests is not a list of at least one")
    if not all(isinstance(query, dict) for query in queries):
        raise RefusedError(400, "a request is not an object")
    return number_of(body.get("resp_version", 1), "resp_version", 1, 1), queries


def _window(query: dict[str, Any]) -> tuple[float, float]:
    if "from" not in query or "to" not in query:
        raise RefusedError(400, "from and to are required")
    return time_of(query["from"], "from"), time_of(query["to"], "to")


def _time(query: dict[str, Any], name: str, default: float) -> float:
    return time_of(query[name], name) if query.get(name) else default


def _limit(query: dict[str, Any], *, default: int | None) -> int:
    most = LIMITS.get(str(query.get("q")).partition(".")[0], 1000)
    given = query.get("series_limit", most if default is None else default)
    return number_of(given, "series_limit", 1, most)


def _answer(
    item: Property,
    query: dict[str, Any],
    version: int,
    start: float,
    end: float,
    points: list[Sample],
) -> dict[str, Any]:
    return {
        "resp_version": version,
        "query": query["q"],
        "property_id": item.id,
        "property_name": item.name,
        "property_type": item.variable.type,
        "thing_id": item.board.id,
        "from_date": moment(start),
        "to_date": moment(end),
        "count_values": len(points),
        "message": "",
        "status": "ok",
        "times": [moment(one.at) for one in points],
        "values": [one.value for one in points],
    }
