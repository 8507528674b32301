"""The simulated iottly cloud: its API on loopback (reference 1, 2)."""

from collections.abc import Callable, Iterable, Sequence
import re
import time
from typing import Any, Self

from aiohttp import web

from . import iottly_control as control
from .iottly_answers import ApiError, answer, page, proxy_page, unless_known
from .iottly_api import IottlyApi
from .iottly_boards import IottlyBoards
from .iottly_commands import MESSAGE_TYPES, MessageType
from .iottly_project import Project
from .iottly_store import USER, Message, MessageStore
from .iottly_variant import IottlyVariant
from .iottly_webhooks import Webhook, WebhookSender
from .server import Handler, RateLimit, SimulatedCloud
from .world import Board, World

BASE = "/v1.0"
_PROJECT = f"{BASE}/project/{{project:[0-9a-fA-F]{{24}}}}"
_DEVICE = f"{_PROJECT}/device/{{device}}"
_KEY = re.compile(r"bearer (\S{32})", re.IGNORECASE)
_PROXY_ERRORS = frozenset({502, 503, 504})


class IottlyCloud(SimulatedCloud):
    """One project with its boards, in one reading of the protocol (`variant`).

    `variant` may be replaced at any time. `rate` limits the requests of a key, as
    (number, seconds); the real service documents no limit. `retention` is how many
    messages are kept. `elsewhere` is where a redirect leads: by default this same
    server under its other name, so that the log shows who followed (header Host).
    """

    name = "iottly"

    def __init__(
        self,
        world: World,
        *,
        clock: Callable[[], float] = time.time,
        variant: IottlyVariant = IottlyVariant(),
        project: Project = Project(),
        rate: tuple[int, float] | None = None,
        retention: int = 5000,
        webhook_timeout: float = 20.0,
        types: tuple[MessageType, ...] = MESSAGE_TYPES,
        elsewhere: str | None = None,
    ) -> None:
        """Prepare; nothing listens before `start`."""
        super().__init__(world, clock=clock)
        self.variant = variant
        self.project = project
        self._rate = RateLimit(*rate, clock=clock) if rate else None
        self._elsewhere = elsewhere
        self._sender = WebhookSender(self.record, self.faults, timeout=webhook_timeout)
        self._boards = IottlyBoards(
            world,
            MessageStore(project.id, retention),
            self._sender,
            cloud=self.name,
            clock=clock,
            faults=self.faults,
            record=self.record,
            variant=lambda: self.variant,
        )
        self._api = IottlyApi(
            world,
            self._boards,
            cloud=self.name,
            project=project,
            types=types,
            variant=lambda: self.variant,
        )

    @property
    def base(self) -> str:
        """The API's base address, as a client is configured with."""
        return f"{self.url}{BASE}/"

    @property
    def api_key(self) -> str:
        """The key of the project."""
        return self.project.api_key

    def info(self) -> dict[str, Any]:
        """Address and credentials."""
        return {
            "url": self.base,
            "project_id": self.project.id,
            "api_key": self.api_key,
        }

    async def start(self, port: int = 0) -> Self:
        """Listen on loopback; the boards connect and tell what they measure."""
        await super().start(port)
        self._sender.start()
        self._boards.start()
        return self

    async def stop(self) -> None:
        """Stop boards, webhooks and server."""
        self._boards.stop()
        await self._sender.stop()
        await super().stop()

    def message(
        self,
        board: Board,
        payload: Any,
        *,
        type: str | None = USER,
        device_time: float | None = None,
        late: float = 0.0,
        duplicate: int = 0,
        channel: str | None = None,
        flat: bool = False,
    ) -> tuple[Message, ...]:
        """Let a board send a message and return what was stored.

        `device_time` is epoch seconds, by default the board's own clock. `late` is how
        many seconds ago the message arrived without being visible until now.
        `duplicate` is how many further copies are stored. `type` None leaves the type
        out, `flat` is the form before mid-2017. An offline board keeps its last ten
        messages for `connect`; nothing is stored then.
        """
        return self._boards.message(
            board,
            payload,
            type=type,
            device_time=device_time,
            late=late,
            duplicate=duplicate,
            channel=channel,
            flat=flat,
        )

    def burst(
        self, board: Board, payloads: Sequence[Any], *, spacing: float = 0.0
    ) -> tuple[Message, ...]:
        """Let messages arrive `spacing` seconds apart up to now, or all at once."""
        return self._boards.burst(board, payloads, spacing)

    def connect(self, board: Board) -> None:
        """Bring a board online; it says so and sends what it kept."""
        self._boards.connect(board)

    def disconnect(self, board: Board) -> None:
        """Take a board offline."""
        self._boards.disconnect(board)

    def add_webhook(self, url: str, **settings: Any) -> Webhook:
        """Configure a webhook (`Webhook`); raises ValueError beyond the limits."""
        webhook = Webhook(url=url, **settings)
        self._sender.add(webhook)
        return webhook

    @property
    def webhooks(self) -> tuple[Webhook, ...]:
        """The configured webhooks."""
        return self._sender.webhooks

    def clear_webhooks(self) -> None:
        """Delete all webhooks."""
        self._sender.clear()

    def routes(self) -> Iterable[web.RouteDef]:
        """The API's routes; a trailing slash is none of them."""
        api = self._api
        get: dict[str, Handler] = {
            f"{BASE}/project/ping": api.ping,
            f"{_PROJECT}/inspect": api.inspect,
            f"{_PROJECT}/license": api.licenses,
            f"{_PROJECT}/license/{{license}}": api.license,
            f"{_PROJECT}/devices/props": api.all_props,
            f"{_DEVICE}/props": api.props,
            f"{_PROJECT}/messages/{{device}}": api.history,
            f"{_DEVICE}/messages/paginated": api.paginated,
        }
        for path, handler in get.items():
            yield web.get(path, self._guarded(handler), allow_head=False)
        yield web.put(f"{_DEVICE}/props", self._guarded(api.rename))
        yield web.post(f"{_DEVICE}/command", self._guarded(api.command))

    def control_routes(self) -> Iterable[web.RouteDef]:
        """Messages, connections, webhooks and the variant, below `CONTROL`."""
        return control.routes(self)

    def unauthorized(self, *, expired: bool = False) -> web.Response:
        """A key that is not known, or was deleted: keys do not expire by themselves."""
        return self._refused().response()

    def too_many(self, retry_after: float | None = None) -> web.Response:
        """429, which the service documents nothing about."""
        response = answer({"error": "Too many requests"}, 429)
        if retry_after is not None:
            response.headers["Retry-After"] = f"{retry_after:g}"
        return response

    def server_error(self, status: int) -> web.Response:
        """What a failing deployment may answer (reference 1.5), by status.

        200 is an answer with the error inside, 3xx a redirect to another host, 4xx the
        documented error object, 502 to 504 the proxy's page, others the framework's.
        """
        if status < 300:
            return answer({"status": 400, "error": "invalid request"}, status)
        if status < 400:
            host = self._elsewhere or f"http://localhost:{self.port}"
            place = f"{host}{BASE}/project/{self.project.id}/inspect"
            return web.Response(status=status, headers={"Location": place})
        if status < 500:
            return answer({"error": "refused"}, status)
        return proxy_page(status) if status in _PROXY_ERRORS else page(status)

    async def _answer(
        self, request: web.Request, handler: Handler
    ) -> web.StreamResponse:
        """Give errors the form that the framework or the API gives them."""
        try:
            response = await super()._answer(request, handler)
        except ApiError as err:
            return err.response()
        except web.HTTPException as err:
            return page(err.status)
        return unless_known(request, response)

    def _guarded(self, handler: Handler) -> Handler:
        async def admit(request: web.Request) -> web.StreamResponse:
            key = self._key(request)
            if self._rate and not self._rate.allow(key):
                # Whoever waits for the length of the window is let in again.
                return self.too_many(self._rate.seconds)
            project = request.match_info.get("project", self.project.id).lower()
            if "project" in request.match_info and (
                key != self.api_key or project != self.project.id
            ):
                raise ApiError(403, "Not authorized for this project")
            return await handler(request)

        return admit

    def _key(self, request: web.Request) -> str:
        """The request's key, if it is one of some project."""
        found = _KEY.fullmatch(request.headers.get(self.variant.header, ""))
        if not found or found[1] not in (self.api_key, self.project.foreign_key):
            raise self._refused()
        return found[1]

    def _refused(self) -> ApiError:
        if self.variant.refusal == 403:
            return ApiError(403, {})
        return ApiError(401, "Not authenticated")
