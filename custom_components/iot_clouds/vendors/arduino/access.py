"""The access token: what it says, how long it lives, and one request for all who need it."""

import asyncio
import base64
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
import math
import re
import time

from ...model import CloudError, CloudUnreachable, read_json

USER_CLAIM = "http://arduino.cc/id"
"""The claim that names the user, and the user name at the broker (reference 1.3)."""

DEFAULT_LIFETIME = 300.0
LONGEST_LIFETIME = 86400.0

REST_MARGIN = 30.0
"""Seconds before its end from which a token is not used for a request (reference 1.6)."""

CONNECT_MARGIN = 240.0
"""Seconds a token must still live to open a broker connection: that ends with it."""

EXPIRY_TOLERANCE = 5.0
"""How early the broker may end a connection for it still to count as the token's end."""

_TOKEN = re.compile(r"[!-~]{1,16384}")
_ID = re.compile(r"[A-Za-z0-9_.-]{1,64}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """An access token; `expires_at` is in seconds of the monotonic clock.

    `user_id` is None when the token does not say whose it is. The margins are fractions
    of lives shorter than the documented 300 s.
    """

    value: str = field(repr=False)
    user_id: str | None = field(repr=False)
    expires_at: float
    lifetime: float = DEFAULT_LIFETIME

    def usable(self, now: float) -> bool:
        """Whether it is good for a request."""
        return self.expires_at - now > min(REST_MARGIN, self.lifetime / 10)

    def fresh(self, now: float) -> bool:
        """Whether it is good for a new broker connection."""
        return self.expires_at - now >= min(CONNECT_MARGIN, self.lifetime * 0.8)

    def spent(self, now: float) -> bool:
        """Whether its end explains that the broker closed the connection."""
        # Ends are whole seconds at the cloud, so they come up to one early.
        return self.expires_at - now <= min(EXPIRY_TOLERANCE, 1 + self.lifetime / 10)


def parse_token(answer: object, asked_at: float) -> Token:
    """Read the token endpoint's answer (reference 1.2).

    Raises:
        CloudUnreachable: the answer holds no token.
    """
    fields = answer if isinstance(answer, dict) else {}
    value = fields.get("access_token")
    if not isinstance(value, str) or not _TOKEN.fullmatch(value):
        raise CloudUnreachable("The token endpoint answered without a token")
    lifetime = _lifetime(fields.get("expires_in"))
    return Token(
        value=value,
        user_id=_user_id(value),
        expires_at=asked_at + lifetime,
        lifetime=lifetime,
    )


def _lifetime(raw: object) -> float:
    """Seconds, from a number or the text of one."""
    try:
        seconds = float(raw)  # type: ignore[arg-type]
    except TypeError, ValueError, OverflowError:
        return DEFAULT_LIFETIME
    if not math.isfinite(seconds) or seconds <= 0:
        return DEFAULT_LIFETIME
    return min(seconds, LONGEST_LIFETIME)


def _user_id(token: str) -> str | None:
    """The user's id in a JWT; its signature is the cloud's own business."""
    try:
        middle = token.split(".")[1]
        claims = read_json(base64.urlsafe_b64decode(middle + "=" * (-len(middle) % 4)))
    except IndexError, ValueError:
        return None
    user_id = claims.get(USER_CLAIM) if isinstance(claims, dict) else None
    return user_id if isinstance(user_id, str) and _ID.fullmatch(user_id) else None


class Access:
    """Keeps the current token and lets only one request for a new one run at a time.

    Whoever waits for that request gets what it got, be it an error: each alone would ask
    a cloud again that did not answer the first, one after the other.
    """

    def __init__(
        self,
        fetch: Callable[[bool], Awaitable[Token]],
        *,
        token: Token | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Hold `token`, if there is one yet; `fetch` asks for one, urgently or not."""
        self._fetch = fetch
        self._clock = clock
        self._lock = asyncio.Lock()
        self._token = token
        self._failure: CloudError | None = None

    @property
    def current(self) -> Token | None:
        """The token that is held, whatever is left of it."""
        return self._token

    async def token(self, *, urgent: bool = False, fresh: bool = False) -> Token:
        """A token good for a request, or with `fresh` for a new connection."""
        known = self._failure
        async with self._lock:
            token, now = self._token, self._clock()
            if token and (token.fresh(now) if fresh else token.usable(now)):
                return token
            if self._failure and self._failure is not known:
                raise self._failure.with_traceback(None)
            try:
                self._token = token = await self._fetch(urgent)
            except CloudError as err:
                self._failure = err
                raise
            return token

    def invalidate(self, token: Token) -> None:
        """Forget a token that was refused, unless another has replaced it already."""
        if self._token is token:
            self._token = None
