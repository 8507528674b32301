"""Endpoints for what the cloud keeps about devices: vitals, SIMs, settings, the past."""

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import quote

from ...model import CloudMissing, CloudRejected, DeviceOffline, Json
from .asker import Asker, as_object
from .errors import device_failure
from .models import Board, Fields, text
from .scope import raw, segment

MOST_SIM_PAGES = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Configuration:
    """The settings of a Tracker: as they are, and as they are going to be (7.5)."""

    current: Mapping[str, Json]
    pending: Mapping[str, Json]


class Reports:
    """All of this is free of data operations (9.2). Errors are those of `Asker`."""

    def __init__(self, ask: Asker, base: str) -> None:
        """Ask below the path `base` of the account's scope."""
        self._ask = ask
        self._base = base

    async def last_vitals(self, device_id: str, product: str | None) -> Fields | None:
        """The last vitals of a device with their time; None if there are none (6.1)."""
        path = f"{_diagnostics(product, device_id)}/last"
        try:
            body = as_object(await self._ask.device("GET", path))
        except DeviceOffline, CloudMissing:
            return None
        record = body.get("diagnostics")
        return record if isinstance(record, dict) else None

    async def refresh_vitals(self, device_id: str, product: str | None) -> None:
        """Have a device send its vitals, which come as an event (6.1)."""
        path = f"{_diagnostics(product, device_id)}/update"
        await self._ask.device("POST", path, json={})

    async def product_device(self, device_id: str, product: str) -> Board | None:
        """What a product knows of a device more than its owner's list does (2.2)."""
        path = f"/v1/products/{segment(product)}/devices/{segment(raw(device_id))}"
        return Board.parse(await self._ask.device("GET", path))

    async def firmware(self, product: str, version: int) -> Fields:
        """Title and notes of a firmware of a product (8.4)."""
        path = f"/v1/products/{segment(product)}/firmware/{version}"
        return as_object(await self._ask.account("GET", path))

    async def sims(self) -> tuple[Fields, ...]:
        """The SIM cards of the account (8.3)."""
        found: list[Fields] = []
        for page in range(1, MOST_SIM_PAGES + 1):
            path = f"{self._base}/sims?page={page}"
            body = await self._ask.account("GET", path)
            fields = body if isinstance(body, dict) else {"sims": body}
            items = fields.get("sims")
            listed = items if isinstance(items, list) else []
            found += [item for item in listed if isinstance(item, dict)]
            meta = fields.get("meta")
            pages = meta.get("total_pages") if isinstance(meta, dict) else None
            if not listed or not isinstance(pages, int) or page >= pages:
                break
        return tuple(found)

    async def data_usage(self, iccid: str) -> Fields:
        """How much data a SIM card has used (8.3)."""
        path = f"{self._base}/sims/{segment(iccid)}/data_usage"
        return as_object(await self._ask.account("GET", path))

    async def configuration(self, device_id: str, product: str) -> Configuration | None:
        """The settings of a Tracker; None where it has none (7.5)."""
        try:
            body = as_object(await self._ask.device("GET", _config(device_id, product)))
        except DeviceOffline, CloudMissing:
            return None
        told = body.get("configuration")
        whole = told if isinstance(told, dict) else {}
        return Configuration(
            current=_part(whole, "current"), pending=_part(whole, "pending")
        )

    async def configure(
        self, device_id: str, product: str, document: Mapping[str, Json]
    ) -> bool:
        """Replace the settings of a Tracker; False while they only wait for it (7.5)."""
        path = _config(device_id, product)
        transport = self._ask.transport
        reply = await transport.send("PUT", path, json=dict(document))
        error = device_failure(reply, pause=transport.pause())
        await self._ask.judge(path, reply, error)
        return reply.status != HTTPStatus.ACCEPTED

    async def places(
        self, device_id: str, product: str, start: str, end: str
    ) -> Fields:
        """Where a device was between two times in ISO-8601 (7.4)."""
        span = quote(f"{start},{end}", safe="")
        place = segment(raw(device_id))
        path = f"/v1/products/{segment(product)}/locations/{place}?date_range={span}"
        body = as_object(await self._ask.device("GET", path))
        location = body.get("location")
        return location if isinstance(location, dict) else {}


def refused(err: Exception) -> bool:
    """Whether an endpoint is not for this account, so that asking again is in vain."""
    return isinstance(err, CloudRejected | CloudMissing | DeviceOffline)


def _diagnostics(product: str | None, device_id: str) -> str:
    base = f"/v1/products/{segment(product)}" if product else "/v1"
    return f"{base}/diagnostics/{segment(raw(device_id))}"


def _config(device_id: str, product: str) -> str:
    return f"/v1/products/{segment(product)}/config/{segment(raw(device_id))}"


def _part(whole: Fields, key: str) -> Mapping[str, Json]:
    part = whole.get(key)
    return part if isinstance(part, dict) else {}


def iccid_of(sim: Fields) -> str | None:
    """The number of a SIM card, by which a device names it."""
    return text(sim.get("iccid")) or text(sim.get("_id"))
