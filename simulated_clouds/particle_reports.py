"""Vitals and positions that the simulated Particle cloud keeps (reference 6.1, 7.4)."""

import asyncio
from collections.abc import Iterable
from datetime import UTC, datetime
import json
from typing import Any

from aiohttp import web

from .particle_answers import Said, iso
from .particle_core import Core
from .particle_fleet import Record, find
from .particle_unit import unit_of
from .particle_vitals import METADATA
from .world import Board


class Reports:
    """Diagnostics and locations."""

    def __init__(self, core: Core) -> None:
        """Take the cloud's parts."""
        self._core = core

    def routes(self) -> Iterable[web.RouteDef]:
        """Diagnostics alone and within a product; locations only within one."""
        for prefix in ("/v1", "/v1/products/{product}"):
            path = f"{prefix}/diagnostics/{{id}}"
            yield web.get(f"{path}/last", self.last)
            yield web.get(f"{path}/metadata", self.metadata)
            yield web.get(path, self.history)
            yield web.post(f"{path}/update", self.update)
        yield web.get("/v1/products/{product}/locations", self.locations)
        yield web.get("/v1/products/{product}/fleet_locations", self.locations)
        yield web.get("/v1/products/{product}/locations/{id}", self.location)

    async def last(self, request: web.Request) -> web.Response:
        """The newest vitals; 404 for a device that never reported."""
        target = await self._core.target(request, "devices.diagnostics:get")
        board = target.board
        records = self._core.fleet.presence(board).vitals
        if not records:
            return self._core.answers.not_found().response()
        return Said(200, {"diagnostics": _vitals(board, records[-1])}).response()

    async def history(self, request: web.Request) -> web.Response:
        """Vitals between two dates, the end not included; JSON or CSV."""
        target = await self._core.target(request, "devices.diagnostics:get")
        board = target.board
        start = self._date(request.query.get("start_date"), 0.0)
        end = self._date(request.query.get("end_date"), float("inf"))
        records = self._core.fleet.presence(board).vitals
        chosen = [_vitals(board, item) for item in records if start <= item.at < end]
        if "text/csv" in request.headers.get("Accept", ""):
            return web.Response(text=_csv(chosen), content_type="text/csv")
        return Said(200, {"diagnostics": chosen}).response()

    async def update(self, request: web.Request) -> web.Response:
        """Ask a device for its vitals, which come as an event some time later."""
        target = await self._core.target(request, "devices.diagnostics:update")
        if self._core.fleet.answers(target.board):
            send = self._core.publications.send_vitals
            asyncio.get_running_loop().call_soon(send, target.board)
        return Said(202, {"ok": True}).response()

    async def metadata(self, request: web.Request) -> web.Response:
        """Titles, units and warning thresholds of vitals."""
        await self._core.target(request, "devices.diagnostics.metadata:get")
        return Said(200, {"diagnostics_metadata": METADATA}).response()

    async def locations(self, request: web.Request) -> web.Response:
        """Positions of all devices of a product."""
        product = self._core.product(request)
        await self._core.access.member(request, product, "locations:get")
        query = request.query
        boards = [
            board
            for board in self._core.fleet.of_product(product)
            if query.get("device_id", "").lower() in board.id
            and board.name.startswith(query.get("device_name", ""))
        ]
        found = [
            document
            for board in boards
            if (document := self._location(request, board, detailed=False))
        ]
        page, size = self._page(query)
        meta = {
            "page": page,
            "per_page": size,
            "total_pages": -(-len(found) // size),
            "devices_found": len(found),
        }
        shown = found[(page - 1) * size : page * size]
        return Said(200, {"locations": shown, "meta": meta}).response()

    async def location(self, request: web.Request) -> web.Response:
        """Positions of one device."""
        product = self._core.product(request)
        await self._core.access.member(request, product, "locations:get")
        boards = self._core.fleet.of_product(product)
        board = find(boards, request.match_info["id"], by_name=False)
        if board is None:
            return self._core.answers.no_device().response()
        document = self._location(request, board, detailed=True)
        if document is None:
            return self._core.answers.not_found().response()
        return Said(200, {"location": document, "meta": {}}).response()

    def _location(
        self, request: web.Request, board: Board, *, detailed: bool
    ) -> dict[str, Any] | None:
        """Describe where a board was; without a range, where it is (reference 7.4)."""
        places = self._chosen(request, board)
        if not places:
            return None
        unit = unit_of(board)
        points = [[item.body["lon"], item.body["lat"]] for item in places]
        line = len(points) > 1
        presence = self._core.fleet.presence(board)
        document: dict[str, Any] = {
            "device_id": board.id,
            "product_id": unit.product_id,
            "device_name": board.name,
            "groups": list(unit.groups),
            "gps_lock": bool(places[-1].body["lck"]),
            "last_heard": iso(presence.heard),
            "timestamps": [iso(item.at) for item in places],
            "online": board.online,
            "geometry": {
                "type": "LineString" if line else "Point",
                "coordinates": points if line else points[0],
            },
        }
        if detailed:
            document["properties"] = [
                {key: item.body[key] for key in ("hd", "h_acc", "spd", "temp")}
                for item in places
            ]
        return document

    def _chosen(self, request: web.Request, board: Board) -> list[Record]:
        query = request.query
        places = self._core.fleet.presence(board).places
        if span := query.get("date_range"):
            first, _, last = span.partition(",")
            start, end = self._date(first, 0.0), self._date(last, float("inf"))
            places = [item for item in places if start <= item.at < end]
        else:
            places = places[-1:]
        south, west = self._corner(query.get("rect_bl"), (-90.0, -180.0))
        north, east = self._corner(query.get("rect_tr"), (90.0, 180.0))
        return [
            item
            for item in places
            if south <= item.body["lat"] <= north and west <= item.body["lon"] <= east
        ]

    def _date(self, text: str | None, missing: float) -> float:
        if not text:
            return missing
        try:
            at = datetime.fromisoformat(text)
        except ValueError as err:
            refusal = self._core.answers.bad_request("Invalid date").refused()
            raise refusal from err
        return (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp()

    def _corner(
        self, text: str | None, missing: tuple[float, float]
    ) -> tuple[float, float]:
        if not text:
            return missing
        try:
            latitude, longitude = (float(part) for part in text.split(","))
        except ValueError as err:
            refusal = self._core.answers.bad_request("Invalid rectangle").refused()
            raise refusal from err
        return latitude, longitude

    def _page(self, query: Any) -> tuple[int, int]:
        page, size = query.get("page", "1"), query.get("per_page", "20")
        if not page.isdecimal() or not size.isdecimal() or "0" in {page, size}:
            raise self._core.answers.bad_request("Invalid page").refused()
        return int(page), min(100, int(size))


def _vitals(board: Board, record: Record) -> dict[str, Any]:
    return {
        "updated_at": iso(record.at),
        "deviceID": board.id,
        "payload": record.body,
    }


def _csv(records: list[dict[str, Any]]) -> str:
    lines = ["updated_at,deviceID,payload"]
    for record in records:
        payload = json.dumps(record["payload"]).replace('"', '""')
        lines.append(f'{record["updated_at"]},{record["deviceID"]},"{payload}"')
    return "\n".join(lines) + "\n"
