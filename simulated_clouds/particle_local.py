"""What a self-hosted local cloud says instead (reference 12.3)."""

from collections.abc import Mapping
from typing import Any

from .particle_answers import Answers, Said, iso, plain
from .particle_fleet import Presence
from .particle_unit import unit_of
from .world import Board

UNREACHED = {"error": "Could not get device for ID", "ok": False}


class LocalAnswers(Answers):
    """The local cloud's oddities; what is not here it says like the real one."""

    def bad_client(self) -> Said:
        """An unknown client."""
        return _oauth(401, "invalid_client", "Invalid client: client is invalid")

    def wrong_password(self) -> Said:
        """A wrong password is the server's error."""
        return _oauth(503, "server_error", "Wrong password")

    def refresh_refused(self) -> Said:
        """No refresh either."""
        text = "Unauthorized client: `grant_type` is invalid"
        return _oauth(400, "unauthorized_client", text)

    def token(self, value: str, lifetime: int, refresh: str) -> dict[str, Any]:
        """A token of which nobody says how long it lives."""
        del lifetime, refresh
        return {"access_token": value, "token_type": "Bearer"}

    def no_token(self) -> Said:
        """An empty refusal."""
        return Said(401, "")

    def bad_token(self, *, expired: bool) -> Said:
        """Expired or unknown, all the same."""
        del expired
        text = "Invalid token: access token is invalid"
        return _oauth(401, "invalid_token", text)

    def not_found(self) -> Said:
        """Plain text."""
        return Said(404, "Not Found")

    def no_device(self) -> Said:
        """Unknown device."""
        return Said(404, {"error": "No device found", "ok": False})

    def no_product(self, product: str) -> Said:
        """There are no products."""
        return Said(400, {"error": f"{product} does not exist", "ok": False})

    def device(self, board: Board, seen: Presence, *, maps: bool) -> dict[str, Any]:
        """Describe a device; there is `connected` and no `online`.

        Of one that has never connected nothing is known (reference 12.3).
        """
        del maps
        unit = unit_of(board)
        document = {
            "cellular": unit.cellular,
            "connected": board.online,
            "functions": [*unit.functions] if board.online else None,
            "id": board.id,
            "imei": unit.imei or "",
            "last_app": None,
            "last_heard": iso(seen.heard),
            "last_iccid": unit.iccid or "",
            "last_ip_address": unit.ip_address if board.online else None,
            "name": board.name,
            "platform_id": unit.platform_id,
            "product_firmware_version": -1,
            "product_id": unit.product_id or unit.platform_id,
            "status": "normal",
            "variables": self.maps(board, seen)["variables"],
        }
        if seen.never_connected:
            unknown = {"platform_id": -1, "product_id": -1, "name": ""}
            document |= {**unknown, "cellular": False, "imei": "", "last_iccid": ""}
            del document["last_heard"]
        return document

    def pinged(self, board: Board, seen: Presence, *, answers: bool) -> dict[str, Any]:
        """A ping."""
        del board
        return {"connected": answers, "lastPing": iso(seen.heard) if answers else None}

    def renamed(self, board: Board, changed: Mapping[str, Any], now: float) -> object:
        """Something about a device was changed."""
        del board, now
        return {**changed, "ok": True}

    def signal_unheard(self) -> Said:
        """The device is offline."""
        return Said(400, UNREACHED)

    def variable(self, board: Board, name: str, seen: Presence) -> dict[str, Any]:
        """Nothing but the value."""
        del seen
        return {"result": plain(board.variables[name].value)}

    def variable_timeout(self) -> Said:
        """The device is offline."""
        return Said(400, UNREACHED)

    def called(self, board: Board, seen: Presence, result: int) -> dict[str, Any]:
        """The whole device and what the function returned."""
        return {**self.device(board, seen, maps=True), "return_value": result}

    def function_timeout(self) -> Said:
        """The device is offline."""
        return Said(400, UNREACHED)


def _oauth(status: int, error: str, description: str) -> Said:
    return Said(status, {"error": error, "error_description": description})
