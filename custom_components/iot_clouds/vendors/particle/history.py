"""Where a Tracker was, as far as its product keeps it (reference 7.4)."""

from collections.abc import Callable, Iterator

from ...model import CloudMissing, CloudRejected, HistoryQuery, Json, Sample
from .keys import LOCATION
from .models import Fields
from .reports import Reports
from .values import moment, number

_MEASURES = (
    ("accuracy", ("h_acc", "acc_h")),
    ("speed", ("spd", "speed")),
    ("heading", ("hd",)),
    ("altitude", ("alt",)),
    ("temperature", ("temp",)),
)


class LocationHistory:
    """Answers with positions; nothing else has a past in this cloud."""

    def __init__(
        self, reports: Reports, product_of: Callable[[str], str | None]
    ) -> None:
        """`product_of` tells which product keeps the positions of a device."""
        self._reports = reports
        self._product_of = product_of

    async def query(self, query: HistoryQuery) -> tuple[Sample, ...]:
        """The positions between two times, oldest first.

        Each is an object with latitude and longitude in degrees and, where known,
        accuracy and altitude (m), speed (m/s), heading (degrees) and temperature (°C).

        Raises:
            CloudRejected: something else than raw positions was asked for.
            CloudMissing: the device is in no product.
        """
        if query.key not in {None, LOCATION}:
            raise CloudRejected("The cloud keeps only positions", field="key")
        if query.period is not None or query.aggregation is not None:
            raise CloudRejected("Positions are not aggregated", field="period")
        product = self._product_of(query.device_id)
        if product is None:
            raise CloudMissing("Only products keep the positions of their devices")
        start, end = query.start.isoformat(), query.end.isoformat()
        body = await self._reports.places(query.device_id, product, start, end)
        found = [
            sample for sample in _samples(body) if query.start <= sample.at <= query.end
        ]
        return tuple(sorted(found, key=lambda sample: sample.at)[: query.limit])


def _samples(body: Fields) -> Iterator[Sample]:
    times, details = body.get("timestamps"), body.get("properties")
    for index, point in enumerate(_coordinates(body)):
        at = moment(_nth(times, index))
        place = _place(point)
        if at is not None and place is not None:
            yield Sample(at=at, value={**place, **_measures(_nth(details, index))})


def _coordinates(body: Fields) -> list[Json]:
    """A list of points, in whichever of the two shapes a single one comes."""
    geometry = body.get("geometry")
    told = geometry.get("coordinates") if isinstance(geometry, dict) else None
    if not isinstance(told, list):
        return []
    return [told] if told and not isinstance(told[0], list) else told


def _place(point: Json) -> dict[str, Json] | None:
    """GeoJSON has the longitude first."""
    if not isinstance(point, list) or len(point) < 2:
        return None
    longitude, latitude = number(point[0]), number(point[1])
    if longitude is None or latitude is None:
        return None
    if abs(latitude) > 90 or abs(longitude) > 180:
        return None
    return {"latitude": latitude, "longitude": longitude}


def _measures(details: Json) -> dict[str, Json]:
    if not isinstance(details, dict):
        return {}
    found: dict[str, Json] = {}
    for name, keys in _MEASURES:
        values = [number(details.get(key)) for key in keys]
        if told := [value for value in values if value is not None]:
            found[name] = told[0]
    return found


def _nth(items: Json, index: int) -> Json:
    return items[index] if isinstance(items, list) and index < len(items) else None
