"""Positions that the simulated Particle cloud keeps (reference 7.4)."""

from collections.abc import Iterable
from typing import Any

from aiohttp import web

from .particle_answers import Said, iso
from .particle_core import Core
from .particle_fleet import Record, find
from .particle_unit import unit_of
from .world import Board

POINTS = ("hd", "h_acc", "spd", "temp")
OLD_POINTS = {"h_acc": "acc_h", "spd": "speed"}
"""Other words for the members of `properties` (reference 7.4)."""


class Locations:
    """Where the devices of a product are and were."""

    def __init__(self, core: Core) -> None:
        """Take the cloud's parts."""
        self._core = core

    def routes(self) -> Iterable[web.RouteDef]:
        """Positions exist within products only."""
        product = "/v1/products/{product}"
        yield web.get(f"{product}/locations", self.locations)
        yield web.get(f"{product}/locations/{{id}}", self.location)
        if self._core.options.fleet_locations:
            yield web.get(f"{product}/fleet_locations", self.fleet)

    async def locations(self, request: web.Request) -> web.Response:
        """Positions of all devices of a product, a page of devices at a time."""
        found = await self._found(request)
        page, size = self._core.page(request.query, 20, 100)
        meta = {
            "page": page,
            "per_page": size,
            "total_pages": -(-len(found) // size),
            "devices_found": len(found),
        }
        shown = found[(page - 1) * size : page * size]
        return Said(200, {"locations": shown, "meta": meta}).response()

    async def fleet(self, request: web.Request) -> web.Response:
        """The last known position of every device, all at once."""
        return Said(200, {"locations": await self._found(request)}).response()

    async def location(self, request: web.Request) -> web.Response:
        """Positions of one device."""
        product = await self._core.team(request, "locations:get")
        boards = self._core.fleet.of_product(product.number)
        board = find(boards, request.match_info["id"], by_name=False)
        if board is None:
            return self._core.answers.no_device().response()
        document = self._location(request, board, detailed=True)
        if document is None:
            return self._core.answers.not_found().response()
        return Said(200, {"location": document, "meta": {}}).response()

    async def _found(self, request: web.Request) -> list[dict[str, Any]]:
        product = await self._core.team(request, "locations:get")
        query = request.query
        groups = {group for group in query.get("groups", "").split(",") if group}
        return [
            document
            for board in self._core.fleet.of_product(product.number)
            if board.id.startswith(query.get("device_id", "").lower())
            and board.name.startswith(query.get("device_name", ""))
            and (not groups or groups & {*unit_of(board).groups})
            if (document := self._location(request, board, detailed=False))
        ]

    def _location(
        self, request: web.Request, board: Board, *, detailed: bool
    ) -> dict[str, Any] | None:
        """Describe where a board was; without a range, where it is."""
        places = self._chosen(request, board)
        if not places:
            return None
        presence = self._core.fleet.presence(board)
        document: dict[str, Any] = {
            "device_id": board.id,
            "product_id": unit_of(board).product_id,
            "device_name": board.name,
            "groups": list(unit_of(board).groups),
            "gps_lock": bool(places[-1].body["lck"]),
            "last_heard": iso(presence.heard),
            "timestamps": [iso(item.at) for item in places],
            "online": board.online,
            "geometry": self._geometry(places),
        }
        if detailed:
            document["properties"] = [self._properties(item) for item in places]
        return document

    def _geometry(self, places: list[Record]) -> dict[str, Any]:
        order = ("lat", "lon") if self._core.options.places_latlon else ("lon", "lat")
        points = [[item.body[key] for key in order] for item in places]
        if len(points) == 1:
            return {"type": "Point", "coordinates": points[0]}
        return {"type": "LineString", "coordinates": points}

    def _properties(self, item: Record) -> dict[str, Any]:
        words = OLD_POINTS if self._core.options.places_old_words else {}
        return {
            words.get(key, key): item.body[key] for key in POINTS if key in item.body
        }

    def _chosen(self, request: web.Request, board: Board) -> list[Record]:
        query = request.query
        places = self._core.fleet.presence(board).places
        if span := query.get("date_range"):
            first, _, last = span.partition(",")
            start = self._core.date(first, 0.0)
            end = self._core.date(last, float("inf"))
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
