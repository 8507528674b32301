"""A web session without a network: its answers are parts of one input."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Generator, Mapping
import json
from types import SimpleNamespace
from typing import Any, Self, cast

from aiohttp import ClientSession
import orjson

from custom_components.iot_clouds.cloud import Link
from custom_components.iot_clouds.model import CloudError, Json

type Route = Callable[[str, str], str]
"""Which part of an input answers a request of this method to this path."""

_LOOP = asyncio.new_event_loop()


def run[T](work: Coroutine[Any, Any, T]) -> T:
    """Finish some work in a loop of its own."""
    return _LOOP.run_until_complete(work)


class _Response:
    """An answer, as far as clients look at it."""

    def __init__(self, status: int, body: bytes, headers: Mapping[str, str]) -> None:
        self.status = status
        self.headers = headers
        self.content_type = "application/json"
        self.content = SimpleNamespace(iter_any=self._chunks)
        self._body = body

    async def _chunks(self) -> AsyncIterator[bytes]:
        yield self._body

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *args: object) -> None:
        pass

    def close(self) -> None:
        pass


class _Request:
    """A request to be awaited or entered."""

    def __init__(self, response: _Response) -> None:
        self._response = response

    def __await__(self) -> Generator[Any, None, _Response]:
        yield from ()
        return self._response

    async def __aenter__(self) -> _Response:
        return self._response

    async def __aexit__(self, *args: object) -> None:
        pass


class Script:
    """Answers requests with the parts of a JSON object.

    A part is the body of the answer; an object with "status" and "raw" is an answer of
    that status whose body is the text, and may have "headers".
    """

    def __init__(self, data: bytes, route: Route) -> None:
        self.parts: dict[str, Any] = {}
        self.asked = 0
        try:
            found = json.loads(data.decode("utf-8", "replace"))
        except ValueError, RecursionError:
            found = None
        if isinstance(found, dict):
            self.parts = found
        self._raw = data
        self._route = route

    @property
    def session(self) -> ClientSession:
        """What a client takes for its session."""
        return cast(ClientSession, SimpleNamespace(request=self._request))

    def link(self, memory: Any) -> Link:
        """What a vendor is lent."""
        return Link(session=self.session, tls=cast(Any, None), memory=memory)

    def _request(self, method: str, url: Any, **more: Any) -> _Request:
        self.asked += 1
        part = self.parts.get(self._route(method, str(url)), self._raw)
        status, headers = 200, {}
        if isinstance(part, dict) and "raw" in part:
            told = part.get("status")
            status = told if type(told) is int and 100 <= told < 600 else 200
            named = part.get("headers")
            headers = {
                str(key): str(value)
                for key, value in (named if isinstance(named, dict) else {}).items()
            }
            part = part["raw"]
        if not isinstance(part, str | bytes):
            part = json.dumps(part)
        body = part.encode(errors="replace") if isinstance(part, str) else part
        return _Request(_Response(status, body, headers))


class Kept:
    """A memory that holds what an input says was kept."""

    def __init__(self, document: Json = None) -> None:
        try:
            # Home Assistant reads files with this, and takes nothing that it does not.
            self._document = orjson.loads(orjson.dumps(document))
        except TypeError:
            self._document = None
        self._collect: Callable[[], Mapping[str, Json]] | None = None

    async def load(self) -> Mapping[str, Json]:
        return self._document if isinstance(self._document, dict) else {}

    def save(self, collect: Callable[[], Mapping[str, Json]]) -> None:
        self._collect = collect

    def written(self) -> Mapping[str, Json]:
        """What would be kept now."""
        return self._collect() if self._collect else {}


async def forgiving(*works: Coroutine[Any, Any, object]) -> list[object]:
    """Do one after the other, whatever the cloud refuses of it."""
    done: list[object] = []
    for work in works:
        try:
            done.append(await work)
        except CloudError:
            done.append(None)
    return done
