"""Devices and products of the simulated Particle cloud (reference 2)."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from aiohttp import web

from .particle_answers import Said
from .particle_core import Core
from .particle_flash import Flasher
from .particle_unit import unit_of
from .server import RateLimit
from .world import Board

DEVICE = "/v1/devices/{id}"
PRODUCT_DEVICE = "/v1/products/{product}/devices/{id}"
LOCKS = "desired_firmware_version"


class Devices:
    """Lists, details, ping, signal and names."""

    def __init__(self, core: Core, flasher: Flasher) -> None:
        """Count serial number lookups; `flasher` installs firmware."""
        self._core = core
        self._flasher = flasher
        self._lookups = RateLimit(core.options.serial_lookups, 3600.0, core.clock)

    def routes(self) -> Iterable[web.RouteDef]:
        """Each device path exists alone and within a product."""
        yield web.get("/v1/devices", self.mine)
        yield web.get("/v1/products/{product}/devices", self.of_product)
        for path in (DEVICE, PRODUCT_DEVICE):
            yield web.get(path, self.detail)
            yield web.put(path, self.change)
            yield web.put(f"{path}/ping", self.ping)
        if not self._core.options.local:
            yield web.get("/v1/serial_numbers/{serial}", self.serial_number)

    async def mine(self, request: web.Request) -> web.Response:
        """List claimed devices, newest handshake first."""
        token = await self._core.access.person(request)
        maps = self._core.options.list_has_maps
        boards = self._core.fleet.claimed(token.username)
        return Said(200, [self._document(board, maps) for board in boards]).response()

    async def of_product(self, request: web.Request) -> web.Response:
        """List a product's devices, a page at a time."""
        product = await self._core.team(request, "devices:list")
        query = request.query
        boards = self._sorted(
            [
                board
                for board in self._core.fleet.of_product(product.number)
                if self._wanted(board, query)
            ],
            query,
        )
        page, size = self._core.page(query, self._core.options.page_size)
        maps = self._core.options.list_has_maps
        shown = boards[(page - 1) * size : page * size]
        body = {
            "devices": [self._product_document(board, maps) for board in shown],
            "customers": [],
            "meta": {"total_pages": -(-len(boards) // size)},
        }
        return Said(200, body).response()

    async def detail(self, request: web.Request) -> web.Response:
        """Describe one device with its functions and variables."""
        target = await self._core.target(request, "devices:get")
        describe = self._product_document if target.product else self._document
        return Said(200, describe(target.board, True)).response()

    async def ping(self, request: web.Request) -> web.Response:
        """Contact a device; a silent one is thereby found out."""
        target = await self._core.target(request, "devices:ping")
        board = target.board
        answers = self._core.fleet.answers(board)
        if board.online and not answers:
            self._core.publications.set_online(board, False)
        seen = self._core.fleet.presence(board)
        if answers:
            seen.heard = self._core.clock()
        body = self._core.answers.pinged(board, seen, answers=answers)
        return Said(200, body).response()

    async def change(self, request: web.Request) -> web.Response:
        """Signal, rename, annotate or allow updates, whichever the body asks for."""
        target = await self._core.target(request, "devices:update")
        asked = await self._core.fields(request)
        board = target.board
        if "signal" in asked:
            return self._signal(board, asked["signal"])
        changed = self._changes(board, asked, product=target.product is not None)
        if not changed:
            raise self._core.answers.bad_request("Nothing to change").refused()
        answers = self._core.answers
        body = answers.renamed(board, changed, self._core.clock())
        return Said(200, body).response()

    def _changes(
        self, board: Board, asked: dict[str, object], *, product: bool
    ) -> dict[str, Any]:
        presence = self._core.fleet.presence(board)
        changed: dict[str, Any] = {}
        name = asked.get("name")
        if isinstance(name, str) and name:
            board.name = changed["name"] = name
            presence.nameless = False
        if isinstance(notes := asked.get("notes"), str):
            presence.notes = changed["notes"] = notes
        if "firmware_updates_forced" in asked:
            forced = asked["firmware_updates_forced"] in {True, "true"}
            changed["firmware_updates_forced"] = forced
            self._flasher.force(board, forced)
        if product and LOCKS in asked:
            changed[LOCKS] = self._lock(board, asked)
        return changed

    def _lock(self, board: Board, asked: dict[str, object]) -> int | None:
        """Lock a board to a firmware of its product, or unlock it (reference 8.4)."""
        version = asked[LOCKS]
        product = self._core.catalog.products[unit_of(board).product_id or 0]
        if version is not None and not isinstance(version, int):
            text = f"{LOCKS} is not a number"
            raise self._core.answers.bad_request(text).refused()
        if version is not None and version not in product.firmware:
            text = f"The product has no firmware {version}"
            raise self._core.answers.bad_request(text).refused()
        self._core.fleet.presence(board).desired_version = version
        if asked.get("flash") in {True, "true"}:
            self._flasher.flash(board)
        return version

    def _signal(self, board: Board, wanted: object) -> web.Response:
        if wanted not in {"0", "1"}:
            raise self._core.answers.bad_request('signal is not "0" or "1"').refused()
        if not self._core.fleet.answers(board):
            return self._core.answers.signal_unheard().response()
        self._core.record("board", "RECEIVE", board.id, body={"signal": wanted})
        body = {"id": board.id, "connected": True, "signaling": wanted == "1"}
        return Said(200, body).response()

    async def serial_number(self, request: web.Request) -> web.Response:
        """Find a device by its serial number, 50 times an hour."""
        token = await self._core.access.person(request)
        if not self._lookups.allow(token.username):
            return self._core.answers.too_many().response()
        serial = request.match_info["serial"]
        for board in self._core.fleet.boards():
            unit = unit_of(board)
            if unit.serial_number == serial:
                body = {"ok": True, "deviceID": board.id, "iccid": unit.iccid}
                return Said(200, body).response()
        return self._core.answers.not_found().response()

    def _document(self, board: Board, maps: bool) -> dict[str, Any]:
        seen = self._core.fleet.presence(board)
        return self._core.answers.device(board, seen, maps=maps)

    def _product_document(self, board: Board, maps: bool) -> dict[str, Any]:
        unit, seen = unit_of(board), self._core.fleet.presence(board)
        document = self._document(board, maps)
        del document["connected"]
        return document | {
            "firmware_product_id": unit.product_id,
            "firmware_version": seen.firmware_version,
            "desired_firmware_version": seen.desired_version,
            "targeted_firmware_release_version": seen.targeted_version,
            "development": False,
            "quarantined": seen.quarantined,
            "denied": seen.denied,
            "groups": list(unit.groups),
        }

    def _wanted(self, board: Board, query: Mapping[str, str]) -> bool:
        """Whether a board passes the filters of a product's list (reference 2.1)."""
        unit = unit_of(board)
        groups = {group for group in query.get("groups", "").split(",") if group}
        held = self._core.fleet.presence(board).quarantined
        return (
            query.get("deviceId", "").lower() in board.id
            and query.get("deviceName", "").lower() in board.name.lower()
            and query.get("serialNumber", "").lower() in unit.serial_number.lower()
            and (not groups or bool(groups & {*unit.groups}))
            and (query.get("quarantined") != "true" or held)
        )

    def _sorted(self, boards: list[Board], query: Mapping[str, str]) -> list[Board]:
        """Sort as the query asks; by default the newest handshake is first."""
        sorting: dict[str, Callable[[Board], str | float]] = {
            "deviceId": lambda board: board.id,
            "firmwareVersion": lambda board: (
                self._core.fleet.presence(board).firmware_version or 0
            ),
        }
        key = sorting.get(query.get("sortAttr", ""))
        if key is None:
            return boards if query.get("sortDir") != "asc" else boards[::-1]
        return sorted(boards, key=key, reverse=query.get("sortDir") == "desc")
