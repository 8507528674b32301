"""Tell from an answer of the cloud what went wrong (reference 3.2)."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import Enum
from http import HTTPStatus
from itertools import islice

from ...model import (
    CloudBusy,
    CloudError,
    CloudMissing,
    CloudRejected,
    CloudUnreachable,
    DeviceOffline,
    Json,
    http_date,
)
from .values import clean, number

BUSY = frozenset({429, 529})
"""Both stand in the vendor's documents for a limit that was hit (reference 5.1)."""

SHORTEST_WAIT, LONGEST_WAIT = 5.0, 3600.0
"""Seconds: a shorter wait would break the limit on streams by itself (9.1), and whoever is
told to wait for days is better off to ask again."""

_LONGEST_REASON = 200
_LONGEST_SAID = 4000
_MOST_SAID = 100
_WORDS = ("error_description", "error", "errors", "info", "description")
_OFFLINE = ("timed out", "could not get device", "not connected", "is offline")
_MISSING = (
    "unknown variable",
    "unknown function",
    "not found",
    "no device found",
    "permission denied",
)


class Absent(Enum):
    """Stands for a body that is not JSON at all."""

    JSON = "no JSON"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """An answer of the cloud, whatever it is."""

    status: int
    body: Json | Absent = field(repr=False)
    retry_after: float | None = None

    @property
    def good(self) -> bool:
        """Success by status and, for an object, by its `ok`."""
        return self.status in range(200, 300) and not (
            isinstance(self.body, dict) and self.body.get("ok") is False
        )

    @property
    def error(self) -> str:
        """The machine-readable `error`, or an empty string."""
        error = self.body.get("error") if isinstance(self.body, dict) else None
        return error if isinstance(error, str) else ""

    @property
    def words(self) -> str:
        """Everything that the body says about the error, in lower case."""
        said = islice(self._said(), _MOST_SAID)
        return " ".join(each[:_LONGEST_SAID] for each in said).lower()

    @property
    def reason(self) -> str:
        """The cloud's own words for people, on one line and not too long."""
        said = next(self._said(), "") or "The cloud refused the request"
        said = said[:_LONGEST_SAID]
        line = " ".join("".join(c if c.isprintable() else " " for c in said).split())
        return line[:_LONGEST_REASON]

    @property
    def doubts_token(self) -> bool:
        """Whether the cloud says that the access token is no good (reference 1.6)."""
        return (
            self.status == HTTPStatus.UNAUTHORIZED
            or self.error in {"invalid_token", "expired_token"}
            or (self.status in range(400, 500) and "access token" in self.words)
        )

    def _said(self) -> Iterator[str]:
        if isinstance(self.body, dict):
            for key in _WORDS:
                yield from _strings(self.body.get(key))


def _strings(value: Json) -> Iterator[str]:
    """The strings in an `errors` list, which has had three shapes."""
    match value:
        case str() if value.strip():
            yield clean(value)
        case list():
            for item in value:
                yield from _strings(item)
        case {"error": inner} | {"status": inner}:
            yield from _strings(inner)


def retry_after(header: str | None, now: datetime | None = None) -> float | None:
    """Seconds of a Retry-After header, which may also be a date.

    None where it says nothing: what is over already may only mean that clocks differ.
    """
    if not header:
        return None
    if header.strip().isdecimal():
        wait = number(float(header))
    else:
        if (until := http_date(header)) is None:
            return None
        wait = (until - (now or datetime.now(UTC))).total_seconds()
    if not wait or wait < 0:
        return None
    return min(max(wait, SHORTEST_WAIT), LONGEST_WAIT)


def failure(reply: Reply, *, pause: float) -> CloudError | None:
    """What a reply means for the whole account; None for a good one.

    `pause` is how many seconds to wait where the cloud limits the rate and does not say
    for how long.
    """
    if reply.status in BUSY:
        wait = pause if reply.retry_after is None else reply.retry_after
        return CloudBusy("The cloud limits the rate", retry_after=wait)
    if not reply.status < 500:
        return CloudUnreachable(f"The cloud failed with status {reply.status}")
    if reply.status in range(300, 400):
        return CloudUnreachable("The cloud answered with a redirect")
    if isinstance(reply.body, Absent):
        return CloudUnreachable(f"The answer is not JSON (status {reply.status})")
    return None if reply.good else CloudRejected(reply.reason)


def device_failure(reply: Reply, *, pause: float) -> CloudError | None:
    """What a reply about one device means; None for a good one.

    The same condition has had three faces over the years, so the words decide before the
    status does. A 404 that says nothing is how a sleeping device looks (11.1 item 8).
    """
    if reply.good or reply.status in BUSY or isinstance(reply.body, Absent):
        return failure(reply, pause=pause)
    words = reply.words
    if any(word in words for word in _OFFLINE):
        return DeviceOffline("The device did not answer")
    if any(word in words for word in _MISSING) or reply.status == HTTPStatus.FORBIDDEN:
        return CloudMissing("The cloud does not know this device, variable or function")
    if reply.status in {HTTPStatus.NOT_FOUND, HTTPStatus.REQUEST_TIMEOUT}:
        return DeviceOffline("The device did not answer")
    return failure(reply, pause=pause)
