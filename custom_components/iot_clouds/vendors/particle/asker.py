"""Ask the cloud and get a body or the error that is surely meant."""

from http import HTTPStatus

from ...model import CloudError, CloudRejected, CloudUnreachable, Json
from .errors import Absent, Reply, device_failure, failure
from .models import Fields
from .transport import Transport


class Asker:
    """Judges what the transport brings.

    Every method may raise `CloudAuthError`, `CloudUnreachable`, `CloudBusy` and
    `CloudRejected`; that about a device also `DeviceOffline` and `CloudMissing`.
    """

    def __init__(self, transport: Transport) -> None:
        """Ask by this transport."""
        self.transport = transport

    async def optional(self, path: str) -> Fields | None:
        """An object, or None where the endpoint does not exist."""
        reply = await self.transport.send("GET", path)
        if reply.status == HTTPStatus.NOT_FOUND:
            return None
        error = failure(reply, pause=self.transport.pause())
        return as_object(await self.judge(path, reply, error))

    async def account(self, method: str, path: str, *, json: Json = None) -> Json:
        """Ask about the account as a whole."""
        reply = await self.transport.send(method, path, json=json)
        error = failure(reply, pause=self.transport.pause())
        return await self.judge(path, reply, error)

    async def device(
        self, method: str, path: str, *, json: Json = None, once: bool = False
    ) -> Json:
        """Ask about one device."""
        reply = await self.transport.send(method, path, json=json, once=once)
        error = device_failure(reply, pause=self.transport.pause())
        return await self.judge(path, reply, error)

    async def judge(self, path: str, reply: Reply, error: CloudError | None) -> Json:
        """The body of a good reply; otherwise its error, surely meant (1.6)."""
        if error is None:
            return None if isinstance(reply.body, Absent) else reply.body
        if reply.doubts_token:
            raise await self.transport.verdict(path)
        if isinstance(error, CloudRejected):
            raise CloudRejected(self.transport.redact(error.reason))
        raise error


def as_object(body: Json) -> Fields:
    """An answer that has to be an object.

    Raises:
        CloudUnreachable: it is none.
    """
    if not isinstance(body, dict):
        raise CloudUnreachable("The cloud did not answer with an object")
    return body
