"""What the REST interface's answers mean (reference 2.2)."""

from datetime import UTC, datetime
import math
import re

from aiohttp import ClientResponse

from ...model import (
    LONGEST_BODY,
    CloudError,
    CloudMissing,
    CloudRejected,
    CloudUnreachable,
    Json,
    http_date,
    read_json,
)

LONGEST_RETRY_AFTER = 3600.0

_CODE = re.compile(r"[a-z0-9_]{1,40}")


async def read_body(response: ClientResponse) -> bytearray:
    """A whole answer, unpacked; raises CloudUnreachable if it has no end."""
    body = bytearray()
    async for chunk in response.content.iter_any():
        body += chunk
        if len(body) > LONGEST_BODY:
            raise CloudUnreachable("The cloud's answer has no end")
    return body


def failure(status: int, body: bytes | bytearray) -> CloudError:
    """The error for a status that is neither success nor a refused credential.

    Of the body only the error's short code is used (reference 2.2).
    """
    if status == 404:
        return CloudMissing("Not found")
    if status == 408 or not 400 <= status < 500:
        return CloudUnreachable(f"The cloud answered with status {status}")
    try:
        answer = read_json(body)
    except ValueError:
        answer = None
    code = answer.get("code") if isinstance(answer, dict) else None
    if isinstance(code, str) and _CODE.fullmatch(code):
        return CloudRejected(f"{code} ({status})")
    return CloudRejected(f"status {status}")


def parse(body: bytes | bytearray) -> Json:
    """Read JSON; raises CloudUnreachable if it is none."""
    try:
        return read_json(body)
    except ValueError:
        raise CloudUnreachable("The cloud's answer is not JSON") from None


def check_taken(body: bytes | bytearray) -> None:
    """Raise CloudUnreachable if a page came in place of the nothing that writes answer.

    Whoever sent it, a portal on the way perhaps, has carried out nothing.
    """
    if body.lstrip().startswith(b"<"):
        raise CloudUnreachable("The cloud's answer is a page")


def pause_seconds(retry_after: str | None) -> float | None:
    """Read a Retry-After header: seconds or a date."""
    if not retry_after:
        return None
    try:
        seconds = float(retry_after)
    except ValueError:
        if (until := http_date(retry_after)) is None:
            return None
        seconds = (until - datetime.now(UTC)).total_seconds()
    if not math.isfinite(seconds):
        return None
    return min(max(seconds, 0.0), LONGEST_RETRY_AFTER)
