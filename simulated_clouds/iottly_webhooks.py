"""The webhook sender of the simulated iottly (reference 5.1)."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
import json
from typing import Any, Literal
from urllib.parse import urlencode, urlsplit

from aiohttp import ClientError, ClientSession, ClientTimeout

from .faults import Faults, Kind

# Limits of the service (5.1).
MAX_WEBHOOKS = 5
MAX_HEADERS = 5

_TYPES = {"user": "userdefined", "iottly": "iottlyagent"}
_CUT = frozenset({Kind.DROP, Kind.STALL, Kind.GARBAGE})

type Record = Callable[..., None]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Webhook:
    """One webhook of the project's panel; raises ValueError beyond the limits.

    `type` is the kind of messages, one of the two. An empty `channel`, or `*`, is all
    channels. `body` "untyped" is JSON without a content type, unless `headers` name it.
    """

    url: str
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    type: Literal["user", "iottly"] = "user"
    channel: str = ""
    only_payload: bool = False
    body: Literal["json", "form", "untyped"] = "json"

    def __post_init__(self) -> None:
        """Refuse what the panel would refuse."""
        if len(self.headers) > MAX_HEADERS:
            raise ValueError(f"at most {MAX_HEADERS} headers")
        if self.type not in _TYPES:
            raise ValueError("type is user or iottly")
        if self.body not in ("json", "form", "untyped"):
            raise ValueError("body is json, form or untyped")
        if urlsplit(self.url).scheme not in ("http", "https"):
            raise ValueError("an address starts with http or https")

    def wants(self, message: Mapping[str, Any]) -> bool:
        """Whether this message is sent here."""
        if message.get("type") != _TYPES[self.type]:
            return False
        return self.channel in ("", "*") or self.channel == message.get("channel")

    def encoded(self, message: Mapping[str, Any]) -> bytes:
        """The request's body."""
        content = message["payload"] if self.only_payload else {"msg": message}
        if self.body != "form":
            return json.dumps(content).encode()
        inner = content if self.only_payload else message
        return urlencode({"msg": json.dumps(inner)}).encode()

    def request_headers(self) -> dict[str, str]:
        """The sender's own content type, which custom headers replace."""
        types = {
            "json": {"Content-Type": "application/json"},
            "form": {"Content-Type": "application/x-www-form-urlencoded"},
            "untyped": {},
        }
        named = {key.lower() for key in self.headers}
        own = {k: v for k, v in types[self.body].items() if k.lower() not in named}
        return own | dict(self.headers)


class WebhookSender:
    """Sends each message once to every webhook that wants it, in order.

    Faults for "WEBHOOK /path" apply: drop (never sent), stall (half a body, then
    nothing), garbage, slow, duplicate and reorder.
    """

    def __init__(self, record: Record, faults: Faults, *, timeout: float) -> None:
        """Prepare; nothing is sent before `start`."""
        self._record = record
        self._faults = faults
        self._timeout = timeout
        self._queues: dict[Webhook, asyncio.Queue[dict[str, Any]]] = {}
        self._workers: dict[Webhook, asyncio.Task[None]] = {}
        self._session: ClientSession | None = None

    @property
    def webhooks(self) -> tuple[Webhook, ...]:
        """The configured webhooks."""
        return tuple(self._queues)

    def add(self, webhook: Webhook) -> None:
        """Configure a webhook; raises ValueError when the project has its five."""
        if len(self._queues) >= MAX_WEBHOOKS:
            raise ValueError(f"at most {MAX_WEBHOOKS} webhooks")
        self._queues[webhook] = asyncio.Queue()
        self._work(webhook)

    def clear(self) -> None:
        """Delete all webhooks, with what they have not sent yet."""
        for worker in self._workers.values():
            worker.cancel()
        self._workers.clear()
        self._queues.clear()

    def send(self, message: dict[str, Any]) -> None:
        """Queue a message, already in the form that webhooks have."""
        for webhook, queue in self._queues.items():
            if webhook.wants(message):
                queue.put_nowait(message)

    def start(self) -> None:
        """Begin to send."""
        self._session = ClientSession()
        for webhook in self._queues:
            self._work(webhook)

    async def stop(self) -> None:
        """Break off what is under way."""
        workers = list(self._workers.values())
        self.clear()
        await asyncio.gather(*workers, return_exceptions=True)
        if self._session:
            await self._session.close()

    def _work(self, webhook: Webhook) -> None:
        if self._session:
            worker = asyncio.create_task(self._run(webhook, self._queues[webhook]))
            self._workers[webhook] = worker

    async def _run(
        self, webhook: Webhook, queue: asyncio.Queue[dict[str, Any]]
    ) -> None:
        held: list[dict[str, Any]] = []
        where = f"WEBHOOK {urlsplit(webhook.url).path}"
        while True:
            message = await queue.get()
            if not held and self._faults.take(where, {Kind.REORDER}):
                held.append(message)
                continue
            for each in (message, *held):
                await self._deliver(webhook, where, each)
            held.clear()

    async def _deliver(
        self, webhook: Webhook, where: str, message: dict[str, Any]
    ) -> None:
        if slow := self._faults.take(where, {Kind.SLOW}):
            await asyncio.sleep(slow.seconds)
        cut = self._faults.take(where, _CUT)
        if cut and cut.kind is Kind.DROP:
            return
        twice = self._faults.take(where, {Kind.DUPLICATE})
        for _ in range(2 if twice else 1):
            await self._post(webhook, message, cut.kind if cut else None)

    async def _post(
        self, webhook: Webhook, message: dict[str, Any], fault: Kind | None
    ) -> None:
        """Make the one attempt; the answer is only noted."""
        data = webhook.encoded(message)
        if fault is Kind.GARBAGE:
            data = data[: len(data) // 2]
        try:
            status = await self._attempt(
                webhook, _half(data) if fault is Kind.STALL else data
            )
        except ClientError, TimeoutError, OSError:
            status = None
        self._record(
            "webhook",
            "POST",
            webhook.url,
            headers=dict(webhook.headers),
            body=message["payload"] if webhook.only_payload else {"msg": message},
            status=status,
        )

    async def _attempt(
        self, webhook: Webhook, data: bytes | AsyncIterator[bytes]
    ) -> int | None:
        if self._session is None:
            return None
        async with self._session.post(
            webhook.url,
            data=data,
            headers=webhook.request_headers(),
            skip_auto_headers=["Content-Type"],
            allow_redirects=False,
            timeout=ClientTimeout(total=self._timeout),
        ) as response:
            return response.status


async def _half(data: bytes) -> AsyncIterator[bytes]:
    """Half a body, and then silence until the time limit."""
    yield data[: len(data) // 2]
    await asyncio.Event().wait()
