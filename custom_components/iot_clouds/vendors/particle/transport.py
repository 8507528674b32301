"""One account's way to the cloud: address, headers, pace, time limits, and doubt."""

import asyncio
from collections.abc import Mapping
from http import HTTPStatus

from aiohttp import ClientError, ClientResponse, ClientSession, ClientTimeout
from yarl import URL

from ...cloud import send_once
from ...model import (
    LONGEST_BODY,
    CloudAuthError,
    CloudError,
    CloudRejected,
    CloudUnreachable,
    Json,
    Purpose,
    Tally,
    read_json,
)
from .clock import CloudClock
from .errors import BUSY, Absent, Reply, failure, retry_after
from .pace import Pace

TIMEOUT = 30.0
"""Seconds for one request: a cloud waits up to 30 s for a silent device (3.2)."""

CONNECT_TIMEOUT = 10.0

PAUSES = (60.0, 60.0, 120.0, 240.0, 480.0, 900.0)
"""Seconds to wait after so many refusals for haste in a row (9.1)."""

TOKEN = "/oauth/token"
CURRENT_TOKEN = "/v1/access_tokens/current"
DEVICES = "/v1/devices"


_CUT = {"ServerDisconnectedError", "ClientOSError"}
"""How `send_once` names a connection that was there and was closed."""


class StreamCut(CloudUnreachable):
    """The other side closed the connection when it was asked for a stream."""


class Transport:
    """Makes requests; no answer is followed elsewhere."""

    def __init__(
        self,
        session: ClientSession,
        base_url: str,
        token: str | None,
        *,
        second: str = DEVICES,
        pace: Pace | None = None,
        tally: Tally | None = None,
        timeout: float = TIMEOUT,
    ) -> None:
        """Remember where to ask and as whom; `timeout` is in seconds.

        The path `second` has to agree before a token counts as dead.
        """
        self._session = session
        self._base = base_url.rstrip("/")
        self._token = token or ""
        self._headers = {"Accept": "application/json"}
        if token:
            self._headers["Authorization"] = f"Bearer {token}"
        self._pace = pace or Pace()
        self._timeout = timeout
        self.tally = tally or Tally()
        self.clock = CloudClock()
        self._refusals = 0
        self._second = second
        self.counters = {"requests": 0, "streams": 0, "refused_for_haste": 0}

    @property
    def authority(self) -> str:
        """Host and port of the cloud."""
        return URL(self._base).host_port_subcomponent or self._base

    def redact(self, words: str) -> str:
        """The cloud's words without the token that they may repeat."""
        return words.replace(self._token, "***") if self._token else words

    def pause(self) -> float:
        """Seconds to wait after a refusal for haste that names no time (9.1)."""
        return PAUSES[min(self._refusals, len(PAUSES) - 1)]

    async def send(
        self,
        method: str,
        path: str,
        *,
        json: Json = None,
        form: Mapping[str, str] | None = None,
        once: bool = False,
    ) -> Reply:
        """Make one request and read its answer, both within the time limit.

        After a connection was cut nothing but a GET is sent again, and with `once` not
        even that.

        Raises:
            CloudUnreachable: there was none.
        """
        limits = ClientTimeout(total=self._timeout, sock_connect=CONNECT_TIMEOUT)
        purpose = _purpose(method, path, once=once)
        async with self._pace.place():
            self.counters["requests"] += 1
            asked = self.clock.own()
            try:
                response = await self._request(
                    method,
                    path,
                    self._headers,
                    limits,
                    json=json,
                    form=form,
                    once=once,
                )
                arrived = self.clock.own()
                async with response:
                    reply = await _read(response)
            except (TimeoutError, ClientError, OSError) as err:
                raise self._failed(purpose, unreachable(err)) from None
            except CloudUnreachable as err:
                raise self._failed(purpose, err) from None
        self._count(reply, purpose)
        if reply.good and not isinstance(reply.body, Absent):
            self.clock.heard(response.headers.get("Date"), asked, arrived)
        return reply

    async def open(
        self, path: str, headers: Mapping[str, str], idle: float
    ) -> ClientResponse | Reply:
        """Open a stream of which reading fails after `idle` seconds without a byte.

        The same limit holds for the headers. An answer that is no success is read and
        returned as what it is; a response is the caller's to close.

        Raises:
            StreamCut: the connection was closed instead.
            CloudUnreachable: there was no answer.
        """
        await self._pace.turn()
        self.counters["streams"] += 1
        limits = ClientTimeout(total=None, sock_connect=CONNECT_TIMEOUT, sock_read=idle)
        try:
            async with asyncio.timeout(CONNECT_TIMEOUT + idle):
                response = await self._request(
                    "GET", path, {**self._headers, **headers}, limits, once=True
                )
                if response.status != HTTPStatus.OK:
                    async with response:
                        reply = await _read(response)
                self.tally.answered(Purpose.STREAM, response.status)
                return response if response.status == HTTPStatus.OK else reply
        except (TimeoutError, ClientError, OSError) as err:
            raise self._failed(Purpose.STREAM, _unopened(err)) from None

    async def verdict(self, doubter: str) -> CloudError:
        """What it means that one endpoint refused the token (1.6).

        The cloud has been seen to refuse good tokens during an outage, so that a second
        endpoint has to agree. A local cloud has only one that can be asked, and an API
        user may be told that the first is not for it, which proves the token too.
        """
        for path in (CURRENT_TOKEN, self._second):
            if path == doubter:
                continue
            reply = await self.send("GET", path)
            if reply.doubts_token:
                break
            if reply.status == HTTPStatus.NOT_FOUND:
                continue
            error = failure(reply, pause=self.pause())
            if error is None or isinstance(error, CloudRejected):
                return CloudUnreachable("The cloud refused a token that is still good")
            return error
        return CloudAuthError("The cloud refuses the access token")

    def _failed(self, purpose: Purpose, err: CloudUnreachable) -> CloudUnreachable:
        self.tally.raised(purpose, err)
        return err

    def _count(self, reply: Reply, purpose: Purpose) -> None:
        """Remember refusals for haste, which make the next pause longer."""
        busy = reply.status in BUSY
        if reply.good and isinstance(reply.body, Absent):
            self._failed(purpose, CloudUnreachable("The answer is not JSON"))
        else:
            self.tally.answered(purpose, reply.status)
        self._refusals = self._refusals + 1 if busy else 0
        self.counters["refused_for_haste"] += busy

    async def _request(
        self,
        method: str,
        path: str,
        headers: Mapping[str, str],
        limits: ClientTimeout,
        *,
        json: Json = None,
        form: Mapping[str, str] | None = None,
        once: bool = False,
    ) -> ClientResponse:
        return await self._session.request(
            method,
            URL(self._base + path, encoded=True),
            headers=headers,
            json=json,
            data=form,
            timeout=limits,
            allow_redirects=False,
            middlewares=(send_once,) if once or method != "GET" else None,
        )


def _purpose(method: str, path: str, *, once: bool) -> Purpose:
    """What a request is for, as its address tells; only a read may never be repeated."""
    if path == TOKEN:
        return Purpose.TOKEN
    if method != "GET":
        return Purpose.COMMAND
    if once:
        return Purpose.READ
    return Purpose.HISTORY if "/locations" in path else Purpose.LISTING


def _unopened(err: Exception) -> CloudUnreachable:
    """Name what became of the wish for a stream."""
    if str(err) in _CUT:
        return StreamCut("The cloud closed the connection instead of an answer")
    return unreachable(err)


def unreachable(err: Exception) -> CloudUnreachable:
    """Name a network failure without the address that its own text may carry."""
    if isinstance(err, TimeoutError):
        return CloudUnreachable("The cloud did not answer in time")
    return CloudUnreachable(f"The connection failed ({type(err).__name__})")


async def _read(response: ClientResponse) -> Reply:
    raw = bytearray()
    async for chunk in response.content.iter_any():
        raw += chunk
        if len(raw) > LONGEST_BODY:
            raise CloudUnreachable("The answer has no end")
    body: Json | Absent
    try:
        body = read_json(raw)
    except ValueError:
        body = Absent.JSON
    return Reply(
        status=response.status,
        body=body,
        retry_after=retry_after(response.headers.get("Retry-After")),
    )
