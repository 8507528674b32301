"""The clouds' process: lists the devices, hands out tokens, passes Particle's events on."""

import asyncio
import base64
from contextlib import suppress
import json
import sys
import time
from typing import override

from aiohttp import web

from .frames import chunk
from .household import Account, Json, arduino_boards, arduino_things, particle_boards
from .processes import say

LIFETIME = 3600
"""Seconds that a token lives: longer than a run, in which nothing is renewed."""

KEEP_ALIVE = 9.0
"""Seconds between signs of life on a stream (Particle reference 5.3)."""


def token(user_id: str) -> str:
    """A JWT with the claim that names the user (Arduino reference 1.3)."""
    claims = {
        "http://arduino.cc/id": user_id,
        "exp": int(time.time()) + LIFETIME,
    }
    parts = (json.dumps(part).encode() for part in ({"alg": "none"}, claims))
    coded = (base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts)
    return ".".join([*coded, "c2ln"])


def _answer(path: str, body: Json, method: str = "GET") -> web.RouteDef:
    async def handle(request: web.Request) -> web.Response:
        return web.json_response(body)

    return web.route(method, path, handle)


def arduino(entities: int, account: Account) -> web.Application:
    """Arduino's token endpoint and its two listings (Arduino reference 1, 2)."""
    granted: Json = {
        "access_token": token(account.user_id),
        "expires_in": LIFETIME,
        "token_type": "Bearer",
    }
    app = web.Application()
    app.add_routes(
        [
            _answer("/iot/v1/clients/token", granted, "POST"),
            _answer("/iot/v2/things", arduino_things(entities, account)),
            _answer("/iot/v2/devices", arduino_boards(entities, account)),
        ]
    )
    return app


class Events(asyncio.Protocol):
    """Particle's event stream: what the sender gives goes to whoever listens, as it is.

    So a value takes the same way as through a broker: from one process, through a second
    one, to Home Assistant.
    """

    def __init__(self) -> None:
        """Nobody listens."""
        self._listeners: set[asyncio.Transport] = set()

    @override
    def data_received(self, data: bytes) -> None:
        for listener in self._listeners:
            listener.write(data)

    async def listen(self, request: web.Request) -> web.StreamResponse:
        """Keep a stream open until the other side leaves (Particle reference 5.1)."""
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        response.enable_chunked_encoding()
        await response.prepare(request)
        await response.write(b":ok\n\n")
        transport = request.transport
        assert transport
        self._listeners.add(transport)
        try:
            while not transport.is_closing():
                await asyncio.sleep(KEEP_ALIVE)
                transport.write(chunk(b"\n"))
        finally:
            self._listeners.discard(transport)
        return response


def particle(entities: int, account: Account, events: Events) -> web.Application:
    """Particle's listings and its event stream (Particle reference 1.5, 1.8, 2, 5).

    Variables cannot be read here: values come by event alone, and the integration leaves
    reading after a few failures.
    """
    boards = particle_boards(entities, account)

    async def board(request: web.Request) -> web.Response:
        return web.json_response(boards[request.match_info["device"]])

    async def unavailable(request: web.Request) -> web.Response:
        return web.json_response({"ok": False, "error": "try later"}, status=503)

    app = web.Application()
    app.add_routes(
        [
            _answer("/v1/access_tokens/current", {"expires_at": None}),
            _answer("/v1/user", {"username": account.username}),
            web.get("/v1/devices/events", events.listen),
            _answer("/v1/devices", list(boards.values())),
            web.get("/v1/devices/{device}", board),
            web.get("/v1/devices/{device}/{variable}", unavailable),
        ]
    )
    return app


async def serve(vendor: str, entities: int, accounts: int) -> None:
    """Serve a cloud for each account, after telling their ports, until ended.

    `ports` are those of requests, `feeds` those where the sender gives Particle's events,
    all of the loopback interface and one of each for each account.
    """
    found: list[tuple[int, int]] = []
    for number in range(accounts):
        account = Account(number=number, accounts=accounts)
        found.append(await _start(vendor, entities, account))
    loop = asyncio.get_running_loop()
    # Asked once, when everything listens.
    await loop.run_in_executor(None, sys.stdin.readline)
    ports, feeds = zip(*found, strict=True)
    say({"ports": ports, "feeds": feeds})
    await asyncio.Event().wait()


async def _start(vendor: str, entities: int, account: Account) -> tuple[int, int]:
    """Serve one account on two free ports: for requests, and for the sender."""
    loop = asyncio.get_running_loop()
    events = Events()
    feed = await loop.create_server(lambda: events, "127.0.0.1", 0)
    app = (
        arduino(entities, account)
        if vendor == "arduino"
        else particle(entities, account, events)
    )
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    return runner.addresses[0][1], feed.sockets[0].getsockname()[1]


if __name__ == "__main__":
    with suppress(KeyboardInterrupt):
        asyncio.run(serve(sys.argv[1], int(sys.argv[2]), int(sys.argv[3])))
