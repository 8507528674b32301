"""What a self-hosted local cloud has besides: accounts, products, its second streams."""

from collections.abc import Iterable

from aiohttp import web

from .particle_access import basic
from .particle_answers import Said, iso
from .particle_catalog import Product
from .particle_core import Core
from .particle_events import Events


class LocalRoutes:
    """Endpoints of reference 12.2 that the real cloud has no longer or never had."""

    def __init__(self, core: Core, events: Events) -> None:
        """Take the cloud's parts and its streams."""
        self._core = core
        self._events = events

    def routes(self) -> Iterable[web.RouteDef]:
        """Accounts, products, streams of the second version."""
        yield web.get("/v1/access_tokens", self.tokens)
        yield web.post("/v1/users", self.sign_up)
        yield web.get("/v1/products", self.products)
        yield web.post("/v1/products", self.create_product)
        yield web.get("/v1/products/{product}/devices", self.devices)
        for path in ("/v2/events", "/v2/devices/events"):
            yield web.get(path, self._events.second)
            yield web.get(f"{path}/{{prefix:.*}}", self._events.second)

    async def tokens(self, request: web.Request) -> web.Response:
        """List one's tokens, for a Basic header (reference 1.5)."""
        user, password = basic(request) or ("", "")
        person = self._core.access.login(user, password)
        if person is None:
            return Said(401, {"error": "User doesn't exist", "ok": False}).response()
        mine = [
            {
                "token": token.value,
                "expires_at": None
                if token.expires_at is None
                else iso(token.expires_at),
                "client": token.client,
            }
            for token in self._core.access.tokens.values()
            if token.username == person.username
        ]
        return Said(200, mine).response()

    async def sign_up(self, request: web.Request) -> web.Response:
        """Open an account; one name is good for one."""
        fields = await self._core.fields(request)
        username, password = fields.get("username"), fields.get("password")
        if not isinstance(username, str) or not isinstance(password, str):
            body = {"error": "Username and password required", "ok": False}
            return Said(400, body).response()
        if username in self._core.access.people:
            body = {"error": "User with the username already exists", "ok": False}
            return Said(400, body).response()
        self._core.access.add_person(username, password)
        return Said(200, {"ok": True}).response()

    async def products(self, request: web.Request) -> web.Response:
        """List the products, none at first."""
        await self._core.access.caller(request)
        found = self._core.catalog.products.values()
        documents = [product.document() for product in found]
        return Said(200, {"products": documents}).response()

    async def create_product(self, request: web.Request) -> web.Response:
        """Make a product, which is empty and stays so."""
        await self._core.access.caller(request)
        fields = await self._core.fields(request)
        asked = fields.get("product", fields)
        name = asked.get("name") if isinstance(asked, dict) else None
        if not isinstance(name, str):
            body = {"error": "You must provide a product name", "ok": False}
            return Said(400, body).response()
        number = len(self._core.catalog.products) + 1
        slug = f"{name.lower().replace(' ', '-')}-v{number}"
        product = Product(number=number, slug=slug, name=name)
        self._core.catalog.products[number] = product
        return Said(200, {"ok": True, "product": [product.document()]}).response()

    async def devices(self, request: web.Request) -> web.Response:
        """List the devices of a product (reference 12.3)."""
        await self._core.access.caller(request)
        self._core.product(request)
        body = {"accounts": [], "devices": [], "meta": {"total_pages": 0}}
        return Said(200, body).response()
