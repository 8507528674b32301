"""A small Arduino Cloud for the client's tests: answers are scripted, packets are plain."""

import asyncio
import base64
from collections.abc import Callable
from dataclasses import dataclass, field
import json
import ssl
from typing import Any

from aiohttp import WSMsgType, web

USER = "0a1b2c3d-0000-4000-8000-000000000001"
THING = "11111111-1111-4111-8111-111111111111"
BOARD = "22222222-2222-4222-8222-222222222222"
TOPIC = f"/a/t/{THING}/e/o"


def jwt(number: int, user: str | None = USER) -> str:
    claims: dict[str, Any] = {"sub": "client-id@clients", "n": number}
    if user:
        claims["http://arduino.cc/id"] = user
    body = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
    return f"eyJhbGciOiJIUzI1NiJ9.{body}.c2ln"


def prop(number: int, variable: str, kind: str, **more: Any) -> dict[str, Any]:
    return {
        "id": f"33333333-3333-4333-8333-{number:012d}",
        "href": "/x",
        "name": variable.title(),
        "variable_name": variable,
        "type": kind,
        "permission": "READ_WRITE",
        "update_strategy": "ON_CHANGE",
        "thing_id": THING,
        "tag": number,
        "last_value": "N/A",
        **more,
    }


def thing(*properties: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "id": THING,
        "href": "/x",
        "name": "Greenhouse",
        "timezone": "Europe/Rome",
        "user_id": USER,
        "device_id": BOARD,
        "device_type": "nano_33_iot",
        "properties": list(properties),
        **more,
    }


def board(**more: Any) -> dict[str, Any]:
    return {
        "id": BOARD,
        "href": "/x",
        "name": "Nano",
        "label": "Arduino NANO 33 IoT",
        "serial": "0123456789ABCDEF",
        "type": "nano_33_iot",
        "user_id": USER,
        "connection_type": "wifi",
        "device_status": "ONLINE",
        "lib_version": "2.9.3",
        **more,
    }


@dataclass
class Request:
    method: str
    path: str
    headers: dict[str, str]
    query: dict[str, str]
    body: str


@dataclass
class Session:
    """One broker session as the fake sees it."""

    socket: web.WebSocketResponse
    client_id: str
    user: str
    password: str
    keepalive: int
    clean: bool
    subscriptions: list[list[tuple[str, int]]] = field(default_factory=list)
    unsubscribed: list[str] = field(default_factory=list)
    acknowledged: list[int] = field(default_factory=list)
    farewell: bool = False
    disconnected: bool = False

    async def publish(
        self, topic: str, payload: bytes, qos: int = 0, *, retained: bool = False
    ) -> None:
        name = topic.encode()
        packet = len(name).to_bytes(2) + name
        if qos:
            packet += (7).to_bytes(2)
        kind = 0x30 | qos << 1 | retained
        await self.socket.send_bytes(frame(kind, packet + payload))

    async def close(self) -> None:
        await self.socket.close()


def frame(kind: int, body: bytes) -> bytes:
    length, left = bytearray(), len(body)
    while True:
        left, digit = divmod(left, 128)
        length.append(digit | (0x80 if left else 0))
        if not left:
            return bytes([kind]) + bytes(length) + body


type Scripted = Callable[[web.Request], web.StreamResponse | None]


class FakeArduino:
    """Answers like the reference; `scripts` are asked first, the oldest one first."""

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self.sessions: list[Session] = []
        self.handshakes = 0
        self.scripts: list[tuple[str, web.Response]] = []
        self.things: Any = [thing(prop(1, "temperature", "TEMPERATURE_C"))]
        self.boards: Any = [board()]
        self.expires_in: Any = 300
        self.user: str | None = USER
        self.connack: list[int] = []
        self.refuse: set[str] = set()
        self.silent = False
        self.late = asyncio.Event()
        self.late.set()
        self.mute = False
        self.hangs_up = False
        self.close_on_connect = False
        self.suback = True
        self.instead: dict[int, bytes] = {}
        """What is sent in place of an answer, by the first byte of the request."""
        self.changed = asyncio.Condition()
        self.stopping = asyncio.Event()
        self._tokens = 0

    async def start(self, tls: ssl.SSLContext | None = None) -> None:
        app = web.Application()
        app.router.add_get("/mqtt", self._mqtt)
        app.router.add_route("*", "/{path:.*}", self._rest)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0, ssl_context=tls).start()
        self.port = self._runner.addresses[0][1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.mqtt_url = f"ws://127.0.0.1:{self.port}/mqtt"

    async def stop(self) -> None:
        self.stopping.set()
        for session in self.sessions:
            await session.close()
        await self._runner.cleanup()

    def answer(self, path: str, response: web.Response) -> None:
        """Give this response once to the next request whose path ends like this."""
        self.scripts.append((path, response))

    def paths(self) -> list[str]:
        return [f"{request.method} {request.path}" for request in self.requests]

    def count(self, path: str) -> int:
        return sum(1 for request in self.requests if request.path.endswith(path))

    async def until(self, condition: Callable[[], Any]) -> None:
        async with asyncio.timeout(5), self.changed:
            await self.changed.wait_for(condition)

    async def _notify(self) -> None:
        async with self.changed:
            self.changed.notify_all()

    async def _rest(self, request: web.Request) -> web.StreamResponse:
        self.requests.append(
            Request(
                request.method,
                request.path,
                dict(request.headers),
                dict(request.query),
                await request.text(),
            )
        )
        await self._notify()
        for index, (path, response) in enumerate(self.scripts):
            if request.path.endswith(path):
                del self.scripts[index]
                return response
        if self.mute:
            await self.stopping.wait()
        if self.hangs_up and request.transport:
            request.transport.abort()
        match request.path.removeprefix("/iot"):
            case "/v1/clients/token":
                self._tokens += 1
                return web.json_response(
                    {
                        "access_token": jwt(self._tokens, self.user),
                        "expires_in": self.expires_in,
                        "token_type": "Bearer",
                    }
                )
            case "/v2/things":
                return web.json_response(self.things)
            case "/v2/devices":
                return web.json_response(self.boards)
            case path if path.endswith("/publish"):
                return web.Response()
        return web.Response(status=404)

    async def _mqtt(self, request: web.Request) -> web.StreamResponse:
        self.handshakes += 1
        await self._notify()
        if self.silent:
            await self.stopping.wait()
            return web.Response(status=503)
        await self.late.wait()
        socket = web.WebSocketResponse(protocols=("mqtt",))
        await socket.prepare(request)
        buffer = bytearray()
        session: Session | None = None
        async for message in socket:
            if message.type is not WSMsgType.BINARY:
                break
            buffer += message.data
            while packet := take(buffer):
                if self.close_on_connect:
                    await socket.close()
                    return socket
                session = await self._packet(socket, session, *packet)
                await self._notify()
        if session:
            session.disconnected = True
            await self._notify()
        return socket

    async def _packet(
        self,
        socket: web.WebSocketResponse,
        session: Session | None,
        kind: int,
        body: bytes,
    ) -> Session | None:
        if kind in self.instead:
            await socket.send_bytes(self.instead[kind])
            return session
        if kind == 0x10:
            return await self._connect(socket, body)
        assert session
        match kind & 0xF0:
            case 0x80:
                topics = [(name, body[end]) for name, end in strings(body, 2, 1)]
                session.subscriptions.append(topics)
                codes = bytes(0x80 if t in self.refuse else 1 for t, _ in topics)
                if self.suback:
                    await socket.send_bytes(frame(0x90, body[:2] + codes))
            case 0xA0:
                session.unsubscribed += [name for name, _ in strings(body, 2, 0)]
                await socket.send_bytes(frame(0xB0, body[:2]))
            case 0x40:
                session.acknowledged.append(int.from_bytes(body))
            case 0xE0:
                session.farewell = True
            case 0xC0:
                await socket.send_bytes(frame(0xD0, b""))
        return session

    async def _connect(self, socket: web.WebSocketResponse, body: bytes) -> Session:
        assert body[:7] == b"\x00\x04MQTT\x04"
        flags, keepalive = body[7], int.from_bytes(body[8:10])
        client_id, user, password = [text for text, _ in strings(body, 10, 0)]
        session = Session(socket, client_id, user, password, keepalive, bool(flags & 2))
        self.sessions.append(session)
        code = self.connack.pop(0) if self.connack else 0
        if code >= 0:
            await socket.send_bytes(frame(0x20, bytes([0, code])))
        return session


def take(buffer: bytearray) -> tuple[int, bytes] | None:
    """Cut the first whole packet off a buffer."""
    length, shift = 0, 0
    for index in range(1, len(buffer)):
        length |= (buffer[index] & 0x7F) << shift
        shift += 7
        if buffer[index] < 0x80:
            end = index + 1 + length
            if len(buffer) < end:
                return None
            packet = buffer[0], bytes(buffer[index + 1 : end])
            del buffer[:end]
            return packet
    return None


def strings(body: bytes, start: int, gap: int) -> list[tuple[str, int]]:
    """Strings with their lengths before them, and where each ends."""
    found = []
    while start < len(body):
        end = start + 2 + int.from_bytes(body[start : start + 2])
        found.append((body[start + 2 : end].decode(), end))
        start = end + gap
    return found
