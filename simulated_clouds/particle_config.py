"""Settings of products and of their devices in the simulated Particle cloud."""

from collections.abc import Iterable
import json
from typing import Any

from aiohttp import web

from .particle_answers import Said
from .particle_core import Core
from .particle_schema import SCHEMA, defaults, violation
from .particle_unit import unit_of
from .world import Board

ASKS_SCHEMA = "application/schema+json"


class Configuration:
    """The configuration API (reference 7.5); every PUT replaces the whole document."""

    def __init__(self, core: Core) -> None:
        """Take the cloud's parts."""
        self._core = core

    def routes(self) -> Iterable[web.RouteDef]:
        """Documents exist within products only."""
        product = "/v1/products/{product}/config"
        yield web.get(product, self.of_product)
        yield web.put(product, self.set_product)
        yield web.get(f"{product}/{{id}}", self.of_device)
        yield web.put(f"{product}/{{id}}", self.set_device)

    async def of_product(self, request: web.Request) -> web.Response:
        """The fleet's document, or 404 with an empty object while nobody set one."""
        product = await self._core.team(request, "configuration:get")
        if _wants_schema(request):
            return _schema()
        if product.config is None:
            return Said(404, {}).response()
        return Said(200, {"configuration": product.config}).response()

    async def set_product(self, request: web.Request) -> web.Response:
        """Replace the fleet's document; an empty body unsets it."""
        product = await self._core.team(request, "configuration:update")
        document = await self._document(request)
        product.config = document or None
        return Said(200, {"configuration": document}).response()

    async def of_device(self, request: web.Request) -> web.Response:
        """What a device runs with, and what waits for it."""
        target = await self._core.target(request, "configuration:get")
        if _wants_schema(request):
            return _schema()
        return Said(200, {"configuration": self._states(target.board)}).response()

    async def set_device(self, request: web.Request) -> web.Response:
        """Replace a device's document: 200 if it took it, 202 if it is away.

        An empty body stands for the fleet's document, or for the firmware's defaults
        where there is none. A document that the device rejects changes nothing.
        """
        target = await self._core.target(request, "configuration:update")
        document = await self._document(request)
        if not document:
            product = self._core.catalog.products[target.product or 0]
            document = json.loads(json.dumps(product.config or defaults()))
        board = target.board
        presence = self._core.fleet.presence(board)
        if not self._core.fleet.answers(board):
            presence.pending_config = document
            return Said(202, {"configuration": self._states(board)}).response()
        if not self._core.publications.configure(board, document):
            return self._core.answers.config_rejected().response()
        return Said(200, {"configuration": self._states(board)}).response()

    def _states(self, board: Board) -> dict[str, Any]:
        pending = self._core.fleet.presence(board).pending_config
        return {"current": unit_of(board).config, "pending": pending or {}}

    async def _document(self, request: web.Request) -> dict[str, Any]:
        """Return the body; raises `Refused` for what the schema does not allow."""
        text = (await request.read()).decode("utf-8", "replace")
        if not text.strip():
            return {}
        try:
            document = json.loads(text)
        except ValueError as err:
            refusal = self._core.answers.bad_request("The body is not JSON").refused()
            raise refusal from err
        if wrong := violation(document):
            raise self._core.answers.config_invalid(wrong).refused()
        fields: dict[str, Any] = document
        return fields


def _wants_schema(request: web.Request) -> bool:
    return ASKS_SCHEMA in request.headers.get("Accept", "")


def _schema() -> web.Response:
    return web.Response(text=json.dumps(SCHEMA), content_type=ASKS_SCHEMA)
