"""What all simulated clouds share: a loopback server, its log, its faults, its control."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import asdict, dataclass, field
from email.utils import formatdate
import json
import ssl
import time
from typing import Any, Self

from aiohttp import web
from aiohttp.web import StreamResponse

from .faults import Fault, Faults, Kind
from .world import World

HTTP_FAULTS = frozenset(
    {
        Kind.DROP,
        Kind.STALL,
        Kind.UNAUTHORIZED,
        Kind.RATE_LIMIT,
        Kind.SERVER_ERROR,
        Kind.GARBAGE,
        Kind.SLOW,
        Kind.EXPIRED_TOKEN,
    }
)
CONTROL = "/_control"

type Handler = Callable[[web.Request], Awaitable[StreamResponse]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One thing that the cloud received or sent.

    `channel` is "http" for requests, otherwise the push channel ("mqtt", "sse",
    "webhook") or "board" for what a board sent or was told. `at` is in epoch seconds.
    """

    at: float
    channel: str
    method: str
    path: str
    headers: dict[str, str] = field(default_factory=dict)
    query: dict[str, str] = field(default_factory=dict)
    body: Any = None
    status: int | None = None


class RateLimit:
    """At most `limit` requests in any window of `seconds`, by key."""

    def __init__(
        self, limit: int, seconds: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """Count nothing yet."""
        self.limit = limit
        self.seconds = seconds
        self._clock = clock
        self._taken: dict[str, deque[float]] = {}

    def allow(self, key: str = "") -> bool:
        """Count one request unless it is over the limit."""
        now = self._clock()
        taken = self._taken.setdefault(key, deque())
        while taken and taken[0] <= now - self.seconds:
            taken.popleft()
        if len(taken) >= self.limit:
            return False
        taken.append(now)
        return True


class SimulatedCloud:
    """Base of the three clouds: start, stop, log, faults and the control interface.

    A subclass gives its routes and the form of its own errors. `start` binds a free port
    unless told otherwise, in whatever event loop runs, so a test owns the cloud.
    """

    name = "cloud"

    def __init__(self, world: World, *, clock: Callable[[], float] = time.time) -> None:
        """Prepare; nothing listens before `start`."""
        self.world = world
        self.clock = clock
        self.faults = Faults()
        self.log: list[Entry] = []
        self.port = 0
        self._runner: web.AppRunner | None = None
        self._stopping = asyncio.Event()

    @property
    def url(self) -> str:
        """Base address for clients."""
        return f"http://127.0.0.1:{self.port}"

    def routes(self) -> Iterable[web.RouteDef]:
        """The vendor's own routes."""
        raise NotImplementedError

    def control_routes(self) -> Iterable[web.RouteDef]:
        """More control routes of this cloud, below `CONTROL`."""
        return ()

    def info(self) -> dict[str, Any]:
        """What a person or a script needs to connect: addresses and credentials."""
        return {"url": self.url}

    def unauthorized(self, *, expired: bool = False) -> web.Response:
        """The vendor's answer to refused or expired credentials."""
        raise NotImplementedError

    def too_many(self, retry_after: float | None = None) -> web.Response:
        """The vendor's answer above the rate limit."""
        raise NotImplementedError

    def server_error(self, status: int) -> web.Response:
        """The vendor's answer when something broke inside."""
        raise NotImplementedError

    async def start(self, port: int = 0) -> Self:
        """Listen on loopback and return self."""
        # Bodies may be large (webhooks, batches): the vendor's own limit is its handler's.
        app = web.Application(middlewares=[self._middleware], client_max_size=1 << 24)
        app.on_response_prepare.append(self._date)
        app.add_routes(
            [
                *self.routes(),
                web.get(f"{CONTROL}/log", self._get_log),
                web.delete(f"{CONTROL}/log", self._clear_log),
                web.get(f"{CONTROL}/faults", self._get_faults),
                web.post(f"{CONTROL}/faults", self._add_fault),
                web.delete(f"{CONTROL}/faults", self._clear_faults),
                web.get(f"{CONTROL}/boards", self._get_boards),
                web.post(f"{CONTROL}/boards/{{id}}", self._set_board),
                *self.control_routes(),
            ]
        )
        # Streams end by themselves in `stop`; nothing needs a grace period.
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", port)
        await site.start()
        self.port = self._runner.addresses[0][1]
        return self

    async def listen(self, port: int, context: ssl.SSLContext) -> int:
        """Serve the same paths with TLS too; returns the port."""
        assert self._runner is not None
        site = web.TCPSite(self._runner, "127.0.0.1", port, ssl_context=context)
        await site.start()
        return int(self._runner.addresses[-1][1])

    async def stop(self) -> None:
        """End every stream and stop listening."""
        self._stopping.set()
        if self._runner:
            await self._runner.cleanup()
            self._runner = None

    async def __aenter__(self) -> Self:
        """Start on a free port."""
        return await self.start()

    async def __aexit__(self, *_: object) -> None:
        """Stop."""
        await self.stop()

    def connections(self) -> int:
        """How many connections are open; answers that hang may outlive theirs."""
        server = self._runner.server if self._runner else None
        open_ = server.connections if server else ()
        return sum(each.transport is not None for each in open_)

    def record(self, channel: str, method: str, path: str, **more: Any) -> None:
        """Add an entry to the log."""
        entry = {"at": self.clock(), "channel": channel, "method": method, **more}
        self.log.append(Entry(path=path, **entry))

    def requests(self, method: str = "", path: str = "") -> list[Entry]:
        """HTTP requests received so far whose method and path start like this."""
        return [
            entry
            for entry in self.log
            if entry.channel == "http"
            and entry.method.startswith(method)
            and entry.path.startswith(path)
        ]

    async def _date(self, _: web.Request, response: StreamResponse) -> None:
        """Have answers say what time it is at the cloud."""
        response.headers["Date"] = formatdate(self.clock(), usegmt=True)

    @web.middleware
    async def _middleware(
        self, request: web.Request, handler: Handler
    ) -> StreamResponse:
        if request.path.startswith(CONTROL):
            return await handler(request)
        arrived = self.clock()
        body = await _body(request)
        status: int | None = None
        try:
            response = await self._answer(request, handler)
            status = response.status
        except web.HTTPException as err:
            status = err.status
            raise
        finally:
            self.record(
                "http",
                request.method,
                request.path,
                at=arrived,
                headers=dict(request.headers),
                query=dict(request.query),
                body=body,
                status=status,
            )
        return response

    async def _answer(self, request: web.Request, handler: Handler) -> StreamResponse:
        fault = self.faults.take(f"{request.method} {request.path}", HTTP_FAULTS)
        if fault is None:
            return await handler(request)
        match fault.kind:
            case Kind.DROP:
                assert request.transport is not None
                request.transport.abort()
                return web.Response()
            case Kind.STALL:
                await self._stopping.wait()
                return web.Response(status=503)
            case Kind.UNAUTHORIZED | Kind.EXPIRED_TOKEN:
                return self.unauthorized(expired=fault.kind is Kind.EXPIRED_TOKEN)
            case Kind.RATE_LIMIT:
                return self.too_many(fault.retry_after)
            case Kind.SERVER_ERROR:
                return self.server_error(fault.status)
            case Kind.GARBAGE:
                return web.Response(text="<html>not what you expect", status=200)
            case _:
                await asyncio.sleep(fault.seconds)
                return await handler(request)

    async def _get_boards(self, _: web.Request) -> web.Response:
        return web.json_response(
            [asdict(board) for board in self.world.of(self.name)],
            dumps=lambda data: json.dumps(data, default=repr),
        )

    async def _set_board(self, request: web.Request) -> web.Response:
        """Let a board measure the values in the body."""
        board = self.world.boards[request.match_info["id"]]
        self.world.set(board, **await request.json())
        return web.json_response({})

    async def _get_log(self, request: web.Request) -> web.Response:
        since = float(request.query.get("since", 0))
        found = [asdict(entry) for entry in self.log if entry.at >= since]
        return web.json_response(
            found, dumps=lambda data: json.dumps(data, default=str)
        )

    async def _clear_log(self, _: web.Request) -> web.Response:
        self.log.clear()
        return web.json_response({})

    async def _get_faults(self, _: web.Request) -> web.Response:
        return web.json_response([asdict(fault) for fault in self.faults.active])

    async def _add_fault(self, request: web.Request) -> web.Response:
        try:
            fault = Fault.parse(await request.json())
        except ValueError as err:
            return web.json_response({"error": str(err)}, status=400)
        self.faults.extend(fault)
        return web.json_response(asdict(fault), status=201)

    async def _clear_faults(self, _: web.Request) -> web.Response:
        self.faults.clear()
        return web.json_response({})


async def _body(request: web.Request) -> Any:
    """The request's body as JSON, form or text, whichever it is."""
    if not request.can_read_body:
        return None
    text = (await request.read()).decode("utf-8", "replace")
    if request.content_type == "application/x-www-form-urlencoded":
        return {key: str(value) for key, value in (await request.post()).items()}
    try:
        return json.loads(text)
    except ValueError:
        return text
