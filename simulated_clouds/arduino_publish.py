"""Writing values by REST (reference 2.6)."""

from collections.abc import Iterable
from typing import Any

from aiohttp import web

from .arduino_answers import RefusedError, body_of, object_of, time_of
from .arduino_options import Options
from .arduino_rest import Handler, Scope
from .arduino_store import Property, Store, device_of
from .arduino_traffic import Traffic
from .arduino_types import coerce
from .world import Board, Value


class Publishing:
    """The requests that write."""

    def __init__(self, store: Store, traffic: Traffic, *, options: Options) -> None:
        """Write to the boards of the store."""
        self._store = store
        self._traffic = traffic
        self._options = options

    def routes(self) -> Iterable[tuple[str, str, Handler]]:
        """Method, path and handler of each request."""
        return (
            ("PUT", "/iot/v2/things/{id}/publish", self._several),
            ("PUT", "/iot/v2/things/{id}/properties/{pid}/publish", self._single),
            ("PUT", "/iot/v2/things/{id}/properties/{pid}/publish_batch", self._batch),
        )

    async def _single(self, request: web.Request, scope: Scope) -> web.Response:
        """Without `device_id` a command, with it as though the device had sent it."""
        item = scope.property_(request)
        body = await object_of(request)
        device_id = body.get("device_id")
        if device_id not in (None, device_of(item.board)):
            raise RefusedError(400, "device_id is not the thing's device")
        to_device = device_id is None
        value = self._checked(item, body, to_device=to_device)
        self._send(item.board, {item.variable.name: value}, to_device=to_device)
        return web.Response()

    async def _several(self, request: web.Request, scope: Scope) -> web.Response:
        """All or none; as sent by the device unless `to_device` says otherwise."""
        board = scope.thing(request.match_info["id"])
        body = await object_of(request)
        to_device = body.get("to_device", False)
        listed = body.get("properties")
        if self._options.several_refused:
            raise RefusedError(400, "properties cannot be published together")
        if not isinstance(to_device, bool):
            raise RefusedError(400, "to_device is not a boolean")
        if not isinstance(listed, list) or not listed:
            raise RefusedError(400, "properties is not a list of at least one")
        values = dict(
            self._named(board, entry, to_device=to_device) for entry in listed
        )
        self._send(board, values, to_device=to_device)
        return web.Response()

    async def _batch(self, request: web.Request, scope: Scope) -> web.Response:
        """Samples of the past: kept, and passed on to nobody."""
        item = scope.property_(request)
        body = await body_of(request)
        if not isinstance(body, list) or not all(isinstance(one, dict) for one in body):
            raise RefusedError(400, "body is not a list of samples")
        samples = [
            (self._checked(item, one), time_of(one.get("timestamp"), "timestamp"))
            for one in body
        ]
        for value, at in samples:
            self._store.put(item, value, at=at)
        return web.Response()

    def _named(
        self, board: Board, entry: object, *, to_device: bool
    ) -> tuple[str, Value]:
        if not isinstance(entry, dict) or not isinstance(entry.get("property"), str):
            raise RefusedError(400, "property is missing")
        if (item := self._store.find(board, entry["property"])) is None:
            raise RefusedError(404)
        return item.variable.name, self._checked(item, entry, to_device=to_device)

    def _checked(
        self, item: Property, body: dict[str, Any], *, to_device: bool = False
    ) -> Value:
        if to_device and self._options.read_only_refused and not item.variable.writable:
            raise RefusedError(400, "property is READ_ONLY")
        if "value" not in body:
            raise RefusedError(400, "value is missing")
        try:
            return coerce(item.variable.type, body["value"])
        except ValueError as err:
            raise RefusedError(400, str(err)) from err

    def _send(self, board: Board, values: dict[str, Value], *, to_device: bool) -> None:
        send = self._traffic.command if to_device else self._traffic.as_board
        send(board, values)
