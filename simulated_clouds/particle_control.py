"""The control interface of the simulated Particle cloud: each of its switches over HTTP."""

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from aiohttp import web

from .boards.particle import SPARES
from .particle_fleet import Record
from .particle_payloads import data_url, structured
from .particle_tracker import PLACE
from .server import CONTROL, Handler
from .world import Board

if TYPE_CHECKING:
    from .particle import ParticleCloud

BOARD = f"{CONTROL}/boards/{{id}}"


class Control:
    """Routes below `/_control`; bodies are JSON, unknown boards and words are 400."""

    def __init__(self, cloud: ParticleCloud) -> None:
        """Take the cloud that is controlled."""
        self._cloud = cloud

    def routes(self) -> Iterable[web.RouteDef]:
        """Accounts, streams, boards, product."""
        cloud = self._cloud
        yield web.get(f"{CONTROL}/operations", self._operations)
        yield web.delete(f"{CONTROL}/operations", self._do(cloud.billing.clear))
        yield web.post(f"{CONTROL}/pause", self._do(cloud.pause))
        yield web.post(f"{CONTROL}/tokens/expire", self._do(cloud.expire_tokens))
        yield web.post(f"{CONTROL}/api_users", self._api_user)
        yield web.post(f"{CONTROL}/streams", self._inject)
        yield web.delete(f"{CONTROL}/streams", self._do(cloud.streams.close))
        yield web.post(f"{CONTROL}/firmware", self._firmware)
        yield web.post(f"{CONTROL}/boards", self._appear)
        yield web.delete(BOARD, self._vanish)
        actions: dict[str, Callable[[Board, dict[str, Any]], None]] = {
            "online": self._online,
            "vitals": lambda board, _: cloud.publications.send_vitals(board),
            "name": lambda board, asked: cloud.lives.rename(board, asked["name"]),
            "loc": self._locate,
            "places": self._remember,
            "events": self._publish,
            "state": self._state,
            "reset": lambda board, asked: cloud.lives.reset(board, asked["reason"]),
        }
        for word, action in actions.items():
            yield web.post(f"{BOARD}/{word}", self._on_board(action))

    def _do(self, action: Callable[[], None]) -> Handler:
        async def done(_: web.Request) -> web.Response:
            action()
            return web.json_response({})

        return done

    def _on_board(self, action: Callable[[Board, dict[str, Any]], None]) -> Handler:
        async def done(request: web.Request) -> web.Response:
            asked = await request.json() if request.can_read_body else {}
            try:
                action(self._cloud.world.boards[request.match_info["id"]], asked)
            except (AttributeError, KeyError, TypeError, ValueError) as err:
                return web.json_response({"error": str(err)}, status=400)
            return web.json_response({})

        return done

    async def _operations(self, _: web.Request) -> web.Response:
        billing = self._cloud.billing
        accounts = {name: dict(used) for name, used in billing.accounts.items()}
        return web.json_response({"total": billing.total, "accounts": accounts})

    async def _api_user(self, request: web.Request) -> web.Response:
        """Body: `scopes`, and `organization` or `product`; answers with the token."""
        asked = await request.json()
        catalog = self._cloud.catalog
        if slug := asked.get("organization"):
            owner = catalog.organizations.get(slug)
            products = owner.products if owner else frozenset[int]()
            orgs = [slug]
        else:
            products, orgs = frozenset({int(asked["product"])}), []
        token = self._cloud.access.add_api_user(asked["scopes"], products, orgs)
        body = {"username": token.username, "token": token.value}
        return web.json_response(body)

    async def _inject(self, request: web.Request) -> web.Response:
        """Write the body to every stream as it is."""
        self._cloud.streams.inject(await request.read())
        return web.json_response({})

    async def _firmware(self, request: web.Request) -> web.Response:
        """Body: `product`, `version`, and `title`, `description`, `release`, `immediate`."""
        asked = await request.json()
        product = self._cloud.catalog.product(str(asked["product"]))
        if product is None:
            return web.json_response({"error": "no such product"}, status=400)
        version = int(asked["version"])
        if version not in product.firmware:
            words = {key: asked.get(key, "") for key in ("title", "description")}
            self._cloud.flasher.upload(product, version, **words)
        if asked.get("release"):
            immediate = bool(asked.get("immediate"))
            self._cloud.flasher.release(product, version, immediate=immediate)
        return web.json_response({})

    async def _appear(self, request: web.Request) -> web.Response:
        """Body: `kind` (one of the spare boards), `name` and `connected`."""
        asked = await request.json()
        if asked.get("kind") not in SPARES:
            return web.json_response({"error": "no such kind"}, status=400)
        board = SPARES[asked["kind"]]()
        board.name = asked.get("name", board.name)
        self._cloud.lives.appear(board, connected=asked.get("connected", True))
        return web.json_response({"id": board.id})

    async def _vanish(self, request: web.Request) -> web.Response:
        board = self._cloud.world.boards.get(request.match_info["id"])
        if board is None:
            return web.json_response({"error": "no such board"}, status=400)
        self._cloud.lives.vanish(board)
        return web.json_response({})

    def _online(self, board: Board, asked: dict[str, Any]) -> None:
        """Body: `online`, and `noticed` false for a board that loses its power."""
        if asked["online"] or asked.get("noticed", True):
            self._cloud.set_online(board, bool(asked["online"]))
        else:
            self._cloud.cut_power(board)

    def _locate(self, board: Board, asked: dict[str, Any]) -> None:
        """Body: `trig`, `locked`, `req_id`, and `place` with what has changed in it."""
        place = board.variables[PLACE]
        if isinstance(place.value, dict):
            place.value = {**place.value, **asked.pop("place", {})}
        trig = tuple(asked.pop("trig", ()))
        self._cloud.publications.locate(board, trig=trig, **asked)

    def _remember(self, board: Board, asked: dict[str, Any]) -> None:
        """Body: `at` in epoch seconds, `lat`, `lon`, and more of a stored position."""
        body = {"lck": 1, **{key: asked[key] for key in asked if key != "at"}}
        record = Record(at=float(asked["at"]), body=body)
        self._cloud.publications.positions.remember(board, record)

    def _publish(self, board: Board, asked: dict[str, Any]) -> None:
        """Body: `name`, and `data`, or `bytes` (hex) with `type`, or `structured`."""
        data: str | None = asked.get("data")
        if "bytes" in asked:
            kind = asked.get("type", "application/octet-stream")
            data = data_url(bytes.fromhex(asked["bytes"]), kind)
        elif "structured" in asked:
            data = structured(asked["structured"])
        self._cloud.publications.emit(board, asked["name"], data)

    def _state(self, board: Board, asked: dict[str, Any]) -> None:
        """Body: any of the words below, each with true or false, or a `sim` status."""
        lives, presence = self._cloud.lives, self._cloud.fleet.presence(board)
        switches: dict[str, Callable[[bool], None]] = {
            "safe_mode": lambda on: lives.safe_mode(board, on),
            "quarantined": lambda on: lives.quarantine(board, on),
            "denied": lambda on: lives.deny(board, on),
            "updates_enabled": lambda on: self._cloud.flasher.allow(board, on),
            "rejects_config": lambda on: setattr(presence, "rejects_config", on),
        }
        for word, value in asked.items():
            if word == "sim":
                presence.sim_status = value["status"]
                presence.sim_mbs = float(value.get("mbs", presence.sim_mbs))
            else:
                switches[word](bool(value))
