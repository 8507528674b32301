"""Server-sent events of the simulated Particle cloud: who listens and what is written."""

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
import json
from typing import Any

from aiohttp import web

from .faults import Faults, Kind
from .particle_access import Token
from .particle_answers import iso
from .particle_options import Options

STREAM_FAULTS = frozenset({Kind.DROP, Kind.STALL, Kind.EXPIRED_TOKEN})
EVENT_FAULTS = frozenset({Kind.GARBAGE, Kind.DUPLICATE, Kind.REORDER, Kind.SLOW})
GARBAGE = b'event: temperature\ndata: {"data":"\xff\xfe 21.\n\n'
HEARTBEAT = b"event:heartbeat\ndata:\n\n"
"""Keep-alive of a local cloud's second streams (reference 12.3)."""
LOOK = 0.5
"""How often a stream looks for a client that left or a token that ended, in seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """An event on its way; `owner` and `product` decide who gets it."""

    name: str
    data: str | None
    coreid: str | None
    at: float
    owner: str | None = None
    userid: str = ""
    product: int | None = None
    version: int | None = None
    public: bool = False
    ttl: int | str = 60

    def document(self, *, product: bool) -> dict[str, Any]:
        """Return the JSON of the `data:` line (reference 5.2)."""
        document: dict[str, Any] = {
            "data": self.data,
            "ttl": self.ttl,
            "published_at": iso(self.at),
            "coreid": self.coreid,
        }
        if product:
            document |= {
                "userid": self.userid,
                "version": self.version,
                "public": self.public,
                "productID": self.product,
            }
        return document


@dataclass(slots=True, kw_only=True, eq=False)
class Stream:
    """One listener: what it wants, with which token, and what waits for it."""

    path: str
    token: Token
    wants: Callable[[Event], bool]
    product: bool = False
    second: bool = False
    """Of a local cloud's second version: names are in the JSON, heartbeats are events."""
    queue: deque[Event | bytes] = field(default_factory=deque)
    wake: asyncio.Event = field(default_factory=asyncio.Event)
    held: Event | None = None
    silent: bool = False
    ended: bool = False
    last_byte: float = 0.0


class Streams:
    """All open streams."""

    def __init__(
        self, options: Options, faults: Faults, good: Callable[[Token], bool]
    ) -> None:
        """`good` tells whether a token still is."""
        self._options = options
        self._faults = faults
        self._good = good
        self.deadly = options.local_dies
        """Whether a stream of the first version ends the cloud, until it is updated."""
        self.open: set[Stream] = set()
        faults.watch(self.wake)

    def publish(self, event: Event) -> None:
        """Hand an event to everybody who wants it."""
        for stream in self.open:
            if stream.wants(event):
                stream.queue.append(event)
                stream.wake.set()

    def inject(self, raw: bytes) -> None:
        """Write bytes to every stream as they are."""
        for stream in self.open:
            stream.queue.append(raw)
            stream.wake.set()

    def wake(self) -> None:
        """Let every stream look at its token and at the faults."""
        for stream in self.open:
            stream.wake.set()

    def die(self) -> None:
        """Answer nothing any more, like a process that ended."""
        self._faults.add(Kind.DROP)

    def close(self) -> None:
        """End every stream in order."""
        for stream in self.open:
            stream.ended = True
        self.wake()

    async def serve(self, request: web.Request, stream: Stream) -> web.StreamResponse:
        """Write to one listener until it leaves or the stream ends."""
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        self.open.add(stream)
        try:
            if not self._options.local:
                hello = f":ok{self._options.newline * 2}".encode()
                await self._write(request, response, stream, hello)
            stream.last_byte = _now()
            while not stream.ended and _connected(request):
                if not self._undisturbed(request, stream):
                    break
                if not stream.silent:
                    await self._flush(request, response, stream)
                await self._pause(stream)
        except ConnectionError:
            pass
        finally:
            self.open.discard(stream)
        return response

    def _undisturbed(self, request: web.Request, stream: Stream) -> bool:
        """Let faults and the end of the token do their work; False ends the stream."""
        fault = None
        if not stream.silent:
            fault = self._faults.take(f"SSE {stream.path}", STREAM_FAULTS)
        if fault and fault.kind is Kind.DROP:
            if request.transport:
                request.transport.abort()
            return False
        if fault and fault.kind is Kind.STALL:
            stream.silent = True
        elif fault or not self._good(stream.token):
            if self._options.expired_stream == "close":
                return False
            stream.silent = True
        return True

    async def _flush(
        self, request: web.Request, response: web.StreamResponse, stream: Stream
    ) -> None:
        while stream.queue:
            for frame in await self._frames(stream, stream.queue.popleft()):
                await self._write(request, response, stream, frame)
        if _now() - stream.last_byte >= self._options.keepalive:
            keepalive = HEARTBEAT if stream.second else self._options.keepalive_bytes
            await self._write(request, response, stream, keepalive)

    async def _frames(self, stream: Stream, item: Event | bytes) -> list[bytes]:
        if isinstance(item, bytes):
            return [item]
        fault = self._faults.take(f"SSE {stream.path}", EVENT_FAULTS)
        kind = fault.kind if fault else None
        if fault and kind is Kind.SLOW:
            await asyncio.sleep(fault.seconds)
        if kind is Kind.GARBAGE:
            return [GARBAGE]
        if kind is Kind.REORDER and stream.held is None:
            stream.held = item
            return []
        frames = [self._encode(item, stream)]
        if kind is Kind.DUPLICATE:
            frames *= 2
        if stream.held:
            frames.append(self._encode(stream.held, stream))
            stream.held = None
        return frames

    def _encode(self, event: Event, stream: Stream) -> bytes:
        document = event.document(product=stream.product)
        if stream.second:
            document["name"] = event.name
        text = json.dumps(
            document,
            separators=(",", ":"),
            ensure_ascii=False,
            sort_keys=self._options.local,
        )
        end = self._options.newline
        name = "" if stream.second else f"event: {event.name}{end}"
        return f"{name}data: {text}{end}{end}".encode()

    async def _write(
        self,
        request: web.Request,
        response: web.StreamResponse,
        stream: Stream,
        frame: bytes,
    ) -> None:
        # A local cloud holds its headers back until there is something to send.
        if not response.prepared:
            await response.prepare(request)
        size = self._options.piece or len(frame)
        for start in range(0, len(frame), size):
            await response.write(frame[start : start + size])
            if self._options.piece:
                await asyncio.sleep(0)
        stream.last_byte = _now()

    async def _pause(self, stream: Stream) -> None:
        """Wait until there is something to do."""
        due = stream.last_byte + self._options.keepalive - _now()
        wait = LOOK if stream.silent else max(0.0, min(LOOK, due))
        try:
            async with asyncio.timeout(wait):
                await stream.wake.wait()
        except TimeoutError:
            return
        stream.wake.clear()


def _now() -> float:
    return asyncio.get_running_loop().time()


def _connected(request: web.Request) -> bool:
    return request.transport is not None and not request.transport.is_closing()
