"""Particle's endpoints for devices, their variables, functions and events."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from aiohttp import ClientResponse, ClientSession
from yarl import URL

from ...model import CloudRejected, CloudUnreachable, DeviceOffline, Json, Tally, plain
from .asker import Asker, as_object
from .clock import CloudClock
from .errors import Reply, failure
from .models import Board, Fields, product_number, text
from .pace import Pace
from .reports import Reports
from .scope import Scope, raw, segment
from .transport import CURRENT_TOKEN, TIMEOUT, TOKEN, Transport
from .values import clean, number

BASE_URL = "https://api.particle.io"

LOGIN_PAUSE = 1800.0
"""Seconds: ten failed logins block the address for half an hour (9.1)."""
STREAM_PAUSE = 300.0
"""Seconds: streams may be opened 100 times in five minutes (9.1)."""
MOST_PAGES = 400
"""Of 25 devices each; a list that says it has more makes no sense."""

USER = "/v1/user"

_STREAM_HEADERS = {
    "Accept": "text/event-stream",
    "Accept-Encoding": "identity",
    "Cache-Control": "no-cache",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """The devices of an account, and how many entries made no sense.

    It is `complete` if a device that it lacks is surely none of the account.
    """

    boards: tuple[Board, ...]
    skipped: int
    complete: bool


class Client:
    """What one account can ask of the cloud; `reports` has what is kept about devices.

    Every method may raise `CloudAuthError`, `CloudUnreachable`, `CloudBusy` and
    `CloudRejected`; those about a device also `DeviceOffline` and `CloudMissing`.
    """

    def __init__(
        self,
        session: ClientSession,
        base_url: str = BASE_URL,
        token: str | None = None,
        *,
        scope: Scope | None = None,
        pace: Pace | None = None,
        tally: Tally | None = None,
        timeout: float = TIMEOUT,
    ) -> None:
        """Ask at `base_url` with this token; `timeout` is in seconds."""
        self.scope = scope or Scope()
        self._transport = Transport(
            session,
            base_url,
            token,
            second=self.scope.listing,
            pace=pace,
            tally=tally,
            timeout=timeout,
        )
        self._ask = Asker(self._transport)
        self._products: dict[str, str] = {}
        self.reports = Reports(self._ask, self.scope.base)

    @property
    def authority(self) -> str:
        """Host and port of the cloud."""
        return self._transport.authority

    @property
    def vendors_own(self) -> bool:
        """Whether this is the vendor's cloud and not one on somebody's own server."""
        return self.authority == URL(BASE_URL).host_port_subcomponent

    @property
    def counters(self) -> Mapping[str, int]:
        """How much was asked, and how often the cloud refused for haste."""
        return self._transport.counters

    @property
    def clock(self) -> CloudClock:
        """The cloud's time, as far as its answers tell."""
        return self._transport.clock

    @property
    def tally(self) -> Tally:
        """Where requests are counted, and what was dropped."""
        return self._transport.tally

    async def token_info(self) -> Fields | None:
        """What the token is; None from a local cloud, which cannot tell (1.5)."""
        return await self._ask.optional(CURRENT_TOKEN)

    async def user(self) -> Fields | None:
        """Who the token belongs to; None from a local cloud (1.8)."""
        return await self._ask.optional(USER)

    async def product_id(self, product: str) -> str | None:
        """The number of a product by its slug; None where that is not told."""
        body = await self._ask.optional(f"/v1/products/{segment(product)}")
        found = body.get("product", body) if body else None
        # Before 2019 the product was in a list of its own (reference 0).
        if isinstance(found, list):
            found = found[0] if found else None
        told = product_number(found.get("id")) if isinstance(found, dict) else None
        return None if told is None else str(told)

    async def devices(self) -> Listing:
        """All devices of the scope (2.1); costs the user nothing."""
        if self.scope.personal:
            body = await self._ask.account("GET", self.scope.listing)
            if not isinstance(body, list):
                raise CloudUnreachable("The cloud did not answer with a list")
            return self._parse(body)
        if self.scope.product:
            return await self._of_product(self.scope.product)
        return await self._organization()

    async def device(self, device_id: str) -> Board:
        """One device with its variables and functions; costs the user nothing."""
        body = await self._ask.device("GET", self._path(device_id))
        board = Board.parse(body, self.scope.prefix)
        if board is None or board.id != device_id:
            raise CloudUnreachable("The cloud did not answer with the device")
        return board

    async def variable(self, device_id: str, name: str) -> Json:
        """Read a variable from the device itself; costs one data operation (9.2)."""
        path = self._path(device_id, name)
        body = as_object(await self._ask.device("GET", path, once=True))
        if "result" not in body:
            raise CloudUnreachable("The cloud did not answer with a value")
        return body["result"]

    async def call(self, device_id: str, function: str, argument: str) -> Json:
        """Call a function once and return what it returned (4)."""
        body = as_object(
            await self._ask.device(
                "POST", self._path(device_id, function), json={"arg": clean(argument)}
            )
        )
        if "return_value" not in body:
            raise CloudUnreachable("The cloud did not answer with a return value")
        return plain(body["return_value"])

    async def ping(self, device_id: str) -> None:
        """Ask a device for a sign of life; `DeviceOffline` without one (2.1)."""
        path = f"{self._path(device_id)}/ping"
        body = as_object(await self._ask.device("PUT", path, json={}))
        if not any(body.get(key) is True for key in ("online", "connected")):
            raise DeviceOffline("The device did not answer")

    async def signal(self, device_id: str, on: bool) -> None:
        """Let a device shout in rainbow colours, or stop it (2.1)."""
        wish = {"signal": "1" if on else "0"}
        await self._ask.device("PUT", self._path(device_id), json=dict(wish))

    async def force_updates(self, device_id: str) -> None:
        """Let a device take the firmware of its product now (8.4)."""
        wish: Json = {"firmware_updates_forced": True}
        await self._ask.device("PUT", self._path(device_id), json=wish)

    async def publish(self, name: str, data: str) -> None:
        """Publish a private event in the account's name (5.7)."""
        if self.scope.organization:
            raise CloudRejected("An organization cannot publish: use its product")
        event: Json = {"name": clean(name), "data": clean(data), "private": True}
        await self._ask.account("POST", self.scope.events, json=event)

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
        path = self.scope.events
        answer = await self._transport.open(path, _STREAM_HEADERS, idle)
        if isinstance(answer, ClientResponse):
            if answer.content_type == "text/event-stream":
                return answer
            answer.close()
            raise CloudUnreachable("The cloud did not answer with an event stream")
        error = failure(answer, pause=STREAM_PAUSE)
        if not isinstance(error, CloudRejected) or answer.doubts_token:
            await self._ask.judge(path, answer, error)
        raise CloudUnreachable("The cloud did not open the event stream")

    def _path(self, device_id: str, name: str | None = None) -> str:
        """Path of a device or of one of its variables or functions."""
        product = self._products.get(device_id)
        if product and self.scope.organization:
            base = f"/v1/products/{segment(product)}"
        else:
            base = self.scope.base
        path = f"{base}/devices/{segment(raw(device_id))}"
        return path if name is None else f"{path}/{segment(name)}"

    async def _product_devices(self, product: str) -> list[Json]:
        """All pages of a product's devices; the size of one is the cloud's (2.1)."""
        found: list[Json] = []
        for page in range(1, MOST_PAGES + 1):
            path = f"/v1/products/{segment(product)}/devices?page={page}"
            body = as_object(await self._ask.account("GET", path))
            devices = body.get("devices")
            if not isinstance(devices, list):
                raise CloudUnreachable("The cloud did not answer with a list")
            found += devices
            meta = body.get("meta")
            pages = number(meta.get("total_pages")) if isinstance(meta, dict) else None
            if not devices or page >= (pages or 0):
                break
        return found

    async def _organization(self) -> Listing:
        body = as_object(await self._ask.account("GET", self.scope.listing))
        products = body.get("products")
        if not isinstance(products, list):
            raise CloudUnreachable("The cloud did not answer with a list")
        boards: list[Board] = []
        skipped, complete = 0, True
        for product in products:
            told = product if isinstance(product, dict) else {}
            number_or_slug = product_number(told.get("id")) or text(told.get("slug"))
            if number_or_slug is None:
                skipped += 1
                continue
            part = await self._of_product(str(number_or_slug))
            for board in part.boards:
                self._products[board.id] = str(number_or_slug)
            boards += part.boards
            skipped += part.skipped
            complete = complete and part.complete
        return Listing(
            boards=tuple(boards), skipped=skipped, complete=complete and not skipped
        )

    async def _of_product(self, product: str) -> Listing:
        """A product's devices; one that is on two pages has pushed another off both."""
        listing = self._parse(await self._product_devices(product))
        whole = len({board.id for board in listing.boards}) == len(listing.boards)
        return replace(listing, complete=listing.complete and whole)

    def _parse(self, items: list[Json]) -> Listing:
        prefix = self.scope.prefix
        found = [board for item in items if (board := Board.parse(item, prefix))]
        skipped = len(items) - len(found)
        return Listing(boards=tuple(found), skipped=skipped, complete=not skipped)
