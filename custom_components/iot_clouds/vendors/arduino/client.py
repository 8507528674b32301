"""The REST interface of Arduino Cloud (reference 1 and 2)."""

import asyncio
from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass, field
import random
import time

from aiohttp import ClientError, ClientResponse, ClientSession
from yarl import URL

from ...cloud import send_once
from ...model import (
    CloudAuthError,
    CloudBusy,
    CloudError,
    CloudUnreachable,
    Json,
    Purpose,
    Tally,
)
from .access import Access, Token, parse_token
from .answers import check_taken, failure, parse, pause_seconds, read_body
from .limiter import Limiter

AUDIENCE = "https://api2.arduino.cc/iot"
TIMEOUT = 30.0

FIRST_PAUSE = 1.0
LONGEST_PAUSE = 60.0
"""Seconds to wait after a 429, whose own time may be none or too short (reference 2.3)."""

_KEY_REFUSALS = frozenset({400, 401, 403})
_TOKEN_REFUSALS = frozenset({401})


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """An API key, and the space that it is used in (None is the personal one)."""

    client_id: str = field(repr=False)
    client_secret: str = field(repr=False)
    organization_id: str | None = None


class Client:
    """Asks the cloud and turns every failure into a `CloudError`.

    Clock and randomness are parameters for tests; a client without a `limiter` of its
    own keeps to one request a second, which every plan allows (reference 2.3).
    """

    def __init__(
        self,
        session: ClientSession,
        base_url: str,
        credentials: Credentials,
        *,
        limiter: Limiter | None = None,
        tally: Tally | None = None,
        token: Token | None = None,
        timeout: float = TIMEOUT,
        clock: Callable[[], float] = time.monotonic,
        rng: Callable[[], float] = random.random,
    ) -> None:
        """Do nothing before the first question."""
        self.credentials = credentials
        self.tally = tally or Tally()
        self.access = Access(self._fetch_token, token=token, clock=clock)
        self._session = session
        self._base = URL(base_url)
        self._limiter = limiter or Limiter()
        self._timeout = timeout
        self._clock = clock
        self._rng = rng
        self._busy = 0.0
        """Seconds of the last pause, 0 while there is none."""
        self.refusals = 0
        """How often the cloud said that it was too much."""

    async def things(self) -> Json:
        """List all things, with their properties and last values (reference 2.4).

        Raises:
            CloudAuthError, CloudUnreachable, CloudBusy, CloudRejected, CloudMissing.
        """
        query = self._across({"show_properties": "true"})
        return await self._ask("GET", "v2/things", query=query)

    async def boards(self) -> Json:
        """List all devices with their status (reference 2.7); raises as `things`."""
        return await self._ask("GET", "v2/devices", query=self._across({}))

    async def publish(self, thing_id: str, property_id: str, value: Json) -> None:
        """Write a value as the cloud, so that it reaches the board (reference 2.6).

        Raises:
            CloudMissing: the property is gone; and what `things` raises.
        """
        path = f"v2/things/{thing_id}/properties/{property_id}/publish"
        await self._put(path, {"value": value})

    async def publish_together(self, thing_id: str, values: Mapping[str, Json]) -> None:
        """Write several properties of a thing, by the names of their variables.

        `to_device` makes it a command: without it the values count as the board's own
        (reference 2.6). Raises as `publish`.
        """
        properties: list[Json] = [
            {"property": variable, "value": value} for variable, value in values.items()
        ]
        body: Json = {"to_device": True, "properties": properties}
        await self._put(f"v2/things/{thing_id}/publish", body)

    async def property_types(self) -> Json:
        """List the types that variables can have (reference 2.8); raises as `things`."""
        return await self._ask("GET", "v1/property_types")

    async def series(self, endpoint: str, requests: list[Json]) -> Json:
        """Ask for the past of properties (reference 2.9); raises as `things`."""
        body: Json = {"resp_version": 1, "requests": requests}
        path = f"v2/series/{endpoint}"
        return await self._ask("POST", path, body=body, purpose=Purpose.HISTORY)

    @property
    def requests_per_second(self) -> float:
        """The rate that is kept; 0 without a limit."""
        interval = self._limiter.interval
        return round(1 / interval, 2) if interval else 0.0

    def _across(self, query: dict[str, str]) -> dict[str, str]:
        """A space's listing without this holds only what the key's owner made."""
        if self.credentials.organization_id:
            query["across_user_ids"] = "true"
        return query

    async def _put(self, path: str, body: Json) -> None:
        await self._ask("PUT", path, body=body, urgent=True, purpose=Purpose.COMMAND)

    async def _ask(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        body: Json = None,
        urgent: bool = False,
        purpose: Purpose = Purpose.LISTING,
    ) -> Json:
        """Send a request with a token; a refused token is replaced once.

        That is safe for writes too: what came with a refused token was not carried out.
        """
        token = await self.access.token(urgent=urgent)
        try:
            return await self._request(
                method,
                path,
                purpose,
                token=token,
                params=query,
                body=body,
                urgent=urgent,
            )
        except CloudAuthError:
            self.access.invalidate(token)
        token = await self.access.token(urgent=urgent)
        try:
            return await self._request(
                method,
                path,
                purpose,
                token=token,
                params=query,
                body=body,
                urgent=urgent,
            )
        except CloudAuthError:
            self.access.invalidate(token)
            raise

    async def _fetch_token(self, urgent: bool) -> Token:
        """Exchange the API key for a token (reference 1.1)."""
        key = self.credentials
        form = {
            "grant_type": "client_credentials",
            "client_id": key.client_id,
            "client_secret": key.client_secret,
            "audience": AUDIENCE,
        }
        if key.organization_id:
            form["organization_id"] = key.organization_id
        asked_at = self._clock()
        answer = await self._request(
            "POST",
            "v1/clients/token",
            Purpose.TOKEN,
            form=form,
            urgent=urgent,
            refusals=_KEY_REFUSALS,
        )
        return parse_token(answer, asked_at)

    async def _request(
        self,
        method: str,
        path: str,
        purpose: Purpose,
        *,
        token: Token | None = None,
        params: Mapping[str, str] | None = None,
        body: Json = None,
        form: Mapping[str, str] | None = None,
        urgent: bool = False,
        refusals: Container[int] = _TOKEN_REFUSALS,
    ) -> Json:
        """Send one request when its turn has come, and count what becomes of it.

        `refusals` are the statuses that mean that the credentials are refused.
        """
        await self._limiter.turn(urgent=urgent)
        try:
            answer = await self._exchange(
                method, path, token, params, body, form, refusals
            )
        except CloudError as err:
            self.tally.raised(purpose, err)
            raise
        self.tally.answered(purpose, 200)
        return answer

    async def _exchange(
        self,
        method: str,
        path: str,
        token: Token | None,
        params: Mapping[str, str] | None,
        body: Json,
        form: Mapping[str, str] | None,
        refusals: Container[int],
    ) -> Json:
        """Send one request and read its whole answer."""
        try:
            async with (
                asyncio.timeout(self._timeout),
                self._session.request(
                    method,
                    self._base.joinpath("iot", *path.split("/")),
                    headers=self._headers(token),
                    params=params,
                    json=body,
                    data=form,
                    allow_redirects=False,
                    # A repetition would be one more than the limiter knows of.
                    middlewares=(send_once,),
                ) as response,
            ):
                content = await read_body(response)
        except TimeoutError:
            raise CloudUnreachable("The cloud did not answer in time") from None
        except (ClientError, OSError) as err:
            # The original names the address, which has no place in a log.
            raise CloudUnreachable(f"No connection: {type(err).__name__}") from None
        self._check(response, content, refusals)
        if method != "PUT":
            return parse(content)
        check_taken(content)
        return None

    def _check(
        self, response: ClientResponse, content: bytearray, refusals: Container[int]
    ) -> None:
        """Raise the error that a status means."""
        status = response.status
        if status in refusals:
            raise CloudAuthError(f"The credentials were refused ({status})")
        if status == 429:
            raise self._too_many(response.headers.get("Retry-After"))
        self._busy = 0.0
        if not 200 <= status < 300:
            raise failure(status, content)

    def _headers(self, token: Token | None) -> dict[str, str]:
        headers = {"Accept": "application/json"}
        if token:
            headers["Authorization"] = f"Bearer {token.value}"
        if self.credentials.organization_id:
            headers["X-Organization"] = self.credentials.organization_id
        return headers

    def _too_many(self, retry_after: str | None) -> CloudBusy:
        """Wait as told and longer each time, a little apart from others."""
        self.refusals += 1
        self._busy = min(2 * self._busy or FIRST_PAUSE, LONGEST_PAUSE)
        pause = max(self._busy, pause_seconds(retry_after) or 0.0)
        pause = round(pause + self._rng() / 2, 3)
        self._limiter.hold(pause)
        return CloudBusy("Too many requests", retry_after=pause)
