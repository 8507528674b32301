"""The endpoints of the simulated iottly, behind the check of the key (reference 2)."""

from collections.abc import Callable
from datetime import datetime
from itertools import islice
import json
from typing import Any

from aiohttp import web

from . import (
    iottly_commands as commands,
    iottly_dates as dates,
    iottly_project as listings,
    iottly_queries as queries,
)
from .iottly_answers import ApiError, answer
from .iottly_boards import IottlyBoards
from .iottly_commands import BadCommand, MessageType
from .iottly_filter import Document, ObjectId
from .iottly_project import Project
from .iottly_queries import BadParameter, Page
from .iottly_variant import IottlyVariant
from .world import Board, World


class IottlyApi:
    """What the service answers to requests that are allowed."""

    def __init__(
        self,
        world: World,
        boards: IottlyBoards,
        *,
        cloud: str,
        project: Project,
        types: tuple[MessageType, ...],
        variant: Callable[[], IottlyVariant],
    ) -> None:
        """Answer for the boards of this cloud's one project."""
        self._world = world
        self._boards = boards
        self._cloud = cloud
        self._project = project
        self._types = types
        self._variant = variant

    async def ping(self, _: web.Request) -> web.Response:
        """The key is good (1.4)."""
        return answer({"status": "pong"})

    async def inspect(self, request: web.Request) -> web.Response:
        """The project (2.2)."""
        boards = self._world.of(self._cloud)
        shape = self._variant().inspect
        return answer(
            listings.inspected(self._project, boards, address=request.host, shape=shape)
        )

    async def licenses(self, _: web.Request) -> web.Response:
        """All licenses (2.3)."""
        return answer(self._licenses())

    async def license(self, request: web.Request) -> web.Response:
        """One license (2.3)."""
        token = request.match_info["license"]
        found = self._licenses().get(token)
        if found is None:
            raise ApiError(404, "License not found")
        keyed = self._variant().single_license == "keyed"
        return answer({token: found} if keyed else found)

    async def all_props(self, _: web.Request) -> web.Response:
        """All devices (2.4)."""
        self._need_props()
        boards = self._world.of(self._cloud)
        return answer(listings.all_properties(boards, self._variant()))

    async def props(self, request: web.Request) -> web.Response:
        """One device (2.4)."""
        self._need_props()
        board = self._board(request)
        if board is None:
            raise ApiError(404, "Device not found")
        return answer(listings.properties(board))

    async def rename(self, request: web.Request) -> web.Response:
        """Give a device another name (2.5)."""
        self._need_props()
        match await _json(request):
            case {"name": str(name)} if name.strip():
                pass
            case _:
                raise self._invalid("name", "is missing")
        board = self._board(request)
        if board is None:
            raise ApiError(404, "Device not found")
        board.name = name
        return answer(listings.properties(board))

    async def command(self, request: web.Request) -> web.Response:
        """Hand a command over to a device (2.6, 4)."""
        variant = self._variant()
        if variant.command_status != 200:
            raise ApiError(variant.command_status, "The command was refused")
        try:
            board, document = self._built(self._board(request), await _json(request))
        except BadCommand as err:
            raise self._bad_command(err) from err
        self._boards.tell(board, document)
        if variant.command_body == "empty":
            return web.Response(content_type="application/json")
        return answer({"status": 200})

    async def history(self, request: web.Request) -> web.Response:
        """The newest messages of a device that match (2.7)."""
        variant = self._variant()
        if variant.handlers == "hosted" and self._board(request) is None:
            raise ApiError(403, "Not authorized for this device")
        own = {"from": request.match_info["device"], "to": self._project.id}
        try:
            count = queries.count(request.query, variant)
            wanted = queries.selection(own, request.query, variant)
        except BadParameter as err:
            if variant.handlers == "public":
                raise ApiError(500, html=True) from err
            raise self._invalid(err.name, err.problem) from err
        documents = (stored.document() for stored in self._boards.store.newest_first())
        newest = list(islice(filter(wanted, documents), count))
        if not newest and variant.history_empty == "not_found":
            raise ApiError(404, "No messages")
        if variant.order == "ascending":
            newest.reverse()
        return answer(
            {"status": 200, "messages": [self._stored(each) for each in newest]}
        )

    async def paginated(self, request: web.Request) -> web.Response:
        """One page of a device's messages (2.8)."""
        variant = self._variant()
        if not variant.pages:
            raise ApiError(404, html=True)
        try:
            page = Page.parse(request.query, variant)
        except BadParameter as err:
            raise self._invalid(err.name, err.problem) from err
        found = [
            stored
            for stored in self._boards.store.of(request.match_info["device"])
            if page.takes(stored.timestamp, stored.type)
        ]
        if not page.ascending:
            found.reverse()
        shown = found[page.number * page.length :][: page.length]
        if not shown and variant.page_empty != "list":
            raise ApiError(404, "No messages", html=variant.page_empty == "html_404")
        return answer({"messages": [self._paged(each.document()) for each in shown]})

    def _built(self, board: Board | None, body: Any) -> tuple[Board, Document]:
        name, values = commands.parse(body)
        if board is None:
            raise BadCommand(
                403, "Not authorized for this device", "list index out of range"
            )
        message_type = commands.declared(name, self._types)
        hosted = self._variant().handlers == "hosted"
        return board, commands.merged(message_type, values, drop_optional=hosted)

    def _bad_command(self, err: BadCommand) -> ApiError:
        if self._variant().handlers == "public":
            return ApiError(500, err.raw)
        if err.status == 400:
            return self._invalid(err.field, err.reason)
        return ApiError(err.status, err.reason)

    def _invalid(self, field: str, problem: str) -> ApiError:
        """A 400, as an error text or by field (1.5)."""
        if self._variant().validation == "fields":
            return ApiError(400, {field: [problem]})
        return ApiError(400, f"{field} {problem}")

    def _need_props(self) -> None:
        if not self._variant().props:
            raise ApiError(404, html=True)

    def _licenses(self) -> dict[str, Any]:
        boards = self._world.of(self._cloud)
        return listings.licenses(self._project, boards, self._variant())

    def _board(self, request: web.Request) -> Board | None:
        board = self._world.boards.get(request.match_info["device"])
        return board if board and board.cloud == self._cloud else None

    def _stored(self, document: Document) -> Document:
        """A message of the history, in MongoDB's extended JSON."""
        form = self._variant().dates

        def encoded(value: Any) -> Any:
            match value:
                case datetime():
                    return dates.mongo(value, form)
                case ObjectId(hex=digits):
                    return {"$oid": digits}
            return value

        return {key: encoded(value) for key, value in document.items()}

    def _paged(self, document: Document) -> Document:
        """A message of a page: no id, times without a zone."""
        zone = self._variant().page_zone
        return {
            key: dates.naive(value, zone) if isinstance(value, datetime) else value
            for key, value in document.items()
            if key != "_id"
        }


async def _json(request: web.Request) -> Any:
    """The body, whatever its content type says; None if it is not JSON."""
    try:
        return json.loads(await request.read())
    except ValueError:
        return None
