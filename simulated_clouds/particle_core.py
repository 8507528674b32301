"""What the endpoints of the simulated Particle cloud share."""

from collections.abc import Callable
from dataclasses import dataclass
import json
from typing import NamedTuple

from aiohttp import web

from .particle_access import Access, Token
from .particle_answers import Answers
from .particle_billing import Billing
from .particle_fleet import Fleet, find
from .particle_options import Options
from .particle_publications import Publications
from .particle_streams import Streams
from .world import Board

PRODUCTS = {13961: "van-fleet"}
"""Products that exist, with their slugs; paths take either."""


class Target(NamedTuple):
    """Who asks, for which board, and in which product if it is a product path."""

    token: Token
    board: Board
    product: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Core:
    """The parts of one cloud."""

    options: Options
    answers: Answers
    clock: Callable[[], float]
    access: Access
    fleet: Fleet
    billing: Billing
    streams: Streams
    publications: Publications
    record: Callable[..., None]

    def product(self, request: web.Request) -> int:
        """Return the id of the product in the path; raises `Refused` if there is none."""
        asked = request.match_info["product"]
        for number, slug in PRODUCTS.items():
            if asked in {str(number), slug} and not self.options.local:
                return number
        raise self.answers.no_product(asked).refused()

    async def target(self, request: web.Request, scope: str) -> Target:
        """Return the board that a path means.

        Raises:
            Refused: bad token, an API user outside its product or without `scope`, or
                no such board among the caller's.
        """
        key = request.match_info["id"]
        product = None
        if "product" in request.match_info:
            if self.options.local:
                await self.access.caller(request)
            product = self.product(request)
            token = await self.access.member(request, product, scope)
            board = find(self.fleet.of_product(product), key, by_name=False)
        else:
            token = await self.access.person(request)
            board = find(self.fleet.claimed(token.username), key, by_name=True)
        if board is None:
            raise self.answers.no_device().refused()
        return Target(token, board, product)

    def payer(self, target: Target) -> str:
        """Return whose plan pays; raises `Refused` if that account is paused."""
        payer = self.fleet.presence(target.board).owner or self.options.username
        if self.billing.paused(payer):
            raise self.answers.paused().refused()
        return payer

    async def fields(self, request: web.Request) -> dict[str, object]:
        """Return a body's members, JSON or form; raises `Refused` for anything else."""
        if "form" in request.content_type:
            return dict(await request.post())
        text = (await request.read()).decode("utf-8", "replace")
        if not text.strip():
            return {}
        try:
            body = json.loads(text)
        except ValueError:
            body = None
        if not isinstance(body, dict):
            raise self.answers.bad_request("The body is not a JSON object").refused()
        return body
