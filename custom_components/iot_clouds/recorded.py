"""What the recorder has of an entity: the kind of its statistics and their hours."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from homeassistant.components.recorder import get_instance, history
from homeassistant.components.recorder.db_schema import Statistics, StatisticsShortTerm
from homeassistant.components.recorder.models import (
    StatisticMeanType,
    StatisticMetaData,
)
from homeassistant.components.recorder.statistics import (
    STATISTIC_UNIT_TO_UNIT_CONVERTER,
    UNIT_CLASS_TO_UNIT_CONVERTER,
    get_metadata,
)
from homeassistant.components.sensor.const import UNIT_CONVERTERS
from homeassistant.core import HomeAssistant, State
from homeassistant.helpers.recorder import session_scope
from homeassistant.util import dt as dt_util

from .hourly import HOUR, Convert, Recorded, number

FIRST_WINDOW = timedelta(minutes=10)
"""The recorder makes the first statistics of an entity within this time."""

_MEANS = {
    "measurement": StatisticMeanType.ARITHMETIC,
    "measurement_angle": StatisticMeanType.CIRCULAR,
    "total": StatisticMeanType.NONE,
    "total_increasing": StatisticMeanType.NONE,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """How an entity's statistics are described, and how values become theirs."""

    metadata: StatisticMetaData
    convert: Convert
    convert_state: Convert


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What the recorder has around a range of hours.

    No hour from `limit` on may be imported. `hours` are those in the range that were
    imported before, oldest first; `joint` is the next one after the range that has a
    sum.
    """

    limit: int
    hours: Mapping[int, Recorded] = field(default_factory=dict)
    joint: Recorded | None = None

    def lacks(self, hour: int) -> bool:
        """Whether an hour of the range may be imported."""
        return hour < self.limit and hour not in self.hours


async def kind_of(
    hass: HomeAssistant, state: State, native_unit: str | None
) -> Kind | None:
    """Describe an entity's statistics as the recorder does.

    Statistics keep the unit that they began with, which is that of the state then.
    None if the recorder has some of another kind, or in a unit that does not convert.
    """
    entity_id = state.entity_id
    found = await get_instance(hass).async_add_executor_job(
        lambda: get_metadata(hass, statistic_ids={entity_id})
    )
    before = found[entity_id][1] if entity_id in found else None
    state_unit = state.attributes.get("unit_of_measurement")
    unit = before["unit_of_measurement"] if before else state_unit
    unit_class = _unit_class(state.attributes.get("device_class"), unit)
    if before and before["unit_class"]:
        unit_class = before["unit_class"]
    convert = _converter(unit_class, native_unit, unit)
    convert_state = _converter(unit_class, state_unit, unit)
    mean_type = _MEANS.get(state.attributes["state_class"])
    if convert is None or convert_state is None or mean_type is None:
        return None
    if before and _differs(before, mean_type):
        return None
    metadata = StatisticMetaData(
        mean_type=mean_type,
        has_sum=mean_type is StatisticMeanType.NONE,
        name=None,
        source="recorder",
        statistic_id=entity_id,
        unit_class=unit_class,
        unit_of_measurement=unit,
    )
    return Kind(metadata=metadata, convert=convert, convert_state=convert_state)


async def known_hours(
    hass: HomeAssistant, entity_id: str, hours: range, imported: int
) -> Known:
    """Look up what there is in these hours, and the first hour after `imported`."""
    return await get_instance(hass).async_add_executor_job(
        _known_hours, hass, entity_id, hours, imported
    )


async def first_state(
    hass: HomeAssistant, entity_id: str, convert: Convert
) -> float | None:
    """The state that the recorder will count a total from, before it has begun to."""
    since = dt_util.utcnow() - FIRST_WINDOW
    found = await get_instance(hass).async_add_executor_job(
        lambda: history.state_changes_during_period(
            hass, since, entity_id=entity_id, no_attributes=True
        )
    )
    for state in found.get(entity_id, ()):
        try:
            value = number(float(state.state))
        except ValueError:
            continue
        return convert(value)
    return None


def _known_hours(
    hass: HomeAssistant, entity_id: str, hours: range, imported: int
) -> Known:
    found = get_metadata(hass, statistic_ids={entity_id})
    if entity_id not in found:
        return Known(limit=hours.stop)
    which = found[entity_id][0]
    with session_scope(hass=hass, read_only=True) as session:
        fresh = _rows(session, StatisticsShortTerm, which, imported, first=True)
        own = _rows(session, Statistics, which, imported, first=True) + fresh
        limit = min((int(row.start // HOUR) * HOUR for row in own), default=hours.stop)
        edge = min(limit, hours.stop)
        between = _rows(session, Statistics, which, hours.start, edge)
        after = _rows(session, Statistics, which, edge, first=True) + fresh
    return Known(
        limit=limit,
        hours={int(row.start): row for row in between},
        joint=next((row for row in after if row.sum is not None), None),
    )


def _rows(
    session: Session,
    table: type[Statistics | StatisticsShortTerm],
    metadata_id: int,
    start: int,
    end: int | None = None,
    *,
    first: bool = False,
) -> list[Recorded]:
    """Rows of an entity from `start` on, oldest first."""
    statement = (
        select(table.start_ts, table.state, table.sum)
        .where(table.metadata_id == metadata_id, table.start_ts >= start)
        .order_by(table.start_ts)
    )
    if end is not None:
        statement = statement.where(table.start_ts < end)
    if first:
        statement = statement.limit(1)
    return [Recorded(*row) for row in session.execute(statement)]


def _differs(before: StatisticMetaData, mean_type: StatisticMeanType) -> bool:
    """Whether the recorder made means in another way."""
    old, none = before["mean_type"], StatisticMeanType.NONE
    return old != mean_type and none not in {old, mean_type}


def _unit_class(device_class: str | None, unit: str | None) -> str | None:
    """The class of units that the recorder converts an entity's statistics in."""
    by_class = UNIT_CONVERTERS.get(device_class) if device_class else None
    if by_class and unit in by_class.VALID_UNITS:
        return by_class.UNIT_CLASS
    by_unit = STATISTIC_UNIT_TO_UNIT_CONVERTER.get(unit)
    return by_unit.UNIT_CLASS if by_unit else None


def _converter(
    unit_class: str | None, given: str | None, wanted: str | None
) -> Convert | None:
    """Convert between two units; None if that is impossible."""
    if given == wanted:
        return lambda value: value
    units = UNIT_CLASS_TO_UNIT_CONVERTER.get(unit_class) if unit_class else None
    if units is None or not {given, wanted} <= units.VALID_UNITS:
        return None
    return units.converter_factory_allow_none(given, wanted)
