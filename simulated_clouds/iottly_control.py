"""The simulated iottly's control interface: what tests do in Python, over HTTP."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict
import json
from typing import Any, Protocol

from aiohttp import web

from .iottly_store import Message
from .iottly_variant import IottlyVariant
from .iottly_webhooks import Webhook
from .server import CONTROL, Handler
from .world import Board, World


class Controlled(Protocol):
    """The parts of the cloud that are controlled."""

    world: World
    variant: IottlyVariant

    @property
    def message(self) -> Callable[..., tuple[Message, ...]]:
        """Let a board send a message."""

    @property
    def burst(self) -> Callable[..., tuple[Message, ...]]:
        """Let messages arrive together."""

    def connect(self, board: Board) -> None:
        """Bring a board online."""

    def disconnect(self, board: Board) -> None:
        """Take a board offline."""

    def add_webhook(self, url: str, **settings: Any) -> Webhook:
        """Configure a webhook."""

    @property
    def webhooks(self) -> tuple[Webhook, ...]:
        """The configured webhooks."""

    def clear_webhooks(self) -> None:
        """Delete all webhooks."""


def routes(cloud: Controlled) -> Iterable[web.RouteDef]:
    """POST messages, bursts, connections; webhooks; GET and PATCH the variant."""
    control = _Control(cloud)
    posts: Mapping[str, Handler] = {
        "messages": control.message,
        "bursts": control.burst,
        "connections": control.connection,
        "webhooks": control.add_webhook,
    }
    for name, handler in posts.items():
        yield web.post(f"{CONTROL}/{name}", _checked(handler))
    yield web.get(f"{CONTROL}/webhooks", control.list_webhooks)
    yield web.delete(f"{CONTROL}/webhooks", control.clear_webhooks)
    yield web.get(f"{CONTROL}/variant", control.show_variant)
    yield web.patch(f"{CONTROL}/variant", _checked(control.switch))


def _checked(handler: Handler) -> Handler:
    """Answer 400 to a body that does not fit."""

    async def handle(request: web.Request) -> web.StreamResponse:
        try:
            return await handler(request)
        except (KeyError, TypeError, ValueError) as err:
            return web.json_response({"error": repr(err)}, status=400)

    return handle


class _Control:
    def __init__(self, cloud: Controlled) -> None:
        self._cloud = cloud

    def _board(self, data: dict[str, Any]) -> Board:
        """The board that the body names, by id or by name."""
        named = data.pop("board")
        boards = self._cloud.world.boards
        for board in boards.values():
            if named in (board.id, board.name):
                return board
        raise KeyError(named)

    async def message(self, request: web.Request) -> web.StreamResponse:
        data = await request.json()
        return _ids(self._cloud.message(self._board(data), data.pop("payload"), **data))

    async def burst(self, request: web.Request) -> web.StreamResponse:
        data = await request.json()
        board = self._board(data)
        return _ids(self._cloud.burst(board, data.pop("payloads"), **data))

    async def connection(self, request: web.Request) -> web.StreamResponse:
        data = await request.json()
        board = self._board(data)
        if data["online"]:
            self._cloud.connect(board)
        else:
            self._cloud.disconnect(board)
        return web.json_response({})

    async def add_webhook(self, request: web.Request) -> web.StreamResponse:
        return _shown(self._cloud.add_webhook(**await request.json()), 201)

    async def list_webhooks(self, _: web.Request) -> web.StreamResponse:
        return web.json_response([asdict(hook) for hook in self._cloud.webhooks])

    async def clear_webhooks(self, _: web.Request) -> web.StreamResponse:
        self._cloud.clear_webhooks()
        return web.json_response({})

    async def show_variant(self, _: web.Request) -> web.StreamResponse:
        return _shown(self._cloud.variant)

    async def switch(self, request: web.Request) -> web.StreamResponse:
        self._cloud.variant = self._cloud.variant.switched(**await request.json())
        return _shown(self._cloud.variant)


def _ids(stored: tuple[Message, ...]) -> web.Response:
    return web.json_response([message.id.hex for message in stored], status=201)


def _shown(data: Webhook | IottlyVariant, status: int = 200) -> web.Response:
    return web.json_response(
        asdict(data), status=status, dumps=lambda held: json.dumps(held, default=sorted)
    )
