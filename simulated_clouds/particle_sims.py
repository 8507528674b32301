"""SIM cards of the simulated Particle cloud (reference 8.3): list, status, data used."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from aiohttp import web

from .particle_answers import Said, iso
from .particle_core import Core
from .particle_unit import unit_of
from .world import Board

DAILY = 0.35
"""MB that a device uses each day by itself."""


class Sims:
    """SIM cards, alone and within a product."""

    def __init__(self, core: Core) -> None:
        """Start without checks of any card."""
        self._core = core
        self._checks: dict[str, float] = {}

    def routes(self) -> Iterable[web.RouteDef]:
        """Each path exists alone and within a product."""
        for prefix in ("/v1", "/v1/products/{product}"):
            yield web.get(f"{prefix}/sims", self.list)
            yield web.get(f"{prefix}/sims/{{iccid}}/status", self.status)
            yield web.get(f"{prefix}/sims/{{iccid}}/data_usage", self.data_usage)

    async def list(self, request: web.Request) -> web.Response:
        """List cards; a product's come in pages."""
        boards = await self._boards(request, "sims:list")
        query = request.query
        documents = [
            self._document(board)
            for board in boards
            if query.get("iccid", "") in (unit_of(board).iccid or "")
            and query.get("deviceId", "").lower() in board.id
            and query.get("deviceName", "").lower() in board.name.lower()
        ]
        if "product" not in request.match_info:
            return Said(200, {"sims": documents}).response()
        page, size = self._core.page(query, self._core.options.page_size)
        shown = documents[(page - 1) * size : page * size]
        meta = {"total_pages": -(-len(documents) // size), "page": page}
        return Said(200, {"sims": shown, "meta": meta}).response()

    async def status(self, request: web.Request) -> web.Response:
        """Check a card, which takes a while: ask again after `check_again_after`."""
        board = await self._card(request, "sims.status:get")
        iccid, now = request.match_info["iccid"], self._core.clock()
        asked = self._checks.setdefault(iccid, now)
        ready = asked + self._core.options.sim_check
        meta: dict[str, Any] = {"created_at": iso(asked), "updated_at": iso(now)}
        if now < ready:
            meta |= {"state": "pending", "check_again_after": iso(ready)}
            return Said(200, {"ok": True, "meta": meta}).response()
        del self._checks[iccid]
        body = {
            "ok": True,
            "meta": {**meta, "state": "complete"},
            "sim_status": {
                "status": self._core.fleet.presence(board).sim_status,
                "data_session": board.online,
            },
        }
        return Said(200, body).response()

    async def data_usage(self, request: web.Request) -> web.Response:
        """Data used by day since the month began, in MB."""
        board = await self._card(request, "sims.usage:get")
        today = datetime.fromtimestamp(self._core.clock(), UTC).date()
        more = self._core.fleet.presence(board).sim_mbs
        days = []
        for day in range(1, today.day + 1):
            used = DAILY + (more if day == today.day else 0.0)
            total = day * DAILY + (more if day == today.day else 0.0)
            date = today.replace(day=day).isoformat()
            days.append(
                {
                    "date": date,
                    "mbs_used": round(used, 2),
                    "mbs_used_cumulative": round(total, 2),
                }
            )
        body = {
            "iccid": request.match_info["iccid"],
            "usage_by_day": days,
            "quota": self._core.options.sim_quota,
            "used": days[-1]["mbs_used_cumulative"],
        }
        return Said(200, body).response()

    async def _boards(self, request: web.Request, scope: str) -> Iterable[Board]:
        """Return the cellular boards that the path and the caller mean."""
        if "product" in request.match_info:
            product = await self._core.team(request, scope)
            boards = self._core.fleet.of_product(product.number)
        else:
            token = await self._core.access.person(request)
            boards = self._core.fleet.claimed(token.username)
        return [board for board in boards if unit_of(board).iccid]

    async def _card(self, request: web.Request, scope: str) -> Board:
        """Return the board with a card; raises `Refused` for an unknown or foreign one."""
        iccid = request.match_info["iccid"]
        for board in await self._boards(request, scope):
            if unit_of(board).iccid == iccid:
                return board
        raise self._core.answers.no_sim().refused()

    def _document(self, board: Board) -> dict[str, Any]:
        return {
            "iccid": unit_of(board).iccid,
            "status": self._core.fleet.presence(board).sim_status,
            "base_country_code": "DE",
            "activated_on": "2024-05-02T09:12:44.000Z",
            "device_id": board.id,
            "device_name": board.name,
            "carrier": "Example Mobile",
        }
