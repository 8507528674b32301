"""Import of the past as hourly statistics, into hours before the recorder's own.

What was imported is remembered as the hour before which all hours are: the recorder
does not tell its own hours from imported ones.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from homeassistant.components.recorder import get_instance
from homeassistant.components.recorder.models import (
    StatisticData,
    StatisticMeanType,
    StatisticMetaData,
)
from homeassistant.components.recorder.statistics import async_import_statistics
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.singleton import singleton
from homeassistant.helpers.storage import Store
from homeassistant.util import dt as dt_util

from .const import DOMAIN
from .history import ATTR_START, Ask
from .hourly import (
    HOUR,
    Bearing,
    Convert,
    Meter,
    Recorded,
    hour_from,
    hour_of,
    measured,
    number,
)
from .model import HistoryQuery, Point
from .recorded import Known, first_state, kind_of, known_hours
from .targets import wrong

SETTLING = timedelta(minutes=10)
"""How long after its end an hour may still change, at the cloud and in the recorder."""

MOST_HOURS = 20_000
PAGE = 10_000
MOST_PAGES = 20
BUSY_AFTER = 30

_INSTANT = timedelta(microseconds=1)


class Memory:
    """Up to which hour each entity's past was imported, by its id in the registry."""

    def __init__(self, hass: HomeAssistant) -> None:
        """Remember nothing until it is loaded."""
        self.lock = asyncio.Lock()
        self._entities = er.async_get(hass)
        self._store: Store[dict[str, int]] = Store(hass, 1, f"{DOMAIN}.imports")
        self._hours: dict[str, int] | None = None

    async def load(self, registry_id: str) -> int:
        """The hour before which all hours are imported ones."""
        if self._hours is None:
            self._hours = await self._store.async_load() or {}
        return self._hours.get(registry_id, 0)

    async def save(self, registry_id: str, hour: int) -> None:
        """Remember one entity, and forget those that are gone."""
        kept = self._entities.entities.get_entry
        hours = {**(self._hours or {}), registry_id: hour}
        self._hours = {one: hour for one, hour in hours.items() if kept(one)}
        await self._store.async_save(self._hours)


@singleton(f"{DOMAIN}.imports")
def _memory(hass: HomeAssistant) -> Memory:
    return Memory(hass)


@dataclass(frozen=True, slots=True, kw_only=True)
class Backfill:
    """An import that is possible: which statistics an entity has, and in which unit."""

    hass: HomeAssistant
    entity_id: str
    registry_id: str
    state_class: str
    metadata: StatisticMetaData
    convert: Convert = field(repr=False)
    convert_state: Convert = field(repr=False)

    async def __call__(self, ask: Ask, query: HistoryQuery) -> int:
        """Import the complete hours that the recorder does not have; return how many.

        Raises:
            ServiceValidationError: the time is too long, or has too many samples.
            HomeAssistantError: the cloud failed, or the recorder does not answer.
        """
        memory = _memory(self.hass)
        async with memory.lock:
            await _written(self.hass)
            imported = await memory.load(self.registry_id)
            until = min(query.end, dt_util.utcnow() - SETTLING)
            hours = range(hour_from(query.start), hour_of(until), HOUR)
            if len(hours) > MOST_HOURS:
                raise wrong("too_much_history", field=ATTR_START)
            known = await known_hours(self.hass, self.entity_id, hours, imported)
            missing = [hour for hour in hours if known.lacks(hour)]
            if not missing:
                return 0
            rows = await self._rows(ask, _between(query, missing), known)
            new = [rows[hour] for hour in missing if hour in rows]
            if new:
                await memory.save(self.registry_id, max(imported, known.limit))
                async_import_statistics(self.hass, self.metadata, new)
            return len(new)

    async def _rows(
        self, ask: Ask, query: HistoryQuery, known: Known
    ) -> Mapping[int, StatisticData]:
        """Ask for what the kind of statistics needs, and no more."""
        if self.metadata["has_sum"]:
            return await self._totals(ask, query, known)
        if self.metadata["mean_type"] is StatisticMeanType.CIRCULAR:
            bearing = Bearing()
            async for at, value in self._raw(ask, query):
                bearing.add(at, value)
            return bearing.rows()
        hourly = replace(query, period=HOUR, limit=MOST_HOURS)
        return measured(
            await ask(replace(hourly, aggregation="avg")),
            await ask(replace(hourly, aggregation="min")),
            await ask(replace(hourly, aggregation="max")),
            self.convert,
        )

    async def _totals(
        self, ask: Ask, query: HistoryQuery, known: Known
    ) -> Mapping[int, StatisticData]:
        """No aggregation tells how a total stood at the end of an hour."""
        joint = known.joint
        if joint is None:
            zero = await first_state(self.hass, self.entity_id, self.convert_state)
            joint = Recorded(known.limit, zero, 0.0)
        meter = Meter(
            increasing=self.state_class == "total_increasing",
            recorded=[*known.hours.values(), joint],
        )
        async for at, value in self._raw(ask, query):
            meter.add(at, value)
        return meter.rows()

    async def _raw(
        self, ask: Ask, query: HistoryQuery
    ) -> AsyncIterator[tuple[float, float]]:
        """Yield times and converted numbers, holding one page of samples at a time."""
        start = query.start
        for _ in range(MOST_PAGES):
            page = await ask(replace(query, start=start, limit=PAGE))
            for sample in page:
                value = self.convert(number(sample.value))
                if value is not None and start <= sample.at < query.end:
                    yield sample.at.timestamp(), value
            if len(page) < PAGE:
                return
            start = max(start, page[-1].at) + _INSTANT
        raise wrong("too_much_history", field=ATTR_START)


async def async_prepare(hass: HomeAssistant, entity_id: str, point: Point) -> Backfill:
    """Find out which statistics an entity has.

    Raises:
        ServiceValidationError: it has none, or recorded ones in another unit or kind.
    """
    entity = er.async_get(hass).async_get(entity_id)
    state = hass.states.get(entity_id)
    state_class = state.attributes.get("state_class") if state else None
    if entity is None or state is None or entity.domain != "sensor" or not state_class:
        raise wrong("no_statistics", entity=entity_id)
    kind = await kind_of(hass, state, point.unit)
    if kind is None:
        raise wrong("other_statistics", entity=entity_id)
    return Backfill(
        hass=hass,
        entity_id=entity_id,
        registry_id=entity.id,
        state_class=state_class,
        metadata=kind.metadata,
        convert=kind.convert,
        convert_state=kind.convert_state,
    )


async def _written(hass: HomeAssistant) -> None:
    """Wait until the recorder has written what it was given."""
    try:
        async with asyncio.timeout(BUSY_AFTER):
            await get_instance(hass).async_block_till_done()
    except TimeoutError:
        raise HomeAssistantError(
            translation_domain=DOMAIN, translation_key="recorder_busy"
        ) from None


def _between(query: HistoryQuery, missing: list[int]) -> HistoryQuery:
    """The same query from the first to the last hour that is missing, unaggregated."""
    return replace(
        query,
        start=datetime.fromtimestamp(missing[0], UTC),
        end=datetime.fromtimestamp(missing[-1] + HOUR, UTC),
        period=None,
        aggregation=None,
    )
