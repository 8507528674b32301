"""The HTTP side of iottly: addresses, the key, limits, and what statuses mean."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
import json
import time

from aiohttp import ClientError, ClientSession
from yarl import URL

from ...cloud import send_once
from ...model import (
    CloudAuthError,
    CloudError,
    CloudMissing,
    CloudRejected,
    CloudUnreachable,
    Json,
    Purpose,
    Tally,
)
from .models import Listing, Project, parse_licenses, parse_props
from .replies import Reply, read_text, reply_of
from .words import words_of

BASE_URL = "https://api.cloud.iottly.com/v1.0/"
TIMEOUT = 15.0
ASKED_AGAIN = 600.0
"""Seconds after which properties are asked for again that were not there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """What opens one project.

    `both_headers` is set where the key is only accepted in two headers (reference 1.2).
    """

    project_id: str
    api_key: str = field(repr=False)
    base_url: str = BASE_URL
    both_headers: bool = False

    @property
    def of_vendor(self) -> bool:
        """Whether the project lives at the vendor's own cloud."""
        return self.base_url.rstrip("/") == BASE_URL.rstrip("/")

    def headers(self) -> dict[str, str]:
        """The key's own header; the name is no misspelling (reference 1.2)."""
        headers = {"Authentication": f"bearer {self.api_key}"}
        if self.both_headers:
            headers["Authorization"] = f"Bearer {self.api_key}"
        return headers


class Client:
    """Requests of one project; each method says which errors it adds to the usual.

    Usual are `CloudAuthError` for 401, `CloudBusy` for 429, and `CloudUnreachable` for
    everything else that is no sensible answer, redirects included: they are not
    followed, because the key's header would go along to another host (reference 1).
    """

    def __init__(
        self,
        session: ClientSession,
        credentials: Credentials,
        *,
        tally: Tally | None = None,
        timeout: float = TIMEOUT,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Prepare; `timeout` is in seconds and holds for a whole answer."""
        self.tally = tally or Tally()
        self._session = session
        self._credentials = credentials
        self._timeout = timeout
        self._now = now
        self._clock = clock
        self._base = credentials.base_url.strip().rstrip("/")
        self._has_props: bool | None = None
        self._no_props_at: float | None = None

    def traits(self) -> dict[str, Json]:
        """What was found out about the server."""
        return {
            "device_properties": self._no_props_at is None,
            "both_headers": self._credentials.both_headers,
        }

    @property
    def is_outdated(self) -> bool:
        """Whether somebody's own server has turned out to lack what newer ones have."""
        hosted = self._base == BASE_URL.rstrip("/")
        return not hosted and self._has_props is False

    async def inspect(self) -> Project:
        """Describe the project.

        Raises:
            CloudAuthError: the key is refused also by 403 without a word, which is how
                the public source answers to unknown keys (reference 1.5).
            CloudRejected: the key belongs to another project, or there is none.
        """
        reply = await self._get("inspect", {403, 404})
        if reply.status == 403:
            if reply.body == {}:
                raise CloudAuthError("The key is refused")
            raise CloudRejected(
                "The key does not open this project",
                key="forbidden",
                field="project_id",
            )
        if reply.status == 404:
            raise CloudRejected(
                "There is no such project", key="invalid_project", field="project_id"
            )
        return Project.parse(reply.body)

    async def devices(self) -> Listing:
        """List the devices, by their properties or, where there are none, by license.

        A server that is just being restarted may say that it has none, too.

        Raises:
            CloudMissing: the key does not open this project (403).
        """
        at = self._no_props_at
        if at is None or self._clock() - at >= ASKED_AGAIN:
            reply = await self._get("devices/props", {403, 404})
            if reply.status != 404:
                self._has_props, self._no_props_at = True, None
                return parse_props(_allowed(reply).body, reply.at)
            self._has_props = self._has_props or False
            self._no_props_at = self._clock()
        return await self.licenses()

    async def licenses(self) -> Listing:
        """List the licenses with the devices that they are paired with.

        Raises:
            CloudMissing: the key does not open this project (403).
        """
        reply = await self._get("license", {403})
        return parse_licenses(_allowed(reply).body, reply.at)

    async def history(self, device_id: str, count: int) -> list[Json] | None:
        """Return the newest `count` (1 to 100) messages of a device, in any order.

        None where the server knows of none (404).

        Raises:
            CloudMissing: the device was removed or moved (403).
        """
        query = {"numMessages": str(count)}
        reply = await self._get(f"messages/{device_id}", {403, 404}, query)
        return None if reply.status == 404 else _messages(_allowed(reply).body)

    async def paginated(
        self, device_id: str, query: Mapping[str, str]
    ) -> list[Json] | None:
        """Return a page; empty when nothing matches (404), None when refused (400).

        Raises:
            CloudMissing: the device was removed or moved (403).
        """
        path = f"device/{device_id}/messages/paginated"
        reply = await self._get(path, {400, 403, 404}, query)
        if reply.status == 400:
            return None
        return [] if reply.status == 404 else _messages(_allowed(reply).body)

    async def command(self, device_id: str, body: Mapping[str, Json]) -> Reply:
        """Hand a command over, once; what a refusal means is up to the caller."""
        return await self._write("POST", f"device/{device_id}/command", body)

    async def rename(self, device_id: str, name: str) -> Reply:
        """Give a device a name, once; what a refusal means is up to the caller."""
        return await self._write("PUT", f"device/{device_id}/props", {"name": name})

    async def _write(self, method: str, path: str, body: Mapping[str, Json]) -> Reply:
        """Send something.

        Returned are refusals, and good answers with any body but that of a web page,
        which comes from something between here and the cloud.
        """
        text = json.dumps(body, separators=(",", ":"), allow_nan=False)
        reply = await self._request(method, path, data=text.encode())
        if reply.is_page and reply.ok:
            raise CloudUnreachable("The cloud's answer is a web page")
        if reply.status < 500 or (reply.status in {500, 501} and words_of(reply.body)):
            return reply
        raise CloudUnreachable(f"The cloud answered with status {reply.status}")

    async def _get(
        self, path: str, expected: set[int], query: Mapping[str, str] | None = None
    ) -> Reply:
        """Read something; errors other than the expected statuses are raised."""
        reply = await self._request("GET", path, params=query)
        if reply.ok and not reply.is_json:
            raise CloudUnreachable("The cloud's answer is not JSON")
        if reply.ok or reply.status in expected:
            return reply
        raise CloudUnreachable(f"The cloud answered with status {reply.status}")

    async def _request(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        data: bytes | None = None,
    ) -> Reply:
        """Send one request, and count what becomes of it."""
        purpose = _purpose(path, data)
        try:
            reply = await self._exchange(method, path, params, data)
        except CloudError as err:
            self.tally.raised(purpose, err)
            raise
        if reply.ok and not reply.is_json and data is None:
            self.tally.raised(purpose, CloudUnreachable("No JSON"))
        else:
            self.tally.answered(purpose, reply.status)
        return reply

    async def _exchange(
        self,
        method: str,
        path: str,
        params: Mapping[str, str] | None,
        data: bytes | None,
    ) -> Reply:
        """Send one request and read the whole answer within the time limit."""
        url = f"{self._base}/project/{self._credentials.project_id}/{path}"
        headers = self._credentials.headers()
        if data is not None:
            headers["Content-Type"] = "application/json"
        sent = self._now()
        try:
            async with (
                asyncio.timeout(self._timeout),
                self._session.request(
                    method,
                    URL(url),
                    params=params,
                    data=data,
                    headers=headers,
                    allow_redirects=False,
                    middlewares=None if data is None else (send_once,),
                ) as response,
            ):
                text = await read_text(response)
        except (TimeoutError, ClientError, OSError, ValueError) as err:
            # The library's texts name the address, so only the kind of error is told.
            raise CloudUnreachable(f"No answer ({type(err).__name__})") from None
        return reply_of(response, text, sent)


def _purpose(path: str, data: bytes | None) -> Purpose:
    if data is not None:
        return Purpose.COMMAND
    return Purpose.READ if "messages" in path else Purpose.LISTING


def _messages(body: Json) -> list[Json]:
    rows = body.get("messages") if isinstance(body, dict) else body
    if rows is None and isinstance(body, dict) and "messages" in body:
        return []
    if not isinstance(rows, list):
        raise CloudUnreachable("The list of messages makes no sense")
    return rows


def _allowed(reply: Reply) -> Reply:
    if reply.status == 403:
        raise CloudMissing("The key does not open this any more")
    return reply
