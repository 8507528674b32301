"""The action that looks back: samples of the past as a response, or as statistics."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import probatio

from homeassistant.const import ATTR_DEVICE_ID, ATTR_ENTITY_ID
from homeassistant.core import HomeAssistant, ServiceCall, ServiceResponse
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import config_validation as cv
from homeassistant.util import dt as dt_util

from .coordinator import CloudCoordinator
from .errors import async_refused
from .model import CloudError, CloudRejected, HistoryQuery, Json, Point, Sample
from .targets import device_of, point_of, wrong

ATTR_AGGREGATION = "aggregation"
ATTR_END = "end"
ATTR_IMPORT = "import_statistics"
ATTR_LIMIT = "limit"
ATTR_PERIOD = "period"
ATTR_START = "start"

LARGEST_LIMIT = 10_000
"""Samples in one response: what Home Assistant holds in memory and hands on."""

type Ask = Callable[[HistoryQuery], Awaitable[tuple[Sample, ...]]]
"""Query the cloud; what goes wrong is raised in the user's language."""

HISTORY_SCHEMA: Mapping[probatio.Marker, Any] = {
    probatio.Optional(ATTR_ENTITY_ID): cv.entity_id,
    probatio.Optional(ATTR_DEVICE_ID): cv.string,
    probatio.Required(ATTR_START): cv.datetime,
    probatio.Optional(ATTR_END): cv.datetime,
    probatio.Optional(ATTR_PERIOD): cv.positive_time_period,
    probatio.Optional(ATTR_AGGREGATION): cv.string,
    probatio.Optional(ATTR_LIMIT, default=1000): probatio.All(
        probatio.Coerce(int), probatio.Range(min=1, max=LARGEST_LIMIT)
    ),
    probatio.Optional(ATTR_IMPORT, default=False): cv.boolean,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Subject:
    """Whose history it is: one point of a device, or a device as a whole."""

    coordinator: CloudCoordinator
    device_id: str
    point: Point | None = None


async def async_get_history(call: ServiceCall) -> ServiceResponse:
    """Return the samples, and import hourly statistics if that is asked for.

    Raises:
        ServiceValidationError: the input makes no sense; the text names the field.
        HomeAssistantError: the cloud failed.
    """
    subject = _subject(call)
    query = _query(call, subject)
    ask = _asker(subject.coordinator)
    bring_in = None
    if call.data[ATTR_IMPORT]:
        bring_in = await _importer(call, subject.point)
    samples = await ask(query)
    limit = query.limit - 1
    response: dict[str, Any] = {
        "samples": [_shown(sample) for sample in samples[:limit]],
        "count": min(len(samples), limit),
        "truncated": len(samples) > limit,
        "imported_hours": await bring_in(ask, query) if bring_in else 0,
    }
    return response


def _subject(call: ServiceCall) -> _Subject:
    """The point or device that the action names, which is exactly one."""
    entity_id, device_id = call.data.get(ATTR_ENTITY_ID), call.data.get(ATTR_DEVICE_ID)
    if (entity_id is None) == (device_id is None):
        raise wrong("one_target")
    point = None
    if entity_id is None:
        coordinator, device = device_of(call.hass, call.data[ATTR_DEVICE_ID])
    elif found := point_of(call.hass, entity_id):
        coordinator, device, point = found
    else:
        raise wrong("no_such_point", entity=entity_id)
    if coordinator.cloud.history is None:
        raise wrong("no_history", account=coordinator.config_entry.title)
    return _Subject(coordinator=coordinator, device_id=device.id, point=point)


def _query(call: ServiceCall, subject: _Subject) -> HistoryQuery:
    """One sample more than wanted is asked for, which tells whether there are more."""
    start, end = _window(call)
    period: timedelta | None = call.data.get(ATTR_PERIOD)
    aggregation: str | None = call.data.get(ATTR_AGGREGATION)
    if period is not None and (period % timedelta(seconds=1) or not period):
        raise wrong("whole_seconds", field=ATTR_PERIOD)
    if aggregation and period is None:
        raise wrong("needs_period", field=ATTR_AGGREGATION, other=ATTR_PERIOD)
    return HistoryQuery(
        device_id=subject.device_id,
        key=subject.point.key if subject.point else None,
        start=start,
        end=end,
        period=int(period.total_seconds()) if period else None,
        aggregation=aggregation,
        limit=call.data[ATTR_LIMIT] + 1,
    )


def _window(call: ServiceCall) -> tuple[datetime, datetime]:
    """Start and end in UTC; times without a zone are Home Assistant's own."""
    try:
        start = dt_util.as_utc(call.data[ATTR_START])
        end = dt_util.as_utc(call.data.get(ATTR_END) or dt_util.utcnow())
    except OverflowError:
        raise wrong("bad_times", field=f"{ATTR_START}, {ATTR_END}") from None
    if end <= start:
        raise wrong("end_before_start", field=ATTR_END, other=ATTR_START)
    return start, end


def _asker(coordinator: CloudCoordinator) -> Ask:
    """Ask the account's cloud."""
    history = coordinator.cloud.history

    async def ask(query: HistoryQuery) -> tuple[Sample, ...]:
        # Whoever asks found a history before, and a cloud does not lose it.
        try:
            return await history.query(query) if history else ()
        except CloudError as err:
            raise _refusal(coordinator, err) from err

    return ask


def _refusal(coordinator: CloudCoordinator, err: CloudError) -> HomeAssistantError:
    """Name the field of the action where the cloud names a part of the query."""
    if isinstance(err, CloudRejected) and err.field:
        if err.field in {"key", "device_id"}:
            return wrong("other_target", field=f"{ATTR_ENTITY_ID}, {ATTR_DEVICE_ID}")
        return wrong("invalid_query", field=err.field, reason=err.reason)
    return async_refused(coordinator.hass, coordinator.config_entry, err)


async def _importer(
    call: ServiceCall, point: Point | None
) -> Callable[[Ask, HistoryQuery], Awaitable[int]]:
    """Prepare an import, refusing what cannot become statistics."""
    if point is None:
        raise wrong("needs_entity", field=ATTR_IMPORT, other=ATTR_ENTITY_ID)
    hass: HomeAssistant = call.hass
    if "recorder" not in hass.config.components:
        raise wrong("no_recorder")
    # Only with the recorder loaded is everything there that this needs.
    from .backfill import async_prepare  # noqa: PLC0415

    return await async_prepare(hass, call.data[ATTR_ENTITY_ID], point)


def _shown(sample: Sample) -> dict[str, Json]:
    return {"at": sample.at.isoformat(), "value": sample.value}
