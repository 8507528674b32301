"""Opening event streams and publishing over REST (reference 5)."""

from collections.abc import Callable, Iterable

from aiohttp import web

from .particle_access import Token
from .particle_answers import Said
from .particle_billing import Item
from .particle_core import Core
from .particle_devices import DEVICE, PRODUCT_DEVICE
from .particle_fleet import find
from .particle_streams import Event, Stream
from .server import RateLimit

NAME_LIMIT = 64
DATA_LIMIT = 16_384
"""Bytes of an event (reference 3.3)."""
RESERVED = ("spark", "particle")
LOCAL_PREFIX = 1
"""A local cloud looks at the first letter of a prefix only (reference 12.3)."""


class Events:
    """Streams and publishing."""

    def __init__(self, core: Core) -> None:
        """Count how often streams are opened."""
        self._core = core
        options = core.options
        self._opens = RateLimit(options.stream_opens, options.window, core.clock)

    def routes(self) -> Iterable[web.RouteDef]:
        """Every stream with and without a prefix; they go before all device paths."""
        streams = {
            "/v1/devices/events": self.mine,
            f"{DEVICE}/events": self.of_device,
            "/v1/products/{product}/events": self.of_product,
            f"{PRODUCT_DEVICE}/events": self.of_device,
            "/v1/events": self.firehose,
        }
        if not self._core.options.local:
            streams |= {
                "/v1/orgs/{org}/events": self.of_organization,
                "/v1/orgs/{org}/devices/{id}/events": self.of_owned_device,
                "/v1/orgs/{org}/products/{product}/events": self.of_owned_product,
            }
        for path, handler in streams.items():
            yield web.get(path, handler)
            yield web.get(f"{path}/{{prefix:.*}}", handler)
        yield web.post("/v1/devices/events", self.publish)
        yield web.post("/v1/products/{product}/events", self.publish)

    async def mine(self, request: web.Request) -> web.StreamResponse:
        """Everything of the person's claimed devices and own publications."""
        token = await self._core.access.person(request)
        return await self._open(
            request, token, lambda event: event.owner == token.username
        )

    async def of_device(self, request: web.Request) -> web.StreamResponse:
        """One device, alone or within its product."""
        target = await self._core.target(request, "events:get")
        return await self._open(
            request,
            target.token,
            lambda event: event.coreid == target.board.id,
            product=target.product is not None,
        )

    async def of_product(self, request: web.Request) -> web.StreamResponse:
        """Everything of a product."""
        product = self._core.product(request)
        token = await self._core.access.member(request, product, "events:get")
        return await self._open(
            request, token, lambda event: event.product == product, product=True
        )

    async def of_organization(self, request: web.Request) -> web.StreamResponse:
        """Everything of all products of an organization."""
        token, owner = await self._core.organization(request, "events:get")
        return await self._open(
            request, token, lambda event: event.product in owner.products, product=True
        )

    async def of_owned_product(self, request: web.Request) -> web.StreamResponse:
        """One product of an organization."""
        token, owner = await self._core.organization(request, "events:get")
        product = self._core.product(request)
        if product not in owner.products:
            return self._core.answers.no_product(str(product)).response()
        return await self._open(
            request, token, lambda event: event.product == product, product=True
        )

    async def of_owned_device(self, request: web.Request) -> web.StreamResponse:
        """One device of an organization, whatever product it is in."""
        token, owner = await self._core.organization(request, "events:get")
        boards = [
            board
            for product in owner.products
            for board in self._core.fleet.of_product(product)
        ]
        board = find(boards, request.match_info["id"], by_name=False)
        if board is None:
            return self._core.answers.no_device().response()
        return await self._open(
            request, token, lambda event: event.coreid == board.id, product=True
        )

    async def firehose(self, request: web.Request) -> web.StreamResponse:
        """Public events and one's own; the real cloud insists on a prefix."""
        token = await self._core.access.person(request)
        if not request.match_info.get("prefix") and not self._core.options.local:
            error = "event prefix filter is required"
            return Said(400, {"ok": False, "error": error}).response()
        return await self._open(
            request,
            token,
            lambda event: event.public or event.owner == token.username,
        )

    async def second(self, request: web.Request) -> web.StreamResponse:
        """A local cloud's stream of the second version: one's own and public events."""
        token = await self._core.access.caller(request)
        return await self._open(
            request,
            token,
            lambda event: event.public or event.owner == token.username,
            second=True,
        )

    async def _open(
        self,
        request: web.Request,
        token: Token,
        wants: Callable[[Event], bool],
        *,
        product: bool = False,
        second: bool = False,
    ) -> web.StreamResponse:
        options, streams = self._core.options, self._core.streams
        room = len(streams.open) < options.streams_at_once
        if not self._opens.allow(request.remote or "") or not room:
            body = self._core.answers.too_many().body
            return Said(options.stream_limit_status, body).response()
        if streams.deadly and not second and request.transport:
            streams.die()
            request.transport.abort()
        prefix = request.match_info.get("prefix", "")
        if options.local:
            prefix = prefix[:LOCAL_PREFIX]
        stream = Stream(
            path=request.path,
            token=token,
            wants=lambda event: event.name.startswith(prefix) and wants(event),
            product=product,
            second=second,
        )
        self._core.record("sse", "OPEN", request.path)
        try:
            return await streams.serve(request, stream)
        finally:
            self._core.record("sse", "CLOSE", request.path)

    async def publish(self, request: web.Request) -> web.Response:
        """Publish an event in the caller's name (reference 5.7)."""
        owner, product = None, None
        if "product" in request.match_info:
            product = self._core.product(request)
            await self._core.access.member(request, product, "events:send")
        else:
            owner = (await self._core.access.person(request)).username
        payer = owner or self._core.options.username
        if self._core.billing.paused(payer):
            return self._core.answers.paused().response()
        fields = await self._core.fields(request)
        name, data = self._checked(request, fields)
        person = self._core.access.people.get(owner or "")
        event = Event(
            name=name,
            data=data,
            coreid=None if self._core.options.local else "api",
            at=self._core.publications.now(),
            owner=owner,
            userid=person.id if person else "",
            product=product,
            public=fields.get("private") in {None, False, "false", "0", ""},
            ttl=self._ttl(fields.get("ttl")),
        )
        size = len((data or "").encode())
        self._core.billing.take(payer, Item.PUBLISH, size=size)
        self._core.publications.publish(event)
        return Said(200, {"ok": True}).response()

    def _checked(
        self, request: web.Request, fields: dict[str, object]
    ) -> tuple[str, str | None]:
        """Return name and data; raises `Refused` for what the cloud does not take."""
        name, data = fields.get("name"), fields.get("data")
        wrong = None
        if not isinstance(name, str) or not name:
            # A local cloud dies of it, as far as its clients can tell.
            if self._core.options.local and request.transport:
                request.transport.abort()
            raise self._core.answers.bad_request("name is missing").refused()
        if len(name.encode()) > NAME_LIMIT:
            wrong = "name is too long"
        elif name.lower().startswith(RESERVED):
            wrong = "name is reserved"
        elif data is not None and not isinstance(data, str):
            wrong = "data is not a string"
        elif isinstance(data, str) and len(data.encode()) > DATA_LIMIT:
            wrong = "data is too long"
        if wrong:
            raise self._core.answers.bad_request(wrong).refused()
        return name, data if isinstance(data, str) else None

    def _ttl(self, asked: object) -> int | str:
        """Echo the ttl as it came; a form makes it text."""
        default: int | str = "60" if self._core.options.ttl_text else 60
        return asked if isinstance(asked, int | str) and asked else default
