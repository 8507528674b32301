"""Particle's endpoints, as far as this integration uses them."""

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import quote

from aiohttp import ClientResponse, ClientSession

from ...model import CloudError, CloudRejected, CloudUnreachable, Json
from .errors import Absent, Reply, device_failure, failure
from .models import Board, Fields
from .pace import Pace
from .transport import CURRENT_TOKEN, DEVICES, TIMEOUT, Transport

BASE_URL = "https://api.particle.io"

LOGIN_PAUSE = 1800.0
"""Seconds: ten failed logins block the address for half an hour (9.1)."""
STREAM_PAUSE = 300.0
"""Seconds: streams may be opened 100 times in five minutes (9.1)."""

EVENTS = "/v1/devices/events"
USER = "/v1/user"
TOKEN = "/oauth/token"

_STREAM_HEADERS = {
    "Accept": "text/event-stream",
    "Accept-Encoding": "identity",
    "Cache-Control": "no-cache",
}


def device_path(device_id: str, name: str | None = None) -> str:
    """Path of a device or of one of its variables or functions."""
    parts = [device_id] if name is None else [device_id, name]
    return "/".join([DEVICES, *map(_segment, parts)])


def _segment(part: str) -> str:
    # Dots alone would climb up the path instead of naming something.
    quoted = quote(part, safe="")
    return quoted if quoted.strip(".") else quoted.replace(".", "%2E")


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """The devices of an account, and how many entries made no sense."""

    boards: tuple[Board, ...]
    skipped: int


class Client:
    """What one account can ask of the cloud.

    Every method may raise `CloudAuthError`, `CloudUnreachable`, `CloudBusy` and
    `CloudRejected`; those about a device also `DeviceOffline` and `CloudMissing`.
    """

    def __init__(
        self,
        session: ClientSession,
        base_url: str = BASE_URL,
        token: str | None = None,
        *,
        pace: Pace | None = None,
        timeout: float = TIMEOUT,
    ) -> None:
        """Ask at `base_url` with this token; `timeout` is in seconds."""
        self._transport = Transport(
            session, base_url, token, pace=pace, timeout=timeout
        )

    @property
    def authority(self) -> str:
        """Host and port of the cloud."""
        return self._transport.authority

    async def token_info(self) -> Fields | None:
        """What the token is; None from a local cloud, which cannot tell (1.5)."""
        return await self._optional(CURRENT_TOKEN)

    async def user(self) -> Fields | None:
        """Who the token belongs to; None from a local cloud (1.8)."""
        return await self._optional(USER)

    async def devices(self) -> Listing:
        """All claimed devices (2.1); costs the user nothing."""
        body = await self._account("GET", DEVICES)
        if not isinstance(body, list):
            raise CloudUnreachable("The cloud did not answer with a list of devices")
        found = [board for item in body if (board := Board.parse(item))]
        return Listing(boards=tuple(found), skipped=len(body) - len(found))

    async def device(self, device_id: str) -> Board:
        """One device with its variables and functions; costs the user nothing."""
        board = Board.parse(await self._device("GET", device_path(device_id)))
        if board is None or board.id != device_id:
            raise CloudUnreachable("The cloud did not answer with the device")
        return board

    async def variable(self, device_id: str, name: str) -> Json:
        """Read a variable from the device itself; costs one data operation (9.2)."""
        body = await self._device("GET", device_path(device_id, name), once=True)
        if not isinstance(body, dict) or "result" not in body:
            raise CloudUnreachable("The cloud did not answer with a value")
        return body["result"]

    async def call(self, device_id: str, function: str, argument: str) -> Json:
        """Call a function once and return what it returned (4)."""
        body = await self._device(
            "POST", device_path(device_id, function), json={"arg": argument}
        )
        if not isinstance(body, dict) or "return_value" not in body:
            raise CloudUnreachable("The cloud did not answer with a return value")
        return body["return_value"]

    async def publish(self, name: str, data: str) -> None:
        """Publish a private event in the account's name (5.7)."""
        event: Json = {"name": name, "data": data, "private": True}
        await self._account("POST", EVENTS, json=event)

    async def grant(self, form: Mapping[str, str]) -> Reply:
        """Ask for a token once and return what the cloud says to it (1.2).

        A refusal is the caller's to judge, and so is every OAuth error: a local cloud
        refuses a password with 503 (12.3).

        Raises:
            CloudUnreachable, CloudBusy: it says nothing about the credentials.
        """
        reply = await self._transport.send("POST", TOKEN, form=form)
        error = failure(reply, pause=LOGIN_PAUSE)
        if isinstance(error, CloudRejected):
            return reply
        if error and not (isinstance(error, CloudUnreachable) and reply.error):
            raise error
        return reply

    async def stream(self, idle: float) -> ClientResponse:
        """Open the account's event stream (5.1); the caller closes the response.

        Reading fails after `idle` seconds without a byte.
        """
        answer = await self._transport.open(EVENTS, _STREAM_HEADERS, idle)
        if isinstance(answer, ClientResponse):
            if answer.content_type == "text/event-stream":
                return answer
            answer.close()
            raise CloudUnreachable("The cloud did not answer with an event stream")
        error = failure(answer, pause=STREAM_PAUSE)
        if not isinstance(error, CloudRejected) or answer.doubts_token:
            await self._judge(EVENTS, answer, error)
        raise CloudUnreachable("The cloud did not open the event stream")

    async def _optional(self, path: str) -> Fields | None:
        reply = await self._transport.send("GET", path)
        if reply.status == HTTPStatus.NOT_FOUND:
            return None
        error = failure(reply, pause=self._transport.pause())
        body = await self._judge(path, reply, error)
        if not isinstance(body, dict):
            raise CloudUnreachable("The cloud did not answer with an object")
        return body

    async def _account(self, method: str, path: str, *, json: Json = None) -> Json:
        reply = await self._transport.send(method, path, json=json)
        error = failure(reply, pause=self._transport.pause())
        return await self._judge(path, reply, error)

    async def _device(
        self, method: str, path: str, *, json: Json = None, once: bool = False
    ) -> Json:
        reply = await self._transport.send(method, path, json=json, once=once)
        error = device_failure(reply, pause=self._transport.pause())
        return await self._judge(path, reply, error)

    async def _judge(self, path: str, reply: Reply, error: CloudError | None) -> Json:
        """The body of a good reply; otherwise its error, surely meant (1.6)."""
        if error is None:
            return None if isinstance(reply.body, Absent) else reply.body
        if reply.doubts_token:
            raise await self._transport.verdict(path)
        if isinstance(error, CloudRejected):
            raise CloudRejected(self._transport.redact(error.reason))
        raise error
