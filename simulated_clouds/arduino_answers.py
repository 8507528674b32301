"""The cloud's own words: errors, media types, and how requests are read (reference 2.1, 2.2)."""

from datetime import datetime
import json
import secrets
import string
from typing import Any

from aiohttp import web

ERROR = "application/vnd.goa.error+json"
TOO_MANY = "You have reached maximum request limit."
CODES = {
    400: "bad_request",
    401: "unauthorized",
    403: "forbidden",
    500: "internal_server_error",
    503: "service_unavailable",
}
TRUE = frozenset(["1", "t", "T", "TRUE", "true", "True"])
FALSE = frozenset(["0", "f", "F", "FALSE", "false", "False"])


class RefusedError(Exception):
    """The request is answered with an error."""

    def __init__(self, status: int, detail: str = "") -> None:
        """Remember the status; 404 has no body, whatever the detail."""
        super().__init__(detail)
        self.status = status
        self.detail = detail


def error(status: int, detail: str = "") -> web.Response:
    """An error object; 404 comes with an empty body."""
    if status == 404:
        return web.Response(status=404)
    letters = string.ascii_uppercase + string.digits
    body = {
        "id": "".join(secrets.choice(letters) for _ in range(8)),
        "code": CODES.get(status, "error"),
        "status": status,
        "detail": detail or CODES.get(status, "error"),
        "meta": {},
    }
    return web.json_response(body, status=status, content_type=ERROR)


def too_many(retry_after: float | None = None) -> web.Response:
    """The rate limit's answer: plain text (reference 2.3)."""
    headers = {} if retry_after is None else {"Retry-After": f"{retry_after:g}"}
    return web.Response(status=429, text=TOO_MANY, headers=headers)


def media(name: str, body: Any) -> web.Response:
    """An object, or a list, with the vendor's media type."""
    kind = f"application/vnd.arduino.{name}+json"
    suffix = "; type=collection" if isinstance(body, list) else ""
    return web.Response(
        body=json.dumps(body).encode(), headers={"Content-Type": kind + suffix}
    )


def flag(request: web.Request, name: str) -> bool:
    """A boolean of the query, false by default; raises RefusedError."""
    value = request.query.get(name, "false")
    if value not in TRUE | FALSE:
        raise RefusedError(400, f"{name} is not a boolean")
    return value in TRUE


def tags(request: web.Request) -> dict[str, str]:
    """The tags to filter by, each `key:value`; raises RefusedError."""
    pairs = [item.partition(":") for item in request.query.getall("tags", [])]
    if not all(separator and key for key, separator, _ in pairs):
        raise RefusedError(400, "tags are key:value")
    return {key: value for key, _, value in pairs}


async def body_of(request: web.Request) -> Any:
    """The request's JSON; raises RefusedError."""
    try:
        return json.loads(await request.text(), parse_constant=_no_constant)
    except ValueError as err:
        raise RefusedError(400, "body is not JSON") from err


async def object_of(request: web.Request) -> dict[str, Any]:
    """The request's JSON object; raises RefusedError."""
    if not isinstance(body := await body_of(request), dict):
        raise RefusedError(400, "body is not an object")
    return body


def time_of(value: object, name: str) -> float:
    """RFC 3339 as epoch seconds; raises RefusedError."""
    try:
        at = datetime.fromisoformat(str(value))
    except ValueError as err:
        raise RefusedError(400, f"{name} is not a date-time") from err
    if at.tzinfo is None:
        raise RefusedError(400, f"{name} has no time zone")
    return at.timestamp()


def number_of(value: object, name: str, low: int, high: int) -> int:
    """An integer within limits; raises RefusedError."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise RefusedError(400, f"{name} is not an integer")
    if not low <= value <= high:
        raise RefusedError(400, f"{name} is out of range")
    return value


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")
