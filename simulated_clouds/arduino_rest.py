"""Reading things, properties and devices by REST (reference 2.4, 2.5, 2.7, 2.8)."""

from collections.abc import Awaitable, Callable, Iterable

from aiohttp import web

from . import arduino_views as views
from .arduino_answers import RefusedError, flag, media, tags
from .arduino_store import Property, Store, device_of
from .arduino_tokens import Grant
from .arduino_types import catalogue
from .world import Board

SPACE = "X-Organization"


class Scope:
    """The boards that one request may see: its space, its user."""

    def __init__(self, store: Store, grant: Grant, space: str | None) -> None:
        """A space is named by the header; without it the personal space is meant."""
        self._store = store
        self._grant = grant
        self._space = space

    def boards(self, *, deleted: bool = False, across: bool = True) -> list[Board]:
        """The boards of the space; with `across` those of its other members too."""
        return [
            board
            for board in self._store.boards(deleted=deleted)
            if board.facts.get("organization_id") == self._space
            and (
                self._store.owner(board) == self._grant.user_id
                or (across and self._space is not None)
            )
        ]

    def thing(self, thing_id: str, *, deleted: bool = False) -> Board:
        """One board by its thing; raises RefusedError."""
        for board in self.boards(deleted=deleted):
            if board.id == thing_id.lower():
                return board
        raise RefusedError(404)

    def device(self, device_id: str) -> Board:
        """One board by its device; raises RefusedError."""
        for board in self.boards():
            if device_of(board) == device_id.lower():
                return board
        raise RefusedError(404)

    def property_(self, request: web.Request, *, deleted: bool = False) -> Property:
        """The property that the path names; raises RefusedError."""
        board = self.thing(request.match_info["id"], deleted=deleted)
        for item in self._store.properties(board, deleted=deleted):
            if item.id == request.match_info["pid"].lower():
                return item
        raise RefusedError(404)

    def found(self, property_id: str) -> Property:
        """A property by its id alone; raises RefusedError."""
        for board in self.boards():
            for item in self._store.properties(board):
                if item.id == property_id.lower():
                    return item
        raise RefusedError(404)


type Handler = Callable[[web.Request, Scope], Awaitable[web.StreamResponse]]


class Reading:
    """The requests that only read."""

    def __init__(self, store: Store, online: Callable[[Board], bool]) -> None:
        """`online` tells whether a board's device is connected."""
        self._store = store
        self._online = online

    def routes(self) -> Iterable[tuple[str, str, Handler]]:
        """Method, path and handler of each request."""
        return (
            ("GET", "/iot/v2/things", self._things),
            ("GET", "/iot/v2/things/{id}", self._thing),
            ("GET", "/iot/v2/things/{id}/properties", self._properties),
            ("GET", "/iot/v2/things/{id}/properties/{pid}", self._property),
            ("GET", "/iot/v2/devices", self._devices),
            ("GET", "/iot/v2/devices/{id}", self._device),
        )

    async def _things(self, request: web.Request, scope: Scope) -> web.Response:
        query = request.query
        wanted = tags(request)
        ids = query.getall("ids", [])
        properties = flag(request, "show_properties")
        boards = scope.boards(
            deleted=flag(request, "show_deleted"),
            across=flag(request, "across_user_ids"),
        )
        return media(
            "thing",
            [
                views.thing(self._store, board, properties=properties)
                for board in boards
                if query.get("device_id", device_of(board)) == device_of(board)
                and (not ids or board.id in ids)
                and wanted.items() <= board.facts.get("tags", {}).items()
            ],
        )

    async def _thing(self, request: web.Request, scope: Scope) -> web.Response:
        deleted = flag(request, "show_deleted")
        board = scope.thing(request.match_info["id"], deleted=deleted)
        return media("thing", views.thing(self._store, board, properties=True))

    async def _properties(self, request: web.Request, scope: Scope) -> web.Response:
        deleted = flag(request, "show_deleted")
        board = scope.thing(request.match_info["id"], deleted=deleted)
        return media("property", views.properties_(self._store, board, deleted=deleted))

    async def _property(self, request: web.Request, scope: Scope) -> web.Response:
        item = scope.property_(request, deleted=flag(request, "show_deleted"))
        return media("property", views.property_(self._store, item))

    async def _devices(self, request: web.Request, scope: Scope) -> web.Response:
        query = request.query
        wanted = tags(request)
        flag(request, "show_deleted")
        return media(
            "devicev2",
            [
                self._shown(board)
                for board in scope.boards(across=flag(request, "across_user_ids"))
                if "device" in board.facts
                and all(
                    query.get(name, board.facts["device"].get(name))
                    == board.facts["device"].get(name)
                    for name in ("serial", "unique_hardware_id")
                )
                and wanted.items() <= board.facts["device"].get("tags", {}).items()
            ],
        )

    async def _device(self, request: web.Request, scope: Scope) -> web.Response:
        return media("devicev2", self._shown(scope.device(request.match_info["id"])))

    def _shown(self, board: Board) -> dict[str, object]:
        return views.device(self._store, board, online=self._online(board))


async def property_types(_: web.Request) -> web.Response:
    """All types that a property can be created with; needs no token."""
    return media("property_types", catalogue())
