"""Products, organizations and their API users in the simulated Particle cloud."""

from collections.abc import Iterable

from aiohttp import web

from .particle_access import Token
from .particle_answers import Said
from .particle_core import Core

KNOWN_SCOPES = frozenset(
    {
        "devices:list",
        "devices:get",
        "devices.variable:get",
        "devices.function:call",
        "devices:ping",
        "devices:update",
        "devices.diagnostics:get",
        "devices.diagnostics:update",
        "devices.diagnostics.metadata:get",
        "devices.diagnostics.summary:get",
        "events:get",
        "events:send",
        "locations:get",
        "configuration:get",
        "configuration:update",
        "firmware:get",
        "firmware:release",
        "sims:list",
        "sims.status:get",
        "sims.usage:get",
        "ledger.definitions:list",
        "ledger.definitions:get",
        "ledger.instances:set",
        "ledger.instances.versions:get",
    }
)
"""Scopes that an API user can be given (reference 1.7)."""


class Teams:
    """Who is in which team, and what there is to be a member of."""

    def __init__(self, core: Core) -> None:
        """Take the cloud's parts."""
        self._core = core

    def routes(self) -> Iterable[web.RouteDef]:
        """Products and organizations, then their API users."""
        yield web.get("/v1/products", self.products)
        yield web.get("/v1/user/products", self.products)
        yield web.get("/v1/products/{product}", self.product)
        yield web.get("/v1/orgs", self.organizations)
        yield web.get("/v1/orgs/{org}", self.organization)
        yield web.get("/v1/orgs/{org}/products", self.owned)
        for path in ("/v1/products/{product}/team", "/v1/orgs/{org}/team"):
            yield web.post(path, self.hire)
            yield web.put(f"{path}/{{username}}", self.rescope)
            yield web.delete(f"{path}/{{username}}", self.dismiss)

    async def products(self, request: web.Request) -> web.Response:
        """List the products that the person is in the team of."""
        token = await self._core.access.person(request)
        return self._listed(token.products)

    async def product(self, request: web.Request) -> web.Response:
        """Describe one product."""
        product = await self._core.team(request, "devices:list")
        return Said(200, {"product": product.document()}).response()

    async def organizations(self, request: web.Request) -> web.Response:
        """List the organizations that the person is a member of."""
        token = await self._core.access.person(request)
        documents = [
            organization.document()
            for organization in self._core.catalog.organizations.values()
            if organization.slug in token.orgs
        ]
        return Said(200, {"organizations": documents}).response()

    async def organization(self, request: web.Request) -> web.Response:
        """Describe one organization to its members and API users."""
        _, organization = await self._core.organization(request)
        return Said(200, {"organization": organization.document()}).response()

    async def owned(self, request: web.Request) -> web.Response:
        """List the products of an organization, also for its API users."""
        _, organization = await self._core.organization(request)
        return self._listed(organization.products)

    def _listed(self, numbers: Iterable[int]) -> web.Response:
        known = self._core.catalog.products
        documents = [known[number].document() for number in sorted(numbers)]
        return Said(200, {"products": documents}).response()

    async def hire(self, request: web.Request) -> web.Response:
        """Make an API user; its token is shown this once (reference 1.7)."""
        products, orgs = await self._scope(request)
        fields = await self._core.fields(request)
        name = fields.get("friendly_name")
        if not isinstance(name, str) or not name:
            raise self._core.answers.bad_request("friendly_name is missing").refused()
        scopes = self._scopes(fields)
        token = self._core.access.add_api_user(scopes, products, orgs)
        return Said(200, {"ok": True, "created": _created(token)}).response()

    async def rescope(self, request: web.Request) -> web.Response:
        """Change an API user's scopes: the token it had is dead at once."""
        await self._scope(request)
        scopes = self._scopes(await self._core.fields(request))
        username = request.match_info["username"]
        token = self._core.access.rescope(username, scopes)
        if token is None:
            return self._core.answers.not_found().response()
        self._core.streams.wake()
        return Said(200, {"ok": True, "updated": _created(token)}).response()

    async def dismiss(self, request: web.Request) -> web.Response:
        """Delete an API user with its token."""
        await self._scope(request)
        self._core.access.revoke_all(request.match_info["username"])
        self._core.streams.wake()
        return web.Response(status=204)

    async def _scope(self, request: web.Request) -> tuple[frozenset[int], list[str]]:
        """Return what an API user made here may use; only people may make one."""
        await self._core.access.person(request)
        if "org" in request.match_info:
            _, organization = await self._core.organization(request)
            return organization.products, [organization.slug]
        product = await self._core.team(request, "team")
        return frozenset({product.number}), []

    def _scopes(self, fields: dict[str, object]) -> list[str]:
        scopes = fields.get("scopes")
        known = isinstance(scopes, list) and KNOWN_SCOPES.issuperset(scopes)
        if not isinstance(scopes, list) or not scopes or not known:
            raise self._core.answers.bad_request("scopes are not valid").refused()
        return [str(scope) for scope in scopes]


def _created(token: Token) -> dict[str, object]:
    return {
        "username": token.username,
        "is_programmatic": True,
        "tokens": [{"token": token.value}],
    }
