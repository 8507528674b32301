"""Takes what a vendor delivers by itself, for accounts whose user has turned that on."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field, replace
import hmac
from http import HTTPStatus
import secrets
from typing import Any, Self

from aiohttp import ClientError, StreamReader
from aiohttp.hdrs import METH_POST
from aiohttp.web import Request, RequestPayloadError, Response

from homeassistant.components import webhook
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import entity_registry as er
from homeassistant.util import dt as dt_util

from .cloud import LAST_DELIVERY, WEBHOOK, Receiver
from .const import DOMAIN, LOGGER
from .coordinator import CloudConfigEntry, CloudCoordinator
from .devices import unique_id
from .model import CloudRejected, Drop

SECRET_HEADER = "X-IoT-Clouds-Secret"
"""Header that every delivery must have, with the secret of the account."""

LARGEST = 256 * 1024
"""Bytes that a delivery may have."""

SLOWEST = 10.0
"""Seconds within which a delivery must have arrived as a whole."""

_PLAIN = frozenset({"", "identity"})

RATE = 50.0
BURST = 200.0
"""Deliveries a second, and at once after a rest, that are looked at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """Where deliveries come in: both parts are random, and nobody else must know them."""

    id: str = field(repr=False)
    secret: str = field(repr=False)
    since: str
    """When it was opened, in ISO 8601."""

    @classmethod
    def new(cls) -> Self:
        """A door that nobody knows yet."""
        return cls(
            id=webhook.async_generate_id(),
            secret=secrets.token_urlsafe(32),
            since=dt_util.utcnow().isoformat(),
        )

    @classmethod
    def of(cls, options: Any) -> Self | None:
        """The door among the options of an account; None while it is closed."""
        match options.get(WEBHOOK):
            case {"id": str(id_), "secret": str(secret), "since": str(since)}:
                return cls(id=id_, secret=secret, since=since)
        return None

    def saved(self) -> dict[str, str]:
        """What is kept of it among the options."""
        return {"id": self.id, "secret": self.secret, "since": self.since}


class Bucket:
    """Bounds how many deliveries are looked at."""

    def __init__(self, clock: Callable[[], float]) -> None:
        """Be full; `clock` counts seconds."""
        self._clock = clock
        self._left = BURST
        self._at = clock()

    def take(self) -> bool:
        """Whether one more may pass now."""
        now = self._clock()
        self._left = min(BURST, self._left + (now - self._at) * RATE)
        self._at = now
        if self._left < 1:
            return False
        self._left -= 1
        return True


class Doorkeeper:
    """Lets in whoever knows the secret, and hands on what they bring."""

    def __init__(
        self, door: Door, receiver: Receiver, coordinator: CloudCoordinator
    ) -> None:
        """Keep the door of one account."""
        self._secret = door.secret.encode()
        self._receiver = receiver
        self._coordinator = coordinator
        self._bucket = Bucket(coordinator.hass.loop.time)
        self._behind = False
        self._told: set[str] = set()
        self._tally = coordinator.counters.tally

    async def handle(
        self, hass: HomeAssistant, webhook_id: str, request: Request
    ) -> Response:
        """Take one delivery.

        Whoever does not know the secret uses nothing up and learns nothing, not even
        that there is a door: Home Assistant gives this answer at addresses that do not
        exist. The others learn whether a delivery arrived, and not what became of it.
        """
        given = request.headers.get(SECRET_HEADER, "")
        if not hmac.compare_digest(given.encode(errors="replace"), self._secret):
            self._drop(Drop.WRONG_SECRET, "without the right secret were refused")
            return Response()
        if request.method != METH_POST:
            return Response(status=HTTPStatus.METHOD_NOT_ALLOWED)
        if not self._bucket.take():
            self._behind = True
            self._drop(Drop.TOO_FAST, "came too fast and were left out")
            return Response(status=HTTPStatus.TOO_MANY_REQUESTS)
        if request.headers.get("Content-Encoding", "").lower() not in _PLAIN:
            self._drop(Drop.COMPRESSED, "were compressed and left out")
            return Response(status=HTTPStatus.UNSUPPORTED_MEDIA_TYPE)
        try:
            body = await _read(request.content)
        except TimeoutError:
            self._tally.drop(Drop.TOO_SLOW)
            return Response(status=HTTPStatus.REQUEST_TIMEOUT)
        except ClientError, OSError, RequestPayloadError:
            # Whoever delivered has gone, or sent something that is no HTTP.
            self._tally.drop(Drop.BROKEN_OFF)
            return Response(status=HTTPStatus.BAD_REQUEST)
        if body is None:
            self._drop(Drop.TOO_LARGE, "were too large and left out")
            return Response(status=HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        self._take(body)
        return Response()

    def _take(self, body: bytes) -> None:
        """Hand on what was delivered; a listing finds what was left out before."""
        try:
            update = self._receiver.receive(body)
        except CloudRejected as err:
            self._drop(Drop.UNUSABLE, f"could not be used ({err})")
            return
        self._coordinator.counters.deliveries += 1
        if self._behind:
            self._behind = False
            update = replace(update, relist=True)
        self._coordinator.async_apply(update)

    def _drop(self, reason: Drop, what: str) -> None:
        """Count it, and say it once: whoever floods must not fill the log too."""
        self._tally.drop(reason)
        if what not in self._told:
            self._told.add(what)
            LOGGER.warning("%s: deliveries %s", self._coordinator.name, what)


@callback
def async_open_webhook(hass: HomeAssistant, entry: CloudConfigEntry) -> None:
    """Open the door of an account, if its user wants that, until it is unloaded."""
    coordinator = entry.runtime_data.coordinator
    receiver = coordinator.cloud.receiver
    door = Door.of(entry.options)
    if door is None or receiver is None:
        _forget_last(hass, entry)
        return
    keeper = Doorkeeper(door, receiver, coordinator)
    webhook.async_register(
        hass,
        DOMAIN,
        entry.title,
        door.id,
        keeper.handle,
        # Home Assistant would log the address with a method that is not among these.
        allowed_methods=webhook.SUPPORTED_METHODS,
    )
    entry.async_on_unload(lambda: webhook.async_unregister(hass, door.id))


@callback
def _forget_last(hass: HomeAssistant, entry: CloudConfigEntry) -> None:
    """Remove the entity that told of deliveries, which cannot come any more."""
    registry = er.async_get(hass)
    former = unique_id(entry.entry_id, LAST_DELIVERY)
    if entity_id := registry.async_get_entity_id(Platform.SENSOR, DOMAIN, former):
        registry.async_remove(entity_id)


async def _read(content: StreamReader) -> bytes | None:
    """The body; None if it is too large.

    Raises:
        TimeoutError: it did not arrive in time.
    """
    body = bytearray()
    async with asyncio.timeout(SLOWEST):
        while chunk := await content.read(LARGEST + 1 - len(body)):
            body += chunk
            if len(body) > LARGEST:
                return None
    return bytes(body)
