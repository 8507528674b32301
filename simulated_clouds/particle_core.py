"""What the endpoints of the simulated Particle cloud share."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
import json
from typing import NamedTuple

from aiohttp import web

from .particle_access import Access, Token
from .particle_answers import Answers
from .particle_billing import Billing
from .particle_catalog import Catalog, Organization, Product
from .particle_fleet import Fleet, find
from .particle_options import Options
from .particle_publications import Publications
from .particle_streams import Streams
from .world import Board


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
    catalog: Catalog
    billing: Billing
    streams: Streams
    publications: Publications
    record: Callable[..., None]

    def product(self, request: web.Request) -> int:
        """Return the id of the product in the path; raises `Refused` if there is none."""
        asked = request.match_info["product"]
        product = self.catalog.product(asked)
        if product is None:
            raise self.answers.no_product(asked).refused()
        return product.number

    async def team(self, request: web.Request, scope: str) -> Product:
        """Return the product in the path if the caller may use it; raises `Refused`."""
        if self.options.local:
            await self.access.caller(request)
        number = self.product(request)
        await self.access.member(request, number, scope)
        return self.catalog.products[number]

    async def organization(
        self, request: web.Request, scope: str | None = None
    ) -> tuple[Token, Organization]:
        """Return who asks and the organization in the path; raises `Refused`."""
        asked = request.match_info["org"]
        organization = self.catalog.organization(asked)
        slug = organization.slug if organization else asked
        token = await self.access.affiliate(request, slug, scope)
        if organization is None:
            raise self.answers.no_organization(asked).refused()
        return token, organization

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

    def page(
        self, query: Mapping[str, str], size: int, most: int | None = None
    ) -> tuple[int, int]:
        """Return page and page size of a query; raises `Refused` for no numbers.

        The page size has two names (reference 2.1); above `most` it is cut.
        """
        page = query.get("page", "1")
        asked = query.get("per_page") or query.get("perPage") or str(size)
        if not page.isdecimal() or not int(page):
            raise self.answers.bad_request("page is not a number").refused()
        if not asked.isdecimal() or not int(asked):
            raise self.answers.bad_request("per_page is not a number").refused()
        return int(page), min(most or int(asked), int(asked))

    def date(self, text: str | None, missing: float) -> float:
        """Return a date of a query in epoch seconds; raises `Refused` for none."""
        if not text:
            return missing
        try:
            at = datetime.fromisoformat(text)
        except ValueError as err:
            raise self.answers.bad_date().refused() from err
        return (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp()

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
