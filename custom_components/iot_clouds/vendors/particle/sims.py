"""SIM cards: their status and what they have used, asked for at most 4 times a day (8.3)."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from ...model import Category, CloudError, Json, Kind, Point, Reading, Ref
from .directory import Directory
from .keys import SIM_STATUS, SIM_USED
from .models import label
from .reports import Reports, iccid_of, refused
from .values import moment, number

PERIOD = timedelta(hours=6)

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
            if not refused(err):
                raise
            return {}
        cards = {iccid: sim for sim in listed if (iccid := iccid_of(sim))}
        found: dict[Ref, Reading] = {}
        for board in self._directory:
            if board.cellular and board.iccid and (sim := cards.get(board.iccid)):
                status = Reading(value=label(sim.get("status")), at=now)
                found[Ref(board.id, SIM_STATUS)] = status
                if (used := await self._used(board.iccid)) is not None:
                    found[Ref(board.id, SIM_USED)] = Reading(value=used, at=now)
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
