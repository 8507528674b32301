"""What an answer of iottly means, whatever its form (reference 1.5)."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from aiohttp import ClientResponse

from ...model import (
    LONGEST_BODY,
    CloudAuthError,
    CloudBusy,
    CloudUnreachable,
    Json,
    http_date,
    read_json as decoded,
)
from .dates import within

_DEFAULT_WAIT = 60.0
_LONGEST_WAIT = 3600.0
# The server's clock is given in whole seconds.
_SAME_CLOCK = timedelta(seconds=2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """An answer: the status that it means, and its body if that is JSON.

    `is_page` tells a web page, which comes from something between here and the cloud.
    `at` is the server's time of the request.
    """

    status: int
    body: Json = field(repr=False)
    is_json: bool
    is_page: bool
    at: datetime

    @property
    def ok(self) -> bool:
        """Whether it is no error."""
        return 200 <= self.status < 300


async def read_text(response: ClientResponse) -> str:
    """The body as text, whatever it claims to be encoded in: JSON is UTF-8."""
    body = bytearray()
    async for chunk in response.content.iter_any():
        body += chunk
        if len(body) > LONGEST_BODY:
            raise CloudUnreachable("The cloud's answer is too large")
    return body.decode("utf-8", "replace")


def reply_of(response: ClientResponse, text: str, sent: datetime) -> Reply:
    """Read an answer to what was sent at this time.

    Raises:
        CloudAuthError: 401.
        CloudBusy: 429.
        CloudUnreachable: a redirect.
    """
    body, is_json = read_json(text)
    status = response.status
    # An old command handler reported errors inside of a good answer (reference 1.5).
    if 200 <= status < 300 and isinstance(body, dict):
        inner = body.get("status")
        if isinstance(inner, int) and inner >= 400:
            status = inner
    if status == 401:
        raise CloudAuthError("The key is refused")
    if status == 429:
        raise CloudBusy("Too many requests", retry_after=_wait(response, sent))
    if status < 200 or 300 <= status < 400:
        raise CloudUnreachable(f"The cloud answered with status {status}")
    return Reply(
        status=status,
        body=body,
        is_json=is_json,
        is_page=text.lstrip().startswith("<"),
        at=_server_time(response, sent),
    )


def read_json(text: str) -> tuple[Json, bool]:
    """Read JSON, whatever the content type says, and tell whether it is any."""
    try:
        return decoded(text), True
    except ValueError:
        return None, False


def _wait(response: ClientResponse, now: datetime) -> float:
    """Seconds to wait, from a Retry-After header of either form."""
    value = response.headers.get("Retry-After", "")
    try:
        seconds = float(value)
    except ValueError:
        date = _date(value)
        seconds = (date - now).total_seconds() if date else _DEFAULT_WAIT
    # In this order, because a text may also spell what is no number.
    return max(1.0, min(_LONGEST_WAIT, seconds))


def _server_time(response: ClientResponse, sent: datetime) -> datetime:
    """When a request was sent, by the server's clock, or exactly where clocks agree."""
    date = _date(response.headers.get("Date"))
    return sent if date is None or abs(date - sent) <= _SAME_CLOCK else date


def _date(value: str | None) -> datetime | None:
    date = http_date(value)
    return within(date) if date else None
