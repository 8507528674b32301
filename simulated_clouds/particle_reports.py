"""Vitals that the simulated Particle cloud keeps (reference 6.1)."""

import asyncio
from collections.abc import Iterable
import json
from typing import Any

from aiohttp import web

from .particle_answers import Said, iso
from .particle_core import Core
from .particle_fleet import Record
from .particle_summary import summary
from .particle_vitals import METADATA
from .world import Board


class Reports:
    """Diagnostics, alone and within a product."""

    def __init__(self, core: Core) -> None:
        """Take the cloud's parts."""
        self._core = core

    def routes(self) -> Iterable[web.RouteDef]:
        """Each path exists alone and within a product."""
        for prefix in ("/v1", "/v1/products/{product}"):
            path = f"{prefix}/diagnostics/{{id}}"
            yield web.get(f"{path}/last", self.last)
            yield web.get(f"{path}/metadata", self.metadata)
            yield web.get(f"{path}/summary", self.summary)
            yield web.get(path, self.history)
            yield web.post(f"{path}/update", self.update)

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
        chosen = [_vitals(board, item) for item in self._between(request, board)]
        if "text/csv" in request.headers.get("Accept", ""):
            return web.Response(text=_csv(chosen), content_type="text/csv")
        return Said(200, {"diagnostics": chosen}).response()

    async def summary(self, request: web.Request) -> web.Response:
        """Vitals between two dates in at most `limit` buckets."""
        target = await self._core.target(request, "devices.diagnostics.summary:get")
        limit = request.query.get("limit", "30")
        if not limit.isdecimal() or not int(limit):
            raise self._core.answers.bad_request("limit is not a number").refused()
        records = self._between(request, target.board)
        body = {"diagnostics_summary": summary(records, int(limit))}
        return Said(200, body).response()

    def _between(self, request: web.Request, board: Board) -> list[Record]:
        """Return the vitals of the query's dates; raises `Refused` for no dates."""
        start = self._core.date(request.query.get("start_date"), 0.0)
        end = self._core.date(request.query.get("end_date"), float("inf"))
        records = self._core.fleet.presence(board).vitals
        return [item for item in records if start <= item.at < end]

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
