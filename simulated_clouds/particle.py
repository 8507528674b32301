"""The simulated Particle cloud: REST, OAuth and server-sent events on loopback."""

from collections.abc import Callable, Iterable
import time
from typing import Any

from aiohttp import web

from .particle_access import Access
from .particle_answers import Answers
from .particle_billing import Billing
from .particle_catalog import ORGANIZATION, PRODUCTS, Catalog, household
from .particle_config import Configuration
from .particle_control import Control
from .particle_core import Core
from .particle_devices import Devices
from .particle_events import Events
from .particle_firmware import Firmware
from .particle_flash import Flasher
from .particle_fleet import Fleet
from .particle_lives import Lives
from .particle_local import LocalAnswers
from .particle_local_routes import LocalRoutes
from .particle_locations import Locations
from .particle_oauth import OAuth
from .particle_options import Options
from .particle_publications import Publications
from .particle_reports import Reports
from .particle_sims import Sims
from .particle_streams import Streams
from .particle_teams import KNOWN_SCOPES, Teams
from .particle_values import Values
from .server import Handler, RateLimit, SimulatedCloud
from .world import Board, World


class ParticleCloud(SimulatedCloud):
    """One Particle Device Cloud; further keywords are those of `Options`.

    It starts with the household's account, a token of it that does not expire unless an
    option says so, and an API user each of the product and of its organization. `access` has people and tokens,
    `catalog` products, `publications` the boards' side, `lives` what happens to boards,
    `flasher` their updates, `billing` the operations that were used.
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
        self.catalog = Catalog(()) if local else household()
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
        self._live()
        self._core = self._parts()
        self._limit = RateLimit(self.options.requests, self.options.window, clock)
        self._unlisten: Callable[[], None] | None = None
        self.token = self._open_account()
        scopes = sorted(KNOWN_SCOPES)
        self.api_user_token = self.access.add_api_user(scopes, PRODUCTS).value
        self.org_user_token = self.access.add_api_user(
            scopes, PRODUCTS, [ORGANIZATION]
        ).value

    def _live(self) -> None:
        """Give the boards their fates and their updates."""
        self.lives = Lives(
            world=self.world, fleet=self.fleet, publications=self.publications
        )
        self.flasher = Flasher(
            options=self.options,
            catalog=self.catalog,
            fleet=self.fleet,
            publications=self.publications,
        )
        self.publications.handshake = self.flasher.handshake
        self.billing.watch(self._paused)

    def _parts(self) -> Core:
        """Return what the endpoints share."""
        return Core(
            options=self.options,
            answers=self.answers,
            clock=self.clock,
            access=self.access,
            fleet=self.fleet,
            catalog=self.catalog,
            billing=self.billing,
            streams=self.streams,
            publications=self.publications,
            record=self.record,
        )

    def _open_account(self) -> str:
        """Make the household's account, and return its first token."""
        person = self.access.add_person(
            self.options.username,
            self.options.password,
            otp=self.options.otp,
            products=PRODUCTS,
            orgs=[ORGANIZATION],
        )
        lifetime = self.options.token_lifetime
        return self.access.issue(person, lifetime=lifetime).value

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
            "org_user_token": self.org_user_token,
            "organizations": [*self.catalog.organizations],
            "products": {str(number): slug for number, slug in PRODUCTS.items()},
        }

    def routes(self) -> Iterable[web.RouteDef]:
        """All endpoints; the order decides between names and fixed words."""
        core = self._core
        events = Events(core)
        routes = [*OAuth(core).routes(), *events.routes()]
        if self.options.local:
            routes += LocalRoutes(core, events).routes()
        else:
            for part in (Reports, Locations, Configuration, Sims, Teams):
                routes += part(core).routes()
            routes += Firmware(core, self.flasher).routes()
        routes += Devices(core, self.flasher).routes()
        routes += Values(core).routes()
        for route in routes:
            yield web.route(route.method, route.path, self._limited(route.handler))
        yield web.route("*", "/{path:.*}", self._nowhere)

    def control_routes(self) -> Iterable[web.RouteDef]:
        """Every switch of this cloud, and raw bytes on streams."""
        return Control(self).routes()

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
        await self.flasher.close()
        self.streams.close()
        await super().stop()

    def set_online(self, board: Board, online: bool) -> None:
        """Connect or disconnect a board; its listeners are told."""
        self.publications.set_online(board, online)

    def cut_power(self, board: Board) -> None:
        """Silence a board without the cloud noticing."""
        self.publications.cut_power(board)

    def pause(self) -> None:
        """Pause the household's account as if its plan were used up (reference 9.2)."""
        self.billing.pause(self.options.username)

    def _paused(self, username: str) -> None:
        if self.options.pause_disconnects:
            for board in self.fleet.claimed(username):
                self.publications.set_online(board, False)

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
