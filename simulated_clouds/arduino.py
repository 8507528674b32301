"""A simulated Arduino Cloud: token, REST, MQTT over WebSocket, and a listener for boards."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
import time
from typing import Any, Self

from aiohttp import web

from .arduino_answers import RefusedError, error, too_many
from .arduino_changes import Changes
from .arduino_control import Control
from .arduino_gates import APP, AppGate, BoardGate
from .arduino_options import Options
from .arduino_publish import Publishing
from .arduino_rest import SPACE, Handler, Reading, Scope, property_types
from .arduino_series import Series
from .arduino_signin import Key, PlanLimit, SignIn
from .arduino_store import CLOUD, Store, device_of
from .arduino_tokens import AUDIENCE, TokenError, Tokens
from .arduino_traffic import Traffic
from .mqtt import Broker
from .mqtt_channels import StreamChannel, accept
from .server import SimulatedCloud
from .tls import self_signed
from .world import Board, World

USER_ID = "0a1b2c3d-0000-4000-8000-000000000001"
CLIENT_ID = "kT3vQ8mZ1xN6bR4wY9cL2pD7sF5hJ0aG"
CLIENT_SECRET = "Zr8Yq2Lw5Tn1Vx7Bk4Mc9Pd3Gh6Js0FaEu8Iy2Ro5Wt1Nz7Xb4Kv9Lm3Qc6Dp0Sg"
# A shared space that the key is a member of; boards name it in their facts.
SPACE_ID = "6d0f8b52-9a34-4c1e-b7f6-2e5d81c09a10"


class ArduinoCloud(SimulatedCloud):
    """One account with one API key, and the boards of the world's "arduino" cloud.

    It listens three times: for applications without and with TLS, the same paths on both,
    and for boards. `options` may be changed while it runs, `changes` edits things and
    variables. A subscription is refused by a fault, as in
    `faults.add("unauthorized", path="MQTT SUBSCRIBE /a/t/5b1f6a3e")`.
    """

    name = CLOUD

    def __init__(
        self,
        world: World,
        *,
        clock: Callable[[], float] = time.time,
        connect_timeout: float = 10.0,
        board_port: int = 0,
        tls_port: int = 0,
        user_id: str = USER_ID,
        **options: Any,
    ) -> None:
        """Prepare; nothing listens before `start`.

        `user_id` owns the account; `options` are fields of `Options`; `connect_timeout`
        is for an MQTT CONNECT; a port of 0 takes a free one. Raises ValueError.
        """
        super().__init__(world, clock=clock)
        self.options = Options()
        self.options.change(options)
        self.user_id, self.board_port, self.tls_port = user_id, board_port, tls_port
        self._limit = PlanLimit(self.options)
        self.tokens = Tokens(clock=clock, user_id=user_id, options=self.options)
        self.store = Store(world, clock=clock, user_id=user_id)
        self.changes = Changes(world, self.store, clock=clock)
        self.broker = Broker(
            faults=self.faults, clock=clock, connect_timeout=connect_timeout
        )
        self.traffic = Traffic(
            self.store,
            self.broker,
            world,
            clock=clock,
            record=self.record,
            options=self.options,
        )
        self._apps, self._boards = self._gates()
        self._rest = (
            Reading(self.store, self._online),
            Publishing(self.store, self.traffic, options=self.options),
            Series(self.store, clock=clock),
        )
        self._certificate = ""
        self._server: asyncio.Server | None = None
        self._unlisten: Callable[[], None] | None = None

    async def start(self, port: int = 0) -> Self:
        """Listen for applications on `port`, and on ports of their own with TLS."""
        await super().start(port)
        identity = await asyncio.to_thread(self_signed)
        self._certificate = identity.certificate
        self.tls_port = await self.listen(self.tls_port, identity.context)
        self._server = await asyncio.start_server(
            self._accept_board, "127.0.0.1", self.board_port, ssl=identity.context
        )
        self.board_port = self._server.sockets[0].getsockname()[1]
        self.store.prepare()
        self._unlisten = self.world.listen(self._measured)
        return self

    async def stop(self) -> None:
        """End every session and stop listening."""
        if self._unlisten:
            self._unlisten()
            self._unlisten = None
        if self._server:
            self._server.close()
        await self.broker.stop()
        if self._server:
            self._server.abort_clients()
            await self._server.wait_closed()
            self._server = None
        await super().stop()

    def info(self) -> dict[str, Any]:
        """Addresses and credentials, those of the boards included."""
        return {
            "url": self.url,
            "mqtt_url": f"ws://127.0.0.1:{self.port}/mqtt",
            "audience": AUDIENCE,
            "client_id": CLIENT_ID,
            "client_secret": CLIENT_SECRET,
            "user_id": self.user_id,
            "organization_id": SPACE_ID,
            "board_host": "127.0.0.1",
            "board_port": self.board_port,
            "board_certificate": self._certificate,
            "tls_url": f"https://127.0.0.1:{self.tls_port}",
            "tls_port": self.tls_port,
            "boards": [
                {
                    "name": board.name,
                    "thing_id": board.id,
                    "device_id": device_of(board),
                    "secret_key": board.facts.get("secret_key"),
                }
                for board in self.store.boards()
                if "device" in board.facts
            ],
        }

    def routes(self) -> Iterable[web.RouteDef]:
        """The token, the REST interface, MQTT, and 404 with an empty body for the rest."""
        key = Key(id=CLIENT_ID, secret=CLIENT_SECRET, spaces=frozenset([SPACE_ID]))
        sign_in = SignIn(self.tokens, key, self._limit)
        yield web.post("/iot/v1/clients/token", sign_in.handle)
        yield web.get("/iot/v1/property_types", self._limited)
        for part in self._rest:
            for method, path, handler in part.routes():
                yield web.route(method, path, self._guarded(handler))
        yield web.get("/mqtt", self._accept_app)
        yield web.route("*", "/{rest:.*}", self._missing)

    def control_routes(self) -> Iterable[web.RouteDef]:
        """Sessions, options, things and boards; see `arduino_control`."""
        return Control(self).routes()

    def unauthorized(self, *, expired: bool = False) -> web.Response:
        """401 with the vendor's error object."""
        return error(401, "token is expired" if expired else "token is not valid")

    def too_many(self, retry_after: float | None = None) -> web.Response:
        """429 with a plain text."""
        return too_many(retry_after)

    def server_error(self, status: int) -> web.Response:
        """The vendor's error object with this status."""
        return error(status)

    def set_online(self, board: Board, online: bool) -> None:
        """Let a board lose or find its connection; one that comes back publishes all."""
        self.traffic.set_online(board, online)

    def set_status(self, board: Board, status: str | None) -> None:
        """Let the cloud say this of a board, as UNKNOWN; None for what is true."""
        board.facts["device"].pop("device_status", None)
        if status is not None:
            board.facts["device"]["device_status"] = status

    def stall_sessions(self) -> None:
        """Let every application's session fall silent without closing it."""
        for session in self.broker.sessions(label=APP):
            session.stall()

    def abort_sessions(self) -> None:
        """Cut every application's session."""
        for session in self.broker.sessions(label=APP):
            session.abort()

    def expire_tokens(self) -> None:
        """End every token issued so far, and the sessions that live by them."""
        self.tokens.expire()
        for session in self.broker.sessions(label=APP):
            session.end("token expired")

    def _gates(self) -> tuple[AppGate, BoardGate]:
        """The rules for applications and for boards."""
        apps = AppGate(
            self.store,
            self.tokens,
            self.broker,
            self.traffic,
            note=self.record,
            options=self.options,
        )
        boards = BoardGate(
            self.store, self.broker, self.traffic, clock=self.clock, note=self.record
        )
        return apps, boards

    def _online(self, board: Board) -> bool:
        return board.online or self.traffic.played(board)

    def _measured(self, board: Board, values: dict[str, Any]) -> None:
        if board.cloud == self.name:
            self.traffic.measured(board, values)

    def _guarded(
        self, handler: Handler
    ) -> Callable[..., Awaitable[web.StreamResponse]]:
        """Check rate, token and space before a request is served."""

        async def serve(request: web.Request) -> web.StreamResponse:
            scheme, _, token = request.headers.get("Authorization", "").partition(" ")
            try:
                grant = self.tokens.check(token.strip())
            except TokenError as err:
                return self.unauthorized(expired=err.expired)
            if scheme.lower() != "bearer":
                return self.unauthorized()
            if not self._limit.allow(grant.client_id):
                return too_many()
            space = request.headers.get(SPACE) or None
            if space not in (None, grant.space):
                return error(403, "the token is not for this space")
            try:
                return await handler(request, Scope(self.store, grant, space))
            except RefusedError as err:
                return error(err.status, err.detail)

        return serve

    async def _limited(self, request: web.Request) -> web.Response:
        if not self._limit.allow():
            return too_many()
        return await property_types(request)

    async def _missing(self, _: web.Request) -> web.Response:
        return error(404)

    async def _accept_app(self, request: web.Request) -> web.StreamResponse:
        channel = await accept(request)
        await self.broker.serve(channel, self._apps)
        return channel.response

    async def _accept_board(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        await self.broker.serve(StreamChannel(reader, writer), self._boards)
