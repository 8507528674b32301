"""What the Particle cloud says, in today's words and in those of earlier years."""

from collections.abc import Mapping
from datetime import UTC, datetime
import json
from typing import Any, NamedTuple

from aiohttp import web

from .particle_fleet import Presence
from .particle_options import Era, Options
from .particle_unit import exposed, unit_of
from .world import Board, Value


def iso(at: float) -> str:
    """Return a time as the cloud writes it: ISO-8601 with milliseconds and Z."""
    text = datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds")
    return text.replace("+00:00", "Z")


def plain(value: Value) -> Value:
    """Return a value as JSON has it: a whole double is an integer (reference 3.1)."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value


class Refused(web.HTTPException):
    """An answer that ends a request wherever it becomes clear."""

    def __init__(self, status: int, text: str, content_type: str) -> None:
        """Take the finished text."""
        self.status_code = status
        super().__init__(text=text, content_type=content_type)


class Said(NamedTuple):
    """A status and a body that is JSON, or bare text if it is a string."""

    status: int
    body: object

    def response(self) -> web.Response:
        """To return."""
        text, content_type = self._written()
        return web.Response(status=self.status, text=text, content_type=content_type)

    def refused(self) -> Refused:
        """To raise."""
        return Refused(self.status, *self._written())

    def _written(self) -> tuple[str, str]:
        if isinstance(self.body, str):
            return self.body, "text/plain"
        return json.dumps(self.body), "application/json"


class Answers:
    """The Particle cloud's own answers; `LocalAnswers` has those of a local cloud."""

    def __init__(self, options: Options) -> None:
        """Take the choice of era."""
        self.options = options

    # Tokens (reference 1)

    def bad_client(self) -> Said:
        """Neither a form field nor a Basic header names a known client."""
        return _oauth(400, "invalid_client", "Client credentials are invalid")

    def wrong_password(self) -> Said:
        """A wrong password and an unknown user look the same."""
        return _oauth(400, "invalid_grant", "User credentials are invalid")

    def refresh_refused(self) -> Said:
        """Users' refresh tokens do not work (reference 1.4)."""
        return _oauth(400, "invalid_grant", "Invalid refresh token")

    def token(self, value: str, lifetime: int, refresh: str) -> dict[str, Any]:
        """A fresh token; a lifetime of 0 is for ever."""
        return {
            "token_type": "bearer",
            "access_token": value,
            "expires_in": lifetime,
            "refresh_token": refresh,
        }

    def no_token(self) -> Said:
        """The request carries no token."""
        return _oauth(400, "invalid_request", "The access token was not found")

    def bad_token(self, *, expired: bool) -> Said:
        """The token is expired, or unknown or revoked."""
        state = "has expired" if expired else "is invalid"
        return _oauth(401, "invalid_token", f"The access token provided {state}.")

    def people_only(self) -> Said:
        """An API user came where only people may go."""
        return _oauth(
            self.options.api_user_status,
            "unauthorized",
            "API users are not allowed to call this endpoint",
        )

    def no_scope(self, scope: str) -> Said:
        """An API user lacks a scope."""
        return _oauth(403, "insufficient_scope", f"The scope {scope} is needed")

    # Devices (reference 2)

    def not_found(self) -> Said:
        """Nothing is at this path."""
        return Said(404, {"ok": False, "error": "Not Found"})

    def no_device(self) -> Said:
        """Unknown and foreign devices look the same (reference 3.2)."""
        info = (
            "I didn't recognize that device name or ID, "
            "the list of your devices is at /v1/devices"
        )
        return Said(403, {"error": "Permission Denied", "info": info})

    def no_product(self, product: str) -> Said:
        """Unknown and foreign products look the same."""
        return Said(404, {"ok": False, "error": f"Product {product} not found"})

    def no_organization(self, org: str) -> Said:
        """Unknown and foreign organizations look the same."""
        return Said(404, {"ok": False, "error": f"Organization {org} not found"})

    def no_firmware(self, version: str) -> Said:
        """The product has no such firmware."""
        return Said(404, {"ok": False, "error": f"Firmware {version} not found"})

    def device(self, board: Board, seen: Presence, *, maps: bool) -> dict[str, Any]:
        """Describe a device (reference 2.2); `maps` are its functions and variables."""
        unit = unit_of(board)
        document: dict[str, Any] = {
            "id": board.id,
            "name": None if seen.nameless else board.name,
            "owner": seen.owner,
            "last_ip_address": unit.ip_address,
            "last_heard": iso(seen.heard),
            "last_handshake_at": iso(seen.handshake),
            "product_id": unit.product_id or unit.platform_id,
            "online": board.online,
            "connected": board.online,
            "platform_id": unit.platform_id,
            "cellular": unit.cellular,
            "notes": seen.notes,
            "status": seen.status or unit.status,
            "serial_number": unit.serial_number,
            "mobile_secret": unit.mobile_secret,
            "system_firmware_version": unit.system_firmware_version,
            "firmware_updates_enabled": seen.updates_enabled,
            "firmware_updates_forced": seen.forced,
            "device_protection": {"status": "disabled"},
        }
        for key in ("iccid", "imei", "mac_wifi"):
            if value := getattr(unit, key):
                document[key] = value
        if maps:
            document |= self.maps(board, seen)
        return document

    def maps(self, board: Board, seen: Presence) -> dict[str, Any]:
        """Functions and variables; null while offline, empty in safe mode."""
        if seen.status:
            return {"functions": [], "variables": {}}
        if not board.online and not self.options.keep_maps:
            return {"functions": None, "variables": None}
        return {"functions": [*unit_of(board).functions], "variables": exposed(board)}

    def pinged(self, board: Board, seen: Presence, *, answers: bool) -> dict[str, Any]:
        """A ping; a silent device is offline without being an error."""
        del board, seen
        return {"online": answers, "ok": True}

    def renamed(self, board: Board, changed: Mapping[str, Any], now: float) -> object:
        """Something about a device was changed."""
        return {"id": board.id, **changed, "updated_at": iso(now)}

    def signal_unheard(self) -> Said:
        """A device that should blink is not there."""
        error = "Timed out, didn't hear back from device service"
        return Said(500, {"ok": False, "code": 500, "errors": [{"error": error}]})

    # Settings and SIM cards (reference 7.5, 8.3)

    def config_rejected(self) -> Said:
        """The device does not take the document."""
        description = "The device rejected the configuration"
        return _oauth(400, "device_rejected_configuration", description)

    def config_invalid(self, wrong: str) -> Said:
        """The document violates the schema."""
        return _oauth(422, "invalid_configuration", wrong)

    def no_sim(self) -> Said:
        """Unknown and foreign SIM cards look the same."""
        return Said(404, {"ok": False, "errors": ["SIM card not found"]})

    # Variables (reference 3)

    def variable(self, board: Board, name: str, seen: Presence) -> dict[str, Any]:
        """A variable's value in the form of the era."""
        result = {"name": name, "result": plain(board.variables[name].value)}
        unit = unit_of(board)
        times = {"connected": True, "last_handshake_at": iso(seen.handshake)}
        today = {"name": board.name, "deviceID": board.id, **times}
        older = {
            "last_heard": iso(seen.heard),
            **times,
            "deviceID": board.id,
            "product_id": unit.product_id or unit.platform_id,
        }
        message = {"device": board.id, "msg": {"cmd": "GetVar", "name": name}}
        match self.options.era:
            case Era.TODAY:
                return {**result, "coreInfo": today}
            case Era.Y2015:
                core = {"last_app": "", **older}
                return {"cmd": "VarReturn", **result, "coreInfo": core}
            case Era.Y2022:
                core = {"name": board.name, **older}
                more = {"device": board.id, "body": message}
                return {"cmd": "VarReturn", **result, **more, "coreInfo": core}

    def variable_timeout(self) -> Said:
        """The device did not answer; one condition with three faces."""
        if self.options.soft_errors:
            return Said(200, {"ok": False, "error": "timed out"})
        if self.options.era is Era.Y2015:
            return Said(408, {"error": "Timed out."})
        return Said(404, {"ok": False, "error": "timed out"})

    def no_variable(self, name: str) -> Said:
        """The firmware exposes no such variable."""
        if self.options.era is Era.Y2015:
            return Said(404, {"ok": False, "error": "Variable not found"})
        return Said(404, {"ok": False, "error": f"Unknown Variable: {name}"})

    # Functions (reference 4)

    def called(self, board: Board, seen: Presence, result: int) -> dict[str, Any]:
        """What a function returned."""
        del seen
        name = {"name": board.name}
        if self.options.era is Era.Y2015:
            name = {"last_app": ""}
        return {"id": board.id, **name, "connected": True, "return_value": result}

    def function_timeout(self) -> Said:
        """The device did not answer."""
        if self.options.soft_errors:
            return Said(200, {"ok": False, "error": "Timed out."})
        if self.options.era is Era.Y2015:
            return Said(400, {"ok": False, "error": "Timed out."})
        return Said(404, {"ok": False, "error": "timed out"})

    def no_function(self, name: str) -> Said:
        """The firmware has no such function."""
        return Said(404, {"ok": False, "error": f"Function {name} not found"})

    # Everything

    def bad_request(self, description: str) -> Said:
        """The request cannot be understood."""
        return Said(400, {"error": "bad_request", "description": description})

    def bad_date(self) -> Said:
        """A date of a query cannot be read; documents show it with status 200."""
        body = {"error": "bad_request", "description": "Invalid date"}
        return Said(self.options.bad_date_status, body)

    def too_many(self) -> Said:
        """A limit was hit."""
        return Said(429, {"ok": False, "error": "Too many requests"})

    def paused(self) -> Said:
        """The plan's operations are used up."""
        error = "The account is paused: its limit of data operations is reached"
        return Said(self.options.paused_status, {"ok": False, "error": error})

    def broken(self, status: int) -> Said:
        """Something broke inside the cloud."""
        return Said(status, {"ok": False, "error": "Internal server error"})


def _oauth(status: int, error: str, description: str) -> Said:
    return Said(status, {"error": error, "error_description": description})
