"""The control interface of the simulated Arduino Cloud, below `/_control`.

GET  mqtt                                   the sessions
POST mqtt/{abort|stall|expire}              trouble for all applications' sessions
POST options                                fields of `Options`
POST boards/{thing}/online                  {"online": bool}
POST boards/{thing}/status                  {"status": "UNKNOWN" or null for the true one}
POST things                                 {"name", "id"?, "variables"?, ...facts}
POST things/{thing}                         {"name"?, "deleted"?, "broken_properties"?}
POST things/{thing}/variables               {"name", "type", "value"?, "writable"?, ...fields}
POST things/{thing}/variables/{variable}    {"variable_name"?, "deleted"?, ...fields}
"""

from collections.abc import Awaitable, Callable, Iterable
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from aiohttp import web

from .arduino_store import CLOUD
from .server import CONTROL
from .world import Board, Variable

if TYPE_CHECKING:
    from .arduino import ArduinoCloud

type Body = dict[str, Any]
type Answer = Callable[[web.Request, Body], Awaitable[Any]]


class Control:
    """Answers control requests with the cloud's own methods."""

    def __init__(self, cloud: ArduinoCloud) -> None:
        """Control this cloud."""
        self._cloud = cloud

    def routes(self) -> Iterable[web.RouteDef]:
        """See the module."""
        yield web.get(f"{CONTROL}/mqtt", self._sessions)
        for path, answer in (
            ("mqtt/{what}", self._trouble),
            ("options", self._options),
            ("boards/{id}/online", self._online),
            ("boards/{id}/status", self._status),
            ("things", self._add_thing),
            ("things/{id}", self._change_thing),
            ("things/{id}/variables", self._add_variable),
            ("things/{id}/variables/{name}", self._change_variable),
        ):
            yield web.post(f"{CONTROL}/{path}", _handled(answer))

    async def _sessions(self, _: web.Request) -> web.Response:
        return web.json_response(
            [
                {
                    "listener": session.gate.label,
                    "client_id": session.client_id,
                    "subscriptions": session.subscriptions,
                }
                for session in self._cloud.broker.sessions()
            ]
        )

    async def _trouble(self, request: web.Request, _: Body) -> Any:
        match request.match_info["what"]:
            case "stall":
                self._cloud.stall_sessions()
            case "abort":
                self._cloud.abort_sessions()
            case "expire":
                self._cloud.expire_tokens()
            case _:
                raise ValueError("not a trouble")
        return {}

    async def _options(self, _: web.Request, body: Body) -> Any:
        self._cloud.options.change(body)
        return {}

    async def _online(self, request: web.Request, body: Body) -> Any:
        self._cloud.set_online(self._board(request), body["online"] is True)
        return {}

    async def _status(self, request: web.Request, body: Body) -> Any:
        self._cloud.set_status(self._board(request), body["status"])
        return {}

    async def _add_thing(self, _: web.Request, body: Body) -> Any:
        board = Board(
            id=str(body.pop("id", uuid4())),
            name=body.pop("name"),
            cloud=CLOUD,
            online="device" in body,
            variables={
                each["name"]: Variable(**{"value": None} | each)
                for each in body.pop("variables", ())
            },
            facts={"encoder": "python"} | body,
        )
        self._cloud.changes.add_thing(board)
        return {"id": board.id}

    async def _change_thing(self, request: web.Request, body: Body) -> Any:
        board, changes = self._board(request), self._cloud.changes
        if "name" in body:
            changes.rename_thing(board, body["name"])
        if "deleted" in body:
            change = changes.delete_thing if body["deleted"] else changes.restore_thing
            change(board)
        if "broken_properties" in body:
            changes.break_listing(board, *body["broken_properties"])
        return {}

    async def _add_variable(self, request: web.Request, body: Body) -> Any:
        variable = Variable(
            name=body.pop("name"),
            type=body.pop("type"),
            value=body.pop("value", None),
            writable=body.pop("writable", False),
        )
        added = self._cloud.changes.add_variable(self._board(request), variable, **body)
        return {"id": added.id}

    async def _change_variable(self, request: web.Request, body: Body) -> Any:
        board, changes = self._board(request), self._cloud.changes
        name = request.match_info["name"]
        board.variables[name]
        if (new := body.pop("variable_name", name)) != name:
            changes.rename_variable(board, name, new)
        if body.pop("deleted", False):
            changes.delete_variable(board, new)
        changes.change_variable(board, new, **body)
        return {}

    def _board(self, request: web.Request) -> Board:
        return self._cloud.world.boards[request.match_info["id"]]


def _handled(
    answer: Answer,
) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    """Read the body, and say in JSON what is wrong with it."""

    async def handle(request: web.Request) -> web.Response:
        try:
            body = await request.json() if request.can_read_body else {}
            return web.json_response(await answer(request, body))
        except (ValueError, KeyError, TypeError, AttributeError) as err:
            return web.json_response({"error": repr(err)}, status=400)

    return handle
