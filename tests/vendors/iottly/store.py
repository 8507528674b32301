"""A plain model of iottly's message store, with what its documents leave open."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any

from custom_components.iot_clouds.model import CloudUnreachable, Json

PROJECT = "59c19cacecc01400075f3bc9"
DEVICE = "3781de91-d446-4c64-825d-756dd60f2dab"
START = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


@dataclass(kw_only=True)
class Store:
    """Messages of one device, and a client's way to them that can be made to fail.

    `page_from` is the form of start times that is understood, any other is refused;
    `cap` is the most rows that an answer has.
    """

    device: str = DEVICE
    descending: bool = False
    dates: str = "iso"
    with_ids: bool = True
    pages: bool = True
    page_from: str = "naive"
    page_zone: tzinfo = UTC
    first_page: int = 1
    numbered: bool = True
    webhook_dates: str = "offset"
    cap: int = 100
    refused: int = 0
    rows: list[dict[str, Any]] = field(default_factory=list)
    requests: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    failures: list[Exception | None] = field(default_factory=list)

    def add(
        self,
        payload: Json,
        at: datetime,
        *,
        kind: str = "userdefined",
        sent: datetime | None = None,
    ) -> dict[str, Any]:
        """Store a message as received at this time."""
        oid = f"{int(at.timestamp()):08x}{len(self.rows):016x}"
        row = {"oid": oid, "at": at, "payload": payload, "type": kind}
        self.rows.append({**row, "sent": sent or at.replace(microsecond=0)})
        return self.rows[-1]

    def sorted(self) -> list[dict[str, Any]]:
        """From old to new, as the server received them."""
        return sorted(self.rows, key=lambda row: (row["at"], row["oid"]))

    async def history(self, device_id: str, count: int) -> list[Json]:
        """The newest messages."""
        self._request("history", {"numMessages": str(count)})
        rows = [self._history_row(row) for row in self.sorted()][
            -min(count, self.cap) :
        ]
        return rows[::-1] if self.descending else rows

    async def paginated(
        self, device_id: str, query: Mapping[str, str]
    ) -> list[Json] | None:
        """A page."""
        self._request("page", dict(query))
        if not self.pages:
            return []
        rows = self.sorted()
        if query["sort"] == "desc":
            rows.reverse()
        elif self.page_from != "ignored":
            start = self._start(query["from"])
            if start is None:
                self.refused += 1
                return None
            rows = [row for row in rows if row["at"] >= start]
        number = int(query.get("p", self.first_page)) if self.numbered else 0
        first = (number - self.first_page if self.numbered else 0) * int(query["l"])
        return [self._page_row(row) for row in rows[first:][: int(query["l"])]]

    def _request(self, name: str, query: dict[str, str]) -> None:
        self.requests.append((name, query))
        if self.failures and (failure := self.failures.pop(0)) is not None:
            raise failure

    def _start(self, text: str) -> datetime | None:
        try:
            match self.page_from:
                case "naive" if not text.endswith("Z"):
                    moment = datetime.fromisoformat(text)
                    return moment.replace(tzinfo=self.page_zone)
                case "zulu" if text.endswith("Z"):
                    return datetime.fromisoformat(text)
                case "milliseconds" if len(text) > 11:
                    return datetime.fromtimestamp(int(text) / 1000, UTC)
                case "seconds" if len(text) < 12:
                    return datetime.fromtimestamp(int(text), UTC)
        except ValueError:
            pass
        return None

    def _history_row(self, row: dict[str, Any]) -> Json:
        spelled: dict[str, Json] = {
            "from": self.device,
            "to": PROJECT,
            "timestamp": self._date(row["at"]),
            "devicetimestamp": self._date(row["sent"]),
            "type": row["type"],
            "payload": row["payload"],
        }
        return {"_id": {"$oid": row["oid"]}, **spelled} if self.with_ids else spelled

    def _page_row(self, row: dict[str, Any]) -> Json:
        at, sent = (
            row[key].astimezone(self.page_zone).replace(tzinfo=None)
            for key in ("at", "sent")
        )
        return {
            "from": self.device,
            "to": PROJECT,
            "timestamp": at.isoformat(timespec="milliseconds"),
            "devicetimestamp": sent.isoformat(),
            "type": row["type"],
            "payload": row["payload"],
        }

    def webhook_row(self, row: dict[str, Any]) -> Json:
        """A message as a webhook carries it: without an id, with microseconds."""
        exact = timedelta(microseconds=731)

        def date(moment: datetime) -> Json:
            match self.webhook_dates:
                case "mongo":
                    return self._date(moment)
                case "naive":
                    moment = moment.astimezone(self.page_zone).replace(tzinfo=None)
                    return (moment + exact).isoformat()
            return (moment + exact).astimezone(self.page_zone).isoformat()

        return {
            "from": self.device,
            "to": PROJECT,
            "timestamp": date(row["at"]),
            "devicetimestamp": date(row["sent"]),
            "type": row["type"],
            "payload": row["payload"],
        }

    def _date(self, moment: datetime) -> Json:
        since = (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)
        text = moment.replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"
        forms: dict[str, Json] = {
            "iso": text,
            "trimmed": text.replace(".000Z", "Z"),
            "milliseconds": since,
            "number_long": {"$numberLong": str(since)},
        }
        return {"$date": forms[self.dates]}


def broken() -> Exception:
    """What a request that fails raises."""
    return CloudUnreachable("broken on purpose")
