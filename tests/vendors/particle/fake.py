"""A scripted Particle cloud on a real socket, for the tests of this vendor."""

import asyncio
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass, field
import json
from typing import Any

from aiohttp import web

from custom_components.iot_clouds.cloud import Reader
from custom_components.iot_clouds.model import Reading, Ref, Update

TOKEN = "0123456789abcdef0123456789abcdef01234567"
ARGON = "e00fce680000000000000001"
TRACKER = "e00fce680000000000000002"

type Script = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass
class Seen:
    """A request that came."""

    method: str
    path: str
    headers: dict[str, str]
    body: str


def board(device_id: str = ARGON, **fields: Any) -> dict[str, Any]:
    """An online Argon without the maps, as lists may show it (reference 2.2)."""
    return {
        "id": device_id,
        "name": "greenhouse",
        "platform_id": 12,
        "product_id": 12,
        "online": True,
        "connected": True,
        "cellular": False,
        "status": "normal",
        "last_handshake_at": "2026-11-20T08:00:00.000Z",
        "serial_number": "ARGN123",
        "mac_wifi": "AA:BB:CC:DD:EE:01",
        "system_firmware_version": "6.3.0",
        "mobile_secret": "ABCDEFGHIJKLMNO",
        **fields,
    }


def tracker(**fields: Any) -> dict[str, Any]:
    """An online Tracker One without the maps."""
    return board(
        TRACKER,
        **{
            "name": "van",
            "platform_id": 26,
            "product_id": 26,
            "cellular": True,
            "mac_wifi": None,
            **fields,
        },
    )


@dataclass
class FakeParticle:
    """Answers by path; what is not scripted is 404 as in the real cloud."""

    scripts: dict[tuple[str, str], list[Script]] = field(default_factory=dict)
    seen: list[Seen] = field(default_factory=list)
    streams: asyncio.Queue[web.StreamResponse] = field(default_factory=asyncio.Queue)
    closed: asyncio.Queue[None] = field(default_factory=asyncio.Queue)
    url: str = ""
    under_way: int = 0
    most_under_way: int = 0
    _over: asyncio.Event = field(default_factory=asyncio.Event)
    _runner: web.AppRunner | None = None

    async def start(self) -> None:
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._handle)
        # Handlers learn when the client hangs up.
        self._runner = web.AppRunner(
            app, access_log=None, shutdown_timeout=0.1, handler_cancellation=True
        )
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"

    async def stop(self) -> None:
        self._over.set()
        assert self._runner
        await self._runner.cleanup()

    def on(self, method: str, path: str, *scripts: Script) -> None:
        """Answer one script after the other; the last one stays."""
        self.scripts[method, path] = list(scripts)

    def json(
        self, method: str, path: str, body: Any, status: int = 200, **headers: str
    ) -> None:
        """Answer with JSON."""
        self.on(method, path, answer(body, status, **headers))

    def devices(self, *boards: dict[str, Any], **maps: Any) -> None:
        """List these boards; their details have the maps."""
        self.json("GET", "/v1/devices", list(boards))
        for each in boards:
            self.json("GET", f"/v1/devices/{each['id']}", {**each, **maps})

    def count(self, method: str, path: str) -> int:
        return sum((one.method, one.path) == (method, path) for one in self.seen)

    def last(self, path: str) -> Seen:
        return next(one for one in reversed(self.seen) if one.path == path)

    async def stall(self, request: web.Request) -> web.StreamResponse:
        """Take the request and say nothing."""
        await self._over.wait()
        return web.Response(status=503)

    async def stream(self, request: web.Request) -> web.StreamResponse:
        """Open an event stream whose other end the test holds."""
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        self.streams.put_nowait(response)
        try:
            await self._over.wait()
        finally:
            self.closed.put_nowait(None)
        return response

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        path = request.raw_path
        self.seen.append(
            Seen(request.method, path, dict(request.headers), await request.text())
        )
        self.under_way += 1
        self.most_under_way = max(self.most_under_way, self.under_way)
        try:
            scripts = self.scripts.get((request.method, path))
            if not scripts:
                return web.json_response(
                    {"ok": False, "error": "Not Found"}, status=404
                )
            script = scripts.pop(0) if len(scripts) > 1 else scripts[0]
            return await script(request)
        finally:
            self.under_way -= 1


def answer(body: Any, status: int = 200, **headers: str) -> Script:
    """A JSON answer."""

    async def script(request: web.Request) -> web.StreamResponse:
        return web.json_response(
            body,
            status=status,
            headers={key.replace("_", "-"): value for key, value in headers.items()},
        )

    return script


def raw(text: str, status: int = 200, content_type: str = "text/html") -> Script:
    """An answer that is not JSON."""

    async def script(request: web.Request) -> web.StreamResponse:
        return web.Response(text=text, status=status, content_type=content_type)

    return script


async def drop(request: web.Request) -> web.StreamResponse:
    """Cut the connection without an answer."""
    assert request.transport
    request.transport.abort()
    return web.Response()


async def read_all(
    reader: Reader, refs: Collection[Ref], *, asked: bool = False
) -> Update:
    """Everything that one round of reads told."""
    readings: dict[Ref, Reading] = {}
    relist = False
    async for update in reader.read(refs, asked=asked):
        readings |= update.readings
        relist = relist or update.relist
    return Update(readings=readings, relist=relist)


def event(name: str, data: Any, source: str = ARGON, at: str = "") -> bytes:
    """One event as the real cloud writes it (reference 5.2)."""
    body = {
        "data": data,
        "ttl": 60,
        "published_at": at or "2026-11-20T09:00:00.000Z",
        "coreid": source,
    }
    return f"event: {name}\ndata: {json.dumps(body)}\n\n".encode()


INVALID_TOKEN = {
    "error": "invalid_token",
    "error_description": "The access token provided is invalid.",
}
TIMED_OUT = {"ok": False, "error": "timed out"}
