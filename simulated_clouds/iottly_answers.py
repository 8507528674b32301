"""The answers of iottly's servers: JSON, framework errors and proxy errors."""

import hashlib
from http import HTTPStatus
import json
from typing import Any

from aiohttp import web


class ApiError(Exception):
    """The API refuses a request; `html` is a failure outside of its own handlers."""

    def __init__(self, status: int, body: Any = None, *, html: bool = False) -> None:
        """Keep what is answered; a text becomes the documented error object."""
        super().__init__(status)
        self.status = status
        self.body = {"error": body} if isinstance(body, str) else body
        self.html = html

    def response(self) -> web.Response:
        """The answer that this error is."""
        return page(self.status) if self.html else answer(self.body, self.status)


def answer(data: Any, status: int = 200) -> web.Response:
    """JSON without a charset and with an Etag, as the framework does (section 7).

    Numbers that JSON lacks (`NaN`) go out as their names.
    """
    body = json.dumps(data).encode()
    # An Etag names content, it protects nothing.
    tag = hashlib.sha1(body, usedforsecurity=False).hexdigest()
    return web.Response(
        body=body,
        status=status,
        content_type="application/json",
        headers={"Etag": f'"{tag}"'},
    )


def page(status: int) -> web.Response:
    """The framework's own error page (1.5)."""
    title = f"{status}: {HTTPStatus(status).phrase}"
    return _html(status, f"<html><title>{title}</title><body>{title}</body></html>")


def proxy_page(status: int) -> web.Response:
    """The error page of the proxy in front (1.5)."""
    title = f"{status} {HTTPStatus(status).phrase}"
    return _html(status, f"<html>\r\n<body><h1>{title}</h1>nginx</body>\r\n</html>\r\n")


def unless_known(
    request: web.Request, response: web.StreamResponse
) -> web.StreamResponse:
    """304 for a client that sends back the Etag of what it would get."""
    tag = response.headers.get("Etag")
    if (
        tag
        and request.method == "GET"
        and response.status == 200
        and tag in request.headers.get("If-None-Match", "")
    ):
        return web.Response(status=304, headers={"Etag": tag})
    return response


def _html(status: int, text: str) -> web.Response:
    return web.Response(
        body=text.encode(), status=status, content_type="text/html", charset="UTF-8"
    )
