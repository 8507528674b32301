"""The simulated Particle cloud: REST, OAuth and server-sent events on loopback."""

from collections.abc import Callable, Iterable
import time
from typing import Any

from aiohttp import web

from .particle_access import Access
from .particle_answers import Answers
from .particle_billing import Billing
from .particle_core import PRODUCTS, Core
from .particle_devices import Devices
from .particle_events import Events
from .particle_fleet import Fleet
from .particle_local import LocalAnswers
from .particle_oauth import OAuth
from .particle_options import Options
from .particle_publications import Publications
from .particle_reports import Reports
from .particle_streams import Streams
from .particle_values import Values
from .server import CONTROL, Handler, RateLimit, SimulatedCloud
from .world import Board, World

SCOPES = (
    "devices:list",
    "devices:get",
    "devices.variable:get",
    "devices.function:call",
    "devices:ping",
    "devices:update",
    "devices.diagnostics:get",
    "devices.diagnostics:update",
    "devices.diagnostics.metadata:get",
    "events:get",
    "events:send",
    "locations:get",
)
"""Scopes of the API user that the cloud starts with (reference 1.7)."""


class ParticleCloud(SimulatedCloud):
    """One Particle Device Cloud; further keywords are those of `Options`.

    It starts with the household's account, a token of it that never expires, and an API
    user of the product. `access` has people and tokens, `publications` the boards'
    side, `billing` the operations that were used.
    """

    name = "particle"

    def __init__(
        self, world: World, *, clock: Callable[[], float] = time.time, **options: Any
    ) -> None:
        """Open the household's account; raises TypeError for an unknown option."""
        super().__init__(world, clock=clock)
        self.options = Options(**options)
        local = self.options.local
        answers = (LocalAnswers if local else Answers)(self.options)
        self.answers = answers
        self.access = Access(self.options, answers, clock)
        self.fleet = Fleet(world, self.name, self.options.username, clock)
        self.billing = Billing(self.options.plan_limit)
        self.streams = Streams(self.options, self.faults, self.access.good)
        self.publications = Publications(
            world=world,
            cloud=self.name,
            options=self.options,
            clock=clock,
            fleet=self.fleet,
            access=self.access,
            billing=self.billing,
            streams=self.streams,
            record=self.record,
        )
        self._core = Core(
            options=self.options,
            answers=answers,
            clock=clock,
            access=self.access,
            fleet=self.fleet,
            billing=self.billing,
            streams=self.streams,
            publications=self.publications,
            record=self.record,
        )
        self._limit = RateLimit(self.options.requests, self.options.window, clock)
        self._unlisten: Callable[[], None] | None = None
        self.token = self._open_account()
        self.api_user_token = self.access.add_api_user(SCOPES, PRODUCTS).value

    def _open_account(self) -> str:
        """Make the household's account, and return a token that never expires."""
        person = self.access.add_person(
            self.options.username,
            self.options.password,
            otp=self.options.otp,
            products=PRODUCTS,
        )
        return self.access.issue(person).value

    @property
    def operations(self) -> int:
        """Data operations that all accounts have used."""
        return self.billing.total

    def info(self) -> dict[str, Any]:
        """Address, the household's credentials, and the product."""
        client, secret = next(iter(self.options.known_clients.items()))
        return {
            "url": self.url,
            "username": self.options.username,
            "password": self.options.password,
            "otp": self.options.otp,
            "client_id": client,
            "client_secret": secret,
            "access_token": self.token,
            "api_user_token": self.api_user_token,
            "products": {str(number): slug for number, slug in PRODUCTS.items()},
        }

    def routes(self) -> Iterable[web.RouteDef]:
        """All endpoints; the order decides between names and fixed words."""
        core = self._core
        routes = [*OAuth(core).routes(), *Events(core).routes()]
        if not self.options.local:
            routes += Reports(core).routes()
        routes += [*Devices(core).routes(), *Values(core).routes()]
        for route in routes:
            yield web.route(route.method, route.path, self._limited(route.handler))
        yield web.route("*", "/{path:.*}", self._nowhere)

    def control_routes(self) -> Iterable[web.RouteDef]:
        """Operations, tokens, boards coming and going, raw bytes on streams."""
        yield web.get(f"{CONTROL}/operations", self._get_operations)
        yield web.delete(f"{CONTROL}/operations", self._clear_operations)
        yield web.post(f"{CONTROL}/tokens/expire", self._expire_tokens)
        yield web.post(f"{CONTROL}/boards/{{id}}/online", self._set_online)
        yield web.post(f"{CONTROL}/boards/{{id}}/vitals", self._send_vitals)
        yield web.post(f"{CONTROL}/streams", self._inject)
        yield web.delete(f"{CONTROL}/streams", self._close_streams)

    async def start(self, port: int = 0) -> ParticleCloud:
        """Listen on loopback and to the boards, and return self."""
        for board in self.fleet.boards():
            self.fleet.presence(board)
        await super().start(port)
        self._unlisten = self.world.listen(self.publications.measured)
        return self

    async def stop(self) -> None:
        """End every stream and stop listening."""
        if self._unlisten:
            self._unlisten()
            self._unlisten = None
        self.streams.close()
        await super().stop()

    def set_online(self, board: Board, online: bool) -> None:
        """Connect or disconnect a board; its listeners are told."""
        self.publications.set_online(board, online)

    def cut_power(self, board: Board) -> None:
        """Silence a board without the cloud noticing."""
        self.publications.cut_power(board)

    def expire_tokens(self) -> None:
        """Let every token of a person end now, also on running streams."""
        self.access.expire()
        self.streams.wake()

    def unauthorized(self, *, expired: bool = False) -> web.Response:
        """Refuse a token (reference 1.6)."""
        return self.answers.bad_token(expired=expired).response()

    def too_many(self, retry_after: float | None = None) -> web.Response:
        """Answer above a limit; the real cloud sends no Retry-After (reference 9.1)."""
        response = self.answers.too_many().response()
        if retry_after is not None:
            response.headers["Retry-After"] = f"{retry_after:g}"
        return response

    def server_error(self, status: int) -> web.Response:
        """Break: 502 and above come from the load balancer, as HTML (reference 3.2)."""
        if status >= 502:
            page = f"<html><body><h1>{status}</h1></body></html>"
            return web.Response(status=status, text=page, content_type="text/html")
        return self.answers.broken(status).response()

    def _limited(self, handler: Any) -> Handler:
        async def limited(request: web.Request) -> web.StreamResponse:
            if not self._limit.allow(request.remote or ""):
                return self.too_many()
            response: web.StreamResponse = await handler(request)
            return response

        return limited

    async def _nowhere(self, _: web.Request) -> web.Response:
        return self.answers.not_found().response()

    async def _get_operations(self, _: web.Request) -> web.Response:
        accounts = {name: dict(used) for name, used in self.billing.accounts.items()}
        body = {"total": self.operations, "accounts": accounts}
        return web.json_response(body)

    async def _clear_operations(self, _: web.Request) -> web.Response:
        self.billing.clear()
        return web.json_response({})

    async def _expire_tokens(self, _: web.Request) -> web.Response:
        self.expire_tokens()
        return web.json_response({})

    async def _set_online(self, request: web.Request) -> web.Response:
        """Body: `online`, and `noticed` false for a board that loses its power."""
        board = self.world.boards[request.match_info["id"]]
        asked = await request.json()
        if asked["online"] or asked.get("noticed", True):
            self.set_online(board, bool(asked["online"]))
        else:
            self.cut_power(board)
        return web.json_response({})

    async def _send_vitals(self, request: web.Request) -> web.Response:
        board = self.world.boards[request.match_info["id"]]
        self.publications.send_vitals(board)
        return web.json_response({})

    async def _inject(self, request: web.Request) -> web.Response:
        """Write the body to every stream as it is."""
        self.streams.inject(await request.read())
        return web.json_response({})

    async def _close_streams(self, _: web.Request) -> web.Response:
        self.streams.close()
        return web.json_response({})
