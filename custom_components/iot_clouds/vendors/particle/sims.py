"""SIM cards: their status and what they have used, told at most 4 times a day (8.3)."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from ...model import (
    Category,
    CloudAuthError,
    CloudBusy,
    CloudError,
    Json,
    Kind,
    Point,
    Reading,
    Ref,
)
from .directory import Directory
from .keys import SIM_STATUS, SIM_USED
from .models import label
from .reports import Reports, iccid_of, refused
from .values import moment, number

PERIOD = timedelta(hours=6)
AGAIN = timedelta(hours=1)
"""When nothing was told because the cloud failed."""
PATIENCE = 2
"""Failures after which no more cards are asked for, so that a listing stays quick."""

POINTS = {
    SIM_STATUS: Point(
        key=SIM_STATUS,
        kind=Kind.TEXT,
        label="sim_status",
        category=Category.DIAGNOSTIC,
    ),
    SIM_USED: Point(
        key=SIM_USED,
        kind=Kind.MEASURE,
        label="sim_used",
        unit="MB",
        device_class="data_size",
        state_class="total_increasing",
        digits=1,
        category=Category.DIAGNOSTIC,
    ),
}


class Sims:
    """Remembers over restarts when they were asked for."""

    def __init__(self, reports: Reports, directory: Directory) -> None:
        """Ask nothing yet."""
        self._reports = reports
        self._directory = directory
        self._asked: datetime | None = None

    def notes(self) -> Json:
        """When they were asked for last."""
        return self._asked.isoformat() if self._asked else None

    def restore(self, notes: Json) -> None:
        """Take what `notes` returned before."""
        self._asked = moment(notes)

    def due(self, now: datetime) -> bool:
        """Whether they may be asked for, and there are any."""
        asked = self._asked
        if asked is not None and asked <= now < asked + PERIOD:
            return False
        return any(board.iccid and board.cellular for board in self._directory)

    async def ask(self, now: datetime) -> Mapping[Ref, Reading]:
        """Status of all cards, and what each has used; empty where it is not told."""
        self._asked = now
        try:
            listed = await self._reports.sims()
        except CloudError as err:
            if refused(err):
                return {}
            self._asked = now - PERIOD + AGAIN
            raise
        cards = {iccid: sim for sim in listed if (iccid := iccid_of(sim))}
        with_card = {
            board.id: board.iccid
            for board in self._directory
            if board.cellular and board.iccid in cards
        }
        found = {
            Ref(device_id, SIM_STATUS): Reading(
                value=label(cards[iccid].get("status")), at=now
            )
            for device_id, iccid in with_card.items()
        }
        return {**found, **await self._usage(with_card, now)}

    async def _usage(
        self, with_card: Mapping[str, str], now: datetime
    ) -> Mapping[Ref, Reading]:
        """What the cards of these devices have used, as far as the cloud tells."""
        found: dict[Ref, Reading] = {}
        failures = 0
        for device_id, iccid in with_card.items():
            try:
                used = await self._used(iccid)
            except CloudAuthError:
                raise
            except CloudError as err:
                failures += 1
                if failures >= PATIENCE or isinstance(err, CloudBusy):
                    break
            else:
                if used is not None:
                    found[Ref(device_id, SIM_USED)] = Reading(value=used, at=now)
        if failures and not found:
            self._asked = now - PERIOD + AGAIN
        return found

    async def _used(self, iccid: str) -> float | None:
        try:
            usage = await self._reports.data_usage(iccid)
        except CloudError as err:
            if not refused(err):
                raise
            return None
        if (used := number(usage.get("used"))) is not None:
            return float(used)
        days = usage.get("usage_by_day")
        last = days[-1] if isinstance(days, list) and days else None
        told = last.get("mbs_used_cumulative") if isinstance(last, dict) else None
        total = number(told)
        return None if total is None else float(total)
